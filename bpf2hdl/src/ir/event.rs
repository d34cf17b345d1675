// SPDX-License-Identifier: Apache-2.0
//! Events: what a program tells the host about a packet, by `bpf_perf_event_output` or through a ring buffer.
//!
//! An event is an output of the program, like an edit: a record of bytes that leaves under a condition. Records leave in the
//! order of the list; records of one packet come before those of the next.
//!
//! Whether there is room for records is decided once for a packet, before its first operation ([`Input::Room`](super::Input)): for all that it
//! may emit, or for none. So the results of the calls are plain logic, and no packet waits for another. The kernel decides
//! at each call, by how far the reader has come; no program can tell the difference.

use super::{MapId, Value};

/// A record that the program may emit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The perf event array or ring buffer that it goes to.
    pub map: MapId,
    /// One bit: the call is made and valid, so that a record leaves if there is room; if there is none, it counts as lost.
    pub when: Value,
    /// One bit: the record is kept. A reserved one may be discarded.
    pub keep: Value,
    /// The bytes in memory order, in parts of whole bytes; unspecified where no record leaves.
    pub data: Vec<Value>,
    /// 16 bits: so many of these bytes are in the record.
    pub length: Value,
    /// 16 bits: so many bytes of the packet as received, from its first one, follow.
    pub packet: Option<Value>,
}

impl Event {
    /// Every value, in order.
    pub fn values(&self) -> impl Iterator<Item = Value> + '_ {
        [self.when, self.keep].into_iter().chain(self.data.iter().copied()).chain([self.length]).chain(self.packet)
    }

    /// The same event with each value replaced by `f(value)`.
    #[must_use]
    pub fn map_values(&self, mut f: impl FnMut(Value) -> Value) -> Event {
        Event {
            map: self.map,
            when: f(self.when),
            keep: f(self.keep),
            data: self.data.iter().map(|&part| f(part)).collect(),
            length: f(self.length),
            packet: self.packet.map(f),
        }
    }
}

/// A record that a packet has left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The map that it goes to.
    pub map: MapId,
    /// The program's bytes, then those of the packet.
    pub data: Vec<u8>,
}

/// Most bytes that a program may put into a record, those of the packet aside.
pub const MAX_EVENT_BYTES: u32 = 512;
