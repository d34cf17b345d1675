// SPDX-License-Identifier: Apache-2.0
//! What waits for the datapath: frames on the wire in front of the MAC, in their order, while the NIC is busy or programs are exchanged; Linux's own frames; jobs.

use super::datapath::Datapath;
use crate::protocol::Outcome;
use crate::wire::encode_frames;
use bpf2hdl_host::nic::slots::Slot;
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Most frames that wait; what comes from an interface beyond that is lost, and counted.
pub(super) const CAPACITY: usize = 65_536;
/// Frames of clients wait outside from here on, so that there is room for those of interfaces.
const ROOM_FOR_INTERFACES: usize = CAPACITY / 2;
/// So many bytes, too: clients wait from here on, and twice as many are lost.
const BYTES: usize = 64 << 20;
/// Most of Linux's own frames that wait; the interface keeps the others.
const OWN: usize = 256;

/// Whom a frame came from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// The interface at the MAC's side.
    Wire,
    /// A client, who gets a copy of what leaves.
    Client(Arc<Ticket>),
    /// A test: nothing leaves but for the client.
    Test(Arc<Ticket>),
}

/// A frame on its way in.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) origin: Origin,
}

/// What a client waits for: as many outcomes as it has given frames.
#[derive(Debug)]
pub(super) struct Ticket {
    total: usize,
    done: Mutex<Vec<(Outcome, Vec<u8>)>>,
    reply: Sender<(Vec<Outcome>, Vec<u8>)>,
}

impl Ticket {
    /// For so many frames.
    pub(super) fn new(total: usize, reply: Sender<(Vec<Outcome>, Vec<u8>)>) -> Arc<Self> {
        let ticket = Arc::new(Self { total, done: Mutex::default(), reply });
        if total == 0 {
            // The client waits for it.
            let _ = ticket.reply.send((Vec::new(), Vec::new()));
        }
        ticket
    }

    /// The next frame's outcome.
    pub(super) fn add(&self, outcome: Outcome, frame: Vec<u8>) {
        let mut done = lock(&self.done);
        done.push((outcome, frame));
        if done.len() == self.total {
            let outcomes = done.iter().map(|(outcome, _)| *outcome).collect();
            let frames = done.iter().filter(|(outcome, _)| outcome.length > 0).map(|(_, frame)| frame.as_slice());
            // The client may have gone.
            let _ = self.reply.send((outcomes, encode_frames(frames)));
        }
    }
}

/// A lock; what a thread has left that panicked is used as it is.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that the datapath does between two clocks. Jobs are begun in their order.
pub(super) struct Job {
    /// Whose registers it uses, if it does so for long: others may be done meanwhile.
    pub(super) slot: Option<Slot>,
    /// No packet may be inside.
    pub(super) idle: bool,
    /// Nothing else may be done meanwhile.
    pub(super) alone: bool,
    pub(super) work: Box<dyn FnOnce(&mut Datapath) + Send>,
}

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Frame>,
    bytes: usize,
    own: VecDeque<Vec<u8>>,
    jobs: VecDeque<Job>,
    most: usize,
}

/// The queue.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    emptied: Condvar,
}

impl Queue {
    /// Adds a frame of an interface; `false` if there is no room.
    pub(super) fn offer(&self, frame: Frame) -> bool {
        let mut waiting = lock(&self.waiting);
        if waiting.frames.len() >= CAPACITY || waiting.bytes >= 2 * BYTES {
            return false;
        }
        waiting.add(frame);
        self.filled.notify_one();
        true
    }

    /// Adds a frame of a client, when there is room.
    pub(super) fn add(&self, frame: Frame) {
        let mut waiting = lock(&self.waiting);
        while waiting.frames.len() >= ROOM_FOR_INTERFACES || waiting.bytes >= BYTES {
            waiting = self.emptied.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.add(frame);
        self.filled.notify_one();
    }

    /// Adds a frame that Linux sends, when there is room.
    pub(super) fn add_own(&self, frame: Vec<u8>) {
        let mut waiting = lock(&self.waiting);
        while waiting.own.len() >= OWN {
            waiting = self.emptied.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.own.push_back(frame);
        self.filled.notify_one();
    }

    /// Adds a job.
    pub(super) fn job(&self, job: Job) {
        lock(&self.waiting).jobs.push_back(job);
        self.filled.notify_one();
    }

    /// The next job, if it may be done now.
    pub(super) fn next_job(&self, allowed: impl FnOnce(&Job) -> bool) -> Option<Job> {
        let mut waiting = lock(&self.waiting);
        waiting.jobs.front().is_some_and(allowed).then(|| waiting.jobs.pop_front())?
    }

    /// The next frame on the wire, if it is wanted.
    pub(super) fn next_frame(&self, wanted: impl FnOnce(&Frame) -> bool) -> Option<Frame> {
        let mut waiting = lock(&self.waiting);
        let frame = waiting.frames.front().is_some_and(wanted).then(|| waiting.frames.pop_front())??;
        waiting.bytes -= frame.bytes.len();
        self.emptied.notify_all();
        Some(frame)
    }

    /// The next frame that Linux sends.
    pub(super) fn next_own(&self) -> Option<Vec<u8>> {
        let frame = lock(&self.waiting).own.pop_front();
        if frame.is_some() {
            self.emptied.notify_all();
        }
        frame
    }

    /// Waits for something to do.
    pub(super) fn wait(&self) {
        let mut waiting = lock(&self.waiting);
        while waiting.jobs.is_empty() && waiting.frames.is_empty() && waiting.own.is_empty() {
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many wait, and most that ever did.
    pub(super) fn depth(&self) -> (u64, u64) {
        let waiting = lock(&self.waiting);
        (waiting.frames.len() as u64, waiting.most as u64)
    }
}

impl Waiting {
    fn add(&mut self, frame: Frame) {
        self.bytes += frame.bytes.len();
        self.frames.push_back(frame);
        self.most = self.most.max(self.frames.len());
    }
}
