// SPDX-License-Identifier: Apache-2.0
//! Maps of maps: a look-up in the outer map, and a look-up, an update or a deletion in what is found. Programs can not change the outer maps: what is in
//! them follows from their type.

use super::map::entry;
use super::writer::{BUFFER_SLOT, Writer};
use super::{Feature, Numbers};
use crate::MapSpec;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{InnerMaps, MapContents, MapType, inner_maps};

/// Inner maps of each outer map, one of them in two entries.
const COUNT: u32 = 3;
/// Keys that are looked up in the outer maps; the last ones are in none.
const KEYS: u64 = 6;

/// An outer map: name, type, type and entries of its inner maps, bytes of their values.
type Shape = (&'static str, MapType, MapType, u32, u32);

const OUTERS: [Shape; 4] = [
    ("arrays", MapType::ARRAY_OF_MAPS, MapType::ARRAY, 8, 16),
    ("hashes", MapType::ARRAY_OF_MAPS, MapType::HASH, 16, 8),
    ("named", MapType::HASH_OF_MAPS, MapType::ARRAY, 4, 8),
    ("nests", MapType::HASH_OF_MAPS, MapType::LRU_HASH, 64, 16),
];

/// Contents of the outer maps among these.
pub(super) fn preload(maps: &[MapSpec]) -> MapContents {
    let mut contents = MapContents::default();
    for map in maps.iter().filter(|map| map.pool.is_some()) {
        let mut n = Numbers::new(map.kind.into());
        // Entry 4 is another name of an inner map; entry 3, or key 3, is none.
        let entries: Entries = [0u32, 1, 2, 4]
            .into_iter()
            .map(|key| (key, if key < COUNT { key } else { n.below(COUNT.into()) as u32 }))
            .map(|(key, number)| (key.to_le_bytes().to_vec(), inner_maps::entry(number).to_vec()))
            .collect();
        contents.maps.insert(map.name.clone(), entries);
    }
    contents
}

/// Number of the outer map, whose pool comes before it.
fn declare(w: &mut Writer, (name, kind, inner, entries, value_size): Shape) -> usize {
    let none = MapSpec {
        name: name.to_owned(),
        kind: kind.0,
        key_size: 4,
        value_size: 4,
        max_entries: 5,
        flags: 0,
        initial: None,
        read_only: false,
        extra: 0,
        pool: None,
        inner: None,
    };
    let inner_maps = InnerMaps { count: COUNT, entries, sizes: Vec::new(), key_size: 4, names: Vec::new(), flags: 0 };
    let pool = w.map(|| MapSpec {
        name: format!("{name}.inner"),
        kind: inner.0,
        key_size: 4 + inner_maps.number_bytes(inner),
        value_size,
        max_entries: COUNT * entries,
        inner: Some(inner_maps),
        ..none.clone()
    });
    w.map(|| MapSpec { pool: Some(pool), ..none })
}

/// A key on the stack at this place, below `limit` or from a number.
fn key(w: &mut Writer, slot: u32, limit: u64, mask: u64) {
    if w.n.one_in(3) {
        let key = w.n.below(limit);
        w.line(format_args!("*(u32 *)(r10 -{slot}) = {key}"));
    } else {
        let s = w.scalar();
        w.line(format_args!("r0 = {s}"));
        w.line(format_args!("w0 &= {mask}"));
        w.line(format_args!("*(u32 *)(r10 -{slot}) = r0"));
    }
}

/// The statement.
pub(super) fn lookup(w: &mut Writer) {
    let shape = w.n.pick(&OUTERS);
    let (_, _, inner, entries, value_size) = shape;
    w.uses(if inner.is_hash() { Feature::NestedHash } else { Feature::NestedArray });
    let outer = declare(w, shape);
    let (none, done) = (w.label(), w.label());
    w.save();
    for slot in [BUFFER_SLOT, BUFFER_SLOT - 8] {
        let s = w.scalar();
        w.line(format_args!("*(u64 *)(r10 -{slot}) = {s}"));
    }
    key(w, 56, KEYS, 3);
    key(w, 52, u64::from(entries) + 1, 7);
    w.line(format_args!("r2 = r10"));
    w.line(format_args!("r2 += -56"));
    w.line(format_args!("r1 = map[fd:{outer}]"));
    w.line(format_args!("call bpf_map_lookup_elem#1"));
    w.line(format_args!("if r0 == 0 goto {none}"));
    w.line(format_args!("r1 = r0"));
    w.line(format_args!("r2 = r10"));
    w.line(format_args!("r2 += -52"));
    match w.n.below(4) {
        0 => {
            w.uses(Feature::NestedUpdate);
            let flags = w.n.pick(&[0, 0, 1, 2]);
            w.line(format_args!("r3 = r10"));
            w.line(format_args!("r3 += -{BUFFER_SLOT}"));
            w.line(format_args!("r4 = {flags}"));
            w.line(format_args!("call bpf_map_update_elem#2"));
            number(w);
        }
        1 if inner.is_hash() => {
            w.line(format_args!("call bpf_map_delete_elem#3"));
            number(w);
        }
        _ => {
            w.line(format_args!("call bpf_map_lookup_elem#1"));
            w.restore();
            entry(w, value_size.into());
        }
    }
    w.goto(&done);
    w.place(&none);
    w.restore();
    w.place(&done);
}

/// What a helper returned becomes a number.
fn number(w: &mut Writer) {
    w.restore();
    let d = w.scalar();
    w.line(format_args!("{d} = r0"));
}
