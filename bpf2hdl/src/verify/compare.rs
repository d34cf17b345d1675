// SPDX-License-Identifier: Apache-2.0
//! Comparisons of two pointers. Pointers into one object compare as their offsets; those into different objects are never
//! equal, and which is greater is a matter of addresses, which hardware has not.

use super::alu::stack_offset;
use super::branch::unsigned;
use super::content::{Content, EntryPlace, PacketPlace};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::ir::{Compare, Value};
use crate::isa::{JumpOp, Width};

/// More than any constant part of a pointer.
const BIAS: i64 = 1 << 40;

/// Objects that pointers point into, as far as they can be told apart.
#[derive(PartialEq, Eq)]
enum Object {
    Stack(usize),
    Map(crate::ir::MapId),
    Inner(crate::ir::MapId),
    Value(crate::ir::MapId),
    Packet,
    Context,
    Function,
    Key,
    Record(usize),
}

fn object(content: &Content) -> Option<Object> {
    Some(match *content {
        Content::Stack(frame, _) => Object::Stack(frame),
        Content::StackAt(place) => Object::Stack(place.frame),
        Content::Map(map) => Object::Map(map),
        Content::Inner(place) => Object::Inner(place.pool),
        Content::Entry(place) => Object::Value(place.map),
        Content::Packet(_) | Content::PacketEnd(_) | Content::MaybePacket(_) | Content::OldPacket(_) => Object::Packet,
        Content::Context(_) => Object::Context,
        Content::Function(_) => Object::Function,
        Content::Key(..) => Object::Key,
        Content::Record(record, _) => Object::Record(record),
        _ => return None,
    })
}

impl Walk<'_> {
    /// The condition of a comparison of two pointers, one bit; `None` if hardware can not tell.
    pub(super) fn compare_pointers(
        &mut self,
        state: &State,
        op: JumpOp,
        left: &Content,
        right: &Content,
    ) -> Result<Option<Value>, Refusal> {
        if let (Content::Entry(p), Content::Entry(q)) = (left, right) {
            self.require_alive(state, p)?;
            self.require_alive(state, q)?;
        }
        if let Some((p, q)) = same_object(left, right) {
            return Ok(Some(self.compare_offsets(op, p, q)));
        }
        let equal = match (left, right) {
            (Content::Entry(p), Content::Entry(q)) if p.map == q.map => Some(self.same_entry(p, q)),
            (Content::Map(p), Content::Map(q)) => Some(self.b.constant((p == q).into(), 1)),
            _ if object(left).zip(object(right)).is_some_and(|(p, q)| p != q) => {
                // Only null is in both.
                let (p, q) = (self.null(left), self.null(right));
                Some(self.b.and(p, q))
            }
            _ => None,
        };
        Ok(match op {
            JumpOp::Eq => equal,
            JumpOp::Ne => equal.map(|equal| self.b.not(equal)),
            _ => None,
        })
    }

    /// Offsets are biased, so that places in front of an object stay below those inside.
    fn compare_offsets(&mut self, op: JumpOp, p: PacketPlace, q: PacketPlace) -> Value {
        let biased = |p: PacketPlace| PacketPlace { offset: p.offset + BIAS, ..p };
        let (x, y) = (self.place_value(&biased(p)), self.place_value(&biased(q)));
        self.condition(Width::W64, unsigned(op), x, y)
    }

    /// One bit: the pointer is null.
    fn null(&mut self, content: &Content) -> Value {
        let missing = match content {
            Content::Entry(place) => place.missing,
            Content::Inner(place) => place.missing,
            Content::MaybePacket(maybe) => Some(maybe.missing),
            _ => None,
        };
        missing.unwrap_or_else(|| self.b.constant(0, 1))
    }

    /// One bit: both are null, or the same byte of the same entry.
    fn same_entry(&mut self, p: &EntryPlace, q: &EntryPlace) -> Value {
        let (x, y) = (self.place_value(&offset(p)), self.place_value(&offset(q)));
        let (entries, bytes) = (self.b.compare(Compare::Eq, p.index, q.index), self.b.compare(Compare::Eq, x, y));
        let same = self.b.and(entries, bytes);
        let (p, q) = (self.null(&Content::Entry(*p)), self.null(&Content::Entry(*q)));
        let (both, either) = (self.b.and(p, q), self.b.or(p, q));
        let neither = self.b.not(either);
        let same = self.b.and(neither, same);
        self.b.or(both, same)
    }
}

fn offset(place: &EntryPlace) -> PacketPlace {
    PacketPlace { base: place.base, ..PacketPlace::data(place.offset) }
}

/// The offsets of pointers that are into one object and not null.
fn same_object(left: &Content, right: &Content) -> Option<(PacketPlace, PacketPlace)> {
    match (left, right) {
        (Content::Context(p), Content::Context(q)) => Some((PacketPlace::data(*p), PacketPlace::data(*q))),
        (Content::Entry(p), Content::Entry(q)) => {
            let same = (p.map, p.index) == (q.map, q.index) && p.missing.is_none() && q.missing.is_none();
            same.then(|| (offset(p), offset(q)))
        }
        _ => {
            let ((f, p), (g, q)) = (stack_offset(left)?, stack_offset(right)?);
            (f == g).then_some((p, q))
        }
    }
}
