//! Content negotiation. An `Accept` header (RFC 9110, section 12.5.1) comes in; the format to send goes out. It does
//! not know how formats are written.

use super::Format;

/// How specifically a media range names a format; the most specific one takes precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    /// `*/*`
    Any,
    /// `text/*`
    AnySubtype,
    /// `text/plain`
    Exact,
}

/// What a header says about one format: nothing, or the specificity and quality (0, not acceptable, to 1000) of its
/// media range.
type Preference = Option<(Specificity, u16)>;

/// Chooses the format that the header prefers, and text, which all scrapers support, if it expresses no usable
/// preference.
#[must_use]
pub fn negotiate(accept: Option<&str>) -> Format {
    let (mut openmetrics, mut text): (Preference, Preference) = (None, None);
    for range in accept.unwrap_or_default().split(',').filter_map(MediaRange::parse) {
        // The most specific range takes precedence, and among equally specific ones the highest quality.
        openmetrics = openmetrics.max(range.preference_for("application", "openmetrics-text", &["1.0.0", "0.0.1"]));
        text = text.max(range.preference_for("text", "plain", &["0.0.4"]));
    }
    match (openmetrics, text) {
        (None | Some((_, 0)), _) => Format::Text,
        (Some(_), None) => Format::OpenMetrics,
        (Some((specificity, quality)), Some((text_specificity, text_quality))) => {
            // At equal quality, a format that is named wins over one matched by a wildcard. If both are named,
            // OpenMetrics wins; if neither is, text does: `*/*` is a person with curl.
            let named = specificity > text_specificity || specificity == Specificity::Exact;
            if quality > text_quality || (quality == text_quality && named) {
                Format::OpenMetrics
            } else {
                Format::Text
            }
        }
    }
}

/// One media range of the header, such as `text/plain;version=0.0.4;q=0.3`.
struct MediaRange<'a> {
    main_type: &'a str,
    subtype: &'a str,
    version: Option<&'a str>,
    quality: u16,
}

impl<'a> MediaRange<'a> {
    /// Parses a media range. `None` if it is malformed: then it expresses no preference.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main_type, subtype) = parts.next()?.split_once('/')?;
        let mut range = Self { main_type, subtype, version: None, quality: 1000 };
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let (key, value) = (key.trim(), value.trim().trim_matches('"'));
            if key.eq_ignore_ascii_case("q") {
                range.quality = thousandths(value)?;
            } else if key.eq_ignore_ascii_case("version") {
                range.version = Some(value);
            }
        }
        Some(range)
    }

    /// Its preference for the type `main_type/subtype` in one of these versions.
    fn preference_for(&self, main_type: &str, subtype: &str, versions: &[&str]) -> Preference {
        Some((self.matches(main_type, subtype, versions)?, self.quality))
    }

    /// Whether it matches that type, and how specifically.
    fn matches(&self, main_type: &str, subtype: &str, versions: &[&str]) -> Option<Specificity> {
        if self.main_type == "*" && self.subtype == "*" {
            return Some(Specificity::Any);
        }
        if !self.main_type.eq_ignore_ascii_case(main_type) {
            return None;
        }
        if self.subtype == "*" {
            return Some(Specificity::AnySubtype);
        }
        let version = self.version.is_none_or(|version| versions.contains(&version));
        (version && self.subtype.eq_ignore_ascii_case(subtype)).then_some(Specificity::Exact)
    }
}

/// Parses a quality value: 0 to 1 with up to three decimals. Rounded up, so that only 0 becomes 0.
fn thousandths(text: &str) -> Option<u16> {
    let quality: f32 = text.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
    Some((quality * 1000.0).ceil() as u16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Prometheus 3 sends by default.
    const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const FIREFOX: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    #[test]
    fn openmetrics_is_chosen_where_it_is_preferred() {
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
