// SPDX-License-Identifier: Apache-2.0
//! A slot: one simulated core in a thread of its own.
//!
//! The thread takes commands in their order: packets to run, and operations of the host, which are carried out while packets are inside
//! (every [`HOST_CLOCKS`] clocks), or between two runs if no packet may be. So a new program is reset, filled and ready in its own slot
//! before the other one is asked to stop.

use super::system;
use crate::error::{Code, Failure, Result};
use bpf2hdl_host::{Device, Registers};
use bpf2hdl_interface::engine::Image;
use bpf2hdl_interface::{Arrivals, Manifest};
use bpf2hdl_testbench::engine::PACKET_CLOCKS;
use bpf2hdl_testbench::model::Model;
use bpf2hdl_testbench::simulator::{Observed, RunOptions, Simulator};
use bpf2hdl_testbench::{Error, PacketSet};
use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// Clocks between two chances for the host while packets are inside.
const HOST_CLOCKS: u32 = 256;
/// Clocks without any movement that mean a hang.
const HANG_CLOCKS: u64 = 2_000_000;

/// A core whatever carries its registers.
pub(super) type Core<'a> = Device<&'a mut dyn Registers>;
type Operation = Box<dyn FnOnce(&mut Core<'_>) + Send>;

enum Command {
    Run(PacketSet, Sender<Result<Observed, Error>>),
    /// Something of the host; whether no packet may be inside.
    Host(Operation, bool),
}

/// The way to a slot. When it is dropped the slot ends.
#[derive(Debug)]
pub(super) struct Slot {
    commands: Sender<Command>,
}

/// An answer that is on its way.
pub(super) struct Pending<T>(Receiver<T>);

impl<T> Pending<T> {
    /// Waits for it.
    pub(super) fn wait(self) -> Result<T> {
        // A core that hangs says so by itself; the channel ends if the thread does.
        self.0.recv().map_err(|_| Failure::new(Code::Server, "the core does not answer any more"))
    }
}

impl Slot {
    /// Starts a core, gives an engine its program, and waits until it takes packets.
    pub(super) fn start(model: Model, seed: u64, image: Option<Image>) -> Result<Self> {
        let (commands, queue) = mpsc::channel();
        let (ready, started) = mpsc::channel();
        let body = move || match begin(&model, seed, image.as_ref()) {
            Ok(simulator) => {
                // Whoever waits for it knows why if it is gone.
                let _ = ready.send(Ok(()));
                let (manifest, options) = (model.manifest.clone(), options(&model.manifest));
                Thread { simulator, manifest: Some(manifest), waiting: VecDeque::new(), options }.serve(&queue);
            }
            Err(failure) => {
                let _ = ready.send(Err(failure));
            }
        };
        thread::Builder::new()
            .name("slot".to_owned())
            .spawn(body)
            .map_err(|error| Failure::new(Code::Server, format!("no thread can be started: {error}")))?;
        let gone = |_| Failure::new(Code::Server, "the core could not be started");
        started.recv().map_err(gone)??;
        Ok(Self { commands })
    }

    /// Runs packets.
    pub(super) fn run(&self, packets: PacketSet) -> Pending<Result<Observed, Error>> {
        let (reply, answer) = mpsc::channel();
        // A slot that has ended drops the sender, which the answer shows.
        let _ = self.commands.send(Command::Run(packets, reply));
        Pending(answer)
    }

    /// Has something done with the core; `idle`: while no packet is inside.
    pub(super) fn host<T: Send + 'static>(
        &self,
        idle: bool,
        operation: impl FnOnce(&mut Core<'_>) -> T + Send + 'static,
    ) -> Pending<T> {
        let (reply, answer) = mpsc::channel();
        let operation: Operation = Box::new(move |core| {
            // Who asked may have gone.
            let _ = reply.send(operation(core));
        });
        let _ = self.commands.send(Command::Host(operation, idle));
        Pending(answer)
    }
}

/// Resets a core, checks that it is the manifest's, and waits until its maps are clear.
fn begin(model: &Model, seed: u64, image: Option<&Image>) -> Result<Simulator> {
    let mut simulator = Simulator::new(model, seed, None)?;
    if let Some(image) = image {
        bpf2hdl_host::engine::load(&mut simulator, image)?;
    }
    let mut device = Device::open(simulator, model.manifest.clone())?.polls(100_000_000);
    device.wait_until_ready()?;
    device.set_lossless(true)?;
    device.set_arrivals(&Arrivals { start_ns: system::monotonic_ns(), step_ns: 0, seed })?;
    device.seed_random(seed)?;
    Ok(device.into_registers())
}

/// Nanoseconds since 1970.
pub(super) fn now_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

struct Thread {
    simulator: Simulator,
    /// Taken while a device is made of it.
    manifest: Option<Manifest>,
    waiting: VecDeque<Command>,
    options: RunOptions,
}

impl Thread {
    fn serve(&mut self, queue: &Receiver<Command>) {
        while let Some(command) = self.waiting.pop_front().or_else(|| queue.recv().ok()) {
            match command {
                Command::Host(operation, _) => host(&mut self.simulator, &mut self.manifest, operation),
                Command::Run(packets, reply) => {
                    // Who asked may have gone.
                    let _ = reply.send(self.run(&packets, queue));
                }
            }
        }
    }

    fn run(&mut self, packets: &PacketSet, queue: &Receiver<Command>) -> Result<Observed, Error> {
        self.set_time()?;
        let Self { simulator, manifest, waiting, options } = self;
        let mut meanwhile = |registers: &mut dyn Registers| {
            while let Ok(command) = queue.try_recv() {
                match command {
                    Command::Host(operation, false) if waiting.is_empty() => host(registers, manifest, operation),
                    other => waiting.push_back(other),
                }
            }
        };
        simulator.run_with_host_every(HOST_CLOCKS, packets, options, &mut meanwhile)
    }

    /// The clock of the program is that of the host: it only stands still between packets.
    fn set_time(&mut self) -> Result<(), Error> {
        let manifest = self.manifest.take();
        let Some(manifest) = manifest else { return Ok(()) };
        let asks = manifest.has("time");
        let mut device = Device::resume(&mut self.simulator as &mut dyn Registers, manifest);
        let result = if asks {
            device.time_ns().and_then(|time| device.set_time_ns(time.max(system::monotonic_ns())))
        } else {
            Ok(())
        };
        self.manifest = Some(device.into_parts().1);
        Ok(result?)
    }
}

/// Carries out an operation of the host.
fn host(registers: &mut dyn Registers, manifest: &mut Option<Manifest>, operation: Operation) {
    let Some(own) = manifest.take() else { return };
    let mut core = Device::resume(registers, own);
    operation(&mut core);
    *manifest = Some(core.into_parts().1);
}

/// The outputs take everything, and the core waits rather than loses: what is lost is lost, and counted, in the shell.
fn options(manifest: &Manifest) -> RunOptions {
    let hang_clocks = if manifest.is_engine() { PACKET_CLOCKS } else { HANG_CLOCKS };
    RunOptions { hang_clocks, lossless: true, ..RunOptions::FULL_RATE }
}
