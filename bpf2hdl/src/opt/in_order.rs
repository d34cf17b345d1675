// SPDX-License-Identifier: Apache-2.0
//! Accesses of a map that keep the order of the program.
//!
//! A transaction lays every store over every entry that may be the same one: the hardware grows with the square of the entries. Here
//! the map itself holds what lies between: a load comes after the stores before it, and the pipeline places it in a later stage
//! than these. Hardware and compile time grow with the accesses; the packet's dealings with the map take a stage for each of
//! them, in which other packets must wait.
//!
//! *Runs.* Accesses by one index, with no other index between them, are one read and one masked write: later loads of the run see
//! its stores by forwarding. The write is emitted when another index comes.
//!
//! Cost: linear.

use std::collections::BTreeMap;

use super::transactions::{Byte, write};
use crate::ir::{Builder, MapId, Value};

/// The run of accesses by one index that is not over.
#[derive(Default)]
pub(super) struct InOrder {
    open: Option<(Value, BTreeMap<u32, Byte>)>,
}

impl InOrder {
    /// `insn`: the load's instruction.
    pub(super) fn load(
        &mut self,
        b: &mut Builder,
        (map, index, offset): (MapId, Value, u32),
        width: u8,
        insn: Option<u32>,
    ) -> Value {
        if self.open.as_ref().is_some_and(|(other, _)| *other != index) {
            self.flush(b, map);
        }
        b.at(insn);
        let before = b.map_load(map, index, offset, width);
        let Some((_, stored)) = &self.open else { return before };
        let bytes = u32::from(width / 8);
        if stored.range(offset..offset + bytes).next().is_none() {
            return before;
        }
        let parts = (0..bytes).map(|i| {
            let held = b.extract(before, (8 * i) as u8, 8);
            stored.get(&(offset + i)).map_or(held, |byte| b.select(byte.when, byte.data, held))
        });
        let parts = parts.collect();
        b.concat(parts)
    }

    pub(super) fn store(
        &mut self,
        b: &mut Builder,
        (map, index, offset): (MapId, Value, u32),
        (value, when): (Value, Value),
        insn: Option<u32>,
    ) {
        if self.open.as_ref().is_some_and(|(other, _)| *other != index) {
            self.flush(b, map);
        }
        b.at(insn);
        let (_, stored) = self.open.get_or_insert_with(|| (index, BTreeMap::new()));
        for i in 0..b.width(value) / 8 {
            let data = b.extract(value, 8 * i, 8);
            let at = offset + u32::from(i);
            let byte = match stored.get(&at) {
                Some(old) => Byte { when: b.or(when, old.when), data: b.select(when, data, old.data), insn },
                None => Byte { when, data, insn },
            };
            stored.insert(at, byte);
        }
    }

    /// Emits what the run has stored.
    pub(super) fn flush(&mut self, b: &mut Builder, map: MapId) {
        if let Some((index, stored)) = self.open.take() {
            write(b, map, index, stored);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Goal, transactions};
    use crate::ir::{self, Binary, Builder, Function, Map, MapId, MapKind, Op, ProgramKind};

    /// A program that adds one to `entries` entries, each by an index of its own, and in the end to the first one again.
    fn counters(entries: u16) -> Function {
        let mut f = Function::new("f", ProgramKind::Xdp);
        let name = "table".to_owned();
        f.maps.push(Map {
            name,
            kind: MapKind::Array,
            key_size: 4,
            value_size: 8,
            max_entries: 64,
            initial: Vec::new(),
            groups: 1,
            broadcast: false,
        });
        let mut b = Builder::new(f);
        let (map, one, always) = (MapId::new(0), b.constant(1, 64), b.constant(1, 1));
        for i in (0..entries).chain([0]) {
            let byte = b.op(Op::Packet { offset: i }, 8);
            let index = b.extract(byte, 0, 6);
            for field in [0, 4] {
                let old = b.map_load(map, index, field, 32);
                let one = b.extract(one, 0, 32);
                let sum = b.binary(Binary::Add, old, one);
                b.map_store(map, index, field, sum, always);
            }
        }
        let action = b.constant(2, 3);
        b.set_action(action);
        b.finish()
    }

    /// Operations, loads, stores, and whether a load comes after a store.
    fn after(entries: u16) -> (usize, usize, usize, bool) {
        let f = transactions::run(counters(entries), &Goal::default());
        assert_eq!(ir::check(&f), Ok(()), "{f}");
        let loads: Vec<usize> =
            f.iter().filter(|(_, d)| matches!(d.op, Op::MapLoad { .. })).map(|(v, _)| v.index()).collect();
        let stores: Vec<usize> =
            f.iter().filter(|(_, d)| matches!(d.op, Op::MapStore { .. })).map(|(v, _)| v.index()).collect();
        (f.defs.len(), loads.len(), stores.len(), loads.last() > stores.first())
    }

    #[test]
    fn few_entries_are_one_transaction() {
        let (_, loads, stores, interleaved) = after(4);
        assert_eq!((loads, stores, interleaved), (8, 4, false));
    }

    #[test]
    fn many_entries_keep_their_order_and_grow_linearly() {
        let (small, loads, stores, interleaved) = after(20);
        // A run has two loads of four bytes, and one store of eight; the first entry comes twice.
        assert_eq!((loads, stores, interleaved), (42, 21, true));
        let (large, ..) = after(40);
        assert!(large < 2 * small, "{small} operations for 20 entries, {large} for 40");
    }
}
