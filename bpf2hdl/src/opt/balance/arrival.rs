// SPDX-License-Identifier: Apache-2.0
//! When values are there, if nothing but delays held them up.

use crate::ir::{Binary, Builder, Compare, Function, MapId, MapKind, Op, Value};
use crate::opt::Goal;
use crate::rtl::{divider_latency, multiplier_latency};
use crate::target::{Delays, Logic};

/// Maps of at most this many bits are flip-flops (as the scheduler has it).
const SMALL_MAP_BITS: u64 = 1024;
/// Stages from the key of a step on a directory to its result, roughly.
const DIRECTORY_STAGES: u64 = 5;
/// Stages of a read of block RAM.
const RAM_STAGES: u64 = 2;

/// Arrival times in picoseconds after the token, of the values of a function that is being built.
pub(crate) struct Arrivals {
    delays: Delays,
    period_ps: u64,
    known: Vec<u64>,
}

impl Arrivals {
    pub(crate) fn new(goal: &Goal) -> Self {
        Arrivals { delays: goal.delays, period_ps: goal.period_ps.into(), known: Vec::new() }
    }

    /// Delay of a choice between words or bits.
    pub(super) fn choice(&self, width: u8) -> u64 {
        self.delays.of(if width == 1 { Logic::Condition } else { Logic::Bitwise }).into()
    }

    /// Delay of a conjunction or disjunction of bits.
    pub(super) fn condition(&self) -> u64 {
        self.delays.of(Logic::Condition).into()
    }

    /// When `value` is there.
    pub(crate) fn of(&mut self, b: &Builder, value: Value) -> u64 {
        while self.known.len() <= value.index() {
            let next = Value::new(self.known.len());
            let mut ready = 0;
            b.op_of(next).for_each_operand(|v| ready = ready.max(self.known[v.index()]));
            self.known.push(ready + self.delay(b.function(), next));
        }
        self.known[value.index()]
    }

    /// Room for logic between the read of a map and the end of the stage, picoseconds.
    pub(crate) fn stage_of(&self, f: &Function, map: MapId) -> u64 {
        let room = self.period_ps.saturating_sub(self.delays.overhead_ps.into());
        room.saturating_sub(if in_ram(f, map) { self.delays.map_read_ps.into() } else { 0 })
    }

    /// How long an operation takes, in picoseconds.
    pub(crate) fn delay(&self, f: &Function, value: Value) -> u64 {
        let width = u32::from(f.width(value));
        let operand_width = |v: Value| u32::from(f.width(v));
        let logic = match &f.def(value).op {
            Op::Binary(Binary::Mul, ..) => return self.period_ps * u64::from(multiplier_latency(width)),
            Op::Binary(Binary::Udiv | Binary::Urem | Binary::Sdiv | Binary::Srem, ..) => {
                return self.period_ps * u64::from(divider_latency(width, self.delays.divider_bits_per_stage));
            }
            Op::Binary(Binary::And | Binary::Or | Binary::Xor, ..) if width == 1 => Logic::Condition,
            Op::Binary(Binary::And | Binary::Or | Binary::Xor, ..) => Logic::Bitwise,
            Op::Binary(Binary::Shl | Binary::Lshr | Binary::Ashr, ..) => Logic::Shift(width),
            Op::Binary(Binary::Add | Binary::Sub, ..) => Logic::Sum(width),
            Op::Compare(Compare::Eq | Compare::Ne, x, y) => match f.as_const(*y) {
                Some(_) => Logic::EqualConstant(operand_width(*x)),
                None => Logic::Equal(operand_width(*x)),
            },
            Op::Compare(_, x, _) => Logic::Less(operand_width(*x)),
            Op::Select { .. } if width == 1 => Logic::Condition,
            Op::Select { .. } => Logic::Bitwise,
            Op::PacketAt { places, .. } => Logic::Choice(places.len() as u32),
            Op::Rom { places, .. } => Logic::Choice(places.len() as u32),
            Op::MapLoad { map, index, .. } => {
                let shape = f.map(*map);
                match shape.kind {
                    MapKind::Globals | MapKind::Constants => Logic::None,
                    _ if in_ram(f, *map) => return self.period_ps * RAM_STAGES,
                    _ if f.as_const(*index).is_some() => Logic::None,
                    _ => Logic::Choice(shape.max_entries),
                }
            }
            Op::Directory { .. } => return self.period_ps * DIRECTORY_STAGES,
            Op::Const(_)
            | Op::Input(_)
            | Op::Packet { .. }
            | Op::Not(_)
            | Op::Bswap(_)
            | Op::Extract { .. }
            | Op::Concat(_)
            | Op::Sext(_)
            | Op::MapStore { .. } => Logic::None,
        };
        self.delays.of(logic).into()
    }
}

/// Whether a map is too large for flip-flops.
fn in_ram(f: &Function, map: MapId) -> bool {
    let map = f.map(map);
    let bits = u64::from(map.max_entries) * u64::from(map.value_size) * 8;
    bits > SMALL_MAP_BITS && map.max_entries > 1
}
