// SPDX-License-Identifier: Apache-2.0
//! The two rings of a queue: descriptors from the host, completions from the DMA. Formats and rules: `docs/src/dma.md`.
//!
//! `posted` and `reaped` count descriptors and completions modulo 65,536, as PRODUCER does; descriptor and completion i are at i modulo the ring. The
//! completion that is next has phase 1 in even laps. Each descriptor names one of as many buffers as the ring has places; a buffer is free, or
//! posted, and never both: `free + posted == descriptors` at any time.

use super::NicRegisters;
use super::memory::{HostMemory, Region};
use crate::HostError;
use bpf2hdl_interface::registers::{DMA, DMA_QUEUE, DMA_WINDOW};

/// Bytes of a descriptor, of a completion.
const DESCRIPTOR: usize = 16;
const COMPLETION: usize = 8;
/// How often STATUS is read before a queue counts as one that does not become idle.
const POLLS: u32 = 100_000;

const CONTROL: u32 = DMA_QUEUE.address("CONTROL");
const ENABLE: u32 = DMA_QUEUE.mask("CONTROL", "enable");
const WAIT: u32 = DMA_QUEUE.mask("CONTROL", "wait");
const SIZE: u32 = DMA_QUEUE.shift("CONTROL", "size");
const STATUS: u32 = DMA_QUEUE.address("STATUS");
const RUNNING: u32 = DMA_QUEUE.mask("STATUS", "running");
const IDLE: u32 = DMA_QUEUE.mask("STATUS", "idle");
const ERRORS: [(&str, u32); 5] = [
    ("bus error on a descriptor", DMA_QUEUE.mask("STATUS", "descriptor_error")),
    ("bus error on data", DMA_QUEUE.mask("STATUS", "data_error")),
    ("bus error on a completion", DMA_QUEUE.mask("STATUS", "completion_error")),
    ("bad descriptor", DMA_QUEUE.mask("STATUS", "bad_descriptor")),
    ("bad PRODUCER", DMA_QUEUE.mask("STATUS", "bad_producer")),
];

/// A word of a completion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Completion(pub(super) u64);

impl Completion {
    fn phase(self) -> bool {
        self.0 >> 31 & 1 != 0
    }

    /// Bytes 15:0.
    pub(super) fn bytes(self) -> usize {
        (self.0 & 0xffff) as usize
    }

    pub(super) fn modified(self) -> bool {
        self.0 >> 16 & 1 != 0
    }

    pub(super) fn metadata(self) -> usize {
        (self.0 >> 17 & 0xff) as usize
    }

    pub(super) fn cut(self) -> bool {
        self.0 >> 25 & 1 != 0
    }

    pub(super) fn error(self) -> bool {
        self.0 >> 26 & 1 != 0
    }

    pub(super) fn how(self) -> u8 {
        (self.0 >> 27 & 3) as u8
    }

    /// `ingress_ifindex` and `rx_queue_index`.
    pub(super) fn source(self) -> (u16, u16) {
        ((self.0 >> 32 & 0xffff) as u16, (self.0 >> 48) as u16)
    }
}

/// Where the descriptors of a queue are. `free + posted` is always all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Places of the ring, and buffers.
    pub descriptors: usize,
    /// Buffers that the DMA has.
    pub posted: usize,
    /// Buffers that the host has.
    pub free: usize,
}

/// Why a queue has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped(
    /// The error bits of its STATUS, in words.
    pub Vec<&'static str>,
);

/// One queue.
#[derive(Debug)]
pub(super) struct Ring {
    /// Address of its page.
    page: u32,
    /// Its bit in IRQ_PENDING and IRQ_ENABLE.
    bit: u32,
    log2: u32,
    wait: bool,
    /// Descriptors, then completions, then buffers.
    memory: Region,
    buffer_bytes: usize,
    posted: u16,
    reaped: u16,
    /// By place of the ring: its buffer.
    holds: Vec<u32>,
    free: Vec<u32>,
    /// PRODUCER says less than `posted`.
    untold: bool,
}

impl Ring {
    /// Memory for a queue of 2^`log2` places; `receives`: from a port, else to one.
    pub(super) fn new(
        receives: bool,
        number: u32,
        log2: u32,
        buffer_bytes: usize,
        memory: &mut impl HostMemory,
    ) -> Result<Self, HostError> {
        let places = 1usize << log2;
        let memory = memory.allocate((DESCRIPTOR + COMPLETION + buffer_bytes) * places)?;
        let (pages, half) = if receives { ("RX_QUEUES", "rx") } else { ("TX_QUEUES", "tx") };
        Ok(Self {
            page: DMA_WINDOW + DMA.address(pages) + DMA_QUEUE.bytes * number,
            bit: 1 << (DMA.shift("IRQ_ENABLE", half) + number),
            log2,
            wait: false,
            memory,
            buffer_bytes,
            posted: 0,
            reaped: 0,
            holds: vec![0; places],
            free: Vec::new(),
            untold: false,
        })
    }

    /// Gives the memory back.
    pub(super) fn release(self, memory: &mut impl HostMemory) {
        memory.free(self.memory);
    }

    pub(super) fn counts(&self) -> Counts {
        let posted = usize::from(self.posted.wrapping_sub(self.reaped));
        Counts { descriptors: 1 << self.log2, posted, free: self.free.len() }
    }

    pub(super) fn buffer_bytes(&self) -> usize {
        self.buffer_bytes
    }

    pub(super) fn interrupt(&self) -> u32 {
        self.bit
    }

    fn place(&self, index: u16) -> usize {
        usize::from(index) & ((1 << self.log2) - 1)
    }

    /// A page begins here: 256 bytes are more aligned than the DMA asks for.
    fn descriptors(&self) -> u64 {
        self.memory.address
    }

    /// 16 places and more: a multiple of 256 bytes behind the descriptors.
    fn completions(&self) -> u64 {
        self.descriptors() + (DESCRIPTOR << self.log2) as u64
    }

    pub(super) fn buffer_address(&self, buffer: u32) -> u64 {
        self.completions() + (COMPLETION << self.log2) as u64 + u64::from(buffer) * self.buffer_bytes as u64
    }

    /// Starts the queue: all buffers are free. It is idle: after reset, or after [`Ring::stop`].
    pub(super) fn start(
        &mut self,
        wait: bool,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
    ) -> Result<(), HostError> {
        self.wait = wait;
        (self.posted, self.reaped, self.untold) = (0, 0, false);
        // The highest last, so that the lowest is the first one that is taken.
        self.free = (0..1u32 << self.log2).rev().collect();
        memory.write(self.completions(), &vec![0; COMPLETION << self.log2])?;
        memory.order();
        let halves = |address: u64| [(address & 0xffff_ffff) as u32, (address >> 32) as u32];
        for (name, address) in [("RING", self.descriptors()), ("COMPLETIONS", self.completions())] {
            for (word, offset) in halves(address).into_iter().zip([0, 4]) {
                bus.write(self.page + DMA_QUEUE.address(name) + offset, word)?;
            }
        }
        let wait = if wait { WAIT } else { 0 };
        bus.write(self.page + CONTROL, self.log2 << SIZE | wait | ENABLE)?;
        if bus.read(self.page + STATUS)? & RUNNING == 0 {
            return Err(HostError::Queue(format!("the queue at {:#x} does not start", self.page)));
        }
        Ok(())
    }

    /// After how many completions, and after how many times 64 clocks, there is an interrupt.
    pub(super) fn moderate(&self, count: u16, time: u16, bus: &mut impl NicRegisters) -> Result<(), HostError> {
        let value = u32::from(count) << DMA_QUEUE.shift("IRQ", "count") | u32::from(time);
        Ok(bus.write(self.page + DMA_QUEUE.address("IRQ"), value)?)
    }

    /// Stops the queue, and waits until nothing of it is under way: then all buffers are the host's. Completions that are due are there, and
    /// are to be looked at before the next start.
    pub(super) fn stop(&mut self, bus: &mut impl NicRegisters) -> Result<(), HostError> {
        bus.write(self.page + CONTROL, 0)?;
        for _ in 0..POLLS {
            if bus.read(self.page + STATUS)? & IDLE != 0 {
                return Ok(());
            }
        }
        Err(HostError::TimeOut(format!("the queue at {:#x} is not idle after {POLLS} polls", self.page)))
    }

    pub(super) fn restart(
        &mut self,
        bus: &mut impl NicRegisters,
        memory: &mut impl HostMemory,
    ) -> Result<(), HostError> {
        self.start(self.wait, bus, memory)
    }

    /// Whether an error has stopped it.
    pub(super) fn stopped(&self, bus: &mut impl NicRegisters) -> Result<Option<Stopped>, HostError> {
        let status = bus.read(self.page + STATUS)?;
        let errors: Vec<_> = ERRORS.iter().filter(|(_, bit)| status & bit != 0).map(|(what, _)| *what).collect();
        Ok((!errors.is_empty()).then_some(Stopped(errors)))
    }

    /// A buffer of the host's, to be posted or given back.
    pub(super) fn take(&mut self) -> Option<u32> {
        self.free.pop()
    }

    /// Writes the next descriptor: `bytes` of this buffer. The DMA sees it after [`Ring::tell`].
    pub(super) fn post(
        &mut self,
        buffer: u32,
        bytes: u16,
        user: u32,
        memory: &mut impl HostMemory,
    ) -> Result<(), HostError> {
        let mut descriptor = [0; DESCRIPTOR];
        descriptor[..8].copy_from_slice(&self.buffer_address(buffer).to_le_bytes());
        descriptor[8..10].copy_from_slice(&bytes.to_le_bytes());
        descriptor[12..].copy_from_slice(&user.to_le_bytes());
        self.write_descriptor(buffer, &descriptor, memory)
    }

    /// As [`Ring::post`], with bytes of one's own: what a driver that errs would write.
    pub(super) fn write_descriptor(
        &mut self,
        buffer: u32,
        descriptor: &[u8; DESCRIPTOR],
        memory: &mut impl HostMemory,
    ) -> Result<(), HostError> {
        let place = self.place(self.posted);
        memory.write(self.descriptors() + (DESCRIPTOR * place) as u64, descriptor)?;
        self.holds[place] = buffer;
        self.posted = self.posted.wrapping_add(1);
        self.untold = true;
        Ok(())
    }

    /// Tells the DMA of what was posted.
    pub(super) fn tell(&mut self, bus: &mut impl NicRegisters, memory: &impl HostMemory) -> Result<(), HostError> {
        if self.untold {
            memory.order();
            bus.write(self.page + DMA_QUEUE.address("PRODUCER"), u32::from(self.posted))?;
            self.untold = false;
        }
        Ok(())
    }

    /// The next completion and its buffer, if it is there. The buffer is to be given back or posted.
    pub(super) fn reap(&mut self, memory: &impl HostMemory) -> Result<Option<(Completion, u32)>, HostError> {
        if self.reaped == self.posted {
            return Ok(None);
        }
        let place = self.place(self.reaped);
        let mut word = [0; COMPLETION];
        memory.read(self.completions() + (COMPLETION * place) as u64, &mut word)?;
        let completion = Completion(u64::from_le_bytes(word));
        let even = self.reaped >> self.log2 & 1 == 0;
        if completion.phase() != even {
            return Ok(None);
        }
        memory.order();
        self.reaped = self.reaped.wrapping_add(1);
        Ok(Some((completion, self.holds[place])))
    }

    /// A buffer is free again.
    pub(super) fn give_back(&mut self, buffer: u32) {
        self.free.push(buffer);
    }
}
