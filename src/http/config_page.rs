//! `/config`: the settings in force, as a configuration file would say them. They hold no secret: passwords are in files of
//! their own, of which only the paths are shown.

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
            let sentence = format!("The configuration cannot be written as TOML: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}

fn text(config: &Config) -> Result<String, toml::ser::Error> {
    let origin = match &config.file {
        Some(file) => {
            format!("# In force, with defaults, environment and flags. The file is {:?}.\n", file.display().to_string())
        }
        None => "# In force, with defaults, environment and flags. There is no file.\n".to_owned(),
    };
    let nobody =
        if config.clients.is_empty() { "# None is configured: the client on this computer is watched.\n" } else { "" };
    Ok(format!("{origin}{nobody}\n{}", toml::to_string(config)?))
}
