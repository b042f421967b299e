//! What becomes of each command in the documents.

/// How a command is known to work.
pub enum How {
    /// It is run here, and comes to an end.
    Succeeds,
    /// It is run here, serves, and ends when it is told to.
    Serves,
    /// This runs it: a file of the repository, and words in it.
    By(&'static str, &'static str),
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
const RPM: &str = "Debian has no such system; tests/packages/main.rs installs the rpm below a folder";

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
    ("make test", By(".ci/run", "test")),
    // CONTRIBUTING
    ("cargo run", Not(BUILDS)),
    ("cargo run -- demo", Not(BUILDS)),
    ("cargo test --lib", By("Makefile", "cargo test --locked --no-fail-fast")),
    ("make bench", Not("it takes a quarter of an hour; docs/PERFORMANCE.md has what it printed")),
    ("make fuzz", Not("it takes ten minutes a target; `make test` runs the targets over their corpora")),
    ("make soak", Not("it takes half an hour; tests/exporter/soak.rs is what it runs")),
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
    (
        "jsonnet --multi OUT --exec '(import \"our.libsonnet\").grafanaDashboards'",
        By("dashboards/render", "jsonnet --multi"),
    ),
    (
        "jsonnet --string --exec 'std.manifestYamlDoc((import \"our.libsonnet\").prometheusAlerts)' > OUT/alerts.yaml",
        By("dashboards/render", "jsonnet --string"),
    ),
    (
        "jsonnet --string --exec 'std.manifestYamlDoc((import \"our.libsonnet\").prometheusRules)' > OUT/rules.yaml",
        By("dashboards/render", "jsonnet --string"),
    ),
    ("dashboards/render", By("tests/dashboards/written.rs", "dashboards/render")),
    (
        "promtool test rules dashboards/rules/tests/*.yaml",
        By("tests/dashboards/provisioning.rs", "[\"test\", \"rules\"]"),
    ),
    ("cargo test --test dashboards alerts::", By("Makefile", "cargo test --locked --no-fail-fast")),
    ("dashboards/render --check", By("tests/dashboards/provisioning.rs", "--check")),
    // deploy
    ("install -m 755 boinc_exporter /usr/bin/", By("tests/packages/main.rs", "as root in the unpacked folder")),
    (
        "install -m 644 deploy/systemd/boinc_exporter.service /etc/systemd/system/",
        By("tests/packages/main.rs", "as root in the unpacked folder"),
    ),
    ("install -d /etc/boinc_exporter", By("tests/packages/main.rs", "as root in the unpacked folder")),
    (
        "install -m 644 config.example.toml /etc/boinc_exporter/config.toml",
        By("tests/packages/main.rs", "as root in the unpacked folder"),
    ),
    ("systemctl daemon-reload", By("tests/packages/main.rs", "as root in the unpacked folder")),
    ("systemctl enable --now boinc_exporter", By("tests/packages/main.rs", "as root in the unpacked folder")),
    (
        "docker build --build-arg REVISION=\"$(git describe --always --tags --dirty)\" --tag boinc_exporter .",
        By("tests/exporter/packaging/dockerfile.rs", "\"RUN\" => run("),
    ),
    (
        "docker run --detach --name boinc_exporter --restart unless-stopped --publish 31415:31415 --read-only --cap-drop=ALL --security-opt=no-new-privileges --volume /etc/boinc_exporter:/etc/boinc_exporter:ro ghcr.io/OWNER/boinc_exporter:VERSION",
        Not(DOCKER),
    ),
    (
        "boinc_exporter import-computers --passwords-dir /etc/boinc_exporter/passwords computers.xml > clients.toml",
        By("tests/exporter/import.rs", "Some(&secrets)"),
    ),
    // docs/backfill.md
    ("boinc_exporter backfill --client attic --output attic.om", Succeeds),
    (
        "promtool tsdb create-blocks-from openmetrics --max-block-duration=1000h attic.om /var/lib/prometheus/metrics2",
        By("tests/support/prometheus.rs", "--max-block-duration=1000h"),
    ),
    ("chown -R prometheus: /var/lib/prometheus/metrics2", Not(ROOT)),
    ("boinc_exporter backfill --client attic --label job=boinc --label instance=attic --output attic.om", Succeeds),
    ("boinc_exporter backfill --client attic --until 1795305600.012 --output attic.om", Succeeds),
    // docs/demo.md
    ("boinc_exporter demo --scenario faults", Serves),
    ("boinc_exporter demo --scenario servers", Serves),
    ("boinc_exporter demo --speed 60", Serves),
    ("boinc_exporter demo --data-directory DIR", Serves),
    (
        "boinc_exporter demo --history 7d --output past.om",
        By("tests/real/simulated/history.rs", "\"--output\", \"past.om\""),
    ),
    (
        "promtool tsdb create-blocks-from openmetrics --max-block-duration=1000h past.om demo-data",
        By("tests/support/prometheus.rs", "--max-block-duration=1000h"),
    ),
    (
        "cat > demo.yml <<'END'\nscrape_configs:\n  - job_name: boinc\n    static_configs:\n      - targets: [\"localhost:31415\"]\nEND",
        Succeeds,
    ),
    (
        "prometheus --config.file=demo.yml --storage.tsdb.path=demo-data --storage.tsdb.retention.time=1y",
        By("tests/support/prometheus.rs", "--storage.tsdb.retention.time"),
    ),
    (
        "curl -s localhost:9090/api/v1/query_range --data-urlencode 'query=sum(boinc_project_host_credit)' -d start=$(date -d '-7 days' +%s) -d end=$(date +%s) -d step=3600",
        Not(
            "the one before it would have to run still; tests/real/simulated/history.rs asks for the same past by other queries",
        ),
    ),
    // deploy/README.md, of packages
    ("make dist", By("Makefile", "deploy/dist --dry")),
    ("sudo apt install ./boinc-exporter_0.1.0-1_amd64.deb", By("tests/packages/main.rs", "apt install")),
    ("sudo dnf install ./boinc-exporter-0.1.0-1.x86_64.rpm", Not(RPM)),
    (
        "kubectl apply --kustomize deploy/kubernetes",
        Not("it needs a cluster; tests/judges/deploy/manifests.mjs checks what is applied"),
    ),
    // deploy/macos
    ("xattr -d com.apple.quarantine boinc_exporter", Not(MAC)),
    ("sudo install -d /usr/local/bin", Not(MAC)),
    ("sudo install -m 755 boinc_exporter /usr/local/bin/", Not(MAC)),
    ("sudo install -d /etc/boinc_exporter", Not(MAC)),
    ("sudo install -m 644 config.example.toml /etc/boinc_exporter/config.toml", Not(MAC)),
    ("sudo install -o nobody -m 644 /dev/null /Library/Logs/boinc_exporter.log", Not(MAC)),
    ("sudo install -d -o nobody \"/Library/Application Support/boinc_exporter\"", Not(MAC)),
    ("sudo install -m 644 boinc_exporter.plist /Library/LaunchDaemons/", Not(MAC)),
    ("sudo launchctl bootstrap system /Library/LaunchDaemons/boinc_exporter.plist", Not(MAC)),
    // deploy/windows
    ("msiexec /i boinc_exporter-VERSION.windows-amd64.msi /qn", By("tests/real/windows.rs", "msiexec\", &[\"/i\"")),
    (".\\boinc_exporter.exe service install", By("tests/real/windows.rs", "service(\"install\")")),
    ("boinc_exporter service reload", By("tests/real/windows.rs", "[\"service\", \"reload\"]")),
    ("icacls C:\\ProgramData\\BOINC\\gui_rpc_auth.cfg /grant \"*S-1-5-19:R\"", Not(ACL)),
    (
        "boinc_exporter import-computers --passwords-dir C:\\ProgramData\\boinc_exporter\\passwords \"$env:APPDATA\\eFMer\\BoincTasks\\computers.xml\"",
        By("tests/real/windows.rs", "import-computers"),
    ),
    ("icacls C:\\ProgramData\\boinc_exporter\\passwords /grant \"*S-1-5-19:(OI)(CI)R\" /T", Not(ACL)),
    (
        "New-NetFirewallRule -DisplayName \"BOINC exporter\" -Direction Inbound -Action Allow -Protocol TCP -LocalPort 31415 -RemoteAddress 192.168.1.5",
        Not(ACL),
    ),
];

/// Commands that stand in a sentence or a table of a document that people install by.
pub const SPANS: &[(&str, How)] = &[
    // README
    ("sudo apt install ./boinc-exporter_*_amd64.deb", By("tests/packages/main.rs", "apt install")),
    ("sudo dnf install ./boinc-exporter-*.x86_64.rpm", Not(RPM)),
    ("sudo zypper install --allow-unsigned-rpm ./boinc-exporter-*.x86_64.rpm", Not(RPM)),
    ("sudo systemctl enable --now boinc_exporter", By("tests/packages/main.rs", "as root in the unpacked folder")),
    ("cargo install --locked --path .", Not(BUILDS)),
    ("boinc_exporter demo --web.listen-address :31499", Serves),
    ("boinc_exporter check", Succeeds),
    ("boinc_exporter service reload", By("tests/real/windows.rs", "[\"service\", \"reload\"]")),
    ("sudo systemctl reload boinc_exporter", By("tests/packages/main.rs", "systemctl reload boinc_exporter")),
    ("sudo chown root:boinc_exporter FILE", By("tests/packages/main.rs", "chown root:boinc_exporter")),
    ("sudo chmod 640 FILE", By("tests/packages/main.rs", "chmod 640")),
    ("sudo boinc_exporter check", By("tests/packages/main.rs", "boinc_exporter check")),
    ("boinc_exporter import-computers FILE", By("tests/exporter/import.rs", "computers(")),
    ("boinc_exporter hash-password", By("tests/exporter/web_config/systemd.rs", "hash-password")),
    ("apt purge", By("tests/packages/main.rs", "apt purge")),
    ("journalctl -u boinc_exporter", Not("it follows the log of a service")),
    // deploy
    ("boinc_exporter import-computers", By("tests/exporter/import.rs", "computers(")),
    ("boinc_exporter healthcheck", By("tests/real/windows.rs", "[\"healthcheck\"]")),
    ("systemctl enable --now boinc_exporter", By("tests/packages/main.rs", "as root in the unpacked folder")),
    ("systemctl restart boinc_exporter", By("tests/packages/main.rs", "systemctl restart boinc-client boinc_exporter")),
    ("systemctl reload boinc_exporter", By("tests/packages/main.rs", "systemctl reload boinc_exporter")),
    ("systemctl edit boinc_exporter", Not("it opens an editor")),
    ("systemctl edit", Not("it opens an editor")),
    ("sudo adduser boinc_exporter boinc", By("tests/packages/main.rs", "adduser --quiet boinc_exporter boinc")),
    ("chown root:boinc_exporter", By("tests/packages/main.rs", "chown root:boinc_exporter")),
    ("chmod 640", By("tests/packages/main.rs", "chmod 640")),
    ("apt remove", By("tests/packages/main.rs", "apt remove")),
    ("chown 65532 /etc/boinc_exporter/*.pw; chmod 400 /etc/boinc_exporter/*.pw", Not(DOCKER)),
    ("docker buildx build --platform linux/amd64,linux/arm64,linux/arm/v7 .", Not(DOCKER)),
    // deploy/macos
    ("sudo launchctl print system/boinc_exporter", Not(MAC)),
    ("sudo launchctl kill SIGHUP system/boinc_exporter", Not(MAC)),
    ("sudo launchctl kickstart -k system/boinc_exporter", Not(MAC)),
    ("sudo launchctl bootout system/boinc_exporter", Not(MAC)),
    ("tail -f /Library/Logs/boinc_exporter.log", Not(MAC)),
    ("brew services start boinc_exporter", Not(MAC)),
    // deploy/windows
    (
        ".\\boinc_exporter.exe demo --web.listen-address :31499",
        By("tests/real/windows.rs", "[\"demo\", \"--web.listen-address\""),
    ),
    ("boinc_exporter service uninstall", By("tests/real/windows.rs", "service(\"uninstall\")")),
    ("msiexec /x", By("tests/real/windows.rs", "msiexec\", &[\"/x\"")),
    ("Stop-Service boinc_exporter", Not("wine has no PowerShell; tests/real/windows.rs says `net stop`")),
    ("Start-Service boinc_exporter", Not("wine has no PowerShell")),
    ("sc.exe query boinc_exporter", Not("wine's knows no query")),
    (
        "Get-Content -Wait (Get-ChildItem $env:ProgramData\\boinc_exporter\\log \\| Select-Object -Last 1).FullName",
        Not("wine has no PowerShell"),
    ),
    ("cargo build --release", Not(BUILDS)),
];
