// SPDX-License-Identifier: Apache-2.0
//! The part of the checker that is about maps.
//!
//! Maps
//! * Entries are not empty; there are entries; the contents are less than 4 GiB. Initial contents are absent or exactly
//!   one value. Globals and constants have one entry. Keys of hash maps have 1 to 64 bytes, those of LPM tries 5 to 64.
//! * No write port on constants or on a map that a `rom` reads.
//!
//! Ports
//! * Storage `none` has no ports and no guard. RAM has at least one read port or a write port.
//! * Write ports stand in the order of their stages. RAM with several of them, or with more reads than it has replicas for, serves
//!   all *in turn*: no two writes are in one stage, no two reads are asked for in one stage.
//! * A read delivers after the stages of the write ports that come before it in the program, and not after those of the others.
//! * RAM delivers two stages after the index, registers in the same stage.
//! * Steps are on hash maps and, to look, on LPM tries and hash maps that only the host changes in hardware; the key has `8 * key_size` bits, the controls 1 bit. The result is there
//!   [`directory_latency`] stages after the key.
//! * An index has as many bits as the map's size asks for. All stages are stages of the pipeline.
//! * A write port has fields. A field's condition has 1 bit; its data is 1 or more whole bytes inside the value; fields of
//!   one port do not overlap.
//!
//! Hazards
//! * A map that is written and has no guard is written in one stage and read only in that stage ("fused").
//! * Where a step changes the directory, all steps are in one stage, or there is a guard whose entrance is not after any of them.
//!   No two steps in one stage change it.
//! * A step that looks ahead may stand anywhere. It changes nothing, and the pipeline removes nothing from the map.
//! * What makes a token exclusive is known before the entrance; the guard has no key then, and what any token may do is in the list of
//!   [`exclusive_faults`].
//! * A guard is on a map that is changed. Its entrance is stage 1 or later, and not after any stage that presents
//!   an index or the writes. Its last stage is that of the last access.
//! * Where accesses are served in turn, the guard's key is empty: tokens share the ports, whatever their entries. How far apart
//!   they enter follows from the stages ([`MapUnit::same_entry_clocks`]). Then every token counts, as it does where some are exclusive.
//! * A guard's key is empty, or it is the index of every port (of a hash map the key of every step, where steps are inside) and known before
//!   the entrance: it is compared at the head of the queue that stands there, which holds what is registered.
//! * `uses` of a guard is known before the entrance.
//! * Nothing that runs on while a token waits spans an entrance: no read of RAM between index and data, no step, multiplier or
//!   divider between operands and result, no guarded section of another map. (Sections may share an entrance.)

use super::check::{Checker, Place, width_of};
use super::check_parts;
use super::{Guard, MapUnit, NodeId, NodeKind, Pipeline, Source, StepPort, Storage, WritePort, exclusive_faults};
use crate::ir::{LENGTH_BYTES, MAX_HASH_ENTRIES, MAX_KEY_BYTES, MAX_TRIE_ENTRIES, MapId, MapKind};
use crate::rtl::directory_latency;
use bpf2hdl_interface::RedirectKind;

/// Checks every map.
pub(super) fn check_maps(checker: &mut Checker<'_>) {
    let pipeline = checker.pipeline;
    for (i, unit) in pipeline.maps.iter().enumerate() {
        let id = MapId::new(i);
        checker.place = Place::Map(id);
        checker.map(unit);
        checker.constant(id, unit);
        checker.steps(unit);
        checker.ports(id, unit);
        checker.hazards(unit);
        if let Some(guard) = &unit.guard {
            checker.guard(unit, guard);
            checker.spans(i, guard.entrance);
        }
    }
    check_parts::check_parts(checker);
}

/// Maps and ports.
impl Checker<'_> {
    /// As the checker of the IR does.
    fn map(&mut self, unit: &MapUnit) {
        let map = &unit.map;
        if map.kind.is_channel() {
            let unused = unit.storage == Storage::None && map.is_rightly_filled_channel();
            return self.require(unused, || "a channel with contents".to_owned());
        }
        self.require(map.value_size > 0, || "value of no bytes".to_owned());
        self.require(map.max_entries > 0, || "no entries".to_owned());
        if map.kind.is_hash() {
            let bytes = map.key_size;
            self.require((1..=MAX_KEY_BYTES).contains(&bytes), || format!("key of {bytes} bytes"));
            self.require(map.max_entries <= MAX_HASH_ENTRIES, || format!("{} entries", map.max_entries));
        }
        if map.kind == MapKind::LpmTrie {
            let bytes = map.key_size;
            self.require((LENGTH_BYTES + 1..=MAX_KEY_BYTES).contains(&bytes), || format!("key of {bytes} bytes"));
            self.require(map.max_entries <= MAX_TRIE_ENTRIES, || format!("{} entries", map.max_entries));
        }
        let (groups, shares) = (map.groups, map.max_entries.checked_rem(map.groups) == Some(0));
        let is_divided = map.kind.is_hash() && !map.kind.is_fixed() && shares && map.group_bytes() < map.key_size;
        self.require(groups == 1 || is_divided, || format!("{groups} groups"));
        let has_ports = map.kind.redirect_kind() == Some(RedirectKind::Port);
        self.require(!map.broadcast || has_ports, || format!("a {} to broadcast by", map.kind.name()));
        let bytes = u64::from(map.value_size) * u64::from(map.slots());
        self.require(bytes < 1 << 32, || format!("contents of {bytes} bytes, 4 GiB or more"));
        let all = u64::from(map.value_size) * u64::from(map.max_entries);
        let (initial, size) = (map.initial.len(), map.value_size);
        self.require([0, u64::from(size), all].contains(&(initial as u64)), || {
            format!("{initial} bytes of initial contents for a value of {size} bytes")
        });
        let single = matches!(map.kind, MapKind::Globals | MapKind::Constants);
        self.require(!single || map.max_entries == 1, || {
            format!("{} with {} entries instead of one", map.kind.name(), map.max_entries)
        });
    }

    fn constant(&mut self, id: MapId, unit: &MapUnit) {
        let reads_rom = |kind: &NodeKind| matches!(kind, NodeKind::Rom { map, .. } if *map == id);
        let constant =
            unit.map.kind == MapKind::Constants || self.pipeline.nodes.iter().any(|node| reads_rom(&node.kind));
        self.require(!constant || unit.writes.is_empty(), || "is constant and written".to_owned());
    }

    fn ports(&mut self, id: MapId, unit: &MapUnit) {
        let (reads, writes) = (unit.reads.len(), unit.writes.len());
        let bare = reads == 0 && writes == 0 && unit.steps.is_empty() && unit.guard.is_none();
        match unit.storage {
            Storage::None => {
                self.require(bare && !unit.map.broadcast, || "ports or a guard without storage".to_owned());
            }
            Storage::Registers => {}
            Storage::LutRam => self.require(writes <= 1, || format!("{writes} write ports of a RAM that has one")),
            Storage::Ram => {
                let in_parts = self.pipeline.parts_of(id).next().is_some();
                self.require(in_parts || !bare || unit.map.broadcast, || "RAM without a port".to_owned());
            }
        }
        if unit.map.kind == MapKind::Bits {
            self.require(matches!(unit.storage, Storage::None | Storage::Ram), || {
                "bits that are not in RAM".to_owned()
            });
            let is_set = |write: &WritePort| matches!(&write.fields[..], [field] if field.data.as_const() == Some(1));
            let right = unit.map.value_size == 1 && unit.map.initial.is_empty() && unit.writes.iter().all(is_set);
            self.require(right, || "bits that packets do something else to than set them".to_owned());
        }
        let latency = if unit.storage == Storage::Ram { 2 } else { 0 };
        let index_width = Pipeline::index_width(&unit.map);
        for (port, read) in unit.reads.iter().enumerate() {
            self.bits_of(&read.index, index_width, read.issue, &format!("index of read port {port}"));
            self.order(unit, port);
            self.stage(read.data, &format!("data of read port {port}"));
            let (issue, data) = (read.issue, read.data);
            self.require(u64::from(issue) + latency == u64::from(data), || {
                format!("read port {port} delivers in stage {data} what is asked for in stage {issue}")
            });
        }
        for (port, write) in unit.writes.iter().enumerate() {
            if port == 0 || write.stage != unit.writes[port - 1].stage {
                self.stage(write.stage, "writes");
            }
            let role = format!("index of write port {port}");
            self.bits_of(&write.index, index_width, write.stage, &role);
            self.fields(unit, port, write);
        }
        self.turns(unit);
    }

    /// What a read sees of the same packet's writes.
    fn order(&mut self, unit: &MapUnit, port: usize) {
        let read = &unit.reads[port];
        let (writes, data, after) = (unit.writes.len(), read.data, read.after);
        self.require(after <= writes, || format!("read port {port} is after {after} of {writes} write ports"));
        for (write, stage) in unit.writes.iter().map(|write| write.stage).enumerate() {
            let is_right = if write < after { stage < data } else { data <= stage };
            let comes = if write < after { "before" } else { "after" };
            self.require(is_right, || {
                format!("write port {write} comes {comes} read port {port}, but writes in stage {stage} and the read delivers in stage {data}")
            });
        }
    }

    /// Ports that serve several accesses.
    fn turns(&mut self, unit: &MapUnit) {
        let is_sorted = unit.writes.is_sorted_by_key(|write| write.stage);
        self.require(is_sorted, || "write ports are not in the order of their stages".to_owned());
        if !unit.in_turn() {
            return;
        }
        let writes: Vec<u32> = unit.writes.iter().map(|write| write.stage).collect();
        let reads: Vec<u32> = unit.reads.iter().map(|read| read.issue).collect();
        for (mut stages, what) in [(writes, "writes"), (reads, "reads")] {
            let count = stages.len();
            stages.sort_unstable();
            stages.dedup();
            self.require(stages.len() == count, || format!("RAM with two {what} in one stage that are served in turn"));
        }
    }

    fn steps(&mut self, unit: &MapUnit) {
        let latency = directory_latency(&unit.map);
        for (port, step) in unit.steps.iter().enumerate() {
            self.require(unit.map.kind.has_directory(), || "a step on a map without directory".to_owned());
            let is_fixed = unit.map.kind.has_fixed_keys();
            self.require(!is_fixed || !step.changes(), || format!("step {port} changes a map whose keys are fixed"));
            let role = |what: &str| format!("{what} of step {port}");
            self.bits_of(&step.key, 8 * unit.map.key_size, step.issue, &role("key"));
            self.bits_of(&step.when, 1, step.issue, &role("condition"));
            self.bits_of(&step.insert, 1, step.issue, &role("insertion"));
            self.bits_of(&step.remove, 1, step.issue, &role("removal"));
            self.stage(step.data, &role("result"));
            let (issue, data) = (step.issue, step.data);
            self.require(issue.checked_add(latency) == Some(data), || {
                format!("step {port} delivers in stage {data} what is asked for in stage {issue}")
            });
            let twice = unit.steps[..port].iter().any(|other| other.issue == issue && other.changes());
            self.require(!(twice && step.changes()), || format!("two steps change the directory in stage {issue}"));
        }
        let keeps = !unit.map.kind.is_lru() && unit.steps.iter().all(|step| step.remove.as_const() == Some(0));
        for (port, step) in unit.steps.iter().enumerate().filter(|(_, step)| step.ahead) {
            self.require(!step.changes(), || format!("step {port} looks ahead and changes the directory"));
            self.require(keeps, || format!("step {port} looks ahead at keys that may be removed"));
        }
        let inside = || unit.steps.iter().filter(|step| !step.ahead);
        let first = inside().map(|step| step.issue).min().unwrap_or(0);
        let is_changed = unit.steps.iter().any(StepPort::changes);
        let together = inside().all(|step| step.issue == first);
        let guarded = unit.guard.as_ref().is_some_and(|guard| guard.entrance <= first);
        self.require(!is_changed || together || guarded, || "steps in several stages without a guard".to_owned());
    }

    fn fields(&mut self, unit: &MapUnit, port: usize, write: &WritePort) {
        self.require(!write.fields.is_empty(), || format!("write port {port} writes nothing"));
        let mut taken: Vec<(u64, u64)> = Vec::new();
        for (i, field) in write.fields.iter().enumerate() {
            let role = format!("write port {port} field {i}");
            self.bits_of(&field.when, 1, write.stage, &format!("condition of {role}"));
            self.bits(&field.data, write.stage, &format!("data of {role}"));
            let width = width_of(&field.data);
            self.require(width > 0 && width.is_multiple_of(8), || format!("{role}: {width} bits are not whole bytes"));
            let (start, size) = (u64::from(field.offset), unit.map.value_size);
            let end = start + width / 8;
            self.require(end <= size.into(), || format!("{role}: bytes {start}..{end} of a value of {size}"));
            let overlaps = taken.iter().any(|&(from, to)| start < to && from < end);
            self.require(!overlaps, || format!("{role}: bytes {start}..{end} are in two fields"));
            taken.push((start, end));
        }
    }
}

/// Hazards.
impl Checker<'_> {
    fn hazards(&mut self, unit: &MapUnit) {
        let (Some((first, write)), None) = (unit.write_stages(), &unit.guard) else { return };
        self.require(first == write, || format!("the writes are in stages {first} to {write}, and there is no guard"));
        for (port, read) in unit.reads.iter().enumerate() {
            let data = read.data;
            self.require(data == write, || {
                format!(
                    "read port {port} delivers in stage {data}, the writes are in stage {write}, and there is no guard"
                )
            });
        }
    }

    fn guard(&mut self, unit: &MapUnit, guard: &Guard) {
        let entrance = guard.entrance;
        self.require(unit.is_changed(), || "guard on a map that is not changed".to_owned());
        self.require(entrance >= 1, || "guard at the entrance of stage 0".to_owned());
        self.stage(entrance, "entrance of the guard");
        if let Some((write, _)) = unit.write_stages() {
            self.require(entrance <= write, || format!("guard from stage {entrance}, the writes are in stage {write}"));
        }
        for (port, read) in unit.reads.iter().enumerate() {
            let issue = read.issue;
            self.require(entrance <= issue, || {
                format!("guard from stage {entrance}, read port {port} starts in stage {issue}")
            });
        }
        let last = unit.last_access();
        let end = guard_end(guard);
        self.require(end == i64::from(last), || {
            format!("guard of stages {entrance}..={end}, the last access is in stage {last}")
        });
        self.key(unit, guard);
    }

    fn key(&mut self, unit: &MapUnit, guard: &Guard) {
        let entrance = guard.entrance;
        self.bits(&guard.uses, entrance.saturating_sub(1), "uses of the guard");
        self.require(guard.uses.width() == 0 || !unit.in_turn() && guard.exclusive.width() == 0, || {
            "some tokens do not count, where ports serve tokens in turn or some are exclusive".to_owned()
        });
        if !guard.exclusive.pieces().is_empty() {
            self.bits_of(&guard.exclusive, 1, entrance.saturating_sub(1), "exclusive");
            self.require(guard.key.pieces().is_empty(), || {
                "a guard with a key keeps some tokens apart only".to_owned()
            });
            let faults = exclusive_faults(self.pipeline, unit, &guard.exclusive);
            faults.into_iter().for_each(|fault| self.error(fault));
        }
        if guard.key.pieces().is_empty() {
            return;
        }
        self.bits(&guard.key, entrance.saturating_sub(1), "key of the guard");
        self.require(!unit.in_turn(), || "a guard with a key, where ports serve tokens in turn".to_owned());
        // Other keys may lead to the same slot of a trie.
        let inside = unit.map.kind.is_hash() && unit.steps.iter().any(|step| step.issue >= entrance);
        let same = if inside {
            unit.steps.iter().all(|step| step.key == guard.key)
        } else {
            let mut indices = unit.reads.iter().map(|r| &r.index).chain(unit.writes.iter().map(|w| &w.index));
            indices.all(|index| *index == guard.key)
        };
        self.require(same, || "the key of the guard is not the index of every port".to_owned());
        let changing = unit.steps.iter().filter(|step| step.changes()).count();
        self.require(!inside || changing <= 1, || format!("{changing} steps change what a guard with a key guards"));
    }

    /// Nothing goes on past the entrance while a token waits at it. `own` is the map whose entrance it is.
    fn spans(&mut self, own: usize, entrance: u32) {
        let pipeline = self.pipeline;
        for (i, node) in pipeline.nodes.iter().enumerate() {
            let id = NodeId::new(i);
            let spans = node.start < entrance && entrance <= node.stage;
            self.require(!spans, || format!("{} is under way at the entrance, stage {entrance}", Source::Node(id)));
        }
        for (i, unit) in pipeline.maps.iter().enumerate() {
            let id = MapId::new(i);
            for (port, step) in unit.steps.iter().enumerate() {
                let spans = step.issue < entrance && entrance <= step.data;
                self.require(!spans, || format!("step {port} of {id} is under way at the entrance, stage {entrance}"));
            }
            for (port, read) in unit.reads.iter().enumerate() {
                let spans = read.issue < entrance && entrance <= read.data;
                self.require(!spans, || {
                    format!("read port {port} of {id} is under way at the entrance, stage {entrance}")
                });
            }
            let spans = |g: &Guard| g.entrance < entrance && i64::from(entrance) <= guard_end(g);
            let around = i != own && unit.guard.as_ref().is_some_and(spans);
            self.require(!around, || format!("the entrance, stage {entrance}, is inside the section of {id}"));
        }
    }
}

/// The last stage of a section; before its entrance when it has no stages.
fn guard_end(guard: &Guard) -> i64 {
    i64::from(guard.entrance) + i64::from(guard.stages) - 1
}
