// SPDX-License-Identifier: Apache-2.0
//! Records of ring buffers that the program writes in place: `bpf_ringbuf_reserve`, then `_submit` or `_discard`
//! (kernel/bpf/ringbuf.c, Linux 6.18).
//!
//! A reserved record is memory in the state, like the stack, until it is given back. A reservation splits its state on room, so
//! that the test for null behind it decides nothing any more. A record's place among the others is that of its reservation, as
//! in the kernel's ring.
//!
//! What the program does not write is zero, as in a ring that is fresh. The kernel leaves there what an earlier record held.

use std::collections::BTreeMap;

use super::content::{Content, Unusable};
use super::helpers::clobber_arguments;
use super::state::State;
use super::walk::{Flow, Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Event, MAX_EVENT_BYTES, MapId, MapKind, Value};

/// `bpf_ringbuf_reserve` (include/uapi/linux/bpf.h).
pub(super) const RESERVE: u32 = 131;

/// Records that are reserved in a state: by their place in [`Walk::emissions`], their bytes.
pub(super) type Records = BTreeMap<usize, Vec<Value>>;

/// An event of the program as the walk finds it.
pub(super) enum Emission {
    /// All at once.
    Made(Event),
    /// A print, by this instruction.
    Print { slot: usize, event: Event },
    /// A record that is reserved.
    Reserved {
        map: MapId,
        /// One bit: the reservation is made, room aside.
        when: Value,
        size: usize,
        /// Where it is submitted: the condition, and the bytes.
        submissions: Vec<(Value, Vec<Value>)>,
    },
}

impl Walk<'_> {
    /// `bpf_ringbuf_reserve(map, size, flags)`.
    pub(super) fn ringbuf_reserve(&mut self, state: &mut State) -> Result<Flow, Refusal> {
        let map = self.channel(state, 1, MapKind::Ringbuf, "bpf_ringbuf_reserve")?;
        let size = self.scalar(&state.registers[2], "the size of bpf_ringbuf_reserve")?;
        let Some(size) = state.set(&self.b, size).as_const() else {
            return Err(
                self.refuse(Code::HelperArgument, "the size of bpf_ringbuf_reserve is not a constant".to_owned())
            );
        };
        let flags = self.scalar(&state.registers[3], "the flags of bpf_ringbuf_reserve")?;
        clobber_arguments(state);
        let null = Content::Scalar(self.b.constant(0, 64));
        if size > self.largest_record(map) {
            state.registers[0] = null;
            return Ok(Flow::Next);
        }
        if size > MAX_EVENT_BYTES.into() {
            let text = format!("a record of {size} bytes is reserved; at most {MAX_EVENT_BYTES} are built");
            return Err(self.refuse(Code::HelperArgument, text));
        }
        let valid = self.b.equals_const(flags, 0);
        let when = self.call_condition(state, valid);
        let record = self.emissions.len();
        let size = size as usize;
        self.emissions.push(Emission::Reserved { map, when, size, submissions: Vec::new() });
        let room = self.room();
        let succeeds = self.b.and(valid, room);
        let split = self.split_on(state.clone(), succeeds, |_, _, _| {});
        let zero = self.b.constant(0, 8);
        let reserved = split.taken.map(|mut state| {
            state.registers[0] = Content::Record(record, 0);
            state.records.insert(record, vec![zero; size]);
            state
        });
        let failed = split.fallen.map(|mut state| {
            state.registers[0] = null;
            state
        });
        Ok(match (reserved, failed) {
            (Some(reserved), Some(failed)) => {
                *state = reserved;
                Flow::Fork(Box::new(failed))
            }
            (one, other) => {
                *state = one.or(other).unwrap_or_else(|| state.clone());
                Flow::Next
            }
        })
    }

    /// `bpf_ringbuf_submit(data, flags)` and `bpf_ringbuf_discard(data, flags)`: nothing is returned.
    pub(super) fn ringbuf_release(&mut self, state: &mut State, submit: bool) -> Result<Content, Refusal> {
        let helper = if submit { "bpf_ringbuf_submit" } else { "bpf_ringbuf_discard" };
        let Content::Record(record, 0) = state.registers[1] else {
            let what = state.registers[1].describe();
            let text = format!("the first argument of {helper} is {what}, not what bpf_ringbuf_reserve returned");
            return Err(self.refuse(Code::HelperArgument, text));
        };
        self.scalar(&state.registers[2], "the flags of a submission")?;
        let Some(bytes) = state.records.remove(&record) else {
            return Err(self.refuse(Code::InvalidPointer, format!("{helper} is called for a record that is gone")));
        };
        let path = state.path.to_value(&mut self.b);
        if submit && let Emission::Reserved { submissions, .. } = &mut self.emissions[record] {
            submissions.push((path, bytes));
        }
        for content in state.contents_mut() {
            if matches!(content, Content::Record(other, _) if *other == record) {
                *content = Content::Unusable(Unusable::Clobbered);
            }
        }
        Ok(Content::Unusable(Unusable::Clobbered))
    }

    /// Refuses a path that goes on without having given its records back, as the kernel does.
    pub(super) fn require_no_records(&self, state: &State, where_to: &str) -> Result<(), Refusal> {
        if state.records.is_empty() {
            return Ok(());
        }
        let text = format!("a record of bpf_ringbuf_reserve is neither submitted nor discarded before {where_to}");
        let item = Diagnostic::new(Code::UnreleasedRecord, text).at(self.program.location(self.slot));
        Err(Box::new(item))
    }

    fn record_range(&self, state: &State, record: usize, at: i64, bytes: u32) -> Result<usize, Refusal> {
        let size = state.records.get(&record).map_or(0, |memory| memory.len() as i64);
        if at < 0 || at + i64::from(bytes) > size {
            let text = format!("{bytes} bytes at offset {at} of a record of {size} bytes are used");
            return Err(self.refuse(Code::MapValueOutOfRange, text));
        }
        Ok(at as usize)
    }

    pub(super) fn read_record(&mut self, state: &State, record: usize, at: i64, bytes: u32) -> Result<Value, Refusal> {
        let start = self.record_range(state, record, at, bytes)?;
        Ok(self.b.concat(state.records[&record][start..start + bytes as usize].to_vec()))
    }

    pub(super) fn write_record(
        &mut self,
        state: &mut State,
        record: usize,
        at: i64,
        value: Value,
    ) -> Result<(), Refusal> {
        let bytes = u32::from(self.b.width(value) / 8);
        let start = self.record_range(state, record, at, bytes)?;
        let parts: Vec<Value> = (0..bytes).map(|i| self.b.extract(value, 8 * i as u8, 8)).collect();
        if let Some(memory) = state.records.get_mut(&record) {
            memory[start..start + parts.len()].copy_from_slice(&parts);
        }
        Ok(())
    }

    /// Hands all events to the function, in the order of their calls, prints that are left out aside.
    pub(super) fn emit_events(&mut self, left_out: &BTreeMap<usize, String>) {
        for emission in std::mem::take(&mut self.emissions) {
            let event = match emission {
                Emission::Print { slot, .. } if left_out.contains_key(&slot) => continue,
                Emission::Made(event) | Emission::Print { event, .. } => event,
                Emission::Reserved { map, when, size, submissions } => self.submitted(map, when, size, submissions),
            };
            if self.b.as_const(event.when) != Some(0) {
                self.b.push_event(event);
            }
        }
    }

    /// The event of a reserved record. One that is never submitted only counts where it finds no room.
    fn submitted(&mut self, map: MapId, when: Value, size: usize, submissions: Vec<(Value, Vec<Value>)>) -> Event {
        let b = &mut self.b;
        let mut keep = b.constant(0, 1);
        let mut data = vec![b.constant(0, 8); if submissions.is_empty() { 0 } else { size }];
        for (first, (path, bytes)) in submissions.into_iter().enumerate().map(|(i, one)| (i == 0, one)) {
            keep = b.or(keep, path);
            let choice = |(&old, &new): (&Value, &Value)| if first { new } else { b.select(path, new, old) };
            data = data.iter().zip(&bytes).map(choice).collect();
        }
        let length = b.constant(data.len() as u64, 16);
        let data = data.chunks(8).map(|bytes| b.concat(bytes.to_vec())).collect();
        Event { map, when, keep, data, length, packet: None }
    }
}

/// Records of two states that meet: both have the same.
pub(super) fn merge_records(x: &Records, y: &Records, mut select: impl FnMut(Value, Value) -> Value) -> Records {
    let merge = |(record, bytes): (&usize, &Vec<Value>)| {
        let other = y.get(record).unwrap_or(bytes);
        (*record, bytes.iter().zip(other).map(|(&v, &w)| if v == w { v } else { select(v, w) }).collect())
    };
    x.iter().map(merge).collect()
}
