// SPDX-License-Identifier: Apache-2.0
//! Calls between functions of the program, which are inlined, and returns.

use std::collections::BTreeMap;

use super::content::Content;
use super::helpers::clobber_arguments;
use super::state::{Caller, Repeat, State};
use super::walk::{Flow, Refusal, Walk};
use crate::diag::Code;
use crate::isa::Reg;

/// `bpf_tail_call` (include/uapi/linux/bpf.h).
pub(super) const TAIL_CALL: u32 = 12;
/// `bpf_for_each_map_elem`.
pub(super) const FOR_EACH_MAP_ELEM: u32 = 164;
/// `bpf_loop`.
pub(super) const LOOP: u32 = 181;

/// `MAX_CALL_FRAMES`, include/linux/bpf_verifier.h.
const MAX_CALL_FRAMES: usize = 8;

/// Whether a helper calls a function of the program.
pub(super) fn calls_back(id: u32) -> bool {
    matches!(id, FOR_EACH_MAP_ELEM | LOOP)
}

impl Walk<'_> {
    pub(super) fn call_local(&mut self, state: &mut State, delta: i32) -> Result<Flow, Refusal> {
        let target = i64::try_from(self.slot).unwrap_or(i64::MAX) + 1 + i64::from(delta);
        let target = usize::try_from(target).ok().filter(|&t| self.cfg.is_leader(t));
        let Some(target) = target else {
            return Err(self.refuse(Code::BadJump, "the call goes nowhere".to_owned()));
        };
        let mut callee = self.enter(state, None)?;
        callee.registers[0] = Content::UNINITIALISED;
        callee.registers[6..].fill(Content::UNINITIALISED);
        self.schedule(callee, target);
        Ok(Flow::Gone)
    }

    /// The state with one more frame; registers are the caller's.
    pub(super) fn enter(&self, state: &State, repeat: Option<Repeat>) -> Result<State, Refusal> {
        if state.stacks.len() >= MAX_CALL_FRAMES {
            return Err(self.refuse(Code::WorkLimit, format!("more than {MAX_CALL_FRAMES} functions are nested")));
        }
        let mut key = self.place(state, self.block_start());
        // The iterations of a callback come one after the other.
        key.extend(repeat.map(|repeat| repeat.iteration));
        let mut callee = state.clone();
        callee.callers.push(Caller {
            return_to: self.slot + 1,
            repeat,
            level: state.level,
            saved: std::array::from_fn(|i| state.registers[6 + i]),
            iterations: std::mem::take(&mut callee.iterations),
            key,
        });
        callee.level.depth = 0;
        callee.stacks.push(BTreeMap::new());
        Ok(callee)
    }

    /// First slot of the block being executed.
    fn block_start(&self) -> usize {
        (0..=self.slot).rev().find(|&s| self.cfg.is_leader(s)).unwrap_or(0)
    }

    /// Leaves the current frame, or ends the program.
    pub(super) fn exit(&mut self, state: &mut State) -> Result<Flow, Refusal> {
        // A function may leave r0 unwritten, if its caller does not look at it.
        let result = state.registers[0];
        let Some(caller) = state.callers.pop() else {
            self.require_given_back(state)?;
            let result = self.register(state, Reg::R0)?;
            let action = self.verdict(&result)?;
            self.end(state, action)?;
            return Ok(Flow::Gone);
        };
        let frame = state.frame();
        let is_own_stack = match result {
            Content::Stack(f, _) => f == frame,
            Content::StackAt(place) => place.frame == frame,
            _ => false,
        };
        if is_own_stack {
            return Err(self.refuse(Code::InvalidPointer, "a function returns a pointer to its own stack".to_owned()));
        }
        state.stacks.pop();
        clobber_arguments(state);
        state.registers[6..].copy_from_slice(&caller.saved);
        state.iterations.clone_from(&caller.iterations);
        state.level = caller.level;
        match caller.repeat {
            Some(repeat) => self.repeat(state, &caller, repeat, &result),
            None => Ok(Flow::To(caller.return_to)),
        }
    }
}
