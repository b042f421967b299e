//! The command line: parses flags, loads the configuration, runs one command.

use std::process::ExitCode;

use boinc_exporter::cli::{Cli, Command};
use boinc_exporter::config::Config;
use boinc_exporter::jobs::{
    backfill, check, completions, config_check, dashboards, hash_password, healthcheck, import_computers, login, man,
    print, reference, scrape, serve,
};
use boinc_exporter::log;
use boinc_exporter::platform;
use boinc_exporter::words::{chain, visible};
use clap::Parser;

fn main() -> ExitCode {
    match start(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            // What is wrong with a file may be shown in several lines.
            let lines: Vec<_> = chain(error.as_ref()).lines().map(visible).collect();
            eprintln!("boinc_exporter: {}", lines.join("\n"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Some(Command::Metrics) => print(&reference::reference())?,
        Some(Command::Dashboards(options)) => print(&dashboards::dashboards(options)?)?,
        Some(Command::Man { output }) => print(&man::man(output)?)?,
        Some(Command::Completions { shell }) => print(&completions::completions(*shell))?,
        Some(Command::HashPassword { cost }) => hash_password::hash_password(*cost)?,
        Some(Command::ImportComputers { file, passwords_dir }) => {
            print(&import_computers::computers(file, passwords_dir.as_deref())?)?;
        }
        Some(Command::Login { url, key_file, web_rpc_url }) => {
            run(login::login(url, web_rpc_url.as_deref(), key_file.as_deref()))?;
        }
        #[cfg(feature = "demo")]
        Some(Command::Demo(what)) => run(boinc_exporter::jobs::demo::demo(cli, what))?,
        #[cfg(windows)]
        Some(Command::Service(what)) => {
            boinc_exporter::jobs::service::service(cli, *what, |cli, config| run(serve::serve(cli, config)))?;
        }
        _ => return start_with(cli, Config::load(cli)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command that needs the configuration.
fn start_with(cli: &Cli, config: Config) -> anyhow::Result<ExitCode> {
    if cli.config_check {
        print(&config_check::summary(&config)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    match &cli.command {
        Some(Command::Healthcheck) => run(healthcheck::healthcheck(&config))?,
        Some(Command::Check { names, verbose }) => return run(check::check(&config, names, *verbose)),
        Some(Command::Backfill(what)) => run(backfill::backfill(&config, what))?,
        Some(Command::Scrape { output }) => {
            log::init(config.log.level, config.log.format);
            run(scrape::scrape(&config, output.as_deref()))?;
        }
        _ => {
            log::init(config.log.level, config.log.format);
            run(serve::serve(cli, config))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command on two threads, which serve thousands of clients: most of the work is waiting.
fn run<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    platform::want_many_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(command);
    // A thread that reads from a network mount that hangs must not keep the process from ending.
    runtime.shutdown_background();
    result
}
