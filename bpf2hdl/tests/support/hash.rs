// SPDX-License-Identifier: Apache-2.0
//! C programs with hash maps, traffic for them, and the contents of their maps.

use bpf2hdl::ir::{Function, MapState, PacketInput};
use bpf2hdl::object::{CompileOptions, Linked, Map, Object, compile_c};
use bpf2hdl::oracle::IrOracle;
use bpf2hdl_testbench::{MapContents, Oracle};
use std::path::Path;

use super::Result1;
use super::generate::Numbers;

/// Whole programs under `tests/data/hash`, with options for clang.
pub(crate) const PROGRAMS: [(&str, &str); 11] = [
    ("counter.c", "-DMAP_TYPE=1"),
    ("counter.c", "-DMAP_TYPE=5"),
    ("counter.c", "-DMAP_TYPE=9"),
    ("counter.c", "-DMAP_TYPE=10"),
    ("connections.c", ""),
    ("limiter.c", ""),
    ("dnat.c", ""),
    ("blocklist.c", ""),
    ("../../../examples/flow_counter/flow_counter.c", ""),
    ("../../../examples/rate_limiter/rate_limiter.c", ""),
    ("api.c", "-DCOMMANDS=1 -DLONG_VALUE=1 -DENTRIES=100"),
];

/// Programs that change entries of one map under several keys, with options for clang. The maps are block RAM. LRU maps are large
/// enough that the kernel drops nothing.
pub(crate) const SEVERAL: [(&str, &str); 14] = [
    ("pair.c", "-DENTRIES=520 -DCOUNT"),
    ("pair.c", "-DENTRIES=520 -DFINISH -DPORTS"),
    ("pair.c", "-DMAP_TYPE=5 -DENTRIES=530 -DCOUNT -DFINISH -DPORTS"),
    ("pair.c", "-DMAP_TYPE=9 -DENTRIES=4000 -DCOUNT -DFINISH -DPORTS"),
    ("several.c", ""),
    ("several.c", "-DMAP_TYPE=6 -DUPDATES=3"),
    ("several.c", "-DUPDATES=10 -DWHOLE"),
    ("pair.c", "-DENTRIES=520"),
    ("pair.c", "-DENTRIES=1024 -DCOUNT -DFINISH -DPORTS"),
    ("pair.c", "-DMAP_TYPE=5 -DENTRIES=530 -DPORTS"),
    ("pair.c", "-DMAP_TYPE=9 -DENTRIES=4000"),
    ("several.c", "-DUPDATES=20 -DENTRIES=16384"),
    ("several.c", "-DUPDATES=30 -DENTRIES=300 -DWHOLE"),
    ("several.c", "-DMAP_TYPE=6 -DUPDATES=18 -DWHOLE"),
];
/// So many of [`SEVERAL`], from the first on, have all that the hardware can be told; the others are more of it.
pub(crate) const DIFFERENT: usize = 7;

/// Compiles a program of `tests/data/hash`.
pub(crate) fn c_program(name: &str, arguments: &str) -> Linked {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hash").join(name);
    let arguments = arguments.split_whitespace().map(str::to_owned).collect();
    let options = CompileOptions { arguments, ..CompileOptions::standard() };
    let bytes = compile_c(&path, &options).unwrap_or_else(|d| panic!("{name}: {d:#?}"));
    let object = Object::parse(&bytes, name).unwrap_or_else(|d| panic!("{name}: {d:#?}"));
    object.link(object.select(None).expect("one program")).unwrap_or_else(|d| panic!("{name}: {d:#?}"))
}

/// A map of any kind.
pub(crate) fn map(kind: u32, name: &str, key_size: u32, value_size: u32, max_entries: u32) -> Map {
    Map { map_type: kind, key_size, ..super::array(name, value_size, max_entries) }
}

/// Packets of `per_packet` commands for `api.c` on keys `0..keys`.
pub(crate) fn commands(seed: u64, count: usize, keys: u64, per_packet: usize) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    let mut packet = || {
        let mut bytes = vec![0; 14];
        for _ in 0..per_packet {
            let flags = match n.below(16) {
                0 => 3,
                1 => 8,
                2 => u64::MAX - 3,
                3 => 1 << 32,
                // BPF_F_LOCK on a value without a lock.
                4 => 4,
                5..9 => 1,
                9..12 => 2,
                _ => 0,
            };
            bytes.extend([n.pick(&[0, 1, 1, 1, 2, 3, 3]), n.below(keys) as u8]);
            bytes.extend((n.bits() as u16).to_le_bytes());
            bytes.extend(u64::to_le_bytes(flags));
            bytes.extend([0xee; 8]);
        }
        bytes.resize(64.max(bytes.len()), 0);
        bytes
    };
    (0..count).map(|_| packet()).collect()
}

/// TCP packets of `flows` flows in both directions, a few of them short.
pub(crate) fn traffic(seed: u64, count: usize, flows: u64) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    let packet = |n: &mut Numbers| {
        let mut p: Vec<u8> = (0..64 + n.below(8) * 8).map(|i| i as u8).collect();
        let flow = n.below(flows);
        let (client, server) = ([10, 0, (flow >> 8) as u8, flow as u8], [192, 0, 2, (flow % 7) as u8]);
        let (client_port, server_port) = ([0x80 | (flow >> 3) as u8 & 0x7f, 1], [0, 80]);
        let is_reply = n.below(4) == 0;
        let (from, to) = if is_reply { (server, client) } else { (client, server) };
        let (from_port, to_port) = if is_reply { (server_port, client_port) } else { (client_port, server_port) };
        p[12..14].copy_from_slice(&[8, 0]);
        p[14] = 0x45;
        p[23] = 6;
        p[26..30].copy_from_slice(&from);
        p[30..34].copy_from_slice(&to);
        p[34..36].copy_from_slice(&from_port);
        p[36..38].copy_from_slice(&to_port);
        p[47] = n.pick(&[0x10, 0x10, 0x10, 0x10, 0x18, 0x02, 0x02, 0x11]);
        // What `api.c` takes for a command.
        if n.below(50) == 0 {
            p.truncate(14 + n.below(30) as usize);
        }
        p
    };
    (0..count).map(|_| packet(&mut n)).collect()
}

/// Packets of any bytes, few of them different.
pub(crate) fn bytes(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    (0..count).map(|_| (0..64).map(|_| n.pick(&[0, 0, 1, 2, 7, 254])).collect()).collect()
}

/// Runs packets through the IR interpreter; the maps as the oracles report theirs.
pub(crate) fn run_ir(f: &Function, packets: &[Vec<u8>]) -> (Vec<Result1>, MapContents) {
    bpf2hdl::ir::check(f).unwrap_or_else(|e| panic!("{e:?}\n{f}"));
    let mut oracle = IrOracle::new(f.clone());
    let results = super::run_oracle(&mut oracle, packets);
    (results, oracle.maps().expect("readable"))
}

/// What maps hold, as the oracles report it.
pub(crate) fn contents(f: &Function, maps: &MapState) -> MapContents {
    IrOracle::with_state(f.clone(), maps.clone()).maps().expect("readable")
}

/// Packets as the interpreters take them.
pub(crate) fn inputs(packets: &[Vec<u8>]) -> impl Iterator<Item = PacketInput<'_>> {
    packets.iter().map(|data| PacketInput::new(data))
}
