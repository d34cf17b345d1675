// SPDX-License-Identifier: Apache-2.0
//! How long a packet takes, from the clock counts of the generated hardware.

use crate::Design;
use crate::rtl::{CORE_CLOCKS, pipeline_clocks, resize_clocks};

/// Bytes of the frame that the figure is given for: what an Ethernet frame has at least, FCS included.
const FRAME_BYTES: u32 = 64;

/// Clocks from the first beat accepted to the first beat out, for a 64-byte frame that is passed by an idle core.
///
/// The token leaves with the beat that completes the bytes which the program needs; the splice needs the whole frame.
#[must_use]
pub fn latency_cycles(design: &Design) -> u32 {
    let p = &design.pipeline;
    let beat_bytes = design.options.bus_bits / 8;
    let last_beat = FRAME_BYTES.div_ceil(beat_bytes) - 1;
    let needed = p.window_bytes.max(p.token_min_bytes).max(1);
    let issue_beat = if p.full_length { last_beat } else { (needed.div_ceil(beat_bytes) - 1).min(last_beat) };
    (issue_beat + pipeline_clocks(p)).max(last_beat) + CORE_CLOCKS + resize_clocks(p)
}
