// SPDX-License-Identifier: Apache-2.0
//! Directories of hash maps: which key has which slot.
//!
//! A hash map is a directory and an array of values indexed by slot. All that is special to hashing is in the directory, each
//! operation of which is one indivisible step ([`Op::Directory`](super::Op::Directory)); the values are read and
//! written as those of an array. A slot belongs to its key from insertion to removal, and never moves.
//!
//! The directory here is exact: it refuses a key only when `max_entries` others are there, and drops, where it may, the key
//! that was used least recently. Hardware may refuse or drop otherwise, within the limits that `docs/` states.

use std::collections::BTreeMap;

use super::{Map, low_mask};

/// Most bytes of a hash map's key.
pub const MAX_KEY_BYTES: u32 = 64;
/// Most entries of a hash map.
pub const MAX_HASH_ENTRIES: u32 = 1 << 20;

/// Maps of at most so many entries are compared entry by entry, in flip-flops (`hdl/rtl/bpf_map_hash.sv`).
pub const MAX_CAM_ENTRIES: u32 = 16;
/// Cells of a bucket in all tables of the hardware together, and how many of them are meant to be filled.
const CELLS_PER_BUCKET: u32 = 24;
const FILLED_PER_BUCKET: u32 = 18;

/// Slots of a hash map that holds `max_entries` keys: the cells of the hardware's tables, the number of buckets
/// rounded up to four significant bits; of a few entries one more, where the host prepares an entry.
pub(super) fn slots(max_entries: u32) -> u32 {
    if max_entries <= MAX_CAM_ENTRIES {
        return max_entries + 1;
    }
    let least = max_entries.div_ceil(FILLED_PER_BUCKET);
    let spare_bits = (32 - least.leading_zeros()).saturating_sub(4);
    let buckets = least.div_ceil(1 << spare_bits) << spare_bits;
    CELLS_PER_BUCKET * buckets
}

/// The result of a directory operation.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Found {
    /// The key was there before.
    pub found: bool,
    /// The key was not there, was to be inserted, and could not be.
    pub refused: bool,
    /// The key's slot: of a key that was removed, the one it had; 0 of a key that is not there and was not inserted.
    pub slot: u32,
}

impl Found {
    /// Bit of `found`.
    pub const FOUND: u8 = 0;
    /// Bit of `refused`.
    pub const REFUSED: u8 = 1;
    /// Lowest bit of `slot`, which has [`Map::index_width`] bits.
    pub const SLOT: u8 = 2;

    /// Bits of the result for this map.
    pub fn width(map: &Map) -> u8 {
        Self::SLOT + map.index_width()
    }

    /// The result as bits.
    pub fn to_bits(self) -> u64 {
        u64::from(self.found) << Self::FOUND
            | u64::from(self.refused) << Self::REFUSED
            | (u64::from(self.slot) & low_mask(32)) << Self::SLOT
    }
}

/// A key that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    slot: u32,
    /// Number of the step that used it last.
    used: u64,
}

/// The keys of one map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Directory {
    max_entries: usize,
    is_lru: bool,
    entries: BTreeMap<Vec<u8>, Entry>,
    /// First bytes of a key that tell its part of the map, and how many keys there are in each.
    group_bytes: usize,
    counts: BTreeMap<Vec<u8>, usize>,
    /// Keys by the step that used them last; kept for LRU maps only.
    by_use: BTreeMap<u64, Vec<u8>>,
    /// Slots that keys have given back, the latest last.
    free: Vec<u32>,
    /// Slots from here on were never used.
    fresh: u32,
    steps: u64,
}

impl Directory {
    pub(super) fn new(map: &Map) -> Self {
        Directory {
            max_entries: if map.kind.is_lru() { map.max_entries } else { map.max_entries / map.groups.max(1) } as usize,
            group_bytes: if map.kind.is_lru() { 0 } else { map.group_bytes() as usize },
            counts: BTreeMap::new(),
            is_lru: map.kind.is_lru(),
            entries: BTreeMap::new(),
            by_use: BTreeMap::new(),
            free: Vec::new(),
            fresh: 0,
            steps: 0,
        }
    }

    /// One operation.
    pub(super) fn step(&mut self, key: &[u8], insert: bool, remove: bool) -> Found {
        self.steps += 1;
        if let Some(&Entry { slot, used }) = self.entries.get(key) {
            self.by_use.remove(&used);
            if remove {
                self.entries.remove(key);
                *self.count(key) -= 1;
                self.free.push(slot);
            } else {
                self.touch(key, slot);
            }
            return Found { found: true, refused: false, slot };
        }
        if !insert {
            return Found::default();
        }
        if *self.count(key) >= self.max_entries && !self.drop_oldest() {
            return Found { refused: true, ..Found::default() };
        }
        *self.count(key) += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.fresh += 1;
            self.fresh - 1
        });
        self.touch(key, slot);
        Found { found: false, refused: false, slot }
    }

    /// The keys with their slots, ascending by key.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.entries.iter().map(|(key, entry)| (key.as_slice(), entry.slot))
    }

    fn touch(&mut self, key: &[u8], slot: u32) {
        let used = self.steps;
        self.entries.insert(key.to_vec(), Entry { slot, used });
        if self.is_lru {
            self.by_use.insert(used, key.to_vec());
        }
    }

    /// Keys in the part of the map that a key belongs to.
    fn count(&mut self, key: &[u8]) -> &mut usize {
        self.counts.entry(key[..self.group_bytes.min(key.len())].to_vec()).or_default()
    }

    /// Drops the key that was used least recently, if this map does that.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, key)) = self.by_use.pop_first() else { return false };
        if let Some(entry) = self.entries.remove(&key) {
            *self.count(&key) -= 1;
            self.free.push(entry.slot);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::MapKind;

    fn map(kind: MapKind, max_entries: u32) -> Map {
        Map {
            name: "m".to_owned(),
            kind,
            key_size: 1,
            value_size: 1,
            max_entries,
            initial: Vec::new(),
            groups: 1,
            broadcast: false,
        }
    }

    #[test]
    fn slots_follow_the_hardware() {
        let cases = [(1, 2), (16, 17), (17, 24), (72, 96), (100_000, 24 * 5632), (1 << 20, 24 * 61_440)];
        for (entries, expected) in cases {
            assert_eq!(slots(entries), expected, "{entries} entries");
        }
    }

    #[test]
    fn a_full_map_refuses_and_a_removed_slot_serves_again() {
        let mut directory = Directory::new(&map(MapKind::Hash, 2));
        let slots: Vec<Found> = [b"a", b"b", b"c", b"a"].iter().map(|key| directory.step(*key, true, false)).collect();
        assert_eq!((slots[0].found, slots[1].found, slots[2].refused, slots[3].found), (false, false, true, true));
        assert_eq!(directory.step(b"a", false, true), slots[3]);
        let next = directory.step(b"c", true, false);
        assert_eq!((next.found, next.refused, next.slot), (false, false, slots[0].slot));
    }

    #[test]
    fn each_part_of_a_map_has_its_share() {
        let mut directory = Directory::new(&Map { groups: 2, ..map(MapKind::Hash, 4) });
        let refused = [b"aa", b"ab", b"ba", b"ac"].map(|key| directory.step(key, true, false).refused);
        assert_eq!(refused, [false, false, false, true]);
        directory.step(b"aa", false, true);
        assert!(!directory.step(b"ac", true, false).refused && !directory.step(b"bb", true, false).refused);
        assert!(directory.step(b"bc", true, false).refused);
    }

    #[test]
    fn a_full_lru_map_drops_what_was_used_least_recently() {
        let mut directory = Directory::new(&map(MapKind::LruHash, 2));
        for key in [b"a", b"b"] {
            directory.step(key, true, false);
        }
        directory.step(b"a", false, false);
        assert!(!directory.step(b"c", true, false).refused);
        let keys: Vec<&[u8]> = directory.keys().map(|(key, _)| key).collect();
        assert_eq!(keys, [b"a", b"c"]);
    }
}
