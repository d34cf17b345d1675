// SPDX-License-Identifier: Apache-2.0
//! Map contents through the data window.
//!
//! Protocol of one entry: select map and index, (for a write: fill the window,) command, poll busy, check error,
//! (for a read: empty the window). Runs of entries use the command's increment, so that the index is written once.
//! Maps whose keys are indices (array, per-CPU array, global data): the entry's index is its key. Hash maps: `hash`; LPM tries: `trie`.

use crate::error::check_value;
use crate::{Device, HostError, Registers};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers::{self as reg, DATA_BYTES};
use bpf2hdl_interface::{MapContents, MapInfo};
use std::ops::Range;

impl<R: Registers> Device<R> {
    /// Reads the value of entry `index` of map `map` (position in the manifest), in memory order.
    ///
    /// # Errors
    /// [`HostError::Map`] for a wrong map or index, [`HostError::TimeOut`] if the core stays busy, a failed access.
    pub fn read_entry(&mut self, map: u32, index: u32) -> Result<Vec<u8>, HostError> {
        let size = self.select(map, index)?;
        self.command(reg::COMMAND_READ, map, index)?;
        self.read_window(reg::DATA, size)
    }

    /// Writes the value of entry `index` of map `map`.
    ///
    /// # Errors
    /// As [`Device::read_entry`]; also a value of the wrong length.
    pub fn write_entry(&mut self, map: u32, index: u32, value: &[u8]) -> Result<(), HostError> {
        self.select(map, index)?;
        check_value(&self.manifest.maps[map as usize], value)?;
        self.write_window(reg::DATA, value)?;
        self.command(reg::COMMAND_WRITE, map, index)
    }

    /// Reads all entries of a map; those of an array that are all zero are left out. Calls `progress(done, total)` now and then.
    ///
    /// # Errors
    /// As [`Device::read_entry`].
    pub fn dump_map(&mut self, map: u32, progress: &mut dyn FnMut(u64, u64)) -> Result<Entries, HostError> {
        let info = self.hardware_map(map)?;
        let kind = info.map_type;
        if let Some(state) = info.state {
            // What a bloom filter holds can not be told.
            return if kind.is_queue() { self.dump_queue(map, state) } else { Ok(Entries::new()) };
        }
        if kind.is_hash() || kind.is_trie() {
            return self.dump_hash(map, progress);
        }
        let count = info.max_entries;
        let mut entries = Entries::new();
        self.read_entries(map, 0..count, &mut |index, value| {
            if value.iter().any(|byte| *byte != 0) {
                entries.insert(index.to_le_bytes().to_vec(), value);
            }
            if index % 1024 == 0 {
                progress(u64::from(index), u64::from(count));
            }
        })?;
        Ok(entries)
    }

    /// Reads a run of entries of a map with indices.
    pub(crate) fn read_entries(
        &mut self,
        map: u32,
        indices: Range<u32>,
        take: &mut dyn FnMut(u32, Vec<u8>),
    ) -> Result<(), HostError> {
        if indices.is_empty() {
            return Ok(());
        }
        let size = self.select(map, indices.start)?;
        for index in indices {
            self.command(reg::COMMAND_READ | reg::COMMAND_INCREMENT, map, index)?;
            take(index, self.read_window(reg::DATA, size)?);
        }
        Ok(())
    }

    /// Reads every map that is in hardware; see [`Device::dump_map`].
    ///
    /// # Errors
    /// As [`Device::read_entry`].
    pub fn dump(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<MapContents, HostError> {
        let mut contents = MapContents::default();
        let is_state = |map: &MapInfo| self.manifest.maps.iter().any(|queue| queue.state == Some(map.id));
        let maps: Vec<_> = self
            .manifest
            .maps
            .iter()
            .filter(|map| map.hardware && !is_state(map))
            .map(|map| (map.id, map.name.clone()))
            .collect();
        for (id, name) in maps {
            contents.maps.insert(name, self.dump_map(id, progress)?);
        }
        Ok(contents)
    }

    /// Replaces the contents of each map named in `contents`, on a core that has just been reset.
    ///
    /// Entries that are not given become zero: after reset only those that the manifest's `initial` fills need
    /// a write for that.
    ///
    /// # Errors
    /// [`HostError::Map`] for a map that is unknown or not in hardware; otherwise as [`Device::write_entry`].
    pub fn load(&mut self, contents: &MapContents) -> Result<(), HostError> {
        for (name, entries) in &contents.maps {
            let Some(map) = self.manifest.maps.iter().find(|map| map.name == *name) else {
                return Err(HostError::Map(format!("the design has no map `{name}`")));
            };
            let id = map.id;
            if map.map_type.is_trie() && map.hardware {
                self.load_trie(id, entries)?;
                continue;
            }
            if let Some(state) = map.state.filter(|_| map.hardware) {
                match map.map_type.is_queue() {
                    true => self.load_queue(id, state, entries)?,
                    false => self.load_filter(id, state, entries)?,
                }
                continue;
            }
            if map.map_type.is_hash() && map.hardware {
                self.load_hash(id, entries)?;
                continue;
            }
            let stale = stale_indices(map, entries);
            let zero = vec![0; map.value_size as usize];
            for index in stale {
                self.write_entry(id, index, &zero)?;
            }
            for (key, value) in entries {
                let index = index_of(&self.manifest.maps[id as usize], key)?;
                self.write_entry(id, index, value)?;
            }
        }
        Ok(())
    }

    /// Selects an entry and returns the length of a value in bytes.
    fn select(&mut self, map: u32, index: u32) -> Result<usize, HostError> {
        let info = self.hardware_map(map)?;
        let name = &info.name;
        if !info.map_type.is_array() && !info.map_type.is_queue() {
            return Err(HostError::Map(format!("map `{name}` of type {} has no indices", info.map_type)));
        }
        if index >= info.max_entries {
            return Err(HostError::Map(format!("map `{name}` has {} entries, no entry {index}", info.max_entries)));
        }
        let size = info.value_size as usize;
        if size > DATA_BYTES {
            return Err(HostError::Map(format!(
                "a value of map `{name}` has {size} bytes, the window has {DATA_BYTES}"
            )));
        }
        self.registers.write32(reg::MAP_SELECT, map)?;
        self.registers.write32(reg::MAP_INDEX, index)?;
        Ok(size)
    }

    fn command(&mut self, command: u32, map: u32, index: u32) -> Result<(), HostError> {
        let name = self.manifest.maps[map as usize].name.clone();
        self.run_command(command, || format!("entry {index} of map `{name}`")).map(drop)
    }

    /// Writes a command and waits until it is done; returns the status. `what` says what it works on.
    pub(crate) fn run_command(&mut self, command: u32, what: impl Fn() -> String) -> Result<u32, HostError> {
        self.registers.write32(reg::MAP_COMMAND, command)?;
        for _ in 0..self.polls {
            let status = self.registers.read32(reg::MAP_STATUS)?;
            if status & reg::MAP_STATUS_BUSY != 0 {
                continue;
            }
            if status & reg::MAP_STATUS_ERROR != 0 {
                return Err(HostError::Map(format!("the core refused {}", what())));
            }
            return Ok(status);
        }
        let polls = self.polls;
        Err(HostError::TimeOut(format!("the core is still busy with {} after {polls} polls", what())))
    }

    /// Reads bytes from the window at `base`.
    pub(crate) fn read_window(&mut self, base: u16, size: usize) -> Result<Vec<u8>, HostError> {
        let mut value = Vec::with_capacity(size.next_multiple_of(4));
        for address in (base..).step_by(4).take(size.div_ceil(4)) {
            value.extend(self.registers.read32(address)?.to_le_bytes());
        }
        value.truncate(size);
        Ok(value)
    }

    /// Writes bytes to the window at `base`, zeros up to the end of the last word.
    pub(crate) fn write_window(&mut self, base: u16, value: &[u8]) -> Result<(), HostError> {
        for (address, bytes) in (base..).step_by(4).zip(value.chunks(4)) {
            let mut word = [0; 4];
            word[..bytes.len()].copy_from_slice(bytes);
            self.registers.write32(address, u32::from_le_bytes(word))?;
        }
        Ok(())
    }
}

/// The entry that a key of a map with indices names, perhaps out of range.
pub(crate) fn index_of(map: &MapInfo, key: &[u8]) -> Result<u32, HostError> {
    key.try_into().map(u32::from_le_bytes).map_err(|_| HostError::length(map, "key", 4, key))
}

/// Indices that are not zero after reset and that `entries` does not set.
fn stale_indices(map: &MapInfo, entries: &Entries) -> Vec<u32> {
    let initial = map.initial_bytes().unwrap_or_default();
    let values = (0u32..).zip(initial.chunks(map.value_size.max(1) as usize));
    let stale = |(index, value): (u32, &[u8])| {
        let given = entries.contains_key(index.to_le_bytes().as_slice());
        (value.iter().any(|byte| *byte != 0) && !given).then_some(index)
    };
    values.filter_map(stale).collect()
}
