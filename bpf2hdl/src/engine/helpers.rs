// SPDX-License-Identifier: Apache-2.0
//! Which routine of the firmware a helper is.

use crate::isa::PacketSize;

/// Number of the helper (`bpf_func_id`, include/uapi/linux/bpf.h) and function of the firmware.
const ROUTINES: [(u32, &str); 29] = [
    (1, "map_lookup_elem"),
    (2, "map_update_elem"),
    (3, "map_delete_elem"),
    (5, "ktime"),
    (7, "prandom"),
    // One CPU on one node.
    (8, "zero"),
    (12, "tail_call"),
    (23, "redirect"),
    (28, "csum_diff"),
    (42, "zero"),
    (44, "xdp_adjust_head"),
    (51, "redirect_map"),
    (54, "xdp_adjust_meta"),
    (65, "xdp_adjust_tail"),
    (87, "map_push_elem"),
    (88, "map_pop_elem"),
    (89, "map_peek_elem"),
    // A lock is nothing where there is one packet at a time.
    (93, "zero"),
    (94, "zero"),
    (118, "jiffies"),
    (125, "ktime"),
    (160, "ktime"),
    (163, "check_mtu"),
    (164, "for_each_map_elem"),
    (181, "loop"),
    (188, "xdp_get_buff_len"),
    (189, "xdp_load_bytes"),
    (190, "xdp_store_bytes"),
    (208, "ktime"),
];

/// The function that a helper is, if there is one.
pub(super) fn routine(helper: u32) -> Option<&'static str> {
    ROUTINES.iter().find(|(number, _)| *number == helper).map(|(_, name)| *name)
}

/// The function that a legacy load of the packet is.
pub(super) fn legacy(size: PacketSize) -> &'static str {
    match size {
        PacketSize::B1 => "legacy_byte",
        PacketSize::B2 => "legacy_half",
        PacketSize::B4 => "legacy_word",
    }
}
