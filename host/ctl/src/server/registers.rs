// SPDX-License-Identifier: Apache-2.0
//! The NIC's registers for jobs: while they are used, frames go on, and jobs that need others are done.

use super::datapath::Datapath;
use super::queue::Job;
use crate::error::Result;
use crate::protocol::{Hardware, RingState};
use bpf2hdl_host::RegisterError;
use bpf2hdl_host::nic::slots::{self, Slot};
use bpf2hdl_host::nic::{self as driver, HostMemory as _, NicRegisters, Window};

/// Accesses between two looks at rings and queue.
const ACCESSES: u32 = 24;
/// Jobs that may be inside each other.
const DEPTH: usize = 3;

/// All registers; each access is some clocks.
pub(super) struct System<'a> {
    datapath: &'a mut Datapath,
    accesses: u32,
}

impl<'a> System<'a> {
    pub(super) fn new(datapath: &'a mut Datapath) -> Self {
        Self { datapath, accesses: 0 }
    }

    /// The registers of a slot's core.
    pub(super) fn window(&mut self, slot: Slot) -> Window<&mut Self> {
        Window::new(self, slot.window())
    }

    fn meanwhile(&mut self) {
        self.accesses += 1;
        if !self.accesses.is_multiple_of(ACCESSES) || self.datapath.is_stopped() {
            return;
        }
        let datapath = &mut *self.datapath;
        datapath.service();
        let busy = &datapath.busy;
        if busy.len() < DEPTH && !busy.contains(&None) {
            let free = |job: &Job| !job.alone && !job.idle && job.slot.is_none_or(|slot| !busy.contains(&Some(slot)));
            if let Some(job) = datapath.nic.queue.next_job(free) {
                datapath.carry_out(job);
            }
        }
        datapath.feed();
    }
}

impl NicRegisters for System<'_> {
    fn read(&mut self, address: u32) -> std::result::Result<u32, RegisterError> {
        self.meanwhile();
        self.datapath.sim.read(address)
    }

    fn write(&mut self, address: u32, value: u32) -> std::result::Result<(), RegisterError> {
        self.meanwhile();
        self.datapath.sim.write(address, value)
    }
}

impl Datapath {
    /// What the hardware says of itself.
    pub(super) fn hardware(&mut self) -> Result<Hardware> {
        self.refill();
        let mut system = System::new(self);
        let counters = driver::counters::NicCounters::read(&mut system)?;
        let status = slots::status(&mut system)?;
        let last_switch_clocks = slots::last_switch(&mut system)?;
        let ring = |counts: driver::Counts| RingState {
            descriptors: counts.descriptors,
            posted: counts.posted,
            free: counts.free,
        };
        Ok(Hardware {
            running: status.running.map_or("none", Slot::name).to_owned(),
            last_switch_clocks,
            clocks: self.sim.clock(),
            memory_bytes: self.memory.in_use(),
            rings: self.driver.counts().into_iter().map(ring).collect(),
            gate: counters.gate.into_iter().collect(),
            slots: counters.slots.into_iter().collect(),
            dma: counters.dma.into_iter().collect(),
        })
    }
}
