//! The program for Windows, built and run here: an installation of wine with nothing else in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tempfile::TempDir;

use crate::support::unoptimized;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// `C:` of its own. Ends all its processes when dropped. There is one at a time: on a busy computer, wine gives services less time
/// than Windows does.
pub struct Wine {
    prefix: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// What a program printed, and whether it went well.
pub struct Ran {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// `boinc_exporter.exe`, built once for all tests, as `deploy/dist --dry` does.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = run(unoptimized(&mut Command::new(format!("{ROOT}/deploy/windows/build"))).arg("--release"));
        assert!(built.success, "{}", built.stderr);
        built.stdout.lines().last().expect("its last line is the program").into()
    })
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Ran {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|e| panic!("cannot start {program}: {e}; `make tools` installs it"));
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8_lossy(bytes).replace('\r', "");
    Ran { success: status.success(), stdout: text(&stdout), stderr: text(&stderr) }
}

impl Wine {
    pub fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let wine = Self { prefix: tempfile::tempdir().expect("a temporary directory"), _turn: turn };
        let made = run(wine.command("wineboot").arg("--init"));
        assert!(made.success, "{}", made.stderr);
        let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
        compiler.args(["-shared", "-o"]).arg(wine.system_folder().join("bcryptprimitives.dll"));
        let library = run(compiler.arg(format!("{ROOT}/tests/real/windows/bcryptprimitives.c")).arg("-ladvapi32"));
        assert!(library.success, "{}", library.stderr);
        wine
    }

    fn system_folder(&self) -> PathBuf {
        self.drive().join("windows/system32")
    }

    /// `C:`.
    pub fn drive(&self) -> PathBuf {
        self.prefix.path().join("drive_c")
    }

    /// A folder that is not among the system's.
    pub fn folder(&self) -> PathBuf {
        let folder = self.drive().join("boinc");
        fs::create_dir_all(&folder).expect("the folder can be made");
        folder
    }

    /// Tests of this package, compiled for Windows, to be run.
    pub fn cargo_test(&self) -> Command {
        let mut command = self.command(&format!("{ROOT}/deploy/windows/cargo"));
        unoptimized(&mut command)
            .args(["test", "--locked", "--release"])
            .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine");
        command
    }

    /// A program of Debian's, on this computer.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("WINEPREFIX", self.prefix.path()).env("WINEDEBUG", "-all").env_remove("DISPLAY");
        // It asks whether to download them.
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command
    }

    /// A program of Windows.
    pub fn windows(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.command("wine");
        command.arg(program.as_ref());
        command
    }

    /// The exporter, to be started.
    pub fn exporter(&self, arguments: &[&str]) -> Command {
        let mut command = self.windows(program());
        command.args(arguments);
        command
    }

    /// The exporter, run to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.exporter(arguments))
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        // Those of this prefix only. Without any left, it fails, which is as good.
        let _ = self.command("wineserver").arg("--kill").output();
        let _ = self.command("wineserver").arg("--wait").output();
    }
}

/// A path of this computer as Windows names it.
pub fn path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}
