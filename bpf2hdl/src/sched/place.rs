// SPDX-License-Identifier: Apache-2.0
//! Placement: each node in the earliest stage in which its operands are there and its delay still fits.
//!
//! Operations are chained within a stage as long as the sum of their delays fits the clock period. Maps may ask
//! for a later stage ([`Constraints`]), which is how sections are closed.

use std::collections::BTreeSet;

use crate::ir::{Binary, Compare};
use crate::pipe::{Bits, FAR_LOAD_CLOCKS, MapUnit, NodeKind, Pipeline, Source, Storage, WritePort};
use crate::rtl::{directory_latency, divider_latency, multiplier_latency};
use crate::target::{Delays, Logic};

/// Earliest stages that placement must respect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Constraints {
    /// By map, then read port: earliest stage in which the index is presented.
    pub(super) issue: Vec<Vec<u32>>,
    /// By map, then step: earliest stage in which the key is presented.
    pub(super) step: Vec<Vec<u32>>,
    /// By map: steps keep the order of the program, one that changes the directory to a stage.
    pub(super) ordered: Vec<bool>,
    /// By map: earliest stage of a write.
    pub(super) write: Vec<u32>,
}

impl Constraints {
    pub(super) fn none(p: &Pipeline) -> Self {
        let issue = p.maps.iter().map(|m| vec![0; m.reads.len()]).collect();
        let step = p.maps.iter().map(|m| vec![0; m.steps.len()]).collect();
        Constraints { issue, step, ordered: vec![false; p.maps.len()], write: vec![0; p.maps.len()] }
    }
}

/// What placement goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) delays: Delays,
    /// Picoseconds of logic that fit into a stage.
    pub(super) budget_ps: u32,
    /// Clocks from one token to the next, at least.
    pub(super) interval: u32,
}

impl Timing {
    /// Whether the reads of a map get stages of their own, so that one port of its memory serves several.
    pub(super) fn spreads_reads(&self, unit: &MapUnit) -> bool {
        self.interval > 1 && unit.writes.is_empty() && unit.reads.len() > 1
    }
}

/// A moment: stage, and picoseconds after its clock edge.
type Moment = (u32, u32);

/// Places all nodes and ports, and finds the last stage.
pub(super) fn place(p: &mut Pipeline, timing: &Timing, constraints: &Constraints) {
    let mut turns: Vec<Turns> = p.maps.iter().map(|_| Turns::default()).collect();
    let mut taken: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); p.maps.len()];
    for i in 0..p.nodes.len() {
        let kind = p.nodes[i].kind.clone();
        let (start, stage, arrival) = match &kind {
            NodeKind::Input(_) => (0, 0, 0),
            NodeKind::Read { map, port } => {
                let (issue, data, arrival) = if p.maps[map.index()].in_turn() {
                    let turns = &mut turns[map.index()];
                    turns.place_read(p, timing, map.index(), *port, constraints)
                } else {
                    let taken = &mut taken[map.index()];
                    place_read(p, timing, map.index(), *port, (constraints.issue[map.index()][*port], taken))
                };
                let read = &mut p.maps[map.index()].reads[*port];
                (read.issue, read.data) = (issue, data);
                (data, data, arrival)
            }
            NodeKind::Step { map, port } => {
                let step = &p.maps[map.index()].steps[*port];
                let (stage, arrival) = ready(p, step.operands());
                // The key goes into the directory's own first stage of logic.
                let from = if arrival > timing.budget_ps / 4 { stage + 1 } else { stage };
                let least = constraints.step[map.index()][*port];
                let issue = from.max(least).max(after_others(p, map.index(), *port, constraints));
                let data = issue + directory_latency(&p.maps[map.index()].map);
                let step = &mut p.maps[map.index()].steps[*port];
                (step.issue, step.data) = (issue, data);
                (data, data, 0)
            }
            NodeKind::Binary(op @ (Binary::Mul | Binary::Udiv | Binary::Urem), x, y) => {
                let ready = ready(p, [x, y]);
                // The operands go into the unit's own first stage of logic.
                let start = if ready.1 > timing.budget_ps / 4 { ready.0 + 1 } else { ready.0 };
                (start, start + unit_latency(*op, p.nodes[i].width, &timing.delays), 0)
            }
            NodeKind::FarLoad { start, base, .. } => {
                let ready = ready(p, [start, base]);
                // Two sums of 16 bits come before the address register.
                let from = if ready.1 > timing.budget_ps / 4 { ready.0 + 1 } else { ready.0 };
                (from, from + FAR_LOAD_CLOCKS, 0)
            }
            kind => {
                let ready = ready(p, kind.operands());
                let delay = timing.delays.of(logic(kind, p.nodes[i].width));
                let (stage, arrival) = after(ready, delay, timing);
                (stage, stage, arrival)
            }
        };
        let node = &mut p.nodes[i];
        (node.start, node.stage, node.arrival_ps) = (start, stage, arrival);
    }
    for (map, turns) in turns.iter_mut().enumerate() {
        if p.maps[map].in_turn() {
            let count = p.maps[map].writes.len();
            turns.place_writes(p, timing, map, count, constraints);
        } else {
            place_writes(p, timing, map, constraints);
        }
    }
    place_outputs(p);
}

/// The first stage after the steps that a step must not come before.
fn after_others(p: &Pipeline, map: usize, port: usize, constraints: &Constraints) -> u32 {
    let steps = &p.maps[map].steps;
    if !constraints.ordered[map] || steps[port].ahead {
        return 0;
    }
    let before = steps[..port].iter().filter(|step| !step.ahead);
    before.map(|step| step.issue + u32::from(step.changes())).max().unwrap_or(0)
}

/// Stages that a multiplier or divider takes.
fn unit_latency(op: Binary, width: u32, delays: &Delays) -> u32 {
    match op {
        Binary::Mul => multiplier_latency(width),
        _ => divider_latency(width, delays.divider_bits_per_stage),
    }
}

/// When something that takes `delay` is done, in this stage or the next.
pub(super) fn after(ready: Moment, delay: u32, timing: &Timing) -> Moment {
    if ready.1 + delay <= timing.budget_ps || ready.1 == 0 { (ready.0, ready.1 + delay) } else { (ready.0 + 1, delay) }
}

/// When all these bits are there.
pub(super) fn ready<'a>(p: &Pipeline, bits: impl IntoIterator<Item = &'a Bits>) -> Moment {
    let mut moment = (0, 0);
    for bits in bits {
        for (source, _, _) in bits.uses() {
            if let Source::Node(id) = source {
                let node = p.node(id);
                moment = moment.max((node.stage, node.arrival_ps));
            }
        }
    }
    moment
}

/// `least`: earliest stage; `taken`: stages in which other reads of the map are.
fn place_read(
    p: &Pipeline,
    timing: &Timing,
    map: usize,
    port: usize,
    (least, taken): (u32, &mut BTreeSet<u32>),
) -> (u32, u32, u32) {
    let unit = &p.maps[map];
    let read = &unit.reads[port];
    let mut ready = ready(p, [&read.index]);
    if ready.0 < least {
        ready = (least, 0);
    }
    // Flip-flops have a port for each read anyway.
    if unit.storage != Storage::Registers && timing.spreads_reads(unit) {
        while taken.contains(&at_port(unit, ready, timing).0) {
            ready = (ready.0 + 1, 0);
        }
        taken.insert(at_port(unit, ready, timing).0);
    }
    if unit.storage == Storage::Ram {
        let (issue, _) = at_port(unit, ready, timing);
        return (issue, issue + 2, timing.delays.map_read_ps);
    }
    let delay = match unit.storage {
        Storage::LutRam => timing.delays.lut_ram(unit.map.slots()),
        _ if read.index.as_const().is_some() => 0,
        _ => timing.delays.of(Logic::Choice(unit.map.slots())),
    };
    let (stage, arrival) = after(ready, delay, timing);
    (stage, stage, arrival)
}

/// When an index that is ready is in a RAM's port, or the entry is there.
fn at_port(unit: &MapUnit, ready: Moment, timing: &Timing) -> Moment {
    match unit.storage {
        Storage::LutRam => after(ready, timing.delays.lut_ram(unit.map.slots()), timing),
        _ => after(ready, timing.delays.map_address_ps, timing),
    }
}

/// Writes happen where all their inputs are there, not before the reads.
fn place_writes(p: &mut Pipeline, timing: &Timing, map: usize, constraints: &Constraints) {
    let unit = &p.maps[map];
    let moment = unit.writes.iter().map(|write| written(p, timing, write)).max().unwrap_or((0, 0));
    let stage = moment.0;
    let reads = unit.reads.iter().map(|r| r.data).max().unwrap_or(0);
    let stage = stage.max(reads).max(constraints.write[map]);
    p.maps[map].writes.iter_mut().for_each(|write| write.stage = stage);
}

/// When all of a write is at its port: conditions have become enables, and the host's data has been chosen or the pipeline's, which the table
/// that makes the data has room for unless it is one of a carry chain.
fn written(p: &Pipeline, timing: &Timing, write: &WritePort) -> Moment {
    let enable = timing.delays.of(Logic::Condition);
    let whens = after(ready(p, write.fields.iter().map(|f| &f.when).chain([&write.index])), enable, timing);
    let is_sum = |source| matches!(source, Source::Node(id) if matches!(p.node(id).kind, NodeKind::Binary(Binary::Add | Binary::Sub, ..)));
    let data = |bits: &Bits| {
        let delay = if bits.uses().any(|(source, ..)| is_sum(source)) { timing.delays.of(Logic::Bitwise) } else { 0 };
        after(ready(p, [bits]), delay, timing)
    };
    write.fields.iter().map(|f| data(&f.data)).fold(whens, Moment::max)
}

fn inputs(write: &WritePort) -> impl Iterator<Item = &Bits> {
    write.fields.iter().flat_map(|f| [&f.when, &f.data]).chain([&write.index])
}

/// Accesses of a map whose ports serve them in turn: each read in a stage of its own, after the writes before it in the program,
/// each write in one of its own, in the order of the program and not before the reads that come before it.
#[derive(Default)]
struct Turns {
    /// Stages in which a read is asked for.
    issues: BTreeSet<u32>,
    /// Write ports that have their stage.
    written: usize,
    /// The stage of the last of them.
    last_write: Option<u32>,
    /// The last stage in which a read delivers.
    last_data: u32,
}

impl Turns {
    fn place_read(
        &mut self,
        p: &mut Pipeline,
        timing: &Timing,
        map: usize,
        port: usize,
        constraints: &Constraints,
    ) -> (u32, u32, u32) {
        self.place_writes(p, timing, map, p.maps[map].reads[port].after, constraints);
        let unit = &p.maps[map];
        let (mut ready, least) = (ready(p, [&unit.reads[port].index]), constraints.issue[map][port]);
        if ready.0 < least {
            ready = (least, 0);
        }
        let delay = timing.delays.map_address_ps + timing.delays.of(Logic::Choice(unit.reads.len() as u32));
        let (first, _) = after(ready, delay, timing);
        // Data of two stages later sees the writes of all stages before.
        let first = self.last_write.map_or(first, |last| first.max((last + 1).saturating_sub(2)));
        let issue = (first..).find(|stage| !self.issues.contains(stage)).unwrap_or(first);
        self.issues.insert(issue);
        self.last_data = self.last_data.max(issue + 2);
        (issue, issue + 2, timing.delays.map_read_ps)
    }

    /// Places the first `count` writes.
    fn place_writes(&mut self, p: &mut Pipeline, timing: &Timing, map: usize, count: usize, constraints: &Constraints) {
        let delay = timing.delays.of(Logic::Choice(p.maps[map].writes.len() as u32));
        while self.written < count {
            let write = &p.maps[map].writes[self.written];
            let (stage, _) = after(ready(p, inputs(write)), delay, timing);
            let next = self.last_write.map_or(0, |last| last + 1);
            let stage = stage.max(next).max(self.last_data).max(constraints.write[map]);
            p.maps[map].writes[self.written].stage = stage;
            self.last_write = Some(stage);
            self.written += 1;
        }
    }
}

fn place_outputs(p: &mut Pipeline) {
    let mut last = ready(p, p.outputs()).0;
    for unit in &p.maps {
        last = unit.value_stages().map_or(last, |(_, end)| last.max(end));
    }
    p.last_stage = p.nodes.iter().map(|n| n.stage).fold(last, u32::max);
}

/// The kind of logic that a combinational node is.
pub(super) fn logic(kind: &NodeKind, width: u32) -> Logic {
    match kind {
        NodeKind::Input(_) | NodeKind::Read { .. } | NodeKind::Step { .. } | NodeKind::FarLoad { .. } => Logic::None,
        NodeKind::Binary(op, x, _) => match op {
            Binary::And | Binary::Or | Binary::Xor if width == 1 => Logic::Condition,
            Binary::And | Binary::Or | Binary::Xor => Logic::Bitwise,
            Binary::Shl | Binary::Lshr | Binary::Ashr => Logic::Shift(x.width()),
            _ => Logic::Sum(width),
        },
        NodeKind::Compare(Compare::Eq, x, y) => match y.as_const() {
            Some(_) => Logic::EqualConstant(x.width()),
            None => Logic::Equal(x.width()),
        },
        NodeKind::Compare(_, x, _) => Logic::Less(x.width()),
        NodeKind::Select { .. } if width == 1 => Logic::Condition,
        NodeKind::Select { .. } => Logic::Bitwise,
        NodeKind::PacketAt { places, .. } => Logic::Choice(places.len() as u32),
        NodeKind::Rom { places, .. } => Logic::Choice(places.len() as u32),
    }
}
