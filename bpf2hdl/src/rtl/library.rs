// SPDX-License-Identifier: Apache-2.0
//! The hand-written modules, embedded, so that the tool works without its repository.

use std::collections::BTreeSet;

/// Name and contents, each module after those that it instantiates.
const MODULES: &[(&str, &str)] = &[
    ("bpf_fifo", include_str!("../../../hdl/rtl/bpf_fifo.sv")),
    ("bpf_ingress", include_str!("../../../hdl/rtl/bpf_ingress.sv")),
    ("bpf_packet_buffer", include_str!("../../../hdl/rtl/bpf_packet_buffer.sv")),
    ("bpf_extent", include_str!("../../../hdl/rtl/bpf_extent.sv")),
    ("bpf_shift", include_str!("../../../hdl/rtl/bpf_shift.sv")),
    ("bpf_splice", include_str!("../../../hdl/rtl/bpf_splice.sv")),
    ("bpf_admission", include_str!("../../../hdl/rtl/bpf_admission.sv")),
    ("bpf_spacing", include_str!("../../../hdl/rtl/bpf_spacing.sv")),
    ("bpf_sink_fifo", include_str!("../../../hdl/rtl/bpf_sink_fifo.sv")),
    ("bpf_members", include_str!("../../../hdl/rtl/bpf_members.sv")),
    ("bpf_replicate", include_str!("../../../hdl/rtl/bpf_replicate.sv")),
    ("bpf_event_room", include_str!("../../../hdl/rtl/bpf_event_room.sv")),
    ("bpf_event_copy", include_str!("../../../hdl/rtl/bpf_event_copy.sv")),
    ("bpf_event_stream", include_str!("../../../hdl/rtl/bpf_event_stream.sv")),
    ("bpf_events", include_str!("../../../hdl/rtl/bpf_events.sv")),
    ("bpf_counters", include_str!("../../../hdl/rtl/bpf_counters.sv")),
    ("bpf_arrival", include_str!("../../../hdl/rtl/bpf_arrival.sv")),
    ("bpf_core_regs", include_str!("../../../hdl/rtl/bpf_core_regs.sv")),
    ("bpf_csr", include_str!("../../../hdl/rtl/bpf_csr.sv")),
    ("bpf_engine_regs", include_str!("../../../hdl/rtl/bpf_engine_regs.sv")),
    ("bpf_engine_csr", include_str!("../../../hdl/rtl/bpf_engine_csr.sv")),
    ("bpf_engine_alu", include_str!("../../../hdl/rtl/bpf_engine_alu.sv")),
    ("bpf_engine_math", include_str!("../../../hdl/rtl/bpf_engine_math.sv")),
    ("bpf_engine_cpu", include_str!("../../../hdl/rtl/bpf_engine_cpu.sv")),
    ("bpf_engine_memory", include_str!("../../../hdl/rtl/bpf_engine_memory.sv")),
    ("bpf_engine_frames", include_str!("../../../hdl/rtl/bpf_engine_frames.sv")),
    ("bpf_engine", include_str!("../../../hdl/rtl/bpf_engine.sv")),
    ("bpf_map_array", include_str!("../../../hdl/rtl/bpf_map_array.sv")),
    ("bpf_map_parts", include_str!("../../../hdl/rtl/bpf_map_parts.sv")),
    ("bpf_map_regs", include_str!("../../../hdl/rtl/bpf_map_regs.sv")),
    ("bpf_map_lutram", include_str!("../../../hdl/rtl/bpf_map_lutram.sv")),
    ("bpf_map_bits", include_str!("../../../hdl/rtl/bpf_map_bits.sv")),
    ("bpf_map_policy", include_str!("../../../hdl/rtl/bpf_map_policy.sv")),
    ("bpf_map_cam", include_str!("../../../hdl/rtl/bpf_map_cam.sv")),
    ("bpf_hash_function", include_str!("../../../hdl/rtl/bpf_hash_function.sv")),
    ("bpf_map_groups", include_str!("../../../hdl/rtl/bpf_map_groups.sv")),
    ("bpf_map_clear", include_str!("../../../hdl/rtl/bpf_map_clear.sv")),
    ("bpf_map_lane", include_str!("../../../hdl/rtl/bpf_map_lane.sv")),
    ("bpf_map_place", include_str!("../../../hdl/rtl/bpf_map_place.sv")),
    ("bpf_map_table", include_str!("../../../hdl/rtl/bpf_map_table.sv")),
    ("bpf_map_host", include_str!("../../../hdl/rtl/bpf_map_host.sv")),
    ("bpf_map_hash", include_str!("../../../hdl/rtl/bpf_map_hash.sv")),
    ("bpf_lpm_level", include_str!("../../../hdl/rtl/bpf_lpm_level.sv")),
    ("bpf_map_lpm", include_str!("../../../hdl/rtl/bpf_map_lpm.sv")),
    ("bpf_map_trie", include_str!("../../../hdl/rtl/bpf_map_trie.sv")),
    ("bpf_interlock", include_str!("../../../hdl/rtl/bpf_interlock.sv")),
    ("bpf_multiplier", include_str!("../../../hdl/rtl/bpf_multiplier.sv")),
    ("bpf_far_load", include_str!("../../../hdl/rtl/bpf_far_load.sv")),
    ("bpf_divider", include_str!("../../../hdl/rtl/bpf_divider.sv")),
    ("bpf_divider_serial", include_str!("../../../hdl/rtl/bpf_divider_serial.sv")),
];

/// The modules that these sources instantiate, directly or through each other, in dependency order: name and contents.
pub(super) fn needed(sources: &[&str]) -> Vec<(&'static str, &'static str)> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut queue: Vec<&str> = sources.to_vec();
    while let Some(source) = queue.pop() {
        for name in source.lines().filter_map(instantiated) {
            if let Some(&(name, contents)) = MODULES.iter().find(|(module, _)| *module == name)
                && found.insert(name)
            {
                queue.push(contents);
            }
        }
    }
    MODULES.iter().copied().filter(|(name, _)| found.contains(name)).collect()
}

/// Whether a module of the library has this name.
pub(super) fn has(name: &str) -> bool {
    MODULES.iter().any(|(module, _)| *module == name)
}

/// The first word of a line that goes on with ` #(` or ` u_`: the name of a module that is instantiated.
fn instantiated(line: &str) -> Option<&str> {
    let (name, rest) = line.trim_start().split_once(' ')?;
    (rest.starts_with("#(") || rest.starts_with("u_")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_bring_what_they_instantiate_first() {
        let names = |source: &str| needed(&[source]).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("  bpf_csr #(.BUS_BITS(64)) u_csr ("), ["bpf_counters", "bpf_core_regs", "bpf_csr"]);
        assert_eq!(names("// bpf_divider is not used"), Vec::<&str>::new());
    }
}
