// SPDX-License-Identifier: Apache-2.0
//! Devices to compare a design with.

use super::Resources;

/// What a device holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Look-up tables.
    pub lut: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Block RAMs of 36 Kbit.
    pub bram36: u64,
    /// UltraRAMs of 288 Kbit.
    pub uram: u64,
    /// Multipliers.
    pub dsp: u64,
}

/// AMD Alveo U50 (data sheet DS965: XCU50, 872 K LUTs, 1,743 K registers, 1,344 block RAMs, 640 UltraRAMs, 5,952 DSP slices).
pub const ALVEO_U50: Part =
    Part { name: "Alveo U50", lut: 872_000, ff: 1_743_000, bram36: 1_344, uram: 640, dsp: 5_952 };

impl Part {
    /// The share of the device's look-up tables that a design takes, in percent, memories and delay lines in tables included.
    #[must_use]
    pub fn lut_percent(&self, resources: &Resources) -> f64 {
        percent(resources.lut_sites() as f64, self.lut)
    }

    /// The share of each resource that the design takes, in percent, with its name.
    #[must_use]
    pub fn shares(&self, resources: &Resources) -> [(&'static str, f64); 5] {
        [
            ("LUT", self.lut_percent(resources)),
            ("FF", percent(resources.ff as f64, self.ff)),
            ("BRAM", percent(resources.bram36(), self.bram36)),
            ("URAM", percent(resources.uram as f64, self.uram)),
            ("DSP", percent(resources.dsp as f64, self.dsp)),
        ]
    }

    /// The scarcest resource: its name and the share that the design takes, in percent.
    #[must_use]
    pub fn fullest(&self, resources: &Resources) -> (&'static str, f64) {
        self.shares(resources).into_iter().fold(("LUT", 0.0), |best, next| if next.1 > best.1 { next } else { best })
    }
}

fn percent(used: f64, there: u64) -> f64 {
    100.0 * used / there as f64
}
