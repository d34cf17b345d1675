// SPDX-License-Identifier: Apache-2.0
//! The simulated NIC: a process of its own behind a Unix socket.
//!
//! ```text
//!            TAP at the MAC's side      clients (`sim send`, `prog run`)
//!                     |                            |
//!                     +--------> queue <-----------+      waits while the gate is full; overflow is counted
//!                                  |
//!                  hdl/rtl/bpf_nic.sv: gate, slots A and B, DMA      one model, and one for each program
//!                          |             |         ^
//!              rings in memory        TX, own    rings
//!                          |             |         |
//!              TAP of the host      MAC's side   TAP of the host
//! ```
//!
//! | module | what |
//! |---|---|
//! | `run_folder` | names, locks, sockets, left-overs of dead servers |
//! | `start` | the process: options, readiness, end |
//! | `clients` | connections: requests in, replies out, in order |
//! | `queue` | what waits for the datapath |
//! | `datapath`, `outputs` | the thread that clocks the NIC and serves its rings |
//! | `registers` | accesses to registers, while frames go on |
//! | `attribution` | which frame is which |
//! | `exchange` | one program for another |
//! | `follow` | the pipeline that takes over from an engine |
//! | `slot`, `contents` | programs in slots and what is in their maps |
//! | `tap`, `system` | Linux interfaces, system calls |
//! | `broadcast`, `trace` | copies of packets and of records for clients |

mod attribution;
mod broadcast;
mod clients;
pub(crate) mod contents;
mod datapath;
mod exchange;
mod follow;
mod outputs;
mod queue;
mod registers;
pub(crate) mod run_folder;
mod slot;
pub(crate) mod start;
pub(crate) mod system;
mod tap;
mod trace;

use crate::artifact;
use crate::error::{Code, Failure, Result};
use crate::protocol::{Event, Hardware, LoadRequest, Loaded, Program, ShellCounters, Status, Traced};
use bpf2hdl_host::nic::slots;
use bpf2hdl_interface::{Manifest, MapContents};
use bpf2hdl_testbench::Silent;
use bpf2hdl_testbench::engine::image as engine_image;
use bpf2hdl_testbench::model::{BuildOptions, Model};
use broadcast::Broadcast;
use queue::{Job, Queue, lock};
use serde::{Deserialize, Serialize};
use slot::Slot;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use trace::Prints;

/// What a simulated NIC is made with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) bus_bits: u32,
    pub(crate) clock_mhz: f64,
    pub(crate) target: String,
    /// `ingress_ifindex` of packets.
    pub(crate) ifindex: u32,
    /// Seed of the program's random numbers and of registers without reset.
    pub(crate) seed: u64,
    /// Whether models are built fast rather than to run fast.
    pub(crate) quick: bool,
    pub(crate) tap: Option<String>,
    pub(crate) netns: Option<String>,
    pub(crate) mac_tap: Option<String>,
    pub(crate) mac_netns: Option<String>,
}

/// A program in a slot.
struct Active {
    slot: Slot,
    program: Program,
    manifest: Manifest,
    /// The formats of its prints, and the channel that they come by.
    prints: Arc<Prints>,
}

/// One program for another.
struct Exchange {
    new: Option<Box<Active>>,
    keep: bool,
    given: MapContents,
    /// Only if this load is the one in use.
    after: Option<u64>,
    reply: Sender<Result<Loaded>>,
}

/// The NIC.
struct Nic {
    config: Config,
    place: run_folder::Place,
    up_since: u64,
    queue: Queue,
    /// The program that is in use. Operations of the host are asked of it under this lock.
    current: Mutex<Option<Active>>,
    /// Why the NIC stopped, if it did.
    stopped: Mutex<Option<String>>,
    counters: Mutex<ShellCounters>,
    traces: Broadcast<Traced>,
    events: Broadcast<Event>,
    dma: Option<tap::Tap>,
    mac: Option<tap::Tap>,
    loading: AtomicBool,
    loads: AtomicU64,
}

/// Clears the flag at the end, whatever happens.
struct Loading<'a>(&'a AtomicBool);

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl Nic {
    /// Writes a line to the log.
    fn log(&self, text: &str) {
        use std::io::Write as _;
        // Standard error is the log; without it there is nobody left to tell.
        let _ = writeln!(std::io::stderr(), "{} {}: {text}", now(), self.config.name);
    }

    fn status(&self) -> Status {
        let hardware = self.hardware();
        let (waiting, most) = self.queue.depth();
        let program = lock(&self.current).as_ref().map(|active| active.program.clone());
        let stopped = lock(&self.stopped).clone();
        let state = stopped.map(|why| format!("stopped: {why}"));
        let state = state.unwrap_or_else(|| if program.is_some() { "running" } else { "bypass" }.to_owned());
        let counters = ShellCounters { rx_waiting: waiting, rx_waiting_most: most, ..lock(&self.counters).clone() };
        Status {
            device: format!("sim:{}", self.config.name),
            pid: std::process::id(),
            bus_bits: self.config.bus_bits,
            clock_mhz: self.config.clock_mhz,
            target: self.config.target.clone(),
            state,
            up_since: self.up_since,
            interfaces: self.dma.iter().chain(&self.mac).map(|tap| tap.interface.clone()).collect(),
            program,
            loading: self.loading.load(Ordering::SeqCst),
            listeners: self.traces.count() + self.events.count(),
            counters,
            nic: hardware,
        }
    }

    /// What the hardware counts, unless it has stopped.
    fn hardware(&self) -> Option<Hardware> {
        let (reply, answer) = mpsc::channel();
        let work = move |datapath: &mut datapath::Datapath| {
            // Who asked may have gone.
            let _ = reply.send(if datapath.is_stopped() { None } else { datapath.hardware().ok() });
        };
        self.queue.job(Job { slot: None, idle: false, alone: false, work: Box::new(work) });
        answer.recv().ok().flatten()
    }

    /// Makes a program run: builds its model, starts it in the other slot, and exchanges the two.
    /// With `after`: only if that load is still the one in use.
    fn load(self: &Arc<Self>, request: &LoadRequest, after: Option<u64>) -> Result<Loaded> {
        if self.loading.swap(true, Ordering::SeqCst) {
            return Err(Failure::new(Code::Busy, "another program is being loaded"));
        }
        let _loading = Loading(&self.loading);
        let mut used = vec![PathBuf::from(&request.design)];
        used.extend(lock(&self.current).as_ref().map(|active| PathBuf::from(&active.program.design)));
        self.place.sweep(&used);
        let result = self.prepare(request).and_then(|(new, given)| match request.dry_run {
            true => Ok(self.rehearse(&new, request, &given)),
            false => self.switch(Some(Box::new(new)), request.keep_maps, given, after),
        });
        if result.is_err() || request.dry_run {
            self.remove_design(Path::new(&request.design));
        }
        result
    }

    /// Everything up to the exchange.
    fn prepare(self: &Arc<Self>, request: &LoadRequest) -> Result<(Active, MapContents)> {
        let folder = Path::new(&request.design);
        let manifest = artifact::verify(folder)?;
        let Config { bus_bits, clock_mhz, target, .. } = &self.config;
        artifact::fits(&manifest, artifact::Place { bus_bits: *bus_bits, clock_mhz: *clock_mhz, target })?;
        let given = contents::initial(&manifest, request.maps.as_deref())?;
        let options = BuildOptions { trace: false, quick: self.config.quick };
        let model = Model::build(folder, options, &mut Silent)?;
        // Nobody else changes what runs: only one program is loaded at a time.
        let used = lock(&self.current).as_ref().map(|active| active.slot.place);
        let place = used.map_or(slots::Slot::A, slots::Slot::other);
        let slot = Slot::start(self, place, model, engine_image(folder)?)?;
        contents::fill(&slot, given.clone())?;
        let load = self.loads.load(Ordering::SeqCst) + 1;
        let program = Program {
            load,
            slot: place.name().to_owned(),
            name: manifest.program.clone(),
            build_id: manifest.build_id.clone(),
            source: request.source.clone(),
            loaded_at: now(),
            uid: system::uid(),
            bytes_xlated: artifact::bytes_xlated(folder),
            stages: manifest.stages,
            latency_cycles: manifest.latency_cycles,
            target: manifest.target.clone(),
            clock_mhz: manifest.clock_mhz,
            design: request.design.clone(),
        };
        let prints = Arc::new(manifest.print_formats());
        Ok((Active { slot, program, manifest, prints }, given))
    }

    /// What a load would do.
    fn rehearse(&self, new: &Active, request: &LoadRequest, given: &MapContents) -> Loaded {
        let mut loaded = Loaded { load: 0, slot: new.program.slot.clone(), ..Loaded::default() };
        if let Some(old) = lock(&self.current).as_ref().filter(|_| request.keep_maps) {
            let (pairs, fresh) = contents::matching(&old.manifest, &new.manifest, given);
            let name = |(_, id): &(u32, u32)| new.manifest.maps.get(*id as usize).map(|map| map.name.clone());
            loaded.kept = pairs.iter().filter_map(name).collect();
            loaded.fresh = fresh;
        }
        loaded
    }

    /// Has the datapath exchange programs.
    fn switch(&self, new: Option<Box<Active>>, keep: bool, given: MapContents, after: Option<u64>) -> Result<Loaded> {
        let (reply, answer) = mpsc::channel();
        let load = new.as_ref().map(|new| new.program.load);
        let exchange = Exchange { new, keep, given, after, reply };
        let work = move |datapath: &mut datapath::Datapath| datapath.exchange(exchange);
        self.queue.job(Job { slot: None, idle: false, alone: true, work: Box::new(work) });
        let loaded = answer.recv().map_err(|_| Failure::new(Code::Server, "the datapath has ended"))??;
        if let Some(load) = load {
            self.loads.store(load, Ordering::SeqCst);
        }
        Ok(loaded)
    }

    /// Removes a design that is not used any more, if it is one of this NIC's.
    fn remove_design(&self, design: &Path) {
        if design.starts_with(&self.place.folder) && design != self.place.folder {
            // A folder that stays is removed with the NIC.
            let _ = std::fs::remove_dir_all(design);
        }
    }
}
