// SPDX-License-Identifier: Apache-2.0
//! Operations on both arms of a late choice, where a packet's change of a map entry then fits one stage.
//!
//! What a packet writes to an entry often is computed from a choice: `left = period == now ? entry.left : FULL; left -= bytes`. The
//! comparison, the choice and the difference come one after the other, and the next packet with the same key has to wait if all of that does
//! not fit one stage. On both arms of the choice the difference is computed beside the comparison: `c ? left - bytes : FULL - bytes`.
//!
//! That costs logic, so it is only done where it pays: a recurrence (from the read of an entry to the write of it) that is too long for
//! a stage as it is, and is not afterwards, by the delays that the scheduler goes by. One arm at least has nothing to do with the
//! entry, so that what is duplicated stays outside of the recurrence. Cost: linear in the operations for each such entry.

use super::balance::{self, Arrivals};
use super::{Goal, dead, logic, rebuild};
use crate::compile::Optimize;
use crate::ir::{Binary, Builder, Function, MapId, MapKind, Op, Value};

/// Recurrences that are looked at.
const MOST: usize = 64;
/// Choices that one operation is moved through.
const DEPTH: u32 = 4;
/// A recurrence this many times as long as a stage is beyond help.
const HOPELESS: u64 = 3;

/// Runs the pass.
pub(super) fn run(old: Function, goal: &Goal) -> Function {
    if goal.optimize != Optimize::Latency || too_long(&old, goal).is_empty() {
        return old;
    }
    let shaped = |f: Function| balance::run(dead::run(logic::run(f, goal), goal), goal);
    let before = too_long(&shaped(old.clone()), goal);
    if before.is_empty() {
        return old;
    }
    let new = spread(&old, goal, &before);
    let after = too_long(&shaped(new.clone()), goal);
    if before.iter().any(|source| !after.contains(source)) { new } else { old }
}

/// What is read and written in one stage: an entry of a map, or, where entries may be in parts (`sched/parts.rs`), bytes of entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Source {
    map: MapId,
    /// Of arrays and maps with one entry: the bytes that are read, first and behind the last.
    bytes: Option<(u32, u32)>,
}

impl Source {
    fn of(f: &Function, map: MapId, offset: u32, width: u8) -> Self {
        let shape = f.map(map);
        let in_parts = shape.max_entries == 1 || matches!(shape.kind, MapKind::Array | MapKind::PercpuArray);
        let bytes = in_parts.then(|| (offset, offset + u32::from(width) / 8));
        Source { map, bytes }
    }

    fn overlaps(self, other: Source) -> bool {
        let meet = |(a, b): (u32, u32), (c, d): (u32, u32)| a < d && c < b;
        self.map == other.map && self.bytes.zip(other.bytes).is_none_or(|(x, y)| meet(x, y))
    }
}

/// Sources of loads, each once.
fn sources(f: &Function) -> Vec<Source> {
    let mut found = Vec::new();
    for (_, def) in f.iter() {
        if let Op::MapLoad { map, offset, .. } = def.op {
            let source = Source::of(f, map, offset, def.width);
            if !found.contains(&source) && found.len() < MOST {
                found.push(source);
            }
        }
    }
    found
}

/// The longest way to each value from the reads of a source, in picoseconds; `None` where there is none.
fn ways(f: &Function, arrivals: &Arrivals, source: Source) -> Vec<Option<u64>> {
    let mut ways: Vec<Option<u64>> = Vec::with_capacity(f.defs.len());
    for (value, def) in f.iter() {
        let starts =
            matches!(def.op, Op::MapLoad { map, offset, .. } if Source::of(f, map, offset, def.width) == source);
        let mut longest = None;
        def.op.for_each_operand(|v| longest = longest.max(ways[v.index()]));
        let way = if starts { Some(0) } else { longest.map(|way| way + arrivals.delay(f, value)) };
        ways.push(way);
    }
    ways
}

/// What a store of this source takes.
fn ends(f: &Function, source: Source) -> Vec<Value> {
    let mut found = Vec::new();
    for (_, def) in f.iter() {
        if let Op::MapStore { map, offset, value, when, .. } = def.op
            && Source::of(f, map, offset, f.width(value)).overlaps(source)
        {
            found.extend([value, when]);
        }
    }
    found
}

/// The recurrences that do not fit a stage, but might.
fn too_long(f: &Function, goal: &Goal) -> Vec<Source> {
    let arrivals = Arrivals::new(goal);
    let is_long = |&source: &Source| {
        let ends = ends(f, source);
        if ends.is_empty() {
            return false;
        }
        let room = arrivals.stage_of(f, source.map);
        let ways = ways(f, &arrivals, source);
        let longest = ends.iter().filter_map(|v| ways[v.index()]).max().unwrap_or(0);
        longest > room && longest <= HOPELESS * room
    };
    sources(f).into_iter().filter(is_long).collect()
}

/// Which values lie between a source's reads and its writes.
fn between(f: &Function, goal: &Goal, all: &[Source]) -> Vec<bool> {
    let arrivals = Arrivals::new(goal);
    let mut critical = vec![false; f.defs.len()];
    for &source in all {
        let ways = ways(f, &arrivals, source);
        let mut wanted = vec![false; f.defs.len()];
        ends(f, source).into_iter().for_each(|v| wanted[v.index()] = true);
        for index in (0..f.defs.len()).rev() {
            if wanted[index] && ways[index].is_some() {
                critical[index] = true;
                f.def(Value::new(index)).op.for_each_operand(|v| wanted[v.index()] = true);
            }
        }
    }
    critical
}

/// Moves operations through choices, wherever that makes the result of a critical one earlier.
fn spread(old: &Function, goal: &Goal, all: &[Source]) -> Function {
    let critical = between(old, goal, all);
    let mut s = Spreader { b: rebuild::start(old), arrivals: Arrivals::new(goal), critical: Vec::new() };
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (value, def) in old.iter() {
        s.b.at(def.insn);
        let op = def.op.map_operands(|v| names[v.index()]);
        let is_critical = critical[value.index()];
        let new = if is_critical { s.build(op, def.width, DEPTH) } else { s.b.op(op, def.width) };
        s.mark(new, is_critical);
        names.push(new);
    }
    rebuild::finish(s.b, old, |_, v| names[v.index()])
}

struct Spreader {
    b: Builder,
    arrivals: Arrivals,
    /// Of the values of the new function.
    critical: Vec<bool>,
}

impl Spreader {
    fn mark(&mut self, value: Value, is_critical: bool) {
        if self.critical.len() <= value.index() {
            self.critical.resize(value.index() + 1, false);
        }
        self.critical[value.index()] |= is_critical;
    }

    fn is_critical(&self, value: Value) -> bool {
        self.critical.get(value.index()).copied().unwrap_or(false)
    }

    /// The operation, on the arms of its latest choice unless that is later: a word of which one byte is chosen late is better left.
    fn build(&mut self, op: Op, width: u8, depth: u32) -> Value {
        let Some((choice, cond, then, other)) = self.latest_choice(&op, depth) else {
            return self.b.op(op, width);
        };
        let mut arm = |arm: Value| {
            let moved = op.map_operands(|v| if v == choice { arm } else { v });
            let is_critical = self.is_critical(arm);
            let built = if is_critical { self.build(moved, width, depth - 1) } else { self.b.op(moved, width) };
            self.mark(built, is_critical);
            built
        };
        let (then, other) = (arm(then), arm(other));
        let chosen = self.b.select(cond, then, other);
        self.mark(chosen, true);
        let direct = self.b.op(op, width);
        if self.arrivals.of(&self.b, direct) < self.arrivals.of(&self.b, chosen) { direct } else { chosen }
    }

    /// The operand that is a choice with a late condition, taken apart.
    fn latest_choice(&mut self, op: &Op, depth: u32) -> Option<(Value, Value, Value, Value)> {
        if depth == 0 || !is_movable(op) {
            return None;
        }
        let mut operands = Vec::new();
        op.for_each_operand(|v| operands.push(v));
        let mut best: Option<(u64, (Value, Value, Value, Value))> = None;
        for v in operands {
            let &Op::Select { condition: cond, then, other } = self.b.op_of(v) else { continue };
            if !self.is_critical(v) || !self.is_critical(cond) || (self.is_critical(then) && self.is_critical(other)) {
                continue;
            }
            let late = self.arrivals.of(&self.b, cond);
            let arms = self.arrivals.of(&self.b, then).max(self.arrivals.of(&self.b, other));
            if late > arms && best.is_none_or(|(latest, _)| late > latest) {
                best = Some((late, (v, cond, then, other)));
            }
        }
        best.map(|(_, found)| found)
    }
}

/// Operations that cost little to have twice.
fn is_movable(op: &Op) -> bool {
    match op {
        Op::Binary(kind, ..) => {
            matches!(kind, Binary::Add | Binary::Sub | Binary::And | Binary::Or | Binary::Xor)
        }
        Op::Compare(..) | Op::Not(_) | Op::Bswap(_) | Op::Extract { .. } | Op::Concat(_) | Op::Sext(_) => true,
        _ => false,
    }
}
