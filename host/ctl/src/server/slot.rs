// SPDX-License-Identifier: Apache-2.0
//! A program in a slot of the NIC: who holds it may use its registers, through the slot's window, while packets flow or while none is inside.
//!
//! A new program is reset, checked and filled in its slot while the other one runs.

use super::datapath::Datapath;
use super::queue::Job;
use super::registers::System;
use super::{Nic, system};
use crate::error::{Code, Failure, Result};
use bpf2hdl_host::nic::slots::Slot as Place;
use bpf2hdl_host::{Device, Registers};
use bpf2hdl_interface::engine::Image;
use bpf2hdl_interface::{Arrivals, Manifest};
use bpf2hdl_testbench::model::Model;
use bpf2hdl_testbench::simulator::Simulator;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{SystemTime, UNIX_EPOCH};

/// Most reads of STATUS until maps are clear.
const POLLS: u32 = 100_000_000;

/// A core whatever carries its registers.
pub(super) type Core<'a> = Device<&'a mut dyn Registers>;

/// A program in a slot. When it is dropped the slot becomes empty.
pub(super) struct Slot {
    pub(super) place: Place,
    /// Which of all programs that ever were in a slot.
    pub(super) number: u64,
    nic: Arc<Nic>,
}

/// An answer that is on its way.
pub(super) struct Pending<T>(Receiver<T>);

impl<T> Pending<T> {
    /// Waits for it.
    pub(super) fn wait(self) -> Result<T> {
        // A NIC that hangs says so by itself; the channel ends if the program has gone.
        self.0.recv().map_err(|_| Failure::new(Code::Replaced, "the program was replaced by another one meanwhile"))
    }
}

impl Slot {
    /// Puts a program into a slot, gives an engine its program, and waits until it takes packets.
    pub(super) fn start(nic: &Arc<Nic>, place: Place, model: Model, image: Option<Image>) -> Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
        let seed = nic.config.seed;
        let simulator = Simulator::new(&model, seed, None)?;
        // From here on it is taken out of the slot again, whatever happens.
        let slot = Self { place, number, nic: Arc::clone(nic) };
        let (reply, answer) = mpsc::channel();
        let work = move |datapath: &mut Datapath| {
            let manifest = model.manifest.clone();
            let plugged = datapath.plug(place, number, simulator, manifest);
            let result = plugged.and_then(|()| begin(datapath, place, &model.manifest, image.as_ref(), seed));
            // Who asked may have gone.
            let _ = reply.send(result);
        };
        nic.queue.job(Job { slot: Some(place), idle: false, alone: false, work: Box::new(work) });
        Pending(answer).wait()??;
        Ok(slot)
    }

    /// Has something done with the core; `idle`: while no packet is inside.
    pub(super) fn host<T: Send + 'static>(
        &self,
        idle: bool,
        operation: impl FnOnce(&mut Core<'_>) -> T + Send + 'static,
    ) -> Pending<T> {
        let (reply, answer) = mpsc::channel();
        let (place, number) = (self.place, self.number);
        let work = move |datapath: &mut Datapath| {
            // If the program has gone the reply is dropped, which the answer shows. Who asked may have gone, too.
            if let Some(result) = datapath.with_core(place, number, operation) {
                let _ = reply.send(result);
            }
        };
        self.nic.queue.job(Job { slot: Some(place), idle, alone: false, work: Box::new(work) });
        Pending(answer)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (place, number) = (self.place, self.number);
        let work = move |datapath: &mut Datapath| datapath.unplug(place, number);
        self.nic.queue.job(Job { slot: Some(place), idle: false, alone: false, work: Box::new(work) });
    }
}

/// Checks that a core that was just reset is the manifest's, and waits until its maps are clear.
fn begin(datapath: &mut Datapath, place: Place, manifest: &Manifest, image: Option<&Image>, seed: u64) -> Result<()> {
    let mut system = System::new(datapath);
    let mut window = system.window(place);
    if let Some(image) = image {
        bpf2hdl_host::engine::load(&mut window, image)?;
    }
    let mut device = Device::open(&mut window, manifest.clone())?.polls(POLLS);
    device.wait_until_ready()?;
    device.set_lossless(true)?;
    device.set_arrivals(&Arrivals { start_ns: system::monotonic_ns(), step_ns: 0, seed })?;
    Ok(device.seed_random(seed)?)
}

/// Nanoseconds since 1970.
pub(super) fn now_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}
