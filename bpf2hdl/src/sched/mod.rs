// SPDX-License-Identifier: Apache-2.0
//! Scheduling: which stage each operation stands in.

mod conditions;
mod heads;
mod late_reads;
mod length;
mod lower;
mod parts;
mod place;
mod retime;
mod sections;
mod shared;
mod sink;
mod slow;

use crate::compile::Options;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Function, MapId, MapKind};
use crate::object::Linked;
use crate::pipe::{MAX_RAM_REPLICAS, NodeKind, Pipeline, Storage};
use crate::target::{Delays, Logic};
use conditions::Conditions;
use place::Timing;
use std::collections::BTreeSet;

/// Largest map memory of one design in bits, all replicas together: the block and ultra RAM of an Alveo U50.
const MEMORY_BITS: u64 = 230 * 1_000_000;
/// So many stages share a port or unit, for the delay of the choice among their operands: more than most do.
const SHARING_STAGES: u32 = 4;
/// Pipelines of more nodes are not placed again to split an array.
const MAX_SPLIT_NODES: usize = 8000;
/// Longest pipeline.
const MAX_STAGES: u32 = 1000;
/// Largest value of a map in bytes: the host's data window.
const MAX_VALUE_BYTES: u32 = 4096;

/// Schedules a function; the diagnostics are warnings.
///
/// # Errors
/// Limits of the hardware that the program exceeds, all at once.
pub fn schedule(
    program: &Linked,
    function: &Function,
    options: &Options,
) -> Result<(Pipeline, Diagnostics), Diagnostics> {
    let mut p = arranged(program, function, options)?;
    let mut found = Diagnostics::new();
    p.interval = options.initiation_interval;
    if p.stages() > MAX_STAGES {
        found.add(
            Code::StageLimit,
            format!("the pipeline would have {} stages; at most {MAX_STAGES} are built", p.stages()),
        );
        return Err(found.finish());
    }
    debug_assert!(crate::pipe::check(&p).is_ok(), "{:?}", crate::pipe::check(&p));
    let (stage, worst_ps) = critical_stage(&p, options);
    let period_ps = 1_000_000.0 / options.clock_mhz;
    if f64::from(worst_ps) > period_ps {
        found.add(
            Code::Timing,
            format!(
                "stage {stage} is estimated at {:.2} ns; {:.1} MHz allow {:.2} ns",
                f64::from(worst_ps) / 1000.0,
                options.clock_mhz,
                period_ps / 1000.0
            ),
        );
    }
    for unit in p.maps.iter().filter(|unit| p.may_wait(unit)) {
        found.push(slow::reduced_rate(program, &p, unit));
    }
    Ok((p, found))
}

/// Nodes in their stages. Stages leave room for the spread of wires ([`Delays::spread_ps`], [`Delays::chain_ps`]), unless packets would then wait longer for one
/// another: the rate goes first.
///
/// # Errors
/// As [`schedule`].
fn arranged(program: &Linked, function: &Function, options: &Options) -> Result<Pipeline, Diagnostics> {
    let place = |timing: &Timing| {
        let (p, conditions) = lowered(program, function, &BTreeSet::new(), timing);
        let found = limits(program, &p);
        if found.has_errors() {
            return Err(found.finish());
        }
        let p = late_reads::arrange(p, timing, &conditions);
        let mut p = split_arrays(program, function, timing, p);
        p.registered_heads = heads::need_registers(&p, timing);
        Ok(p)
    };
    let delays = options.target.delays;
    let first = place(&timing(options, delays))?;
    let rate = |p: &Pipeline| -> Vec<u32> {
        p.whole_maps().enumerate().map(|(i, _)| parts::clocks_apart(p, MapId::new(i))).collect()
    };
    let waits = rate(&first);
    if delays == delays.without_spread() || waits.iter().all(|&clocks| clocks == 1) {
        return Ok(first);
    }
    let full = place(&timing(options, delays.without_spread()))?;
    let fewer = rate(&full);
    let is_better = fewer.iter().zip(&waits).any(|(full, first)| full < first);
    Ok(if is_better && fewer.iter().zip(&waits).all(|(full, first)| full <= first) { full } else { first })
}

/// A function as nodes and ports, not yet placed; `split`: arrays in parts.
fn lowered<'a>(
    program: &Linked,
    function: &'a Function,
    split: &BTreeSet<MapId>,
    timing: &Timing,
) -> (Pipeline, Conditions<'a>) {
    let (mut p, conditions) = lower::lower(function, split, timing);
    let types: Vec<_> = program.maps.iter().map(|map| &map.value_btf).collect();
    parts::name(&mut p, &types);
    // Such a load finds its beats in the buffer when the whole packet is there, as do events with bytes of the packet.
    let loads_far = p.event_start.width() > 0 || p.nodes.iter().any(|n| matches!(n.kind, NodeKind::FarLoad { .. }));
    match length::need(function) {
        _ if loads_far => p.full_length = true,
        length::Need::AtLeast(bytes) => p.token_min_bytes = bytes,
        length::Need::Exact => p.full_length = true,
    }
    (p, conditions)
}

/// The pipeline with those arrays in parts for which packets then wait less; each is tried by itself.
fn split_arrays(program: &Linked, function: &Function, timing: &Timing, whole: Pipeline) -> Pipeline {
    if whole.nodes.len() > MAX_SPLIT_NODES {
        return whole;
    }
    let mut split = BTreeSet::new();
    let mut best = whole;
    for map in parts::waiting(&best) {
        split.insert(map);
        let (p, conditions) = lowered(program, function, &split, timing);
        let p = late_reads::arrange(p, timing, &conditions);
        let all = |p: &Pipeline| p.whole_maps().enumerate().map(|(i, _)| parts::clocks_apart(p, MapId::new(i))).max();
        let is_better = parts::clocks_apart(&p, map) < parts::clocks_apart(&best, map) && all(&p) <= all(&best);
        // The section of a directory's steps would have to be around those of the parts.
        let is_apart = p.maps[map.index()].guard.is_none();
        if p.stages() <= MAX_STAGES && is_better && is_apart {
            best = p;
        } else {
            split.remove(&map);
        }
    }
    best
}

/// What stages may take by this table.
fn timing(options: &Options, delays: Delays) -> Timing {
    let period_ps = 1_000_000.0 / options.clock_mhz;
    // What several stages use has a choice of their operands before it.
    let choice_ps = if options.initiation_interval > 1 { delays.of(Logic::Choice(SHARING_STAGES)) } else { 0 };
    let budget_ps =
        (period_ps as u32).saturating_sub(delays.overhead_ps + delays.spread_ps + choice_ps).max(delays.level_ps);
    Timing { delays, budget_ps, interval: options.initiation_interval }
}

/// Fewest register bits that any placement of this pipeline's logic can have while its ports, units and stages are where they are:
/// a bound that may not be reached. `None` for programs that are too large, and where registers hold for several stages.
pub fn fewest_register_bits(p: &Pipeline, options: &Options) -> Option<u64> {
    if p.interval > 1 {
        return None;
    }
    retime::bound(p, &timing(options, options.target.delays.without_spread()))
}

/// The slowest stage and its estimated delay in picoseconds, register overhead included.
pub fn critical_stage(p: &Pipeline, options: &Options) -> (u32, u32) {
    let worst = p.nodes.iter().map(|n| (n.arrival_ps, std::cmp::Reverse(n.stage))).max();
    let (arrival, stage) = worst.map_or((0, 0), |(a, s)| (a, s.0));
    (stage, arrival + options.target.delays.overhead_ps)
}

fn limits(program: &Linked, p: &Pipeline) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut total = 0;
    for (index, unit) in p.maps.iter().enumerate() {
        let at = |d: Diagnostic| match program.map_refs.iter().find(|r| r.map == index) {
            Some(reference) => d.at(program.location(reference.insn)),
            None => d,
        };
        let map = &unit.map;
        let bits = unit.entry_bits();
        if unit.storage != Storage::None && map.value_size > MAX_VALUE_BYTES {
            let text =
                format!("values of `{}` have {} bytes; at most {MAX_VALUE_BYTES} are built", map.name, map.value_size);
            found.push(at(Diagnostic::new(Code::MapSizeLimit, text)));
        }
        total += p.directory_bits(unit);
        if unit.storage != Storage::Ram {
            continue;
        }
        if p.replicas(MapId::new(index)) > MAX_RAM_REPLICAS && map.kind != MapKind::Bits {
            found.push(at(Diagnostic::new(
                Code::MapPortsLimit,
                format!(
                    "one packet may read {} different entries of `{}`; its {bits} bits are in block RAM, of which at most \
                     {MAX_RAM_REPLICAS} copies are built",
                    unit.reads.len(),
                    map.name,
                ),
            )));
        }
        total += bits * p.copies(MapId::new(index)) as u64;
    }
    if total > MEMORY_BITS {
        found.add(
            Code::MapSizeLimit,
            format!(
                "the maps need {} Mbit of memory on the chip; a large part has {}",
                total / 1_000_000,
                MEMORY_BITS / 1_000_000
            ),
        );
    }
    found
}
