// SPDX-License-Identifier: Apache-2.0
//! Copies for clients that ask: of packets, and of the programs' records. Who does not take them in time loses copies, never packets.

use super::queue::lock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};

/// Batches that wait for a client.
const DEPTH: usize = 64;

/// What a client gets at once: items, with the bytes of each in order.
#[derive(Debug)]
pub(super) struct Copies<T> {
    pub(super) items: Vec<T>,
    pub(super) bytes: Vec<u8>,
}

/// A client's end.
pub(super) struct Subscription<T> {
    pub(super) copies: Receiver<Arc<Copies<T>>>,
    pub(super) lost: Arc<AtomicU64>,
}

/// A client: where copies go, and how many were lost.
type Client<T> = (SyncSender<Arc<Copies<T>>>, Arc<AtomicU64>);

/// All clients that want such copies.
pub(super) struct Broadcast<T> {
    clients: Mutex<Vec<Client<T>>>,
}

impl<T> Default for Broadcast<T> {
    fn default() -> Self {
        Self { clients: Mutex::default() }
    }
}

impl<T> Broadcast<T> {
    /// Whether somebody wants copies.
    pub(super) fn is_wanted(&self) -> bool {
        self.count() > 0
    }

    /// How many do.
    pub(super) fn count(&self) -> usize {
        lock(&self.clients).len()
    }

    /// A new client.
    pub(super) fn subscribe(&self) -> Subscription<T> {
        let (sender, copies) = sync_channel(DEPTH);
        let lost = Arc::new(AtomicU64::new(0));
        lock(&self.clients).push((sender, lost.clone()));
        Subscription { copies, lost }
    }

    /// Gives all clients a batch; returns how many copies were lost.
    pub(super) fn send(&self, copies: Copies<T>) -> u64 {
        let count = copies.items.len() as u64;
        let copies = Arc::new(copies);
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
