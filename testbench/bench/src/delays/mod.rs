// SPDX-License-Identifier: Apache-2.0
//! `./run delays`: measures the delay table of a target again, and shows where it differs from the present one.
//!
//! ECP5: every operation is placed and routed between two ranks of registers by nextpnr, the median of some seeds. AMD
//! families have no open timing: there the look-up table levels and carries of the netlist are counted and multiplied by constants
//! from data sheets; that is an estimate and is called one.

mod fit;
mod levels;
mod operations;
mod place;

use crate::console::Table;
use bpf2hdl::target::{self, Delays, Logic, Target};
use bpf2hdl_testbench::synth::Yosys;
use clap::Args;
use operations::Operation;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// Arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Target: ecp5 (placed and routed), xcup, xc7 (levels counted)
    #[arg(long, default_value = "ecp5")]
    target: String,
    /// Placements per operation
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u32,
    /// Few widths of each operation
    #[arg(long)]
    few: bool,
    /// Folder to write
    #[arg(long, value_name = "DIR", default_value = "out/delays")]
    out: PathBuf,
}

/// One operation.
#[derive(Debug, Clone, Serialize)]
struct Row {
    name: String,
    /// Median period, or the estimate, picoseconds.
    measured_ps: f64,
    /// All placements, picoseconds.
    seeds_ps: Vec<f64>,
    /// Look-up tables and carries on the longest path, where they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<levels::Path>,
    /// By the present table; `None` for memories.
    present_ps: Option<f64>,
    #[serde(skip)]
    logic: Option<Logic>,
}

/// What is written.
#[derive(Serialize)]
struct Results<'a> {
    target: &'a str,
    measured: bool,
    operations: &'a [Row],
    overhead_ps: u32,
    level_ps: u32,
    carry_ps: u32,
}

/// Runs it.
///
/// # Errors
/// A sentence.
pub(crate) fn run(arguments: &Arguments, say: &dyn Fn(&str)) -> Result<bool, String> {
    let target = target::find(&arguments.target).ok_or_else(|| format!("there is no target `{}`", arguments.target))?;
    let yosys = Yosys::find().map_err(|error| error.to_string())?;
    let folder = arguments.out.join(target.name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let measured = target.name == "ecp5";
    let nextpnr = if measured { Some(place::find_nextpnr()?) } else { None };
    let mut rows = Vec::new();
    for operation in operations::all(arguments.few) {
        let work = folder.join(operation.name.replace([' ', ','], "-"));
        let row = match &nextpnr {
            Some(nextpnr) => placed(&operation, target, &yosys, nextpnr, &work, arguments.seeds)?,
            None => counted(&operation, target, &yosys, &work)?,
        };
        say(&format!("  {}: {:.2} ns\n", row.name, row.measured_ps / 1000.0));
        rows.push(row);
    }
    let delays = fitted(&rows, &target.delays)?;
    let text = report(&rows, target, &delays, measured);
    let results = Results {
        target: target.name,
        measured,
        operations: &rows,
        overhead_ps: delays.overhead_ps,
        level_ps: delays.level_ps,
        carry_ps: delays.carry_ps,
    };
    let json = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    for (name, contents) in [("delays.json", &json), ("delays.txt", &text)] {
        fs::write(folder.join(name), contents).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    say(&format!("\n{text}\nwritten to {}\n", folder.display()));
    Ok(true)
}

fn present(operation: &Operation, delays: &Delays) -> Option<f64> {
    operation.logic.map(|logic| f64::from(delays.overhead_ps + delays.of(logic)))
}

fn placed(
    op: &Operation,
    target: &Target,
    yosys: &Yosys,
    nextpnr: &Path,
    work: &Path,
    seeds: u32,
) -> Result<Row, String> {
    let mut periods = place::periods(yosys, nextpnr, &op.verilog(), work, seeds.max(1))?;
    periods.sort_by(f64::total_cmp);
    Ok(Row {
        name: op.name.clone(),
        measured_ps: periods[periods.len() / 2],
        seeds_ps: periods,
        path: None,
        present_ps: present(op, &target.delays),
        logic: op.logic,
    })
}

fn counted(op: &Operation, target: &Target, yosys: &Yosys, work: &Path) -> Result<Row, String> {
    let path = levels::longest(yosys, target.name, &op.verilog(), work)?;
    Ok(Row {
        name: op.name.clone(),
        measured_ps: path.estimate_ps,
        seeds_ps: Vec::new(),
        path: Some(path),
        present_ps: present(op, &target.delays),
        logic: op.logic,
    })
}

/// The parameters that fit the rows; those of maps stay as they are.
fn fitted(rows: &[Row], present: &Delays) -> Result<Delays, String> {
    let logic: Vec<(Logic, f64)> = rows.iter().filter_map(|row| Some((row.logic?, row.measured_ps))).collect();
    let fit = fit::fit(present, &logic).ok_or("the operations do not determine the parameters")?;
    Ok(fit.apply(present))
}

fn report(rows: &[Row], target: &Target, delays: &Delays, measured: bool) -> String {
    let what = if measured { "measured ns" } else { "estimated ns" };
    let mut table = Table::new(&["operation", what, "present table", "difference", "fitted", "path"]);
    let ns = |ps: f64| format!("{:.2}", ps / 1000.0);
    for row in rows {
        let fitted = row.logic.map(|logic| f64::from(delays.overhead_ps + delays.of(logic)));
        let dash = || "-".to_owned();
        table.rows.push(vec![
            row.name.clone(),
            ns(row.measured_ps),
            row.present_ps.map_or_else(dash, ns),
            row.present_ps.map_or_else(dash, |present| format!("{:+.0} %", 100.0 * (present / row.measured_ps - 1.0))),
            fitted.map_or_else(dash, ns),
            row.path.as_ref().map_or_else(dash, |path| {
                format!("{} tables, {} carries, {} wide", path.tables, path.carries, path.wide)
            }),
        ]);
    }
    let mut parameters = Table::new(&["parameter", "present", "new"]);
    let old = &target.delays;
    let pairs = [
        ("overhead_ps", old.overhead_ps, delays.overhead_ps),
        ("level_ps", old.level_ps, delays.level_ps),
        ("carry_ps", old.carry_ps, delays.carry_ps),
    ];
    for (name, old, new) in pairs {
        parameters.rows.push(vec![name.to_owned(), old.to_string(), new.to_string()]);
    }
    let label = if measured { "placed and routed, median of the seeds" } else { levels::PROVENANCE };
    format!("{}, {label}\n\n{}\n{}", target.description, table.text(), parameters.text())
}
