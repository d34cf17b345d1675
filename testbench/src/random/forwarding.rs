// SPDX-License-Identifier: Apache-2.0
//! Calls of `bpf_fib_lookup`. The tables are the same in all programs: what is in them follows from nothing.

use super::writer::{CONTEXT_SLOT, POINTER_SLOT, Writer};
use super::{Feature, network, trie};
use crate::MapSpec;
use bpf2hdl_interface::network::{Network, Table, octets};
use bpf2hdl_interface::{MapContents, MapType};

/// Seed of the tables, and about how many routes of each family they have.
const SEED: u64 = 77;
const ROUTES: usize = 16;

/// Offsets in `struct bpf_fib_lookup` that programs look at afterwards: lengths, interface, metric, addresses, MAC addresses.
const FIELDS: [u32; 9] = [4, 8, 12, 16, 32, 40, 48, 52, 56];

/// The tables.
fn tables() -> Network {
    let mut network = network::network(SEED, ROUTES);
    // Packets come from the loopback.
    for device in network.devices.iter_mut().filter(|device| device.interface == 1) {
        (device.forwards4, device.forwards6) = (true, true);
    }
    network
}

/// Contents of the tables among these maps.
pub(super) fn preload(maps: &[MapSpec]) -> MapContents {
    if maps.iter().any(|map| Table::from_name(&map.name).is_some()) {
        tables().to_maps()
    } else {
        MapContents::default()
    }
}

fn declare(w: &mut Writer) -> usize {
    let spec = |name: &str, kind: MapType, sizes: [u32; 3]| MapSpec {
        name: name.to_owned(),
        kind: kind.0,
        key_size: sizes[0],
        value_size: sizes[1],
        max_entries: sizes[2],
        flags: if kind == MapType::LPM_TRIE { trie::FLAGS } else { 0 },
        initial: None,
        read_only: false,
        extra: 0,
        pool: None,
        inner: None,
    };
    for table in Table::ALL {
        let sizes = [table.key_size(), table.value_size(), 64];
        w.map(|| spec(table.name(), table.map_type(), sizes));
    }
    w.map(|| spec("params", MapType::ARRAY, [4, 64, 1]))
}

/// A look-up with parameters in a map value, so that what it leaves alone is of packets before.
pub(super) fn lookup(w: &mut Writer) {
    if w.frame.loops > 0 {
        return trie::lookup(w);
    }
    w.uses(Feature::FibLookup);
    let (number, skip) = (declare(w), w.label());
    w.save();
    w.line(format_args!("*(u32 *)(r10 -56) = 0"));
    w.line(format_args!("r2 = r10"));
    w.line(format_args!("r2 += -56"));
    w.line(format_args!("r1 = map[fd:{number}]"));
    w.line(format_args!("call bpf_map_lookup_elem#1"));
    w.line(format_args!("if r0 == 0 goto {skip}"));
    w.line(format_args!("*(u64 *)(r10 -{POINTER_SLOT}) = r0"));
    w.restore();
    parameters(w);
    w.save();
    w.line(format_args!("r2 = r0"));
    w.line(format_args!("r3 = 64"));
    // DIRECT, SKIP_NEIGH, MARK; seldom one that there is not.
    let flags = w.n.pick(&[0, 0, 0, 1, 4, 5, 32, 64]);
    w.line(format_args!("r4 = {flags}"));
    w.line(format_args!("r1 = *(u64 *)(r10 -{CONTEXT_SLOT})"));
    w.line(format_args!("call bpf_fib_lookup#69"));
    w.line(format_args!("r1 = *(u64 *)(r10 -{POINTER_SLOT})"));
    w.line(format_args!("r9 += r0"));
    let field = w.n.pick(&FIELDS);
    w.line(format_args!("r0 = *(u32 *)(r1 +{field})"));
    w.line(format_args!("r9 ^= r0"));
    w.place(&skip);
    w.restore();
}

/// Fills the structure at r0: sometimes only a part of it.
fn parameters(w: &mut Writer) {
    let network = tables();
    let family = w.n.pick(&[2, 2, 10, 10, 3]);
    if w.n.one_in(5) {
        let s = w.scalar();
        w.line(format_args!("*(u8 *)(r0 +0) = {s}"));
    } else {
        w.line(format_args!("*(u8 *)(r0 +0) = {family}"));
    }
    if w.n.one_in(3) {
        let s = w.scalar();
        w.line(format_args!("*(u16 *)(r0 +6) = {s}"));
    } else {
        let length = w.n.pick(&[60, 600, 1400, 1500, 1501]);
        w.line(format_args!("*(u16 *)(r0 +6) = {length}"));
    }
    let interface = w.n.pick(&[1, 1, 1, 2, 3, 9, 77]);
    w.line(format_args!("*(u32 *)(r0 +8) = {interface}"));
    let routes: Vec<_> = network.routes.iter().filter(|r| r.destination.is_ipv4() == (family == 2)).collect();
    let address = octets(w.n.pick(&routes).destination);
    for (place, word) in (32..).step_by(4).zip(address.chunks(4)) {
        let word = word.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes));
        w.line(format_args!("*(u32 *)(r0 +{place}) = {word}"));
    }
    if w.n.one_in(2) {
        // The last byte of the address, or the first of the source.
        let (s, place) = (w.scalar(), w.n.pick(&[35, 35, 47, 16]));
        w.line(format_args!("*(u8 *)(r0 +{place}) = {s}"));
    }
}
