//! The pages: metrics for Prometheus, an overview for people, health checks for supervisors. Knows nothing of BOINC's
//! protocol or of the formats of metrics.

mod admission;
mod answers;
mod auth;
mod body;
mod catch_up;
mod config_page;
mod debug;
mod html;
mod landing;
mod peer;
mod probe;
mod projects;
mod query;
mod rate_limit;
mod reload;
mod runbooks;
mod sd;
mod server;
pub mod systemd;
mod timeout;
mod tls;
mod web_access;
mod web_config;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{
    ACCEPT, ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, IntoResponseParts, Response};
use axum::routing::{get, post};
use prometheus_client::registry::Registry;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use self::admission::{Part, Readers, Scrapes};
use self::answers::Besides;
use self::catch_up::CatchUp;
use self::query::{COLLECT, EXCLUDE, Parameters, Refusal, Selection, check_known, wrong};
use crate::client::Client;
use crate::config::Web;
use crate::exposition::{Format, end, families, negotiate, registered, render};
use crate::metric::Scrape;
use crate::project::Project;
use crate::reload::{ActiveConfig, ConfigHandle};
use crate::self_metrics;

pub use auth::{COSTS, HashPasswordError, hash_password};
pub use reload::{ReloadError, Reloader};
pub use server::{BindError, bind, serve, serve_with_web_access};
pub use web_access::WebAccess;
pub use web_config::WebConfigError;

/// Up to this many series are rendered on the worker thread, as ten clients have, in a few milliseconds. Rendering more would
/// delay the replies of other clients, which must be read.
const INLINE_RENDER_MAX: usize = 10_000;

/// What the pages need.
#[derive(Debug, Clone)]
pub struct AppState {
    config: Arc<ConfigHandle>,
    web_access: Option<Arc<WebAccess>>,
    self_metrics: Arc<Registry>,
    reloader: Arc<Reloader>,
}

impl AppState {
    /// For this configuration, behind this web configuration.
    #[must_use]
    pub fn new(config: ConfigHandle, web_access: Option<Arc<WebAccess>>) -> Self {
        let config = Arc::new(config);
        Self {
            self_metrics: Arc::new(self_metrics::registry(
                config.reloads(),
                web_access.as_ref().map(|access| access.reloads()),
            )),
            reloader: Arc::new(Reloader::new(Arc::clone(&config), web_access.clone())),
            web_access,
            config,
        }
    }

    /// The metrics about the exporter, up to date.
    async fn self_metrics(&self) -> Arc<Registry> {
        if let Some(web_access) = &self.web_access {
            web_access.refresh().await;
        }
        Arc::clone(&self.self_metrics)
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> Arc<ConfigHandle> {
        Arc::clone(&self.config)
    }

    /// What replaces the configuration while the exporter runs.
    #[must_use]
    pub fn reloader(&self) -> &Arc<Reloader> {
        &self.reloader
    }
}

struct App {
    state: AppState,
    scrapes: Scrapes,
    catch_up: CatchUp,
}

/// All pages.
pub fn app(state: AppState) -> Router {
    let web = state.config.active().config.web.clone();
    let (prefix, path) = (web.prefix(), web.telemetry_path.clone());
    let at = |path: &str| format!("{prefix}{path}");
    let mut compressed = Router::new()
        .route(&at(&path), get(metrics).head(metrics_head))
        .route(&at("/probe"), get(probe::probe).head(probe::probe_head))
        .route(&at("/projects"), get(projects::all).head(projects::all_head))
        .route(&at("/sd"), get(sd::discovery))
        .route(&at("/config"), get(config_page::config))
        .route(&at("/runbooks"), get(|| async { page(StatusCode::OK, runbooks::page()) }));
    if path != "/" {
        compressed = compressed.route(&at("/"), get(overview));
    }
    if !prefix.is_empty() {
        let redirects = redirects(&web);
        compressed = redirects.into_iter().fold(compressed, |router, (path, goal)| {
            router.route(&path, get(move || async { (StatusCode::FOUND, [(LOCATION, goal)]) }))
        });
    }
    // Metrics shrink by a factor of 20 at any level, and the highest level takes many times the CPU time of the lowest.
    compressed
        .route_layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .route(&at("/-/healthy"), get(|| async { "boinc_exporter is healthy.\n" }))
        .route(&at("/-/metrics"), get(exporter_metrics))
        .route(&at("/-/ready"), get(|| async { "boinc_exporter is ready.\n" }))
        .route(&at("/-/reload"), post(reload::post).layer(CsrfLayer::new().with_rejection_response(reload::foreign)))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .with_state(Arc::new(App { state, scrapes: Scrapes::new(web.max_requests), catch_up: CatchUp::default() }))
}

/// Where the paths above the pages lead: to the overview.
fn redirects(web: &Web) -> [(String, String); 2] {
    let prefix = web.prefix();
    let (_, last) = prefix.rsplit_once('/').unwrap_or_default();
    // Relative, for proxies that add a prefix of their own.
    let overview = format!("{}/", &prefix[1..]);
    let external = web.external_url.as_ref().map(|url| format!("{}/", url.trim_end_matches('/')));
    [("/".to_owned(), external.unwrap_or(overview)), (prefix.clone(), format!("{last}/"))]
}

async fn metrics(
    State(app): State<Arc<App>>,
    Query(query): Parameters,
    readers: Readers,
    headers: HeaderMap,
) -> Response {
    let active = app.state.config.active();
    let selection = match selection(&query, &active) {
        Ok(selection) => selection,
        Err(refusal) => return refusal.into_response(),
    };
    let admission = match app.scrapes.admit(&active.config, &headers, readers).await {
        Ok(admission) => admission,
        Err(response) => return response,
    };
    let snapshots = active.fleet.scrape_only(selection.only, admission.deadline).await;
    // Who asks for single collectors of clients has another job for the rest: projects would be there twice.
    let projects = if selection.names_some() { Vec::new() } else { active.projects.scrape() };
    let with = Besides { exporter: !active.config.web.disable_exporter_metrics, projects: !projects.is_empty() };
    let exporter = if with.exporter { Some(app.state.self_metrics().await) } else { None };
    let series =
        snapshots.iter().map(|client| client.fit.series()).chain(projects.iter().map(|project| project.fit.series()));
    let inline = series.sum::<usize>() <= INLINE_RENDER_MAX;
    let (format, scrape) = (admission.format, Scrape::of::<Client>(snapshots.clone()).and::<Project>(projects));
    let body = if inline {
        let text = || render(exporter.as_deref(), scrape, format);
        admission.complete(&app.scrapes, &snapshots, with, text)
    } else {
        admission.streamed(&app.scrapes, &snapshots, with, parts(exporter, scrape, format))
    };
    (metrics_headers(format), body).into_response()
}

/// The output of [`render`], in parts.
fn parts(exporter: Option<Arc<Registry>>, scrape: Scrape, format: Format) -> impl Iterator<Item = Part> {
    let exporter = exporter.map(|registry| Box::new(move || registered(&registry, format)) as Part);
    let tables = scrape.into_tables().map(move |table| Box::new(move || families(table, format)) as Part);
    exporter.into_iter().chain(tables).chain([Box::new(move || end(format).to_owned()) as Part])
}

/// Metrics about the exporter alone, for setups that scrape clients one by one through `/probe`.
async fn exporter_metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let format = format_for(&headers);
    let registry = app.state.self_metrics().await;
    (metrics_headers(format), render(Some(&registry), Scrape::default(), format)).into_response()
}

/// Only the headers: a health check by `HEAD` is no reason to poll a thousand clients.
async fn metrics_head(State(app): State<Arc<App>>, Query(query): Parameters, headers: HeaderMap) -> Response {
    match selection(&query, &app.state.config.active()) {
        Ok(_) => (metrics_headers(format_for(&headers)), body::unknown_length()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What a request for the metrics of all clients wants of them.
fn selection(query: &[(String, String)], active: &ActiveConfig) -> Result<Selection, Refusal> {
    if let Some((key, _)) =
        query.iter().find(|(key, _)| ["target", "module", "debug", "project"].contains(&key.as_str()))
    {
        return Err(wrong(format!(
            "The parameter `{key}` belongs to /probe, which shows one client or project; this page shows all."
        )));
    }
    check_known(query, &[COLLECT, EXCLUDE])?;
    let selection = Selection::read(query)?;
    selection.check_enabled(active.fleet.targets().map(|target| target.collectors))?;
    Ok(selection)
}

fn metrics_headers(format: Format) -> impl IntoResponseParts {
    [(CONTENT_TYPE, format.content_type()), (VARY, "accept"), (X_CONTENT_TYPE_OPTIONS, "nosniff")]
}

fn format_for(headers: &HeaderMap) -> Format {
    let lines: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    negotiate(Some(&lines.join(",")))
}

async fn overview(State(app): State<Arc<App>>, method: Method) -> Response {
    let active = app.state.config.active();
    // A health check by `HEAD` asks nobody.
    let asking = if method == Method::HEAD { (0, 0) } else { app.catch_up.run(&active, &app.scrapes).await };
    let (last, known, now) = (active.fleet.last(), active.fleet.known(), active.fleet.now());
    let clients = last.iter().zip(&known);
    let rows = clients.map(|((target, last), known)| landing::Row::new(target, last.as_deref(), known, now)).collect();
    let of_web = app.state.web_access.as_ref().and_then(|access| access.reloads().failure());
    let projects = active.projects.rows();
    // Those that are asked for the first time are known in a moment.
    let asking = if projects.iter().any(|row| row.is_new) { (asking.0, asking.1.min(catch_up::SOON)) } else { asking };
    let page_of = landing::Page {
        telemetry_path: &active.config.web.telemetry_path,
        rows,
        projects: &projects,
        failures: [app.state.config.reloads().failure(), of_web].into_iter().flatten().collect(),
        asking,
    };
    page(StatusCode::OK, page_of.html())
}

async fn not_found(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let web = app.state.config.active().config.web.clone();
    let prefix = web.prefix();
    let values = [
        ("path", html::escape(uri.path())),
        ("root", html::escape(&root_from(uri.path(), &prefix))),
        ("prefix", html::escape(&prefix)),
        ("metrics", html::escape(&web.telemetry_path[1..])),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    page(StatusCode::NOT_FOUND, html::fill(include_str!("http/not_found.html"), &values))
}

/// The overview, relative to a path: a proxy may have removed a prefix that only the browser knows.
fn root_from(path: &str, prefix: &str) -> String {
    let inside = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
    let depth = inside.unwrap_or(path).matches('/').count().saturating_sub(1);
    let up = if depth == 0 { "./".to_owned() } else { "../".repeat(depth) };
    match inside {
        Some(_) => up,
        None => format!("{up}{}/", prefix.trim_start_matches('/')),
    }
}

/// `OPTIONS` asks what else a page supports, and is the default health check of `HAProxy`.
async fn method_not_allowed(State(app): State<Arc<App>>, method: Method, uri: Uri) -> Response {
    let path = uri.path();
    let is_reload = path.strip_prefix(&app.state.config.active().config.web.prefix()) == Some("/-/reload");
    let allow = [(ALLOW, if is_reload { "POST, OPTIONS" } else { "GET, HEAD, OPTIONS" })];
    if method == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, allow).into_response();
    }
    let sentence = if is_reload {
        format!("{path} only supports POST, which reloads the configuration; this was {method}.\n")
    } else {
        format!("{path} only supports GET and HEAD; this was {method}.\n")
    };
    (StatusCode::METHOD_NOT_ALLOWED, allow, sentence).into_response()
}

/// A page for people. It has no scripts and loads nothing; the policy enforces that even if escaping has a bug.
fn page(status: StatusCode, html: String) -> Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, html).into_response()
}
