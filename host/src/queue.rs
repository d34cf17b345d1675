// SPDX-License-Identifier: Apache-2.0
//! Queues and stacks: the elements in their order, from the ring and its state ([`bpf2hdl_interface::queue`]). Bloom filters: values
//! are added as the kernel does it, bit by bit ([`bpf2hdl_interface::bloom`]).
//!
//! Both are read entry by entry: what comes out is right only if no packet pushes or pops meanwhile.

use crate::{Device, HostError, Registers};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{bloom, queue};

impl<R: Registers> Device<R> {
    /// The elements, the oldest first.
    pub(crate) fn dump_queue(&mut self, map: u32, state: u32) -> Result<Entries, HostError> {
        let ring = self.read_entry(state, 0)?;
        let info = &self.manifest.maps[map as usize];
        let places = queue::places(&ring, info.max_entries);
        let places =
            places.ok_or_else(|| HostError::Map(format!("the state of map `{}` is {ring:02x?}", info.name)))?;
        let elements: Result<Vec<_>, _> = places.into_iter().map(|place| self.read_entry(map, place)).collect();
        Ok(queue::entries(elements?))
    }

    /// Adds values to a bloom filter.
    pub(crate) fn load_filter(&mut self, map: u32, bits: u32, entries: &Entries) -> Result<(), HostError> {
        let functions = bloom::functions(self.manifest.maps[map as usize].extra);
        let count = self.manifest.maps[bits as usize].max_entries;
        for place in entries.values().flat_map(|value| bloom::places(value, functions, count)) {
            self.write_entry(bits, place, &[1])?;
        }
        Ok(())
    }

    /// Makes these the elements.
    pub(crate) fn load_queue(&mut self, map: u32, state: u32, entries: &Entries) -> Result<(), HostError> {
        let max_entries = self.manifest.maps[map as usize].max_entries;
        for (place, value) in (0..max_entries).zip(queue::elements(entries)) {
            self.write_entry(map, place, value)?;
        }
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX).min(max_entries);
        self.write_entry(state, 0, &queue::state(count, max_entries))
    }
}
