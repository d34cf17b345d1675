// SPDX-License-Identifier: Apache-2.0
//! Conditions in one canonical form.
//!
//! If-conversion leaves conditions of paths: long conjunctions that share most of their parts, built in the order in
//! which the program happened to branch. Here each one-bit value is seen as a *conjunction*, a sorted set of literals
//! (a value, inverted or not); a disjunction is an inverted conjunction. That makes equal conditions equal operations
//! however they were built, and lets the set be simplified as a whole (`conjunction`):
//!
//! * a literal and its inverse, or bounds of one value that exclude each other, make it false;
//! * a bound that another one implies is dropped: of `len >= 14 & len >= 34` the second is left;
//! * inside a disjunction, what the rest of the conjunction implies is dropped: `a & (!a | b)` is `a & b`;
//! * `(p & a) | (p & b)` is `p & (a | b)`, and `(p & a) | (p & !a)` is `p`.
//!
//! Choices profit: an inner choice whose condition is decided by the outer one's goes away, and chains of choices
//! with equal results become one choice with a joined condition, so that the many ways to one verdict are one.
//!
//! Cost: operations x [`conjunction::MAX_LITERALS`] in the worst case; larger sets are left as they are.

mod conjunction;
mod ranges;

use super::{Goal, rebuild};
use crate::ir::{Binary, Builder, Function, Op, Value};
use conjunction::{Conjunctions, Literal};

/// Choices of at most this many bits between two constants are wires.
const MAX_WIRED_CHOICE: u8 = 8;
/// Nested choices that are looked through.
const MAX_NESTING: u32 = 8;

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let mut logic = Logic { b: rebuild::start(&old), sets: Conjunctions::default() };
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (_, def) in old.iter() {
        logic.b.at(def.insn);
        let op = def.op.map_operands(|v| names[v.index()]);
        let new = logic.operation(op, def.width);
        names.push(new);
    }
    rebuild::finish(logic.b, &old, |_, v| names[v.index()])
}

struct Logic {
    b: Builder,
    sets: Conjunctions,
}

impl Logic {
    fn operation(&mut self, op: Op, width: u8) -> Value {
        match op {
            Op::Binary(Binary::And, x, y) if width == 1 => self.and(x, y),
            Op::Binary(Binary::Or, x, y) if width == 1 => self.or(x, y),
            Op::Select { condition, then, other } => self.choice(condition, then, other),
            Op::Binary(kind, x, y) => match self.through_choice(kind, x, y) {
                Some(value) => value,
                None => self.b.op(op, width),
            },
            op => self.b.op(op, width),
        }
    }

    fn and(&mut self, x: Value, y: Value) -> Value {
        let literals = [Literal::of(&self.b, x), Literal::of(&self.b, y)];
        let both = self.sets.and(&mut self.b, &literals);
        both.value(&mut self.b)
    }

    fn or(&mut self, x: Value, y: Value) -> Value {
        let literals = [Literal::of(&self.b, x).inverse(), Literal::of(&self.b, y).inverse()];
        let neither = self.sets.and(&mut self.b, &literals);
        neither.inverse().value(&mut self.b)
    }

    /// A choice, of which each side is simplified by what the condition says there.
    fn choice(&mut self, condition: Value, then: Value, other: Value) -> Value {
        let literal = Literal::of(&self.b, condition);
        let then = self.decided(literal, then);
        let other = self.decided(literal.inverse(), other);
        if then == other {
            return then;
        }
        match (self.b.as_const(condition), self.b.width(then)) {
            (Some(1), _) => then,
            (Some(_), _) => other,
            (None, 1) => self.choice_of_bits(condition, then, other),
            (None, _) => self.choice_of_words(condition, then, other),
        }
    }

    fn choice_of_bits(&mut self, condition: Value, then: Value, other: Value) -> Value {
        let inverse = self.b.not(condition);
        match (self.b.as_const(then), self.b.as_const(other)) {
            (Some(1), _) => self.or(condition, other),
            (Some(_), _) => self.and(inverse, other),
            (_, Some(0)) => self.and(condition, then),
            (_, Some(_)) => self.or(inverse, then),
            (None, None) => self.b.select(condition, then, other),
        }
    }

    fn choice_of_words(&mut self, condition: Value, then: Value, other: Value) -> Value {
        if let Some(wires) = self.wired(condition, then, other) {
            return wires;
        }
        let inverse = self.b.not(condition);
        // The same result on one side and inside the other one: one choice with a joined condition.
        for (outer, kept, nested) in [(condition, then, other), (inverse, other, then)] {
            if let Op::Select { condition: inner, then: p, other: q } = *self.b.op_of(nested) {
                if p == kept {
                    let joined = self.or(outer, inner);
                    return self.choice(joined, kept, q);
                }
                if q == kept {
                    let not_inner = self.b.not(inner);
                    let joined = self.or(outer, not_inner);
                    return self.choice(joined, kept, p);
                }
            }
        }
        self.b.select(condition, then, other)
    }

    /// A choice between two small constants: each bit is a constant, the condition or its inverse.
    fn wired(&mut self, condition: Value, then: Value, other: Value) -> Option<Value> {
        let width = self.b.width(then);
        let (p, q) = (self.b.as_const(then)?, self.b.as_const(other)?);
        if width > MAX_WIRED_CHOICE {
            return None;
        }
        let inverse = self.b.not(condition);
        let bits = (0..width)
            .map(|bit| match (p >> bit & 1, q >> bit & 1) {
                (1, 0) => condition,
                (0, 1) => inverse,
                (same, _) => self.b.constant(same, 1),
            })
            .collect();
        Some(self.b.concat(bits))
    }

    /// `value` where `literal` is true.
    fn decided(&mut self, literal: Literal, mut value: Value) -> Value {
        for _ in 0..MAX_NESTING {
            if self.b.width(value) == 1 {
                let bit = Literal::of(&self.b, value);
                if let Some(known) = self.sets.implied(&self.b, literal, bit) {
                    return self.b.constant(known.into(), 1);
                }
            }
            let Op::Select { condition, then, other } = *self.b.op_of(value) else { return value };
            let inner = Literal::of(&self.b, condition);
            match self.sets.implied(&self.b, literal, inner) {
                Some(true) => value = then,
                Some(false) => value = other,
                None => return value,
            }
        }
        value
    }

    /// `(c ? k : l) op m` with constants k, l, m is a choice between constants.
    fn through_choice(&mut self, kind: Binary, x: Value, y: Value) -> Option<Value> {
        self.b.as_const(y)?;
        let Op::Select { condition, then, other } = *self.b.op_of(x) else { return None };
        self.b.as_const(then).and(self.b.as_const(other))?;
        let (then, other) = (self.b.binary(kind, then, y), self.b.binary(kind, other, y));
        Some(self.choice(condition, then, other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{self, ProgramKind};

    /// The function after the pass and dead code elimination, printed.
    fn after(text: &str) -> String {
        let f = ir::parse(text).expect("it parses");
        let goal = Goal::default();
        let f = crate::opt::dead::run(run(f, &goal), &goal);
        assert_eq!(ir::check(&f), Ok(()));
        f.to_string()
    }

    fn literal_count(f: &str, what: &str) -> usize {
        f.lines().filter(|line| line.contains(what)).count()
    }

    /// A function that stores under the last of some lines.
    fn text(lines: &[&str]) -> String {
        let last = lines.len() - 1;
        let body: Vec<String> = lines.iter().enumerate().map(|(i, l)| format!("  v{i}:{l}\n")).collect();
        format!(
            "function f kind xdp {{\n{}  v{}:8 = const 0x5\n  v{}:3 = const 0x2\n  action v{}\n  edit 3 when v{last} = v{}\n}}\n",
            body.concat(),
            last + 1,
            last + 2,
            last + 2,
            last + 1
        )
    }

    #[test]
    fn bounds_checks_that_others_imply_vanish() {
        let f = after(&text(&[
            "16 = length",
            "16 = const 0xe",
            "16 = const 0x22",
            "1 = ult v0, v1",
            "1 = ult v0, v2",
            "1 = not v3",
            "1 = not v4",
            "1 = and v5, v6",
        ]));
        assert_eq!(literal_count(&f, "ult"), 1, "{f}");
        assert!(!f.contains("0xe"), "{f}");
    }

    #[test]
    fn one_condition_built_in_two_orders_is_one() {
        let function = ProgramKind::Xdp;
        let mut b = Builder::new(Function::new("f", function));
        let bits: Vec<Value> = (0..4).map(|i| b.op(Op::Packet { offset: i }, 8)).collect();
        let bits: Vec<Value> = bits.into_iter().map(|byte| b.extract(byte, 0, 1)).collect();
        let mut logic = Logic { b, sets: Conjunctions::default() };
        let not: Vec<Value> = bits.iter().map(|&v| logic.b.not(v)).collect();
        let (p, q) = (logic.and(bits[0], bits[1]), logic.and(bits[2], not[3]));
        let (r, s) = (logic.and(not[3], bits[0]), logic.and(bits[1], bits[2]));
        let (x, y) = (logic.and(p, q), logic.and(s, r));
        assert_eq!(x, y);
        // De Morgan's form too.
        let (t, u) = (logic.or(not[0], bits[3]), logic.or(not[2], not[1]));
        let z = logic.or(u, t);
        assert_eq!(logic.b.not(z), x);
        // (x | y) & !x is y & !x, and x & c | x & !c is x.
        let either = logic.or(p, bits[2]);
        let not_third = logic.b.not(bits[2]);
        let kept = logic.and(either, not_third);
        assert_eq!(kept, logic.and(p, not_third));
        let (with, without) = (logic.and(p, bits[3]), logic.and(p, not[3]));
        assert_eq!(logic.or(with, without), p);
    }

    #[test]
    fn equal_results_of_a_chain_are_one_choice() {
        let f = after(
            "function f kind xdp {\n  v0:8 = packet 0\n  v1:1 = extract v0[0..1]\n  v2:1 = extract v0[1..2]\n  v3:1 = extract v0[2..3]\n  \
             v4:3 = const 0x1\n  v5:3 = extract v0[3..6]\n  v6:3 = select v1, v4, v5\n  v7:3 = select v2, v4, v6\n  v8:3 = select v3, v4, v7\n  \
             action v8\n}\n",
        );
        assert_eq!(literal_count(&f, "select"), 1, "{f}");
    }

    #[test]
    fn a_choice_decides_those_inside_it() {
        let f = after(
            "function f kind xdp {\n  v0:8 = packet 0\n  v1:8 = const 0x7\n  v2:8 = const 0x9\n  v3:1 = eq v0, v1\n  v4:1 = eq v0, v2\n  \
             v5:8 = packet 1\n  v6:8 = packet 2\n  v7:8 = packet 3\n  v8:8 = select v4, v5, v6\n  v9:8 = select v3, v8, v7\n  v10:1 = const 0x1\n  \
             v11:3 = const 0x2\n  action v11\n  edit 5 when v10 = v9\n}\n",
        );
        assert_eq!(literal_count(&f, "select"), 1, "{f}");
        assert!(!f.contains("0x9") && !f.contains("packet 1"), "{f}");
    }
}
