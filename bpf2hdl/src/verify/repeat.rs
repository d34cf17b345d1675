// SPDX-License-Identifier: Apache-2.0
//! Helpers that call a function of the program again and again: `bpf_loop`, `bpf_for_each_map_elem`.
//!
//! Each iteration is a call of its own, so the loop unrolls as written loops do: a state that comes back from iteration n
//! either leaves (the callback returned 1, or that was the last) or calls the function once more. All states of one
//! iteration meet at the callback's first instruction.

use super::call::{FOR_EACH_MAP_ELEM, LOOP};
use super::content::{Content, EntryPlace, Fate};
use super::helpers::clobber_arguments;
use super::state::{Caller, Repeat, RepeatKind, State};
use super::walk::{Flow, Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Compare, MapKind, Value};
use crate::isa::Reg;

/// `BPF_MAX_LOOPS`, include/linux/bpf.h.
const MAX_LOOPS: u64 = 8 << 20;
/// Negative error numbers (include/uapi/asm-generic/errno-base.h) as the helpers return them.
const E2BIG: u64 = -7i64 as u64;
const EINVAL: u64 = -22i64 as u64;
/// What an inlined `bpf_loop` returns instead of `E2BIG` (`inline_bpf_loop`, kernel/bpf/verifier.c): a 32-bit move.
const E2BIG_INLINED: u64 = -7i32 as u32 as u64;

impl Walk<'_> {
    /// Begins the iterations of a helper that calls back.
    pub(super) fn call_back(&mut self, state: &mut State, id: u32) -> Result<Flow, Refusal> {
        let name = if id == LOOP { "bpf_loop" } else { "bpf_for_each_map_elem" };
        let arguments: [Content; 4] = [Reg::R1, Reg::R2, Reg::R3, Reg::R4]
            .into_iter()
            .map(|reg| self.register(state, reg))
            .collect::<Result<Vec<_>, _>>()?
            .try_into()
            .unwrap_or([Content::UNINITIALISED; 4]);
        let [what, callback, context, flags] = arguments;
        let bad = |walk: &Self, which: &str, content: &Content, wanted: &str| {
            let text = format!("the {which} argument of {name} is {}, not {wanted}", content.describe());
            walk.refuse(Code::HelperArgument, text)
        };
        let Content::Function(callback) = callback else {
            return Err(bad(self, "second", &callback, "a function of the program"));
        };
        let is_null = matches!(context, Content::Scalar(v) if self.b.as_const(v) == Some(0));
        if !is_null && !matches!(context, Content::Stack(..) | Content::StackAt(_)) {
            return Err(bad(self, "third", &context, "a pointer to the stack or null"));
        }
        let flags = self.scalar(&flags, "the flags argument")?;
        let (kind, count) = match (id, what) {
            (FOR_EACH_MAP_ELEM, Content::Map(map)) if self.b.function().map(map).kind.is_hash() => {
                let name = &self.b.function().map(map).name;
                let text = format!("bpf_for_each_map_elem over `{name}`: only arrays can be walked in hardware");
                return Err(self.refuse(Code::HelperArgument, text));
            }
            (FOR_EACH_MAP_ELEM, Content::Map(map)) => {
                let declared = self.b.function().map(map);
                let is_array = matches!(declared.kind, MapKind::Array | MapKind::PercpuArray);
                if !is_array || self.program.maps[map.index()].is_prog_array() {
                    let text = format!("bpf_for_each_map_elem over `{}`, which is not an array", declared.name);
                    return Err(self.refuse(Code::MapOperation, text));
                }
                let entries = declared.max_entries;
                (RepeatKind::Elements(map), self.b.constant(entries.into(), 64))
            }
            (FOR_EACH_MAP_ELEM, other @ Content::Inner(_)) => {
                let text = format!("bpf_for_each_map_elem over {}: only whole arrays can be walked", other.describe());
                return Err(self.refuse(Code::MapOperation, text));
            }
            (FOR_EACH_MAP_ELEM, other) => return Err(bad(self, "first", &other, "a map")),
            (_, other) => (RepeatKind::Loop, self.scalar(&other, "the number of iterations")?),
        };
        let repeat = Repeat { kind, callback, count, iteration: 0, context };
        self.first_iteration(state, repeat, flags)
    }

    /// Sorts out the calls that fail. The kernel inlines `bpf_loop` when the flags are known to be zero, and then looks at
    /// all 64 bits of the count; the helper itself takes a `u32`.
    fn first_iteration(&mut self, state: &State, mut repeat: Repeat, flags: Value) -> Result<Flow, Refusal> {
        let next = self.slot + 1;
        let is_inlined = state.set(&self.b, flags).as_const() == Some(0);
        if !is_inlined {
            let low = self.b.extract(repeat.count, 0, 32);
            repeat.count = self.b.resize(low, 64);
        }
        let too_big = if is_inlined { E2BIG_INLINED } else { E2BIG };
        let zero = self.b.constant(0, 64);
        let invalid = self.b.compare(Compare::Ne, flags, zero);
        let limit = self.b.constant(MAX_LOOPS, 64);
        let too_many = self.b.compare(Compare::Ult, limit, repeat.count);
        let mut rest = Some(state.clone());
        for (condition, error) in [(invalid, EINVAL), (too_many, too_big)] {
            let Some(state) = rest else { break };
            let split = self.split_on(state, condition, |_, _, _| {});
            if let Some(mut failed) = split.taken {
                let error = self.b.constant(error, 64);
                leave(&mut failed, error);
                self.schedule(failed, next);
            }
            rest = split.fallen;
        }
        match rest {
            Some(state) => self.next_iteration(&state, repeat, next),
            None => Ok(Flow::Gone),
        }
    }

    /// Calls the function for the iteration that `repeat` names, where there is one.
    fn next_iteration(&mut self, state: &State, repeat: Repeat, return_to: usize) -> Result<Flow, Refusal> {
        if repeat.iteration >= self.limits.iterations {
            return Err(self.too_many_iterations(return_to));
        }
        let number = self.b.constant(repeat.iteration.into(), 64);
        let goes_on = self.b.compare(Compare::Ult, number, repeat.count);
        let split = self.split_on(state.clone(), goes_on, |_, _, _| {});
        if let Some(mut done) = split.fallen {
            leave(&mut done, number);
            self.schedule(done, return_to);
        }
        let Some(state) = split.taken else { return Ok(Flow::Gone) };
        // The call's place is what the key and the return address are made of.
        let here = std::mem::replace(&mut self.slot, return_to - 1);
        let callee = self.enter(&state, Some(repeat));
        self.slot = here;
        let mut callee = callee?;
        callee.registers = [Content::UNINITIALISED; 10];
        match repeat.kind {
            RepeatKind::Loop => {
                callee.registers[1] = Content::Scalar(number);
                callee.registers[2] = repeat.context;
            }
            RepeatKind::Elements(map) => {
                let index = self.b.extract(number, 0, 32);
                let entry = EntryPlace { map, index, base: None, offset: 0, missing: None, fate: Fate::default() };
                callee.registers[1] = Content::Map(map);
                callee.registers[2] = Content::Key(index, 0);
                callee.registers[3] = Content::Entry(entry);
                callee.registers[4] = repeat.context;
            }
        }
        self.schedule(callee, repeat.callback);
        Ok(Flow::Gone)
    }

    /// The callback returned: 1 ends the loop.
    pub(super) fn repeat(
        &mut self,
        state: &State,
        caller: &Caller,
        repeat: Repeat,
        result: &Content,
    ) -> Result<Flow, Refusal> {
        let result = self.scalar(result, "what the callback returns")?;
        if state.set(&self.b, result).hi() > 1 {
            return Err(self.refuse(Code::HelperArgument, "the callback returns something else than 0 or 1".to_owned()));
        }
        let stop = self.b.extract(result, 0, 1);
        let split = self.split_on(state.clone(), stop, |_, _, _| {});
        if let Some(mut stopped) = split.taken {
            let count = self.b.constant(u64::from(repeat.iteration) + 1, 64);
            leave(&mut stopped, count);
            self.schedule(stopped, caller.return_to);
        }
        match split.fallen {
            Some(state) => {
                let next = Repeat { iteration: repeat.iteration + 1, ..repeat };
                self.next_iteration(&state, next, caller.return_to)
            }
            None => Ok(Flow::Gone),
        }
    }

    fn too_many_iterations(&self, return_to: usize) -> Refusal {
        let text = format!(
            "the callback of the helper here has run {} times and has not ended; each iteration would be hardware of its own",
            self.limits.iterations
        );
        Box::new(Diagnostic::new(Code::WorkLimit, text).at(self.program.location(return_to - 1)))
    }

    /// Reads the key that `bpf_for_each_map_elem` shows.
    pub(super) fn read_key(&mut self, key: Value, at: i64, bytes: u32) -> Result<Value, Refusal> {
        let inside = at >= 0 && at + i64::from(bytes) <= 4;
        if !inside {
            return Err(
                self.refuse(Code::MapValueOutOfRange, format!("{bytes} bytes at {at} of a 4-byte key are read"))
            );
        }
        Ok(self.b.extract(key, 8 * at as u8, 8 * bytes as u8))
    }
}

/// The helper returns.
fn leave(state: &mut State, result: Value) {
    clobber_arguments(state);
    state.registers[0] = Content::Scalar(result);
}
