//! `scrape --output`: what it does to a file, and to what is no file.
#![cfg(unix)]

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::support::{FOLDER, FakeClient, PASSWORD, client_toml};

struct Scene {
    folder: tempfile::TempDir,
    _client: FakeClient,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let client = FakeClient::playing(FOLDER).start().await;
        fs::write(folder.path().join("password"), PASSWORD).expect("it is writable");
        fs::write(folder.path().join("config.toml"), client_toml("attic", &client.address())).expect("it is writable");
        Self { folder, _client: client }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it is there")
    }

    /// Whether it succeeded, and what it printed and logged except about clients.
    async fn scrape(&self, output: &Path) -> (bool, String) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_boinc_exporter"));
        command.arg("--config.file").arg(self.path("config.toml")).args(["--log.level", "warn", "scrape", "--output"]);
        let done = command.arg(output).env_clear().output().await.expect("the built binary starts");
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8(said).expect("text").replace(&self.folder.path().display().to_string(), "DIR");
        (done.status.success(), said)
    }
}

fn silent() -> (bool, String) {
    (true, String::new())
}

#[tokio::test]
async fn a_link_stays_and_its_file_is_replaced_with_its_mode() {
    let scene = Scene::new().await;
    fs::create_dir(scene.path("sub")).expect("a folder");
    fs::write(scene.path("sub/real.prom"), "old\n").expect("a file");
    fs::set_permissions(scene.path("sub/real.prom"), fs::Permissions::from_mode(0o640)).expect("its own file");
    symlink("sub/real.prom", scene.path("link.prom")).expect("a link");
    symlink("link.prom", scene.path("second.prom")).expect("a link");
    assert_eq!(scene.scrape(&scene.path("second.prom")).await, silent());
    assert!(scene.path("second.prom").is_symlink() && scene.path("link.prom").is_symlink());
    assert!(scene.text("sub/real.prom").contains("\nboinc_up{client=\"attic\"} 1\n"));
    let mode = fs::metadata(scene.path("sub/real.prom")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    let left: Vec<_> = fs::read_dir(scene.path("sub")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn a_new_file_is_made_also_where_a_link_leads() {
    let scene = Scene::new().await;
    symlink("new.prom", scene.path("link.prom")).expect("a link");
    assert_eq!(scene.scrape(&scene.path("link.prom")).await, silent());
    assert!(scene.path("link.prom").is_symlink());
    assert!(scene.text("new.prom").starts_with("# HELP "));
}

#[tokio::test]
async fn a_pipe_is_written_to_and_stays_one() {
    let scene = Scene::new().await;
    let pipe = scene.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there");
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut text = String::new();
            fs::File::open(pipe).and_then(|mut file| file.read_to_string(&mut text)).expect("text");
            text
        }
    });
    assert_eq!(scene.scrape(&pipe).await, silent());
    assert!(fs::symlink_metadata(&pipe).expect("it is there").file_type().is_fifo());
    assert!(reader.join().expect("it was read").contains("\nboinc_up{client=\"attic\"} 1\n"));
}

#[tokio::test]
async fn what_cannot_take_text_is_refused_in_a_sentence() {
    let scene = Scene::new().await;
    fs::create_dir(scene.path("sub")).expect("a folder");
    let mut said = String::new();
    for name in ["sub", "sub/", "none/x.prom"] {
        let (success, sentence) = scene.scrape(&scene.path(name)).await;
        assert!(!success, "{name}");
        said.push_str(&sentence);
    }
    insta::assert_snapshot!(said, @r"
    boinc_exporter: cannot write DIR/sub: it is a directory; name a file or a pipe
    boinc_exporter: cannot write DIR/sub/: it is a directory; name a file or a pipe
    boinc_exporter: cannot write DIR/none/x.prom; check that its directory exists and is writable: No such file or directory (os error 2)
    ");
}
