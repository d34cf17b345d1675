// SPDX-License-Identifier: Apache-2.0
//! The AXI4-Lite register map of `bpf_core`: byte offsets of 32-bit little-endian registers in a 16-bit space.
//!
//! `hdl/rtl/bpf_csr.sv` implements the same numbers. [`TABLE`] is the only list: the `registers` object of
//! `manifest.json` is made from it by [`manifest_registers`].

use std::collections::BTreeMap;

/// Read only: [`MAGIC_VALUE`].
pub const MAGIC: u16 = 0x0000;
/// Read only: [`INTERFACE_VERSION_VALUE`].
pub const INTERFACE_VERSION: u16 = 0x0004;
/// Read only: width of the packet buses in bits (64, 128, 256 or 512).
pub const BUS_BITS: u16 = 0x0008;
/// Read only: number of maps that [`MAP_SELECT`] can name.
pub const MAP_COUNT: u16 = 0x000C;
/// Read only: first of eight words of the build id, see [`build_id_words`].
pub const BUILD_ID: u16 = 0x0010;
/// Read/write: [`CONTROL_LOSSLESS`], [`CONTROL_COUNTER_CLEAR`].
pub const CONTROL: u16 = 0x0030;
/// Read only: [`STATUS_IDLE`], [`STATUS_CLEARING`].
pub const STATUS: u16 = 0x0034;
/// Read/write: the clock in nanoseconds, 64 bits. Reading the low word latches the high one; the high one is written first,
/// and takes effect with the low one. This and the next three do something in programs that ask for time or numbers.
pub const TIME: u16 = 0x0040;
/// Read/write: nanoseconds that the clock gains in each clock of the core, 24 bits behind the point.
pub const TIME_RATE: u16 = 0x0048;
/// Read/write: nanoseconds that the clock gains with each packet; 0 after reset, other values are for tests.
pub const TIME_STEP: u16 = 0x004C;
/// Write only: state of the generator of random numbers, 64 bits, not 0; written as [`TIME`].
pub const RANDOM: u16 = 0x0050;
/// Read only: first of the 64-bit counters, see [`Counter`].
pub const COUNTERS: u16 = 0x0100;
/// Read/write: the map (position in the manifest's list) that the next command works on.
pub const MAP_SELECT: u16 = 0x0400;
/// Read/write: the entry that the next command works on; of a hash map, where [`COMMAND_NEXT`] goes on; of an LPM trie, a slot or
/// a word of the tables.
pub const MAP_INDEX: u16 = 0x0404;
/// Write only: [`COMMAND_READ`] or [`COMMAND_WRITE`], optionally plus [`COMMAND_INCREMENT`]; of a hash map
/// [`COMMAND_LOOKUP`], [`COMMAND_UPDATE`], [`COMMAND_DELETE`] or [`COMMAND_NEXT`]; of an LPM trie these four, on the slot
/// [`MAP_INDEX`], and [`COMMAND_WRITE`] of a word ([`TRIE_FLIP`]).
pub const MAP_COMMAND: u16 = 0x0408;
/// Read only: [`MAP_STATUS_BUSY`], [`MAP_STATUS_ERROR`], [`MAP_STATUS_ERRNO_SHIFT`].
pub const MAP_STATUS: u16 = 0x040C;
/// Read only: number of entries of the selected hash map or LPM trie.
pub const MAP_ENTRIES: u16 = 0x0410;
/// Read only: insertions into the selected hash map that were refused although it was not full.
pub const MAP_REFUSED: u16 = 0x0414;
/// Write only: first of four words of the hash seed; writing the last one clears all hash maps.
pub const MAP_SEED: u16 = 0x0420;
/// The key window: [`KEY_BYTES`] bytes, key bytes in memory order, little-endian words.
pub const KEY: u16 = 0x0800;
/// The data window: [`DATA_BYTES`] bytes, value bytes in memory order, little-endian words.
pub const DATA: u16 = 0x1000;

/// Length of the data window in bytes, and so the largest map value.
pub const DATA_BYTES: usize = 4096;
/// Length of the key window in bytes, and so the largest key of a hash map or LPM trie.
pub const KEY_BYTES: usize = 64;
/// `"B2H1"` as a big-endian word.
pub const MAGIC_VALUE: u32 = 0x4232_4831;
/// Version of this register map; a driver refuses any other.
pub const INTERFACE_VERSION_VALUE: u32 = 1;
/// [`CONTROL`]: a full output FIFO stops the input instead of losing packets.
pub const CONTROL_LOSSLESS: u32 = 1 << 0;
/// [`CONTROL`]: sets all counters to zero; clears itself.
pub const CONTROL_COUNTER_CLEAR: u32 = 1 << 1;
/// [`STATUS`]: no packet is inside the core.
pub const STATUS_IDLE: u32 = 1 << 0;
/// [`STATUS`]: hash maps are being cleared, after reset or a new seed; packets wait.
pub const STATUS_CLEARING: u32 = 1 << 1;
/// [`MAP_COMMAND`]: read the selected entry into the data window.
pub const COMMAND_READ: u32 = 1;
/// [`MAP_COMMAND`]: write the data window to the selected entry.
pub const COMMAND_WRITE: u32 = 2;
/// [`MAP_COMMAND`]: the value of the key in the key window, into the data window.
pub const COMMAND_LOOKUP: u32 = 4;
/// [`MAP_COMMAND`]: the data window becomes the value of the key in the key window. Flags as of `bpf(2)` from bit
/// [`COMMAND_FLAGS_SHIFT`].
pub const COMMAND_UPDATE: u32 = 5;
/// [`MAP_COMMAND`]: removes the key in the key window.
pub const COMMAND_DELETE: u32 = 6;
/// [`MAP_COMMAND`]: some entry into both windows, the first one for [`MAP_INDEX`] 0; [`MAP_INDEX`] then leads to another one.
pub const COMMAND_NEXT: u32 = 7;
/// [`MAP_COMMAND`]: lowest bit of the flags of an update.
pub const COMMAND_FLAGS_SHIFT: u32 = 16;
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
pub const COMMAND_INCREMENT: u32 = 0x100;
/// [`MAP_STATUS`]: the command is not finished.
pub const MAP_STATUS_BUSY: u32 = 1 << 0;
/// [`MAP_STATUS`]: the last command named a map or an index that does not exist.
pub const MAP_STATUS_ERROR: u32 = 1 << 1;

/// [`MAP_STATUS`]: lowest of 5 bits: how the last command on a key ended, 0 or one of `errno.h`'s numbers.
pub const MAP_STATUS_ERRNO_SHIFT: u32 = 8;

/// Every register outside the counters by name and byte offset, in address order.
pub const TABLE: [(&str, u16); 20] = [
    ("MAGIC", MAGIC),
    ("INTERFACE_VERSION", INTERFACE_VERSION),
    ("BUS_BITS", BUS_BITS),
    ("MAP_COUNT", MAP_COUNT),
    ("BUILD_ID", BUILD_ID),
    ("CONTROL", CONTROL),
    ("STATUS", STATUS),
    ("TIME", TIME),
    ("TIME_RATE", TIME_RATE),
    ("TIME_STEP", TIME_STEP),
    ("RANDOM", RANDOM),
    ("MAP_SELECT", MAP_SELECT),
    ("MAP_INDEX", MAP_INDEX),
    ("MAP_COMMAND", MAP_COMMAND),
    ("MAP_STATUS", MAP_STATUS),
    ("MAP_ENTRIES", MAP_ENTRIES),
    ("MAP_REFUSED", MAP_REFUSED),
    ("MAP_SEED", MAP_SEED),
    ("KEY", KEY),
    ("DATA", DATA),
];

/// One of the 64-bit counters. The discriminant is the index in the register map.
///
/// Packet and byte counters of an action count verdicts with the length received (before edits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the documentation; units are in the register map table")]
pub enum Counter {
    RxPackets = 0,
    RxBytes,
    AbortedPackets,
    AbortedBytes,
    DropPackets,
    DropBytes,
    PassPackets,
    PassBytes,
    TxPackets,
    TxBytes,
    RedirectPackets,
    RedirectBytes,
    PassLostPackets,
    TxLostPackets,
    InputStallCycles,
    Cycles,
    RedirectLostPackets,
    EventRecords,
    EventLostRecords,
}

impl Counter {
    /// All counters in the order of their registers.
    pub const ALL: [Self; 19] = [
        Self::RxPackets,
        Self::RxBytes,
        Self::AbortedPackets,
        Self::AbortedBytes,
        Self::DropPackets,
        Self::DropBytes,
        Self::PassPackets,
        Self::PassBytes,
        Self::TxPackets,
        Self::TxBytes,
        Self::RedirectPackets,
        Self::RedirectBytes,
        Self::PassLostPackets,
        Self::TxLostPackets,
        Self::InputStallCycles,
        Self::Cycles,
        Self::RedirectLostPackets,
        Self::EventRecords,
        Self::EventLostRecords,
    ];

    /// The name in JSON outputs, for example `rx_packets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RxPackets => "rx_packets",
            Self::RxBytes => "rx_bytes",
            Self::AbortedPackets => "aborted_packets",
            Self::AbortedBytes => "aborted_bytes",
            Self::DropPackets => "drop_packets",
            Self::DropBytes => "drop_bytes",
            Self::PassPackets => "pass_packets",
            Self::PassBytes => "pass_bytes",
            Self::TxPackets => "tx_packets",
            Self::TxBytes => "tx_bytes",
            Self::RedirectPackets => "redirect_packets",
            Self::RedirectBytes => "redirect_bytes",
            Self::PassLostPackets => "pass_lost_packets",
            Self::TxLostPackets => "tx_lost_packets",
            Self::InputStallCycles => "input_stall_cycles",
            Self::Cycles => "cycles",
            Self::RedirectLostPackets => "redirect_lost_packets",
            Self::EventRecords => "event_records",
            Self::EventLostRecords => "event_lost_records",
        }
    }

    /// Byte offset of the low word; reading it latches the high word, which is at the next word.
    #[must_use]
    pub fn address(self) -> u16 {
        COUNTERS + 8 * u16::from(self as u8)
    }
}

/// The `registers` object of the manifest: [`TABLE`] and each counter as `COUNTER_<NAME>`.
#[must_use]
pub fn manifest_registers() -> BTreeMap<String, u32> {
    let plain = TABLE.iter().map(|&(name, address)| (name.to_owned(), u32::from(address)));
    let counters = Counter::ALL.iter().map(|counter| {
        let name = format!("COUNTER_{}", counter.name().to_ascii_uppercase());
        (name, u32::from(counter.address()))
    });
    plain.chain(counters).collect()
}

/// The eight register words of a build id of 64 hexadecimal digits.
///
/// Word 0 holds the first four bytes, the first byte in its lowest bits. `None` if `hex` is no such string.
#[must_use]
pub fn build_id_words(hex: &str) -> Option<[u32; 8]> {
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut words = [0u32; 8];
    for (index, word) in words.iter_mut().enumerate() {
        let digits = hex.get(8 * index..8 * index + 8)?;
        *word = u32::from_str_radix(digits, 16).ok()?.swap_bytes();
    }
    Some(words)
}

/// The build id in hexadecimal digits of the eight register words; the inverse of [`build_id_words`].
#[must_use]
pub fn build_id_hex(words: &[u32; 8]) -> String {
    words.iter().map(|word| format!("{:08x}", word.swap_bytes())).collect()
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
        assert_eq!(manifest_registers().len(), TABLE.len() + Counter::ALL.len());
    }

    #[test]
    fn build_id_round_trip() {
        let hex = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
        let words = build_id_words(hex).unwrap();
        assert_eq!(words[0], 0x0403_0201);
        assert_eq!(build_id_hex(&words), hex);
        assert_eq!(build_id_words("12"), None);
        assert_eq!(build_id_words(&"zz".repeat(32)), None);
        assert_eq!(build_id_words(&"é".repeat(32)), None);
    }
}
