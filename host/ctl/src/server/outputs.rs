// SPDX-License-Identifier: Apache-2.0
//! What has come out of the NIC: frames by rings and port, records, what the harness has seen. To Linux, to clients, to who traces.

use super::datapath::Datapath;
use super::queue::{Origin, lock};
use super::trace::{self, Record};
use bpf2hdl_host::nic::{How, Receive};
use bpf2hdl_testbench::nic::{Event, Exit};
use std::io::Write as _;

/// Buffers that are given back together.
const FEW: usize = 64;
/// Clocks without any movement after which they are, however few.
const PAUSE: u64 = 100;

/// Something of a receive queue.
type Came = (usize, How, Vec<u8>);

impl Datapath {
    /// Takes all that there is.
    pub(super) fn service(&mut self) {
        for (clock, event) in self.sim.take_events() {
            match event {
                Event::Gate(gate) => self.frames.judged(gate),
                Event::Place(place) => self.frames.placed(place, clock),
                Event::Verdict(action, _, target) => self.frames.verdict(action, target, clock),
                Event::Exit { exit, metadata, mut bytes, .. } => {
                    self.events.0 += u64::from(exit == Exit::Event);
                    bytes.drain(..metadata.min(bytes.len()));
                    self.frames.exited(exit, bytes);
                }
                Event::Sent(own, bytes) => {
                    if !own {
                        self.frames.sent();
                    }
                    if own || self.leaves() {
                        lock(&self.nic.counters).mac_tx += 1;
                        self.nic.write(false, &bytes);
                    }
                }
                Event::Fault(writes, address) => {
                    let what = if writes { "write to" } else { "read of" };
                    self.nic.log(&format!("the NIC's {what} {address:#x} is outside of its memory"));
                }
            }
        }
        self.poll();
        self.deliver();
    }

    /// Gives buffers back to the DMA.
    pub(super) fn refill(&mut self) {
        for queue in &mut self.driver.receive {
            if queue.counts().free > 0
                && let Err(error) = queue.fill(&mut self.sim, &mut self.memory)
                && lock(&self.nic.stopped).is_none()
            {
                return self.fail(&error.to_string());
            }
        }
    }

    /// Takes what the rings have. Buffers are given back when they are worth the write to a register, or nothing else is to be done.
    fn poll(&mut self) {
        let mut came = Vec::new();
        let mut failed = None;
        for (number, queue) in self.driver.receive.iter_mut().enumerate() {
            let mut each =
                |received: bpf2hdl_host::nic::Received<'_>| came.push((number, received.how, received.bytes.to_vec()));
            failed = failed.or(queue.take(&mut self.memory, &mut each).err());
        }
        for queue in &mut self.driver.transmit {
            failed = failed.or(queue.reap(&self.memory).err());
        }
        let worth = |queue: &Receive| queue.counts().free >= FEW;
        if self.driver.receive.iter().any(worth) || self.sim.quiet() > PAUSE {
            self.refill();
        }
        if self.sim.interrupts() != 0 {
            failed = failed.or(self.recover(&mut came).err());
        }
        self.came(came);
        if let Some(error) = failed
            && !self.is_stopped()
        {
            self.fail(&error.to_string());
        }
    }

    /// Starts queues again that have stopped.
    fn recover(&mut self, came: &mut Vec<Came>) -> Result<(), bpf2hdl_host::HostError> {
        self.driver.take_pending(&mut self.sim)?;
        for (number, queue) in self.driver.receive.iter_mut().enumerate() {
            if let Some(stopped) = queue.stopped(&mut self.sim)? {
                self.nic.log(&format!("receive queue {number} has stopped: {}", stopped.0.join(", ")));
                let mut each = |received: bpf2hdl_host::nic::Received<'_>| {
                    came.push((number, received.how, received.bytes.to_vec()));
                };
                queue.recover(&mut self.sim, &mut self.memory, &mut each)?;
            }
        }
        for (number, queue) in self.driver.transmit.iter_mut().enumerate() {
            if let Some(stopped) = queue.stopped(&mut self.sim)? {
                self.nic.log(&format!("transmit queue {number} has stopped: {}", stopped.0.join(", ")));
                queue.recover(&mut self.sim, &mut self.memory)?;
            }
        }
        Ok(())
    }

    fn came(&mut self, came: Vec<Came>) {
        let mut records = Vec::new();
        for (queue, how, bytes) in came {
            if how == How::Record {
                if queue == self.driver.event_queue() {
                    records.push(bytes);
                }
                continue;
            }
            if !self.frames.received(queue, &bytes) {
                self.nic.log(&format!("a frame of {} bytes in queue {queue} is not the one that left", bytes.len()));
            }
            if self.leaves() {
                lock(&self.nic.counters).dma_rx += 1;
                self.nic.write(true, &bytes);
            }
        }
        self.take_records(records);
    }

    /// Tells who waits for frames that are over.
    pub(super) fn deliver(&mut self) {
        {
            // Who is told below may ask for them at once.
            let mut counters = lock(&self.nic.counters);
            counters.redirect_unconnected += std::mem::take(&mut self.frames.nowhere);
            counters.rx_length_errors += std::mem::take(&mut self.frames.wrong_size);
            counters.bypass += std::mem::take(&mut self.frames.bypassed);
        }
        let tracing = self.nic.traces.is_wanted();
        let mut traced = Vec::new();
        while let Some(done) = self.frames.next_done() {
            if tracing {
                traced.push(Record::new(&done.entry, done.outcome, &done.exit));
            }
            match done.origin {
                Origin::Wire => {}
                Origin::Client(ticket) | Origin::Test(ticket) => ticket.add(done.outcome, done.exit),
            }
        }
        if !traced.is_empty() {
            let lost = self.nic.traces.send(trace::copies(&traced));
            lock(&self.nic.counters).trace_lost += lost;
        }
    }
}

impl super::Nic {
    /// Writes a frame to an interface, if there is one: the host's, or that at the MAC's side.
    fn write(&self, to_host: bool, bytes: &[u8]) {
        let tap = if to_host { &self.dma } else { &self.mac };
        let Some(tap) = tap else { return };
        if (&tap.file).write_all(bytes).is_err() {
            lock(&self.counters).tx_errors += 1;
        }
    }
}
