// SPDX-License-Identifier: Apache-2.0
//! Whether two predicates can never both be 1.

use std::collections::BTreeSet;

use crate::ir::{Binary, Builder, Compare, Op, Value};

/// Conjunctions longer than this are not looked through.
const MAX_LITERALS: usize = 4096;
/// Nested operations that are looked through, and those below a disjunction (whose cost doubles with each).
const MAX_DEPTH: u32 = 512;
const MAX_SPLIT: u32 = 12;

/// True where `x` and `y` exclude each other by a literal of their conjunctions, or by comparing one value with two
/// constants. False when that can not be seen.
pub(super) fn are_exclusive(b: &Builder, x: Value, y: Value) -> bool {
    let (left, right) = (literals(b, x), literals(b, y));
    left.iter().any(|&(value, positive)| {
        right.contains(&(value, !positive))
            || positive && right.iter().any(|&(other, p)| p && compare_different_constants(b, value, other))
    })
}

/// One-bit values with the polarity that they must have for `value` to be 1: all literals of a conjunction, those common
/// to both sides of a disjunction.
fn literals(b: &Builder, value: Value) -> BTreeSet<(Value, bool)> {
    let mut found = BTreeSet::new();
    collect(b, value, true, MAX_DEPTH, &mut found);
    found
}

fn collect(b: &Builder, value: Value, positive: bool, depth: u32, found: &mut BTreeSet<(Value, bool)>) {
    if found.len() > MAX_LITERALS || depth == 0 || !found.insert((value, positive)) {
        return;
    }
    match (b.op_of(value), positive) {
        (&Op::Not(inner), _) => collect(b, inner, !positive, depth - 1, found),
        (&Op::Binary(Binary::And, p, q), true) | (&Op::Binary(Binary::Or, p, q), false) => {
            collect(b, p, positive, depth - 1, found);
            collect(b, q, positive, depth - 1, found);
        }
        (&Op::Binary(Binary::And, p, q), false) | (&Op::Binary(Binary::Or, p, q), true) => {
            let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
            collect(b, p, positive, depth.min(MAX_SPLIT) - 1, &mut left);
            collect(b, q, positive, depth.min(MAX_SPLIT) - 1, &mut right);
            found.extend(left.intersection(&right).copied());
        }
        _ => {}
    }
}

fn compare_different_constants(b: &Builder, x: Value, y: Value) -> bool {
    match (b.op_of(x), b.op_of(y)) {
        (Op::Compare(Compare::Eq, p, c), Op::Compare(Compare::Eq, q, d)) if p == q => {
            matches!((b.as_const(*c), b.as_const(*d)), (Some(c), Some(d)) if c != d)
        }
        _ => false,
    }
}
