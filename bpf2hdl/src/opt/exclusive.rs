// SPDX-License-Identifier: Apache-2.0
//! Whether two predicates can never both be 1.

use std::collections::BTreeSet;

use super::needed::Literal;
use crate::ir::{Binary, Compare, Function, Op, Value};

/// Conjunctions longer than this are not looked through.
const MAX_LITERALS: usize = 4096;
/// Nested operations that are looked through, and those below a disjunction (whose cost doubles with each).
const MAX_DEPTH: u32 = 512;
const MAX_SPLIT: u32 = 12;

/// True where `x` and `y` exclude each other by a literal of their conjunctions, or by comparing one value with two
/// constants. False when that can not be seen.
pub(super) fn are_exclusive(f: &Function, x: Value, y: Value) -> bool {
    separating(f, &literals(f, x, true), &literals(f, y, true)).is_some()
}

/// A literal of `left` that is never true together with all of `right`.
pub(super) fn separating(f: &Function, left: &BTreeSet<Literal>, right: &BTreeSet<Literal>) -> Option<Literal> {
    let mut found = left.iter().copied();
    found.find(|&(value, holds)| {
        right.contains(&(value, !holds))
            || holds && right.iter().any(|&(other, p)| p && compare_different_constants(f, value, other))
    })
}

/// One-bit values with what they must be for `value` to be `holds`: all literals of a conjunction, those common
/// to both sides of a disjunction.
pub(crate) fn literals(f: &Function, value: Value, holds: bool) -> BTreeSet<Literal> {
    let mut found = BTreeSet::new();
    collect(f, value, holds, MAX_DEPTH, &mut found);
    found
}

fn collect(f: &Function, value: Value, positive: bool, depth: u32, found: &mut BTreeSet<Literal>) {
    if found.len() > MAX_LITERALS || depth == 0 || !found.insert((value, positive)) {
        return;
    }
    match (&f.def(value).op, positive) {
        (&Op::Not(inner), _) => collect(f, inner, !positive, depth - 1, found),
        (&Op::Binary(Binary::And, p, q), true) | (&Op::Binary(Binary::Or, p, q), false) => {
            collect(f, p, positive, depth - 1, found);
            collect(f, q, positive, depth - 1, found);
        }
        (&Op::Binary(Binary::And, p, q), false) | (&Op::Binary(Binary::Or, p, q), true) => {
            let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
            collect(f, p, positive, depth.min(MAX_SPLIT) - 1, &mut left);
            collect(f, q, positive, depth.min(MAX_SPLIT) - 1, &mut right);
            found.extend(left.intersection(&right).copied());
        }
        _ => {}
    }
}

fn compare_different_constants(f: &Function, x: Value, y: Value) -> bool {
    match (&f.def(x).op, &f.def(y).op) {
        (Op::Compare(Compare::Eq, p, c), Op::Compare(Compare::Eq, q, d)) if p == q => {
            matches!((f.as_const(*c), f.as_const(*d)), (Some(c), Some(d)) if c != d)
        }
        _ => false,
    }
}
