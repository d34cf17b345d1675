// SPDX-License-Identifier: Apache-2.0
//! A transmit queue: frames to the port.

use super::NicRegisters;
use super::memory::HostMemory;
use super::ring::{Counts, Ring, Stopped};
use crate::HostError;

/// What became of frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Read from memory, and on their way to the port.
    pub sent: u64,
    /// Not sent because of an error, or because the queue was reset before.
    pub lost: u64,
}

/// A transmit queue.
#[derive(Debug)]
pub struct Transmit {
    pub(super) ring: Ring,
    total: Sent,
}

impl Transmit {
    pub(super) fn new(ring: Ring) -> Self {
        Self { ring, total: Sent::default() }
    }

    /// Copies a frame into a buffer and posts it; `false` if all buffers are under way. The DMA sees it after [`Transmit::tell`].
    ///
    /// # Errors
    /// [`HostError::Queue`] for a frame without a byte, or one that no buffer has room for; of memory.
    pub fn send(&mut self, frame: &[u8], memory: &mut impl HostMemory) -> Result<bool, HostError> {
        let most = self.ring.buffer_bytes();
        let length = u16::try_from(frame.len()).ok().filter(|length| *length > 0 && usize::from(*length) <= most);
        let Some(length) = length else {
            return Err(HostError::Queue(format!("a frame of {} bytes; 1 to {most} are possible", frame.len())));
        };
        let Some(buffer) = self.ring.take() else { return Ok(false) };
        memory.write(self.ring.buffer_address(buffer), frame)?;
        self.ring.post(buffer, length, 0, memory)?;
        Ok(true)
    }

    /// Tells the DMA of the frames.
    ///
    /// # Errors
    /// Of registers.
    pub fn tell(&mut self, bus: &mut impl NicRegisters, memory: &impl HostMemory) -> Result<(), HostError> {
        self.ring.tell(bus, memory)
    }

    /// Takes completions: their buffers are free again. Returns how many there were.
    ///
    /// # Errors
    /// Of memory.
    pub fn reap(&mut self, memory: &impl HostMemory) -> Result<usize, HostError> {
        let mut count = 0;
        while let Some((completion, buffer)) = self.ring.reap(memory)? {
            let total = if completion.error() { &mut self.total.lost } else { &mut self.total.sent };
            *total += 1;
            self.ring.give_back(buffer);
            count += 1;
        }
        Ok(count)
    }

    /// What became of all frames so far; those under way are in neither number.
    #[must_use]
    pub fn total(&self) -> Sent {
        self.total
    }

    /// Where the buffers are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.ring.counts()
    }

    /// Its bit of IRQ_PENDING.
    #[must_use]
    pub fn interrupt(&self) -> u32 {
        self.ring.interrupt()
    }

    /// Whether an error has stopped it.
    ///
    /// # Errors
    /// A failed access.
    pub fn stopped(&self, bus: &mut impl NicRegisters) -> Result<Option<Stopped>, HostError> {
        self.ring.stopped(bus)
    }

    /// Starts it again. Frames that the DMA had not read count as lost.
    ///
    /// # Errors
    /// [`HostError::TimeOut`] if it does not become idle; of registers and memory.
    pub fn recover(&mut self, bus: &mut impl NicRegisters, memory: &mut impl HostMemory) -> Result<(), HostError> {
        self.ring.stop(bus)?;
        self.reap(memory)?;
        self.total.lost += self.counts().posted as u64;
        self.ring.restart(bus, memory)
    }
}
