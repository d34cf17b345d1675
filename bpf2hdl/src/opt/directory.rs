// SPDX-License-Identifier: Apache-2.0
//! One step on a hash map's directory per key and packet.
//!
//! Programs look a key up, insert it where it was absent, look it up again, delete it where it was present:
//!
//! ```text
//! a = directory map0 [k] when w                         insert 0    remove 0
//! b = directory map0 [k] when w & !a.found & new        insert 1    remove 0
//! c = directory map0 [k] when w & a.found & fin         insert 0    remove 1
//! ```
//!
//! Hardware does all of that in one indivisible step, if it knows at the look-up what will be wanted: `insert` where the key is
//! absent, `remove` where it is present.
//!
//! ```text
//! a = directory map0 [k] when w insert w & new remove w & fin
//! ```
//!
//! The conditions are found by assuming the outcome of the look-up (`hoist`). The results of the later operations follow
//! from that of the first: the slot is the same, and a key is there if it was there or has been inserted, and not removed.
//! Then no packet ever waits for another one, also when all have the same key.
//!
//! A later operation joins an earlier one with the same key if no other operation in between can see or disturb the
//! difference, and if at most one of those that change the directory takes place. What does not join stays as it is: the
//! pipeline orders it by a section. In LRU maps the uses of one key by one packet become one use.
//!
//! Cost: pairs of directory operations, times the length of the conditions.

use super::Goal;
use super::exclusive::{are_exclusive, implies};
use super::hoist::{Assumption, Hoist};
use super::rebuild;
use crate::ir::{Builder, FoundBits, Function, MapId, Op, Value};

/// A directory operation of the old function.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) result: Value,
    pub(super) map: MapId,
    pub(super) key: Vec<Value>,
    pub(super) when: Value,
    pub(super) insert: Value,
    pub(super) remove: Value,
}

/// Steps that become one.
struct Group {
    /// In the order of the list; the first one is where the new step stands.
    members: Vec<Step>,
    /// Results whose `found` is that of the first member.
    same_found: Vec<Value>,
}

/// The directory operations of a function.
pub(super) fn steps(f: &Function) -> Vec<Step> {
    let step = |(result, def): (Value, &crate::ir::Def)| match &def.op {
        Op::Directory { map, key, when, insert, remove } => {
            Some(Step { result, map: *map, key: key.clone(), when: *when, insert: *insert, remove: *remove })
        }
        _ => None,
    };
    f.iter().filter_map(step).collect()
}

impl Step {
    /// Whether it may insert or remove a key.
    pub(super) fn changes(&self, f: &Function) -> bool {
        f.as_const(self.insert) != Some(0) || f.as_const(self.remove) != Some(0)
    }
}

/// Whether two steps on one map may be exchanged: not both take place, or both only look.
pub(super) fn may_pass(f: &Function, x: &Step, y: &Step) -> bool {
    x.map != y.map || !x.changes(f) && !y.changes(f) || are_exclusive(f, x.when, y.when)
}

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let groups = plan(&old);
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    let mut leaders: Vec<Option<FoundBits>> = vec![None; groups.len()];
    for (value, def) in old.iter() {
        b.at(def.insn);
        let place = groups.iter().enumerate().find_map(|(i, group)| {
            group.members.iter().position(|member| member.result == value).map(|position| (i, position))
        });
        let new = match place {
            Some((group, 0)) => {
                let result = groups[group].lead(&old, &mut b, &names);
                leaders[group] = Some(b.found(result));
                result
            }
            Some((group, position)) => match leaders[group] {
                Some(leader) => groups[group].follow(&old, &mut b, &names, position, leader),
                None => b.constant(0, def.width),
            },
            None => b.op(def.op.map_operands(|v| names[v.index()]), def.width),
        };
        names.push(new);
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

/// Which steps become one.
fn plan(f: &Function) -> Vec<Group> {
    let all = steps(f);
    let mut groups: Vec<Group> = Vec::new();
    for (i, step) in all.iter().enumerate() {
        let candidate = groups.iter().rposition(|g| g.members[0].map == step.map && g.members[0].key == step.key);
        match candidate {
            Some(group) if groups[group].admits(f, step, &all[..i]) => groups[group].join(f, step.clone()),
            _ => groups.push(Group { members: vec![step.clone()], same_found: vec![step.result] }),
        }
    }
    groups
}

impl Group {
    /// Whether a step may join; `before` are all steps ahead of it.
    fn admits(&self, f: &Function, step: &Step, before: &[Step]) -> bool {
        let leader = &self.members[0];
        let is_member = |other: &Step| self.members.iter().any(|m| m.result == other.result);
        let between = before.iter().filter(|other| other.result > leader.result && !is_member(other));
        if !between.into_iter().all(|other| may_pass(f, step, other)) {
            return false;
        }
        if !implies(f, step.when, leader.when) && !self.early(f, None).is_possible(step.when) {
            return false;
        }
        if !step.changes(f) {
            return true;
        }
        let earlier = self.members.iter().filter(|member| member.changes(f));
        if !earlier.into_iter().all(|member| are_exclusive(f, step.when, member.when)) {
            return false;
        }
        let possible = |found: bool, wanted: Value| {
            let mut hoist = self.early(f, Some(found));
            f.as_const(wanted) == Some(0) || hoist.is_possible(step.when) && hoist.is_possible(wanted)
        };
        possible(false, step.insert) && possible(true, step.remove)
    }

    fn join(&mut self, f: &Function, step: Step) {
        if !self.members.iter().any(|member| member.changes(f)) {
            self.same_found.push(step.result);
        }
        self.members.push(step);
    }

    /// Values at the leader's place, with or without assuming what it finds.
    fn early<'a>(&'a self, f: &'a Function, found: Option<bool>) -> Hoist<'a> {
        let results: &[Value] = if found.is_some() { &self.same_found } else { &[] };
        Hoist::new(f, self.members[0].result, Assumption { results, found: found.unwrap_or(false) })
    }

    /// The step that does the work of all.
    fn lead(&self, f: &Function, b: &mut Builder, names: &[Value]) -> Value {
        let leader = &self.members[0];
        let key = leader.key.iter().map(|part| names[part.index()]).collect();
        let name = |v: Value| names[v.index()];
        let (mut when, mut insert, mut remove) = (name(leader.when), name(leader.insert), name(leader.remove));
        if self.members.len() > 1 {
            insert = b.and(when, insert);
            remove = b.and(when, remove);
        }
        for member in &self.members[1..] {
            if !implies(f, member.when, leader.when) {
                let also = self.early(f, None).build(b, names, member.when);
                when = b.or(when, also);
            }
            for (total, wanted, found) in [(&mut insert, member.insert, false), (&mut remove, member.remove, true)] {
                if f.as_const(wanted) != Some(0) {
                    let mut hoist = self.early(f, Some(found));
                    let (taken, kind) = (hoist.build(b, names, member.when), hoist.build(b, names, wanted));
                    let both = b.and(taken, kind);
                    *total = b.or(*total, both);
                }
            }
        }
        b.directory(leader.map, key, when, insert, remove)
    }

    /// The result of a later member.
    fn follow(&self, f: &Function, b: &mut Builder, names: &[Value], position: usize, leader: FoundBits) -> Value {
        let mut found = leader.found;
        let fits = b.not(leader.refused);
        for member in &self.members[..position] {
            let when = names[member.when.index()];
            if f.as_const(member.insert) != Some(0) {
                let wanted = b.and(when, names[member.insert.index()]);
                let inserted = b.and(wanted, fits);
                found = b.or(found, inserted);
            }
            if f.as_const(member.remove) != Some(0) {
                let removed = b.and(when, names[member.remove.index()]);
                let kept = b.not(removed);
                found = b.and(found, kept);
            }
        }
        let inserts = names[self.members[position].insert.index()];
        let refused = b.and(leader.refused, inserts);
        b.concat(vec![found, refused, leader.slot])
    }
}
