//! The runbooks: what each alert means and what to do, for people who follow the link of an alert. The text is that of
//! `docs/runbooks.md`, made into HTML when the program is built; the anchor of an alert is its name in lower case.

use super::html;
use crate::self_metrics;

/// The page.
pub fn page() -> String {
    let runbooks = include_str!(concat!(env!("OUT_DIR"), "/runbooks.html"));
    let version = html::escape(self_metrics::VERSION);
    html::fill(include_str!("runbooks.html"), &[("version", &version), ("runbooks", runbooks)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alert_has_its_place() {
        let alerts = include_str!("../../dashboards/rules/alerts.yaml");
        let names: Vec<_> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
        assert!(names.len() > 40, "{names:?}");
        let page = page();
        for name in names.iter().map(|name| name.trim_matches('"')) {
            let heading = format!("<h2 id=\"{}\">{name}</h2>", name.to_lowercase());
            assert_eq!(page.matches(&heading).count(), 1, "{heading}");
        }
    }

    #[test]
    fn links_lead_somewhere() {
        let page = page();
        let links: Vec<_> = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for link in links {
            let there = match link.strip_prefix('#') {
                Some(anchor) => page.contains(&format!("id=\"{anchor}\"")),
                None => ["./", "data:,"].contains(&link),
            };
            assert!(there, "{link}");
        }
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let page = page();
        for word in ["<script", "src=", "@import", "url(", "{{version", "{{runbooks"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}
