// SPDX-License-Identifier: Apache-2.0
//! The registers of `bpf_core`, described.

use super::describe::{Access, Block, Bus, Field, Register, Value};
use super::{DATA_BYTES, INTERFACE_VERSION_VALUE, KEY_BYTES, MAGIC_VALUE};

const CONTROL_FIELDS: &[Field] = &[
    Field::bit("lossless", 0, "a full output FIFO stops the input instead of losing packets"),
    Field::bit("counter_clear", 1, "sets all counters to zero").pulse(),
];

const STATUS_FIELDS: &[Field] = &[
    Field::bit("idle", 0, "no packet is inside"),
    Field::bit("clearing", 1, "hash maps are being cleared (after reset or a new seed), packets wait"),
];

const COMMAND_FIELDS: &[Field] = &[
    Field::new("command", 0, 8, "what to do"),
    Field::bit("increment", 8, "of read and write: then add 1 to MAP_INDEX"),
    Field::new("flags", 16, 2, "of an update: `bpf(2)`'s flags; of a trie's word, bit 16: the word is used"),
];

const COMMANDS: &[Value] = &[
    Value::new("READ", 1, "the entry into DATA"),
    Value::new("WRITE", 2, "DATA to the entry; LPM tries: a word of the tree (below)"),
    Value::new(
        "LOOKUP",
        4,
        "the value of KEY into DATA; LPM tries: this and the next three work on the slot MAP_INDEX",
    ),
    Value::new("UPDATE", 5, "DATA becomes the value of KEY"),
    Value::new("DELETE", 6, "removes KEY"),
    Value::new(
        "NEXT",
        7,
        "some entry into KEY and DATA, the first one for MAP_INDEX 0, which then leads to another one",
    ),
];

const MAP_STATUS_FIELDS: &[Field] = &[
    Field::bit("busy", 0, "the command is not finished"),
    Field::bit("error", 1, "no such map or entry, or a command for another kind of map"),
    Field::new("errno", 8, 5, "error number of the last command on a key (`errno.h`)"),
];

/// The registers of `bpf_core`; `hdl/rtl/bpf_csr.sv` answers the bus.
pub const CORE: Block = Block {
    name: "core",
    about: "`bpf_core`, the same for every program",
    address_bits: 16,
    base: 0,
    bytes: 0x1_0000,
    bus: Bus::Around,
    registers: &[
        Register::constant("MAGIC", 0x0000, MAGIC_VALUE, "\"B2H1\""),
        Register::constant("INTERFACE_VERSION", 0x0004, INTERFACE_VERSION_VALUE, "version of these registers; a driver refuses any other"),
        Register::value("BUS_BITS", 0x0008, "width of the packet buses: 64, 128, 256 or 512"),
        Register::value("MAP_COUNT", 0x000C, "maps that MAP_SELECT can name"),
        Register::value("BUILD_ID", 0x0010, "SHA-256 of the build; word 0 holds its first four bytes, little-endian").words(8),
        Register::stored("CONTROL", 0x0030, "").bits(2).fields(CONTROL_FIELDS),
        Register::value("STATUS", 0x0034, "").bits(2).fields(STATUS_FIELDS),
        Register::outside(
            "TIME",
            0x0040,
            Access::ReadWrite,
            "the clock in nanoseconds, low and high word. Reading the low word latches the high one; write the high word first: it takes effect with the low one",
        )
        .words(2)
        .read_signal(),
        Register::outside(
            "TIME_RATE",
            0x0048,
            Access::ReadWrite,
            "nanoseconds per clock, 24 bits behind the point; after reset that of `--clock`",
        ),
        Register::outside(
            "TIME_STEP",
            0x004C,
            Access::ReadWrite,
            "nanoseconds that the clock gains with each packet; 0 after reset, for tests",
        ),
        Register::outside(
            "RANDOM",
            0x0050,
            Access::WriteOnly,
            "state of the generator of random numbers, written as TIME; 0 becomes 1",
        )
        .words(2),
        Register::window(
            "COUNTERS",
            0x0100,
            256,
            Access::ReadOnly,
            "64-bit counters, n at + 8n (below): reading the low word latches the high word at + 4",
        )
        .read_signal(),
        Register::outside("MAP_SELECT", 0x0400, Access::ReadWrite, "map number, the `id` of the manifest"),
        Register::outside(
            "MAP_INDEX",
            0x0404,
            Access::ReadWrite,
            "entry; of a hash map, where \"next\" goes on; of an LPM trie, a slot or a word of the tables",
        ),
        Register::outside("MAP_COMMAND", 0x0408, Access::WriteOnly, "").fields(COMMAND_FIELDS).values(COMMANDS),
        Register::value("MAP_STATUS", 0x040C, "").fields(MAP_STATUS_FIELDS),
        Register::value("MAP_ENTRIES", 0x0410, "entries of the selected hash map or LPM trie"),
        Register::value("MAP_REFUSED", 0x0414, "insertions into it that were refused although it was not full"),
        Register::outside(
            "MAP_SEED",
            0x0420,
            Access::WriteOnly,
            "seed of the hash functions; writing the last word clears all hash maps",
        )
        .words(4),
        Register::window("KEY", 0x0800, KEY_BYTES as u32, Access::ReadWrite, "key bytes in memory order"),
        Register::window("DATA", 0x1000, DATA_BYTES as u32, Access::ReadWrite, "value bytes in memory order"),
    ],
};
