// SPDX-License-Identifier: Apache-2.0
//! The tap: copies of packets at entry and exit for clients that ask. Who does not take them in time loses copies, never packets.

use super::queue::lock;
use super::slot::now_ns;
use crate::protocol::{Outcome, Traced};
use crate::wire::encode_frames;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Batches that wait for a client.
const DEPTH: usize = 64;

/// One packet's copies.
#[derive(Debug, Clone)]
pub(super) struct Record {
    traced: Traced,
    entry: Vec<u8>,
    exit: Vec<u8>,
}

impl Record {
    pub(super) fn new(entry: &[u8], outcome: Outcome, exit: &[u8]) -> Self {
        let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
        let traced = Traced { time: now_ns(), entry: length, outcome };
        Self { traced, entry: entry.to_vec(), exit: exit.to_vec() }
    }
}

/// Packets of a batch, as they go to a client.
#[derive(Debug)]
pub(super) struct Copies {
    pub(super) packets: Vec<Traced>,
    pub(super) frames: Vec<u8>,
}

/// A client's end.
pub(super) struct Subscription {
    pub(super) copies: Receiver<Arc<Copies>>,
    pub(super) lost: Arc<AtomicU64>,
}

/// A client: where copies go, and how many were lost.
type Client = (SyncSender<Arc<Copies>>, Arc<AtomicU64>);

/// All clients that trace.
#[derive(Default)]
pub(super) struct Traces {
    clients: Mutex<Vec<Client>>,
}

impl Traces {
    /// Whether somebody wants copies.
    pub(super) fn is_wanted(&self) -> bool {
        !lock(&self.clients).is_empty()
    }

    /// A new client.
    pub(super) fn subscribe(&self) -> Subscription {
        let (sender, copies) = sync_channel(DEPTH);
        let lost = Arc::new(AtomicU64::new(0));
        lock(&self.clients).push((sender, lost.clone()));
        Subscription { copies, lost }
    }

    /// Gives all clients a batch; returns how many copies were lost.
    pub(super) fn send(&self, records: Vec<Record>) -> u64 {
        let count = records.len() as u64;
        let frames = records.iter().flat_map(|record| {
            [Some(record.entry.as_slice()), (record.traced.outcome.length > 0).then_some(record.exit.as_slice())]
        });
        let frames = encode_frames(frames.flatten());
        let copies = Arc::new(Copies { packets: records.iter().map(|record| record.traced).collect(), frames });
        let mut total = 0;
        lock(&self.clients).retain(|(sender, lost)| match sender.try_send(copies.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                lost.fetch_add(count, Ordering::Relaxed);
                total += count;
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
        total
    }
}
