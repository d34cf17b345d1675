// SPDX-License-Identifier: Apache-2.0
//! Bits of a source that have the same users: they are registered at the same boundaries, whatever is moved.

use crate::pipe::{NodeId, NodeKind, Pipeline, Source};
use crate::sched::sink::{for_each_port, is_movable};
use std::collections::{BTreeMap, BTreeSet};

/// Bits with equal users.
#[derive(Debug)]
pub(super) struct Class {
    /// The node that makes them; `None` for the packet.
    pub(super) source: Option<NodeId>,
    /// How many they are.
    pub(super) width: u32,
    /// Nodes that use them and may move.
    pub(super) users: Vec<NodeId>,
    /// The last stage in which something uses them that can not move.
    pub(super) fixed: u32,
}

/// Who uses bits: a node that may move, or something in a stage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum User {
    Fixed(u32),
    Node(NodeId),
}

/// All classes of a pipeline, in a fixed order.
pub(super) fn classes(p: &Pipeline) -> Vec<Class> {
    let mut uses: BTreeMap<Source, Vec<(u32, u32, User)>> = BTreeMap::new();
    let mut add = |source: Source, lo: u32, width: u32, user: User| {
        if width > 0 {
            uses.entry(source).or_default().push((lo, lo + width, user));
        }
    };
    for (index, node) in p.nodes.iter().enumerate() {
        let id = NodeId::new(index);
        let user = if is_movable(p, id) { User::Node(id) } else { User::Fixed(node.start) };
        for (source, lo, width) in node.kind.operands().into_iter().flat_map(|bits| bits.uses()) {
            add(source, lo, width, user);
        }
        if let NodeKind::PacketAt { places, .. } = &node.kind {
            places.iter().for_each(|&place| add(Source::Packet, 8 * u32::from(place), node.width, user));
        }
    }
    let mut fixed = |bits: &crate::pipe::Bits, stage: u32| {
        bits.uses().for_each(|(source, lo, width)| add(source, lo, width, User::Fixed(stage)));
    };
    for unit in &p.maps {
        for_each_port(unit, &mut fixed);
    }
    p.outputs().for_each(|bits| fixed(bits, p.last_stage));
    uses.into_iter().flat_map(|(source, uses)| classes_of(source, &uses)).collect()
}

fn classes_of(source: Source, uses: &[(u32, u32, User)]) -> Vec<Class> {
    let mut cuts: Vec<u32> = uses.iter().flat_map(|&(lo, end, _)| [lo, end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut segments: Vec<BTreeSet<User>> = vec![BTreeSet::new(); cuts.len()];
    for &(lo, end, user) in uses {
        let first = cuts.partition_point(|&cut| cut < lo);
        for (segment, _) in segments.iter_mut().zip(&cuts).skip(first).take_while(|(_, cut)| **cut < end) {
            segment.insert(user);
        }
    }
    let mut widths: BTreeMap<BTreeSet<User>, u32> = BTreeMap::new();
    for (users, bounds) in segments.into_iter().zip(cuts.windows(2)).filter(|(users, _)| !users.is_empty()) {
        *widths.entry(users).or_default() += bounds[1] - bounds[0];
    }
    let class = |(users, width): (BTreeSet<User>, u32)| {
        let mut class = Class { source: None, width, users: Vec::new(), fixed: 0 };
        if let Source::Node(id) = source {
            class.source = Some(id);
        }
        for user in users {
            match user {
                User::Fixed(stage) => class.fixed = class.fixed.max(stage),
                User::Node(id) => class.users.push(id),
            }
        }
        class
    };
    widths.into_iter().map(class).collect()
}
