// SPDX-License-Identifier: Apache-2.0
//! A NIC as its driver sees it, by the rules of `docs/src/dma.md` and `docs/src/nic.md`: registers, descriptors, completions. It accesses memory only where it is allocated.

use super::NicRegisters;
use super::memory::{HostMemory, PlainMemory, Region};
use crate::{HostError, RegisterError};
use bpf2hdl_interface::registers::{DMA, DMA_QUEUE, DMA_WINDOW, NIC, SLOTS};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Memory of two owners.
#[derive(Debug, Clone)]
pub(super) struct Shared(pub(super) Rc<RefCell<PlainMemory>>);

impl HostMemory for Shared {
    fn allocate(&mut self, bytes: usize) -> Result<Region, HostError> {
        self.0.borrow_mut().allocate(bytes)
    }

    fn free(&mut self, region: Region) {
        self.0.borrow_mut().free(region);
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), HostError> {
        self.0.borrow().read(address, bytes)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), HostError> {
        self.0.borrow_mut().write(address, bytes)
    }

    fn in_use(&self) -> usize {
        self.0.borrow().in_use()
    }
}

/// A queue: its registers, and how far it is.
#[derive(Debug, Default, Clone)]
struct Queue {
    words: [u32; 16],
    running: bool,
    size: u32,
    producer: u16,
    taken: u16,
    errors: u32,
    /// STATUS is read so often before it says idle.
    busy: u32,
}

/// What the mock does with a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Written,
    Waits,
    Dropped,
    Error,
}

/// The NIC.
#[derive(Debug)]
pub(super) struct MockNic {
    memory: Shared,
    receive: Vec<Queue>,
    transmit: Vec<Queue>,
    words: BTreeMap<u32, u32>,
    pending: u32,
    /// Frames that it has sent.
    pub(super) sent: Vec<Vec<u8>>,
    /// A queue that is stopped stays busy for so many reads of its STATUS.
    pub(super) drain: u32,
    /// Reads until a switch is done.
    pub(super) switch: u32,
    /// Reads until the frames of a slot that was isolated are accounted.
    pub(super) accounts: u32,
    isolated: u32,
    /// Writes to registers.
    pub(super) writes: usize,
}

const CONFIG: u32 = 2 | 1 << 8 | 64 << 16;

impl MockNic {
    /// Two data queues, one transmit queue.
    pub(super) fn new(memory: Shared) -> Self {
        Self {
            memory,
            receive: vec![Queue::default(); 4],
            transmit: vec![Queue::default()],
            words: BTreeMap::new(),
            pending: 0,
            sent: Vec::new(),
            drain: 0,
            switch: 0,
            accounts: 0,
            isolated: 0,
            writes: 0,
        }
    }

    fn queue(&mut self, offset: u32) -> Option<(&mut Queue, u32, u32)> {
        let (list, base, bit) = match offset {
            0x1000..0x1400 => (&mut self.receive, DMA.address("RX_QUEUES"), 0),
            0x2000..0x2400 => (&mut self.transmit, DMA.address("TX_QUEUES"), 16),
            _ => return None,
        };
        let (number, word) = ((offset - base) / DMA_QUEUE.bytes, (offset - base) % DMA_QUEUE.bytes / 4);
        list.get_mut(number as usize).map(|queue| (queue, word, 1 << (bit + number)))
    }

    /// A descriptor that the host has given, if there is one: address and bytes. An error is one of memory.
    fn take(queue: &mut Queue, memory: &Shared) -> Option<Result<(u64, usize), HostError>> {
        if queue.taken == queue.producer {
            return None;
        }
        let place = u64::from(queue.taken) & ((1 << queue.size) - 1);
        let mut bytes = [0; 16];
        let ring = u64::from(queue.words[3]) << 32 | u64::from(queue.words[2]);
        let result = memory.read(ring + 16 * place, &mut bytes);
        let address = u64::from_le_bytes(bytes[..8].try_into().unwrap());
        Some(result.map(|()| (address, usize::from(u16::from_le_bytes([bytes[8], bytes[9]])))))
    }

    fn complete(queue: &mut Queue, memory: &mut Shared, word: u64) {
        let lap = queue.taken >> queue.size & 1;
        let place = u64::from(queue.taken) & ((1 << queue.size) - 1);
        let ring = u64::from(queue.words[5]) << 32 | u64::from(queue.words[4]);
        let word = word | u64::from(1 - lap) << 31;
        memory.write(ring + 8 * place, &word.to_le_bytes()).expect("completions are allocated");
        queue.taken = queue.taken.wrapping_add(1);
    }

    fn fail(&mut self, receives: bool, number: usize, name: &str) {
        let list = if receives { &mut self.receive } else { &mut self.transmit };
        list[number].errors |= DMA_QUEUE.mask("STATUS", name);
        list[number].running = false;
        self.pending |= 1 << (number + if receives { 0 } else { 16 });
    }

    /// A frame for a queue, which says in the completion how it came.
    pub(super) fn frame(&mut self, number: usize, frame: &[u8], how: u64) -> Fate {
        let queue = &mut self.receive[number];
        if !queue.running {
            return Fate::Dropped;
        }
        let wait = queue.words[0] & DMA_QUEUE.mask("CONTROL", "wait") != 0;
        let (address, room) = match Self::take(queue, &self.memory) {
            None => return if wait { Fate::Waits } else { Fate::Dropped },
            Some(Ok(descriptor)) => descriptor,
            Some(Err(_)) => {
                self.fail(true, number, "descriptor_error");
                return Fate::Error;
            }
        };
        let bytes = frame.len().min(room);
        let written = room > 0 && self.memory.write(address, &frame[..bytes]).is_ok();
        let word = match written {
            true => bytes as u64 | u64::from(bytes < frame.len()) << 25 | how << 27 | 0x0002_0001 << 32,
            false => 1 << 26,
        };
        Self::complete(&mut self.receive[number], &mut self.memory, word);
        if written {
            return Fate::Written;
        }
        self.fail(true, number, if room > 0 { "data_error" } else { "bad_descriptor" });
        Fate::Error
    }

    /// Sends what the host has posted, at most so many.
    pub(super) fn send(&mut self, most: usize) {
        for _ in 0..most {
            let queue = &mut self.transmit[0];
            let descriptor = if queue.running { Self::take(queue, &self.memory) } else { None };
            let Some(Ok((address, bytes))) = descriptor else { return };
            let mut frame = vec![0; bytes];
            let read = bytes > 0 && self.memory.read(address, &mut frame).is_ok();
            let word = if read { bytes as u64 } else { 1 << 26 };
            Self::complete(&mut self.transmit[0], &mut self.memory, word);
            if !read {
                return self.fail(false, 0, "data_error");
            }
            self.sent.push(frame);
        }
    }

    fn write_queue(queue: &mut Queue, word: u32, value: u32, drain: u32) {
        match word {
            0 => {
                let enable = value & DMA_QUEUE.mask("CONTROL", "enable") != 0;
                queue.words[0] = value;
                if !enable {
                    queue.running = false;
                    queue.busy = drain;
                } else if !queue.running && queue.busy == 0 {
                    let size = (value & DMA_QUEUE.mask("CONTROL", "size")) >> DMA_QUEUE.shift("CONTROL", "size");
                    *queue = Queue { words: queue.words, running: true, size: size.max(4), ..Queue::default() };
                }
            }
            6 if queue.running => {
                let value = (value & 0xffff) as u16;
                if u32::from(value.wrapping_sub(queue.taken)) > 1 << queue.size {
                    queue.errors |= DMA_QUEUE.mask("STATUS", "bad_producer");
                    queue.running = false;
                } else {
                    queue.producer = value;
                }
            }
            // Addresses only while idle.
            2..=5 if !queue.running && queue.busy == 0 => queue.words[word as usize] = value,
            8 => queue.words[8] = value,
            _ => {}
        }
    }
}

impl NicRegisters for MockNic {
    fn read(&mut self, address: u32) -> Result<u32, RegisterError> {
        for (block, base) in [(&NIC, 0), (&SLOTS, 0), (&DMA, DMA_WINDOW)] {
            for name in ["MAGIC", "VERSION"] {
                if address == base + block.address(name) {
                    return Ok(block.register(name).reset);
                }
            }
        }
        if address == NIC.address("CONFIG") {
            return Ok(CONFIG);
        }
        if address == SLOTS.address("STATUS") {
            let select = self.words.get(&SLOTS.address("SELECT")).copied().unwrap_or(1);
            let done = self.switch == 0;
            self.switch = self.switch.saturating_sub(1);
            let draining = SLOTS.mask("STATUS", "draining");
            let asked = self.words.get(&SLOTS.address("ISOLATE")).copied().unwrap_or(0);
            if self.accounts == 0 {
                self.isolated = asked;
            }
            self.accounts = self.accounts.saturating_sub(1);
            let isolated = self.isolated << SLOTS.shift("STATUS", "isolated");
            return Ok(isolated | if done { select | SLOTS.mask("STATUS", "done") } else { draining });
        }
        if address == DMA_WINDOW + DMA.address("IRQ_PENDING") {
            return Ok(self.pending);
        }
        if let Some((queue, word, _)) = address.checked_sub(DMA_WINDOW).and_then(|offset| self.queue(offset)) {
            return Ok(match word {
                1 => {
                    let idle = !queue.running && queue.busy == 0;
                    queue.busy = queue.busy.saturating_sub(1);
                    u32::from(queue.running) | u32::from(idle) << 1 | queue.errors
                }
                6 => queue.producer.into(),
                7 => queue.taken.into(),
                _ => queue.words[word as usize],
            });
        }
        Ok(self.words.get(&address).copied().unwrap_or(0))
    }

    fn write(&mut self, address: u32, value: u32) -> Result<(), RegisterError> {
        self.writes += 1;
        let drain = self.drain;
        if address == DMA_WINDOW + DMA.address("IRQ_PENDING") {
            self.pending &= !value;
        } else if let Some((queue, word, _)) = address.checked_sub(DMA_WINDOW).and_then(|offset| self.queue(offset)) {
            Self::write_queue(queue, word, value, drain);
        } else {
            if address == SLOTS.address("ISOLATE") {
                self.isolated |= value;
            }
            self.words.insert(address, value);
        }
        Ok(())
    }
}
