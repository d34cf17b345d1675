// SPDX-License-Identifier: Apache-2.0
//! The process of a simulated NIC: started by `sim up` with a [`Start`] on standard input; says on standard output, in one line, that it is
//! ready, or why not.

use super::datapath::Datapath;
use super::queue::{Frame, Origin, Queue, lock};
use super::run_folder::Place;
use super::{Config, Nic, clients, now, system, tap};
use crate::error::{Code, Failure, Result};
use crate::protocol::{LoadRequest, Status};
use bpf2hdl_testbench::Silent;
use bpf2hdl_testbench::model::NicModel;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often a name is tried before it counts as taken: somebody may just look whether it is.
const TRIES: u32 = 20;
/// Longest frame that is read from an interface.
const FRAME: usize = 65_536;

/// What the process is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) config: Config,
    /// The first program; its design is in a folder of the run-time folder.
    pub(crate) program: LoadRequest,
}

/// What the process says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    Ready(Box<Status>),
    Failed(Failure),
}

/// Runs the process. It returns only if the NIC could not be started, or nobody wants to know that it was.
pub(crate) fn serve() -> Result<()> {
    let fail = |error: io::Error| Failure::new(Code::Server, format!("the server can not be started: {error}"));
    // Fails where the process has a session of its own already.
    let _ = system::new_session();
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(fail)?;
    let start: Start = serde_json::from_str(&text).map_err(|error| Failure::new(Code::Protocol, error.to_string()))?;
    let (result, held) = match begin(start) {
        Ok((nic, listener, held)) => (Ok((nic, listener)), Some(held)),
        Err(failure) => (Err(failure), None),
    };
    let said = match &result {
        Ok((nic, _)) => Said::Ready(Box::new(nic.status())),
        Err(failure) => Said::Failed(*failure.clone()),
    };
    let line = serde_json::to_string(&said).unwrap_or_default();
    let told = writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush());
    let Ok((nic, listener)) = result else { return Ok(()) };
    let log = File::options().append(true).open(nic.place.log()).map_err(fail)?;
    if told.is_err() || system::redirect(&log, system::STDOUT).is_err() {
        // Who has started it is gone, and nobody knows of it.
        nic.end();
    }
    clients::serve(&nic, &listener);
    drop(held);
    Ok(())
}

/// Takes the name, makes folder, interfaces and socket, loads the program.
fn begin(start: Start) -> Result<(Arc<Nic>, UnixListener, File)> {
    let Start { config, mut program } = start;
    let place = Place::of(&config.name)?;
    let held = take(&place)?;
    let result = build(config, &place, &mut program);
    if result.is_err() {
        // The failure is what is to be told.
        let _ = place.clean();
    }
    let (nic, listener) = result?;
    Ok((nic, listener, held))
}

fn take(place: &Place) -> Result<File> {
    for _ in 0..TRIES {
        if let Some(held) = place.take()? {
            return Ok(held);
        }
        thread::sleep(Duration::from_millis(25));
    }
    Err(in_use(&place.name))
}

/// The name has a server.
pub(crate) fn in_use(name: &str) -> Box<Failure> {
    Failure::new(Code::NameInUse, format!("a simulated NIC `{name}` runs already"))
}

fn build(config: Config, place: &Place, program: &mut LoadRequest) -> Result<(Arc<Nic>, UnixListener)> {
    place.make()?;
    let log = File::create(place.log()).map_err(|error| Failure::file(&place.log(), "written", &error))?;
    // Without a log the server runs all the same.
    let _ = system::redirect(&log, system::STDERR);
    let design = place.incoming();
    fs::rename(&program.design, &design).map_err(|error| Failure::file(program.design.as_ref(), "moved", &error))?;
    program.design = design.display().to_string();
    let wish = |side, name: &Option<String>, netns: &Option<String>| {
        name.clone().map(|name| tap::open(&tap::Wish { side, name, netns: netns.clone() })).transpose()
    };
    let dma = wish("dma", &config.tap, &config.netns)?;
    let mac = wish("mac", &config.mac_tap, &config.mac_netns)?;
    let nic = Arc::new(Nic {
        config,
        place: place.clone(),
        up_since: now(),
        queue: Queue::default(),
        current: Mutex::default(),
        stopped: Mutex::default(),
        counters: Mutex::default(),
        traces: Default::default(),
        events: Default::default(),
        dma,
        mac,
        loading: AtomicBool::new(false),
        loads: AtomicU64::new(0),
    });
    let model = NicModel::build(nic.config.bus_bits, &mut Silent)?;
    let (ready, started) = channel();
    spawn("datapath", &nic, move |nic| match Datapath::new(nic, model) {
        Ok(mut datapath) => {
            // Whoever waits for it knows why if it is gone.
            let _ = ready.send(Ok(()));
            datapath.run();
        }
        Err(failure) => {
            let _ = ready.send(Err(failure));
        }
    })?;
    started.recv().map_err(|_| Failure::new(Code::Server, "the NIC could not be started"))??;
    nic.load(program, None)?;
    // Only now: nothing passes before the program is there.
    spawn("mac", &nic, |nic| nic.read_wire())?;
    spawn("dma", &nic, |nic| nic.read_host())?;
    let socket = place.socket();
    let listener = UnixListener::bind(&socket).map_err(|error| Failure::file(&socket, "made", &error))?;
    Ok((nic, listener))
}

fn spawn(name: &str, nic: &Arc<Nic>, body: impl FnOnce(Arc<Nic>) + Send + 'static) -> Result<()> {
    let nic = nic.clone();
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || body(nic));
    thread.map(drop).map_err(|error| Failure::new(Code::Server, format!("no thread can be started: {error}")))
}

impl Nic {
    /// Frames from the interface at the MAC's side go into the receive queue.
    fn read_wire(&self) {
        let Some(tap) = &self.mac else { return };
        self.read(&tap.file, &tap.interface.name, |frame| {
            if !self.queue.offer(Frame { bytes: frame.to_vec(), origin: Origin::Wire }) {
                lock(&self.counters).rx_overflow += 1;
            }
        });
    }

    /// Frames from the host's interface leave by the MAC, through a transmit ring.
    fn read_host(&self) {
        let Some(tap) = &self.dma else { return };
        self.read(&tap.file, &tap.interface.name, |frame| self.queue.add_own(frame.to_vec()));
    }

    fn read(&self, mut file: &File, name: &str, mut each: impl FnMut(&[u8])) {
        let mut frame = vec![0; FRAME];
        loop {
            match file.read(&mut frame) {
                Ok(0) => return,
                Ok(length) => each(&frame[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.log(&format!("the interface {name} has gone: {error}")),
            }
        }
    }

    /// The end of the process, and of everything that it has made.
    pub(super) fn end(&self) -> ! {
        // What is left over is removed by whoever finds it.
        let _ = self.place.clean();
        std::process::exit(0)
    }
}
