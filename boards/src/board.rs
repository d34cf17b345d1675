// SPDX-License-Identifier: Apache-2.0
//! What a board is: an ECP5 with two gigabit PHYs on RGMII, an oscillator and a serial line.

use super::{Listed, Package};

/// Electrical standard of a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// Single ended, 3.3 V.
    Lvcmos33,
    /// Single ended, 2.5 V.
    Lvcmos25,
    /// A differential input; the pin is the positive one.
    LvdsInput,
}

impl Io {
    /// The name in constraints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Io::Lvcmos33 => "LVCMOS33",
            Io::Lvcmos25 => "LVCMOS25",
            Io::LvdsInput => "LVDS",
        }
    }

    /// Supply that its bank must have, in hundredths of a volt; 0 if any will do.
    pub(crate) const fn supply(self) -> u32 {
        match self {
            Io::Lvcmos33 => 330,
            Io::Lvcmos25 => 250,
            Io::LvdsInput => 0,
        }
    }
}

/// A ball of the package with its standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The ball.
    pub site: &'static str,
    /// Its standard.
    pub io: Io,
}

/// A clock that comes from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Where it comes in.
    pub pin: Pin,
    /// Its frequency.
    pub mhz: f64,
}

/// Dividers of the PLL: the VCO runs at `oscillator / input * feedback * tx`; `VCO / tx` is 125 MHz, `VCO / core` the core's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pll {
    /// Of the oscillator.
    pub input: u32,
    /// Of the 125 MHz, before they are compared.
    pub feedback: u32,
    /// Of the VCO, for sending.
    pub tx: u32,
    /// Of the VCO, for the core.
    pub core: u32,
}

/// A PHY's RGMII. The first site is that of bit 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgmii {
    /// Receive clock, 125 MHz, from the PHY.
    pub rx_clk: &'static str,
    /// Received data.
    pub rxd: [&'static str; 4],
    /// Receive control.
    pub rx_ctl: &'static str,
    /// Transmit clock, to the PHY.
    pub tx_clk: &'static str,
    /// Data to send.
    pub txd: [&'static str; 4],
    /// Transmit control.
    pub tx_ctl: &'static str,
    /// Reset of the PHY, active low, held high; `None` if another port has named it.
    pub reset_n: Option<&'static str>,
}

/// The serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uart {
    /// Into the FPGA.
    pub rxd: Pin,
    /// Out of the FPGA.
    pub txd: Pin,
    /// Bits a second.
    pub baud: u32,
}

/// The FPGA as nextpnr names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Option that chooses the die, for example `--25k`.
    pub option: &'static str,
    /// Speed grade.
    pub speed: u32,
    /// Look-up tables, for advice.
    pub luts: u32,
}

/// A board.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Board {
    /// Name for `--board`.
    pub name: &'static str,
    /// Another name for it.
    pub alias: Option<&'static str>,
    /// One line.
    pub description: &'static str,
    /// Ordering code of the FPGA.
    pub part: &'static str,
    /// The FPGA for place and route.
    pub device: Device,
    /// Its package.
    pub package: &'static Package,
    /// Target of the compiler.
    pub target: &'static str,
    /// Clock of the core; what `pll` makes.
    pub clock_mhz: f64,
    /// Width of the packet bus.
    pub bus_bits: u32,
    /// Longest frame, bytes without FCS.
    pub max_frame_bytes: u32,
    /// The oscillator.
    pub oscillator: Clock,
    /// What is made of it.
    pub pll: Pll,
    /// Reset button, active low.
    pub reset_n: Option<Pin>,
    /// Interface 1, interface 2.
    pub ports: [Rgmii; 2],
    /// Standard of all pins of `ports`.
    pub ports_io: Io,
    /// Delay of received data, steps of 25 ps (up to 127), where neither PHY nor board delays the clock.
    pub rx_delay: u32,
    /// Delay of the transmit clock, likewise.
    pub tx_delay: u32,
    /// The host's line.
    pub uart: Uart,
    /// Options of openFPGALoader that choose the board or its cable; CABLE is the user's to fill in.
    pub loader: &'static str,
    /// Folder in the repository.
    pub folder: &'static str,
}

/// A port of the top module.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    /// Its name, with its bit.
    pub name: String,
    /// Where it is.
    pub pin: Pin,
    /// Set for clocks.
    pub mhz: Option<f64>,
}

impl Board {
    /// All ports of the top module, in the order of its declaration.
    #[must_use]
    pub fn nets(&self) -> Vec<Net> {
        let mut nets = Vec::new();
        let mut add = |name: String, pin: Pin, mhz: Option<f64>| nets.push(Net { name, pin, mhz });
        add("osc".to_owned(), self.oscillator.pin, Some(self.oscillator.mhz));
        if let Some(pin) = self.reset_n {
            add("rst_n".to_owned(), pin, None);
        }
        for (port, phy) in self.ports.iter().enumerate() {
            let mut at = |signal: &str, site: &'static str, mhz: Option<f64>| {
                add(format!("eth{port}_{signal}"), Pin { site, io: self.ports_io }, mhz);
            };
            at("rx_clk", phy.rx_clk, Some(125.0));
            at("rx_ctl", phy.rx_ctl, None);
            phy.rxd.iter().enumerate().for_each(|(bit, site)| at(&format!("rxd[{bit}]"), site, None));
            at("tx_clk", phy.tx_clk, None);
            at("tx_ctl", phy.tx_ctl, None);
            phy.txd.iter().enumerate().for_each(|(bit, site)| at(&format!("txd[{bit}]"), site, None));
            if let Some(site) = phy.reset_n {
                at("rst_n", site, None);
            }
        }
        add("uart_rxd".to_owned(), self.uart.rxd, None);
        add("uart_txd".to_owned(), self.uart.txd, None);
        nets
    }

    pub(crate) fn listed(&self) -> Listed {
        Listed {
            name: self.name,
            family: "ecp5",
            open_flow: true,
            description: self.description,
            part: self.part,
            target: self.target,
            clock_mhz: self.clock_mhz,
            bus_bits: self.bus_bits,
            max_frame_bytes: self.max_frame_bytes,
            ports: "2 x 1 Gbit/s",
            folder: self.folder,
        }
    }
}
