//! Those who look at dashboards: `dashcheck` in Python asks each query of a real Prometheus; `types.mjs` knows Grafana's own
//! types; `shoot.mjs` draws dashboards in Chromium with Grafana's panel components.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::catalogue;
use super::files::{Verdict, ask, path};

/// A time range, and how often there is a sample in it. In seconds.
#[derive(Clone, Copy)]
pub struct Range {
    pub end: u64,
    pub length: u64,
    pub scrape: u64,
}

impl Range {
    fn flags(self) -> [String; 3] {
        let Self { end, length, scrape } = self;
        [format!("--time={end}"), format!("--range={length}"), format!("--scrape={scrape}")]
    }
}

/// A Python with the parsers of `tests/judges/requirements.txt`.
fn judge_python() -> PathBuf {
    let python = path("target/judges/bin/python");
    assert!(python.exists(), "{} is missing; `make tools` installs what the tests need", python.display());
    python
}

/// Lints dashboards, and runs each of their queries.
pub fn dashcheck(dashboards: &[PathBuf], live: Option<(&str, Range)>, may_be_empty: &[&str]) -> Verdict {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (metrics, others) = (folder.path().join("metrics"), folder.path().join("others"));
    let names: Vec<_> = catalogue::names().into_iter().collect();
    fs::write(&metrics, names.join("\n")).expect("a temporary folder is writable");
    fs::write(&others, catalogue::OTHERS.join("\n")).expect("a temporary folder is writable");
    let mut command = Command::new(judge_python());
    // Without -B it would write compiled files into the source tree.
    command.arg("-B").arg(path("tests/judges/dashcheck")).args(dashboards);
    command.arg("--metrics").arg(metrics).arg("--others").arg(others);
    if let Some((url, range)) = live {
        command.args(["--prometheus", url]).args(range.flags());
    }
    for panel in may_be_empty {
        command.args(["--may-be-empty", panel]);
    }
    ask(&mut command)
}

/// Compares what two stores with the same samples answer to each query of dashboards and rules.
pub fn agrees(dashboards: &[PathBuf], rules: &[PathBuf], stores: [&str; 2], range: Range) -> Verdict {
    let mut command = Command::new(judge_python());
    command.arg("-B").arg(path("tests/judges/dashcheck")).args(dashboards);
    for file in rules {
        command.arg("--rules").arg(file);
    }
    let [first, second] = stores;
    command.args(["--prometheus", first, "--agrees", second]);
    command.args(range.flags());
    ask(&mut command)
}

/// Checks dashboards against Grafana's types.
pub fn types(dashboards: &[PathBuf]) -> Verdict {
    ask(Command::new(node()).arg(script("types.mjs")).args(dashboards))
}

/// How a dashboard is drawn.
#[derive(Default)]
pub struct Shot<'a> {
    /// Values of variables.
    pub variables: &'a [&'a str],
    pub theme: Option<&'a str>,
    /// Only so much from the top, in pixels.
    pub height: Option<u32>,
    pub picture: Option<PathBuf>,
}

/// What there is to see on a drawn dashboard.
pub struct Seen {
    pub content: bool,
    pub words: String,
    pub panels: usize,
    /// Titles of panels that show nothing.
    pub empty: BTreeSet<String>,
}

/// Draws a dashboard.
pub fn shoot(dashboard: &Path, url: &str, range: Range, shot: &Shot) -> Seen {
    let mut command = Command::new(node());
    command.arg(script("shoot.mjs")).arg(dashboard).args(["--prometheus", url]);
    let numbers = [("--from", range.end - range.length), ("--to", range.end), ("--scrape", range.scrape)];
    for (name, number) in numbers {
        command.arg(name).arg(number.to_string());
    }
    for variable in shot.variables {
        command.args(["--var", variable]);
    }
    if let Some(theme) = shot.theme {
        command.args(["--theme", theme]);
    }
    if let Some(height) = shot.height {
        command.args(["--height", &height.to_string()]);
    }
    if let Some(picture) = &shot.picture {
        command.arg("--picture").arg(picture);
    }
    let Verdict { content, words } = ask(&mut command);
    let titles = |verdict: &str| {
        let lines = words.lines().filter_map(|line| line.split_once('\t'));
        lines.filter(|(first, _)| *first == verdict).map(|(_, title)| title.to_owned()).collect::<Vec<_>>()
    };
    let (filled, empty) = (titles("ok"), titles("empty"));
    Seen { content, panels: filled.len() + empty.len(), empty: empty.into_iter().collect(), words }
}

/// The Node that `make tools` got because the computer's is too old, or else the computer's.
fn node() -> PathBuf {
    let own = path("target/node/node_modules/.bin/node");
    if own.exists() { own } else { PathBuf::from("node") }
}

/// A script of the built copy, which must be that of these sources.
fn script(name: &str) -> PathBuf {
    let (source, copy) = (path("tests/judges/dashboards"), path("target/dashboards"));
    let built = copy.join("dist/index.html").exists();
    assert!(built && same(&source, &copy), "{} is not built or old; `make tools` builds it", copy.display());
    copy.join(name)
}

/// Whether each file of a folder is the same in another.
fn same(source: &Path, copy: &Path) -> bool {
    let entries = fs::read_dir(source).expect("sources can be read");
    entries.map(|entry| entry.expect("sources can be read")).all(|entry| {
        let (ours, theirs) = (entry.path(), copy.join(entry.file_name()));
        if ours.is_dir() { same(&ours, &theirs) } else { fs::read(ours).ok() == fs::read(theirs).ok() }
    })
}
