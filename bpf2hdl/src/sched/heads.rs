// SPDX-License-Identifier: Apache-2.0
//! The heads of the FIFOs in which tokens wait: whether they need a register behind the RAM.

use super::place::Timing;
use crate::pipe::{MapUnit, Pipeline};
use crate::target::Logic;

/// Whether a key that comes straight out of the RAM of such a FIFO can not be compared and the token taken in one clock.
pub(super) fn need_registers(p: &Pipeline, timing: &Timing) -> bool {
    let slowest = |entrance: u32| {
        let compared = p.guarded_at(entrance).map(|(_, unit)| comparison_ps(unit, timing)).max().unwrap_or(0);
        // All maps of the entrance agree; the FIFO's read pointer and the enable of its RAM.
        let taken = timing.delays.of(Logic::EqualConstant(p.guarded_at(entrance).count() as u32 + 1))
            + timing.delays.of(Logic::Bitwise)
            + timing.delays.map_address_ps;
        timing.delays.ram_output_ps + compared + taken
    };
    p.entrances().into_iter().any(|entrance| slowest(entrance) > timing.budget_ps)
}

/// From the key of the token that waits to the word of a map's interlock.
fn comparison_ps(unit: &MapUnit, timing: &Timing) -> u32 {
    let key = unit.guard.as_ref().map_or(0, |guard| guard.key.width());
    // Each of those inside says whether it has that key: one word for all.
    let inside = unit.same_entry_clocks().saturating_sub(1);
    let equal = if key == 0 { 0 } else { timing.delays.of(Logic::Equal(key)) };
    equal + timing.delays.of(Logic::EqualConstant(inside + 1))
}
