//! A strict reader of both text formats, small enough to be believed: it fails at whatever a parser may refuse.

use std::collections::BTreeSet;

/// Checks a text, line by line.
///
/// # Errors
/// The line, and what is wrong with it.
pub fn check(text: &str, openmetrics: bool) -> Result<(), String> {
    let body = if openmetrics { text.strip_suffix("# EOF\n").ok_or("no # EOF at the end")? } else { text };
    if !body.ends_with('\n') || body.contains("# EOF\n#") {
        return Err("lines after the end, or none".to_owned());
    }
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    let (mut family, mut kind) = (String::new(), String::new());
    for line in body.strip_suffix('\n').unwrap_or_default().split('\n') {
        let wrong = |what: &str| Err(format!("{what}: {line}"));
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (Some(keyword), Some(name), Some(rest)) = (words.next(), words.next(), words.next()) else {
                return wrong("a short comment");
            };
            if keyword == "HELP" {
                if !is_name(name) || rest.contains('\\') || !families.insert(name.to_owned()) {
                    return wrong("a family that begins twice, or badly");
                }
                name.clone_into(&mut family);
            }
            match keyword {
                "HELP" => {}
                "TYPE" if name == family => rest.clone_into(&mut kind),
                "UNIT" if name == family && openmetrics && name.ends_with(rest) => {}
                _ => return wrong("a comment of another family"),
            }
            continue;
        }
        let Some((name, labels, value)) = sample(line) else { return wrong("not a sample") };
        let suffix = name.strip_prefix(family.as_str()).unwrap_or("?");
        let right: &[&str] = match (kind.as_str(), openmetrics) {
            ("gauge", _) | ("counter", false) => &[""],
            ("counter", true) => &["_total"],
            ("histogram", _) => &["_bucket", "_sum", "_count"],
            _ => &[],
        };
        if !right.contains(&suffix) {
            return wrong("a sample outside of its family");
        }
        let number = value.parse::<f64>().ok().filter(|n| n.is_finite() && (kind == "gauge" || *n >= 0.0));
        if number.is_none() {
            return wrong("not a value of its kind");
        }
        if !series.insert((name.to_owned(), labels)) {
            return wrong("a series that comes twice");
        }
    }
    Ok(())
}

/// Name, labels in alphabetical order, value.
type Sample<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, mut rest) = line.split_at(line.find(['{', ' '])?);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"")?;
            let end = end_of_value(after)?;
            labels.push((label, &after[..end]));
            rest = &after[end + 1..];
            match rest.split_at_checked(1)? {
                (",", more) => rest = more,
                ("}", value) => {
                    rest = value;
                    break;
                }
                _ => return None,
            }
        }
    }
    labels.sort_unstable();
    let twice = labels.windows(2).any(|pair| pair[0].0 == pair[1].0);
    let named = is_name(name) && labels.iter().all(|(label, _)| is_name(label) && !label.contains(':'));
    let value = rest.strip_prefix(' ')?;
    (named && !twice && !value.contains(' ')).then_some((name, labels, value))
}

/// Where the closing quote stands. Only a backslash, a quote and `n` may be escaped, and nothing may be a control character.
fn end_of_value(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (end, '"') => return Some(end),
            (_, '\\') => drop(chars.next().filter(|(_, c)| matches!(c, '\\' | '"' | 'n'))?),
            (_, c) if c.is_control() => return None,
            _ => {}
        }
    }
}

fn is_name(name: &str) -> bool {
    let right = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    name.chars().all(right) && name.starts_with(|c: char| !c.is_ascii_digit())
}
