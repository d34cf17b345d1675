// SPDX-License-Identifier: Apache-2.0
//! Multipliers and dividers: one for each stage that needs it, or, with an initiation interval, one for several.

use super::latency::divider_bits;
use super::notes::Notes;
use super::pipeline::{Writer, valid};
use super::signals::Key;
use super::text::{Decl, choose};
use crate::ir::Binary;
use crate::pipe::{Bits, NodeId, NodeKind, Pipeline, Source};

/// Operands that are multiplied or divided in a stage, and the nodes that take what comes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Task<'p> {
    /// Only the kind of the unit, the width and the clocks decide what may share one.
    class: (bool, u32, u32),
    start: u32,
    operands: (&'p Bits, &'p Bits),
    /// Product or quotient.
    main: Option<NodeId>,
    remainder: Option<NodeId>,
    insn: Option<u32>,
}

/// A unit of the hardware.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unit<'p> {
    tasks: Vec<Task<'p>>,
    /// A divider that does one division at a time.
    serial: bool,
}

impl Unit<'_> {
    /// The first node that takes what comes out; the unit is named after it.
    fn first_node(&self) -> Option<NodeId> {
        let task = self.tasks.first()?;
        task.main.into_iter().chain(task.remainder).min()
    }

    /// Whether it stands where this node is made.
    pub(super) fn stands_at(&self, node: NodeId) -> bool {
        self.own_stage().is_some() && self.first_node() == Some(node)
    }

    /// The only stage that uses it, if there is one and it works in a pipeline: then it stands there.
    fn own_stage(&self) -> Option<u32> {
        match &self.tasks[..] {
            [task] if !self.serial => Some(task.start),
            _ => None,
        }
    }
}

/// All of them, in the order of their first stages.
pub(super) fn units(p: &Pipeline) -> Vec<Unit<'_>> {
    let tasks = tasks(p);
    let mut classes: Vec<(bool, u32, u32)> = tasks.iter().map(|task| task.class).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut units = Vec::new();
    for class in classes {
        let same: Vec<Task<'_>> = tasks.iter().copied().filter(|task| task.class == class).collect();
        let starts: Vec<u32> = same.iter().map(|task| task.start).collect();
        for group in p.in_turns(&starts) {
            let tasks: Vec<Task<'_>> = group.into_iter().map(|task| same[task]).collect();
            let serial = is_serial(p, &tasks);
            units.push(Unit { tasks, serial });
        }
    }
    units.sort_by_key(|unit| unit.tasks[0].start);
    units
}

/// Quotient and remainder of the same operands are one task.
fn tasks(p: &Pipeline) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task<'_>> = Vec::new();
    for (index, node) in p.nodes.iter().enumerate() {
        let NodeKind::Binary(op @ (Binary::Mul | Binary::Udiv | Binary::Urem), a, b) = &node.kind else { continue };
        if node.stage == node.start {
            continue;
        }
        let class = (*op != Binary::Mul, node.width, node.stage - node.start);
        let id = Some(NodeId::new(index));
        let new = Task { class, start: node.start, operands: (a, b), main: None, remainder: None, insn: node.insn };
        let is_same =
            |task: &Task<'_>| class.0 && task.class == class && task.start == node.start && task.operands == (a, b);
        let at = tasks.iter().position(is_same).unwrap_or_else(|| {
            tasks.push(new);
            tasks.len() - 1
        });
        let output = if *op == Binary::Urem { &mut tasks[at].remainder } else { &mut tasks[at].main };
        // Equal nodes are one after value numbering; a second one would need a unit of its own.
        match output {
            None => *output = id,
            Some(_) if *op == Binary::Urem => tasks.push(Task { remainder: id, ..new }),
            Some(_) => tasks.push(Task { main: id, ..new }),
        }
    }
    tasks
}

/// Whether divisions are far enough apart, within a token and from token to token, to be made one after the other.
fn is_serial(p: &Pipeline, tasks: &[Task<'_>]) -> bool {
    let (is_divider, _, clocks) = tasks[0].class;
    let mut starts: Vec<u32> = tasks.iter().map(|task| task.start).collect();
    starts.sort_unstable();
    let span = starts[starts.len() - 1] - starts[0];
    is_divider
        && p.interval > 1
        && span + clocks <= p.interval
        && starts.windows(2).all(|pair| pair[1] - pair[0] >= clocks)
}

/// Writes those that stages share, or that work on one task at a time: behind all stages.
pub(super) fn write_shared(w: &mut Writer<'_>) {
    let units = w.units.clone();
    let mut shared = units.iter().filter(|unit| unit.own_stage().is_none()).peekable();
    if shared.peek().is_some() {
        w.text.heading("units that stages share, or that work on one token at a time");
        w.notes.restart();
    }
    shared.for_each(|unit| write(w, unit));
}

/// Writes a unit. Its operands have been declared.
pub(super) fn write<'p>(w: &mut Writer<'p>, unit: &Unit<'p>) {
    w.text.blank();
    let mut insns: Vec<u32> = unit.tasks.iter().filter_map(|task| task.insn).collect();
    insns.sort_unstable();
    insns.dedup();
    for insn in &insns {
        w.notes.source(&mut w.text, 2, Some(*insn));
    }
    let comments: Vec<String> = insns.iter().map(|insn| Notes::insn(Some(*insn))).collect();
    if !comments.is_empty() {
        w.text.remark(2, &comments.join(", "));
    }
    let first = unit.tasks[0];
    let (is_divider, bits, clocks) = first.class;
    let a = operand(w, unit, |task| task.operands.0);
    let b = operand(w, unit, |task| task.operands.1);
    let base = unit.first_node().map_or_else(String::new, |id| w.signals.name(Key::Wire(Source::Node(id))));
    let clock = ("clk_i".to_owned(), String::new());
    let width = ("WIDTH", bits.to_string());
    let main = output(w, unit, |task| task.main, &format!("unused_{base}_quotient"));
    if !is_divider {
        let ports = [clock, ("a_i".into(), a), ("b_i".into(), b), ("product_o".into(), main)];
        w.text.instance("bpf_multiplier", &[width], &format!("u_{base}"), &ports);
        return;
    }
    let remainder = output(w, unit, |task| task.remainder, &format!("unused_{base}_remainder"));
    let step = divider_bits(bits, clocks).unwrap_or(1).to_string();
    let mut ports = vec![clock];
    if unit.serial {
        let starts: Vec<String> = unit.tasks.iter().map(|task| valid(task.start)).collect();
        ports.push(("start_i".into(), starts.join(" || ")));
    }
    ports.extend([
        ("dividend_i".into(), a),
        ("divisor_i".into(), b),
        ("quotient_o".into(), main),
        ("remainder_o".into(), remainder),
    ]);
    let (module, bits) =
        if unit.serial { ("bpf_divider_serial", "BITS_PER_CLOCK") } else { ("bpf_divider", "BITS_PER_STAGE") };
    w.text.instance(module, &[width, (bits, step)], &format!("u_{base}"), &ports);
}

/// An operand: that of the stage with the token.
fn operand<'p>(w: &mut Writer<'p>, unit: &Unit<'p>, get: impl Fn(&Task<'p>) -> &'p Bits) -> String {
    choose(unit.tasks.iter().map(|task| (valid(task.start), w.signals.bits(get(task), task.start))))
}

/// The wire at an output: of the first node that takes it; the others get it from there, each in its stage.
fn output<'p>(w: &mut Writer<'p>, unit: &Unit<'p>, get: impl Fn(&Task<'p>) -> Option<NodeId>, unused: &str) -> String {
    let nodes = unit.tasks.iter().filter_map(get);
    let names: Vec<String> = nodes.map(|id| w.signals.name(Key::Wire(Source::Node(id)))).collect();
    let Some((first, others)) = names.split_first() else {
        let name = w.signals.names.unique(unused);
        w.text.decls(2, &[Decl { width: unit.tasks[0].class.1, name: name.clone(), comment: String::new() }]);
        return name;
    };
    for other in others {
        w.text.line(2, &format!("assign {other} = {first};"));
    }
    first.clone()
}
