// SPDX-License-Identifier: Apache-2.0
//! Statements on map entries and on global data.

use super::writer::{POINTER_SLOT, Writer};
use super::{Feature, memory};
use crate::MapSpec;

/// Maps to look up in: name, kernel's type, bytes of a value, entries.
const MAPS: [(&str, u32, u32, u32); 3] = [("a", 2, 8, 4), ("b", 2, 16, 512), ("p", 6, 16, 8)];
/// Bytes of the global data.
const GLOBALS: u32 = 32;

fn spec(name: &str, kind: u32, value_size: u32, max_entries: u32) -> MapSpec {
    MapSpec {
        name: name.to_owned(),
        kind,
        key_size: 4,
        value_size,
        max_entries,
        flags: 0,
        initial: None,
        read_only: false,
    }
}

/// Looks one of the maps up; r0 is the entry or null. Returns the bytes of a value.
fn find(w: &mut Writer, which: usize) -> u64 {
    let (name, kind, value_size, max_entries) = MAPS[which];
    w.uses(if kind == 6 { Feature::PercpuLookup } else { Feature::Lookup });
    let map = w.map(|| spec(name, kind, value_size, max_entries));
    if w.n.one_in(4) {
        let index = w.n.below(u64::from(max_entries) + 1);
        w.line(format_args!("*(u32 *)(r10 -52) = {index}"));
    } else {
        let (s, mask) = (w.scalar(), w.n.pick(&[1u64, 3, 0x1ff, 0x3ff, 0]));
        w.line(format_args!("r0 = {s}"));
        w.line(format_args!("w0 &= {mask}"));
        w.line(format_args!("*(u32 *)(r10 -52) = r0"));
    }
    w.line(format_args!("r2 = r10"));
    w.line(format_args!("r2 += -52"));
    w.line(format_args!("r1 = map[fd:{map}]"));
    w.line(format_args!("call bpf_map_lookup_elem#1"));
    u64::from(value_size)
}

/// A lookup, and what is done with the entry.
pub(super) fn lookup(w: &mut Writer) {
    let which = w.n.pick(&[0, 0, 1, 1, 2]);
    w.save();
    let value_size = find(w, which);
    w.restore();
    entry(w, value_size);
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
fn entry(w: &mut Writer, value_size: u64) {
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
    let map = w.map(|| MapSpec { initial: Some(vec![0; GLOBALS as usize]), ..spec(".bss", 2, GLOBALS, 1) });
    let offset = 8 * w.n.below(3);
    w.line(format_args!("r1 = map[fd:{map}][0]+{offset}"));
    access(w, "r1", 0, 8);
}
