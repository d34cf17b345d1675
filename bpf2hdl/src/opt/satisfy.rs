// SPDX-License-Identifier: Apache-2.0
//! Whether conditions can hold together: a small search over the bits that they are made of.
//!
//! A condition is a tree of `and`, `or`, `not` and choices over bits that say nothing to each other ("leaves": comparisons, results
//! of look-ups). The search sets one undecided leaf after the other and looks, in three values, at what follows. Conditions
//! of paths are conjunctions for the most part, so their own literals decide nearly everything before the search
//! begins. One fact between leaves is known: a value is not equal to two different constants.
//!
//! Cost: at most [`BUDGET`] bits looked at, and the facts once for each guess; then "perhaps", which is always a safe answer.

use std::collections::BTreeMap;

use super::exclusive::literals;
use crate::ir::{Binary, Compare, Function, Op, Value};

/// Bits that one search looks at.
const BUDGET: usize = 4000;
/// Deepest nesting that is looked through.
const MAX_DEPTH: u32 = 400;

/// What is known of one-bit values.
pub(super) type Known = BTreeMap<Value, bool>;

/// The literals of conditions that hold.
pub(super) fn known(f: &Function, conditions: &[Value]) -> Known {
    conditions.iter().flat_map(|&condition| literals(f, condition, true)).collect()
}

/// False where it is certain that not all of these bits can have these values at once.
pub(crate) fn can_hold(f: &Function, wanted: &[(Value, bool)]) -> bool {
    let mut facts = Known::new();
    for &(value, holds) in wanted {
        for (literal, is) in literals(f, value, holds) {
            if facts.insert(literal, is).is_some_and(|other| other != is) {
                return false;
            }
        }
    }
    let mut budget = BUDGET;
    search(f, &facts, &mut budget)
}

fn search(f: &Function, facts: &Known, budget: &mut usize) -> bool {
    if *budget == 0 {
        return true;
    }
    let mut evaluation = Evaluation::new(f, facts);
    // What is known of a bit must agree with what follows from its operands.
    let fails = facts.iter().any(|(&value, &holds)| evaluation.parts(value, MAX_DEPTH).is_some_and(|is| is != holds));
    *budget = budget.saturating_sub(1 + facts.len() + evaluation.memo.len());
    if fails {
        return false;
    }
    let Some(leaf) = evaluation.undecided else { return true };
    [true, false].into_iter().any(|guess| {
        let mut more = facts.clone();
        more.insert(leaf, guess);
        search(f, &more, budget)
    })
}

/// The value that a bit must have where all conditions hold, if the search finds that it can not have the other one.
pub(super) fn decided(f: &Function, conditions: &[(Value, bool)], v: Value) -> Option<bool> {
    let with = |is: bool| conditions.iter().copied().chain([(v, is)]).collect::<Vec<_>>();
    match (can_hold(f, &with(true)), can_hold(f, &with(false))) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// What follows for bits from what is known of others.
pub(super) struct Evaluation<'a> {
    f: &'a Function,
    facts: &'a Known,
    memo: BTreeMap<Value, Option<bool>>,
    /// A leaf that was met and is not known.
    undecided: Option<Value>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(f: &'a Function, facts: &'a Known) -> Self {
        Evaluation { f, facts, memo: BTreeMap::new(), undecided: None }
    }

    /// The value of a bit; `None` for wider values, too.
    pub(super) fn of(&mut self, v: Value) -> Option<bool> {
        self.value(v, MAX_DEPTH)
    }

    fn value(&mut self, v: Value, depth: u32) -> Option<bool> {
        if let Some(&fact) = self.facts.get(&v) {
            return Some(fact);
        }
        if let Some(&known) = self.memo.get(&v) {
            return known;
        }
        let result = self.parts(v, depth);
        self.memo.insert(v, result);
        result
    }

    /// What follows for a bit from its operands.
    fn parts(&mut self, v: Value, depth: u32) -> Option<bool> {
        let f = self.f;
        if f.width(v) != 1 || depth == 0 {
            return None;
        }
        match f.def(v).op {
            Op::Const(c) => Some(c == 1),
            Op::Not(x) => self.value(x, depth - 1).map(|x| !x),
            Op::Binary(kind @ (Binary::And | Binary::Or), x, y) => {
                let decisive = kind == Binary::Or;
                match (self.value(x, depth - 1), self.value(y, depth - 1)) {
                    (Some(x), _) if x == decisive => Some(decisive),
                    (_, Some(y)) if y == decisive => Some(decisive),
                    (Some(_), Some(_)) => Some(!decisive),
                    _ => None,
                }
            }
            Op::Select { condition, then, other } => match self.value(condition, depth - 1) {
                Some(c) => self.value(if c { then } else { other }, depth - 1),
                None => {
                    let (then, other) = (self.value(then, depth - 1), self.value(other, depth - 1));
                    then.filter(|_| then == other)
                }
            },
            _ => self.leaf(v),
        }
    }

    fn leaf(&mut self, v: Value) -> Option<bool> {
        if let Op::Compare(Compare::Eq, x, c) = self.f.def(v).op
            && let Some(c) = self.f.as_const(c)
        {
            let excludes = |(other, holds): (&Value, &bool)| match self.f.def(*other).op {
                Op::Compare(Compare::Eq, y, d) if *holds && x == y => self.f.as_const(d).is_some_and(|d| d != c),
                _ => false,
            };
            if self.facts.iter().any(excludes) {
                return Some(false);
            }
        }
        match self.facts.get(&v) {
            Some(&fact) => Some(fact),
            None => {
                self.undecided.get_or_insert(v);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::parse;

    #[test]
    fn contradictions_are_seen_through_choices_and_disjunctions() {
        let f = parse(
            "function f kind xdp {
               v0:8 = packet 0  v1:8 = const 1  v2:8 = const 2
               v3:1 = eq v0, v1  v4:1 = eq v0, v2  v5:8 = packet 1  v6:1 = eq v5, v1
               v7:1 = or v3, v6  v8:1 = and v7, v4  v9:1 = not v6  v10:1 = and v8, v9
               v11:1 = select v3, v6, v4  v12:1 = and v3, v11
               v13:3 = const 2 action v13
             }",
        )
        .expect("the text is right");
        let v = Value::new;
        assert!(!can_hold(&f, &[(v(3), true), (v(4), true)]), "two constants");
        assert!(!can_hold(&f, &[(v(10), true)]), "both sides of the disjunction are ruled out");
        assert!(can_hold(&f, &[(v(8), true)]));
        assert!(!can_hold(&f, &[(v(12), true), (v(6), false)]), "the choice is decided");
        assert!(!can_hold(&f, &[(v(7), true), (v(3), false), (v(6), false)]));
        assert!(can_hold(&f, &[(v(7), true), (v(3), false)]));
    }
}
