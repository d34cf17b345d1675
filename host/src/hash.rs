// SPDX-License-Identifier: Apache-2.0
//! Hash maps through the key and data windows; also the way to LPM tries (`trie`).
//!
//! Protocol of one command: select the map, fill the key window (and for an update the data window), command, poll busy,
//! check error, look at the error number, (for a look-up or the next entry: empty the windows). The order in which entries are
//! listed is the hardware's own; contents are kept sorted by key.

use crate::error::check_value;
use crate::{Device, HostError, Registers};
use bpf2hdl_interface::MapInfo;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers::{self as reg, DATA_BYTES, KEY_BYTES};

/// `ENOENT`: there is no such key, or no further one.
const NO_ENTRY: u32 = 2;

/// Key and value.
pub(crate) type Entry = (Vec<u8>, Vec<u8>);

impl<R: Registers> Device<R> {
    /// The value of a key in hash map `map` (position in the manifest), in memory order; `None` if the key is not there. Of an LPM
    /// trie, that of the longest prefix that matches the key.
    ///
    /// # Errors
    /// [`HostError::Map`] for a wrong map or key, [`HostError::TimeOut`] if the core stays busy, a failed access.
    pub fn lookup(&mut self, map: u32, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        let size = self.select_keyed(map)?.1;
        if self.is_trie(map) {
            return self.trie_lookup(map, key);
        }
        self.write_key(map, key)?;
        match self.key_command(map, reg::COMMAND_LOOKUP)? {
            0 => self.read_window(reg::DATA, size).map(Some),
            NO_ENTRY => Ok(None),
            error => Err(self.refused(map, "looked up in", error)),
        }
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// As [`Device::lookup`]; also a value of the wrong length, and a map that has no room.
    pub fn update(&mut self, map: u32, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.select_keyed(map)?;
        if self.is_trie(map) {
            return self.trie_update(map, key, value);
        }
        match self.write_keyed(map, key, value, 0)? {
            0 => Ok(()),
            error => Err(self.refused(map, "written to", error)),
        }
    }

    /// Writes an entry of a selected hash map, with the flags of `bpf_map_update_elem`; returns the error number.
    pub(crate) fn write_keyed(&mut self, map: u32, key: &[u8], value: &[u8], flags: u32) -> Result<u32, HostError> {
        check_value(&self.manifest.maps[map as usize], value)?;
        self.write_key(map, key)?;
        self.write_window(reg::DATA, value)?;
        self.key_command(map, reg::COMMAND_UPDATE | flags << reg::COMMAND_FLAGS_SHIFT)
    }

    /// Removes a key; whether it was there.
    ///
    /// # Errors
    /// As [`Device::lookup`].
    pub fn delete(&mut self, map: u32, key: &[u8]) -> Result<bool, HostError> {
        self.select_keyed(map)?;
        if self.is_trie(map) {
            return self.trie_delete(map, key);
        }
        self.write_key(map, key)?;
        match self.key_command(map, reg::COMMAND_DELETE)? {
            0 => Ok(true),
            NO_ENTRY => Ok(false),
            error => Err(self.refused(map, "deleted from", error)),
        }
    }

    /// Number of entries, and of insertions that were refused although the map was not full.
    ///
    /// # Errors
    /// As [`Device::lookup`].
    pub fn hash_counts(&mut self, map: u32) -> Result<(u32, u32), HostError> {
        self.select_keyed(map)?;
        Ok((self.registers.read32(reg::MAP_ENTRIES)?, self.registers.read32(reg::MAP_REFUSED)?))
    }

    /// All entries of a map with keys.
    pub(crate) fn dump_hash(&mut self, map: u32, progress: &mut dyn FnMut(u64, u64)) -> Result<Entries, HostError> {
        let sizes = self.select_keyed(map)?;
        let count = u64::from(self.hash_counts(map)?.0);
        let mut entries = Entries::new();
        self.registers.write32(reg::MAP_INDEX, 0)?;
        while let Some((key, value)) = self.next_listed(map, sizes)? {
            entries.insert(key, value);
            if entries.len().is_multiple_of(1024) {
                progress(entries.len() as u64, count);
            }
        }
        Ok(entries)
    }

    /// The next entry of a selected map with keys, in the order of the hardware; `sizes` are those of its keys and values.
    pub(crate) fn next_listed(
        &mut self,
        map: u32,
        (key_size, value_size): (usize, usize),
    ) -> Result<Option<Entry>, HostError> {
        match self.key_command(map, reg::COMMAND_NEXT)? {
            0 => Ok(Some((self.read_window(reg::KEY, key_size)?, self.read_window(reg::DATA, value_size)?))),
            NO_ENTRY => Ok(None),
            error => Err(self.refused(map, "listed in", error)),
        }
    }

    /// Makes these the whole contents of a hash map.
    pub(crate) fn load_hash(&mut self, map: u32, entries: &Entries) -> Result<(), HostError> {
        if self.hash_counts(map)?.0 != 0 {
            for key in self.dump_hash(map, &mut |_, _| {})?.into_keys() {
                self.delete(map, &key)?;
            }
        }
        let kind = self.manifest.maps[map as usize].map_type;
        let mut filled = entries.iter().filter(|(_, value)| kind.is_entry(value));
        filled.try_for_each(|(key, value)| self.update(map, key, value))
    }

    fn is_trie(&self, map: u32) -> bool {
        self.manifest.maps[map as usize].map_type.is_trie()
    }

    /// Selects a map with keys and returns the lengths of its keys and values in bytes.
    pub(crate) fn select_keyed(&mut self, map: u32) -> Result<(usize, usize), HostError> {
        let info = self.hardware_map(map)?;
        let (name, key, value) = (&info.name, info.key_size as usize, info.value_size as usize);
        if !info.map_type.is_hash() && !info.map_type.is_trie() {
            return Err(HostError::Map(format!("map `{name}` of type {} has no keys", info.map_type)));
        }
        if key > KEY_BYTES || value > DATA_BYTES {
            let text = format!(
                "an entry of map `{name}` has {key} and {value} bytes, the windows {KEY_BYTES} and {DATA_BYTES}"
            );
            return Err(HostError::Map(text));
        }
        self.registers.write32(reg::MAP_SELECT, map)?;
        Ok((key, value))
    }

    /// A map that is in hardware.
    pub(crate) fn hardware_map(&self, map: u32) -> Result<&MapInfo, HostError> {
        let Some(info) = self.manifest.maps.get(map as usize) else {
            return Err(HostError::Map(format!("the design has {} maps, no map {map}", self.manifest.maps.len())));
        };
        if !info.hardware {
            return Err(HostError::Map(format!(
                "map `{}` is not in hardware, its contents were fixed at compile time",
                info.name
            )));
        }
        Ok(info)
    }

    pub(crate) fn write_key(&mut self, map: u32, key: &[u8]) -> Result<(), HostError> {
        let info = &self.manifest.maps[map as usize];
        if key.len() != info.key_size as usize {
            return Err(HostError::length(info, "key", info.key_size, key));
        }
        self.write_window(reg::KEY, key)
    }

    /// Carries out a command on a key and returns its error number.
    pub(crate) fn key_command(&mut self, map: u32, command: u32) -> Result<u32, HostError> {
        let status = self.run_command(command, || format!("map {map}"))?;
        Ok(status >> reg::MAP_STATUS_ERRNO_SHIFT & 0x1f)
    }

    pub(crate) fn refused(&self, map: u32, what: &str, error: u32) -> HostError {
        let info = &self.manifest.maps[map as usize];
        let reason = match error {
            7 | 12 | 28 => format!("no room for another one of its {} entries", info.max_entries),
            22 => "no such slot".to_owned(),
            other => format!("error {other}"),
        };
        HostError::Map(format!("a key can not be {what} map `{}`: {reason}", info.name))
    }
}
