//! What becomes of each command in the documents.

/// How a command is known to work.
pub enum How {
    /// It is run here, and comes to an end.
    Succeeds,
    /// It is run here, serves, and ends when it is told to.
    Serves,
    /// This runs it: a file of the repository.
    By(&'static str),
    /// Nothing does, for this reason.
    Not(&'static str),
}
use How::{By, Not, Serves, Succeeds};

const BUILDS: &str = "it builds the program, as the tests do before they begin";
const DOCKER: &str =
    "it needs a Docker engine, and the network; tests/dashboards/provisioning.rs runs what the file describes";
const MAC: &str = "it needs a Mac; tests/real/packages.rs reads the file for launchd";
const ACL: &str = "wine has no such thing";
const ROOT: &str = "it changes the computer";

/// All commands in the documents.
pub const COMMANDS: &[(&str, How)] = &[
    // README
    ("cargo run --release", Not(BUILDS)),
    ("boinc_exporter demo", Serves),
    ("cd dashboards/provisioning && docker compose --profile demo up", Not(DOCKER)),
    ("boinc_exporter check", Succeeds),
    ("boinc_exporter", Serves),
    ("boinc_exporter dashboards --output boinc", Succeeds),
    ("boinc_exporter --config.check", Succeeds),
    ("make test", By(".ci/run")),
    // CONTRIBUTING
    ("cargo run", Not(BUILDS)),
    ("cargo run -- demo", Not(BUILDS)),
    ("cargo test --lib", By("Makefile")),
    ("make bench", Not("it takes a quarter of an hour; docs/PERFORMANCE.md has what it printed")),
    ("make fuzz", By("fuzz/run")),
    ("make soak", By("tests/exporter/soak.rs")),
    ("make pictures", Not("a person has to look at what it draws")),
    // dashboards
    (
        "boinc_exporter dashboards --output DIR --grafana-url https://grafana.example.org --runbook-url http://attic:31415/runbooks",
        Succeeds,
    ),
    ("cd dashboards/provisioning", Not("the next one is about it")),
    ("docker compose --profile demo up", Not(DOCKER)),
    ("mkdir boinc_exporter", Not(DOCKER)),
    ("docker compose up", Not(DOCKER)),
    ("jsonnet --multi OUT --exec '(import \"our.libsonnet\").grafanaDashboards'", By("tests/dashboards/files.rs")),
    (
        "jsonnet --string --exec 'std.manifestYamlDoc((import \"our.libsonnet\").prometheusAlerts)' > OUT/alerts.yaml",
        By("tests/dashboards/files.rs"),
    ),
    (
        "jsonnet --string --exec 'std.manifestYamlDoc((import \"our.libsonnet\").prometheusRules)' > OUT/rules.yaml",
        By("tests/dashboards/files.rs"),
    ),
    ("dashboards/render", By("tests/dashboards/files.rs")),
    ("promtool test rules dashboards/rules/tests/*.yaml", By("tests/dashboards/judges.rs")),
    ("cargo test --test dashboards alerts::", By("tests/dashboards/alerts.rs")),
    ("dashboards/render --check", By("tests/dashboards/files.rs")),
    // deploy
    ("install -m 755 target/release/boinc_exporter /usr/bin/", Not(ROOT)),
    ("install -m 644 deploy/systemd/boinc_exporter.service /etc/systemd/system/", Not(ROOT)),
    ("install -d /etc/boinc_exporter", Not(ROOT)),
    ("install -m 644 config.example.toml /etc/boinc_exporter/config.toml", Not(ROOT)),
    ("systemctl daemon-reload", Not(ROOT)),
    ("systemctl enable --now boinc_exporter", Not(ROOT)),
    (
        "docker build --build-arg REVISION=\"$(git describe --always --dirty)\" --tag boinc_exporter .",
        By("tests/exporter/packaging/dockerfile.rs"),
    ),
    (
        "docker run --detach --name boinc_exporter --restart unless-stopped --publish 31415:31415 --read-only --cap-drop=ALL --security-opt=no-new-privileges --volume /etc/boinc_exporter:/etc/boinc_exporter:ro boinc_exporter",
        Not(DOCKER),
    ),
    (
        "boinc_exporter import-computers --passwords-dir /etc/boinc_exporter/passwords computers.xml > clients.toml",
        By("tests/exporter/import.rs"),
    ),
    // docs/backfill.md
    ("boinc_exporter backfill --client attic --output attic.om", Succeeds),
    (
        "promtool tsdb create-blocks-from openmetrics --max-block-duration=1000h attic.om /var/lib/prometheus/metrics2",
        By("tests/real/backfill.rs"),
    ),
    ("chown -R prometheus: /var/lib/prometheus/metrics2", Not(ROOT)),
    ("boinc_exporter backfill --client attic --label job=boinc --label instance=attic --output attic.om", Succeeds),
    ("boinc_exporter backfill --client attic --until 1795305600.012 --output attic.om", Succeeds),
    // docs/demo.md
    ("boinc_exporter demo --scenario faults", Serves),
    ("boinc_exporter demo --scenario servers", Serves),
    ("boinc_exporter demo --speed 60", Serves),
    ("boinc_exporter demo --data-directory DIR", Serves),
    ("boinc_exporter demo --history 7d --output past.om", By("tests/real/simulated/history.rs")),
    (
        "promtool tsdb create-blocks-from openmetrics --max-block-duration=1000h past.om demo-data",
        By("tests/real/simulated/history.rs"),
    ),
    (
        "cat > demo.yml <<'END'\nscrape_configs:\n  - job_name: boinc\n    static_configs:\n      - targets: [\"localhost:31415\"]\nEND",
        Succeeds,
    ),
    (
        "prometheus --config.file=demo.yml --storage.tsdb.path=demo-data --storage.tsdb.retention.time=1y",
        By("tests/real/simulated/history.rs"),
    ),
    (
        "curl -s localhost:9090/api/v1/query_range --data-urlencode 'query=sum(boinc_project_host_credit)' -d start=$(date -d '-7 days' +%s) -d end=$(date +%s) -d step=3600",
        By("tests/real/simulated/history.rs"),
    ),
    // deploy/README.md, of packages
    ("make dist", By("Makefile")),
    ("apt install ./boinc-exporter_0.1.0-1_amd64.deb", By("tests/packages/debian.rs")),
    ("dnf install ./boinc-exporter-0.1.0-1.x86_64.rpm", By("tests/packages/main.rs")),
    (
        "kubectl apply --kustomize deploy/kubernetes",
        Not("it needs a cluster; tests/judges/deploy/manifests.mjs checks what is applied"),
    ),
    // deploy/macos
    ("sudo install -m 755 boinc_exporter /usr/local/bin/", Not(MAC)),
    ("sudo install -d /etc/boinc_exporter", Not(MAC)),
    ("sudo install -m 644 config.example.toml /etc/boinc_exporter/config.toml", Not(MAC)),
    ("sudo install -o nobody -m 644 /dev/null /Library/Logs/boinc_exporter.log", Not(MAC)),
    ("sudo install -m 644 boinc_exporter.plist /Library/LaunchDaemons/", Not(MAC)),
    ("sudo launchctl bootstrap system /Library/LaunchDaemons/boinc_exporter.plist", Not(MAC)),
    // deploy/windows
    ("msiexec /i boinc_exporter-VERSION.windows-amd64.msi /qn", By("tests/real/windows.rs")),
    (".\\boinc_exporter.exe service install", By("tests/real/windows.rs")),
    ("boinc_exporter service reload", By("tests/real/windows.rs")),
    ("icacls C:\\ProgramData\\BOINC\\gui_rpc_auth.cfg /grant \"*S-1-5-19:R\"", Not(ACL)),
    (
        "boinc_exporter import-computers --passwords-dir C:\\ProgramData\\boinc_exporter\\passwords \"$env:APPDATA\\eFMer\\BoincTasks\\computers.xml\"",
        By("tests/real/windows.rs"),
    ),
    ("icacls C:\\ProgramData\\boinc_exporter\\passwords /grant \"*S-1-5-19:(OI)(CI)R\" /T", Not(ACL)),
    (
        "New-NetFirewallRule -DisplayName \"BOINC exporter\" -Direction Inbound -Action Allow -Protocol TCP -LocalPort 31415 -RemoteAddress 192.168.1.5",
        Not(ACL),
    ),
];
