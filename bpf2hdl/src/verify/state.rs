// SPDX-License-Identifier: Apache-2.0
//! One abstract state: registers, stack, packet writes, and what is known on this path.

use std::collections::BTreeMap;

use super::cfg::Iterations;
use super::content::Content;
use super::extent::Extent;
use super::facts::Facts;
use super::path::Path;
use super::queue::Ring;
use super::records::Records;
use super::spin_lock::Held;
use crate::ir::{Builder, Input, MapId, Op, Redirect, Value, ValueSet, transfer};

/// How deep operands are looked through when a set is asked for.
const DEPTH: u32 = 5;

/// Eight bytes of stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// A whole register.
    Whole(Content),
    /// Single bytes, each 8 bits or not written.
    Bytes([Option<Value>; 8]),
}

/// The stack of one frame; key: offset of the slot from the frame's top, a negative multiple of 8.
pub(super) type Stack = BTreeMap<i64, Slot>;

/// A byte of the packet that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Written {
    /// One bit: on the paths that lead here it was.
    pub(super) when: Value,
    /// Eight bits; unspecified where `when` is 0.
    pub(super) data: Value,
}

/// Which program of the object a frame runs: a tail call replaces it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Level {
    /// Tail calls of this frame so far.
    pub(super) depth: u32,
    /// Index into the linked members.
    pub(super) member: usize,
}

/// A helper that calls a function of the program again and again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Repeat {
    /// What is repeated.
    pub(super) kind: RepeatKind,
    /// First slot of the callback.
    pub(super) callback: usize,
    /// Iterations asked for, 64 bits.
    pub(super) count: Value,
    /// The iteration that runs, from 0.
    pub(super) iteration: u32,
    /// The callback's own argument.
    pub(super) context: Content,
}

/// The helpers that call back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RepeatKind {
    /// `bpf_loop`.
    Loop,
    /// `bpf_for_each_map_elem` over an array.
    Elements(crate::ir::MapId),
}

/// A caller that waits for its callee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Caller {
    /// Slot after the call.
    pub(super) return_to: usize,
    /// The callee is called by a helper.
    pub(super) repeat: Option<Repeat>,
    /// The program that the caller runs.
    pub(super) level: Level,
    /// r6 to r9 of the caller.
    pub(super) saved: [Content; 4],
    /// Loops that the caller was in.
    pub(super) iterations: Iterations,
    /// Place of the call in the walk.
    pub(super) key: Vec<u32>,
}

/// A state before the instruction at `slot`.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Next instruction.
    pub(super) slot: usize,
    /// r0 to r9 (r10 follows from the frame).
    pub(super) registers: [Content; 10],
    /// Stacks, one a frame, outermost first.
    pub(super) stacks: Vec<Stack>,
    /// The program that the current frame runs.
    pub(super) level: Level,
    /// Tail calls made so far, 32 bits; all frames count together.
    pub(super) tail_calls: Value,
    /// Callers, outermost first; one fewer than stacks.
    pub(super) callers: Vec<Caller>,
    /// Loops of the current function.
    pub(super) iterations: Iterations,
    /// The spin lock that is held.
    pub(super) held: Option<Held>,
    /// Condition under which the state is reached.
    pub(super) path: Path,
    /// Sets that are smaller on this path than in general.
    pub(super) refined: Facts<ValueSet>,
    /// `packet length >= value + n`; the present length, from head to end.
    pub(super) lengths: Facts<i64>,
    /// The packet has at least so many bytes.
    pub(super) least: i64,
    /// Where the packet begins and ends.
    pub(super) extent: Extent,
    /// Bytes of the packet that were written, by offset from its head; negative in metadata.
    pub(super) written: BTreeMap<i32, Written>,
    /// The next random number, 32 bits; `None`: that of the packet.
    pub(super) random: Option<Value>,
    /// Records of ring buffers that are reserved.
    pub(super) records: Records,
    /// Where a redirect would go; `None`: no call has named a target.
    pub(super) redirect: Option<Redirect>,
    /// What this path has made of each queue and stack.
    pub(super) queues: BTreeMap<MapId, Ring>,
}

impl State {
    /// The state at the program's entry: r1 is the context.
    pub(super) fn entry(b: &mut Builder) -> Self {
        let mut registers = [Content::UNINITIALISED; 10];
        registers[1] = Content::Context(0);
        State {
            slot: 0,
            registers,
            stacks: vec![Stack::new()],
            level: Level::default(),
            tail_calls: b.constant(0, 32),
            held: None,
            callers: Vec::new(),
            iterations: Iterations::new(),
            path: Path::default(),
            refined: Facts::default(),
            lengths: Facts::default(),
            least: 0,
            extent: Extent::RECEIVED,
            written: BTreeMap::new(),
            random: None,
            records: Records::new(),
            redirect: None,
            queues: BTreeMap::new(),
        }
    }

    /// Index of the current frame.
    pub(super) fn frame(&self) -> usize {
        self.stacks.len() - 1
    }

    /// Everything that is held whole: registers, those of callers, and what was spilled.
    pub(super) fn contents_mut(&mut self) -> impl Iterator<Item = &mut Content> {
        let saved = self.callers.iter_mut().flat_map(|caller| {
            let context = caller.repeat.as_mut().map(|repeat| &mut repeat.context);
            caller.saved.iter_mut().chain(context)
        });
        let spilled = self.stacks.iter_mut().flat_map(|stack| stack.values_mut()).filter_map(|slot| match slot {
            Slot::Whole(content) => Some(content),
            Slot::Bytes(_) => None,
        });
        self.registers.iter_mut().chain(saved).chain(spilled)
    }

    /// What is known of a value on this path.
    pub(super) fn set(&self, b: &Builder, value: Value) -> ValueSet {
        let refined = if self.refined.is_empty() { None } else { self.refined_set(b, value, DEPTH) };
        refined.unwrap_or_else(|| b.set(value).clone())
    }

    /// What is known of a value on this path, if that is more than in general: by itself, or by its operands.
    fn refined_set(&self, b: &Builder, value: Value, depth: u32) -> Option<ValueSet> {
        let general = b.set(value);
        let own = self.refined.get(value).map(|set| general.meet(set).unwrap_or_else(|| general.clone()));
        let def = b.function().def(value);
        if depth == 0 || def.width == 0 || own.as_ref().unwrap_or(general).as_const().is_some() {
            return own;
        }
        let mut operands: Vec<(Value, ValueSet)> = Vec::new();
        def.op
            .for_each_operand(|operand| operands.extend(self.refined_set(b, operand, depth - 1).map(|s| (operand, s))));
        if operands.is_empty() {
            return own;
        }
        let derived = transfer(&def.op, def.width, &mut |v| {
            let known = operands.iter().find(|(operand, _)| *operand == v);
            known.map_or_else(|| b.set(v).clone(), |(_, set)| set.clone())
        });
        let set = own.unwrap_or_else(|| general.clone());
        Some(set.meet(&derived).unwrap_or(set))
    }

    /// Narrows what is known of a value, and of what it is computed from; `false` if no value is left, so that the path
    /// can not be taken.
    pub(super) fn refine(&mut self, b: &Builder, value: Value, to: &ValueSet) -> bool {
        let known = self.set(b, value);
        let Some(set) = known.meet(to) else { return false };
        if set == known {
            return true;
        }
        self.refined.insert(value, set.clone());
        self.refine_operands(b, value, &set)
    }

    fn refine_operands(&mut self, b: &Builder, value: Value, set: &ValueSet) -> bool {
        use crate::ir::Binary;
        let width = set.width();
        let through = |op: Op, width: u8| transfer(&op, width, &mut |_| set.clone());
        match b.op_of(value).clone() {
            Op::Concat(parts) => {
                let mut at = 0;
                parts.into_iter().all(|part| {
                    let part_width = b.width(part);
                    let slice = through(Op::Extract { from: value, lo: at }, part_width);
                    at += part_width;
                    b.as_const(part).is_some() || self.refine(b, part, &slice)
                })
            }
            Op::Extract { from, lo } => {
                let total = b.width(from);
                let (zeros, ones) = (set.zeros() << lo, set.ones() << lo);
                let upper_known = self.set(b, from).active_bits() <= lo + width;
                let bounds = match (lo, upper_known) {
                    (0, true) => (set.lo(), set.hi()),
                    (_, true) => (set.lo() << lo, (set.hi() << lo) | crate::ir::low_mask(lo)),
                    _ => (0, u64::MAX),
                };
                match ValueSet::from_parts(total, zeros, ones, bounds.0, bounds.1) {
                    Some(wide) => self.refine(b, from, &wide),
                    None => true,
                }
            }
            Op::Sext(inner) => {
                let slice = through(Op::Extract { from: value, lo: 0 }, b.width(inner));
                self.refine(b, inner, &slice)
            }
            Op::Bswap(inner) => self.refine(b, inner, &through(Op::Bswap(value), width)),
            Op::Not(inner) => self.refine(b, inner, &through(Op::Not(value), width)),
            Op::Binary(Binary::Add, inner, c) if b.as_const(c).is_some() => {
                let constant = b.set(c).clone();
                let difference = transfer(&Op::Binary(Binary::Sub, value, c), width, &mut |v| {
                    if v == value { set.clone() } else { constant.clone() }
                });
                self.refine(b, inner, &difference)
            }
            _ => true,
        }
    }

    /// Adds `condition == outcome` to what is known; `false` if that can not be.
    pub(super) fn assume(&mut self, b: &Builder, condition: Value, outcome: bool) -> bool {
        use crate::ir::{Binary, Compare};
        if !self.refine(b, condition, &ValueSet::constant(1, outcome.into())) {
            return false;
        }
        match *b.op_of(condition) {
            Op::Not(inner) => self.assume(b, inner, !outcome),
            Op::Binary(Binary::And, x, y) if outcome => self.assume(b, x, true) && self.assume(b, y, true),
            Op::Binary(Binary::Or, x, y) if !outcome => self.assume(b, x, false) && self.assume(b, y, false),
            Op::Compare(Compare::Eq, x, y) => self.assume_equal(b, x, y, outcome),
            Op::Compare(Compare::Ult, x, y) => self.assume_less(b, x, y, outcome),
            Op::Compare(Compare::Slt, x, y) => self.assume_signed_less(b, x, y, outcome),
            _ => true,
        }
    }

    fn assume_equal(&mut self, b: &Builder, x: Value, y: Value, outcome: bool) -> bool {
        let (left, right) = (self.set(b, x), self.set(b, y));
        if outcome {
            return self.refine(b, x, &right) && self.refine(b, y, &left);
        }
        match right.as_const() {
            Some(c) => left.without(c).is_some_and(|set| self.refine(b, x, &set)),
            None => true,
        }
    }

    fn assume_less(&mut self, b: &Builder, x: Value, y: Value, outcome: bool) -> bool {
        let (low, high, strict) = if outcome { (x, y, 1) } else { (y, x, 0) };
        let (below, above) = (self.set(b, low), self.set(b, high));
        let (Some(top), Some(bottom)) = (above.hi().checked_sub(strict), below.lo().checked_add(strict)) else {
            return false;
        };
        let width = below.width();
        let upper = ValueSet::from_parts(width, 0, 0, 0, top);
        let lower = ValueSet::from_parts(width, 0, 0, bottom, u64::MAX);
        upper.is_some_and(|set| self.refine(b, low, &set)) && lower.is_some_and(|set| self.refine(b, high, &set))
    }

    /// Signed comparisons with a constant give an unsigned interval where the sign of the result is known.
    fn assume_signed_less(&mut self, b: &Builder, x: Value, y: Value, outcome: bool) -> bool {
        let width = b.width(x);
        let half = 1u64 << (width - 1);
        let (low, high, strict) = if outcome { (x, y, 1) } else { (y, x, 0) };
        let (low_set, high_set) = (self.set(b, low), self.set(b, high));
        // 0 <= low <= high: the value above is not negative.
        if let Some(c) = low_set.as_const().filter(|c| c & half == 0) {
            return ValueSet::from_parts(width, half, 0, c + strict, half - 1)
                .is_some_and(|set| self.refine(b, high, &set));
        }
        // low <= high where low is not negative and high is a constant.
        if let Some(c) = high_set.as_const().filter(|c| c & half == 0)
            && low_set.sign() == Some(false)
        {
            let Some(top) = c.checked_sub(strict) else { return false };
            return ValueSet::from_parts(width, 0, 0, 0, top).is_some_and(|set| self.refine(b, low, &set));
        }
        true
    }
}

/// The packet's length as received, 16 bits.
pub(super) fn length(b: &mut Builder) -> Value {
    b.op(Op::Input(Input::Length), Input::WIDTH)
}
