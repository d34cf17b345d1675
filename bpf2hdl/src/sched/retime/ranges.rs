// SPDX-License-Identifier: Apache-2.0
//! The stages that each node can be in while ports, units of several stages and the number of stages stay.
//!
//! Forwards, each node is as early as its operands let it; backwards, as late as its users do. Chains count: a node can not
//! be in a stage from which the chain to its users is too long. Both are exact for one node at a time.

use crate::pipe::{Bits, NodeId, Pipeline, Source};
use crate::sched::place::{Timing, after, ready};
use crate::sched::sink::{delay_of, is_movable, set_place};

/// First and last stage of a node; equal where it is tied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) early: u32,
    pub(super) late: u32,
}

/// The ranges of all nodes of a placed pipeline.
pub(super) fn ranges(p: &Pipeline, timing: &Timing) -> Vec<Range> {
    let mut early = p.clone();
    place_early(&mut early, timing);
    let late = latest(p, timing);
    let range = |(index, node): (usize, &crate::pipe::Node)| {
        if !is_movable(p, NodeId::new(index)) {
            return Range { early: node.stage, late: node.stage };
        }
        let first = early.nodes[index].stage.min(node.stage);
        let last = late[index].map_or(node.stage, |(stage, _)| stage.max(node.stage));
        Range { early: first, late: last }
    };
    p.nodes.iter().enumerate().map(range).collect()
}

/// Puts every node that may move into its first stage.
pub(super) fn place_early(p: &mut Pipeline, timing: &Timing) {
    for index in 0..p.nodes.len() {
        let id = NodeId::new(index);
        if is_movable(p, id) {
            let ready = ready(p, p.node(id).kind.operands());
            let (stage, arrival) = after(ready, delay_of(p, timing, id), timing);
            set_place(p, id, stage, arrival);
        }
    }
}

/// Of each node the last stage, and when in it the result must be there; `None` where nothing uses it.
fn latest(p: &Pipeline, timing: &Timing) -> Vec<Option<(u32, u32)>> {
    let mut latest: Vec<Option<(u32, u32)>> = vec![None; p.nodes.len()];
    let before = |bits: &Bits, limit: (u32, u32), latest: &mut Vec<Option<(u32, u32)>>| {
        for (source, _, _) in bits.uses() {
            if let Source::Node(id) = source {
                let entry = &mut latest[id.index()];
                *entry = Some(entry.map_or(limit, |known| known.min(limit)));
            }
        }
    };
    // At a port's clock edge bits must stand, unless they are placed there already.
    let port = |bits: &Bits, stage: u32, latest: &mut Vec<Option<(u32, u32)>>| {
        for (source, _, _) in bits.uses() {
            let Source::Node(id) = source else { continue };
            let node = p.node(id);
            let limit = if node.stage == stage {
                (stage, node.arrival_ps)
            } else {
                (stage.saturating_sub(1), timing.budget_ps)
            };
            let entry = &mut latest[id.index()];
            *entry = Some(entry.map_or(limit, |known| known.min(limit)));
        }
    };
    for unit in &p.maps {
        crate::sched::sink::for_each_port(unit, |bits, stage| port(bits, stage, &mut latest));
    }
    p.outputs().for_each(|bits| before(bits, (p.last_stage, u32::MAX), &mut latest));
    for (index, node) in p.nodes.iter().enumerate().rev() {
        let id = NodeId::new(index);
        if node.start != node.stage {
            node.kind.operands().into_iter().for_each(|bits| port(bits, node.start, &mut latest));
            continue;
        }
        let Some((stage, by)) = latest[index].filter(|_| is_movable(p, id)) else {
            node.kind.operands().into_iter().for_each(|bits| before(bits, (node.stage, node.arrival_ps), &mut latest));
            continue;
        };
        let own = delay_of(p, timing, id);
        for bits in node.kind.operands() {
            for (source, _, _) in bits.uses() {
                let Source::Node(of) = source else { continue };
                let least = delay_of(p, timing, of);
                let room = by.min(timing.budget_ps).checked_sub(own);
                let limit = match room {
                    Some(room) if room >= least || room == 0 && least == 0 => (stage, room),
                    _ => (stage.saturating_sub(1), timing.budget_ps.max(least)),
                };
                let entry = &mut latest[of.index()];
                *entry = Some(entry.map_or(limit, |known| known.min(limit)));
            }
        }
    }
    latest
}
