// SPDX-License-Identifier: Apache-2.0
//! The channel that prints go to: a map that no instruction names, of a program that calls `bpf_trace_printk` or `bpf_trace_vprintk`.

use super::model::Map;
use crate::isa::PRINTS;
use bpf2hdl_interface::{MapType, print};

/// The channel of a program of these encoded slots, if it prints.
#[must_use]
pub fn print_channel(slots: impl IntoIterator<Item = [u8; 8]>) -> Option<Map> {
    let prints = |slot: [u8; 8]| {
        let [0x85, registers, _, _, helper @ ..] = slot else { return false };
        registers >> 4 == 0 && PRINTS.contains(&u32::from_le_bytes(helper))
    };
    // The size is that of the smallest ring buffer; nothing is stored.
    slots.into_iter().any(prints).then(|| Map {
        name: print::MAP_NAME.to_owned(),
        map_type: MapType::RINGBUF.0,
        max_entries: 4096,
        ..Map::default()
    })
}
