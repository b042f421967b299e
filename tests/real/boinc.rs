//! A real BOINC client (`boinc`, Debian's package `boinc-client`) on 127.0.0.1, on a data directory of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::boinccmd::Output;
use crate::data_directory::{self, CPUS, PASSWORD};
use crate::process::{Process, free_port};

/// A running client whose tasks have come to rest: [`CPUS`] run, one runs on the coprocessor, one has just failed.
pub struct Boinc {
    pub process: Process,
    pub port: u16,
    dir: TempDir,
}

impl Boinc {
    pub fn start() -> Self {
        Self::start_with(|_| Ok(()))
    }

    /// A client that writes every request to its event log.
    pub fn start_logging_requests() -> Self {
        Self::start_with(data_directory::log_requests)
    }

    /// A client that finds all that it wrote when it is started again.
    pub fn start_restartable() -> Self {
        Self::start_with(data_directory::without_awkward_commands)
    }

    /// A client that has so many tasks more, which wait.
    pub fn start_with_more_tasks(more: usize) -> Self {
        Self::start_with(|dir| data_directory::with_more_tasks(dir, more))
    }

    /// A client on this data directory, which does what it finds there.
    pub fn start_on(dir: TempDir) -> Self {
        let port = free_port();
        let process = start(dir.path(), port);
        Self { process, port, dir }
    }

    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    fn start_with(change: impl FnOnce(&Path) -> std::io::Result<()>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        data_directory::write(dir.path()).expect("the data directory can be written");
        change(dir.path()).expect("the data directory can be changed");
        let port = free_port();
        let mut process = start(dir.path(), port);
        // One runs on the coprocessor and one fails; only then does the count of tasks stand still.
        for _ in 0..CPUS + 2 {
            process.wait_for("Starting task");
        }
        process.wait_for("Computation for task fails_0 finished");
        Self { process, port, dir }
    }

    /// Ends the client without a chance to write anything down.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again after that, on its files and its port.
    pub fn start_again(&mut self) {
        self.process = start(self.dir.path(), self.port);
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn password_file(&self) -> PathBuf {
        self.dir.path().join("gui_rpc_auth.cfg")
    }

    /// Writes a file that holds another password than the client's.
    pub fn wrong_password_file(&self) -> PathBuf {
        let path = self.dir.path().join("wrong.cfg");
        fs::write(&path, "not the password\n").expect("the directory can be written");
        path
    }

    /// From now on, `host` may connect with a password.
    pub fn allow_remote_host(&self, host: &str) {
        data_directory::allow_remote_host(self.dir.path(), host).expect("the directory can be written");
    }

    /// Asks by BOINC's own tool.
    pub fn boinccmd(&self, question: &str) -> Output {
        self.tell(&[question])
    }

    /// The same with what BOINC's own tool needs to be told.
    pub fn tell(&self, arguments: &[&str]) -> Output {
        let answer = Command::new("boinccmd")
            .args(["--host", &self.address(), "--passwd", PASSWORD])
            .args(arguments)
            // It prints times in the local zone.
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .current_dir(self.dir.path())
            .output()
            .unwrap_or_else(|e| panic!("cannot start boinccmd: {e}; `make tools` installs what the tests need"));
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        assert!(answer.status.success(), "boinccmd {arguments:?}: {}\n{text}", answer.status);
        Output::parse(&text)
    }
}

/// Starts a client that is ready to be asked.
fn start(dir: &Path, port: u16) -> Process {
    let mut process = Process::start(
        Command::new("boinc")
            .args(["--allow_multiple_clients", "--gui_rpc_port", &port.to_string(), "--dir"])
            .arg(dir)
            .current_dir(dir),
    );
    process.wait_for("Initialization completed");
    process
}
