//! Where a client's data directory is, and why it cannot be read. A configured path, or the usual ones, come in; a folder goes
//! out. It does not know what is in it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::platform::folder::{Folder, Unreadable};
use crate::platform::remedy;

/// The place of a data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// The client is on another computer, or its directory is not to be read.
    #[default]
    None,
    /// It is configured.
    Named(PathBuf),
    /// It is the first of these that is one, if any is.
    FirstOf(Vec<PathBuf>),
}

/// Why a directory cannot be read: a sentence that names it and says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(pub String);

/// An open directory, and where it is.
#[derive(Debug)]
pub struct Opened {
    /// Its path.
    pub path: PathBuf,
    /// The folder.
    pub folder: Folder,
    /// Its `slots`; `None` if the client has not made it yet.
    pub slots: Option<Folder>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Named(path) => path.display().fmt(f),
            Self::FirstOf(paths) => {
                let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
                f.write_str(&paths.join(", "))
            }
        }
    }
}

impl Place {
    /// Opens it; `None` if there is none at the usual places.
    ///
    /// # Errors
    /// It is there and cannot be read, or it is configured and not there.
    pub fn open(&self) -> Result<Option<Opened>, Problem> {
        match self {
            Self::None => Ok(None),
            Self::Named(path) => open(path).map(Some),
            Self::FirstOf(paths) => {
                let is_one = |path: &&PathBuf| Folder::open(path).is_ok_and(|folder| is_data_directory(&folder));
                paths.iter().find(is_one).map(|path| open(path)).transpose()
            }
        }
    }

    /// Whether a problem with it is to be told: somebody wants it to be read.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        matches!(self, Self::Named(_))
    }
}

/// The client makes the first when it starts, and the second soon.
fn is_data_directory(folder: &Folder) -> bool {
    ["slots", "client_state.xml", "client_state_prev.xml"].into_iter().any(|name| folder.has(name))
}

fn open(path: &Path) -> Result<Opened, Problem> {
    let folder = Folder::open(path).map_err(|problem| sentence(path, &problem))?;
    if !is_data_directory(&folder) {
        return Err(Problem(format!(
            "the data directory {} holds neither slots nor client_state.xml: name the directory in which the client runs",
            path.display()
        )));
    }
    let slots = match folder.folder("slots") {
        Ok(slots) => Some(slots),
        Err(Unreadable::Absent) => None,
        Err(problem) => return Err(sentence(&path.join("slots"), &problem)),
    };
    Ok(Opened { path: path.to_owned(), folder, slots })
}

fn sentence(path: &Path, problem: &Unreadable) -> Problem {
    let shown = path.display();
    Problem(match problem {
        Unreadable::Absent => {
            format!("the data directory {shown} does not exist: name the directory in which the client runs")
        }
        Unreadable::Denied => format!("the exporter's user may not enter the data directory {shown}: {}", remedy(path)),
        Unreadable::NotRegular => format!("the data directory {shown} is a link, which is not followed"),
        Unreadable::Io(error) => format!("the data directory {shown} cannot be read: {error}"),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn problems_name_the_directory_and_what_to_do() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("boinc");
        let problem = |place_: &Place| {
            let problem = place_.open().map(|opened| opened.map(|opened| opened.path)).map_err(|problem| problem.0);
            format!("{problem:?}").replace(&place.path().display().to_string(), "DIR")
        };
        let (named, found) = (Place::Named(folder.clone()), Place::FirstOf(vec!["/nowhere".into(), folder.clone()]));
        insta::assert_snapshot!(problem(&named), @r#"Err("the data directory DIR/boinc does not exist: name the directory in which the client runs")"#);
        assert_eq!((problem(&found), problem(&Place::None)), ("Ok(None)".to_owned(), "Ok(None)".to_owned()));
        fs::create_dir(&folder).unwrap();
        insta::assert_snapshot!(problem(&named), @r#"Err("the data directory DIR/boinc holds neither slots nor client_state.xml: name the directory in which the client runs")"#);
        assert_eq!(problem(&found), "Ok(None)");
        fs::write(folder.join("client_state.xml"), "").unwrap();
        std::os::unix::fs::symlink("/", folder.join("slots")).unwrap();
        assert!(
            problem(&named).starts_with("Err(\"the data directory DIR/boinc/slots cannot be read:"),
            "{}",
            problem(&named)
        );
        fs::remove_file(folder.join("slots")).unwrap();
        assert_eq!(
            (problem(&named), problem(&found)),
            (r#"Ok(Some("DIR/boinc"))"#.to_owned(), r#"Ok(Some("DIR/boinc"))"#.to_owned())
        );
    }
}
