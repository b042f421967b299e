//! What is said about web configuration files.

use std::fs;
use std::path::Path;
use std::process::Command;

use boinc_exporter::http::WebAccess;

use super::pki::{Authority, replace};
use super::site::{FAR, cases, folder};

/// Loads a case beside certificates of its own; paths are shortened.
fn load(case: &Path) -> Result<String, String> {
    let (folder, _) = folder();
    Authority::new().sign(FAR).write(folder.path(), "other");
    let file = folder.path().join(case.file_name().unwrap());
    fs::copy(case, &file).unwrap();
    let short = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    WebAccess::load(&file).map(|web_access| short(web_access.summary())).map_err(|error| short(error.to_string()))
}

#[test]
fn bad_files_are_refused_with_a_sentence() {
    let mut text = String::new();
    for case in cases(".bad.yml") {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let error = load(&case).expect_err(&name);
        assert!(error.starts_with(&name), "{name} is not named by: {error}");
        text += &error;
        text.push('\n');
    }
    for secret in ["hunter2", "271828", "$2b$", "$2y$"] {
        assert!(!text.contains(secret), "{secret} is repeated:\n{text}");
    }
    insta::assert_snapshot!("bad_files", text);
}

#[test]
fn good_files_are_understood() {
    let texts: Vec<_> = cases(".good.yml").iter().map(|case| load(case).unwrap()).collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    empty.good.yml is valid: no TLS, no authentication
    everything.good.yml is valid: TLS, 2 users
    sections_without_keys.good.yml is valid: no TLS, no authentication
    tls_alone.good.yml is valid: TLS, no authentication
    users_alone.good.yml is valid: no TLS, 2 users
    ");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = WebAccess::load(Path::new("/nowhere/web.yml")).unwrap_err();
    assert_eq!(error.to_string(), "/nowhere/web.yml, the file of --web.config.file, does not exist");
}

#[test]
fn nothing_secret_is_shown() {
    let (folder, _) = folder();
    let (file, hash) = (folder.path().join("web.yml"), bcrypt::hash("hunter2", 4).unwrap());
    let key = fs::read_to_string(folder.path().join("server.key")).unwrap();
    let key = key.replace('\n', "\n    ");
    let yaml = format!(
        "tls_server_config:\n  cert_file: server.pem\n  key: |\n    {key}\nbasic_auth_users:\n  alice: {hash}\n"
    );
    replace(&file, &yaml);
    let shown = format!("{:?}", WebAccess::load(&file).unwrap());
    let base64 = key.lines().nth(1).unwrap().trim();
    assert!(!shown.contains(&hash) && !shown.contains(base64), "{shown}");
}

/// The built binary's answer to `--config.check`.
fn check(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .arg("--config.check")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_check_of_the_configuration_covers_it() {
    let (folder, _) = folder();
    let settings = folder.path().join("settings");
    fs::create_dir(&settings).unwrap();
    fs::write(settings.join("password"), "x\n").unwrap();
    let toml = "web.config_file = \"web.yml\"\n[[clients]]\naddress = \"10.0.0.1\"\npassword_file = \"password\"\n";
    fs::write(settings.join("config.toml"), toml).unwrap();
    // In the configuration file, paths start where that lies; on the command line, where one is.
    fs::write(settings.join("web.yml"), "tls_server_config:\n  cert_file: ../server.pem\n  key_file: ../server.key\n")
        .unwrap();
    fs::write(folder.path().join("web.yml"), "basic_auth_users:\n  alice: hunter2\n").unwrap();
    assert_eq!(
        check(folder.path(), &["--config.file", "settings/config.toml"]),
        "settings/config.toml is valid.\n\
         Monitoring 1 client:\n  \
         10.0.0.1  10.0.0.1:31416, password in settings/password\n\
         Metrics: https://localhost:31415/metrics\n\
         settings/web.yml is valid: TLS, no authentication\n"
    );
    assert_eq!(
        check(folder.path(), &["--config.file", "settings/config.toml", "--web.config.file", "web.yml"]),
        "boinc_exporter: web.yml: `basic_auth_users` has an entry in line 2 that is not a bcrypt hash; create one with \
         `boinc_exporter hash-password`\n"
    );
}
