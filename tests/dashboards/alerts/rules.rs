//! The mixin's alerts, as shipped and as rendered for these tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Settings of one's own, as dashboards/README.md says: all waiting times are nothing.
pub const OURS: &str = r#"
local mixin = import "mixin/mixin.libsonnet";
mixin + {
  _config+:: {
    alerts+: { [name]: "0s" for name in std.objectFields(mixin._config.alerts) if std.endsWith(name, "For") },
  },
}
"#;

pub fn dashboards() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

/// Writes the rules into a folder, as `rules.yaml`.
pub fn render(folder: &Path) {
    fs::write(folder.join("our.libsonnet"), OURS).expect("a temporary folder is writable");
    let output = Command::new("jsonnet")
        .args(["--string", "--output-file", "rules.yaml"])
        .args(["--exec", "std.manifestYamlDoc((import \"our.libsonnet\").prometheusAlerts)", "--jpath"])
        .arg(dashboards())
        .current_dir(folder)
        .output()
        .unwrap_or_else(|e| panic!("cannot start jsonnet: {e}; `make tools` installs what the tests need"));
    assert!(output.status.success(), "jsonnet says: {}", String::from_utf8_lossy(&output.stderr));
    let rules = fs::read_to_string(folder.join("rules.yaml")).expect("it was written");
    assert!(!rules.contains("\"for\":"), "an alert waits, and no setting ends in `For` for it:\n{rules}");
}

/// Names of the alerts that are shipped.
pub fn shipped() -> BTreeSet<String> {
    let text = fs::read_to_string(dashboards().join("rules/alerts.yaml")).expect("it is shipped");
    let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("- alert: "));
    names.map(|name| name.trim_matches('"').to_owned()).collect()
}
