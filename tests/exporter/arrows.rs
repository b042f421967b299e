//! Uses go one way. `src/lib.rs` draws the rows of the crate's modules; inside each module no two parts use each other,
//! directly or through others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// `["client", "poll"]`, say.
type Module = Vec<String>;

/// Which part of a module uses which other part of it, and where.
type Uses = BTreeMap<String, BTreeMap<String, String>>;

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The modules that a file of this module names: each path that begins with `crate` or `super`, tests and comments aside.
fn named(text: &str, module: &Module) -> Vec<Module> {
    let mut modules = Vec::new();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    for (start, root) in [("crate::", Module::new()), ("super::", module[..module.len().max(1) - 1].to_vec())] {
        for (at, _) in code.match_indices(start) {
            let starts_here = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if starts_here {
                expand(&code[at + start.len()..], &root, &mut modules);
            }
        }
    }
    modules
}

/// `a::{b, c::d}` becomes `a::b` and `a::c::d`; names of items stand at the end like names of modules.
fn expand(path: &str, root: &Module, paths: &mut Vec<Module>) {
    if let Some(list) = path.strip_prefix('{') {
        let mut depth = 0;
        let mut part = 0;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    expand(list[part..at].trim(), root, paths);
                    part = at + 1;
                    if c == '}' {
                        return;
                    }
                }
                _ => {}
            }
        }
        return;
    }
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
    let longer: Module = root.iter().cloned().chain([path[..end].to_owned()]).collect();
    match path[end..].strip_prefix("::") {
        Some(rest) => expand(rest, &longer, paths),
        None => paths.push(longer),
    }
}

/// By module: which of its parts use which others.
fn uses(source: &Path) -> BTreeMap<Module, Uses> {
    let mut files = Vec::new();
    sources(source, &mut files);
    let module_of = |file: &Path| -> Module {
        let inside = file.strip_prefix(source).expect("it lies there").with_extension("");
        let parts = inside.iter().map(|part| part.to_string_lossy().into_owned());
        parts.filter(|part| part != "lib" && part != "main").collect()
    };
    let all: BTreeSet<Module> = files.iter().map(|file| module_of(file)).collect();
    let mut uses: BTreeMap<Module, Uses> = BTreeMap::new();
    for file in &files {
        let module = module_of(file);
        let text = fs::read_to_string(file).expect("sources can be read");
        for mut other in named(&text, &module) {
            while !all.contains(&other) && other.pop().is_some() {}
            let common = module.iter().zip(&other).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to)) = (module.get(common), other.get(common)) {
                let of_parent = uses.entry(module[..common].to_vec()).or_default();
                of_parent.entry(from.clone()).or_default().insert(to.clone(), file.display().to_string());
            }
        }
    }
    uses
}

/// A way from a part back to itself.
fn ring(uses: &Uses) -> Option<Vec<String>> {
    fn walk(uses: &Uses, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let here = way.last().expect("it has a start").clone();
        for next in uses.get(&here).into_iter().flat_map(|uses| uses.keys()) {
            if let Some(at) = way.iter().position(|seen| seen == next) {
                way.drain(..at);
                way.push(next.clone());
                return true;
            }
            if !done.contains(next) {
                way.push(next.clone());
                if walk(uses, way, done) {
                    return true;
                }
                way.pop();
            }
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|start| {
        let mut way = vec![start.clone()];
        (!done.contains(start) && walk(uses, &mut way, &mut done)).then_some(way)
    })
}

/// The row of each module in the table of `lib.rs`.
fn rows(lib: &str) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    for line in lib.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let mut cells = line.split(" | ");
        let (Some(Ok(row)), Some(modules)) = (cells.next().map(str::parse::<usize>), cells.next()) else { continue };
        rows.extend(modules.split(", ").map(|module| (module.trim_matches(['[', ']', '`']).to_owned(), row)));
    }
    rows
}

/// What is wrong with the uses in this folder, as sentences.
fn faults(source: &Path) -> Vec<String> {
    let rows = rows(&fs::read_to_string(source.join("lib.rs")).expect("it can be read"));
    let mut faults = Vec::new();
    for (module, uses) in uses(source) {
        if let Some(ring) = ring(&uses) {
            let path = |part: &String| module.iter().chain([part]).cloned().collect::<Vec<_>>().join("::");
            faults.push(format!("These use each other: {}.", ring.iter().map(path).collect::<Vec<_>>().join(" -> ")));
        }
        if !module.is_empty() {
            continue;
        }
        for (from, others) in uses {
            for (to, file) in others {
                match (rows.get(&from), rows.get(&to)) {
                    (Some(above), Some(below)) if above < below => {}
                    (Some(_), Some(_)) => faults.push(format!("{file}: `{from}` uses `{to}`, which is not below it.")),
                    _ => faults.push(format!("{file}: `{from}` or `{to}` has no row in src/lib.rs.")),
                }
            }
        }
    }
    faults
}

#[test]
fn uses_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let found = faults(&source);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_use_that_goes_up_is_found() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("it has one")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    };
    write("lib.rs", "//! | 1 | [`http`] | pages |\n//! | 2 | [`client`], [`log`] | the rest |\n");
    write("http.rs", "use crate::client::{poll::{self, Poll}, Client};\n");
    write("client.rs", "// use crate::http;\nmod poll;\nmod snapshot;\n");
    write("client/poll.rs", "use super::snapshot::Snapshot;\n");
    write("client/snapshot.rs", "pub struct Snapshot;\n#[cfg(test)]\nmod tests {\n    use crate::http;\n}\n");
    write("log.rs", "");
    assert_eq!(faults(folder.path()), [""; 0]);
    write("client/snapshot.rs", "use crate::client::poll;\nfn f() { crate::http::f() }\n");
    write("log.rs", "use crate::words;\nuse crate::client::Client;\n");
    write("words.rs", "");
    let place = folder.path().display().to_string();
    let found: Vec<_> = faults(folder.path()).iter().map(|fault| fault.replace(&place, "src")).collect();
    assert_eq!(
        found,
        [
            "These use each other: client -> http -> client.",
            "src/client/snapshot.rs: `client` uses `http`, which is not below it.",
            "src/log.rs: `log` uses `client`, which is not below it.",
            "src/log.rs: `log` or `words` has no row in src/lib.rs.",
            "These use each other: client::poll -> client::snapshot -> client::poll.",
        ]
    );
}
