//! Reloading, by SIGHUP or by a POST to `/-/reload`: the configuration and the web configuration are read again, and who
//! asked is told how that went.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{App, AppState, systemd};

/// Reads everything again, and tells the service manager.
///
/// # Errors
/// A sentence that says what is wrong. What was in force stays.
pub async fn reload(state: &AppState) -> Result<usize, String> {
    systemd::reloading();
    let outcome = state.live.reload().await;
    let pages = state.guard.as_deref().map_or(Ok(()), |guard| guard.reload().map_err(|error| error.to_string()));
    if let Err(error) = &pages {
        tracing::error!("the web configuration cannot be reloaded, the old one stays in force: {error}");
    }
    systemd::ready();
    pages.and(outcome)
}

pub async fn post(State(app): State<Arc<App>>) -> Response {
    match reload(&app.state).await {
        Ok(clients) => {
            let plural = if clients == 1 { "" } else { "s" };
            format!("The configuration was reloaded: {clients} client{plural}.\n").into_response()
        }
        Err(failure) => {
            let sentence = format!("The configuration cannot be reloaded, the old one stays in force: {failure}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}
