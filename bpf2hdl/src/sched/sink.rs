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
use crate::pipe::{Bits, MapUnit, Node, NodeId, NodeKind, Pipeline, Source, Storage};
use crate::target::Logic;

/// Moves nodes of a placed pipeline.
/// Whether one has moved.
pub(super) fn sink(p: &mut Pipeline, timing: &Timing) -> bool {
    let mut uses = Uses::new(p);
    let mut any = false;
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
                any = true;
                break;
            }
        }
    }
    any
}

/// Puts each node where it should be; `false`, and no change, if a chain does not fit then.
pub(super) fn place_at(p: &mut Pipeline, timing: &Timing, stages: &[u32]) -> bool {
    let mut placed = p.clone();
    for (index, &stage) in stages.iter().enumerate() {
        let id = NodeId::new(index);
        if !is_movable(&placed, id) {
            continue;
        }
        set_stage(&mut placed, id, stage);
        let arrival = arrival_of(&placed, timing, id);
        let is_late = placed.node(id).kind.operands().into_iter().any(|bits| known_after(&placed, bits, stage));
        if is_late || arrival > timing.budget_ps.max(delay_of(&placed, timing, id)) {
            return false;
        }
        placed.nodes[index].arrival_ps = arrival;
    }
    *p = placed;
    true
}

/// Whether some of the bits are made in a later stage.
fn known_after(p: &Pipeline, bits: &Bits, stage: u32) -> bool {
    bits.uses().any(|(source, _, _)| matches!(source, Source::Node(of) if p.node(of).stage > stage))
}

/// Moves each node, consumers first, to the stage that it should be in, or at most `short` stages before where its chain does
/// not fit.
pub(super) fn towards(p: &mut Pipeline, timing: &Timing, wanted: impl Fn(NodeId) -> u32, short: u32) {
    let mut uses = Uses::new(p);
    for index in (0..p.nodes.len()).rev() {
        let id = NodeId::new(index);
        let from = p.node(id).stage;
        let Some(latest) = uses.latest_stage(id).filter(|_| is_movable(p, id)) else { continue };
        let best = wanted(id).min(latest);
        for to in (best.saturating_sub(short).max(from + 1)..=best).rev() {
            if move_to(p, timing, &uses, id, to) {
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
    /// Whether bits of a node leave the pipeline.
    is_output: Vec<bool>,
}

impl Uses {
    fn new(p: &Pipeline) -> Self {
        let never = NodeUse { by_logic: u32::MAX, by_port: u32::MAX };
        let mut uses = Uses {
            nodes: vec![never; p.nodes.len()],
            last: BTreeMap::new(),
            consumers: vec![Vec::new(); p.nodes.len()],
            is_output: vec![false; p.nodes.len()],
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
            for_each_port(unit, |bits, stage| self.port(bits, stage));
        }
        for bits in p.outputs() {
            for (source, _, _) in bits.uses() {
                if let Source::Node(id) = source {
                    let entry = &mut self.nodes[id.index()];
                    entry.by_logic = entry.by_logic.min(p.last_stage);
                    self.is_output[id.index()] = true;
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
                let output = if self.is_output[of.index()] { p.last_stage } else { u32::MAX };
                self.nodes[of.index()].by_logic = first.map(|n| n.start).min().unwrap_or(u32::MAX).min(output);
            }
        }
    }
}

/// What the ports of a map take, and in which stage.
pub(super) fn for_each_port(unit: &MapUnit, mut f: impl FnMut(&Bits, u32)) {
    for step in &unit.steps {
        step.operands().into_iter().for_each(|bits| f(bits, step.issue));
    }
    for read in &unit.reads {
        f(&read.index, read.issue);
    }
    for write in &unit.writes {
        for field in &write.fields {
            f(&field.when, write.stage);
            f(&field.data, write.stage);
        }
        f(&write.index, write.stage);
    }
    if let Some(guard) = &unit.guard {
        f(&guard.key, guard.entrance);
        f(&guard.uses, guard.entrance);
        f(&guard.exclusive, guard.entrance);
    }
}

/// Single-stage logic, and reads with a constant index of registers that the pipeline does not write.
pub(super) fn is_movable(p: &Pipeline, id: NodeId) -> bool {
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

/// Puts a node into a stage in which its result is there so many picoseconds after the clock edge.
pub(super) fn set_place(p: &mut Pipeline, id: NodeId, stage: u32, arrival_ps: u32) {
    set_stage(p, id, stage);
    p.nodes[id.index()].arrival_ps = arrival_ps;
}

/// Picoseconds that a node takes.
pub(super) fn delay_of(p: &Pipeline, timing: &Timing, id: NodeId) -> u32 {
    let node = p.node(id);
    match node.kind {
        NodeKind::Read { .. } => timing.delays.of(Logic::None),
        ref kind => timing.delays.of(logic(kind, node.width)),
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
    ready + delay_of(p, timing, id)
}
