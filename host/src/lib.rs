// SPDX-License-Identifier: Apache-2.0
//! Driver for a `bpf_core`, whatever carries its registers: a simulated model, a PCIe BAR, a serial line.
//!
//! A transport implements [`Registers`]; [`Device`] does the rest: identification against the manifest, counters,
//! the lossless switch, and map contents through the data window. Waiting is always bounded, nothing can hang.
#![forbid(unsafe_code)]

pub mod board;
mod device;
pub mod engine;
pub mod entries;
mod error;
pub mod events;
mod hash;
pub mod lpm;
mod maps;
pub mod nic;
pub mod pcapng;
mod queue;
pub mod tap;
mod trie;

pub use device::{Counters, Device, Identity};
pub use error::{HostError, RegisterError};

/// Access to the 32-bit registers of one core, by byte offset (see [`bpf2hdl_interface::registers`]).
pub trait Registers {
    /// Reads the register at `address`, a multiple of 4.
    ///
    /// # Errors
    /// [`RegisterError`] if the transport failed or the core answered with an error.
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError>;

    /// Writes all four bytes of the register at `address`, a multiple of 4.
    ///
    /// # Errors
    /// [`RegisterError`] if the transport failed or the core answered with an error.
    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError>;
}

impl<R: Registers + ?Sized> Registers for &mut R {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        (**self).read32(address)
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        (**self).write32(address, value)
    }
}

#[cfg(test)]
mod mock;
#[cfg(test)]
mod mock_trie;
#[cfg(test)]
mod tests;
