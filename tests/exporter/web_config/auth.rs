//! Users and headers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::site::Site;
use crate::support::sockets::end;

const HEADERS: &str =
    "http_server_config:\n  headers:\n    X-Content-Type-Options: nosniff\n    X-Frame-Options: deny\n";

fn users(users: &[(&str, &str)]) -> String {
    let line = |(user, password): &(&str, &str)| format!("  {user}: {}\n", bcrypt::hash(password, 4).unwrap());
    format!("basic_auth_users:\n{}", users.iter().map(line).collect::<String>())
}

fn basic(user: &str, password: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")))
}

/// Status and number of passwords that were compared for it.
async fn ask(site: &Site, headers: &str) -> (u16, u64) {
    let before = site.web_access.password_checks();
    let answer = site.ask(headers).await;
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, site.web_access.password_checks() - before)
}

#[tokio::test]
async fn without_a_password_there_is_no_page() {
    let site = Site::start(&(users(&[("alice", "hunter2")]) + HEADERS));
    let refusal = "HTTP/1.1 401 Unauthorized\r\n\
                   content-type: text/plain; charset=utf-8\r\n\
                   www-authenticate: Basic\r\n\
                   x-content-type-options: nosniff\r\n\
                   x-frame-options: deny\r\n\
                   connection: close\r\n\
                   content-length: 51\r\n\r\n\
                   This exporter requires a user name and a password.\n";
    for headers in ["", "Authorization: Basic x\r\n", "Authorization: Bearer x\r\n", &basic("alice", "x")] {
        assert_eq!(site.ask(headers).await, refusal, "{headers}");
    }
}

#[tokio::test]
async fn a_page_says_of_itself_what_it_knows_better() {
    let site = Site::start(HEADERS);
    assert_eq!(
        site.ask("").await,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nx-frame-options: sameorigin\r\n\
         content-length: 4\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\npage"
    );
}

#[tokio::test]
async fn right_wrong_and_unknown_take_the_same_work() {
    let site = Site::start(&users(&[("alice", "hunter2"), ("bob", "swordfish")]));
    for (user, password, status) in [
        ("alice", "hunter2", 200),
        ("bob", "swordfish", 200),
        ("alice", "swordfish", 401),
        ("carol", "hunter2", 401),
        ("", "", 401),
        ("alice", "", 401),
    ] {
        assert_eq!(ask(&site, &basic(user, password)).await, (status, 1), "{user}");
        assert_eq!(ask(&site, &basic(user, password)).await, (status, 0), "{user} again");
    }
}

#[tokio::test]
async fn whoever_is_right_does_not_wait_for_those_who_guess() {
    const GUESSES: u64 = 60;
    // Dear enough that most of them wait.
    let hash = bcrypt::hash("hunter2", 9).unwrap();
    let site = Site::start_with(&format!("basic_auth_users:\n  alice: {hash}\n"), |access| access);
    let mut guesses = Vec::new();
    for guess in 0..GUESSES {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", basic("alice", &format!("guess {guess}")));
        stream.write_all(request.as_bytes()).await.unwrap();
        guesses.push(stream);
    }
    let read = async |stream: &TcpStream| {
        while end(site.address, stream.local_addr().unwrap()).is_none_or(|end| end.unread > 0) {
            tokio::task::yield_now().await;
        }
    };
    for stream in &guesses {
        read(stream).await;
    }
    let (status, checks) = ask(&site, &basic("alice", "hunter2")).await;
    // The one that was being compared, this one, and one that began before this one was read.
    assert!(status == 200 && checks <= 3, "{status} after {checks} passwords");
    assert!(site.web_access.password_checks() < GUESSES / 2, "they do not wait");
}

#[tokio::test]
async fn a_password_that_changes_counts_at_once() {
    let site = Site::start(&users(&[("alice", "hunter2")]));
    let mut open = TcpStream::connect(site.address).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", basic("alice", "hunter2"));
    let mut status = async || {
        open.write_all(request.as_bytes()).await.unwrap();
        let (mut answer, mut buffer) = (Vec::new(), [0; 1024]);
        while !(answer.ends_with(b"page") || answer.ends_with(b"password.\n")) {
            let length = open.read(&mut buffer).await.unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&buffer[..length]);
        }
        String::from_utf8(answer[9..12].to_vec()).unwrap()
    };
    assert_eq!(status().await, "200");
    site.configure(&users(&[("alice", "swordfish")]));
    // On the connection that is open, too.
    assert_eq!(status().await, "401");
    assert_eq!(ask(&site, &basic("alice", "swordfish")).await.0, 200);
}

/// Other tests check the files at each request.
#[tokio::test]
async fn a_change_is_seen_before_long() {
    let site = Site::start_with(&users(&[("alice", "hunter2")]), |access| access);
    assert_eq!(ask(&site, &basic("alice", "hunter2")).await.0, 200);
    site.configure(&users(&[("alice", "swordfish")]));
    let changed = async {
        while ask(&site, &basic("alice", "swordfish")).await.0 != 200 {
            // As one who does not know when the files are looked at.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), changed).await.expect("the change is seen");
    assert_eq!(ask(&site, &basic("alice", "hunter2")).await.0, 401);
}

#[tokio::test]
async fn a_file_that_becomes_wrong_changes_nothing() {
    let site = Site::start(&users(&[("alice", "hunter2")]));
    for wrong in ["basic_auth_users:\n  alice: hunter2\n", "", "basic_auth_users:\n", "basic_auth_users: ["] {
        site.configure(wrong);
        assert_eq!(ask(&site, "").await.0, 401, "{wrong}");
        assert_eq!(ask(&site, &basic("alice", "hunter2")).await.0, 200, "{wrong}");
    }
    std::fs::remove_file(site.path("web.yml")).unwrap();
    assert_eq!(ask(&site, "").await.0, 401);
    // Nobody is let in because of a file that is half written, but an operator may switch authentication off.
    site.configure("");
    assert_eq!(ask(&site, "").await.0, 401);
    assert!(site.web_access.prepare_unattended().is_err());
    site.web_access.commit(site.web_access.prepare().unwrap());
    assert_eq!(ask(&site, "").await.0, 200);
}

#[tokio::test]
async fn an_odd_header_is_refused_like_a_wrong_one() {
    let site = Site::start(&users(&[("alice", "hunter2")]));
    let long = format!("Authorization: Basic {}\r\n", STANDARD.encode([b'a'; 10_000]));
    for header in ["Authorization: Basic \u{fc}\r\n", "Authorization: Basic Og==\r\n", "Authorization:\r\n", &long] {
        assert_eq!(ask(&site, header).await.0, 401, "{header}");
    }
}
