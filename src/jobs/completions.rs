//! `boinc_exporter completions`: what a shell needs to complete commands and flags.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;

/// The script for a shell.
///
/// # Panics
/// Never: only writing can fail, and memory takes all.
#[must_use]
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    let mut program = Cli::command();
    let name = program.get_name().to_owned();
    clap_complete::generate(shell, &mut program, name, &mut script);
    let script = String::from_utf8(script).expect("it is made of texts");
    if shell == Shell::Fish { of_fish(&script) } else { script }
}

/// The rules of the script, with fish's own functions. Those of `clap_complete` do not work: fish's `argparse`, which they call,
/// refuses flags with a dot.
fn of_fish(script: &str) -> String {
    let (_, rules) = script.split_once("\ncomplete ").expect("functions, then rules");
    let rules = rules.replace("__fish_boinc_exporter_needs_command", "__fish_use_subcommand");
    format!("complete {}", rules.replace("__fish_boinc_exporter_using_subcommand", "__fish_seen_subcommand_from"))
}
