// SPDX-License-Identifier: Apache-2.0
//! Look-ups in LPM tries. Programs can not add prefixes, so what is in a trie follows from its shape alone.

use super::map::entry;
use super::writer::Writer;
use super::{Feature, Numbers, forwarding, nested};
use crate::MapSpec;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::network::Table;
use bpf2hdl_interface::{MapContents, MapType};

/// `BPF_F_NO_PREALLOC`
pub(super) const FLAGS: u32 = 1;
const VALUE: u32 = 16;
/// Bits of addresses that are ever 1: few, so that prefixes nest and keys find them. The first byte is the highest.
const ADDRESSES: u32 = 0xc001_0103;

/// What is in the LPM tries, the maps of maps and the tables of `bpf_fib_lookup` among these maps before the first packet.
#[must_use]
pub fn preload(maps: &[MapSpec]) -> MapContents {
    let is_own = |map: &&MapSpec| map.map_type() == MapType::LPM_TRIE && Table::from_name(&map.name).is_none();
    let mut contents = forwarding::preload(maps);
    contents.maps.extend(nested::preload(maps).maps);
    contents.maps.extend(maps.iter().filter(is_own).map(|map| (map.name.clone(), table(map))));
    contents
}

fn table(map: &MapSpec) -> Entries {
    let mut n = Numbers::new(u64::from(map.value_size) << 32 | u64::from(map.max_entries));
    let bytes = map.key_size.saturating_sub(4) as usize;
    let mut entries = Entries::new();
    for _ in 0..map.max_entries {
        let bits = n.pick(&[0, 1, 2, 8, 16, 24, 31, 32, 32]).min(8 * bytes as u64);
        let mut address = (n.bits() as u32 & ADDRESSES).to_be_bytes().to_vec();
        address.resize(bytes, 0);
        let kept = |i: usize| (0xff00_u32 >> bits.saturating_sub(8 * i as u64).min(8)) as u8;
        let address = address.iter().enumerate().map(|(i, byte)| byte & kept(i));
        let key = (bits as u32).to_le_bytes().into_iter().chain(address).collect();
        entries.insert(key, (0..map.value_size).map(|_| n.bits() as u8).collect());
    }
    entries
}

/// A look-up of any length, and what is done with the entry.
pub(super) fn lookup(w: &mut Writer) {
    w.uses(Feature::TrieLookup);
    w.save();
    let entries = w.n.pick(&[4, 20]);
    let number = w.map(|| MapSpec {
        name: if entries == 4 { "trie4" } else { "trie20" }.to_owned(),
        kind: MapType::LPM_TRIE.0,
        key_size: 8,
        value_size: VALUE,
        max_entries: entries,
        flags: FLAGS,
        initial: None,
        read_only: false,
        extra: 0,
        pool: None,
        inner: None,
    });
    match w.n.below(4) {
        0 => {
            let s = w.scalar();
            w.line(format_args!("r0 = {s}"));
            w.line(format_args!("w0 &= 63"));
            w.line(format_args!("*(u32 *)(r10 -56) = r0"));
        }
        1 => {
            let length = w.n.below(34);
            w.line(format_args!("*(u32 *)(r10 -56) = {length}"));
        }
        _ => w.line(format_args!("*(u32 *)(r10 -56) = 32")),
    }
    let (s, mask) = (w.scalar(), ADDRESSES.swap_bytes().cast_signed());
    w.line(format_args!("r0 = {s}"));
    w.line(format_args!("w0 &= {mask}"));
    w.line(format_args!("*(u32 *)(r10 -52) = r0"));
    w.line(format_args!("r2 = r10"));
    w.line(format_args!("r2 += -56"));
    w.line(format_args!("r1 = map[fd:{number}]"));
    w.line(format_args!("call bpf_map_lookup_elem#1"));
    w.restore();
    entry(w, u64::from(VALUE));
}
