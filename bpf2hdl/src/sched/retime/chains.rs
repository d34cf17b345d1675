// SPDX-License-Identifier: Apache-2.0
//! Pairs of nodes that can not be in one stage because the logic on the way from one to the other is too long.

use crate::pipe::{NodeId, Pipeline, Source};
use crate::sched::place::Timing;
use crate::sched::sink::{delay_of, is_movable};
use std::collections::BTreeMap;

/// The pairs, first and second, without those that follow from others; `None` if there are more than `most`. A placement in which
/// the second of each is in a later stage than the first has no chain that is too long.
pub(super) fn pairs(p: &Pipeline, timing: &Timing, most: usize) -> Option<Vec<(NodeId, NodeId)>> {
    let mut users: Vec<Vec<NodeId>> = vec![Vec::new(); p.nodes.len()];
    let movable: Vec<bool> = (0..p.nodes.len()).map(|index| is_movable(p, NodeId::new(index))).collect();
    for (index, node) in p.nodes.iter().enumerate().filter(|(index, _)| movable[*index]) {
        for (source, _, _) in node.kind.operands().into_iter().flat_map(|bits| bits.uses()) {
            if let Source::Node(of) = source
                && movable[of.index()]
                && users[of.index()].last() != Some(&NodeId::new(index))
            {
                users[of.index()].push(NodeId::new(index));
            }
        }
    }
    let delays: Vec<u32> = (0..p.nodes.len()).map(|index| delay_of(p, timing, NodeId::new(index))).collect();
    let mut pairs = Vec::new();
    for first in (0..p.nodes.len()).filter(|&index| movable[index] && delays[index] > 0) {
        // Longest way to each node that is reached; a node comes after those it depends on.
        let mut reached = BTreeMap::from([(first, delays[first])]);
        while let Some((node, way)) = reached.pop_first() {
            if way > timing.budget_ps && node != first {
                pairs.push((NodeId::new(first), NodeId::new(node)));
                continue;
            }
            for user in &users[node] {
                let longest = reached.entry(user.index()).or_default();
                *longest = (*longest).max(way + delays[user.index()]);
            }
        }
        if pairs.len() > most {
            return None;
        }
    }
    Some(pairs)
}
