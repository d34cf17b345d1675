// SPDX-License-Identifier: Apache-2.0
//! Maps of maps: a look-up gives a pointer to an inner map, which is a number in the map that holds the contents of all of them
//! ([`bpf2hdl_interface::inner_maps`]). What is done with an inner map is done with its part of that map.

use super::content::{Content, InnerPlace};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Compare, LENGTH_BYTES, Map, MapId, MapKind, Value};
use crate::object::Nesting;
use bpf2hdl_interface::{InnerMaps, MapType};

/// The map that a helper is called on.
#[derive(Clone)]
pub(super) struct MapArgument {
    pub(super) id: MapId,
    /// As declared; of an inner map the one that holds all.
    pub(super) map: Map,
    /// The number of the inner map, if it is one.
    pub(super) inner: Option<Value>,
}

impl Walk<'_> {
    /// The map in r1.
    pub(super) fn map_argument(&self, state: &State, helper: &str) -> Result<MapArgument, Refusal> {
        let (id, inner) = match state.registers[1] {
            Content::Map(id) => (id, None),
            Content::Inner(InnerPlace { pool, number, missing: None }) => (pool, Some(number)),
            ref other => {
                let text = format!("the first argument of {helper} is {}, not a map", other.describe());
                return Err(self.refuse(Code::HelperArgument, text));
            }
        };
        Ok(MapArgument { id, map: self.b.function().map(id).clone(), inner })
    }

    /// A pointer to the inner map that the value of an outer entry names, where there is such an entry.
    pub(super) fn inner_map(&mut self, outer: MapId, index: Value, found: Value) -> Result<Content, Refusal> {
        let Nesting::Outer { pool } = self.program.maps[outer.index()].nesting else {
            return Err(self.refuse(Code::MapOperation, "the map has no inner maps".to_owned()));
        };
        let value = self.b.map_load(outer, index, 0, 32);
        let is_present = self.b.extract(value, 31, 1);
        let present = self.b.and(found, is_present);
        let missing = Some(self.b.not(present));
        let count = self.program.maps[pool].pool().map_or(1, |inner| inner.count);
        let number = match 32 - count.saturating_sub(1).leading_zeros() {
            0 => self.b.constant(0, 32),
            bits => {
                let number = self.b.extract(value, 0, bits as u8);
                self.b.resize(number, 32)
            }
        };
        Ok(Content::Inner(InnerPlace { pool: MapId::new(pool), number, missing }))
    }

    fn inner_maps(&self, pool: MapId) -> Option<(&InnerMaps, MapType)> {
        let map = &self.program.maps[pool.index()];
        Some((map.pool()?, MapType(map.map_type)))
    }

    /// Bytes of a key as the program gives it.
    pub(super) fn key_bytes(&self, argument: &MapArgument) -> u32 {
        let inner = argument.inner.and(self.inner_maps(argument.id));
        inner.map_or(argument.map.key_size, |(inner, _)| inner.key_size)
    }

    /// Entries that keys of an array or inner array can name, 32 bits.
    pub(super) fn array_entries(&mut self, argument: &MapArgument) -> Value {
        let (Some(number), Some((inner, _))) = (argument.inner, self.inner_maps(argument.id)) else {
            return self.b.constant(argument.map.max_entries.into(), 32);
        };
        let (entries, sizes) = (inner.entries, inner.sizes.clone());
        let mut result = self.b.constant(entries.into(), 32);
        for (which, size) in (0u64..).zip(sizes).filter(|(_, size)| *size != entries) {
            let (here, size) = (self.b.equals_const(number, which), self.b.constant(size.into(), 32));
            result = self.b.select(here, size, result);
        }
        result
    }

    /// The index in the whole map of an entry of an inner array.
    pub(super) fn pool_index(&mut self, argument: &MapArgument, index: Value) -> Value {
        let (Some(number), Some((inner, _))) = (argument.inner, self.inner_maps(argument.id)) else { return index };
        let entries = inner.entries;
        let stride = self.b.constant(entries.into(), 32);
        let first = self.b.binary(crate::ir::Binary::Mul, number, stride);
        if entries == 1 {
            return first;
        }
        // What is above the entries is out of range, and its value is of no interest.
        let bits = (32 - (entries - 1).leading_zeros()) as u8;
        let low = self.b.extract(index, 0, bits);
        let low = self.b.resize(low, 32);
        let carries = !entries.is_power_of_two();
        self.b.binary(if carries { crate::ir::Binary::Add } else { crate::ir::Binary::Or }, first, low)
    }

    /// The key in the whole map of a key of an inner hash map or LPM trie.
    pub(super) fn pool_key(&mut self, argument: &MapArgument, mut key: Vec<Value>) -> Vec<Value> {
        let (Some(number), Some((inner, kind))) = (argument.inner, self.inner_maps(argument.id)) else { return key };
        let bytes = inner.number_bytes(kind);
        let number = self.b.extract(number, 0, 8 * bytes as u8);
        if argument.map.kind != MapKind::LpmTrie {
            key.insert(0, number);
            return key;
        }
        // A length of its own in front of the number, and what was read together with it behind.
        let first = key[0];
        let rest = self.b.width(first) - 8 * LENGTH_BYTES as u8;
        let length = self.b.extract(first, 0, 8 * LENGTH_BYTES as u8);
        let mut parts = vec![self.b.add_const(length, u64::from(8 * bytes)), number];
        if rest > 0 {
            parts.push(self.b.extract(first, 8 * LENGTH_BYTES as u8, rest));
        }
        parts.extend(key.drain(1..));
        parts
    }

    /// One bit: the index is that of an entry.
    pub(super) fn is_entry(&mut self, argument: &MapArgument, index: Value) -> Value {
        let count = self.array_entries(argument);
        self.b.compare(Compare::Ult, index, count)
    }
}
