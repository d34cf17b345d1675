// SPDX-License-Identifier: Apache-2.0
//! The stack: bytes and spilled registers in the state; nothing of it is left in hardware.

use super::content::{Content, StackPlace};
use super::merge::bytes_of;
use super::state::{Slot, State};
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::Value;

/// Bytes of stack a frame has (`MAX_BPF_STACK`, include/linux/filter.h).
const STACK_BYTES: i64 = 512;

impl Walk<'_> {
    fn check_stack(&self, at: i64, bytes: u32) -> Result<(), Refusal> {
        if at < -STACK_BYTES || at + i64::from(bytes) > 0 {
            return Err(self.refuse(
                Code::StackOutOfRange,
                format!("{bytes} bytes at r10{at:+} are outside the {STACK_BYTES} bytes of stack"),
            ));
        }
        Ok(())
    }

    pub(super) fn read_stack(&mut self, state: &State, frame: usize, at: i64, bytes: u32) -> Result<Content, Refusal> {
        self.check_stack(at, bytes)?;
        let key = at.div_euclid(8) * 8;
        if bytes == 8
            && key == at
            && let Some(Slot::Whole(content)) = state.stacks[frame].get(&key)
        {
            return match content {
                Content::Unusable(_) => Err(self.bad_pointer(content, "read from the stack")),
                _ => Ok(*content),
            };
        }
        let mut parts = Vec::new();
        for position in at..at + i64::from(bytes) {
            let key = position.div_euclid(8) * 8;
            let slot = state.stacks[frame].get(&key).cloned();
            if let Some(Slot::Whole(held)) = &slot
                && !matches!(held, Content::Scalar(_))
            {
                let text =
                    format!("the byte at r10{position:+} is read as a number, but is part of {}", held.describe());
                return Err(self.refuse(Code::UninitialisedRead, text));
            }
            parts.push(slot.and_then(|slot| bytes_of(&mut self.b, &slot)[(position - key) as usize]));
        }
        if parts.iter().all(Option::is_none) {
            let text = format!("the {bytes} bytes at r10{at:+} are read, but never written");
            return Err(self.refuse(Code::UninitialisedRead, text));
        }
        // The kernel lets programs read padding (since Linux 6.3), and does not say what is there: zero here.
        let zero = self.b.constant(0, 8);
        let parts = parts.into_iter().map(|byte| byte.unwrap_or(zero)).collect();
        Ok(Content::Scalar(self.b.concat(parts)))
    }

    /// Whether none of these bytes was ever written.
    pub(super) fn is_unwritten(&self, state: &State, frame: usize, at: i64, bytes: u32) -> bool {
        (at..at + i64::from(bytes)).all(|position| {
            let key = position.div_euclid(8) * 8;
            match state.stacks[frame].get(&key) {
                None => self.check_stack(position, 1).is_ok(),
                Some(Slot::Bytes(bytes)) => bytes[(position - key) as usize].is_none(),
                Some(Slot::Whole(_)) => false,
            }
        })
    }

    pub(super) fn write_stack(
        &mut self,
        state: &mut State,
        frame: usize,
        at: i64,
        bytes: u32,
        data: Content,
    ) -> Result<(), Refusal> {
        self.check_stack(at, bytes)?;
        if super::alu::stack_offset(&data).is_some_and(|(inner, _)| inner > frame) {
            return Err(self.refuse(
                Code::InvalidPointer,
                "a function stores a pointer to its own stack into the stack of its caller".to_owned(),
            ));
        }
        let key = at.div_euclid(8) * 8;
        if bytes == 8 && key == at {
            state.stacks[frame].insert(key, Slot::Whole(data));
            return Ok(());
        }
        let Content::Scalar(value) = data else {
            return Err(self.refuse(Code::PointerLeak, format!("part of {} is stored", data.describe())));
        };
        for (i, position) in (at..at + i64::from(bytes)).enumerate() {
            let key = position.div_euclid(8) * 8;
            let old = state.stacks[frame].get(&key).cloned().unwrap_or(Slot::Bytes([None; 8]));
            let mut all = bytes_of(&mut self.b, &old);
            all[(position - key) as usize] = Some(self.b.extract(value, 8 * i as u8, 8));
            state.stacks[frame].insert(key, Slot::Bytes(all));
        }
        Ok(())
    }

    /// The places that an access at a computed offset can have.
    fn stack_places(&self, state: &State, place: &StackPlace, bytes: u32) -> Result<Vec<(Value, u64, i64)>, Refusal> {
        let set = state.set(&self.b, place.base);
        let Some(elements) = set.enumerate(STACK_BYTES as usize) else {
            return Err(self.refuse(
                Code::StackOutOfRange,
                format!("the stack is accessed at more than {STACK_BYTES} different offsets"),
            ));
        };
        elements
            .into_iter()
            .map(|e| {
                let at = (e as i64).wrapping_add(place.offset);
                self.check_stack(at, bytes).map(|()| (place.base, e, at))
            })
            .collect()
    }

    pub(super) fn read_stack_at(&mut self, state: &State, place: &StackPlace, bytes: u32) -> Result<Value, Refusal> {
        let mut result = None;
        for (base, element, at) in self.stack_places(state, place, bytes)? {
            let content = self.read_stack(state, place.frame, at, bytes)?;
            let value = self.scalar(&content, "what is loaded from a computed place on the stack")?;
            result = Some(match result {
                None => value,
                Some(other) => {
                    let here = self.b.equals_const(base, element);
                    self.b.select(here, value, other)
                }
            });
        }
        result.ok_or_else(|| self.refuse(Code::StackOutOfRange, "no place is possible".to_owned()))
    }

    /// Each place keeps what it held unless it is the one.
    pub(super) fn write_stack_at(
        &mut self,
        state: &mut State,
        place: &StackPlace,
        value: Value,
    ) -> Result<(), Refusal> {
        let bytes = u32::from(self.b.width(value) / 8);
        for (base, element, at) in self.stack_places(state, place, bytes)? {
            let here = self.b.equals_const(base, element);
            for i in 0..bytes {
                let position = at + i64::from(i);
                let key = position.div_euclid(8) * 8;
                let slot = state.stacks[place.frame].get(&key).cloned().unwrap_or(Slot::Bytes([None; 8]));
                if let Slot::Whole(held) = slot
                    && !matches!(held, Content::Scalar(_))
                {
                    let text =
                        format!("a store at a computed place may hit {} that is kept on the stack", held.describe());
                    return Err(self.refuse(Code::PointerLeak, text));
                }
                let mut all = bytes_of(&mut self.b, &slot);
                let old = all[(position - key) as usize];
                let data = self.b.extract(value, (8 * i) as u8, 8);
                // Like the kernel, take what was never written as anything: zero here.
                let old = old.unwrap_or_else(|| self.b.constant(0, 8));
                all[(position - key) as usize] = Some(self.b.select(here, data, old));
                state.stacks[place.frame].insert(key, Slot::Bytes(all));
            }
        }
        Ok(())
    }
}
