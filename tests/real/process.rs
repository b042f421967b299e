//! Programs that a test starts: their output as lines that can be awaited, and their end with the test.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The most time that anything awaited may take. It turns a hang into a failure with a sentence, and decides nothing else:
/// however busy the computer is, what comes comes long before.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Ports that are handed out: below those of which the system takes one when a socket asks for any.
const PORTS: Range<u16> = 20_000..30_000;

/// A running program. Killed when dropped.
pub struct Process {
    child: Child,
    /// Only so that several tests can share a process.
    output: Mutex<Receiver<String>>,
    seen: Vec<String>,
}

impl Process {
    /// Starts a program and reads what it prints, on both streams.
    pub fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {program}: {e}; `make tools` installs what the tests need"));
        let (sender, output) = channel();
        read_lines(child.stdout.take().expect("stdout is piped"), sender.clone());
        read_lines(child.stderr.take().expect("stderr is piped"), sender);
        Self { child, output: Mutex::new(output), seen: Vec::new() }
    }

    /// Waits for a line that contains `text`, and returns it. Lines before it are only seen.
    pub fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.received().recv_timeout(left) else {
                panic!("no line with `{text}` came. All that was printed:\n{}", self.seen.join("\n"));
            };
            self.seen.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Everything printed and received so far.
    pub fn lines(&mut self) -> &[String] {
        let received: Vec<_> = self.received().try_iter().collect();
        self.seen.extend(received);
        &self.seen
    }

    fn received(&mut self) -> &Receiver<String> {
        self.output.get_mut().expect("nobody locks it")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without warning, and waits until it has.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is a child of this process");
        self.child.wait().expect("it is a child of this process");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when the process has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(stream: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
}

/// Asks again until there is an answer. For facts of other programs that nothing announces.
pub fn poll<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A TCP port of 127.0.0.1 that nobody listens on, and that no other test of this process is given. Those of other processes
/// begin elsewhere.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    let next = || {
        let number = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = number % u32::from(PORTS.end - PORTS.start);
        PORTS.start + u16::try_from(port).expect("there are fewer than 65536")
    };
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut ports = std::iter::repeat_with(next).take(PORTS.len());
    ports.find(is_free).expect("some of ten thousand ports are free")
}

/// Number of sockets that a process holds. Other descriptors come and go with its files.
pub fn sockets(pid: u32) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("the process lives");
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

/// Resident memory of a process.
pub fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process lives");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("Linux says the resident memory");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).expect("VmRSS is in kB") * 1024
}
