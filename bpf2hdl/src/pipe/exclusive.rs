// SPDX-License-Identifier: Apache-2.0
//! Sections that packets share as long as they change nothing.
//!
//! A packet that changes a hash map under several keys needs the map's section for itself. Most packets of such programs only find
//! their key. Which packet does what depends on the look-up, which must be made inside the section to be right, when it is too
//! late to keep others out. So the key is looked up twice: *ahead* of the entrance, and inside.
//!
//! ```text
//! p = step key, when w                    insert 0                          ahead of the section
//! exclusive = w & i & !p.found                                              registered at the entrance
//! a = step key, when w & !p.found         insert exclusive                  inside
//! result = p.found ? p : a
//! ```
//!
//! Only maps are treated so from which the pipeline never removes a key, by request or for want of room: packets ahead can
//! insert a key after `p`, but not take one away, and a slot does not move while its key lives.
//!
//! *Why it is right.* Tokens keep their order. Take them one after the other; let X be one of them.
//! 1. `p` finds the key. It was inserted by the host or by a token ahead of X, and is there, in the same slot, when X's turn comes:
//!    `p` is what a look-up in turn would say. X is not exclusive; by the rules below it changes nothing in the directory.
//! 2. `p` does not find the key. Then `a` looks inside the section. A token ahead of X that changes the directory was exclusive, so
//!    X entered when its accesses were over: `a` sees what all tokens ahead of X have done. Those behind X that change it enter
//!    later than X and present their steps in the same or later stages, so `a` sees nothing of them.
//! 3. Values: exclusive tokens are apart from all that follow. Between a token that is not exclusive and the next one, the order
//!    holds because each reads in one stage, and what the former may write at all is written in that same stage (fused) by the
//!    first write port; others write in that or in later stages.
//! 4. The host may remove keys, but not while a token is between `p` and the entrance (`host_hold_i` of `bpf_map_hash`): then case 1
//!    holds, the removal coming before or after the whole of X.
//!
//! *Rate.* Tokens that are not exclusive pass at one per clock; an exclusive one takes [`MapUnit::same_entry_clocks`].
//!
//! Cost: conditions of steps and writes, each looked through as far as it is a conjunction.

use super::{Bits, MapUnit, NodeKind, Piece, Pipeline, Source};
use crate::ir::Binary;

/// Nested conjunctions that are looked through.
const MAX_DEPTH: u32 = 8;

/// What of a map's accesses does not fit a section whose tokens are kept apart by `exclusive` only; empty if all does.
pub fn exclusive_faults(p: &Pipeline, unit: &MapUnit, exclusive: &Bits) -> Vec<String> {
    let mut found = Vec::new();
    let mut require = |holds: bool, what: String| {
        if !holds {
            found.push(what);
        }
    };
    let is_under = |bits: &Bits| is_under(p, bits, exclusive, MAX_DEPTH);
    require(unit.steps.iter().any(|step| step.ahead), "no step looks ahead".to_owned());
    let mut inside = unit.steps.iter().enumerate().filter(|(_, step)| !step.ahead);
    let first = inside.next();
    require(first.is_some_and(|(_, step)| is_under(&step.insert)), "the first step inserts for any token".to_owned());
    for (port, step) in inside {
        let is_later = first.is_some_and(|(_, first)| first.issue < step.issue);
        require(is_later && is_under(&step.when), format!("step {port} takes place for any token"));
    }
    require(unit.reads.len() <= 1 && unit.reads.iter().all(|read| read.after == 0), "several reads".to_owned());
    let fused = unit.writes.first().filter(|write| unit.reads.iter().all(|read| read.data == write.stage));
    for (port, write) in unit.writes.iter().enumerate() {
        let is_fused = port == 0 && fused.is_some();
        let is_bound = write.fields.iter().all(|field| is_under(&field.when));
        require(is_fused || is_bound, format!("write port {port} writes for any token"));
    }
    found
}

/// Whether a bit can be 1 only where `exclusive` is, as a conjunction shows.
fn is_under(p: &Pipeline, bits: &Bits, exclusive: &Bits, depth: u32) -> bool {
    if bits == exclusive || bits.as_const() == Some(0) {
        return true;
    }
    let [Piece::Slice { source: Source::Node(id), lo: 0, width: 1, inverted: false }] = bits.pieces() else {
        return false;
    };
    match p.nodes.get(id.index()).map(|node| (&node.kind, node.width)) {
        Some((NodeKind::Binary(Binary::And, x, y), 1)) if depth > 0 => {
            [x, y].into_iter().any(|operand| is_under(p, operand, exclusive, depth - 1))
        }
        _ => false,
    }
}
