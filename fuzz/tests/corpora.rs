//! Every target holds for its corpora: recordings, the tests' good and bad files, and what once was found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use boinc_exporter_fuzz::{CORPORA, TARGETS};

/// All files at a path.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| files(path)).collect()
}

/// One at a time: some measure the processor time of the process.
static ONE: Mutex<()> = Mutex::new(());

fn run(name: &str) {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, run) = TARGETS.into_iter().find(|(known, _)| *known == name).expect("a target");
    let exporter = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the exporter's folder");
    let line = CORPORA.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).expect("each has a corpus");
    let inputs: Vec<_> = line.split(' ').flat_map(|corpus| files(&exporter.join(corpus))).collect();
    assert!(!inputs.is_empty(), "{name} has no corpus");
    for input in inputs {
        println!("{}", input.display());
        run(&fs::read(&input).expect("it can be read"));
    }
}

macro_rules! each {
    ($($name:ident)+) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })+

        #[test]
        fn none_is_left_out() {
            assert_eq!(TARGETS.map(|(name, _)| name), [$(stringify!($name)),+]);
        }
    };
}
each!(reply stream login polls config web_config computers accept data_directory pages decimal);
