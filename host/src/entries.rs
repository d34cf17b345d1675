// SPDX-License-Identifier: Apache-2.0
//! Maps as `bpf(2)` has them: look up, update with flags, delete, list a part, push and pop, whatever the type.
//!
//! Each of these is one step for packets: an entry is read and written as a whole. Results are the kernel's, as numbers of
//! `errno.h` (kernel/bpf/arraymap.c, hashtab.c, lpm_trie.c, queue_stack_maps.c).

use crate::error::check_value;
use crate::maps::index_of;
use crate::{Device, HostError, Registers};
use bpf2hdl_interface::registers as reg;
use bpf2hdl_interface::{MapInfo, bloom, queue};

/// No such entry.
pub const ENOENT: u32 = 2;
/// The map is full.
pub const E2BIG: u32 = 7;
/// The entry is there already.
pub const EEXIST: u32 = 17;
/// The map can not do that.
pub const EINVAL: u32 = 22;

/// When an update is wanted: the flags of `bpf_map_update_elem`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Condition {
    /// Always (`BPF_ANY`).
    #[default]
    Any,
    /// If there is no entry (`BPF_NOEXIST`).
    NoExist,
    /// If there is one (`BPF_EXIST`).
    Exist,
}

impl Condition {
    /// The flag's number.
    #[must_use]
    pub fn flag(self) -> u32 {
        self as u32
    }
}

/// A part of a map's entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Keys and values, in the order of the hardware.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where the next part begins; `None` behind the last one.
    pub next: Option<u32>,
}

/// What an operation gave: its result or the kernel's error number.
pub type Answer<T> = Result<Result<T, u32>, HostError>;

impl<R: Registers> Device<R> {
    /// The value of a key; of a trie that of the longest match.
    ///
    /// # Errors
    /// As [`Device::lookup`].
    pub fn get(&mut self, map: u32, key: &[u8]) -> Answer<Vec<u8>> {
        let info = self.hardware_map(map)?;
        if info.map_type.is_array() {
            let kind = info.map_type;
            return match index(info, key)? {
                Some(index) => {
                    let value = self.read_entry(map, index)?;
                    Ok(if kind.is_entry(&value) { Ok(value) } else { Err(ENOENT) })
                }
                None => Ok(Err(ENOENT)),
            };
        }
        Ok(self.lookup(map, key)?.ok_or(ENOENT))
    }

    /// Sets the value of a key, if the condition holds.
    ///
    /// # Errors
    /// As [`Device::update`].
    pub fn put(&mut self, map: u32, key: &[u8], value: &[u8], condition: Condition) -> Answer<()> {
        let info = self.hardware_map(map)?;
        check_value(info, value)?;
        if info.map_type.is_array() {
            let Some(index) = index(info, key)? else { return Ok(Err(E2BIG)) };
            if condition == Condition::NoExist {
                return Ok(Err(EEXIST));
            }
            return self.write_entry(map, index, value).map(Ok);
        }
        if info.map_type.is_trie() {
            let there = condition != Condition::Any && self.trie_has(map, key)?;
            return match condition {
                Condition::NoExist if there => Ok(Err(EEXIST)),
                Condition::Exist if !there => Ok(Err(ENOENT)),
                _ => self.trie_put(map, key, value),
            };
        }
        self.select_keyed(map)?;
        Ok(match self.write_keyed(map, key, value, condition.flag())? {
            0 => Ok(()),
            error => Err(error),
        })
    }

    /// Removes a key. Entries of arrays can not be removed, but those that name a target can.
    ///
    /// # Errors
    /// As [`Device::delete`].
    pub fn remove(&mut self, map: u32, key: &[u8]) -> Answer<()> {
        let info = self.hardware_map(map)?;
        if info.map_type.is_array() {
            let zero = vec![0; info.value_size as usize];
            let can_be_none = !info.map_type.is_entry(&zero);
            let Some(index) = index(info, key)? else { return Ok(Err(EINVAL)) };
            return if can_be_none { self.write_entry(map, index, &zero).map(Ok) } else { Ok(Err(EINVAL)) };
        }
        Ok(if self.delete(map, key)? { Ok(()) } else { Err(ENOENT) })
    }

    /// Entries from `cursor` on (0 at first), some `limit` of them. Packets may go on between two parts: an entry that is there all the
    /// time is listed once. A queue is listed whole, and only right while no packet is inside.
    ///
    /// # Errors
    /// As [`Device::dump_map`].
    pub fn part(&mut self, map: u32, cursor: u32, limit: u32) -> Result<Part, HostError> {
        let info = self.hardware_map(map)?;
        let (kind, count) = (info.map_type, info.max_entries);
        if let Some(state) = info.state {
            let entries = if kind.is_queue() { self.dump_queue(map, state)? } else { Default::default() };
            let values = queue::elements(&entries).into_iter().map(|value| (Vec::new(), value.clone()));
            return Ok(Part { entries: values.collect(), next: None });
        }
        if kind.is_array() {
            let end = cursor.saturating_add(limit).min(count);
            let mut entries = Vec::new();
            self.read_entries(map, cursor..end, &mut |index, value| {
                if kind.is_entry(&value) {
                    entries.push((index.to_le_bytes().to_vec(), value));
                }
            })?;
            return Ok(Part { entries, next: (end < count).then_some(end) });
        }
        let sizes = self.select_keyed(map)?;
        let mut entries = Vec::new();
        self.registers.write32(reg::MAP_INDEX, cursor)?;
        for _ in 0..limit {
            let Some(entry) = self.next_listed(map, sizes)? else { return Ok(Part { entries, next: None }) };
            entries.push(entry);
        }
        let next = self.registers.read32(reg::MAP_INDEX)?;
        Ok(Part { entries, next: Some(next) })
    }

    /// Pushes an element onto a queue or stack, or adds a value to a bloom filter. `overwrite`: the oldest element goes if it is full
    /// (`BPF_EXIST`). No packet is inside meanwhile.
    ///
    /// # Errors
    /// [`HostError::Map`] for another map or a value of another size; a failed access.
    pub fn push(&mut self, map: u32, value: &[u8], overwrite: bool) -> Answer<()> {
        let (info, state) = self.stateful(map)?;
        check_value(info, value)?;
        let (kind, most) = (info.map_type, info.max_entries as usize);
        if !kind.is_queue() {
            let value = queue::entries([value.to_vec()]);
            return self.load_filter(map, state, &value).map(Ok);
        }
        let mut elements: Vec<Vec<u8>> = self.dump_queue(map, state)?.into_values().collect();
        if elements.len() >= most {
            if !overwrite {
                return Ok(Err(E2BIG));
            }
            elements.remove(0);
        }
        elements.push(value.to_vec());
        self.load_queue(map, state, &queue::entries(elements)).map(Ok)
    }

    /// The next element of a queue (the oldest) or stack (the newest), which goes if `take` is set. No packet is inside meanwhile.
    ///
    /// # Errors
    /// As [`Device::push`].
    pub fn pop(&mut self, map: u32, take: bool) -> Answer<Vec<u8>> {
        let (info, state) = self.stateful(map)?;
        let kind = info.map_type;
        if !kind.is_queue() {
            return Ok(Err(EINVAL));
        }
        let entries = self.dump_queue(map, state)?;
        let mut elements: Vec<Vec<u8>> = queue::elements(&entries).into_iter().cloned().collect();
        if elements.is_empty() {
            return Ok(Err(ENOENT));
        }
        let newest = elements.len() - 1;
        let value = elements.remove(if kind == bpf2hdl_interface::MapType::STACK { newest } else { 0 });
        if take {
            self.load_queue(map, state, &queue::entries(elements))?;
        }
        Ok(Ok(value))
    }

    /// Whether a bloom filter may hold a value.
    ///
    /// # Errors
    /// As [`Device::push`].
    pub fn may_hold(&mut self, map: u32, value: &[u8]) -> Result<bool, HostError> {
        let (info, bits) = self.stateful(map)?;
        let functions = bloom::functions(info.extra);
        let count = self.manifest.maps[bits as usize].max_entries;
        for place in bloom::places(value, functions, count) {
            if self.read_entry(bits, place)?[0] == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn stateful(&self, map: u32) -> Result<(&MapInfo, u32), HostError> {
        let info = self.hardware_map(map)?;
        let wrong = || HostError::Map(format!("map `{}` of type {} has no elements", info.name, info.map_type));
        Ok((info, info.state.ok_or_else(wrong)?))
    }
}

/// The entry that a key of an array names; `None` if it is out of range.
fn index(info: &MapInfo, key: &[u8]) -> Result<Option<u32>, HostError> {
    Ok(Some(index_of(info, key)?).filter(|index| *index < info.max_entries))
}
