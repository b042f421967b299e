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
    let outcome = match state.web_access.as_deref() {
        // Both or neither: the web configuration is put in force between reading the other and putting that in force.
        Some(web_access) if state.config.is_readable().await => match web_access.reload() {
            Ok(()) => state.config.reload().await,
            Err(error) => Err(state.config.refuse(&format!("the web configuration is wrong: {error}")).await),
        },
        _ => state.config.reload().await,
    };
    systemd::ready();
    outcome
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
