// SPDX-License-Identifier: Apache-2.0
//! Where a program becomes too large to follow: the loop, the C line, the numbers.

use std::collections::BTreeMap;

use super::agree;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};

/// How often a block was executed.
#[derive(Clone, Copy, Default)]
struct Count {
    /// Executions.
    runs: usize,
    /// Most states that came to it at once and could not be merged.
    states: usize,
}

/// Executions of each block so far, by first slot.
#[derive(Default)]
pub(super) struct Visits(BTreeMap<usize, Count>);

impl Visits {
    /// Notes that so many states are about to execute the block at `slot`.
    pub(super) fn note(&mut self, slot: usize, states: usize) {
        let count = self.0.entry(slot).or_default();
        count.runs += states;
        count.states = count.states.max(states);
    }

    /// The block that was executed most often; the first of several.
    fn worst(&self) -> Option<(usize, Count)> {
        self.0.iter().map(|(&slot, &count)| (slot, count)).rev().max_by_key(|(_, count)| count.runs)
    }
}

impl Walk<'_> {
    /// The refusal of a program that takes too much work, if it does by now.
    pub(super) fn over_limit(&self, state: &State) -> Option<Refusal> {
        let limits = self.limits;
        let what = if self.work > limits.work {
            format!("after {} instructions", limits.work)
        } else if self.b.function().defs.len() > limits.operations {
            format!("after {} operations of hardware", limits.operations)
        } else {
            return None;
        };
        let header = |(header, iteration): &(usize, u32)| {
            let text = format!("{what} the loop here is in its iteration {iteration} and has not ended");
            Diagnostic::new(Code::WorkLimit, text).at(self.program.location(*header))
        };
        let repeat =
            state.callers.iter().rev().find_map(|caller| Some((caller.return_to - 1, caller.repeat?.iteration)));
        let found = match (state.iterations.last(), repeat) {
            (Some(innermost), _) => header(innermost),
            (None, Some(repeated)) => header(&repeated),
            (None, None) => Diagnostic::new(Code::WorkLimit, format!("{what} the end of the program is not reached"))
                .at(self.program.location(self.slot)),
        };
        Some(Box::new(match self.visits.worst() {
            Some((slot, count)) => found.note(self.describe_visits(slot, count)),
            None => found,
        }))
    }

    fn describe_visits(&self, slot: usize, count: Count) -> String {
        let at = self.program.location(slot);
        let place = match (&at.file, at.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            _ => format!("instruction {slot}"),
        };
        format!(
            "most of the work is at {place}: executed {} times, by up to {} states at once",
            count.runs, count.states
        )
    }

    /// The refusal of a place where more states stand unmerged than are followed.
    pub(super) fn too_many_states(&mut self, states: &[State]) -> Refusal {
        let (first, second) = (&states[0], &states[1]);
        let why = agree::difference(&mut self.b, self.cfg, self.policy, first, second);
        let text = format!(
            "{} states meet here that can not be merged (the limit is {}): {why}",
            states.len(),
            self.limits.states_per_place
        );
        Box::new(Diagnostic::new(Code::WorkLimit, text).at(self.program.location(first.slot)))
    }
}
