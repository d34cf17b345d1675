// SPDX-License-Identifier: Apache-2.0
//! One stage: its registers, its logic, its multi-cycle units.

use super::expr::{self, Logic};
use super::latency::depths;
use super::notes::Notes;
use super::pipeline::{Writer, valid};
use super::section;
use super::signals::Key;
use super::text::{Decl, constant};
use super::units;
use crate::pipe::{Node, NodeId, NodeKind, Run, Source};

/// Writes a stage.
pub(super) fn write(w: &mut Writer<'_>, k: u32) {
    w.text.heading(&format!("stage {k}"));
    w.notes.restart();
    list_instructions(w, k);
    if w.p.entrances().contains(&k) {
        section::write_entrance(w, k);
    } else if k > 0 {
        registers(w, k);
    }
    logic(w, k);
}

fn list_instructions(w: &mut Writer<'_>, k: u32) {
    let mut insns: Vec<u32> = w.p.nodes.iter().filter(|n| n.start == k).filter_map(|n| n.insn).collect();
    insns.sort_unstable();
    insns.dedup();
    for insn in insns {
        let line = w.notes.listing(insn);
        w.text.remark(2, &line);
    }
}

/// Every registered run of a stage, in the order in which it is written.
pub(super) fn runs_at(w: &Writer<'_>, k: u32) -> Vec<(Source, Run)> {
    let at = w.cx.design.runs.at(k);
    at.iter().flat_map(|(source, runs)| runs.iter().map(|run| (*source, *run))).collect()
}

/// Declares the registers of a stage with their valid bit; returns each with what it is loaded from.
pub(super) fn declare_registers(w: &mut Writer<'_>, k: u32) -> Vec<(Source, Run, String)> {
    let name = w.signals.names.unique(&valid(k));
    let mut decls = vec![Decl { width: 1, name, comment: String::new() }];
    let mut registers = Vec::new();
    for (source, run) in runs_at(w, k) {
        let wanted = format!("{}_q", w.signals.run_name(source, k, run));
        let name = w.signals.declare(Key::Register(source, k, run.lo), &wanted, run.width);
        decls.push(Decl { width: run.width, name: name.clone(), comment: String::new() });
        registers.push((source, run, name));
    }
    w.text.decls(2, &decls);
    registers
}

/// Writes the clocked block: the valid bit, which alone is reset, and the data, which is loaded with a token where it has to hold.
pub(super) fn clocked(w: &mut Writer<'_>, k: u32, enter: &str, data: Vec<(String, String)>) {
    w.text.blank();
    w.text.line(2, "always_ff @(posedge clk_i) begin");
    let mut rows = vec![(valid(k), format!("{enter} && !rst_i"), String::new())];
    let data: Vec<_> = data.into_iter().map(|(name, value)| (name, value, String::new())).collect();
    if w.p.interval == 1 || data.is_empty() {
        rows.extend(data);
        w.text.assigns(4, "<=", "", &rows);
    } else {
        w.text.assigns(4, "<=", "", &rows);
        w.text.line(4, &format!("if ({enter}) begin"));
        w.text.assigns(6, "<=", "", &data);
        w.text.line(4, "end");
    }
    w.text.line(2, "end");
}

fn registers(w: &mut Writer<'_>, k: u32) {
    let registers = declare_registers(w, k);
    let data = registers
        .into_iter()
        .map(|(source, run, name)| (name, w.signals.source(source, k - 1, run.lo, run.width)))
        .collect();
    clocked(w, k, &valid(k - 1), data);
}

fn logic(w: &mut Writer<'_>, k: u32) {
    let p = w.p;
    let here: Vec<(NodeId, &Node)> =
        p.nodes.iter().enumerate().filter(|(_, n)| n.start == k).map(|(i, n)| (NodeId::new(i), n)).collect();
    let mut decls = Vec::new();
    let mut names = Vec::new();
    for &(id, node) in &here {
        let is_declared_elsewhere =
            matches!(node.kind, NodeKind::Input(_) | NodeKind::Read { .. } | NodeKind::Step { .. });
        if is_declared_elsewhere {
            names.push(String::new());
            continue;
        }
        let wanted = w.signals.node_name(id, node);
        let name = w.signals.declare(Key::Wire(Source::Node(id)), &wanted, node.width);
        let comment = if node.stage > k { format!("in stage {}", node.stage) } else { String::new() };
        decls.push(Decl { width: node.width, name: name.clone(), comment });
        names.push(name);
    }
    if !decls.is_empty() {
        w.text.blank();
        w.text.decls(2, &decls);
        w.text.blank();
    }
    for (i, &(id, node)) in here.iter().enumerate() {
        match expr::logic(node, &p.maps, &mut w.signals) {
            Some(logic) => combinational(w, node, &names[i], logic),
            None if node.stage > k => unit(w, id, node, &names[i]),
            None => {}
        }
    }
}

fn combinational(w: &mut Writer<'_>, node: &Node, name: &str, logic: Logic) {
    w.notes.source(&mut w.text, 2, node.insn);
    let comment = Notes::insn(node.insn);
    match logic {
        Logic::Expression(value) => w.text.code(2, &format!("assign {name} = {value};"), &comment),
        Logic::Choice { selector, arms } => {
            w.text.code(2, "always_comb begin", &comment);
            w.text.line(4, &format!("unique case ({selector})"));
            for (label, value) in arms {
                w.text.code(6, &format!("{label}: {name} = {value};"), "");
            }
            w.text.line(6, &format!("default: {name} = '0;"));
            w.text.line(4, "endcase");
            w.text.line(2, "end");
        }
    }
}

/// A load far behind the headers, or a multiplier or divider that stands in this stage only.
fn unit(w: &mut Writer<'_>, id: NodeId, node: &Node, name: &str) {
    if let NodeKind::FarLoad { .. } = node.kind {
        return far_load(w, node, name);
    }
    let units = w.units.clone();
    if let Some(unit) = units.iter().find(|unit| unit.stands_at(id)) {
        units::write(w, unit);
    }
}

/// A load from a copy of the packet buffer.
fn far_load(w: &mut Writer<'_>, node: &Node, name: &str) {
    let NodeKind::FarLoad { start, base, add, stride, phase } = &node.kind else { return };
    w.text.blank();
    w.notes.source(&mut w.text, 2, node.insn);
    let comment = Notes::insn(node.insn);
    if !comment.is_empty() {
        w.text.remark(2, &comment);
    }
    let (start, base_text) = (w.signals.bits(start, node.start), w.signals.bits(base, node.start));
    let missing = 16 - base.width();
    let base_text = if missing > 0 { format!("{{{missing}'d0, {base_text}}}") } else { base_text };
    let offset = format!("{base_text} + {}", constant((*add as u32 & 0xffff).into(), 16));
    let buffer = depths(w.p, &w.cx.design.options).packet_buffer;
    let parameters = [
        ("BUS_W", w.cx.design.options.bus_bits.to_string()),
        ("BUFFER_BYTES", buffer.to_string()),
        ("BYTES", (node.width / 8).to_string()),
        ("STRIDE", stride.to_string()),
        ("PHASE", phase.to_string()),
    ];
    let ports = [
        ("clk_i".to_owned(), String::new()),
        ("rst_i".into(), String::new()),
        ("wr_valid_i".into(), "packet_valid_i".into()),
        ("wr_data_i".into(), "packet_data_i".into()),
        ("start_i".into(), start),
        ("offset_i".into(), offset),
        ("data_o".into(), name.to_owned()),
    ];
    w.text.instance("bpf_far_load", &parameters, &format!("u_{name}"), &ports);
}
