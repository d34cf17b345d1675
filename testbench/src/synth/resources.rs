// SPDX-License-Identifier: Apache-2.0
//! Cell types to resources.
//!
//! Each LUT1 to LUT6 and each inverter counts as one table, although two small ones can share a place; so a count here is
//! an upper bound of what a vendor's tool packs them into. Memories and shift registers made of tables are counted by the
//! tables that they occupy, apart from logic.

use super::Cells;

/// Families with an open mapping in yosys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// AMD UltraScale+.
    UltraScalePlus,
    /// AMD 7 series.
    Series7,
    /// Lattice ECP5.
    Ecp5,
}

impl Family {
    /// The family of a compiler target's name: `xcup`, `xc7`, `ecp5`.
    #[must_use]
    pub fn of_target(name: &str) -> Option<Self> {
        match name {
            "xcup" => Some(Self::UltraScalePlus),
            "xc7" => Some(Self::Series7),
            "ecp5" | "ecp5-45f" | "ecp5-25f" => Some(Self::Ecp5),
            _ => None,
        }
    }

    /// The command of yosys that flattens and maps module `top`: without pads and clock buffers, as the core sits inside
    /// a larger design.
    pub(super) fn flow(self, top: &str, ultra_ram: bool) -> String {
        let uram = if ultra_ram { " -uram" } else { "" };
        match self {
            Self::UltraScalePlus => {
                format!("synth_xilinx -family xcup -noiopad -noclkbuf -flatten{uram} -top {top}")
            }
            Self::Series7 => format!("synth_xilinx -family xc7 -noiopad -noclkbuf -flatten -top {top}"),
            Self::Ecp5 => format!("synth_ecp5 -top {top}"),
        }
    }
}

/// What a netlist takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resources {
    /// Tables used as logic.
    pub lut: u64,
    /// Tables used as shift registers.
    pub srl: u64,
    /// Tables used as memory.
    pub lut_ram: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Block RAMs in halves: a RAMB36 is two, a RAMB18 one. ECP5: a DP16KD is one.
    pub bram18: u64,
    /// UltraRAMs.
    pub uram: u64,
    /// Multipliers.
    pub dsp: u64,
    /// Carry chains in pieces of eight bits (CARRY8; yosys maps CARRY4, two of which make one). ECP5 has none apart from tables.
    pub carry8: u64,
    /// Multiplexers between tables (MUXF7, MUXF8, MUXF9; PFUMX, L6MUX21), which take no table.
    pub wide_mux: u64,
}

impl Resources {
    /// Sorts the cells.
    ///
    /// # Errors
    /// A sentence naming a cell type that is not known: nothing is left uncounted silently.
    pub fn count(cells: &Cells) -> Result<Self, String> {
        let mut found = Self::default();
        let mut carry4 = 0;
        for (name, &count) in &cells.0 {
            match name.as_str() {
                "LUT1" | "LUT2" | "LUT3" | "LUT4" | "LUT5" | "LUT6" | "INV" => found.lut += count,
                "CCU2C" => found.lut += 2 * count,
                "SRL16E" | "SRLC16E" | "SRLC32E" => found.srl += count,
                "RAM32X1S" | "RAM64X1S" => found.lut_ram += count,
                "RAM32X1D" | "RAM64X1D" | "RAM128X1S" | "DPR16X4C" | "TRELLIS_DPR16X4" => found.lut_ram += 2 * count,
                "RAM32M" | "RAM64M" | "RAM128X1D" | "RAM256X1S" => found.lut_ram += 4 * count,
                "RAM32M16" | "RAM64M8" | "RAM256X1D" | "RAM512X1S" | "RAM64X8SW" => found.lut_ram += 8 * count,
                "RAMB18E1" | "RAMB18E2" | "DP16KD" | "PDPW16KD" => found.bram18 += count,
                "RAMB36E1" | "RAMB36E2" => found.bram18 += 2 * count,
                "URAM288" | "URAM288_BASE" => found.uram += count,
                "CARRY4" => carry4 += count,
                "CARRY8" => found.carry8 += count,
                "MUXF5" | "MUXF6" | "MUXF7" | "MUXF8" | "MUXF9" | "PFUMX" | "L6MUX21" => found.wide_mux += count,
                "TRELLIS_FF" => found.ff += count,
                _ if name.starts_with("FD") || name.starts_with("LD") => found.ff += count,
                _ if name.starts_with("DSP") || name.starts_with("MULT") || name == "ALU54B" => found.dsp += count,
                "GND" | "VCC" | "BUF" => {}
                _ => return Err(format!("{count} cells of type {name}, which the count of resources does not know")),
            }
        }
        found.carry8 += carry4_to_carry8(carry4);
        Ok(found)
    }

    /// Block RAMs of 36 Kbit.
    #[must_use]
    pub fn bram36(&self) -> f64 {
        self.bram18 as f64 / 2.0
    }

    /// Tables in all: logic, shift registers and memory.
    #[must_use]
    pub fn lut_sites(&self) -> u64 {
        self.lut + self.srl + self.lut_ram
    }
}

fn carry4_to_carry8(carry4: u64) -> u64 {
    carry4.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn cells(list: &[(&str, u64)]) -> Cells {
        Cells(list.iter().map(|&(name, count)| (name.to_owned(), count)).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn each_kind_is_counted_once() {
        let list = [("LUT2", 4), ("INV", 1), ("SRL16E", 3), ("RAM32M16", 2), ("FDRE", 9), ("FDSE", 1), ("CARRY4", 3)];
        let found = Resources::count(&cells(&list)).unwrap();
        let wanted = Resources { lut: 5, srl: 3, lut_ram: 16, ff: 10, carry8: 2, ..Resources::default() };
        assert_eq!(found, wanted);
        assert_eq!(found.lut_sites(), 24);
    }

    #[test]
    fn memories_are_counted_in_halves() {
        let found = Resources::count(&cells(&[("RAMB18E2", 3), ("RAMB36E2", 2), ("URAM288", 5)])).unwrap();
        assert!((found.bram36() - 3.5).abs() < 1e-9);
        assert_eq!(found.uram, 5);
    }

    #[test]
    fn an_unknown_cell_is_named() {
        assert!(Resources::count(&cells(&[("PS8", 1)])).unwrap_err().contains("PS8"));
    }
}
