// SPDX-License-Identifier: Apache-2.0
//! Trees instead of chains, shaped by when their inputs are there.
//!
//! A program adds up a checksum or tests one condition after the other; hardware need not. Operations of one kind whose
//! result only the next of them uses are taken together:
//!
//! * sums, exclusive ors, conjunctions and disjunctions: the two inputs that are there first are joined first (Huffman's
//!   algorithm on arrival times). Sums that were narrowed and extended by zeros in between count as one, so long as none of
//!   them wraps; each new sum is as wide as its greatest value;
//! * a chain of choices `c1 ? a1 : c2 ? a2 : ... z`: two neighbours `(c, a)`, `(d, b)` are one link `(c | d, c ? a : b)`, so
//!   that any neighbours may be joined first (`chain`);
//! * a chain of choices that compares one value with nearly all constants is a lookup by that value's bits (`chain`).
//!
//! Arrival times come from the target's delays ([`arrival`]). Cost: near-linear.

mod arrival;
mod chain;

use super::{Goal, rebuild};
use crate::ir::{Binary, Builder, Function, Op, Value};
pub(super) use arrival::Arrivals;

/// Inputs of one tree.
const MAX_INPUTS: usize = 256;

/// Runs the pass.
pub(super) fn run(old: Function, goal: &Goal) -> Function {
    let plan = Plan::new(&old);
    let mut w = Balancer {
        b: rebuild::start(&old),
        arrivals: Arrivals::new(goal),
        names: vec![None; old.defs.len()],
        old: &old,
        plan,
        goal,
    };
    for (value, def) in old.iter() {
        if !w.plan.inner[value.index()] {
            w.b.at(def.insn);
            let new = w.operation(value);
            w.names[value.index()] = Some(new);
        }
    }
    let names = w.names;
    rebuild::finish(w.b, &old, |_, v| names[v.index()].unwrap_or(v))
}

/// Which operations dissolve into the tree of their only user.
struct Plan {
    inner: Vec<bool>,
}

impl Plan {
    fn new(f: &Function) -> Self {
        let mut users = vec![0u32; f.defs.len()];
        for (_, def) in f.iter() {
            def.op.for_each_operand(|v| users[v.index()] += 1);
        }
        f.outputs().for_each(|v| users[v.index()] += 1);
        let mut inner = vec![false; f.defs.len()];
        for (_, def) in f.iter() {
            match &def.op {
                Op::Binary(kind, x, y) if is_associative(*kind) => {
                    for operand in [*x, *y] {
                        let below = widened(f, operand);
                        let same = matches!(f.def(below).op, Op::Binary(k, ..) if k == *kind);
                        let is_extended = below != operand;
                        let is_sum = *kind == Binary::Add && never_wraps(f, below);
                        if same && users[operand.index()] == 1 && users[below.index()] == 1 && (!is_extended || is_sum)
                        {
                            inner[operand.index()] = true;
                            inner[below.index()] = true;
                        }
                    }
                }
                Op::Select { other, .. } if matches!(f.def(*other).op, Op::Select { .. }) => {
                    inner[other.index()] |= users[other.index()] == 1;
                }
                _ => {}
            }
        }
        Plan { inner }
    }
}

fn is_associative(kind: Binary) -> bool {
    matches!(kind, Binary::Add | Binary::And | Binary::Or | Binary::Xor)
}

/// What a value is before it was extended by zeros.
fn widened(f: &Function, v: Value) -> Value {
    match &f.def(v).op {
        Op::Concat(parts) => match parts[..] {
            [low, high] if f.as_const(high) == Some(0) => low,
            _ => v,
        },
        _ => v,
    }
}

/// Whether a sum keeps its carry, by the widths of what it adds.
fn never_wraps(f: &Function, sum: Value) -> bool {
    let Op::Binary(Binary::Add, x, y) = f.def(sum).op else { return false };
    let width = f.width(sum);
    [x, y].into_iter().all(|v| match f.as_const(v) {
        Some(c) => c < 1 << (width - 1),
        None => f.width(widened(f, v)) < width,
    })
}

struct Balancer<'a> {
    b: Builder,
    arrivals: Arrivals,
    names: Vec<Option<Value>>,
    old: &'a Function,
    plan: Plan,
    goal: &'a Goal,
}

impl Balancer<'_> {
    fn name(&self, v: Value) -> Value {
        self.names[v.index()].unwrap_or(v)
    }

    fn operation(&mut self, value: Value) -> Value {
        let def = self.old.def(value);
        match def.op {
            Op::Binary(kind, ..) if is_associative(kind) => {
                let inputs = self.inputs(kind, value);
                self.tree(kind, def.width, inputs)
            }
            Op::Select { .. } => chain::build(self, value),
            ref op => {
                let op = op.map_operands(|v| self.name(v));
                self.b.op(op, def.width)
            }
        }
    }

    /// What a tree takes, in order.
    fn inputs(&self, kind: Binary, root: Value) -> Vec<Value> {
        let mut found = Vec::new();
        let mut work = vec![root];
        while let Some(next) = work.pop() {
            let below = widened(self.old, next);
            let inner = [below, next].into_iter().find(|&v| v == root || self.plan.inner[v.index()]);
            match inner.map(|v| &self.old.def(v).op) {
                Some(&Op::Binary(k, x, y)) if k == kind => work.extend([y, x]),
                _ => found.push(self.name(next)),
            }
        }
        found
    }

    fn tree(&mut self, kind: Binary, width: u8, inputs: Vec<Value>) -> Value {
        let mut terms: Vec<(u64, Value)> = inputs.into_iter().map(|v| (self.arrivals.of(&self.b, v), v)).collect();
        if terms.len() > MAX_INPUTS {
            let rest = terms.split_off(MAX_INPUTS).into_iter().map(|(_, v)| v).collect();
            let first = self.tree(kind, width, terms.into_iter().map(|(_, v)| v).collect());
            let rest = self.tree(kind, width, rest);
            return self.join(kind, width, first, rest);
        }
        while terms.len() > 1 {
            // The two earliest; among equals the first in the program.
            let first = earliest(&terms);
            let (_, x) = terms.remove(first);
            let second = earliest(&terms);
            let (_, y) = terms.remove(second);
            let joined =
                if terms.is_empty() { self.join(kind, width, x, y) } else { self.join_inner(kind, width, x, y) };
            let at = first.min(second).min(terms.len());
            terms.insert(at, (self.arrivals.of(&self.b, joined), joined));
        }
        self.b.resize(terms[0].1, width)
    }

    fn join(&mut self, kind: Binary, width: u8, x: Value, y: Value) -> Value {
        let (x, y) = (self.b.resize(x, width), self.b.resize(y, width));
        self.b.binary(kind, x, y)
    }

    /// As `join`; a sum only as wide as its greatest value.
    fn join_inner(&mut self, kind: Binary, width: u8, x: Value, y: Value) -> Value {
        if kind != Binary::Add {
            return self.join(kind, width, x, y);
        }
        let most = self.b.set(x).hi().checked_add(self.b.set(y).hi());
        let narrow = most.map_or(64, |most| 64 - most.leading_zeros() as u8).max(1);
        self.join(kind, width.min(narrow), x, y)
    }
}

fn earliest(terms: &[(u64, Value)]) -> usize {
    (0..terms.len()).min_by_key(|&i| (terms[i].0, i)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
