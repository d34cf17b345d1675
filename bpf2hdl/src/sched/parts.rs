// SPDX-License-Identifier: Apache-2.0
//! Global variables, and fields of a map's only entry, as parts with sections of their own.
//!
//! All variables of `.bss` are one entry of one map. If they were read and written as a whole, a slow update of one would keep
//! packets apart that use others, or that use each other's later. Each byte of an entry could have a section of its own: packets
//! enter all of them in one order, so they are served in that order everywhere. A part is what is best kept together:
//!
//! * bytes of one load, and of loads that come from one instruction (a computed place);
//! * bytes that are written by one store and read by none;
//! * all bytes that are read and never written: the host sets them, and a packet sees all of one setting or nothing of it.
//!
//! Only entries whose index is a constant are split. Stores are cut where parts meet. The host still sees one map with one entry,
//! kept in one register file. Cost: bytes of the entry.
//!
//! *Entries of a larger array*, and values of a hash map, are split where packets then wait less: a token bucket's time is written whatever its tokens are, so that what has
//! come in since is known by the time the tokens are read. Each part is a RAM of its own, the parts cover the value, and the host's accesses
//! take the place of a token in all of them (`hdl/rtl/bpf_map_parts.sv`), so that it sees entries as a packet would.

use crate::ir::{Function, Map, MapId, MapKind, Op};
use crate::pipe::{MapUnit, Part, Pipeline, StepPort, Storage};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Where each byte of each map is.
pub(super) struct Parts {
    /// By map, then byte; no bytes where the map is whole.
    bytes: Vec<Vec<Option<(MapId, u32)>>>,
}

impl Parts {
    /// The part that holds a byte, and which of its bytes it is; the map itself where it is whole.
    pub(super) fn place(&self, map: MapId, byte: u32) -> (MapId, u32) {
        let found = self.bytes[map.index()].get(byte as usize).copied().flatten();
        found.unwrap_or((map, byte))
    }

    /// Cuts `from .. from + size` where parts meet: part, byte in it, and number of bytes, ascending.
    pub(super) fn cut(&self, map: MapId, from: u32, size: u32) -> Vec<(MapId, u32, u32)> {
        let mut runs: Vec<(MapId, u32, u32)> = Vec::new();
        for (part, at) in (from..from + size).map(|byte| self.place(map, byte)) {
            match runs.last_mut() {
                Some((last, start, bytes)) if *last == part && *start + *bytes == at => *bytes += 1,
                _ => runs.push((part, at, 1)),
            }
        }
        runs
    }
}

/// Splits what pays, and the larger arrays that are named, and adds the parts' units behind all others.
pub(super) fn split(f: &Function, units: &mut Vec<MapUnit>, arrays: &BTreeSet<MapId>) -> Parts {
    let mut parts = Parts { bytes: vec![Vec::new(); f.maps.len()] };
    for (index, map) in f.maps.iter().enumerate() {
        let id = MapId::new(index);
        let is_array = arrays.contains(&id);
        let kind = matches!(map.kind, MapKind::Globals | MapKind::Array | MapKind::PercpuArray)
            || is_array && map.kind.is_hash();
        if !kind || map.max_entries != 1 && !is_array {
            continue;
        }
        let Some(entry) = Entry::new(f, id) else { continue };
        let ranges = if is_array { entry.covering() } else { entry.parts() };
        if ranges.len() < 2 {
            continue;
        }
        let storage = if is_array { Storage::Ram } else { Storage::Registers };
        units[index].storage = storage;
        parts.bytes[index] = vec![None; map.value_size as usize];
        for bytes in ranges {
            let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { continue };
            let unit = MapId::new(units.len());
            units.push(part(map, id, first..last + 1, storage));
            for byte in bytes {
                parts.bytes[index][byte as usize] = Some((unit, byte - first));
            }
        }
    }
    parts
}

fn part(whole: &Map, of: MapId, bytes: Range<u32>, storage: Storage) -> MapUnit {
    let (from, to) = (bytes.start, bytes.end);
    let initial = whole.initial.get(from as usize..to as usize).unwrap_or(&[]).to_vec();
    // Of a hash map the directory stays with the whole, and what is split is the array of its values.
    let (kind, max_entries) =
        if whole.kind.is_hash() { (MapKind::Array, whole.slots()) } else { (whole.kind, whole.max_entries) };
    let name = format!("{}.{from}", whole.name);
    let map = Map { name, kind, value_size: to - from, max_entries, initial, groups: 1, ..whole.clone() };
    MapUnit { part: Some(Part { of, offset: from }), storage, ..super::lower::unit(&map) }
}

/// Arrays and hash maps whose entries packets wait for, that may be split.
pub(super) fn waiting(p: &Pipeline) -> Vec<MapId> {
    let waits = |unit: &MapUnit| {
        let kind = matches!(unit.map.kind, MapKind::Array | MapKind::PercpuArray) || has_values_apart(unit);
        kind && unit.guard.is_some() && !unit.in_turn() && unit.map.max_entries > 1 && unit.map.initial.is_empty()
    };
    p.whole_maps().enumerate().filter(|(_, unit)| waits(unit)).map(|(index, _)| MapId::new(index)).collect()
}

/// Whether all steps on a hash map's directory come before the section of its values, which have the slot as their key then.
fn has_values_apart(unit: &MapUnit) -> bool {
    let before = |step: &StepPort| unit.guard.as_ref().is_some_and(|guard| step.issue < guard.entrance);
    unit.map.kind.is_hash() && unit.steps.iter().all(|step| !step.ahead && before(step))
}

/// Clocks between two packets that use one entry of a map, at most.
pub(super) fn clocks_apart(p: &Pipeline, map: MapId) -> u32 {
    let parts = p.parts_of(map).map(|(_, _, unit)| unit);
    parts.chain([&p.maps[map.index()]]).map(MapUnit::same_entry_clocks).max().unwrap_or(1)
}

/// An entry of a map: what its bytes have to do with each other.
struct Entry {
    /// Byte to a smaller one of the same part, or itself.
    parents: Vec<u32>,
    loaded: Vec<bool>,
    stored: Vec<bool>,
}

impl Entry {
    /// `None` if the index of a map's only entry is not always a constant, or the pipeline does not write.
    fn new(f: &Function, id: MapId) -> Option<Self> {
        let size = f.map(id).value_size;
        let is_array = f.map(id).max_entries > 1;
        let known = |index| is_array || f.as_const(index).is_some();
        let mut entry = Entry {
            parents: (0..size).collect(),
            loaded: vec![false; size as usize],
            stored: vec![false; size as usize],
        };
        let mut stores = Vec::new();
        let mut by_insn: BTreeMap<u32, u32> = BTreeMap::new();
        for (_, def) in f.iter() {
            match def.op {
                Op::MapLoad { map, index, offset } if map == id => {
                    if !known(index) {
                        return None;
                    }
                    let bytes = offset..offset + u32::from(def.width / 8);
                    bytes.clone().for_each(|byte| entry.loaded[byte as usize] = true);
                    bytes.for_each(|byte| entry.join(offset, byte));
                    if let Some(insn) = def.insn {
                        let other = *by_insn.entry(insn).or_insert(offset);
                        entry.join(other, offset);
                    }
                }
                Op::MapStore { map, index, offset, value, .. } if map == id => {
                    if !known(index) {
                        return None;
                    }
                    stores.push(offset..offset + u32::from(f.width(value) / 8));
                }
                _ => {}
            }
        }
        for bytes in stores.iter().cloned() {
            bytes.clone().for_each(|byte| entry.stored[byte as usize] = true);
            for byte in bytes.skip(1) {
                let is_loaded = |byte: u32| entry.loaded[byte as usize];
                if !is_loaded(byte) && !is_loaded(byte - 1) {
                    entry.join(byte - 1, byte);
                }
            }
        }
        entry.close();
        (!stores.is_empty()).then_some(entry)
    }

    fn root(&mut self, mut byte: u32) -> u32 {
        while self.parents[byte as usize] != byte {
            let above = self.parents[self.parents[byte as usize] as usize];
            self.parents[byte as usize] = above;
            byte = above;
        }
        byte
    }

    fn join(&mut self, x: u32, y: u32) {
        let (x, y) = (self.root(x), self.root(y));
        self.parents[x.max(y) as usize] = x.min(y);
    }

    /// Bytes that are loaded or stored, ascending.
    fn used(&self) -> Vec<u32> {
        let is_used = |&byte: &u32| self.loaded[byte as usize] || self.stored[byte as usize];
        (0..self.parents.len() as u32).filter(is_used).collect()
    }

    /// The parts, by their smallest byte, of which a byte is stored.
    fn written(&mut self) -> BTreeSet<u32> {
        let mut written = BTreeSet::new();
        for byte in self.used() {
            if self.stored[byte as usize] {
                written.insert(self.root(byte));
            }
        }
        written
    }

    /// Joins parts that are written and lie between each other's bytes: in the register file each has a place of its own. (Loads that
    /// one instruction makes need not be neighbours: a helper reads fields of a structure.)
    fn close(&mut self) {
        let written = self.written();
        self.close_among(|root| written.contains(&root));
    }

    /// Joins those of some parts that lie between each other's bytes.
    fn close_among(&mut self, some: impl Fn(u32) -> bool) {
        let mut spans: BTreeMap<u32, u32> = BTreeMap::new();
        for byte in self.used() {
            spans.insert(self.root(byte), byte);
        }
        // A part's smallest byte is its name, so that these come ascending.
        let mut open: Option<(u32, u32)> = None;
        for (first, last) in spans.into_iter().filter(|(first, _)| some(*first)) {
            open = match open {
                Some((start, end)) if first <= end => {
                    self.join(start, first);
                    Some((start, end.max(last)))
                }
                _ => Some((first, last)),
            };
        }
    }

    /// The bytes of parts of which each is a range, and that have all bytes.
    fn covering(mut self) -> Vec<Vec<u32>> {
        let written = self.written();
        for pair in self.used().windows(2) {
            if !pair.iter().any(|&byte| written.contains(&self.root(byte))) {
                self.join(pair[0], pair[1]);
            }
        }
        self.close_among(|_| true);
        let size = self.parents.len() as u32;
        let used = self.used();
        let mut starts: Vec<u32> = used.into_iter().filter(|&byte| self.root(byte) == byte).collect();
        if let Some(first) = starts.first_mut() {
            *first = 0;
        }
        let ends: Vec<u32> = starts.iter().skip(1).copied().chain([size]).collect();
        starts.into_iter().zip(ends).map(|(start, end)| (start..end).collect()).collect()
    }

    /// The bytes of each part, ascending; bytes that nobody uses are in none.
    fn parts(mut self) -> Vec<Vec<u32>> {
        let written = self.written();
        // Those that are never written are one part, which may have others between its bytes.
        let mut by_root: BTreeMap<Option<u32>, Vec<u32>> = BTreeMap::new();
        for byte in self.used() {
            let root = self.root(byte);
            by_root.entry(written.contains(&root).then_some(root)).or_default().push(byte);
        }
        by_root.into_values().collect()
    }
}

/// Gives parts the names of their variables, or of the entry's fields, where BTF has them. `types`: of each map, the BTF of its value.
pub(super) fn name(p: &mut Pipeline, types: &[&Json]) {
    for index in 0..p.maps.len() {
        let Some(Part { of, offset }) = p.maps[index].part else { continue };
        let (from, to) = (u64::from(offset), u64::from(offset) + u64::from(p.maps[index].map.value_size));
        let fields = types.get(of.index()).map_or_else(Vec::new, |value| fields_in(value, from, to));
        if let [first, ..] = &fields[..] {
            let name = format!("{}.{first}", p.maps[of.index()].map.name);
            let taken = p.maps.iter().any(|unit| unit.map.name == name);
            p.maps[index].map.name = if taken { format!("{name}.{offset}") } else { name };
        }
    }
}

/// Names of the variables of a section, or of the members of a structure, that have bytes in a range.
fn fields_in(value: &Json, from: u64, to: u64) -> Vec<String> {
    let mut value = value;
    while value["kind"] == "typedef" {
        value = &value["type"];
    }
    let number = |json: &Json| json.as_u64().unwrap_or(0);
    let list = |key: &str| value[key].as_array().map_or(&[][..], Vec::as_slice);
    let variables = list("variables").iter().map(|v| (&v["name"], number(&v["offset"]), number(&v["size"])));
    let members =
        list("members").iter().map(|m| (&m["name"], number(&m["offset_bits"]) / 8, number(&m["type"]["size"])));
    let inside = variables.chain(members).filter(|(_, at, size)| *at < to && from < at + size);
    inside.filter_map(|(name, ..)| name.as_str().filter(|name| !name.is_empty()).map(str::to_owned)).collect()
}
