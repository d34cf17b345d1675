// SPDX-License-Identifier: Apache-2.0
//! What follows from a map's ports and their stages: how the hardware serves them, and how far apart packets must be.

use super::{MAX_RAM_REPLICAS, MapUnit, StepPort, Storage};
use crate::ir::{LENGTH_BYTES, MapKind};
use bpf2hdl_interface::lpm;

/// Most memory, bits, of a bloom filter that has a copy for each pair of a write and a read.
const MAX_FILTER_BITS: u64 = 8 << 20;

impl MapUnit {
    /// Stages from the first access that matters to the last write: 0 when never written, 1 when fused.
    pub fn section_stages(&self) -> u32 {
        match (&self.guard, self.is_changed()) {
            (Some(guard), _) => guard.stages,
            (None, false) => 0,
            (None, true) => 1,
        }
    }

    /// Whether the RAM's one port of each kind serves the accesses of a packet in turn, each in a stage of its own, because a packet
    /// makes more of them than could be served side by side.
    pub fn in_turn(&self) -> bool {
        let (reads, writes) = (self.reads.len(), self.writes.len());
        let is_more = writes > 1 || reads > MAX_RAM_REPLICAS;
        self.storage == Storage::Ram && writes > 0 && is_more && !self.sets_bits_at_once()
    }

    /// Whether bits have a RAM for each pair of a write and a read, so that a packet makes all of them at once.
    fn sets_bits_at_once(&self) -> bool {
        let slots = u64::from(self.map.slots());
        // A block RAM has 16 Kbit at least, smaller memories may be look-up tables.
        let bits = if slots > 1024 { slots.max(16_384) } else { slots };
        let pairs = (self.reads.len().max(1) * self.writes.len().max(1)) as u64;
        let is_unordered = self.reads.iter().all(|read| read.after == 0);
        self.map.kind == MapKind::Bits && is_unordered && bits * pairs <= MAX_FILTER_BITS
    }

    /// Bits of one copy of the entries.
    pub fn entry_bits(&self) -> u64 {
        let bits = if self.map.kind == MapKind::Bits { 1 } else { 8 * u64::from(self.map.value_size) };
        u64::from(self.map.slots()) * bits
    }

    /// Copies of the entries in RAM for each read port: bits have one for each write port.
    pub(super) fn write_replicas(&self) -> usize {
        if self.map.kind == MapKind::Bits { self.write_ports().max(1) } else { 1 }
    }

    /// Write ports of a map that can have several: one for each write that is made side by side with others.
    pub fn write_ports(&self) -> usize {
        if self.in_turn() { 1 } else { self.writes.len() }
    }

    /// The stages of the first and of the last write, if there are any.
    pub fn write_stages(&self) -> Option<(u32, u32)> {
        let stages = || self.writes.iter().map(|write| write.stage);
        Some((stages().min()?, stages().max()?))
    }

    /// The stages in which a value is first and last accessed, by data that is read or by a write.
    pub fn value_stages(&self) -> Option<(u32, u32)> {
        let data = self.reads.iter().map(|read| read.data);
        let stages = || data.clone().chain(self.writes.iter().map(|write| write.stage));
        Some((stages().min()?, stages().max()?))
    }

    /// The stage of a fused section, or the first in which a value is accessed.
    pub fn section_stage(&self) -> Option<u32> {
        self.value_stages().map(|(first, _)| first)
    }

    /// Whether the program writes values or changes the directory.
    pub fn is_changed(&self) -> bool {
        !self.writes.is_empty() || self.steps.iter().any(StepPort::changes)
    }

    /// Clocks between two packets that use the same entry: what the later one reads must have been written, and the step that
    /// finds it must come after those that insert or remove it, but not after those of the later packet. Where accesses are served in
    /// turn, those of the packet before must be over: then no port is asked for two things at once.
    pub fn same_entry_clocks(&self) -> u32 {
        if self.guard.is_none() {
            return 1;
        }
        let apart = |first: Option<u32>, last: Option<u32>| last.zip(first).map_or(0, |(l, f)| l.saturating_sub(f));
        let data = || self.reads.iter().map(|r| r.data);
        let writes = || self.writes.iter().map(|w| w.stage);
        let mut clocks = apart(data().min(), writes().max());
        if self.in_turn() {
            let before = [apart(writes().min(), data().max()), apart(writes().min(), writes().max())];
            clocks = before.into_iter().fold(clocks, u32::max).max(apart(data().min(), data().max()));
        }
        let inside = || self.steps.iter().filter(|step| !step.ahead);
        let issues = |changes: bool| inside().filter(move |s| s.changes() || !changes).map(|s| s.issue);
        let changes = apart(issues(false).min(), issues(true).max());
        // In one clock, look-ups come before a change.
        let looks = apart(issues(true).min(), issues(false).max()).saturating_sub(1);
        clocks.max(changes).max(looks) + 1
    }

    /// Bits of memory that a directory with so many ports takes. Hash maps: keys with a tag and a state for each port's own copy, and the ages of
    /// LRU maps (`hdl/rtl/bpf_map_table.sv`). LPM tries: borders and results in two tables for each port, and the keys
    /// (`hdl/rtl/bpf_map_trie.sv`).
    pub(super) fn directory_bits(&self, ports: usize) -> u64 {
        if !self.map.kind.has_directory() || self.storage == Storage::None {
            return 0;
        }
        if self.map.kind == MapKind::LpmTrie {
            let ranges = 1_u64 << (2 * lpm::levels(self.map.max_entries));
            let (address, slot) =
                (u64::from(8 * (self.map.key_size - LENGTH_BYTES)), u64::from(self.map.index_width()));
            let tables = 2 * ports as u64 * ((ranges - 1) * (address + 1) + ranges * (slot + 1));
            return tables + u64::from(self.map.max_entries) * u64::from(8 * self.map.key_size);
        }
        let age = if self.map.kind.is_lru() { 18 } else { 0 };
        u64::from(self.map.slots()) * (u64::from(8 * self.map.key_size + 18) * ports as u64 + age)
    }

    /// The last stage in which a step is presented, a value is read or the values are written.
    pub fn last_access(&self) -> u32 {
        let last = self.value_stages().map_or(0, |(_, last)| last);
        self.steps.iter().map(|step| step.issue).fold(last, u32::max)
    }
}
