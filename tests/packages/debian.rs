//! A clean Debian with its own systemd and network, in namespaces: nothing in it is seen outside, and it ends with the test.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::tool::{content, root};

pub struct Debian {
    files: TempDir,
    namespaces: Child,
    /// The process that is 1 inside.
    systemd: String,
}

impl Debian {
    /// Boots a copy of the one that `.ci/tools` has unpacked, with a BOINC client and nothing of ours.
    pub fn boot() -> Self {
        let clean = root().join("target/debian");
        assert!(clean.join(".done").exists(), "target/debian is missing; `make tools` makes it");
        let files = TempDir::new_in(root().join("target")).expect("target is writable");
        content(
            Command::new("cp").args(["-a", "--reflink=auto", "--no-target-directory"]).arg(clean).arg(files.path()),
        );
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts", "--cgroup"]);
        unshare.arg(root().join("tests/packages/boot")).arg(files.path());
        let log = fs::File::create(files.path().join("boot.log")).expect("the folder is writable");
        let log = || log.try_clone().expect("a descriptor");
        let mut namespaces = unshare.stdin(Stdio::null()).stdout(log()).stderr(log()).spawn().expect("unshare starts");
        let systemd = loop {
            let words = || fs::read_to_string(files.path().join("boot.log")).unwrap_or_default();
            let ended = namespaces.try_wait().expect("it is a child of this process");
            assert!(ended.is_none(), "no systemd, which takes root and namespaces: {}", words());
            let children = format!("/proc/{0}/task/{0}/children", namespaces.id());
            let child = fs::read_to_string(children).unwrap_or_default().trim().to_owned();
            if fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|name| name == "systemd\n")
                && Path::new(&format!("/proc/{child}/root/run/systemd/private")).exists()
            {
                break child;
            }
            std::thread::yield_now();
        };
        let debian = Self { files, namespaces, systemd };
        assert_eq!(debian.run("systemctl is-system-running --wait"), "running\n");
        debian
    }

    /// What a command says that must be content.
    pub fn run(&self, script: &str) -> String {
        content(&mut self.command(script))
    }

    pub fn command(&self, script: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.systemd, "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--root"]);
        command.args(["--wd", "sh", "-c", script]);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    pub fn copy(&self, file: &Path, to: &str) {
        fs::copy(file, self.files.path().join(to)).expect("the folder is writable");
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.files.path().join(path), text).expect("the folder is writable");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.files.path().join(path)).expect("the file is there")
    }
}

impl Drop for Debian {
    /// With the first process of the namespaces all others end.
    fn drop(&mut self) {
        let _ = self.namespaces.kill();
        let _ = self.namespaces.wait();
    }
}
