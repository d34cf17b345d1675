// SPDX-License-Identifier: Apache-2.0
//! `./run benchmark`: one table of all programs, as text, JSON, Markdown and charts.

use crate::catalogue::{self, Program};
use crate::files::put;
use crate::measure::{MAPS, Plan, Row, measure};
use crate::peers::Peers;
use crate::{markdown, plot};
use bpf2hdl_testbench::synth::Yosys;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where the page of the book is, from the root of the repository; its charts are in a folder beside it.
const PAGE: &str = "docs/src/benchmarks.md";

/// Arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Measure only programs whose names contain this; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// With `--only`: take the figures of the other programs from the last run in the same folder
    #[arg(long, requires = "only")]
    keep: bool,
    /// Leave synthesis out
    #[arg(long)]
    no_synth: bool,
    /// Leave simulation out
    #[arg(long)]
    no_sim: bool,
    /// Target of the compiler: xcup, xc7, ecp5
    #[arg(long, default_value = "xcup")]
    target: String,
    /// Folder to write
    #[arg(long, value_name = "DIR", default_value = "out/benchmark")]
    out: PathBuf,
    /// Write the page of the book as well
    #[arg(long)]
    page: bool,
}

/// What `benchmark.json` holds.
#[derive(Serialize)]
struct Results<'a> {
    target: &'a str,
    synthesis: Option<&'a str>,
    programs: &'a [Row],
    peers: &'a Peers,
}

/// What is taken from it again.
#[derive(Deserialize)]
struct LastResults {
    target: String,
    programs: Vec<Row>,
}

/// Runs it; whether all went well.
///
/// # Errors
/// A sentence, if it can not be run at all.
pub(crate) fn run(compiler: &Path, arguments: &Arguments, say: &dyn Fn(&str)) -> Result<bool, String> {
    let peers = Peers::read()?;
    let programs = catalogue::read(Path::new(catalogue::FOLDER))?;
    let wanted =
        |program: &Program| arguments.only.is_empty() || arguments.only.iter().any(|n| program.name.contains(n));
    if !programs.iter().any(wanted) {
        return Err(format!("no program of {} has such a name", catalogue::FOLDER));
    }
    let yosys = if arguments.no_synth { None } else { Some(Yosys::find().map_err(|error| error.to_string())?) };
    let plan = Plan {
        compiler,
        out: arguments.out.clone(),
        target: arguments.target.clone(),
        yosys,
        simulate: !arguments.no_sim,
    };
    catalogue::make_maps(Path::new(catalogue::FOLDER), &arguments.out.join(MAPS))?;
    let mut rows = if arguments.keep { last_rows(arguments, &programs)? } else { Vec::new() };
    for program in programs.iter().filter(|program| wanted(program)) {
        let row = one(program, &plan, say)?;
        rows.retain(|other| other.name != row.name);
        rows.push(row);
        let place = |row: &Row| programs.iter().position(|program| program.name == row.name);
        rows.sort_by_key(place);
        // After each, so that a run that is stopped leaves what it has.
        write(&rows, &peers, &plan, arguments)?;
    }
    show(&rows, &peers, arguments, say);
    Ok(rows.iter().all(|row| row.failures.is_empty()))
}

/// The figures that the last run left in the folder, of programs that there still are; they must be for the same target.
fn last_rows(arguments: &Arguments, programs: &[Program]) -> Result<Vec<Row>, String> {
    let file = arguments.out.join("benchmark.json");
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = fs::read_to_string(&file).map_err(|error| wrong(&error))?;
    let last: LastResults = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    if last.target != arguments.target {
        return Err(wrong(&format!("its figures are for {}, not for {}", last.target, arguments.target)));
    }
    Ok(last.programs.into_iter().filter(|row| programs.iter().any(|program| program.name == row.name)).collect())
}

fn one(program: &Program, plan: &Plan<'_>, say: &dyn Fn(&str)) -> Result<Row, String> {
    let start = Instant::now();
    let terminal = io::stdout().is_terminal();
    let row = measure(program, plan, &mut |step| {
        if terminal {
            say(&format!("\r\x1b[K  {}: {step} ...", program.name));
        }
    })?;
    let what = if !row.failures.is_empty() {
        "FAILED"
    } else if !row.refused.is_empty() {
        "refused"
    } else {
        "done"
    };
    let start_of_line = if terminal { "\r\x1b[K" } else { "" };
    say(&format!("{start_of_line}  {}: {what}, {:.1} s\n", row.name, start.elapsed().as_secs_f64()));
    Ok(row)
}

/// Everything into the folder, and the page if it was asked for.
fn write(rows: &[Row], peers: &Peers, plan: &Plan<'_>, arguments: &Arguments) -> Result<(), String> {
    let tool = plan.yosys.as_ref().map(Yosys::version);
    let results = Results { target: &plan.target, synthesis: tool, programs: rows, peers };
    let json = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    let page = markdown::page(rows, peers, &plan.target, tool);
    let charts = [("resources.svg", plot::resources(rows, peers)), ("rate.svg", plot::rate(rows, peers))];
    let mut folders = vec![(arguments.out.join("benchmark.md"), arguments.out.join("benchmarks"))];
    if arguments.page {
        folders.push((PathBuf::from(PAGE), PathBuf::from(PAGE).with_extension("")));
    }
    for (file, folder) in folders {
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        put(&file, &page)?;
        for (name, chart) in &charts {
            put(&folder.join(name), chart)?;
        }
    }
    put(&arguments.out.join("benchmark.json"), json)
}

fn show(rows: &[Row], peers: &Peers, arguments: &Arguments, say: &dyn Fn(&str)) {
    say(&format!("\n{}\n{}\n\n", markdown::main_table(rows).text(), markdown::LEGEND));
    let refused = markdown::refused_table(rows);
    if !refused.rows.is_empty() {
        say(&format!("{}\n", refused.text()));
    }
    say(&format!("{}\n{}\n", markdown::peer_table(rows, peers).text(), markdown::system_table(peers).text()));
    for row in rows {
        for failure in &row.failures {
            say(&format!("FAILED  {}: {failure}\n", row.name));
        }
    }
    say(&format!("written to {}\n", arguments.out.display()));
}
