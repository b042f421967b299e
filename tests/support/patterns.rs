//! The published tables of what is left out. The library's own tests read this file too.

/// The patterns of a table: one or more a row, in backquotes, `*` for one element and `**` for all below.
pub fn listed(table: &str) -> Vec<&str> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.flat_map(|row| {
        let (elements, reason) = row.split_once(" | ").expect("a row has a reason");
        assert!(reason.len() > 10, "a reason is a reason: {row}");
        elements.split(", ").map(|element| element.trim_matches('`'))
    })
    .collect()
}

/// Whether a pattern means an element.
pub fn matches(pattern: &str, path: &str) -> bool {
    let mut names = path.split('/');
    for wanted in pattern.split('/') {
        match (wanted, names.next()) {
            ("**", Some(_)) => return true,
            ("*", Some(_)) => {}
            (wanted, name) if name == Some(wanted) => {}
            _ => return false,
        }
    }
    names.next().is_none()
}
