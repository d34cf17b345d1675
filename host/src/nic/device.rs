// SPDX-License-Identifier: Apache-2.0
//! All of a NIC: who it is, its queues and their memory.

use super::NicRegisters;
use super::memory::HostMemory;
use super::receive::Receive;
use super::ring::{Counts, Ring};
use super::transmit::Transmit;
use crate::HostError;
use bpf2hdl_interface::registers::{Block, DMA, DMA_WINDOW, NIC, SLOTS};

/// What a NIC was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Receive queues for frames; then one for events, then one for copies of the tap.
    pub data_queues: u32,
    /// Transmit queues.
    pub tx_queues: u32,
    /// Width of streams and memory bus.
    pub bus_bits: u32,
}

/// How queues are set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// log2 of the places of each ring, 4 to 15.
    pub log2: u32,
    /// Bytes of each buffer, at most 65,535.
    pub buffer_bytes: usize,
    /// Whether frames wait for buffers, else they are dropped.
    pub wait: bool,
    /// Clocks that a completion may wait for others.
    pub completion_delay: u16,
}

/// The driver's state of a NIC. Registers and memory come with each call.
#[derive(Debug)]
pub struct Nic {
    config: Config,
    /// Receive queues: frames, then events, then the tap.
    pub receive: Vec<Receive>,
    /// Transmit queues.
    pub transmit: Vec<Transmit>,
}

impl Nic {
    /// Checks who is there, and starts all queues.
    ///
    /// # Errors
    /// [`HostError::Identity`] for another device or version, [`HostError::Memory`] without room for the rings; of registers.
    pub fn open(
        settings: Settings,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
    ) -> Result<Self, HostError> {
        let config = identify(bus)?;
        let Settings { log2, buffer_bytes, completion_delay, .. } = settings;
        if !(4..=15).contains(&log2) || !(1..=65_535).contains(&buffer_bytes) {
            return Err(HostError::Queue(format!("no ring has 2^{log2} places, or no buffer {buffer_bytes} bytes")));
        }
        let mut nic = Self { config, receive: Vec::new(), transmit: Vec::new() };
        bus.write(DMA_WINDOW + DMA.address("COMPLETION_DELAY"), completion_delay.into())?;
        match nic.start(settings, bus, memory) {
            Ok(()) => Ok(nic),
            Err(error) => {
                // What has started is stopped where that is still possible; the error is the first one.
                let _ = nic.close(bus, memory);
                Err(error)
            }
        }
    }

    fn start(
        &mut self,
        settings: Settings,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
    ) -> Result<(), HostError> {
        let Settings { log2, buffer_bytes, wait, .. } = settings;
        for number in 0..self.config.data_queues + 2 {
            let ring = Ring::new(true, number, log2, buffer_bytes, memory)?;
            self.receive.push(Receive::new(ring));
        }
        for number in 0..self.config.tx_queues {
            self.transmit.push(Transmit::new(Ring::new(false, number, log2, buffer_bytes, memory)?));
        }
        for queue in &mut self.receive {
            queue.ring.start(wait, bus, memory)?;
            queue.fill(bus, memory)?;
        }
        for queue in &mut self.transmit {
            queue.ring.start(wait, bus, memory)?;
        }
        Ok(())
    }

    /// What the NIC was built with.
    #[must_use]
    pub fn config(&self) -> Config {
        self.config
    }

    /// The number of the receive queue that events come by; that of the tap is behind it.
    #[must_use]
    pub fn event_queue(&self) -> usize {
        self.config.data_queues as usize
    }

    /// Interrupts of a queue after so many completions, or so many times 64 clocks; of all, and all enabled. A queue that stops has one at once.
    ///
    /// # Errors
    /// A failed access.
    pub fn interrupts(&self, count: u16, time: u16, bus: &mut impl NicRegisters) -> Result<(), HostError> {
        let rings = self.receive.iter().map(|queue| &queue.ring);
        let rings: Vec<&Ring> = rings.chain(self.transmit.iter().map(|queue| &queue.ring)).collect();
        let mut bits = 0;
        for ring in rings {
            ring.moderate(count, time, bus)?;
            bits |= ring.interrupt();
        }
        Ok(bus.write(DMA_WINDOW + DMA.address("IRQ_ENABLE"), bits)?)
    }

    /// Queues with an interrupt, as bits of IRQ_PENDING; it is cleared.
    ///
    /// # Errors
    /// A failed access.
    pub fn take_pending(&self, bus: &mut impl NicRegisters) -> Result<u32, HostError> {
        let address = DMA_WINDOW + DMA.address("IRQ_PENDING");
        let pending = bus.read(address)?;
        if pending != 0 {
            bus.write(address, pending)?;
        }
        Ok(pending)
    }

    /// Where the buffers of all queues are: receive queues, then transmit queues.
    #[must_use]
    pub fn counts(&self) -> Vec<Counts> {
        let receive = self.receive.iter().map(Receive::counts);
        receive.chain(self.transmit.iter().map(Transmit::counts)).collect()
    }

    /// Stops all queues and gives their memory back.
    ///
    /// # Errors
    /// [`HostError::TimeOut`] if a queue does not become idle: then the memory stays taken, since the DMA may still use it. Of registers.
    pub fn close(self, bus: &mut impl NicRegisters, memory: &mut impl HostMemory) -> Result<(), HostError> {
        let receive = self.receive.into_iter().map(|queue| queue.ring);
        let transmit = self.transmit.into_iter().map(|queue| queue.ring);
        for mut ring in receive.chain(transmit) {
            ring.stop(bus)?;
            ring.release(memory);
        }
        Ok(())
    }

    /// Gives the memory back without a word to the NIC: one that has been reset, or is gone.
    pub fn abandon(self, memory: &mut impl HostMemory) {
        let receive = self.receive.into_iter().map(|queue| queue.ring);
        receive.chain(self.transmit.into_iter().map(|queue| queue.ring)).for_each(|ring| ring.release(memory));
    }
}

/// Whether NIC, slots and DMA are there, in the versions that this driver knows.
fn identify(bus: &mut impl NicRegisters) -> Result<Config, HostError> {
    let blocks: [(&Block, u32); 3] = [(&NIC, 0), (&SLOTS, 0), (&DMA, DMA_WINDOW)];
    for (block, base) in blocks {
        for name in ["MAGIC", "VERSION"] {
            let (found, known) = (bus.read(base + block.address(name))?, block.register(name).reset);
            if found != known {
                let text = format!("{name} of {} is {found:#x}, this driver knows {known:#x}", block.about);
                return Err(HostError::Identity(text));
            }
        }
    }
    let word = bus.read(NIC.address("CONFIG"))?;
    let field = |name| (word & NIC.mask("CONFIG", name)) >> NIC.shift("CONFIG", name);
    Ok(Config { data_queues: field("data_queues"), tx_queues: field("tx_queues"), bus_bits: field("bus_bits") })
}
