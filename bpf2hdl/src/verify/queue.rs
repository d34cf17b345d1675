// SPDX-License-Identifier: Apache-2.0
//! `bpf_map_push_elem`, `bpf_map_pop_elem` and `bpf_map_peek_elem` on queues and stacks (kernel/bpf/queue_stack_maps.c).
//!
//! The elements are a ring; where it begins and ends is in another map, of one entry ([`bpf2hdl_interface::queue`]). So both are maps like any
//! other, and packets see them in their order.

use super::content::Content;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Map, MapId, MapKind, Value};
use crate::object::Nesting;
use bpf2hdl_interface::queue::{COUNT, HEAD, TAIL};

/// `BPF_EXIST`: the element takes the place of the oldest one if there is no room.
const EXIST: u64 = 2;

// Errors, negative (include/uapi/asm-generic/errno-base.h).
const NO_ENTRY: i64 = -2;
const TOO_BIG: i64 = -7;
const INVALID: i64 = -22;

/// A queue or stack with what is known of it.
struct Queue {
    id: MapId,
    state: MapId,
    map: Map,
    /// Where the next element goes, where the oldest one is (of queues), how many there are; all as wide as the last one needs.
    head: Value,
    tail: Value,
    count: Value,
}

impl Walk<'_> {
    pub(super) fn map_push(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let queue = self.queue(state, "bpf_map_push_elem")?;
        let value = self.bytes(state, &state.registers[2], queue.map.value_size, "value")?;
        let flags = self.scalar(&state.registers[3], "the flags of bpf_map_push_elem")?;
        let (any, replace) = (self.b.equals_const(flags, 0), self.b.equals_const(flags, EXIST));
        let valid = self.b.or(any, replace);
        let full = self.b.equals_const(queue.count, queue.map.max_entries.into());
        let has_room = self.b.not(full);
        let room = self.b.or(has_room, replace);
        let path = state.path.to_value(&mut self.b);
        let accepted = self.b.and(valid, room);
        let when = self.b.and(path, accepted);
        let mut offset = 0;
        for part in value {
            self.b.map_store(queue.id, queue.head, offset, part, when);
            offset += u32::from(self.b.width(part) / 8);
        }
        let (head, more) = (self.next(&queue, queue.head), self.b.add_const(queue.count, 1));
        let count = self.b.select(full, queue.count, more);
        self.set_state(&queue, HEAD, head, when);
        self.set_state(&queue, COUNT, count, when);
        if queue.map.kind == MapKind::Queue {
            let dropped = self.b.and(when, full);
            let tail = self.next(&queue, queue.tail);
            self.set_state(&queue, TAIL, tail, dropped);
        }
        let (done, too_big, invalid) = (self.number(0), self.number(TOO_BIG), self.number(INVALID));
        let result = self.b.select(room, done, too_big);
        Ok(Content::Scalar(self.b.select(valid, result, invalid)))
    }

    /// Copies the next element, or zeros if there is none, to memory, and takes it away where `removes`.
    pub(super) fn map_peek(&mut self, state: &mut State, helper: &str, removes: bool) -> Result<Content, Refusal> {
        let queue = self.queue(state, helper)?;
        let empty = self.b.equals_const(queue.count, 0);
        let at = match queue.map.kind {
            MapKind::Queue => queue.tail,
            _ => self.previous(&queue, queue.head),
        };
        let target = state.registers[2];
        let mut offset = 0;
        while offset < queue.map.value_size {
            let left = queue.map.value_size - offset;
            let bytes = if left >= 8 { 8 } else { 1 << left.ilog2() };
            let (there, nothing) =
                (self.b.map_load(queue.id, at, offset, 8 * bytes as u8), self.b.constant(0, 8 * bytes as u8));
            let value = self.b.select(empty, nothing, there);
            self.write(state, &target, offset.into(), bytes, Content::Scalar(value))?;
            offset += bytes;
        }
        if removes {
            let path = state.path.to_value(&mut self.b);
            let is_there = self.b.not(empty);
            let when = self.b.and(path, is_there);
            let fewer = self.b.add_const(queue.count, u64::MAX);
            self.set_state(&queue, COUNT, fewer, when);
            let (end, moved) = match queue.map.kind {
                MapKind::Queue => (TAIL, self.next(&queue, queue.tail)),
                _ => (HEAD, at),
            };
            self.set_state(&queue, end, moved, when);
        }
        let (done, none) = (self.number(0), self.number(NO_ENTRY));
        Ok(Content::Scalar(self.b.select(empty, none, done)))
    }

    fn queue(&mut self, state: &State, helper: &str) -> Result<Queue, Refusal> {
        let argument = self.map_argument(state, helper)?;
        let (id, map) = (argument.id, argument.map);
        let Nesting::Queue { state } = self.program.maps[id.index()].nesting else {
            let text = format!("{helper} is called on `{}`, a map of type {}", map.name, map.kind.name());
            return Err(self.refuse(Code::MapOperation, text));
        };
        let bits = (32 - map.max_entries.leading_zeros()) as u8;
        let (state, first) = (MapId::new(state), self.b.constant(0, 32));
        let mut load = |offset| {
            let value = self.b.map_load(state, first, offset, 32);
            self.b.extract(value, 0, bits)
        };
        Ok(Queue { id, state, head: load(HEAD), tail: load(TAIL), count: load(COUNT), map })
    }

    fn set_state(&mut self, queue: &Queue, offset: u32, value: Value, when: Value) {
        let (value, first) = (self.b.resize(value, 32), self.b.constant(0, 32));
        self.b.map_store(queue.state, first, offset, value, when);
    }

    /// The place behind one in the ring.
    fn next(&mut self, queue: &Queue, at: Value) -> Value {
        let last = self.b.equals_const(at, u64::from(queue.map.max_entries - 1));
        let (first, next) = (self.b.constant(0, self.b.width(at)), self.b.add_const(at, 1));
        self.b.select(last, first, next)
    }

    /// The place before one in the ring.
    fn previous(&mut self, queue: &Queue, at: Value) -> Value {
        let first = self.b.equals_const(at, 0);
        let last = self.b.constant(u64::from(queue.map.max_entries - 1), self.b.width(at));
        let previous = self.b.add_const(at, u64::MAX);
        self.b.select(first, last, previous)
    }

    fn number(&mut self, value: i64) -> Value {
        self.b.constant(value as u64, 64)
    }
}
