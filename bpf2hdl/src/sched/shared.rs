// SPDX-License-Identifier: Apache-2.0
//! Which hash maps may be looked up ahead of their section, so that packets that only find their key need not wait for each other.
//!
//! The idea and its proof are in `pipe/exclusive.rs`; here the program is shown to fit. The first step on the map is the *leader*.
//! Packets for which it may insert are exclusive:
//!
//! * the map is no LRU map, and no step removes a key;
//! * every other step may insert (so that the section is needed), and takes place only in exclusive packets;
//! * there is one entry that is read, before all writes; other packets write no entry but that of the first write.
//!
//! Cost: a search (`opt/satisfy.rs`) for each step and store.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Found, Function, MapId, Op, Value};
use crate::opt::satisfy::can_hold;

/// A map that is looked up ahead.
pub(super) struct Shared {
    /// The first step, which is doubled.
    pub(super) leader: Value,
    /// Steps and stores that take place in exclusive packets only.
    pub(super) bound: BTreeSet<Value>,
}

/// The maps that fit.
pub(super) fn plan(f: &Function) -> BTreeMap<MapId, Shared> {
    let maps = (0..f.maps.len()).map(MapId::new).filter(|&map| f.map(map).kind.is_hash() && !f.map(map).kind.is_lru());
    maps.filter_map(|map| Some((map, shared(f, map)?))).collect()
}

fn shared(f: &Function, map: MapId) -> Option<Shared> {
    let mut steps = f.iter().filter_map(|(value, def)| match def.op {
        Op::Directory { map: m, when, insert, remove, .. } if m == map => Some((value, when, insert, remove)),
        _ => None,
    });
    let (leader, when, insert, remove) = steps.next()?;
    let others: Vec<_> = steps.collect();
    let removes = |remove: Value| f.as_const(remove) != Some(0);
    if others.is_empty()
        || removes(remove)
        || others.iter().any(|step| removes(step.3) || f.as_const(step.2) == Some(0))
    {
        return None;
    }
    let found = f.iter().find(|(_, def)| def.op == Op::Extract { from: leader, lo: Found::FOUND } && def.width == 1)?.0;
    let is_bound = |condition: Value| {
        let never = [(when, false), (insert, false), (found, true)];
        never.into_iter().all(|other| !can_hold(f, &[(condition, true), other]))
    };
    if !others.iter().all(|step| is_bound(step.1)) {
        return None;
    }
    let mut bound: BTreeSet<Value> = others.iter().map(|step| step.0).collect();
    let (mut read, mut written) = (None, None);
    for (value, def) in f.iter() {
        match def.op {
            Op::MapLoad { map: m, index, .. }
                if m == map && (written.is_some() || *read.get_or_insert(index) != index) =>
            {
                return None;
            }
            Op::MapStore { map: m, index, when, .. } if m == map => {
                let first = *written.get_or_insert(index);
                if is_bound(when) {
                    bound.insert(value);
                } else if index != first {
                    return None;
                }
            }
            _ => {}
        }
    }
    Some(Shared { leader, bound })
}
