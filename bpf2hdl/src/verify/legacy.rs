// SPDX-License-Identifier: Apache-2.0
//! Bounds of `LD_ABS` and `LD_IND`, the packet loads of the 2016 program type.

use super::content::PacketPlace;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Binary, Compare, Value};
use crate::isa::Reg;

/// The state in which the load is inside the packet, with its place.
type Inside = Option<(State, PacketPlace)>;

impl Walk<'_> {
    /// Splits a state on whether the load is inside the packet.
    pub(super) fn legacy_bounds(
        &mut self,
        state: &State,
        bytes: u32,
        index: Option<Reg>,
        offset: i32,
    ) -> Result<(Inside, Option<State>), Refusal> {
        let place = match index {
            None if offset < 0 => {
                return Err(self.refuse(
                    Code::LegacyPacketLoad,
                    format!("offset {offset} addresses data of the kernel's socket buffer, which hardware has not"),
                ));
            }
            None => PacketPlace::data(offset.into()),
            Some(reg) => {
                let content = self.register(state, reg)?;
                let register = self.scalar(&content, "the index of a packet load")?;
                self.legacy_place(register, offset)
            }
        };
        let length = super::state::length(&mut self.b);
        let length = self.b.resize(length, 64);
        let at = self.place_value(&place);
        let end = self.b.add_const(at, bytes.into());
        let outside = self.b.compare(Compare::Ult, length, end);
        let split = self.split_on(state.clone(), outside, |_, side, is_outside| {
            if let (false, Some(base)) = (is_outside, place.base) {
                side.lengths.raise(base, place.offset + i64::from(bytes));
            }
        });
        Ok((split.fallen.map(|state| (state, place)), split.taken))
    }

    /// `(u32) (register + offset)`; a sum that wraps is far outside any packet.
    fn legacy_place(&mut self, register: Value, offset: i32) -> PacketPlace {
        let low = self.b.extract(register, 0, 32);
        let addend = self.b.constant(offset as u32 as u64, 32);
        let sum = self.b.binary(Binary::Add, low, addend);
        let wide = self.b.resize(sum, 64);
        match self.b.as_const(wide) {
            Some(c) => PacketPlace::data(c as i64),
            None => PacketPlace { base: Some(wide), ..PacketPlace::data(0) },
        }
    }
}
