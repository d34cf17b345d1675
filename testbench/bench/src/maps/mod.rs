// SPDX-License-Identifier: Apache-2.0
//! `./run benchmark maps`: what a map costs, by its type and size.
//!
//! A program of a few lines for each type, compiled for each size; the pipeline alone (the map, its port to the host and the
//! few operations around it, without the packet's path) goes through yosys. Logic should stay flat and memory grow with the size.
//! What was measured is kept in the folder, so that a run that was stopped goes on where it was.

mod kinds;

use crate::compiler::Run;
use crate::console::{Table, grouped};
use crate::files::put;
use crate::kept::Kept;
use crate::{clang, compiler};
use bpf2hdl_testbench::synth::{Family, Resources, SynthOptions, Yosys, synthesise};
use clap::Args;
use kinds::{KINDS, Kind};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Page of the book with these results.
const PAGE: &str = "docs/src/map-sizes.md";
/// The same as data.
const DATA: &str = "docs/src/benchmarks/map-sizes.json";
const SIZES: [u32; 4] = [16, 256, 4096, 131_072];
const TARGET: &str = "xcup";
/// Memories from this size on go to UltraRAM, bits: yosys joins UltraRAMs by tables, where their own cascade would do.
const ULTRA_RAM_BITS: f64 = 32.0 * 1024.0 * 1024.0;
/// Longest synthesis.
const LIMIT: Duration = Duration::from_secs(1200);
/// Logic counts as flat if that of no larger size is more than so many times that of the first one from [`FROM`] entries on.
const FLAT: f64 = 2.5;
/// A map that is smaller is not compared with larger ones, which have to be in block RAM; it must not take more than they do.
const FROM: u32 = 256;

/// Arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Folder to write
    #[arg(long, value_name = "DIR", default_value = "out/benchmark")]
    out: PathBuf,
    /// Only types whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write the page of the book as well
    #[arg(long)]
    page: bool,
}

/// One type at one size.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Point {
    map: String,
    access: String,
    entries: u32,
    stages: u64,
    /// Packets per clock when all hit one entry.
    worst_packets_per_clock: f64,
    lut: u64,
    /// Tables used as memory and shift registers.
    lut_memory: u64,
    ff: u64,
    bram36: f64,
    uram: u64,
    dsp: u64,
    /// What went wrong; empty is good.
    problems: Vec<String>,
}

/// Runs it; whether every program was built and logic is flat.
///
/// # Errors
/// A sentence, if it can not be run at all.
pub(crate) fn run(compiler: &Path, arguments: &Arguments, say: &dyn Fn(&str)) -> Result<bool, String> {
    let folder = arguments.out.join("maps");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let yosys = Yosys::find().map_err(|error| error.to_string())?;
    let wanted = |kind: &Kind| arguments.only.as_deref().is_none_or(|text| kind.name.contains(text));
    if arguments.page && arguments.only.is_some() {
        return Err("--page needs all types, without --only".to_owned());
    }
    let mut points: Vec<Point> = Vec::new();
    let mut flat = true;
    for kind in KINDS.iter().filter(|kind| wanted(kind)) {
        let first = points.len();
        for size in SIZES {
            let point = measure(compiler, &yosys, kind, size, &folder)?;
            say(&line(&point));
            points.push(point);
        }
        flat &= is_flat(&points[first..], say);
    }
    let text = page(&points, yosys.version());
    let json = serde_json::to_string_pretty(&points).map_err(|error| error.to_string())?;
    put(&folder.join("maps.json"), &json)?;
    put(&folder.join("maps.md"), &text)?;
    if arguments.page {
        put(Path::new(PAGE), &text)?;
        put(Path::new(DATA), format!("{json}\n"))?;
    }
    say(&format!("\n{}\nwritten to {}\n", table(&points).text(), folder.display()));
    Ok(flat && !points.is_empty() && points.iter().all(|point| point.problems.is_empty()))
}

fn line(point: &Point) -> String {
    let problem = if point.problems.is_empty() { String::new() } else { format!(": {}", point.problems.join("; ")) };
    let (lut, entries) = (grouped(point.lut), grouped(point.entries.into()));
    format!("  {} ({}), {entries} entries: {lut} LUT{problem}\n", point.map, point.access)
}

impl Point {
    /// Look-up tables, those used as memory included.
    fn tables(&self) -> u64 {
        self.lut + self.lut_memory
    }

    /// Whether its tables are compared with those of other sizes: it was built, and without UltraRAM, whose joining is yosys's.
    fn is_compared(&self) -> bool {
        self.problems.is_empty() && self.uram == 0
    }
}

/// Whether logic does not grow with the size, and a small map does not take more than a large one; says so if not.
fn is_flat(points: &[Point], say: &dyn Fn(&str)) -> bool {
    let built = || points.iter().filter(|point| point.is_compared());
    let Some(first) = built().find(|point| point.entries >= FROM) else { return true };
    let most = FLAT * first.tables() as f64;
    let mut flat = true;
    for point in built().filter(|point| point.tables() as f64 > most) {
        let (few, many) = (grouped(first.tables()), grouped(point.tables()));
        let (from, to) = (grouped(first.entries.into()), grouped(point.entries.into()));
        say(&format!("  {}: {few} tables at {from} entries, {many} at {to}\n", first.map));
        flat = false;
    }
    flat
}

fn measure(compiler: &Path, yosys: &Yosys, kind: &Kind, entries: u32, folder: &Path) -> Result<Point, String> {
    let name = format!("{}-{}-{entries}", kind.name, kind.access.replace([' ', ','], ""));
    let (source, object) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.o")));
    let design = folder.join(&name);
    put(&source, kind.source(entries))?;
    clang::compile(&source, &object)?;
    let mut arguments: Vec<OsString> = vec!["compile".into(), object.into(), "-o".into(), design.clone().into()];
    arguments.extend(["--json", "--target", TARGET].map(OsString::from));
    let run = compiler::run(compiler, &arguments, &folder.join(format!("{name}.log")))?;
    let mut problems = run.refusals();
    if problems.is_empty() {
        let family = Family::of_target(TARGET).ok_or("the target has no open flow")?;
        let ultra_ram = run.largest_map_bits() >= ULTRA_RAM_BITS;
        let options = SynthOptions { family, ultra_ram, netlist: None, limit: LIMIT };
        let log = folder.join(format!("{name}.yosys.log"));
        let how = format!("{} {options:?}", yosys.version());
        let kept = Kept::new(&folder.join(format!("{name}.kept.json")), &design, &how)?;
        if let Some(point) = kept.result() {
            return Ok(point);
        }
        match synthesise(yosys, &design, "bpf_core.f", "bpf_pipeline", options, &log) {
            Ok(done) => {
                let point = point(kind, entries, &run, &done.resources, problems);
                kept.keep(&point)?;
                return Ok(point);
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok(point(kind, entries, &run, &Resources::default(), problems))
}

fn point(kind: &Kind, entries: u32, run: &Run, used: &Resources, problems: Vec<String>) -> Point {
    let number = |pointer: &str| run.number(pointer).unwrap_or(0.0);
    Point {
        map: kind.name.to_owned(),
        access: kind.access.to_owned(),
        entries,
        stages: number("/stages") as u64,
        // A queue's elements and a filter's bits are maps of their own.
        worst_packets_per_clock: run.worst_packets_per_clock(),
        lut: used.lut,
        lut_memory: used.srl + used.lut_ram,
        ff: used.ff,
        bram36: used.bram36(),
        uram: used.uram,
        dsp: used.dsp,
        problems,
    }
}

fn table(points: &[Point]) -> Table {
    let titles =
        ["map", "a packet's access", "entries", "stages", "pkt/clk", "LUT", "mem", "FF", "BRAM", "URAM", "DSP"];
    let mut table = Table::new(&titles);
    for point in points {
        let mut row = vec![point.map.clone(), point.access.clone(), grouped(point.entries.into())];
        if point.problems.is_empty() {
            row.extend([
                grouped(point.stages),
                format!("{:.3}", point.worst_packets_per_clock),
                grouped(point.lut),
                grouped(point.lut_memory),
                grouped(point.ff),
                format!("{:.1}", point.bram36),
                grouped(point.uram),
                grouped(point.dsp),
            ]);
        } else {
            row.extend((0..8).map(|_| "-".to_owned()));
        }
        table.rows.push(row);
    }
    table
}

fn page(points: &[Point], tool: &str) -> String {
    format!(
        "# What a map costs\n\n\
         <!-- SPDX-License-Identifier: Apache-2.0; written by `./run benchmark maps --page`, do not edit -->\n\n\
         Keys of 8 bytes (arrays, devmaps, xskmaps, maps of maps: 4; tries: IPv4 prefixes), values of 8 bytes (devmaps, xskmaps, queues, stacks, filters: 4); inner maps are arrays of 4 entries. Synthesis of the \
         pipeline alone by {tool} for target `{TARGET}`: the map with its port to the host, and the few operations of a program that uses 4 or 8 bytes of the packet; nothing was placed or routed. pkt/clk: packets per clock when \
         all hit one entry. mem: look-up tables used as memory and shift registers. Maps of at least 32 Mbit are mapped to UltraRAM.\n\n{}\n{READING}\n{}\n",
        table(points).markdown(),
        growth(points)
    )
}

/// What holds for the table; the numbers in it are of syntheses of the same designs, module by module.
const READING: &str = "## Reading\n\n\
    * **Logic is flat** but for two things: an index has more bits, and yosys joins block RAMs by tables, where a block RAM of UltraScale+ has a cascade of its own. That is most of what grows in the largest \
    hash maps. Taken apart, one of 4,096 entries has 439 tables around the RAM of its values and one of 131,072 (184,320 slots, 360 block RAMs) 3,220; those that find a key among the states, tags and keys are 1,360 and 3,376; \
    all others are 1,304 and 1,374.\n\
    * **UltraRAM is not flat**: yosys joins the UltraRAMs of a memory by tables, too, where these have a cascade. A trie of 131,072 prefixes, whose tree has room for 524,288 ranges in two copies, takes 18,816 tables, \
    nearly all of them that. Such points are not compared.\n\
    * **Memory is linear** from the size on at which a block RAM is full. A hash map has 1.4 slots for each entry and keys and tags beside the values, a trie two copies of its tree.\n\
    * **Small maps** of up to 64 entries are RAM of look-up tables, small hash maps (16 keys) are compared with all keys at once: neither takes more than a larger one. Such an array costs half of the tables of one in \
    block RAM, because it needs no forwarding.\n\
    * A bloom filter's tables are its five hash functions, of a value of 4 bytes; its memory is 25 copies of the bits up to 8 Mbit in all, and one copy beyond that, whose accesses are made in turn.\n";

/// Which type grows most.
fn growth(points: &[Point]) -> String {
    let kinds = points.chunk_by(|a, b| a.map == b.map && a.access == b.access);
    let grown = kinds.filter_map(|points| {
        let mut large = points.iter().filter(|point| point.entries >= FROM && point.is_compared());
        let (first, last) = (large.next()?, large.next_back()?);
        Some((last.tables() as f64 / first.tables() as f64, first))
    });
    let worst = grown.max_by(|a, b| a.0.total_cmp(&b.0));
    let most = worst.map_or_else(String::new, |(times, first)| {
        format!("Most from {FROM} entries on grows `{}` ({}): {times:.2} times. ", first.map, first.access)
    });
    format!("{most}The command fails if one of these takes more than {FLAT} times its tables at {FROM} entries.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(entries: u32, lut: u64, lut_memory: u64) -> Point {
        let text = format!(
            r#"{{"map": "array", "access": "", "entries": {entries}, "stages": 3, "worst_packets_per_clock": 1.0, "lut": {lut},
            "lut_memory": {lut_memory}, "ff": 0, "bram36": 1.0, "uram": 0, "dsp": 0, "problems": []}}"#
        );
        serde_json::from_str(&text).expect("a point")
    }

    #[test]
    fn growing_logic_and_large_small_maps_are_told() {
        let say = |_: &str| {};
        assert!(is_flat(&[point(16, 80, 70), point(256, 230, 0), point(131_072, 400, 0)], &say));
        assert!(!is_flat(&[point(16, 80, 600), point(256, 230, 0)], &say));
        assert!(!is_flat(&[point(256, 230, 0), point(131_072, 600, 0)], &say));
    }

    /// What the page of the book says was measured: every type at every size, and flat.
    #[test]
    fn stored_results_are_flat() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(DATA);
        let text = fs::read_to_string(&file).expect("results");
        let points: Vec<Point> = serde_json::from_str(&text).expect("points");
        let kind = |point: &Point| (point.map.clone(), point.access.clone());
        let of_kinds: Vec<&[Point]> = points.chunk_by(|a, b| kind(a) == kind(b)).collect();
        let kinds: Vec<_> = of_kinds.iter().map(|points| kind(&points[0])).collect();
        let wanted: Vec<_> = KINDS.iter().map(|kind| (kind.name.to_owned(), kind.access.to_owned())).collect();
        assert_eq!(kinds, wanted);
        for points in of_kinds {
            assert_eq!(points.iter().map(|point| point.entries).collect::<Vec<_>>(), SIZES, "{}", points[0].map);
            assert!(points.iter().all(|point| point.problems.is_empty()), "{points:?}");
            assert!(is_flat(points, &|text| drop(text.to_owned())), "{points:#?}");
        }
    }
}
