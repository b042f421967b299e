//! `/config`: the settings in force, as a configuration file. They contain no secrets: passwords are in their own files, of
//! which only the paths are shown.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

use super::App;
use crate::config::Config;

pub async fn config(State(app): State<Arc<App>>) -> Response {
    let headers = [(CONTENT_TYPE, "application/toml; charset=utf-8"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    match text(&app.state.config.active().config) {
        Ok(text) => (headers, text).into_response(),
        Err(error) => {
            let sentence = format!("Cannot write the configuration as TOML: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}

fn text(config: &Config) -> Result<String, toml::ser::Error> {
    let file = match &config.file {
        Some(file) => format!("{:?}", file.display().to_string()),
        None => "none".to_owned(),
    };
    let no_clients = if config.means_local_client() {
        "# No clients configured: monitoring the one on this computer.\n"
    } else {
        ""
    };
    let toml = toml::to_string(config)?;
    Ok(format!(
        "# In force, including defaults, environment and flags. Configuration file: {file}.\n{no_clients}\n{toml}"
    ))
}
