// SPDX-License-Identifier: Apache-2.0
//! Whether two keys are the same number where certain conditions hold.
//!
//! Each key is built anew, in a builder that is thrown away afterwards, with the choices decided that the conditions
//! decide. Equal operations are one value there, so the keys are the same if their values are. A choice that is not decided
//! is tried both ways.
//!
//! Cost: two searches (`satisfy`) for each choice that is met, [`MAX_DECISIONS`] choices for all keys of a function; then keys count
//! as different, which is always a safe answer.

use std::collections::BTreeMap;

use super::rebuild;
use super::satisfy::decided;
use crate::ir::{Builder, Function, Op, Value};

/// Deepest nesting that is looked through.
const MAX_DEPTH: u32 = 200;

/// Choices that are tried both ways, one inside the other.
const MAX_CASES: u32 = 4;

/// Choices that are looked at in one function.
const MAX_DECISIONS: u32 = 1000;

/// What is assumed, and what was found under it.
struct Case<'a> {
    conditions: &'a [(Value, bool)],
    memo: BTreeMap<Value, Value>,
    /// The condition of a choice that the assumptions do not decide.
    undecided: Option<Value>,
}

/// One function's values in a builder of their own.
pub(super) struct SameKeys<'f> {
    f: &'f Function,
    b: Builder,
    names: Vec<Value>,
    /// Choices that may still be looked at.
    decisions: u32,
}

impl<'f> SameKeys<'f> {
    pub(super) fn new(f: &'f Function) -> Self {
        let mut b = rebuild::start(f);
        let mut names: Vec<Value> = Vec::with_capacity(f.defs.len());
        for (_, def) in f.iter() {
            let new = b.op(def.op.map_operands(|v| names[v.index()]), def.width);
            names.push(new);
        }
        SameKeys { f, b, names, decisions: MAX_DECISIONS }
    }

    /// Whether the keys are equal, part by part, where all conditions hold.
    pub(super) fn hold(&mut self, x: &[Value], y: &[Value], conditions: &[Value]) -> bool {
        let conditions: Vec<(Value, bool)> = conditions.iter().map(|&condition| (condition, true)).collect();
        x.len() == y.len() && self.hold_in_all_cases(x, y, &conditions, MAX_CASES)
    }

    fn hold_in_all_cases(&mut self, x: &[Value], y: &[Value], conditions: &[(Value, bool)], cases: u32) -> bool {
        let mut case = Case { conditions, memo: BTreeMap::new(), undecided: None };
        let equal = x
            .iter()
            .zip(y)
            .all(|(&x, &y)| x == y || self.under(&mut case, x, MAX_DEPTH) == self.under(&mut case, y, MAX_DEPTH));
        if equal {
            return true;
        }
        let Some(choice) = case.undecided.filter(|_| cases > 0) else { return false };
        [true, false].into_iter().all(|is| {
            let case: Vec<(Value, bool)> = conditions.iter().copied().chain([(choice, is)]).collect();
            self.hold_in_all_cases(x, y, &case, cases - 1)
        })
    }

    fn decided(&mut self, case: &Case<'_>, condition: Value) -> Option<bool> {
        self.decisions -= 1;
        decided(self.f, case.conditions, condition)
    }

    /// A value in the builder, its choices decided.
    fn under(&mut self, case: &mut Case<'_>, v: Value, depth: u32) -> Value {
        if let Some(&done) = case.memo.get(&v) {
            return done;
        }
        let name = self.names[v.index()];
        let result = match &self.f.def(v).op {
            _ if depth == 0 => name,
            Op::MapLoad { .. } | Op::MapStore { .. } | Op::Directory { .. } => name,
            Op::Select { .. } if self.decisions == 0 => name,
            Op::Select { condition, then, other } => match self.decided(case, *condition) {
                Some(c) => self.under(case, if c { *then } else { *other }, depth - 1),
                None => {
                    case.undecided.get_or_insert(*condition);
                    name
                }
            },
            op => {
                let op = op.map_operands(|operand| self.under(case, operand, depth - 1));
                self.b.op(op, self.f.width(v))
            }
        };
        case.memo.insert(v, result);
        result
    }
}
