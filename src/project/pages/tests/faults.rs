//! What comes instead of a page. Each answer is what some server sent, or what a browser would see in its place.

use super::super::Answer;
use super::super::user::Names;
use super::recording::{PAGES, read};
use crate::project::reason::Reason;

/// Status, `Location`, body and what that is, whichever page was asked for.
type Case = (u16, &'static str, &'static str, Reason);

/// Something of every project's page.
const MENU: &str = "<a href=https://x.org/server_status.php>Server status</a> <a href=login_form.php>Log in</a>";

fn reason(page: &str, status: u16, location: &str, body: &str) -> Option<Reason> {
    let answer = Answer { status, location, body: body.as_bytes() };
    read(page, &answer, Names::Keep).err().map(|fault| fault.reason)
}

fn check(cases: &[Case]) {
    for (status, location, body, expected) in cases {
        for page in PAGES.into_iter().filter(|page| *page != "master") {
            let found = reason(page, *status, location, body);
            assert_eq!(found, Some(*expected), "{page}: {status} {location} {body}");
        }
    }
}

#[test]
fn redirects() {
    check(&[
        (302, "login_form.php?next_url=team_lookup.php%3Fteam_id%3D1", "", Reason::Login),
        (302, "https://x.org/p/login_form.php?next_url=apps.php", "", Reason::Login),
        (302, "https://x.org/user/login?destination=x", "", Reason::Login),
        (302, "/signin", "", Reason::Login),
        (302, "missing_arg_userid.html", "", Reason::Rejected),
        (302, "https://x.org/non_num_arg.html", "", Reason::Rejected),
        (302, "extra_arg_format.html", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n", Reason::Rejected),
        (301, "https://x.org/p/server_status.php?xml=1", "", Reason::Redirect),
        // What stands in the query is no address: it is often the request, with its key.
        (302, "https://x.org/en/?from=/login", "", Reason::Redirect),
        (302, "http://192.168.1.1/login.html", "", Reason::Portal),
        (302, "https://hotspot.example/login", "", Reason::Portal),
        (302, "/maintenance.html", "", Reason::Maintenance),
        (307, "/en/", "<html><title>Moved</title></html>", Reason::Redirect),
        (300, "", "", Reason::Redirect),
    ]);
}

#[test]
fn statuses() {
    check(&[
        (401, "", "<html><title>401 Unauthorized</title></html>", Reason::Unauthorized),
        (403, "", "<html><title>403 Forbidden</title></html>", Reason::Blocked),
        (403, "", "", Reason::Blocked),
        (404, "", "<html><head><title>404 Not Found</title></head></html>", Reason::MissingPage),
        (404, "", "File not found.\n", Reason::MissingPage),
        (410, "", "", Reason::MissingPage),
        (406, "", "<head><title>Not Acceptable!</title></head> mod_security", Reason::Blocked),
        (429, "", "", Reason::TooManyRequests),
        (418, "", "", Reason::HttpError),
        (500, "", "", Reason::ServerError),
        (500, "", "<?xml version=\"1.0\"?>\n<user>\n<id>1</id>\n", Reason::ServerError),
        (502, "", "<html><head><title>502 Bad Gateway</title></head></html>", Reason::Unavailable),
        (503, "", "", Reason::Unavailable),
        (503, "", "<html><title>Site under maintenance</title></html>", Reason::Maintenance),
        (503, "", "<html><title>Just a moment...</title></html>", Reason::Blocked),
        (504, "", "", Reason::Unavailable),
        (511, "", "<html><title>Welcome</title></html>", Reason::Portal),
        (521, "", "error code: 521", Reason::Unavailable),
        (530, "", "<html><title>Origin DNS error | p.org | Cloudflare</title></html>", Reason::Unavailable),
        (529, "", "", Reason::HttpError),
        (503, "", "<error><error_num>-183</error_num></error>", Reason::Maintenance),
    ]);
}

#[test]
fn pages_for_people() {
    let cases: [(&str, &str, Reason); 21] = [
        ("Project down for maintenance", "", Reason::Maintenance),
        ("", "P is temporarily shut down for maintenance.  Please try again later.", Reason::Maintenance),
        ("Wartungsarbeiten", "", Reason::Maintenance),
        ("Unable to handle request", "Can't connect to database", Reason::Database),
        ("Unable to handle request", "Unable to connect to database - please try again later", Reason::Database),
        ("Unable to handle request", "No such user", Reason::ProjectError),
        ("Log in to P", "", Reason::Login),
        ("P", "<form action=\"https://x.org/login_action.php\" method=\"post\">", Reason::Login),
        ("Login | P", "", Reason::Login),
        ("Just a moment...", "", Reason::Blocked),
        ("Making sure you're not a bot!", "", Reason::Blocked),
        ("Attention Required! | Cloudflare", "", Reason::Blocked),
        ("Sign in ・ Cloudflare Access", "", Reason::Blocked),
        ("P", "<script src=/cdn-cgi/challenge-platform/h/b/x.js>", Reason::Blocked),
        ("Access Denied", "", Reason::Blocked),
        ("Page not found | P", "", Reason::MissingPage),
        ("404", "", Reason::MissingPage),
        ("Project status", "Tasks ready to send", Reason::Html),
        // News of an outage that is over.
        ("P", "The project was down for maintenance, our database is up again", Reason::Html),
        ("P: our terms", "", Reason::Html),
        ("", "", Reason::Html),
    ];
    for (title, body, expected) in cases {
        for (doctype, close) in [("<!DOCTYPE html>\n", "</html>"), ("<?xml version=\"1.0\"?>\n", ""), ("", "")] {
            let text = format!("{doctype}<html><head><title>{title}</title></head><body>{MENU}{body}</body>{close}");
            for page in PAGES {
                let expected =
                    if page == "master" && expected == Reason::Html { Reason::NoScheduler } else { expected };
                assert_eq!(reason(page, 200, "", &text), Some(expected), "{page}: {text}");
            }
        }
    }
}

#[test]
fn pages_of_somebody_else() {
    check(&[
        (200, "", "<html><head><title>Hotel Wi-Fi</title></head><body>Log in</body></html>", Reason::Portal),
        (200, "", "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>", Reason::Portal),
        (200, "", "<html>Pay before you see http://boinc.x.org/p/server_status.php?xml=1</html>", Reason::Portal),
        (200, "", "<!doctype html><title>Domain for sale</title>", Reason::Portal),
    ]);
}

#[test]
fn errors_of_projects() {
    check(&[
        (
            200,
            "",
            "<error>\n<error_num>-183</error_num>\n<error_msg>Project is temporarily offline</error_msg>\n</error>",
            Reason::Maintenance,
        ),
        (
            200,
            "",
            "<error><error_num>-138</error_num><error_msg>Can't connect to database</error_msg></error>",
            Reason::Database,
        ),
        (200, "", "<error><error_num>-136</error_num><error_msg>Not found</error_msg></error>", Reason::UnknownId),
        (200, "", "<error><error_num>-1</error_num><error_string>x</error_string></error>", Reason::ProjectError),
        (200, "", "<error>no such user</error>", Reason::UnknownId),
        (200, "", "<error><message>bad authenticator</message></error>", Reason::BadKey),
        (
            200,
            "",
            "\n<br />\n<b>Notice</b>:  x in <b>y.php</b> on line <b>3</b><br />\n<error>Project is down</error>",
            Reason::Maintenance,
        ),
        // The root of something else, broken off as a stopped server does.
        (
            200,
            "",
            "<?xml version=\"1.0\"?>\n<job_counts>\n<error>\n<error_num>-183</error_num>\n</error>\n",
            Reason::Maintenance,
        ),
        (200, "", "bad URL", Reason::Rejected),
        (200, "", "can't parse config file\n", Reason::ServerError),
        (200, "", "Can't connect to database", Reason::Database),
        (200, "", "Access denied", Reason::AccessDenied),
    ]);
}

#[test]
fn what_is_nothing_known() {
    check(&[
        (200, "", "", Reason::Empty),
        (204, "", "", Reason::Empty),
        (200, "", " \n", Reason::Empty),
        (200, "", "\u{feff}<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n", Reason::Empty),
        (200, "", "<?xml version=\"1.0\" enc", Reason::Truncated),
        (200, "", "<?xml version=\"1.0\"?>\n<proj", Reason::Truncated),
        (200, "", "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"></rss>", Reason::Unknown),
        (200, "", "{\"user\": 1}", Reason::Unknown),
        (200, "", "hello", Reason::Unknown),
        (
            200,
            "",
            "\n<br />\n<b>Fatal error</b>:  Uncaught x in <b>y.php</b> on line <b>3</b><br />\n",
            Reason::ServerError,
        ),
        (200, "", "PHP Parse error:  syntax error in /x.php on line 3\n", Reason::ServerError),
    ]);
}

#[test]
fn a_page_that_php_gave_up_in() {
    let fatal = "<br />\n<b>Fatal error</b>:  Uncaught x in /y.php:3\nStack trace:\n#0 {main}\n  thrown in <b>/y.php</b> on line <b>3</b><br />\n";
    assert_eq!(reason("user", 200, "", &format!("<user>\n<id>1</id>\n{fatal}")), Some(Reason::ServerError));
    assert_eq!(reason("user", 200, "", "<user>\n<id>1</id>\n"), Some(Reason::Truncated));
    assert_eq!(reason("user", 200, "", "<user>\n<id>1</id>\n<error>Project is down"), Some(Reason::Maintenance));
}

#[test]
fn errors_inside_of_pages() {
    for (body, expected) in [
        (
            "<query_batches>\n<error>\n<error_num>-1</error_num>\n<error_msg>bad authenticator</error_msg>\n</error>\n</query_batches>",
            Reason::BadKey,
        ),
        ("<query_batches><error><error_num>-183</error_num></error></query_batches>", Reason::Maintenance),
        ("<batches><error><message>no submit access</message></error></batches>", Reason::AccessDenied),
        (
            "<query_batches><batch><id>1</id></batch><error>Can't connect to database</error></query_batches>",
            Reason::Database,
        ),
    ] {
        assert_eq!(reason("batches", 200, "", body), Some(expected), "{body}");
    }
    let results = "<results>\n<error>name a_0 unknown</error>\n<error><error_num>-138</error_num></error>\n</results>";
    assert_eq!(reason("results", 200, "", results), Some(Reason::Database));
}

/// A key comes back in errors and in redirects. It goes no further.
#[test]
fn no_fault_holds_what_was_sent() {
    let key = "a11ce00000000000000000000000a001";
    for (status, location, body) in [
        (302, format!("login_form.php?next_url=show_user.php%3Fauth%3D{key}"), String::new()),
        (
            200,
            String::new(),
            format!(
                "<error><error_num>-1</error_num><error_msg>can't parse request message: {key}</error_msg></error>"
            ),
        ),
        (200, String::new(), format!("<error>{key}</error>")),
        (500, String::new(), format!("<b>Fatal error</b>: x({key}) in <b>y</b> on line <b>3</b>")),
        (200, String::new(), format!("<html><title>{key}</title></html>")),
    ] {
        let answer = Answer { status, location: &location, body: body.as_bytes() };
        for page in PAGES {
            let fault = read(page, &answer, Names::Keep).expect_err("it is no page");
            assert!(!format!("{fault} {fault:?}").contains(key), "{fault:?}");
        }
    }
}

#[test]
fn sentences_tell_what_to_do() {
    let sentences: Vec<_> = Reason::ALL.iter().map(|reason| format!("{reason}: {}", reason.sentence())).collect();
    insta::assert_snapshot!(sentences.join("\n"));
}
