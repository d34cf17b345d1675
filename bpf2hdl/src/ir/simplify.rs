// SPDX-License-Identifier: Apache-2.0
//! Local rewriting: each rule replaces an operation by a cheaper one that gives the same result.
//!
//! Canonical forms, which the other rules and passes may count on:
//! * constants stand on the right of commutative operations and of comparisons;
//! * of the comparisons only `eq`, `ult` and `slt` remain, the others are their inversions;
//! * subtraction of a constant is addition; multiplication, division and shift by a power of two are wiring;
//! * zero extension is a concatenation with a constant zero; neighbouring slices of one source are one slice;
//! * comparisons are as narrow as their operands' leading zeros allow.

mod arithmetic;
mod bits;
mod compare;

use super::{Binary, Builder, Op, Value, low_mask};

/// What became of an operation.
pub(super) enum Outcome {
    /// It equals an existing value.
    Value(Value),
    /// This is its simplest form.
    Op(Op),
}

impl From<Value> for Outcome {
    fn from(value: Value) -> Self {
        Outcome::Value(value)
    }
}

/// Finds the simplest form of an operation.
pub(super) fn simplify(b: &mut Builder, op: Op, width: u8) -> Outcome {
    let simpler = match &op {
        Op::Binary(kind, x, y) => arithmetic::binary(b, *kind, *x, *y, width),
        Op::Compare(kind, x, y) => compare::compare(b, *kind, *x, *y),
        Op::Select { condition, then, other } => select(b, *condition, *then, *other),
        Op::Not(x) => not(b, *x, width),
        Op::Extract { from, lo } => bits::extract(b, *from, *lo, width),
        Op::Concat(parts) => bits::concat(b, parts, width),
        Op::Sext(x) => bits::sext(b, *x, width),
        Op::Bswap(x) => bits::bswap(b, *x, width),
        Op::PacketAt { base, add, places } => bits::packet_at(b, *base, *add, places, width),
        _ => None,
    };
    simpler.map_or(Outcome::Op(op), Outcome::Value)
}

fn not(b: &mut Builder, x: Value, width: u8) -> Option<Value> {
    match b.op_of(x) {
        Op::Not(inner) => Some(*inner),
        Op::Const(c) => {
            let c = !*c & low_mask(width);
            Some(b.constant(c, width))
        }
        _ => None,
    }
}

fn select(b: &mut Builder, condition: Value, then: Value, other: Value) -> Option<Value> {
    if then == other {
        return Some(then);
    }
    if let Some(c) = b.as_const(condition) {
        return Some(if c == 1 { then } else { other });
    }
    if let Op::Not(inner) = *b.op_of(condition) {
        return Some(b.select(inner, other, then));
    }
    if b.width(then) == 1
        && let Some(simple) = select_bit(b, condition, then, other)
    {
        return Some(simple);
    }
    if let Op::Select { condition: inner, then: kept, .. } = *b.op_of(then)
        && inner == condition
    {
        return Some(b.select(condition, kept, other));
    }
    if let Op::Select { condition: inner, other: kept, .. } = *b.op_of(other)
        && inner == condition
    {
        return Some(b.select(condition, then, kept));
    }
    None
}

/// A choice between single bits is logic.
fn select_bit(b: &mut Builder, condition: Value, then: Value, other: Value) -> Option<Value> {
    match (b.as_const(then), b.as_const(other)) {
        (Some(1), Some(_)) => Some(condition),
        (Some(_), Some(_)) => Some(b.not(condition)),
        (Some(1), None) => Some(b.or(condition, other)),
        (Some(_), None) => {
            let inverse = b.not(condition);
            Some(b.and(inverse, other))
        }
        (None, Some(0)) => Some(b.and(condition, then)),
        (None, Some(_)) => {
            let inverse = b.not(condition);
            Some(b.or(inverse, then))
        }
        (None, None) => None,
    }
}

/// Whether `a` is the inversion of `b`.
fn are_inverse(b: &Builder, x: Value, y: Value) -> bool {
    matches!(b.op_of(x), Op::Not(inner) if *inner == y) || matches!(b.op_of(y), Op::Not(inner) if *inner == x)
}

/// Whether `x` is `y` combined with anything by `kind` (one level deep).
fn absorbs(b: &Builder, kind: Binary, x: Value, y: Value) -> bool {
    matches!(b.op_of(x), Op::Binary(k, p, q) if *k == kind && (*p == y || *q == y))
}
