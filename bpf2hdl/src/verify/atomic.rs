// SPDX-License-Identifier: Apache-2.0
//! Atomic operations: a load, a combination and a store, which the packet's transaction with the entry makes one step.

use super::content::Content;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Binary, Compare};
use crate::isa::{AtomicOp, MemSize, Reg};

impl Walk<'_> {
    /// Loads, combines and stores. That is atomic: the accesses of one packet to an entry are one transaction.
    pub(super) fn atomic(
        &mut self,
        state: &mut State,
        size: MemSize,
        op: AtomicOp,
        base: Reg,
        offset: i16,
        src: Reg,
    ) -> Result<(), Refusal> {
        let pointer = self.register(state, base)?;
        if !matches!(pointer, Content::Stack(..) | Content::StackAt(_) | Content::Entry(_)) {
            let what = pointer.describe();
            let message = format!(
                "an atomic operation on {what}: they are for map values and the stack, elsewhere load, change and store"
            );
            return Err(self.refuse(Code::InvalidPointer, message));
        }
        let (bytes, bits) = (size.bytes(), size.bits() as u8);
        let operand = self.register(state, src)?;
        let operand = self.scalar(&operand, "the operand of an atomic operation")?;
        let operand = self.b.extract(operand, 0, bits);
        let old = self.read(state, &pointer, offset.into(), bytes)?;
        let old = self.scalar(&old, "the target of an atomic operation")?;
        let (new, old_goes_to) = match op {
            AtomicOp::Add { fetch } => (self.b.binary(Binary::Add, old, operand), fetch.then_some(src)),
            AtomicOp::Or { fetch } => (self.b.or(old, operand), fetch.then_some(src)),
            AtomicOp::And { fetch } => (self.b.and(old, operand), fetch.then_some(src)),
            AtomicOp::Xor { fetch } => (self.b.binary(Binary::Xor, old, operand), fetch.then_some(src)),
            AtomicOp::Xchg => (operand, Some(src)),
            AtomicOp::CmpXchg => {
                let expected = self.register(state, Reg::R0)?;
                let expected = self.scalar(&expected, "the value that cmpxchg expects")?;
                let expected = self.b.extract(expected, 0, bits);
                let equal = self.b.compare(Compare::Eq, old, expected);
                (self.b.select(equal, operand, old), Some(Reg::R0))
            }
        };
        self.write(state, &pointer, offset.into(), bytes, Content::Scalar(new))?;
        if let Some(reg) = old_goes_to {
            let old = self.b.resize(old, 64);
            self.set_register(state, reg, Content::Scalar(old))?;
        }
        Ok(())
    }
}
