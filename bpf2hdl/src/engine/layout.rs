// SPDX-License-Identifier: Apache-2.0
//! Maps in the engine's memory: a descriptor each, tables, values (`firmware/layout.h` has the same).

use super::helpers::EVENTS;
use super::{calls, kind_number, le_bytes, prints, word};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::object::{Linked, Map, Nesting};
use crate::verify::Prints;
use bpf2hdl_interface::event::ring_bytes;
use bpf2hdl_interface::network::Table;
use bpf2hdl_interface::{MapType, bloom, lpm, print};

/// Address of the memory's first byte.
const MEMORY: u32 = 0x1000_0000;
/// Address of the context.
pub(super) const CONTEXT: u32 = MEMORY + 0x2840;
/// Byte of the memory at which what comes with the program begins in `struct state`.
const STATE: u32 = 0x2880 + 4 * 16;
/// Byte of the memory at which the descriptors begin.
const MAPS: u32 = 0x6000;
/// Bytes of a descriptor.
const MAP_BYTES: u32 = 64;
/// Most memory that a program may have: addresses have so many bits.
const MOST_BYTES: u64 = 1 << 28;

/// Bytes for the records of a packet.
const BUFFER_BYTES: u32 = 1 << 16;

const ARRAY: u32 = 1;
const HASH: u32 = 2;
const TRIE: u32 = 3;
const QUEUE: u32 = 4;
const STACK: u32 = 5;
const BLOOM: u32 = 6;
const CHANNEL: u32 = 7;

const IS_LRU: u32 = 1;
const IS_CPUS: u32 = 2;
const IS_TARGETS: u32 = 4;
const IS_OUTER: u32 = 8;
const IS_INNER: u32 = 16;
const LOCK_SHIFT: u32 = 16;

/// `struct map` of the firmware.
#[derive(Clone, Copy, Default)]
struct Descriptor {
    kind: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    values: u32,
    stride: u32,
    buckets: u32,
    mask: u32,
    flags: u32,
    free: u32,
    fresh: u32,
    spare: u32,
    newest: u32,
    oldest: u32,
}

impl Descriptor {
    fn bytes(&self) -> Vec<u8> {
        let (entries, refused) = (0, 0);
        let words = [
            [self.kind, self.key_size, self.value_size, self.max_entries],
            [entries, refused, self.values, self.stride],
            [self.buckets, self.mask, self.flags, self.free],
            [self.fresh, self.spare, self.newest, self.oldest],
        ];
        le_bytes(words.as_flattened())
    }
}

/// Where everything is.
pub(super) struct Layout {
    descriptors: Vec<Descriptor>,
    /// The first inner map of each pool.
    inner: Vec<Option<u32>>,
    maps: u32,
    end: u64,
    parts: Vec<(u32, Vec<u8>)>,
}

impl Layout {
    /// Lays the maps out.
    ///
    /// # Errors
    /// Types of maps that the firmware does not have; more memory than addresses reach.
    pub(super) fn new(program: &Linked) -> Result<Self, Diagnostics> {
        let maps = word(program.maps.len());
        let mut all = u64::from(maps);
        let mut inner = Vec::new();
        for map in &program.maps {
            inner.push(map.pool().map(|_| u32::try_from(all).unwrap_or(u32::MAX)));
            all += map.pool().map_or(0, |pool| u64::from(pool.count));
        }
        let end = u64::from(MAPS) + u64::from(MAP_BYTES) * all;
        let mut layout =
            Self { descriptors: Vec::new(), inner, maps, end: end.next_multiple_of(64), parts: Vec::new() };
        let mut errors = Diagnostics::new();
        for map in &program.maps {
            match layout.own(map) {
                Ok(descriptor) => layout.descriptors.push(descriptor),
                Err(error) => errors.push(error),
            }
        }
        if layout.end > MOST_BYTES {
            let message = format!("the maps take {} bytes; an engine addresses {MOST_BYTES}", layout.end);
            errors.push(Diagnostic::new(Code::MapSizeLimit, message));
        }
        if errors.has_errors() {
            return Err(errors.finish());
        }
        layout.relate(program);
        Ok(layout)
    }

    /// Address of so many bytes that nothing else has.
    fn take(&mut self, count: u64, size: u64) -> u32 {
        let at = self.end;
        self.end = at.saturating_add(count.saturating_mul(size)).next_multiple_of(16).min(1 << 40);
        MEMORY + u32::try_from(at.min(MOST_BYTES)).unwrap_or(0)
    }

    /// A map by itself.
    fn own(&mut self, map: &Map) -> Result<Descriptor, Diagnostic> {
        let kind = MapType(map.map_type);
        let entries = u64::from(map.max_entries);
        let mut new = Descriptor {
            key_size: map.key_size,
            value_size: map.value_size,
            max_entries: map.max_entries,
            flags: map.spin_lock().map_or(0, |offset| (offset + 1) << LOCK_SHIFT),
            ..Descriptor::default()
        };
        if kind.is_per_cpu() {
            new.flags |= IS_CPUS;
        }
        let padded = |size: u32| u64::from(size).next_multiple_of(8);
        let (key, value) = (padded(map.key_size), padded(map.value_size));
        let stride = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
        match kind {
            MapType::PERF_EVENT_ARRAY => new.kind = CHANNEL,
            MapType::RINGBUF => {
                new.kind = CHANNEL;
                new.max_entries = u32::try_from(ring_bytes(map.max_entries)).unwrap_or(u32::MAX);
            }
            MapType::BLOOM_FILTER => (new.kind, new.oldest) = (BLOOM, bloom::functions(map.extra)),
            _ if kind.is_array() || kind.is_queue() => {
                new.kind = if kind == MapType::QUEUE {
                    QUEUE
                } else if kind == MapType::STACK {
                    STACK
                } else {
                    ARRAY
                };
                new.stride = map.value_size;
                new.values = self.take(entries, map.value_size.into());
                if let Some(target) = kind.redirect_kind() {
                    new.flags |= IS_TARGETS;
                    new.oldest = target.code().into();
                }
                if let Some(initial) = map.initial.as_ref().filter(|bytes| bytes.iter().any(|byte| *byte != 0)) {
                    self.parts.push((new.values - MEMORY, initial.clone()));
                }
            }
            _ if kind.is_hash() => {
                new.kind = HASH;
                let buckets = entries.next_power_of_two();
                new.buckets = self.take(buckets, 4);
                new.mask = stride(buckets - 1);
                new.stride = stride(16 + key + value);
                new.values = self.take(entries + 1, 16 + key + value);
                if matches!(kind, MapType::LRU_HASH | MapType::LRU_PERCPU_HASH) {
                    new.flags |= IS_LRU;
                }
            }
            _ if kind.is_trie() => {
                new.kind = TRIE;
                new.mask = lpm::levels(map.max_entries);
                let ranges = 1_u64 << (2 * new.mask);
                let address = u64::from(map.key_size.saturating_sub(4)).div_ceil(8);
                let bank = (ranges - 1) / 3 * 3 * 8 * (address + 1) + 4 * ranges;
                new.fresh = stride(bank);
                new.buckets = self.take(2, bank);
                new.stride = stride(8 + key + value);
                new.values = self.take(entries, 8 + key + value);
            }
            _ => {
                let message = format!("map `{}`: the engine's firmware has no maps of type {kind}", map.name);
                return Err(Diagnostic::new(Code::UnsupportedMapType, message));
            }
        }
        Ok(new)
    }

    /// What maps have to do with each other; the descriptors of inner maps.
    fn relate(&mut self, program: &Linked) {
        for (index, map) in program.maps.iter().enumerate() {
            match map.nesting {
                Nesting::Queue { state } => {
                    let state = self.descriptors[state];
                    let own = &mut self.descriptors[index];
                    own.spare = state.values;
                    if own.kind == BLOOM {
                        (own.stride, own.mask) = (state.stride, state.max_entries.wrapping_sub(1));
                    }
                }
                Nesting::Outer { pool } => {
                    let first = self.inner[pool].unwrap_or(0);
                    let own = &mut self.descriptors[index];
                    own.flags |= IS_OUTER;
                    (own.newest, own.oldest) = (address(pool), descriptor_address(first));
                }
                Nesting::None | Nesting::Pool(_) | Nesting::State | Nesting::Bits => {}
            }
        }
        for (index, map) in program.maps.iter().enumerate() {
            let Some(inner) = map.pool() else { continue };
            let (pool, kind) = (self.descriptors[index], MapType(map.map_type));
            for number in 0..inner.count {
                let max_entries = inner.entries_of(number);
                let one = if pool.kind == ARRAY {
                    let values = pool.values.wrapping_add(number * inner.entries * pool.stride);
                    Descriptor { key_size: inner.key_size, max_entries, values, ..pool }
                } else {
                    Descriptor {
                        kind: pool.kind,
                        key_size: inner.key_size,
                        value_size: pool.value_size,
                        max_entries,
                        flags: pool.flags | IS_INNER,
                        free: number,
                        fresh: inner.number_bytes(kind),
                        newest: address(index),
                        ..Descriptor::default()
                    }
                };
                self.descriptors.push(one);
            }
        }
    }

    /// What the firmware has to know of the program, its prints, and the table of programs for tail calls.
    pub(super) fn programs(&mut self, program: &Linked, printed: &Prints, entries: &[u32]) {
        let table = self.take(entries.len() as u64, 4);
        let all = word(self.descriptors.len());
        let buffer_bytes = if calls(program, &EVENTS) { BUFFER_BYTES } else { 0 };
        let buffer = self.take(1, buffer_bytes.into());
        let devices = program.maps.iter().position(|map| map.name == Table::Devices.name());
        let tables = devices.map_or(0, address);
        let channel = program.maps.iter().position(|map| map.name == print::MAP_NAME);
        let formats = channel.map_or_else(Vec::new, |channel| prints::table(address(channel), printed));
        let formats_at = self.take(1, formats.len() as u64);
        let kind = kind_number(program.kind);
        let state = [kind, self.maps, all, table, word(entries.len()), buffer, buffer_bytes, tables, formats_at];
        self.parts.push((table - MEMORY, le_bytes(entries)));
        self.parts.push((STATE, le_bytes(&state)));
        self.parts.push((formats_at - MEMORY, formats));
        let descriptors = self.descriptors.iter().flat_map(Descriptor::bytes).collect();
        self.parts.push((MAPS, descriptors));
    }

    /// Address of a map's descriptor, or of one of its inner maps.
    pub(super) fn map(&self, map: usize, inner: Option<u32>) -> u32 {
        match (inner, self.inner.get(map).copied().flatten()) {
            (Some(number), Some(first)) => descriptor_address(first + number),
            _ => address(map),
        }
    }

    /// Address of a map's first value.
    pub(super) fn values(&self, map: usize) -> u32 {
        self.descriptors.get(map).map_or(0, |map| map.values)
    }

    /// Bytes of memory in use.
    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.end).unwrap_or(u32::MAX)
    }

    /// Contents by their place.
    pub(super) fn into_parts(mut self) -> Vec<(u32, Vec<u8>)> {
        self.parts.retain(|(_, bytes)| !bytes.is_empty());
        self.parts.sort();
        self.parts
    }
}

fn address(map: usize) -> u32 {
    descriptor_address(word(map))
}

fn descriptor_address(number: u32) -> u32 {
    MEMORY.wrapping_add(MAPS).wrapping_add(MAP_BYTES.wrapping_mul(number))
}
