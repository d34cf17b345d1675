// SPDX-License-Identifier: Apache-2.0
//! Lattice ECP5-5G Versa Development Kit, with two Marvell 88E1512 PHYs.
//!
//! Pins: LiteX-Boards (`litex_boards/platforms/lattice_versa_ecp5.py`), checked for bank, supply and clock routing against Lattice's pin-out. Delays as its target sets them
//! (`targets/lattice_versa_ecp5.py`): none, the PHYs delay both clocks. The older kit with LFE5UM-45F has the same pins and another die.

use super::board::{Board, Clock, Device, Io, Pin, Pll, Rgmii, Uart};
use super::package::CABGA381_45F;

const fn pin(site: &'static str) -> Pin {
    Pin { site, io: Io::Lvcmos33 }
}

/// The kit with LFE5UM5G-45F.
pub(crate) const VERSA_ECP5: Board = Board {
    name: "versa-ecp5",
    alias: Some("versa-ecp5-5g"),
    description: "Lattice ECP5-5G Versa Development Kit, bump in the wire between its two ports",
    part: "LFE5UM5G-45F-8BG381C",
    device: Device { option: "--um5g-45k", speed: 8, luts: 43_848 },
    package: &CABGA381_45F,
    target: "ecp5-45f",
    clock_mhz: 100.0,
    bus_bits: 64,
    max_frame_bytes: 1536,
    oscillator: Clock { pin: Pin { site: "P3", io: Io::LvdsInput }, mhz: 100.0 },
    pll: Pll { input: 4, feedback: 5, tx: 4, core: 5 },
    reset_n: Some(pin("T1")),
    ports: [
        Rgmii {
            rx_clk: "L20",
            rxd: ["T20", "U20", "T19", "R18"],
            rx_ctl: "U19",
            tx_clk: "P19",
            txd: ["N19", "N20", "P18", "P20"],
            tx_ctl: "R20",
            reset_n: Some("U17"),
        },
        Rgmii {
            rx_clk: "J19",
            rxd: ["G18", "G16", "H18", "H17"],
            rx_ctl: "F19",
            tx_clk: "C20",
            txd: ["J17", "J16", "D19", "D20"],
            tx_ctl: "E19",
            reset_n: Some("F20"),
        },
    ],
    ports_io: Io::Lvcmos25,
    rx_delay: 0,
    tx_delay: 0,
    uart: Uart { rxd: pin("C11"), txd: pin("A11"), baud: 1_000_000 },
    loader: "-c ft2232",
    folder: "boards/versa-ecp5",
};

const _: () = VERSA_ECP5.check();
