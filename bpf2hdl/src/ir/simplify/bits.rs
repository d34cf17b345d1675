// SPDX-License-Identifier: Apache-2.0
//! Rules for slices, concatenations, extensions, byte order and packet loads: all of it wiring.

use super::super::{Binary, Builder, Op, Value, function::sign_extend, low_mask};

pub(super) fn extract(b: &mut Builder, from: Value, lo: u8, width: u8) -> Option<Value> {
    if lo == 0 && width == b.width(from) {
        return Some(from);
    }
    if let Some(c) = b.as_const(from) {
        return Some(b.constant(c >> lo, width));
    }
    match b.op_of(from).clone() {
        Op::Extract { from: inner, lo: below } => Some(b.extract(inner, below + lo, width)),
        Op::Packet { offset } if lo.is_multiple_of(8) && width.is_multiple_of(8) => {
            Some(b.op(Op::Packet { offset: offset + u16::from(lo / 8) }, width))
        }
        Op::Concat(parts) => slice_concat(b, &parts, lo, width),
        Op::Sext(inner) if lo + width <= b.width(inner) => Some(b.extract(inner, lo, width)),
        Op::Sext(inner) if lo < b.width(inner) => {
            let kept = b.extract(inner, lo, b.width(inner) - lo);
            Some(b.sext(kept, width))
        }
        Op::Bswap(inner) if width == 8 && lo.is_multiple_of(8) => {
            let total = b.width(from);
            Some(b.extract(inner, total - 8 - lo, 8))
        }
        Op::Bswap(inner) if lo.is_multiple_of(8) && width.is_multiple_of(8) => {
            let total = b.width(from);
            let kept = b.extract(inner, total - width - lo, width);
            Some(b.op(Op::Bswap(kept), width))
        }
        Op::Not(inner) => {
            let kept = b.extract(inner, lo, width);
            Some(b.not(kept))
        }
        _ => None,
    }
}

/// The parts that a slice of a concatenation touches.
fn slice_concat(b: &mut Builder, parts: &[Value], lo: u8, width: u8) -> Option<Value> {
    let (mut at, end) = (0u8, lo + width);
    let mut kept = Vec::new();
    for &part in parts {
        let (start, stop) = (at.max(lo), (at + b.width(part)).min(end));
        if start < stop {
            kept.push(b.extract(part, start - at, stop - start));
        }
        at += b.width(part);
    }
    Some(b.concat(kept))
}

pub(super) fn concat(b: &mut Builder, parts: &[Value], width: u8) -> Option<Value> {
    if let [only] = parts {
        return Some(*only);
    }
    let mut flat = Vec::with_capacity(parts.len());
    for &part in parts {
        match b.op_of(part) {
            Op::Concat(inner) => flat.extend(inner.clone()),
            _ => flat.push(part),
        }
    }
    let mut joined: Vec<Value> = Vec::with_capacity(flat.len());
    for part in flat {
        match joined.last().and_then(|&last| join(b, last, part)) {
            Some(both) => {
                joined.pop();
                joined.push(both);
            }
            None => joined.push(part),
        }
    }
    // The low bits of a value whose upper bits are zero, with zeros put back, are the value.
    if let [low, high] = joined[..]
        && b.as_const(high) == Some(0)
        && let Op::Extract { from, lo: 0 } = *b.op_of(low)
        && b.width(from) == width
        && b.set(from).active_bits() <= b.width(low)
    {
        return Some(from);
    }
    if joined == parts { None } else { Some(b.concat(joined)) }
}

/// One value for two neighbours, where there is one.
fn join(b: &mut Builder, low: Value, high: Value) -> Option<Value> {
    let (low_width, width) = (b.width(low), b.width(low) + b.width(high));
    match (b.op_of(low).clone(), b.op_of(high).clone()) {
        (Op::Const(l), Op::Const(h)) => Some(b.constant(l | h << low_width, width)),
        (Op::Packet { offset: l }, Op::Packet { offset: h }) if h == l + u16::from(low_width / 8) => {
            Some(b.op(Op::Packet { offset: l }, width))
        }
        (Op::Extract { from: f, lo: l }, Op::Extract { from: g, lo: h }) if f == g && h == l + low_width => {
            Some(b.extract(f, l, width))
        }
        (Op::MapLoad { map: m, index: i, offset: l }, Op::MapLoad { map: n, index: j, offset: h })
            if m == n && i == j && h == l + u32::from(low_width / 8) && width.is_multiple_of(8) =>
        {
            // Only where no store lies between the two: a fresh load of the first must be the same value.
            let again = b.op(Op::MapLoad { map: m, index: i, offset: l }, low_width);
            let again_high = b.op(Op::MapLoad { map: n, index: j, offset: h }, width - low_width);
            (again == low && again_high == high).then(|| b.op(Op::MapLoad { map: m, index: i, offset: l }, width))
        }
        _ => None,
    }
}

pub(super) fn sext(b: &mut Builder, x: Value, width: u8) -> Option<Value> {
    if b.width(x) == width {
        return Some(x);
    }
    if let Op::Sext(inner) = *b.op_of(x) {
        return Some(b.sext(inner, width));
    }
    (b.set(x).sign() == Some(false)).then(|| b.resize(x, width))
}

pub(super) fn bswap(b: &mut Builder, x: Value, width: u8) -> Option<Value> {
    match b.op_of(x) {
        _ if width == 8 => Some(x),
        Op::Bswap(inner) => Some(*inner),
        _ => None,
    }
}

pub(super) fn packet_at(b: &mut Builder, base: Value, add: i32, places: &[u16], width: u8) -> Option<Value> {
    if let [only] = places {
        return Some(b.op(Op::Packet { offset: *only }, width));
    }
    if let Op::Binary(Binary::Add, inner, k) = *b.op_of(base)
        && let Some(c) = b.as_const(k)
    {
        let (signed, inner_set) = (sign_extend(c, b.width(base)), b.set(inner));
        let bounds = (i128::from(inner_set.lo()) + i128::from(signed), i128::from(inner_set.hi()) + i128::from(signed));
        let wraps = bounds.0 < 0 || bounds.1 > i128::from(low_mask(b.width(base)));
        if let Ok(total) = i32::try_from(i64::from(add).saturating_add(signed))
            && !wraps
        {
            return Some(b.op(Op::PacketAt { base: inner, add: total, places: places.to_vec() }, width));
        }
    }
    let active = b.set(base).active_bits().max(1);
    if active < b.width(base) {
        let narrow = b.extract(base, 0, active);
        return Some(b.op(Op::PacketAt { base: narrow, add, places: places.to_vec() }, width));
    }
    None
}
