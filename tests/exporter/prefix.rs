//! Pages behind a reverse proxy: relative links, `--web.route-prefix`, `--web.external-url`.

use crate::support::{Exporter, Page, Samples, client_toml};

/// Where the links of a page lead.
fn links(page: &Page) -> Vec<String> {
    let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| !link.starts_with("data:")).map(str::to_owned).collect()
}

/// Follows the links of a page as a browser does.
async fn assert_links_lead_to_pages(exporter: &Exporter, path: &str) {
    let base = reqwest::Url::parse(&format!("http://{}{path}", exporter.address())).expect("a URL");
    let page = exporter.get(path, &[]).await;
    let links = links(&page);
    assert!(links.len() >= 4, "{path}: {links:?}");
    for link in links {
        assert!(!link.starts_with('/'), "{path}: {link}");
        let goal = base.join(&link.replace("&amp;", "&")).expect("a URL");
        let goal = goal.as_str().split_once(exporter.address()).expect("the same host").1.to_owned();
        assert_eq!(exporter.get(&goal, &[]).await.status, 200, "{path}: {link}");
    }
}

#[tokio::test]
async fn links_are_relative_at_every_depth() {
    let exporter = Exporter::start(&client_toml("attic", "127.0.0.1:1"));
    for path in ["/", "/nope", "/a/b/nope", "/metrics/", "/a//b", "/-/nope"] {
        assert_links_lead_to_pages(&exporter, path).await;
    }
}

#[tokio::test]
async fn all_pages_are_below_the_prefix() {
    let config = client_toml("attic", "127.0.0.1:1");
    let exporter = Exporter::start_with(&config, &["--web.route-prefix", "boinc/attic/", "--web.enable-lifecycle"]);
    for page in
        ["/", "/metrics", "/sd", "/config", "/runbooks", "/-/healthy", "/-/ready", "/-/metrics", "/probe?target=attic"]
    {
        assert_eq!(exporter.get(&format!("/boinc/attic{page}"), &[]).await.status, 200, "{page}");
        let above = exporter.get(page, &[]).await;
        // The root leads to the overview.
        assert_eq!(above.status, if page == "/" { 200 } else { 404 }, "{page}");
    }
    for path in ["/boinc/attic/", "/boinc/attic/a/nope", "/nope", "/a/b/nope", "/boinc/nope", "/boinc/atticus"] {
        assert_links_lead_to_pages(&exporter, path).await;
    }
    let discovered = exporter.get("/boinc/attic/sd", &[]).await.body;
    assert!(discovered.contains("\"__metrics_path__\":\"/boinc/attic/probe\""), "{discovered}");
    let own = exporter.get("/boinc/attic/-/metrics", &[]).await;
    assert_eq!(Samples::parse(&own.body).value("boinc_exporter_config_last_reload_successful", &[]), Some(1.0));
    let post = crate::support::http_client().post(format!("http://{}/boinc/attic/-/reload", exporter.address()));
    assert_eq!(post.send().await.expect("an answer").status(), 200);
    assert!(exporter.log().contains("path=/boinc/attic/metrics"), "{}", exporter.log());
}

/// The status, and where it leads.
async fn redirect(exporter: &Exporter, path: &str) -> (u16, String) {
    let http =
        crate::support::http_client_builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let answer = http.get(format!("http://{}{path}", exporter.address())).send().await.expect("an answer");
    let location = answer.headers().get("location").map(|location| location.to_str().expect("text").to_owned());
    (answer.status().as_u16(), location.unwrap_or_default())
}

#[tokio::test]
async fn the_external_url_gives_the_prefix_unless_there_is_one() {
    let url = "external_url = \"https://example.org/boinc\"\n";
    let exporter = Exporter::start(url);
    assert_eq!(redirect(&exporter, "/").await, (302, "https://example.org/boinc/".to_owned()));
    assert_eq!(redirect(&exporter, "/boinc").await, (302, "boinc/".to_owned()));
    assert_eq!(exporter.get("/boinc/-/healthy", &[]).await.status, 200);
    let stripped = Exporter::start(&format!("{url}route_prefix = \"/\"\n"));
    assert_eq!(redirect(&stripped, "/").await, (200, String::new()));
    assert_eq!(stripped.get("/-/healthy", &[]).await.status, 200);
    assert_eq!(stripped.get("/boinc/-/healthy", &[]).await.status, 404);
}

#[test]
fn wrong_urls_and_prefixes_are_refused() {
    let mut said = String::new();
    for flag in [
        "--web.route-prefix=/a b",
        "--web.route-prefix=/a//b",
        "--web.route-prefix=/a/../b",
        "--web.route-prefix=/{name}",
        "--web.external-url=example.org",
        "--web.external-url=ftp://example.org/",
        "--web.external-url=https://bob:hunter2@example.org/",
        "--web.external-url=https://example.org/?a=b",
        "--web.external-url=\"https://example.org/\"",
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_boinc_exporter"));
        let output = command.args([flag, "--config.check"]).env_clear().output().expect("the built binary starts");
        assert!(!output.status.success(), "{flag}");
        said.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    assert!(!said.contains("hunter2"), "{said}");
    insta::assert_snapshot!(said, @r#"
    boinc_exporter: --web.route-prefix is "/a b", but must be a path such as "/boinc", with only letters, digits and - . _ ~ between single slashes
    boinc_exporter: --web.route-prefix is "/a//b", but must be a path such as "/boinc", with only letters, digits and - . _ ~ between single slashes
    boinc_exporter: --web.route-prefix is "/a/../b", but must be a path such as "/boinc", with only letters, digits and - . _ ~ between single slashes
    boinc_exporter: --web.route-prefix is "/{name}", but must be a path such as "/boinc", with only letters, digits and - . _ ~ between single slashes
    boinc_exporter: --web.external-url must be a URL such as "https://example.org/boinc/", with neither a user name nor a query
    boinc_exporter: --web.external-url must be a URL such as "https://example.org/boinc/", with neither a user name nor a query
    boinc_exporter: --web.external-url must be a URL such as "https://example.org/boinc/", with neither a user name nor a query
    boinc_exporter: --web.external-url must be a URL such as "https://example.org/boinc/", with neither a user name nor a query
    boinc_exporter: --web.external-url must be a URL such as "https://example.org/boinc/", with neither a user name nor a query
    "#);
}
