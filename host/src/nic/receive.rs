// SPDX-License-Identifier: Apache-2.0
//! A receive queue: empty buffers to the DMA, frames and records from it.

use super::NicRegisters;
use super::memory::HostMemory;
use super::ring::{Completion, Counts, Ring, Stopped};
use crate::HostError;

/// How a frame came to its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The program passed it, or the policy did.
    Pass,
    /// It is no frame but a record: an event, or a copy of the tap.
    Record,
    /// A redirect to a CPU.
    Cpu,
    /// A redirect to an AF_XDP socket.
    Socket,
}

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// How.
    pub how: How,
    /// The program's metadata before the frame.
    pub metadata: &'a [u8],
    /// The frame, or the record.
    pub bytes: &'a [u8],
    /// The program changed it.
    pub modified: bool,
    /// It did not fit its buffer: the rest is gone.
    pub cut: bool,
    /// `ingress_ifindex` and `rx_queue_index`.
    pub source: (u16, u16),
}

/// A receive queue.
#[derive(Debug)]
pub struct Receive {
    pub(super) ring: Ring,
    scratch: Vec<u8>,
    /// Completions with an error so far.
    errors: u64,
}

impl Receive {
    pub(super) fn new(ring: Ring) -> Self {
        Self { scratch: vec![0; ring.buffer_bytes()], ring, errors: 0 }
    }

    /// Posts all buffers that the host has, and returns how many.
    ///
    /// # Errors
    /// Of registers and memory.
    pub fn fill(&mut self, bus: &mut impl NicRegisters, memory: &mut impl HostMemory) -> Result<usize, HostError> {
        let bytes = u16::try_from(self.ring.buffer_bytes()).unwrap_or(u16::MAX);
        let mut count = 0;
        while let Some(buffer) = self.ring.take() {
            self.ring.post(buffer, bytes, 0, memory)?;
            count += 1;
        }
        self.ring.tell(bus, memory)?;
        Ok(count)
    }

    /// Takes what has come, in order, and gives the buffers back to the DMA. Returns how many completions there were.
    ///
    /// # Errors
    /// Of registers and memory.
    pub fn poll(
        &mut self,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
        each: &mut dyn FnMut(Received<'_>),
    ) -> Result<usize, HostError> {
        let count = self.take(memory, each)?;
        if count > 0 {
            self.fill(bus, memory)?;
        }
        Ok(count)
    }

    /// As [`Receive::poll`], but the buffers stay the host's until [`Receive::fill`].
    ///
    /// # Errors
    /// Of memory.
    pub fn take(
        &mut self,
        memory: &mut impl HostMemory,
        each: &mut dyn FnMut(Received<'_>),
    ) -> Result<usize, HostError> {
        let mut count = 0;
        while let Some((completion, buffer)) = self.ring.reap(memory)? {
            count += 1;
            if completion.error() {
                self.errors += 1;
            } else {
                let length = completion.bytes().min(self.scratch.len());
                memory.read(self.ring.buffer_address(buffer), &mut self.scratch[..length])?;
                each(received(completion, &self.scratch[..length]));
            }
            self.ring.give_back(buffer);
        }
        Ok(count)
    }

    /// Where the buffers are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.ring.counts()
    }

    /// Completions with an error so far.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors
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

    /// Starts it again, after an error or to begin anew: what has come is taken, then all buffers are posted.
    ///
    /// # Errors
    /// [`HostError::TimeOut`] if it does not become idle; of registers and memory.
    pub fn recover(
        &mut self,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
        each: &mut dyn FnMut(Received<'_>),
    ) -> Result<(), HostError> {
        self.ring.stop(bus)?;
        self.take(memory, each)?;
        self.ring.restart(bus, memory)?;
        self.fill(bus, memory).map(drop)
    }

    /// Posts a free buffer under an address and a size of one's own: what a driver that errs would do. For tests of errors; `false` without a free buffer.
    ///
    /// # Errors
    /// Of registers and memory.
    pub fn post_wrong(
        &mut self,
        address: u64,
        bytes: u16,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
    ) -> Result<bool, HostError> {
        let Some(buffer) = self.ring.take() else { return Ok(false) };
        let mut descriptor = [0; 16];
        descriptor[..8].copy_from_slice(&address.to_le_bytes());
        descriptor[8..10].copy_from_slice(&bytes.to_le_bytes());
        self.ring.write_descriptor(buffer, &descriptor, memory)?;
        self.ring.tell(bus, memory)?;
        Ok(true)
    }
}

fn received(completion: Completion, bytes: &[u8]) -> Received<'_> {
    let (metadata, frame) = bytes.split_at_checked(completion.metadata()).unwrap_or((&[], bytes));
    let how = [How::Pass, How::Record, How::Cpu, How::Socket][usize::from(completion.how())];
    Received {
        how,
        metadata,
        bytes: frame,
        modified: completion.modified(),
        cut: completion.cut(),
        source: completion.source(),
    }
}
