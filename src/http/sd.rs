//! `/sd`: the configured clients, for Prometheus's HTTP service discovery.
//!
//! Each target is the name of a client. Its labels make Prometheus scrape `/probe` and use the name as `instance`; a relabel
//! rule only has to set `__address__` to that of the exporter.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::App;
use crate::client::target::Target;

/// A target group.
#[derive(Serialize)]
struct Group<'a> {
    targets: [&'a str; 1],
    labels: BTreeMap<String, String>,
}

impl<'a> Group<'a> {
    fn new(target: &'a Target, prefix: &str) -> Self {
        let name = || target.name.clone();
        let mut labels: BTreeMap<_, _> = [
            ("__metrics_path__", format!("{prefix}/probe")),
            ("__param_target", name()),
            ("instance", name()),
            ("__meta_boinc_address", target.address.to_string()),
        ]
        .map(|(label, value)| (label.to_owned(), value))
        .into();
        let configured = target.labels.iter();
        labels.extend(configured.map(|(label, value)| (format!("__meta_boinc_label_{label}"), value.clone())));
        Self { targets: [&target.name], labels }
    }
}

pub async fn discovery(State(app): State<Arc<App>>) -> Response {
    let active = app.state.config.active();
    let prefix = active.config.web.prefix();
    let groups: Vec<_> = active.fleet.targets().map(|target| Group::new(target, &prefix)).collect();
    match serde_json::to_string(&groups) {
        Ok(text) => {
            ([(CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], text + "\n").into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
