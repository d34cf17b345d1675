// SPDX-License-Identifier: Apache-2.0
//! The registers of what stands around `bpf_core` in a shell or on a board, described.
//!
//! A block more: a constant here, its name in [`super::BLOCKS`] and, if it is on the shells' bus, in the check below; then
//! `BPF2HDL_UPDATE_GOLDENS=1 cargo test -p bpf2hdl-interface --test registers` writes its module, its part of the C header and its table.

use super::check::{bus_problem, demand};
use super::describe::{Block, Bus, Field, Register, Value};

/// Ports that a shell can have.
const PORTS: u32 = 8;

/// The registers of a shell's wrapper: `boards/common/bpf_shell.sv`.
pub const SHELL: Block = Block {
    name: "shell",
    about: "the wrapper of a NIC shell, beside the core's",
    address_bits: 20,
    base: 0x1_0000,
    bytes: 0x1000,
    bus: Bus::ChainEnd,
    registers: &[
        Register::constant("MAGIC", 0x00, 0x4232_4853, "\"B2HS\""),
        Register::constant("VERSION", 0x04, 1, "version of these registers"),
        Register::value("PORTS", 0x08, "ports of the MAC, as many interfaces of the host"),
        Register::stored("CONTROL", 0x0C, "").bits(1).fields(&[Field::bit(
            "lossless",
            0,
            "queues of the outputs (with several ports) wait for room instead of losing frames",
        )]),
        Register::value("SHELL", 0x10, "").values(&[
            Value::new("OPENNIC", 1, "OpenNIC"),
            Value::new("CORUNDUM", 2, "Corundum"),
            Value::new("LITEX", 3, "LiteX"),
            Value::new("NETFPGA_PLUS", 4, "NetFPGA-PLUS"),
        ]),
        Register::counter("NO_PORT", 0x14, "frames dropped because no port has the number of their interface"),
        Register::counter(
            "NO_SOCKET",
            0x18,
            "frames dropped because they name an AF_XDP socket and the shell takes no queue",
        ),
        Register::stored("IFINDEX", 0x20, "number of port p as the program knows it; after reset p + 1")
            .bits(16)
            .each("PORTS", PORTS, 4)
            .reset(1)
            .reset_step(1),
        Register::counter("HOST_LOST", 0x40, "frames for the host's interface p that found no room in its queue")
            .each("PORTS", PORTS, 4),
        Register::counter("PORT_LOST", 0x60, "the same for port p of the MAC").each("PORTS", PORTS, 4),
    ],
};

/// The registers of the tap: `hdl/rtl/bpf_tap.sv`.
pub const TAP: Block = Block {
    name: "tap",
    about: "the tap, beside the wrapper's",
    address_bits: 20,
    base: 0x1_1000,
    bytes: 0x1000,
    bus: Bus::Chain,
    registers: &[
        Register::constant("MAGIC", 0x00, 0x4232_5450, "\"B2TP\""),
        Register::constant("VERSION", 0x04, 1, "version of these registers and of the copies' form"),
        Register::value("BUS_BITS", 0x08, "width of the stream of copies"),
        Register::stored("CONTROL", 0x0C, "").bits(8).reset(0xF0).fields(&[
            Field::bit("on", 0, "frames that begin from now on are copied"),
            Field::new("points", 4, 4, "where: bit 0 entry, 1 PASS, 2 TX, 3 REDIRECT"),
        ]),
        Register::stored("SNAP", 0x10, "bytes of a frame that are copied at most").bits(16).reset(0xFFFF),
        Register::stored("MASK", 0x14, "verdicts whose frames are copied: bit n is `xdp_action` n").bits(5).reset(0x1F),
        Register::stored("SAMPLE", 0x18, "n: of 2^n frames of a point the first one is copied").bits(5),
        Register::value(
            "CLOCK",
            0x20,
            "clocks since reset, as in the copies; the low word first, the high one may be ahead",
        )
        .words(2),
        Register::counter("COPIES", 0x40, "copies of point p that were kept, also those that MASK then left out")
            .each("POINTS", 4, 4),
        Register::counter("LOST", 0x60, "copies of point p for which there was no room, or whose frame was cut")
            .each("POINTS", 4, 4),
    ],
};

/// The registers of LiteX's gate for bad frames: `boards/litex/bpf_litex.sv`.
pub const GATE: Block = Block {
    name: "gate",
    about: "the gate for bad frames of LiteX, beside the wrapper's",
    address_bits: 20,
    base: 0x1_F000,
    bytes: 0x1000,
    bus: Bus::Chain,
    registers: &[
        Register::counter("BAD", 0x00, "frames dropped as bad"),
        Register::counter("FULL", 0x04, "frames dropped for want of room"),
    ],
};

/// The registers of a board with two ports on the wire: `boards/rtl/bpf_wire.sv`.
pub const BOARD: Block = Block {
    name: "board",
    about: "a board, beside the core's",
    address_bits: 16,
    base: 0x8000,
    bytes: 0x1000,
    bus: Bus::ChainEnd,
    registers: &[
        Register::constant("MAGIC", 0x00, 0x4232_4257, "\"B2BW\""),
        Register::constant("VERSION", 0x04, 1, "version of these registers"),
        Register::value("PORTS", 0x08, "ports"),
        Register::counter("NOWHERE", 0x0C, "frames that were redirected to no port of the board"),
        Register::counter("RX_GOOD", 0x10, "port p: frames received whole").each("PORTS", PORTS, 0x20),
        Register::counter(
            "RX_BAD",
            0x14,
            "frames with a wrong FCS, an error of the PHY, fewer than 64 or too many bytes",
        )
        .each("PORTS", PORTS, 0x20),
        Register::counter("RX_LOST", 0x18, "good frames that found no room before the core").each("PORTS", PORTS, 0x20),
        Register::counter("TX_FRAMES", 0x1C, "frames sent").each("PORTS", PORTS, 0x20),
        Register::counter(
            "TX_LOST",
            0x20,
            "frames that found no room before the port: more than a gigabit was to leave by it",
        )
        .each("PORTS", PORTS, 0x20),
        Register::value("LINK", 0x24, "as the PHY says in RGMII's gaps").bits(4).each("PORTS", PORTS, 0x20).fields(&[
            Field::bit("up", 0, "link is up"),
            Field::new("speed", 1, 2, "2: 1000 Mbit/s"),
            Field::bit("duplex", 3, "full duplex"),
        ]),
    ],
};

const _: () = demand(bus_problem(&[&SHELL, &TAP, &GATE]));
const _: () = demand(bus_problem(&[&BOARD]));
