// SPDX-License-Identifier: Apache-2.0
//! Arrays of programs: which programs tail calls can reach, and the entries that the C source gives
//! (`.values = { [0] = (void *)&prog }`), which are relocations of section `.maps`.
//!
//! A program's number is its place, from 1, among the object's programs of its kind; 0 is no program.

use super::link::Linker;
use super::model::{Bundle, Map, Member, Program};
use super::parse::Object;
use super::relocate::Reference;
use super::{btf_kernel, elf::Place};
use crate::diag::{Code, Diagnostic};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a pointer in a map definition.
const POINTER: u64 = 8;
/// Most entries of a prog array that is compiled in.
const MAX_ENTRIES: u32 = 1 << 16;

impl Object {
    /// The programs that one prog array can hold together with `program`, in the order of their numbers: the kernel wants
    /// type and multi-buffer support to agree.
    fn callable(&self, program: &Program) -> Vec<&Program> {
        self.programs.iter().filter(|other| other.kind == program.kind).collect()
    }

    /// Initial entries of a prog array: place in the list of callable programs by index.
    fn prog_array_entries(&self, map: usize, program: &Program) -> Result<BTreeMap<u32, usize>, Diagnostic> {
        let mut entries = BTreeMap::new();
        let Some((entry, values)) = self.maps.get(map).and_then(|entry| Some((entry, entry.values?))) else {
            return Ok(entries);
        };
        let first = entry.offset.saturating_add(values);
        let count = u64::from(entry.map.max_entries);
        let range = first..first.saturating_add(count.saturating_mul(POINTER));
        let callable = self.callable(program);
        for relocation in self.elf.relocations(entry.section, range) {
            let bad = |what: String| Diagnostic::new(Code::BadRelocation, format!("map {}: {what}", entry.map.name));
            let symbol = self.elf.symbols.get(relocation.symbol);
            let symbol = symbol.ok_or_else(|| bad("an initial entry has no symbol".to_owned()))?;
            let Place::Section(section) = symbol.place else {
                return Err(bad(format!("{} is not defined in this object", symbol.name)));
            };
            let at = symbol.value.checked_add_signed(relocation.addend).map(|at| at / 8);
            let function = at.and_then(|at| usize::try_from(at).ok()).and_then(|at| {
                self.functions.binary_search_by_key(&(section, at), |function| (function.section, function.start)).ok()
            });
            let place = callable.iter().position(|other| Some(other.function) == function);
            let place = place.ok_or_else(|| bad(format!("{} is not an XDP program of this object", symbol.name)))?;
            let index = (relocation.offset - first) / POINTER;
            entries.insert(u32::try_from(index).unwrap_or(u32::MAX), place);
        }
        Ok(entries)
    }

    /// Gives a prog array the contents that the C source wrote.
    pub(super) fn fill_prog_array(&self, index: usize, mut map: Map, program: &Program) -> Result<Map, Diagnostic> {
        // The kernel insists on four bytes each; definitions may leave them out.
        map.key_size = 4;
        map.value_size = 4;
        let entries = self.prog_array_entries(index, program)?;
        if entries.is_empty() {
            return Ok(map);
        }
        if map.max_entries > MAX_ENTRIES {
            let message =
                format!("map {} has {} entries; at most {MAX_ENTRIES} can be compiled in", map.name, map.max_entries);
            return Err(Diagnostic::new(Code::MapGeometry, message));
        }
        let number = |index: u32| entries.get(&index).map_or(0, |place| number(*place));
        map.initial = Some((0..map.max_entries).flat_map(|index| number(index).to_le_bytes()).collect());
        map.read_only = true;
        Ok(map)
    }
}

/// Number of the program at a place in the list of callable ones.
fn number(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}

impl Linker<'_> {
    /// Places the programs that tail calls may go to, and those that these may go to.
    pub(super) fn place_tail_targets(&mut self, program: &Program) {
        loop {
            let before = self.ranges.len();
            for function in self.tail_targets(program) {
                self.request(function);
            }
            self.place_all();
            if self.ranges.len() == before {
                return;
            }
        }
    }

    /// Prog arrays that the placed functions refer to.
    fn prog_arrays(&self) -> BTreeSet<usize> {
        let maps = self.loads.iter().filter_map(|(_, reference)| match reference {
            Reference::Map(index) => Some(*index),
            _ => None,
        });
        maps.filter(|index| self.object.maps.get(*index).is_some_and(|entry| entry.map.is_prog_array())).collect()
    }

    /// Name of the prog array that is referred to, if the host fills it.
    pub(super) fn host_prog_array(&self, reference: &Reference) -> Option<&str> {
        let Reference::Map(index) = reference else { return None };
        let entry = self.object.maps.get(*index).filter(|entry| entry.map.is_prog_array())?;
        let values = entry.values.map(|values| entry.offset + values);
        let of_source = values.is_some_and(|first| {
            let end = first.saturating_add(u64::from(entry.map.max_entries).saturating_mul(POINTER));
            self.object.elf.relocations(entry.section, first..end).next().is_some()
        });
        (!of_source).then_some(entry.map.name.as_str())
    }

    /// Functions of the programs in these arrays; where the host fills an array, all programs of the object.
    fn tail_targets(&self, program: &Program) -> BTreeSet<usize> {
        let callable = self.object.callable(program);
        let mut found = BTreeSet::new();
        for map in self.prog_arrays() {
            // Errors are reported when the map is built.
            let entries = self.object.prog_array_entries(map, program).unwrap_or_default();
            let places: Vec<usize> =
                if entries.is_empty() { (0..callable.len()).collect() } else { entries.into_values().collect() };
            let others = places.iter().filter_map(|place| callable.get(*place));
            found.extend(others.filter(|other| other.frags == program.frags).map(|other| other.function));
        }
        found
    }

    /// What goes with the linked program.
    pub(super) fn bundle(&self, program: &Program, maps: &[Map]) -> Bundle {
        let callable = self.object.callable(program);
        let tail_calls = maps.iter().any(Map::is_prog_array);
        let start = |function| Some(self.ranges.get(*self.position.get(&function)?)?.start);
        let mut members: Vec<Member> = Vec::new();
        if tail_calls {
            let linked = callable.iter().enumerate().filter_map(|(place, other)| {
                Some(Member { number: number(place), name: other.name.clone(), start: start(other.function)? })
            });
            members.extend(linked);
            members.sort_by_key(|member| (member.start != 0, member.number));
        }
        let names = callable.iter().filter(|_| tail_calls).map(|other| other.name.clone()).collect();
        let functions: Vec<_> = self.order.iter().map(|index| self.object.functions.get(*index)).collect();
        let section = |function: &super::functions::Function| {
            self.object.elf.sections.get(function.section).map_or("", |section| section.name.as_str())
        };
        let kernel_type = |function: &super::functions::Function| {
            let offset = u32::try_from(function.start).ok()?.checked_mul(8)?;
            self.object.btf_ext.as_ref()?.function(section(function), offset)
        };
        let function_types: Vec<Option<u32>> = functions.iter().map(|function| kernel_type((*function)?)).collect();
        let statics = functions.iter().zip(&function_types);
        let statics = statics.filter(|(function, _)| function.is_some_and(|function| !function.exported));
        let statics: BTreeSet<u32> = statics.filter_map(|(_, ty)| *ty).collect();
        let section = self.object.elf.section_named(".BTF");
        let bytes = section.map(|section| self.object.elf.data(section)).unwrap_or_default();
        let btf = btf_kernel::convert(bytes, &statics).unwrap_or_default();
        let locked = maps.iter().filter(|map| map.spin_lock().is_some());
        let types = |map: &Map| {
            let (key, value) = self.object.maps.iter().find(|entry| entry.map.name == map.name)?.types;
            Some((map.name.clone(), (key.unwrap_or(0), value?)))
        };
        let map_types = locked.filter_map(types).collect();
        Bundle { members, names, btf, function_types, map_types }
    }
}
