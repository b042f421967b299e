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
    if cli.command == Some(Command::Metrics) {
        print(&reference::reference())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::Dashboards(options)) = &cli.command {
        print(&dashboards::dashboards(options)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::Man { output }) = &cli.command {
        print(&man::man(output)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::Completions { shell }) = cli.command {
        print(&completions::completions(shell))?;
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
    if let Some(Command::Login { url, key_file, web_rpc_url }) = &cli.command {
        run(login::login(url, web_rpc_url.as_deref(), key_file.as_deref()))?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(feature = "demo")]
    if let Some(Command::Demo(what)) = &cli.command {
        run(boinc_exporter::jobs::demo::demo(cli, what))?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(windows)]
    if let Some(Command::Service(what)) = cli.command {
        boinc_exporter::jobs::service::service(cli, what, |cli, config| run(serve::serve(cli, config)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(cli)?;
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
