// SPDX-License-Identifier: Apache-2.0
//! The registers of the single-port NIC (`hdl/rtl/bpf_nic.sv`), described: its own, those of the two program slots. The tap and the DMA stand beside them.

use super::check::{bus_problem, demand};
use super::describe::{Block, Bus, Field, Register, Value};
use super::shells::TAP;

/// The registers of the NIC around its parts.
pub const NIC: Block = Block {
    name: "nic",
    about: "the single-port NIC, beside its parts'",
    address_bits: 20,
    base: 0x1_0000,
    bytes: 0x1000,
    bus: Bus::Chain,
    registers: &[
        Register::constant("MAGIC", 0x00, 0x4232_484E, "\"B2HN\""),
        Register::constant("VERSION", 0x04, 1, "version of these registers"),
        Register::value("CONFIG", 0x08, "").fields(&[
            Field::new(
                "data_queues",
                0,
                8,
                "receive queues for frames, 0 to this less 1; then that of events, then that of the tap",
            ),
            Field::new("tx_queues", 8, 8, "transmit queues"),
            Field::new("bus_bits", 16, 16, "width of streams and memory bus"),
        ]),
        Register::stored("CONTROL", 0x0C, "").bits(1).fields(&[Field::bit(
            "by_rx_queue",
            0,
            "frames that no redirect steers go to the queue that came with them from the MAC; else to queue 0",
        )]),
        Register::stored(
            "IFINDEX",
            0x10,
            "number of the port as the program knows it (`ingress_ifindex`), and by which a redirect sends to it",
        )
        .bits(16)
        .reset(1),
        Register::counter("RX_BAD", 0x20, "frames from the MAC dropped as bad"),
        Register::counter(
            "RX_SIZE",
            0x24,
            "good ones dropped because they have less than 14 bytes, or more than the core takes",
        ),
        Register::counter("RX_FULL", 0x28, "good ones dropped for want of room before the slots"),
        Register::counter("RX_FRAMES", 0x2C, "frames that went on to the slots"),
        Register::counter("NO_PORT", 0x30, "frames dropped because no port has the number of their interface"),
        Register::counter(
            "TO_HOST",
            0x34,
            "frames given to the DMA: of PASS, of redirects to CPUs and sockets; damaged ones, too",
        ),
        Register::counter("RECORDS", 0x38, "events and copies of the tap given to the DMA"),
        Register::counter("TX_FRAMES", 0x3C, "frames given to the MAC, without damaged ones"),
        Register::counter("TX_HOST", 0x40, "of these the host's own"),
    ],
};

/// Where the cores of slot A and slot B have their registers: the pages of `bpf_axil_demux` in `hdl/rtl/bpf_nic.sv`.
pub const SLOT_WINDOWS: [u32; 2] = [0, 0x2_0000];

/// Where the DMA has its.
pub const DMA_WINDOW: u32 = 0x3_0000;

const POLICIES: &[Value] = &[
    Value::new("WAIT", 0, "frames wait, up to the MAC's gate"),
    Value::new("PASS", 1, "frames go to the host as they are, as PASS"),
    Value::new("DROP", 2, "frames are dropped"),
];

const SLOTS_NAMED: &[Value] =
    &[Value::new("NONE", 0, "none"), Value::new("A", 1, "slot A"), Value::new("B", 2, "slot B")];

/// The registers of the two program slots: `hdl/rtl/bpf_slots.sv`.
pub const SLOTS: Block = Block {
    name: "slots",
    about: "the two program slots, beside the NIC's",
    address_bits: 20,
    base: 0x1_2000,
    bytes: 0x1000,
    bus: Bus::Chain,
    registers: &[
        Register::constant("MAGIC", 0x00, 0x4232_534C, "\"B2SL\""),
        Register::constant("VERSION", 0x04, 1, "version of these registers"),
        Register::stored("SELECT", 0x08, "the slot that is to run; a write begins a switch. Others as 0")
            .bits(2)
            .reset(1)
            .values(SLOTS_NAMED),
        Register::value("STATUS", 0x0C, "").bits(10).fields(&[
            Field::new("running", 0, 2, "the slot that gets frames, as in SELECT; 0 also during a switch"),
            Field::bit("done", 2, "SELECT is carried out"),
            Field::bit("draining", 3, "the old slot does what is left in it"),
            Field::bit("starting", 4, "the old one is empty, the new one is not ready yet"),
            Field::bit("late", 5, "the switch takes more than LIMIT clocks"),
            Field::bit("inside", 6, "a frame is half in a slot"),
            Field::new(
                "isolated",
                8,
                2,
                "bit p: slot p is isolated; after its bit in ISOLATE is cleared also until its frames are accounted",
            ),
        ]),
        Register::stored("POLICY", 0x10, "")
            .bits(6)
            .fields(&[
                Field::new("none", 0, 2, "what becomes of frames while no slot is selected"),
                Field::new(
                    "late",
                    4,
                    2,
                    "what becomes of them while a switch takes more than LIMIT clocks; before that they wait",
                ),
            ])
            .values(POLICIES),
        Register::stored("LIMIT", 0x14, "clocks that a switch may take before POLICY's `late` holds").reset(u32::MAX),
        Register::value(
            "LAST",
            0x18,
            "clocks that the last switch took, from the command to the first frame that may enter",
        ),
        Register::counter("SWITCHES", 0x1C, "switches done"),
        Register::counter("LATE", 0x20, "switches that took more than LIMIT clocks"),
        Register::counter("PASSED", 0x24, "frames that POLICY gave to the host"),
        Register::counter("DROPPED", 0x28, "frames that POLICY dropped"),
        Register::counter("WAITED", 0x2C, "clocks in which a frame waited for a slot"),
        Register::stored(
            "ISOLATE",
            0x30,
            "bit p: slot p is held in reset and cut off: nothing that it does reaches anything, its registers read 0",
        )
        .bits(2),
        Register::counter("FRAMES", 0x40, "frames that slot p took (0: A, 1: B)").each("SLOTS", 2, 4),
        Register::counter("VERDICTS", 0x48, "verdicts of slot p").each("SLOTS", 2, 4),
        Register::counter("LOST", 0x50, "frames that slot p had taken and that had no verdict when it was isolated")
            .each("SLOTS", 2, 4),
        Register::value(
            "UNSENT",
            0x58,
            "frames whose verdict was PASS, TX or REDIRECT and that had not left slot p whole when it was isolated",
        )
        .each("SLOTS", 2, 4),
        Register::value(
            "CUT",
            0x60,
            "frames (of UNSENT) and records that had left slot p in part when it was isolated, and were ended as damaged",
        )
        .each("SLOTS", 2, 4),
    ],
};

const _: () = demand(bus_problem(&[&NIC, &TAP, &SLOTS]));
