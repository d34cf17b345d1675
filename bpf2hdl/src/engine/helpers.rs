// SPDX-License-Identifier: Apache-2.0
//! Which routine of the firmware a helper is.

use crate::isa::PacketSize;

/// Number of the helper (`bpf_func_id`, include/uapi/linux/bpf.h) and function of the firmware.
const ROUTINES: [(u32, &str); 38] = [
    (1, "map_lookup_elem"),
    (2, "map_update_elem"),
    (3, "map_delete_elem"),
    (5, "ktime"),
    (6, "trace_printk"),
    (7, "prandom"),
    // One CPU on one node.
    (8, "zero"),
    (12, "tail_call"),
    (23, "redirect"),
    (25, "perf_event_output"),
    (28, "csum_diff"),
    (42, "zero"),
    (44, "xdp_adjust_head"),
    (51, "redirect_map"),
    (54, "xdp_adjust_meta"),
    (65, "xdp_adjust_tail"),
    (69, "fib_lookup"),
    (87, "map_push_elem"),
    (88, "map_pop_elem"),
    (89, "map_peek_elem"),
    // A lock is nothing where there is one packet at a time.
    (93, "zero"),
    (94, "zero"),
    (118, "jiffies"),
    (125, "ktime"),
    (130, "ringbuf_output"),
    (131, "ringbuf_reserve"),
    (132, "ringbuf_submit"),
    (133, "ringbuf_discard"),
    (134, "ringbuf_query"),
    (160, "ktime"),
    (163, "check_mtu"),
    (164, "for_each_map_elem"),
    (177, "trace_vprintk"),
    (181, "loop"),
    (188, "xdp_get_buff_len"),
    (189, "xdp_load_bytes"),
    (190, "xdp_store_bytes"),
    (208, "ktime"),
];

/// Helpers that make records for the host.
pub(super) const EVENTS: [u32; 8] = [6, 25, 177, 130, 131, 132, 133, 134];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::firmware::Firmware;
    use crate::isa::helper_name;
    use crate::verify::has_helper;

    #[test]
    fn routines_are_in_the_firmware() {
        let firmware = Firmware::get().expect("readable");
        let legacy = [PacketSize::B1, PacketSize::B2, PacketSize::B4].map(legacy);
        for name in ROUTINES.iter().map(|(_, name)| *name).chain(legacy) {
            assert!(firmware.function(name).is_ok_and(|slot| slot > 0 && slot < firmware.slots()), "{name}");
        }
        assert!(firmware.function("program").is_ok());
        assert_eq!(firmware.function("firmware"), Ok(0));
    }

    #[test]
    fn numbers_are_those_of_the_names() {
        for (number, routine) in ROUTINES {
            let name = helper_name(number).expect("a helper");
            let same = name.trim_start_matches("bpf_") == routine;
            assert!(same || ["ktime", "zero", "jiffies", "prandom"].contains(&routine), "{number}: {name}, {routine}");
        }
        for helper in 0..=u8::MAX.into() {
            assert_eq!(
                routine(helper).is_some(),
                has_helper(helper),
                "{helper}: pipelines and the firmware have the same"
            );
        }
        assert!(EVENTS.iter().all(|number| routine(*number).is_some()));
    }
}
