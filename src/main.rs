//! The command line: what was typed becomes a configuration, and the configuration one job.

use std::process::ExitCode;

use boinc_exporter::cli::{Cli, Command};
use boinc_exporter::config::Config;
use boinc_exporter::jobs::{
    backfill, check, config_check, hash_password, healthcheck, import_computers, print, reference, scrape, serve,
};
use boinc_exporter::log;
use clap::Parser;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    match start(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("boinc_exporter: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: &Cli) -> anyhow::Result<ExitCode> {
    if cli.command == Some(Command::Metrics) {
        print(&reference::reference())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::HashPassword { cost }) = cli.command {
        hash_password::hash_password(cost)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::ImportComputers { file, passwords_dir }) = &cli.command {
        print(&import_computers::computers(file, passwords_dir.as_deref())?)?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(feature = "demo")]
    if let Some(Command::Demo(what)) = &cli.command {
        runtime()?.block_on(boinc_exporter::jobs::demo::demo(cli, what))?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(cli)?;
    if cli.config_check {
        print(&config_check::summary(&config)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = runtime()?;
    match &cli.command {
        Some(Command::Healthcheck) => {
            runtime.block_on(healthcheck::healthcheck(&config))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Check { names }) => runtime.block_on(check::check(&config, names)),
        Some(Command::Backfill(what)) => {
            runtime.block_on(backfill::backfill(&config, what))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Scrape { output }) => {
            log::init(config.log.level, config.log.format);
            runtime.block_on(scrape::scrape(&config, output.as_deref()))?;
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            log::init(config.log.level, config.log.format);
            runtime.block_on(serve::serve(cli, config))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Two threads serve thousands of clients: the work is waiting.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
