// SPDX-License-Identifier: Apache-2.0
//! Division becomes what hardware has: unsigned division, and multiplication where the divisor is a constant.
//!
//! * Signed: `a / b = ±(|a| / |b|)`, `a % b` with the sign of `a`. The corner cases of RFC 9669 come out by themselves: the
//!   unsigned divider gives 0 and the dividend for a divisor of 0, and `|MIN| / |-1|` wraps to MIN.
//! * By a constant `c`: `x / c = (x * m) >> s` with `m = ceil(2^s / c)` for the least `s` that is exact for every `x` up to
//!   the greatest one, `N`: `(m * c - 2^s) * N < 2^s` (Granlund and Montgomery 1994, theorem 4.2, with N for 2^n). Trailing
//!   zeros of `c` are shifted out of `x` first. A product of up to 64 bits is one multiplication; a 64-bit dividend needs the
//!   upper half of a 128-bit product, which is four of 32 bits. Where `m` has one bit more than the word,
//!   `(x + h) >> 1` with `h` the upper half for the rest of `m` stands for it (section 4 of the same paper).
//! * `x % c = x - (x / c) * c`, in as many bits as `c - 1` has.

use super::{Goal, rebuild};
use crate::ir::{Binary, Builder, Compare, Function, Op, Value, low_mask};

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (_, def) in old.iter() {
        b.at(def.insn);
        let new = match def.op.map_operands(|v| names[v.index()]) {
            Op::Binary(kind @ (Binary::Sdiv | Binary::Srem), x, y) => signed(&mut b, kind, x, y),
            Op::Binary(kind @ (Binary::Udiv | Binary::Urem), x, y) => unsigned(&mut b, kind, x, y),
            op => b.op(op, def.width),
        };
        names.push(new);
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

fn sign(b: &mut Builder, x: Value) -> Value {
    let top = b.width(x) - 1;
    b.extract(x, top, 1)
}

fn negate(b: &mut Builder, x: Value) -> Value {
    let zero = b.constant(0, b.width(x));
    b.binary(Binary::Sub, zero, x)
}

fn negate_if(b: &mut Builder, condition: Value, x: Value) -> Value {
    let negative = negate(b, x);
    b.select(condition, negative, x)
}

fn signed(b: &mut Builder, kind: Binary, x: Value, y: Value) -> Value {
    let (x_sign, y_sign) = (sign(b, x), sign(b, y));
    let (x_size, y_size) = (negate_if(b, x_sign, x), negate_if(b, y_sign, y));
    if kind == Binary::Sdiv {
        let quotient = unsigned(b, Binary::Udiv, x_size, y_size);
        let negative = b.binary(Binary::Xor, x_sign, y_sign);
        negate_if(b, negative, quotient)
    } else {
        let remainder = unsigned(b, Binary::Urem, x_size, y_size);
        negate_if(b, x_sign, remainder)
    }
}

fn unsigned(b: &mut Builder, kind: Binary, x: Value, y: Value) -> Value {
    let whole = b.binary(kind, x, y);
    // Only what the builder could not make simpler is worth a product.
    let (Op::Binary(Binary::Udiv | Binary::Urem, ..), Some(c @ 3..)) = (b.op_of(whole), b.as_const(y)) else {
        return whole;
    };
    let width = b.width(x);
    let quotient = by_constant(b, x, c);
    if kind == Binary::Udiv {
        return quotient;
    }
    let back = b.binary(Binary::Mul, quotient, y);
    let rest = b.binary(Binary::Sub, x, back);
    let rest = b.extract(rest, 0, bits(c - 1).min(width));
    b.resize(rest, width)
}

/// Bits of a number.
fn bits(n: u64) -> u8 {
    64 - n.leading_zeros() as u8
}

/// `x / c`, `c` no power of two.
fn by_constant(b: &mut Builder, x: Value, c: u64) -> Value {
    let (width, most) = (b.width(x), b.set(x).hi());
    match most / c {
        0 => return b.constant(0, width),
        1 => {
            let limit = b.constant(c, width);
            let below = b.compare(Compare::Ult, x, limit);
            let one = b.not(below);
            return b.resize(one, width);
        }
        _ => {}
    }
    let zeros = c.trailing_zeros() as u8;
    let (c, most) = (c >> zeros, most >> zeros);
    let x = b.extract(x, zeros, bits(most));
    let quotient = by_odd_constant(b, x, c, most);
    let quotient = b.resize(quotient, bits(most / c));
    b.resize(quotient, width)
}

/// `x / c` for an odd `c` of which `most`, the greatest `x`, holds at least two.
fn by_odd_constant(b: &mut Builder, x: Value, c: u64, most: u64) -> Value {
    let n = b.width(x);
    // In one product, if it fits.
    if let Some((factor, shift)) = reciprocal(c, most, 1, 126)
        && let Some(total) = factor.checked_mul(most.into())
        && total >> 64 == 0
    {
        let total = bits(total as u64);
        let (wide, factor) = (b.resize(x, total), b.constant(factor as u64, total));
        let product = b.binary(Binary::Mul, wide, factor);
        return b.extract(product, shift, total - shift);
    }
    // Else from the upper half of a product of two words.
    let word = if n <= 32 { 32 } else { 64 };
    let x = b.resize(x, word);
    let longest = word + bits(c);
    let Some((factor, shift)) = reciprocal(c, most, word, longest.min(127)) else {
        // `c` has 64 bits, so the quotient is 0 or 1, which `by_constant` has seen to.
        let c = b.constant(c, word);
        return b.binary(Binary::Udiv, x, c);
    };
    let high = upper_half(b, x, factor as u64 & low_mask(word));
    if factor >> word == 0 {
        return b.extract(high, shift - word, 2 * word - shift);
    }
    // The bit above the word: (x + high) / 2 without the carry's getting lost, then what is left of the shift.
    let rest = b.binary(Binary::Sub, x, high);
    let half = b.extract(rest, 1, word - 1);
    let half = b.resize(half, word);
    let mean = b.binary(Binary::Add, half, high);
    b.extract(mean, shift - word - 1, 2 * word + 1 - shift)
}

/// The least shift from `from` to `to` with which the reciprocal is exact up to `most`, and the reciprocal.
fn reciprocal(c: u64, most: u64, from: u8, to: u8) -> Option<(u128, u8)> {
    (from..=to).find_map(|shift| {
        let power = 1u128 << shift;
        let factor = power.div_ceil(c.into());
        let excess = factor * u128::from(c) - power;
        (excess.checked_mul(most.into())? < power).then_some((factor, shift))
    })
}

/// The upper half of the product of a word (32 or 64 bits) and a constant.
fn upper_half(b: &mut Builder, x: Value, factor: u64) -> Value {
    if b.width(x) == 32 {
        let (wide, factor) = (b.resize(x, 64), b.constant(factor, 64));
        let product = b.binary(Binary::Mul, wide, factor);
        return b.extract(product, 32, 32);
    }
    let mut part = |lo: u8, factor: u64| {
        let half = b.extract(x, lo, 32);
        let (wide, factor) = (b.resize(half, 64), b.constant(factor, 64));
        b.binary(Binary::Mul, wide, factor)
    };
    let (low, high) = (factor & low_mask(32), factor >> 32);
    let products = [part(0, low), part(0, high), part(32, low), part(32, high)];
    let mut word = |product: Value, lo: u8| {
        let half = b.extract(product, lo, 32);
        b.resize(half, 64)
    };
    let middle = [word(products[0], 32), word(products[1], 0), word(products[2], 0)];
    let upper = [word(products[1], 32), word(products[2], 32)];
    let middle = sum(b, &middle);
    let carry = b.extract(middle, 32, 32);
    let carry = b.resize(carry, 64);
    sum(b, &[upper[0], upper[1], carry, products[3]])
}

fn sum(b: &mut Builder, terms: &[Value]) -> Value {
    terms[1..].iter().fold(terms[0], |sum, &term| b.binary(Binary::Add, sum, term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Interpreter, MapState, Op, PacketInput, ProgramKind};

    /// `x / c` and `x % c` of a packet field of `bytes`, as the pass makes them, of each value.
    fn results(c: u64, width: u8, values: &[u64]) -> Vec<(u64, u64)> {
        let mut b = Builder::new(Function::new("f", ProgramKind::Xdp));
        let x = b.op(Op::Packet { offset: 0 }, width);
        let y = b.constant(c, width);
        let quotient = unsigned(&mut b, Binary::Udiv, x, y);
        let remainder = unsigned(&mut b, Binary::Urem, x, y);
        let f = b.finish();
        let mut maps = MapState::new(&f);
        let mut interpreter = Interpreter::new(&f);
        let mut run = |x: &u64| {
            let data = x.to_le_bytes();
            let packet = PacketInput::new(&data);
            let values = interpreter.run(&packet, &mut maps).values;
            (values[quotient.index()], values[remainder.index()])
        };
        values.iter().map(&mut run).collect()
    }

    #[test]
    fn quotients_of_all_widths_are_exact() {
        let mut divisors = vec![3, 5, 6, 7, 10, 12, 14, 19, 21, 28, 100, 641, 1000, 6700417, 0x7fff_ffff, 0x8000_0001];
        divisors.extend([u64::MAX, u64::MAX / 2 + 2, u64::MAX / 3, 0x1_0000_0001, 10_000_000_000, 274_177]);
        for width in [8, 16, 24, 32, 40, 48, 56, 64] {
            for &c in divisors.iter().filter(|&&c| c <= low_mask(width)) {
                let mask = low_mask(width);
                let multiple = mask / c * c;
                let mut values = vec![0, 1, 2, c - 1, c, c + 1, multiple - 1, multiple, mask - 1, mask, mask / 2];
                values.extend((1..64).map(|i| (c.wrapping_mul(i * 0x9e37_79b9) ^ (i << 7)) & mask));
                values.extend((1..64u64).map(|i| (c.wrapping_mul(0x1_2345_6789 * i) & mask) / c * c));
                values.iter_mut().for_each(|v| *v &= mask);
                for (x, got) in values.iter().zip(results(c, width, &values)) {
                    assert_eq!(got, (x / c, x % c), "{x} by {c} at {width} bits");
                }
            }
        }
    }

    #[test]
    fn no_divider_is_left_for_a_constant() {
        for (c, width) in [(10, 32), (7, 32), (10, 64), (7, 64), (1000, 48), (u64::MAX - 1, 64)] {
            let mut b = Builder::new(Function::new("f", ProgramKind::Xdp));
            let x = b.op(Op::Packet { offset: 0 }, width);
            let y = b.constant(c, width);
            let quotient = by_constant(&mut b, x, c);
            assert_eq!(b.width(quotient), b.width(y));
            assert!(!b.function().defs.iter().any(|d| matches!(d.op, Op::Binary(Binary::Udiv, ..))), "{c}, {width}");
        }
    }
}
