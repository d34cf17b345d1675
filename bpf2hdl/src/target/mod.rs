// SPDX-License-Identifier: Apache-2.0
//! Targets: FPGA families as data. A target is a delay table and a few numbers; no code depends on which one it is.

mod delay;
mod table;

pub use delay::{Delays, Logic};
pub use table::{JUMBO, TARGETS, find};

/// An FPGA family.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Target {
    /// Name on the command line.
    pub name: &'static str,
    /// Vendor and family.
    pub description: &'static str,
    /// Clock to build for unless told otherwise, MHz.
    pub default_clock_mhz: f64,
    /// Longest frame that the memories around the pipeline are built for, bytes without FCS. Jumbo frames need block RAM that small
    /// devices do not have.
    pub max_frame_bytes: u32,
    /// Delays of logic.
    pub delays: Delays,
    /// Where the delays come from: measured, or estimated and how.
    pub provenance: &'static str,
}
