// SPDX-License-Identifier: Apache-2.0
//! The channel that prints go to: a map that no instruction names, of a program that calls `bpf_trace_printk` or `bpf_trace_vprintk`.

use super::model::Map;
use crate::isa::Slot;
use bpf2hdl_interface::{MapType, print};

/// `bpf_trace_printk` and `bpf_trace_vprintk` (include/uapi/linux/bpf.h).
const PRINTS: [u32; 2] = [6, 177];

/// The channel of a program of these slots, if it prints.
pub(super) fn print_channel(slots: &[Slot]) -> Option<Map> {
    let prints = |slot: &Slot| slot.op == 0x85 && slot.src == 0 && PRINTS.contains(&slot.imm.cast_unsigned());
    // The size is that of the smallest ring buffer; nothing is stored.
    slots.iter().any(prints).then(|| Map {
        name: print::MAP_NAME.to_owned(),
        map_type: MapType::RINGBUF.0,
        max_entries: 4096,
        ..Map::default()
    })
}
