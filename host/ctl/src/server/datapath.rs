// SPDX-License-Identifier: Apache-2.0
//! The thread that clocks the NIC. Between some clocks and the next it puts frames on the wire, takes what the rings have brought, and does jobs, whose accesses to registers
//! are clocks, too. It sleeps when nothing is inside and nothing is wanted.
//!
//! A frame of a client, or of an interface, goes in by the MAC; what Linux gets has come through the DMA's rings, what it sends goes through them.

use super::attribution::Attribution;
use super::queue::{Frame, Job, Origin, lock};
use super::registers::System;
use super::trace::Prints;
use super::{Nic, system};
use crate::error::{Code, Failure, Result};
use bpf2hdl_host::events::Parser;
use bpf2hdl_host::nic::slots::{self, Policy, Slot};
use bpf2hdl_host::nic::{self as driver, NicRegisters as _, Settings};
use bpf2hdl_host::{Device, Registers};
use bpf2hdl_interface::Manifest;
use bpf2hdl_testbench::engine::PACKET_CLOCKS;
use bpf2hdl_testbench::model::{NicModel, SharedMemory};
use bpf2hdl_testbench::nic::SimNic;
use bpf2hdl_testbench::simulator::Simulator;
use std::collections::VecDeque;
use std::sync::Arc;

/// Clocks between two looks at rings and queue.
const CLOCKS: u64 = 128;
/// Clocks without any movement after which nothing more comes out: more than the longest way through shell and rings.
const QUIET: u64 = 400;
/// Clocks that a completion waits for others.
const COMPLETION_DELAY: u16 = 32;
/// Clocks without any movement after which a frame that has its verdict does not leave any more.
const LOST: u64 = 1 << 15;
/// Clocks without any movement, while frames are inside, that mean a hang.
const HANG_CLOCKS: u64 = 2_000_000;
/// Most frames on the wire and inside.
const INSIDE: usize = 256;
/// Clocks after which a program's clock is set to the host's again.
const TIME: u64 = 1 << 18;
/// Most reads until a slot is not isolated any more.
const POLLS: u32 = 1000;
/// Pages of the host's memory.
const PAGES: usize = 8192;
/// Rings: room for whole frames of the longest kind, with metadata.
const RINGS: Settings = Settings { log2: 8, buffer_bytes: 10_240, wait: true, completion_delay: COMPLETION_DELAY };

/// A program in a slot, as the datapath sees it.
struct Plugged {
    number: u64,
    is_engine: bool,
    /// Taken while a device is made of it.
    manifest: Option<Manifest>,
}

/// The datapath. It does not leave its thread.
pub(super) struct Datapath {
    pub(super) nic: Arc<Nic>,
    model: NicModel,
    pub(super) sim: SimNic,
    pub(super) memory: SharedMemory,
    pub(super) driver: driver::Nic,
    pub(super) frames: Attribution,
    plugged: [Option<Plugged>; 2],
    /// Which windows, and whether all, are in use by jobs that are not done.
    pub(super) busy: Vec<Option<Slot>>,
    /// Frames on the wire wait: something wants nobody inside.
    held: bool,
    /// What is inside are tests, of which nothing leaves.
    testing: bool,
    /// Events that have left slots, and those that have come by the ring.
    pub(super) events: (u64, u64),
    pub(super) parser: Parser,
    pub(super) prints: Arc<Prints>,
    /// From which event on there is another program.
    pub(super) next_prints: VecDeque<(u64, Arc<Prints>)>,
    time_set: u64,
}

impl Datapath {
    /// Makes the NIC: everything passes, until a program is there.
    pub(super) fn new(nic: Arc<Nic>, model: NicModel) -> Result<Self> {
        let mut memory = SharedMemory::create(&nic.place.memory(), PAGES)?;
        let (sim, driver) = make(&model, &nic, &mut memory)?;
        let frames = Attribution::new(driver.event_queue(), nic.config.ifindex);
        Ok(Self {
            nic,
            model,
            sim,
            memory,
            driver,
            frames,
            plugged: [None, None],
            busy: Vec::new(),
            held: false,
            testing: false,
            events: (0, 0),
            parser: Parser::default(),
            prints: Arc::default(),
            next_prints: VecDeque::new(),
            time_set: 0,
        })
    }

    /// Serves without end.
    pub(super) fn run(&mut self) {
        loop {
            while let Some(job) = self.nic.queue.next_job(|_| true) {
                self.carry_out(job);
            }
            self.feed();
            if self.is_moving() {
                self.step();
            } else {
                self.nic.queue.wait();
                self.set_time();
            }
        }
    }

    /// Whether clocks are needed.
    fn is_moving(&self) -> bool {
        !self.is_stopped() && (self.frames.len() > 0 || self.sim.quiet() <= QUIET || self.own_under_way())
    }

    fn own_under_way(&self) -> bool {
        self.driver.transmit.iter().any(|queue| queue.counts().posted > 0)
    }

    pub(super) fn is_stopped(&self) -> bool {
        lock(&self.nic.stopped).is_some()
    }

    /// Some clocks, and what they have brought.
    pub(super) fn step(&mut self) {
        if self.is_stopped() {
            return;
        }
        if let Err(error) = self.sim.run(CLOCKS, QUIET) {
            return self.fail(&error.to_string());
        }
        self.service();
        if self.sim.quiet() > LOST && self.frames.all_judged() {
            // Copies for no port of a devmap, or what a queue that had stopped has lost.
            self.frames.end_all();
            self.deliver();
        }
        let engine = self.plugged.iter().flatten().any(|plugged| plugged.is_engine);
        let most = if engine { PACKET_CLOCKS } else { HANG_CLOCKS };
        if self.frames.len() > 0 && self.sim.quiet() > most {
            let text = format!("{most} clocks without any movement, {} frames inside", self.frames.len());
            self.fail(&text);
        }
        if self.busy.is_empty() && self.sim.clock() - self.time_set > TIME {
            self.set_time();
        }
    }

    /// Does a job, with nobody inside if it asks for that.
    pub(super) fn carry_out(&mut self, job: Job) {
        if job.idle {
            self.hold();
        }
        self.busy.push(if job.alone { None } else { job.slot });
        (job.work)(self);
        self.busy.pop();
        if job.idle {
            self.release();
        }
    }

    /// Lets nobody in, and waits until nobody is inside.
    pub(super) fn hold(&mut self) {
        self.hold_wire();
        while !self.is_stopped() && (self.inside() > 0 || self.sim.quiet() <= QUIET) {
            self.step();
        }
    }

    /// Frames on the wire wait there.
    pub(super) fn hold_wire(&mut self) {
        self.held = true;
        self.sim.hold(true);
    }

    pub(super) fn release(&mut self) {
        self.held = false;
        self.sim.hold(false);
    }

    fn inside(&self) -> usize {
        self.frames.len().saturating_sub(self.sim.waiting())
    }

    /// Frames of interfaces and clients onto the wire, Linux's own into the ring.
    pub(super) fn feed(&mut self) {
        if self.is_stopped() {
            return self.discard();
        }
        let nic = Arc::clone(&self.nic);
        while !self.held && self.frames.len() < INSIDE {
            let is_test = |frame: &Frame| matches!(frame.origin, Origin::Test(_));
            let switches = self.frames.len() == 0 && self.sim.quiet() > QUIET;
            let (testing, mut next) = (self.testing, self.testing);
            let Some(frame) = nic.queue.next_frame(|frame| {
                next = is_test(frame);
                next == testing || switches
            }) else {
                break;
            };
            self.testing = next;
            self.put(frame);
        }
        self.send_own();
    }

    /// One frame onto the wire, unless it is none that the program takes.
    fn put(&mut self, frame: Frame) {
        let Frame { bytes, origin } = frame;
        if !matches!(origin, Origin::Test(_)) {
            lock(&self.nic.counters).mac_rx += 1;
        }
        let longest =
            self.plugged.iter().flatten().filter_map(|plugged| Some(plugged.manifest.as_ref()?.max_frame_bytes));
        let longest = longest.min().unwrap_or(u32::MAX) as usize;
        if bytes.len() > longest || self.sim.offer(&bytes).is_err() {
            self.frames.wrong_size += 1;
            return self.frames.discarded(bytes, origin);
        }
        self.frames.offered(bytes, origin);
    }

    /// Frames for a NIC that has stopped.
    fn discard(&mut self) {
        let nic = Arc::clone(&self.nic);
        while let Some(Frame { bytes, origin }) = nic.queue.next_frame(|_| true) {
            {
                let mut counters = lock(&nic.counters);
                counters.core_stopped += 1;
                counters.mac_rx += u64::from(!matches!(origin, Origin::Test(_)));
            }
            self.frames.discarded(bytes, origin);
        }
        while nic.queue.next_own().is_some() {
            lock(&nic.counters).tx_errors += 1;
        }
        self.deliver();
    }

    fn send_own(&mut self) {
        let nic = Arc::clone(&self.nic);
        let queue = &mut self.driver.transmit[0];
        let mut count = 0;
        while queue.counts().free > 0 {
            let Some(frame) = nic.queue.next_own() else { break };
            match queue.send(&frame, &mut self.memory) {
                Ok(true) => count += 1,
                _ => lock(&nic.counters).tx_errors += 1,
            }
        }
        if count > 0 {
            lock(&nic.counters).dma_tx += count;
            if let Err(error) = queue.tell(&mut self.sim, &self.memory) {
                self.fail(&error.to_string());
            }
        }
    }

    /// Whether what is inside leaves the NIC.
    pub(super) fn leaves(&self) -> bool {
        !self.testing
    }

    /// The NIC has stopped: nothing comes out of it any more.
    pub(super) fn fail(&mut self, text: &str) {
        self.nic.log(&format!("the NIC stopped: {text}"));
        *lock(&self.nic.stopped) = Some(text.to_owned());
        let lost = self.frames.end_all() as u64;
        lock(&self.nic.counters).core_stopped += lost;
        self.deliver();
    }

    /// A new shell in place of one that has stopped. Programs stay in their slots but for those that are not wanted.
    pub(super) fn revive(&mut self, wanted: Option<Slot>) -> Result<()> {
        let program = wanted.map(|slot| self.sim.plug(slot, None)).transpose()?.flatten();
        for slot in Slot::ALL.into_iter().filter(|slot| Some(*slot) != wanted) {
            self.plugged[slot as usize] = None;
        }
        let (sim, driver) = {
            let mut fresh = SharedMemory::create(&self.nic.place.memory(), PAGES)?;
            let made = make(&self.model, &self.nic, &mut fresh)?;
            self.memory = fresh;
            made
        };
        (self.sim, self.driver) = (sim, driver);
        if let Some(slot) = wanted {
            self.sim.plug(slot, program)?;
        }
        self.events = (0, 0);
        self.next_prints.clear();
        self.time_set = 0;
        Ok(())
    }

    /// Puts a program into a slot that does not run.
    pub(super) fn plug(&mut self, slot: Slot, number: u64, program: Simulator, manifest: Manifest) -> Result<()> {
        if self.is_stopped() {
            self.revive(None)?;
        }
        slots::isolate(slot, true, POLLS, &mut self.sim)?;
        self.sim.plug(slot, Some(program))?;
        slots::isolate(slot, false, POLLS, &mut self.sim)?;
        self.plugged[slot as usize] =
            Some(Plugged { number, is_engine: manifest.is_engine(), manifest: Some(manifest) });
        Ok(())
    }

    /// Empties a slot, if that program is still in it. It stays isolated until there is another program.
    pub(super) fn unplug(&mut self, slot: Slot, number: u64) {
        let place = &mut self.plugged[slot as usize];
        if place.as_ref().is_some_and(|plugged| plugged.number == number) {
            *place = None;
            if !self.is_stopped() {
                // A NIC that does not answer is seen when it is clocked.
                let _ = slots::isolate(slot, true, POLLS, &mut self.sim);
            }
            // An empty slot fits always.
            let _ = self.sim.plug(slot, None);
        }
    }

    /// Has something done with the core of this program, if it is there.
    pub(super) fn with_core<T>(
        &mut self,
        slot: Slot,
        number: u64,
        operation: impl FnOnce(&mut Device<&mut dyn Registers>) -> T,
    ) -> Option<T> {
        let plugged = self.plugged[slot as usize].as_mut().filter(|plugged| plugged.number == number)?;
        let manifest = plugged.manifest.take()?;
        let mut system = System::new(self);
        let mut window = system.window(slot);
        let mut core = Device::resume(&mut window as &mut dyn Registers, manifest);
        let result = operation(&mut core);
        let manifest = core.into_parts().1;
        if let Some(plugged) = self.plugged[slot as usize].as_mut().filter(|plugged| plugged.number == number) {
            plugged.manifest = Some(manifest);
        }
        Some(result)
    }

    /// The clock of the program that runs is that of the host: it only stands still between packets.
    fn set_time(&mut self) {
        self.time_set = self.sim.clock();
        let slot = lock(&self.nic.current).as_ref().map(|active| (active.slot.place, active.slot.number));
        let Some((slot, number)) = slot.filter(|_| !self.is_stopped()) else { return };
        let asks = |plugged: &Plugged| plugged.manifest.as_ref().is_some_and(|manifest| manifest.has("time"));
        if !self.plugged[slot as usize].as_ref().is_some_and(asks) {
            return;
        }
        self.busy.push(Some(slot));
        let set = |core: &mut Device<&mut dyn Registers>| {
            core.time_ns().and_then(|time| core.set_time_ns(time.max(system::monotonic_ns())))
        };
        let result = self.with_core(slot, number, set);
        self.busy.pop();
        if let Some(Err(error)) = result {
            self.nic.log(&format!("the program's clock was not set: {error}"));
        }
    }
}

/// A NIC that was reset, with its rings; all frames pass.
fn make(model: &NicModel, nic: &Nic, memory: &mut SharedMemory) -> Result<(SimNic, driver::Nic)> {
    let mut sim = SimNic::new(model, nic.config.seed, memory)?;
    let queues = driver::Nic::open(RINGS, &mut sim, memory)?;
    // Completions are looked for; an interrupt says that a queue has stopped.
    queues.interrupts(u16::MAX, u16::MAX, &mut sim)?;
    slots::set_policy(Policy::Pass, Policy::Wait, u32::MAX, &mut sim)?;
    sim.write(bpf2hdl_interface::registers::NIC.address("IFINDEX"), nic.config.ifindex)
        .map_err(|error| Failure::new(Code::Core, error.to_string()))?;
    slots::select(None, &mut sim)?;
    slots::wait_done(1000, &mut sim)?;
    Ok((sim, queues))
}
