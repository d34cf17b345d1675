// SPDX-License-Identifier: Apache-2.0
//! Inside the packet that goes wrong: the first value that the last good form does not have.
//!
//! Values carry the BPF instruction that they come from, and passes keep it. A value of the bad form has a *counterpart*
//! if the good form has the same bits at the same instruction, made by an operation of the same [`Class`] (passes make
//! values narrower, so the low bits are compared). Correct passes make values without a counterpart, too: a product with
//! a reciprocal, for instance. Those are told apart by the packets that come out right: what lacks a counterpart there as
//! well is how the pass computes things. The first of the rest, in the order of computation, is reported; it is a hint,
//! not a proof.

use super::run::{Spacing, input};
use super::{Body, Fault, Form, Trial};
use crate::ir::{Def, Function, Interpreter, MapState, Op, Value, low_mask};
use crate::oracle::IrOracle;
use crate::pipe::{CycleModel, Node, NodeId, NodeKind};
use bpf2hdl_testbench::{Oracle, Packet};
use std::collections::{BTreeMap, BTreeSet};

/// Packets that come out right and are looked at to learn which values a pass replaces.
const RIGHT_PACKETS: usize = 32;

/// A value of the bad form that the good form does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueDifference {
    /// The BPF instruction that it comes from.
    pub insn: usize,
    /// The operation, as the bad form writes it.
    pub operation: String,
    /// Its result there.
    pub got: u64,
    /// Bits of the result.
    pub width: u32,
    /// The results at that instruction in the good form, in the same width; in order, each once.
    pub expected: Vec<u64>,
}

/// Operations whose results are compared with each other. Constants and wiring are not: passes make and move them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    Arithmetic,
    Comparison,
    Choice,
    Load,
}

/// A value with its origin.
struct Traced {
    insn: u32,
    class: Class,
    width: u32,
    value: u64,
    /// Position in the form.
    index: usize,
}

/// The first value of `bad` without a counterpart in `good`, in packet number `packet` of the trial.
#[must_use]
pub fn first_value(good: &Form, bad: &Form, packet: usize, trial: &Trial<'_>) -> Option<ValueDifference> {
    let Body::Ir(function) = &good.body else { return None };
    let mut oracle = IrOracle::new(Function::clone(function));
    if let Some(preload) = trial.preload {
        oracle.load_maps(preload).ok()?;
    }
    let wrong_packets = wrong_packets(bad, trial);
    let mut usual = BTreeSet::new();
    let mut found = Vec::new();
    let mut learned = 0;
    for (number, one) in trial.packets.iter().enumerate() {
        let is_right = learned < RIGHT_PACKETS && !wrong_packets.contains(&number);
        if number == packet || is_right {
            let maps = oracle.state_mut().clone();
            let (before, after) = (values(good, &one, maps.clone()), values(bad, &one, maps));
            let missing = unmatched(&before, &after);
            if number == packet {
                found = missing;
            } else {
                usual.extend(missing.iter().map(|value| value.0));
                learned += 1;
            }
        }
        oracle.run(one.data, &one.context).ok()?;
    }
    let first = found.iter().position(|(index, _)| !usual.contains(index)).unwrap_or(0);
    (first < found.len()).then(|| {
        let (index, mut difference) = found.swap_remove(first);
        difference.operation = operation(bad, index);
        difference
    })
}

/// Whether a pipeline goes wrong only when other packets are in it: then the schedule has a hazard, and no value is
/// wrong by itself.
#[must_use]
pub fn is_hazard(form: &Form, trial: &Trial<'_>) -> bool {
    matches!(form.body, Body::Pipe(_))
        && form
            .run_spaced(trial.packets, trial.preload, Spacing::Alone)
            .is_ok_and(|observed| trial.differences(&observed).is_empty())
}

fn wrong_packets(bad: &Form, trial: &Trial<'_>) -> BTreeSet<usize> {
    match trial.fault(bad) {
        Some(Fault::Differs(found)) => {
            found.iter().filter_map(|m| m.packet).filter_map(|p| usize::try_from(p).ok()).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Values of `after` without the same low bits at the same instruction in `before`, in order, each with its position.
/// Instructions of which `before` has nothing of that class can not be judged.
fn unmatched(before: &[Traced], after: &[Traced]) -> Vec<(usize, ValueDifference)> {
    let mut known: BTreeMap<(u32, Class), Vec<&Traced>> = BTreeMap::new();
    for traced in before {
        known.entry((traced.insn, traced.class)).or_default().push(traced);
    }
    let difference = |traced: &Traced| {
        let width = u8::try_from(traced.width).ok().filter(|width| (1..=64).contains(width))?;
        let there = known.get(&(traced.insn, traced.class))?.iter().filter(|value| value.width >= traced.width);
        let expected: BTreeSet<u64> = there.map(|value| value.value & low_mask(width)).collect();
        let wrong = !expected.is_empty() && !expected.contains(&traced.value);
        wrong.then(|| ValueDifference {
            insn: traced.insn as usize,
            operation: String::new(),
            got: traced.value,
            width: traced.width,
            expected: expected.into_iter().collect(),
        })
    };
    after.iter().filter_map(|traced| Some((traced.index, difference(traced)?))).collect()
}

/// The values of a form on one packet that have an instruction and a class.
fn values(form: &Form, packet: &Packet<'_>, mut maps: MapState) -> Vec<Traced> {
    match &form.body {
        Body::Ir(function) => {
            let outcome = Interpreter::new(function).run(&input(packet), &mut maps);
            let traced = |(index, (def, &value)): (usize, (&Def, &u64))| {
                Some(Traced { insn: def.insn?, class: class_of_op(&def.op)?, width: def.width.into(), value, index })
            };
            function.defs.iter().zip(&outcome.values).enumerate().filter_map(traced).collect()
        }
        Body::Pipe(pipeline) => {
            let all = CycleModel::new(pipeline).node_values(&input(packet), &mut maps);
            let traced = |(index, (node, &value)): (usize, (&Node, &u64))| {
                Some(Traced { insn: node.insn?, class: class_of_node(&node.kind)?, width: node.width, value, index })
            };
            let mut all: Vec<Traced> = pipeline.nodes.iter().zip(&all).enumerate().filter_map(traced).collect();
            all.sort_by_key(|traced| pipeline.nodes[traced.index].stage);
            all
        }
        Body::Broken(_) => Vec::new(),
    }
}

fn class_of_op(op: &Op) -> Option<Class> {
    match op {
        Op::Binary(..) => Some(Class::Arithmetic),
        Op::Compare(..) => Some(Class::Comparison),
        Op::Select { .. } => Some(Class::Choice),
        Op::Packet { .. } | Op::PacketAt { .. } | Op::Rom { .. } | Op::MapLoad { .. } => Some(Class::Load),
        // Constants, inputs, wiring, and stores, which have no value.
        _ => None,
    }
}

fn class_of_node(kind: &NodeKind) -> Option<Class> {
    match kind {
        NodeKind::Binary(..) => Some(Class::Arithmetic),
        NodeKind::Compare(..) => Some(Class::Comparison),
        NodeKind::Select { .. } => Some(Class::Choice),
        NodeKind::PacketAt { .. } | NodeKind::FarLoad { .. } | NodeKind::Rom { .. } => Some(Class::Load),
        // Inputs, and reads of whole entries, which have more bits than a value.
        _ => None,
    }
}

fn operation(form: &Form, index: usize) -> String {
    match &form.body {
        Body::Ir(function) => {
            format!("{}:{} = {}", Value::new(index), function.defs[index].width, function.defs[index])
        }
        Body::Pipe(pipeline) => {
            let node = &pipeline.nodes[index];
            format!("{}:{} = {} (stage {})", NodeId::new(index), node.width, node.kind, node.stage)
        }
        Body::Broken(_) => String::new(),
    }
}
