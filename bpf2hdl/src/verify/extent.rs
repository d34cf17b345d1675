// SPDX-License-Identifier: Apache-2.0
//! Where the packet begins and ends on a path.
//!
//! Pointers and written bytes are kept relative to the packet's present head, so that what a program does after a call
//! that moved the head costs the same whether it moved or not; only loads of original bytes and comparisons with the end add
//! the head's place. A call that moves the head gives the written bytes new numbers.

use std::collections::BTreeMap;

use super::content::{Content, OldPlace, Origin, PacketPlace, Unusable};
use super::linear::{Linear, Sum};
use super::state::{State, Written};
use crate::ir::{Builder, Value};

/// The packet's extent on a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    /// Place of the first byte (of `ctx->data`).
    pub(super) head: Sum,
    /// Place behind the last byte (`ctx->data_end`).
    pub(super) end: Sum,
    /// Original bytes from here on are gone; `None` while that is `end`.
    pub(super) kept: Option<Sum>,
    /// Bytes of metadata.
    pub(super) metadata: Sum,
}

impl Extent {
    /// The packet as received.
    pub(super) const RECEIVED: Extent = Extent {
        head: Sum { length: false, base: None, offset: 0 },
        end: Sum { length: true, base: None, offset: 0 },
        kept: None,
        metadata: Sum { length: false, base: None, offset: 0 },
    };

    /// From where on original bytes are gone.
    pub(super) fn kept_end(&self) -> Sum {
        self.kept.unwrap_or(self.end)
    }

    /// The present length.
    pub(super) fn length(&self, b: &mut Builder) -> Linear {
        Linear::default().plus(b, &self.end).minus(b, &self.head)
    }

    /// One of two extents.
    pub(super) fn choose(
        b: &mut Builder,
        x: &Extent,
        y: &Extent,
        mut select: impl FnMut(&mut Builder, Value, Value) -> Value,
    ) -> Extent {
        let kept = match (x.kept, y.kept) {
            (None, None) => None,
            _ => Some(Sum::choose(b, &x.kept_end(), &y.kept_end(), &mut select)),
        };
        Extent {
            head: Sum::choose(b, &x.head, &y.head, &mut select),
            end: Sum::choose(b, &x.end, &y.end, &mut select),
            kept,
            metadata: Sum::choose(b, &x.metadata, &y.metadata, &mut select),
        }
    }

    /// A pointer's place, bytes from the first byte as received.
    pub(super) fn absolute(&self, b: &mut Builder, place: &PacketPlace) -> Linear {
        let mut sum = Linear::default().plus(b, &self.head).shifted(place.offset);
        if let Some(base) = place.base {
            sum = sum.plus_value(base);
        }
        match place.origin {
            Origin::Data => sum,
            Origin::Metadata => sum.minus(b, &self.metadata),
        }
    }

    /// The place of anything that stands for a place in the packet, bytes from the first byte as received.
    pub(super) fn position(&self, b: &mut Builder, content: &Content) -> Option<Linear> {
        match content {
            Content::Packet(place) => Some(self.absolute(b, place)),
            Content::PacketEnd(n) => Some(Linear::default().plus(b, &self.end).shifted(*n)),
            Content::OldPacket(OldPlace { at, .. }) => Some(Linear::default().plus_value(*at)),
            _ => None,
        }
    }

    /// What a content becomes when the packet may be resized.
    fn old_place(&self, b: &mut Builder, content: &Content, low: bool) -> Content {
        match (content, self.position(b, content)) {
            (Content::Packet(_) | Content::PacketEnd(_), Some(position)) => {
                Content::OldPacket(OldPlace { at: position.value(b), low })
            }
            _ => *content,
        }
    }
}

impl State {
    /// Least packet length on this path.
    pub(super) fn least_length(&self, b: &mut Builder) -> i64 {
        let length = self.extent.length(b);
        length.bounds(b, self).0.max(self.least)
    }

    /// Nothing can be read through pointers to the packet any more, whether or not a call changed its extent (as in the kernel,
    /// `clear_all_pkt_pointers`, kernel/bpf/verifier.c). As numbers they go on: clang computes the old length after the call.
    pub(super) fn forget_packet_pointers(&mut self, b: &mut Builder) {
        let extent = self.extent;
        for content in self.contents_mut() {
            *content = match *content {
                Content::MaybePacket(_) => Content::Unusable(Unusable::Stale),
                Content::PacketLow(place) => extent.old_place(b, &Content::Packet(place), true),
                Content::PacketEndLow(n) => extent.old_place(b, &Content::PacketEnd(n), true),
                ref other => extent.old_place(b, other, false),
            };
        }
    }

    /// The packet became longer by `by` bytes or more (shorter, where negative), but has the shortest frame at least.
    pub(super) fn lengthen(&mut self, least_before: i64, by: i64) {
        self.least = i64::from(crate::ir::SHORTEST_FRAME).max(least_before.saturating_add(by));
        self.lengths.change_all(|n| n.saturating_add(by));
    }

    /// The head moved by exactly one of these distances, each with the bit that says so: written bytes get new offsets.
    pub(super) fn renumber(&mut self, b: &mut Builder, distances: &[(i64, Value)]) {
        if let &[(distance, _)] = distances {
            let moved = std::mem::take(&mut self.written).into_iter();
            self.written =
                moved.filter_map(|(at, w)| Some((i32::try_from(i64::from(at) - distance).ok()?, w))).collect();
            return;
        }
        let mut moved: BTreeMap<i32, Written> = BTreeMap::new();
        for (&at, written) in &self.written {
            for &(distance, is_so) in distances {
                let Ok(offset) = i32::try_from(i64::from(at) - distance) else { continue };
                let when = b.and(is_so, written.when);
                let result = match moved.get(&offset) {
                    Some(other) => {
                        Written { when: b.or(when, other.when), data: b.select(is_so, written.data, other.data) }
                    }
                    None => Written { when, data: written.data },
                };
                moved.insert(offset, result);
            }
        }
        self.written = moved;
    }
}
