//! The packages, by the tools of the systems that they are for: installed, used, upgraded, removed. They are made of the program
//! that the tests run. Linux only, and as root.

#![cfg(target_os = "linux")]

mod debian;
#[path = "../support/tool.rs"]
mod tool;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use self::debian::Debian;
use self::tool::{content, root};

const BINARY: &str = env!("CARGO_BIN_EXE_boinc_exporter");

/// The packages, and the Debian one a second time with a higher version.
struct Packages {
    deb: PathBuf,
    newer: PathBuf,
    rpm: PathBuf,
    archive: PathBuf,
}

static PACKAGES: LazyLock<Packages> = LazyLock::new(|| {
    let output = root().join("target/packages");
    if output.exists() {
        fs::remove_dir_all(&output).expect("target is writable");
    }
    let package = |folder: &str, flags: &str| {
        let mut command = Command::new(root().join("deploy/package"));
        command.env("DEB_FLAGS", format!("--fast {flags}")).env("RPM_COMPRESS", "none");
        content(command.args([BINARY, env!("BOINC_EXPORTER_TARGET")]).arg(output.join(folder)));
        output.join(folder)
    };
    let newer = file(&package("newer", "--deb-version 99"), "deb");
    let now = package("now", "");
    Packages { deb: file(&now, "deb"), newer, rpm: file(&now, "rpm"), archive: file(&now, "gz") }
});

/// The only file in a folder whose name ends so.
fn file(folder: &Path, end: &str) -> PathBuf {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files = entries.filter(|path| path.extension().is_some_and(|have| have == end));
    files.next().unwrap_or_else(|| panic!("no {end} in {}", folder.display()))
}

/// The version of the Debian package is all that differs.
#[test]
fn the_same_program_gives_the_same_bytes() {
    let (newer, now) = (PACKAGES.newer.with_file_name(""), PACKAGES.deb.with_file_name(""));
    for end in ["rpm", "gz"] {
        let bytes = |folder: &Path| fs::read(file(folder, end)).expect("it is there");
        assert!(bytes(&newer) == bytes(&now), "{end}");
    }
}

fn files(listing: &str, column: usize) -> String {
    let paths = listing.lines().filter_map(|line| line.split_whitespace().nth(column));
    let mut paths: Vec<_> =
        paths.filter(|path| !path.ends_with('/')).map(|path| path.trim_start_matches('.')).collect();
    paths.sort_unstable();
    paths.join("\n")
}

#[test]
fn the_debian_package_has_what_a_service_needs() {
    let listing = content(Command::new("dpkg-deb").arg("--contents").arg(&PACKAGES.deb));
    insta::assert_snapshot!("deb", files(&listing, 5));
    let fields = ["Package", "Depends", "Suggests", "Section", "Description"];
    insta::assert_snapshot!("deb_fields", content(Command::new("dpkg-deb").arg("-f").arg(&PACKAGES.deb).args(fields)));
}

/// The program of the tests is neither static nor stripped, as that of a release is.
#[test]
fn the_debian_package_has_no_lint() {
    let mut lintian = Command::new("lintian");
    lintian.args(["--no-cfg", "--allow-root", "--fail-on=error,warning"]);
    lintian.args(["--suppress-tags", "missing-dependency-on-libc,unstripped-binary-or-object"]);
    assert_eq!(content(lintian.arg(&PACKAGES.deb)), "");
}

#[test]
fn the_rpm_has_what_a_service_needs() {
    let rpm = |flags: &[&str]| content(Command::new("rpm").args(flags).arg(&PACKAGES.rpm));
    insta::assert_snapshot!("rpm", files(&rpm(&["-qlp"]), 0));
    assert_eq!(files(&rpm(&["-qcp"]), 0), "/etc/boinc_exporter/config.toml");
    assert!(rpm(&["-K"]).ends_with("digests OK\n"));
    let folder = tempfile::TempDir::new_in(root().join("target")).expect("target is writable");
    rpm(&["--root", &folder.path().display().to_string(), "--install", "--nodeps", "--noscripts"]);
    let version = content(Command::new(folder.path().join("usr/bin/boinc_exporter")).arg("--version"));
    assert_eq!(version, content(Command::new(BINARY).arg("--version")));
}

const SCRAPE: &str = "curl --silent --show-error --fail http://localhost:31415/metrics";

fn is_up(debian: &Debian) -> bool {
    debian.run(SCRAPE).lines().any(|line| line.starts_with("boinc_up{") && line.ends_with(" 1"))
}

/// All that belongs to us, but for what tells of the past, and the user, who may own files.
fn left(debian: &Debian) -> String {
    debian.run(
        "find / -xdev -path /proc -prune -o -path /var/log -prune -o -path /root -prune \
         -o \\( -name '*boinc_exporter*' -o -name '*boinc-exporter*' \\) -print",
    )
}

#[test]
fn the_service_lives_and_goes() {
    let debian = Debian::boot();
    debian.copy(&PACKAGES.deb, "root/old.deb");
    debian.copy(&PACKAGES.newer, "root/new.deb");
    assert_eq!(left(&debian), "");

    debian.run("apt install --yes /root/old.deb");
    assert_eq!(
        debian.run("systemctl is-active boinc_exporter; systemctl is-enabled boinc_exporter"),
        "active\nenabled\n"
    );
    assert_eq!(
        debian.run("stat --format %U /proc/$(systemctl show --property MainPID --value boinc_exporter)"),
        "boinc_exporter\n"
    );
    assert!(is_up(&debian), "{}", debian.run(SCRAPE));
    let check = "runuser -u boinc_exporter -- boinc_exporter check";
    let words = debian.run(check);
    assert!(words.starts_with("localhost (127.0.0.1:31416): ok"), "{words}");

    // The password of the client, from the unit.
    debian.write("etc/boinc-client/gui_rpc_auth.cfg", "secret\n");
    let config = "[[clients]]\naddress = \"localhost\"\nlabels = { room = \"attic\" }\npassword_credential = \"gui_rpc_auth.cfg\"\n";
    debian.write("etc/boinc_exporter/config.toml", config);
    debian.run("systemctl restart boinc-client boinc_exporter");
    // The client announces its port to nobody.
    debian.run("until boinccmd --passwd secret --get_cc_status >/dev/null 2>&1; do systemctl is-active --quiet boinc-client; done");
    assert!(is_up(&debian), "{}", debian.run(SCRAPE));
    // From a copy of it, as README.md says.
    debian.run("cp /etc/boinc-client/gui_rpc_auth.cfg /etc/boinc_exporter/attic.pw");
    debian.run("cd /etc/boinc_exporter; chown root:boinc_exporter attic.pw; chmod 640 attic.pw");
    debian.write(
        "etc/boinc_exporter/config.toml",
        "[[clients]]\naddress = \"localhost\"\npassword_file = \"/etc/boinc_exporter/attic.pw\"\n",
    );
    debian.run(check);
    // By the group, as README.Debian says.
    debian.write(
        "etc/boinc_exporter/config.toml",
        "[[clients]]\naddress = \"localhost\"\npassword_file = \"/etc/boinc-client/gui_rpc_auth.cfg\"\n",
    );
    assert!(!debian.command(check).status().expect("it starts").success());
    debian.run("adduser --quiet boinc_exporter boinc");
    debian.run(check);
    debian.write("etc/boinc_exporter/config.toml", config);
    debian.run("systemctl reload boinc_exporter");

    debian.run("apt install --yes /root/new.deb");
    assert_eq!(
        debian.run("dpkg-query --show boinc-exporter; systemctl is-active boinc_exporter"),
        "boinc-exporter\t99\nactive\n"
    );
    assert_eq!(debian.read("etc/boinc_exporter/config.toml"), config);
    assert!(debian.run(SCRAPE).contains("room=\"attic\""));

    let readme = debian.read("usr/share/doc/boinc-exporter/README.Debian");
    let (_, commands) = readme.split_once("Socket activation\n").expect("how to");
    let commands: Vec<_> = commands.lines().take_while(|line| !line.is_empty()).collect();
    debian.run(&format!("set -e\n{}", commands.join("\n")));
    assert_eq!(debian.run("systemctl is-active boinc_exporter || true"), "inactive\n");
    assert!(debian.run(SCRAPE).contains("room=\"attic\""));
    assert_eq!(debian.run("systemctl is-active boinc_exporter"), "active\n");
    debian.run("systemctl disable --now boinc_exporter.socket; rm /etc/systemd/system/boinc_exporter.socket");

    debian.run("apt remove --yes boinc-exporter");
    assert_eq!(debian.run("systemctl is-active boinc_exporter || true"), "inactive\n");
    assert_eq!(debian.read("etc/boinc_exporter/config.toml"), config);
    debian.run("apt purge --yes boinc-exporter");
    assert_eq!(left(&debian), "");
}

/// As its documents say, which are in it.
#[test]
fn the_archive_becomes_a_service() {
    let debian = Debian::boot();
    debian.copy(&PACKAGES.archive, "root/archive.tar.gz");
    debian.run("mkdir /root/archive && tar --extract --file /root/archive.tar.gz --directory /root/archive --strip-components=1");
    let readme = debian.read("root/archive/README.md");
    let links = readme.split("](").skip(1).filter_map(|link| link.split([')', '#']).next());
    let within = links.filter(|link| !link.is_empty() && !link.starts_with("http") && *link != "../../releases");
    let dangling: Vec<_> = within
        .filter(|link| !debian.command(&format!("test -e /root/archive/{link}")).status().expect("it starts").success())
        .collect();
    assert!(dangling.is_empty(), "{dangling:?}");

    let readme = debian.read("root/archive/deploy/README.md");
    let (_, rest) = readme.split_once("as root in the unpacked folder:\n\n```sh\n").expect("how to");
    let (commands, _) = rest.split_once("```").expect("it ends");
    debian.run(&format!("set -e\ncd /root/archive\n{commands}"));
    assert_eq!(debian.run("systemctl is-active boinc_exporter"), "active\n");
    assert!(is_up(&debian), "{}", debian.run(SCRAPE));
}
