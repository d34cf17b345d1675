// SPDX-License-Identifier: Apache-2.0
//! Nodes as SystemVerilog expressions.

use super::signals::Signals;
use super::text::constant;
use crate::ir::{Binary, Compare, low_mask};
use crate::pipe::{Bits, MapUnit, Node, NodeKind, Source};

/// The logic of a node.
pub(super) enum Logic {
    /// One expression.
    Expression(String),
    /// A choice by the value of `selector`: labels and results. Zero elsewhere.
    Choice {
        /// What is compared with the labels.
        selector: String,
        /// Label and result, ascending.
        arms: Vec<(String, String)>,
    },
}

/// The combinational logic of a node; `None` for what is not an expression (inputs, reads, multi-cycle units).
pub(super) fn logic(node: &Node, maps: &[MapUnit], signals: &mut Signals<'_>) -> Option<Logic> {
    let at = node.start;
    Some(match &node.kind {
        NodeKind::Input(_) | NodeKind::Read { .. } | NodeKind::Step { .. } | NodeKind::FarLoad { .. } => return None,
        NodeKind::Binary(Binary::Mul | Binary::Udiv | Binary::Urem, ..) if node.stage > node.start => return None,
        NodeKind::Binary(op, a, b) => Logic::Expression(binary(*op, a, b, node.width, at, signals)),
        NodeKind::Compare(op, a, b) => Logic::Expression(compare(*op, a, b, at, signals)),
        NodeKind::Select { condition, then, other } => {
            let condition = signals.bits(condition, at);
            let (then, other) = (signals.bits(then, at), signals.bits(other, at));
            Logic::Expression(format!("{condition} ? {then} : {other}"))
        }
        NodeKind::PacketAt { base, add, places } => {
            let places = places.iter().map(|&p| i64::from(p));
            choice(base, *add, places, at, signals, |place, signals| {
                signals.source(Source::Packet, at, 8 * place, node.width)
            })
        }
        NodeKind::Rom { map, base, add, places } => {
            let data = &maps[map.index()].map.initial;
            let places = places.iter().map(|&p| i64::from(p));
            choice(base, *add, places, at, signals, |place, _| constant(bytes_at(data, place, node.width), node.width))
        }
    })
}

/// `width / 8` bytes of constant data, the first in the low bits; zero past its end.
fn bytes_at(data: &[u8], place: u32, width: u32) -> u64 {
    (0..width / 8)
        .rev()
        .fold(0, |value, i| value << 8 | u64::from(data.get((place + i) as usize).copied().unwrap_or(0)))
}

fn choice(
    base: &Bits,
    add: i32,
    places: impl Iterator<Item = i64>,
    at: u32,
    signals: &mut Signals<'_>,
    mut result: impl FnMut(u32, &mut Signals<'_>) -> String,
) -> Logic {
    let width = base.width();
    let mut arms = Vec::new();
    for place in places {
        // Places that the base can not reach need no arm.
        let Ok(label) = u64::try_from(place - i64::from(add)) else { continue };
        if label <= low_mask(width as u8) {
            arms.push((constant(label, width), result(place as u32, signals)));
        }
    }
    if arms.is_empty() {
        return Logic::Expression("'0".to_owned());
    }
    Logic::Choice { selector: signals.bits(base, at), arms }
}

fn binary(op: Binary, a: &Bits, b: &Bits, width: u32, at: u32, signals: &mut Signals<'_>) -> String {
    let symbol = match op {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Mul => "*",
        Binary::And => "&",
        Binary::Or => "|",
        Binary::Xor => "^",
        Binary::Shl => "<<",
        Binary::Lshr => ">>",
        Binary::Ashr => ">>>",
        Binary::Udiv | Binary::Urem | Binary::Sdiv | Binary::Srem => {
            panic!("internal error: {op:?} is no combinational logic")
        }
    };
    let left = signals.bits(a, at);
    if !matches!(op, Binary::Shl | Binary::Lshr | Binary::Ashr) {
        return format!("{left} {symbol} {}", signals.bits(b, at));
    }
    // Only the low log2(width) bits of the amount count (rounded up): see `ir::eval_binary`.
    let amount = b.slice(0, width.next_power_of_two().trailing_zeros());
    if amount.width() == 0 {
        return left;
    }
    let amount = signals.bits(&amount, at);
    let left = if op == Binary::Ashr { format!("$signed({left})") } else { left };
    format!("{left} {symbol} {amount}")
}

fn compare(op: Compare, a: &Bits, b: &Bits, at: u32, signals: &mut Signals<'_>) -> String {
    let ones = Bits::constant(0, a.width()).inverted();
    let zeros = Bits::constant(0, a.width());
    // Comparisons that constants decide; tools warn of them.
    let decided = match op {
        Compare::Ult => (*b == zeros || *a == ones).then_some("1'b0"),
        Compare::Ule => (*a == zeros || *b == ones).then_some("1'b1"),
        _ => None,
    };
    if let Some(constant) = decided {
        return constant.to_owned();
    }
    // The order of single bits is logic; tools warn of the comparison.
    let single = match op {
        Compare::Ult => Some((a.inverted(), b.clone(), "&")),
        Compare::Slt => Some((a.clone(), b.inverted(), "&")),
        Compare::Ule => Some((a.inverted(), b.clone(), "|")),
        Compare::Sle => Some((a.clone(), b.inverted(), "|")),
        Compare::Eq | Compare::Ne => None,
    };
    if let Some((left, right, operator)) = single.filter(|_| a.width() == 1) {
        return format!("{} {operator} {}", signals.bits(&left, at), signals.bits(&right, at));
    }
    let (a, b) = (signals.bits(a, at), signals.bits(b, at));
    match op {
        Compare::Eq => format!("{a} == {b}"),
        Compare::Ne => format!("{a} != {b}"),
        Compare::Ult => format!("{a} < {b}"),
        Compare::Ule => format!("{a} <= {b}"),
        Compare::Slt => format!("$signed({a}) < $signed({b})"),
        Compare::Sle => format!("$signed({a}) <= $signed({b})"),
    }
}
