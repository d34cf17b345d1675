// SPDX-License-Identifier: Apache-2.0
//! Meeting of paths: two states at one place become one.
//!
//! Values that differ become a choice by the path condition. What is known is kept where both know it; a packet pointer
//! that stands at different places keeps the number of bytes proven behind it. Merging loses correlations ("this flag
//! is set only where that check was made"), so it is done under a [`Policy`]: the walk begins with the one that
//! makes the smallest hardware and is repeated with a finer one when the program can not be proven safe.

use std::collections::BTreeMap;

use super::agree::{Policy, may_merge};
use super::alu::stack_offset;
use super::arrival::merge_random;
use super::cfg::Cfg;
use super::content::{
    Content, EntryPlace, Fate, InnerPlace, MaybePacket, OldPlace, Origin, PacketPlace, StackPlace, Unusable,
};
use super::extent::Extent;
use super::facts::Facts;
use super::linear::Linear;
use super::records::merge_records;
use super::redirect::merge_targets;
use super::spin_lock::Held;
use super::state::{Slot, Stack, State, Written};
use crate::ir::{Builder, Value};

/// Merges all states at one place as far as the policy allows.
pub(super) fn merge_all(b: &mut Builder, cfg: &Cfg, policy: Policy, mut states: Vec<State>) -> Vec<State> {
    let mut groups: Vec<Vec<State>> = Vec::new();
    states.sort_by(|x, y| x.path.order(&y.path));
    for state in states {
        match groups.iter_mut().find(|g| g.iter().all(|s| may_merge(b, cfg, policy, s, &state))) {
            Some(group) => group.push(state),
            None => groups.push(vec![state]),
        }
    }
    groups.into_iter().filter_map(|group| fold_by_prefix(group, |s| &s.path, |x, y| merge(b, cfg, x, y))).collect()
}

/// Folds items, sorted by path, so that those with the longest common path are combined first: what one branch split is
/// joined before what an earlier branch split.
pub(super) fn fold_by_prefix<T>(
    items: Vec<T>,
    path: impl Fn(&T) -> &super::path::Path,
    mut combine: impl FnMut(&T, &T) -> T,
) -> Option<T> {
    let mut stack: Vec<(T, usize)> = Vec::new();
    for item in items {
        let shared = stack.last().map_or(0, |(top, _)| path(top).common_prefix(path(&item)));
        while stack.len() > 1 && stack[stack.len() - 1].1 > shared {
            reduce(&mut stack, &mut combine);
        }
        let shared = stack.last().map_or(0, |(top, _)| path(top).common_prefix(path(&item)));
        stack.push((item, shared));
    }
    while stack.len() > 1 {
        reduce(&mut stack, &mut combine);
    }
    stack.pop().map(|(item, _)| item)
}

fn reduce<T>(stack: &mut Vec<(T, usize)>, combine: &mut impl FnMut(&T, &T) -> T) {
    if let (Some((upper, _)), Some((lower, shared))) = (stack.pop(), stack.pop()) {
        stack.push((combine(&lower, &upper), shared));
    }
}

/// Bytes proven to lie in the packet (or in the metadata) from this place on; may be negative.
pub(super) fn bytes_behind(b: &mut Builder, state: &State, place: &PacketPlace) -> i64 {
    let least = match place.origin {
        Origin::Data => state.least_length(b),
        Origin::Metadata => {
            let metadata = Linear::default().plus(b, &state.extent.metadata).shifted(-place.offset);
            let far = place.base.map_or(0, |base| i64::try_from(state.set(b, base).hi()).unwrap_or(i64::MAX / 2));
            return metadata.bounds(b, state).0.saturating_sub(far);
        }
    };
    match place.base {
        None => least - place.offset,
        Some(base) => {
            let far = i64::try_from(state.set(b, base).hi()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2);
            let plain = least - place.offset - far;
            state.lengths.get(base).map_or(plain, |n| plain.max(n - place.offset))
        }
    }
}

/// Two states being merged.
struct Merge<'a> {
    x: &'a State,
    y: &'a State,
    /// 1 on the paths of `x`.
    choice: Value,
    refined: Facts<crate::ir::ValueSet>,
    lengths: Facts<i64>,
}

fn merge(b: &mut Builder, cfg: &Cfg, x: &State, y: &State) -> State {
    let (path, choice) = x.path.merge(&y.path, b);
    let refined = x.refined.both(&y.refined, |value, one, other| {
        one.zip(other)?;
        let both = x.set(b, value).join(&y.set(b, value));
        (&both != b.set(value)).then_some(both)
    });
    let lengths = common_lengths(b, x, y);
    let mut merge = Merge { x, y, choice, refined, lengths };
    let mut registers = [Content::UNINITIALISED; 10];
    for (r, register) in registers.iter_mut().enumerate() {
        if cfg.is_live(x.slot, r) {
            *register = merge.content(b, &x.registers[r], &y.registers[r]);
        }
    }
    let stacks = x.stacks.iter().zip(&y.stacks).map(|(p, q)| merge.stack(b, p, q)).collect();
    let mut callers = x.callers.clone();
    for (caller, other) in callers.iter_mut().zip(&y.callers) {
        for (r, (c, d)) in (6..).zip(caller.saved.iter_mut().zip(&other.saved)) {
            let live = cfg.is_live(caller.return_to, r);
            *c = if live { merge.content(b, c, d) } else { Content::UNINITIALISED };
        }
        if let (Some(repeat), Some(theirs)) = (&mut caller.repeat, &other.repeat) {
            repeat.count = merge.select(b, repeat.count, theirs.count);
            repeat.context = merge.content(b, &repeat.context, &theirs.context);
        }
    }
    let tail_calls = merge.select(b, x.tail_calls, y.tail_calls);
    // Both hold one, of the same map, or neither does.
    let held = x.held.zip(y.held).map(|(p, q)| Held { index: merge.select(b, p.index, q.index), ..p });
    let written = merge_written(b, choice, &x.written, &y.written);
    let redirect = merge_targets(b, choice, x.redirect, y.redirect);
    let extent = Extent::choose(b, &x.extent, &y.extent, |b, v, w| merge.select(b, v, w));
    let least = x.least_length(b).min(y.least_length(b));
    let random = merge_random(b, choice, x.random, y.random);
    let queues =
        x.queues.iter().map(|(id, ring)| (*id, ring.choose(&y.queues[id], |v, w| merge.select(b, v, w)))).collect();
    let records = merge_records(&x.records, &y.records, |v, w| merge.select(b, v, w));
    let (refined, lengths) = (merge.refined, merge.lengths);
    State {
        slot: x.slot,
        registers,
        stacks,
        level: x.level,
        tail_calls,
        held,
        callers,
        iterations: x.iterations.clone(),
        path,
        refined,
        lengths,
        least,
        extent,
        written,
        random,
        records,
        redirect,
        queues,
    }
}

/// Lengths proven behind the values of both states. Where one has noted none, it may still know from the least length and what the
/// value can be: a check that always succeeds leaves no note.
fn common_lengths(b: &mut Builder, x: &State, y: &State) -> Facts<i64> {
    let least = [x.least_length(b), y.least_length(b)];
    let b = &*b;
    x.lengths.both(&y.lengths, |value, n, m| {
        let plain = |state: &State, least: i64| {
            least - i64::try_from(state.set(b, value).hi()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2)
        };
        let (p, q) = (plain(x, least[0]), plain(y, least[1]));
        let (n, m) = (n.map_or(p, |n| p.max(*n)), m.map_or(q, |m| q.max(*m)));
        (n.min(m) > p.min(q)).then_some(n.min(m))
    })
}

/// Packet bytes written on either side; data is chosen only where both wrote.
pub(super) fn merge_written(
    b: &mut Builder,
    choice: Value,
    x: &BTreeMap<i32, Written>,
    y: &BTreeMap<i32, Written>,
) -> BTreeMap<i32, Written> {
    let mut merged = BTreeMap::new();
    let never = b.constant(0, 1);
    for offset in x.keys().chain(y.keys()) {
        let result = match (x.get(offset), y.get(offset)) {
            (Some(p), Some(q)) => {
                Written { when: b.select(choice, p.when, q.when), data: b.select(choice, p.data, q.data) }
            }
            (Some(p), None) => Written { when: b.select(choice, p.when, never), data: p.data },
            (None, Some(q)) => Written { when: b.select(choice, never, q.when), data: q.data },
            (None, None) => continue,
        };
        merged.insert(*offset, result);
    }
    merged
}

impl Merge<'_> {
    /// A choice between two values, with what both paths know of it.
    fn select(&mut self, b: &mut Builder, v: Value, w: Value) -> Value {
        let result = b.select(self.choice, v, w);
        if v != w {
            let known = self.x.set(b, v).join(&self.y.set(b, w));
            if &known != b.set(result)
                && let Some(set) = known.meet(b.set(result))
            {
                self.refined.insert(result, set);
            }
        }
        result
    }

    fn content(&mut self, b: &mut Builder, c: &Content, d: &Content) -> Content {
        if c == d {
            return *c;
        }
        match (c, d) {
            (Content::Scalar(v), Content::Scalar(w)) => Content::Scalar(self.select(b, *v, *w)),
            (Content::Packet(p), Content::Packet(q)) if p.origin == q.origin => Content::Packet(self.packet(b, p, q)),
            (Content::Entry(p), Content::Entry(q)) if p.map == q.map => Content::Entry(self.entry(b, p, q)),
            (Content::OldPacket(p), Content::OldPacket(q)) if p.low == q.low => {
                Content::OldPacket(OldPlace { at: self.select(b, p.at, q.at), low: p.low })
            }
            (Content::Entry(p), Content::Scalar(v)) if b.as_const(*v) == Some(0) => {
                let missing = p.missing.unwrap_or_else(|| b.constant(0, 1));
                let null = b.constant(1, 1);
                Content::Entry(EntryPlace { missing: Some(b.select(self.choice, missing, null)), ..*p })
            }
            (Content::Scalar(v), Content::Entry(q)) if b.as_const(*v) == Some(0) => {
                let missing = q.missing.unwrap_or_else(|| b.constant(0, 1));
                let null = b.constant(1, 1);
                Content::Entry(EntryPlace { missing: Some(b.select(self.choice, null, missing)), ..*q })
            }
            (Content::Inner(p), Content::Inner(q)) if p.pool == q.pool => Content::Inner(InnerPlace {
                pool: p.pool,
                number: self.select(b, p.number, q.number),
                missing: self.condition(b, p.missing, q.missing),
            }),
            (Content::Inner(p), Content::Scalar(v)) if b.as_const(*v) == Some(0) => {
                let null = b.constant(1, 1);
                Content::Inner(InnerPlace { missing: self.condition(b, p.missing, Some(null)), ..*p })
            }
            (Content::Scalar(v), Content::Inner(q)) if b.as_const(*v) == Some(0) => {
                let null = b.constant(1, 1);
                Content::Inner(InnerPlace { missing: self.condition(b, Some(null), q.missing), ..*q })
            }
            _ => self
                .nullable(b, c, d)
                .or_else(|| self.stack_pointer(b, c, d))
                .unwrap_or(Content::Unusable(Unusable::Mixed)),
        }
    }

    /// A packet pointer that is null on one side, or may be.
    fn nullable(&mut self, b: &mut Builder, c: &Content, d: &Content) -> Option<Content> {
        let (p, q) = (maybe_packet(b, self.x, c)?, maybe_packet(b, self.y, d)?);
        let missing = b.select(self.choice, p.missing, q.missing);
        let behind = p.behind.min(q.behind);
        // Where one side is always null, only the other's place counts.
        let always = |b: &Builder, m: &MaybePacket| b.as_const(m.missing) == Some(1);
        let place = match (always(b, &p), always(b, &q)) {
            (true, true) => return None,
            (true, false) => q.place,
            (false, true) => p.place,
            (false, false) => {
                let offset = p.place.offset.min(q.place.offset);
                let (left, right) = (
                    variable_part(b, p.place.base, p.place.offset - offset),
                    variable_part(b, q.place.base, q.place.offset - offset),
                );
                let base = self.select(b, left, right);
                PacketPlace {
                    base: Some(base).filter(|&base| b.as_const(base) != Some(0)),
                    ..PacketPlace::data(offset)
                }
            }
        };
        Some(Content::MaybePacket(MaybePacket { place, missing, behind }))
    }

    /// Pointers to different places of one frame.
    fn stack_pointer(&mut self, b: &mut Builder, c: &Content, d: &Content) -> Option<Content> {
        let ((frame, p), (other, q)) = (stack_offset(c)?, stack_offset(d)?);
        if frame != other {
            return None;
        }
        let offset = p.offset.min(q.offset);
        let (left, right) = (variable_part(b, p.base, p.offset - offset), variable_part(b, q.base, q.offset - offset));
        let base = self.select(b, left, right);
        Some(Content::StackAt(StackPlace { frame, base, offset }))
    }

    /// The common constant part stays constant, so that pointers derived from one another keep a common base.
    fn packet(&mut self, b: &mut Builder, p: &PacketPlace, q: &PacketPlace) -> PacketPlace {
        let behind = bytes_behind(b, self.x, p).min(bytes_behind(b, self.y, q));
        let offset = p.offset.min(q.offset);
        let left = variable_part(b, p.base, p.offset - offset);
        let right = variable_part(b, q.base, q.offset - offset);
        let base = self.select(b, left, right);
        let place = PacketPlace { origin: p.origin, base: Some(base), offset };
        if b.as_const(base) == Some(0) {
            return PacketPlace { base: None, ..place };
        }
        if p.origin == Origin::Metadata {
            return place;
        }
        self.lengths.raise(base, behind + offset);
        place
    }

    fn entry(&mut self, b: &mut Builder, p: &EntryPlace, q: &EntryPlace) -> EntryPlace {
        let index = self.select(b, p.index, q.index);
        let offset = p.offset.min(q.offset);
        let base = if p.base.is_none() && q.base.is_none() && p.offset == q.offset {
            None
        } else {
            let left = variable_part(b, p.base, p.offset - offset);
            let right = variable_part(b, q.base, q.offset - offset);
            Some(self.select(b, left, right))
        };
        let missing = self.condition(b, p.missing, q.missing);
        let removed = self.condition(b, p.fate.removed, q.fate.removed);
        let lost = self.condition(b, p.fate.lost, q.fate.lost);
        EntryPlace { map: p.map, index, base, offset, missing, fate: Fate { removed, lost } }
    }

    /// A condition that holds never where it is `None`.
    fn condition(&mut self, b: &mut Builder, c: Option<Value>, d: Option<Value>) -> Option<Value> {
        if c.is_none() && d.is_none() {
            return None;
        }
        let never = b.constant(0, 1);
        Some(b.select(self.choice, c.unwrap_or(never), d.unwrap_or(never)))
    }

    fn stack(&mut self, b: &mut Builder, p: &Stack, q: &Stack) -> Stack {
        let mut merged = Stack::new();
        // What only one side wrote is unspecified on the other, as never written bytes are: it needs no choice.
        for (key, slot) in q.iter().filter(|(key, _)| !p.contains_key(key)) {
            merged.insert(*key, one_sided(slot));
        }
        for (key, slot) in p {
            let Some(other) = q.get(key) else {
                merged.insert(*key, one_sided(slot));
                continue;
            };
            let result = match (slot, other) {
                (a, c) if a == c => a.clone(),
                (Slot::Whole(c), Slot::Whole(d)) => Slot::Whole(self.content(b, c, d)),
                (a, c) => {
                    let (left, right) = (bytes_of(b, a), bytes_of(b, c));
                    let mut bytes = [None; 8];
                    for (byte, pair) in bytes.iter_mut().zip(left.into_iter().zip(right)) {
                        *byte = match pair {
                            (Some(v), Some(w)) => Some(self.select(b, v, w)),
                            (one, other) => one.or(other),
                        };
                    }
                    if is_pointer(a) || is_pointer(c) {
                        Slot::Whole(Content::Unusable(Unusable::Mixed))
                    } else {
                        Slot::Bytes(bytes)
                    }
                }
            };
            merged.insert(*key, result);
        }
        merged
    }
}

/// A slot that was written on one side only.
fn one_sided(slot: &Slot) -> Slot {
    if is_pointer(slot) { Slot::Whole(Content::Unusable(Unusable::Mixed)) } else { slot.clone() }
}

fn is_pointer(slot: &Slot) -> bool {
    matches!(slot, Slot::Whole(content) if !matches!(content, Content::Scalar(_)))
}

/// A packet pointer or the number zero as a pointer that may be null.
fn maybe_packet(b: &mut Builder, state: &State, content: &Content) -> Option<MaybePacket> {
    match *content {
        Content::MaybePacket(maybe) => Some(maybe),
        Content::Packet(place) if place.origin == Origin::Data => {
            Some(MaybePacket { place, missing: b.constant(0, 1), behind: bytes_behind(b, state, &place) })
        }
        Content::Scalar(v) if b.as_const(v) == Some(0) => {
            Some(MaybePacket { place: PacketPlace::data(0), missing: b.constant(1, 1), behind: i64::MAX })
        }
        _ => None,
    }
}

/// `base + rest`, 64 bits.
fn variable_part(b: &mut Builder, base: Option<Value>, rest: i64) -> Value {
    match base {
        Some(base) => b.add_const(base, rest as u64),
        None => b.constant(rest as u64, 64),
    }
}

/// The single bytes of a stack slot; those of a pointer can not be had.
pub(super) fn bytes_of(b: &mut Builder, slot: &Slot) -> [Option<Value>; 8] {
    match slot {
        Slot::Bytes(bytes) => *bytes,
        Slot::Whole(Content::Scalar(value)) => std::array::from_fn(|i| Some(b.extract(*value, 8 * i as u8, 8))),
        Slot::Whole(_) => [None; 8],
    }
}
