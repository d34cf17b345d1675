// SPDX-License-Identifier: Apache-2.0
//! Rules for comparisons.

use super::super::{Binary, Builder, Compare, Op, Value, low_mask};

pub(super) fn compare(b: &mut Builder, kind: Compare, x: Value, y: Value) -> Option<Value> {
    match kind {
        Compare::Ne => {
            let equal = b.compare(Compare::Eq, x, y);
            return Some(b.not(equal));
        }
        Compare::Ule | Compare::Sle => {
            let strict = if kind == Compare::Ule { Compare::Ult } else { Compare::Slt };
            let greater = b.compare(strict, y, x);
            return Some(b.not(greater));
        }
        _ => {}
    }
    if x == y {
        return Some(b.constant((kind == Compare::Eq).into(), 1));
    }
    if kind == Compare::Slt && b.set(x).sign().is_some() && b.set(x).sign() == b.set(y).sign() {
        return Some(b.compare(Compare::Ult, x, y));
    }
    if kind != Compare::Slt
        && let Some(narrow) = narrower(b, kind, x, y)
    {
        return Some(narrow);
    }
    match kind {
        Compare::Eq => equal(b, x, y),
        Compare::Ult => unsigned_less(b, x, y),
        _ => sign_test(b, x, y),
    }
}

/// Leading zeros of both operands need not be compared.
fn narrower(b: &mut Builder, kind: Compare, x: Value, y: Value) -> Option<Value> {
    let active = b.set(x).active_bits().max(b.set(y).active_bits()).max(1);
    if active == b.width(x) {
        return None;
    }
    // A constant that the other operand can not reach is left to the sets.
    let (x, y) = (b.extract(x, 0, active), b.extract(y, 0, active));
    Some(b.compare(kind, x, y))
}

fn equal(b: &mut Builder, x: Value, y: Value) -> Option<Value> {
    if b.as_const(x).is_some() && b.as_const(y).is_none() || b.as_const(y).is_none() && x > y {
        return Some(b.compare(Compare::Eq, y, x));
    }
    let c = b.as_const(y)?;
    let width = b.width(x);
    if width == 1 {
        return Some(if c == 1 { x } else { b.not(x) });
    }
    match b.op_of(x).clone() {
        Op::Bswap(inner) => {
            let swapped = c.swap_bytes() >> (64 - width);
            Some(b.equals_const(inner, swapped))
        }
        Op::Not(inner) => Some(b.equals_const(inner, !c & low_mask(width))),
        Op::Binary(Binary::Add, inner, k) => {
            let k = b.as_const(k)?;
            Some(b.equals_const(inner, c.wrapping_sub(k)))
        }
        Op::Binary(Binary::Xor, inner, k) if b.as_const(k).is_some() => {
            let k = b.as_const(k)?;
            Some(b.equals_const(inner, c ^ k))
        }
        Op::Binary(Binary::Xor | Binary::Sub, p, q) if c == 0 => Some(b.compare(Compare::Eq, p, q)),
        Op::Select { condition, then, other } => select_equals(b, condition, then, other, c),
        Op::Concat(parts) => concat_equals(b, &parts, c),
        _ => None,
    }
}

/// A choice between constants that is compared with a constant is the condition.
fn select_equals(b: &mut Builder, condition: Value, then: Value, other: Value, c: u64) -> Option<Value> {
    if b.as_const(then).is_none() && b.as_const(other).is_none() {
        return None;
    }
    let then = b.equals_const(then, c);
    let other = b.equals_const(other, c);
    Some(b.select(condition, then, other))
}

/// Constant parts of a concatenation compare at once; what is left is narrower.
fn concat_equals(b: &mut Builder, parts: &[Value], c: u64) -> Option<Value> {
    let is_const = |b: &Builder, v: Value| b.as_const(v).is_some();
    if !parts.iter().any(|&p| is_const(b, p)) {
        return None;
    }
    let (mut kept, mut constant, mut at, mut kept_width) = (Vec::new(), 0u64, 0u8, 0u8);
    for &part in parts {
        let width = b.width(part);
        let expected = (c >> at) & low_mask(width);
        at += width;
        match b.as_const(part) {
            Some(k) if k != expected => return Some(b.constant(0, 1)),
            Some(_) => {}
            None => {
                constant |= expected << kept_width;
                kept_width += width;
                kept.push(part);
            }
        }
    }
    let rest = b.concat(kept);
    Some(b.equals_const(rest, constant))
}

fn unsigned_less(b: &mut Builder, x: Value, y: Value) -> Option<Value> {
    if b.width(x) == 1 {
        let inverse = b.not(x);
        return Some(b.and(inverse, y));
    }
    if b.as_const(y) == Some(1) {
        return Some(b.equals_const(x, 0));
    }
    if b.as_const(x) == Some(0) {
        let zero = b.equals_const(y, 0);
        return Some(b.not(zero));
    }
    let width = b.width(x);
    // x < 2^k looks at the upper bits only; 2^k - 1 < x likewise.
    if let Some(c) = b.as_const(y)
        && c.is_power_of_two()
    {
        let k = c.trailing_zeros() as u8;
        let upper = b.extract(x, k, width - k);
        return Some(b.equals_const(upper, 0));
    }
    if let Some(c) = b.as_const(x)
        && c != low_mask(width)
        && (c + 1).is_power_of_two()
    {
        let k = (c + 1).trailing_zeros() as u8;
        let upper = b.extract(y, k, width - k);
        let none = b.equals_const(upper, 0);
        return Some(b.not(none));
    }
    if let Some(c) = b.as_const(y)
        && c == low_mask(width)
    {
        let equal = b.equals_const(x, c);
        return Some(b.not(equal));
    }
    None
}

/// `x < 0` is the sign bit.
fn sign_test(b: &mut Builder, x: Value, y: Value) -> Option<Value> {
    let width = b.width(x);
    if b.as_const(y) == Some(0) {
        return Some(b.extract(x, width - 1, 1));
    }
    if b.as_const(x) == Some(low_mask(width)) {
        let sign = b.extract(y, width - 1, 1);
        return Some(b.not(sign));
    }
    None
}
