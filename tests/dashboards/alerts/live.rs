//! Alerts about the exporter and its clients as they begin and end: a real exporter, a simulated client, a real Prometheus
//! that scrapes each second.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::state::TICK;
use boinc_exporter::simulation::world::World;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::prometheus::{Alert, Alerts, texts};
use crate::support::{Exporter, PASSWORD, client_toml};

const ABSENT: (&str, &str) = ("BoincExporterAbsent", "");
const RELOAD_FAILED: (&str, &str) = ("BoincConfigReloadFailed", "");
const DOWN: (&str, &str) = ("BoincExporterDown", "");
const EXPIRES: (&str, &str) = ("BoincCertificateExpires", "");
const WEB_CONFIG: (&str, &str) = ("BoincWebConfigReloadFailed", "");
const KEY_MISSING: (&str, &str) = ("BoincProjectPageFailing", "Keyless account key_file");

/// What the simulated client sets off, one after the other.
const OF_CLIENTS: [(&str, &str); 3] = [
    ("BoincCollectorFailing", "garage daily_transfers"),
    ("BoincClientDown", "garage"),
    ("BoincLoginFailed", "garage"),
];

/// What is seen only here: a simulated past has no exporter.
pub const FIRING: [(&str, &str); 6] = [ABSENT, RELOAD_FAILED, EXPIRES, WEB_CONFIG, DOWN, KEY_MISSING];

/// A project whose account cannot be asked for: nothing is sent to anybody.
const KEYLESS: &str = r#"
[[projects]]
name = "Keyless"
url = "https://localhost/"
account_key_file = "missing.key"
collectors = ["account"]
"#;

/// A trouble a tick, with a good one after each.
const SCENARIO: &str = r#"
warm_up = "1h"
[[projects]]
name = "Steady"
url = "https://steady.example/"
user = "demo"
apps = [{ name = "run", title = "Run", takes = "1h", deadline = "2d", credit = 24 }]
[[hosts]]
name = "garage"
cpus = 2
projects = [{ project = "Steady" }]
[[faults]]
trouble = "refuses"
after = "10s"
for = "10s"
[[faults]]
trouble = "off"
after = "30s"
for = "10s"
[[faults]]
trouble = "password"
after = "50s"
for = "10s"
"#;

const SCRAPES: &str = "scrape_configs:\n  - job_name: boinc\n    tls_config:\n      insecure_skip_verify: true\n    file_sd_configs:\n      - files: [targets.json]\n        \
                       refresh_interval: 1s\n";

/// The simulated client, whose time goes on when it is told to.
struct Garage {
    clock: Clock,
    world: Arc<World>,
    servers: Servers,
}

impl Garage {
    async fn start() -> Self {
        let mut scenario = Scenario::from_text(SCENARIO).expect("a right scenario");
        PASSWORD.clone_into(&mut scenario.password);
        let clock = Clock::stepped(SystemTime::now());
        let world = Arc::new(World::new(&scenario, clock.clone()));
        let servers = Servers::start(&world, None).await.expect("127.0.0.1 has free ports");
        Self { clock, world, servers }
    }

    async fn tick(&self) {
        self.clock.step(Duration::from_secs_f64(TICK));
        self.world.advance();
        self.servers.follow().await;
    }

    /// How the exporter watches it: each scrape asks for what it would else ask for each ten minutes.
    fn config(&self) -> String {
        let address = self.servers.address("garage").expect("it is there").to_string();
        format!("[scrape.intervals]\ndaily_transfers = \"1s\"\n{}", client_toml("garage", &address))
    }
}

/// Tells Prometheus what to scrape.
fn target(folder: &Path, addresses: &[&str]) {
    target_with(folder, "http", addresses);
}

fn target_with(folder: &Path, scheme: &str, addresses: &[&str]) {
    let (new, file) = (folder.join("new.json"), folder.join("targets.json"));
    let text = serde_json::json!([{ "targets": addresses, "labels": { "__scheme__": scheme } }]).to_string();
    std::fs::write(&new, text).and_then(|()| std::fs::rename(new, file)).expect("a temporary folder is writable");
}

const WEB: &str = "tls_server_config:\n  cert_file: soon.pem\n  key_file: soon.key\n";

/// Puts a certificate that ends in a week, and a web configuration that names it, into a folder.
fn soon(folder: &Path) -> PathBuf {
    let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    params.not_after = (SystemTime::now() + Duration::from_secs(7 * 86_400)).into();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let file = folder.join("web.yml");
    for (file, text) in [("soon.key", key.serialize_pem()), ("soon.pem", certificate.pem())] {
        std::fs::write(folder.join(file), text).expect("a temporary folder is writable");
    }
    std::fs::write(&file, WEB).expect("a temporary folder is writable");
    file
}

/// Has the exporter read this configuration. Gives the status of the answer.
async fn reload(exporter: &Exporter, config: &str) -> u16 {
    let text = format!("[web]\nlisten_address = [\"127.0.0.1:0\"]\n{config}");
    std::fs::write(exporter.folder().join("config.toml"), text).expect("the folder is writable");
    let answer = crate::support::http_client().post(format!("http://{}/-/reload", exporter.address())).send().await;
    answer.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_begin_and_end_with_their_trouble() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let path: PathBuf = folder.path().to_owned();
    target(&path, &[]);
    let mut prometheus = Alerts::start(folder, SCRAPES, "5m");
    let mut told: Vec<Alert> = prometheus.until(&[ABSENT]).await;

    let garage = Garage::start().await;
    let exporter = Exporter::start_with(&garage.config(), &["--web.enable-lifecycle"]);
    let address = exporter.address().to_owned();
    target(&path, &[&address]);
    prometheus.until(&[]).await;

    // These first: each tick puts the client's clock ahead, and the alert about clocks waits for two minutes.
    for alert in OF_CLIENTS {
        garage.tick().await;
        told.extend(prometheus.until(&[alert]).await);
        garage.tick().await;
        prometheus.until(&[]).await;
    }

    assert_eq!(reload(&exporter, "[scrape]\nno_such_key = 1\n").await, 500);
    told.extend(prometheus.until(&[RELOAD_FAILED]).await);
    assert_eq!(reload(&exporter, &garage.config()).await, 200);
    prometheus.until(&[]).await;

    assert_eq!(reload(&exporter, &(garage.config() + KEYLESS)).await, 200);
    told.extend(prometheus.until(&[KEY_MISSING]).await);
    assert_eq!(reload(&exporter, &garage.config()).await, 200);
    prometheus.until(&[]).await;

    let web = soon(&path);
    let secure = Exporter::start_with(&garage.config(), &["--web.config.file", &web.display().to_string()]);
    let secured = secure.address().to_owned();
    target_with(&path, "https", &[&secured]);
    told.extend(prometheus.until(&[EXPIRES]).await);
    std::fs::write(&web, "tls_server_config: no\n").expect("a temporary folder is writable");
    told.extend(prometheus.until(&[EXPIRES, WEB_CONFIG]).await.into_iter().filter(|alert| alert.name == WEB_CONFIG.0));
    std::fs::write(&web, WEB).expect("a temporary folder is writable");
    prometheus.until(&[EXPIRES]).await;
    target(&path, &[&address]);
    prometheus.until(&[]).await;
    drop(secure);

    drop(exporter);
    told.extend(prometheus.until(&[DOWN]).await);
    let exporter = Exporter::start_with(&garage.config(), &["--web.listen-address", &address]);
    prometheus.until(&[]).await;
    drop(exporter);
    let escaped = address.replace(':', "%3A");
    let shown = texts(&told).replace(&address, "EXPORTER").replace(&escaped, "EXPORTER");
    let escaped = secured.replace(':', "%3A");
    insta::assert_snapshot!("live", shown.replace(&secured, "SECURE").replace(&escaped, "SECURE"));
}
