//! `boinc_exporter man`: the manual pages, from the flags and their help; one page for the program and one for each command.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::{Cli, EXAMPLES};

const SECTION: &str = "1";

/// Writes the pages to a directory, which is created if it does not exist. Returns what to do with them.
///
/// # Errors
/// A sentence about a page that cannot be written.
///
/// # Panics
/// Never: clap names the commands of a program when it builds it.
pub fn man(output: &Path) -> anyhow::Result<String> {
    let mut program = Cli::command().disable_help_subcommand(true).max_term_width(0);
    program.build();
    fs::create_dir_all(output).with_context(|| format!("cannot write to {}", output.display()))?;
    for command in program.get_subcommands() {
        write(output, command.get_display_name().expect("it is built"), &page_of_command(command.clone())?)?;
    }
    write(output, program.get_name(), &page_of_program(program.clone())?)?;
    let page = output.join(format!("{}.{SECTION}", program.get_name()));
    Ok(format!("Wrote {} pages. Read them with: man -l {}\n", program.get_subcommands().count() + 1, page.display()))
}

fn write(output: &Path, name: &str, page: &[u8]) -> anyhow::Result<()> {
    let path = output.join(format!("{name}.{SECTION}"));
    fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))
}

fn page_of_program(program: Command) -> anyhow::Result<Vec<u8>> {
    let man = titled(program.subcommand_help_heading("COMMANDS").subcommand_value_name("COMMAND"));
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_subcommands_section(&mut page)?;
    man.render_options_section(&mut page)?;
    // The lines as they are: clap_mangen would fill them.
    let mut roff = Roff::new();
    let (examples, environment) = EXAMPLES.split_once("\n\n").expect("examples, then words");
    roff.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in examples.lines().skip(1) {
        roff.text([roman(line)]);
    }
    roff.control("fi", []).control("SH", ["ENVIRONMENT"]).text([roman(environment)]);
    roff.control("SH", ["FILES"]).control("TP", []).text([roman(crate::platform::DEFAULT_CONFIG_FILE)]);
    roff.text([roman("The configuration file that is read if none is named.")]);
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// Without the flags that all commands have: those are on the page of the program.
fn page_of_command(command: Command) -> anyhow::Result<Vec<u8>> {
    let command = command.mut_args(|flag| if flag.is_global_set() { flag.hide(true) } else { flag });
    let mut page = Vec::new();
    titled(command).render(&mut page)?;
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]).text([roman("boinc_exporter(1), which has the flags that all commands take.")]);
    roff.to_writer(&mut page)?;
    Ok(page)
}

fn titled(command: Command) -> Man {
    let man = Man::new(command).section(SECTION).manual("User Commands");
    // A page without a date is the same on every day. It is a blank, since an empty argument would shift those after it.
    man.date(" ").source(concat!("boinc_exporter ", env!("CARGO_PKG_VERSION")))
}
