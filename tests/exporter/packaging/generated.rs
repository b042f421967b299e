//! What is made for others to read: manual pages, completions, manifests, workflows, scripts. Their readers judge.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::BINARY;
use crate::support::{content, root};

#[test]
fn the_manual_pages_have_no_warning() {
    let folder = TempDir::new().expect("a temporary folder");
    content(Command::new(BINARY).arg("man").arg("--output").arg(folder.path()));
    let mut pages: Vec<_> =
        fs::read_dir(folder.path()).expect("pages").map(|page| page.expect("a page").path()).collect();
    pages.sort();
    let help = content(Command::new(BINARY).arg("--help"));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands =
        commands.filter(|line| line.starts_with("  ") && !line.starts_with("   ") && !line.starts_with("  help "));
    assert_eq!(pages.len(), commands.count() + 1, "{pages:?}");
    for page in &pages {
        let mut man = Command::new("man");
        man.args(["--warnings", "--encoding=UTF-8", "--local-file", "--troff-device=utf8", "--ditroff"]).arg(page);
        let mut man = man.env("LC_ALL", "C.UTF-8").env("MANROFFSEQ", "").output().expect("man starts");
        assert_eq!(String::from_utf8_lossy(&std::mem::take(&mut man.stderr)), "", "{}", page.display());
    }
    let text = |name: &str| {
        let mut man = Command::new("man");
        man.arg("--local-file").arg(folder.path().join(name)).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80");
        content(&mut man).lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("man", text("boinc_exporter.1"));
    insta::assert_snapshot!("man_scrape", text("boinc_exporter-scrape.1"));
}

/// The scripts for the shells that can be asked what they would complete; another for each.
#[test]
fn shells_complete_commands_and_flags() {
    let folder = TempDir::new().expect("a temporary folder");
    let script = |shell: &str| {
        let file = folder.path().join(format!("_boinc_exporter.{shell}"));
        fs::write(&file, content(Command::new(BINARY).args(["completions", shell]))).expect("the folder is writable");
        file.display().to_string()
    };
    let bash = format!(
        ". {}; complete_words() {{ COMP_WORDS=(boinc_exporter \"$@\"); COMP_CWORD=$#; COMPREPLY=(); \
         _boinc_exporter boinc_exporter \"${{@: -1}}\" x; printf '%s\\n' \"${{COMPREPLY[@]}}\"; }}; \
         complete_words dash; complete_words check --config.f",
        script("bash")
    );
    assert_eq!(content(Command::new("bash").args(["--norc", "-c", &bash])), "dashboards\n--config.file\n");
    let fish = format!(
        "source {}; complete -C 'boinc_exporter dash'; complete -C 'boinc_exporter check --config.f'",
        script("fish")
    );
    let said = content(Command::new("fish").args(["--private", "--no-config", "-c", &fish]).env("HOME", folder.path()));
    let words: Vec<_> = said.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(words, ["dashboards", "--config.file"], "{said}");
    // zsh completes only on a terminal; here it reads the script, and defines what it would call.
    let zsh = format!("compdef() {{ print $2 }}; source {}", script("zsh"));
    assert_eq!(content(Command::new("zsh").args(["-fc", &zsh])), "boinc_exporter\n");
}

fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|have| have == end)).collect();
    files.sort();
    files
}

fn judge(script: &str) -> Command {
    let own = root().join("target/node/node_modules/.bin/node");
    let mut node = Command::new(if own.exists() { own } else { PathBuf::from("node") });
    node.arg(root().join("target/manifests").join(script));
    node
}

#[test]
fn kubernetes_knows_the_manifests() {
    let files = files("deploy/kubernetes", "yaml");
    assert_eq!(content(judge("manifests.mjs").args(&files)), "9 manifests, 0 faults\n");
    let kustomization = fs::read_to_string(root().join("deploy/kubernetes/kustomization.yaml")).expect("it is there");
    let listed = kustomization.lines().filter_map(|line| line.strip_prefix("  - "));
    // The sidecar is another way to run the exporter.
    let names = files.iter().filter_map(|file| file.file_name()?.to_str());
    let names = names.filter(|name| !["kustomization.yaml", "sidecar.yaml"].contains(name));
    assert_eq!(listed.collect::<Vec<_>>(), names.collect::<Vec<_>>());
    for file in files {
        let text = fs::read_to_string(file).expect("it is there");
        let images = text.lines().filter_map(|line| line.trim().strip_prefix("image: boinc_exporter:"));
        images.for_each(|version| assert_eq!(version, env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn the_workflows_have_no_lint_and_pin_what_they_use() {
    let files = files(".github/workflows", "yml");
    assert_eq!(content(judge("workflows.mjs").args(&files)), "");
    let makefile = fs::read_to_string(root().join("Makefile")).expect("it is there");
    for file in files {
        let text = fs::read_to_string(&file).expect("it is there");
        for used in text.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")) {
            let (_, revision) = used.split_once('@').expect("a revision");
            let (hash, comment) = revision.split_once(' ').expect("a comment with the version");
            assert!(hash.len() == 40 && comment.starts_with("# v"), "{used}");
        }
        for target in text.lines().filter_map(|line| line.trim().strip_prefix("- run: make ")) {
            assert!(makefile.contains(&format!("\n{target}:")), "{target}");
        }
    }
}

/// Without known vulnerabilities, whose database is elsewhere: `make advisories`.
#[test]
fn dependencies_have_the_licences_and_sources_that_are_allowed() {
    let mut deny = Command::new(root().join("target/tools/bin/cargo-deny"));
    deny.args(["--offline", "--color=never", "--manifest-path"]).arg(root().join("Cargo.toml"));
    let said = content(deny.args(["check", "--deny=warnings", "bans", "licenses", "sources"]));
    assert_eq!(said, "bans ok, licenses ok, sources ok\n");
}

#[test]
fn the_scripts_have_no_lint() {
    let tracked = content(Command::new("git").args(["ls-files"]).current_dir(root()));
    let shell = |name: &&str| fs::read(root().join(name)).is_ok_and(|text| text.starts_with(b"#!/bin/sh"));
    let scripts: Vec<_> = tracked.lines().filter(shell).collect();
    assert!(scripts.contains(&".ci/tools"), "{scripts:?}");
    assert_eq!(content(Command::new("shellcheck").arg("--external-sources").current_dir(root()).args(&scripts)), "");
    let rpm = ["post_install", "post_uninstall", "pre_uninstall"].map(|script| format!("deploy/rpm/{script}"));
    assert_eq!(content(Command::new("shellcheck").arg("--shell=sh").current_dir(root()).args(rpm)), "");
}
