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

use crate::ir::{Function, Map, MapId, MapKind, Op};
use crate::pipe::{MapUnit, Part, Pipeline, Storage};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

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

/// Splits what pays and adds the parts' units behind all others.
pub(super) fn split(f: &Function, units: &mut Vec<MapUnit>) -> Parts {
    let mut parts = Parts { bytes: vec![Vec::new(); f.maps.len()] };
    for (index, map) in f.maps.iter().enumerate() {
        let id = MapId::new(index);
        let kind = matches!(map.kind, MapKind::Globals | MapKind::Array | MapKind::PercpuArray);
        if !kind || map.max_entries != 1 {
            continue;
        }
        let Some(entry) = Entry::new(f, id) else { continue };
        let ranges = entry.parts();
        if ranges.len() < 2 {
            continue;
        }
        units[index].storage = Storage::Registers;
        parts.bytes[index] = vec![None; map.value_size as usize];
        for bytes in ranges {
            let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { continue };
            let unit = MapId::new(units.len());
            units.push(part(map, id, first, last + 1));
            for byte in bytes {
                parts.bytes[index][byte as usize] = Some((unit, byte - first));
            }
        }
    }
    parts
}

fn part(whole: &Map, of: MapId, from: u32, to: u32) -> MapUnit {
    let initial = whole.initial.get(from as usize..to as usize).unwrap_or(&[]).to_vec();
    let map = Map { name: format!("{}.{from}", whole.name), value_size: to - from, initial, ..whole.clone() };
    MapUnit { part: Some(Part { of, offset: from }), ..super::lower::unit(&map) }
}

/// The only entry of a map: what its bytes have to do with each other.
struct Entry {
    /// Byte to a smaller one of the same part, or itself.
    parents: Vec<u32>,
    loaded: Vec<bool>,
    stored: Vec<bool>,
}

impl Entry {
    /// `None` if the index is not always a constant, or the pipeline does not write.
    fn new(f: &Function, id: MapId) -> Option<Self> {
        let size = f.map(id).value_size;
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
                    f.as_const(index)?;
                    let bytes = offset..offset + u32::from(def.width / 8);
                    bytes.clone().for_each(|byte| entry.loaded[byte as usize] = true);
                    bytes.for_each(|byte| entry.join(offset, byte));
                    if let Some(insn) = def.insn {
                        let other = *by_insn.entry(insn).or_insert(offset);
                        entry.join(other, offset);
                    }
                }
                Op::MapStore { map, index, offset, value, .. } if map == id => {
                    f.as_const(index)?;
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
        let mut spans: BTreeMap<u32, u32> = BTreeMap::new();
        for byte in self.used() {
            spans.insert(self.root(byte), byte);
        }
        // A part's smallest byte is its name, so that these come ascending.
        let mut open: Option<(u32, u32)> = None;
        for (first, last) in spans.into_iter().filter(|(first, _)| written.contains(first)) {
            open = match open {
                Some((start, end)) if first <= end => {
                    self.join(start, first);
                    Some((start, end.max(last)))
                }
                _ => Some((first, last)),
            };
        }
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
