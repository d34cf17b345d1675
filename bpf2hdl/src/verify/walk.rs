// SPDX-License-Identifier: Apache-2.0
//! The walk: executes abstract states in an order in which those that can meet do meet.

use std::collections::BTreeMap;

use super::agree::Policy;
use super::call;
use super::cfg::Cfg;
use super::content::{Content, EntryPlace, InnerPlace};
use super::ending::Ending;
use super::explosion::Visits;
use super::helpers::clobber_arguments;
use super::merge;
use super::prints::Prints;
use super::records::{self, Emission};
use super::resize;
use super::state::State;
use super::{Limits, Lowered};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Builder, Compare, Function, MapId, ProgramKind, Value};
use crate::isa::{Call, Imm64, Insn, MemSize, Operand, Reg};
use crate::object::Linked;

/// Why a path can not be built.
pub(super) type Refusal = Box<Diagnostic>;

/// Where a path goes on.
pub(super) enum Flow {
    /// The next instruction.
    Next,
    /// Another slot.
    To(usize),
    /// Here, and this other state too.
    Fork(Box<State>),
    /// It was scheduled, or has ended.
    Gone,
}

/// The walk over one program under one merge policy.
pub(super) struct Walk<'a> {
    pub(super) program: &'a Linked,
    pub(super) limits: &'a Limits,
    pub(super) b: Builder,
    pub(super) read_only: Vec<bool>,
    /// Instruction being executed.
    pub(super) slot: usize,
    pub(super) cfg: &'a Cfg,
    pub(super) policy: Policy,
    pub(super) visits: Visits,
    pending: BTreeMap<Vec<u32>, Vec<State>>,
    pub(super) endings: Vec<Ending>,
    /// Events in the order in which they were found.
    pub(super) emissions: Vec<Emission>,
    pub(super) problems: Diagnostics,
    pub(super) work: usize,
    /// Reads of `rx_queue_index` and `egress_ifindex`: the offset, by instruction.
    pub(super) context_reads: BTreeMap<usize, i64>,
    pub(super) prints: Prints,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        program: &'a Linked,
        cfg: &'a Cfg,
        limits: &'a Limits,
        policy: Policy,
        function: Function,
    ) -> Self {
        let read_only = program.maps.iter().map(|m| m.read_only).collect();
        Walk {
            program,
            limits,
            b: Builder::new(function),
            read_only,
            slot: 0,
            cfg,
            policy,
            visits: Visits::default(),
            pending: BTreeMap::new(),
            endings: Vec::new(),
            emissions: Vec::new(),
            problems: Diagnostics::new(),
            work: 0,
            context_reads: BTreeMap::new(),
            prints: Prints::default(),
        }
    }

    /// Walks the whole program.
    pub(super) fn run(mut self) -> Result<Lowered, Diagnostics> {
        let mut entry = State::entry(&mut self.b);
        entry.queues = self.rings();
        self.schedule(entry, 0);
        while let Some((_, states)) = self.pending.pop_first() {
            let merged = merge::merge_all(&mut self.b, self.cfg, self.policy, states);
            if merged.len() > self.limits.states_per_place {
                let problem = self.too_many_states(&merged);
                self.problems.push(*problem);
                break;
            }
            self.visits.note(merged[0].slot, merged.len());
            for state in merged {
                if let Err(problem) = self.run_block(state) {
                    self.problems.push(*problem);
                }
                if self.problems.contains(Code::WorkLimit) {
                    return Err(self.problems.finish());
                }
            }
        }
        let problems = std::mem::take(&mut self.problems);
        if problems.has_errors() {
            return Err(problems.finish());
        }
        let context_reads = std::mem::take(&mut self.context_reads);
        let prints = std::mem::take(&mut self.prints);
        Ok(Lowered { function: self.finish(&prints)?, context_reads, prints })
    }

    /// Queues a state for the block at `to`.
    pub(super) fn schedule(&mut self, mut state: State, to: usize) {
        state.iterations = self.cfg.iterations(&state.iterations, to);
        state.slot = to;
        if let Some(&(header, _)) = state.iterations.iter().find(|(_, n)| *n >= self.limits.iterations) {
            let limit = self.limits.iterations;
            let text = format!(
                "the loop here has not ended after {limit} iterations, each of which would be hardware of its own"
            );
            self.problems.push(Diagnostic::new(Code::WorkLimit, text).at(self.program.location(header)));
            return;
        }
        let key = self.place(&state, to);
        self.pending.entry(key).or_default().push(state);
    }

    /// Sort key of a block in the whole walk: callers, then the frame's program (tail calls go to greater keys, so that
    /// all that reach a program are there before it runs), then the place in the function.
    pub(super) fn place(&self, state: &State, slot: usize) -> Vec<u32> {
        let mut key = state.callers.last().map_or_else(Vec::new, |c| c.key.clone());
        key.extend([state.level.depth, state.level.member as u32]);
        key.extend(self.cfg.key(slot, &state.iterations));
        key
    }

    /// Executes up to the end of the block. A call that splits its state makes two walks of what follows.
    fn run_block(&mut self, state: State) -> Result<(), Refusal> {
        let mut states = vec![state];
        while let Some(state) = states.pop() {
            self.run_to_leader(state, &mut states)?;
        }
        Ok(())
    }

    fn run_to_leader(&mut self, mut state: State, others: &mut Vec<State>) -> Result<(), Refusal> {
        loop {
            self.slot = state.slot;
            self.b.at(Some(self.slot as u32));
            self.work += 1;
            if let Some(problem) = self.over_limit(&state) {
                return Err(problem);
            }
            match self.step(&mut state)? {
                Flow::Next => state.slot += 1,
                Flow::Fork(mut other) => {
                    state.slot += 1;
                    other.slot = state.slot;
                    if self.cfg.is_leader(state.slot) {
                        self.schedule(*other, state.slot);
                    } else {
                        others.push(*other);
                    }
                }
                Flow::To(slot) => {
                    self.schedule(state, slot);
                    return Ok(());
                }
                Flow::Gone => return Ok(()),
            }
            if self.cfg.is_leader(state.slot) {
                let slot = state.slot;
                self.schedule(state, slot);
                return Ok(());
            }
        }
    }

    /// Executes one instruction.
    fn step(&mut self, state: &mut State) -> Result<Flow, Refusal> {
        let insn = self.program.insns[self.slot].insn;
        if let Insn::Call(Call::Helper(id)) = insn {
            self.require_unlocked(state, id)?;
        }
        match insn {
            Insn::Alu { width, op, dst, src } => self.alu(state, width, op, dst, src)?,
            Insn::Neg { width, dst } => self.negate(state, width, dst)?,
            Insn::MovSx { width, from, dst, src } => self.move_sign_extended(state, width, from, dst, src)?,
            Insn::Endian { order, size, dst } => self.byte_order(state, order, size, dst)?,
            Insn::Imm64High => {}
            Insn::Jump { .. } => return Ok(insn.jump_target(self.slot).map_or(Flow::Gone, Flow::To)),
            Insn::Branch { width, op, dst, src, .. } => {
                let (left, right) = (self.register(state, dst)?, self.operand(state, src)?);
                let split = self.branch(state.clone(), width, op, left, right)?;
                if let (Some(taken), Some(target)) = (split.taken, insn.jump_target(self.slot)) {
                    self.schedule(taken, target);
                }
                if let Some(fallen) = split.fallen {
                    let next = self.slot + 1;
                    self.schedule(fallen, next);
                }
                return Ok(Flow::Gone);
            }
            Insn::Load { size, signed, dst, base, offset } => self.load(state, size, signed, dst, base, offset)?,
            Insn::Store { size, base, offset, src } => self.store(state, size, base, offset, src)?,
            Insn::Atomic { size, op, base, offset, src } => self.atomic(state, size, op, base, offset, src)?,
            Insn::LoadImm64 { dst, value } => {
                let content = self.immediate(value)?;
                self.set_register(state, dst, content)?;
            }
            Insn::LoadPacket { size, index, offset } => {
                return self.load_packet(state, size.bytes(), index, offset);
            }
            Insn::Call(Call::Helper(call::TAIL_CALL)) => return self.tail_call(state),
            Insn::Call(Call::Helper(id)) if call::calls_back(id) => return self.call_back(state, id),
            Insn::Call(Call::Helper(records::RESERVE)) => return self.ringbuf_reserve(state),
            Insn::Call(Call::Helper(id)) if resize::is_resize(id) => {
                return Ok(self.resize(state, id)?.map_or(Flow::Next, |other| Flow::Fork(Box::new(other))));
            }
            Insn::Call(Call::Helper(id)) => self.call_helper(state, id)?,
            Insn::Call(Call::Local(delta)) => return self.call_local(state, delta),
            Insn::Call(_) => return Err(self.refuse(Code::Kfunc, "this kind of call is not built".to_owned())),
            Insn::Exit => return self.exit(state),
        }
        Ok(Flow::Next)
    }

    fn load(
        &mut self,
        state: &mut State,
        size: MemSize,
        signed: bool,
        dst: Reg,
        base: Reg,
        offset: i16,
    ) -> Result<(), Refusal> {
        let pointer = self.register(state, base)?;
        let content = match self.read(state, &pointer, offset.into(), size.bytes())? {
            Content::Scalar(value) if signed => Content::Scalar(self.b.sext(value, 64)),
            Content::Scalar(value) => Content::Scalar(self.b.resize(value, 64)),
            pointer => pointer,
        };
        self.set_register(state, dst, content)
    }

    fn store(&mut self, state: &mut State, size: MemSize, base: Reg, offset: i16, src: Operand) -> Result<(), Refusal> {
        let pointer = self.register(state, base)?;
        let data = match self.operand(state, src)? {
            Content::Scalar(value) => Content::Scalar(self.b.extract(value, 0, size.bits() as u8)),
            other => other,
        };
        self.write(state, &pointer, offset.into(), size.bytes(), data)
    }

    fn immediate(&mut self, value: Imm64) -> Result<Content, Refusal> {
        let checked =
            |map: i32| usize::try_from(map).ok().filter(|&m| m < self.b.function().maps.len()).map(MapId::new);
        let unknown = || self.refuse(Code::UnsupportedInstruction, "this form of 64-bit load is not built".to_owned());
        match value {
            Imm64::Value(constant) => Ok(Content::Scalar(self.b.constant(constant, 64))),
            Imm64::Map { map } => {
                let map = checked(map).ok_or_else(unknown)?;
                let found = self.program.map_refs.binary_search_by_key(&self.slot, |reference| reference.insn);
                let inner = found.ok().and_then(|found| self.program.map_refs[found].inner);
                Ok(match inner {
                    None => Content::Map(map),
                    Some(number) => {
                        let number = self.b.constant(number.into(), 32);
                        Content::Inner(InnerPlace { pool: map, number, missing: None })
                    }
                })
            }
            Imm64::MapValue { map, offset } => {
                let map = checked(map).ok_or_else(unknown)?;
                let index = self.b.constant(0, 32);
                let offset = offset.into();
                let place =
                    EntryPlace { map, index, base: None, offset, missing: None, fate: super::content::Fate::default() };
                Ok(Content::Entry(place))
            }
            Imm64::Function { delta } => {
                let target = i64::try_from(self.slot).unwrap_or(i64::MAX) + 1 + i64::from(delta);
                usize::try_from(target).map(Content::Function).map_err(|_| unknown())
            }
            _ => Err(unknown()),
        }
    }

    /// The action for a return value.
    pub(super) fn verdict(&mut self, result: &Content) -> Result<Value, Refusal> {
        let value = self.scalar(result, "the return value")?;
        let low = self.b.extract(value, 0, 32);
        if self.b.function().kind == ProgramKind::PhysDev {
            // 0 drop, 1 ok: XDP_DROP is 1, XDP_PASS 2.
            let (drop, ok) = (self.b.equals_const(low, 0), self.b.equals_const(low, 1));
            let zero = self.b.constant(0, 1);
            return Ok(self.b.concat(vec![drop, ok, zero]));
        }
        let limit = self.b.constant(5, 32);
        let known = self.b.compare(Compare::Ult, low, limit);
        let (code, aborted) = (self.b.extract(low, 0, 3), self.b.constant(0, 3));
        Ok(self.b.select(known, code, aborted))
    }

    /// `LD_ABS` and `LD_IND`: big-endian packet bytes, or the end of the program with 0.
    fn load_packet(&mut self, state: &mut State, bytes: u32, index: Option<Reg>, offset: i32) -> Result<Flow, Refusal> {
        if !matches!(self.register(state, Reg::R6)?, Content::Context(0)) {
            return Err(self.refuse(Code::LegacyPacketLoad, "r6 must hold the context".to_owned()));
        }
        let (inside, outside) = self.legacy_bounds(state, bytes, index, offset)?;
        if let Some(outside) = outside {
            let zero = self.b.constant(0, 64);
            let action = self.verdict(&Content::Scalar(zero))?;
            self.end(&outside, action)?;
        }
        let Some((mut inside, place)) = inside else { return Ok(Flow::Gone) };
        let width = (8 * bytes) as u8;
        let Content::Scalar(raw) = self.read(&inside, &Content::Packet(place), 0, bytes)? else {
            return Ok(Flow::Gone);
        };
        let swapped = self.b.op(crate::ir::Op::Bswap(raw), width);
        clobber_arguments(&mut inside);
        inside.registers[0] = Content::Scalar(self.b.resize(swapped, 64));
        *state = inside;
        Ok(Flow::Next)
    }
}
