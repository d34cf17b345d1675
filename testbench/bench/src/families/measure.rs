// SPDX-License-Identifier: Apache-2.0
//! One example in one family: compiled, synthesised, and for ECP5 placed and routed.

use super::{HowFar, Placed, Point, Slot, Tools, source};
use crate::compiler::{self, Run, ULTRA_RAM_BITS};
use crate::kept::Kept;
use bpf2hdl_testbench::synth::{ALVEO_U50, Arrangement, Family, PlaceOptions, SynthOptions, Synthesis, synthesise};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest synthesis, and longest place and route.
const LIMIT: Duration = Duration::from_secs(3600);
/// LFE5U-85F, the part of target `ecp5`.
const DEVICE: [&str; 5] = ["--85k", "--speed", "8", "--package", "CABGA756"];
/// Its block RAMs, of 18 Kbit (Lattice FPGA-DS-02012, table 1.1).
pub(super) const DEVICE_BLOCK_RAMS: u64 = 208;
/// Most arrangements that are tried: the first that reaches the clock counts, else the best.
const ARRANGEMENTS: u32 = 4;
/// The same for designs of more tables than `LARGE`, where one takes many minutes.
const ARRANGEMENTS_LARGE: u32 = 2;
const LARGE: u64 = 12_000;
const NETLIST: &str = "bpf_core.json";

/// A design folder and what the compiler said of it.
struct Design {
    folder: PathBuf,
    run: Run,
}

/// Measures, or takes what is kept; nothing if it is not kept and only that is asked for. What was counted only is kept apart.
///
/// # Errors
/// A sentence on what failed.
pub(super) fn measure(
    slot: &Slot,
    tools: &Tools<'_>,
    how_far: HowFar,
    say: &dyn Fn(&str),
) -> Result<Option<Point>, String> {
    let name = format!("{}-{}", slot.example, slot.target.name);
    let design = compile(slot, tools, &name, None)?;
    let options = options(slot, &design)?;
    let how = format!("{} {options:?}", tools.versions);
    let keep =
        |kind: &str, how: &str| Kept::new(&tools.folder.join(format!("{name}.{kind}.json")), &design.folder, how);
    let counted = keep("counted", &how)?;
    let whole = if is_placed(slot) { keep("kept", &format!("{how} {}", ways()))? } else { keep("kept", &how)? };
    if let Some(point) = whole.result() {
        return Ok(Some(point));
    }
    let only_counts = how_far != HowFar::All;
    if let Some(point) = counted.result().filter(|_| only_counts) {
        return Ok(Some(point));
    }
    if how_far == HowFar::Kept {
        return Ok(None);
    }
    say(&format!("  {name} ...\n"));
    let done = synthesis(tools, &design, options, &name)?;
    let mut point = point(slot, &design.run, &done);
    if !is_placed(slot) {
        whole.keep(&point)?;
    } else if only_counts {
        counted.keep(&point)?;
    } else {
        point.placed = Some(place(slot, tools, &design, &done, options, &name)?);
        whole.keep(&point)?;
    }
    Ok(Some(point))
}

/// How designs are placed, as part of a result's key.
fn ways() -> String {
    let ways: Vec<_> = (1..=ARRANGEMENTS).map(Arrangement::nth).collect();
    format!("{DEVICE:?} {DEVICE_BLOCK_RAMS} {ways:?} {ARRANGEMENTS_LARGE} {LARGE}")
}

/// Whether open tools place and route for the family.
fn is_placed(slot: &Slot) -> bool {
    slot.target.name == "ecp5"
}

/// Compiles it as it is, or with fewer entries in one map.
fn compile(slot: &Slot, tools: &Tools<'_>, name: &str, entries: Option<&(String, u64)>) -> Result<Design, String> {
    let folder = tools.folder.join(name);
    let mut arguments: Vec<OsString> = vec!["compile".into(), source(&slot.example).into(), "-o".into()];
    arguments.push(folder.clone().into());
    let bus = slot.bus_bits.to_string();
    arguments.extend(["--json", "--target", slot.target.name, "--bus", &bus].map(OsString::from));
    if let Some((map, number)) = entries {
        arguments.extend(["--entries".into(), format!("{map}={number}").into()]);
    }
    let run = compiler::run(tools.compiler, &arguments, &tools.folder.join(format!("{name}.compile.log")))?;
    if run.ok { Ok(Design { folder, run }) } else { Err(format!("refused: {}", run.refusals().join("; "))) }
}

fn bits(map: &Value) -> f64 {
    map.get("storage_bits").and_then(Value::as_f64).unwrap_or(0.0)
}

fn options(slot: &Slot, design: &Design) -> Result<SynthOptions, String> {
    let family = Family::of_target(slot.target.name).ok_or("the target has no open flow")?;
    let ultra_ram = design.run.largest_map_bits() >= ULTRA_RAM_BITS;
    let netlist = (family == Family::Ecp5).then_some(NETLIST);
    Ok(SynthOptions { family, ultra_ram, netlist, limit: LIMIT })
}

fn synthesis(tools: &Tools<'_>, design: &Design, options: SynthOptions, name: &str) -> Result<Synthesis, String> {
    let log = tools.folder.join(format!("{name}.yosys.log"));
    let done = synthesise(&tools.yosys, &design.folder, "bpf_core.f", "bpf_core", options, &log);
    done.map_err(|error| error.to_string())
}

fn point(slot: &Slot, run: &Run, done: &Synthesis) -> Point {
    let number = |pointer: &str| run.number(pointer).unwrap_or(0.0);
    let used = done.resources;
    Point {
        example: slot.example.clone(),
        target: slot.target.name.to_owned(),
        bus_bits: slot.bus_bits,
        clock_mhz: number("/clock_mhz"),
        stages: number("/stages") as u64,
        latency_cycles: number("/latency_cycles") as u64,
        lut: used.lut,
        lut_memory: used.srl + used.lut_ram,
        ff: used.ff,
        bram18: used.bram18,
        uram: used.uram,
        dsp: used.dsp,
        u50_lut_percent: (slot.target.name == "xcup").then(|| ALVEO_U50.lut_percent(&used)),
        estimated_mhz: 1000.0 / number("/critical_stage/estimated_ns"),
        placed: None,
    }
}

/// Places and routes the core, with a smaller map if the device has not the memory.
fn place(
    slot: &Slot,
    tools: &Tools<'_>,
    design: &Design,
    done: &Synthesis,
    options: SynthOptions,
    name: &str,
) -> Result<Placed, String> {
    if done.resources.bram18 <= DEVICE_BLOCK_RAMS {
        return route(tools, &design.folder, slot, (done.resources.lut, None), name);
    }
    let (map, mut entries) = largest(&design.run).ok_or("no map could be smaller")?;
    let name = format!("{name}-small");
    let mut used = done.resources.bram18;
    while used > DEVICE_BLOCK_RAMS {
        entries = fewer(entries, used)?;
        let smaller = compile(slot, tools, &name, Some(&(map.clone(), entries)))?;
        let again = synthesis(tools, &smaller, options, &name)?;
        if again.resources.bram18 >= used {
            return Err(format!("{used} block RAMs, and {map} with {entries} entries does not take less"));
        }
        used = again.resources.bram18;
    }
    route(tools, &tools.folder.join(&name), slot, (done.resources.lut, Some((map, entries))), &name)
}

/// The map with most memory, and its entries.
fn largest(run: &Run) -> Option<(String, u64)> {
    let map = run.maps().iter().max_by(|a, b| bits(a).total_cmp(&bits(b)))?;
    Some((map.get("name")?.as_str()?.to_owned(), map.get("max_entries")?.as_u64()?))
}

/// So many entries, halved until their memory could fit if all of `used` were theirs.
fn fewer(entries: u64, used: u64) -> Result<u64, String> {
    let mut factor = 2;
    while used.div_ceil(factor) > DEVICE_BLOCK_RAMS / 2 && entries / factor > 1 {
        factor *= 2;
    }
    if entries / factor > 0 { Ok(entries / factor) } else { Err("the maps do not fit the device".to_owned()) }
}

fn route(
    tools: &Tools<'_>,
    folder: &Path,
    slot: &Slot,
    (lut, entries): (u64, Option<(String, u64)>),
    name: &str,
) -> Result<Placed, String> {
    let wanted = slot.target.default_clock_mhz;
    let most = if lut > LARGE { ARRANGEMENTS_LARGE } else { ARRANGEMENTS };
    let mut best: Option<Placed> = None;
    for tried in 1..=most {
        let options = PlaceOptions { device: &DEVICE, arrangement: Arrangement::nth(tried), limit: LIMIT };
        let log = tools.folder.join(format!("{name}.nextpnr-{tried}.log"));
        let done = tools.nextpnr.place_part(folder, NETLIST, wanted, options, &log);
        let done = done.map_err(|error| error.to_string())?;
        let [clock] = done.clocks.as_slice() else { return Err("nextpnr reported not one clock".to_owned()) };
        let path = done.paths.iter().max_by(|a, b| a.ns.total_cmp(&b.ns)).ok_or("nextpnr reported no path")?;
        let before = best.as_ref().map_or((0.0, 0.0), |placed| (placed.mhz, placed.seconds));
        let seconds = before.1 + done.ran.elapsed.as_secs_f64();
        if clock.achieved_mhz > before.0 {
            let (from, to) = (path.from.clone(), path.to.clone());
            best = Some(Placed { mhz: clock.achieved_mhz, tried, entries: entries.clone(), from, to, seconds });
        } else if let Some(best) = &mut best {
            (best.tried, best.seconds) = (tried, seconds);
        }
        if clock.achieved_mhz >= wanted {
            break;
        }
    }
    best.ok_or_else(|| "no arrangement was tried".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_halved_until_it_could_fit() {
        assert_eq!(fewer(65536, 250), Ok(16384));
        assert_eq!(fewer(65536, 209), Ok(16384));
        assert_eq!(fewer(100_000, 700), Ok(12500));
        assert!(fewer(1, 700).is_err());
    }
}
