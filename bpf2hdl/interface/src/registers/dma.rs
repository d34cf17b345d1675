// SPDX-License-Identifier: Apache-2.0
//! The registers of the DMA (`hdl/rtl/bpf_dma.sv`), described: what all queues share, and the page of one queue.

use super::check::{demand, problem};
use super::describe::{Access, Block, Bus, Field, Register, Value};

const QUEUE_BITS: &[Field] =
    &[Field::new("rx", 0, 16, "bit q: receive queue q"), Field::new("tx", 16, 16, "bit q: transmit queue q")];

const COUNTERS: &[Value] = &[
    Value::new("RX_FRAMES", 0, "received frames"),
    Value::new("RX_BYTES", 1, "their bytes written"),
    Value::new("DROPPED_EMPTY", 2, "dropped: no descriptor"),
    Value::new("DROPPED_STOPPED", 3, "dropped: queue not running, or none of this number"),
    Value::new("RX_CUT", 4, "cut"),
    Value::new("RX_ERROR", 5, "receive frames with an error"),
    Value::new("TX_FRAMES", 6, "transmitted frames"),
    Value::new("TX_BYTES", 7, "their bytes"),
    Value::new("TX_ERROR", 8, "transmit frames not sent: bus error or bad descriptor"),
    Value::new("FETCHES", 9, "fetches of descriptors"),
    Value::new("DESCRIPTORS", 10, "descriptors in them"),
    Value::new("COMPLETION_BURSTS", 11, "completion bursts"),
    Value::new("COMPLETIONS", 12, "completions in them"),
];

/// The registers that all queues of the DMA share, on a bus of its own.
pub const DMA: Block = Block {
    name: "dma",
    about: "the DMA, on a bus of its own",
    address_bits: 16,
    base: 0,
    bytes: 0x1_0000,
    bus: Bus::Around,
    registers: &[
        Register::constant("MAGIC", 0x00, 0x4232_4844, "\"B2HD\""),
        Register::constant("VERSION", 0x04, 1, "version of these registers and of the formats"),
        Register::value("CONFIG", 0x08, "").fields(&[
            Field::new("rx_queues", 0, 8, "receive queues"),
            Field::new("tx_queues", 8, 8, "transmit queues"),
            Field::new("bus_bits", 16, 16, "bits of the bus"),
        ]),
        Register::stored("COMPLETION_DELAY", 0x0C, "clocks").bits(16).reset(256),
        Register::outside("IRQ_PENDING", 0x10, Access::WriteOneToClear, "").fields(QUEUE_BITS),
        Register::stored("IRQ_ENABLE", 0x14, "").fields(QUEUE_BITS),
        Register::window(
            "COUNTERS",
            0x40,
            0x40,
            Access::ReadOnly,
            "64-bit counters, n at + 8n: reading the low word latches the high one at + 4",
        )
        .values(COUNTERS)
        .read_signal(),
        Register::window("COUNTERS_8", 0x80, 0x40, Access::ReadOnly, "counters from n = 8 on").read_signal(),
        Register::window("RX_QUEUES", 0x1000, 0x400, Access::ReadWrite, "receive queue q at + 0x40q (below)"),
        Register::window("TX_QUEUES", 0x2000, 0x400, Access::ReadWrite, "transmit queue q at + 0x40q"),
    ],
};

/// The registers of one queue, from the beginning of its page.
pub const DMA_QUEUE: Block = Block {
    name: "dma_queue",
    about: "one queue of the DMA, from the beginning of its page",
    address_bits: 6,
    base: 0,
    bytes: 0x40,
    bus: Bus::Around,
    registers: &[
        Register::outside("CONTROL", 0x00, Access::ReadWrite, "").fields(&[
            Field::bit("enable", 0, "1 is taken only while idle"),
            Field::bit("wait", 1, "frames wait for descriptors"),
            Field::new("size", 8, 4, "log2 of the descriptors in the ring, 4 to 15 (taken with `enable`)"),
        ]),
        Register::value("STATUS", 0x04, "").fields(&[
            Field::bit("running", 0, "running"),
            Field::bit("idle", 1, "no access is under way"),
            Field::bit("descriptor_error", 8, "bus error on a descriptor"),
            Field::bit("data_error", 9, "on data"),
            Field::bit("completion_error", 10, "on a completion"),
            Field::bit("bad_descriptor", 11, "bad descriptor"),
            Field::bit("bad_producer", 12, "bad PRODUCER"),
        ]),
        Register::outside("RING", 0x08, Access::ReadWrite, "address of the descriptors, a multiple of 256; while idle")
            .words(2),
        Register::outside(
            "COMPLETIONS",
            0x10,
            Access::ReadWrite,
            "address of the completions, a multiple of 64; while idle",
        )
        .words(2),
        Register::outside("PRODUCER", 0x18, Access::ReadWrite, "16 bits; 0 after `enable`"),
        Register::value("CONSUMER", 0x1C, "completions written").bits(16),
        Register::stored("IRQ", 0x20, "")
            .fields(&[Field::new("time", 0, 16, "IRQ_TIME"), Field::new("count", 16, 16, "IRQ_COUNT (0 is as 1)")]),
        Register::value("FRAMES", 0x24, "frames that took a descriptor; wraps"),
        Register::value("DROPPED", 0x28, "received frames that found none; wraps"),
    ],
};

const _: () = demand(problem(&DMA));
const _: () = demand(problem(&DMA_QUEUE));
