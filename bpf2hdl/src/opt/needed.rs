// SPDX-License-Identifier: Apache-2.0
//! When a value matters.
//!
//! Everything is computed for every packet, but most results are then not chosen. For each value this finds literals
//! (one-bit values, true or false) all of which hold whenever the value can be seen in an output, a store or a literal that
//! itself matters. Two values whose literals exclude each other are never wanted together, so that one piece of hardware can
//! make both: a map port, a multiplier, a load.
//!
//! Backwards: a use adds its own literals, and an operand matters where one of its uses does, so that the literals of the
//! uses are intersected. A choice adds its condition to what it chooses from. Of `x & y` only one gets the other as a
//! literal: if each relied on the other, both could be wrong at once. It is the one behind which more costly
//! operations stand.

use std::collections::BTreeSet;

use super::exclusive::literals;
use crate::ir::{Binary, Function, Op, Value};

/// Values with more literals than this keep the first ones.
const MAX_LITERALS: usize = 96;

/// A one-bit value and what it is.
pub(crate) type Literal = (Value, bool);

/// The literals of each value; `None` where nothing uses it.
pub(crate) struct Needs {
    of: Vec<Option<BTreeSet<Literal>>>,
    /// Costly operations, one behind the other, that a value depends on.
    weights: Vec<u32>,
}

impl Needs {
    /// Finds the literals of all values.
    pub(crate) fn new(f: &Function) -> Self {
        let mut needs = Needs { of: vec![None; f.defs.len()], weights: weights(f) };
        let always = BTreeSet::new();
        // In full, so that a new kind of output is not forgotten.
        let Function { name: _, kind: _, maps: _, defs: _, action, edits, redirect, events, resize } = f;
        let target = redirect.iter().flat_map(|r| [r.kind, r.number]);
        for value in action.iter().copied().chain(target).chain(resize.bases().copied()) {
            needs.used(value, &always);
        }
        for event in events {
            needs.used(event.when, &always);
            needs.used(event.keep, &with(f, &always, event.when, true));
            let kept = with(f, &with(f, &always, event.when, true), event.keep, true);
            let rest = event.data.iter().copied().chain([event.length]).chain(event.packet);
            rest.for_each(|v| needs.used(v, &kept));
        }
        for edit in edits {
            needs.used(edit.when, &always);
            needs.used(edit.data, &with(f, &always, edit.when, true));
        }
        for (value, def) in f.iter().rev() {
            needs.uses_of(f, value, &def.op);
        }
        needs
    }

    /// The literals that hold wherever a value matters; `None` if it never does.
    pub(crate) fn of(&self, value: Value) -> Option<&BTreeSet<Literal>> {
        self.of[value.index()].as_ref()
    }

    fn uses_of(&mut self, f: &Function, value: Value, op: &Op) {
        let (own, condition) = match (op, &self.of[value.index()]) {
            (Op::MapStore { when, .. }, _) => (BTreeSet::new(), Some(*when)),
            (Op::Directory { when, .. }, _) if f.has_effect(op) => (BTreeSet::new(), Some(*when)),
            (Op::Directory { when, .. }, Some(own)) => (own.clone(), Some(*when)),
            (_, Some(own)) => (own.clone(), None),
            (op, None) if f.has_effect(op) => (BTreeSet::new(), None),
            (_, None) => return,
        };
        if let Some(when) = condition {
            let done = with(f, &own, when, true);
            self.used(when, &own);
            op.for_each_operand(|v| {
                if v != when {
                    self.used(v, &done);
                }
            });
            return;
        }
        match *op {
            Op::Select { condition, then, other } => {
                self.used(condition, &own);
                self.used(then, &with(f, &own, condition, true));
                self.used(other, &with(f, &own, condition, false));
            }
            Op::Binary(kind @ (Binary::And | Binary::Or), x, y) if f.width(value) == 1 => {
                let rank = |v: Value| (self.weights[v.index()], v);
                let (early, late) = if rank(x) < rank(y) { (x, y) } else { (y, x) };
                self.used(early, &own);
                self.used(late, &with(f, &own, early, kind == Binary::And));
            }
            _ => op.for_each_operand(|v| self.used(v, &own)),
        }
    }

    fn used(&mut self, value: Value, here: &BTreeSet<Literal>) {
        let entry = &mut self.of[value.index()];
        *entry = Some(match entry.take() {
            Some(before) => before.intersection(here).copied().collect(),
            None => here.clone(),
        });
    }
}

fn weights(f: &Function) -> Vec<u32> {
    let mut weights: Vec<u32> = Vec::with_capacity(f.defs.len());
    for (_, def) in f.iter() {
        let mut most = 0;
        def.op.for_each_operand(|v| most = most.max(weights[v.index()]));
        let own = match def.op {
            Op::MapLoad { .. } | Op::PacketAt { .. } | Op::Rom { .. } => 1,
            Op::Binary(kind, ..) => u32::from(!matches!(kind, Binary::And | Binary::Or | Binary::Xor)),
            _ => 0,
        };
        weights.push(most + own);
    }
    weights
}

fn with(f: &Function, set: &BTreeSet<Literal>, condition: Value, holds: bool) -> BTreeSet<Literal> {
    let mut set = set.clone();
    for literal in literals(f, condition, holds) {
        if set.len() < MAX_LITERALS {
            set.insert(literal);
        }
    }
    set
}
