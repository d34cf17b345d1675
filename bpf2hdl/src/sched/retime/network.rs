// SPDX-License-Identifier: Apache-2.0
//! The cut at each boundary.
//!
//! Nodes on the source's side of the network are behind the boundary, those on the sink's side before it. An edge from a to b costs
//! its capacity where a is behind and b before:
//!
//! * a class of bits with one user: user to maker, capacity the number of bits; with several, users to a point of its own without
//!   limit, and from there to the maker;
//! * what makes must not be behind what uses: maker to user without limit.

use super::Problem;
use super::flow::Network;
use crate::pipe::NodeId;

/// Where a node is at a boundary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
    /// To be decided; number in the network.
    Free(usize),
}

/// What all cuts together say.
pub(super) struct Solution {
    /// Best stage of each node.
    pub(super) stages: Vec<u32>,
    /// Sum of the cuts.
    pub(super) bits: u64,
}

/// Cuts at every boundary.
pub(super) fn solve(problem: &Problem, last_stage: u32) -> Solution {
    let mut solution = Solution { stages: problem.ranges.iter().map(|range| range.early).collect(), bits: 0 };
    for boundary in 1..=last_stage {
        let mut network = Network::new();
        let mut side = |(range, &stage): (&super::Range, &u32)| match range.early >= boundary {
            true => Side::Behind,
            // What was not behind the last boundary is not behind this one.
            false if range.late < boundary || stage + 1 < boundary => Side::Before,
            false => Side::Free(network.point()),
        };
        let sides: Vec<Side> = problem.ranges.iter().zip(&solution.stages).map(&mut side).collect();
        let fixed = build(problem, boundary, &sides, &mut network);
        solution.bits += fixed + network.max_flow();
        let behind = network.source_side();
        for (stage, side) in solution.stages.iter_mut().zip(&sides) {
            if matches!(side, Side::Free(point) if behind[*point]) {
                *stage = boundary;
            }
        }
    }
    solution
}

/// Cuts at all boundaries at once; the second of each pair is in a later stage than the first.
pub(super) fn solve_all(problem: &Problem, pairs: &[(NodeId, NodeId)], last_stage: u32) -> Solution {
    let mut network = Network::new();
    let mut sides: Vec<Vec<Side>> = Vec::new();
    for boundary in 1..=last_stage {
        let mut side = |range: &super::Range| match (range.early >= boundary, range.late < boundary) {
            (true, _) => Side::Behind,
            (_, true) => Side::Before,
            _ => Side::Free(network.point()),
        };
        sides.push(problem.ranges.iter().map(&mut side).collect());
    }
    let mut bits = 0;
    for boundary in 1..=last_stage {
        let here = &sides[boundary as usize - 1];
        bits += build(problem, boundary, here, &mut network);
        let Some(next) = sides.get(boundary as usize) else { continue };
        for (now, later) in here.iter().zip(next) {
            if let (&Side::Free(now), &Side::Free(later)) = (now, later) {
                network.edge(later, now, Network::NO_LIMIT);
            }
        }
        for (first, second) in pairs {
            match (here[first.index()], next[second.index()]) {
                (Side::Free(first), Side::Free(second)) => network.edge(first, second, Network::NO_LIMIT),
                (Side::Free(first), Side::Before) => network.edge(first, Network::SINK, Network::NO_LIMIT),
                (Side::Behind, Side::Free(second)) => network.edge(Network::SOURCE, second, Network::NO_LIMIT),
                _ => {}
            }
        }
    }
    let flow = network.max_flow();
    let behind = network.source_side();
    let mut solution = Solution { stages: problem.ranges.iter().map(|range| range.early).collect(), bits: bits + flow };
    for (boundary, sides) in (1..).zip(&sides) {
        for (stage, side) in solution.stages.iter_mut().zip(sides) {
            if matches!(side, Side::Free(point) if behind[*point]) {
                *stage = boundary;
            }
        }
    }
    solution
}

/// Adds the edges of one boundary; returns the bits that cross it however nodes are moved.
fn build(problem: &Problem, boundary: u32, sides: &[Side], network: &mut Network) -> u64 {
    let mut fixed = 0;
    let side = |id: &NodeId| sides[id.index()];
    for class in &problem.classes {
        let maker = class.source.as_ref().map_or(Side::Before, side);
        if maker == Side::Behind {
            continue;
        }
        let to = match maker {
            Side::Free(point) => point,
            _ => Network::SINK,
        };
        let width = u64::from(class.width);
        let behind = class.fixed >= boundary || class.users.iter().any(|user| side(user) == Side::Behind);
        let free: Vec<usize> = class
            .users
            .iter()
            .filter_map(|user| match side(user) {
                Side::Free(point) => Some(point),
                _ => None,
            })
            .collect();
        if to != Network::SINK {
            free.iter().for_each(|&user| network.edge(to, user, Network::NO_LIMIT));
        }
        match (behind, &free[..]) {
            (true, _) if to == Network::SINK => fixed += width,
            (true, _) => network.edge(Network::SOURCE, to, width),
            (false, []) => {}
            (false, &[user]) => network.edge(user, to, width),
            (false, users) => {
                let point = network.point();
                users.iter().for_each(|&user| network.edge(user, point, Network::NO_LIMIT));
                network.edge(point, to, width);
            }
        }
    }
    fixed
}
