//! Which format an `Accept` header asks for (RFC 9110, section 12.5.1).

use super::Format;

/// How precisely an element of the header names a format; the most precise one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// `*/*`
    Any,
    /// `text/*`
    Family,
    /// `text/plain`
    Exact,
}

/// What a header says of one format: nothing, or how precisely it is named and how gladly taken, from 0, not at all, to
/// 1000.
type Wish = Option<(Precision, u16)>;

/// Chooses the format that the header wants most; text, which everybody reads, when it says nothing that helps.
#[must_use]
pub fn negotiate(accept: Option<&str>) -> Format {
    let (mut openmetrics, mut text): (Wish, Wish) = (None, None);
    for element in accept.unwrap_or_default().split(',').filter_map(Element::parse) {
        // The most precise element counts, and of equally precise ones the gladdest.
        openmetrics = openmetrics.max(element.wish_for("application", "openmetrics-text", &["1.0.0", "0.0.1"]));
        text = text.max(element.wish_for("text", "plain", &["0.0.4"]));
    }
    match (openmetrics, text) {
        (None | Some((_, 0)), _) => Format::Text,
        (Some(_), None) => Format::OpenMetrics,
        (Some((precision, quality)), Some((text_precision, text_quality))) => {
            // At the same quality the one that is named rather than matched by a wildcard wins, else OpenMetrics if it
            // is named, else text: `*/*` is a person with curl.
            let named = precision > text_precision || precision == Precision::Exact;
            if quality > text_quality || (quality == text_quality && named) {
                Format::OpenMetrics
            } else {
                Format::Text
            }
        }
    }
}

/// One element of the header, such as `text/plain;version=0.0.4;q=0.3`.
struct Element<'a> {
    family: &'a str,
    name: &'a str,
    version: Option<&'a str>,
    quality: u16,
}

impl<'a> Element<'a> {
    /// `None` for what cannot be read: it says nothing about what is wanted.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (family, name) = parts.next()?.split_once('/')?;
        let mut element = Self { family, name, version: None, quality: 1000 };
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let (key, value) = (key.trim(), value.trim().trim_matches('"'));
            if key.eq_ignore_ascii_case("q") {
                element.quality = thousandths(value)?;
            } else if key.eq_ignore_ascii_case("version") {
                element.version = Some(value);
            }
        }
        Some(element)
    }

    /// What it says of the type `family/name` in one of these versions.
    fn wish_for(&self, family: &str, name: &str, versions: &[&str]) -> Wish {
        Some((self.names(family, name, versions)?, self.quality))
    }

    /// Whether and how precisely it means that type.
    fn names(&self, family: &str, name: &str, versions: &[&str]) -> Option<Precision> {
        if self.family == "*" && self.name == "*" {
            return Some(Precision::Any);
        }
        if !self.family.eq_ignore_ascii_case(family) {
            return None;
        }
        if self.name == "*" {
            return Some(Precision::Family);
        }
        let version = self.version.is_none_or(|version| versions.contains(&version));
        (version && self.name.eq_ignore_ascii_case(name)).then_some(Precision::Exact)
    }
}

/// Reads a quality: 0 to 1 with up to three decimals. Rounded up, so that only 0 is 0.
fn thousandths(text: &str) -> Option<u16> {
    let quality: f32 = text.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
    Some((quality * 1000.0).ceil() as u16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Prometheus 3 sends when nothing is configured.
    const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const FIREFOX: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    #[test]
    fn openmetrics_is_chosen_where_it_is_wanted_most() {
        for accept in [
            PROMETHEUS,
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text",
            "Application/OpenMetrics-Text; Version=\"1.0.0\"",
            "application/openmetrics-text, */*",
            "text/plain, application/openmetrics-text",
            "text/plain;q=0.2, application/openmetrics-text;q=0.3",
            "text/plain;q=0, */*;q=0.1",
            "application/*",
            "garbage,,;;q=,application/openmetrics-text",
        ] {
            assert_eq!(negotiate(Some(accept)), Format::OpenMetrics, "{accept}");
        }
    }

    #[test]
    fn text_is_chosen_otherwise() {
        assert_eq!(negotiate(None), Format::Text);
        for accept in [
            "",
            "*/*",
            FIREFOX,
            "text/plain",
            "text/plain;version=0.0.4",
            "text/*",
            "application/openmetrics-text;version=2.0.0, text/plain;q=0.1",
            "application/openmetrics-text;q=0.3, text/plain;q=0.5",
            "application/openmetrics-text;q=0, */*",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=0, text/plain;q=0",
            "application/openmetrics-text;q=2",
            "application/openmetrics-text;q=-1",
            "application/openmetrics-text;q=nan",
            "application/*, text/*",
            "application/json",
            "openmetrics",
            "/;=,\u{1f980}/*;q",
        ] {
            assert_eq!(negotiate(Some(accept)), Format::Text, "{accept}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read(accept in r"([a-z*]{0,3}[/;,=. ]|q=[0-9.]{0,3}|version=|openmetrics-text|application|text|plain|\PC){0,20}") {
            let format = negotiate(Some(&accept));
            prop_assert!(format == Format::Text || accept.contains("application") || accept.contains('*'));
        }
    }
}
