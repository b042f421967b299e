//! In which line of the configuration file a key is. The text and the path of a key come in; a number goes out. What values mean
//! is not known here.

use std::ops::Range;

use toml_edit::{Array, ArrayOfTables, ImDocument, Item, TableLike, Value};

/// The line of the key at the end of this path, counted from 1. If the key is missing, the line of its table.
pub fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let document = ImDocument::parse(text).ok()?;
    let mut place = Place::Table(document.as_table());
    let mut start = None;
    for part in path {
        // `projects = […]` is short for `projects.list = […]`.
        if part == "list" && matches!(place, Place::List(_)) {
            continue;
        }
        let Some((span, inner)) = place.enter(part) else { break };
        // A table that exists only by the names of others is nowhere.
        start = span.map(|span| span.start).or(start);
        place = inner;
    }
    Some(text.get(..start?)?.matches('\n').count() + 1)
}

/// What has parts, or has none.
enum Place<'a> {
    Table(&'a dyn TableLike),
    Tables(&'a ArrayOfTables),
    List(&'a Array),
    Leaf,
}

impl<'a> Place<'a> {
    fn of_item(item: &'a Item) -> Self {
        match item {
            Item::Table(table) => Self::Table(table),
            Item::ArrayOfTables(tables) => Self::Tables(tables),
            Item::Value(value) => Self::of_value(value),
            Item::None => Self::Leaf,
        }
    }

    fn of_value(value: &'a Value) -> Self {
        match value {
            Value::InlineTable(table) => Self::Table(table),
            Value::Array(list) => Self::List(list),
            _ => Self::Leaf,
        }
    }

    /// Where a part is, and the part.
    fn enter(&self, part: &str) -> Option<(Option<Range<usize>>, Self)> {
        match self {
            Self::Table(table) => table.get_key_value(part).map(|(key, item)| (key.span(), Self::of_item(item))),
            Self::Tables(tables) => tables.get(part.parse().ok()?).map(|table| (table.span(), Self::Table(table))),
            Self::List(list) => list.get(part.parse().ok()?).map(|value| (value.span(), Self::of_value(value))),
            Self::Leaf => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
scrape.timeout = \"10s\"

[scrape.intervals]
state = \"5m\"

[web]
listen_address = [
    \":1\",
    \":2\",
]
[[clients]]
address = \"attic\"
labels = { room = \"attic\" }
[[clients]]
name = \"cellar\"
[clients.labels]
room = \"cellar\"
";

    #[test]
    fn keys_and_tables() {
        for (path, line) in [
            ("scrape.timeout", Some(1)),
            ("scrape.intervals.state", Some(4)),
            ("scrape.intervals.missing", Some(3)),
            ("web.missing", Some(6)),
            ("web.listen_address.1", Some(9)),
            ("clients", Some(11)),
            ("clients.0.labels.room", Some(13)),
            ("clients.1", Some(14)),
            ("clients.1.name", Some(15)),
            ("clients.1.address", Some(14)),
            ("clients.1.labels.room", Some(17)),
            ("missing", None),
        ] {
            let path: Vec<_> = path.split('.').map(str::to_owned).collect();
            assert_eq!(line_of(TEXT, &path), line, "{path:?}");
        }
        assert_eq!(line_of("= no TOML", &["web".to_owned()]), None);
    }
}
