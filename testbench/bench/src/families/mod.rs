// SPDX-License-Identifier: Apache-2.0
//! `./run benchmark families`: what every example takes in every family, and how fast it is there.
//!
//! Whole cores go through yosys. For ECP5 nextpnr places and routes them as part of a larger design; AMD families have no open timing, their clock is
//! an estimate by the delay table. Each result is kept in the folder under the contents of what it was measured of, so that a run that was stopped
//! goes on where it was, and nothing is taken for a design that has changed.

mod measure;
mod page;

use crate::files::put;
use crate::peers::Peers;
use bpf2hdl::target::{self, Target};
use bpf2hdl_testbench::synth::{Nextpnr, Yosys};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "bpf2hdl/examples";
/// Page of the book with these results.
const PAGE: &str = "docs/src/families.md";
/// The same as data.
const DATA: &str = "docs/src/benchmarks/families.json";
/// Targets of the compiler, each with the width of the bus.
const FAMILIES: [(&str, u32); 3] = [("ecp5", 64), ("xc7", 512), ("xcup", 512)];

/// Arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Only this example, or those whose name contains this; may be repeated
    #[arg(long, value_name = "EXAMPLE")]
    only: Vec<String>,
    /// Only this family: ecp5, xc7, xcup
    #[arg(long, value_name = "TARGET")]
    family: Option<String>,
    /// Measure nothing: show what is kept and still holds
    #[arg(long)]
    kept: bool,
    /// Count only: place and route nothing that has not been
    #[arg(long, conflicts_with = "kept")]
    counts: bool,
    /// A sentence for the page: which state of the tree was measured, where it is not the present one
    #[arg(long, value_name = "TEXT", default_value = "")]
    state: String,
    /// Folder to write
    #[arg(long, value_name = "DIR", default_value = "out/benchmark")]
    out: PathBuf,
    /// Write the page of the book as well
    #[arg(long, conflicts_with_all = ["only", "family"])]
    page: bool,
}

/// How far to go for what is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HowFar {
    /// Not at all.
    Kept,
    /// Synthesis.
    Counts,
    /// Place and route, where open tools do that.
    All,
}

impl Arguments {
    fn how_far(&self) -> HowFar {
        match (self.kept, self.counts) {
            (true, _) => HowFar::Kept,
            (false, true) => HowFar::Counts,
            (false, false) => HowFar::All,
        }
    }
}

/// One example in one family.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Point {
    example: String,
    target: String,
    bus_bits: u32,
    clock_mhz: f64,
    stages: u64,
    latency_cycles: u64,
    /// Tables used as logic.
    lut: u64,
    /// Tables used as memory and shift registers.
    lut_memory: u64,
    ff: u64,
    /// Block RAMs of 18 Kbit (AMD: a RAMB36 is two).
    bram18: u64,
    uram: u64,
    dsp: u64,
    /// Share of the look-up tables of an Alveo U50; xcup only.
    u50_lut_percent: Option<f64>,
    /// Estimate: the inverse of the longest stage, by the target's delay table.
    estimated_mhz: f64,
    /// After place and route; ECP5 only, where it was done.
    placed: Option<Placed>,
}

/// After place and route.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Placed {
    mhz: f64,
    /// Arrangements that were tried.
    tried: u32,
    /// Map that was made smaller for it, and its entries, where the device's block RAM holds no more.
    entries: Option<(String, u64)>,
    /// Ends of the slowest path.
    from: String,
    to: String,
    /// All arrangements together.
    seconds: f64,
}

/// An example in a family, and what is known of it.
struct Slot {
    example: String,
    target: &'static Target,
    bus_bits: u32,
    /// Nothing: not measured yet. A sentence: what went wrong.
    point: Option<Result<Point, String>>,
}

/// With what to measure.
struct Tools<'a> {
    compiler: &'a Path,
    yosys: Yosys,
    nextpnr: Nextpnr,
    /// Both with their versions.
    versions: String,
    folder: PathBuf,
}

/// Runs it; whether every example was measured in every family.
///
/// # Errors
/// A sentence, if it can not be run at all.
pub(crate) fn run(compiler: &Path, arguments: &Arguments, say: &dyn Fn(&str)) -> Result<bool, String> {
    let peers = Peers::read()?;
    let folder = arguments.out.join("families");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let yosys = Yosys::find().map_err(|error| error.to_string())?;
    let nextpnr = Nextpnr::find().map_err(|error| error.to_string())?;
    let versions = format!("{}, {}", yosys.version(), nextpnr.version().map_err(|error| error.to_string())?);
    let tools = Tools { compiler, yosys, nextpnr, versions, folder };
    let mut slots = slots(arguments)?;
    for slot in &mut slots {
        slot.point = measure::measure(slot, &tools, arguments.how_far(), say).transpose();
        if let Some(point) = &slot.point {
            say(&line(slot, point));
        }
    }
    write(&slots, &peers, &tools, arguments)?;
    say(&format!("\n{}\nwritten to {}\n", page::table(&slots).text(), tools.folder.display()));
    Ok(slots.iter().all(|slot| matches!(slot.point, Some(Ok(_)))))
}

/// Every example in every family, by name.
fn slots(arguments: &Arguments) -> Result<Vec<Slot>, String> {
    let wrong = |error: std::io::Error| format!("{EXAMPLES}: {error}");
    let mut names = Vec::new();
    for entry in fs::read_dir(EXAMPLES).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // An example's whole name means that one alone.
        let fits = |text: &String| if source(text).is_file() { name == *text } else { name.contains(text) };
        let wanted = arguments.only.is_empty() || arguments.only.iter().any(fits);
        if wanted && source(&name).is_file() {
            names.push(name);
        }
    }
    names.sort();
    let family = arguments.family.as_deref();
    let families: Vec<_> = FAMILIES.iter().filter(|(name, _)| family.is_none_or(|wanted| wanted == *name)).collect();
    let mut slots = Vec::new();
    for example in names {
        for (name, bus_bits) in &families {
            let target = target::find(name).ok_or_else(|| format!("there is no target `{name}`"))?;
            slots.push(Slot { example: example.clone(), target, bus_bits: *bus_bits, point: None });
        }
    }
    if slots.is_empty() { Err("no example and family has such a name".to_owned()) } else { Ok(slots) }
}

fn source(example: &str) -> PathBuf {
    Path::new(EXAMPLES).join(example).join(format!("{example}.c"))
}

fn line(slot: &Slot, point: &Result<Point, String>) -> String {
    let what = match point {
        Ok(Point { placed: Some(placed), lut, .. }) => format!("{lut} LUT, {:.1} MHz placed and routed", placed.mhz),
        Ok(Point { lut, estimated_mhz, .. }) => format!("{lut} LUT, {estimated_mhz:.0} MHz estimated"),
        Err(reason) => format!("FAILED: {reason}"),
    };
    format!("  {}, {}: {what}\n", slot.example, slot.target.name)
}

fn write(slots: &[Slot], peers: &Peers, tools: &Tools<'_>, arguments: &Arguments) -> Result<(), String> {
    let points: Vec<&Point> = slots.iter().filter_map(|slot| slot.point.as_ref()?.as_ref().ok()).collect();
    let json = serde_json::to_string_pretty(&points).map_err(|error| error.to_string())?;
    let text = page::page(slots, peers, format!("{}. {}", tools.versions, arguments.state).trim_end());
    put(&tools.folder.join("families.json"), &json)?;
    put(&tools.folder.join("families.md"), &text)?;
    if arguments.page {
        put(Path::new(PAGE), &text)?;
        put(Path::new(DATA), format!("{json}\n"))?;
    }
    Ok(())
}
