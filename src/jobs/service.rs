//! `boinc_exporter service`: serves as a Windows service, and installs and removes it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;
use tracing_appender::rolling::{RollingFileAppender, Rotation};

use crate::cli::{Cli, Service};
use crate::config::Config;
use crate::log::{self, LogFormat, LogLevel};
use crate::platform::service::{Installer, NAME};
use crate::platform::{default_config_file, own_folder, protect, service};
use crate::words::{chain, visible};

/// A file for each day, and so many of them.
const DAYS_OF_LOG: usize = 14;

/// The service and everyone may read the configuration.
const READ_BY_ALL: &str = "(A;OICI;FRFX;;;LS)(A;OICI;FRFX;;;BU)";

/// Passwords are for the service alone.
const READ_BY_SERVICE: &str = "(A;OICI;FRFX;;;LS)";

/// The service writes the log.
const WRITTEN_BY_SERVICE: &str = "(A;OICI;FRFWFXSD;;;LS)";

/// Runs one of the commands. `serve` is how the program serves.
///
/// # Errors
/// A sentence of the service control manager, or about a folder.
pub fn service(
    cli: &Cli,
    what: Service,
    serve: impl Fn(&Cli, Config) -> anyhow::Result<()> + Send + Sync + 'static,
) -> anyhow::Result<()> {
    match what {
        Service::Install => {
            let web = cli.web_config_file.as_ref().map(Path::new);
            for file in cli.config_file.as_deref().into_iter().chain(web) {
                anyhow::ensure!(
                    file.is_absolute(),
                    "name {} by its whole path: the service does not start in this folder",
                    file.display()
                );
            }
            // Before it is installed, what is wrong with the configuration is told to who can read it.
            Config::load(cli)?;
            let program = std::env::current_exe().context("cannot find the program's own file")?;
            let installer = Installer::open()?;
            make_folders(&own_folder())?;
            installer.install(program, arguments(std::env::args_os().skip(1)))?;
            super::print(&format!(
                "Installed and started the service {NAME}. Its log is in {}.\n",
                log_folder().display()
            ))
        }
        Service::Reload => Ok(service::reload()?),
        Service::Uninstall => {
            service::uninstall()?;
            super::print(&format!(
                "Removed the service {NAME}. Its folder is still there: {}\n",
                own_folder().display()
            ))
        }
        Service::Folders => make_folders(&own_folder()),
        Service::Run => {
            let cli = cli.clone();
            Ok(service::run(move || run(&cli, &serve))?)
        }
    }
}

/// The flags that `install` was given, for `run`.
fn arguments(typed: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<_> = typed.collect();
    if let Some(install) = arguments.iter_mut().rev().find(|argument| *argument == "install") {
        *install = "run".into();
    }
    arguments
}

/// Each key at its default.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The folders of the service, and a configuration for who comes to change it. Nobody else may write there, whoever made a folder
/// before.
fn make_folders(own: &Path) -> anyhow::Result<()> {
    for (folder, who) in
        [(own.to_owned(), READ_BY_ALL), (own.join("passwords"), READ_BY_SERVICE), (own.join("log"), WRITTEN_BY_SERVICE)]
    {
        fs::create_dir_all(&folder)
            .and_then(
                |()| if folder.is_symlink() { Err(ErrorKind::NotADirectory.into()) } else { protect(&folder, who) },
            )
            .with_context(|| format!("cannot make the folder {} for the service", folder.display()))?;
    }
    let file = default_config_file();
    match File::create_new(&file).and_then(|mut file| file.write_all(EXAMPLE.as_bytes())) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot write the configuration {}", file.display()))
        }
        _ => Ok(()),
    }
}

fn log_folder() -> std::path::PathBuf {
    own_folder().join("log")
}

/// Whether it went well. What did not is in the log.
fn run(cli: &Cli, serve: &impl Fn(&Cli, Config) -> anyhow::Result<()>) -> bool {
    let served = Config::load(cli).map_err(anyhow::Error::from).and_then(|config| {
        init_log(config.log.level, config.log.format);
        serve(cli, config)
    });
    let Err(error) = served else { return true };
    // If that is what failed, there is none yet.
    init_log(LogLevel::default(), LogFormat::default());
    tracing::error!(error = visible(&chain(error.as_ref())), "the service ends");
    false
}

/// Without a folder for it, there is no log: a service has no other place.
fn init_log(level: LogLevel, format: LogFormat) {
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(NAME)
        .filename_suffix("log")
        .max_log_files(DAYS_OF_LOG);
    if let Ok(files) = files.build(log_folder()) {
        log::init_with(level, format, files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_gets_the_flags_of_its_installation() {
        let arguments = |typed: &[&str]| arguments(typed.iter().map(OsString::from));
        assert_eq!(arguments(&["service", "install"]), ["service", "run"]);
        assert_eq!(
            arguments(&["service", "install", "--config.file", r"D:\my install\boinc.toml"]),
            ["service", "run", "--config.file", r"D:\my install\boinc.toml"]
        );
    }
}
