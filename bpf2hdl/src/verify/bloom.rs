// SPDX-License-Identifier: Apache-2.0
//! `bpf_map_push_elem` and `bpf_map_peek_elem` on bloom filters (kernel/bpf/bloom_filter.c): hash functions of the value name bits of
//! another map ([`bpf2hdl_interface::bloom`]), which are set, or looked at.

use super::content::Content;
use super::inner_maps::MapArgument;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::ir::{Binary, MapId, MapKind, Value};
use crate::object::Nesting;
use bpf2hdl_interface::bloom;

// Errors, negative (include/uapi/asm-generic/errno-base.h).
const NO_ENTRY: i64 = -2;
const INVALID: i64 = -22;

/// A filter and a value.
struct Filter {
    bits: MapId,
    /// For each hash function: the entry that has its bit.
    places: Vec<Value>,
}

impl Walk<'_> {
    /// The result of a push; `None` if the map is no bloom filter.
    pub(super) fn push_bloom(&mut self, state: &State) -> Result<Option<Content>, Refusal> {
        let argument = self.map_argument(state, "bpf_map_push_elem")?;
        let Some(filter) = self.filter(state, &argument)? else { return Ok(None) };
        let flags = self.scalar(&state.registers[3], "the flags of bpf_map_push_elem")?;
        let valid = self.b.equals_const(flags, 0);
        let path = state.path.to_value(&mut self.b);
        let when = self.b.and(path, valid);
        let set = self.b.constant(1, 8);
        for place in filter.places {
            self.b.map_store(filter.bits, place, 0, set, when);
        }
        let (done, invalid) = (self.b.constant(0, 64), self.b.constant(INVALID as u64, 64));
        Ok(Some(Content::Scalar(self.b.select(valid, done, invalid))))
    }

    /// The result of a peek; `None` if the map is no bloom filter.
    pub(super) fn peek_bloom(&mut self, state: &State) -> Result<Option<Content>, Refusal> {
        let argument = self.map_argument(state, "bpf_map_peek_elem")?;
        let Some(filter) = self.filter(state, &argument)? else { return Ok(None) };
        let mut all = self.b.constant(1, 1);
        for place in filter.places {
            let there = self.b.map_load(filter.bits, place, 0, 8);
            let is_set = self.b.extract(there, 0, 1);
            all = self.b.and(all, is_set);
        }
        let (there, none) = (self.b.constant(0, 64), self.b.constant(NO_ENTRY as u64, 64));
        Ok(Some(Content::Scalar(self.b.select(all, there, none))))
    }

    fn filter(&mut self, state: &State, argument: &MapArgument) -> Result<Option<Filter>, Refusal> {
        let map = &self.program.maps[argument.id.index()];
        let Nesting::Queue { state: bits } = map.nesting else { return Ok(None) };
        if argument.map.kind != MapKind::Bloom {
            return Ok(None);
        }
        let (functions, size) = (bloom::functions(map.extra), map.value_size);
        let count = self.program.maps[bits].max_entries;
        let value = self.bytes(state, &state.registers[2], size, "value")?;
        let words = self.hashed_words(value);
        let mut places = Vec::new();
        for function in 0..functions {
            let hash = self.jhash(&words, size, function);
            let place = self.b.extract(hash, 0, count.trailing_zeros() as u8);
            places.push(self.b.resize(place, 32));
        }
        Ok(Some(Filter { bits: MapId::new(bits), places }))
    }

    /// Memory as words of 32 bits, the last one filled up with zeros.
    fn hashed_words(&mut self, parts: Vec<Value>) -> Vec<Value> {
        let mut words = Vec::new();
        let mut rest: Vec<Value> = Vec::new();
        for part in parts {
            match self.b.width(part) {
                64 => words.extend([self.b.extract(part, 0, 32), self.b.extract(part, 32, 32)]),
                32 => words.push(part),
                _ => rest.push(part),
            }
        }
        if !rest.is_empty() {
            let last = self.b.concat(rest);
            words.push(self.b.resize(last, 32));
        }
        words
    }

    /// The hash of a value by the n-th function; 32 bits.
    fn jhash(&mut self, words: &[Value], bytes: u32, function: u32) -> Value {
        let start = bloom::START.wrapping_add(bytes).wrapping_add(function);
        let mut state = [self.b.constant(start.into(), 32); 3];
        let groups = words.len().div_ceil(3);
        for (number, group) in words.chunks(3).enumerate() {
            for (x, &word) in state.iter_mut().zip(group) {
                *x = self.b.binary(Binary::Add, *x, word);
            }
            if number + 1 < groups {
                for (x, y, z, n) in bloom::MIX {
                    let less = self.b.binary(Binary::Sub, state[x], state[y]);
                    let turned = self.rotated(state[y], n);
                    state[x] = self.b.binary(Binary::Xor, less, turned);
                    state[y] = self.b.binary(Binary::Add, state[y], state[z]);
                }
            }
        }
        for (x, y, n) in bloom::FINAL {
            let mixed = self.b.binary(Binary::Xor, state[x], state[y]);
            let turned = self.rotated(state[y], n);
            state[x] = self.b.binary(Binary::Sub, mixed, turned);
        }
        state[2]
    }

    fn rotated(&mut self, word: Value, left: u32) -> Value {
        let left = left as u8;
        let (high, low) = (self.b.extract(word, 32 - left, left), self.b.extract(word, 0, 32 - left));
        self.b.concat(vec![high, low])
    }
}
