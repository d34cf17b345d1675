// SPDX-License-Identifier: Apache-2.0
//! The helpers that change the packet's extent: `bpf_xdp_adjust_head`, `bpf_xdp_adjust_tail`, `bpf_xdp_adjust_meta`
//! (net/core/filter.c), with their conditions, return codes and side effects.
//!
//! A call splits its state: on one path it has failed and nothing changed but the pointers' use, on the other the extent is
//! the new one. So code behind `if (bpf_xdp_adjust_head(...))` sees one place of the head, not two.

use std::collections::BTreeSet;

use super::content::{Content, PacketPlace};
use super::helpers::clobber_arguments;
use super::linear::{Linear, Sum, affine};
use super::state::{State, Written};
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Binary, Compare, HEADROOM, MAX_METADATA, SHORTEST_FRAME, TAIL_LIMIT, Value, ValueSet};
use crate::isa::Reg;

/// `bpf_xdp_adjust_head`, `bpf_xdp_adjust_meta`, `bpf_xdp_adjust_tail` (include/uapi/linux/bpf.h).
const ADJUST_HEAD: u32 = 44;
const ADJUST_META: u32 = 54;
const ADJUST_TAIL: u32 = 65;

/// `-EINVAL` and `-EACCES` (include/uapi/asm-generic/errno-base.h).
const EINVAL: i64 = -22;
const EACCES: i64 = -13;

/// Amounts up to this many bytes are kept apart from the length, so that only they go through the result queue.
const SMALL_AMOUNT: i64 = 1 << 14;

/// Whether this helper changes the packet's extent.
pub(super) fn is_resize(id: u32) -> bool {
    matches!(id, ADJUST_HEAD | ADJUST_META | ADJUST_TAIL)
}

impl Walk<'_> {
    /// Carries out a call. The given state becomes the path on which it succeeded (or the only one); the result is the
    /// other.
    pub(super) fn resize(&mut self, state: &mut State, id: u32) -> Result<Option<State>, Refusal> {
        self.context_argument(state)?;
        let amount = self.register(state, Reg::R2)?;
        let amount = self.scalar(&amount, "the second argument")?;
        let low = self.b.extract(amount, 0, 32);
        let amount = self.b.sext(low, 64);
        state.forget_packet_pointers(&mut self.b);
        clobber_arguments(state);
        match id {
            ADJUST_HEAD => self.adjust_head(state, amount),
            ADJUST_META => self.adjust_meta(state, amount),
            _ => self.adjust_tail(state, amount),
        }
    }

    /// Splits on failure; `None` for a side that can not be.
    fn outcome(&mut self, state: &State, failure: Value, code: Value) -> (Option<State>, Option<State>) {
        let split = self.split_on(state.clone(), failure, |_, _, _| {});
        let with = |result: Value| {
            move |mut state: State| {
                state.registers[0] = Content::Scalar(result);
                state
            }
        };
        let zero = self.b.constant(0, 64);
        (split.taken.map(with(code)), split.fallen.map(with(zero)))
    }

    /// The two sides as the caller of [`Walk::resize`] wants them.
    fn sides(state: &mut State, failed: Option<State>, succeeded: Option<State>) -> Option<State> {
        match (failed, succeeded) {
            (failed, Some(succeeded)) => {
                *state = succeeded;
                failed
            }
            (Some(failed), None) => {
                *state = failed;
                None
            }
            (None, None) => None,
        }
    }

    /// A place that is moved by `amount`: a sum where the amount is small on this path, else biased by the headroom, so that
    /// it is not negative in all cases that succeed (64 bits, wrapped elsewhere).
    fn moved(&mut self, state: &mut State, place: &Sum, amount: Value) -> Result<Sum, Value> {
        let set = state.set(&self.b, amount);
        if let Some(constant) = set.as_const() {
            return Ok(Sum { offset: place.offset + constant as i64, ..*place });
        }
        let (least, most) = set.signed_bounds();
        if least > -SMALL_AMOUNT && most < SMALL_AMOUNT {
            let above = self.b.add_const(amount, least.wrapping_neg() as u64);
            let range = ValueSet::from_range(64, 0, (most - least) as u64);
            let range = state.set(&self.b, above).meet(&range).unwrap_or(range);
            let small = self.narrowed(state, above, &range);
            let base = match place.base {
                Some(base) => self.b.binary(Binary::Add, base, small),
                None => small,
            };
            return Ok(Sum { base: Some(base), offset: place.offset + least, ..*place });
        }
        let sum = Linear::default().plus(&mut self.b, place).plus_value(amount).shifted(HEADROOM.into());
        Err(sum.value(&mut self.b))
    }

    /// The low bits of a value that can only have what `set` says on this path, as a value of its own.
    fn narrowed(&mut self, state: &mut State, value: Value, set: &ValueSet) -> Value {
        let bits = (64 - set.hi().leading_zeros() as u8).max(1);
        let low = self.b.extract(value, 0, bits);
        let small = self.b.resize(low, 64);
        // Not empty: it holds what the value itself can be.
        let _ = state.refine(&self.b, small, set);
        small
    }

    fn adjust_head(&mut self, state: &mut State, amount: Value) -> Result<Option<State>, Refusal> {
        let extent = state.extent;
        let moved = self.moved(state, &extent.head, amount);
        let b = &mut self.b;
        let room = Linear::default().shifted(i64::from(HEADROOM)).minus(b, &extent.metadata);
        let shortest = i64::from(SHORTEST_FRAME);
        let (low, high) = match moved {
            Ok(head) => {
                let low = room.plus(b, &head).is_negative_on(b, state);
                let rest = Linear::default().plus(b, &extent.end).minus(b, &head).shifted(-shortest);
                (low, rest.is_negative_on(b, state))
            }
            Err(biased) => {
                let metadata = Linear::default().plus(b, &extent.metadata).value(b);
                let most = Linear::default().plus(b, &extent.end).shifted(i64::from(HEADROOM) - shortest).value(b);
                (b.compare(Compare::Ult, biased, metadata), b.compare(Compare::Ult, most, biased))
            }
        };
        let failure = b.or(low, high);
        let code = b.constant(EINVAL as u64, 64);
        let (failed, succeeded) = self.outcome(state, failure, code);
        let succeeded = match succeeded {
            None => None,
            Some(mut next) => {
                let bias = -i64::from(HEADROOM);
                let head = moved.unwrap_or_else(|biased| Sum { length: false, base: Some(biased), offset: bias });
                let head = self.chosen_head(&mut next, head)?;
                self.move_head(&mut next, head, amount)?;
                Some(next)
            }
        };
        Ok(Self::sides(state, failed, succeeded))
    }

    /// The head after a move: one of a few places.
    fn chosen_head(&mut self, state: &mut State, head: Sum) -> Result<Sum, Refusal> {
        let places = self.places(state, &head, "the packet's head")?;
        let Some(base) = head.base else { return Ok(head) };
        let elements = places.iter().map(|&p| (i64::from(p) - head.offset) as u64).collect();
        let set = ValueSet::from_elements(64, elements);
        if let Some(only) = set.as_const() {
            return Ok(Sum::constant(only as i64 + head.offset));
        }
        let base = self.narrowed(state, base, &set);
        Ok(Sum { base: Some(base), ..head })
    }

    /// The head is at a new place: written bytes are renumbered, metadata moves with the head.
    fn move_head(&mut self, state: &mut State, head: Sum, amount: Value) -> Result<(), Refusal> {
        let least = state.least_length(&mut self.b);
        let metadata = self.metadata_bytes(state)?;
        let step = Linear::default().plus(&mut self.b, &state.extent.head).minus(&mut self.b, &head);
        let shrinks_by = step.bounds(&self.b, state).0;
        if !state.written.is_empty() {
            let distances = self.distances(state, amount)?;
            state.renumber(&mut self.b, &distances);
        }
        state.extent.head = head;
        state.lengthen(least, shrinks_by);
        for (offset, is_there, data) in metadata {
            let written = match state.written.get(&offset) {
                Some(old) => {
                    Written { when: self.b.or(is_there, old.when), data: self.b.select(is_there, data, old.data) }
                }
                None => Written { when: is_there, data },
            };
            state.written.insert(offset, written);
        }
        Ok(())
    }

    /// The amounts by which the head may have moved, each with the bit that says so.
    fn distances(&mut self, state: &State, amount: Value) -> Result<Vec<(i64, Value)>, Refusal> {
        let limit = self.limits.head_places;
        let Some(elements) = state.set(&self.b, amount).enumerate(limit) else {
            let text = format!("the packet's head is moved by more than {limit} different amounts");
            return Err(self.refuse(Code::HeadPlaces, text));
        };
        Ok(elements.into_iter().map(|e| (e as i64, self.b.equals_const(amount, e))).collect())
    }

    /// The bytes of the metadata now: offset from the head, whether there is such a byte, contents.
    fn metadata_bytes(&mut self, state: &State) -> Result<Vec<(i32, Value, Value)>, Refusal> {
        let length = state.extent.metadata;
        let most = Linear::default().plus(&mut self.b, &length).bounds(&self.b, state).1;
        let mut bytes = Vec::new();
        for i in 1..=i32::try_from(most.clamp(0, MAX_METADATA.into())).unwrap_or(0) {
            let absent = Linear::default().plus(&mut self.b, &length).shifted(-i64::from(i));
            let absent = absent.is_negative_on(&mut self.b, state);
            let original = self.original_bytes(state, &PacketPlace::data(-i64::from(i)), 8)?;
            let data = match state.written.get(&-i) {
                Some(written) => self.b.select(written.when, written.data, original),
                None => original,
            };
            bytes.push((-i, self.b.not(absent), data));
        }
        Ok(bytes)
    }

    fn adjust_meta(&mut self, state: &mut State, amount: Value) -> Result<Option<State>, Refusal> {
        let extent = state.extent;
        // The length afterwards, which wraps to a large number where the metadata would begin behind the data.
        let b = &mut self.b;
        let known = state.set(b, amount).as_const();
        let (length, negative) = match known {
            Some(c) => {
                let length = Sum { offset: extent.metadata.offset - c as i64, ..extent.metadata };
                let sum = Linear::default().plus(b, &length);
                (Some(length), sum.is_negative_on(b, state))
            }
            None => (None, b.constant(0, 1)),
        };
        let value = Linear::default().plus(b, &extent.metadata).minus_value(amount).value(b);
        let room = Linear::default().plus(b, &extent.head).shifted(HEADROOM.into());
        let too_far = match length {
            Some(length) => room.minus(b, &length).is_negative_on(b, state),
            None => {
                let room = room.value(b);
                b.compare(Compare::Ult, room, value)
            }
        };
        let invalid = b.or(negative, too_far);
        let (odd, most) = (b.extract(value, 0, 2), b.constant(MAX_METADATA as u64 + 3, 64));
        let (unaligned, too_long) = (b.equals_const(odd, 0), b.compare(Compare::Ult, most, value));
        let unaligned = b.not(unaligned);
        let refused = b.or(unaligned, too_long);
        let failure = b.or(invalid, refused);
        let (einval, eacces) = (b.constant(EINVAL as u64, 64), b.constant(EACCES as u64, 64));
        let code = b.select(invalid, einval, eacces);
        let (failed, succeeded) = self.outcome(state, failure, code);
        let succeeded = match succeeded {
            None => None,
            Some(mut next) => {
                let length = match length {
                    Some(length) => length,
                    None => self.chosen_length(&mut next, value)?,
                };
                next.extent.metadata = length;
                Some(next)
            }
        };
        Ok(Self::sides(state, failed, succeeded))
    }

    /// The length of the metadata for an amount that is not constant.
    fn chosen_length(&mut self, state: &mut State, value: Value) -> Result<Sum, Refusal> {
        let legal = ValueSet::from_parts(64, !0xfc, 0, 0, MAX_METADATA as u64);
        let set = state.set(&self.b, value);
        let Some(set) = legal.and_then(|legal| set.meet(&legal)) else {
            return Ok(Sum::constant(0));
        };
        if let Some(only) = set.as_const() {
            return Ok(Sum::constant(only as i64));
        }
        let small = self.narrowed(state, value, &set);
        let sum = Sum { length: false, base: Some(small), offset: 0 };
        let _: BTreeSet<i32> = self.places(state, &sum, "the end of the metadata")?;
        Ok(sum)
    }

    fn adjust_tail(&mut self, state: &mut State, amount: Value) -> Result<Option<State>, Refusal> {
        let extent = state.extent;
        let moved = self.moved_end(state, amount);
        let b = &mut self.b;
        let shortest = Linear::default().plus(b, &extent.head).shifted(SHORTEST_FRAME.into());
        let failure = match moved {
            Ok(end) => {
                let low = Linear::default().plus(b, &end).less(shortest).is_negative_on(b, state);
                let short = Linear::default().plus(b, &extent.end).minus(b, &end);
                let grows = short.is_negative_on(b, state);
                let beyond = Linear::default().shifted(TAIL_LIMIT.into()).minus(b, &end);
                let beyond = if b.as_const(grows) == Some(0) { grows } else { beyond.is_negative_on(b, state) };
                let high = b.and(grows, beyond);
                b.or(low, high)
            }
            Err(biased) => {
                let least = shortest.shifted(HEADROOM.into()).value(b);
                let present = Linear::default().plus(b, &extent.end).shifted(HEADROOM.into()).value(b);
                let most = b.constant((TAIL_LIMIT + HEADROOM) as u64, 64);
                let zero = b.constant(0, 64);
                let grows = b.compare(Compare::Slt, zero, amount);
                let most = b.select(grows, most, present);
                let (low, high) = (b.compare(Compare::Ult, biased, least), b.compare(Compare::Ult, most, biased));
                b.or(low, high)
            }
        };
        let code = b.constant(EINVAL as u64, 64);
        let (failed, succeeded) = self.outcome(state, failure, code);
        let succeeded = succeeded.map(|mut next| {
            let end = match moved {
                Ok(end) => end,
                Err(biased) => {
                    let most = u64::from(self.limits.frame_bytes) + HEADROOM as u64;
                    let base = self.narrowed(&mut next, biased, &ValueSet::from_range(64, 0, most));
                    Sum { length: false, base: Some(base), offset: -i64::from(HEADROOM) }
                }
            };
            self.move_end(&mut next, end, amount);
            next
        });
        Ok(Self::sides(state, failed, succeeded))
    }

    /// The end moved by `amount`; `Err` with its place, biased by the headroom, where that is no simple sum.
    fn moved_end(&mut self, state: &mut State, amount: Value) -> Result<Sum, Value> {
        let end = state.extent.end;
        // To a fixed length: `adjust_tail(ctx, 98 - (data_end - data))`.
        if let Some((times, constant)) = affine(&self.b, amount, 32)
            && constant.abs() < 1 << 30
            && times != 0
            && let Some(length) = [false, true].into_iter().find(|&l| i64::from(l) == i64::from(end.length) + times)
        {
            return Ok(Sum { length, offset: end.offset + constant, ..end });
        }
        self.moved(state, &end, amount)
    }

    /// The end is at a new place: what comes in is zero.
    fn move_end(&mut self, state: &mut State, end: Sum, amount: Value) {
        let least = state.least_length(&mut self.b);
        let extent = state.extent;
        let growth = Linear::default().plus(&mut self.b, &end).minus(&mut self.b, &extent.end);
        let (lo, hi) = growth.bounds(&self.b, state);
        let (low_amount, high_amount) = state.set(&self.b, amount).signed_bounds();
        let (lo, hi) = (lo.max(low_amount), hi.min(high_amount));
        state.extent.end = end;
        if hi > 0 {
            if extent.end != super::extent::Extent::RECEIVED.end || extent.kept.is_some() {
                let length = extent.length(&mut self.b);
                self.clear_behind(state, &length);
            }
            let kept = extent.kept_end();
            state.extent.kept = Some(if lo >= 0 { kept } else { self.lesser(state, &kept, &end) });
        } else if let Some(kept) = extent.kept {
            state.extent.kept = Some(self.lesser(state, &kept, &end));
        }
        state.lengthen(least, lo);
    }

    /// The lesser of two places.
    fn lesser(&mut self, state: &State, x: &Sum, y: &Sum) -> Sum {
        let difference = Linear::default().plus(&mut self.b, x).minus(&mut self.b, y);
        let is_x = difference.is_negative_on(&mut self.b, state);
        match self.b.as_const(is_x) {
            Some(1) => *x,
            Some(_) => *y,
            None => Sum::choose(&mut self.b, x, y, |b, v, w| b.select(is_x, v, w)),
        }
    }

    /// Written bytes at or behind the old end are gone.
    fn clear_behind(&mut self, state: &mut State, length: &Linear) {
        let mut written = std::mem::take(&mut state.written);
        written.retain(|&offset, byte| {
            let inside = Linear::default().shifted(offset.into()).less(length.clone());
            let inside = inside.is_negative_on(&mut self.b, state);
            byte.when = self.b.and(byte.when, inside);
            self.b.as_const(byte.when) != Some(0)
        });
        state.written = written;
    }
}
