// SPDX-License-Identifier: Apache-2.0
//! Time and random numbers: `bpf_ktime_get_ns` and its like, `bpf_jiffies64`, `bpf_get_prandom_u32`.
//!
//! A packet has one time: that at which it entered the pipeline. Random numbers are a sequence for each packet: the first
//! comes with it, each further one is [`next_random`](bpf2hdl_interface::arrival::next_random) of the one before, which
//! is some wires and exclusive ors. What of it a path has used up is part of the state.

use super::content::Content;
use super::state::State;
use super::walk::Walk;
use crate::ir::{Binary, Builder, Input, Op, Value};
use bpf2hdl_interface::arrival::JIFFY_NS;

impl Walk<'_> {
    /// The packet's time in nanoseconds.
    pub(super) fn time(&mut self) -> Content {
        Content::Scalar(self.b.op(Op::Input(Input::Time), Input::Time.width()))
    }

    /// The packet's time in jiffies.
    pub(super) fn jiffies(&mut self) -> Content {
        let time = self.b.op(Op::Input(Input::Time), Input::Time.width());
        let unit = self.b.constant(JIFFY_NS.into(), 64);
        Content::Scalar(self.b.binary(Binary::Udiv, time, unit))
    }

    /// The next number of the packet's sequence.
    pub(super) fn random(&mut self, state: &mut State) -> Content {
        let number = state.random.unwrap_or_else(|| first_random(&mut self.b));
        let mut next = number;
        for (shift, amount) in [(Binary::Shl, 13), (Binary::Lshr, 17), (Binary::Shl, 5)] {
            let amount = self.b.constant(amount, 32);
            let shifted = self.b.binary(shift, next, amount);
            next = self.b.binary(Binary::Xor, next, shifted);
        }
        state.random = Some(next);
        Content::Scalar(self.b.resize(number, 64))
    }
}

fn first_random(b: &mut Builder) -> Value {
    b.op(Op::Input(Input::Random), Input::Random.width())
}

/// `choice ? x : y`, for what is left of the sequence.
pub(super) fn merge_random(b: &mut Builder, choice: Value, x: Option<Value>, y: Option<Value>) -> Option<Value> {
    if x == y {
        return x;
    }
    let first = first_random(b);
    Some(b.select(choice, x.unwrap_or(first), y.unwrap_or(first)))
}
