// SPDX-License-Identifier: Apache-2.0
//! Shells for vendors' tools: what they are, for the list. Their wrappers are in their folders.

use super::Listed;

/// A shell around a core.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shell {
    /// Name.
    pub name: &'static str,
    /// One line.
    pub description: &'static str,
    /// Family of the FPGA: `xcup`, or `any`.
    pub family: &'static str,
    /// FPGA and board.
    pub part: &'static str,
    /// Clock at the core.
    pub clock_mhz: f64,
    /// Width of the bus at the core.
    pub bus_bits: u32,
    /// Network ports.
    pub ports: &'static str,
    /// Folder in the repository.
    pub folder: &'static str,
}

/// Every shell.
pub const SHELLS: &[Shell] = &[
    Shell {
        name: "corundum",
        description: "Corundum NIC, application block at the interface taps",
        family: "xcup",
        part: "XCU50 (Alveo U50)",
        clock_mhz: 250.0,
        bus_bits: 512,
        ports: "1 x 100 Gbit/s",
        folder: "boards/corundum",
    },
    Shell {
        name: "opennic",
        description: "OpenNIC shell, 250 MHz user box",
        family: "xcup",
        part: "XCU250 (Alveo U250)",
        clock_mhz: 250.0,
        bus_bits: 512,
        ports: "1 x 100 Gbit/s",
        folder: "boards/opennic",
    },
    Shell {
        name: "netfpga-plus",
        description: "NetFPGA-PLUS, in the place of the output port lookup",
        family: "xcup",
        part: "XCU280 (Alveo U280)",
        clock_mhz: 250.0,
        bus_bits: 512,
        ports: "2 x 100 Gbit/s",
        folder: "boards/netfpga-plus",
    },
    Shell {
        name: "litex",
        description: "LiteX module, beside LiteEth's MAC",
        family: "any",
        part: "what the LiteX design is for",
        clock_mhz: 125.0,
        bus_bits: 64,
        ports: "LiteEth's",
        folder: "boards/litex",
    },
];

impl Shell {
    pub(crate) fn listed(&self) -> Listed {
        Listed {
            name: self.name,
            family: self.family,
            open_flow: false,
            description: self.description,
            part: self.part,
            target: if self.family == "any" { "ecp5" } else { self.family },
            clock_mhz: self.clock_mhz,
            bus_bits: self.bus_bits,
            max_frame_bytes: 9216,
            ports: self.ports,
            folder: self.folder,
        }
    }
}
