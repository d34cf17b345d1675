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
//! *Copies.* Compilers copy a look-up into several paths, which meet before the update. The update's key is then a choice, and
//! equals that of each look-up where that one took place (`same_keys`). The update joins all of them, each for its part.
//!
//! Cost: pairs of directory operations, times the length of their conditions.

use super::Goal;
use super::hoist::{Assumption, Hoist};
use super::rebuild;
use super::same_keys::SameKeys;
use super::satisfy::{Known, can_hold, known};
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

/// A step that has joined a group.
struct Member {
    step: Step,
    /// It takes place only where the first one does, or only that part of it belongs to the group; else the group takes
    /// place wherever the step does, too.
    is_inside: bool,
}

/// Steps that become one.
struct Group {
    /// The first one, at whose place the new step stands.
    leader: Step,
    /// What is known where the leader takes place.
    known: Known,
    /// The others, in the order of the list.
    members: Vec<Member>,
    /// Results whose `found` is that of the leader.
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

    /// Never takes place together with another one.
    pub(super) fn excludes(&self, f: &Function, other: &Step) -> bool {
        !can_hold(f, &[(self.when, true), (other.when, true)])
    }
}

/// Whether two steps on one map may be exchanged: not both take place, or both only look.
pub(super) fn may_pass(f: &Function, x: &Step, y: &Step) -> bool {
    x.map != y.map || !x.changes(f) && !y.changes(f) || x.excludes(f, y)
}

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let groups = plan(&old);
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    let mut leaders: Vec<Option<FoundBits>> = vec![None; groups.len()];
    for (value, def) in old.iter() {
        b.at(def.insn);
        let leads = groups.iter().position(|group| group.leader.result == value);
        let new = if let Some(group) = leads {
            let result = groups[group].lead(&old, &mut b, &names);
            leaders[group] = Some(b.found(result));
            result
        } else {
            follow_all(&old, &mut b, &names, &groups, &leaders, value)
                .unwrap_or_else(|| b.op(def.op.map_operands(|v| names[v.index()]), def.width))
        };
        names.push(new);
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

/// The result of a step from the groups that it has joined, if it has.
fn follow_all(
    f: &Function,
    b: &mut Builder,
    names: &[Value],
    groups: &[Group],
    leaders: &[Option<FoundBits>],
    result: Value,
) -> Option<Value> {
    let mut joined = None;
    for (group, leader) in groups.iter().zip(leaders) {
        let Some(position) = group.members.iter().position(|m| m.step.result == result) else { continue };
        let here = group.follow(f, b, names, position, (*leader)?);
        joined = Some(match joined {
            None => here,
            Some(other) => b.select(names[group.leader.when.index()], here, other),
        });
    }
    joined
}

/// Which steps become one.
fn plan(f: &Function) -> Vec<Group> {
    let all = steps(f);
    let mut groups: Vec<Group> = Vec::new();
    if all.is_empty() {
        return groups;
    }
    let mut same_keys = SameKeys::new(f);
    for (i, step) in all.iter().enumerate() {
        let hosts = hosts(f, &mut same_keys, &groups, step);
        let admitted = match hosts[..] {
            [] => false,
            [only] => groups[only].admits(f, step, &all[..i]),
            _ => hosts.iter().all(|&host| groups[host].admits_part(f, step, &all[..i])),
        };
        if !admitted {
            groups.push(Group::new(f, step.clone()));
            continue;
        }
        let is_copy = hosts.len() > 1;
        for &host in &hosts {
            groups[host].join(f, step.clone(), is_copy);
        }
    }
    groups
}

/// The groups with the step's key that may take place when the step does: one; or several that exclude each other, one of which always does.
fn hosts(f: &Function, same_keys: &mut SameKeys<'_>, groups: &[Group], step: &Step) -> Vec<usize> {
    let is_host = |group: &Group, same_keys: &mut SameKeys<'_>| {
        let leader = &group.leader;
        leader.map == step.map
            && (leader.key == step.key
                || !leader.excludes(f, step) && same_keys.hold(&leader.key, &step.key, &[leader.when, step.when]))
    };
    let hosts: Vec<usize> = (0..groups.len()).filter(|&group| is_host(&groups[group], same_keys)).collect();
    let equal = |&group: &usize| groups[group].leader.key == step.key;
    let active: Vec<usize> = hosts.iter().copied().filter(|&group| !groups[group].leader.excludes(f, step)).collect();
    if active.len() <= 1 {
        // A step on another path may still share the look-up of the same key.
        return active.first().copied().or_else(|| hosts.iter().rev().copied().find(equal)).into_iter().collect();
    }
    let never = active.iter().map(|&group| (groups[group].leader.when, false));
    let is_covered = !can_hold(f, &std::iter::once((step.when, true)).chain(never).collect::<Vec<_>>());
    let pairs = active.iter().flat_map(|&x| active.iter().map(move |&y| (x, y))).filter(|(x, y)| x < y);
    let mut pairs = pairs.map(|(x, y)| groups[x].leader.excludes(f, &groups[y].leader));
    if is_covered && pairs.all(|exclusive| exclusive) {
        return active;
    }
    active.iter().rev().copied().find(equal).into_iter().collect()
}

impl Group {
    fn new(f: &Function, leader: Step) -> Self {
        let same_found = vec![leader.result];
        Group { known: known(f, &[leader.when]), leader, members: Vec::new(), same_found }
    }

    /// Whether a step may join, with its whole condition; `before` are all steps ahead of it.
    fn admits(&self, f: &Function, step: &Step, before: &[Step]) -> bool {
        if self.is_around(f, step) {
            return self.admits_part(f, step, before);
        }
        let possible = |wanted: Value, found: bool| {
            let mut hoist = self.early(f, Some(found), false);
            f.as_const(wanted) == Some(0) || hoist.is_possible(step.when) && hoist.is_possible(wanted)
        };
        self.leader.key == step.key
            && self.is_undisturbed(f, step, before, false)
            && self.early(f, None, false).is_possible(step.when)
            && possible(step.insert, false)
            && possible(step.remove, true)
    }

    /// Whether the part of a step that takes place together with the leader may join.
    fn admits_part(&self, f: &Function, step: &Step, before: &[Step]) -> bool {
        let possible = |wanted: Value, found: bool| {
            let mut hoist = self.early(f, Some(found), true);
            f.as_const(wanted) == Some(0) || hoist.is_possible(step.when) && hoist.is_possible(wanted)
        };
        self.is_undisturbed(f, step, before, true) && possible(step.insert, false) && possible(step.remove, true)
    }

    /// The step takes place only where the leader does.
    fn is_around(&self, f: &Function, step: &Step) -> bool {
        !can_hold(f, &[(step.when, true), (self.leader.when, false)])
    }

    /// No other step between the leader and this one sees or disturbs the difference, and no member changes the directory in the
    /// same packet, if the step does. `is_part`: only that part of the step matters that takes place together with the leader.
    fn is_undisturbed(&self, f: &Function, step: &Step, before: &[Step], is_part: bool) -> bool {
        let is_member = |other: &Step| self.members.iter().any(|m| m.step.result == other.result);
        let mut between = before.iter().filter(|other| other.result > self.leader.result && !is_member(other));
        let changing = |other: &Step| other.changes(f);
        let members = std::iter::once(&self.leader).chain(self.members.iter().map(|m| &m.step));
        let inside = (self.leader.when, is_part);
        let excludes = |other: &Step| {
            let both = [(step.when, true), (other.when, true), inside];
            !can_hold(f, &both[..if is_part { 3 } else { 2 }])
        };
        between.all(|other| other.map != step.map || !step.changes(f) && !other.changes(f) || excludes(other))
            && (!step.changes(f) || members.filter(|m| changing(m)).all(excludes))
    }

    fn join(&mut self, f: &Function, step: Step, is_copy: bool) {
        let is_inside = is_copy || self.is_around(f, &step);
        let is_changed = self.leader.changes(f) || self.members.iter().any(|member| member.step.changes(f));
        if !is_changed && !is_copy {
            self.same_found.push(step.result);
        }
        self.members.push(Member { step, is_inside });
    }

    /// Values at the leader's place, with or without assuming what it finds, and that it takes place.
    fn early<'a>(&'a self, f: &'a Function, found: Option<bool>, is_inside: bool) -> Hoist<'a> {
        let results: &[Value] = if found.is_some() { &self.same_found } else { &[] };
        let known = is_inside.then_some(&self.known);
        Hoist::new(f, self.leader.result, Assumption { results, found: found.unwrap_or(false), known })
    }

    /// The step that does the work of all.
    fn lead(&self, f: &Function, b: &mut Builder, names: &[Value]) -> Value {
        let leader = &self.leader;
        let key = leader.key.iter().map(|part| names[part.index()]).collect();
        let name = |v: Value| names[v.index()];
        let (own, mut insert, mut remove) = (name(leader.when), name(leader.insert), name(leader.remove));
        let mut when = own;
        if !self.members.is_empty() {
            insert = b.and(own, insert);
            remove = b.and(own, remove);
        }
        for Member { step, is_inside } in &self.members {
            if !is_inside {
                let also = self.early(f, None, false).build(b, names, step.when);
                when = b.or(when, also);
            }
            for (total, wanted, found) in [(&mut insert, step.insert, false), (&mut remove, step.remove, true)] {
                if f.as_const(wanted) == Some(0) {
                    continue;
                }
                let mut hoist = self.early(f, Some(found), *is_inside);
                let (taken, kind) = (hoist.build(b, names, step.when), hoist.build(b, names, wanted));
                let mut both = b.and(taken, kind);
                if *is_inside {
                    both = b.and(own, both);
                }
                *total = b.or(*total, both);
            }
        }
        b.directory(leader.map, key, when, insert, remove)
    }

    /// The result of a later member.
    fn follow(&self, f: &Function, b: &mut Builder, names: &[Value], position: usize, leader: FoundBits) -> Value {
        let mut found = leader.found;
        let fits = b.not(leader.refused);
        let earlier = std::iter::once(&self.leader).chain(self.members[..position].iter().map(|m| &m.step));
        for step in earlier {
            let when = names[step.when.index()];
            if f.as_const(step.insert) != Some(0) {
                let wanted = b.and(when, names[step.insert.index()]);
                let inserted = b.and(wanted, fits);
                found = b.or(found, inserted);
            }
            if f.as_const(step.remove) != Some(0) {
                let removed = b.and(when, names[step.remove.index()]);
                let kept = b.not(removed);
                found = b.and(found, kept);
            }
        }
        let inserts = names[self.members[position].step.insert.index()];
        let refused = b.and(leader.refused, inserts);
        b.concat(vec![found, refused, leader.slot])
    }
}
