// SPDX-License-Identifier: Apache-2.0
//! One read and one write of each map entry per packet.
//!
//! A program loads and stores the fields of an entry in any order, under any predicates, through any number of lookups.
//! Afterwards, per map: all loads come before all stores, a load's result is what the entry held before the packet,
//! and bytes that an earlier store of the same packet may have changed are chosen from that store ("overlay"). Stores are
//! collected per entry into one masked write. So the packet's dealings with an entry are a transaction with one
//! read and one write, which the pipeline can place and guard as a whole.
//!
//! *Aliases.* Two index values may be the same entry. Every store is therefore laid over every other entry of the map that
//! is used, where the indices are equal, unless constants or exclusive predicates rule that out. When two entries of a
//! transaction turn out to be the same, both writes carry the same latest bytes, and their order does not matter.
//! A load does not look at stores that are not made where it matters.
//!
//! *Ports.* Entries whose writes exclude each other share one write port.
//!
//! *Many entries.* Comparisons and choices are as many as pairs of an entry and a store that may meet. A map of which a packet
//! uses so many entries that there would be more than [`MAX_PAIRS`] keeps its accesses in the order of the program (`in_order`).
//!
//! Cost: [`MAX_PAIRS`] for each map at most, and the conditions of its stores.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::exclusive::{are_exclusive, literals, separating};
use super::in_order::InOrder;
use super::needed::{Literal, Needs};
use super::{Goal, rebuild};
use crate::ir::{Builder, Compare, Function, MapId, Op, Value};

/// Pairs of a stored entry and another one that may be the same, in one map: beyond it, accesses stay in order.
const MAX_PAIRS: usize = 256;

/// Latest data of a byte and the condition under which it is newer than the map's.
#[derive(Clone, Copy)]
pub(super) struct Byte {
    pub(super) when: Value,
    pub(super) data: Value,
    /// Instruction of the last store to it.
    pub(super) insn: Option<u32>,
}

/// A store as it was met.
#[derive(Clone)]
struct Store {
    index: Value,
    offset: u32,
    data: Value,
    when: Value,
    insn: Option<u32>,
    /// What holds where it is made, in terms of the function before the pass.
    made: Rc<BTreeSet<Literal>>,
}

/// One entry that the packet uses.
struct Entry {
    index: Value,
    overlay: BTreeMap<u32, Byte>,
    /// Bytes stored through this very index, with the condition.
    stored: BTreeMap<u32, Value>,
}

/// All entries of one map, and its stores so far (byte by byte).
#[derive(Default)]
struct Transaction {
    entries: Vec<Entry>,
    log: Vec<Store>,
}

/// How a map's accesses are carried over.
enum Accesses {
    Transaction(Transaction),
    InOrder(InOrder),
}

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let mut b = rebuild::start(&old);
    let mut maps = accesses(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    let needs = Needs::new(&old);
    for (old_value, def) in old.iter() {
        b.at(def.insn);
        let new = match def.op.map_operands(|v| names[v.index()]) {
            Op::MapLoad { map, index, offset } => {
                let index = narrow_index(&mut b, &old, map, index);
                let excluded = |store: &Store| {
                    needs.of(old_value).is_none_or(|needed| separating(&old, &store.made, needed).is_some())
                };
                match &mut maps[map.index()] {
                    Accesses::Transaction(t) => t.load(&mut b, (map, index, offset), def.width, excluded),
                    Accesses::InOrder(o) => o.load(&mut b, (map, index, offset), def.width, def.insn),
                }
            }
            Op::MapStore { map, index, offset, value, when } => {
                let index = narrow_index(&mut b, &old, map, index);
                match &mut maps[map.index()] {
                    Accesses::Transaction(t) => {
                        let made = match def.op {
                            Op::MapStore { when, .. } => Rc::new(literals(&old, when, true)),
                            _ => Rc::default(),
                        };
                        for i in 0..b.width(value) / 8 {
                            let data = b.extract(value, 8 * i, 8);
                            let made = made.clone();
                            let store =
                                Store { index, offset: offset + u32::from(i), data, when, insn: def.insn, made };
                            t.store(&mut b, store);
                        }
                    }
                    Accesses::InOrder(o) => o.store(&mut b, (map, index, offset), (value, when), def.insn),
                }
                when
            }
            op => b.op(op, def.width),
        };
        names.push(new);
    }
    b.at(None);
    for (i, accesses) in maps.into_iter().enumerate() {
        match accesses {
            Accesses::Transaction(transaction) => transaction.commit(&mut b, MapId::new(i)),
            Accesses::InOrder(mut last) => last.flush(&mut b, MapId::new(i)),
        }
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

/// By map: a transaction where few entries may be the same, else the accesses in their order.
fn accesses(f: &Function) -> Vec<Accesses> {
    let mut used: Vec<(BTreeSet<Value>, BTreeSet<Value>)> = f.maps.iter().map(|_| Default::default()).collect();
    for (_, def) in f.iter() {
        match def.op {
            Op::MapLoad { map, index, .. } => _ = used[map.index()].0.insert(index),
            Op::MapStore { map, index, .. } => {
                used[map.index()].0.insert(index);
                used[map.index()].1.insert(index);
            }
            _ => {}
        }
    }
    let pairs = |(all, stored): (BTreeSet<Value>, BTreeSet<Value>)| {
        let constants = |set: &BTreeSet<Value>| set.iter().filter(|&&index| f.as_const(index).is_some()).count();
        stored.len() * all.len() - constants(&stored) * constants(&all)
    };
    let choose = |pairs: usize| match pairs > MAX_PAIRS {
        true => Accesses::InOrder(InOrder::default()),
        false => Accesses::Transaction(Transaction::default()),
    };
    used.into_iter().map(|used| choose(pairs(used))).collect()
}

fn narrow_index(b: &mut Builder, f: &Function, map: MapId, index: Value) -> Value {
    let width = f.map(map).index_width();
    b.resize(index, width)
}

impl Transaction {
    /// The entry with this index value; a new one gets the stores so far laid over it.
    fn entry(&mut self, b: &mut Builder, index: Value) -> &mut Entry {
        let position = self.entries.iter().position(|e| e.index == index).unwrap_or_else(|| {
            let mut entry = Entry { index, overlay: BTreeMap::new(), stored: BTreeMap::new() };
            for store in &self.log {
                entry.lay_over(b, store);
            }
            self.entries.push(entry);
            self.entries.len() - 1
        });
        &mut self.entries[position]
    }

    /// What the entry holds, as far as the load's use can tell: `excluded` stores are not made where it matters.
    fn load(
        &mut self,
        b: &mut Builder,
        (map, index, offset): (MapId, Value, u32),
        width: u8,
        excluded: impl Fn(&Store) -> bool,
    ) -> Value {
        self.entry(b, index);
        let bytes = u32::from(width / 8);
        let before = b.map_load(map, index, offset, width);
        let stores: Vec<&Store> = self.log.iter().filter(|s| (offset..offset + bytes).contains(&s.offset)).collect();
        let stores: Vec<&Store> = stores.into_iter().filter(|store| !excluded(store)).collect();
        if stores.is_empty() {
            return before;
        }
        let mut entry = Entry { index, overlay: BTreeMap::new(), stored: BTreeMap::new() };
        for store in stores {
            entry.lay_over(b, store);
        }
        let parts = (0..bytes)
            .map(|i| {
                let held = b.extract(before, (8 * i) as u8, 8);
                match entry.overlay.get(&(offset + i)) {
                    Some(byte) => b.select(byte.when, byte.data, held),
                    None => held,
                }
            })
            .collect();
        b.concat(parts)
    }

    fn store(&mut self, b: &mut Builder, store: Store) {
        let own = self.entry(b, store.index);
        let stored = own.stored.get(&store.offset).copied();
        let when = stored.map_or(store.when, |s| b.or(s, store.when));
        own.stored.insert(store.offset, when);
        for entry in &mut self.entries {
            entry.lay_over(b, &store);
        }
        self.log.push(store);
    }

    /// Emits the writes, port by port.
    fn commit(self, b: &mut Builder, map: MapId) {
        let mut ports: Vec<Port> = Vec::new();
        for entry in self.entries.iter().filter(|e| !e.stored.is_empty()) {
            let port = Port::of(b, entry);
            match ports.iter_mut().find(|p| are_exclusive(b.function(), p.any, port.any) && p.parts_exclude(b, &port)) {
                Some(shared) => shared.join(b, port),
                None => ports.push(port),
            }
        }
        // Shared ports may have come to address what another port does.
        let mut distinct: Vec<Port> = Vec::new();
        for port in ports {
            match distinct.iter_mut().find(|p| p.index == port.index) {
                Some(same) => same.join(b, port),
                None => distinct.push(port),
            }
        }
        for port in distinct {
            port.emit(b, map);
        }
    }
}

impl Entry {
    fn lay_over(&mut self, b: &mut Builder, store: &Store) {
        let same = if self.index == store.index {
            store.when
        } else {
            let equal = b.compare(Compare::Eq, self.index, store.index);
            b.and(equal, store.when)
        };
        if b.as_const(same) == Some(0) {
            return;
        }
        let byte = match self.overlay.get(&store.offset) {
            Some(old) => {
                let (when, data) = (b.or(same, old.when), b.select(same, store.data, old.data));
                Byte { when, data, insn: store.insn }
            }
            None => Byte { when: same, data: store.data, insn: store.insn },
        };
        self.overlay.insert(store.offset, byte);
    }
}

/// A write port: one index, masked bytes.
struct Port {
    index: Value,
    bytes: BTreeMap<u32, Byte>,
    /// One of the bytes is written.
    any: Value,
    /// `any` of each entry that shares the port.
    parts: Vec<Value>,
}

impl Port {
    fn of(b: &mut Builder, entry: &Entry) -> Self {
        let mut any = b.constant(0, 1);
        let mut bytes = BTreeMap::new();
        for (&offset, &when) in &entry.stored {
            any = b.or(any, when);
            if let Some(latest) = entry.overlay.get(&offset) {
                bytes.insert(offset, Byte { when, ..*latest });
            }
        }
        Port { index: entry.index, bytes, any, parts: vec![any] }
    }

    fn parts_exclude(&self, b: &Builder, other: &Port) -> bool {
        self.parts.iter().all(|&p| are_exclusive(b.function(), p, other.any))
    }

    fn join(&mut self, b: &mut Builder, other: Port) {
        self.index = b.select(other.any, other.index, self.index);
        for (offset, byte) in other.bytes {
            let joined = match self.bytes.get(&offset) {
                Some(mine) => {
                    let (when, data) = (b.or(mine.when, byte.when), b.select(byte.when, byte.data, mine.data));
                    Byte { when, data, insn: byte.insn.max(mine.insn) }
                }
                None => byte,
            };
            self.bytes.insert(offset, joined);
        }
        self.any = b.or(self.any, other.any);
        self.parts.push(other.any);
    }

    fn emit(self, b: &mut Builder, map: MapId) {
        write(b, map, self.index, self.bytes);
    }
}

/// Neighbouring bytes under one condition are one store, of 8 bytes at most, unless stores of the program end between.
pub(super) fn write(b: &mut Builder, map: MapId, index: Value, bytes: BTreeMap<u32, Byte>) {
    let mut run: Vec<Value> = Vec::new();
    let mut start = 0;
    let mut when = None;
    for (offset, byte) in bytes {
        let same = Some((byte.when, byte.insn)) == when;
        let follows = same && offset == start + run.len() as u32 && run.len() < 8;
        if !follows {
            flush(b, map, index, start, &mut run, when);
            (start, when) = (offset, Some((byte.when, byte.insn)));
        }
        run.push(byte.data);
    }
    flush(b, map, index, start, &mut run, when);
}

fn flush(
    b: &mut Builder,
    map: MapId,
    index: Value,
    offset: u32,
    run: &mut Vec<Value>,
    when: Option<(Value, Option<u32>)>,
) {
    if let Some((when, insn)) = when
        && !run.is_empty()
    {
        b.at(insn);
        let value = b.concat(std::mem::take(run));
        b.map_store(map, index, offset, value, when);
    }
}
