// SPDX-License-Identifier: Apache-2.0
//! The checker: what every function holds to, so that all who read it can rely on it.
//!
//! Order
//! * An operand is defined before the operation that uses it.
//! * The result of a store is not used.
//!
//! Widths
//! * A result has 1 to 64 bits; a store has width 0.
//! * A constant has no bits above its width.
//! * An input has 16 bits, the time 64, the random number 32.
//! * `not`, `bswap` and binary operations: operands as wide as the result. `bswap`: a multiple of 8.
//! * Comparisons: operands equally wide, the result 1 bit.
//! * `select`: the condition 1 bit, the alternatives as wide as the result.
//! * `extract`: the bits taken exist in the operand. `concat`: at least one part, widths add up to the result's.
//! * `sext`: the result wider than the operand.
//! * What is read from or written to memory (`packet`, `packet_at`, `rom`, `load`, `store`) has a multiple of 8 bits.
//! * The predicate of a store has 1 bit. `directory`: the key's parts are whole bytes and `8 * key_size` bits together,
//!   the controls have 1 bit, the result has the bits that [`Found`](super::Found) says.
//!
//! Places
//! * The places of a computed offset are ascending, without repetition, at least one.
//! * `rom`, `load` and `store` stay inside the map's value, at each of their places.
//!
//! Maps
//! * A map that is named exists; its entries are not empty; it has entries; its contents are less than 4 GiB.
//! * Initial contents are absent or exactly one value.
//! * Globals and constants have one entry.
//! * A `directory` operation is on a hash map or, to look, on an LPM trie or a hash map that only the host changes; keys of hash maps have 1 to 64 bytes, those of
//!   tries 5 to 64, and their contents are not initialised.
//! * No store writes constants, a map of redirect targets, or a map that a `rom` reads.
//!
//! Outputs
//! * There is an action, 3 bits. The target of redirects, if there is one: kind 2 bits, number 32 bits.
//! * Events name channels; predicates have 1 bit, lengths 16, parts of the data whole bytes, at most `MAX_EVENT_BYTES` together.
//! * Edits are ascending by offset, without repetition; predicate 1 bit, data 8 bits.
//! * Places of the head and lengths of the metadata are ascending, at least one, in their ranges; each byte that lies before
//!   the frame as received, and each of the metadata, has an edit; none lies farther to the front.
//! * Variable parts of the extent have at most 16 bits, constant parts are within 65536.

use bpf2hdl_interface::RedirectKind;
use std::fmt;

use super::{
    Event, Found, Function, LENGTH_BYTES, MAX_EVENT_BYTES, MAX_HASH_ENTRIES, MAX_KEY_BYTES, MAX_TRIE_ENTRIES, Map,
    MapId, MapKind, Op, Value, low_mask, resize_faults,
};

/// An invariant that does not hold: always a bug in the compiler (or a mistake in a text written by hand).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckError {
    /// The operation concerned; `None` for maps and outputs.
    pub value: Option<Value>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{value}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for CheckError {}

/// Checks every invariant in the list at the head of this file.
///
/// # Errors
/// All violations: maps first, then operations in order, then outputs.
pub fn check(function: &Function) -> Result<(), Vec<CheckError>> {
    let mut checker = Checker { function, at: None, errors: Vec::new() };
    for (i, map) in function.maps.iter().enumerate() {
        checker.map(MapId::new(i), map);
    }
    for (value, def) in function.iter() {
        checker.at = Some(value);
        checker.def_width(&def.op, def.width);
        checker.op(&def.op, def.width);
    }
    checker.at = None;
    checker.constant_maps();
    checker.outputs();
    if checker.errors.is_empty() { Ok(()) } else { Err(checker.errors) }
}

struct Checker<'f> {
    function: &'f Function,
    /// The operation being checked.
    at: Option<Value>,
    errors: Vec<CheckError>,
}

impl Checker<'_> {
    fn error(&mut self, message: String) {
        self.errors.push(CheckError { value: self.at, message });
    }

    /// Reports `message` unless the condition holds.
    fn require(&mut self, holds: bool, message: impl FnOnce() -> String) {
        if !holds {
            self.error(message());
        }
    }

    fn map(&mut self, id: MapId, map: &Map) {
        if map.kind.is_channel() {
            return self.require(map.is_rightly_filled_channel(), || format!("{id}: a channel with contents"));
        }
        self.require(map.value_size > 0, || format!("{id}: value of no bytes"));
        self.require(map.max_entries > 0, || format!("{id}: no entries"));
        if map.kind.is_hash() {
            let bytes = map.key_size;
            self.require((1..=MAX_KEY_BYTES).contains(&bytes), || format!("{id}: key of {bytes} bytes"));
            self.require(map.max_entries <= MAX_HASH_ENTRIES, || format!("{id}: {} entries", map.max_entries));
        }
        if map.kind == MapKind::LpmTrie {
            let bytes = map.key_size;
            self.require((LENGTH_BYTES + 1..=MAX_KEY_BYTES).contains(&bytes), || format!("{id}: key of {bytes} bytes"));
            self.require(map.max_entries <= MAX_TRIE_ENTRIES, || format!("{id}: {} entries", map.max_entries));
        }
        let (groups, shares) = (map.groups, map.max_entries.checked_rem(map.groups) == Some(0));
        let is_divided = map.kind.is_hash() && !map.kind.is_fixed() && shares && map.group_bytes() < map.key_size;
        self.require(groups == 1 || is_divided, || format!("{id}: {groups} groups"));
        let has_ports = map.kind.redirect_kind() == Some(RedirectKind::Port);
        self.require(!map.broadcast || has_ports, || format!("{id}: a {} to broadcast by", map.kind.name()));
        if map.kind.has_directory() && map.kind != MapKind::HashOfMaps {
            let name = map.kind.name();
            self.require(map.initial.is_empty(), || format!("{id}: a map of kind {name} with initial contents"));
        }
        let bytes = u64::from(map.value_size) * u64::from(map.slots());
        self.require(bytes < 1 << 32, || format!("{id}: contents of {bytes} bytes, 4 GiB or more"));
        let initial = map.initial.len();
        let all = u64::from(map.value_size) * u64::from(map.max_entries);
        let fits = [0, u64::from(map.value_size), all].contains(&(initial as u64));
        self.require(fits, || {
            format!("{id}: {initial} bytes of initial contents for a value of {} bytes", map.value_size)
        });
        let single = matches!(map.kind, MapKind::Globals | MapKind::Constants);
        self.require(!single || map.max_entries == 1, || {
            format!("{id}: {} with {} entries instead of one", map.kind.name(), map.max_entries)
        });
    }

    fn def_width(&mut self, op: &Op, width: u8) {
        match op {
            Op::MapStore { .. } => self.require(width == 0, || format!("store with a result of {width} bits")),
            _ => self.require((1..=64).contains(&width), || format!("width {width} is not 1 to 64 bits")),
        }
    }

    /// The width of an operand if it may be used here.
    fn operand(&mut self, value: Value) -> Option<u8> {
        let defined = self.at.map_or(self.function.defs.len(), Value::index);
        if value.index() >= defined {
            self.error(format!("{value} is used before it is defined"));
            return None;
        }
        let def = self.function.def(value);
        if matches!(def.op, Op::MapStore { .. }) {
            self.error(format!("{value} is a store and has no result"));
            return None;
        }
        Some(def.width)
    }

    /// An operand of a given width.
    fn operand_of(&mut self, value: Value, width: u8, role: &str) {
        if let Some(found) = self.operand(value) {
            self.require(found == width, || format!("{role} {value} has {found} bits instead of {width}"));
        }
    }

    fn op(&mut self, op: &Op, width: u8) {
        match op {
            Op::Const(c) => {
                self.require(c & !low_mask(width) == 0, || format!("constant {c:#x} does not fit in {width} bits"));
            }
            Op::Input(input) => {
                let wanted = input.width();
                self.require(width == wanted, || format!("input of {width} bits instead of {wanted}"));
            }
            Op::Not(a) => self.operand_of(*a, width, "operand"),
            Op::Bswap(a) => {
                self.whole_bytes(width);
                self.operand_of(*a, width, "operand");
            }
            Op::Binary(_, a, b) => {
                self.operand_of(*a, width, "operand");
                self.operand_of(*b, width, "operand");
            }
            Op::Compare(_, a, b) => {
                self.require(width == 1, || format!("comparison with a result of {width} bits"));
                if let Some(operand_width) = self.operand(*a) {
                    self.operand_of(*b, operand_width, "operand");
                } else {
                    self.operand(*b);
                }
            }
            Op::Select { condition, then, other } => {
                self.operand_of(*condition, 1, "condition");
                self.operand_of(*then, width, "alternative");
                self.operand_of(*other, width, "alternative");
            }
            Op::Extract { from, lo } => self.extract(*from, *lo, width),
            Op::Concat(parts) => self.concat(parts, width),
            Op::Sext(a) => {
                if let Some(from) = self.operand(*a) {
                    self.require(from < width, || format!("sign extension from {from} to {width} bits"));
                }
            }
            Op::Packet { .. } | Op::PacketAt { .. } | Op::Rom { .. } => self.constant_memory(op, width),
            Op::Directory { map, key, when, insert, remove } => {
                self.directory(*map, key, width);
                let never = |v: &Value| self.function.defs.get(v.index()).map(|d| &d.op) == Some(&Op::Const(0));
                let is_look = never(insert) && never(remove);
                let is_fixed = self.function.maps.get(map.index()).is_some_and(|m| m.kind.has_fixed_keys());
                self.require(!is_fixed || is_look, || format!("a step that changes {map}, whose keys are fixed"));
                self.operand_of(*when, 1, "predicate");
                self.operand_of(*insert, 1, "predicate of insertion");
                self.operand_of(*remove, 1, "predicate of removal");
            }
            Op::MapLoad { .. } | Op::MapStore { .. } => self.map_memory(op, width),
        }
    }

    fn extract(&mut self, from: Value, lo: u8, width: u8) {
        if let Some(available) = self.operand(from) {
            let end = u16::from(lo) + u16::from(width);
            self.require(end <= available.into(), || format!("bits {lo}..{end} of {from}, which has {available}"));
        }
    }

    fn concat(&mut self, parts: &[Value], width: u8) {
        self.require(!parts.is_empty(), || "concatenation of nothing".to_owned());
        let widths: Vec<Option<u8>> = parts.iter().map(|&part| self.operand(part)).collect();
        if let Some(widths) = widths.into_iter().collect::<Option<Vec<u8>>>() {
            let sum: u64 = widths.into_iter().map(u64::from).sum();
            self.require(sum == u64::from(width), || format!("parts of {sum} bits in a result of {width}"));
        }
    }

    fn whole_bytes(&mut self, width: u8) {
        self.require(width.is_multiple_of(8), || format!("{width} bits are not whole bytes"));
    }

    /// Reads of what does not change while the program runs.
    fn constant_memory(&mut self, op: &Op, width: u8) {
        self.whole_bytes(width);
        match op {
            Op::PacketAt { base, places, .. } => {
                self.operand(*base);
                self.places(places);
            }
            Op::Rom { map, base, places, .. } => {
                self.operand(*base);
                self.places(places);
                for &place in places {
                    self.inside_value(*map, place, width);
                }
            }
            // A constant offset into the packet has nothing to check.
            _ => {}
        }
    }

    fn map_memory(&mut self, op: &Op, width: u8) {
        match op {
            Op::MapLoad { map, index, offset } => {
                self.whole_bytes(width);
                self.operand(*index);
                self.inside_value(*map, *offset, width);
            }
            Op::MapStore { map, index, offset, value, when } => {
                self.operand(*index);
                let data_width = self.operand(*value).unwrap_or(0);
                self.whole_bytes(data_width);
                self.inside_value(*map, *offset, data_width);
                self.operand_of(*when, 1, "predicate");
            }
            // Only these two are passed.
            _ => {}
        }
    }

    fn directory(&mut self, map: MapId, key: &[Value], width: u8) {
        let widths: Vec<u8> = key.iter().filter_map(|&part| self.operand(part)).collect();
        widths.iter().for_each(|&width| self.whole_bytes(width));
        let Some(definition) = self.function.maps.get(map.index()) else {
            return self.error(format!("{map} does not exist"));
        };
        self.require(definition.kind.has_directory(), || format!("{map} has no directory"));
        let (found, wanted) = (widths.into_iter().map(u32::from).sum::<u32>(), 8 * definition.key_size);
        self.require(found == wanted, || format!("key of {found} bits instead of {wanted}"));
        let bits = Found::width(definition);
        self.require(width == bits, || format!("result of {width} bits instead of {bits}"));
    }

    fn places<T: PartialOrd>(&mut self, places: &[T]) {
        self.require(!places.is_empty(), || "computed offset without a place".to_owned());
        self.require(places.is_sorted_by(|a, b| a < b), || "places are not ascending".to_owned());
    }

    /// `width` bits at a byte offset inside a value of the map.
    fn inside_value(&mut self, map: MapId, offset: u32, width: u8) {
        let Some(definition) = self.function.maps.get(map.index()) else {
            self.error(format!("{map} does not exist"));
            return;
        };
        let (end, size) = (u64::from(offset) + u64::from(width / 8), definition.value_size);
        self.require(end <= size.into(), || format!("bytes {offset}..{end} of {map}, whose value has {size}"));
    }

    /// Nothing stores to what is constant.
    fn constant_maps(&mut self) {
        let is_constant = |m: &Map| m.kind.is_fixed();
        let mut constant: Vec<bool> = self.function.maps.iter().map(is_constant).collect();
        for def in &self.function.defs {
            if let Op::Rom { map, .. } = def.op
                && let Some(entry) = constant.get_mut(map.index())
            {
                *entry = true;
            }
        }
        for (value, def) in self.function.iter() {
            if let Op::MapStore { map, .. } = def.op {
                self.at = Some(value);
                let writable = constant.get(map.index()) != Some(&true);
                self.require(writable, || format!("store to {map}, which is constant"));
            }
        }
        self.at = None;
    }

    fn event(&mut self, event: &Event) {
        let channel = self.function.maps.get(event.map.index()).is_some_and(|map| map.kind.is_channel());
        self.require(channel, || format!("event to {}, which is no channel", event.map));
        self.operand_of(event.when, 1, "predicate of an event");
        self.operand_of(event.keep, 1, "predicate of a record");
        self.operand_of(event.length, 16, "length of an event");
        if let Some(packet) = event.packet {
            self.operand_of(packet, 16, "packet bytes of an event");
        }
        let widths: Vec<u32> = event.data.iter().map(|&part| self.operand(part).unwrap_or(8).into()).collect();
        self.require(widths.iter().all(|width| width % 8 == 0), || "data of an event in parts of bytes".to_owned());
        let bytes = widths.iter().sum::<u32>() / 8;
        self.require(bytes <= MAX_EVENT_BYTES, || format!("{bytes} bytes of data in an event"));
    }

    fn outputs(&mut self) {
        match self.function.action {
            Some(action) => self.operand_of(action, 3, "action"),
            None => self.error("no action".to_owned()),
        }
        if let Some(redirect) = self.function.redirect {
            self.operand_of(redirect.kind, 2, "kind of target");
            self.operand_of(redirect.number, 32, "number of target");
        }
        for event in &self.function.events {
            self.event(event);
        }
        for edit in &self.function.edits {
            self.operand_of(edit.when, 1, &format!("predicate of edit {}", edit.offset));
            self.operand_of(edit.data, 8, &format!("data of edit {}", edit.offset));
        }
        for &base in self.function.resize.bases() {
            let width = self.operand(base).unwrap_or(1);
            self.require(width <= 16, || format!("{base}, part of the extent, has {width} bits"));
        }
        let faults = resize_faults(&self.function.resize, self.function.edits.iter().map(|e| e.offset));
        faults.into_iter().for_each(|fault| self.error(fault));
    }
}
