// SPDX-License-Identifier: Apache-2.0
//! Entries of a map that exclusive paths use become one entry with a chosen index.
//!
//! A program that looks up one index on one path and another index on another uses one entry per packet. Where the literals
//! under which the accesses matter (`needed`) exclude each other, both use `c ? i : j`, so that one read port, one write
//! port and one adder serve both, and the section of the map has one key.
//!
//! The accesses stay where they are in the order of the map; only their index changes. The choice may have to be computed
//! earlier than the second index was; where that is impossible, because it depends on one of the accesses, the
//! entries stay apart.
//!
//! Indices that are constants are ports without logic where the map is flip-flops, and stay so.

use std::collections::{BTreeMap, BTreeSet};

use super::exclusive::separating;
use super::needed::{Literal, Needs};
use super::{Goal, rebuild};
use crate::ir::{Builder, Function, Map, MapId, MapKind, Op, Value};

/// Entries of one map that are looked at; beyond it the program is left as it is.
const MAX_ENTRIES: usize = 64;
/// Searches for a dependence, each over all operations.
const MAX_SEARCHES: u32 = 200;
/// Maps of at most this many bits are flip-flops (as the scheduler has it).
const SMALL_MAP_BITS: u64 = 1024;

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let mut groups: Vec<Group> = Vec::new();
    let maps: Vec<MapId> = (0..old.maps.len()).map(MapId::new).filter(|&m| old.map(m).max_entries > 1).collect();
    let entries: Vec<(MapId, Vec<Value>)> = maps.into_iter().map(|m| (m, indices(&old, m))).collect();
    if entries.iter().all(|(_, indices)| indices.len() < 2 || indices.len() > MAX_ENTRIES) {
        return old;
    }
    let needs = Needs::new(&old);
    let order = MemoryOrder::new(&old);
    let mut searches = 0;
    for (map, indices) in entries.into_iter().filter(|(_, i)| (2..=MAX_ENTRIES).contains(&i.len())) {
        let first = groups.len();
        for index in indices {
            let Some(entry) = Entry::new(&old, &needs, map, index) else { continue };
            let mut joined = false;
            for group in first..groups.len() {
                if searches >= MAX_SEARCHES {
                    break;
                }
                let Some(choice) = groups[group].choice(&old, &entry) else { continue };
                searches += 1;
                groups[group].members.push(Member { entry: entry.clone(), choice });
                joined = !is_cyclic(&old, &order, &groups, group);
                if joined {
                    break;
                }
                groups[group].members.pop();
            }
            if !joined {
                groups.push(Group { map, members: vec![Member { entry, choice: Vec::new() }] });
            }
        }
    }
    groups.retain(|g| g.members.len() > 1);
    if groups.is_empty() { old } else { Rewriter::new(&old, &order, groups).run() }
}

/// Indices by which a map is accessed, in order of their first use, where sharing pays.
fn indices(f: &Function, map: MapId) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for (_, def) in f.iter() {
        if let Some((m, index)) = access(&def.op)
            && m == map
            && !found.contains(&index)
        {
            found.push(index);
        }
    }
    if is_registers(f.map(map)) {
        found.retain(|&index| f.as_const(index).is_none());
    }
    found
}

fn is_registers(map: &Map) -> bool {
    matches!(map.kind, MapKind::Globals | MapKind::Constants)
        || u64::from(map.max_entries) * u64::from(map.value_size) * 8 <= SMALL_MAP_BITS
}

fn access(op: &Op) -> Option<(MapId, Value)> {
    match op {
        Op::MapLoad { map, index, .. } | Op::MapStore { map, index, .. } => Some((*map, *index)),
        _ => None,
    }
}

/// An entry: an index, and when its accesses matter.
#[derive(Clone)]
struct Entry {
    index: Value,
    needed: BTreeSet<Literal>,
}

impl Entry {
    /// `None` if none of its accesses matters.
    fn new(f: &Function, needs: &Needs, map: MapId, index: Value) -> Option<Self> {
        let mut needed: Option<BTreeSet<Literal>> = None;
        for (value, def) in f.iter().filter(|(_, d)| access(&d.op) == Some((map, index))) {
            let here = match def.op {
                Op::MapStore { when, .. } => super::exclusive::literals(f, when, true),
                _ => match needs.of(value) {
                    Some(literals) => literals.clone(),
                    None => continue,
                },
            };
            needed = Some(match needed {
                Some(before) => before.intersection(&here).copied().collect(),
                None => here,
            });
        }
        needed.map(|needed| Entry { index, needed })
    }
}

struct Member {
    entry: Entry,
    /// Literals all of which hold where this member is meant, and one of which does not where an earlier one is.
    choice: Vec<Literal>,
}

/// Entries of one map that share.
struct Group {
    map: MapId,
    members: Vec<Member>,
}

impl Group {
    /// The literals that tell an entry from all members, if they all exclude it.
    fn choice(&self, f: &Function, entry: &Entry) -> Option<Vec<Literal>> {
        let mut choice: Vec<Literal> = Vec::new();
        for member in &self.members {
            let known = choice.iter().any(|&l| separates(f, l, &member.entry.needed));
            if !known {
                choice.push(separating(f, &entry.needed, &member.entry.needed)?);
            }
        }
        Some(choice)
    }

    fn has(&self, op: &Op) -> bool {
        access(op).is_some_and(|(map, index)| map == self.map && self.members.iter().any(|m| m.entry.index == index))
    }

    /// What the shared index is computed from.
    fn inputs(&self) -> impl Iterator<Item = Value> + '_ {
        self.members.iter().flat_map(|m| m.choice.iter().map(|&(v, _)| v).chain([m.entry.index]))
    }
}

fn separates(f: &Function, literal: Literal, other: &BTreeSet<Literal>) -> bool {
    separating(f, &BTreeSet::from([literal]), other).is_some()
}

/// For each operation, those that must come before it besides its operands.
struct MemoryOrder {
    before: Vec<Vec<Value>>,
}

impl MemoryOrder {
    fn new(f: &Function) -> Self {
        let mut before = vec![Vec::new(); f.defs.len()];
        // By map: the last store, and the loads since.
        let mut last: BTreeMap<MapId, (Option<Value>, Vec<Value>)> = BTreeMap::new();
        let mut barrier: Option<Value> = None;
        for (value, def) in f.iter() {
            let list = &mut before[value.index()];
            match &def.op {
                Op::MapLoad { map, .. } => {
                    let (store, loads) = last.entry(*map).or_default();
                    list.extend(store.iter().chain(&barrier));
                    loads.push(value);
                }
                Op::MapStore { map, .. } => {
                    let (store, loads) = last.entry(*map).or_default();
                    list.extend(loads.drain(..).chain(*store).chain(barrier));
                    *store = Some(value);
                }
                Op::Directory { map, .. } => {
                    // A look-up is ordered like a load, a step that changes the directory like a store.
                    let (store, loads) = last.entry(*map).or_default();
                    if f.has_effect(&def.op) {
                        list.extend(loads.drain(..).chain(*store).chain(barrier));
                        *store = Some(value);
                    } else {
                        list.extend(store.iter().chain(&barrier));
                        loads.push(value);
                    }
                }
                op if is_pure(op) => {}
                _ => {
                    list.extend(last.values().flat_map(|(store, loads)| loads.iter().chain(store)).chain(&barrier));
                    barrier = Some(value);
                }
            }
        }
        MemoryOrder { before }
    }
}

/// Whether an operation may be anywhere between its operands and its uses.
fn is_pure(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::Input(_)
            | Op::Packet { .. }
            | Op::PacketAt { .. }
            | Op::Not(_)
            | Op::Bswap(_)
            | Op::Binary(..)
            | Op::Compare(..)
            | Op::Select { .. }
            | Op::Extract { .. }
            | Op::Concat(_)
            | Op::Sext(_)
            | Op::Rom { .. }
    )
}

/// Everything that must be computed before `value`.
fn dependences(f: &Function, order: &MemoryOrder, groups: &[Group], value: Value) -> Vec<Value> {
    let op = &f.def(value).op;
    let mut list = order.before[value.index()].clone();
    op.for_each_operand(|v| list.push(v));
    if let Some(group) = groups.iter().find(|g| g.members.len() > 1 && g.has(op)) {
        list.extend(group.inputs());
    }
    list
}

/// Whether the index of a group would depend on one of the group's own accesses.
fn is_cyclic(f: &Function, order: &MemoryOrder, groups: &[Group], group: usize) -> bool {
    let mut seen = vec![false; f.defs.len()];
    let mut work: Vec<Value> = groups[group].inputs().collect();
    while let Some(value) = work.pop() {
        if std::mem::replace(&mut seen[value.index()], true) {
            continue;
        }
        if groups[group].has(&f.def(value).op) {
            return true;
        }
        work.extend(dependences(f, order, groups, value));
    }
    false
}

/// Emits the function anew, each operation after all that it depends on.
struct Rewriter<'a> {
    old: &'a Function,
    order: &'a MemoryOrder,
    groups: Vec<Group>,
    /// Index of each group, once it is computed.
    chosen: Vec<Option<Value>>,
    b: Builder,
    names: Vec<Option<Value>>,
}

impl<'a> Rewriter<'a> {
    fn new(old: &'a Function, order: &'a MemoryOrder, groups: Vec<Group>) -> Self {
        let (chosen, names) = (vec![None; groups.len()], vec![None; old.defs.len()]);
        Rewriter { old, order, groups, chosen, b: rebuild::start(old), names }
    }

    fn run(mut self) -> Function {
        for (value, _) in self.old.iter() {
            self.emit(value);
        }
        let names = self.names;
        rebuild::finish(self.b, self.old, |_, v| names[v.index()].unwrap_or(v))
    }

    /// Emits an operation after its dependences.
    fn emit(&mut self, value: Value) {
        let mut work = vec![value];
        while let Some(&next) = work.last() {
            if self.names[next.index()].is_some() {
                work.pop();
                continue;
            }
            let missing = dependences(self.old, self.order, &self.groups, next);
            let missing: Vec<Value> = missing.into_iter().filter(|v| self.names[v.index()].is_none()).collect();
            if missing.is_empty() {
                work.pop();
                self.emit_one(next);
            } else {
                work.extend(missing.into_iter().rev());
            }
        }
    }

    fn name(&self, v: Value) -> Value {
        self.names[v.index()].unwrap_or(v)
    }

    fn emit_one(&mut self, value: Value) {
        let def = self.old.def(value);
        self.b.at(def.insn);
        let group = self.groups.iter().position(|g| g.has(&def.op));
        let index = group.map(|g| self.index_of(g));
        let mut op = def.op.map_operands(|v| self.name(v));
        if let (Op::MapLoad { index: own, .. } | Op::MapStore { index: own, .. }, Some(shared)) = (&mut op, index) {
            *own = shared;
        }
        let new = self.b.op(op, def.width);
        self.names[value.index()] = Some(new);
    }

    /// `c ? i : j` over the members of a group.
    fn index_of(&mut self, group: usize) -> Value {
        if let Some(index) = self.chosen[group] {
            return index;
        }
        let members: Vec<(Value, Vec<Literal>)> = self.groups[group]
            .members
            .iter()
            .map(|m| (self.name(m.entry.index), m.choice.iter().map(|&(v, holds)| (self.name(v), holds)).collect()))
            .collect();
        let width = members.iter().map(|&(index, _)| self.b.width(index)).max().unwrap_or(1);
        let mut shared = self.b.resize(members[0].0, width);
        for (index, choice) in &members[1..] {
            let mut condition = self.b.constant(1, 1);
            for &(value, holds) in choice {
                let literal = if holds { value } else { self.b.not(value) };
                condition = self.b.and(condition, literal);
            }
            let index = self.b.resize(*index, width);
            shared = self.b.select(condition, index, shared);
        }
        self.chosen[group] = Some(shared);
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir;

    const HEAD: &str = "function f kind xdp {\n  map0 = array \"a\" key 4 value 8 entries 1024\n  v0:8 = packet 0\n  v1:1 = extract v0 [0..1]\n  \
                        v2:16 = packet 2\n  v3:16 = packet 4\n  v4:10 = extract v2 [0..10]\n  v5:10 = extract v3 [0..10]\n";

    fn ports(body: &str) -> usize {
        let f = ir::parse(&format!("{HEAD}{body}}}\n")).unwrap_or_else(|e| panic!("{e}"));
        let f = run(f, &Goal::default());
        assert_eq!(ir::check(&f), Ok(()), "{f}");
        indices(&f, MapId::new(0)).len()
    }

    #[test]
    fn exclusive_loads_share_an_index() {
        let count = ports(
            "  v6:8 = load map0[v4] + 0\n  v7:8 = load map0[v5] + 0\n  v8:8 = select v1, v6, v7\n  v9:3 = extract v8 [0..3]\n  action v9\n",
        );
        assert_eq!(count, 1);
    }

    #[test]
    fn loads_that_are_both_wanted_stay() {
        let count = ports(
            "  v6:8 = load map0[v4] + 0\n  v7:8 = load map0[v5] + 0\n  v8:8 = add v6, v7\n  v9:3 = extract v8 [0..3]\n  action v9\n",
        );
        assert_eq!(count, 2);
    }

    #[test]
    fn an_index_that_depends_on_the_other_load_stays() {
        // The second load is wanted only where the first one's bit is 0: the condition is not known at the first.
        let count = ports(
            "  v6:8 = load map0[v4] + 0\n  v7:1 = extract v6 [0..1]\n  v8:8 = load map0[v5] + 0\n  v9:8 = select v7, v6, v8\n  \
             v10:3 = extract v9 [0..3]\n  action v10\n",
        );
        assert_eq!(count, 2);
    }

    /// What goes into the target of a redirect matters whatever else chooses.
    #[test]
    fn loads_that_every_output_wants_stay() {
        let rest = "  v10:8 = select v1, v6, v7\n  v11:3 = const 0x4\n  v12:2 = const 0x1\n  v13:1 = const 0x1\n  action v11\n";
        let target =
            "  v6:8 = load map0[v4] + 0\n  v7:8 = load map0[v5] + 0\n  v8:24 = const 0x0\n  v9:32 = concat v6, v8\n";
        assert_eq!(ports(&format!("{target}{rest}  edit 3 when v13 = v10\n  redirect v12 to v9\n")), 2);
        assert_eq!(ports(&format!("{target}{rest}  edit 3 when v13 = v10\n")), 1);
    }

    #[test]
    fn exclusive_counters_share_an_index() {
        let count = ports(
            "  v6:64 = load map0[v4] + 0\n  v7:64 = const 0x1\n  v8:64 = add v6, v7\n  v9 = store map0[v4] + 0 = v8 when v1\n  \
             v10:1 = not v1\n  v11:64 = load map0[v5] + 0\n  v12:64 = add v11, v7\n  v13 = store map0[v5] + 0 = v12 when v10\n  \
             v14:3 = const 0x2\n  action v14\n",
        );
        assert_eq!(count, 1);
    }
}
