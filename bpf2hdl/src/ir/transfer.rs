// SPDX-License-Identifier: Apache-2.0
//! The set of results of an operation from the sets of its operands.
//!
//! Small sets are computed element by element with [`eval_op`](super::eval_op), which is exact and needs no second
//! definition of the semantics; larger ones by rules on known bits and bounds, each sound by itself.

use super::eval::{eval_binary, eval_compare};
use super::{Binary, Compare, Input, MAX_ELEMENTS, Op, Value, ValueSet, low_mask};

/// The results that `op` of `width` bits can have.
pub(crate) fn transfer(op: &Op, width: u8, set: &mut dyn FnMut(Value) -> ValueSet) -> ValueSet {
    match op {
        Op::Const(c) => ValueSet::constant(width, *c),
        Op::Input(Input::Length) => ValueSet::from_range(width, 1, low_mask(width)),
        Op::Input(_)
        | Op::Packet { .. }
        | Op::PacketAt { .. }
        | Op::Rom { .. }
        | Op::Directory { .. }
        | Op::MapLoad { .. } => ValueSet::full(width),
        Op::MapStore { .. } => ValueSet::constant(1, 0),
        Op::Not(a) => not(&set(*a)),
        Op::Bswap(a) => bswap(&set(*a)),
        Op::Binary(op, a, b) => binary(*op, &set(*a), &set(*b), *a == *b),
        Op::Compare(op, a, b) => match compare(*op, &set(*a), &set(*b)) {
            Some(known) => ValueSet::constant(1, known.into()),
            None => ValueSet::full(1),
        },
        Op::Select { condition, then, other } => match set(*condition).as_const() {
            Some(1) => set(*then),
            Some(_) => set(*other),
            None => set(*then).join(&set(*other)),
        },
        Op::Extract { from, lo } => extract(&set(*from), *lo, width),
        Op::Concat(parts) => {
            let mut parts = parts.iter();
            let Some(first) = parts.next() else { return ValueSet::full(width) };
            parts.fold(set(*first), |low, high| concat(&low, &set(*high)))
        }
        Op::Sext(a) => sext(&set(*a), width),
    }
}

/// Applies `f` to each element.
fn per_element(set: &ValueSet, width: u8, f: impl Fn(u64) -> u64) -> Option<ValueSet> {
    Some(ValueSet::from_elements(width, set.elements()?.iter().map(|&e| f(e) & low_mask(width)).collect()))
}

fn not(a: &ValueSet) -> ValueSet {
    let (width, mask) = (a.width(), low_mask(a.width()));
    per_element(a, width, |e| !e).unwrap_or_else(|| {
        let bounds = (mask & !a.hi(), mask & !a.lo());
        ValueSet::from_parts(width, a.ones(), a.zeros(), bounds.0, bounds.1).unwrap_or_else(|| ValueSet::full(width))
    })
}

fn bswap(a: &ValueSet) -> ValueSet {
    let width = a.width();
    let swap = |v: u64| v.swap_bytes() >> (64 - width);
    per_element(a, width, swap).unwrap_or_else(|| {
        ValueSet::from_parts(width, swap(a.zeros()), swap(a.ones()), 0, low_mask(width))
            .unwrap_or_else(|| ValueSet::full(width))
    })
}

fn extract(a: &ValueSet, lo: u8, width: u8) -> ValueSet {
    if let Some(set) = per_element(a, width, |e| e >> lo) {
        return set;
    }
    let mask = low_mask(width);
    let bounds = if a.active_bits() <= lo + width { (a.lo() >> lo, a.hi() >> lo) } else { (0, mask) };
    ValueSet::from_parts(width, (a.zeros() >> lo) & mask, (a.ones() >> lo) & mask, bounds.0, bounds.1)
        .unwrap_or_else(|| ValueSet::full(width))
}

fn concat(low: &ValueSet, high: &ValueSet) -> ValueSet {
    let (shift, width) = (low.width(), low.width() + high.width());
    if let (Some(a), Some(b)) = (low.elements(), high.elements())
        && a.len() * b.len() <= MAX_ELEMENTS
    {
        let all = b.iter().flat_map(|&h| a.iter().map(move |&l| (h << shift) | l)).collect();
        return ValueSet::from_elements(width, all);
    }
    ValueSet::from_parts(
        width,
        low.zeros() | (high.zeros() << shift),
        low.ones() | (high.ones() << shift),
        low.lo() | (high.lo() << shift),
        low.hi() | (high.hi() << shift),
    )
    .unwrap_or_else(|| ValueSet::full(width))
}

fn sext(a: &ValueSet, width: u8) -> ValueSet {
    let from = a.width();
    let extend = |v: u64| (((v << (64 - from)) as i64) >> (64 - from)) as u64;
    if let Some(set) = per_element(a, width, extend) {
        return set;
    }
    let upper = low_mask(width) & !low_mask(from);
    match a.sign() {
        Some(false) => ValueSet::from_parts(width, a.zeros() | upper, a.ones(), a.lo(), a.hi()),
        Some(true) => ValueSet::from_parts(width, a.zeros(), a.ones() | upper, 0, low_mask(width)),
        None => ValueSet::from_parts(
            width,
            a.zeros() & low_mask(from - 1),
            a.ones() & low_mask(from - 1),
            0,
            low_mask(width),
        ),
    }
    .unwrap_or_else(|| ValueSet::full(width))
}

fn binary(op: Binary, a: &ValueSet, b: &ValueSet, same: bool) -> ValueSet {
    let width = a.width();
    if let (Some(x), Some(y)) = (a.elements(), b.elements()) {
        if same {
            return ValueSet::from_elements(width, x.iter().map(|&e| eval_binary(op, e, e, width)).collect());
        }
        if x.len() * y.len() <= 4 * MAX_ELEMENTS {
            let all = x.iter().flat_map(|&p| y.iter().map(move |&q| eval_binary(op, p, q, width))).collect();
            return ValueSet::from_elements(width, all);
        }
    }
    let full = || ValueSet::full(width);
    match op {
        Binary::Add | Binary::Sub => add_sub(op, a, b),
        Binary::Mul => mul(a, b),
        Binary::Udiv => match (b.lo(), a.lo().checked_div(b.hi())) {
            (1.., Some(lo)) => ValueSet::from_range(width, lo, a.hi() / b.lo()),
            _ => ValueSet::from_range(width, 0, a.hi()),
        },
        Binary::Urem if b.lo() > 0 => ValueSet::from_range(width, 0, a.hi().min(b.hi() - 1)),
        Binary::Urem => ValueSet::from_range(width, 0, a.hi()),
        Binary::Sdiv | Binary::Srem => full(),
        Binary::And => ValueSet::from_parts(width, a.zeros() | b.zeros(), a.ones() & b.ones(), 0, a.hi().min(b.hi()))
            .unwrap_or_else(full),
        Binary::Or => {
            let lo = a.lo().max(b.lo());
            ValueSet::from_parts(width, a.zeros() & b.zeros(), a.ones() | b.ones(), lo, low_mask(width))
                .unwrap_or_else(full)
        }
        Binary::Xor => {
            let zeros = (a.zeros() & b.zeros()) | (a.ones() & b.ones());
            let ones = (a.zeros() & b.ones()) | (a.ones() & b.zeros());
            ValueSet::from_parts(width, zeros, ones, 0, low_mask(width)).unwrap_or_else(full)
        }
        Binary::Shl | Binary::Lshr | Binary::Ashr => shift(op, a, b),
    }
}

/// Bounds add up unless they wrap; the low bits known in both operands give known low bits.
fn add_sub(op: Binary, a: &ValueSet, b: &ValueSet) -> ValueSet {
    let (width, mask) = (a.width(), low_mask(a.width()));
    let (known_a, known_b) = (a.zeros() | a.ones(), b.zeros() | b.ones());
    let low = (known_a & known_b).trailing_ones() as u8;
    let low_bits = eval_binary(op, a.ones(), b.ones(), width) & low_mask(low) & mask;
    let zeros = low_mask(low) & mask & !low_bits;
    let (lo, hi) = match op {
        Binary::Add => match (a.lo().checked_add(b.lo()), a.hi().checked_add(b.hi())) {
            (Some(lo), Some(hi)) if hi <= mask => (lo, hi),
            _ => (0, mask),
        },
        _ if a.lo() >= b.hi() => (a.lo() - b.hi(), a.hi() - b.lo()),
        _ => (0, mask),
    };
    let zero_tail = a.zeros().trailing_ones().min(b.zeros().trailing_ones()) as u8;
    ValueSet::from_parts(width, zeros | (low_mask(zero_tail) & mask), low_bits, lo, hi)
        .unwrap_or_else(|| ValueSet::full(width))
}

fn mul(a: &ValueSet, b: &ValueSet) -> ValueSet {
    let (width, mask) = (a.width(), low_mask(a.width()));
    let tail = (a.zeros().trailing_ones() + b.zeros().trailing_ones()).min(u32::from(width)) as u8;
    let (lo, hi) = match a.hi().checked_mul(b.hi()) {
        Some(hi) if hi <= mask => (a.lo() * b.lo(), hi),
        _ => (0, mask),
    };
    ValueSet::from_parts(width, low_mask(tail), 0, lo, hi).unwrap_or_else(|| ValueSet::full(width))
}

/// Shifts by a set of amounts: the union over the amounts, each exact on known bits.
fn shift(op: Binary, a: &ValueSet, amount: &ValueSet) -> ValueSet {
    let width = a.width();
    let Some(amounts) = amount.enumerate(MAX_ELEMENTS) else { return ValueSet::full(width) };
    let mask = low_mask(width);
    let one = |amount: u64| {
        let s = (amount % u64::from(width.next_power_of_two())) as u8;
        if s >= width {
            return ValueSet::full(width);
        }
        let set = match op {
            Binary::Shl => {
                let fits = a.active_bits() + s <= width;
                let (lo, hi) = if fits { (a.lo() << s, a.hi() << s) } else { (0, mask) };
                ValueSet::from_parts(width, (a.zeros() << s) | low_mask(s), a.ones() << s, lo, hi)
            }
            Binary::Ashr if a.sign() != Some(false) => {
                let sign = a.sign() == Some(true);
                let upper = mask & !low_mask(width - s);
                let known = (a.zeros() >> s & low_mask(width - s - 1), a.ones() >> s | if sign { upper } else { 0 });
                ValueSet::from_parts(width, known.0, known.1, 0, mask)
            }
            _ => ValueSet::from_parts(
                width,
                (a.zeros() >> s) | (mask & !(mask >> s)),
                a.ones() >> s,
                a.lo() >> s,
                a.hi() >> s,
            ),
        };
        set.unwrap_or_else(|| ValueSet::full(width))
    };
    amounts.into_iter().map(one).reduce(|x, y| x.join(&y)).unwrap_or_else(|| ValueSet::full(width))
}

/// The result of a comparison where the sets decide it.
pub(crate) fn compare(op: Compare, a: &ValueSet, b: &ValueSet) -> Option<bool> {
    if let (Some(x), Some(y)) = (a.as_const(), b.as_const()) {
        return Some(eval_compare(op, x, y, a.width()));
    }
    match op {
        Compare::Eq => a.meet(b).is_none().then_some(false),
        Compare::Ne => a.meet(b).is_none().then_some(true),
        Compare::Ult if a.hi() < b.lo() => Some(true),
        Compare::Ult if a.lo() >= b.hi() => Some(false),
        Compare::Ule if a.hi() <= b.lo() => Some(true),
        Compare::Ule if a.lo() > b.hi() => Some(false),
        Compare::Ult | Compare::Ule => None,
        Compare::Slt | Compare::Sle => {
            let ((al, ah), (bl, bh)) = (a.signed_bounds(), b.signed_bounds());
            let (always, never) = if op == Compare::Slt { (ah < bl, al >= bh) } else { (ah <= bl, al > bh) };
            if always {
                Some(true)
            } else if never {
                Some(false)
            } else {
                None
            }
        }
    }
}
