//! The exporter on Windows, as far as wine is one: beside a real client, as a service, from its installer. `deploy/windows/build`
//! builds it.

mod wine;

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use wine::{Wine, path, program, run};

use crate::boinc::Boinc;
use crate::process::{Process, free_port, poll};
use crate::support::{Samples, http_client};

const VERSION: &str = env!("CARGO_PKG_VERSION");

async fn get(port: u16, page: &str) -> String {
    let answer = http_client().get(format!("http://127.0.0.1:{port}{page}")).send().await.expect("it answers");
    assert_eq!(answer.status(), 200, "{page}");
    answer.text().await.expect("the answer is whole")
}

fn config(name: &str, port: u16, boinc: &Boinc) -> String {
    format!(
        "[web]\nlisten_address = \"127.0.0.1:{port}\"\nenable_lifecycle = true\n\n[[clients]]\nname = \"{name}\"\n\
         address = \"{}\"\npassword_file = '{}'\n",
        boinc.address(),
        path(&boinc.password_file())
    )
}

fn set_mode(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[tokio::test]
async fn it_watches_a_real_client() {
    let (wine, boinc, port) = (Wine::new(), Boinc::start(), free_port());
    let file = wine.folder().join("config.toml");
    fs::write(&file, config("real", port, &boinc)).expect("the folder is writable");
    set_mode(&file, 0o600);
    let shown = |text: String| {
        let text = text.replace(&port.to_string(), "PORT").replace(&boinc.address(), "ADDRESS");
        text.replace(&path(boinc.folder()), "FOLDER")
    };
    let with_file = |arguments: &[&str]| wine.run(&[&["--config.file", r"C:\boinc\config.toml"], arguments].concat());

    let version = wine.run(&["--version"]);
    assert!(version.success && version.stdout.ends_with("  target:   x86_64-pc-windows-gnu\n"), "{}", version.stdout);
    insta::assert_snapshot!(shown(with_file(&["--config.check"]).stdout), @r#"
    C:\boinc\config.toml is valid.
    Monitoring 1 client:
      real  ADDRESS, password in FOLDER\gui_rpc_auth.cfg
    Metrics: http://127.0.0.1:PORT/metrics
    "#);
    let check = with_file(&["check"]);
    assert!(check.success, "{}{}", check.stdout, check.stderr);
    let check = shown(check.stdout);
    assert!(
        check.starts_with("real (ADDRESS): ok, BOINC ") && check.ends_with("\nThe client can be scraped.\n"),
        "{check}"
    );
    let scrape = with_file(&["scrape"]);
    assert_eq!(Samples::parse(&scrape.stdout).value("boinc_up", &[("client", "real")]), Some(1.0));

    let mut serves = Process::start(&mut wine.exporter(&["--config.file", r"C:\boinc\config.toml"]));
    serves.wait_for("listening");
    let samples = Samples::parse(&get(port, "/metrics").await);
    assert_eq!(samples.value("boinc_up", &[("client", "real")]), Some(1.0));
    assert!(samples.value("process_resident_memory_bytes", &[]).is_some_and(|bytes| bytes > 1e6));
    assert!(samples.value("process_start_time_seconds", &[]).is_some_and(|seconds| seconds > 1e9));
    assert!(get(port, "/").await.contains("real"));
    assert!(with_file(&["healthcheck"]).success);
    // The configuration is read anew when it is told so.
    fs::write(&file, config("renamed", port, &boinc)).expect("the folder is writable");
    let reload = http_client().post(format!("http://127.0.0.1:{port}/-/reload")).send().await.expect("it answers");
    assert_eq!(reload.status(), 200);
    let samples = Samples::parse(&get(port, "/metrics").await);
    assert_eq!(samples.value("boinc_up", &[("client", "renamed")]), Some(1.0));
}

#[test]
fn what_others_may_write_is_refused_and_passwords_are_private() {
    let wine = Wine::new();
    let file = wine.folder().join("config.toml");
    fs::write(&file, "").expect("the folder is writable");
    let check = || wine.run(&["--config.file", r"C:\boinc\config.toml", "--config.check"]);
    set_mode(&file, 0o666);
    let refused = check();
    assert!(!refused.success);
    insta::assert_snapshot!(refused.stderr, @r#"boinc_exporter: the configuration file C:\boinc\config.toml is not used, as Everyone may write it: let only administrators and the exporter's own user do so (icacls FILE /setowner "*S-1-5-32-544", then icacls FILE /inheritance:r /grant:r "*S-1-5-32-544:F" "*S-1-5-18:F" "*S-1-5-32-545:R")"#);
    set_mode(&file, 0o644);
    let accepted = check();
    assert!(accepted.success, "{}", accepted.stderr);

    let unix = wine.run(&["--client", "unix:/var/lib/boinc/gui_rpc", "check"]);
    insta::assert_snapshot!(unix.stderr, @r#"boinc_exporter: --client is "unix:/var/lib/boinc/gui_rpc", but there are no Unix sockets on this system: write HOST or HOST:PORT"#);

    let computers = "<computers><computer><id_name>attic</id_name><ip>192.168.1.20</ip><password>hunter2</password>\
                     <checked>1</checked></computer></computers>";
    fs::write(wine.folder().join("computers.xml"), computers).expect("the folder is writable");
    set_mode(&wine.folder(), 0o700);
    let imported = wine.run(&["import-computers", "--passwords-dir", r"C:\boinc\passwords", r"C:\boinc\computers.xml"]);
    insta::assert_snapshot!(imported.stdout + &imported.stderr, @r#"
    # Clients of BoincTasks: 1. Commented out: 0.
    # Each password is in its password_file. Only you and administrators can read these files. For the service:
    #   icacls FOLDER /grant "*S-1-5-19:(OI)(CI)R" /T

    [[clients]]
    name = "attic"
    address = "192.168.1.20"
    password_file = "C:\\boinc\\passwords\\attic.pw"
    "#);
    let password = wine.folder().join("passwords/attic.pw");
    assert_eq!(fs::read_to_string(&password).expect("it was written"), "hunter2\n");
    // Wine makes a mode of the access list: administrators are the group, and everyone else is let in where the folder lets them.
    let mode = password.metadata().expect("it was written").permissions().mode() & 0o007;
    assert_eq!(mode, 0, "{mode:o}");
}

#[test]
fn its_unit_tests_pass() {
    let wine = Wine::new();
    let tests = run(wine.cargo_test().arg("--lib"));
    assert!(tests.success, "{}{}", tests.stdout, tests.stderr);
}

#[tokio::test]
async fn the_demo_runs() {
    let (wine, port) = (Wine::new(), free_port());
    let mut demo = Process::start(&mut wine.exporter(&["demo", "--web.listen-address", &format!("127.0.0.1:{port}")]));
    demo.wait_for(&format!("http://127.0.0.1:{port}/"));
    let samples = Samples::parse(&get(port, "/metrics").await);
    assert!(samples.series("boinc_up", &[]).count() > 10);
}

/// Without a program of its user, wine ends its services.
fn session(wine: &Wine) -> Process {
    let other = format!("127.0.0.1:{}", free_port());
    let mut session = Process::start(&mut wine.exporter(&["demo", "--web.listen-address", &other]));
    session.wait_for("listening");
    session
}

#[tokio::test]
async fn the_installer_installs_a_service_and_removes_it() {
    let (wine, port) = (Wine::new(), free_port());
    let packed = run(Command::new("deploy/windows/package").arg(program()).arg(wine.folder()));
    assert!(packed.success, "{}", packed.stderr);
    let package = |end: &str| wine.folder().join(format!("boinc_exporter-{VERSION}.windows-amd64.{end}"));
    let contents = run(Command::new("msiextract").arg("--list").arg(package("msi")));
    insta::assert_snapshot!(contents.stdout, @r"
    boinc_exporter/boinc_exporter.exe
    boinc_exporter/LICENSE.txt
    boinc_exporter/NOTICES.txt
    boinc_exporter/README.md
    boinc_exporter/config.example.toml
    ");
    let contents = run(Command::new("python3").args(["-m", "zipfile", "--list"]).arg(package("zip")));
    assert!(contents.stdout.contains(&format!("\nboinc_exporter-{VERSION}.windows-amd64/boinc_exporter.exe ")));
    fs::rename(package("msi"), wine.folder().join("boinc_exporter.msi")).expect("the folder is writable");
    let own = wine.drive().join("ProgramData/boinc_exporter");
    fs::create_dir_all(&own).expect("the folder can be made");
    let configure = |header: &str| {
        let text = format!("[web]\nlisten_address = \"127.0.0.1:{port}\"\ntelemetry_path = \"{header}\"\n");
        fs::write(own.join("config.toml"), text).expect("the folder is writable");
    };
    configure("/metrics");
    let _session = session(&wine);

    let windows = |program: &str, arguments: &[&str]| {
        let ran = run(wine.windows(program).args(arguments));
        assert!(ran.success, "{program} {arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    };
    windows("msiexec", &["/i", r"C:\boinc\boinc_exporter.msi", "/qn"]);
    poll("an answer of the service", || TcpStream::connect(("127.0.0.1", port)).ok());
    assert!(get(port, "/metrics").await.contains("\nboinc_up{"));
    let environment = r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment";
    let path = || windows("reg", &["query", environment, "/v", "Path"]);
    assert!(path().contains(r";C:\Program Files\boinc_exporter\"), "{}", path());
    let log = || {
        let files = fs::read_dir(own.join("log")).expect("the service made it").map(|file| file.unwrap().path());
        files.map(|file| fs::read_to_string(file).unwrap()).collect::<String>()
    };
    assert!(log().contains("starting boinc_exporter"), "{}", log());
    fs::write(own.join("config.toml"), "no = \"configuration\"\n").expect("the folder is writable");
    assert!(wine.run(&["service", "reload"]).success);
    poll("a reload", || log().contains("cannot reload the configuration").then_some(()));
    configure("/metrics");
    // Wine's does not wait until it has stopped.
    windows("net", &["stop", "boinc_exporter"]);
    poll("its end", || log().ends_with("message=\"stopped boinc_exporter\"\n").then_some(()));

    windows("msiexec", &["/x", r"C:\boinc\boinc_exporter.msi", "/qn"]);
    assert!(!wine.drive().join("Program Files/boinc_exporter/boinc_exporter.exe").exists());
    assert!(own.join("config.toml").exists() && !path().contains("boinc_exporter"));
}

#[tokio::test]
async fn a_service_is_installed_without_the_installer() {
    let (wine, port) = (Wine::new(), free_port());
    let own = wine.drive().join("ProgramData/boinc_exporter");
    fs::create_dir_all(&own).expect("the folder can be made");
    let config = format!("[web]\nlisten_address = \"127.0.0.1:{port}\"\n");
    fs::write(own.join("config.toml"), config).expect("the folder is writable");
    let _session = session(&wine);
    let service = |what| {
        let ran = wine.run(&["service", what]);
        let said = ran.stdout + &ran.stderr;
        assert!(
            !said.is_empty(),
            "service {what} ended without a word, {}",
            if ran.success { "well" } else { "badly" }
        );
        said
    };
    let relative = wine.run(&["--config.file", "config.toml", "service", "install"]);
    insta::assert_snapshot!(relative.stderr, @"boinc_exporter: name config.toml by its whole path: the service does not start in this folder");
    insta::assert_snapshot!(service("run"), @"boinc_exporter: `service run` is for Windows, which starts the service; to run the exporter here, leave it out");
    insta::assert_snapshot!(service("install"), @r"Installed and started the service boinc_exporter. Its log is in C:\ProgramData\boinc_exporter\log.");
    insta::assert_snapshot!(service("install"), @"boinc_exporter: the service boinc_exporter is installed already; remove it first: boinc_exporter service uninstall");
    poll("an answer of the service", || TcpStream::connect(("127.0.0.1", port)).ok());
    insta::assert_snapshot!(service("uninstall"), @r"Removed the service boinc_exporter. Its folder is still there: C:\ProgramData\boinc_exporter");
    insta::assert_snapshot!(service("uninstall"), @"boinc_exporter: the service boinc_exporter is not installed");
}
