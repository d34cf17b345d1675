// SPDX-License-Identifier: Apache-2.0
//! Maps of maps in the kernel: the inner maps of a pool, as one map.

use super::map::{KernelMap, Making};
use super::sys;
use crate::{Error, MapSpec};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{InnerMaps, Nest, inner_maps};
use std::collections::BTreeMap;
use std::io;

/// The inner maps of a pool by number.
pub(super) fn create(spec: &MapSpec, inner: &InnerMaps) -> Result<Vec<KernelMap>, Error> {
    let nest = Nest::new(&spec.name, spec.map_type(), inner, Vec::new());
    let map = |number: u32| {
        KernelMap::create(
            &MapSpec {
                name: nest.name(number),
                key_size: inner.key_size,
                max_entries: inner.entries_of(number),
                flags: inner.flags,
                inner: None,
                ..spec.clone()
            },
            &Making::default(),
        )
    };
    (0..inner.count).map(map).collect()
}

/// By a map's name: the descriptor of BTF, and the type numbers of key and value in it.
pub(super) type Types<'a> = &'a dyn Fn(&str) -> Option<(u32, u32, u32)>;

/// The maps of a program: first those that hold inner maps, which those of the outer maps name; then all in their order.
/// `exact` is as in [`Making`].
pub(super) fn create_all(specs: &[MapSpec], types: Types<'_>, exact: bool) -> Result<Vec<KernelMap>, Error> {
    if specs.iter().any(|spec| spec.inner.is_some()) {
        sys::lift_descriptor_limit();
    }
    let mut pools: BTreeMap<usize, KernelMap> = BTreeMap::new();
    for (index, spec) in specs.iter().enumerate().filter(|(_, spec)| spec.inner.is_some()) {
        pools.insert(index, KernelMap::create(spec, &Making { inner: &[], types: types(&spec.name), exact })?);
    }
    let mut maps: BTreeMap<usize, KernelMap> = BTreeMap::new();
    for (index, spec) in specs.iter().enumerate().filter(|(_, spec)| spec.inner.is_none()) {
        let inner = spec.pool.and_then(|pool| pools.get(&pool)).map_or(&[][..], |pool| &pool.inner);
        maps.insert(index, KernelMap::create(spec, &Making { inner, types: types(&spec.name), exact })?);
    }
    maps.append(&mut pools);
    Ok(maps.into_values().collect())
}

/// What identifies an inner map in the kernel: its descriptor, which is written, and its id, which is read.
#[derive(Clone, Copy)]
pub(super) struct Handle {
    descriptor: u32,
    id: u32,
}

impl Handle {
    pub(super) fn new(map: &KernelMap) -> io::Result<Self> {
        Ok(Self { descriptor: sys::number(&map.fd), id: sys::map_id(&map.fd)? })
    }
}

/// What is written for an entry of an outer map; `None` if it names no inner map.
pub(super) fn written(handles: &[Handle], value: &[u8]) -> Option<[u8; 4]> {
    let number = inner_maps::number(value)?;
    Some(handles.get(number as usize)?.descriptor.to_le_bytes())
}

/// The entry of an outer map that was read; `None` if it is an inner map that is not known.
pub(super) fn read(handles: &[Handle], value: &[u8]) -> Option<[u8; 4]> {
    let id = u32::from_le_bytes(value.try_into().ok()?);
    let number = handles.iter().position(|handle| handle.id == id)?;
    Some(inner_maps::entry(u32::try_from(number).ok()?))
}

impl KernelMap {
    /// All entries of a pool.
    pub(super) fn read_pool(&self, inner: &InnerMaps) -> Result<Option<Entries>, Error> {
        let mut entries = Entries::new();
        for (number, map) in (0u32..).zip(&self.inner) {
            let Some(found) = map.read_all()? else { return Ok(None) };
            let moved = found
                .into_iter()
                .filter_map(|(key, value)| Some((inner.pool_key(self.spec.map_type(), number, &key)?, value)));
            entries.extend(moved);
        }
        Ok(Some(entries))
    }

    /// Makes these the whole contents of a pool.
    pub(super) fn replace_pool(&self, inner: &InnerMaps, entries: &Entries) -> Result<(), Error> {
        let mut parts: Vec<Entries> = vec![Entries::new(); self.inner.len()];
        for (key, value) in entries {
            let place = inner.inner_key(self.spec.map_type(), key);
            let found = place.and_then(|(number, key)| Some((parts.get_mut(number as usize)?, key)));
            let Some((part, key)) = found else {
                let text = format!("map `{}`: no inner map has the key {key:02x?}", self.spec.name);
                return Err(Error::oracle("kernel", text));
            };
            part.insert(key, value.clone());
        }
        self.inner.iter().zip(&parts).try_for_each(|(map, part)| map.replace(part))
    }
}
