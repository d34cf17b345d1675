// SPDX-License-Identifier: Apache-2.0
//! Loads and stores of packet bytes and of metadata.

use super::content::{Origin, PacketPlace};
use super::linear::Linear;
use super::merge::bytes_behind;
use super::state::{State, Written};
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{HEADROOM, Op, Value, ValueSet};

/// An access that is proven to be inside: offsets from the packet's head.
struct Access {
    /// Where it is, as the program computes it.
    place: PacketPlace,
    /// Every offset that it can have, ascending; negative in metadata.
    places: Vec<i32>,
}

impl Walk<'_> {
    /// Proves that the access lies in the packet or in its metadata and lists the places that it can have.
    fn packet_access(&mut self, state: &State, place: &PacketPlace, bytes: i64) -> Result<Access, Refusal> {
        let behind = bytes_behind(&mut self.b, state, place);
        if behind < bytes {
            let proven = if behind > 0 { format!("only {behind} bytes are") } else { "none is".to_owned() };
            let what = if place.origin == Origin::Data { "packet" } else { "metadata" };
            return Err(self.refuse(
                Code::PacketOutOfBounds,
                format!("{bytes} bytes of the {what} are used, but {proven} proven to be there"),
            ));
        }
        self.possible_access(state, place, bytes)
    }

    /// The places of an access that is inside the packet wherever it counts.
    fn possible_access(&mut self, state: &State, place: &PacketPlace, bytes: i64) -> Result<Access, Refusal> {
        let set = match place.base {
            Some(base) => state.set(&self.b, base),
            None => ValueSet::constant(64, 0),
        };
        // No packet is longer than the longest frame, grown to the front.
        let longest = i64::from(self.limits.frame_bytes) + i64::from(HEADROOM);
        let room = u64::try_from(longest - place.offset - bytes).ok();
        let possible = room.and_then(|room| set.meet(&ValueSet::from_range(64, 0, room)));
        let elements = possible.and_then(|set| set.enumerate(longest as usize));
        let places: Option<Vec<i32>> = elements.and_then(|all| {
            let offset = |&e: &u64| i32::try_from(e as i64 + place.offset).ok().filter(|&o| o >= 0);
            all.iter().map(offset).collect()
        });
        let Some(places) = places else {
            let range = format!(
                "bytes {} to {}",
                set.lo() as i64 + place.offset,
                (set.hi() as i64).saturating_add(place.offset)
            );
            return Err(self.refuse(
                Code::PacketOutOfBounds,
                format!(
                    "the packet is accessed at {range}, which a frame of {} bytes does not have",
                    self.limits.frame_bytes
                ),
            ));
        };
        match place.origin {
            Origin::Data => Ok(Access { place: *place, places }),
            Origin::Metadata => self.in_metadata(state, place),
        }
    }

    /// An access to metadata, relative to the head.
    fn in_metadata(&mut self, state: &State, place: &PacketPlace) -> Result<Access, Refusal> {
        let metadata = state.extent.metadata;
        let Some(length) = metadata.base else {
            let place = PacketPlace { origin: Origin::Data, offset: place.offset - metadata.offset, ..*place };
            let places = self.offsets(state, &place);
            return Ok(Access { place, places });
        };
        let longest = state.set(&self.b, length).hi();
        let longest_value = self.b.constant(longest, 64);
        let mut sum = Linear::default().plus_value(longest_value).minus_value(length);
        if let Some(base) = place.base {
            sum = sum.plus_value(base);
        }
        let base = sum.value(&mut self.b);
        let offset = place.offset - metadata.offset - longest as i64;
        let place = PacketPlace { origin: Origin::Data, base: Some(base), offset };
        let places = self.offsets(state, &place);
        Ok(Access { place, places })
    }

    /// The offsets from the head that a place in the metadata can have.
    fn offsets(&self, state: &State, place: &PacketPlace) -> Vec<i32> {
        let elements = match place.base {
            Some(base) => state.set(&self.b, base).enumerate(256),
            None => Some(vec![0]),
        };
        let inside = |e: u64| i32::try_from(e as i64 + place.offset).ok().filter(|o| (-252..0).contains(o));
        match elements {
            Some(all) => all.into_iter().filter_map(inside).collect(),
            // Too loose a set: all the metadata.
            None => (-252..0).collect(),
        }
    }

    /// Whether all places of an access are inside the window.
    fn is_near(&self, places: &[i32], bytes: i32) -> bool {
        places.last().is_none_or(|last| last + bytes <= i32::from(self.limits.window_bytes))
    }

    fn beyond_window(&self, places: &[i32], bytes: i32) -> Refusal {
        let reach = places.last().copied().unwrap_or(0) + bytes - 1;
        let window = self.limits.window_bytes;
        self.refuse(
            Code::WindowLimit,
            format!("a store reaches byte {reach} of the packet; only the first {window} can be written"),
        )
    }

    pub(super) fn read_packet(&mut self, state: &State, place: PacketPlace, width: u8) -> Result<Value, Refusal> {
        let access = self.packet_access(state, &place, i64::from(width / 8))?;
        self.packet_value(state, access, width)
    }

    /// As a load, but of bytes that need not be there: then the result is unspecified.
    pub(super) fn read_packet_unproven(
        &mut self,
        state: &State,
        place: PacketPlace,
        width: u8,
    ) -> Result<Value, Refusal> {
        let access = self.possible_access(state, &place, i64::from(width / 8))?;
        self.packet_value(state, access, width)
    }

    /// The bytes of an access as they are now.
    fn packet_value(&mut self, state: &State, access: Access, width: u8) -> Result<Value, Refusal> {
        let bytes = i32::from(width / 8);
        let Access { place, places } = access;
        let original = self.original_bytes(state, &place, width)?;
        let touched = places.iter().any(|&p| state.written.range(p..p + bytes).next().is_some());
        if !touched {
            return Ok(original);
        }
        // Bytes that were written since come from the writes.
        let mut parts = Vec::new();
        for i in 0..bytes {
            let mut byte = self.b.extract(original, (8 * i) as u8, 8);
            for &p in &places {
                if let Some(written) = state.written.get(&(p + i)) {
                    let here = self.is_at(&place, p);
                    let when = self.b.and(written.when, here);
                    byte = self.b.select(when, written.data, byte);
                }
            }
            parts.push(byte);
        }
        Ok(self.b.concat(parts))
    }

    /// Bytes at an offset from the head, as they were received; zero in front of the frame and where they were cut off.
    pub(super) fn original_bytes(&mut self, state: &State, place: &PacketPlace, width: u8) -> Result<Value, Refusal> {
        let place = self.received_place(state, place);
        let bytes = i64::from(width / 8);
        let set = match place.base {
            Some(base) => state.set(&self.b, base),
            None => ValueSet::constant(64, 0),
        };
        let end = i64::from(self.limits.frame_bytes);
        // Inside the packet means inside the frame as received, unless the tail has grown.
        let beyond = if state.extent.kept.is_none() { bytes } else { 1 };
        let last = u64::try_from(end - beyond - place.offset).ok();
        let possible = last.and_then(|last| set.meet(&ValueSet::from_range(64, 0, last)));
        let Some(possible) = possible else { return Ok(self.b.constant(0, width)) };
        let limit = (self.limits.frame_bytes as usize) + 512;
        let Some(elements) = possible.enumerate(limit) else {
            let text = format!("the packet is read at more than {limit} different places");
            return Err(self.refuse(Code::VariableOffsetTooWide, text));
        };
        let places: Vec<i64> = elements.into_iter().map(|e| e as i64 + place.offset).collect();
        let is_whole = places.first().is_some_and(|&p| p >= 0) && places.last().is_some_and(|&p| p + bytes <= end);
        if is_whole && self.is_kept(state, &place, bytes) {
            return Ok(self.received_bytes(&place, &places, width));
        }
        let mut parts = Vec::new();
        for i in 0..bytes {
            let at = PacketPlace { offset: place.offset + i, ..place };
            let there: Vec<i64> = places.iter().map(|p| p + i).filter(|p| (0..end).contains(p)).collect();
            parts.push(self.masked_byte(state, &at, &there, places[0] + i < 0));
        }
        Ok(self.b.concat(parts))
    }

    /// The place in the frame as received.
    fn received_place(&mut self, state: &State, place: &PacketPlace) -> PacketPlace {
        let head = state.extent.head;
        let base = match (place.base, head.base) {
            (Some(p), Some(q)) => Some(self.b.binary(crate::ir::Binary::Add, p, q)),
            (p, q) => p.or(q),
        };
        PacketPlace { origin: Origin::Data, base, offset: place.offset + head.offset }
    }

    /// `place - from where original bytes are gone`, if some are.
    fn beyond_kept(&mut self, state: &State, place: &PacketPlace) -> Option<Linear> {
        let kept = state.extent.kept?;
        let mut sum = Linear::default().shifted(place.offset).minus(&mut self.b, &kept);
        if let Some(base) = place.base {
            sum = sum.plus_value(base);
        }
        Some(sum)
    }

    fn is_kept(&mut self, state: &State, place: &PacketPlace, bytes: i64) -> bool {
        let beyond = self.beyond_kept(state, place);
        beyond.is_none_or(|sum| sum.shifted(bytes - 1).bounds(&self.b, state).1 < 0)
    }

    /// One byte at one of `places` of the frame as received, or zero.
    fn masked_byte(&mut self, state: &State, at: &PacketPlace, places: &[i64], may_be_before: bool) -> Value {
        let zero = self.b.constant(0, 8);
        if places.is_empty() {
            return zero;
        }
        let mut byte = self.received_bytes(at, places, 8);
        if let (true, Some(base)) = (may_be_before, at.base) {
            let before = Linear::default().plus_value(base).shifted(at.offset).is_negative(&mut self.b);
            byte = self.b.select(before, zero, byte);
        }
        if let Some(beyond) = self.beyond_kept(state, at) {
            let is_kept = beyond.is_negative_on(&mut self.b, state);
            byte = self.b.select(is_kept, byte, zero);
        }
        byte
    }

    fn received_bytes(&mut self, place: &PacketPlace, places: &[i64], width: u8) -> Value {
        let places: Vec<u16> = places.iter().filter_map(|&p| u16::try_from(p).ok()).collect();
        match (place.base, &places[..]) {
            (_, &[offset]) => self.b.op(Op::Packet { offset }, width),
            (Some(base), [_, ..]) => {
                let add = place.offset as i32;
                self.b.op(Op::PacketAt { base, add, places }, width)
            }
            _ => self.b.constant(0, width),
        }
    }

    /// One bit: the access is at offset `p`.
    fn is_at(&mut self, place: &PacketPlace, p: i32) -> Value {
        match place.base {
            Some(base) => self.b.equals_const(base, (i64::from(p) - place.offset) as u64),
            None => self.b.constant(1, 1),
        }
    }

    pub(super) fn write_packet(&mut self, state: &mut State, place: PacketPlace, value: Value) -> Result<(), Refusal> {
        if self.is_phys_dev() {
            return Err(self.refuse(Code::InvalidPointer, "a phys_dev program can not write the packet".to_owned()));
        }
        let access = self.packet_access(state, &place, i64::from(self.b.width(value) / 8))?;
        let always = self.b.constant(1, 1);
        self.write_access(state, access, value, always)
    }

    /// As a store where `when` is 1, which is so only if the bytes are there.
    pub(super) fn write_packet_unproven(
        &mut self,
        state: &mut State,
        place: PacketPlace,
        value: Value,
        when: Value,
    ) -> Result<(), Refusal> {
        let access = self.possible_access(state, &place, i64::from(self.b.width(value) / 8))?;
        self.write_access(state, access, value, when)
    }

    fn write_access(&mut self, state: &mut State, access: Access, value: Value, when: Value) -> Result<(), Refusal> {
        let bytes = i32::from(self.b.width(value) / 8);
        let Access { place, places } = access;
        if !self.is_near(&places, bytes) {
            return Err(self.beyond_window(&places, bytes));
        }
        for &p in &places {
            let here = if places.len() == 1 { self.b.constant(1, 1) } else { self.is_at(&place, p) };
            let here = self.b.and(here, when);
            for i in 0..bytes {
                let data = self.b.extract(value, (8 * i) as u8, 8);
                let written = match state.written.get(&(p + i)) {
                    Some(old) => Written { when: self.b.or(here, old.when), data: self.b.select(here, data, old.data) },
                    None => Written { when: here, data },
                };
                state.written.insert(p + i, written);
            }
        }
        Ok(())
    }
}
