//! `/sd`: the configured clients, for Prometheus's HTTP service discovery. `/sd?projects=true`: the watched projects, which are
//! another job, because they belong to no client.
//!
//! Each target is the name of a client or project. Its labels make Prometheus scrape `/probe` and use the name as `instance`; a relabel
//! rule only has to set `__address__` to that of the exporter.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::App;
use super::query::{Parameters, Refusal, check_known, shown, wrong};
use crate::client::target::Target;
use crate::project::watch::Row;

/// A target group.
#[derive(Serialize)]
struct Group {
    targets: [String; 1],
    labels: BTreeMap<String, String>,
}

impl Group {
    fn of_client(target: &Target, prefix: &str) -> Self {
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
        Self { targets: [target.name.clone()], labels }
    }

    /// A project is named by its URL: its name may become known only later.
    fn of_project(row: &Row, prefix: &str) -> Self {
        let url = || row.snapshot.url.clone();
        let labels = [
            ("__metrics_path__", format!("{prefix}/probe")),
            ("__param_project", url()),
            ("instance", url()),
            ("__meta_boinc_project", row.snapshot.project.clone()),
        ];
        Self { targets: [url()], labels: labels.map(|(label, value)| (label.to_owned(), value)).into() }
    }
}

pub async fn discovery(State(app): State<Arc<App>>, Query(query): Parameters) -> Response {
    let active = app.state.config.active();
    let prefix = active.config.web.prefix();
    let groups: Vec<_> = match wants_projects(&query) {
        Err(refusal) => return refusal.into_response(),
        Ok(true) => active.projects.rows().iter().map(|row| Group::of_project(row, &prefix)).collect(),
        Ok(false) => active.fleet.targets().map(|target| Group::of_client(target, &prefix)).collect(),
    };
    match serde_json::to_string(&groups) {
        Ok(text) => {
            ([(CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], text + "\n").into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn wants_projects(query: &[(String, String)]) -> Result<bool, Refusal> {
    const PROJECTS: &str = "projects";
    check_known(query, &[PROJECTS])?;
    match query {
        [] => Ok(false),
        [(_, value)] if value == "true" => Ok(true),
        [(_, value)] if value == "false" => Ok(false),
        [(_, value)] => {
            Err(wrong(format!("The parameter `{PROJECTS}` is \"{}\", but must be true or false.", shown(value))))
        }
        _ => Err(wrong(format!("The parameter `{PROJECTS}` is given twice."))),
    }
}
