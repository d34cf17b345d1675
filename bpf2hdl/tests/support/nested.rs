// SPDX-License-Identifier: Apache-2.0
//! C programs with maps of maps, contents for them, and packets that use them.

use bpf2hdl::object::{Linked, Map, Nesting};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{InnerMaps, MapType, inner_maps};
use bpf2hdl_testbench::MapContents;

use super::generate::Numbers;
use super::hash;

/// Programs under `tests/data/nested` with options for clang.
pub(crate) const PROGRAMS: [(&str, &str); 15] = [
    ("api.c", ""),
    ("api.c", "-DSTATIC -DENTRIES=8"),
    ("api.c", "-DINNER_TYPE=6 -DENTRIES=1 -DOUTER_ENTRIES=9"),
    ("api.c", "-DENTRIES=300 -DOUTER_ENTRIES=7 -DVALUE_TAIL=50 -DCOMMANDS=1"),
    ("api.c", "-DINNER_TYPE=1 -DENTRIES=3"),
    ("api.c", "-DINNER_TYPE=1 -DENTRIES=20 -DOUTER_ENTRIES=3 -DSTATIC -DLONG_KEY"),
    ("api.c", "-DINNER_TYPE=5 -DENTRIES=4 -DOUTER_ENTRIES=300 -DCOMMANDS=1"),
    ("api.c", "-DINNER_TYPE=9 -DENTRIES=700 -DOUTER_ENTRIES=2"),
    ("api.c", "-DINNER_TYPE=11 -DINNER_FLAGS=1 -DTRIE -DENTRIES=30 -DOUTER_ENTRIES=5"),
    ("api.c", "-DOUTER_TYPE=13 -DOUTER_ENTRIES=5"),
    ("api.c", "-DOUTER_TYPE=13 -DOUTER_ENTRIES=40 -DINNER_TYPE=1 -DENTRIES=6 -DSTATIC -DOUTER_KEY=__u64"),
    ("api.c", "-DOUTER_TYPE=13 -DOUTER_ENTRIES=3 -DINNER_TYPE=11 -DINNER_FLAGS=1 -DTRIE -DCOMMANDS=1"),
    ("api.c", "-DOUTER_TYPE=13 -DOUTER_ENTRIES=5 -DINNER_TYPE=1 -DENTRIES=2 -DCOMMANDS=1"),
    ("direct.c", ""),
    ("balancer.c", ""),
];

/// Compiles a program of `tests/data/nested`.
pub(crate) fn c_program(name: &str, arguments: &str) -> Linked {
    hash::c_program(&format!("../nested/{name}"), arguments)
}

/// Contents for maps of maps and their inner maps: some outer entries without an inner map, some with the same.
pub(crate) fn contents(seed: u64, linked: &Linked) -> MapContents {
    let mut n = Numbers::new(seed);
    let mut contents = MapContents::default();
    for map in &linked.maps {
        if let Some(inner) = map.pool() {
            contents.maps.insert(map.name.clone(), pool(&mut n, map, inner));
        }
        // What the source gives stays in every second run.
        let Nesting::Outer { pool } = map.nesting else { continue };
        if map.initial.is_some() && seed.is_multiple_of(2) {
            continue;
        }
        let count = linked.maps[pool].pool().expect("a pool").count;
        let mut entries = Entries::new();
        for place in 0..u64::from(map.max_entries) {
            if n.below(5) > 0 {
                let key = outer_key(map, place);
                entries.insert(key, inner_maps::entry(n.below(count.into()) as u32).to_vec());
            }
        }
        contents.maps.insert(map.name.clone(), entries);
    }
    contents
}

/// Numbers as keys; those of a balancer's services are addresses and ports.
fn outer_key(map: &Map, place: u64) -> Vec<u8> {
    if map.name == "services" {
        return vec![192, 0, 2, place as u8, 0, 80, 0, 0];
    }
    let mut key = place.to_le_bytes().to_vec();
    key.resize(map.key_size as usize, 0);
    key
}

fn pool(n: &mut Numbers, map: &Map, inner: &InnerMaps) -> Entries {
    let kind = MapType(map.map_type);
    let mut entries = Entries::new();
    for number in 0..inner.count {
        for _ in 0..n.below(u64::from(inner.entries.min(20)) + 1) {
            let mut key = match kind.is_array() {
                true => (n.below(inner.entries_of(number).into()) as u32).to_le_bytes().to_vec(),
                false => vec![n.below(12) as u8],
            };
            key.resize(inner.key_size as usize, 0);
            if kind.is_trie() {
                key[0] = n.below(25) as u8;
                key[4..].fill_with(|| n.below(4) as u8);
            }
            let value = (0..map.value_size).map(|_| n.bits() as u8).collect();
            entries.insert(inner.pool_key(kind, number, &key).expect("a key"), value);
        }
    }
    entries
}

/// Packets for the program; one inner map and one key in a storm.
pub(crate) fn packets(program: &str, seed: u64, count: usize, is_storm: bool) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    let (outers, keys) = if is_storm { (1, 1) } else { (6, 12) };
    match program {
        "api.c" => (0..count).map(|_| commands(&mut n, outers, keys)).collect(),
        "direct.c" => {
            (0..count).map(|_| (0..64).map(|i| n.below(if i == 14 { 5 } else { 10 }) as u8).collect()).collect()
        }
        _ => (0..count).map(|_| service(&mut n, if is_storm { 1 } else { 8 })).collect(),
    }
}

fn commands(n: &mut Numbers, outers: u64, keys: u64) -> Vec<u8> {
    let mut bytes = vec![0; 14];
    for _ in 0..2 {
        let flags = n.pick(&[0, 0, 0, 1, 1, 2, 2, 3, 4, 1 << 40]);
        bytes.extend([
            n.below(outers) as u8,
            n.pick(&[0, 1, 1, 1, 2, 3, 3]),
            n.below(keys) as u8,
            n.pick(&[24, 24, 16, 3, 25]),
        ]);
        bytes.extend((n.bits() as u16).to_le_bytes());
        bytes.extend(u64::to_le_bytes(flags));
        bytes.extend([0xee; 8]);
    }
    bytes.resize(64, 0);
    if n.below(50) == 0 {
        bytes.truncate(14 + n.below(40) as usize);
    }
    bytes
}

fn service(n: &mut Numbers, services: u64) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[26..30].copy_from_slice(&[10, 0, n.below(2) as u8, n.below(4 * services) as u8]);
    bytes[30..34].copy_from_slice(&[192, 0, 2, n.below(services) as u8]);
    bytes[34..38].copy_from_slice(&[1, n.below(3) as u8, 0, 80]);
    bytes
}
