// SPDX-License-Identifier: Apache-2.0
//! `bpf_map_push_elem`, `bpf_map_pop_elem` and `bpf_map_peek_elem` on queues and stacks (kernel/bpf/queue_stack_maps.c).
//!
//! The elements are a ring; where it begins and ends is in another map, of one entry ([`bpf2hdl_interface::queue`]). So both are maps like any
//! other, and packets see them in their order. The state is read when a packet begins; after that each path knows what it has made of it,
//! so that what paths do that exclude each other is side by side in hardware.

use super::content::Content;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Map, MapId, MapKind, Value};
use crate::object::Nesting;
use bpf2hdl_interface::MapType;
use bpf2hdl_interface::queue::{COUNT, HEAD, TAIL};
use std::collections::BTreeMap;

/// `BPF_EXIST`: the element takes the place of the oldest one if there is no room.
const EXIST: u64 = 2;

// Errors, negative (include/uapi/asm-generic/errno-base.h).
const NO_ENTRY: i64 = -2;
const TOO_BIG: i64 = -7;
const INVALID: i64 = -22;

/// The state of a queue or stack: three numbers as wide as the number of elements needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ring {
    /// Where the next element goes.
    head: Value,
    /// Where the oldest one is, of queues.
    tail: Value,
    /// How many there are.
    count: Value,
}

impl Ring {
    /// One of two states.
    pub(super) fn choose(&self, other: &Self, mut select: impl FnMut(Value, Value) -> Value) -> Self {
        Ring {
            head: select(self.head, other.head),
            tail: select(self.tail, other.tail),
            count: select(self.count, other.count),
        }
    }
}

/// A queue or stack.
struct Queue {
    id: MapId,
    state: MapId,
    map: Map,
}

impl Walk<'_> {
    pub(super) fn map_push(&mut self, state: &mut State) -> Result<Content, Refusal> {
        if let Some(result) = self.push_bloom(state)? {
            return Ok(result);
        }
        let queue = self.queue(state, "bpf_map_push_elem")?;
        let ring = state.queues[&queue.id];
        let value = self.bytes(state, &state.registers[2], queue.map.value_size, "value")?;
        let flags = self.scalar(&state.registers[3], "the flags of bpf_map_push_elem")?;
        let (any, replace) = (self.b.equals_const(flags, 0), self.b.equals_const(flags, EXIST));
        let valid = self.b.or(any, replace);
        let full = self.b.equals_const(ring.count, queue.map.max_entries.into());
        let has_room = self.b.not(full);
        let room = self.b.or(has_room, replace);
        let path = state.path.to_value(&mut self.b);
        // What depends on the state comes last: it is what packets wait for.
        let asked = self.b.and(path, valid);
        let (forced, fits) = (self.b.and(asked, replace), self.b.and(asked, has_room));
        let when = self.b.or(forced, fits);
        let mut offset = 0;
        for part in value {
            self.b.map_store(queue.id, ring.head, offset, part, when);
            offset += u32::from(self.b.width(part) / 8);
        }
        let (replaces, joins) = (self.b.and(valid, replace), self.b.and(valid, has_room));
        let accepted = self.b.or(replaces, joins);
        let (head, more) = (self.next(&queue, ring.head), self.b.add_const(ring.count, 1));
        let mut new = ring;
        new.head = self.change(&queue, HEAD, [ring.head, head], [accepted, when]);
        new.count = self.change(&queue, COUNT, [ring.count, more], [joins, fits]);
        if queue.map.kind == MapKind::Queue {
            let (drops, dropped) = (self.b.and(replaces, full), self.b.and(forced, full));
            let tail = self.next(&queue, ring.tail);
            new.tail = self.change(&queue, TAIL, [ring.tail, tail], [drops, dropped]);
        }
        state.queues.insert(queue.id, new);
        let (done, too_big, invalid) = (self.number(0), self.number(TOO_BIG), self.number(INVALID));
        let result = self.b.select(room, done, too_big);
        Ok(Content::Scalar(self.b.select(valid, result, invalid)))
    }

    /// Copies the next element, or zeros if there is none, to memory, and takes it away where `removes`.
    pub(super) fn map_peek(&mut self, state: &mut State, helper: &str, removes: bool) -> Result<Content, Refusal> {
        if !removes && let Some(result) = self.peek_bloom(state)? {
            return Ok(result);
        }
        let queue = self.queue(state, helper)?;
        let ring = state.queues[&queue.id];
        let empty = self.b.equals_const(ring.count, 0);
        let at = match queue.map.kind {
            MapKind::Queue => ring.tail,
            _ => self.previous(&queue, ring.head),
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
            let fewer = self.b.add_const(ring.count, u64::MAX);
            let mut new = ring;
            new.count = self.change(&queue, COUNT, [ring.count, fewer], [is_there, when]);
            if queue.map.kind == MapKind::Queue {
                let tail = self.next(&queue, ring.tail);
                new.tail = self.change(&queue, TAIL, [ring.tail, tail], [is_there, when]);
            } else {
                new.head = self.change(&queue, HEAD, [ring.head, at], [is_there, when]);
            }
            state.queues.insert(queue.id, new);
        }
        let (done, none) = (self.number(0), self.number(NO_ENTRY));
        Ok(Content::Scalar(self.b.select(empty, none, done)))
    }

    fn queue(&mut self, state: &State, helper: &str) -> Result<Queue, Refusal> {
        let argument = self.map_argument(state, helper)?;
        let (id, map) = (argument.id, argument.map);
        let Nesting::Queue { state } = self.program.maps[id.index()].nesting else {
            return Err(self.no_queue(&map, helper));
        };
        if !map.kind.is_queue() {
            return Err(self.no_queue(&map, helper));
        }
        Ok(Queue { id, state: MapId::new(state), map })
    }

    fn no_queue(&self, map: &Map, helper: &str) -> Refusal {
        let text = format!("{helper} is called on `{}`, a map of type {}", map.name, map.kind.name());
        self.refuse(Code::MapOperation, text)
    }

    /// The states of all queues and stacks as a packet finds them.
    pub(super) fn rings(&mut self) -> BTreeMap<MapId, Ring> {
        let mut rings = BTreeMap::new();
        for (index, map) in self.program.maps.iter().enumerate() {
            let Nesting::Queue { state } = map.nesting else { continue };
            if !MapType(map.map_type).is_queue() {
                continue;
            }
            let bits = (32 - map.max_entries.leading_zeros()) as u8;
            let (state, first) = (MapId::new(state), self.b.constant(0, 32));
            let mut load = |offset| {
                let value = self.b.map_load(state, first, offset, 32);
                self.b.extract(value, 0, bits)
            };
            let ring = Ring { head: load(HEAD), tail: load(TAIL), count: load(COUNT) };
            rings.insert(MapId::new(index), ring);
        }
        rings
    }

    /// Writes one number of the state where this call changes it, on this path; what the path then has.
    fn change(&mut self, queue: &Queue, offset: u32, [old, new]: [Value; 2], [changes, on_path]: [Value; 2]) -> Value {
        let (value, first) = (self.b.resize(new, 32), self.b.constant(0, 32));
        self.b.map_store(queue.state, first, offset, value, on_path);
        self.b.select(changes, new, old)
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
