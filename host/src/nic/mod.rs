// SPDX-License-Identifier: Apache-2.0
//! Driver for the NIC around the cores (`hdl/rtl/bpf_nic.sv`): rings of its DMA, program slots, counters. `docs/src/nic.md`, `docs/src/dma.md`.
//!
//! | module | what |
//! |---|---|
//! | [`memory`] | memory of the host that the DMA reaches; pages |
//! | `ring` | a queue's two rings: indices, phases, start, stop, recovery |
//! | `receive`, `transmit` | buffers and frames of a queue |
//! | [`slots`] | which program runs |
//! | [`counters`] | what gate, slots and DMA count |
//! | `device` | all of a NIC |
//!
//! A transport implements [`NicRegisters`] and [`HostMemory`]; both are handed to each call, so that whoever owns them may use them in between. Waiting is always bounded.
//! Memory of a card behind a PCIe bus (pages that stay, their bus addresses: VFIO) would be a third [`HostMemory`]; there is none yet.

pub mod counters;
mod device;
pub mod memory;
mod receive;
mod ring;
pub mod slots;
mod transmit;

pub use device::{Config, Nic, Settings};
pub use memory::{HostMemory, Region};
pub use receive::{How, Receive, Received};
pub use ring::{Counts, Stopped};
pub use transmit::{Sent, Transmit};

use crate::{RegisterError, Registers};

/// Access to all 32-bit registers of a NIC, by byte address.
pub trait NicRegisters {
    /// Reads the register at `address`, a multiple of 4.
    ///
    /// # Errors
    /// [`RegisterError`] if the transport failed or the NIC answered with an error.
    fn read(&mut self, address: u32) -> Result<u32, RegisterError>;

    /// Writes all four bytes of the register at `address`, a multiple of 4.
    ///
    /// # Errors
    /// As [`NicRegisters::read`].
    fn write(&mut self, address: u32, value: u32) -> Result<(), RegisterError>;
}

impl<B: NicRegisters + ?Sized> NicRegisters for &mut B {
    fn read(&mut self, address: u32) -> Result<u32, RegisterError> {
        (**self).read(address)
    }

    fn write(&mut self, address: u32, value: u32) -> Result<(), RegisterError> {
        (**self).write(address, value)
    }
}

/// 64 KiB of a NIC's registers, as a core has them.
#[derive(Debug)]
pub struct Window<B> {
    bus: B,
    base: u32,
}

impl<B: NicRegisters> Window<B> {
    /// What begins at `base`, a multiple of 64 KiB: [`slots::Slot::window`].
    #[must_use]
    pub fn new(bus: B, base: u32) -> Self {
        Self { bus, base }
    }
}

impl<B: NicRegisters> Registers for Window<B> {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        self.bus.read(self.base | u32::from(address))
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        self.bus.write(self.base | u32::from(address), value)
    }
}

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
