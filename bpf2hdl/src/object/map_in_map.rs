// SPDX-License-Identifier: Apache-2.0
//! Maps of maps: outer maps that may name the same inner maps share a pool ([`bpf2hdl_interface::inner_maps`]). The inner maps that
//! the C source defines and puts into an outer one (`.values = { [0] = &inner }`, relocations of section `.maps`) have the pool's
//! first numbers; the program may also refer to them directly.

use super::elf::Place;
use super::model::{Map, Nesting};
use super::parse::Object;
use crate::diag::{Code, Diagnostic};
use bpf2hdl_interface::{InnerMaps, MapType, inner_maps};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a pointer in a map definition.
const POINTER: u64 = 8;
/// `BPF_F_INNER_MAP`: inner arrays may have different numbers of entries.
const DIFFERENT_SIZES: u32 = 1 << 12;

/// Outer maps with common inner maps; all are positions in `Object::maps`.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) outers: BTreeSet<usize>,
    /// Inner maps that the source defines, in the order of their numbers.
    pub(super) statics: Vec<usize>,
    /// Entries of each outer map that the source gives: place in `statics` by index.
    entries: BTreeMap<usize, BTreeMap<u32, usize>>,
}

impl Object {
    /// The pools that a program needs which refers to these maps.
    pub(super) fn plan_pools(&self, used: &BTreeSet<usize>) -> Result<Vec<Plan>, Diagnostic> {
        let mut groups: Vec<(BTreeSet<usize>, BTreeSet<usize>)> = Vec::new();
        let mut given = BTreeMap::new();
        for &outer in used.iter().filter(|index| self.maps[**index].map.inner.is_some()) {
            let entries = self.given_inner_maps(outer)?;
            let mut group = (BTreeSet::from([outer]), entries.values().copied().collect::<BTreeSet<usize>>());
            given.insert(outer, entries);
            groups.retain_mut(|other| {
                let meets = !other.1.is_disjoint(&group.1);
                if meets {
                    group.0.append(&mut other.0);
                    group.1.append(&mut other.1);
                }
                !meets
            });
            groups.push(group);
        }
        groups.sort();
        let plan = |(outers, statics): (BTreeSet<usize>, BTreeSet<usize>)| {
            let entries = outers.iter().map(|outer| (*outer, given[outer].clone())).collect();
            Plan { outers, statics: statics.into_iter().collect(), entries }
        };
        Ok(groups.into_iter().map(plan).collect())
    }

    /// Inner maps that the source puts into an outer one, by index.
    fn given_inner_maps(&self, outer: usize) -> Result<BTreeMap<u32, usize>, Diagnostic> {
        let entry = &self.maps[outer];
        let Some(values) = entry.values else { return Ok(BTreeMap::new()) };
        let first = entry.offset.saturating_add(values);
        let end = first.saturating_add(u64::from(entry.map.max_entries).saturating_mul(POINTER));
        let bad = |what: String| Diagnostic::new(Code::BadRelocation, format!("map {}: {what}", entry.map.name));
        let mut found = BTreeMap::new();
        for relocation in self.elf.relocations(entry.section, first..end) {
            let symbol = self.elf.symbols.get(relocation.symbol);
            let symbol = symbol.ok_or_else(|| bad("an initial entry has no symbol".to_owned()))?;
            let Place::Section(section) = symbol.place else {
                return Err(bad(format!("{} is not defined in this object", symbol.name)));
            };
            let at = symbol.value.checked_add_signed(relocation.addend);
            let inner = self.maps.iter().position(|map| map.section == section && Some(map.offset) == at);
            let inner = inner.ok_or_else(|| bad(format!("{} is not a map", symbol.name)))?;
            let index = (relocation.offset - first) / POINTER;
            found.insert(u32::try_from(index).unwrap_or(u32::MAX), inner);
        }
        Ok(found)
    }

    /// The pool of a plan.
    pub(super) fn pool(&self, plan: &Plan) -> Result<Map, Diagnostic> {
        let outers: Vec<_> = plan.outers.iter().map(|index| &self.maps[*index]).collect();
        let template = outers.iter().find_map(|entry| entry.map.inner.as_deref());
        let Some(template) = template else { return Err(geometry("a map of maps has no inner map".to_owned())) };
        let name = &outers[0].map.name;
        let statics: Vec<&Map> = plan.statics.iter().map(|index| &self.maps[*index].map).collect();
        let sizes = self.same_shape(name, template, &statics)?;
        let wanted = outers.iter().map(|entry| entry.inner_count.unwrap_or(entry.map.max_entries));
        let wanted = wanted.fold(0u32, u32::saturating_add).max(1);
        let count = wanted.max(u32::try_from(statics.len()).unwrap_or(u32::MAX));
        let entries = sizes.iter().copied().chain([template.max_entries]).max().unwrap_or_default();
        let inner = InnerMaps {
            count,
            entries,
            sizes: if sizes.iter().all(|size| *size == entries) { Vec::new() } else { sizes },
            key_size: template.key_size,
            names: statics.iter().map(|map| map.name.clone()).collect(),
            flags: template.flags,
        };
        Ok(Map {
            name: format!("{name}.inner"),
            key_size: template.key_size.saturating_add(inner.number_bytes(MapType(template.map_type))),
            max_entries: count.saturating_mul(entries),
            nesting: Nesting::Pool(inner),
            ..template.clone()
        })
    }

    /// Entries of each inner map that the source defines; all must be like the template.
    fn same_shape(&self, outer: &str, template: &Map, statics: &[&Map]) -> Result<Vec<u32>, Diagnostic> {
        let shape = |map: &Map| (map.map_type, map.key_size, map.value_size, map.flags);
        if let Some(other) = statics.iter().find(|map| shape(map) != shape(template)) {
            let text =
                format!("`{}` is an inner map of `{outer}`, but not of the type and sizes given there", other.name);
            return Err(geometry(text));
        }
        let sizes: Vec<u32> = statics.iter().map(|map| map.max_entries).collect();
        let differ = sizes.iter().any(|size| *size != template.max_entries);
        let is_array = MapType(template.map_type).is_array();
        if differ && is_array && template.flags & DIFFERENT_SIZES == 0 {
            let text = format!("inner arrays of `{outer}` have different numbers of entries without BPF_F_INNER_MAP");
            return Err(geometry(text));
        }
        if differ && !is_array {
            let text = format!("the inner maps of `{outer}` have different numbers of entries; only arrays may have");
            return Err(geometry(text).with_help("give all inner maps the same `max_entries`"));
        }
        Ok(sizes)
    }

    /// An outer map with its initial contents; its pool has this number in the linked program.
    pub(super) fn fill_outer(&self, index: usize, mut map: Map, plan: &Plan, pool: usize) -> Map {
        map.value_size = 4;
        map.nesting = Nesting::Outer { pool };
        let entries = &plan.entries[&index];
        if entries.is_empty() {
            return map;
        }
        let number = |index: u32| plan.statics.iter().position(|inner| entries.get(&index) == Some(inner));
        let value = |index: u32| match number(index).and_then(|number| u32::try_from(number).ok()) {
            Some(number) => inner_maps::entry(number),
            None => [0; 4],
        };
        map.initial = Some((0..map.max_entries).flat_map(value).collect());
        map
    }

    /// Gives an outer map room for another number of inner maps.
    ///
    /// # Errors
    /// An unknown map, or one that is no map of maps.
    pub fn set_inner_maps(&mut self, name: &str, count: u32) -> Result<(), Diagnostic> {
        let outers: Vec<&str> =
            self.maps.iter().filter(|entry| entry.map.is_outer()).map(|entry| entry.map.name.as_str()).collect();
        let known = if outers.is_empty() {
            "it has none".to_owned()
        } else {
            format!("its maps of maps: {}", outers.join(", "))
        };
        match self.maps.iter_mut().find(|entry| entry.map.name == name && entry.map.is_outer()) {
            Some(entry) => {
                entry.inner_count = Some(count);
                Ok(())
            }
            None => {
                let message = format!("{} has no map of maps {name}", self.file_name);
                Err(Diagnostic::new(Code::Usage, message).note(known))
            }
        }
    }
}

fn geometry(message: String) -> Diagnostic {
    Diagnostic::new(Code::MapGeometry, message)
}
