// SPDX-License-Identifier: Apache-2.0
//! What the pure operations compute: the one place in which the semantics of arithmetic is written.
//!
//! The interpreter, the constant folder and the analysis of value sets all come here. Values are `u64` with every bit at
//! and above their width zero; that holds for the operands and is kept for the results.

use super::{Binary, Compare, Op, Value, low_mask, sign_extend};

/// The result of a pure operation of `width` bits, from the values and widths of its operands; `None` for the operations
/// that look at the packet or at the maps.
pub fn eval_op(op: &Op, width: u8, mut operand: impl FnMut(Value) -> (u64, u8)) -> Option<u64> {
    let result = match op {
        Op::Const(c) => *c,
        Op::Not(a) => !operand(*a).0,
        Op::Bswap(a) => operand(*a).0.swap_bytes() >> (64 - width),
        Op::Binary(op, a, b) => eval_binary(*op, operand(*a).0, operand(*b).0, width),
        Op::Compare(op, a, b) => {
            let (a, operand_width) = operand(*a);
            eval_compare(*op, a, operand(*b).0, operand_width).into()
        }
        Op::Select { condition, then, other } => {
            let taken = if operand(*condition).0 == 1 { then } else { other };
            operand(*taken).0
        }
        Op::Extract { from, lo } => operand(*from).0 >> lo,
        Op::Concat(parts) => {
            let (mut joined, mut shift) = (0, 0);
            for &part in parts {
                let (bits, part_width) = operand(part);
                joined |= bits << shift;
                shift += part_width;
            }
            joined
        }
        Op::Sext(a) => {
            let (a, from) = operand(*a);
            sign_extend(a, from) as u64
        }
        Op::Input(_)
        | Op::Packet { .. }
        | Op::PacketAt { .. }
        | Op::Rom { .. }
        | Op::Directory { .. }
        | Op::MapLoad { .. }
        | Op::MapStore { .. } => return None,
    };
    Some(result & low_mask(width))
}

/// The result of a binary operation on two values of `width` bits (1..=64).
///
/// A shift amount counts modulo the next power of two at or above the width. Where that still leaves an amount of `width`
/// or more, all bits are shifted out.
pub fn eval_binary(op: Binary, a: u64, b: u64, width: u8) -> u64 {
    let amount = b & (u64::from(width.next_power_of_two()) - 1);
    let result = match op {
        Binary::Add => a.wrapping_add(b),
        Binary::Sub => a.wrapping_sub(b),
        Binary::Mul => a.wrapping_mul(b),
        Binary::Udiv => a.checked_div(b).unwrap_or(0),
        Binary::Urem => a.checked_rem(b).unwrap_or(a),
        Binary::Sdiv | Binary::Srem => signed_division(op, a, b, width),
        Binary::And => a & b,
        Binary::Or => a | b,
        Binary::Xor => a ^ b,
        Binary::Shl => a << amount,
        Binary::Lshr => a >> amount,
        Binary::Ashr => (sign_extend(a, width) >> amount) as u64,
    };
    result & low_mask(width)
}

/// Whether the relation holds between two values of `width` bits (1..=64).
pub fn eval_compare(op: Compare, a: u64, b: u64, width: u8) -> bool {
    match op {
        Compare::Eq => a == b,
        Compare::Ne => a != b,
        Compare::Ult => a < b,
        Compare::Ule => a <= b,
        Compare::Slt => sign_extend(a, width) < sign_extend(b, width),
        Compare::Sle => sign_extend(a, width) <= sign_extend(b, width),
    }
}

fn signed_division(op: Binary, a: u64, b: u64, width: u8) -> u64 {
    let (dividend, divisor) = (sign_extend(a, width), sign_extend(b, width));
    match (op, divisor) {
        (Binary::Sdiv, 0) => 0,
        (_, 0) => a,
        (Binary::Sdiv, _) => dividend.wrapping_div(divisor) as u64,
        (_, _) => dividend.wrapping_rem(divisor) as u64,
    }
}
