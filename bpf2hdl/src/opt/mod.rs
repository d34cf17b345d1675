// SPDX-License-Identifier: Apache-2.0
//! Passes from IR to IR. Each is a function over explicit inputs in a file of its own; [`PASSES`] is the table of contents.

mod dead;
mod division;
mod exclusive;
mod narrow;
mod rebuild;
mod transactions;

pub(crate) use transactions::index_width;

use crate::ir::{self, Function};

/// A pass with its name (for bisecting) and what it does.
pub struct Pass {
    /// Kebab-case name.
    pub name: &'static str,
    /// One line.
    pub description: &'static str,
    /// The pass.
    pub run: fn(Function) -> Function,
}

/// All passes in order.
pub const PASSES: &[Pass] = &[
    Pass { name: "dead", description: "drop what no output or store needs", run: dead::run },
    // Needs the accesses in program order; afterwards loads come before stores.
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
    Pass { name: "dead", description: "drop what no output or store needs", run: dead::run },
];

/// The function after each pass, the first entry being the input. For bisecting a miscompile.
pub fn trace(function: Function) -> Vec<(&'static str, Function)> {
    let mut steps = vec![("verify", function)];
    for pass in PASSES {
        let last = steps[steps.len() - 1].1.clone();
        let next = (pass.run)(last);
        debug_assert!(ir::check(&next).is_ok(), "{}: {:?}", pass.name, ir::check(&next));
        steps.push((pass.name, next));
    }
    steps
}

/// Runs all passes.
pub fn optimize(mut function: Function) -> Function {
    for pass in PASSES {
        function = (pass.run)(function);
        debug_assert!(ir::check(&function).is_ok(), "{}: {:?}", pass.name, ir::check(&function));
    }
    function
}
