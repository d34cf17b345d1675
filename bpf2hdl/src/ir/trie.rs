// SPDX-License-Identifier: Apache-2.0
//! Directories of LPM tries: which prefix has which slot, and the longest one that matches a key.
//!
//! A key is 4 bytes of length (little endian) and an address, as the kernel has it (kernel/bpf/lpm_trie.c). A prefix matches a
//! key if it is at most as long as the key's own length and the bits of the address agree; a key that is longer than the
//! address matches nothing. Bits behind a prefix do not count, but are kept for whoever lists the prefixes.
//!
//! Packets only look; the host inserts and removes. A look-up costs one search for each length.

use std::collections::BTreeMap;

use super::{Found, Map};

/// Most entries of an LPM trie: what ten levels of the search tree hold (`hdl/rtl/bpf_map_trie.sv`).
pub const MAX_TRIE_ENTRIES: u32 = (1 << 19) - 1;
/// Bytes of a key in front of the address: its length in bits.
pub const LENGTH_BYTES: u32 = 4;

/// A prefix that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Entry {
    slot: u32,
    /// The key as it was given.
    key: Vec<u8>,
}

/// The prefixes of one map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trie {
    max_entries: usize,
    /// By length and masked address.
    entries: BTreeMap<(u32, Vec<u8>), Entry>,
    /// Slots that prefixes have given back, the latest last.
    free: Vec<u32>,
}

impl Trie {
    pub(super) fn new(map: &Map) -> Self {
        Trie { max_entries: map.max_entries as usize, entries: BTreeMap::new(), free: Vec::new() }
    }

    /// The longest match.
    pub(super) fn look_up(&self, key: &[u8]) -> Found {
        let (length, address) = split(key);
        if u64::from(length) > 8 * address.len() as u64 {
            return Found::default();
        }
        let matches = (0..=length).rev().find_map(|length| self.entries.get(&(length, masked(address, length))));
        matches.map_or(Found::default(), |entry| Found { found: true, refused: false, slot: entry.slot })
    }

    /// Gives a prefix a slot; its own if it is there. Refused where the map is full, or the length more than the address has.
    pub(super) fn insert(&mut self, key: &[u8]) -> Found {
        let (length, address) = split(key);
        let place = (length, masked(address, length));
        if let Some(entry) = self.entries.get_mut(&place) {
            entry.key = key.to_vec();
            return Found { found: true, refused: false, slot: entry.slot };
        }
        if self.entries.len() >= self.max_entries || u64::from(length) > 8 * address.len() as u64 {
            return Found { refused: true, ..Found::default() };
        }
        let slot = self.free.pop().unwrap_or(self.entries.len() as u32);
        self.entries.insert(place, Entry { slot, key: key.to_vec() });
        Found { found: false, refused: false, slot }
    }

    /// Removes a prefix; what slot it had.
    pub(super) fn remove(&mut self, key: &[u8]) -> Found {
        let (length, address) = split(key);
        let Some(entry) = self.entries.remove(&(length, masked(address, length))) else { return Found::default() };
        self.free.push(entry.slot);
        Found { found: true, refused: false, slot: entry.slot }
    }

    /// The keys as they were given, with their slots, ascending by length and address.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.entries.values().map(|entry| (entry.key.as_slice(), entry.slot))
    }
}

/// Length and address of a key. What is missing of the length is zero.
fn split(key: &[u8]) -> (u32, &[u8]) {
    let (length, address) = key.split_at(key.len().min(LENGTH_BYTES as usize));
    (length.iter().rev().fold(0, |length, &byte| length << 8 | u32::from(byte)), address)
}

/// An address without the bits behind the first `bits`.
fn masked(address: &[u8], bits: u32) -> Vec<u8> {
    let kept = |i: usize| bits.saturating_sub(8 * i as u32).min(8);
    address.iter().enumerate().map(|(i, byte)| byte & (0xff00_u16 >> kept(i)) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::MapKind;

    fn trie(max_entries: u32, keys: &[&[u8]]) -> Trie {
        let map = Map {
            name: "t".to_owned(),
            kind: MapKind::LpmTrie,
            key_size: 6,
            value_size: 1,
            max_entries,
            initial: Vec::new(),
            groups: 1,
            broadcast: false,
        };
        let mut trie = Trie::new(&map);
        for key in keys {
            trie.insert(key);
        }
        trie
    }

    fn key(length: u32, address: [u8; 2]) -> Vec<u8> {
        [length.to_le_bytes().as_slice(), &address].concat()
    }

    #[test]
    fn the_longest_match_within_the_own_length_counts() {
        let keys = [key(0, [9, 9]), key(8, [10, 7]), key(16, [10, 1]), key(9, [10, 128])];
        let trie = trie(9, &keys.each_ref().map(Vec::as_slice));
        let slot = |length, address| trie.look_up(&key(length, address)).slot;
        assert_eq!([slot(16, [10, 1]), slot(15, [10, 1]), slot(8, [10, 1]), slot(7, [10, 1])], [2, 1, 1, 0]);
        assert_eq!([slot(16, [10, 200]), slot(9, [10, 200]), slot(8, [10, 200]), slot(0, [10, 200])], [3, 3, 1, 0]);
        assert!(!trie.look_up(&key(17, [10, 1])).found && !trie.look_up(&key(1 << 24, [10, 1])).found);
    }

    #[test]
    fn equal_prefixes_are_one_entry_with_the_last_key() {
        let mut trie = trie(1, &[&key(8, [10, 1])]);
        assert_eq!(trie.insert(&key(8, [10, 2])), Found { found: true, refused: false, slot: 0 });
        assert_eq!(trie.keys().collect::<Vec<_>>(), [(key(8, [10, 2]).as_slice(), 0)]);
        assert!(trie.insert(&key(9, [10, 2])).refused);
        assert!(trie.remove(&key(8, [10, 3])).found && trie.keys().next().is_none());
        assert!(trie.insert(&key(17, [10, 2])).refused);
    }
}
