// SPDX-License-Identifier: Apache-2.0
//! Register-minimising retiming of groups of nodes.
//!
//! `sink` moves one node at a time, and stops where two would have to move together: four masks of one word, each of which
//! would keep the word alive, save only if all move. Here all nodes are looked at at once, one boundary between two stages after the
//! other. At boundary k (the registers at the input of stage k) each node is either before or behind; a bit is registered if its
//! source is before and one of its users behind, and a user of a node behind is behind, too. The cheapest choice is a minimum
//! cut of a network ([`network`]) in which nodes that can not be elsewhere ([`ranges`]) are tied to one side.
//!
//! What a choice costs at one boundary does not depend on the choices at others, except that a node behind boundary k + 1 is
//! behind k; with the smallest cut (fewest nodes behind) that holds by itself. So the sum of all cuts is the optimum under
//! all constraints but one, that chains fit the clock, and therefore a lower bound of the registers ([`bound`]). The constraint
//! is repaired afterwards: each node, consumers first, moves towards the place that the cuts give it as far as its chain
//! fits; then `sink` finds what is left to gain.
//!
//! Where that stays far from the bound and the program is small, the constraint is taken in: of two nodes with more logic
//! on a way from one to the other than fits a stage ([`chains`]) the second is behind boundary k + 1 if the first is behind k. That
//! makes one network of all boundaries, and its cut is the optimum.
//!
//! Cost: a maximum flow for each boundary over the nodes that may be on either side; for small programs one over all.

mod chains;
mod classes;
mod flow;
mod network;
mod ranges;

use super::place::Timing;
use super::sink;
use crate::pipe::{NodeId, Pipeline, Runs};
use classes::Class;
use network::Solution;
use ranges::Range;

/// Nodes on either side of a boundary, all boundaries together, that are looked at; beyond, only single nodes move.
const MAX_WORK: u64 = 400_000;
/// The same for the network of all boundaries, and its pairs of nodes with a long chain between.
const MAX_EXACT_WORK: u64 = 12_000;
const MAX_EXACT_PAIRS: usize = 60_000;
/// Nearer to the bound than one part in so many, nothing more is tried.
const NEAR: u64 = 50;
/// Rounds of single moves.
const MAX_ROUNDS: usize = 4;
/// Stages that a node may stay short of its place.
const MAX_SHORT: u32 = 3;

/// Everything that the cuts need to know.
struct Problem {
    /// Nodes and boundaries at which they may be on either side.
    work: u64,
    ranges: Vec<Range>,
    classes: Vec<Class>,
}

impl Problem {
    /// `None` where it would take too long.
    fn new(p: &Pipeline, timing: &Timing) -> Option<Self> {
        let ranges = ranges::ranges(p, timing);
        let work: u64 = ranges.iter().map(|range| u64::from(range.late - range.early)).sum();
        (work <= MAX_WORK).then(|| Problem { work, classes: classes::classes(p), ranges })
    }

    /// The optimum; `None` where it would take too long.
    fn exact(&self, p: &Pipeline, timing: &Timing) -> Option<Solution> {
        if self.work > MAX_EXACT_WORK {
            return None;
        }
        let pairs = chains::pairs(p, timing, MAX_EXACT_PAIRS)?;
        Some(network::solve_all(self, &pairs, p.last_stage))
    }
}

/// Moves nodes of a placed pipeline. It never has more registers afterwards than with single moves alone.
pub(super) fn retime(p: &mut Pipeline, timing: &Timing) {
    let placed = p.clone();
    sink_all(p, timing);
    let Some(problem) = Problem::new(p, timing) else { return };
    let mut best = Runs::new(p).total_bits();
    let mut follow = |solution: &Solution| {
        let mut other = placed.clone();
        ranges::place_early(&mut other, timing);
        if !sink::place_at(&mut other, timing, &solution.stages) {
            sink::towards(&mut other, timing, |id: NodeId| solution.stages[id.index()], MAX_SHORT);
        }
        sink_all(&mut other, timing);
        let bits = Runs::new(&other).total_bits();
        if bits < best {
            (*p, best) = (other, bits);
        }
        best
    };
    let solution = network::solve(&problem, placed.last_stage);
    let reached = follow(&solution);
    if reached - solution.bits.min(reached) > solution.bits / NEAR
        && let Some(exact) = problem.exact(&placed, timing)
    {
        follow(&exact);
    }
}

/// Fewest register bits that any placement of this pipeline's logic can have, its ports, units and stages being where they
/// are; `None` for programs that are too large.
pub(super) fn bound(p: &Pipeline, timing: &Timing) -> Option<u64> {
    let problem = Problem::new(p, timing)?;
    let least = network::solve(&problem, p.last_stage).bits;
    if Runs::new(p).total_bits().saturating_sub(least) <= least / NEAR {
        return Some(least);
    }
    Some(problem.exact(p, timing).map_or(least, |exact| exact.bits))
}

fn sink_all(p: &mut Pipeline, timing: &Timing) {
    for _ in 0..MAX_ROUNDS {
        if !sink::sink(p, timing) {
            break;
        }
    }
}
