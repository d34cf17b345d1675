// SPDX-License-Identifier: Apache-2.0
//! Second half of linking: distances of calls, numbers of maps, places of findings.

use super::btf_json::Writer;
use super::globals;
use super::link::Linker;
use super::map_in_map::Plan;
use super::model::{Map, MapRef, Nesting, Program};
use super::print_channel::print_channel;
use super::relocate::Reference;
use crate::diag::{Code, Diagnostic, Diagnostics, Location};
use bpf2hdl_interface::{MapType, bloom, queue};
use std::collections::{BTreeMap, BTreeSet};

/// Adds the states of queues and stacks, and the bits of bloom filters, behind all other maps.
pub fn add_states(maps: &mut Vec<Map>) {
    for index in 0..maps.len() {
        let map = &maps[index];
        let kind = MapType(map.map_type);
        let (name, value_size, max_entries, nesting) = if kind.is_queue() {
            (queue::state_name(&map.name), queue::STATE_BYTES, 1, Nesting::State)
        } else if kind == MapType::BLOOM_FILTER {
            // More bits than there can be are refused when the map is looked at.
            let bits = bloom::bits(map.max_entries, bloom::functions(map.extra)).unwrap_or(1 << 31);
            (bloom::bits_name(&map.name), 1, bits, Nesting::Bits)
        } else {
            continue;
        };
        let map_type = MapType::ARRAY.0;
        let state = Map { name, map_type, key_size: 4, value_size, max_entries, nesting, ..Map::default() };
        maps[index].nesting = Nesting::Queue { state: maps.len() };
        maps.push(state);
    }
}

impl Linker<'_> {
    /// Writes the distances of calls and function addresses.
    pub(super) fn fix_calls(&mut self) {
        for (slot, function) in &self.calls {
            let target = self.position.get(function).and_then(|position| self.ranges.get(*position));
            let Some(target) = target.map(|range| range.start) else { continue };
            let distance = i32::try_from(target).ok().zip(i32::try_from(*slot).ok());
            if let (Some(fields), Some((target, from))) = (self.slots.get_mut(*slot), distance) {
                fields.imm = target - from - 1;
                // A load of a function's address becomes BPF_PSEUDO_FUNC, a call stays a local call.
                fields.src = if fields.op == 0x18 { 4 } else { 1 };
            }
        }
    }

    /// Numbers the maps that are referred to and writes the numbers into the loads.
    pub(super) fn fix_loads(&mut self, program: &Program) -> (Vec<Map>, Vec<MapRef>) {
        let key = |reference: &Reference| match reference {
            Reference::Data(index, _) => (1, *index),
            Reference::Map(index) | Reference::Function(index) => (0, *index),
        };
        let used: BTreeSet<(u8, usize)> = self.loads.iter().map(|(_, reference)| key(reference)).collect();
        let mut types = Writer::new(self.object.btf.as_ref());
        let mut maps = Vec::new();
        let mut numbers = BTreeMap::new();
        let real = used.iter().filter(|(group, _)| *group == 0).map(|(_, index)| *index).collect();
        let plans = self.object.plan_pools(&real).unwrap_or_else(|error| {
            self.errors.push(error);
            Vec::new()
        });
        let is_inner = |index: usize| plans.iter().any(|plan| plan.statics.contains(&index));
        for (group, index) in used.into_iter().filter(|(group, index)| *group != 0 || !is_inner(*index)) {
            match self.build_map(group, index, &mut types, program) {
                Some(Ok(map)) => {
                    numbers.insert((group, index), maps.len());
                    maps.push(map);
                }
                Some(Err(error)) => self.errors.push(error),
                None => {}
            }
        }
        let inner = self.add_pools(&plans, &numbers, &mut maps);
        maps.extend(print_channel(self.slots.iter().map(|slot| slot.to_bytes())));
        add_states(&mut maps);
        let mut map_refs = Vec::new();
        for (slot, reference) in &self.loads {
            let place = match reference {
                Reference::Map(index) => inner.get(index),
                _ => None,
            };
            let number = place.map(|(pool, _)| *pool).or_else(|| numbers.get(&key(reference)).copied());
            let (Some(map), Some(imm)) = (number, number.and_then(|number| i32::try_from(number).ok())) else {
                continue;
            };
            let value_offset = match reference {
                Reference::Data(_, offset) => Some(*offset),
                _ => None,
            };
            if let Some(fields) = self.slots.get_mut(*slot) {
                fields.imm = imm;
                fields.src = if value_offset.is_some() { 2 } else { 1 };
            }
            if let Some(second) = self.slots.get_mut(*slot + 1) {
                second.imm = value_offset.unwrap_or_default().cast_signed();
            }
            map_refs.push(MapRef { insn: *slot, map, value_offset, inner: place.map(|(_, number)| *number) });
        }
        map_refs.sort_by_key(|item| item.insn);
        (maps, map_refs)
    }

    /// Adds the maps that hold inner maps; returns the pool and the number of each inner map that the source defines.
    fn add_pools(
        &mut self,
        plans: &[Plan],
        numbers: &BTreeMap<(u8, usize), usize>,
        maps: &mut Vec<Map>,
    ) -> BTreeMap<usize, (usize, u32)> {
        let mut inner = BTreeMap::new();
        for plan in plans {
            let pool = maps.len();
            match self.object.pool(plan) {
                Ok(map) => maps.push(map),
                Err(error) => {
                    self.errors.push(error);
                    continue;
                }
            }
            for outer in &plan.outers {
                if let Some(map) = numbers.get(&(0, *outer)).and_then(|number| maps.get_mut(*number)) {
                    *map = self.object.fill_outer(*outer, map.clone(), plan, pool);
                }
            }
            inner.extend(plan.statics.iter().zip(0u32..).map(|(index, number)| (*index, (pool, number))));
        }
        inner
    }

    fn build_map(
        &self,
        group: u8,
        index: usize,
        types: &mut Writer<'_>,
        program: &Program,
    ) -> Option<Result<Map, Diagnostic>> {
        if group == 1 {
            return Some(globals::to_map(&self.object.elf, self.object.data.get(index)?, types));
        }
        let entry = self.object.maps.get(index)?;
        let mut map = entry.map.clone();
        map.key_btf = types.of_type(entry.types.0);
        map.value_btf = types.of_type(entry.types.1);
        if map.is_prog_array() {
            return Some(self.object.fill_prog_array(index, map, program));
        }
        Some(Ok(map))
    }

    /// The errors with instruction text and C line.
    pub(super) fn located_errors(&self) -> Diagnostics {
        self.errors.clone().into_iter().map(|error| self.located(error)).collect::<Diagnostics>().finish()
    }

    /// A finding with instruction text and C line.
    fn located(&self, mut error: Diagnostic) -> Diagnostic {
        let at = error.location.get_or_insert_with(|| Box::new(Location::file(&self.object.file_name)));
        if let Some(slot) = at.insn {
            let fields = self.slots.get(slot).map(|slot| slot.to_bytes());
            let next = self.slots.get(slot + 1).map(|slot| slot.to_bytes());
            let insn = fields.and_then(|bytes| crate::isa::decode_one(bytes, next).ok());
            at.instruction = insn.map(|insn| insn.to_string());
            if let Some(source) = self.sources.get(slot).and_then(Option::as_ref) {
                at.file = Some(source.file.to_string());
                at.line = Some(source.line);
                at.column = Some(source.column).filter(|column| *column != 0);
                at.source = Some(source.text.to_string());
            }
        }
        error
    }

    /// What the user should know about a program that linked.
    pub(super) fn warnings(&self) -> Diagnostics {
        let mut warnings = Diagnostics::new();
        if let Some(first) = self.co_re.first() {
            let name = self.object.btf.as_ref().and_then(|btf| Some(btf.string(btf.get(*first)?.name)));
            let message = match name.filter(|name| !name.is_empty()) {
                Some(name) => format!("{} CO-RE relocations are not applied, the first for {name}", self.co_re.len()),
                None => format!("{} CO-RE relocations are not applied", self.co_re.len()),
            };
            let warning = Diagnostic::new(Code::CoReRelocation, message);
            warnings.push(warning.at(Location::file(&self.object.file_name)));
        }
        let mut loads = self.loads.iter();
        let of_host = loads.find_map(|(slot, reference)| self.host_prog_array(reference).map(|name| (*slot, name)));
        if let Some((slot, name)) = of_host {
            let message = format!("the prog array `{name}` is filled by the host");
            let warning = Diagnostic::new(Code::HostProgArray, message).at_insn(slot);
            warnings.push(self.located(warning));
        }
        if self.sources.iter().all(Option::is_none) {
            let message = format!("{} has no source line information", self.object.file_name);
            warnings.push(Diagnostic::new(Code::NoLineInfo, message).at(Location::file(&self.object.file_name)));
        }
        warnings
    }
}
