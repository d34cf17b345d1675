// SPDX-License-Identifier: Apache-2.0
//! The command line: one file per verb, which returns what is to be shown; only `output` prints.
//!
//! | file | what |
//! |---|---|
//! | `args` | the grammar, and what verbs have in common |
//! | `check`, `compile`, `sim`, `synth`, `bisect`, `explain` | the verbs |
//! | `program`, `design` | from arguments to a linked program, and to all files of a design |
//! | `bench` | captures, map files, simulation errors |
//! | `folder` | writing a folder whole or not at all |
//! | `output`, `progress` | standard output and standard error |
//! | `guard` | a panic becomes a message |
//!
//! Exit codes: 0 done, 1 refused or failed, 2 wrong command line.

mod args;
mod bench;
mod bisect;
mod bisect_report;
mod check;
mod compile;
mod design;
mod explain;
mod folder;
mod guard;
mod output;
mod program;
mod progress;
mod sim;
mod sim_engine;
mod sim_events;
mod sim_oracle;
mod sim_report;
mod sim_stall;
mod sim_waves;
mod synth;
mod synth_report;
mod synth_tools;

use args::{Cli, Command};
use bpf2hdl::diag::Diagnostics;
use clap::Parser as _;
use output::Outcome;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command with these arguments, the program's name first.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error, args::wants_json(&arguments)),
    };
    let json = cli.json;
    output::finish(guard::run(move || run(cli)), json)
}

fn run(cli: Cli) -> Result<Outcome, Diagnostics> {
    match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Compile(args) => compile::run(&args),
        Command::Sim(args) => sim::run(&args, cli.json),
        Command::Synth(args) => synth::run(&args, cli.json),
        Command::Bisect(args) => bisect::run(&args, cli.json),
        Command::Explain(args) => explain::run(&args),
    }
}
