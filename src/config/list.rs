//! The lists of tables in the configuration: clients and projects. The path of a key comes in; which entry of which list it is
//! part of goes out. What the keys mean is not known here.

/// A list of tables.
#[derive(Debug, PartialEq, Eq)]
pub struct List {
    /// As it is written in the file, between two brackets.
    pub table: &'static str,
    /// The way to it.
    pub path: &'static [&'static str],
    /// What one entry is.
    pub noun: &'static str,
    /// The key that every entry has.
    pub id: &'static str,
    /// That key, in a sentence.
    pub needs: &'static str,
}

/// `[[clients]]`.
pub const CLIENTS: List =
    List { table: "clients", path: &["clients"], noun: "client", id: "address", needs: "an address" };

/// `[[projects]]`, which is short for `[[projects.list]]`.
pub const PROJECTS: List =
    List { table: "projects", path: &["projects", "list"], noun: "project", id: "url", needs: "a URL" };

/// Part of an entry.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The list.
    pub list: &'static List,
    /// Its number, from 0.
    pub index: usize,
    /// The way within the entry.
    pub rest: &'a [String],
}

impl<'a> Entry<'a> {
    /// The entry that a path leads into.
    pub fn of(path: &'a [String]) -> Option<Self> {
        [&CLIENTS, &PROJECTS].into_iter().find_map(|list| {
            let (start, inside) = path.split_at_checked(list.path.len())?;
            let (index, rest) = inside.split_first()?;
            let index = index.parse().ok()?;
            (start == list.path).then_some(Self { list, index, rest })
        })
    }
}

impl List {
    /// The path of a key of an entry.
    pub fn path_of(&self, index: usize, key: Option<&str>) -> Vec<String> {
        let start = self.path.iter().map(|part| (*part).to_owned());
        start.chain([index.to_string()]).chain(key.map(str::to_owned)).collect()
    }
}
