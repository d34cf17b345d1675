// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl check`: all refusals and warnings. Writes nothing.

use super::args::{BuildArgs, ProgramArgs};
use super::output::Outcome;
use super::program;
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::{compile, report};
use clap::Args;
use serde_json::json;

/// Arguments of `check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    build: BuildArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &CheckArgs) -> Result<Outcome, Diagnostics> {
    let options = args.build.options()?;
    let linked = program::load(&args.program.path, &args.program.source)?;
    let design = compile(&linked, &options)?;
    let report = report::report(&design, &linked, "", 0.0);
    let text = format!(
        "{}: can be built: {} instructions, {} stages at {} MHz on {} (estimate), {} maps\n",
        report.program,
        report.instructions,
        report.stages,
        report.clock_mhz,
        report.target,
        report.maps.len()
    );
    let json = json!({
        "program": report.program,
        "program_type": report.program_type,
        "section": report.section,
        "instructions": report.instructions,
        "target": report.target,
        "clock_mhz": report.clock_mhz,
        "optimize": report.optimize,
        "stages": report.stages,
        "latency_cycles": report.latency_cycles,
        "critical_stage": report.critical_stage,
        "items": report.warnings,
    });
    Ok(Outcome::new(text, &json, design.warnings))
}
