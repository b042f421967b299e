//! The overview as a browser shows it. Needs chromium.

use std::process::Command;

use tempfile::TempDir;

use crate::support::{Exporter, FOLDER, FakeClient, client_toml};

/// As wide as phones, tablets and screens are, and around the point where the layout changes.
const WIDTHS: [u32; 6] = [320, 390, 800, 801, 1000, 1280];

/// Opens a page in a frame of each width; the frame around it measures, for the page itself may run no script.
fn measured(html: &str) -> Vec<serde_json::Value> {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let file = folder.path().join("frames.html");
    let source = html.replace('&', "&amp;").replace('"', "&quot;");
    let frame =
        |width: u32| format!("<iframe width={width} height=844 style=\"border:0\" srcdoc=\"{source}\"></iframe>");
    let frames: String = WIDTHS.into_iter().map(frame).collect();
    let script =
        "onload = () => { document.body.innerHTML = '<pre>' + [...document.querySelectorAll('iframe')].map(frame => {
        const page = frame.contentDocument;
        return JSON.stringify({
            width: frame.width,
            fits: page.documentElement.scrollWidth <= page.documentElement.clientWidth,
            header: getComputedStyle(page.querySelector('.head')).display != 'none',
            clients: [...page.querySelectorAll('summary b')].filter(name => name.offsetHeight > 0).length,
            // As high as a line: what does not fit is cut off.
            lines: [...page.querySelectorAll('summary')].every(row => row.offsetHeight < 40),
            // Cut off at the end of a line, whole below it.
            first: page.querySelector('summary b').firstChild.data,
        });
    }).join('\\n') + '</pre>' }";
    std::fs::write(&file, format!("<!doctype html><body>{frames}<script>{script}</script>")).expect("it is writable");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--window-size=1400,1000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("chromium is installed");
    let dom = String::from_utf8_lossy(&output.stdout);
    let result = dom.split_once("<pre>").and_then(|(_, rest)| rest.split_once("</pre>"));
    let Some((result, _)) = result else { panic!("{dom}\n{}", String::from_utf8_lossy(&output.stderr)) };
    result.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn the_overview_fits_every_screen() {
    let attic = FakeClient::playing(FOLDER).start().await;
    let mut config = client_toml("attic", &attic.address());
    config += &client_toml(&"a-name-without-any-place-to-break-".repeat(4), "127.0.0.1:1");
    for number in 2..200 {
        config += &client_toml(&format!("node-{number:03}.cluster.example.org"), &format!("127.0.0.1:{number}"));
    }
    let exporter = Exporter::start(&config);
    exporter.get("/metrics", &[]).await;
    let html = exporter.get("/", &[]).await.body;
    let expected: Vec<_> = WIDTHS
        .into_iter()
        .map(|width| {
            serde_json::json!({
                "width": width.to_string(),
                "fits": true,
                "header": width > 800,
                "clients": 200,
                "lines": true,
                "first": "a-name-without-any-place-to-break-".repeat(4),
            })
        })
        .collect();
    assert_eq!(measured(&html), expected);
}
