// SPDX-License-Identifier: Apache-2.0
//! A product with a constant of few digits becomes sums of shifts.
//!
//! Digits are those of the canonical signed form, in which no two neighbours differ from 0: `7x = 8x - x`. A multiplier takes
//! one to five stages and up to ten DSPs; a tree of sums takes no stage of its own while it fits the clock, and a look-up
//! table a bit for each digit after the first. For latency up to [`DIGITS_FOR_LATENCY`] digits pay, for area two.

use super::{Goal, rebuild};
use crate::compile::Optimize;
use crate::ir::{Binary, Builder, Function, Op, Value};

/// Digits up to which sums are built for the sake of latency: three levels of sums fit a usual clock period.
const DIGITS_FOR_LATENCY: usize = 6;
/// Digits up to which the sums are smaller than what surrounds a DSP.
const DIGITS_FOR_AREA: usize = 2;

/// Runs the pass.
pub(super) fn run(old: Function, goal: &Goal) -> Function {
    let most = match goal.optimize {
        Optimize::Latency => DIGITS_FOR_LATENCY,
        Optimize::Area => DIGITS_FOR_AREA,
    };
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (_, def) in old.iter() {
        b.at(def.insn);
        let op = def.op.map_operands(|v| names[v.index()]);
        let new = match op {
            Op::Binary(Binary::Mul, x, y) => product(&mut b, x, y, most),
            op => b.op(op, def.width),
        };
        names.push(new);
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

fn product(b: &mut Builder, x: Value, y: Value, most: usize) -> Value {
    let width = b.width(x);
    let (x, c) = match (b.as_const(x), b.as_const(y)) {
        (_, Some(c)) => (x, c),
        (Some(c), None) => (y, c),
        (None, None) => return b.binary(Binary::Mul, x, y),
    };
    let digits = digits(c, width);
    if digits.len() > most || digits.is_empty() {
        let c = b.constant(c, width);
        return b.binary(Binary::Mul, x, c);
    }
    let mut terms: Vec<(Value, bool)> = digits
        .into_iter()
        .map(|(place, negative)| {
            let factor = b.constant(1 << place, width);
            (b.binary(Binary::Mul, x, factor), negative)
        })
        .collect();
    // Neighbours in pairs, so that the tree is shallow and each sum narrow.
    while terms.len() > 1 {
        terms = terms.chunks(2).map(|pair| if let [p, q] = *pair { sum(b, p, q) } else { pair[0] }).collect();
    }
    let (value, negative) = terms[0];
    if !negative {
        return value;
    }
    let zero = b.constant(0, width);
    b.binary(Binary::Sub, zero, value)
}

/// The sum of two terms, each with its sign.
fn sum(b: &mut Builder, (x, x_negative): (Value, bool), (y, y_negative): (Value, bool)) -> (Value, bool) {
    match (x_negative, y_negative) {
        (false, true) => (b.binary(Binary::Sub, x, y), false),
        (true, false) => (b.binary(Binary::Sub, y, x), false),
        (negative, _) => (b.binary(Binary::Add, x, y), negative),
    }
}

/// Places and signs of the digits of a constant of `width` bits, lowest first; what wraps is left out.
fn digits(c: u64, width: u8) -> Vec<(u8, bool)> {
    let (mut rest, mut place, mut found) = (u128::from(c), 0, Vec::new());
    while rest != 0 && place < width {
        if rest & 1 == 1 {
            let negative = rest & 3 == 3;
            found.push((place, negative));
            rest = if negative { rest + 1 } else { rest - 1 };
        }
        rest >>= 1;
        place += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_the_constant() {
        for width in [3u8, 8, 17, 64] {
            for seed in 0..2000u64 {
                let mask = crate::ir::low_mask(width);
                let c = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask;
                let sum = digits(c, width).iter().fold(0u64, |sum, &(place, negative)| {
                    let term = 1u64 << place;
                    if negative { sum.wrapping_sub(term) } else { sum.wrapping_add(term) }
                });
                assert_eq!(sum & mask, c, "{c:#x} of {width} bits");
            }
        }
    }

    #[test]
    fn a_run_of_ones_has_two_digits() {
        assert_eq!(digits(7, 8), [(0, true), (3, false)]);
        assert_eq!(digits(0xff, 8), [(0, true)]);
        assert_eq!(digits(0x01000193, 32).len(), 6);
    }
}
