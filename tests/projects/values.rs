//! What a healthy project becomes.

use std::sync::Arc;

use boinc_exporter::project::Watch;
use boinc_exporter::project::target::Target;

use crate::support::project_server::{ProjectServer, healthy};
use crate::world::{clock, expose, settings, settle, target};

#[tokio::test]
async fn a_healthy_project_is_exposed_whole() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    std::fs::write(&key, "5ecre7\n").expect("it is writable");
    let target =
        Target { account_key: Some(key.clone()), submitter: Some(key), team: Some(1), ..target(&server.url()) };
    let watch = Arc::new(Watch::new(settings(vec![target]), clock));
    insta::assert_snapshot!("not_asked", expose(&watch).replace(server.address(), "SERVER"));
    settle(&watch).await;
    let text = expose(&watch).replace(server.address(), "SERVER");
    let measured = "boinc_server_scheduler_duration_seconds{";
    let text: Vec<_> = text
        .lines()
        .map(
            |line| {
                if line.starts_with(measured) { line.rsplit_once(' ').map_or(line, |(start, _)| start) } else { line }
            },
        )
        .collect();
    insta::assert_snapshot!("healthy", text.join("\n"));
    assert_eq!(server.most_at_a_time(), 1);
    let asked: Vec<_> = server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    insta::assert_snapshot!("asked", asked.join("\n"));
}
