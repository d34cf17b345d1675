// SPDX-License-Identifier: Apache-2.0
//! Boards and shells as data.
//!
//! A board with an open flow is one constant in a file of its own: part, clocks, pins, I/O standards, how the PHYs are wired. From it come the
//! constraints and the top module. [`Board::check`] is evaluated while this crate is compiled: a pin that the package does not have, one that is used twice, a
//! clock on a pin that reaches no clock net, or two supplies in one bank is an error of the build, not of place and route.
//!
//! | file | what |
//! |---|---|
//! | `board` | what a board is |
//! | `check` | what is wrong with one, at compile time |
//! | `package` | the balls of packages |
//! | `colorlight_5a_75b`, `versa_ecp5` | the boards |
//! | `host` | how its registers are reached |
//! | `constraints` | LPF and XDC |
//! | `top` | the top module, and the sources under it |
//! | `shells` | shells for vendors' tools, which are only listed here |
#![forbid(unsafe_code)]

mod board;
mod check;
mod colorlight_5a_75b;
mod constraints;
mod host;
mod package;
mod shells;
mod top;
mod versa_ecp5;

pub use board::{Board, Clock, Device, Io, Net, Pin, Pll, Rgmii, Uart};
pub use constraints::{lpf, xdc};
pub use host::{Host, Mac, unicast};
pub use package::{Bank, Package};
pub use shells::{SHELLS, Shell};
pub use top::{SOURCES, Source, top};

use serde::Serialize;

/// Boards that open tools build for.
pub const BOARDS: &[Board] = &[colorlight_5a_75b::V8_0, colorlight_5a_75b::V7_0, versa_ecp5::VERSA_ECP5];

/// A line of the list of all boards and shells.
#[derive(Serialize, Clone, PartialEq, Debug)]
pub struct Listed {
    /// Name for `--board`.
    pub name: &'static str,
    /// `ecp5`, `xcup`, or `any`.
    pub family: &'static str,
    /// Whether `bpf2hdl synth` makes a bitstream with open tools.
    pub open_flow: bool,
    /// What it is.
    pub description: &'static str,
    /// The FPGA; several where a shell runs on several.
    pub part: &'static str,
    /// Target of the compiler.
    pub target: &'static str,
    /// Clock of the core.
    pub clock_mhz: f64,
    /// Width of the packet bus.
    pub bus_bits: u32,
    /// Longest frame, bytes without FCS.
    pub max_frame_bytes: u32,
    /// Network ports and their rate.
    pub ports: &'static str,
    /// Folder in the repository.
    pub folder: &'static str,
}

/// Boards first, then shells.
#[must_use]
pub fn list() -> Vec<Listed> {
    BOARDS.iter().map(Board::listed).chain(SHELLS.iter().map(Shell::listed)).collect()
}

/// The board with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Board> {
    BOARDS.iter().find(|board| board.name == name || board.alias == Some(name))
}
