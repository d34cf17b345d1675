// SPDX-License-Identifier: Apache-2.0
//! `bpf_csum_diff`: the sum of one area less the sum of another, in ones' complement.
//!
//! Exactly what Linux 6.18 returns (`bpf_csum_diff`, net/core/filter.c): the 32-bit sum that `csum_partial` and `csum_sub`
//! make, folded to 16 bits. In ones' complement zero has two forms, and which one comes out depends on the form of the
//! 32-bit sums; so these are made as the kernel's are, with every carry brought round.

use super::content::Content;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Binary, Compare, Value, ValueSet};

/// Bytes of one area: the kernel's limit of old (`MAX_BPF_STACK`), 128 adders here.
const MAX_BYTES: u64 = 512;
/// Bits of a sum before its carries are brought round: 129 numbers of 32 bits.
const SUM_BITS: u8 = 40;

/// One of the two areas.
struct Area {
    pointer: Content,
    /// 64 bits.
    size: Value,
    sizes: ValueSet,
    /// Name of the size for messages.
    name: &'static str,
}

impl Walk<'_> {
    /// `bpf_csum_diff(from, from_size, to, to_size, seed)`.
    pub(super) fn csum_diff(&mut self, state: &State) -> Result<Content, Refusal> {
        let from = self.area(state, 1, "from_size")?;
        let to = self.area(state, 3, "to_size")?;
        let seed = self.scalar(&state.registers[5], "the seed of bpf_csum_diff")?;
        let seed = self.b.extract(seed, 0, 32);
        let (no_from, no_to) = (self.is_empty(&from), self.is_empty(&to));

        let words = self.words(state, &from)?;
        let plain = self.sum(words.clone());
        let pushed = self.words(state, &to)?;
        let pushed = self.sum([vec![seed], pushed].concat());
        // Both: csum_sub(csum_partial(to, seed), csum_partial(from, 0)).
        let inverse = self.b.not(plain);
        let difference = self.sum(vec![pushed, inverse]);
        // From alone: ~csum_partial(from, ~seed).
        let inverse_seed = self.b.not(seed);
        let pulled = self.sum([vec![inverse_seed], words].concat());
        let pulled = self.b.not(pulled);

        let without_to = self.b.select(no_from, seed, pulled);
        let with_to = self.b.select(no_from, pushed, difference);
        let result = self.b.select(no_to, without_to, with_to);
        let folded = self.fold(result, 16);
        Ok(Content::Scalar(self.b.resize(folded, 64)))
    }

    fn area(&mut self, state: &State, register: usize, name: &'static str) -> Result<Area, Refusal> {
        let pointer = state.registers[register];
        let size = self.scalar(&state.registers[register + 1], "a size of bpf_csum_diff")?;
        let low = self.b.extract(size, 0, 32);
        let size = self.b.resize(low, 64);
        let sizes = state.set(&self.b, size);
        let known = sizes.enumerate(MAX_BYTES as usize + 1).is_some() && sizes.hi() <= MAX_BYTES;
        if !known {
            let text = format!("{name} of bpf_csum_diff is not known well enough: up to {} bytes", sizes.hi());
            let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
            return Err(Box::new(item.with_help(format!(
                "pass a constant, or bound the size to {MAX_BYTES} bytes just before the call; sum larger areas in pieces"
            ))));
        }
        Ok(Area { pointer, size, sizes, name })
    }

    fn is_empty(&mut self, area: &Area) -> Value {
        self.b.equals_const(area.size, 0)
    }

    /// The words of an area, in memory order; what is beyond its size is zero.
    fn words(&mut self, state: &State, area: &Area) -> Result<Vec<Value>, Refusal> {
        if let Content::Scalar(null) = area.pointer
            && self.b.as_const(null) == Some(0)
            && area.sizes.hi() > 0
        {
            let text = format!("{} of bpf_csum_diff may be {} bytes of a null pointer", area.name, area.sizes.hi());
            return Err(self.refuse(Code::HelperArgument, text));
        }
        let in_words =
            area.sizes.enumerate(MAX_BYTES as usize + 1).is_some_and(|all| all.iter().all(|size| size % 4 == 0));
        let mut words = Vec::new();
        let mut at = 0;
        while at < area.sizes.hi() {
            let left = area.sizes.hi() - at;
            let bytes = if in_words { 4 } else { 1 };
            let mut parts = Vec::new();
            for offset in (0..left.min(4)).step_by(bytes as usize) {
                parts.push(self.part(state, area, at + offset, bytes)?);
            }
            let word = self.b.concat(parts);
            words.push(self.b.resize(word, 32));
            at += 4;
        }
        Ok(words)
    }

    /// Some bytes of an area; zero if they are beyond its size.
    fn part(&mut self, state: &State, area: &Area, at: u64, bytes: u32) -> Result<Value, Refusal> {
        let content = self.read(state, &area.pointer, at as i64, bytes)?;
        let value = self.scalar(&content, "what bpf_csum_diff sums up")?;
        let at = self.b.constant(at, 64);
        let inside = self.b.compare(Compare::Ult, at, area.size);
        let zero = self.b.constant(0, (8 * bytes) as u8);
        Ok(self.b.select(inside, value, zero))
    }

    /// The 32-bit sum in ones' complement: zero only if all is zero. Adds in pairs, so that it is not deep.
    fn sum(&mut self, words: Vec<Value>) -> Value {
        let mut sums: Vec<Value> = words.into_iter().map(|word| self.b.resize(word, SUM_BITS)).collect();
        while sums.len() > 1 {
            sums = sums
                .chunks(2)
                .map(|pair| match *pair {
                    [x, y] => self.b.binary(Binary::Add, x, y),
                    _ => pair[0],
                })
                .collect();
        }
        match sums.first() {
            Some(&sum) => self.fold(sum, 32),
            None => self.b.constant(0, 32),
        }
    }

    /// Brings what is above `bits` round, twice: the first time may carry once more.
    fn fold(&mut self, value: Value, bits: u8) -> Value {
        let mut value = value;
        for _ in 0..2 {
            let width = self.b.width(value);
            let (low, high) = (self.b.extract(value, 0, bits), self.b.extract(value, bits, width - bits));
            let (low, high) = (self.b.resize(low, bits + 1), self.b.resize(high, bits + 1));
            value = self.b.binary(Binary::Add, low, high);
        }
        self.b.extract(value, 0, bits)
    }
}
