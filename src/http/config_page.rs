//! `/config`: the settings in force, as a configuration file. They contain no secrets: passwords are in their own files, of
//! which only the paths are shown, unless these could be passwords in the wrong place.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::App;
use crate::config::Config;
use crate::reload::ActiveConfig;

/// A disk that hangs keeps one thread, however often the page is opened.
static LOOKS: Semaphore = Semaphore::const_new(1);

/// A disk that works answers sooner.
const PATIENCE: Duration = Duration::from_secs(1);

pub async fn config(State(app): State<Arc<App>>) -> Response {
    let headers = [(CONTENT_TYPE, "application/toml; charset=utf-8"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    match text(&shown(app.state.config.active()).await) {
        Ok(text) => (headers, text).into_response(),
        Err(error) => {
            let sentence = format!("Cannot write the configuration as TOML: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}

/// The settings, with names of password files that exist: these are no passwords.
async fn shown(active: Arc<ActiveConfig>) -> Config {
    let looked = async {
        // It is never closed.
        let look = LOOKS.acquire().await;
        let active = Arc::clone(&active);
        spawn_blocking(move || {
            let _look = look;
            active.config.shown(Path::exists)
        })
        .await
    };
    match timeout(PATIENCE, looked).await {
        Ok(Ok(config)) => config,
        _ => active.config.shown(|_| false),
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
