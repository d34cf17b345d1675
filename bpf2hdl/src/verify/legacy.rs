// SPDX-License-Identifier: Apache-2.0
//! Bounds of `LD_ABS` and `LD_IND`, the packet loads of the 2016 program type.

use super::content::PacketPlace;
use super::path::Literal;
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
            None => PacketPlace { base: None, offset: offset.into() },
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
        let state = state.clone();
        let decided = state
            .path
            .decides(Literal::new(&self.b, outside, true))
            .or_else(|| state.set(&self.b, outside).as_const().map(|c| c == 1));
        let side = |walk: &mut Self, outcome: bool| {
            if decided == Some(!outcome) {
                return None;
            }
            let mut side = state.clone();
            if decided.is_none() {
                if !side.assume(&walk.b, outside, outcome) {
                    return None;
                }
                side.path = side.path.and(Literal::new(&walk.b, outside, outcome));
            }
            if !outcome && let Some(base) = place.base {
                let known = side.lengths.entry(base).or_insert(i64::MIN);
                *known = (*known).max(place.offset + i64::from(bytes));
            }
            Some(side)
        };
        let (outside, inside) = (side(self, true), side(self, false));
        Ok((inside.map(|state| (state, place)), outside))
    }

    /// `(u32) (register + offset)`; a sum that wraps is far outside any packet.
    fn legacy_place(&mut self, register: Value, offset: i32) -> PacketPlace {
        let low = self.b.extract(register, 0, 32);
        let addend = self.b.constant(offset as u32 as u64, 32);
        let sum = self.b.binary(Binary::Add, low, addend);
        let wide = self.b.resize(sum, 64);
        match self.b.as_const(wide) {
            Some(c) => PacketPlace { base: None, offset: c as i64 },
            None => PacketPlace { base: Some(wide), offset: 0 },
        }
    }
}
