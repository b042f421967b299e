//! From `OpenMetrics` to text 0.0.4. The two differ in the lines that begin with `#` alone: samples are copied as they
//! are, in runs, for a large fleet makes tens of megabytes of them.

use memchr::memmem;

/// Rewrites `OpenMetrics` text as text 0.0.4.
///
/// Text 0.0.4 has neither `# UNIT` nor `# EOF`, names a family by its samples (`x_total`, where `OpenMetrics` says
/// `x`), and says `untyped` for `unknown`. Exemplars and timestamps of creation, which it does not have either, must not
/// occur.
#[must_use]
pub fn from_openmetrics(openmetrics: &str) -> String {
    // Line feeds inside of label values are escaped, so that this finds the ends of runs of samples and nothing else.
    let descriptor = memmem::Finder::new("\n#");
    // Names of counters grow by `_total`, in two lines each; `# UNIT` and `# EOF` make up for it in most cases.
    let mut text = String::with_capacity(openmetrics.len());
    // The name and text of a `# HELP`, held until `# TYPE` says what the samples are called.
    let mut help = None;
    let mut rest = openmetrics;
    while !rest.is_empty() {
        if rest.starts_with('#') {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            rewrite(line, &mut help, &mut text);
            rest = after;
        } else {
            let end = descriptor.find(rest.as_bytes()).map_or(rest.len(), |line_feed| line_feed + 1);
            text.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    text
}

/// Rewrites one line that begins with `#`.
fn rewrite<'a>(line: &'a str, help: &mut Option<(&'a str, &'a str)>, text: &mut String) {
    if let Some(named) = line.strip_prefix("# HELP ") {
        *help = Some(named.split_once(' ').unwrap_or((named, "")));
    } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' ')) {
        let (suffix, kind) = match kind {
            "counter" => ("_total", kind),
            "info" => ("_info", "gauge"),
            "stateset" => ("", "gauge"),
            "unknown" => ("", "untyped"),
            _ => ("", kind),
        };
        if let Some((_, help)) = help.take().filter(|(helped, _)| *helped == name) {
            text.extend(["# HELP ", name, suffix, " ", help, "\n"]);
        }
        text.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::counter::ConstCounter;
    use prometheus_client::metrics::family::Family;
    use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
    use prometheus_client::metrics::histogram::Histogram;
    use prometheus_client::metrics::info::Info;
    use prometheus_client::registry::{Registry, Unit};
    use proptest::prelude::*;

    use super::*;

    fn openmetrics(registry: &Registry) -> String {
        let mut text = String::new();
        encode(&mut text, registry).unwrap();
        text
    }

    #[test]
    fn every_kind_of_metric() {
        let mut registry = Registry::default();
        registry.register_with_unit("boinc_cpu", "CPU time", Unit::Seconds, ConstCounter::new(1.5));
        registry.register("boinc_up", "Whether it answers", ConstGauge::new(1));
        registry.register("boinc_build", "Build", Info::new([("version", "1.0")]));
        let histogram = Histogram::new([1.0, 2.0]);
        histogram.observe(1.5);
        registry.register_with_unit("boinc_run", "Run time", Unit::Seconds, histogram);
        assert_eq!(
            from_openmetrics(&openmetrics(&registry)),
            "\
# HELP boinc_cpu_seconds_total CPU time.
# TYPE boinc_cpu_seconds_total counter
boinc_cpu_seconds_total 1.5
# HELP boinc_up Whether it answers.
# TYPE boinc_up gauge
boinc_up 1
# HELP boinc_build_info Build.
# TYPE boinc_build_info gauge
boinc_build_info{version=\"1.0\"} 1
# HELP boinc_run_seconds Run time.
# TYPE boinc_run_seconds histogram
boinc_run_seconds_sum 1.5
boinc_run_seconds_count 1
boinc_run_seconds_bucket{le=\"1.0\"} 0
boinc_run_seconds_bucket{le=\"2.0\"} 1
boinc_run_seconds_bucket{le=\"+Inf\"} 1
"
        );
    }

    #[test]
    fn what_this_exporter_does_not_write_is_understood_too() {
        for (openmetrics, text) in [
            ("", ""),
            ("# EOF\n", ""),
            ("# EOF", ""),
            ("a 1", "a 1"),
            ("# TYPE a unknown\na 1\n# EOF\n", "# TYPE a untyped\na 1\n"),
            ("# TYPE a stateset\na{a=\"b\"} 1\n", "# TYPE a gauge\na{a=\"b\"} 1\n"),
            ("# HELP a\n# TYPE a gauge\n", "# HELP a \n# TYPE a gauge\n"),
            ("# HELP other Of another.\n# TYPE a gauge\na 1\n", "# TYPE a gauge\na 1\n"),
            ("a{b=\"\\n# EOF\"} 1\n", "a{b=\"\\n# EOF\"} 1\n"),
        ] {
            assert_eq!(from_openmetrics(openmetrics), text, "{openmetrics:?}");
        }
    }

    fn samples(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.starts_with('#')).collect()
    }

    proptest! {
        #[test]
        fn samples_stay_as_they_are(
            families in prop::collection::vec((any::<bool>(), prop::collection::btree_map(any::<String>(), any::<f64>(), 0..4)), 0..6),
        ) {
            let mut registry = Registry::default();
            for (number, (unit, metrics)) in families.into_iter().enumerate() {
                let family = Family::<[(&'static str, String); 1], Gauge<f64, std::sync::atomic::AtomicU64>>::default();
                for (label, value) in metrics {
                    family.get_or_create(&[("label", label)]).set(value);
                }
                if unit {
                    registry.register_with_unit(format!("family_{number}"), "Help", Unit::Bytes, family);
                } else {
                    registry.register(format!("family_{number}"), "Help", family);
                }
            }
            let openmetrics = openmetrics(&registry);
            let text = from_openmetrics(&openmetrics);
            prop_assert_eq!(samples(&text), samples(&openmetrics));
            prop_assert!(text.is_empty() || text.ends_with('\n'));
            prop_assert!(!text.contains("# UNIT") || samples(&text).concat().contains("# UNIT"));
        }

        #[test]
        fn any_text_is_read(text in "([#\n]|# (HELP|TYPE|UNIT|EOF) |a|_total|counter| |\\PC){0,40}") {
            prop_assert!(from_openmetrics(&text).len() <= 2 * text.len() + 8);
        }
    }
}
