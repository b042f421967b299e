//! Dashboards and rules with a person's own settings in the place of placeholders. The templates are the mixin rendered with the
//! placeholders of `dashboards/render` as its settings, so what the mixin does with a setting is known here only as far as it
//! differs from putting in a text: a selector may be empty, and there may be any number of cluster labels.

use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Map, Value};

/// Names and compressed content.
const TEMPLATES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

const SELECTOR: &str = "@selector@";

/// The only cluster label of the templates. As the title of a column or variable it begins with a capital.
const CLUSTER: &str = "clusterlabel";
const CLUSTER_TITLE: &str = "Clusterlabel";

/// What stands once for each cluster label in queries, legends, links and texts.
const FOR_EACH_CLUSTER: [&str; 9] = [
    "clusterlabel, ",
    "clusterlabel=~\"$clusterlabel\", ",
    "{{clusterlabel}} ",
    "&var-clusterlabel=${__data.fields.Clusterlabel:percentencode}",
    "&var-clusterlabel=${__field.labels.clusterlabel:percentencode}",
    "&${clusterlabel:queryparam}",
    "clusterlabel=%q, ",
    // Before what it contains.
    "&var-clusterlabel={{ $labels.clusterlabel | urlquery }}",
    "$labels.clusterlabel ",
];

/// The settings, by their names in `_config` of the mixin, and as the mixin takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `selector`.
    pub selector: String,
    /// `clusterLabels`.
    pub cluster_labels: Vec<String>,
    /// `groupLabel`.
    pub group_label: String,
    /// `jobSelector`.
    pub job_selector: String,
    /// `grafanaUrl`.
    pub grafana_url: String,
    /// `runbookUrl`.
    pub runbook_url: String,
    /// `kilowattHourPrice`.
    pub kilowatt_hour_price: String,
}

/// A file for Grafana or Prometheus.
pub struct File {
    pub path: &'static str,
    pub text: String,
}

/// All dashboards and rules.
pub fn files(settings: &Settings) -> Vec<File> {
    let file = |(path, compressed): &(&'static str, &[u8])| {
        let mut file = File { path, text: String::new() };
        GzDecoder::new(*compressed).read_to_string(&mut file.text).expect("the build compressed it");
        // Rules are filled as they are: expressions are blocks without quotes, and other texts get nothing that YAML would escape.
        file.text = if file.is_dashboard() {
            let template = serde_json::from_str(&file.text).expect("jsonnet wrote it");
            format!("{:#}\n", settings.value(template))
        } else {
            settings.text(&file.text)
        };
        file
    };
    TEMPLATES.iter().map(file).collect()
}

impl File {
    pub fn is_dashboard(&self) -> bool {
        Path::new(self.path).extension().is_some_and(|end| end == "json")
    }
}

impl Settings {
    fn value(&self, template: Value) -> Value {
        match template {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => Value::Array(items.into_iter().flat_map(|item| self.item(item)).collect()),
            Value::Object(fields) => Value::Object(self.fields(fields)),
            other => other,
        }
    }

    /// A variable of a cluster label is there for each of these.
    fn item(&self, item: Value) -> Vec<Value> {
        if item["name"] != CLUSTER {
            return vec![self.value(item)];
        }
        let text = item.to_string();
        let of_label = |label: &String| {
            let named = text.replace(CLUSTER, label).replace(CLUSTER_TITLE, &title(label));
            self.value(serde_json::from_str(&named).expect("labels need no escapes"))
        };
        self.cluster_labels.iter().map(of_label).collect()
    }

    /// As a key, a cluster label has the place of a column after that of the client, or the title of one.
    fn fields(&self, mut fields: Map<String, Value>) -> Map<String, Value> {
        if let Some(of_cluster) = fields.remove(CLUSTER) {
            let client = fields.get("client").and_then(Value::as_f64);
            for (at, label) in self.cluster_labels.iter().enumerate() {
                let place = client.filter(|_| of_cluster.is_number()).map(|client| client + (at + 1) as f64 / 100.0);
                fields.insert(label.clone(), place.map_or_else(|| Value::from(title(label)), Value::from));
            }
        }
        fields.into_iter().map(|(key, value)| (key, self.value(value))).collect()
    }

    fn text(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for of_cluster in FOR_EACH_CLUSTER {
            let of_label = |label: &String| of_cluster.replace(CLUSTER, label).replace(CLUSTER_TITLE, &title(label));
            text = text.replace(of_cluster, &self.cluster_labels.iter().map(of_label).collect::<String>());
        }
        if self.selector.is_empty() {
            text = text.replace("{@selector@}", "").replace("@selector@, ", "");
        }
        [
            ("grouplabel", &self.group_label),
            ("Grouplabel", &title(&self.group_label)),
            (SELECTOR, &self.selector),
            ("@jobs@", &self.job_selector),
            ("@grafana@", &self.grafana_url),
            ("@runbooks@", &self.runbook_url),
            ("@price@", &self.kilowatt_hour_price),
        ]
        .into_iter()
        .fold(text, |text, (placeholder, value)| text.replace(placeholder, value))
    }
}

/// A label as a title: `cluster` becomes `Cluster`.
fn title(label: &str) -> String {
    let mut title = label.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}
