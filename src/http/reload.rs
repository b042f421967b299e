//! `/-/reload`: reads the configuration again and says how that went.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;

pub async fn reload(State(app): State<Arc<App>>) -> Response {
    match app.state.live.reload().await {
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
