// SPDX-License-Identifier: Apache-2.0
//! LPM tries through the key and data windows.
//!
//! Hardware keeps the prefixes with their values by slot, and two copies of the search tree (`lpm`), one of which look-ups use.
//! A change of the set of prefixes reads them back, writes the other copy and makes that the one in use: a packet sees the
//! set before or the set after, and no packet waits. That costs a few register accesses for each prefix of the map, so many
//! prefixes are best loaded at once.
//!
//! A key is the kernel's: 4 bytes of length in bits, then the address. Bits behind a prefix do not count, but are kept.

use crate::entries::Answer;
use crate::error::check_value;
use crate::lpm::{self, Prefix, Word, masked};
use crate::{Device, HostError, Registers};
use bpf2hdl_interface::lpm::levels;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers as reg;
use std::collections::BTreeMap;

/// `ENOENT`: there is nothing in the slot, or in no further one.
const NO_ENTRY: u32 = 2;
/// `ENOSPC`: the trie is full.
const NO_SPACE: u32 = 28;
/// Bytes of a key's length.
const LENGTH_BYTES: usize = 4;

/// A prefix as the hardware keeps it.
struct Stored {
    slot: u32,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl<R: Registers> Device<R> {
    /// The value of the longest match that is not longer than the key's own length.
    pub(crate) fn trie_lookup(&mut self, map: u32, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        self.check_key(map, key)?;
        let (bits, address) = split(key);
        let agrees = |stored: &Stored| {
            let (length, prefix) = split(&stored.key);
            length <= bits && masked(prefix, length) == masked(address, length)
        };
        if bits as usize > 8 * address.len() {
            return Ok(None);
        }
        let found = self.stored(map)?.into_iter().filter(agrees).max_by_key(|stored| split(&stored.key).0);
        Ok(found.map(|stored| stored.value))
    }

    /// Whether a prefix is there.
    pub(crate) fn trie_has(&mut self, map: u32, key: &[u8]) -> Result<bool, HostError> {
        self.check_prefix(map, key)?;
        Ok(self.stored(map)?.iter().any(|stored| is_same(&stored.key, key)))
    }

    /// Sets the value of a prefix.
    pub(crate) fn trie_update(&mut self, map: u32, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        match self.trie_put(map, key, value)? {
            Ok(()) => Ok(()),
            Err(error) => Err(self.refused(map, "written to", error)),
        }
    }

    /// Sets the value of a prefix; `ENOSPC` if there is no room, as in the kernel.
    pub(crate) fn trie_put(&mut self, map: u32, key: &[u8], value: &[u8]) -> Answer<()> {
        self.check_prefix(map, key)?;
        let mut all = self.stored(map)?;
        if let Some(known) = all.iter().find(|stored| is_same(&stored.key, key)) {
            let slot = known.slot;
            return self.write_slot(map, slot, key, value).map(Ok);
        }
        let info = &self.manifest.maps[map as usize];
        // The slots are listed in ascending order.
        let free = (0..).zip(&all).find_map(|(slot, stored)| (stored.slot != slot).then_some(slot));
        let slot = free.unwrap_or(u32::try_from(all.len()).unwrap_or(u32::MAX));
        if slot >= info.max_entries {
            return Ok(Err(NO_SPACE));
        }
        self.write_slot(map, slot, key, value)?;
        all.push(Stored { slot, key: key.to_vec(), value: Vec::new() });
        self.rebuild(map, &all).map(Ok)
    }

    /// Removes a prefix; whether it was there.
    pub(crate) fn trie_delete(&mut self, map: u32, key: &[u8]) -> Result<bool, HostError> {
        self.check_prefix(map, key)?;
        let mut all = self.stored(map)?;
        let Some(place) = all.iter().position(|stored| is_same(&stored.key, key)) else { return Ok(false) };
        let slot = all.remove(place).slot;
        self.rebuild(map, &all)?;
        self.registers.write32(reg::MAP_INDEX, slot)?;
        self.slot_command(map, reg::COMMAND_DELETE)?;
        Ok(true)
    }

    /// Makes these the whole contents of a trie. Of keys that are one prefix, the last one counts.
    pub(crate) fn load_trie(&mut self, map: u32, entries: &Entries) -> Result<(), HostError> {
        // Keys by length and masked address.
        let mut wanted: BTreeMap<(u32, Vec<u8>), &Vec<u8>> = BTreeMap::new();
        for key in entries.keys() {
            self.check_prefix(map, key)?;
            let (bits, address) = split(key);
            wanted.insert((bits, masked(address, bits)), key);
        }
        let info = &self.manifest.maps[map as usize];
        if wanted.len() > info.max_entries as usize {
            let (name, entries, count) = (&info.name, info.max_entries, wanted.len());
            return Err(HostError::Map(format!("map `{name}` has {entries} entries, not {count}")));
        }
        let old = self.stored(map)?;
        if !old.is_empty() {
            self.rebuild(map, &[])?;
        }
        let mut new = Vec::new();
        for (slot, key) in (0..).zip(wanted.into_values()) {
            self.write_slot(map, slot, key, &entries[key])?;
            new.push(Stored { slot, key: key.clone(), value: Vec::new() });
        }
        for stored in old.iter().filter(|stored| stored.slot as usize >= new.len()) {
            self.registers.write32(reg::MAP_INDEX, stored.slot)?;
            self.slot_command(map, reg::COMMAND_DELETE)?;
        }
        self.rebuild(map, &new)
    }

    /// All prefixes, ascending by slot.
    fn stored(&mut self, map: u32) -> Result<Vec<Stored>, HostError> {
        let (key_size, value_size) = self.select_keyed(map)?;
        let mut all = Vec::new();
        self.registers.write32(reg::MAP_INDEX, 0)?;
        while self.slot_command(map, reg::COMMAND_NEXT)? {
            let slot = self.registers.read32(reg::MAP_INDEX)?.wrapping_sub(1);
            let key = self.read_window(reg::KEY, key_size)?;
            all.push(Stored { slot, key, value: self.read_window(reg::DATA, value_size)? });
        }
        Ok(all)
    }

    fn write_slot(&mut self, map: u32, slot: u32, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.select_keyed(map)?;
        check_value(&self.manifest.maps[map as usize], value)?;
        self.registers.write32(reg::MAP_INDEX, slot)?;
        self.write_window(reg::KEY, key)?;
        self.write_window(reg::DATA, value)?;
        self.slot_command(map, reg::COMMAND_UPDATE).map(drop)
    }

    /// Writes the copy of the tree that look-ups do not use, and makes it the one that they use.
    fn rebuild(&mut self, map: u32, all: &[Stored]) -> Result<(), HostError> {
        let (key_size, _) = self.select_keyed(map)?;
        let prefix = |stored: &Stored| {
            let (bits, address) = split(&stored.key);
            Prefix { bits, address: address.to_vec(), slot: stored.slot }
        };
        let prefixes: Vec<Prefix> = all.iter().map(prefix).collect();
        let levels = levels(self.manifest.maps[map as usize].max_entries);
        let Some(words) = lpm::tree(&prefixes, key_size - LENGTH_BYTES, levels) else {
            let name = &self.manifest.maps[map as usize].name;
            return Err(HostError::Map(format!("the prefixes of map `{name}` do not fit its tables")));
        };
        let mut next = None;
        for word in words {
            let (index, key) = match word {
                Word::Border { level, node, border, first } => {
                    let key = first.map(|(address, bits)| [bits.to_le_bytes().as_slice(), &address].concat());
                    (level << reg::TRIE_LEVEL_SHIFT | border << reg::TRIE_BORDER_SHIFT | node, key)
                }
                Word::Range { range, slot } => {
                    (levels << reg::TRIE_LEVEL_SHIFT | range, slot.map(|slot| slot.to_le_bytes().to_vec()))
                }
            };
            if next != Some(index) {
                self.registers.write32(reg::MAP_INDEX, index)?;
            }
            next = Some(index + 1);
            let used = if key.is_some() { reg::COMMAND_WORD_USED } else { 0 };
            self.write_window(reg::KEY, &key.unwrap_or_default())?;
            self.slot_command(map, reg::COMMAND_WRITE | reg::COMMAND_INCREMENT | used)?;
        }
        self.registers.write32(reg::MAP_INDEX, reg::TRIE_FLIP)?;
        self.slot_command(map, reg::COMMAND_WRITE).map(drop)
    }

    /// Carries out a command; whether there was something in the slot.
    fn slot_command(&mut self, map: u32, command: u32) -> Result<bool, HostError> {
        match self.key_command(map, command)? {
            0 => Ok(true),
            NO_ENTRY => Ok(false),
            error => Err(self.refused(map, "written to", error)),
        }
    }

    fn check_key(&self, map: u32, key: &[u8]) -> Result<(), HostError> {
        let info = self.hardware_map(map)?;
        if key.len() == info.key_size as usize && key.len() > LENGTH_BYTES {
            return Ok(());
        }
        Err(HostError::length(info, "key", info.key_size, key))
    }

    /// As `check_key`, and the length is not more than the address has.
    fn check_prefix(&self, map: u32, key: &[u8]) -> Result<(), HostError> {
        self.check_key(map, key)?;
        let (bits, address) = split(key);
        if bits as usize <= 8 * address.len() {
            return Ok(());
        }
        let name = &self.manifest.maps[map as usize].name;
        let most = 8 * address.len();
        Err(HostError::Map(format!("a prefix of map `{name}` has at most {most} bits, not {bits}")))
    }
}

/// Length and address of a key.
fn split(key: &[u8]) -> (u32, &[u8]) {
    let (length, address) = key.split_at(key.len().min(LENGTH_BYTES));
    (length.iter().rev().fold(0, |length, &byte| length << 8 | u32::from(byte)), address)
}

/// Whether two keys are one prefix.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((bits, x), (length, y)) = (split(one), split(other));
    bits == length && masked(x, bits) == masked(y, bits)
}
