// SPDX-License-Identifier: Apache-2.0
//! Register-minimising retiming: logic moves to later stages where that saves registers.
//!
//! Placement puts each node as early as it can be, which is best where the result is narrower than the operands, and
//! wasteful where it is wider: eight masked copies of an address are registered instead of the address. Here each node,
//! consumers first, looks at the stages between its own and its first use, and moves to the one that saves most:
//!
//! * saved: the bits of the result, for each stage that it moves;
//! * spent: the bits of operands that would otherwise have died by then, for each stage that they live longer.
//!
//! It may join the stage of its first use where the longer chain still fits the clock period. The number of stages, ports of RAMs,
//! units of several stages and sections stay where they are. Cost: nodes x stages moved.

use std::collections::BTreeMap;

use super::place::{Timing, logic};
use crate::pipe::{Bits, NodeId, NodeKind, Pipeline, Source, Storage};
use crate::target::Logic;

/// Moves nodes of a placed pipeline.
pub(super) fn sink(p: &mut Pipeline, timing: &Timing) {
    let mut uses = Uses::new(p);
    for index in (0..p.nodes.len()).rev() {
        let id = NodeId::new(index);
        if !is_movable(p, id) {
            continue;
        }
        let from = p.node(id).stage;
        let Some(limit) = uses.latest_stage(id) else { continue };
        for to in (from + 1..=limit).rev() {
            if gain(p, &uses, id, to) > 0 && move_to(p, timing, &uses, id, to) {
                uses.moved(p, id);
                break;
            }
        }
    }
}

/// How a node's bits are used.
#[derive(Clone, Copy)]
struct NodeUse {
    /// First stage in which another node uses them combinationally.
    by_logic: u32,
    /// First stage at whose clock edge they must stand (ports, keys, units).
    by_port: u32,
}

struct Uses {
    nodes: Vec<NodeUse>,
    /// Last stage in which a bit is used, by source.
    last: BTreeMap<Source, Vec<u32>>,
    consumers: Vec<Vec<NodeId>>,
}

impl Uses {
    fn new(p: &Pipeline) -> Self {
        let never = NodeUse { by_logic: u32::MAX, by_port: u32::MAX };
        let mut uses =
            Uses { nodes: vec![never; p.nodes.len()], last: BTreeMap::new(), consumers: vec![Vec::new(); p.nodes.len()] };
        p.for_each_use(|bits, stage| uses.extend(bits, stage));
        for (index, node) in p.nodes.iter().enumerate() {
            let is_unit = node.start != node.stage;
            for (source, _, _) in operands(&node.kind).iter().flat_map(|b| b.uses()) {
                let Source::Node(of) = source else { continue };
                uses.consumers[of.index()].push(NodeId::new(index));
                let entry = &mut uses.nodes[of.index()];
                let slot = if is_unit { &mut entry.by_port } else { &mut entry.by_logic };
                *slot = (*slot).min(node.start);
            }
        }
        uses.ports(p);
        uses
    }

    fn ports(&mut self, p: &Pipeline) {
        for unit in &p.maps {
            for read in &unit.reads {
                self.port(&read.index, read.issue);
            }
            for write in &unit.writes {
                for field in &write.fields {
                    self.port(&field.when, unit.write_stage);
                    self.port(&field.data, unit.write_stage);
                }
                self.port(&write.index, unit.write_stage);
            }
            if let Some(guard) = &unit.guard {
                self.port(&guard.key, guard.entrance);
            }
        }
        for bits in p.edits.iter().flat_map(|e| [&e.when, &e.data]).chain([&p.action]) {
            for (source, _, _) in bits.uses() {
                if let Source::Node(id) = source {
                    let entry = &mut self.nodes[id.index()];
                    entry.by_logic = entry.by_logic.min(p.last_stage);
                }
            }
        }
    }

    fn port(&mut self, bits: &Bits, stage: u32) {
        for (source, _, _) in bits.uses() {
            if let Source::Node(id) = source {
                let entry = &mut self.nodes[id.index()];
                entry.by_port = entry.by_port.min(stage);
            }
        }
    }

    fn extend(&mut self, bits: &Bits, stage: u32) {
        for (source, lo, width) in bits.uses() {
            let table = self.last.entry(source).or_default();
            let end = (lo + width) as usize;
            if table.len() < end {
                table.resize(end, 0);
            }
            for last in &mut table[lo as usize..end] {
                *last = (*last).max(stage);
            }
        }
    }

    /// The latest stage that a node may move to, if it is used at all.
    fn latest_stage(&self, id: NodeId) -> Option<u32> {
        let entry = self.nodes[id.index()];
        let latest = entry.by_logic.min(entry.by_port.saturating_sub(1));
        (entry.by_logic != u32::MAX || entry.by_port != u32::MAX).then_some(latest)
    }

    /// Follows a move of a node.
    fn moved(&mut self, p: &Pipeline, id: NodeId) {
        let node = p.node(id);
        for bits in operands(&node.kind) {
            self.extend(bits, node.start);
        }
        // The earliest consumer of an operand may be a later one now.
        for (source, _, _) in operands(&node.kind).iter().flat_map(|b| b.uses()) {
            if let Source::Node(of) = source {
                let first = self.consumers[of.index()].iter().map(|&c| p.node(c)).filter(|n| n.start == n.stage);
                let output = if self.is_output(p, of) { p.last_stage } else { u32::MAX };
                self.nodes[of.index()].by_logic = first.map(|n| n.start).min().unwrap_or(u32::MAX).min(output);
            }
        }
    }

    fn is_output(&self, p: &Pipeline, id: NodeId) -> bool {
        let outputs = p.edits.iter().flat_map(|e| [&e.when, &e.data]).chain([&p.action]);
        outputs.flat_map(Bits::uses).any(|(source, _, _)| source == Source::Node(id))
    }
}

fn operands(kind: &NodeKind) -> Vec<&Bits> {
    match kind {
        NodeKind::Input(_) | NodeKind::Read { .. } => Vec::new(),
        NodeKind::Binary(_, x, y) | NodeKind::Compare(_, x, y) => vec![x, y],
        NodeKind::Select { condition, then, other } => vec![condition, then, other],
        NodeKind::PacketAt { base, .. } | NodeKind::Rom { base, .. } => vec![base],
    }
}

/// Single-stage logic, and reads with a constant index of registers that the pipeline does not write.
fn is_movable(p: &Pipeline, id: NodeId) -> bool {
    let node = p.node(id);
    match node.kind {
        NodeKind::Input(_) => false,
        NodeKind::Read { map, port } => {
            let unit = &p.maps[map.index()];
            unit.storage == Storage::Registers && unit.writes.is_empty() && unit.reads[port].index.as_const().is_some()
        }
        _ => node.start == node.stage,
    }
}

/// Register bits saved by moving a node to stage `to`.
fn gain(p: &Pipeline, uses: &Uses, id: NodeId, to: u32) -> i64 {
    let node = p.node(id);
    let last = uses.last.get(&Source::Node(id));
    let live = last.map_or(0, |table| table.iter().filter(|&&l| l > node.stage).count());
    let mut gain = live as i64 * i64::from(to - node.stage);
    let mut counted = BTreeMap::new();
    let mut spend = |source: Source, lo: u32, width: u32| {
        for bit in lo..lo + width {
            let last = uses.last.get(&source).and_then(|t| t.get(bit as usize)).copied().unwrap_or(0);
            if counted.insert((source, bit), ()).is_none() {
                gain -= i64::from(to.saturating_sub(last));
            }
        }
    };
    for bits in operands(&node.kind) {
        bits.uses().for_each(|(source, lo, width)| spend(source, lo, width));
    }
    if let NodeKind::PacketAt { places, .. } = &node.kind {
        places.iter().for_each(|&place| spend(Source::Packet, 8 * u32::from(place), node.width));
    }
    gain
}

/// Moves a node if the chains in its new stage fit; `false` and no change otherwise.
fn move_to(p: &mut Pipeline, timing: &Timing, uses: &Uses, id: NodeId, to: u32) -> bool {
    let before = p.clone_times();
    set_stage(p, id, to);
    // Only the new stage's chains grow: the node itself, then what follows from it in order.
    let mut work = std::collections::BTreeSet::from([id]);
    while let Some(next) = work.pop_first() {
        let arrival = arrival_of(p, timing, next);
        if arrival > timing.budget_ps && arrival > before[next.index()].2 {
            p.restore_times(&before);
            return false;
        }
        if p.node(next).arrival_ps != arrival || next == id {
            p.nodes[next.index()].arrival_ps = arrival;
            let followers = uses.consumers[next.index()].iter().copied();
            work.extend(followers.filter(|&c| p.node(c).start == to && p.node(c).stage == to));
        }
    }
    true
}

fn set_stage(p: &mut Pipeline, id: NodeId, to: u32) {
    let node = &mut p.nodes[id.index()];
    (node.start, node.stage) = (to, to);
    if let NodeKind::Read { map, port } = node.kind {
        let read = &mut p.maps[map.index()].reads[port];
        (read.issue, read.data) = (to, to);
    }
}

/// When a node's result is there, within its stage.
fn arrival_of(p: &Pipeline, timing: &Timing, id: NodeId) -> u32 {
    let node = p.node(id);
    let ready = operands(&node.kind)
        .into_iter()
        .flat_map(Bits::uses)
        .filter_map(|(source, _, _)| match source {
            Source::Node(of) if p.node(of).stage == node.start => Some(p.node(of).arrival_ps),
            _ => None,
        })
        .max()
        .unwrap_or(0);
    let kind = match node.kind {
        NodeKind::Read { .. } => Logic::None,
        ref kind => logic(kind, node.width),
    };
    ready + timing.delays.of(kind)
}

impl Pipeline {
    fn clone_times(&self) -> Vec<(u32, u32, u32)> {
        self.nodes.iter().map(|n| (n.start, n.stage, n.arrival_ps)).collect()
    }

    fn restore_times(&mut self, times: &[(u32, u32, u32)]) {
        for (index, &(start, stage, arrival)) in times.iter().enumerate() {
            let node = &mut self.nodes[index];
            (node.start, node.stage, node.arrival_ps) = (start, stage, arrival);
            if let NodeKind::Read { map, port } = node.kind
                && self.maps[map.index()].storage == Storage::Registers
            {
                let read = &mut self.maps[map.index()].reads[port];
                (read.issue, read.data) = (stage, stage);
            }
        }
    }
}
