// SPDX-License-Identifier: Apache-2.0
//! A board's own registers, beside the core's: `boards/rtl/bpf_wire.sv`, docs/src/serial.md.

use crate::{HostError, Registers};
use bpf2hdl_interface::registers::BOARD;

/// What a port has counted, modulo 2^32.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Port {
    /// Frames received whole.
    pub rx_good: u32,
    /// Frames with a wrong checksum, an error of the PHY or a wrong length.
    pub rx_bad: u32,
    /// Good frames that found no room before the core.
    pub rx_lost: u32,
    /// Frames sent.
    pub tx_frames: u32,
    /// Frames that found no room before the port.
    pub tx_lost: u32,
    /// Bit 0: the link is up; bits 2:1: its speed; bit 3: full duplex.
    pub link: u32,
}

/// A board's counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// By port, from 0; programs know them as interfaces 1, 2, ..
    pub ports: Vec<Port>,
    /// Frames that were redirected to no port of the board.
    pub nowhere: u32,
}

impl Board {
    /// Whether there is a board of a known version behind these registers.
    ///
    /// # Errors
    /// [`HostError::Identity`] for a board of another version; a failed access.
    pub fn is_there(registers: &mut impl Registers) -> Result<bool, HostError> {
        if registers.read32(at("MAGIC", 0))? != BOARD.register("MAGIC").reset {
            return Ok(false);
        }
        let (found, known) = (registers.read32(at("VERSION", 0))?, BOARD.register("VERSION").reset);
        if found == known {
            return Ok(true);
        }
        Err(HostError::Identity(format!("the board has registers of version {found}, this driver knows {known}")))
    }

    /// Reads the counters of a board that [is there](Self::is_there).
    ///
    /// # Errors
    /// A failed access.
    pub fn read(registers: &mut impl Registers) -> Result<Self, HostError> {
        // As many as the registers have room for, whatever is read.
        let most = BOARD.register("RX_GOOD").count;
        let count = registers.read32(at("PORTS", 0))?.min(most);
        let mut board = Self { ports: Vec::new(), nowhere: registers.read32(at("NOWHERE", 0))? };
        for port in 0..count {
            let mut read = |name| registers.read32(at(name, port));
            board.ports.push(Port {
                rx_good: read("RX_GOOD")?,
                rx_bad: read("RX_BAD")?,
                rx_lost: read("RX_LOST")?,
                tx_frames: read("TX_FRAMES")?,
                tx_lost: read("TX_LOST")?,
                link: read("LINK")?,
            });
        }
        Ok(board)
    }
}

/// Address of a register, of a port where each has one.
fn at(name: &str, port: u32) -> u16 {
    let register = BOARD.register(name);
    u16::try_from(BOARD.base + register.offset + port * register.stride).unwrap_or(!3)
}
