//! The pages: metrics for Prometheus, an overview for people, health for supervisors. Requests come in, the fleet is
//! asked, text goes out. Knows nothing of BOINC's protocol or of the formats of metrics.

mod body;
mod html;
mod landing;
mod serve;
mod timeout;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, IntoResponseParts, Response};
use axum::routing::get;
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::collect::Fleet;
use crate::config::Config;
use crate::exposition::{Format, negotiate, render};
use crate::metrics::Scrape;

pub use serve::{BindError, bind, serve};

/// What the pages need.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The clients.
    pub fleet: Arc<Fleet>,
    /// The exporter's own metrics.
    pub own: Arc<Registry>,
}

struct App {
    state: AppState,
    /// One permit for each scrape that may be in flight.
    slots: Arc<Semaphore>,
}

/// All pages.
pub fn app(state: AppState) -> Router {
    let path = state.config.web.telemetry_path.clone();
    let slots = state.config.web.max_requests.min(Semaphore::MAX_PERMITS);
    let mut compressed = Router::new().route(&path, get(metrics).head(metrics_head));
    if path != "/" {
        compressed = compressed.route("/", get(overview));
    }
    // Metrics shrink twentyfold at any level, and the highest costs many times the CPU time of the lowest.
    compressed
        .route_layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .route("/-/healthy", get(|| async { "boinc_exporter is healthy.\n" }))
        .route("/-/ready", get(|| async { "boinc_exporter is ready.\n" }))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .with_state(Arc::new(App { state, slots: Arc::new(Semaphore::new(slots)) }))
}

async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let AppState { config, fleet, own } = &app.state;
    let Ok(slot) = Arc::clone(&app.slots).try_acquire_owned() else {
        let sentence = format!(
            "The {} scrapes that --web.max-requests allows at a time are being answered already; scrape less often or \
             from fewer places, or allow more.\n",
            config.web.max_requests
        );
        return (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    };
    let within = match timeout::of_request(&headers, config.scrape.timeout, config.scrape.timeout_offset) {
        Ok(within) => within,
        Err(sentence) => return (StatusCode::BAD_REQUEST, sentence).into_response(),
    };
    let format = format_for(&headers);
    let snapshots = fleet.scrape(Instant::now() + within).await;
    let own = (!config.web.disable_exporter_metrics).then_some(&**own);
    let text = render(own, Scrape(snapshots), format);
    (metrics_headers(format), Body::new(body::Held::new(text, slot))).into_response()
}

/// The headers alone: a health check by `HEAD` is no reason to ask a thousand clients.
async fn metrics_head(headers: HeaderMap) -> Response {
    (metrics_headers(format_for(&headers)), Body::new(body::Unsaid)).into_response()
}

fn metrics_headers(format: Format) -> impl IntoResponseParts {
    [(CONTENT_TYPE, format.content_type()), (VARY, "accept"), (X_CONTENT_TYPE_OPTIONS, "nosniff")]
}

fn format_for(headers: &HeaderMap) -> Format {
    let lines: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    negotiate(Some(&lines.join(",")))
}

async fn overview(State(app): State<Arc<App>>) -> Response {
    let last = app.state.fleet.last();
    let rows = last.iter().map(|(target, snapshot)| landing::Row::new(&target.name, snapshot.as_deref())).collect();
    page(StatusCode::OK, landing::page(&app.state.config.web.telemetry_path, rows))
}

async fn not_found(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let (path, metrics) = (html::escape(uri.path()), html::escape(&app.state.config.web.telemetry_path));
    let text = html::fill(include_str!("http/not_found.html"), &[("path", &path), ("metrics", &metrics)]);
    page(StatusCode::NOT_FOUND, text)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let sentence = format!("{} can be read with GET or HEAD; {method} does nothing here.\n", uri.path());
    (StatusCode::METHOD_NOT_ALLOWED, sentence).into_response()
}

/// A page for people. It has no scripts and loads nothing; the policy holds even if something slipped through escaping.
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
