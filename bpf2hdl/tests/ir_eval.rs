// SPDX-License-Identifier: Apache-2.0
//! The pure operations against an independent reference: integers of 128 bits, and lists of bits.

use bpf2hdl::ir::{Binary, Compare, Input, MapId, Op, Value, eval_op};

/// Every width, 1 to 64.
const WIDTHS: std::ops::RangeInclusive<u8> = 1..=64;

/// Values at which operations change their behaviour, for one width.
fn edge_values(width: u8) -> Vec<u64> {
    let modulus = 1i128 << width;
    let half = modulus / 2;
    let candidates = [0, 1, 2, 3, 7, 8, i128::from(width) - 1, width.into(), i128::from(width) + 1, 63, 64, 65];
    let around = [half - 2, half - 1, half, half + 1, modulus - 2, modulus - 1];
    let patterns = [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210_u64.into(), 0x5555_5555_5555_5555];
    let all = candidates.into_iter().chain(around).chain(patterns);
    let mut values: Vec<u64> = all.map(|value: i128| value.rem_euclid(modulus) as u64).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// The number with sign that the bits mean.
fn with_sign(value: u64, width: u8) -> i128 {
    let value = i128::from(value);
    if value >= 1 << (width - 1) { value - (1 << width) } else { value }
}

fn reference_binary(op: Binary, a: u64, b: u64, width: u8) -> u64 {
    let (x, y) = (i128::from(a), i128::from(b));
    let (sx, sy) = (with_sign(a, width), with_sign(b, width));
    let amount = y % i128::from(width.next_power_of_two());
    let power = 1i128 << amount;
    let result = match op {
        Binary::Add => x + y,
        Binary::Sub => x - y,
        // The product of two 64-bit numbers fits an i128 when they are taken with sign.
        Binary::Mul => sx * sy,
        Binary::Udiv => {
            if y == 0 {
                0
            } else {
                x / y
            }
        }
        Binary::Urem => {
            if y == 0 {
                x
            } else {
                x % y
            }
        }
        Binary::Sdiv => {
            if y == 0 {
                0
            } else {
                sx / sy
            }
        }
        Binary::Srem => {
            if y == 0 {
                x
            } else {
                sx - sx / sy * sy
            }
        }
        Binary::And => x & y,
        Binary::Or => x + y - (x & y),
        Binary::Xor => x + y - 2 * (x & y),
        Binary::Shl => (0..amount).fold(x, |v, _| v * 2 % (1 << width)),
        Binary::Lshr => x / power,
        Binary::Ashr => sx.div_euclid(power),
    };
    result.rem_euclid(1 << width) as u64
}

fn reference_compare(op: Compare, a: u64, b: u64, width: u8) -> u64 {
    let (sa, sb) = (with_sign(a, width), with_sign(b, width));
    u64::from(match op {
        Compare::Eq => sa == sb,
        Compare::Ne => sa != sb,
        Compare::Ult => i128::from(a) < i128::from(b),
        Compare::Ule => i128::from(a) <= i128::from(b),
        Compare::Slt => sa < sb,
        Compare::Sle => sa <= sb,
    })
}

fn value(index: usize) -> Value {
    Value::new(index)
}

/// Evaluates with the given operands (value, width), the n-th being `vn`.
fn eval(op: &Op, width: u8, operands: &[(u64, u8)]) -> u64 {
    eval_op(op, width, |v| operands[v.index()]).expect("pure")
}

fn bits_of(value: u64, width: u8) -> Vec<bool> {
    (0..width).map(|i| value >> i & 1 == 1).collect()
}

fn number(bits: impl IntoIterator<Item = bool>) -> u64 {
    bits.into_iter().enumerate().map(|(i, bit)| u64::from(bit) << i).sum()
}

#[test]
fn binary_operations() {
    for width in WIDTHS {
        let values = edge_values(width);
        for (op, name) in Binary::ALL {
            for (&a, &b) in values.iter().flat_map(|a| values.iter().map(move |b| (a, b))) {
                let found = eval(&Op::Binary(op, value(0), value(1)), width, &[(a, width), (b, width)]);
                assert_eq!(found, reference_binary(op, a, b, width), "{name} {a:#x}, {b:#x} of {width} bits");
            }
        }
    }
}

#[test]
fn comparisons() {
    for width in WIDTHS {
        let values = edge_values(width);
        for (op, name) in Compare::ALL {
            for (&a, &b) in values.iter().flat_map(|a| values.iter().map(move |b| (a, b))) {
                let found = eval(&Op::Compare(op, value(0), value(1)), 1, &[(a, width), (b, width)]);
                assert_eq!(found, reference_compare(op, a, b, width), "{name} {a:#x}, {b:#x} of {width} bits");
            }
        }
    }
}

/// The values that RFC 9669 section 4.1 and the kernel settle, written out.
#[test]
fn division_corner_cases() {
    let cases = [
        (Binary::Udiv, 7, 0, 32, 0),
        (Binary::Urem, 7, 0, 32, 7),
        (Binary::Sdiv, 0xffff_ffff, 0, 32, 0),
        (Binary::Srem, 0xffff_fff9, 0, 32, 0xffff_fff9),
        (Binary::Sdiv, 0x8000_0000, 0xffff_ffff, 32, 0x8000_0000),
        (Binary::Srem, 0x8000_0000, 0xffff_ffff, 32, 0),
        (Binary::Sdiv, 1 << 63, u64::MAX, 64, 1 << 63),
        (Binary::Srem, 1 << 63, u64::MAX, 64, 0),
        (Binary::Sdiv, (-13i64) as u64, 3, 64, (-4i64) as u64),
        (Binary::Srem, (-13i64) as u64, 3, 64, (-1i64) as u64),
        (Binary::Srem, 13, (-3i64) as u64, 64, 1),
        (Binary::Shl, 1, 33, 32, 2),
        (Binary::Lshr, 1 << 63, 127, 64, 1),
        (Binary::Ashr, 1 << 63, 127, 64, u64::MAX),
        (Binary::Shl, 1, 50, 48, 0),
        (Binary::Lshr, 1 << 47, 50, 48, 0),
        (Binary::Ashr, 1 << 47, 50, 48, (1 << 48) - 1),
    ];
    for (op, a, b, width, expected) in cases {
        let found = eval(&Op::Binary(op, value(0), value(1)), width, &[(a, width), (b, width)]);
        assert_eq!(found, expected, "{op:?} {a:#x}, {b:#x} of {width} bits");
    }
}

#[test]
fn rearrangements_of_bits() {
    for width in WIDTHS {
        for a in edge_values(width) {
            let bits = bits_of(a, width);
            let one = [(a, width)];
            assert_eq!(eval(&Op::Const(a), width, &[]), a);
            assert_eq!(eval(&Op::Not(value(0)), width, &one), number(bits.iter().map(|bit| !bit)));
            for to in width + 1..=64 {
                let sign = bits[usize::from(width) - 1];
                let extended = bits.iter().copied().chain(std::iter::repeat_n(sign, usize::from(to - width)));
                assert_eq!(eval(&Op::Sext(value(0)), to, &one), number(extended), "sext {a:#x} {width} to {to}");
            }
            for lo in 0..width {
                for taken in [1, (width - lo) / 2, width - lo].into_iter().filter(|&taken| taken > 0) {
                    let part = bits.iter().copied().skip(lo.into()).take(taken.into());
                    assert_eq!(eval(&Op::Extract { from: value(0), lo }, taken, &one), number(part));
                }
            }
        }
    }
}

#[test]
fn byte_swap() {
    for width in (8..=64).step_by(8) {
        for a in edge_values(width) {
            let bytes = a.to_le_bytes();
            let swapped = bytes[..usize::from(width / 8)].iter().fold(0, |v, &byte| v << 8 | u64::from(byte));
            assert_eq!(eval(&Op::Bswap(value(0)), width, &[(a, width)]), swapped, "{a:#x} of {width} bits");
        }
    }
}

#[test]
fn concatenation() {
    for first in 1..=63 {
        for second in 1..=64 - first {
            let rest = 64 - first - second;
            let parts: Vec<u8> = [first, second, rest].into_iter().filter(|&width| width > 0).collect();
            let operands: Vec<(u64, u8)> =
                parts.iter().map(|&width| (edge_values(width).into_iter().rev().nth(1).unwrap_or(1), width)).collect();
            let bits = operands.iter().flat_map(|&(part, width)| bits_of(part, width));
            let op = Op::Concat((0..parts.len()).map(value).collect());
            assert_eq!(eval(&op, 64, &operands), number(bits), "{operands:x?}");
        }
    }
    assert_eq!(eval(&Op::Concat(vec![value(0), value(0)]), 6, &[(0b101, 3)]), 0b10_1101);
}

#[test]
fn selection() {
    let op = Op::Select { condition: value(0), then: value(1), other: value(2) };
    assert_eq!(eval(&op, 64, &[(1, 1), (u64::MAX, 64), (7, 64)]), u64::MAX);
    assert_eq!(eval(&op, 64, &[(0, 1), (u64::MAX, 64), (7, 64)]), 7);
}

#[test]
fn what_is_not_pure_has_no_value() {
    let (map, index, base) = (MapId::new(0), value(0), value(0));
    for op in [
        Op::Input(Input::Length),
        Op::Packet { offset: 0 },
        Op::PacketAt { base, add: 0, places: vec![0] },
        Op::Rom { map, base, add: 0, places: vec![0] },
        Op::MapLoad { map, index, offset: 0 },
        Op::MapStore { map, index, offset: 0, value: base, when: base },
    ] {
        assert_eq!(eval_op(&op, 8, |_| (0, 8)), None, "{op:?}");
    }
}
