//! Shapes of pages that were told of and not recorded: other servers, other years, damage.

use super::super::credit::average_now;
use super::super::user::Names;
use super::super::{Answer, Oddities, members, status, team, user};
use super::recording::{answer, clean, read, recording, recordings};

/// The same page, with a message of PHP before each of its tags and inside of each number.
#[test]
fn messages_of_php_change_nothing() {
    let notice = "<br />\n<b>Deprecated</b>:  Creation of dynamic property X::$y is deprecated in <b>/srv/z.inc</b> on line <b>181</b><br />\n";
    let plain = "\nWarning: Undefined array key 5 in /srv/z.inc on line 25\n";
    for (page, name) in [
        ("batches", "2026_done"),
        ("batch", "2026_with_failure"),
        ("config", "2026_lab"),
        ("members", "2026_members"),
        ("ping", "2026_up"),
        ("results", "2026_two_and_one_gone"),
        ("statistics", "2026_lab"),
        ("status", "2026_feeder_stopped"),
        ("team", "2026_name_all"),
        ("user", "2026_unescaped_host"),
    ] {
        let whole = recording(page, name);
        let expected = read(page, &whole.answer(), Names::Keep).expect("it is a page");
        let text = String::from_utf8(whole.body.clone()).expect("it is UTF-8");
        for noise in [notice, plain] {
            for noisy in [
                format!("{noise}{text}"),
                text.replace("\n<", &format!("\n{noise}<")),
                text.replace("\n    ", &format!("\n{noise}    ")),
                text.replace("<id>", &format!("<id>{noise}")).replace("_credit>", &format!("_credit>{noise}")),
            ] {
                let said = read(page, &answer(&noisy), Names::Keep).expect("it is a page");
                let without = |said: &str| {
                    said.lines().filter(|line| !line.contains("notices: ")).map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(without(&said), without(&expected), "{page}: {noisy}");
            }
        }
    }
}

#[test]
fn encodings() {
    for (bytes, name) in [
        (b"<user><id>1</id><host><domain_name>Zo\xC3\xAB</domain_name></host></user>".as_slice(), "Zoë"),
        (b"\xEF\xBB\xBF<user><host><domain_name>Zo\xEB</domain_name></host></user>", "Zoë"),
        (b"<user><host><domain_name>Zo&#195;&#171; &amp; AT&T</domain_name></host></user>", "Zoë & AT&T"),
        (b"<user><host><domain_name><![CDATA[<a> & b]]></domain_name></host></user>", "<a> & b"),
        (b"<user><host><domain_name>\n   h\n</domain_name></host></user>", "h"),
        (b"<user><host><domain_name>a\x1Bb</domain_name></host></user>", "a\u{FFFD}b"),
    ] {
        let user = clean(user::read(&Answer { body: bytes, ..answer("") }, Names::Keep));
        assert_eq!(&*user.hosts[0].domain_name, name);
    }
}

#[test]
fn one_bad_host_does_not_lose_the_others() {
    let text = "<user>\n<id>1</id>\n<host>\n<id>1</id>\n<domain_name>a<b></domain_name>\n<p_model>AT&T <x> </y></p_model>\n<rpc_time>x</rpc_time>\n\
        </host>\n<host>\n<id>2</id>\n<rpc_time>5</rpc_time>\n<odd><rpc_time>7</rpc_time></odd>\n</host>\n<total_credit>1e16</total_credit>\n</user>";
    let page = user::read(&answer(text), Names::Keep).expect("it is a page");
    let user = page.content;
    assert_eq!(
        user.hosts.iter().map(|host| (host.id, host.last_contact())).collect::<Vec<_>>(),
        [(Some(1), None), (Some(2), Some(5.0))]
    );
    assert_eq!(user.total_credit, Some(1e16));
    assert_eq!(page.oddities, Oddities { unknown_elements: 1, unreadable_values: 1, ..Oddities::default() });
}

#[test]
fn what_is_empty_is_unknown() {
    let text = "<user><id>1</id><total_credit>5</total_credit><expavg_credit>2</expavg_credit><expavg_time/><teamid></teamid></user>";
    let user = clean(user::read(&answer(text), Names::Drop));
    assert_eq!((user.expavg_time, user.teamid, user.average_now(1e9)), (None, None, None));
    let zero = clean(user::read(&answer("<user><host><rpc_time>0</rpc_time></host></user>"), Names::Drop));
    assert_eq!(zero.hosts[0].last_contact(), None);
}

#[test]
fn averages_fall_by_half_in_a_week() {
    let week = 604_800.0;
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9), Some(8.0));
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9 + week), Some(4.0));
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9 + 3.0 * week), Some(1.0));
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9 - week), Some(8.0));
    assert_eq!(average_now(Some(8.0), Some(0.0), 1e9), None);
    assert_eq!(average_now(None, Some(1e9), 1e9), None);
}

#[test]
fn any_page_on_one_line_or_with_other_spaces() {
    for page in ["user", "team", "members", "results", "batches", "batch", "config", "statistics", "scheduler"] {
        for recording in recordings(page) {
            let Ok(expected) = read(page, &recording.answer(), Names::Keep) else { continue };
            let text = String::from_utf8(recording.body).expect("it is UTF-8");
            let indented = text.lines().map(|line| format!("\n\n\t {} ", line.trim())).collect::<Vec<_>>().concat();
            for other in [text.replace('\n', ""), text.replace('\n', "\r\n"), indented] {
                assert_eq!(
                    read(page, &answer(&other), Names::Keep).as_ref(),
                    Ok(&expected),
                    "{page}/{}: {other}",
                    recording.name
                );
            }
        }
    }
}

#[test]
fn teams_by_id() {
    let page = recording("team", "2026_name_all");
    let teams = clean(team::read(&page.answer()));
    assert_eq!(teams.with_id(3).map(|team| &*team.name), Some("Bob team"));
    assert!(teams.with_id(2).is_none());
    let old = clean(team::read(&answer("<team><id>5</id><name>A &amp; B</name><country>X</country></team>")));
    assert_eq!(old.with_id(5).map(|team| &*team.name), Some("A & B"));
}

#[test]
fn members_are_counted() {
    let text = "<users><user><id>1</id><email_addr>a@b.c</email_addr><total_credit>5</total_credit><expavg_credit>1.5</expavg_credit></user>\
        <user><id>2</id><total_credit>0</total_credit><expavg_credit>0.5</expavg_credit></user></users>";
    let counted = clean(members::read(&answer(text)));
    assert_eq!((counted.members, counted.with_credit, counted.with_recent_credit), (2, 1, Some(1)));
    let short = clean(members::read(&recording("members", "2026_credit_only").answer()));
    assert_eq!((short.members, short.with_credit, short.with_recent_credit), (2, 2, None));
}

#[test]
fn messages_as_elements_are_no_errors() {
    let notice = "<error>\n    <error_msg><![CDATA[Undefined <x>]]></error_msg>\n    <type>Notice</type>\n    <file>/srv/x.php</file>\n    <line>3</line>\n</error>\n";
    let text = format!(
        "{notice}<user>\n<id>1</id>\n{notice}<host>\n{notice}<id>2</id>\n</host>\n<error><type>Warning</type></error></user>"
    );
    let page = user::read(&answer(&text), Names::Drop).expect("it is a page");
    assert_eq!((page.content.id, page.content.hosts[0].id), (Some(1), Some(2)));
    assert_eq!(page.oddities, Oddities { notices: 4, ..Oddities::default() });
}

/// Of PHP's debugger, of a template, of a hand: the elements beside it are read.
#[test]
fn html_between_elements_changes_nothing() {
    let xdebug = "<br />\n<font size='1'><table class='xdebug-error' dir='ltr' border='1'>\n<tr><th colspan=\"5\"><span>( ! )</span> \
        Deprecated: x in /srv/z.inc on line <i>25</i></th></tr>\n</table></font>\n";
    for html in [xdebug, "<br>\n", "<p>", "<hr>", "<!-- <id>9</id> -->\n", "<script>if (1 < 2) {}</script>\n"] {
        let text = format!("{html}<user>\n<id>1</id>\n{html}<total_credit>5</total_credit>\n{html}</user>{html}");
        let user = user::read(&answer(&text), Names::Drop).expect("it is a page").content;
        assert_eq!((user.id, user.total_credit), (Some(1), Some(5.0)), "{text}");
    }
}

#[test]
fn rows_have_an_end() {
    let daemons = "<daemon><command>x</command></daemon>".repeat(status::MAX_DAEMONS + 5);
    let page = status::read(&answer(&format!("<server_status>{daemons}</server_status>"))).expect("it is a page");
    assert_eq!((page.content.daemons.len(), page.oddities.left_out), (status::MAX_DAEMONS, 5));
    let long = format!("<server_status><software_version>{}ë</software_version></server_status>", "x".repeat(999));
    assert_eq!(clean(status::read(&answer(&long))).software_version.len(), 999);
    let count = |app| format!("<results_in_progress app=\"{app}\">1</results_in_progress>");
    let apps = (0..status::MAX_APPS + 5).map(count).collect::<Vec<_>>().concat();
    let page = status::read(&answer(&format!("<server_status>{apps}</server_status>"))).expect("it is a page");
    assert_eq!((page.content.apps.len(), page.oddities.left_out), (status::MAX_APPS, 5));
}
