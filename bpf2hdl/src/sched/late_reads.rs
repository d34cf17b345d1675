// SPDX-License-Identifier: Apache-2.0
//! When to look at tables that only the host writes.
//!
//! A small table in flip-flops or look-up tables (firewall rules, a setting) can be read in any stage, and costs registers from the stage in
//! which it is read to the one in which it is used. All fields of an entry must be sampled in one clock, so that a host write is
//! atomic. Placement reads at once; here each such map's reads are tried one stage later, again and again, for as long as the
//! pipeline gets smaller and not longer. Cost: a placement per try, and at most [`MAX_TRIES`] of them.

use super::conditions::Conditions;
use super::place::{Constraints, Timing};
use super::{retime, sections, sink};
use crate::pipe::{Pipeline, Runs, Storage};

/// Placements that one program may cost.
const MAX_TRIES: u32 = 24;
/// Beyond this many nodes the placements would take too long.
const MAX_NODES: usize = 4000;

/// Places everything as well as is known.
pub(super) fn arrange(lowered: Pipeline, timing: &Timing, conditions: &Conditions<'_>) -> Pipeline {
    let attempt = |constraints: &Constraints| {
        let mut p = lowered.clone();
        sections::close(&mut p, timing, constraints, conditions);
        sink::sink(&mut p, timing);
        let bits = Runs::new(&p).total_bits();
        (p, bits)
    };
    let finish = |constraints: &Constraints| {
        let mut p = lowered.clone();
        sections::close(&mut p, timing, constraints, conditions);
        retime::retime(&mut p, timing);
        p
    };
    let mut constraints = Constraints::none(&lowered);
    let mut best = attempt(&constraints);
    let mut tries = 0;
    if lowered.nodes.len() > MAX_NODES {
        return finish(&constraints);
    }
    for map in 0..lowered.maps.len() {
        let unit = &lowered.maps[map];
        if !matches!(unit.storage, Storage::Registers | Storage::LutRam)
            || !unit.writes.is_empty()
            || unit.reads.is_empty()
        {
            continue;
        }
        while tries < MAX_TRIES {
            tries += 1;
            let mut later = constraints.clone();
            later.issue[map].iter_mut().for_each(|stage| *stage += 1);
            let next = attempt(&later);
            if next.1 >= best.1 || next.0.last_stage > best.0.last_stage {
                break;
            }
            (constraints, best) = (later, next);
        }
    }
    finish(&constraints)
}
