// SPDX-License-Identifier: Apache-2.0
//! Map types by number and name. The table is the one that hardware, host and compiler share.

use bpf2hdl_interface::MapType;

/// bpftool's name of a map type, such as `percpu_array` for 6.
#[must_use]
pub fn map_type_name(number: u32) -> Option<&'static str> {
    MapType(number).name()
}

/// Number of the map type that bpftool calls `name`.
#[must_use]
pub fn map_type_number(name: &str) -> Option<u32> {
    MapType::from_name(name).map(|known| known.0)
}
