// SPDX-License-Identifier: Apache-2.0
//! Directories of hash maps inside the pipeline module: the step ports, the instance, the host's side. Those of LPM tries: `trie`.
//!
//! The hardware has one port that may change the directory and any number that only look. Steps that change it and stand in
//! different stages share that port: their section keeps the tokens apart, so that no two ask in one clock. With an initiation interval those
//! that only look may share one, too.

use super::latency::{elastic_fifo_clocks, interlock_clocks};
use super::pipeline::{Writer, valid};
use super::signals::Key;
use super::text::{Decl, choose};
use super::trie;
use crate::ir::{MapId, MapKind};
use crate::pipe::{Bits, MapUnit, NodeId, NodeKind, Pipeline, Source, StepPort};
use std::sync::LazyLock;

/// Host signals of a hash map: suffix, direction at the pipeline, bits (0: of the key, 1: of the value).
const HOST_PORT: [(&str, char, Width); 19] = [
    ("req", 'i', Width::Bits(1)),
    ("op", 'i', Width::Bits(3)),
    ("flags", 'i', Width::Bits(2)),
    ("key", 'i', Width::Key),
    ("cursor", 'i', Width::Bits(32)),
    ("wdata", 'i', Width::Value),
    ("seed", 'i', Width::Bits(128)),
    ("seed_load", 'i', Width::Bits(1)),
    ("ack", 'o', Width::Bits(1)),
    ("load", 'o', Width::Bits(1)),
    ("errno", 'o', Width::Bits(5)),
    ("found_key", 'o', Width::Key),
    ("key_load", 'o', Width::Bits(1)),
    ("next_cursor", 'o', Width::Bits(32)),
    ("rdata", 'o', Width::Value),
    ("stall", 'o', Width::Bits(1)),
    ("entries", 'o', Width::Bits(32)),
    ("refused", 'o', Width::Bits(32)),
    ("ready", 'o', Width::Bits(1)),
];

/// And of one to all entries of which a packet may go: what the host does with which slot.
static BROADCAST_PORT: LazyLock<Vec<(&str, char, Width)>> = LazyLock::new(|| {
    let more = [("set", 'o', Width::Bits(1)), ("gone", 'o', Width::Bits(1)), ("slot", 'o', Width::Slot)];
    [&HOST_PORT[..], &more].concat()
});

/// Host signals of a map with a directory.
pub(super) fn host_port(unit: &MapUnit) -> &'static [(&'static str, char, Width)] {
    match unit.map.kind {
        MapKind::LpmTrie => &trie::HOST_PORT,
        _ if unit.map.broadcast => &BROADCAST_PORT,
        _ => &HOST_PORT,
    }
}

/// Bits of a host signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Width {
    /// So many.
    Bits(u32),
    /// A key of the map.
    Key,
    /// A value of the map.
    Value,
    /// The number of a slot.
    Slot,
}

impl Width {
    pub(super) fn of(self, unit: &MapUnit) -> u32 {
        match self {
            Width::Bits(bits) => bits,
            Width::Key => 8 * unit.map.key_size,
            Width::Value => 8 * unit.map.value_size,
            Width::Slot => Pipeline::index_width(&unit.map),
        }
    }
}

/// Declares what the steps find, ahead of the stages that use it.
pub(super) fn declare_steps(w: &mut Writer<'_>) {
    let p = w.p;
    let mut decls = Vec::new();
    for (index, node) in p.nodes.iter().enumerate() {
        let NodeKind::Step { map, port } = node.kind else { continue };
        let id = NodeId::new(index);
        let wanted = w.signals.node_name(id, node);
        let name = w.signals.declare(Key::Wire(Source::Node(id)), &wanted, node.width);
        let unit = &p.maps[map.index()];
        let issue = unit.steps[port].issue;
        let comment = format!("{{slot, refused, found}} of {}, key in stage {issue}", w.cx.maps[map.index()]);
        decls.push(Decl { width: node.width, name, comment });
    }
    if !decls.is_empty() {
        w.text.heading("what the directories find");
        w.text.decls(2, &decls);
    }
}

/// Writes the directory of one hash map.
pub(super) fn write(w: &mut Writer<'_>, map: usize) {
    let unit = &w.p.maps[map];
    let name = w.cx.maps[map].clone();
    let (key_width, slot_width) = (8 * unit.map.key_size, Pipeline::index_width(&unit.map));
    let ports = w.p.step_ports(unit);
    let count = ports.len() as u32;
    // Only an insertion can be refused.
    let is_errno_read = unit.steps.iter().any(|step| step.insert.as_const() != Some(0));
    let signal = |what: &str| match what {
        "errno" if !is_errno_read => format!("map_{name}_unused_errno"),
        "hit" | "slot" if unit.steps.is_empty() => format!("map_{name}_unused_{what}"),
        _ => format!("map_{name}_{what}"),
    };
    let gone = if unit.map.broadcast { "val_gone" } else { "unused_gone" };
    let wires: [(&str, u32); 15] = [
        ("op_valid", count),
        ("op_key", count * key_width),
        ("op_insert", 1),
        ("op_remove", 1),
        ("hit", count),
        ("slot", count * slot_width),
        ("errno", 5),
        ("wait", 1),
        ("val_req", 1),
        ("val_we", 1),
        ("val_idx", slot_width),
        ("val_ack", 1),
        ("val_wait", 1),
        (gone, 1),
        ("unused", 2),
    ];
    let decls = wires.iter().map(|(what, width)| Decl { width: *width, name: signal(what), comment: String::new() });
    let decls: Vec<Decl> = decls.collect();
    for decl in &decls {
        w.signals.names.unique(&decl.name);
    }
    w.text.blank();
    w.text.decls(2, &decls);
    w.text.blank();
    requests(w, unit, &ports, &signal);
    results(w, map, unit, &ports, &signal);
    instance(w, map, &name, count, &signal);
    w.text.blank();
    w.text.line(2, &format!("assign host_{name}_stall_o = {} || {};", signal("wait"), signal("val_wait")));
    if unit.map.broadcast {
        let [request, write, ack] = ["val_req", "val_we", "val_ack"].map(signal);
        w.text.line(2, &format!("assign host_{name}_set_o = {request} && {write} && {ack};"));
        w.text.line(2, &format!("assign host_{name}_gone_o = {};", signal(gone)));
        w.text.line(2, &format!("assign host_{name}_slot_o = {};", signal("val_idx")));
    }
}

/// What is asked in a clock: condition, key, insertion, removal.
fn requests(w: &mut Writer<'_>, unit: &MapUnit, ports: &[Vec<usize>], signal: &dyn Fn(&str) -> String) {
    let (mut valids, mut keys) = (Vec::new(), Vec::new());
    let (mut insert, mut remove) = ("1'b0".to_owned(), "1'b0".to_owned());
    for (port, steps) in ports.iter().enumerate() {
        let asks: Vec<(String, &StepPort)> =
            steps.iter().map(|&step| (asked(w, &unit.steps[step]), &unit.steps[step])).collect();
        valids.push(asks.iter().map(|(ask, _)| ask.clone()).collect::<Vec<_>>().join(" || "));
        let mut chosen = |get: &dyn Fn(&StepPort) -> &Bits| {
            choose(asks.iter().map(|(ask, step)| (format!("({ask})"), w.signals.bits(get(step), step.issue))))
        };
        keys.push(chosen(&|step| &step.key));
        if port == 0 && !asks.is_empty() {
            insert = chosen(&|step| &step.insert);
            remove = chosen(&|step| &step.remove);
        }
    }
    let empty = |parts: Vec<String>| {
        parts.into_iter().map(|part| if part.is_empty() { "'0".to_owned() } else { part }).rev().collect::<Vec<_>>()
    };
    let whole = |parts: Vec<String>| {
        let parts = empty(parts);
        if parts.len() == 1 { parts.concat() } else { format!("{{{}}}", parts.join(", ")) }
    };
    let insns: Vec<String> =
        unit.steps.iter().filter_map(|step| step.insn).map(|insn| super::notes::Notes::insn(Some(insn))).collect();
    let rows = [
        (signal("op_valid"), whole(valids), insns.join(", ")),
        (signal("op_key"), whole(keys), String::new()),
        (signal("op_insert"), insert, String::new()),
        (signal("op_remove"), remove, String::new()),
    ];
    w.text.assigns(2, "=", "assign ", &rows);
}

/// The condition under which a step is asked for.
fn asked(w: &mut Writer<'_>, step: &StepPort) -> String {
    let token = valid(step.issue);
    match step.when.as_const() {
        Some(1) => token,
        Some(_) => "1'b0".to_owned(),
        None => format!("{token} && {}", w.signals.bits(&step.when, step.issue)),
    }
}

/// The nodes that hold results: found, refused, slot from the lowest bit on.
fn results(w: &mut Writer<'_>, map: usize, unit: &MapUnit, ports: &[Vec<usize>], signal: &dyn Fn(&str) -> String) {
    let slot_width = Pipeline::index_width(&unit.map);
    let count = ports.len() as u32;
    let mut rows = Vec::new();
    for (index, node) in w.p.nodes.iter().enumerate() {
        let NodeKind::Step { map: m, port: step } = node.kind else { continue };
        if m.index() != map {
            continue;
        }
        let port = ports.iter().position(|steps| steps.contains(&step)).unwrap_or(0) as u32;
        let hit = super::signals::select(&signal("hit"), count, port, 1);
        let slot = super::signals::select(&signal("slot"), count * slot_width, port * slot_width, slot_width);
        let errno = signal("errno");
        let is_inserted = unit.steps[step].insert.as_const() != Some(0);
        let refused = if is_inserted { format!("{errno} == 5'd7 || {errno} == 5'd12") } else { "1'b0".to_owned() };
        let name = w.signals.name(Key::Wire(Source::Node(NodeId::new(index))));
        rows.push((name, format!("{{{slot}, {refused}, {hit}}}"), String::new()));
    }
    w.text.blank();
    w.text.assigns(2, "=", "assign ", &rows);
    w.text.blank();
}

/// Of a key's hash, compared in a bucket (`TAG_W` of `hdl/rtl/bpf_map_lane.sv`).
const TAG_BITS: u32 = 16;

fn instance(w: &mut Writer<'_>, map: usize, name: &str, count: u32, signal: &dyn Fn(&str) -> String) {
    let unit = &w.p.maps[map];
    let mut parameters = vec![
        ("KEY_W", (8 * unit.map.key_size).to_string()),
        ("MAX_ENTRIES", unit.map.max_entries.to_string()),
        ("PORTS", count.to_string()),
        ("LRU", u32::from(unit.map.kind.is_lru()).to_string()),
        ("HOST_WAIT", host_wait(w, map).to_string()),
    ];
    if unit.map.groups > 1 && !unit.map.kind.is_lru() {
        parameters.insert(2, ("GROUPS", unit.map.groups.to_string()));
    }
    let options = &w.cx.design.options;
    if f64::from(options.target.delays.ram_comparison(TAG_BITS)) * options.clock_mhz > 1e6 {
        parameters.push(("SLOW_RAM", "1".to_owned()));
    }
    let (insert, remove) = (signal("op_insert"), signal("op_remove"));
    let host = |suffix: &str| format!("host_{name}_{suffix}");
    let unused = signal("unused");
    let gone = if unit.map.broadcast { "val_gone" } else { "unused_gone" };
    let connections: [(&str, String); 34] = [
        ("clk_i", String::new()),
        ("rst_i", String::new()),
        ("ready_o", host("ready_o")),
        ("op_valid_i", signal("op_valid")),
        ("op_key_i", signal("op_key")),
        ("op_kind_i", format!("{insert} ? 2'd1 : {remove} ? 2'd2 : 2'd0")),
        ("op_flags_i", format!("{{2{{{insert} && {remove}}}}}")),
        ("res_hit_o", signal("hit")),
        ("res_slot_o", signal("slot")),
        ("res_inserted_o", format!("{unused}[0]")),
        ("res_evicted_o", format!("{unused}[1]")),
        ("res_errno_o", signal("errno")),
        ("host_req_i", host("req_i")),
        ("host_op_i", host("op_i")),
        ("host_flags_i", host("flags_i")),
        ("host_key_i", host("key_i")),
        ("host_cursor_i", host("cursor_i")),
        ("host_ack_o", host("ack_o")),
        ("host_load_o", host("load_o")),
        ("host_errno_o", host("errno_o")),
        ("host_key_o", host("found_key_o")),
        ("host_key_load_o", host("key_load_o")),
        ("host_cursor_o", host("next_cursor_o")),
        ("host_hold_i", super::section::relies(w, unit)),
        ("host_stall_o", signal("wait")),
        ("entries_o", host("entries_o")),
        ("refused_o", host("refused_o")),
        ("seed_i", host("seed_i")),
        ("seed_load_i", host("seed_load_i")),
        ("val_req_o", signal("val_req")),
        ("val_we_o", signal("val_we")),
        ("val_idx_o", signal("val_idx")),
        ("val_ack_i", signal("val_ack")),
        ("val_gone_o", signal(gone)),
    ];
    let connections: Vec<(String, String)> =
        connections.into_iter().map(|(port, value)| (port.to_owned(), value)).collect();
    w.text.instance("bpf_map_hash", &parameters, &format!("u_directory_{name}"), &connections);
}

/// Clocks from a token's first result to its last access of a value, at most: the stages between, and what the token may wait
/// at entrances between.
pub(super) fn host_wait(w: &Writer<'_>, map: usize) -> u32 {
    let unit = &w.p.maps[map];
    let first = unit.steps.iter().map(|step| step.data).min().unwrap_or(0);
    let parts = w.p.parts_of(MapId::new(map)).map(|(_, _, part)| part.last_access());
    let last = parts.fold(unit.last_access(), u32::max).max(first);
    let between = w.p.entrances_between(first, last);
    let waits = between.map(|entrance| {
        let apart = w.p.guarded_at(entrance).map(|(_, unit)| interlock_clocks(unit)).max().unwrap_or(1);
        w.cx.depths.results * apart + elastic_fifo_clocks(w.p)
    });
    // A few clocks more than needed cost the host nothing.
    last - first + 8 + waits.sum::<u32>()
}
