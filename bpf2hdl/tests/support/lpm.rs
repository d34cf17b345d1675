// SPDX-License-Identifier: Apache-2.0
//! C programs with LPM tries, tables for them, and frames that find what is in the tables, or just miss it.

use bpf2hdl::object::Linked;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_testbench::MapContents;

use super::generate::Numbers;
use super::hash;

/// Programs under `tests/data/lpm` with options for clang.
pub(crate) const PROGRAMS: [(&str, &str); 12] = [
    ("routes.c", ""),
    ("routes.c", "-DATOMIC -DENTRIES=2000"),
    ("routes.c", "-DSLOW -DENTRIES=30"),
    ("routes.c", "-DSLOW -DENTRIES=2"),
    ("lengths.c", ""),
    ("lengths.c", "-DWIDE -DENTRIES=60"),
    ("several.c", ""),
    ("chain.c", ""),
    ("odd.c", "-DODD=1 -DENTRIES=1"),
    ("odd.c", "-DODD=3 -DENTRIES=100"),
    ("odd.c", "-DODD=6 -DENTRIES=33"),
    ("odd.c", "-DODD=23 -DENTRIES=100"),
];

/// Bytes of a frame that the programs look at.
const FRAME: usize = 60;

/// Compiles a program of `tests/data/lpm`.
pub(crate) fn c_program(name: &str, arguments: &str) -> Linked {
    hash::c_program(&format!("../lpm/{name}"), arguments)
}

fn byte(n: &mut Numbers) -> u8 {
    n.pick(&[0, 10, 0xff, 0x80, 0x7f, 1])
}

/// Prefixes of every length that nest and touch, the bits behind them arbitrary; some are given twice with other such bits.
/// About `fill` percent of what the map holds.
fn table(n: &mut Numbers, map: &bpf2hdl::object::Map, fill: u64) -> Entries {
    let bytes = map.key_size as usize - 4;
    let mut entries = Entries::new();
    let mut distinct: Vec<(u64, Vec<u8>)> = Vec::new();
    let wanted = (u64::from(map.max_entries) * fill).div_ceil(100) as usize;
    for _ in 0..2 * wanted {
        let bits = match n.below(8) {
            0 => 0,
            1 | 2 => 8 * bytes as u64,
            _ => n.below(8 * bytes as u64 + 1),
        };
        let address: Vec<u8> = (0..bytes).map(|_| if n.below(4) == 0 { n.bits() as u8 } else { byte(n) }).collect();
        let place = (bits, masked(&address, bits));
        let is_known = distinct.contains(&place);
        if !is_known && distinct.len() == wanted || is_known && entries.len() >= map.max_entries as usize {
            continue;
        }
        if !is_known {
            distinct.push(place);
        }
        let key = [(bits as u32).to_le_bytes().as_slice(), &address].concat();
        let value: Vec<u8> = (0..map.value_size).map(|_| n.bits() as u8).collect();
        if entries.len() < map.max_entries as usize {
            entries.insert(key, value);
        }
    }
    entries
}

fn masked(address: &[u8], bits: u64) -> Vec<u8> {
    let kept = |i: usize| bits.saturating_sub(8 * i as u64).min(8) as u32;
    address.iter().enumerate().map(|(i, b)| b & (0xff00_u32 >> kept(i)) as u8).collect()
}

/// Contents for every trie of a program.
pub(crate) fn contents(seed: u64, linked: &Linked, fill: u64) -> MapContents {
    let mut n = Numbers::new(seed);
    let tries = linked.maps.iter().filter(|map| map.map_type == 11);
    MapContents { maps: tries.map(|map| (map.name.clone(), table(&mut n, map, fill))).collect() }
}

/// Frames whose addresses are near those of the tables: of IPv4 and IPv6, a few of them short.
pub(crate) fn frames(seed: u64, count: usize, contents: &MapContents) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    let keys: Vec<&Vec<u8>> = contents.maps.values().flat_map(|entries| entries.keys()).collect();
    (0..count).map(|_| frame(&mut n, &keys)).collect()
}

/// Frames that all find one entry, each by an address of its own.
pub(crate) fn storm(seed: u64, count: usize, key: &[u8]) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    let bits = u32::from_le_bytes([key[0], key[1], key[2], key[3]]);
    let address = |n: &mut Numbers| -> Vec<u8> {
        let random: Vec<u8> = (0..key.len() - 4).map(|_| n.bits() as u8).collect();
        let kept = masked(&vec![0xff; random.len()], bits.into());
        (0..random.len()).map(|i| key[4 + i] & kept[i] | random[i] & !kept[i]).collect()
    };
    let frame = |n: &mut Numbers| {
        let mut p = frame(n, &[]);
        p.resize(FRAME + 4, 0);
        let (place, kind) = if key.len() == 8 { (18, [8, 0]) } else { (38, [0x86, 0xdd]) };
        p[12..14].copy_from_slice(&kind);
        p[place..place + key.len() - 4].copy_from_slice(&address(n));
        p
    };
    (0..count).map(|_| frame(&mut n)).collect()
}

fn frame(n: &mut Numbers, keys: &[&Vec<u8>]) -> Vec<u8> {
    let mut p: Vec<u8> = (0..FRAME + 4).map(|_| n.bits() as u8).collect();
    p[12..14].copy_from_slice(&n.pick(&[[8, 0], [0x86, 0xdd]]));
    for (at, size) in [(14, 4), (18, 4), (22, 16), (38, 16)] {
        let address = address(n, keys, size);
        p[at..at + size].copy_from_slice(&address);
    }
    let most = n.pick(&[34, 130, 256]);
    p[54] = n.below(most) as u8;
    if n.below(60) == 0 {
        p.truncate(14 + n.below(46) as usize);
    }
    p
}

/// An address of some key, changed behind a random bit, or any other one.
fn address(n: &mut Numbers, keys: &[&Vec<u8>], size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..size).map(|_| byte(n)).collect();
    if !keys.is_empty() && n.below(5) > 0 {
        let key = n.pick(keys);
        let kept = n.below(8 * size as u64 + 1);
        for (i, b) in bytes.iter_mut().enumerate() {
            let mask = (0xff00_u32 >> kept.saturating_sub(8 * i as u64).min(8)) as u8;
            *b = key.get(4 + i).copied().unwrap_or(0) & mask | *b & !mask;
        }
    }
    bytes
}
