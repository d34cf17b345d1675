// SPDX-License-Identifier: Apache-2.0
//! C programs with queues and stacks, and packets for them.

use bpf2hdl::object::Linked;
use bpf2hdl_interface::{MapType, queue};
use bpf2hdl_testbench::MapContents;

use super::generate::Numbers;
use super::hash;

/// Programs under `tests/data/queue` with options for clang.
pub(crate) const PROGRAMS: [(&str, &str); 14] = [
    ("api.c", ""),
    ("api.c", "-DMAP_TYPE=23"),
    ("api.c", "-DENTRIES=1 -DCOMMANDS=2"),
    ("api.c", "-DENTRIES=1 -DMAP_TYPE=23 -DCOMMANDS=3"),
    ("api.c", "-DENTRIES=8 -DCOMMANDS=2 -DVALUE=3"),
    ("api.c", "-DENTRIES=8 -DCOMMANDS=2 -DMAP_TYPE=23 -DVALUE=13"),
    ("api.c", "-DENTRIES=7 -DCOMMANDS=4"),
    ("api.c", "-DENTRIES=6 -DCOMMANDS=3 -DMAP_TYPE=23"),
    ("api.c", "-DENTRIES=300 -DVALUE=64"),
    ("api.c", "-DENTRIES=1024 -DMAP_TYPE=23"),
    ("api.c", "-DENTRIES=500 -DCOMMANDS=2"),
    ("api.c", "-DENTRIES=500 -DCOMMANDS=2 -DMAP_TYPE=23"),
    ("ports.c", ""),
    ("ports.c", "-DPOOL=22"),
];

/// Compiles a program of `tests/data/queue`.
pub(crate) fn c_program(name: &str, arguments: &str) -> Linked {
    hash::c_program(&format!("../queue/{name}"), arguments)
}

/// Contents for the queues of a program: nothing, some elements, or as many as there is room for.
pub(crate) fn contents(seed: u64, linked: &Linked) -> MapContents {
    let mut n = Numbers::new(seed);
    let mut contents = MapContents::default();
    for map in linked.maps.iter().filter(|map| MapType(map.map_type).is_queue()) {
        let most = map.max_entries;
        let count = n.pick(&[0, most, most / 2, n_of(most)]);
        let values = (0..count).map(|_| (0..map.value_size).map(|_| n.bits() as u8).collect());
        contents.maps.insert(map.name.clone(), queue::entries(values.collect::<Vec<_>>()));
    }
    contents
}

fn n_of(most: u32) -> u32 {
    most.div_ceil(3)
}

/// What packets do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Traffic {
    /// Anything.
    Mixed,
    /// All push, replacing what is old.
    Push,
    /// All pop.
    Pop,
}

/// Packets for a program.
pub(crate) fn packets(program: &str, seed: u64, count: usize, traffic: Traffic) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    if program != "api.c" {
        return hash::traffic(seed, count, if traffic == Traffic::Mixed { 40 } else { 1 });
    }
    let mut phase = 0;
    (0..count)
        .map(|i| {
            // Queues fill up and run empty by turns.
            if i % 64 == 0 {
                phase = n.below(3);
            }
            let mut bytes = vec![0; 14];
            for _ in 0..4 {
                let mixed = match phase {
                    0 => n.pick(&[0, 0, 0, 1, 2, 9]),
                    1 => n.pick(&[0, 1, 1, 1, 2, 9]),
                    _ => n.pick(&[0, 0, 1, 1, 2, 2]),
                };
                let (what, flags) = match traffic {
                    Traffic::Mixed => (mixed, n.pick(&[0, 0, 0, 2, 1, 3, 4, 1 << 32, 1 << 33])),
                    Traffic::Push => (0, 2),
                    Traffic::Pop => (1, 0),
                };
                bytes.extend([what, 0]);
                bytes.extend(u64::to_le_bytes(flags));
                bytes.extend((0..8).map(|_| n.bits() as u8));
                bytes.extend([0xee; 8]);
            }
            bytes.resize(if i % 50 == 7 { 20 } else { 14 + 4 * 90 }, 0x5a);
            bytes
        })
        .collect()
}
