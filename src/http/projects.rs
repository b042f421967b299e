//! `/projects`: the metrics of all projects; `/probe?project=NAME`: those of one. They come from memory: no page asks a project, but
//! a project is asked only while somebody reads its metrics.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::admission::Readers;
use super::answers::Besides;
use super::query::{Parameters, Refusal, check_known, shown, wrong};
use super::{App, body, format_for, metrics_headers, parts};
use crate::exposition::render;
use crate::metric::Scrape;
use crate::project::Project;
use crate::reload::ActiveConfig;
use crate::words::nearest;

const PROJECT: &str = "project";

pub async fn all(
    State(app): State<Arc<App>>,
    Query(query): Parameters,
    readers: Readers,
    headers: HeaderMap,
) -> Response {
    let active = app.state.config.active();
    if let Err(refusal) = check_all(&query, &active) {
        return refusal.into_response();
    }
    let admission = match app.scrapes.admit(&active.config, &headers, readers).await {
        Ok(admission) => admission,
        Err(refusal) => return refusal,
    };
    let (format, scrape) = (admission.format, Scrape::of::<Project>(active.projects.scrape()));
    let body = admission.streamed(&app.scrapes, &[], Besides::default(), parts(None, scrape, format));
    (metrics_headers(format), body).into_response()
}

/// Only the headers, as for `/metrics`: a health check is no reason to ask projects.
pub async fn all_head(State(app): State<Arc<App>>, Query(query): Parameters, headers: HeaderMap) -> Response {
    match check_all(&query, &app.state.config.active()) {
        Ok(()) => (metrics_headers(format_for(&headers)), body::unknown_length()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Whether a request for `/probe` means a project.
pub fn is_meant(query: &[(String, String)]) -> bool {
    query.iter().any(|(key, _)| key == PROJECT)
}

/// The metrics of one project.
pub async fn one(
    app: &App,
    active: &ActiveConfig,
    query: &[(String, String)],
    readers: Readers,
    headers: &HeaderMap,
) -> Response {
    if let Err(refusal) = check(query, active) {
        return refusal.into_response();
    }
    let admission = match app.scrapes.admit(&active.config, headers, readers).await {
        Ok(admission) => admission,
        Err(refusal) => return refusal,
    };
    let snapshot = named(query).and_then(|name| active.projects.scrape_one(name));
    let (format, scrape) = (admission.format, Scrape::of::<Project>(snapshot.into_iter().collect()));
    let text = || render(None, scrape, format);
    (metrics_headers(format), admission.complete(&app.scrapes, &[], Besides::default(), text)).into_response()
}

/// Refuses a request for one project that is not watched.
pub fn check(query: &[(String, String)], active: &ActiveConfig) -> Result<(), Refusal> {
    check_known(query, &[PROJECT])?;
    if query.len() > 1 {
        return Err(wrong("The parameter `project` is given twice."));
    }
    let name = named(query).unwrap_or_default();
    let rows = active.projects.rows();
    let known = || rows.iter().flat_map(|row| [row.snapshot.project.as_str(), row.snapshot.url.as_str()]);
    if active.projects.knows(name) {
        return Ok(());
    }
    off(active)?;
    let nearest =
        nearest(name, known()).map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{}`?", shown(name)));
    Err(wrong(format!("No project is called `{}`{nearest} /sd?projects=true lists all projects.", shown(name))))
}

fn check_all(query: &[(String, String)], active: &ActiveConfig) -> Result<(), Refusal> {
    check_known(query, &[])?;
    off(active)
}

/// An empty page would look as if all were well.
fn off(active: &ActiveConfig) -> Result<(), Refusal> {
    if active.projects.is_off() {
        let sentence = "No project is watched. Add [[projects]] to the configuration, or [projects] watch = \"attached\" for all \
                        that the clients are attached to.\n";
        return Err((StatusCode::NOT_FOUND, sentence.to_owned()));
    }
    Ok(())
}

fn named(query: &[(String, String)]) -> Option<&str> {
    query.iter().find(|(key, _)| key == PROJECT).map(|(_, value)| value.as_str())
}
