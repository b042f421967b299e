//! Passes build information to the program, for `--version` and `boinc_exporter_build_info`: the revision, the compiler and the
//! target. The same sources and compiler always give the same three values. Also makes what the program has inside and people
//! write otherwise: the page of runbooks from Markdown, and the templates of dashboards and rules, compressed to a twentieth.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

const RUNBOOKS: &str = "docs/runbooks.md";
const TEMPLATES: &str = "src/jobs/dashboards/templates";

fn main() {
    for path in ["build.rs", "Cargo.toml", "src", RUNBOOKS] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed=BOINC_EXPORTER_REVISION");
    let rustc = env::var("RUSTC").ok().and_then(|rustc| output(Command::new(rustc).arg("--version")));
    set("BOINC_EXPORTER_REVISION", revision().as_deref());
    set("BOINC_EXPORTER_RUSTC", rustc.as_deref());
    set("BOINC_EXPORTER_TARGET", env::var("TARGET").ok().as_deref());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("runbooks.html"), runbooks()).expect("OUT_DIR is writable");
    fs::write(out.join("templates.rs"), templates(&out)).expect("OUT_DIR is writable");
}

/// The runbooks as HTML. Each heading has its own text in lower case as its anchor, as on GitHub: the name of an alert.
fn runbooks() -> String {
    let text = fs::read_to_string(RUNBOOKS).expect("the runbooks are among the sources");
    let mut events: Vec<_> = Parser::new_ext(&text, Options::ENABLE_TABLES).collect();
    for at in 1..events.len() {
        let Event::Text(name) = &events[at] else { continue };
        let anchor = CowStr::from(name.to_lowercase());
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at - 1] {
            *id = Some(anchor);
        }
    }
    // The page has its own title.
    let title =
        events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_)))).map_or(0, |end| end + 1);
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter().skip(title));
    page
}

/// An expression: the names of all templates, and their compressed content.
fn templates(out: &Path) -> String {
    let mut names: Vec<_> = ["", "rules/"].into_iter().flat_map(files).collect();
    names.sort();
    let item = |name: &String| {
        let text = fs::read(Path::new(TEMPLATES).join(name)).expect("templates are among the sources");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&text).expect("memory takes all");
        let file = format!("{}.gz", name.replace('/', "_"));
        fs::write(out.join(&file), encoder.finish().expect("memory takes all")).expect("OUT_DIR is writable");
        format!("({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\")).as_slice()),\n")
    };
    format!("&[\n{}]\n", names.iter().map(item).collect::<String>())
}

/// The files in a folder of templates, by their paths below all of these.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(TEMPLATES).join(folder)).expect("templates are among the sources");
    let files = entries.map(|entry| entry.expect("they can be listed")).filter(|entry| entry.path().is_file());
    files.map(|entry| format!("{folder}{}", entry.file_name().display())).collect()
}

/// The revision from the environment (a container image is built without the repository), otherwise from git.
fn revision() -> Option<String> {
    if let Some(given) = env::var("BOINC_EXPORTER_REVISION").ok().filter(|given| !given.is_empty()) {
        return Some(given);
    }
    // Sources unpacked inside another repository must not use its revision.
    if !Path::new(".git").exists() {
        return None;
    }
    for name in ["HEAD", "index", "refs", "packed-refs"] {
        let path = output(Command::new("git").args(["rev-parse", "--git-path", name]));
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let revision = output(Command::new("git").args(["describe", "--always", "--tags"]))?;
    // `describe --dirty` would write the index of a fresh clone, which would run this script, and a whole build, once more. `status`
    // does not, without optional locks.
    let status = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"];
    let is_dirty = output(Command::new("git").args(status)).is_some();
    Some(if is_dirty { format!("{revision}-dirty") } else { revision })
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn set(name: &str, value: Option<&str>) {
    println!("cargo:rustc-env={name}={}", value.unwrap_or("unknown"));
}
