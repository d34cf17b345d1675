// SPDX-License-Identifier: Apache-2.0
//! Loads and stores: context, map values. The stack is in `stack`, the packet in `packet`.

use super::content::{Content, EntryPlace, Origin, PacketPlace, StackPlace, Unusable};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Input, MapKind, Op, ProgramKind, Value, ValueSet};
use crate::object;

/// Most places that one variable access to a map value may have.
const MAX_ENTRY_PLACES: usize = 256;

impl Walk<'_> {
    /// Reads `bytes` bytes at `pointer + offset`: a number of `8 * bytes` bits, or whatever was spilled there.
    pub(super) fn read(
        &mut self,
        state: &State,
        pointer: &Content,
        offset: i64,
        bytes: u32,
    ) -> Result<Content, Refusal> {
        let width = (8 * bytes) as u8;
        let value = match *pointer {
            Content::Stack(frame, at) => return self.read_stack(state, frame, at + offset, bytes),
            Content::StackAt(place) => {
                self.read_stack_at(state, &StackPlace { offset: place.offset + offset, ..place }, bytes)?
            }
            Content::Packet(place) => {
                self.read_packet(state, PacketPlace { offset: place.offset + offset, ..place }, width)?
            }
            Content::Context(at) => return self.read_context(at + offset, bytes),
            Content::Key(key, at) => self.read_key(key, at + offset, bytes)?,
            Content::Record(record, at) => self.read_record(state, record, at + offset, bytes)?,
            Content::Entry(place) => {
                let place = EntryPlace { offset: place.offset + offset, ..place };
                self.read_entry(state, place, width)?
            }
            _ => return Err(self.bad_pointer(pointer, "read through")),
        };
        Ok(Content::Scalar(value))
    }

    /// Writes a number of `8 * bytes` bits (or, 8 bytes on the stack, anything) at `pointer + offset`.
    pub(super) fn write(
        &mut self,
        state: &mut State,
        pointer: &Content,
        offset: i64,
        bytes: u32,
        data: Content,
    ) -> Result<(), Refusal> {
        if let Content::Stack(frame, at) = *pointer {
            return self.write_stack(state, frame, at + offset, bytes, data);
        }
        let Content::Scalar(value) = data else {
            return Err(self.refuse(Code::PointerLeak, format!("{} is stored outside the stack", data.describe())));
        };
        match *pointer {
            Content::StackAt(place) => {
                self.write_stack_at(state, &StackPlace { offset: place.offset + offset, ..place }, value)
            }
            Content::Packet(place) => {
                self.write_packet(state, PacketPlace { offset: place.offset + offset, ..place }, value)
            }
            Content::Entry(place) => {
                let place = EntryPlace { offset: place.offset + offset, ..place };
                self.write_entry(state, place, value)
            }
            Content::Record(record, at) => self.write_record(state, record, at + offset, value),
            Content::Context(_) => {
                let code = if self.is_phys_dev() { Code::PhysDevContext } else { Code::ContextWrite };
                Err(self.refuse(code, "the program writes to its context".to_owned()))
            }
            _ => Err(self.bad_pointer(pointer, "written through")),
        }
    }

    pub(super) fn is_phys_dev(&self) -> bool {
        self.b.function().kind == ProgramKind::PhysDev
    }

    pub(super) fn bad_pointer(&self, pointer: &Content, how: &str) -> Refusal {
        let code = match pointer {
            Content::Unusable(Unusable::Mixed) => Code::MixedPointers,
            Content::OldPacket(_) | Content::Unusable(Unusable::Stale) => Code::StalePointer,
            Content::Unusable(_) => Code::UninitialisedRead,
            _ => Code::InvalidPointer,
        };
        self.refuse(code, format!("the address that is {how} is {}", pointer.describe()))
    }

    fn read_context(&mut self, at: i64, bytes: u32) -> Result<Content, Refusal> {
        if bytes != 4 || at % 4 != 0 {
            return Err(self.refuse(
                if self.is_phys_dev() { Code::PhysDevContext } else { Code::ContextAccess },
                format!("{bytes} bytes at offset {at} of the context are read; only aligned 4-byte reads are allowed"),
            ));
        }
        if self.is_phys_dev() {
            if at != 0 {
                return Err(self
                    .refuse(Code::PhysDevContext, format!("offset {at} of the context is read; it holds `len` only")));
            }
            let length = super::state::length(&mut self.b);
            return Ok(Content::Scalar(self.b.resize(length, 32)));
        }
        // struct xdp_md, include/uapi/linux/bpf.h.
        let mut input = |which| {
            let value = self.b.op(Op::Input(which), Input::WIDTH);
            Content::Scalar(self.b.resize(value, 32))
        };
        match at {
            0 => Ok(Content::Packet(PacketPlace::data(0))),
            8 => Ok(Content::Packet(PacketPlace { origin: Origin::Metadata, ..PacketPlace::data(0) })),
            4 => Ok(Content::PacketEnd(0)),
            12 => Ok(input(Input::IngressIfindex)),
            16 | 20 => self.queue_or_egress(at),
            _ => Err(self.refuse(Code::ContextAccess, format!("offset {at} is outside `struct xdp_md`"))),
        }
    }

    /// `rx_queue_index` or `egress_ifindex`. What runs behind a redirect reads queue 0 (kernel/bpf/devmap.c, cpumap.c: their
    /// `xdp_rxq_info` has none), so that on the wires a devmap program's port is where the queue is.
    fn queue_or_egress(&mut self, at: i64) -> Result<Content, Refusal> {
        self.context_reads.insert(self.slot, at);
        match (self.program.kind, at) {
            (object::ProgramKind::XdpDevmap, 20) | (object::ProgramKind::Xdp, 16) => {
                let value = self.b.op(Op::Input(Input::RxQueue), Input::WIDTH);
                Ok(Content::Scalar(self.b.resize(value, 32)))
            }
            (_, 16) => Ok(Content::Scalar(self.b.constant(0, 32))),
            _ => Err(self
                .refuse(Code::UnsupportedContextField, "`egress_ifindex` exists in devmap programs only".to_owned())),
        }
    }

    /// Proves that the access lies in the map's value and lists its places.
    pub(super) fn entry_places(&mut self, state: &State, place: &EntryPlace, bytes: i64) -> Result<Vec<u32>, Refusal> {
        let map = self.b.function().map(place.map).clone();
        if place.missing.is_some() {
            return Err(self.refuse(
                Code::NullMapValue,
                format!("the result of the lookup in `{}` is used without a test for null", map.name),
            ));
        }
        self.require_alive(state, place)?;
        let set = match place.base {
            Some(base) => state.set(&self.b, base),
            None => ValueSet::constant(64, 0),
        };
        let size = i64::from(map.value_size);
        let fits = |e: u64| {
            let at = (e as i64).checked_add(place.offset)?;
            (at >= 0 && at + bytes <= size).then_some(at as u32)
        };
        if fits(set.lo()).is_none() || fits(set.hi()).is_none() {
            return Err(self.refuse(
                Code::MapValueOutOfRange,
                format!(
                    "{bytes} bytes from offset {}..={} are used; a value of `{}` has {size}",
                    set.lo() as i64 + place.offset,
                    (set.hi() as i64).saturating_add(place.offset),
                    map.name
                ),
            ));
        }
        let limit = if map.kind == MapKind::Constants { 4096 } else { MAX_ENTRY_PLACES };
        let places = set.enumerate(limit).and_then(|all| all.into_iter().map(fits).collect::<Option<Vec<_>>>());
        let places = places.ok_or_else(|| {
            self.refuse(
                Code::VariableOffsetTooWide,
                format!("a value of `{}` is accessed at more than {limit} different offsets", map.name),
            )
        })?;
        self.spare_lock(place.map, &places, bytes as u32)?;
        Ok(places)
    }

    fn read_entry(&mut self, state: &State, place: EntryPlace, width: u8) -> Result<Value, Refusal> {
        let places = self.entry_places(state, &place, i64::from(width / 8))?;
        let map = self.b.function().map(place.map);
        if map.kind == MapKind::Xskmap {
            let text =
                format!("the socket behind an entry of `{}` is looked into; there is none in hardware", map.name);
            return Err(self.refuse(Code::MapOperation, text));
        }
        if map.kind == MapKind::Constants {
            return Ok(self.read_constant(&place, places, width));
        }
        let mut result = None;
        for &p in &places {
            let value = self.b.map_load(place.map, place.index, p, width);
            result = Some(match result {
                None => value,
                Some(other) => {
                    let here = self.entry_is_at(&place, p);
                    self.b.select(here, value, other)
                }
            });
        }
        result.ok_or_else(|| self.refuse(Code::MapValueOutOfRange, "no place is possible".to_owned()))
    }

    /// Constant data folds; at a computed offset it is a table.
    fn read_constant(&mut self, place: &EntryPlace, places: Vec<u32>, width: u8) -> Value {
        let initial = &self.b.function().map(place.map).initial;
        let at = |p: u32| {
            (0..u32::from(width / 8))
                .fold(0u64, |word, i| word | u64::from(initial.get((p + i) as usize).copied().unwrap_or(0)) << (8 * i))
        };
        match (place.base, &places[..]) {
            (Some(base), [_, _, ..]) => {
                let add = place.offset as i32;
                self.b.op(Op::Rom { map: place.map, base, add, places }, width)
            }
            _ => {
                let value = at(places[0]);
                self.b.constant(value, width)
            }
        }
    }

    pub(super) fn entry_is_at(&mut self, place: &EntryPlace, p: u32) -> Value {
        match place.base {
            Some(base) => self.b.equals_const(base, (i64::from(p) - place.offset) as u64),
            None => self.b.constant(1, 1),
        }
    }

    fn write_entry(&mut self, state: &mut State, place: EntryPlace, value: Value) -> Result<(), Refusal> {
        let places = self.entry_places(state, &place, i64::from(self.b.width(value) / 8))?;
        let map = self.b.function().map(place.map);
        if map.kind.is_fixed() || self.read_only[place.map.index()] {
            let name = map.name.clone();
            return Err(self.refuse(Code::ReadOnlyStore, format!("the program writes to `{name}`, which is read-only")));
        }
        let path = state.path.to_value(&mut self.b);
        for &p in &places {
            let here = if places.len() == 1 { self.b.constant(1, 1) } else { self.entry_is_at(&place, p) };
            let when = self.b.and(path, here);
            self.b.map_store(place.map, place.index, p, value, when);
        }
        Ok(())
    }

    /// A refusal at the current instruction.
    pub(super) fn refuse(&self, code: Code, message: String) -> Refusal {
        Box::new(Diagnostic::new(code, message).at(self.program.location(self.slot)))
    }
}
