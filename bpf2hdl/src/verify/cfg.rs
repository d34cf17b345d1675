// SPDX-License-Identifier: Apache-2.0
//! Control flow of the linked program: blocks, an order in which states can be merged, loops, live registers.
//!
//! Each function is looked at by itself. Blocks are numbered in reverse postorder; a state's place in the whole walk is
//! a list of such numbers (see [`Cfg::key`]) that orders all iterations of a loop before its exits and a callee's
//! blocks before what follows the call. Retreating edges that are not back edges of a natural loop are refused.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::isa::{AtomicOp, Call, Insn, Operand, Reg};
use crate::object::Linked;

/// A loop that a block lies in: slot of its header.
type Header = usize;

/// Control flow facts, by slot index.
pub(super) struct Cfg {
    /// Slots that begin a block.
    leaders: BTreeSet<usize>,
    /// Reverse postorder number of each block.
    order: BTreeMap<usize, u32>,
    /// Headers of the loops around each block, outermost first.
    loops: BTreeMap<usize, Vec<Header>>,
    /// Registers that may be read later, one bit each, by slot.
    live: Vec<u16>,
}

/// The loops that a state is in, outermost first, each with its iteration number.
pub(super) type Iterations = Vec<(Header, u32)>;

impl Cfg {
    /// Analyses all functions.
    pub(super) fn new(program: &Linked) -> Result<Self, Diagnostics> {
        let mut cfg = Cfg {
            leaders: BTreeSet::new(),
            order: BTreeMap::new(),
            loops: BTreeMap::new(),
            live: vec![0; program.insns.len()],
        };
        let mut problems = Diagnostics::new();
        for function in &program.functions {
            let graph = Graph::new(program, function.start, function.end);
            cfg.leaders.extend(graph.successors.keys());
            let order = graph.reverse_postorder();
            for (number, &block) in order.iter().enumerate() {
                cfg.order.insert(block, number as u32);
            }
            match graph.loops(&order) {
                Ok(loops) => cfg.loops.extend(loops),
                Err(slot) => problems.push(
                    Diagnostic::new(Code::BackEdge, "a jump enters a loop in its middle").at(program.location(slot)),
                ),
            }
            graph.liveness(program, &mut cfg.live);
        }
        problems.into_result(cfg)
    }

    /// Whether a block begins here, so that states may be merged.
    pub(super) fn is_leader(&self, slot: usize) -> bool {
        self.leaders.contains(&slot)
    }

    /// Whether the register may be read at or after this slot.
    pub(super) fn is_live(&self, slot: usize, register: usize) -> bool {
        self.live.get(slot).is_none_or(|set| set & (1 << register) != 0)
    }

    /// The loops of `to` after the jump `from -> to` of a state with these iterations.
    pub(super) fn iterations(&self, current: &Iterations, to: usize) -> Iterations {
        let Some(headers) = self.loops.get(&to) else { return Iterations::new() };
        let mut result = Iterations::new();
        for (depth, &header) in headers.iter().enumerate() {
            let known = current.get(depth).filter(|(h, _)| *h == header);
            let iteration = match known {
                Some(&(_, n)) if header == to => n + 1,
                Some(&(_, n)) => n,
                None => 0,
            };
            result.push((header, iteration));
            if header == to {
                break;
            }
        }
        result
    }

    /// Sort key of a block inside one function call.
    pub(super) fn key(&self, slot: usize, iterations: &Iterations) -> Vec<u32> {
        let number = |slot: usize| self.order.get(&slot).copied().unwrap_or(u32::MAX);
        let mut key = Vec::with_capacity(2 * iterations.len() + 1);
        for &(header, iteration) in iterations {
            key.extend([number(header), iteration]);
        }
        key.push(number(slot));
        key
    }
}

/// The blocks of one function.
struct Graph {
    start: usize,
    successors: BTreeMap<usize, Vec<usize>>,
    /// One after the last slot of each block.
    ends: BTreeMap<usize, usize>,
}

impl Graph {
    fn new(program: &Linked, start: usize, end: usize) -> Self {
        let insn = |slot: usize| &program.insns[slot].insn;
        let mut leaders = BTreeSet::from([start]);
        for slot in start..end {
            if let Some(target) = insn(slot).jump_target(slot) {
                leaders.insert(target);
            }
            if ends_block(insn(slot)) {
                leaders.insert(slot + 1);
            }
        }
        leaders.retain(|&l| (start..end).contains(&l));
        let mut graph = Graph { start, successors: BTreeMap::new(), ends: BTreeMap::new() };
        for &leader in &leaders {
            let stop = leaders.range(leader + 1..).next().copied().unwrap_or(end);
            let last = (leader..stop).rfind(|&s| !matches!(insn(s), Insn::Imm64High)).unwrap_or(leader);
            graph.ends.insert(leader, stop);
            let mut next = Vec::new();
            if !matches!(insn(last), Insn::Jump { .. } | Insn::Exit) && stop < end {
                next.push(stop);
            }
            next.extend(insn(last).jump_target(last).filter(|t| leaders.contains(t)));
            graph.successors.insert(leader, next);
        }
        graph
    }

    fn reverse_postorder(&self) -> Vec<usize> {
        let mut seen = BTreeSet::from([self.start]);
        let mut stack = vec![(self.start, 0)];
        let mut order = Vec::new();
        while let Some((block, next)) = stack.pop() {
            match self.successors[&block].get(next) {
                Some(&successor) => {
                    stack.push((block, next + 1));
                    if seen.insert(successor) {
                        stack.push((successor, 0));
                    }
                }
                None => order.push(block),
            }
        }
        order.reverse();
        order
    }

    /// Natural loops around each block, outermost first; an error is the slot of an irreducible jump's target.
    fn loops(&self, order: &[usize]) -> Result<BTreeMap<usize, Vec<Header>>, usize> {
        let number: BTreeMap<usize, usize> = order.iter().enumerate().map(|(i, &b)| (b, i)).collect();
        let mut predecessors: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &block in order {
            for &next in &self.successors[&block] {
                predecessors.entry(next).or_default().push(block);
            }
        }
        let dominator = dominators(order, &number, &predecessors);
        let mut bodies: BTreeMap<Header, BTreeSet<usize>> = BTreeMap::new();
        for &block in order {
            for &next in &self.successors[&block] {
                if number[&next] > number[&block] {
                    continue;
                }
                if !dominates(&dominator, number[&next], number[&block]) {
                    return Err(next);
                }
                collect_body(block, next, &predecessors, bodies.entry(next).or_insert_with(|| BTreeSet::from([next])));
            }
        }
        let mut by_size: Vec<(Header, BTreeSet<usize>)> = bodies.into_iter().collect();
        by_size.sort_by_key(|(header, body)| (std::cmp::Reverse(body.len()), *header));
        let mut loops: BTreeMap<usize, Vec<Header>> = BTreeMap::new();
        for (header, body) in by_size {
            for block in body {
                loops.entry(block).or_default().push(header);
            }
        }
        Ok(loops)
    }

    /// Registers live before each slot.
    fn liveness(&self, program: &Linked, live: &mut [u16]) {
        let mut changed = true;
        while changed {
            changed = false;
            for (&block, &end) in self.ends.iter().rev() {
                let mut set: u16 = self.successors[&block].iter().map(|&s| live[s]).fold(0, |a, b| a | b);
                for slot in (block..end).rev() {
                    let (reads, writes) = registers(&program.insns[slot].insn);
                    set = (set & !writes) | reads;
                    changed |= live[slot] != set;
                    live[slot] = set;
                }
            }
        }
    }
}

fn collect_body(from: usize, header: usize, predecessors: &BTreeMap<usize, Vec<usize>>, body: &mut BTreeSet<usize>) {
    let mut work = vec![from];
    while let Some(block) = work.pop() {
        if block != header && body.insert(block) {
            work.extend(predecessors.get(&block).into_iter().flatten().copied());
        }
    }
}

/// Immediate dominators by reverse postorder number (Cooper, Harvey, Kennedy 2001).
fn dominators(
    order: &[usize],
    number: &BTreeMap<usize, usize>,
    predecessors: &BTreeMap<usize, Vec<usize>>,
) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let mut idom = vec![NONE; order.len()];
    idom[0] = 0;
    let mut changed = true;
    while changed {
        changed = false;
        for (i, block) in order.iter().enumerate().skip(1) {
            let mut new = NONE;
            for p in predecessors.get(block).into_iter().flatten().filter_map(|p| number.get(p).copied()) {
                if idom[p] == NONE {
                    continue;
                }
                new = if new == NONE { p } else { intersect(&idom, new, p) };
            }
            changed |= idom[i] != new;
            idom[i] = new;
        }
    }
    idom
}

fn intersect(idom: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        while a > b {
            a = idom[a];
        }
        while b > a {
            b = idom[b];
        }
    }
    a
}

fn dominates(idom: &[usize], a: usize, mut b: usize) -> bool {
    while b > a {
        b = idom[b];
    }
    a == b
}

fn ends_block(insn: &Insn) -> bool {
    match insn {
        Insn::Jump { .. } | Insn::Branch { .. } | Insn::Exit | Insn::Call(Call::Local(_)) => true,
        Insn::Call(Call::Helper(id)) => super::call::calls_back(*id),
        _ => false,
    }
}

/// Registers that an instruction reads and writes, as bit sets.
fn registers(insn: &Insn) -> (u16, u16) {
    const ARGUMENTS: u16 = 0b11_1110;
    let bit = |r: &Reg| 1u16 << r.number();
    let operand = |o: &Operand| if let Operand::Reg(r) = o { bit(r) } else { 0 };
    match insn {
        Insn::Alu { op: crate::isa::AluOp::Mov, dst, src, .. } => (operand(src), bit(dst)),
        Insn::Alu { dst, src, .. } => (bit(dst) | operand(src), bit(dst)),
        Insn::Neg { dst, .. } | Insn::Endian { dst, .. } => (bit(dst), bit(dst)),
        Insn::MovSx { dst, src, .. } => (bit(src), bit(dst)),
        Insn::Jump { .. } | Insn::Imm64High => (0, 0),
        Insn::Branch { dst, src, .. } => (bit(dst) | operand(src), 0),
        Insn::Load { dst, base, .. } => (bit(base), bit(dst)),
        Insn::Store { base, src, .. } => (bit(base) | operand(src), 0),
        Insn::Atomic { op: AtomicOp::CmpXchg, base, src, .. } => (bit(base) | bit(src) | 1, 1),
        Insn::Atomic { op, base, src, .. } => {
            let fetches = !matches!(
                op,
                AtomicOp::Add { fetch: false }
                    | AtomicOp::Or { fetch: false }
                    | AtomicOp::And { fetch: false }
                    | AtomicOp::Xor { fetch: false }
            );
            (bit(base) | bit(src), if fetches { bit(src) } else { 0 })
        }
        Insn::LoadImm64 { dst, .. } => (0, bit(dst)),
        Insn::LoadPacket { index, .. } => (index.as_ref().map_or(0, bit) | 1 << 6, 0b11_1111),
        Insn::Call(Call::Helper(id)) => {
            let count = super::helpers::argument_count(*id);
            (ARGUMENTS & ((1 << (count + 1)) - 1), 0b11_1111)
        }
        Insn::Call(_) => (ARGUMENTS, 0b11_1111),
        Insn::Exit => (1, 0),
    }
}
