// SPDX-License-Identifier: Apache-2.0
//! Events: what programs tell the host, and how a record stands on `m_axis_event`.
//!
//! | bytes | contents |
//! |---|---|
//! | 0, 1 | length of the record on the stream, in bytes: header and padding included, a multiple of 8 |
//! | 2 | number of the map, as `id` in the manifest |
//! | 3 | format: 1 |
//! | 4, 5 | bytes of the program's data |
//! | 6, 7 | bytes of the packet |
//! | 8 to 11 | number of the record since reset, modulo 2^32 |
//! | 12 to 15 | records that found no room since reset, modulo 2^32, when this one left |
//! | 16 .. | the program's data, then zeros up to a multiple of 8 or, if bytes of the packet follow, of 64; the packet's bytes, then what lies behind them up to a multiple of 8 |
//!
//! Numbers are little-endian. A record is one AXI4-Stream packet; `hdl/rtl/bpf_events.sv` writes it.

/// Bytes of the header.
pub const HEADER_BYTES: usize = 16;
/// The format that is described here.
pub const FORMAT: u8 = 1;
/// The packet's bytes begin at a multiple of this, on every bus.
pub const PACKET_ALIGNMENT: usize = 64;
/// Records and their parts end at a multiple of this.
pub const ALIGNMENT: usize = 8;

/// Bytes of a ring buffer of this size as libbpf makes it: a power of two, at least a page (`adjust_ringbuf_sz`, libbpf.c).
#[must_use]
pub fn ring_bytes(max_entries: u32) -> u64 {
    const PAGE: u64 = 4096;
    u64::from(max_entries).next_power_of_two().max(PAGE)
}

/// What a packet told the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Position of the map in the manifest and in the program.
    pub map: usize,
    /// The program's data, then the packet's bytes.
    pub data: Vec<u8>,
    /// So many bytes at the end may be padding, as in what the kernel delivers by a perf buffer.
    pub padding: usize,
}

impl EventRecord {
    /// A record of which every byte is known.
    #[must_use]
    pub fn new(map: usize, data: Vec<u8>) -> Self {
        Self { map, data, padding: 0 }
    }

    /// Whether the two are the same, as far as can be told.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let shorter = self.data.len().min(other.data.len());
        let longest = |record: &Self| record.data.len() <= shorter + record.padding;
        self.map == other.map && longest(self) && longest(other) && self.data[..shorter] == other.data[..shorter]
    }
}

/// What the kernel delivers by a perf buffer for a record of so many bytes: padded so that, with a size of four bytes before it, it is
/// a multiple of 8 (`perf_sample_save_raw_data`, include/linux/perf_event.h).
#[must_use]
pub fn perf_bytes(bytes: usize) -> usize {
    (bytes + 4).next_multiple_of(8) - 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_kernel() {
        assert_eq!([0, 1, 4096, 4097, 1 << 20].map(ring_bytes), [4096, 4096, 4096, 8192, 1 << 20]);
        assert_eq!([0, 4, 5, 12, 13].map(perf_bytes), [4, 4, 12, 12, 20]);
    }

    #[test]
    fn padding_does_not_count() {
        let padded = EventRecord { map: 1, data: vec![1, 2, 3, 9], padding: 3 };
        assert!(padded.agrees(&EventRecord::new(1, vec![1, 2, 3])) && EventRecord::new(1, vec![1]).agrees(&padded));
        assert!(!padded.agrees(&EventRecord::new(1, Vec::new())));
        assert!(!padded.agrees(&EventRecord::new(0, vec![1, 2, 3])));
        assert!(!padded.agrees(&EventRecord::new(1, vec![1, 7])));
        assert!(!padded.agrees(&EventRecord::new(1, vec![1, 2, 3, 9, 9])));
    }
}
