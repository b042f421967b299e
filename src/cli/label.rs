//! Labels on the command line.

/// Name and value of a label.
pub type Label = (String, String);

/// Labels that the samples already have.
const TAKEN: [&str; 7] = ["client", "project", "project_url", "scope", "direction", "le", "quantile"];

/// Whether Prometheus takes this as the name of a label.
pub fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(plain)
}

/// A label on the command line: `NAME=VALUE`.
///
/// # Errors
/// The end of a sentence that starts with the flag.
pub fn parse_label(text: &str) -> Result<Label, String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE, such as instance=localhost:31415")?;
    if !is_name(name) {
        return Err(format!(
            "names `{name}`, but a label name may only contain letters, digits and _, and must not start with a digit"
        ));
    }
    if TAKEN.contains(&name) || name.starts_with("__") {
        return Err(format!("names `{name}`, which the samples already have or Prometheus reserves"));
    }
    Ok((name.to_owned(), value.to_owned()))
}
