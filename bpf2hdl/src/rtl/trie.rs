// SPDX-License-Identifier: Apache-2.0
//! Directories of LPM tries inside the pipeline module: the look-ups, the instance, the host's side.
//!
//! Each look-up that is left has a search tree of its own in the hardware; the host writes all of them at once. Where every
//! look-up has the full length, as a constant, the trees hold addresses only.

use super::directory::{Width, host_wait};
use super::latency::directory_latency;
use super::pipeline::{Writer, valid};
use super::signals::{Key, select};
use super::text::{Decl, choose};
use crate::ir::LENGTH_BYTES;
use crate::pipe::{MapUnit, NodeId, NodeKind, Pipeline, Source};

/// Host signals of an LPM trie, as those of a hash map.
pub(super) const HOST_PORT: [(&str, char, Width); 15] = [
    ("req", 'i', Width::Bits(1)),
    ("op", 'i', Width::Bits(3)),
    ("flag", 'i', Width::Bits(1)),
    ("key", 'i', Width::Key),
    ("index", 'i', Width::Bits(32)),
    ("wdata", 'i', Width::Value),
    ("ack", 'o', Width::Bits(1)),
    ("load", 'o', Width::Bits(1)),
    ("errno", 'o', Width::Bits(5)),
    ("found_key", 'o', Width::Key),
    ("key_load", 'o', Width::Bits(1)),
    ("next_cursor", 'o', Width::Bits(32)),
    ("rdata", 'o', Width::Value),
    ("stall", 'o', Width::Bits(1)),
    ("entries", 'o', Width::Bits(32)),
];

/// Whether a look-up may have another length than that of the whole address.
pub(super) fn has_lengths(unit: &MapUnit) -> bool {
    let longest = 8 * u64::from(unit.map.key_size - LENGTH_BYTES);
    unit.steps.iter().any(|step| step.key.slice(0, 8 * LENGTH_BYTES).as_const() != Some(longest))
}

/// Writes the directory of one LPM trie.
pub(super) fn write(w: &mut Writer<'_>, map: usize) {
    let unit = &w.p.maps[map];
    let name = w.cx.maps[map].clone();
    let (key_width, slot_width) = (8 * unit.map.key_size, Pipeline::index_width(&unit.map));
    let ports = w.p.step_ports(unit);
    let count = ports.len() as u32;
    let signal = |what: &str| format!("map_{name}_{what}");
    let wires: [(&str, u32); 8] = [
        ("op_key", count * key_width),
        ("hit", count),
        ("slot", count * slot_width),
        ("val_req", 1),
        ("val_we", 1),
        ("val_idx", slot_width),
        ("val_ack", 1),
        ("val_wait", 1),
    ];
    let decls: Vec<Decl> =
        wires.iter().map(|(what, width)| Decl { width: *width, name: signal(what), comment: String::new() }).collect();
    for decl in &decls {
        w.signals.names.unique(&decl.name);
    }
    w.text.blank();
    w.text.decls(2, &decls);
    w.text.blank();
    keys(w, unit, &ports, &signal);
    results(w, map, unit, &ports, &signal);
    instance(w, map, &name, count, &signal);
    w.text.blank();
    w.text.line(2, &format!("assign host_{name}_stall_o = {};", signal("val_wait")));
}

/// The keys that are looked up, the first port's in the lowest bits. One that serves several steps takes that of the stage with the token.
fn keys(w: &mut Writer<'_>, unit: &MapUnit, ports: &[Vec<usize>], signal: &dyn Fn(&str) -> String) {
    let mut key = |steps: &[usize]| {
        let asks = steps.iter().map(|&step| &unit.steps[step]);
        choose(asks.map(|step| (valid(step.issue), w.signals.bits(&step.key, step.issue))))
    };
    let keys: Vec<String> = ports.iter().rev().map(|steps| key(steps)).filter(|key| !key.is_empty()).collect();
    let insns = unit.steps.iter().filter_map(|step| step.insn).map(|insn| super::notes::Notes::insn(Some(insn)));
    let insns = insns.collect::<Vec<_>>().join(", ");
    let whole = match &keys[..] {
        [] => "'0".to_owned(),
        [one] => one.clone(),
        many => format!("{{{}}}", many.join(", ")),
    };
    w.text.assigns(2, "=", "assign ", &[(signal("op_key"), whole, insns)]);
}

/// The nodes that hold results: found, refused (never), slot from the lowest bit on.
fn results(w: &mut Writer<'_>, map: usize, unit: &MapUnit, ports: &[Vec<usize>], signal: &dyn Fn(&str) -> String) {
    let count = ports.len() as u32;
    let slot_width = Pipeline::index_width(&unit.map);
    let mut rows = Vec::new();
    for (index, node) in w.p.nodes.iter().enumerate() {
        let NodeKind::Step { map: m, port: step } = node.kind else { continue };
        if m.index() != map {
            continue;
        }
        let port = ports.iter().position(|steps| steps.contains(&step)).unwrap_or(0) as u32;
        let hit = select(&signal("hit"), count, port, 1);
        let slot = select(&signal("slot"), count * slot_width, port * slot_width, slot_width);
        let name = w.signals.name(Key::Wire(Source::Node(NodeId::new(index))));
        rows.push((name, format!("{{{slot}, 1'b0, {hit}}}"), String::new()));
    }
    w.text.blank();
    w.text.assigns(2, "=", "assign ", &rows);
    w.text.blank();
}

fn instance(w: &mut Writer<'_>, map: usize, name: &str, count: u32, signal: &dyn Fn(&str) -> String) {
    let unit = &w.p.maps[map];
    // A token that has asked before the tables changed is done with the old slot when it has got, and used, its result.
    let wait = host_wait(w, map) + directory_latency(&unit.map);
    let parameters = [
        ("KEY_W", (8 * unit.map.key_size).to_string()),
        ("MAX_ENTRIES", unit.map.max_entries.to_string()),
        ("PORTS", count.to_string()),
        ("LENGTHS", u32::from(has_lengths(unit)).to_string()),
        ("HOST_WAIT", wait.to_string()),
    ];
    let host = |suffix: &str| format!("host_{name}_{suffix}");
    let connections: [(&str, String); 21] = [
        ("clk_i", String::new()),
        ("rst_i", String::new()),
        ("op_key_i", signal("op_key")),
        ("res_hit_o", signal("hit")),
        ("res_slot_o", signal("slot")),
        ("host_req_i", host("req_i")),
        ("host_op_i", host("op_i")),
        ("host_flag_i", host("flag_i")),
        ("host_key_i", host("key_i")),
        ("host_index_i", host("index_i")),
        ("host_ack_o", host("ack_o")),
        ("host_load_o", host("load_o")),
        ("host_errno_o", host("errno_o")),
        ("host_key_o", host("found_key_o")),
        ("host_key_load_o", host("key_load_o")),
        ("host_cursor_o", host("next_cursor_o")),
        ("entries_o", host("entries_o")),
        ("val_req_o", signal("val_req")),
        ("val_we_o", signal("val_we")),
        ("val_idx_o", signal("val_idx")),
        ("val_ack_i", signal("val_ack")),
    ];
    let connections: Vec<(String, String)> =
        connections.into_iter().map(|(port, value)| (port.to_owned(), value)).collect();
    w.text.instance("bpf_map_trie", &parameters, &format!("u_directory_{name}"), &connections);
}
