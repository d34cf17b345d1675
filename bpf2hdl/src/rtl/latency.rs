// SPDX-License-Identifier: Apache-2.0
//! Clocks and depths: what the hardware library's modules take, as functions that the scheduler and the report use too.

use super::extent::{ExtentPlan, growth};
use crate::Options;
use crate::ir::{MAX_CAM_ENTRIES, Map, MapKind};
use crate::pipe::{MapUnit, Pipeline};
use crate::target::JUMBO;
use bpf2hdl_interface::lpm;

/// Smallest frame of Ethernet without FCS: the traffic that must pass at full rate.
const MIN_FRAME_BYTES: u32 = 60;
/// Clocks that an elastic token FIFO adds to the latency of an empty pipeline: a token that leaves stage `e - 1` in clock
/// t is at the FIFO's head in clock t + 2 and in stage `e` in clock t + 3, instead of t + 1; one more where its head is a register.
pub fn elastic_fifo_clocks(p: &Pipeline) -> u32 {
    2 + u32::from(p.registered_heads)
}

/// Clocks from the first beat of a one-beat frame to its first output beat, the pipeline not counted (`hdl/README.md`).
pub const CORE_CLOCKS: u32 = 10;

/// Clocks of `bpf_multiplier` for operands of `width` bits (1..=64): one for the products of 16-bit limbs, one for each level
/// of the adder tree.
pub fn multiplier_latency(width: u32) -> u32 {
    let limbs = width.div_ceil(16).max(1);
    let terms = limbs * (limbs + 1) / 2;
    1 + terms.next_power_of_two().trailing_zeros()
}

/// Clocks of `bpf_divider` for operands of `width` bits (1..=64) with `bits_per_stage` (>= 1) quotient bits a stage.
pub fn divider_latency(width: u32, bits_per_stage: u32) -> u32 {
    width.div_ceil(bits_per_stage.max(1)).max(1)
}

/// Clocks of a step on a map's directory, from key to result. LPM trie (`hdl/rtl/bpf_map_trie.sv`): three for each level of the
/// search tree, two for the result. Hash map (`hdl/rtl/bpf_map_hash.sv`): a few entries are compared at once; otherwise hashing, reading and comparing, a clock more for keys of more than one and of more than four limbs of 43
/// bits.
pub fn directory_latency(map: &Map) -> u32 {
    if map.kind == MapKind::LpmTrie {
        return 3 * lpm::levels(map.max_entries) + 2;
    }
    if map.max_entries <= MAX_CAM_ENTRIES {
        return 3;
    }
    let limbs = (8 * map.key_size).div_ceil(43);
    11 + u32::from(limbs > 1) + u32::from(limbs > 4)
}

/// The fewest quotient bits a stage with which a divider of `width` bits takes exactly `latency` clocks.
pub(super) fn divider_bits(width: u32, latency: u32) -> Option<u32> {
    (1..=width).find(|&bits| divider_latency(width, bits) == latency)
}

/// The stage in which a read of the map first takes its data, if it is read.
fn first_data(unit: &MapUnit) -> Option<u32> {
    unit.reads.iter().map(|r| r.data).min()
}

/// The stages in which a token has read an entry that it has yet to write, or is between two accesses: the host may not write then. Empty when
/// the read-modify-write is fused.
pub(super) fn open_stages(unit: &MapUnit) -> std::ops::Range<u32> {
    match (unit.value_stages(), first_data(unit), unit.write_stages()) {
        (Some((first, last)), ..) if unit.in_turn() => first..last,
        (_, Some(data), Some((_, write))) => data..write,
        _ => 0..0,
    }
}

/// Clocks from one token's entering a guarded section to that of the next one with the same key: `bpf_interlock`'s
/// `STAGES`; 1 where nothing ever waits.
///
/// A token that enters in clock t is in stage s in clock t + 1 + (s - entrance), so it presents its write in clock
/// t + 1 + (write_stage - entrance). All kinds of map deliver, in the clock in which read data is consumed, every write presented
/// in earlier clocks (`bpf_map_array` by forwarding, `bpf_map_regs` and `bpf_map_lutram` because their reads are combinational). The next
/// token, entering in clock u, consumes in clock u + 1 + (data - entrance), which has to be later than the write:
/// u >= t + (write_stage - data) + 1.
///
/// Where ports serve accesses in turn, all accesses of the one token come before those of the next.
///
/// Likewise for directories: a step that is presented in one clock sees the changes presented in earlier ones.
pub fn interlock_clocks(unit: &MapUnit) -> u32 {
    unit.same_entry_clocks()
}

/// Clocks from the token to the result when nothing waits ("N" in `hdl/README.md`).
pub fn pipeline_clocks(p: &Pipeline) -> u32 {
    p.last_stage + elastic_fifo_clocks(p) * p.entrances().len() as u32
}

/// Clocks from the first beat of a one-beat frame to its first output beat when nothing waits.
pub fn core_clocks(p: &Pipeline) -> u32 {
    pipeline_clocks(p) + CORE_CLOCKS + resize_clocks(p)
}

/// Clocks that a packet which leaves takes longer because the program changes the packet's extent.
pub fn resize_clocks(p: &Pipeline) -> u32 {
    // They do not depend on the bus.
    ExtentPlan::new(p, 512).map_or(0, |plan| plan.clocks())
}

/// Sizes of the memories around the pipeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Depths {
    /// Entries of the result queue and of the elastic FIFOs: tokens in flight.
    pub results: u32,
    /// Bytes of the packet buffer.
    pub packet_buffer: u32,
    /// Bytes of each of the two sinks.
    pub sink: u32,
}

/// The sizes that keep every mix of frames at full rate (formulas of `hdl/README.md`), rounded up to powers of two.
pub fn depths(p: &Pipeline, options: &Options) -> Depths {
    let clocks = pipeline_clocks(p);
    let (beat, frame) = (options.bus_bits / 8, options.target.max_frame_bytes);
    let (least_buffer, least_sink) = if frame < JUMBO { (0, 0) } else { (32_768, 16_384) };
    let longest = frame.div_ceil(beat);
    let longest_out = (frame + growth(p)).div_ceil(beat);
    let results = clocks + 6 + frame.div_ceil(beat.max(MIN_FRAME_BYTES));
    let packet_buffer = (longest + clocks + 24) * beat;
    let sink = (longest_out + 16) * beat;
    Depths {
        results: results.next_power_of_two(),
        packet_buffer: packet_buffer.next_power_of_two().max(least_buffer),
        sink: sink.next_power_of_two().max(least_sink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_have_the_levels_that_the_module_has() {
        let cases = [(1, 1), (2, 2), (7, 2), (8, 3), (64, 4), (2047, 6), (2048, 7), ((1 << 19) - 1, 10)];
        for (entries, levels) in cases {
            assert_eq!(lpm::levels(entries), levels, "{entries} entries");
        }
    }

    #[test]
    fn units_take_what_their_modules_say() {
        for (width, clocks) in [(1, 1), (16, 1), (17, 3), (32, 3), (33, 4), (48, 4), (49, 5), (64, 5)] {
            assert_eq!(multiplier_latency(width), clocks, "{width}");
        }
        for (width, bits, clocks) in [(64, 1, 64), (64, 3, 22), (7, 2, 4), (1, 2, 1)] {
            assert_eq!(divider_latency(width, bits), clocks);
            let found = divider_bits(width, clocks).map(|bits| divider_latency(width, bits));
            assert_eq!(found, Some(clocks));
        }
        assert_eq!(divider_bits(10, 7), None);
    }
}
