// SPDX-License-Identifier: Apache-2.0
//! What a register or a spilled stack slot holds.

use crate::ir::{MapId, Value};

/// What a packet pointer counts from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Origin {
    /// `ctx->data`.
    Data,
    /// `ctx->data_meta`.
    Metadata,
}

/// A place in the packet: `origin + base + offset`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct PacketPlace {
    /// What it counts from; calls that move that make the pointer stale.
    pub(super) origin: Origin,
    /// Variable part, 64 bits.
    pub(super) base: Option<Value>,
    /// Constant part in bytes.
    pub(super) offset: i64,
}

impl PacketPlace {
    /// `ctx->data + offset`.
    pub(super) fn data(offset: i64) -> Self {
        PacketPlace { origin: Origin::Data, base: None, offset }
    }
}

/// A place in a map entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct EntryPlace {
    /// Which map.
    pub(super) map: MapId,
    /// Which entry; 32 bits.
    pub(super) index: Value,
    /// Variable part of the byte offset, 64 bits.
    pub(super) base: Option<Value>,
    /// Constant part.
    pub(super) offset: i64,
    /// One bit: the lookup failed and the pointer is null. `None` once that is ruled out.
    pub(super) missing: Option<Value>,
    /// What became of the key in a hash map since the lookup.
    pub(super) fate: Fate,
}

/// What became of the key that a pointer into a hash map was looked up by. Each is one bit; `None` is never.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Fate {
    /// The key was removed: the old value can still be read, as in the kernel, until a key is inserted.
    pub(super) removed: Option<Value>,
    /// The memory may have become another element's, so that the pointer can not be followed.
    pub(super) lost: Option<Value>,
}

/// An inner map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct InnerPlace {
    /// The map that holds the contents of all inner maps.
    pub(super) pool: MapId,
    /// Which one; 32 bits.
    pub(super) number: Value,
    /// One bit: there is none and the pointer is null. `None` once that is ruled out.
    pub(super) missing: Option<Value>,
}

/// A computed place on the stack: `base + offset` from the top of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct StackPlace {
    /// Which frame.
    pub(super) frame: usize,
    /// Variable part, 64 bits.
    pub(super) base: Value,
    /// Constant part.
    pub(super) offset: i64,
}

/// A pointer into the packet, or null.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MaybePacket {
    /// Where it points if it is not null.
    pub(super) place: PacketPlace,
    /// One bit: it is null.
    pub(super) missing: Value,
    /// Bytes proven to lie in the packet from the place on, where it is not null.
    pub(super) behind: i64,
}

/// What a pointer into the packet has become by a call that may have resized the packet: a number of which only differences
/// and comparisons with others mean anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OldPlace {
    /// Bytes from the first byte of the frame as received, 64 bits, two's complement.
    pub(super) at: Value,
    /// Only its low 32 bits are there.
    pub(super) low: bool,
}

/// Register content: a number or a typed pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// A number, 64 bits.
    Scalar(Value),
    /// A pointer into the packet.
    Packet(PacketPlace),
    /// A pointer into the packet or null, until it is tested.
    MaybePacket(MaybePacket),
    /// `data_end` plus a constant.
    PacketEnd(i64),
    /// The low 32 bits of a packet pointer: a number of which only differences with others mean anything.
    PacketLow(PacketPlace),
    /// The low 32 bits of `data_end` plus a constant.
    PacketEndLow(i64),
    /// A pointer into the packet, or to its end, from before a call that may have resized the packet.
    OldPacket(OldPlace),
    /// The context plus a constant.
    Context(i64),
    /// The stack of the n-th frame; the offset is negative, from its top.
    Stack(usize, i64),
    /// The stack at a computed place.
    StackAt(StackPlace),
    /// A map (not an entry).
    Map(MapId),
    /// An inner map of a map of maps, or null.
    Inner(InnerPlace),
    /// A function of the program, for a helper that calls back: its first slot.
    Function(usize),
    /// Four bytes that can only be read: the key that `bpf_for_each_map_elem` shows. 32 bits, and an offset.
    Key(Value, i64),
    /// A pointer into a map entry, or null.
    Entry(EntryPlace),
    /// A record that `bpf_ringbuf_reserve` has given, by its place among the program's events, and an offset in it.
    Record(usize, i64),
    /// Nothing that may be used, and why.
    Unusable(Unusable),
}

/// Why a content may not be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unusable {
    /// Never written.
    Uninitialised,
    /// Lost by a call (r1 to r5).
    Clobbered,
    /// Different kinds of content met here.
    Mixed,
    /// A number computed from an address. The kernel gives programs such numbers, but hardware has no addresses.
    Address,
    /// The result of a print that is left out.
    LeftOut,
    /// A pointer into the packet that may be null, from before a call that may have changed the packet's extent.
    Stale,
}

impl Content {
    /// Nothing was written yet.
    pub(super) const UNINITIALISED: Content = Content::Unusable(Unusable::Uninitialised);

    /// The whole address of a place in the packet for its low half: as long as only low halves are compared or subtracted,
    /// one does for the other, because a packet lies in one page.
    pub(super) fn widened(self) -> Self {
        match self {
            Content::PacketLow(place) => Content::Packet(place),
            Content::PacketEndLow(n) => Content::PacketEnd(n),
            Content::OldPacket(place) => Content::OldPacket(OldPlace { low: false, ..place }),
            other => other,
        }
    }

    /// A word for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Content::Scalar(_) => "a number",
            Content::Packet(_) => "a packet pointer",
            Content::MaybePacket(_) => "a packet pointer that may be null",
            Content::PacketEnd(_) => "the end of the packet",
            Content::PacketLow(_) | Content::PacketEndLow(_) => "the low half of a packet pointer",
            Content::Context(_) => "the context pointer",
            Content::Stack(..) | Content::StackAt(_) => "a stack pointer",
            Content::Map(_) => "a map",
            Content::Inner(InnerPlace { missing: Some(_), .. }) => "an inner map that may be null",
            Content::Inner(_) => "an inner map",
            Content::Function(_) => "the address of a function",
            Content::Key(..) => "the key of a map entry",
            Content::Entry(place) if place.missing.is_some() => "a map value that may be null",
            Content::Entry(_) => "a map value",
            Content::Record(..) => "a record of a ring buffer",
            Content::Unusable(Unusable::Uninitialised) => "uninitialised",
            Content::Unusable(Unusable::Clobbered) => "lost by a call",
            Content::Unusable(Unusable::Address) => "a number computed from an address",
            Content::OldPacket(_) | Content::Unusable(Unusable::Stale) => {
                "a pointer into the packet from before a call that may have resized it"
            }
            Content::Unusable(Unusable::LeftOut) => "the result of a print that is not built",
            Content::Unusable(Unusable::Mixed) => "of different kinds on different paths",
        }
    }
}
