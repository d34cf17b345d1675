// SPDX-License-Identifier: Apache-2.0
//! Computing a value at an earlier place of the list, under an assumption.
//!
//! A condition that a program tests late is often known early: whether a key would be inserted depends on packet bytes
//! alone, and on the key's being absent. Given a place in the list and, perhaps, the outcome of the look-up there, a value
//! is computed anew from what stands before that place. It is *blocked* if it needs more: another field of the look-up's result,
//! or a map that is changed in between.

use std::collections::BTreeMap;

use super::satisfy::{Evaluation, Known};
use crate::ir::{Binary, Builder, Found, Function, MapId, Op, Value};

/// Longest chain of operations that is followed.
const MAX_DEPTH: u32 = 400;

/// The outcome of a look-up that is taken for granted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assumption<'a> {
    /// Results of directory operations whose `found` is known.
    pub(super) results: &'a [Value],
    /// What it is.
    pub(super) found: bool,
    /// Bits that are known, if the value is wanted under conditions of its own.
    pub(super) known: Option<&'a Known>,
}

/// Values of one function as they can be computed before its operation number `at`.
pub(super) struct Hoist<'a> {
    f: &'a Function,
    at: usize,
    assumption: Assumption<'a>,
    known: BTreeMap<Value, Early>,
    /// What has been computed there: a value that many others use is copied once.
    built: BTreeMap<Value, Value>,
    /// What follows from the bits that are known.
    facts: Option<Evaluation<'a>>,
}

/// What a value is at the earlier place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Early {
    Blocked,
    Possible,
    Constant(u64),
}

impl<'a> Hoist<'a> {
    pub(super) fn new(f: &'a Function, at: Value, assumption: Assumption<'a>) -> Self {
        let facts = assumption.known.map(|known| Evaluation::new(f, known));
        Hoist { f, at: at.index(), assumption, known: BTreeMap::new(), built: BTreeMap::new(), facts }
    }

    /// Whether a value can be computed there.
    pub(super) fn is_possible(&mut self, v: Value) -> bool {
        self.look(v, MAX_DEPTH) != Early::Blocked
    }

    /// Computes it, always with the same builder. `names` are the new names of all that stands before the place. Of a
    /// blocked value: zero.
    pub(super) fn build(&mut self, b: &mut Builder, names: &[Value], v: Value) -> Value {
        if v.index() < self.at {
            return names[v.index()];
        }
        if let Some(&built) = self.built.get(&v) {
            return built;
        }
        let built = self.build_new(b, names, v);
        self.built.insert(v, built);
        built
    }

    fn build_new(&mut self, b: &mut Builder, names: &[Value], v: Value) -> Value {
        let def = self.f.def(v);
        match self.look(v, MAX_DEPTH) {
            Early::Constant(c) => b.constant(c, def.width),
            Early::Blocked => b.constant(0, def.width),
            Early::Possible => match def.op {
                Op::Select { condition, then, other } => match self.look(condition, MAX_DEPTH) {
                    Early::Constant(c) => self.build(b, names, if c == 1 { then } else { other }),
                    _ => self.copy(b, names, v),
                },
                _ => self.copy(b, names, v),
            },
        }
    }

    fn copy(&mut self, b: &mut Builder, names: &[Value], v: Value) -> Value {
        let def = self.f.def(v);
        let op = def.op.map_operands(|operand| self.build(b, names, operand));
        b.op(op, def.width)
    }

    fn look(&mut self, v: Value, depth: u32) -> Early {
        if let Some(c) = self.f.as_const(v) {
            return Early::Constant(c);
        }
        if let Some(fact) = self.facts.as_mut().and_then(|facts| facts.of(v)) {
            return Early::Constant(fact.into());
        }
        if v.index() < self.at {
            return Early::Possible;
        }
        if depth == 0 {
            return Early::Blocked;
        }
        if let Some(&known) = self.known.get(&v) {
            return known;
        }
        let found = self.judge(v, depth - 1);
        self.known.insert(v, found);
        found
    }

    fn judge(&mut self, v: Value, depth: u32) -> Early {
        let f = self.f;
        match &f.def(v).op {
            Op::Extract { from, lo: Found::FOUND } if self.assumption.results.contains(from) && f.width(v) == 1 => {
                Early::Constant(self.assumption.found.into())
            }
            op if f.has_effect(op) => Early::Blocked,
            Op::MapLoad { map, .. } | Op::Directory { map, .. } if self.is_changed(*map, v) => Early::Blocked,
            Op::Not(x) if f.width(v) == 1 => match self.look(*x, depth) {
                Early::Constant(c) => Early::Constant(c ^ 1),
                other => other,
            },
            Op::Binary(kind @ (Binary::And | Binary::Or), x, y) if f.width(v) == 1 => {
                let decisive = Early::Constant(u64::from(*kind == Binary::Or));
                match (self.look(*x, depth), self.look(*y, depth)) {
                    (left, right) if left == decisive || right == decisive => decisive,
                    (Early::Constant(_), Early::Constant(c)) => Early::Constant(c),
                    (Early::Blocked, _) | (_, Early::Blocked) => Early::Blocked,
                    _ => Early::Possible,
                }
            }
            Op::Select { condition, then, other } => match self.look(*condition, depth) {
                Early::Constant(c) => self.look(if c == 1 { *then } else { *other }, depth),
                Early::Blocked => Early::Blocked,
                Early::Possible => self.all(&[*then, *other], depth),
            },
            op => {
                let mut operands = Vec::new();
                op.for_each_operand(|operand| operands.push(operand));
                self.all(&operands, depth)
            }
        }
    }

    fn all(&mut self, operands: &[Value], depth: u32) -> Early {
        let blocked = operands.iter().any(|&operand| self.look(operand, depth) == Early::Blocked);
        if blocked { Early::Blocked } else { Early::Possible }
    }

    /// Whether a map may change between the place and `v`.
    fn is_changed(&self, map: MapId, v: Value) -> bool {
        self.f.defs[self.at..v.index()].iter().any(|def| match def.op {
            Op::MapStore { map: m, .. } | Op::Directory { map: m, .. } => m == map && self.f.has_effect(&def.op),
            _ => false,
        })
    }
}
