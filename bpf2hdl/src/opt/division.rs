// SPDX-License-Identifier: Apache-2.0
//! Division becomes what hardware has: unsigned division, and multiplication where the divisor is a constant.
//!
//! * Signed: `a / b = ±(|a| / |b|)`, `a % b` with the sign of `a`. The corner cases of RFC 9669 come out by themselves: the
//!   unsigned divider gives 0 and the dividend for a divisor of 0, and `|MIN| / |-1|` wraps to MIN.
//! * By a constant `c`, of an n-bit number with n <= 31: `x / c = (x * ceil(2^(n+k) / c)) >> (n+k)` with `2^k >= c`, which is
//!   exact for all x < 2^n (Granlund and Montgomery 1994, theorem 4.2); the product has at most 2n + 1 bits.

use super::rebuild;
use crate::ir::{Binary, Builder, Function, Op, Value};

/// Widest dividend for which the product with the reciprocal fits 64 bits.
const MAX_RECIPROCAL_WIDTH: u8 = 31;

/// Runs the pass.
pub(super) fn run(old: Function) -> Function {
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
    // Only what the builder could not make simpler is worth the product.
    let (Op::Binary(Binary::Udiv | Binary::Urem, ..), Some(c)) = (b.op_of(whole), b.as_const(y)) else { return whole };
    let width = b.width(x);
    let n = b.set(x).active_bits().max(1);
    if n > MAX_RECIPROCAL_WIDTH || c == 0 {
        return whole;
    }
    if c >= 1 << n {
        return if kind == Binary::Udiv { b.constant(0, width) } else { x };
    }
    let k = 64 - (c - 1).leading_zeros() as u8;
    let shift = n + k;
    let reciprocal = ((1u128 << shift).div_ceil(u128::from(c))) as u64;
    let wide = b.resize(x, 64);
    let factor = b.constant(reciprocal, 64);
    let product = b.binary(Binary::Mul, wide, factor);
    // The quotient has at most n - k + 1 bits, which fit above the shift.
    let quotient = b.extract(product, shift, n.min(64 - shift));
    let quotient = b.resize(quotient, width);
    if kind == Binary::Udiv {
        return quotient;
    }
    let back = b.binary(Binary::Mul, quotient, y);
    b.binary(Binary::Sub, x, back)
}
