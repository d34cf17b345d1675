// SPDX-License-Identifier: Apache-2.0
//! Scheduling: which stage each operation stands in.

mod late_reads;
mod length;
mod lower;
mod place;
mod sections;
mod shared;
mod sink;

use crate::compile::Options;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::Function;
use crate::object::Linked;
use crate::pipe::{MAX_RAM_REPLICAS, MapUnit, NodeKind, Pipeline, Storage};
use place::Timing;

/// Largest map memory of one design in bits, all replicas together: the block and ultra RAM of an Alveo U50.
const MEMORY_BITS: u64 = 230 * 1_000_000;
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
    let mut p = lower::lower(function);
    let mut found = limits(program, &p);
    if found.has_errors() {
        return Err(found.finish());
    }
    // Such a load finds its beats in the buffer when the whole packet is there.
    let loads_far = p.nodes.iter().any(|n| matches!(n.kind, NodeKind::FarLoad { .. }));
    match length::need(function) {
        _ if loads_far => p.full_length = true,
        length::Need::AtLeast(bytes) => p.token_min_bytes = bytes,
        length::Need::Exact => p.full_length = true,
    }
    let period_ps = 1_000_000.0 / options.clock_mhz;
    let delays = options.target.delays;
    let budget_ps = (period_ps as u32).saturating_sub(delays.overhead_ps).max(delays.level_ps);
    let timing = Timing { delays, budget_ps };
    let p = late_reads::arrange(p, &timing);
    if p.stages() > MAX_STAGES {
        found.add(
            Code::StageLimit,
            format!("the pipeline would have {} stages; at most {MAX_STAGES} are built", p.stages()),
        );
        return Err(found.finish());
    }
    debug_assert!(crate::pipe::check(&p).is_ok(), "{:?}", crate::pipe::check(&p));
    let (stage, worst_ps) = critical_stage(&p, options);
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
    for unit in p.maps.iter().filter(|m| m.guard.is_some()) {
        found.add(Code::ReducedRate, reduced_rate(unit));
    }
    Ok((p, found))
}

/// Which packets wait for each other, and how long.
fn reduced_rate(unit: &MapUnit) -> String {
    let (name, clocks) = (&unit.map.name, unit.same_entry_clocks());
    let has_key = unit.guard.as_ref().is_some_and(|guard| guard.key.width() > 0);
    if has_key {
        let stages = clocks - 1;
        return format!(
            "an entry of map `{name}` is written {stages} stages after it was read: packets that hit one entry pass at one in {clocks} clocks"
        );
    }
    let only = match &unit.guard {
        Some(guard) if guard.exclusive.width() > 0 => {
            return format!(
                "a packet that may insert keys into map `{name}` has the map for itself: such packets pass at one in {clocks} clocks; those that \
                 find their key wait only for them"
            );
        }
        _ => "whatever their entries",
    };
    let changes = unit.steps.iter().filter(|step| step.changes()).count().max(unit.writes.len());
    format!(
        "a packet's accesses of map `{name}` ({changes} of them may change it) take {clocks} stages: packets pass at one in {clocks} clocks, \
         {only}"
    )
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
        let bits = u64::from(map.slots()) * u64::from(map.value_size) * 8;
        if unit.storage != Storage::None && map.value_size > MAX_VALUE_BYTES {
            let text =
                format!("values of `{}` have {} bytes; at most {MAX_VALUE_BYTES} are built", map.name, map.value_size);
            found.push(at(Diagnostic::new(Code::MapSizeLimit, text)));
        }
        total += unit.directory_bits();
        if unit.storage != Storage::Ram {
            continue;
        }
        if unit.replicas() > MAX_RAM_REPLICAS {
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
        total += bits * unit.replicas() as u64;
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
