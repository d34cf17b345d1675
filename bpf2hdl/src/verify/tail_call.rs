// SPDX-License-Identifier: Apache-2.0
//! `bpf_tail_call`: the current frame's program is replaced by one from a prog array.
//!
//! A tail call is a jump: the target begins with the context in r1 and a stack of its own, what the packet and the maps
//! hold stays. If the entry is missing, or 33 tail calls were made, the program goes on behind the call. All states that
//! come to one program after the same number of tail calls meet at its first instruction, so that a
//! chain costs each program once for each place that it can have in the chain.
//!
//! Entries that the C source wrote are compiled in. Other arrays are filled by the host with numbers of programs: then each
//! call chooses among the object's programs other than the chosen one and the caller, and chains end (as if the entry
//! were missing) once they are as long as there are such programs.

use super::content::Content;
use super::helpers::clobber_arguments;
use super::state::{Stack, State};
use super::walk::{Flow, Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Binary, Compare, MapId, Value};
use crate::isa::Reg;

/// `MAX_TAIL_CALL_CNT`, include/linux/bpf.h.
const MAX_TAIL_CALLS: u64 = 33;

/// A program that a call may go to: index of the member, and the one-bit condition.
type Candidate = (usize, Value);

impl Walk<'_> {
    /// Splits the state on what the entry holds; the path where it holds nothing goes on here.
    pub(super) fn tail_call(&mut self, state: &mut State) -> Result<Flow, Refusal> {
        if !matches!(self.register(state, Reg::R1)?, Content::Context(0)) {
            return Err(self.refuse(
                Code::HelperArgument,
                "the first argument of bpf_tail_call is not the context of the program".to_owned(),
            ));
        }
        let map = match self.register(state, Reg::R2)? {
            Content::Map(map) if self.program.maps[map.index()].is_prog_array() => map,
            other => {
                let text = format!("the second argument of bpf_tail_call is {}, not a prog array", other.describe());
                return Err(self.refuse(Code::HelperArgument, text));
            }
        };
        let index = self.register(state, Reg::R3)?;
        let index = self.scalar(&index, "the index of a tail call")?;
        if state.callers.iter().any(|caller| caller.repeat.is_some()) {
            return Err(self.refuse(Code::TailCall, "a tail call in a callback of a helper".to_owned()));
        }
        self.require_no_records(state, "a tail call")?;
        let index = self.b.extract(index, 0, 32);
        let limit = self.b.constant(MAX_TAIL_CALLS, 32);
        let allowed = self.b.compare(Compare::Ult, state.tail_calls, limit);
        let mut rest = state.clone();
        for (member, here) in self.candidates(state, map, index)? {
            let goes = self.b.and(allowed, here);
            let split = self.split_on(rest, goes, |_, _, _| {});
            if let Some(taken) = split.taken {
                self.go_to_member(taken, member);
            }
            match split.fallen {
                Some(fallen) => rest = fallen,
                None => return Ok(Flow::Gone),
            }
        }
        clobber_arguments(&mut rest);
        rest.registers[0] = Content::UNINITIALISED;
        *state = rest;
        Ok(Flow::Next)
    }

    /// The members of the bundle that an entry can hold.
    fn candidates(&mut self, state: &State, map: MapId, index: Value) -> Result<Vec<Candidate>, Refusal> {
        match self.program.maps[map.index()].initial.as_deref() {
            Some(entries) => Ok(self.written_entries(state, entries, index)),
            None => self.host_entries(state, map, index),
        }
    }

    /// Entries from the C source.
    fn written_entries(&mut self, state: &State, entries: &[u8], index: Value) -> Vec<Candidate> {
        let known = state.set(&self.b, index);
        let (numbers, _) = entries.as_chunks::<4>();
        let mut result = Vec::new();
        for (member, target) in self.program.bundle.members.iter().enumerate() {
            let mut here = self.b.constant(0, 1);
            for (slot, number) in numbers.iter().enumerate() {
                if u32::from_le_bytes(*number) == target.number && known.contains(slot as u64) {
                    let equal = self.b.equals_const(index, slot as u64);
                    here = self.b.or(here, equal);
                }
            }
            if self.b.as_const(here) != Some(0) {
                result.push((member, here));
            }
        }
        result
    }

    /// Entries that the host writes: numbers of programs.
    fn host_entries(&mut self, state: &State, map: MapId, index: Value) -> Result<Vec<Candidate>, Refusal> {
        let members = &self.program.bundle.members;
        if members.len() < 2 {
            let name = &self.program.maps[map.index()].name;
            let text = format!("the host can put no other program into `{name}`, because the object has none");
            return Err(self.refuse(Code::TailCall, text));
        }
        if state.level.depth as usize + 1 >= members.len() {
            return Ok(Vec::new());
        }
        let entries = self.b.constant(self.program.maps[map.index()].max_entries.into(), 32);
        let inside = self.b.compare(Compare::Ult, index, entries);
        let number = self.b.map_load(map, index, 0, 32);
        let mut result = Vec::new();
        for (member, target) in members.iter().enumerate().skip(1) {
            if member != state.level.member {
                let equal = self.b.equals_const(number, target.number.into());
                result.push((member, self.b.and(inside, equal)));
            }
        }
        Ok(result)
    }

    /// The current frame begins anew in another program.
    fn go_to_member(&mut self, mut state: State, member: usize) {
        let one = self.b.constant(1, 32);
        state.tail_calls = self.b.binary(Binary::Add, state.tail_calls, one);
        state.level.depth += 1;
        state.level.member = member;
        state.iterations.clear();
        state.registers = [Content::UNINITIALISED; 10];
        state.registers[1] = Content::Context(0);
        if let Some(own) = state.stacks.last_mut() {
            *own = Stack::new();
        }
        let start = self.program.bundle.members[member].start;
        self.schedule(state, start);
    }
}
