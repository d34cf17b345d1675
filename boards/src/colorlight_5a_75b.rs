// SPDX-License-Identifier: Apache-2.0
//! Colorlight 5A-75B: a receiver card for LED walls with two gigabit PHYs, used as a bump in the wire.
//!
//! Pins: chubby75 (<https://github.com/q3k/chubby75>, `5a-75b/hardware_V7.0.md` and `hardware_V8.0.md`), checked against LiteX-Boards
//! (`litex_boards/platforms/colorlight_5a_75b.py`). Delays as LiteX-Boards sets them (`targets/colorlight_5a_75x.py`): 2 ns on received data, none for sending, the PHY delays
//! that clock. The serial line is on the pads of LED (J19 `DATA_LED-`, out) and button (`KEY+`, in).
//! On V8.0 the oscillator's clock comes through a PHY: it stops while that one is reset, so the PHYs' reset is held high all the time.

use super::board::{Board, Clock, Device, Io, Pin, Pll, Rgmii, Uart};
use super::package::CABGA256_25F;

const fn pin(site: &'static str) -> Pin {
    Pin { site, io: Io::Lvcmos33 }
}

/// Revision 8.0, with PHYs RTL8211FD.
pub(crate) const V8_0: Board = Board {
    name: "colorlight-5a-75b",
    alias: Some("colorlight-5a-75b-v8.0"),
    description: "Colorlight 5A-75B V8.0, bump in the wire between its two ports",
    part: "LFE5U-25F-6BG256C",
    device: Device { option: "--25k", speed: 6, luts: 24_288 },
    package: &CABGA256_25F,
    target: "ecp5-25f",
    clock_mhz: 62.5,
    bus_bits: 64,
    max_frame_bytes: 1536,
    oscillator: Clock { pin: pin("P6"), mhz: 25.0 },
    pll: Pll { input: 1, feedback: 5, tx: 4, core: 8 },
    reset_n: None,
    ports: [
        Rgmii {
            rx_clk: "J1",
            rxd: ["K2", "J3", "K1", "K3"],
            rx_ctl: "J2",
            tx_clk: "L1",
            txd: ["M2", "M1", "P1", "R1"],
            tx_ctl: "L2",
            reset_n: Some("R6"),
        },
        Rgmii {
            rx_clk: "M16",
            rxd: ["M15", "R16", "L15", "L16"],
            rx_ctl: "P16",
            tx_clk: "J16",
            txd: ["K16", "J15", "J14", "K15"],
            tx_ctl: "K14",
            reset_n: None,
        },
    ],
    ports_io: Io::Lvcmos33,
    rx_delay: 80,
    tx_delay: 0,
    uart: Uart { rxd: pin("R7"), txd: pin("T6"), baud: 115_200 },
    loader: "-b colorlight -c CABLE",
    folder: "boards/colorlight-5a-75b",
};

/// Revision 7.0, with PHYs B50612D.
pub(crate) const V7_0: Board = Board {
    name: "colorlight-5a-75b-v7.0",
    alias: None,
    description: "Colorlight 5A-75B V7.0, bump in the wire between its two ports",
    ports: [
        Rgmii {
            rx_clk: "M1",
            rxd: ["N1", "M5", "N5", "M6"],
            rx_ctl: "N6",
            tx_clk: "M2",
            txd: ["L1", "L3", "P2", "L4"],
            tx_ctl: "M3",
            reset_n: Some("P5"),
        },
        Rgmii {
            rx_clk: "M16",
            rxd: ["P13", "N13", "P14", "M15"],
            rx_ctl: "L15",
            tx_clk: "M12",
            txd: ["T14", "R12", "R13", "R14"],
            tx_ctl: "R15",
            reset_n: None,
        },
    ],
    uart: Uart { rxd: pin("M13"), txd: pin("P11"), baud: 115_200 },
    ..V8_0
};

const _: () = V8_0.check();
const _: () = V7_0.check();
