// SPDX-License-Identifier: Apache-2.0
//! The tables that `bpf_fib_lookup` looks into: maps that no instruction names, behind the program's own. Those that the
//! program does not need in the end are not in hardware.

use super::model::Map;
use super::parse::Object;
use crate::isa::Slot;
use bpf2hdl_interface::MapType;
use bpf2hdl_interface::network::Table;

/// `bpf_fib_lookup` (include/uapi/linux/bpf.h).
pub(crate) const FIB_LOOKUP: u32 = 69;
/// `BPF_F_NO_PREALLOC`, which LPM tries have to have.
const NO_PREALLOC: u32 = 1;

/// The tables with their usual sizes.
#[must_use]
pub fn network_tables() -> Vec<Map> {
    Table::ALL.into_iter().map(|table| map(table, table.default_entries())).collect()
}

fn map(table: Table, max_entries: u32) -> Map {
    Map {
        name: table.name().to_owned(),
        map_type: table.map_type().0,
        key_size: table.key_size(),
        value_size: table.value_size(),
        max_entries,
        flags: if table.map_type() == MapType::LPM_TRIE { NO_PREALLOC } else { 0 },
        ..Map::default()
    }
}

impl Object {
    /// The tables that a program of these slots has.
    pub(super) fn tables_for(&self, slots: &[Slot]) -> Vec<Map> {
        let is_lookup = |slot: &Slot| slot.op == 0x85 && slot.src == 0 && slot.imm.cast_unsigned() == FIB_LOOKUP;
        if !slots.iter().any(is_lookup) {
            return Vec::new();
        }
        let entries = |table: Table| self.table_entries.get(&table).copied().unwrap_or(table.default_entries());
        Table::ALL.into_iter().map(|table| map(table, entries(table))).collect()
    }
}
