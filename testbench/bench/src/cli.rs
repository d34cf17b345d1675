// SPDX-License-Identifier: Apache-2.0
//! The command line.

use crate::{delays, families, maps, netlist, programs, scaling};
use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Benchmarks of bpf2hdl.
#[derive(Parser, Debug)]
#[command(name = "./run benchmark", max_term_width = 120, args_conflicts_with_subcommands = true)]
struct Cli {
    /// The compiler to measure
    #[arg(long, default_value = "target/release/bpf2hdl", hide = true, global = true)]
    compiler: PathBuf,
    #[command(flatten)]
    programs: programs::Arguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Time and memory of the compiler against the size of the program
    Scaling(scaling::Arguments),
    /// What every example takes in every family, and how fast it is there
    Families(families::Arguments),
    /// What a map costs, by type and size
    Maps(maps::Arguments),
    /// What a design takes of an Alveo U50, as JSON: wrappers of shells
    Netlist(netlist::Arguments),
    /// Measure the delay table of a target again
    Delays(delays::Arguments),
}

/// Runs the command; 0, or 1 with a sentence on standard error.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        None => programs::run(&cli.compiler, &cli.programs, &say),
        Some(Command::Delays(arguments)) => delays::run(arguments, &say),
        Some(Command::Families(arguments)) => families::run(&cli.compiler, arguments, &say),
        Some(Command::Maps(arguments)) => maps::run(&cli.compiler, arguments, &say),
        Some(Command::Netlist(arguments)) => netlist::run(arguments, &say),
        Some(Command::Scaling(arguments)) => scaling::run(&cli.compiler, arguments, &say),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            // If standard error is gone there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "error: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// To standard output; a reader that has gone away is no failure.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
