// SPDX-License-Identifier: Apache-2.0
//! What the emitter relies on: all that the pipeline's own checker demands, and
//!
//! * multiplications take `multiplier_latency`, divisions a latency that some number of quotient bits per stage gives.

use super::latency::{divider_bits, multiplier_latency};
use crate::compile::Design;
use crate::ir::Binary;
use crate::pipe::{self, Node, NodeKind};

/// Everything about a design that the emitter could not build rightly, in words; empty for what the scheduler makes.
pub fn check(design: &Design) -> Vec<String> {
    let p = &design.pipeline;
    let mut found: Vec<String> = pipe::check(p).err().unwrap_or_default().iter().map(ToString::to_string).collect();
    for (index, node) in p.nodes.iter().enumerate() {
        if !has_unit(node) {
            found.push(format!("n{index}: no unit of {} bits takes {} stages", node.width, node.stage - node.start));
        }
    }
    found
}

/// Whether there is hardware that takes as many stages as the node.
fn has_unit(node: &Node) -> bool {
    let latency = node.stage.saturating_sub(node.start);
    match node.kind {
        NodeKind::Binary(Binary::Mul, ..) => latency == 0 || latency == multiplier_latency(node.width),
        NodeKind::Binary(Binary::Udiv | Binary::Urem, ..) => latency > 0 && divider_bits(node.width, latency).is_some(),
        _ => true,
    }
}
