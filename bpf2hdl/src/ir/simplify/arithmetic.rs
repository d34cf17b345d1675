// SPDX-License-Identifier: Apache-2.0
//! Rules for sums, products, shifts and bitwise logic.

use super::super::{Binary, Builder, Op, Value, low_mask};
use super::{absorbs, are_inverse};

pub(super) fn binary(b: &mut Builder, kind: Binary, x: Value, y: Value, width: u8) -> Option<Value> {
    if kind.is_commutative() && (b.as_const(x).is_some() && b.as_const(y).is_none() || b.as_const(y).is_none() && x > y)
    {
        return Some(b.binary(kind, y, x));
    }
    let constant = b.as_const(y);
    match kind {
        Binary::Add => add(b, x, y, constant),
        Binary::Sub if x == y => Some(b.constant(0, width)),
        Binary::Sub => constant.map(|c| b.add_const(x, c.wrapping_neg())),
        Binary::Mul => mul(b, x, y, constant?, width),
        Binary::Udiv => udiv(b, x, constant?, width),
        Binary::Urem => urem(b, x, constant?, width),
        Binary::Sdiv | Binary::Srem => signed_division(b, kind, x, y, constant, width),
        Binary::And => and(b, x, y, constant, width),
        Binary::Or => or(b, x, y, width),
        Binary::Xor => xor(b, x, y, constant, width),
        Binary::Shl | Binary::Lshr | Binary::Ashr => {
            shift(b, kind, x, constant, width).or_else(|| shift_of_shift(b, kind, x, y, width))
        }
    }
}

fn add(b: &mut Builder, x: Value, y: Value, constant: Option<u64>) -> Option<Value> {
    match constant {
        Some(0) => Some(x),
        Some(c) => match *b.op_of(x) {
            Op::Binary(Binary::Add, inner, k) => {
                let k = b.as_const(k)?;
                Some(b.add_const(inner, k.wrapping_add(c)))
            }
            _ => None,
        },
        // (x + c) + y becomes (x + y) + c, so that constants gather.
        None => {
            for (p, q) in [(x, y), (y, x)] {
                if let Op::Binary(Binary::Add, inner, k) = *b.op_of(p)
                    && let Some(c) = b.as_const(k)
                {
                    let sum = b.binary(Binary::Add, inner, q);
                    return Some(b.add_const(sum, c));
                }
            }
            None
        }
    }
}

fn mul(b: &mut Builder, x: Value, y: Value, c: u64, width: u8) -> Option<Value> {
    match c {
        0 => Some(y),
        1 => Some(x),
        c if c.is_power_of_two() => Some(shl(b, x, c.trailing_zeros() as u8, width)),
        _ => None,
    }
}

fn udiv(b: &mut Builder, x: Value, c: u64, width: u8) -> Option<Value> {
    match c {
        0 => Some(b.constant(0, width)),
        c if c.is_power_of_two() => Some(lshr(b, x, c.trailing_zeros() as u8, width)),
        _ => None,
    }
}

fn urem(b: &mut Builder, x: Value, c: u64, width: u8) -> Option<Value> {
    match c {
        0 => Some(x),
        c if c.is_power_of_two() => {
            let mask = b.constant(c - 1, width);
            Some(b.and(x, mask))
        }
        _ => None,
    }
}

/// Of two non-negative operands the signed operation is the unsigned one.
fn signed_division(
    b: &mut Builder,
    kind: Binary,
    x: Value,
    y: Value,
    constant: Option<u64>,
    width: u8,
) -> Option<Value> {
    match (kind, constant) {
        (Binary::Sdiv, Some(0)) => return Some(b.constant(0, width)),
        (Binary::Srem, Some(0)) | (Binary::Sdiv, Some(1)) => return Some(x),
        _ => {}
    }
    let unsigned = if kind == Binary::Sdiv { Binary::Udiv } else { Binary::Urem };
    (b.set(x).sign() == Some(false) && b.set(y).sign() == Some(false)).then(|| b.binary(unsigned, x, y))
}

fn and(b: &mut Builder, x: Value, y: Value, constant: Option<u64>, width: u8) -> Option<Value> {
    let mask = low_mask(width);
    if x == y || b.set(x).zeros() | b.set(y).ones() == mask || absorbs(b, Binary::And, x, y) {
        return Some(x);
    }
    if b.set(y).zeros() | b.set(x).ones() == mask || absorbs(b, Binary::And, y, x) {
        return Some(y);
    }
    if are_inverse(b, x, y) {
        return Some(b.constant(0, width));
    }
    let c = constant?;
    if let Op::Binary(Binary::And, inner, k) = *b.op_of(x)
        && let Some(k) = b.as_const(k)
    {
        let both = b.constant(c & k, width);
        return Some(b.and(inner, both));
    }
    // A run of ones cuts out bits.
    let (lo, len) = (c.trailing_zeros() as u8, (c >> c.trailing_zeros()).trailing_ones() as u8);
    if c != 0 && c == low_mask(len) << lo {
        let middle = b.extract(x, lo, len);
        return Some(place(b, middle, lo, width));
    }
    None
}

/// `value` at bit `lo` of a word of zeros.
fn place(b: &mut Builder, value: Value, lo: u8, width: u8) -> Value {
    let mut parts = Vec::new();
    if lo > 0 {
        parts.push(b.constant(0, lo));
    }
    parts.push(value);
    let above = width - lo - b.width(value);
    if above > 0 {
        parts.push(b.constant(0, above));
    }
    b.concat(parts)
}

fn or(b: &mut Builder, x: Value, y: Value, width: u8) -> Option<Value> {
    let mask = low_mask(width);
    if x == y || b.set(x).ones() | b.set(y).zeros() == mask || absorbs(b, Binary::Or, x, y) {
        return Some(x);
    }
    if b.set(y).ones() | b.set(x).zeros() == mask || absorbs(b, Binary::Or, y, x) {
        return Some(y);
    }
    if are_inverse(b, x, y) {
        return Some(b.constant(mask, width));
    }
    // Bits of two sources that do not overlap stand side by side.
    for (low, high) in [(x, y), (y, x)] {
        let cut = b.set(low).active_bits();
        if cut > 0 && cut < width && b.set(high).zeros().trailing_ones() >= u32::from(cut) {
            let low = b.extract(low, 0, cut);
            let high = b.extract(high, cut, width - cut);
            return Some(b.concat(vec![low, high]));
        }
    }
    complementary(b, x, y)
}

/// `(a & c) | (b & !c)` of single bits is a choice; `(p & c) | (p & !c)` is `p`.
fn complementary(b: &mut Builder, x: Value, y: Value) -> Option<Value> {
    if b.width(x) != 1 {
        return None;
    }
    if let (&Op::Binary(Binary::And, p, q), &Op::Binary(Binary::And, r, s)) = (b.op_of(x), b.op_of(y)) {
        for (keep, test, keep2, test2) in [(p, q, r, s), (p, q, s, r), (q, p, r, s), (q, p, s, r)] {
            if keep == keep2 && are_inverse(b, test, test2) {
                return Some(keep);
            }
        }
    }
    // a | (!a & q) is a | q.
    for (p, conj) in [(x, y), (y, x)] {
        if let Op::Binary(Binary::And, q, r) = *b.op_of(conj) {
            if are_inverse(b, p, q) {
                return Some(b.or(p, r));
            }
            if are_inverse(b, p, r) {
                return Some(b.or(p, q));
            }
            if p == q || p == r {
                return Some(p);
            }
        }
    }
    None
}

fn xor(b: &mut Builder, x: Value, y: Value, constant: Option<u64>, width: u8) -> Option<Value> {
    if x == y {
        return Some(b.constant(0, width));
    }
    match constant {
        Some(0) => Some(x),
        Some(c) if c == low_mask(width) => Some(b.not(x)),
        _ => None,
    }
}

fn shl(b: &mut Builder, x: Value, amount: u8, width: u8) -> Value {
    if amount == 0 {
        return x;
    }
    let zeros = b.constant(0, amount);
    let kept = b.extract(x, 0, width - amount);
    b.concat(vec![zeros, kept])
}

fn lshr(b: &mut Builder, x: Value, amount: u8, width: u8) -> Value {
    let kept = b.extract(x, amount, width - amount);
    b.resize(kept, width)
}

fn shift(b: &mut Builder, kind: Binary, x: Value, constant: Option<u64>, width: u8) -> Option<Value> {
    if b.as_const(x) == Some(0) {
        return Some(x);
    }
    let amount = (constant? % u64::from(width.next_power_of_two())) as u8;
    if amount >= width {
        return None;
    }
    Some(match kind {
        Binary::Shl => shl(b, x, amount, width),
        Binary::Lshr => lshr(b, x, amount, width),
        _ => {
            let kept = b.extract(x, amount, width - amount);
            b.sext(kept, width)
        }
    })
}

/// A shift of a shift in one direction is one by the sum of the amounts: an adder of some bits for a second shifter. (Verilator 5.48
/// does the same to two shifts, and forgets the sum's carry.)
fn shift_of_shift(b: &mut Builder, kind: Binary, x: Value, y: Value, width: u8) -> Option<Value> {
    let Op::Binary(inner, value, amount) = *b.op_of(x) else { return None };
    // Amounts are taken modulo a power of two; narrow values would need more bits for their sum than they have.
    let bits = width.trailing_zeros() as u8;
    if inner != kind || !width.is_power_of_two() || width < 4 {
        return None;
    }
    let [p, q] = [amount, y].map(|v| {
        let low = b.extract(v, 0, bits);
        b.resize(low, bits + 1)
    });
    let sum = b.binary(Binary::Add, p, q);
    let (over, low) = (b.extract(sum, bits, 1), b.extract(sum, 0, bits));
    if kind == Binary::Ashr {
        let most = b.constant(low_mask(bits), bits);
        let amount = b.select(over, most, low);
        let amount = b.resize(amount, width);
        return Some(b.binary(kind, value, amount));
    }
    let amount = b.resize(low, width);
    let (shifted, zero) = (b.binary(kind, value, amount), b.constant(0, width));
    Some(b.select(over, zero, shifted))
}
