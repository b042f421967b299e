//! How deep settings are nested. What reads them calls itself for each level, and would run out of stack.

use std::thread;

use toml_edit::{ImDocument, Item, Value};

/// Deeper than any setting is.
pub const MAX_DEPTH: usize = 16;

/// Enough for what the TOML parser itself allows: eighty levels of keys with eighty parts each.
const STACK_BYTES: usize = 256 << 20;

/// How many brackets are open at a time in the value of a variable, at most. Those in texts are counted too.
pub fn brackets(value: &str) -> usize {
    let mut open = 0_usize;
    let depths = value.bytes().map(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    depths.max().unwrap_or_default()
}

/// Whether a file is nested too deep. One that is no TOML is not: that is found later.
pub fn is_too_deep(text: &str) -> bool {
    thread::scope(|scope| {
        let measure = || ImDocument::parse(text).is_ok_and(|document| of_item(document.as_item()) > MAX_DEPTH);
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, measure);
        thread.is_ok_and(|thread| thread.join().unwrap_or(true))
    })
}

fn of_item(item: &Item) -> usize {
    let inner = match item {
        Item::Table(table) => table.iter().map(|(_, item)| of_item(item)).max(),
        Item::ArrayOfTables(tables) => {
            tables.iter().flat_map(|table| table.iter().map(|(_, item)| of_item(item))).max()
        }
        Item::Value(value) => return of_value(value),
        Item::None => None,
    };
    1 + inner.unwrap_or_default()
}

fn of_value(value: &Value) -> usize {
    let inner = match value {
        Value::InlineTable(table) => table.iter().map(|(_, value)| of_value(value)).max(),
        Value::Array(list) => list.iter().map(of_value).max(),
        _ => None,
    };
    1 + inner.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_too_deep_is_found() {
        assert!(!is_too_deep("[scrape.intervals]\nstate = \"1m\"\n[[clients]]\nlabels = { a = \"b\" }\n"));
        assert!(!is_too_deep("no TOML"));
        let keys = |parts: usize| vec!["a"; parts].join(".");
        assert!(is_too_deep(&format!("{} = 1", keys(20))));
        assert!(is_too_deep(&format!("[{}]", keys(20))));
        let levels = 70;
        let deepest = (0..levels).map(|_| format!("{} = {{", keys(79))).collect::<String>();
        assert!(is_too_deep(&format!("{deepest}b = 1{}", "}".repeat(levels))));
        assert_eq!((brackets("[[a], {b=[1]}]"), brackets("]["), brackets("")), (3, 1, 0));
    }
}
