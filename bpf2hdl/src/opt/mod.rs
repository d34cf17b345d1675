// SPDX-License-Identifier: Apache-2.0
//! Passes from IR to IR. Each is a function over explicit inputs in a file of its own; [`PASSES`] is the table of contents.

mod balance;
mod dead;
mod directory;
mod directory_ports;
mod division;
mod entries;
mod event_lanes;
pub(crate) mod exclusive;
mod hoist;
mod in_order;
mod logic;
mod multiply;
mod narrow;
pub(crate) mod needed;
mod rebuild;
mod recurrence;
mod same_keys;
pub(crate) mod satisfy;
mod transactions;

use crate::compile::Optimize;
use crate::ir::{self, Function};
use crate::target::{Delays, TARGETS};

/// What the passes work towards.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Goal {
    /// Few stages, or little logic.
    pub optimize: Optimize,
    /// How long logic takes.
    pub delays: Delays,
    /// The clock's period in picoseconds.
    pub period_ps: u32,
}

impl Default for Goal {
    /// The default optimisation for the first target.
    fn default() -> Self {
        let target = &TARGETS[0];
        let period_ps = (1_000_000.0 / target.default_clock_mhz) as u32;
        Goal { optimize: Optimize::default(), delays: target.delays, period_ps }
    }
}

/// A pass with its name (for bisecting) and what it does.
pub struct Pass {
    /// Kebab-case name.
    pub name: &'static str,
    /// One line.
    pub description: &'static str,
    /// The pass.
    pub run: fn(Function, &Goal) -> Function,
}

/// All passes in order.
pub const PASSES: &[Pass] = &[
    Pass { name: "dead", description: "drop what no output or store needs", run: dead::run },
    // Conditions of stores that are equal are one afterwards, so that their bytes are written together.
    Pass { name: "logic", description: "conditions in one canonical form, choices that they decide", run: logic::run },
    Pass {
        name: "directory",
        description: "one step on a hash map's directory per key and packet",
        run: directory::run,
    },
    // Look-ups that the first round has computed earlier make the later ones superfluous.
    Pass {
        name: "directory",
        description: "one step on a hash map's directory per key and packet",
        run: directory::run,
    },
    Pass { name: "directory-ports", description: "steps that exclude each other share one", run: directory_ports::run },
    Pass { name: "event-lanes", description: "events that exclude each other become one", run: event_lanes::run },
    // Before the transactions, which then see one entry.
    Pass { name: "entries", description: "entries that exclusive paths use share an index", run: entries::run },
    // Needs the accesses in program order; afterwards loads come before stores, but in maps of which a packet uses very many entries.
    Pass {
        name: "transactions",
        description: "one read and one write of each map entry per packet",
        run: transactions::run,
    },
    Pass {
        name: "narrow",
        description: "compute only the bits that are wanted and can be other than zero",
        run: narrow::run,
    },
    // Wants narrow operands; makes multiplications that the next round narrows.
    Pass { name: "division", description: "unsigned division, and products with reciprocals", run: division::run },
    // A second round sees what the first one freed.
    Pass {
        name: "narrow",
        description: "compute only the bits that are wanted and can be other than zero",
        run: narrow::run,
    },
    // Wants the widths that are left.
    Pass { name: "multiply", description: "sums of shifts for products with constants", run: multiply::run },
    Pass {
        name: "narrow",
        description: "compute only the bits that are wanted and can be other than zero",
        run: narrow::run,
    },
    // Wants the operations that are left; what it makes is shaped by the passes behind it.
    Pass {
        name: "recurrence",
        description: "operations on both arms of a late choice, where an entry's change then fits a stage",
        run: recurrence::run,
    },
    Pass { name: "logic", description: "conditions in one canonical form, choices that they decide", run: logic::run },
    Pass { name: "dead", description: "drop what no output or store needs", run: dead::run },
    // Counts users, so that dead ones must be gone.
    Pass { name: "balance", description: "trees instead of chains, late inputs last", run: balance::run },
    Pass { name: "dead", description: "drop what no output or store needs", run: dead::run },
];

/// The function after each pass, the first entry being the input. For bisecting a miscompile.
pub fn trace(function: Function, goal: &Goal) -> Vec<(&'static str, Function)> {
    let mut steps = vec![("verify", function)];
    for pass in PASSES {
        let last = steps[steps.len() - 1].1.clone();
        let next = (pass.run)(last, goal);
        debug_assert!(ir::check(&next).is_ok(), "{}: {:?}", pass.name, ir::check(&next));
        steps.push((pass.name, next));
    }
    steps
}

/// Runs all passes.
pub fn optimize(mut function: Function, goal: &Goal) -> Function {
    for pass in PASSES {
        function = (pass.run)(function, goal);
        debug_assert!(ir::check(&function).is_ok(), "{}: {:?}", pass.name, ir::check(&function));
    }
    function
}
