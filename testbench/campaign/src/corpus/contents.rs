// SPDX-License-Identifier: Apache-2.0
//! What maps hold before the first packet.
//!
//! A program that finds nothing in its maps does little. The keys that it looks up are seen by running its code, as it leaves
//! the front end, on the packets; every second of them gets an entry. Arrays get their first entries, maps of redirect
//! targets a few interfaces, maps of maps their inner maps in turn, prog arrays the programs of the object in turn; routes lead to every
//! second destination.

use bpf2hdl::ir::{Function, Interpreter, MapId, Op, PacketInput};
use bpf2hdl::object::{Linked, Map, Nesting};
use bpf2hdl::oracle::IrOracle;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::network::{Table, address};
use bpf2hdl_interface::{MapType, inner_maps};
use bpf2hdl_testbench::random::{self, Numbers};
use bpf2hdl_testbench::{MapContents, Oracle, PacketSet};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Entries of an array, and of a hash map, that are filled at most.
const MOST_ENTRIES: u32 = 64;
/// `BPF_F_RDONLY_PROG`, and a map that only the host may read.
const UNWRITABLE: u32 = 1 << 7;

/// How values look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Nothing is preloaded but prog arrays and targets.
    Empty,
    /// Small numbers in 32-bit words.
    Small,
    /// Any bytes.
    Random,
}

/// Contents for the maps of a program whose code is `function`.
pub(super) fn contents(
    linked: &Linked,
    function: &Function,
    packets: &PacketSet,
    style: Style,
    seed: u64,
) -> MapContents {
    let mut numbers = Numbers::new(seed);
    let mut contents = MapContents::default();
    let is_open = |map: &&Map| map.initial.is_none() && !map.read_only && map.flags & UNWRITABLE == 0;
    // The states of queues are not for anybody to write.
    for map in linked.maps.iter().filter(is_open).filter(|map| !map.nesting.is_made()) {
        if Table::from_name(&map.name).is_some() {
            continue;
        }
        let kind = MapType(map.map_type);
        let entries = if kind == MapType::PROG_ARRAY {
            programs(linked, map)
        } else if kind.redirect_kind().is_some() {
            targets(map, &mut numbers)
        } else if kind.is_outer() {
            inner_maps(linked, function, map, packets)
        } else if style == Style::Empty {
            continue;
        } else if kind.is_array() {
            let keys = (0..map.max_entries.min(MOST_ENTRIES)).map(|index| index.to_le_bytes().to_vec());
            filled(keys, map, style, &mut numbers)
        } else if kind.is_hash() {
            filled(keys(function, map, packets, &contents).into_iter(), map, style, &mut numbers)
        } else {
            continue;
        };
        contents.maps.insert(map.name.clone(), entries);
    }
    if style != Style::Empty {
        let tables = network(linked, function, packets, &contents, seed ^ style as u64);
        contents.maps.extend(tables.maps);
    }
    contents
}

/// The tables of a program that calls `bpf_fib_lookup`: routes to about half of the addresses that it asks for.
fn network(linked: &Linked, function: &Function, packets: &PacketSet, known: &MapContents, seed: u64) -> MapContents {
    if !linked.maps.iter().any(|map| Table::from_name(&map.name).is_some()) {
        return MapContents::default();
    }
    let mut addresses: Vec<IpAddr> = Vec::new();
    for map in linked.maps.iter().filter(|map| map.name.starts_with(".fib")) {
        let keys = keys(function, map, packets, known);
        addresses.extend(keys.iter().filter_map(|key| address(key.get(4..)?)));
    }
    random::network::network_for(seed, &addresses).to_maps()
}

fn filled(keys: impl Iterator<Item = Vec<u8>>, map: &Map, style: Style, numbers: &mut Numbers) -> Entries {
    let unlocked = |mut value: Vec<u8>| {
        // The kernel keeps locks to itself.
        let lock = map.spin_lock().and_then(|at| value.get_mut(at as usize..at as usize + 4));
        lock.into_iter().for_each(|lock| lock.fill(0));
        value
    };
    keys.map(|key| (key, unlocked(value(map.value_size as usize, style, numbers)))).collect()
}

fn value(size: usize, style: Style, numbers: &mut Numbers) -> Vec<u8> {
    let byte = |at: usize, numbers: &mut Numbers| match style {
        Style::Random => numbers.bits().to_le_bytes()[0],
        _ if at.is_multiple_of(4) => numbers.pick(&[0, 1, 1, 2, 3, 7, 16, 64]),
        _ => 0,
    };
    (0..size).map(|at| byte(at, numbers)).collect()
}

/// The programs of the object in turn, and a missing entry.
fn programs(linked: &Linked, map: &Map) -> Entries {
    let numbers: Vec<u32> = linked.bundle.members.iter().map(|member| member.number).chain([0]).collect();
    let entry =
        |index: u32| (index.to_le_bytes().to_vec(), numbers[index as usize % numbers.len()].to_le_bytes().to_vec());
    let entries = (0..map.max_entries.min(MOST_ENTRIES)).map(entry);
    entries.filter(|(_, number)| number.iter().any(|byte| *byte != 0)).collect()
}

/// Some of the first entries; interfaces, queue sizes and sockets are numbers of 1 to 6.
fn targets(map: &Map, numbers: &mut Numbers) -> Entries {
    let mut entries = Entries::new();
    for index in 0..map.max_entries.min(8) {
        if numbers.below(4) != 0 {
            let mut value = numbers.pick(&[1u32, 2, 3, 4, 5, 6]).to_le_bytes().to_vec();
            value.resize(map.value_size as usize, 0);
            entries.insert(index.to_le_bytes().to_vec(), value);
        }
    }
    entries
}

/// Inner maps in turn, an entry in four without one.
fn inner_maps(linked: &Linked, function: &Function, map: &Map, packets: &PacketSet) -> Entries {
    let Nesting::Outer { pool } = map.nesting else { return Entries::new() };
    let count = linked.maps[pool].pool().map_or(1, |inner| inner.count);
    let keys: Vec<Vec<u8>> = match MapType(map.map_type).is_array() {
        true => (0..map.max_entries.min(MOST_ENTRIES)).map(|index| index.to_le_bytes().to_vec()).collect(),
        false => keys(function, map, packets, &MapContents::default()),
    };
    let numbered = (0u32..).zip(keys).filter(|(index, _)| index % 4 != 3);
    numbered.map(|(index, key)| (key, inner_maps::entry(index % count).to_vec())).collect()
}

/// Every second key, in the order of bytes, that the program uses on these packets; less than half of what the map holds,
/// so that no map becomes full by it.
fn keys(function: &Function, map: &Map, packets: &PacketSet, known: &MapContents) -> Vec<Vec<u8>> {
    let Some(id) = function.maps.iter().position(|known| known.name == map.name).map(MapId::new) else {
        return Vec::new();
    };
    let mut before = IrOracle::new(function.clone());
    if before.load_maps(known).is_err() {
        return Vec::new();
    }
    let (mut interpreter, mut maps) = (Interpreter::new(function), before.state().clone());
    let mut keys = BTreeSet::new();
    for packet in packets.iter() {
        let input = PacketInput { arrival: packet.context.arrival, ..PacketInput::new(packet.data) };
        let values = interpreter.run(&input, &mut maps).values;
        for def in &function.defs {
            match &def.op {
                Op::Directory { map, key, when, .. } if *map == id && values[when.index()] == 1 => {
                    let bytes = |part: &bpf2hdl::ir::Value| {
                        let width = usize::from(function.width(*part) / 8);
                        values[part.index()].to_le_bytes()[..width].to_vec()
                    };
                    keys.insert(key.iter().flat_map(bytes).collect());
                }
                _ => {}
            }
        }
    }
    let most = map.max_entries.min(MOST_ENTRIES) as usize / 2;
    let keys = keys.into_iter().step_by(2).take(most);
    let Some(inner) = map.pool() else { return keys.collect() };
    // An inner map is full on its own.
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    let fits = |key: &Vec<u8>| {
        let Some((number, _)) = inner.inner_key(MapType(map.map_type), key) else { return false };
        let count = counts.entry(number).or_default();
        *count += 1;
        *count <= inner.entries_of(number).div_ceil(2)
    };
    keys.filter(fits).collect()
}
