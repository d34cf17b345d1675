// SPDX-License-Identifier: Apache-2.0
//! Registers on AXI4-Lite: the one description, and the constants of those of `bpf_core`.
//!
//! | module | contents |
//! |---|---|
//! | `describe` | what a block of registers is |
//! | `check` | what makes one wrong; the compiler evaluates it |
//! | `bpf_core`, `engine`, `shells`, `nic`, `dma` | the blocks |
//! | [`verilog`], [`c_header`], [`table`] | what is made of them |
//!
//! All offsets are in bytes, registers have 32 bits and are little-endian. Made files are in the repository; `tests/registers.rs` has their names, compares
//! them with what is made now, and writes them anew with `BPF2HDL_UPDATE_GOLDENS=1`.

mod bpf_core;
mod build_id;
pub mod c_header;
mod check;
mod counter;
mod describe;
mod dma;
mod engine;
mod nic;
mod shells;
pub mod table;
pub mod verilog;

pub use bpf_core::CORE;
pub use build_id::{build_id_hex, build_id_words};
pub use check::{bus_problem, problem};
pub use counter::Counter;
pub use describe::{Access, Block, Bus, Field, Kind, Register, Value};
pub use dma::{DMA, DMA_QUEUE};
pub use engine::ENGINE;
pub use nic::{DMA_WINDOW, NIC, SLOT_WINDOWS, SLOTS};
pub use shells::{BOARD, GATE, SHELL, TAP};

use std::collections::BTreeMap;

/// All blocks.
pub const BLOCKS: [&Block; 10] = [&CORE, &ENGINE, &SHELL, &TAP, &GATE, &BOARD, &NIC, &SLOTS, &DMA, &DMA_QUEUE];

const _: () = check::demand(check::problem(&CORE));
const _: () = check::demand(check::problem(&ENGINE));

/// The UDP port at which an endpoint carries registers (`PORT` of `hdl/rtl/bpf_udp.sv`, docs/src/udp.md).
pub const UDP_PORT: u16 = 45808;

/// Offset of a register of the core.
const fn at(name: &str) -> u16 {
    CORE.address(name) as u16
}

/// Read only: [`MAGIC_VALUE`].
pub const MAGIC: u16 = at("MAGIC");
/// Read only: [`INTERFACE_VERSION_VALUE`].
pub const INTERFACE_VERSION: u16 = at("INTERFACE_VERSION");
/// Read only: width of the packet buses in bits (64, 128, 256 or 512).
pub const BUS_BITS: u16 = at("BUS_BITS");
/// Read only: number of maps that [`MAP_SELECT`] can name.
pub const MAP_COUNT: u16 = at("MAP_COUNT");
/// Read only: first of eight words of the build id, see [`build_id_words`].
pub const BUILD_ID: u16 = at("BUILD_ID");
/// Read/write: [`CONTROL_LOSSLESS`], [`CONTROL_COUNTER_CLEAR`].
pub const CONTROL: u16 = at("CONTROL");
/// Read only: [`STATUS_IDLE`], [`STATUS_CLEARING`].
pub const STATUS: u16 = at("STATUS");
/// Read/write: the clock in nanoseconds, 64 bits. Reading the low word latches the high one; the high one is written first,
/// and takes effect with the low one. This and the next three do something in programs that ask for time or numbers.
pub const TIME: u16 = at("TIME");
/// Read/write: nanoseconds that the clock gains in each clock of the core, 24 bits behind the point.
pub const TIME_RATE: u16 = at("TIME_RATE");
/// Read/write: nanoseconds that the clock gains with each packet; 0 after reset, other values are for tests.
pub const TIME_STEP: u16 = at("TIME_STEP");
/// Write only: state of the generator of random numbers, 64 bits, not 0; written as [`TIME`].
pub const RANDOM: u16 = at("RANDOM");
/// Read only: first of the 64-bit counters, see [`Counter`].
pub const COUNTERS: u16 = at("COUNTERS");
/// Read/write: the map (position in the manifest's list) that the next command works on.
pub const MAP_SELECT: u16 = at("MAP_SELECT");
/// Read/write: the entry that the next command works on; of a hash map, where [`COMMAND_NEXT`] goes on; of an LPM trie, a slot or
/// a word of the tables.
pub const MAP_INDEX: u16 = at("MAP_INDEX");
/// Write only: [`COMMAND_READ`] or [`COMMAND_WRITE`], optionally plus [`COMMAND_INCREMENT`]; of a hash map
/// [`COMMAND_LOOKUP`], [`COMMAND_UPDATE`], [`COMMAND_DELETE`] or [`COMMAND_NEXT`]; of an LPM trie these four, on the slot
/// [`MAP_INDEX`], and [`COMMAND_WRITE`] of a word ([`TRIE_FLIP`]).
pub const MAP_COMMAND: u16 = at("MAP_COMMAND");
/// Read only: [`MAP_STATUS_BUSY`], [`MAP_STATUS_ERROR`], [`MAP_STATUS_ERRNO_SHIFT`].
pub const MAP_STATUS: u16 = at("MAP_STATUS");
/// Read only: number of entries of the selected hash map or LPM trie.
pub const MAP_ENTRIES: u16 = at("MAP_ENTRIES");
/// Read only: insertions into the selected hash map that were refused although it was not full.
pub const MAP_REFUSED: u16 = at("MAP_REFUSED");
/// Write only: first of four words of the hash seed; writing the last one clears all hash maps.
pub const MAP_SEED: u16 = at("MAP_SEED");
/// The key window: [`KEY_BYTES`] bytes, key bytes in memory order, little-endian words.
pub const KEY: u16 = at("KEY");
/// The data window: [`DATA_BYTES`] bytes, value bytes in memory order, little-endian words.
pub const DATA: u16 = at("DATA");

/// Length of the data window in bytes, and so the largest map value.
pub const DATA_BYTES: usize = 4096;
/// Length of the key window in bytes, and so the largest key of a hash map or LPM trie.
pub const KEY_BYTES: usize = 64;
/// `"B2H1"` as a big-endian word.
pub const MAGIC_VALUE: u32 = 0x4232_4831;
/// Version of this register map; a driver refuses any other.
pub const INTERFACE_VERSION_VALUE: u32 = 1;
/// [`CONTROL`]: a full output FIFO stops the input instead of losing packets.
pub const CONTROL_LOSSLESS: u32 = CORE.mask("CONTROL", "lossless");
/// [`CONTROL`]: sets all counters to zero; clears itself.
pub const CONTROL_COUNTER_CLEAR: u32 = CORE.mask("CONTROL", "counter_clear");
/// [`STATUS`]: no packet is inside the core.
pub const STATUS_IDLE: u32 = CORE.mask("STATUS", "idle");
/// [`STATUS`]: hash maps are being cleared, after reset or a new seed; packets wait.
pub const STATUS_CLEARING: u32 = CORE.mask("STATUS", "clearing");
/// [`MAP_COMMAND`]: read the selected entry into the data window.
pub const COMMAND_READ: u32 = CORE.number("MAP_COMMAND", "READ");
/// [`MAP_COMMAND`]: write the data window to the selected entry.
pub const COMMAND_WRITE: u32 = CORE.number("MAP_COMMAND", "WRITE");
/// [`MAP_COMMAND`]: the value of the key in the key window, into the data window.
pub const COMMAND_LOOKUP: u32 = CORE.number("MAP_COMMAND", "LOOKUP");
/// [`MAP_COMMAND`]: the data window becomes the value of the key in the key window. Flags as of `bpf(2)` from bit
/// [`COMMAND_FLAGS_SHIFT`].
pub const COMMAND_UPDATE: u32 = CORE.number("MAP_COMMAND", "UPDATE");
/// [`MAP_COMMAND`]: removes the key in the key window.
pub const COMMAND_DELETE: u32 = CORE.number("MAP_COMMAND", "DELETE");
/// [`MAP_COMMAND`]: some entry into both windows, the first one for [`MAP_INDEX`] 0; [`MAP_INDEX`] then leads to another one.
pub const COMMAND_NEXT: u32 = CORE.number("MAP_COMMAND", "NEXT");
/// [`MAP_COMMAND`]: lowest bit of the flags of an update.
pub const COMMAND_FLAGS_SHIFT: u32 = CORE.shift("MAP_COMMAND", "flags");
/// [`MAP_COMMAND`] with [`COMMAND_WRITE`] on an LPM trie: the word is not empty. The key window has a border, or the slot that
/// is a range's result.
pub const COMMAND_WORD_USED: u32 = 1 << COMMAND_FLAGS_SHIFT;
/// [`MAP_INDEX`] of a word of an LPM trie: lowest bit of the level; the results of ranges are the last one. The node or range
/// is in the lowest bits.
pub const TRIE_LEVEL_SHIFT: u32 = 24;
/// [`MAP_INDEX`] of a word of an LPM trie: lowest bit of the number of a border.
pub const TRIE_BORDER_SHIFT: u32 = 20;
/// [`MAP_INDEX`] with [`COMMAND_WRITE`] on an LPM trie: look-ups use what was written since the last time. The command is
/// done when no packet is left that has used the old tables.
pub const TRIE_FLIP: u32 = 1 << 31;
/// [`MAP_COMMAND`]: added to a command, [`MAP_INDEX`] grows by one afterwards.
pub const COMMAND_INCREMENT: u32 = CORE.mask("MAP_COMMAND", "increment");
/// [`MAP_STATUS`]: the command is not finished.
pub const MAP_STATUS_BUSY: u32 = CORE.mask("MAP_STATUS", "busy");
/// [`MAP_STATUS`]: the last command named a map or an index that does not exist.
pub const MAP_STATUS_ERROR: u32 = CORE.mask("MAP_STATUS", "error");

/// [`MAP_STATUS`]: lowest of 5 bits: how the last command on a key ended, 0 or one of `errno.h`'s numbers.
pub const MAP_STATUS_ERRNO_SHIFT: u32 = CORE.shift("MAP_STATUS", "errno");

/// The `registers` object of the manifest: every register of [`CORE`] but the counters, and each counter as `COUNTER_<NAME>`.
#[must_use]
pub fn manifest_registers() -> BTreeMap<String, u32> {
    let plain = CORE.registers.iter().filter(|register| register.name != "COUNTERS");
    let plain = plain.map(|register| (register.name.to_owned(), CORE.base + register.offset));
    let counters = Counter::ALL.iter().map(|counter| {
        let name = format!("COUNTER_{}", counter.name().to_ascii_uppercase());
        (name, u32::from(counter.address()))
    });
    plain.chain(counters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_lie_where_the_register_map_says() {
        for (index, counter) in (0u16..).zip(Counter::ALL) {
            assert_eq!(counter.address(), 0x0100 + 8 * index);
        }
        assert_eq!(manifest_registers()["COUNTER_CYCLES"], 0x0178);
        assert_eq!(manifest_registers().len(), CORE.registers.len() - 1 + Counter::ALL.len());
    }
}
