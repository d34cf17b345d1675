// SPDX-License-Identifier: Apache-2.0
//! What the emitter relies on. The scheduler guarantees it; [`check`] says where it does not.
//!
//! * Nothing is used before the stage in which it is there, nor after the last stage.
//! * Multiplications take `multiplier_latency`, divisions a latency that some number of bits per stage has; everything else is
//!   combinational, map reads excepted (RAM: 2 stages, registers: none).
//! * A token may wait only before an `entrance` (>= 1), and nothing that goes on without it may be under way then: no multiplier,
//!   divider or RAM read spans an entrance, nor does another map's section.
//! * Maps without storage have no ports; RAM has at most one write port; a write is not before its map's reads deliver.

use super::latency::{divider_bits, entrances, multiplier_latency};
use crate::compile::Design;
use crate::ir::Binary;
use crate::pipe::{MapUnit, Node, NodeKind, Pipeline, Storage};

/// Everything about a design that the emitter could not build rightly, in words; empty for what the scheduler makes.
pub fn check(design: &Design) -> Vec<String> {
    let p = &design.pipeline;
    let mut found = Vec::new();
    uses(p, &mut found);
    for (index, node) in p.nodes.iter().enumerate() {
        if let Some(problem) = node_problem(node, p) {
            found.push(format!("n{index}: {problem}"));
        }
        if let Some(stage) = spanned(p, node.start, node.stage) {
            found.push(format!("n{index}: under way at the entrance of stage {stage}"));
        }
    }
    for unit in &p.maps {
        map(p, unit, &mut found);
    }
    found
}

fn uses(p: &Pipeline, found: &mut Vec<String>) {
    p.for_each_use(|bits, stage| {
        for (source, lo, width) in bits.uses() {
            let made = p.available(source);
            if stage < made || stage > p.last_stage {
                found.push(format!("{source:?} of stage {made} is used in stage {stage}"));
            }
            if source == crate::pipe::Source::Packet && lo + width > 8 * p.window_bytes {
                found.push(format!("packet bit {} is outside the window", lo + width - 1));
            }
        }
    });
    if p.action.width() != 3 {
        found.push(format!("the verdict has {} bits", p.action.width()));
    }
}

fn node_problem(node: &Node, p: &Pipeline) -> Option<String> {
    let latency = node.stage.checked_sub(node.start)?;
    let is_right = match &node.kind {
        NodeKind::Input(_) => node.stage == 0 && node.width == 16,
        NodeKind::Binary(Binary::Mul, ..) => latency == 0 || latency == multiplier_latency(node.width),
        NodeKind::Binary(Binary::Udiv | Binary::Urem, ..) => latency > 0 && divider_bits(node.width, latency).is_some(),
        NodeKind::Binary(Binary::Sdiv | Binary::Srem, ..) => false,
        NodeKind::Read { map, port } => {
            let unit = &p.maps[map.index()];
            let read = unit.reads.get(*port)?;
            unit.storage != Storage::None && node.stage == read.data && node.width == 8 * unit.map.value_size
        }
        _ => latency == 0,
    };
    (!is_right || node.stage > p.last_stage).then(|| format!("{:?} in stages {}..{}", node.kind, node.start, node.stage))
}

/// An entrance that falls inside the stages `start + 1 ..= end`.
fn spanned(p: &Pipeline, start: u32, end: u32) -> Option<u32> {
    entrances(p).into_iter().find(|&e| start < e && e <= end)
}

fn map(p: &Pipeline, unit: &MapUnit, found: &mut Vec<String>) {
    let name = &unit.map.name;
    let mut wrong = |text: String| found.push(format!("map {name}: {text}"));
    if unit.storage == Storage::None && (!unit.reads.is_empty() || !unit.writes.is_empty()) {
        wrong("ports, but no storage".into());
    }
    if unit.storage == Storage::Ram && unit.writes.len() > 1 {
        wrong(format!("{} write ports in RAM", unit.writes.len()));
    }
    let latency = if unit.storage == Storage::Ram { 2 } else { 0 };
    for read in &unit.reads {
        if read.data != read.issue + latency {
            wrong(format!("read in stages {}..{}", read.issue, read.data));
        }
        if !unit.writes.is_empty() && read.data > unit.write_stage {
            wrong(format!("read delivers in stage {}, after the write in {}", read.data, unit.write_stage));
        }
        if unit.guard.as_ref().is_some_and(|g| read.issue < g.entrance) {
            wrong(format!("read in stage {} before its section", read.issue));
        }
        let is_open = !unit.writes.is_empty() && read.data < unit.write_stage;
        if is_open && unit.guard.is_none() {
            wrong(format!("read in stage {} and written in {} without a guard", read.data, unit.write_stage));
        }
        let end = if unit.writes.is_empty() { read.data } else { unit.write_stage };
        if let Some(stage) = spanned(p, read.issue, end) {
            wrong(format!("its section spans the entrance of stage {stage}"));
        }
    }
    if unit.guard.as_ref().is_some_and(|g| g.entrance == 0) {
        wrong("a token can not wait before stage 0".into());
    }
}
