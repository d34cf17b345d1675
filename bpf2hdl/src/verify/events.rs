// SPDX-License-Identifier: Apache-2.0
//! Events to the host: `bpf_perf_event_output` and `bpf_ringbuf_output`.
//!
//! Conditions and results are those of Linux 6.18: `bpf_xdp_event_output` (net/core/filter.c), `__bpf_perf_event_output`
//! (kernel/trace/bpf_trace.c), `bpf_ringbuf_output` (kernel/bpf/ringbuf.c). The hardware is CPU 0 and its entry of a perf event array is
//! always open; the others never are. Where there is no room, the result is the kernel's, and the record counts as lost.
//!
//! *Bytes of the packet.* What follows a record by the upper half of the flags is the packet as it is at the call. As received, it
//! comes from a copy of the packet buffer, however long; a few bytes, and those of a packet that the program has changed already, are
//! read here like any others, and go with the program's own.

use super::content::{Content, PacketPlace};
use super::extent::Extent;
use super::records::Emission;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Binary, Compare, Event, Input, MAX_EVENT_BYTES, MapId, MapKind, Op, Value};
use bpf2hdl_interface::event::ring_bytes;

/// `BPF_F_INDEX_MASK` and `BPF_F_CURRENT_CPU` (include/uapi/linux/bpf.h).
const CURRENT_CPU: u64 = 0xffff_ffff;
/// Lowest bit and width of `BPF_F_CTXLEN_MASK`.
const PACKET_BITS: (u8, u8) = (32, 20);
/// `BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP`.
const WAKEUPS: u64 = 1 | 2;
/// `BPF_RB_RING_SIZE`.
const RING_SIZE: u64 = 1;
/// Bytes before each record of a ring buffer (`BPF_RINGBUF_HDR_SZ`).
const RING_HEADER: u64 = 8;
/// Bytes of a packet as received that are read like others: the copy of the packet buffer would be larger.
const FEW_BYTES: u64 = 64;

/// Errors (include/uapi/asm-generic/errno-base.h).
const ENOENT: i64 = -2;
const E2BIG: i64 = -7;
const EAGAIN: i64 = -11;
const EFAULT: i64 = -14;
pub(super) const EINVAL: i64 = -22;
const ENOSPC: i64 = -28;

/// What follows the program's bytes.
struct Appended {
    /// Bytes that are read here, and how many of them count (16 bits).
    read: Vec<Value>,
    length: Option<Value>,
    /// Bytes that the copy of the packet buffer gives (16 bits).
    stored: Option<Value>,
}

impl Walk<'_> {
    /// `bpf_perf_event_output(ctx, map, flags, data, size)`.
    pub(super) fn perf_event_output(&mut self, state: &State) -> Result<Content, Refusal> {
        const NAME: &str = "bpf_perf_event_output";
        self.context_argument(state)?;
        let map = self.channel(state, 2, MapKind::PerfEventArray, NAME)?;
        let flags = self.scalar(&state.registers[3], "the flags of bpf_perf_event_output")?;
        let (data, length) = self.event_data(state, 4, NAME)?;
        let above = self.b.extract(flags, PACKET_BITS.0 + PACKET_BITS.1, 64 - PACKET_BITS.0 - PACKET_BITS.1);
        let known = self.b.equals_const(above, 0);
        let count = self.b.extract(flags, PACKET_BITS.0, PACKET_BITS.1);
        let wide = self.b.resize(count, 64);
        let packet = state.extent.length(&mut self.b).value(&mut self.b);
        let inside = self.b.compare(Compare::Ule, wide, packet);
        let (exists, open) = self.entry_is_open(map, flags);
        let appended = self.appended(state, wide, data.len())?;

        let valid = [inside, exists, open].into_iter().fold(known, |all, one| self.b.and(all, one));
        let mut all = data;
        all.extend(appended.read);
        let length = match appended.length {
            Some(more) => self.b.binary(Binary::Add, length, more),
            None => length,
        };
        let when = self.call_condition(state, valid);
        let keep = self.b.constant(1, 1);
        self.emissions.push(Emission::Made(Event { map, when, keep, data: all, length, packet: appended.stored }));

        let room = self.room();
        let checks = [(room, ENOSPC), (open, ENOENT), (exists, E2BIG), (inside, EFAULT), (known, EINVAL)];
        Ok(self.first_error(&checks))
    }

    /// `bpf_ringbuf_output(map, data, size, flags)`.
    pub(super) fn ringbuf_output(&mut self, state: &State) -> Result<Content, Refusal> {
        const NAME: &str = "bpf_ringbuf_output";
        let map = self.channel(state, 1, MapKind::Ringbuf, NAME)?;
        let (data, length) = self.event_data(state, 2, NAME)?;
        let flags = self.scalar(&state.registers[4], "the flags of bpf_ringbuf_output")?;
        let others = self.b.constant(!WAKEUPS, 64);
        let others = self.b.and(flags, others);
        let known = self.b.equals_const(others, 0);
        let most = self.b.constant(self.largest_record(map), 16);
        let fits = self.b.compare(Compare::Ule, length, most);
        let valid = self.b.and(known, fits);
        let when = self.call_condition(state, valid);
        let keep = self.b.constant(1, 1);
        self.emissions.push(Emission::Made(Event { map, when, keep, data, length, packet: None }));
        let room = self.room();
        Ok(self.first_error(&[(room, EAGAIN), (fits, EAGAIN), (known, EINVAL)]))
    }

    /// `bpf_ringbuf_query(map, flags)`: only the size of the ring does not depend on its reader.
    pub(super) fn ringbuf_query(&mut self, state: &State) -> Result<Content, Refusal> {
        let map = self.channel(state, 1, MapKind::Ringbuf, "bpf_ringbuf_query")?;
        let flags = self.scalar(&state.registers[2], "the flags of bpf_ringbuf_query")?;
        if state.set(&self.b, flags).as_const() != Some(RING_SIZE) {
            let text = "bpf_ringbuf_query asks for how far the reader of the ring buffer is, which depends on the host";
            let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
            return Err(Box::new(item.with_help(
                "only BPF_RB_RING_SIZE is known; wake-ups are the host's affair, so that no program need decide on them",
            )));
        }
        let size = ring_bytes(self.b.function().map(map).max_entries);
        Ok(Content::Scalar(self.b.constant(size, 64)))
    }

    /// A channel of this kind in a register.
    pub(super) fn channel(
        &self,
        state: &State,
        register: usize,
        kind: MapKind,
        helper: &str,
    ) -> Result<MapId, Refusal> {
        match state.registers[register] {
            Content::Map(map) if self.b.function().map(map).kind == kind => Ok(map),
            Content::Map(map) => {
                let found = self.b.function().map(map);
                let text = format!("{helper} is called with `{}`, a map of type {}", found.name, found.kind.name());
                Err(self.refuse(Code::MapOperation, text))
            }
            ref other => {
                let text = format!("argument {register} of {helper} is {}, not a map", other.describe());
                Err(self.refuse(Code::HelperArgument, text))
            }
        }
    }

    /// Bytes of the longest record that a ring holds at all.
    pub(super) fn largest_record(&self, map: MapId) -> u64 {
        ring_bytes(self.b.function().map(map).max_entries).saturating_sub(RING_HEADER).min(0xffff)
    }

    /// One bit: there is room for all that the packet may emit.
    pub(super) fn room(&mut self) -> Value {
        self.b.op(Op::Input(Input::Room), Input::Room.width())
    }

    /// One bit: this call is made, and `valid`.
    pub(super) fn call_condition(&mut self, state: &State, valid: Value) -> Value {
        let path = state.path.to_value(&mut self.b);
        self.b.and(path, valid)
    }

    /// The error behind the first condition that does not hold, the last one in the list coming first; 0 if all do.
    fn first_error(&mut self, checks: &[(Value, i64)]) -> Content {
        let mut result = self.b.constant(0, 64);
        for &(holds, code) in checks {
            let error = self.b.constant(code as u64, 64);
            result = self.b.select(holds, result, error);
        }
        Content::Scalar(result)
    }

    /// Whether the array has the entry that the flags name, and whether it is open.
    fn entry_is_open(&mut self, map: MapId, flags: Value) -> (Value, Value) {
        let index = self.b.extract(flags, 0, 32);
        let current = self.b.equals_const(index, CURRENT_CPU);
        let first = self.b.equals_const(index, 0);
        let entries = self.b.function().map(map).max_entries.max(1);
        let entries = self.b.constant(entries.into(), 32);
        let inside = self.b.compare(Compare::Ult, index, entries);
        (self.b.or(current, inside), self.b.or(current, first))
    }

    /// The program's bytes (registers `register` and the next one: pointer and size) as parts, and how many count.
    fn event_data(&mut self, state: &State, register: usize, helper: &str) -> Result<(Vec<Value>, Value), Refusal> {
        let pointer = state.registers[register];
        if !matches!(
            pointer,
            Content::Stack(..) | Content::StackAt(_) | Content::Entry(_) | Content::Key(..) | Content::Record(..)
        ) {
            let text = format!("the data of {helper} is {}; it has to be on the stack or in a map", pointer.describe());
            return Err(self.refuse(Code::HelperArgument, text));
        }
        let size = self.scalar(&state.registers[register + 1], "the size of an event")?;
        let sizes = state.set(&self.b, size);
        if sizes.hi() > MAX_EVENT_BYTES.into() {
            let text =
                format!("the data of {helper} has up to {} bytes; at most {MAX_EVENT_BYTES} are built", sizes.hi());
            let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
            return Err(Box::new(item.with_help(
                "pass a constant size, or bound it just before the call; bytes of the packet go with the event by the flags",
            )));
        }
        let parts = self.event_bytes(state, &pointer, sizes.hi() as u32)?;
        Ok((parts, self.b.extract(size, 0, 16)))
    }

    /// Memory in parts of up to 8 bytes. Bytes of the stack that were never written are zero; the kernel lets the privileged send
    /// whatever is there.
    pub(super) fn event_bytes(&mut self, state: &State, pointer: &Content, size: u32) -> Result<Vec<Value>, Refusal> {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < size {
            let left = size - at;
            let bytes = if left >= 8 { 8 } else { 1 << left.ilog2() };
            let whole = match *pointer {
                Content::Stack(frame, place) if self.is_unwritten(state, frame, place + i64::from(at), bytes) => {
                    Content::Scalar(self.b.constant(0, (8 * bytes) as u8))
                }
                _ => self.read(state, pointer, at.into(), bytes)?,
            };
            match whole {
                Content::Scalar(part) => parts.push(part),
                _ => return Err(self.refuse(Code::PointerLeak, "the data of an event holds a pointer".to_owned())),
            }
            at += bytes;
        }
        Ok(parts)
    }

    /// The bytes of the packet that an event asks for: `count` of them (64 bits), not more than the packet has.
    fn appended(&mut self, state: &State, count: Value, parts: usize) -> Result<Appended, Refusal> {
        let counts = state.set(&self.b, count);
        let short = self.b.extract(count, 0, 16);
        let most = counts.hi().min(self.limits.frame_bytes.into());
        if most == 0 {
            return Ok(Appended { read: Vec::new(), length: None, stored: None });
        }
        let received = is_as_received(self, state);
        if received && most > FEW_BYTES {
            return Ok(Appended { read: Vec::new(), length: None, stored: Some(short) });
        }
        let fixed = parts as u64 * 8;
        if fixed + most > MAX_EVENT_BYTES.into() {
            let text = format!(
                "bpf_perf_event_output sends up to {most} bytes of a packet that the program has changed before; at most {} can be sent",
                u64::from(MAX_EVENT_BYTES) - fixed
            );
            let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
            return Err(Box::new(item.with_help(
                "call it before the first byte is written and the head is moved, or bound the length in the flags",
            )));
        }
        let mut read = Vec::new();
        let mut at = 0;
        while at < most {
            let left = most - at;
            let bytes = if left >= 8 { 8 } else { 1 << left.ilog2() };
            read.push(self.read_packet_unproven(state, PacketPlace::data(at as i64), 8 * bytes as u8)?);
            at += bytes;
        }
        Ok(Appended { read, length: Some(short), stored: None })
    }
}

/// Whether the packet is as it came from its first byte on; it may have been cut at its end.
fn is_as_received(walk: &Walk<'_>, state: &State) -> bool {
    let untouched = state.written.range(0..).all(|(_, written)| walk.b.as_const(written.when) == Some(0));
    untouched && state.extent.head == Extent::RECEIVED.head && state.extent.kept.is_none()
}
