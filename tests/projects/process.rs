//! The built program beside a scripted project: its pages, its log, its commands; and that no key gets into any of them.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};
use std::sync::Arc;

use boinc_exporter::clock::Clock;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

use crate::support::Exporter;
use crate::support::process::PATIENCE;
use crate::support::project_server::{Does, ProjectServer, Seen, answer, healthy, page};

const KEY: &str = "5ecre7f00d5ecre7f00d5ecre7f00d00";

/// Scrapes until the page of metrics has this text.
async fn scrape_until(exporter: &Exporter, path: &str, text: &str) -> String {
    let wait = async {
        loop {
            let page = exporter.get(path, &[]).await;
            if page.body.contains(text) {
                return page.body;
            }
            // Projects are asked in the background, and only the page tells when.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, wait).await.ok();
    found.unwrap_or_else(|| panic!("never `{text}`:\n{}", exporter.log()))
}

/// The configuration of one project on this server, with all keys. The key file lies beside it.
fn config(server: &ProjectServer) -> String {
    format!(
        "[projects]\ncontact = \"me@example.org\"\nstate_file = \"state/projects.json\"\n\
         collectors = [\"default\", \"names\", \"details\"]\n\
         [[projects.list]]\nurl = \"{}\"\naccount = 7\nteam = 1\naccount_key_file = \"alpha.key\"\nsubmitter = \"alpha.key\"\n",
        server.url()
    )
}

/// Starts an exporter with this configuration and the key file, which must be there when it is first read.
fn start(config: &str) -> Exporter {
    let exporter = Exporter::start(config);
    std::fs::write(exporter.folder().join("alpha.key"), format!("{KEY}\n")).expect("the folder is writable");
    exporter
}

#[tokio::test]
async fn projects_are_shown_where_they_belong() {
    let server = ProjectServer::start(Clock::default(), healthy).await;
    let exporter = start(&config(&server));
    // Looking is no reason to ask; nor is a health check.
    for path in ["/", "/sd", "/sd?projects=true", "/config", "/-/healthy"] {
        assert_eq!(exporter.get(path, &[]).await.status, 200, "{path}");
    }
    assert_eq!(server.seen(), []);
    let all = scrape_until(&exporter, "/metrics", "boinc_batch_jobs{").await;
    assert!(all.contains("boinc_exporter_build_info") && !all.contains("boinc_up"), "{all}");
    let projects = exporter.get("/projects", &[]).await.body;
    let one = exporter.get(&format!("/probe?project={}", server.url()), &[]).await.body;
    let by_name = exporter.get("/probe?project=Alpha+%26+Omega", &[]).await.body;
    for text in [&projects, &one, &by_name] {
        assert!(text.contains("boinc_account_credit{") && !text.contains("boinc_exporter_"), "{text}");
    }
    let overview = exporter.get("/", &[]).await.body;
    assert!(overview.contains("Alpha &amp; Omega") && overview.contains("1 project, asked now and then"), "{overview}");
    let targets = exporter.get("/sd?projects=true", &[]).await.body.replace(server.address(), "SERVER");
    insta::assert_snapshot!(targets, @r#"[{"targets":["http://SERVER/alpha/"],"labels":{"__meta_boinc_project":"Alpha & Omega","__metrics_path__":"/probe","__param_project":"http://SERVER/alpha/","instance":"http://SERVER/alpha/"}}]"#);
    for (path, status) in [
        ("/probe?project=Beta", 400),
        ("/probe?project=a&project=b", 400),
        ("/projects?collect[]=config", 400),
        ("/metrics?project=Alpha", 400),
        ("/sd?projects=maybe", 400),
    ] {
        let page = exporter.get(path, &[]).await;
        assert_eq!(page.status, status, "{path}: {}", page.body);
    }
    // Another job may ask clients for one collector: projects are not there twice.
    assert!(!exporter.get("/metrics?collect[]=disk_usage", &[]).await.body.contains("boinc_server_up"));
}

#[tokio::test]
async fn without_projects_there_is_no_page_of_them() {
    let exporter = Exporter::start("[[clients]]\naddress = \"127.0.0.1:1\"\n");
    let page = exporter.get("/projects", &[]).await;
    assert_eq!(page.status, 404);
    insta::assert_snapshot!(page.body, @r#"No project is watched. Add [[projects]] to the configuration, or [projects] watch = "attached" for all that the clients are attached to."#);
    assert!(!exporter.get("/metrics", &[]).await.body.contains("boinc_server_"));
}

/// A project that repeats all that it is told, wherever it can.
fn gossip(seen: &Seen, address: &str) -> Does {
    let told = format!("{} {}", seen.target, seen.body);
    match seen.page() {
        "show_user.php" if seen.target.contains("auth=") => {
            answer(302, &format!("Location: http://{address}/login_form.php?next_url={}\r\n", seen.target), "")
        }
        "show_user.php" => answer(301, &format!("Location: https://{address}/other?{}\r\n", seen.target), ""),
        "submit_rpc_handler.php" if !seen.body.contains("ping") => page(&format!(
            "<error>\n<error_num>-1</error_num>\n<error_msg>can't parse request message: {told}</error_msg>\n</error>\n"
        )),
        "team_lookup.php" => {
            page(&format!("<error>\n<error_num>{KEY}</error_num>\n<error_msg>{KEY}</error_msg></error>\n"))
        }
        _ => healthy(seen, address),
    }
}

#[tokio::test]
async fn keys_are_in_no_page_no_log_and_no_file() {
    let server = ProjectServer::start(Clock::default(), gossip).await;
    let exporter = start(&format!("{}[log]\nlevel = \"debug\"\n", config(&server)));
    scrape_until(&exporter, "/metrics", "collector=\"batches\",reason=").await;
    exporter.logged(1, "collector=batches").await;
    // The keys were sent, as the protocol wants it.
    let told: Vec<_> = server.seen().iter().flat_map(|seen| [seen.target.clone(), seen.body.clone()]).collect();
    let told = told.join(" ");
    assert!(told.contains(&format!("auth={KEY}")) && told.contains(&format!("authenticator%3E{KEY}")), "{told}");
    let state = std::fs::read_to_string(exporter.folder().join("state/projects.json")).expect("it was written");
    let mut texts = vec![("log", exporter.log()), ("state", state)];
    for path in ["/", "/metrics", "/projects", "/config", "/sd?projects=true", "/probe?project=nobody"] {
        texts.push((path, exporter.get(path, &[]).await.body));
    }
    for (name, text) in texts {
        assert!(!text.contains(KEY) && !text.contains("auth="), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_reload_turns_projects_on_and_off() {
    let server = ProjectServer::start(Clock::default(), healthy).await;
    let exporter = Exporter::start_with("[[clients]]\naddress = \"127.0.0.1:1\"\n", &["--web.enable-lifecycle"]);
    let file = exporter.folder().join("config.toml");
    let before = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, format!("{before}[[projects]]\nurl = \"{}\"\n", server.url())).expect("it is writable");
    let http = crate::support::http_client();
    let reload = || http.post(format!("http://{}/-/reload", exporter.address())).send();
    assert!(reload().await.expect("an answer").status().is_success());
    scrape_until(&exporter, "/metrics", "boinc_server_up{").await;
    std::fs::write(&file, before).expect("it is writable");
    assert!(reload().await.expect("an answer").status().is_success());
    assert_eq!(exporter.get("/projects", &[]).await.status, 404);
}

/// A server's side of TLS, and the certificate of its authority.
fn tls() -> (TlsAcceptor, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    (TlsAcceptor::from(Arc::new(config.expect("a certificate with its key"))), made.cert.pem())
}

#[tokio::test]
async fn certificates_are_checked_against_those_of_the_system() {
    let (acceptor, authority) = tls();
    let server = ProjectServer::start_over(Some(acceptor), Clock::default(), healthy).await;
    let (_, port) = server.address().rsplit_once(':').expect("it has a port");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority).expect("it is writable");
    let config = format!("[[projects]]\nurl = \"https://localhost:{port}/alpha/\"\ncollectors = [\"config\"]\n");
    let trusting = Exporter::start_within(&config, &[], &[("SSL_CERT_FILE", file.to_str().expect("UTF-8"))]);
    scrape_until(&trusting, "/projects", "boinc_server_info{").await;
    let other = Exporter::start(&config);
    let text = scrape_until(&other, "/projects", "boinc_server_error{").await;
    assert!(text.contains("reason=\"tls\""), "{text}");
    other.logged(1, "reason=tls").await;
}

/// Runs a command of the program with these lines on stdin.
async fn run(arguments: &[&str], stdin: &str) -> Output {
    run_within(&[], arguments, stdin).await
}

async fn run_within(environment: &[(&str, &str)], arguments: &[&str], stdin: &str) -> Output {
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the built binary starts");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(stdin.as_bytes()).await.expect("it reads");
    drop(input);
    child.wait_with_output().await.expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A project with one account: Zoe@Example.org, whose password is `hunter2`.
fn with_account(seen: &Seen, address: &str) -> Does {
    if seen.page() != "lookup_account.php" {
        return healthy(seen, address);
    }
    // The hash covers the address in lower case.
    let right = format!("passwd_hash={:x}", md5::compute("hunter2zoe@example.org"));
    let error = |number: i32| {
        page(&format!("<account_out>\n<error>\n<error_num>{number}</error_num>\n</error>\n</account_out>\n"))
    };
    match (seen.target.contains("email_addr=Zoe%40Example.org"), seen.target.contains(&right)) {
        (false, _) => error(-136),
        (true, false) => error(-206),
        (true, true) => page(&format!("<account_out>\n<authenticator>{KEY}</authenticator>\n</account_out>\n")),
    }
}

#[tokio::test]
async fn login_finds_the_account_and_keeps_its_secrets() {
    let server = ProjectServer::start(Clock::default(), with_account).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("alpha.key");
    let shown = file.display().to_string();
    let url = server.url();
    let plain = run(&["login", &url], "Zoe@Example.org\nhunter2\n").await;
    let with_file = run(&["login", &url, "--key-file", &shown], "Zoe@Example.org\nhunter2\n").await;
    let again = run(&["login", &url, "--key-file", &shown], "Zoe@Example.org\nhunter2\n").await;
    let wrong = run(&["login", &url], "Zoe@Example.org\nhunter3\n").await;
    let nobody = run(&["login", &url], "nobody@example.org\nhunter2\n").await;
    let in_the_clear = run(&["login", "http://example.org/"], "").await;
    let mut all = String::new();
    for Output { stdout, stderr, .. } in [&plain, &with_file, &again, &wrong, &nobody, &in_the_clear] {
        all.extend([text(stdout), text(stderr), "\n".to_owned()]);
    }
    for secret in [KEY, "hunter2", &format!("{:x}", md5::compute("hunter2zoe@example.org"))] {
        assert!(!all.contains(secret), "{all}");
    }
    let all = all.replace(server.address(), "SERVER").replace(&folder.path().display().to_string(), "DIR");
    insta::assert_snapshot!("login", all);
    assert_eq!(std::fs::read_to_string(&file).expect("it was written"), format!("{KEY}\n"));
    assert_eq!(file.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    // What it prints is a configuration.
    let config = Exporter::start(&text(&with_file.stdout));
    scrape_until(&config, "/projects", "boinc_account_hosts{").await;
}

#[tokio::test]
async fn check_walks_every_page_and_says_what_to_fix() {
    let script = |seen: &Seen, address: &str| match seen.page() {
        "server_status.php" => answer(302, "Location: login_form.php\r\n", ""),
        "team_lookup.php" => page("<error>\n<error_num>-136</error_num>\n<error_msg>x</error_msg>\n</error>\n"),
        _ => healthy(seen, address),
    };
    let server = ProjectServer::start(Clock::default(), script).await;
    let well = ProjectServer::start(Clock::default(), healthy).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("c.toml");
    let projects = format!(
        "[[projects]]\nurl = \"{}\"\nteam = 9\naccount = 7\n[[projects]]\nname = \"well\"\nurl = \"{}\"\n[[projects]]\nurl = \
         \"http://127.0.0.1:1/\"\n",
        server.url(),
        well.url()
    );
    std::fs::write(&file, projects).expect("it is writable");
    let output = run(&["--config.file", file.to_str().expect("UTF-8"), "check"], "").await;
    let report = text(&output.stdout).replace(server.address(), "SERVER").replace(well.address(), "WELL");
    // Times differ.
    let words = report.split(' ').collect::<Vec<_>>();
    let mut report = String::new();
    for (index, word) in words.iter().enumerate() {
        let unit = words.get(index + 1).is_some_and(|next| next.starts_with("ms"));
        report += if unit { "N" } else { word };
        report.push(' ');
    }
    insta::assert_snapshot!("check", report);
    assert!(!output.status.success());
}

#[tokio::test]
async fn check_asks_through_a_proxy() {
    let far = |seen: &Seen, _: &str| healthy(seen, "alpha.invalid");
    let proxy = ProjectServer::start(Clock::default(), far).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("c.toml");
    std::fs::write(&file, "[[projects]]\nurl = \"http://alpha.invalid/alpha/\"\n").expect("it is writable");
    let url = format!("http://{}", proxy.address());
    let environment = [("http_proxy", url.as_str())];
    let arguments = ["--config.file", file.to_str().expect("UTF-8"), "check"];
    let output = run_within(&environment, &arguments, "").await;
    let report = text(&output.stdout);
    assert!(output.status.success(), "{report}");
    assert!(
        proxy.seen().iter().any(|seen| seen.target == "http://alpha.invalid/alpha/get_project_config.php"),
        "{report}"
    );
}
