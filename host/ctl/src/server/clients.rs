// SPDX-License-Identifier: Apache-2.0
//! Connections. Each has a thread that reads requests and one that writes replies in their order, so that a client may send ahead, and
//! one that vanishes, or sends nonsense, harms nobody.

use super::broadcast::Subscription;
use super::queue::{Frame, Origin, Ticket, lock};
use super::{Nic, follow, slot};
use crate::error::{Code, Failure, Result};
use crate::execute;
use crate::protocol::{Event, LoadRequest, MapOp, Outcome, Reply, Request, Traced};
use crate::wire::{self, MAX_BLOB, decode_frames};
use bpf2hdl_interface::MapContents;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Most connections at a time.
const MAX_CLIENTS: usize = 64;
/// Replies that may wait in a connection.
const AHEAD: usize = 8;
/// A message has so long to come, and a reply to be taken.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a trace without packets says that it is there.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// Most runs of `prog run`.
const MAX_REPEAT: u32 = 1_000_000;
static CLIENTS: AtomicUsize = AtomicUsize::new(0);

/// What the writing thread waits for, and then sends.
enum Answer {
    Now(Reply),
    Sent(Receiver<(Vec<Outcome>, Vec<u8>)>),
    Trace(Subscription<Traced>),
    Events(Subscription<Event>),
    /// The last one: then the NIC ends.
    Down,
}

/// Serves all connections, without end.
pub(super) fn serve(nic: &Arc<Nic>, listener: &UnixListener) {
    for stream in listener.incoming() {
        // A connection that can not be served is closed, which its client sees.
        let Ok(stream) = stream else {
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        if CLIENTS.fetch_add(1, Ordering::SeqCst) >= MAX_CLIENTS {
            let failure = Failure::new(Code::Busy, format!("{MAX_CLIENTS} clients are connected already"));
            let _ = wire::write(&mut &stream, &Reply::Failed(*failure), &[]);
            CLIENTS.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let nic = nic.clone();
        let body = move || {
            // What goes wrong with one connection ends it, and nothing else.
            let _ = connection(&nic, &stream);
            CLIENTS.fetch_sub(1, Ordering::SeqCst);
        };
        if thread::Builder::new().name("client".to_owned()).spawn(body).is_err() {
            CLIENTS.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// One connection, to its end.
fn connection(nic: &Arc<Nic>, stream: &UnixStream) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let (answers, waiting) = sync_channel(AHEAD);
    let output = stream.try_clone()?;
    let writer = {
        let nic = nic.clone();
        thread::Builder::new().name("replies".to_owned()).spawn(move || {
            // A client that takes no replies has its connection ended.
            let _ = write_all(&nic, &output, &waiting);
            let _ = output.shutdown(std::net::Shutdown::Both);
        })?
    };
    read_all(nic, stream, &answers);
    drop(answers);
    // It ends because there is nothing more to wait for.
    let _ = writer.join();
    Ok(())
}

fn read_all(nic: &Arc<Nic>, stream: &UnixStream, answers: &SyncSender<Answer>) {
    loop {
        let (answer, goes_on) = match read_one(stream) {
            Ok(None) => return,
            Ok(Some((request, blob))) => (answer(nic, request, blob), true),
            Err(failure) => (Answer::Now(Reply::Failed(*failure)), false),
        };
        if answers.send(answer).is_err() || !goes_on {
            return;
        }
    }
}

/// The next message. The client may take its time before it, but not inside it.
fn read_one(stream: &UnixStream) -> Result<Option<(Request, Vec<u8>)>> {
    wire::read(&mut Patient { stream, begun: false })
}

/// A stream whose first byte may take any time.
struct Patient<'a> {
    stream: &'a UnixStream,
    begun: bool,
}

impl io::Read for Patient<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.begun.then_some(PATIENCE))?;
        let count = (&mut &*self.stream).read(bytes)?;
        self.begun = true;
        Ok(count)
    }
}

fn write_all(nic: &Arc<Nic>, mut stream: &UnixStream, answers: &Receiver<Answer>) -> io::Result<()> {
    for answer in answers {
        match answer {
            Answer::Now(reply) => write_reply(&mut stream, &reply, &[])?,
            Answer::Sent(done) => match done.recv() {
                Ok((outcomes, frames)) => write_reply(&mut stream, &Reply::Sent(outcomes), &frames)?,
                Err(_) => write_reply(
                    &mut stream,
                    &Reply::Failed(*Failure::new(Code::Server, "the datapath has ended")),
                    &[],
                )?,
            },
            Answer::Trace(subscription) => {
                stream_copies(&mut stream, &subscription, |packets, lost| Reply::Traced { packets, lost })?;
            }
            Answer::Events(subscription) => {
                stream_copies(&mut stream, &subscription, |records, lost| Reply::Events { records, lost })?;
            }
            Answer::Down => {
                write_reply(&mut stream, &Reply::Done, &[])?;
                nic.end();
            }
        }
    }
    Ok(())
}

/// A reply that is too long for a message becomes an error.
fn write_reply(stream: &mut &UnixStream, reply: &Reply, blob: &[u8]) -> io::Result<()> {
    if blob.len() > MAX_BLOB {
        let failure = Failure::new(Code::Protocol, format!("a reply of {} bytes is too long", blob.len()));
        return wire::write(stream, &Reply::Failed(*failure), &[]);
    }
    wire::write(stream, reply, blob)
}

/// Copies until the client has gone, which a message without any shows now and then.
fn stream_copies<T: Clone>(
    stream: &mut &UnixStream,
    subscription: &Subscription<T>,
    reply: impl Fn(Vec<T>, u64) -> Reply,
) -> io::Result<()> {
    wire::write(stream, &Reply::Done, &[])?;
    loop {
        let lost = subscription.lost.load(Ordering::Relaxed);
        match subscription.copies.recv_timeout(HEARTBEAT) {
            Ok(copies) => wire::write(stream, &reply(copies.items.clone(), lost), &copies.bytes)?,
            Err(_) => wire::write(stream, &reply(Vec::new(), lost), &[])?,
        }
    }
}

/// Carries out a request, or begins to.
fn answer(nic: &Arc<Nic>, request: Request, blob: Vec<u8>) -> Answer {
    let now = |result: Result<Reply>| Answer::Now(result.unwrap_or_else(|failure| Reply::Failed(*failure)));
    match request {
        Request::Status => Answer::Now(Reply::Status(Box::new(nic.status()))),
        Request::Manifest => now(nic.manifest()),
        Request::Map { load, map, op } => now(nic.map(load, map, op)),
        Request::Counters { load } => now(nic.counters(load)),
        Request::ClearCounters { load } => {
            now(nic.with_core(load, false, |core| Ok(core.clear_counters().map(|()| Reply::Done)?)))
        }
        Request::Send => nic.send(&blob),
        Request::Run { repeat } => nic.test(&blob, repeat),
        Request::Load(request) => {
            let result = nic.load_from(&request);
            if let (Ok(loaded), Some(design)) = (&result, &request.then)
                && !request.dry_run
            {
                follow::start(nic, loaded.load, design, &request.source);
            }
            now(result.map(Reply::Loaded))
        }
        Request::Unload => now(nic.switch(None, false, MapContents::default(), None).map(|_| Reply::Done)),
        Request::Trace => Answer::Trace(nic.traces.subscribe()),
        Request::Events => Answer::Events(nic.events.subscribe()),
        Request::Down => Answer::Down,
    }
}

impl Nic {
    fn manifest(&self) -> Result<Reply> {
        let current = lock(&self.current);
        let active = current.as_ref().ok_or_else(no_program)?;
        Ok(Reply::Manifest { load: active.program.load, manifest: active.manifest.to_json() })
    }

    /// Only designs in the NIC's own folder are loaded: the client has put them there.
    fn load_from(self: &Arc<Self>, request: &LoadRequest) -> Result<crate::protocol::Loaded> {
        for design in std::iter::once(&request.design).chain(&request.then) {
            let inside = Path::new(design).parent() == Some(&self.place.folder) && !design.contains("..");
            if !inside {
                return Err(Failure::new(Code::Protocol, format!("{design} is not in the folder of this NIC")));
            }
        }
        let loaded = self.load(request, None);
        match &loaded {
            Ok(loaded) if !request.dry_run => {
                self.log(&format!("load {} in slot {}: {}", loaded.load, loaded.slot, request.source))
            }
            Ok(_) => {}
            Err(failure) => self.log(&format!("{} was not loaded: {failure}", request.source)),
        }
        loaded
    }

    fn map(&self, load: u64, map: u32, op: MapOp) -> Result<Reply> {
        let stateful = {
            let current = lock(&self.current);
            let maps = current.as_ref().map(|active| &active.manifest.maps);
            maps.and_then(|maps| maps.get(map as usize)).is_some_and(|map| map.state.is_some())
        };
        let idle = op.needs_idle(stateful);
        self.with_core(load, idle, move |core| execute::map(core, map, &op))
    }

    /// Has something done with the core, if it is still that of this load.
    fn with_core(
        &self,
        load: u64,
        idle: bool,
        operation: impl FnOnce(&mut slot::Core<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let pending = {
            let current = lock(&self.current);
            let active = current.as_ref().ok_or_else(no_program)?;
            if active.program.load != load {
                let text = format!("the program was replaced by another one (load {})", active.program.load);
                return Err(Failure::new(Code::Replaced, text));
            }
            active.slot.host(idle, operation)
        };
        pending.wait()?
    }

    fn counters(&self, load: u64) -> Result<Reply> {
        #[expect(clippy::redundant_closure, reason = "the function itself is not general enough in its lifetimes")]
        self.with_core(load, false, |core| execute::counters(core))
    }

    fn send(&self, blob: &[u8]) -> Answer {
        let Some(frames) = decode_frames(blob) else {
            return Answer::Now(Reply::Failed(*Failure::new(Code::Protocol, "the frames of a message are damaged")));
        };
        let (reply, done) = channel();
        let ticket = Ticket::new(frames.len(), reply);
        for frame in frames {
            self.queue.add(Frame { bytes: frame.to_vec(), origin: Origin::Client(ticket.clone()) });
        }
        Answer::Sent(done)
    }

    fn test(&self, frame: &[u8], repeat: u32) -> Answer {
        let count = repeat.clamp(1, MAX_REPEAT) as usize;
        if frame.len().saturating_mul(count) > MAX_BLOB / 2 {
            let text = format!("{count} runs of {} bytes are too much for one request", frame.len());
            return Answer::Now(Reply::Failed(*Failure::new(Code::Refused, text).hint("give a smaller `repeat`")));
        }
        let (reply, done) = channel();
        let ticket = Ticket::new(count, reply);
        for _ in 0..count {
            self.queue.add(Frame { bytes: frame.to_vec(), origin: Origin::Test(ticket.clone()) });
        }
        Answer::Sent(done)
    }
}

fn no_program() -> Box<Failure> {
    Failure::new(Code::NoProgram, "no program is loaded")
}
