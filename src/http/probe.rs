//! `/probe`: the metrics of one client, named in the request: a configured one, or an address that `[probe] allow` permits. Or
//! those of one project.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::admission::Readers;
use super::answers::Besides;
use super::query::{COLLECT, EXCLUDE, Parameters, Refusal, Selection, check_known, shown, wrong};
use super::{App, body, debug, format_for, metrics_headers, projects};
use crate::client::Client;
use crate::client::collectors::Collectors;
use crate::client::gui_rpc::error::Error;
use crate::client::snapshot::{Failure, Snapshot};
use crate::client::target::Target;
use crate::config::{Module, Probe};
use crate::exposition::{Format, render};
use crate::metric::Scrape;
use crate::reload::ActiveConfig;
use crate::words::nearest;

pub async fn probe(
    State(app): State<Arc<App>>,
    Query(query): Parameters,
    readers: Readers,
    headers: HeaderMap,
) -> Response {
    let active = app.state.config.active();
    if projects::is_meant(&query) {
        return projects::one(&app, &active, &query, readers, &headers).await;
    }
    let request = match Request::read(&query, &active) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let admission = match app.scrapes.admit(&active.config, &headers, readers).await {
        Ok(admission) => admission,
        Err(refusal) => return refusal,
    };
    let started = Instant::now();
    let snapshot = match request.target.ask(&active, request.only, admission.deadline).await {
        Ok(snapshot) => snapshot,
        Err(refusal) => return refusal.into_response(),
    };
    if request.debug {
        let within = admission.deadline.saturating_duration_since(started);
        let page = debug::page(&snapshot, &request.target.address(&active), within, started.elapsed());
        let text = page + &render(None, Scrape::of::<Client>(vec![snapshot]), Format::Text);
        let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
        return (headers, admission.complete(&app.scrapes, &[], Besides::default(), || text)).into_response();
    }
    let (format, snapshots) = (admission.format, [snapshot]);
    let text = || render(None, Scrape::of::<Client>(snapshots.to_vec()), format);
    (metrics_headers(format), admission.complete(&app.scrapes, &snapshots, Besides::default(), text)).into_response()
}

/// Only the headers, as for `/metrics`; but a bad request is one for `HEAD` too.
pub async fn probe_head(State(app): State<Arc<App>>, Query(query): Parameters, headers: HeaderMap) -> Response {
    let active = app.state.config.active();
    let read = if projects::is_meant(&query) {
        projects::check(&query, &active)
    } else {
        Request::read(&query, &active).map(drop)
    };
    match read {
        Ok(()) => (metrics_headers(format_for(&headers)), body::unknown_length()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

struct Request<'a> {
    target: ProbeTarget<'a>,
    /// Nothing else is collected.
    only: Collectors,
    debug: bool,
}

enum ProbeTarget<'a> {
    /// By name.
    Configured(&'a str),
    /// By address.
    Other { written: &'a str, host: String, port: u16, module: &'a str },
}

impl<'a> Request<'a> {
    fn read(query: &'a [(String, String)], active: &ActiveConfig) -> Result<Self, Refusal> {
        check_known(query, &["target", "module", "debug", COLLECT, EXCLUDE])?;
        let selection = Selection::read(query)?;
        let mut given: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, value) in query.iter().filter(|(key, _)| ![COLLECT, EXCLUDE].contains(&key.as_str())) {
            if given.insert(key, value).is_some() {
                return Err(wrong(format!("The parameter `{key}` is given twice.")));
            }
        }
        let debug = match given.get("debug") {
            None | Some(&"false") => false,
            Some(&"true") => true,
            Some(other) => {
                let problem = format!("The parameter `debug` is \"{}\", but must be true or false.", shown(other));
                return Err(wrong(problem));
            }
        };
        let Some(target) = given.get("target") else {
            return Err(wrong(
                "The parameter `target` is missing: use /probe?target=NAME with the name of a client; /sd lists them. For a \
                 project, use /probe?project=NAME.",
            ));
        };
        if target.is_empty() {
            return Err(wrong("The parameter `target` is empty, but must be the name of a client; /sd lists them."));
        }
        let target = ProbeTarget::find(target, given.get("module").copied(), active)?;
        selection.check_enabled(target.collectors(active))?;
        Ok(Self { target, only: selection.only, debug })
    }
}

impl<'a> ProbeTarget<'a> {
    fn find(written: &'a str, module: Option<&'a str>, active: &ActiveConfig) -> Result<Self, Refusal> {
        let probe = &active.config.probe;
        if active.fleet.targets().any(|target| target.name == written) {
            return match module {
                None => Ok(Self::Configured(written)),
                Some(_) => Err(wrong(format!(
                    "The client `{}` is configured, with its own password; remove `module`, which is for other addresses.",
                    shown(written)
                ))),
            };
        }
        if probe.allow.is_empty() {
            let closed = " Other addresses can be probed only if `[probe] allow` in the configuration permits it.";
            return Err(wrong(unknown(written, active) + closed));
        }
        let (host, port) = Probe::host_and_port(written).map_err(|_| {
            wrong(unknown(written, active) + " It is also not HOST or HOST:PORT with a name or an IPv4 address.")
        })?;
        refuse_configured(&format!("{host}:{port}"), active)?;
        if let Some(unknown) = module.filter(|module| !probe.modules.contains_key(*module)) {
            let known = match nearest(unknown, probe.modules.keys().map(String::as_str)) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "define it as [probe.modules.NAME] in the configuration.".to_owned(),
            };
            return Err(wrong(format!("There is no module `{}`; {known}", shown(unknown))));
        }
        Ok(Self::Other { written, host, port, module: module.unwrap_or_default() })
    }

    /// What is configured to be collected.
    fn collectors(&self, active: &ActiveConfig) -> Option<Collectors> {
        match self {
            Self::Configured(name) => {
                active.fleet.targets().find(|target| target.name == *name).map(|target| target.collectors)
            }
            Self::Other { module, .. } => {
                let config = &active.config;
                let of_module = config.probe.modules.get(*module).and_then(|module| module.collectors.as_ref());
                Collectors::parse(of_module.unwrap_or(&config.scrape.collectors)).ok()
            }
        }
    }

    /// Polls the client.
    async fn ask(&self, active: &ActiveConfig, only: Collectors, deadline: Instant) -> Result<Arc<Snapshot>, Refusal> {
        let no_result = || {
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The probe ended without a result. This is a bug in the exporter; see its log.\n".to_owned(),
            )
        };
        match self {
            Self::Configured(name) => active.fleet.scrape_one_only(name, only, deadline).await.ok_or_else(no_result),
            Self::Other { written, host, port, module } => {
                let probe = &active.config.probe;
                let none = Module::default();
                let settings = probe.modules.get(*module).unwrap_or(&none);
                let target = |address| {
                    let target = settings.target(&active.config, written, address, *port);
                    target.map_err(|problem| (StatusCode::INTERNAL_SERVER_ERROR, problem + "\n"))
                };
                let addresses = match active.fleet.resolve(host, deadline).await {
                    Ok(addresses) => addresses,
                    Err(error) => return Ok(Arc::new(unresolved(&target(Ipv4Addr::UNSPECIFIED)?, host, &error))),
                };
                let Some(address) = addresses.iter().copied().find(|address| probe.allows(*address)) else {
                    let problem = format!(
                        "{} is not in a network that `[probe] allow` permits, and no client has this name.\n",
                        shown(written)
                    );
                    return Err((StatusCode::FORBIDDEN, problem));
                };
                refuse_configured(&format!("{address}:{port}"), active)?;
                active.fleet.probe(target(address)?, module, only, deadline).await.ok_or_else(no_result)
            }
        }
    }

    /// For people.
    fn address(&self, active: &ActiveConfig) -> String {
        match self {
            Self::Configured(name) => {
                let target = active.fleet.targets().find(|target| target.name == *name);
                target.map(|target| target.address.to_string()).unwrap_or_default()
            }
            Self::Other { host, port, .. } => format!("{host}:{port}"),
        }
    }
}

/// The same client under two names would be counted twice.
fn refuse_configured(address: &str, active: &ActiveConfig) -> Result<(), Refusal> {
    match active.fleet.targets().find(|target| target.address.to_string() == address) {
        None => Ok(()),
        Some(target) => {
            Err(wrong(format!("{address} is configured as client `{}`; probe it by that name.", target.name)))
        }
    }
}

/// A client whose name cannot be resolved is down; the request for it is valid.
fn unresolved(target: &Target, host: &str, error: &Error) -> Snapshot {
    let mut snapshot = Snapshot::new(&target.name, &target.labels, target.collectors);
    let message = format!("no client is called `{host}`, and as the name of a host it fails: {error}");
    snapshot.error = Some(Failure { reason: error.reason(), message });
    snapshot
}

fn unknown(written: &str, active: &ActiveConfig) -> String {
    let nearest = nearest(written, active.fleet.targets().map(|target| target.name.as_str()));
    let nearest = nearest.map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{}`?", shown(name)));
    format!("No client is called `{}`{nearest} /sd lists all clients.", shown(written))
}
