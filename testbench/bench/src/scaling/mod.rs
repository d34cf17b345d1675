// SPDX-License-Identifier: Apache-2.0
//! `./run benchmark scaling`: time and memory of the compiler against the size of the program.
//!
//! Processor time is what counts, the least of several runs: it hardly depends on what else the machine does. The
//! exponent is the slope between the largest program and the one of about a quarter of its size: 1 is linear.

mod generate;

use crate::console::{Table, grouped};
use crate::files::put;
use crate::plot::{Lines, Series};
use crate::{clang, compiler};
use clap::Args;
use generate::Shape;
use serde::Serialize;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Page of the book with these results; its charts are in the folder of the benchmarks.
const PAGE: &str = "docs/src/scaling.md";
const CHARTS: &str = "docs/src/benchmarks";
const SHAPES: [Shape; 4] = [Shape::Straight, Shape::Parser, Shape::Maps, Shape::Hash];
const SIZES: [f64; 6] = [100.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0];
/// Steps of the large program: 970 blocks, a longest path of about 6,500 instructions.
const LARGE_STEPS: usize = 484;
const RUNS: usize = 3;
/// Longest compilation.
const LIMIT: Duration = Duration::from_secs(60);

/// Arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Folder to write
    #[arg(long, value_name = "DIR", default_value = "out/benchmark")]
    out: PathBuf,
    /// Write the page of the book as well
    #[arg(long)]
    page: bool,
}

/// One program.
#[derive(Debug, Clone, Serialize)]
struct Point {
    shape: &'static str,
    instructions: u64,
    cpu_ms: f64,
    peak_memory_mib: f64,
    stages: Option<u64>,
    /// Why it was not compiled; empty if it was.
    problems: Vec<String>,
}

/// Runs it; whether all programs were compiled.
///
/// # Errors
/// A sentence, if it can not be run at all.
pub(crate) fn run(compiler: &Path, arguments: &Arguments, say: &dyn Fn(&str)) -> Result<bool, String> {
    let folder = arguments.out.join("scaling");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut points = Vec::new();
    for shape in SHAPES {
        for size in SIZES {
            let steps = (size / shape.instructions_per_step()).round() as usize;
            points.push(measure(compiler, shape, steps, &folder)?);
            say(&line(&points[points.len() - 1]));
        }
    }
    points.push(measure(compiler, Shape::Long, LARGE_STEPS, &folder)?);
    say(&line(&points[points.len() - 1]));
    let text = page(&points);
    let json = serde_json::to_string_pretty(&points).map_err(|error| error.to_string())?;
    put(&folder.join("scaling.json"), &json)?;
    put(&folder.join("scaling.md"), &text)?;
    let charts = [
        ("scaling-time.svg", chart(&points, "Time of the compiler", "milliseconds of processor time", |p| p.cpu_ms)),
        ("scaling-memory.svg", chart(&points, "Memory of the compiler", "MiB at most", |p| p.peak_memory_mib)),
    ];
    for (name, chart) in &charts {
        put(&folder.join(name), chart)?;
        if arguments.page {
            put(&Path::new(CHARTS).join(name), chart)?;
        }
    }
    if arguments.page {
        put(Path::new(PAGE), &text)?;
    }
    say(&format!("\n{}\nwritten to {}\n", table(&points).text(), folder.display()));
    Ok(points.iter().all(|point| point.problems.is_empty()))
}

fn line(point: &Point) -> String {
    let problem = if point.problems.is_empty() { String::new() } else { format!(": {}", point.problems.join("; ")) };
    format!("  {}, {} instructions: {:.1} ms{problem}\n", point.shape, grouped(point.instructions), point.cpu_ms)
}

fn measure(compiler: &Path, shape: Shape, steps: usize, folder: &Path) -> Result<Point, String> {
    let name = format!("{}-{steps}", shape.name().replace(' ', "-"));
    let (source, object) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.o")));
    put(&source, generate::program(shape, steps))?;
    clang::compile(&source, &object)?;
    let arguments: Vec<OsString> =
        vec!["compile".into(), object.clone().into(), "-o".into(), folder.join("design").into(), "--json".into()];
    let log = folder.join(format!("{name}.log"));
    let mut best: Option<compiler::Run> = None;
    for _ in 0..RUNS {
        let run = compiler::run_within(compiler, &arguments, &log, LIMIT)?;
        let stop = !run.ok || run.cpu_seconds > 5.0;
        if best.as_ref().is_none_or(|best| run.cpu_seconds < best.cpu_seconds) {
            best = Some(run);
        }
        if stop {
            break;
        }
    }
    let best = best.ok_or("nothing was run")?;
    Ok(Point {
        shape: shape.name(),
        instructions: clang::instructions(&object)?,
        cpu_ms: best.cpu_seconds * 1000.0,
        peak_memory_mib: best.peak_mib,
        stages: best.number("/stages").map(|stages| stages as u64),
        problems: best.refusals(),
    })
}

fn names(points: &[Point]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for point in points {
        if !names.contains(&point.shape) {
            names.push(point.shape);
        }
    }
    names
}

/// Slope of the logarithms of time between the largest program and the one nearest to a quarter of its size.
fn exponent(points: &[&Point]) -> Option<f64> {
    let last = points.iter().rev().find(|point| point.problems.is_empty())?;
    let quarter = last.instructions as f64 / 4.0;
    let distance = |point: &Point| (point.instructions as f64 / quarter).ln().abs();
    let first = points.iter().filter(|point| point.problems.is_empty() && point.instructions < last.instructions);
    let first = first.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some((last.cpu_ms / first.cpu_ms).ln() / (last.instructions as f64 / first.instructions as f64).ln())
}

fn table(points: &[Point]) -> Table {
    let mut table = Table::new(&["shape", "instructions", "ms", "MiB", "stages", "exponent", "problem"]);
    for name in names(points) {
        let group: Vec<&Point> = points.iter().filter(|point| point.shape == name).collect();
        for (number, point) in group.iter().enumerate() {
            let slope = if number + 1 == group.len() { exponent(&group) } else { None };
            table.rows.push(vec![
                name.to_owned(),
                grouped(point.instructions),
                format!("{:.1}", point.cpu_ms),
                format!("{:.0}", point.peak_memory_mib),
                point.stages.map_or_else(|| "-".to_owned(), grouped),
                slope.map_or_else(|| "-".to_owned(), |slope| format!("{slope:.2}")),
                if point.problems.is_empty() { "-".to_owned() } else { point.problems.join("; ") },
            ]);
        }
    }
    table
}

fn chart(points: &[Point], title: &str, unit: &str, value: impl Fn(&Point) -> f64) -> String {
    let series = |name: &'static str| {
        let group = points.iter().filter(|point| point.shape == name && point.problems.is_empty());
        let points = group.map(|point| (point.instructions as f64, value(point))).collect();
        Series { name: name.to_owned(), points }
    };
    Lines {
        title: format!("{title} against the size of the program"),
        x_unit: "instructions".to_owned(),
        y_unit: unit.to_owned(),
        series: names(points).into_iter().map(series).collect(),
    }
    .draw()
}

fn page(points: &[Point]) -> String {
    format!(
        "# Time and memory of the compiler\n\n\
         <!-- SPDX-License-Identifier: Apache-2.0; written by `./run benchmark scaling --page`, do not edit -->\n\n\
         Programs from a generator, 100 to 4,000 instructions in four shapes, and one whose longest path has about 6,500 \
         instructions in 970 blocks. Objects in, design folder out; milliseconds of processor time, the least of {RUNS} runs, without clang. \
         The exponent is the slope between the largest program and one of a quarter of its size: 1 is linear.\n\n\
         ![Time](benchmarks/scaling-time.svg)\n\n![Memory](benchmarks/scaling-memory.svg)\n\n{}",
        table(points).markdown()
    )
}
