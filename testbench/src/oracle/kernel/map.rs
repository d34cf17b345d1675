// SPDX-License-Identifier: Apache-2.0
//! One map in the kernel.

use super::inner::{self, Handle};
use super::sys::{self, MapCreate};
use crate::{Error, MapSpec};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{MapType, queue};
use std::fs;
use std::io;
use std::os::fd::OwnedFd;

/// `BPF_F_RDONLY_PROG`
const READ_ONLY_FOR_PROGRAMS: u32 = 1 << 7;
/// hash, LRU hash, LPM trie and their per-CPU forms, devmap with hash, hash of maps: keys can be listed.
const LISTED: [u32; 7] = [1, 5, 9, 10, 11, 13, 25];

/// Bytes that a ring buffer has at least: 100,000 records of 150 bytes.
const LARGE_RING: u32 = 1 << 24;

pub(super) struct KernelMap {
    pub(super) spec: MapSpec,
    pub(super) fd: OwnedFd,
    /// Of a map that holds inner maps: these. `fd` is the first one's then.
    pub(super) inner: Vec<KernelMap>,
    /// Of a map of maps: its inner maps by number.
    handles: Vec<Handle>,
    /// Bytes that a lookup writes: one value, or one rounded up to 8 bytes for each possible CPU.
    buffer: usize,
    /// Bytes of a ring buffer.
    pub(super) ring: u32,
}

/// What a map is made with, beside its description.
#[derive(Clone, Copy, Default)]
pub(super) struct Making<'a> {
    /// Inner maps.
    pub(super) inner: &'a [KernelMap],
    /// The descriptor of BTF, and the type numbers of key and value in it.
    pub(super) types: Option<(u32, u32, u32)>,
    /// Whether the program asks for the sizes of ring buffers.
    pub(super) exact: bool,
}

impl KernelMap {
    /// Creates the map with its initial contents; a map of maps with its inner maps. A ring buffer is made large unless the program
    /// asks for its size.
    pub(super) fn create(spec: &MapSpec, making: &Making<'_>) -> Result<Self, Error> {
        let &Making { inner, types, exact } = making;
        let failed_by = |error: io::Error| failed(spec, "can not be created", &error);
        if let Some(maps) = &spec.inner {
            let inner = inner::create(spec, maps)?;
            let first = inner.first().ok_or_else(|| failed(spec, "can not be created", &"it has no inner maps"))?;
            let fd = first.fd.try_clone().map_err(failed_by)?;
            return Ok(Self { spec: spec.clone(), fd, inner, handles: Vec::new(), buffer: 0, ring: 0 });
        }
        let (btf_fd, btf_key_type_id, btf_value_type_id) = types.unwrap_or_default();
        // See `instrument.rs`.
        let is_targets = spec.map_type().redirect_kind().is_some() && !spec.map_type().is_hash();
        let mut attribute = MapCreate {
            map_type: if is_targets { MapType::DEVMAP.0 } else { spec.kind },
            key_size: spec.key_size,
            value_size: spec.value_size,
            max_entries: spec.max_entries,
            map_flags: spec.flags,
            inner_map_fd: inner.first().map_or(0, |map| sys::number(&map.fd)),
            map_extra: spec.extra.into(),
            btf_fd,
            btf_key_type_id,
            btf_value_type_id,
            ..MapCreate::default()
        };
        // A prog array that is compiled in is only read-only to us; the kernel knows no such flag of it.
        let read_only = spec.read_only && spec.map_type() != MapType::PROG_ARRAY;
        if read_only {
            attribute.map_flags |= READ_ONLY_FOR_PROGRAMS;
        }
        let cpus = possible_cpus();
        // A perf event array without a size has one entry per CPU: the hardware is one.
        if spec.map_type() == MapType::PERF_EVENT_ARRAY && spec.max_entries == 0 {
            attribute.max_entries = 1;
        }
        let ring = ring_entries(spec, exact);
        if spec.map_type() == MapType::RINGBUF {
            attribute.max_entries = attribute.max_entries.max(ring);
        }
        let fd = sys::map_create(attribute).map_err(failed_by)?;
        let handles = inner.iter().map(Handle::new).collect::<io::Result<Vec<_>>>().map_err(failed_by)?;
        let value = spec.value_size as usize;
        let buffer = if spec.map_type().is_per_cpu() { value.next_multiple_of(8) * cpus } else { value };
        let map = Self { spec: spec.clone(), fd, inner: Vec::new(), handles, buffer, ring };
        for index in spec.initial_indices().filter(|_| !map.is_prog_array()) {
            let mut key = index.to_le_bytes().to_vec();
            key.resize(spec.key_size as usize, 0);
            map.write(&key, spec.initial_value(index).unwrap_or_default())?;
        }
        if read_only {
            sys::map_freeze(&map.fd).map_err(|error| failed(spec, "can not be frozen", &error))?;
        }
        Ok(map)
    }

    pub(super) fn is_prog_array(&self) -> bool {
        self.spec.map_type() == MapType::PROG_ARRAY
    }

    /// Whether it holds targets of redirects.
    pub(super) fn is_targets(&self) -> bool {
        self.spec.map_type().redirect_kind().is_some()
    }

    /// All entries (of CPU 0), without array entries that are all zero; `None` for a type that can not be read.
    pub(super) fn read_all(&self) -> Result<Option<Entries>, Error> {
        if let Some(inner) = &self.spec.inner {
            return self.read_pool(inner);
        }
        if self.spec.map_type().is_array() {
            return self.read_array().map(Some);
        }
        if self.spec.map_type().is_queue() {
            return self.read_queue().map(Some);
        }
        if !LISTED.contains(&self.spec.kind) {
            return Ok(None);
        }
        let mut entries = Entries::new();
        for key in self.keys()? {
            if let Some(value) = self.read(&key)? {
                entries.insert(key, value);
            }
        }
        Ok(Some(entries))
    }

    /// Takes all elements of a queue or stack out, and returns them, the oldest first.
    fn drain(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut elements = Vec::new();
        loop {
            let mut value = vec![0; self.spec.value_size as usize];
            match sys::map_pop(&self.fd, &mut value).map_err(|error| failed(&self.spec, "can not be read", &error))? {
                true => elements.push(value),
                false => break,
            }
        }
        if self.spec.map_type() == MapType::STACK {
            elements.reverse();
        }
        Ok(elements)
    }

    fn push_all<'a>(&self, elements: impl IntoIterator<Item = &'a Vec<u8>>) -> Result<(), Error> {
        for value in elements {
            if value.len() != self.spec.value_size as usize {
                return Err(failed(&self.spec, "can not be written", &format!("a value has {} bytes", value.len())));
            }
            sys::map_push(&self.fd, value).map_err(|error| failed(&self.spec, "can not be written", &error))?;
        }
        Ok(())
    }

    /// The elements of a queue or stack, which are taken out for that and put back.
    fn read_queue(&self) -> Result<Entries, Error> {
        let elements = self.drain()?;
        self.push_all(&elements)?;
        Ok(queue::entries(elements))
    }

    fn read_array(&self) -> Result<Entries, Error> {
        let mut entries = Entries::new();
        for index in 0..self.spec.max_entries {
            let key = index.to_le_bytes();
            match self.read(&key)? {
                Some(value) if value.iter().any(|byte| *byte != 0) => _ = entries.insert(key.to_vec(), value),
                _ => {}
            }
        }
        Ok(entries)
    }

    /// Makes these the whole contents of a map that nothing but its creation has written.
    pub(super) fn replace(&self, entries: &Entries) -> Result<(), Error> {
        if self.spec.read_only {
            return self.check_same(entries);
        }
        if let Some(inner) = &self.spec.inner {
            return self.replace_pool(inner, entries);
        }
        if self.spec.map_type() == MapType::BLOOM_FILTER {
            return self.push_all(entries.values());
        }
        if self.spec.map_type().is_queue() {
            self.drain()?;
            return self.push_all(queue::elements(entries));
        }
        if self.is_targets() || self.spec.map_type().is_outer() {
            return self.replace_targets(entries);
        }
        if self.spec.map_type().is_array() {
            let zero = vec![0; self.spec.value_size as usize];
            for index in self.spec.initial_indices() {
                self.write(&index.to_le_bytes(), &zero)?;
            }
        } else if LISTED.contains(&self.spec.kind) {
            for key in self.keys()? {
                self.check_key(&key)?;
                sys::map_delete(&self.fd, &key).map_err(|error| failed(&self.spec, "can not be cleared", &error))?;
            }
        } else {
            return Err(failed(&self.spec, "can not be preloaded", &"its entries are not bytes"));
        }
        entries.iter().try_for_each(|(key, value)| self.write(key, value))
    }

    /// As `replace`; an entry with the number 0 is none.
    fn replace_targets(&self, entries: &Entries) -> Result<(), Error> {
        let old = if self.spec.map_type().is_array() { self.read_array()?.into_keys().collect() } else { self.keys()? };
        for key in old {
            sys::map_delete(&self.fd, &key).map_err(|error| failed(&self.spec, "can not be cleared", &error))?;
        }
        for (key, value) in entries {
            if let Some(text) = self.spec.map_type().value_error(value) {
                return Err(failed(&self.spec, "can not be preloaded", &text));
            }
            if value.iter().any(|byte| *byte != 0) {
                self.write(key, value)?;
            }
        }
        Ok(())
    }

    fn check_same(&self, entries: &Entries) -> Result<(), Error> {
        let given: Entries =
            entries.iter().filter(|(_, value)| value.iter().any(|byte| *byte != 0)).map(clone_pair).collect();
        if given == self.read_array()? {
            return Ok(());
        }
        Err(failed(
            &self.spec,
            "can not be preloaded",
            &"it is read-only and the program was compiled with other contents",
        ))
    }

    fn keys(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        loop {
            let mut next = vec![0; self.spec.key_size as usize];
            let found = sys::map_next_key(&self.fd, keys.last().map(Vec::as_slice), &mut next);
            match found.map_err(|error| failed(&self.spec, "can not be listed", &error))? {
                true => keys.push(next),
                false => return Ok(keys),
            }
        }
    }

    pub(super) fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.check_key(key)?;
        let mut value = vec![0; self.buffer];
        match sys::map_lookup(&self.fd, key, &mut value) {
            Ok(()) => {
                value.truncate(self.spec.value_size as usize);
                if self.spec.map_type().is_outer() {
                    let unknown = || failed(&self.spec, "can not be read", &"it has an inner map that is not known");
                    return inner::read(&self.handles, &value).map(|value| Some(value.to_vec())).ok_or_else(unknown);
                }
                Ok(Some(value))
            }
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(error) => Err(failed(&self.spec, "can not be read", &error)),
        }
    }

    fn write(&self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.check_key(key)?;
        if value.len() != self.spec.value_size as usize {
            let text = format!("a value has {} bytes, not {}", self.spec.value_size, value.len());
            return Err(failed(&self.spec, "can not be written", &text));
        }
        if self.spec.map_type().is_outer() {
            let unknown = || failed(&self.spec, "can not be written", &"there is no such inner map");
            return self.write_raw(key, &inner::written(&self.handles, value).ok_or_else(unknown)?);
        }
        let mut all = value.to_vec();
        // The values of the other CPUs are zero.
        all.resize(self.buffer, 0);
        sys::map_update(&self.fd, key, &all).map_err(|error| failed(&self.spec, "can not be written", &error))
    }

    /// Writes a value that is not what the map file says, such as a descriptor.
    pub(super) fn write_raw(&self, key: &[u8], value: &[u8; 4]) -> Result<(), Error> {
        self.check_key(key)?;
        sys::map_update(&self.fd, key, value).map_err(|error| failed(&self.spec, "can not be written", &error))
    }

    fn check_key(&self, key: &[u8]) -> Result<(), Error> {
        if key.len() == self.spec.key_size as usize {
            return Ok(());
        }
        let text = format!("a key has {} bytes, not {}", self.spec.key_size, key.len());
        Err(failed(&self.spec, "can not be used", &text))
    }
}

/// The size with which a ring buffer is created, in bytes.
fn ring_entries(spec: &MapSpec, exact: bool) -> u32 {
    let own = u32::try_from(bpf2hdl_interface::event::ring_bytes(spec.max_entries)).unwrap_or(u32::MAX);
    if exact { own } else { own.max(LARGE_RING) }
}

fn clone_pair((key, value): (&Vec<u8>, &Vec<u8>)) -> (Vec<u8>, Vec<u8>) {
    (key.clone(), value.clone())
}

fn failed(spec: &MapSpec, what: &str, error: &dyn std::fmt::Display) -> Error {
    let kind = MapType(spec.kind);
    Error::oracle("kernel", format!("map `{}` ({kind}) {what}: {error}", spec.name))
}

/// CPUs that per-CPU maps have values for, for example from `0-3`; 1 if the kernel does not say.
fn possible_cpus() -> usize {
    let text: io::Result<String> = fs::read_to_string("/sys/devices/system/cpu/possible");
    let last = |text: String| text.trim().rsplit(['-', ',']).next()?.parse::<usize>().ok();
    text.ok().and_then(last).map_or(1, |last| last + 1)
}
