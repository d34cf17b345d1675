// SPDX-License-Identifier: Apache-2.0
//! Conditional jumps: the condition as a one-bit value, and what each outcome teaches.

use super::alu::is_packet;
use super::content::{Content, EntryPlace, InnerPlace, Origin, PacketPlace};
use super::path::Literal;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Compare, Value};
use crate::isa::{JumpOp, Width};

/// More than any constant part of a packet pointer.
const BIAS: i64 = 1 << 40;

/// Two states after a branch; `None` where it can not go that way.
pub(super) struct Split {
    /// The jump is taken.
    pub(super) taken: Option<State>,
    /// It is not.
    pub(super) fallen: Option<State>,
}

/// A comparison of a packet place with the end of the packet.
struct EndTest {
    place: PacketPlace,
    /// Constant that the program added to `data_end`.
    end: i64,
    op: JumpOp,
}

impl Walk<'_> {
    /// Splits a state on a condition of the program.
    pub(super) fn branch(
        &mut self,
        state: State,
        width: Width,
        op: JumpOp,
        left: Content,
        right: Content,
    ) -> Result<Split, Refusal> {
        match (left, right) {
            (Content::Scalar(x), Content::Scalar(y)) => {
                let condition = self.condition(width, op, x, y);
                Ok(self.split_on(state, condition, |_, _, _| {}))
            }
            _ if width == Width::W32 && is_packet(&left.widened()) && is_packet(&right.widened()) => {
                self.branch_on_positions(state, op, left.widened(), right.widened())
            }
            // The low half of an address into a packet is no more zero than the whole: the packet has headroom in its page.
            (pointer, Content::Scalar(zero))
                if width == Width::W32
                    && self.b.as_const(zero).is_some_and(|zero| zero as u32 == 0)
                    && matches!(op, JumpOp::Eq | JumpOp::Ne)
                    && (is_packet(&pointer.widened()) || matches!(pointer, Content::MaybePacket(_))) =>
            {
                let zero = Content::Scalar(self.b.constant(0, 64));
                self.branch(state, Width::W64, op, pointer.widened(), zero)
            }
            _ if width == Width::W32 => {
                Err(self.refuse(Code::PointerArithmetic, "a pointer is compared as a 32-bit number".to_owned()))
            }
            (Content::Packet(place), Content::PacketEnd(end)) => self.branch_on_end(state, EndTest { place, end, op }),
            (Content::PacketEnd(end), Content::Packet(place)) => {
                self.branch_on_end(state, EndTest { place, end, op: mirrored(op) })
            }
            (Content::OldPacket(_), _) | (_, Content::OldPacket(_)) if is_packet(&left) && is_packet(&right) => {
                self.branch_on_positions(state, op, left, right)
            }
            (Content::Packet(p), Content::Packet(q)) if p.origin != q.origin => {
                let extent = state.extent;
                let distance = extent.absolute(&mut self.b, &p).less(extent.absolute(&mut self.b, &q));
                let op = unsigned(op);
                let (x, y) = distance.sides(&mut self.b);
                let condition = self.condition(Width::W64, op, x, y);
                Ok(self.split_on(state, condition, |_, _, _| {}))
            }
            (Content::Packet(p), Content::Packet(q)) => {
                // Biased, so that places in front of the packet stay below those inside.
                let biased = |p: PacketPlace| PacketPlace { offset: p.offset + BIAS, ..p };
                let (x, y) = (self.place_value(&biased(p)), self.place_value(&biased(q)));
                let condition = self.condition(width, unsigned(op), x, y);
                Ok(self.split_on(state, condition, |_, _, _| {}))
            }
            (Content::Entry(place), Content::Scalar(zero)) | (Content::Scalar(zero), Content::Entry(place))
                if self.b.as_const(zero) == Some(0) && matches!(op, JumpOp::Eq | JumpOp::Ne) =>
            {
                Ok(self.branch_on_null(state, place.missing, op == JumpOp::Eq))
            }
            (Content::Inner(place), Content::Scalar(zero)) | (Content::Scalar(zero), Content::Inner(place))
                if self.b.as_const(zero) == Some(0) && matches!(op, JumpOp::Eq | JumpOp::Ne) =>
            {
                Ok(self.branch_on_null(state, place.missing, op == JumpOp::Eq))
            }
            (Content::MaybePacket(maybe), Content::Scalar(zero))
            | (Content::Scalar(zero), Content::MaybePacket(maybe))
                if self.b.as_const(zero) == Some(0) && matches!(op, JumpOp::Eq | JumpOp::Ne) =>
            {
                Ok(self.branch_on_missing(state, maybe.missing, op == JumpOp::Eq))
            }
            (pointer, Content::Scalar(zero))
                if self.b.as_const(zero) == Some(0)
                    && matches!(op, JumpOp::Eq | JumpOp::Ne)
                    && !matches!(pointer, Content::Unusable(_)) =>
            {
                // Any other pointer is never null.
                let only = Some(state);
                Ok(if op == JumpOp::Ne {
                    Split { taken: only, fallen: None }
                } else {
                    Split { taken: None, fallen: only }
                })
            }
            _ => match self.compare_pointers(&state, op, &left, &right)? {
                Some(condition) => Ok(self.split_on(state, condition, |_, _, _| {})),
                None => Err(self.refuse(
                    Code::PointerArithmetic,
                    format!("{} is compared with {}", left.describe(), right.describe()),
                )),
            },
        }
    }

    /// Compares two places of the packet as numbers, which teaches nothing of its length. Biased, so that places in front of the
    /// packet stay below those inside.
    fn branch_on_positions(
        &mut self,
        state: State,
        op: JumpOp,
        left: Content,
        right: Content,
    ) -> Result<Split, Refusal> {
        if op == JumpOp::Set {
            return Err(self.refuse(Code::PointerArithmetic, "bits of a packet pointer are tested".to_owned()));
        }
        let mut position = |content| {
            let position = state.extent.position(&mut self.b, content).unwrap_or_default();
            position.shifted(BIAS).value(&mut self.b)
        };
        let (x, y) = (position(&left), position(&right));
        let condition = self.condition(Width::W64, unsigned(op), x, y);
        Ok(self.split_on(state, condition, |_, _, _| {}))
    }

    /// The condition of a jump on numbers.
    pub(super) fn condition(&mut self, width: Width, op: JumpOp, x: Value, y: Value) -> Value {
        let bits = width.bits() as u8;
        let (x, y) = (self.b.extract(x, 0, bits), self.b.extract(y, 0, bits));
        match op {
            JumpOp::Eq => self.b.compare(Compare::Eq, x, y),
            JumpOp::Ne => self.b.compare(Compare::Ne, x, y),
            JumpOp::Gt => self.b.compare(Compare::Ult, y, x),
            JumpOp::Ge => self.b.compare(Compare::Ule, y, x),
            JumpOp::Lt => self.b.compare(Compare::Ult, x, y),
            JumpOp::Le => self.b.compare(Compare::Ule, x, y),
            JumpOp::SGt => self.b.compare(Compare::Slt, y, x),
            JumpOp::SGe => self.b.compare(Compare::Sle, y, x),
            JumpOp::SLt => self.b.compare(Compare::Slt, x, y),
            JumpOp::SLe => self.b.compare(Compare::Sle, x, y),
            JumpOp::Set => {
                let both = self.b.and(x, y);
                let zero = self.b.constant(0, bits);
                self.b.compare(Compare::Ne, both, zero)
            }
        }
    }

    /// Splits on a one-bit value; `learn` is told the outcome for each side that remains.
    pub(super) fn split_on(
        &mut self,
        state: State,
        condition: Value,
        learn: impl Fn(&mut Self, &mut State, bool),
    ) -> Split {
        let decided = match self.b.as_const(condition) {
            Some(c) => Some(c == 1),
            None => state.set(&self.b, condition).as_const().map(|c| c == 1),
        };
        if let Some(outcome) = decided {
            let mut state = state;
            learn(self, &mut state, outcome);
            let only = Some(state);
            return if outcome { Split { taken: only, fallen: None } } else { Split { taken: None, fallen: only } };
        }
        let side = |walk: &mut Self, outcome: bool| {
            let mut state = state.clone();
            if !state.assume(&walk.b, condition, outcome) {
                return None;
            }
            state.path = state.path.and(Literal::new(&walk.b, condition, outcome));
            learn(walk, &mut state, outcome);
            Some(state)
        };
        let (taken, fallen) = (side(self, true), side(self, false));
        // Where one side can not be, the other needs no condition.
        match (taken, fallen) {
            (Some(mut only), None) => {
                only.path = state.path;
                Split { taken: Some(only), fallen: None }
            }
            (None, Some(mut only)) => {
                only.path = state.path;
                Split { taken: None, fallen: Some(only) }
            }
            (taken, fallen) => Split { taken, fallen },
        }
    }

    /// `place op data_end + end`: a comparison with the packet's length.
    fn branch_on_end(&mut self, state: State, test: EndTest) -> Result<Split, Refusal> {
        let place = PacketPlace { offset: test.place.offset - test.end, ..test.place };
        // MAX_PACKET_OFF, kernel/bpf/verifier.c: farther pointers teach the kernel nothing, nor us. Neither do comparisons as
        // signed numbers; kernel addresses are all negative, so that their order is the same.
        let far = place.base.map_or(0, |base| state.set(&self.b, base).hi());
        if far > u64::from(u32::MAX) {
            return Err(self.refuse(
                Code::PacketOutOfBounds,
                "a packet pointer moved by up to more than 2^32 bytes is compared with the end of the packet"
                    .to_owned(),
            ));
        }
        let op = match test.op {
            JumpOp::Set => {
                return Err(self.refuse(Code::PointerArithmetic, "bits of a packet pointer are tested".to_owned()));
            }
            op => unsigned(op),
        };
        if let Some(outcome) = self.known_end_test(&state, &place, op) {
            let only = Some(state);
            return Ok(if outcome { Split { taken: only, fallen: None } } else { Split { taken: None, fallen: only } });
        }
        let extent = state.extent;
        let distance = extent.absolute(&mut self.b, &place).minus(&mut self.b, &extent.end);
        let (at, end) = distance.sides(&mut self.b);
        let condition = self.condition(Width::W64, op, at, end);
        let teaches = far <= 0xffff && unsigned(test.op) == test.op;
        Ok(self.split_on(state, condition, move |walk, state, outcome| {
            if !teaches {
                return;
            }
            let behind = match (op, outcome) {
                (JumpOp::Gt, false) | (JumpOp::Le, true) | (JumpOp::Eq, true) | (JumpOp::Ne, false) => 0,
                (JumpOp::Ge, false) | (JumpOp::Lt, true) => 1,
                _ => return,
            };
            walk.learn_length(state, &place, behind);
        }))
    }

    /// Earlier checks may decide the test.
    fn known_end_test(&mut self, state: &State, place: &PacketPlace, op: JumpOp) -> Option<bool> {
        if place.origin == Origin::Metadata {
            return None;
        }
        let behind = super::merge::bytes_behind(&mut self.b, state, place);
        match op {
            JumpOp::Gt if behind >= 0 => Some(false),
            JumpOp::Le if behind >= 0 => Some(true),
            JumpOp::Ge if behind >= 1 => Some(false),
            JumpOp::Lt if behind >= 1 => Some(true),
            _ => None,
        }
    }

    /// Notes that at least `behind` bytes lie behind the place.
    fn learn_length(&mut self, state: &mut State, place: &PacketPlace, behind: i64) {
        if place.origin == Origin::Metadata {
            return;
        }
        let least = match place.base {
            None => place.offset + behind,
            Some(base) => {
                state.lengths.raise(base, place.offset + behind);
                state.set(&self.b, base).lo() as i64 + place.offset + behind
            }
        };
        state.least = state.least.max(least);
        // What the packet has now, it had when it came, but for what was added since.
        let added = state.extent.length(&mut self.b);
        let length = super::state::length(&mut self.b);
        let received = self.b.resize(length, 64);
        if !state.extent.end.length {
            return;
        }
        let least = least.saturating_sub(added.minus_value(received).bounds(&self.b, state).1);
        if (1..=0xffff).contains(&least) {
            let set = crate::ir::ValueSet::from_range(16, least as u64, 0xffff);
            // The set is not empty: frames of 65535 bytes are possible as far as the analysis knows.
            let _ = state.refine(&self.b, length, &set);
        }
    }

    fn branch_on_null(&mut self, state: State, missing: Option<Value>, jump_if_null: bool) -> Split {
        let Some(missing) = missing else {
            let only = Some(state);
            return if jump_if_null {
                Split { taken: None, fallen: only }
            } else {
                Split { taken: only, fallen: None }
            };
        };
        self.branch_on_missing(state, missing, jump_if_null)
    }

    fn branch_on_missing(&mut self, state: State, missing: Value, jump_if_null: bool) -> Split {
        let split = self.split_on(state, missing, |walk, state, null| walk.resolve_null(state, missing, null));
        if jump_if_null { split } else { Split { taken: split.fallen, fallen: split.taken } }
    }

    /// All copies of a pointer learn whether it is null.
    fn resolve_null(&mut self, state: &mut State, missing: Value, null: bool) {
        let zero = self.b.constant(0, 64);
        let mut proven = Vec::new();
        let mut resolve = |content: &mut Content| match *content {
            Content::Entry(place) if place.missing == Some(missing) => {
                *content =
                    if null { Content::Scalar(zero) } else { Content::Entry(EntryPlace { missing: None, ..place }) };
            }
            Content::Inner(place) if place.missing == Some(missing) => {
                *content =
                    if null { Content::Scalar(zero) } else { Content::Inner(InnerPlace { missing: None, ..place }) };
            }
            Content::MaybePacket(maybe) if maybe.missing == missing => {
                *content = if null { Content::Scalar(zero) } else { Content::Packet(maybe.place) };
                proven.extend((!null).then_some((maybe.place, maybe.behind)));
            }
            _ => {}
        };
        state.contents_mut().for_each(&mut resolve);
        for (place, behind) in proven {
            self.learn_length(state, &place, behind);
        }
    }
}

/// `y op x` for `x op y`.
fn mirrored(op: JumpOp) -> JumpOp {
    match op {
        JumpOp::Gt => JumpOp::Lt,
        JumpOp::Ge => JumpOp::Le,
        JumpOp::Lt => JumpOp::Gt,
        JumpOp::Le => JumpOp::Ge,
        JumpOp::SGt => JumpOp::SLt,
        JumpOp::SGe => JumpOp::SLe,
        JumpOp::SLt => JumpOp::SGt,
        JumpOp::SLe => JumpOp::SGe,
        other => other,
    }
}

/// The comparison of unsigned numbers that a signed one is where both have the same sign.
pub(super) fn unsigned(op: JumpOp) -> JumpOp {
    match op {
        JumpOp::SGt => JumpOp::Gt,
        JumpOp::SGe => JumpOp::Ge,
        JumpOp::SLt => JumpOp::Lt,
        JumpOp::SLe => JumpOp::Le,
        other => other,
    }
}
