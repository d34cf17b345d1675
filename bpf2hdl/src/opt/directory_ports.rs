// SPDX-License-Identifier: Apache-2.0
//! Steps on one directory that exclude each other share one.
//!
//! Where a program looks one key up for IPv4 and another one for IPv6, no packet does both. The later step moves to the
//! place of the earlier one, and its condition chooses between the keys: one port of the hardware serves both, and the values
//! that they lead to have one slot.
//!
//! Cost: pairs of directory operations, times the length of their keys' and conditions' expressions.

use super::Goal;
use super::directory::{Step, may_pass, steps};
use super::hoist::{Assumption, Hoist};
use super::rebuild;
use crate::ir::{Builder, Function, Value};

const NOTHING: Assumption<'static> = Assumption { results: &[], found: false, known: None };

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let shares = plan(&old);
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (value, def) in old.iter() {
        b.at(def.insn);
        let new = if let Some(share) = shares.iter().find(|share| share[0].result == value) {
            build(&old, &mut b, &names, share)
        } else if let Some(share) = shares.iter().find(|share| share.iter().any(|step| step.result == value)) {
            names[share[0].result.index()]
        } else {
            b.op(def.op.map_operands(|v| names[v.index()]), def.width)
        };
        names.push(new);
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

/// Steps that become one, the first being where it stands.
fn plan(f: &Function) -> Vec<Vec<Step>> {
    let all = steps(f);
    let mut shares: Vec<Vec<Step>> = Vec::new();
    for (i, step) in all.iter().enumerate() {
        let share = shares.iter_mut().find(|share| may_share(f, share, step, &all[..i]));
        match share {
            Some(share) => share.push(step.clone()),
            None => shares.push(vec![step.clone()]),
        }
    }
    shares
}

fn may_share(f: &Function, share: &[Step], step: &Step, before: &[Step]) -> bool {
    let first = &share[0];
    if first.map != step.map || !share.iter().all(|other| other.excludes(f, step)) {
        return false;
    }
    let widths = |step: &Step| step.key.iter().map(|&part| f.width(part)).collect::<Vec<_>>();
    let mut between = before.iter().filter(|other| other.result > first.result);
    if widths(first) != widths(step) || !between.all(|other| may_pass(f, step, other)) {
        return false;
    }
    let mut hoist = Hoist::new(f, first.result, NOTHING);
    step.key.iter().chain([&step.when, &step.insert, &step.remove]).all(|&v| hoist.is_possible(v))
}

fn build(f: &Function, b: &mut Builder, names: &[Value], share: &[Step]) -> Value {
    let first = &share[0];
    let name = |v: Value| names[v.index()];
    let mut key: Vec<Value> = first.key.iter().map(|&part| name(part)).collect();
    let (mut when, mut insert, mut remove) = (name(first.when), name(first.insert), name(first.remove));
    let mut hoist = Hoist::new(f, first.result, NOTHING);
    for step in &share[1..] {
        let taken = hoist.build(b, names, step.when);
        for (part, &other) in key.iter_mut().zip(&step.key) {
            let other = hoist.build(b, names, other);
            *part = b.select(taken, other, *part);
        }
        let (inserts, removes) = (hoist.build(b, names, step.insert), hoist.build(b, names, step.remove));
        insert = b.select(taken, inserts, insert);
        remove = b.select(taken, removes, remove);
        when = b.or(when, taken);
    }
    b.directory(first.map, key, when, insert, remove)
}
