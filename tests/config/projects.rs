//! Projects from files and from the environment, and what they mean for clients.

use std::fmt::Write;

use boinc_exporter::config::{Config, Project};

use super::{error, jailed, load, load_text};

const PREFIX: &str = "BOINC_EXPORTER_PROJECTS";

/// One project a line.
fn projects(config: &Config) -> String {
    let mut text = format!("{:?}\n", config.projects.watch);
    for Project { name, url, account, account_key_file, team, collectors, .. } in &config.projects.list {
        let file = account_key_file.as_ref().map(|file| file.display().to_string());
        writeln!(text, "{name:?} {url} {account:?} {file:?} {team:?} {collectors:?}").expect("memory");
    }
    text.replace("Some", "").replace("None", "-")
}

/// Loads with this file and these variables.
fn with(file: &str, variables: &[(&str, &str)]) -> String {
    jailed(|jail| {
        variables.iter().for_each(|(name, value)| jail.set_env(format!("{PREFIX}{name}"), value));
        projects(&load_text(jail, file).expect("a valid configuration"))
    })
}

#[test]
fn projects_can_come_from_the_environment_alone() {
    let variables = [
        ("__WATCH", "attached"),
        ("__CONTACT", "me@example.org"),
        ("__INTERVALS__STATUS", "2h"),
        ("__0__URL", "https://example.org/alpha/"),
        ("__0__ACCOUNT", "7"),
        ("__0__ACCOUNT_KEY_FILE", "/run/secrets/alpha"),
        ("__1__URL", "https://example.org/beta/"),
        ("__1__ACCOUNT", "7, 8"),
        ("__1__TEAM", "3"),
        ("__GAMMA__URL", "https://example.org/gamma/"),
        ("__GAMMA__COLLECTORS", "default, -scheduler"),
    ];
    insta::assert_snapshot!(with("", &variables), @r#"
    Attached
    - https://example.org/alpha/ [7] ("/run/secrets/alpha") - -
    - https://example.org/beta/ [7, 8] - (3) -
    ("gamma") https://example.org/gamma/ [] - - (["default", "-scheduler"])
    "#);
    let list = r#"[{url="https://example.org/alpha/",account=7}]"#;
    for name in ["", "__LIST"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(with("", &[(name, list)]), @r"
            Listed
            - https://example.org/alpha/ [7] - - -
            ");
        }
    }
}

#[test]
fn the_environment_adds_to_the_file_in_either_form() {
    let entries = "url = \"https://example.org/alpha/\"\naccount_key_file = \"alpha.key\"\n";
    let variables = [("__WATCH", "attached"), ("__0__NAME", "mine"), ("__1__URL", "https://example.org/beta/")];
    for table in [
        "[[projects]]",
        "[projects]\ncontact = \"x\"\n[[projects]]",
        "[projects]\ncontact = \"x\"\n [[ projects.list ]]",
    ] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(with(&format!("{table}\n{entries}"), &variables), @r#"
            Attached
            ("mine") https://example.org/alpha/ [] ("alpha.key") - -
            - https://example.org/beta/ [] - - -
            "#);
        }
    }
}

#[test]
fn errors_name_the_variable() {
    let errors =
        [("__0__ACCOUNT", "7"), ("__0__URL", "hunter2"), ("__WATCH", "everything"), ("__INTERVALS__ACCOUNT", "1m")];
    let errors: Vec<_> = errors
        .iter()
        .map(|(name, value)| {
            jailed(|jail| {
                jail.set_env(format!("{PREFIX}{name}"), value);
                error(load(&[]))
            })
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    environment variable BOINC_EXPORTER_PROJECTS__0__ACCOUNT belongs to a project without a URL; set BOINC_EXPORTER_PROJECTS__0__URL
    environment variable BOINC_EXPORTER_PROJECTS__0__URL must be the address of a web page, such as "https://einstein.phys.uwm.edu/"
    environment variable BOINC_EXPORTER_PROJECTS__WATCH is "everything", but must be `listed` or `attached`
    environment variable BOINC_EXPORTER_PROJECTS__INTERVALS__ACCOUNT is shorter than 1h, which is as often as a project's server may be asked for this
    "#);
}

#[test]
fn the_client_of_this_computer_is_not_assumed_beside_projects() {
    for (text, clients) in [
        ("", 1),
        ("[[projects]]\nurl = \"https://example.org/\"\n", 0),
        ("[projects]\nwatch = \"attached\"\n", 1),
        ("[projects]\nwatch = \"attached\"\n[[projects.list]]\nurl = \"https://example.org/\"\n", 1),
        ("[[clients]]\naddress = \"attic\"\n[[projects]]\nurl = \"https://example.org/\"\n", 1),
    ] {
        let targets = jailed(|jail| load_text(jail, text).expect("valid").targets().expect("valid"));
        assert_eq!(targets.len(), clients, "{text}");
    }
}

#[test]
fn the_summary_names_projects_and_what_looks_wrong() {
    let summary = jailed(|jail| {
        jail.create_file("alpha.key", "hunter2\n").expect("a writable folder");
        let text = "[projects]\nwatch = \"attached\"\n[[projects.list]]\nname = \"mine\"\nurl = \"https://example.org/alpha/\"\n\
                    account_key_file = \"alpha.key\"\n[[projects.list]]\nurl = \"https://example.org/beta/\"\n\
                    submitter = \"missing.key\"\n[[clients]]\naddress = \"127.0.0.1\"\n";
        load_text(jail, text).expect("valid").summary("http").expect("valid")
    });
    insta::assert_snapshot!(summary, @r"
    c.toml is valid.
    Monitoring 1 client:
      127.0.0.1  127.0.0.1:31416, password from BOINC's data directory
    Watching the projects that clients are attached to, and 2 projects:
      mine
      https://example.org/beta/
      warning: the key file missing.key does not exist: create it with the account key as its first line; `boinc_exporter login URL` finds the key
      warning: nobody can be asked about these requests; set `contact` in [projects]
    Metrics: http://localhost:31415/metrics
    ");
}
