// SPDX-License-Identifier: Apache-2.0
//! Statements on map entries and on global data.

use super::writer::{BUFFER_SLOT, POINTER_SLOT, SAVED, Writer};
use super::{Feature, memory};
use crate::MapSpec;

/// A map of random programs.
struct Shape {
    name: &'static str,
    /// The kernel's number of the type.
    kind: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    feature: Feature,
}

impl Shape {
    fn is_hash(&self) -> bool {
        matches!(self.kind, 1 | 5 | 9 | 10)
    }
}

const ARRAY: u32 = 2;
const HASH: u32 = 1;

const fn shape(
    name: &'static str,
    kind: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    feature: Feature,
) -> Shape {
    Shape { name, kind, key_size, value_size, max_entries, feature }
}

/// Maps to look up in. LRU maps are never full: which entry goes then is the kernel's secret. The map `f` soon is. The last ones are block
/// RAM, however many entries a packet uses.
const MAPS: [Shape; 12] = [
    shape("a", ARRAY, 4, 8, 4, Feature::Lookup),
    shape("b", ARRAY, 4, 16, 512, Feature::Lookup),
    shape("p", 6, 4, 16, 8, Feature::PercpuLookup),
    shape("h", HASH, 4, 8, 64, Feature::HashLookup),
    shape("i", HASH, 8, 16, 64, Feature::HashLookup),
    shape("l", 9, 4, 8, 64, Feature::LruLookup),
    shape("q", 5, 4, 16, 64, Feature::HashLookup),
    shape("r", 10, 4, 16, 64, Feature::LruLookup),
    shape("f", HASH, 4, 8, 4, Feature::HashLookup),
    shape("several", HASH, 4, 16, 600, Feature::HashLookup),
    shape("t", 5, 8, 16, 600, Feature::HashLookup),
    shape("u", ARRAY, 4, 16, 1024, Feature::Lookup),
];
/// Positions in it.
const ARRAYS: [usize; 5] = [0, 0, 1, 1, 2];
const HASHES: [usize; 8] = [3, 3, 4, 4, 5, 6, 7, 8];
const LARGE: [usize; 4] = [9, 9, 10, 11];
/// Bytes of the global data.
const GLOBALS: u32 = 32;

fn spec(map: &Shape) -> MapSpec {
    MapSpec {
        name: map.name.to_owned(),
        kind: map.kind,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        flags: 0,
        initial: None,
        read_only: false,
        extra: 0,
        pool: None,
        inner: None,
    }
}

/// Puts a key onto the stack, and the map and the key into r1 and r2.
fn map_and_key(w: &mut Writer, map: &Shape) {
    let number = w.map(|| spec(map));
    if w.n.one_in(4) {
        let index = w.n.below(u64::from(map.max_entries.min(16)) + 1);
        w.line(format_args!("*(u32 *)(r10 -56) = {index}"));
    } else {
        let masks: &[u64] = if map.is_hash() { &[1, 3, 7, 0xf00] } else { &[1, 3, 0x1ff, 0x3ff, 0] };
        let (s, mask) = (w.scalar(), w.n.pick(masks));
        w.line(format_args!("r0 = {s}"));
        w.line(format_args!("w0 &= {mask}"));
        w.line(format_args!("*(u32 *)(r10 -56) = r0"));
    }
    if map.key_size == 8 {
        let s = w.scalar();
        w.line(format_args!("r0 = {s}"));
        w.line(format_args!("r0 &= 1"));
        w.line(format_args!("*(u32 *)(r10 -52) = r0"));
    }
    w.line(format_args!("r2 = r10"));
    w.line(format_args!("r2 += -56"));
    w.line(format_args!("r1 = map[fd:{number}]"));
}

/// Looks one of the maps up; r0 is the entry or null. Returns the bytes of a value.
fn find(w: &mut Writer, which: usize) -> u64 {
    let map = &MAPS[which];
    w.uses(map.feature);
    map_and_key(w, map);
    w.line(format_args!("call bpf_map_lookup_elem#1"));
    u64::from(map.value_size)
}

/// A lookup, and what is done with the entry.
pub(super) fn lookup(w: &mut Writer) {
    let which = w.n.pick(&ARRAYS);
    lookup_in(w, which);
}

/// The same in a hash map; sometimes an absent entry is made.
pub(super) fn hash_lookup(w: &mut Writer) {
    let which = w.n.pick(&HASHES);
    lookup_in(w, which);
}

fn lookup_in(w: &mut Writer, which: usize) {
    w.save();
    let value_size = find(w, which);
    w.restore();
    entry(w, value_size);
}

/// Writes an entry of a map by the helper; its result is a number.
pub(super) fn update(w: &mut Writer) {
    let which = if w.n.one_in(4) { w.n.pick(&ARRAYS) } else { w.n.pick(&HASHES) };
    update_of(w, which);
}

/// Two to four updates, deletions or look-ups of one large map, one after the other.
pub(super) fn several(w: &mut Writer) {
    w.uses(Feature::SeveralKeys);
    let which = w.n.pick(&LARGE);
    for _ in 0..2 + w.n.below(3) {
        match w.n.below(4) {
            0 => lookup_in(w, which),
            1 if MAPS[which].is_hash() => delete_of(w, which),
            _ => update_of(w, which),
        }
    }
}

fn update_of(w: &mut Writer, which: usize) {
    let map = &MAPS[which];
    w.uses(if map.is_hash() { Feature::HashUpdate } else { Feature::ArrayUpdate });
    w.save();
    for slot in [BUFFER_SLOT, BUFFER_SLOT - 8] {
        let s = w.scalar();
        w.line(format_args!("*(u64 *)(r10 -{slot}) = {s}"));
    }
    map_and_key(w, map);
    w.line(format_args!("r3 = r10"));
    w.line(format_args!("r3 += -{BUFFER_SLOT}"));
    if w.n.one_in(4) {
        let slot = w.n.pick(&SAVED).1;
        w.line(format_args!("r4 = *(u64 *)(r10 -{slot})"));
        w.line(format_args!("r4 &= 3"));
    } else {
        // BPF_ANY, BPF_NOEXIST, BPF_EXIST, and no such flag
        let flags = w.n.pick(&[0, 0, 1, 2, 3]);
        w.line(format_args!("r4 = {flags}"));
    }
    w.line(format_args!("call bpf_map_update_elem#2"));
    result(w);
}

/// Deletes an entry of a hash map; the result is a number.
pub(super) fn delete(w: &mut Writer) {
    let which = w.n.pick(&HASHES);
    delete_of(w, which);
}

fn delete_of(w: &mut Writer, which: usize) {
    w.uses(Feature::HashDelete);
    w.save();
    map_and_key(w, &MAPS[which]);
    w.line(format_args!("call bpf_map_delete_elem#3"));
    result(w);
}

/// What a helper returned becomes a number.
fn result(w: &mut Writer) {
    w.restore();
    let d = w.scalar();
    w.line(format_args!("{d} = r0"));
}

/// A lookup in one of two maps, by a condition.
pub(super) fn merged_lookup(w: &mut Writer) {
    w.uses(Feature::MergedLookup);
    let (condition, other, end) = (w.condition(), w.label(), w.label());
    w.save();
    w.line(format_args!("if {condition} goto {other}"));
    find(w, 0);
    w.goto(&end);
    w.place(&other);
    // The stack has the numbers; registers may have been destroyed on the other branch only.
    find(w, 1);
    w.place(&end);
    w.restore();
    entry(w, 8);
}

/// Accesses to the entry in r0, if there is one.
pub(super) fn entry(w: &mut Writer, value_size: u64) {
    let skip = w.label();
    if w.n.one_in(4) {
        w.uses(Feature::SpilledValue);
        w.line(format_args!("*(u64 *)(r10 -{POINTER_SLOT}) = r0"));
        w.line(format_args!("if r0 == 0 goto {skip}"));
        w.line(format_args!("r0 = *(u64 *)(r10 -{POINTER_SLOT})"));
    } else {
        w.line(format_args!("if r0 == 0 goto {skip}"));
    }
    w.line(format_args!("r1 = r0"));
    for _ in 0..1 + w.n.below(3) {
        access(w, "r1", 0, value_size);
    }
    w.place(&skip);
}

/// One access to `size` bytes of map memory at `base + start`; r0 is used, and r1 too if it is not the base.
fn access(w: &mut Writer, base: &str, start: u64, size: u64) {
    let stores = w.n.one_in(2);
    let (kind, bytes) = if stores { w.size() } else { w.load_size() };
    let at = start + bytes * w.n.below(size / bytes);
    let wide = start + 8 * w.n.below(size / 8);
    let r = w.scalar();
    match w.n.below(8) {
        0..=2 if stores => {
            w.uses(Feature::ValueStore);
            w.line(format_args!("*({kind} *)({base} +{at}) = {r}"));
        }
        0..=2 => {
            w.uses(Feature::ValueLoad);
            w.line(format_args!("{r} = *({kind} *)({base} +{at})"));
        }
        3 | 4 => {
            let feature = memory::atomic(w, &format!("{base} +{wide}"));
            w.uses(feature);
        }
        5 if size >= 8 && bytes < 8 => computed(w, base, start, kind, bytes, stores),
        _ => {
            w.uses(Feature::ReadModifyWrite);
            w.line(format_args!("r0 = *(u64 *)({base} +{wide})"));
            w.line(format_args!("r0 += 1"));
            w.line(format_args!("*(u64 *)({base} +{wide}) = r0"));
        }
    }
}

/// An access at a computed place of the first eight bytes.
fn computed(w: &mut Writer, base: &str, start: u64, kind: &str, bytes: u64, stores: bool) {
    w.uses(Feature::ValueAt);
    let (s, d) = (w.scalar(), w.scalar());
    w.line(format_args!("r0 = {s}"));
    w.line(format_args!("r0 &= {}", 7 & !(bytes - 1)));
    w.line(format_args!("r0 += {base}"));
    if stores {
        w.line(format_args!("*({kind} *)(r0 +{start}) = {d}"));
    } else {
        w.line(format_args!("{d} = *({kind} *)(r0 +{start})"));
    }
}

/// Variables of `.bss`.
pub(super) fn globals(w: &mut Writer) {
    w.uses(Feature::Globals);
    let map = w.map(|| MapSpec {
        initial: Some(vec![0; GLOBALS as usize]),
        ..spec(&shape(".bss", ARRAY, 4, GLOBALS, 1, Feature::Globals))
    });
    let offset = 8 * w.n.below(3);
    w.line(format_args!("r1 = map[fd:{map}][0]+{offset}"));
    access(w, "r1", 0, 8);
}
