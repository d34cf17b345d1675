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
use crate::pipe::{Bits, Node, NodeId, NodeKind, Pipeline, Source, Storage};
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
        // The gain is concave in the stage: it has one summit. Only the last stage may be too full.
        let Some(best) = best_stage(p, &uses, id, limit) else { continue };
        for to in [best, best - 1] {
            if to > from && move_to(p, timing, &uses, id, to) {
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
        let mut uses = Uses {
            nodes: vec![never; p.nodes.len()],
            last: BTreeMap::new(),
            consumers: vec![Vec::new(); p.nodes.len()],
        };
        p.for_each_use(|bits, stage| uses.extend(bits, stage));
        for (index, node) in p.nodes.iter().enumerate() {
            let is_unit = node.start != node.stage;
            for (source, _, _) in node.kind.operands().iter().flat_map(|b| b.uses()) {
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
            for step in &unit.steps {
                step.operands().into_iter().for_each(|bits| self.port(bits, step.issue));
            }
            for read in &unit.reads {
                self.port(&read.index, read.issue);
            }
            for write in &unit.writes {
                for field in &write.fields {
                    self.port(&field.when, write.stage);
                    self.port(&field.data, write.stage);
                }
                self.port(&write.index, write.stage);
            }
            if let Some(guard) = &unit.guard {
                self.port(&guard.key, guard.entrance);
                self.port(&guard.exclusive, guard.entrance);
            }
        }
        for bits in p.outputs() {
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
        for bits in node.kind.operands() {
            self.extend(bits, node.start);
        }
        // The earliest consumer of an operand may be a later one now.
        for (source, _, _) in node.kind.operands().iter().flat_map(|b| b.uses()) {
            if let Source::Node(of) = source {
                let first = self.consumers[of.index()].iter().map(|&c| p.node(c)).filter(|n| n.start == n.stage);
                let output = if self.is_output(p, of) { p.last_stage } else { u32::MAX };
                self.nodes[of.index()].by_logic = first.map(|n| n.start).min().unwrap_or(u32::MAX).min(output);
            }
        }
    }

    fn is_output(&self, p: &Pipeline, id: NodeId) -> bool {
        p.outputs().flat_map(Bits::uses).any(|(source, _, _)| source == Source::Node(id))
    }
}

/// Single-stage logic, and reads with a constant index of registers that the pipeline does not write.
fn is_movable(p: &Pipeline, id: NodeId) -> bool {
    let node = p.node(id);
    match node.kind {
        NodeKind::Input(_) | NodeKind::Step { .. } => false,
        NodeKind::Read { map, port } => {
            let unit = &p.maps[map.index()];
            unit.storage == Storage::Registers && unit.writes.is_empty() && unit.reads[port].index.as_const().is_some()
        }
        _ => node.start == node.stage,
    }
}

/// The stage up to `limit` that saves most register bits, if any saves some.
fn best_stage(p: &Pipeline, uses: &Uses, id: NodeId, limit: u32) -> Option<u32> {
    let node = p.node(id);
    let last = uses.last.get(&Source::Node(id));
    let live = last.map_or(0, |table| table.iter().filter(|&&l| l > node.stage).count()) as i64;
    let ends = operand_ends(uses, node);
    let mut best = (0, None);
    let mut gain = 0;
    for to in node.stage + 1..=limit {
        // One stage more: the result's bits are saved, operands that end before it live on.
        gain += live - ends.iter().filter(|&&end| end < to).count() as i64;
        if gain > best.0 {
            best = (gain, Some(to));
        }
    }
    best.1
}

/// The last use of each bit that a node takes.
fn operand_ends(uses: &Uses, node: &Node) -> Vec<u32> {
    let mut bits: Vec<(Source, u32)> = node
        .kind
        .operands()
        .into_iter()
        .flat_map(Bits::uses)
        .flat_map(|(source, lo, width)| (lo..lo + width).map(move |bit| (source, bit)))
        .collect();
    if let NodeKind::PacketAt { places, .. } = &node.kind {
        let byte_runs = places.iter().map(|&place| 8 * u32::from(place));
        bits.extend(byte_runs.flat_map(|lo| (lo..lo + node.width).map(|bit| (Source::Packet, bit))));
    }
    bits.sort_unstable();
    bits.dedup();
    let end = |(source, bit): (Source, u32)| uses.last.get(&source).and_then(|t| t.get(bit as usize)).copied();
    bits.into_iter().map(|bit| end(bit).unwrap_or(0)).collect()
}

/// Moves a node if the chains in its new stage fit; `false` and no change otherwise.
fn move_to(p: &mut Pipeline, timing: &Timing, uses: &Uses, id: NodeId, to: u32) -> bool {
    let from = p.node(id).stage;
    let mut before = vec![(id, p.node(id).arrival_ps)];
    set_stage(p, id, to);
    // Only the new stage's chains grow: the node itself, then what follows from it in order.
    let mut work = std::collections::BTreeSet::from([id]);
    while let Some(next) = work.pop_first() {
        let (old, arrival) = (p.node(next).arrival_ps, arrival_of(p, timing, next));
        if arrival > timing.budget_ps && arrival > old {
            for (node, arrival) in before.into_iter().rev() {
                p.nodes[node.index()].arrival_ps = arrival;
            }
            set_stage(p, id, from);
            return false;
        }
        if old != arrival || next == id {
            before.push((next, old));
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
    let ready = node
        .kind
        .operands()
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
