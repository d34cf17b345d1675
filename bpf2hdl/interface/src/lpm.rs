// SPDX-License-Identifier: Apache-2.0
//! LPM tries as search trees (`hdl/rtl/bpf_map_lpm.sv`): n prefixes cut the addresses into `2 n + 1` ranges, and a level divides by four.

/// Levels of the tree that holds any set of so many prefixes; at least 1.
#[must_use]
pub fn levels(prefixes: u32) -> u32 {
    let ranges = 2 * u64::from(prefixes) + 1;
    (1..).find(|level| 1_u64 << (2 * level) >= ranges).unwrap_or(1)
}
