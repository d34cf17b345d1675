// SPDX-License-Identifier: Apache-2.0
//! Sums and differences of places.
//!
//! Where the packet begins and ends, and what a pointer adds, are sums of a few numbers that are not negative, and a
//! constant. Their differences are kept as two lists of terms, so that what stands on both sides (the length, mostly)
//! falls out, and a comparison can be made with all terms positive: nothing wraps, and a constant stands on one side only.

use super::state::{State, length};
use crate::ir::{Binary, Builder, Compare, Value};

/// A place of the packet: `length (if so) + base + offset` bytes from the first byte of the frame as received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sum {
    /// The length as received is part of it.
    pub(super) length: bool,
    /// Variable part, 64 bits, not negative.
    pub(super) base: Option<Value>,
    /// Constant part.
    pub(super) offset: i64,
}

impl Sum {
    /// A constant.
    pub(super) fn constant(offset: i64) -> Self {
        Sum { length: false, base: None, offset }
    }

    /// Variable part without the length; zero where there is none.
    pub(super) fn base_value(&self, b: &mut Builder) -> Value {
        self.base.unwrap_or_else(|| b.constant(0, 64))
    }

    /// One of two sums; `select` chooses between values. The common constant part stays constant, and the length a term of
    /// its own where both have it.
    pub(super) fn choose(
        b: &mut Builder,
        x: &Sum,
        y: &Sum,
        mut select: impl FnMut(&mut Builder, Value, Value) -> Value,
    ) -> Sum {
        if x == y {
            return *x;
        }
        let (both, offset) = (x.length && y.length, x.offset.min(y.offset));
        let mut rest = |s: &Sum| {
            let sum = Linear::default().plus(b, &Sum { length: s.length && !both, ..*s }).shifted(-offset);
            sum.value(b)
        };
        let (left, right) = (rest(x), rest(y));
        let base = select(b, left, right);
        let base = Some(base).filter(|&v| b.as_const(v) != Some(0));
        Sum { length: both, base, offset }
    }
}

/// `sum of plus - sum of minus + constant`; the terms have 64 bits and are not negative.
#[derive(Clone, Default, Debug)]
pub(super) struct Linear {
    plus: Vec<Value>,
    minus: Vec<Value>,
    constant: i64,
}

impl Linear {
    /// Adds a term.
    pub(super) fn plus_value(mut self, value: Value) -> Self {
        match self.minus.iter().position(|&v| v == value) {
            Some(same) => drop(self.minus.remove(same)),
            None => self.plus.push(value),
        }
        self
    }

    /// Subtracts a term.
    pub(super) fn minus_value(mut self, value: Value) -> Self {
        match self.plus.iter().position(|&v| v == value) {
            Some(same) => drop(self.plus.remove(same)),
            None => self.minus.push(value),
        }
        self
    }

    /// Adds a constant.
    pub(super) fn shifted(mut self, by: i64) -> Self {
        self.constant = self.constant.saturating_add(by);
        self
    }

    /// Adds a sum.
    pub(super) fn plus(mut self, b: &mut Builder, sum: &Sum) -> Self {
        if sum.length {
            let length = wide_length(b);
            self = self.plus_value(length);
        }
        if let Some(base) = sum.base {
            self = self.plus_value(base);
        }
        self.shifted(sum.offset)
    }

    /// Subtracts a sum.
    pub(super) fn minus(mut self, b: &mut Builder, sum: &Sum) -> Self {
        if sum.length {
            let length = wide_length(b);
            self = self.minus_value(length);
        }
        if let Some(base) = sum.base {
            self = self.minus_value(base);
        }
        self.shifted(-sum.offset)
    }

    /// The difference with another.
    pub(super) fn less(self, other: Linear) -> Self {
        let shifted = self.shifted(other.constant.saturating_neg());
        let without = other.plus.into_iter().fold(shifted, Linear::minus_value);
        other.minus.into_iter().fold(without, Linear::plus_value)
    }

    /// Least and greatest value on a path.
    pub(super) fn bounds(&self, b: &Builder, state: &State) -> (i64, i64) {
        // Far more than any place, far less than what overflows.
        let size = |n: u64| i64::try_from(n).unwrap_or(i64::MAX).min(1 << 56);
        let (mut lo, mut hi) = (self.constant, self.constant);
        for &value in &self.plus {
            let set = state.set(b, value);
            (lo, hi) = (lo.saturating_add(size(set.lo())), hi.saturating_add(size(set.hi())));
        }
        for &value in &self.minus {
            let set = state.set(b, value);
            (lo, hi) = (lo.saturating_sub(size(set.hi())), hi.saturating_sub(size(set.lo())));
        }
        (lo, hi)
    }

    /// Both sides, so that `left - right` is this, neither negative.
    pub(super) fn sides(&self, b: &mut Builder) -> (Value, Value) {
        let side = |b: &mut Builder, terms: &[Value], constant: i64| {
            let constant = b.constant(constant.max(0) as u64, 64);
            terms.iter().rev().fold(constant, |sum, &term| b.binary(Binary::Add, term, sum))
        };
        (side(b, &self.plus, self.constant), side(b, &self.minus, -self.constant))
    }

    /// One bit: the value is negative.
    pub(super) fn is_negative(&self, b: &mut Builder) -> Value {
        let (left, right) = self.sides(b);
        b.compare(Compare::Ult, left, right)
    }

    /// One bit: the value is negative; constant where the path decides it.
    pub(super) fn is_negative_on(&self, b: &mut Builder, state: &State) -> Value {
        match self.bounds(b, state) {
            (0.., _) => b.constant(0, 1),
            (_, ..0) => b.constant(1, 1),
            _ => self.is_negative(b),
        }
    }

    /// The number, 64 bits, two's complement.
    pub(super) fn value(&self, b: &mut Builder) -> Value {
        let constant = b.constant(self.constant as u64, 64);
        let sum = match self.plus.split_first() {
            None => constant,
            Some((&first, rest)) => {
                let sum = rest.iter().fold(first, |sum, &term| b.binary(Binary::Add, sum, term));
                b.binary(Binary::Add, sum, constant)
            }
        };
        self.minus.iter().fold(sum, |sum, &term| b.binary(Binary::Sub, sum, term))
    }
}

/// The length as received, 64 bits.
fn wide_length(b: &mut Builder) -> Value {
    let length = length(b);
    b.resize(length, 64)
}

/// `value = times * length + constant` modulo 2^32, if it is seen to be so: how programs compute what to cut off.
pub(super) fn affine(b: &Builder, value: Value, depth: u32) -> Option<(i64, i64)> {
    use crate::ir::{Input, Op};
    if depth == 0 {
        return None;
    }
    let wide = |v: Value| b.width(v) >= 32;
    let low = |(times, constant): (i64, i64)| Some((times, i64::from(constant as i32)));
    match b.op_of(value) {
        Op::Const(c) => low((0, *c as i64)),
        Op::Input(Input::Length) => Some((1, 0)),
        Op::Concat(parts) => {
            let is_length = matches!(b.op_of(parts[0]), Op::Input(Input::Length));
            let zeros = parts[1..].iter().all(|&p| b.as_const(p) == Some(0));
            if zeros && (is_length || wide(parts[0])) { affine(b, parts[0], depth - 1) } else { None }
        }
        Op::Extract { from, lo: 0 } if wide(value) => affine(b, *from, depth - 1),
        Op::Sext(inner) if wide(*inner) => affine(b, *inner, depth - 1),
        Op::Not(inner) if wide(value) => {
            let (times, constant) = affine(b, *inner, depth - 1)?;
            low((-times, -constant - 1))
        }
        Op::Binary(op @ (Binary::Add | Binary::Sub), x, y) if wide(value) => {
            let sign = if *op == Binary::Add { 1 } else { -1 };
            let ((m, c), (n, d)) = (affine(b, *x, depth - 1)?, affine(b, *y, depth - 1)?);
            low((m + sign * n, c + sign * d))
        }
        _ => None,
    }
}
