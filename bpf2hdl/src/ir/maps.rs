// SPDX-License-Identifier: Apache-2.0
//! The contents of maps, as the interpreters keep them.

use super::directory::Directory;
use super::trie::Trie;
use super::{Found, Function, Map, MapId, MapKind};

/// The contents of every map of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapState {
    /// Per map: all values, one behind the other.
    entries: Vec<Vec<u8>>,
    /// Per map: bytes of a value.
    value_sizes: Vec<usize>,
    /// Per map: the keys, of maps with a directory.
    directories: Vec<Option<Keys>>,
}

/// The keys of a map and their slots.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Keys {
    Hash(Directory),
    Trie(Trie),
}

impl Keys {
    fn new(map: &Map) -> Option<Self> {
        match map.kind {
            MapKind::LpmTrie => Some(Keys::Trie(Trie::new(map))),
            kind => kind.is_hash().then(|| Keys::Hash(Directory::new(map))),
        }
    }

    fn step(&mut self, key: &[u8], insert: bool, remove: bool) -> Found {
        match self {
            Keys::Hash(directory) => directory.step(key, insert, remove),
            Keys::Trie(trie) if insert => trie.insert(key),
            Keys::Trie(trie) if remove => trie.remove(key),
            Keys::Trie(trie) => trie.look_up(key),
        }
    }

    fn list(&self) -> Vec<(&[u8], u32)> {
        match self {
            Keys::Hash(directory) => directory.keys().collect(),
            Keys::Trie(trie) => trie.keys().collect(),
        }
    }
}

/// A map that holds as many keys as it can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MapFull;

impl MapState {
    /// The contents at load time: zeros, and the initial contents in the first entry; maps with a directory are empty. The function has
    /// passed [`check`](super::check()), which bounds the size of a map.
    pub fn new(function: &Function) -> Self {
        let contents = |map: &Map| {
            let mut bytes = vec![0; map.value_size as usize * map.slots() as usize];
            if !map.kind.has_directory() {
                // A channel stores nothing.
                if !map.kind.is_channel() {
                    bytes[..map.initial.len()].copy_from_slice(&map.initial);
                }
            }
            bytes
        };
        let mut state = MapState {
            entries: function.maps.iter().map(contents).collect(),
            value_sizes: function.maps.iter().map(|map| map.value_size as usize).collect(),
            directories: function.maps.iter().map(Keys::new).collect(),
        };
        for (index, map) in function.maps.iter().enumerate().filter(|(_, map)| map.kind == MapKind::HashOfMaps) {
            state.insert_initial(MapId::new(index), map);
        }
        state
    }

    /// The initial contents of a hash of maps: the first bytes of the numbers 0, 1, .. are the keys.
    fn insert_initial(&mut self, id: MapId, map: &Map) {
        for (number, value) in (0u64..).zip(map.initial.chunks(map.value_size.max(1) as usize)) {
            if value.iter().any(|byte| *byte != 0) {
                let mut key = number.to_le_bytes().to_vec();
                key.resize(map.key_size as usize, 0);
                // There are no more of them than the map has entries.
                let _ = self.insert(id, &key, value);
            }
        }
    }

    /// All values of a map, one behind the other, each `value_size` bytes in memory order; of a map with a directory by slot.
    pub fn contents(&self, map: MapId) -> &[u8] {
        &self.entries[map.index()]
    }

    /// The bytes of one value; `None` if the index is out of range.
    pub fn entry(&self, map: MapId, index: u64) -> Option<&[u8]> {
        let size = self.value_sizes[map.index()];
        let start = usize::try_from(index).ok()?.checked_mul(size)?;
        self.entries[map.index()].get(start..start.checked_add(size)?)
    }

    /// The bytes of one value, to be changed; `None` if the index is out of range.
    pub fn entry_mut(&mut self, map: MapId, index: u64) -> Option<&mut [u8]> {
        let size = self.value_sizes[map.index()];
        let start = usize::try_from(index).ok()?.checked_mul(size)?;
        self.entries[map.index()].get_mut(start..start.checked_add(size)?)
    }

    /// One step on a map's directory. Of a map without one, nothing is found.
    pub fn step(&mut self, map: MapId, key: &[u8], insert: bool, remove: bool) -> Found {
        self.directories[map.index()].as_mut().map_or(Found::default(), |d| d.step(key, insert, remove))
    }

    /// Keys and values of a map with a directory: of a hash map ascending by key. Nothing of another map.
    pub fn pairs(&self, map: MapId) -> impl Iterator<Item = (&[u8], &[u8])> {
        let keys = self.directories[map.index()].iter().flat_map(Keys::list);
        keys.filter_map(move |(key, slot)| Some((key, self.entry(map, slot.into())?)))
    }

    /// Empties a map with a directory.
    pub fn clear(&mut self, map: MapId) {
        let keys: Vec<Vec<u8>> = self.pairs(map).map(|(key, _)| key.to_vec()).collect();
        for key in keys {
            self.step(map, &key, false, true);
        }
    }

    /// Sets the value of a key in a map with a directory. The value has the map's size.
    ///
    /// # Errors
    /// [`MapFull`], and nothing is changed.
    pub fn insert(&mut self, map: MapId, key: &[u8], value: &[u8]) -> Result<(), MapFull> {
        let found = self.step(map, key, true, false);
        if found.refused {
            return Err(MapFull);
        }
        if let Some(entry) = self.entry_mut(map, found.slot.into()) {
            entry.copy_from_slice(value);
        }
        Ok(())
    }
}
