// SPDX-License-Identifier: Apache-2.0
//! Map type numbers (`enum bpf_map_type` of Linux 6.12) and the names that bpftool gives them.

/// Names by number.
const NAMES: [&str; 34] = [
    "unspec",
    "hash",
    "array",
    "prog_array",
    "perf_event_array",
    "percpu_hash",
    "percpu_array",
    "stack_trace",
    "cgroup_array",
    "lru_hash",
    "lru_percpu_hash",
    "lpm_trie",
    "array_of_maps",
    "hash_of_maps",
    "devmap",
    "sockmap",
    "cpumap",
    "xskmap",
    "sockhash",
    "cgroup_storage",
    "reuseport_sockarray",
    "percpu_cgroup_storage",
    "queue",
    "stack",
    "sk_storage",
    "devmap_hash",
    "struct_ops",
    "ringbuf",
    "inode_storage",
    "task_storage",
    "bloom_filter",
    "user_ringbuf",
    "cgrp_storage",
    "arena",
];

/// bpftool's name of a map type, such as `percpu_array` for 6.
#[must_use]
pub fn map_type_name(number: u32) -> Option<&'static str> {
    NAMES.get(usize::try_from(number).ok()?).copied()
}

/// Number of the map type that bpftool calls `name`.
#[must_use]
pub fn map_type_number(name: &str) -> Option<u32> {
    u32::try_from(NAMES.iter().position(|known| *known == name)?).ok()
}
