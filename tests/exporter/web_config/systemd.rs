//! The built binary under something that behaves like systemd, and the command that hashes passwords.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::site::exchange;
use crate::support::process::PATIENCE;

const EXPORTER: &str = env!("CARGO_BIN_EXE_boinc_exporter");

/// Killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; either way it is reaped.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(process: &Process, name: &str) {
    let status = Command::new("kill").args([name, &process.0.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// The next message to the socket that systemd would have opened.
fn message(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 256];
    let length = socket.recv(&mut buffer).expect("a message in time");
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[test]
fn systemd_is_told_of_start_reload_and_stop() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let child = Command::new(EXPORTER)
        .arg("--web.listen-address=127.0.0.1:0")
        .env_clear()
        .env("NOTIFY_SOCKET", &path)
        .stderr(Stdio::null())
        .spawn();
    let mut process = Process(child.unwrap());
    assert_eq!(message(&socket), "READY=1\n");
    signal(&process, "-HUP");
    let reloading = message(&socket);
    let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap_or_default().trim_end();
    assert!(time.parse::<u64>().is_ok(), "{reloading}");
    assert_eq!(message(&socket), "READY=1\n");
    signal(&process, "-TERM");
    assert_eq!(message(&socket), "STOPPING=1\n");
    assert!(process.0.wait().unwrap().success());
}

/// Starts the exporter as systemd starts it for a socket unit: when the first connection is there.
fn activated(address: &str, arguments: &[&str]) -> Process {
    let child = Command::new("systemd-socket-activate")
        .args(["--listen", address, EXPORTER])
        .args(arguments)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    Process(child.expect("systemd-socket-activate of Debian's package systemd is installed"))
}

impl Process {
    fn lines(&mut self) -> Lines {
        Lines { source: BufReader::new(self.0.stderr.take().unwrap()), seen: String::new() }
    }
}

/// What a process prints.
struct Lines {
    source: BufReader<ChildStderr>,
    seen: String,
}

impl Lines {
    /// The next line with this text in it.
    fn until(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.source.read_line(&mut line).unwrap();
            assert!(length > 0, "no line with {text}:\n{}", self.seen);
            self.seen += &line;
            if line.contains(text) {
                return line;
            }
        }
    }
}

#[tokio::test]
async fn sockets_of_systemd_are_served() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut process = activated(&address, &["--web.systemd-socket", "--web.listen-address=127.0.0.1:1"]);
    let mut lines = process.lines();
    lines.until("Listening on");
    let answer = exchange(TcpStream::connect(&address).await.unwrap(), "").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let line = lines.until("message=listening");
    assert!(line.contains(&format!("address={address}")), "{line}");
}

#[test]
fn sockets_of_another_kind_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("socket");
    let mut process = activated(path.to_str().unwrap(), &["--web.systemd-socket"]);
    let mut lines = process.lines();
    lines.until("Listening on");
    let _connection = UnixStream::connect(&path).unwrap();
    let line = lines.until("boinc_exporter: ");
    let sentence = "boinc_exporter: socket 1 from systemd is not a listening TCP socket; the socket unit needs \
                    ListenStream=PORT";
    assert!(line.starts_with(sentence), "{line}");
}

fn run(arguments: &[&str], stdin: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(EXPORTER)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses its flags may be gone before it is written to.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let (mut out, mut error) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    (child.wait().unwrap().code(), out, error)
}

#[test]
fn without_sockets_of_systemd_a_sentence_says_so() {
    let (code, _, error) = run(&["--web.systemd-socket"], "");
    assert_eq!(code, Some(1));
    assert!(
        error.ends_with(
            "boinc_exporter: systemd passed no sockets (LISTEN_FDS); start the socket unit instead of the service, or \
             remove --web.systemd-socket\n"
        ),
        "{error}"
    );
}

#[test]
fn passwords_are_hashed() {
    for (stdin, password) in [("hunter2\n", "hunter2"), (" hun ter \r\nx", " hun ter "), ("\u{fc}", "\u{fc}")] {
        let (code, out, error) = run(&["hash-password", "--cost", "4"], stdin);
        assert_eq!((code, error.as_str()), (Some(0), ""));
        let hash = out.strip_suffix('\n').unwrap();
        assert!(hash.starts_with("$2b$04$") && bcrypt::verify(password, hash).unwrap(), "{hash}");
    }
    assert!(run(&["hash-password"], "hunter2\n").1.starts_with("$2b$10$"));
    let long = "x".repeat(72);
    for (stdin, sentence) in [
        ("\n", "the password is empty"),
        ("", "the password is empty"),
        (&long, "the password has 72 bytes, but bcrypt uses at most 71"),
    ] {
        let expected = (Some(1), String::new(), format!("boinc_exporter: {sentence}\n"));
        assert_eq!(run(&["hash-password", "--cost", "4"], stdin), expected);
    }
    assert_eq!(run(&["hash-password", "--cost", "31"], "hunter2").0, Some(2));
}

fn settings(tty: &str) -> String {
    let output = Command::new("stty").args(["-a", "-F", tty]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// At a terminal, of which `script` makes one.
#[test]
fn a_password_that_is_typed_is_not_shown() {
    assert!(Path::new("/usr/bin/script").exists(), "script of Debian's package bsdutils is installed");
    let command = format!("tty; exec {EXPORTER} hash-password --cost 4");
    let mut child = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut terminal, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut seen = String::new();
    for prompt in ["Password: ", "Repeat password: "] {
        while !seen.ends_with(prompt) {
            let mut byte = [0];
            assert_eq!(output.read(&mut byte).unwrap(), 1, "{seen}");
            seen.push(char::from(byte[0]));
        }
        // The prompt is there a moment before the terminal stops to show what is typed, and nothing tells when.
        let tty = seen.lines().next().unwrap();
        let start = Instant::now();
        while !settings(tty).contains(" -echo ") {
            assert!(start.elapsed() < PATIENCE, "{tty} goes on to show what is typed");
        }
        terminal.write_all(b"hunter2\n").unwrap();
    }
    output.read_to_string(&mut seen).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(!seen.contains("hunter2"), "{seen}");
    let hash = seen.trim_end().rsplit('\n').next().unwrap();
    assert!(bcrypt::verify("hunter2", hash).unwrap(), "{seen}");
}
