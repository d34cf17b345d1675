// SPDX-License-Identifier: Apache-2.0
//! The part of the checker that is about maps in parts.
//!
//! * Parts come after all maps. A part is in flip-flops, has one entry, and lies inside the only entry of a map that is in
//!   flip-flops, is no part and has no ports; or all that is in RAM, and has as many entries as the map, or slots if
//!   that is a hash map, whose steps stay with the map.
//! * No byte is written by two parts, and none that a part writes is used of what another one reads: the sections of two parts
//!   know nothing of each other.
//! * Parts that are written lie behind each other: the register file has one write port, on which they are side by side.

use super::check::{Checker, Place};
use super::{MapUnit, NodeKind, Part, Pipeline, Source, Storage};
use crate::ir::MapId;
use std::collections::BTreeSet;

/// Checks every part.
pub(super) fn check_parts(checker: &mut Checker<'_>) {
    let pipeline = checker.pipeline;
    let wholes = pipeline.whole_maps().count();
    for (i, unit) in pipeline.maps.iter().enumerate().skip(wholes) {
        checker.place = Place::Map(MapId::new(i));
        match unit.part {
            Some(part) => checker.part(unit, part, wholes),
            None => checker.error("a map after a part".to_owned()),
        }
    }
    for (i, unit) in pipeline.maps.iter().take(wholes).enumerate() {
        let id = MapId::new(i);
        if pipeline.parts_of(id).next().is_some() {
            checker.place = Place::Map(id);
            checker.bytes_of_parts(id, unit);
        }
    }
}

impl Checker<'_> {
    fn part(&mut self, unit: &MapUnit, part: Part, wholes: usize) {
        let pipeline = self.pipeline;
        let Some(whole) = pipeline.maps.get(part.of.index()).filter(|_| part.of.index() < wholes) else {
            return self.error(format!("part of {}, which is no map", part.of));
        };
        let small = |unit: &MapUnit| unit.storage == Storage::Registers && unit.map.max_entries == 1;
        let is_in_ram = [unit, whole].iter().all(|unit| unit.storage == Storage::Ram);
        let is_large = is_in_ram && unit.map.slots() == whole.map.slots() && !unit.map.kind.has_directory();
        self.require(is_large || small(unit) && small(whole), || {
            "a part of more than one entry, or not in flip-flops".to_owned()
        });
        let end = u64::from(part.offset) + u64::from(unit.map.value_size);
        let size = whole.map.value_size;
        self.require(end <= size.into(), || format!("a part up to byte {end} of a value of {size}"));
    }

    fn bytes_of_parts(&mut self, map: MapId, whole: &MapUnit) {
        let pipeline = self.pipeline;
        let steps = whole.steps.is_empty() || whole.map.kind.is_hash();
        let bare = whole.reads.is_empty() && whole.writes.is_empty() && steps && whole.guard.is_none();
        self.require(bare, || "ports on a map in parts".to_owned());
        let read = read_bytes(pipeline);
        let mut written: Vec<(u64, MapId)> = Vec::new();
        for (id, part, unit) in pipeline.parts_of(map) {
            for field in unit.writes.iter().flat_map(|write| &write.fields) {
                let from = u64::from(part.offset) + u64::from(field.offset);
                written.extend((from..from + u64::from(field.data.width() / 8)).map(|byte| (byte, id)));
            }
        }
        let mut places: Vec<(u64, u64, MapId)> = pipeline
            .parts_of(map)
            .filter(|(_, _, unit)| !unit.writes.is_empty())
            .map(|(id, part, unit)| (part.offset.into(), u64::from(part.offset) + u64::from(unit.map.value_size), id))
            .collect();
        places.sort_unstable();
        for pair in places.windows(2).filter(|pair| pair[1].0 < pair[0].1) {
            self.error(format!("{} lies between bytes of {}, and both are written", pair[1].2, pair[0].2));
        }
        written.sort_unstable();
        written.dedup();
        for pair in written.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.error(format!("byte {} is written by {} and by {}", pair[0].0, pair[0].1, pair[1].1));
        }
        for (byte, by) in written {
            for (id, part, _) in pipeline.parts_of(map).filter(|(id, ..)| *id != by) {
                let is_read = byte.checked_sub(part.offset.into()).is_some_and(|at| read.contains(&(id, at)));
                self.require(!is_read, || format!("byte {byte} is read by {id} and written by {by}"));
            }
        }
    }
}

/// Bytes of each part that something uses: the part, and the byte in it.
fn read_bytes(p: &Pipeline) -> BTreeSet<(MapId, u64)> {
    let mut read = BTreeSet::new();
    p.for_each_use(|bits, _| {
        for (source, lo, width) in bits.uses().filter(|(_, _, width)| *width > 0) {
            let Source::Node(id) = source else { continue };
            if let Some(NodeKind::Read { map, .. }) = p.nodes.get(id.index()).map(|node| &node.kind)
                && p.maps.get(map.index()).is_some_and(|unit| unit.part.is_some())
            {
                let (first, last) = (u64::from(lo) / 8, (u64::from(lo) + u64::from(width) - 1) / 8);
                read.extend((first..=last).map(|byte| (*map, byte)));
            }
        }
    });
    read
}
