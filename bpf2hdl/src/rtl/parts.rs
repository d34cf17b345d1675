// SPDX-License-Identifier: Apache-2.0
//! A map in parts: one register file, whose write port is made of the parts' own.
//!
//! No byte is written by two parts, so that their enables and data stand side by side. What is written comes out of read port
//! 0, part by part; what only the host writes may lie between and has read port 1.

use super::map_port::{initial, join, unread, write_port};
use super::pipeline::Writer;
use super::signals::Key;
use super::text::{Decl, constant};
use crate::ir::MapId;
use crate::pipe::{MapUnit, NodeId, NodeKind, Part, Pipeline, Source};

/// Parameters of the register file.
pub(super) fn parameters(p: &Pipeline, map: usize) -> Vec<(&'static str, String)> {
    let unit = &p.maps[map];
    let fixed = p.parts_of(MapId::new(map)).any(|(_, _, part)| part.writes.is_empty());
    let mut list = vec![
        ("ENTRIES", "1".to_owned()),
        ("VALUE_W", (8 * unit.map.value_size).to_string()),
        ("READ_PORTS", (1 + u32::from(fixed)).to_string()),
        ("WRITE_PORTS", "1".to_owned()),
    ];
    if unit.map.initial.iter().any(|&b| b != 0) {
        list.push(("INIT", initial(unit)));
    }
    list
}

/// The pipeline's ports of the register file, with the logic before them.
pub(super) fn ports(w: &mut Writer<'_>, map: usize, name: &str) -> Vec<(String, String)> {
    let p = w.p;
    let mut parts: Vec<(MapId, Part, &MapUnit)> = p.parts_of(MapId::new(map)).collect();
    parts.sort_by_key(|(_, part, _)| part.offset);
    let (written, fixed): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(_, _, unit)| !unit.writes.is_empty());
    let size = p.maps[map].map.value_size;
    let mut data = vec![read_port(w, name, size, &written)];
    let mut indices = vec!["1'b0".to_owned()];
    if !fixed.is_empty() {
        data.push(read_port(w, name, size, &fixed));
        indices.push("1'b0".to_owned());
    }
    let mut ports = vec![("rd_idx_i".to_owned(), join(indices)), ("rd_data_o".to_owned(), join(data))];
    ports.extend(write_ports(w, name, size, &written));
    ports
}

/// What one read port delivers: the parts' entries, with what nobody reads between.
fn read_port(w: &mut Writer<'_>, name: &str, size: u32, parts: &[(MapId, Part, &MapUnit)]) -> String {
    let mut fields = Vec::new();
    let mut end = 0;
    for (id, part, unit) in parts {
        let gap = part.offset - end;
        end = part.offset + unit.map.value_size;
        if gap > 0 {
            fields.push(unread(w, &format!("unused_{name}_rd"), 8 * gap));
        }
        let is_read = |kind: &NodeKind| matches!(kind, NodeKind::Read { map, .. } if map == id);
        fields.push(match w.p.nodes.iter().position(|node| is_read(&node.kind)) {
            Some(node) => w.signals.name(Key::Wire(Source::Node(NodeId::new(node)))),
            None => unread(w, &format!("unused_{name}_rd"), 8 * unit.map.value_size),
        });
    }
    if end < size {
        fields.push(unread(w, &format!("unused_{name}_rd"), 8 * (size - end)));
    }
    join(fields)
}

fn write_ports(w: &mut Writer<'_>, name: &str, size: u32, parts: &[(MapId, Part, &MapUnit)]) -> Vec<(String, String)> {
    let (mut any, mut enables, mut data) = (Vec::new(), Vec::new(), Vec::new());
    let mut end = 0;
    for (id, part, unit) in parts {
        let bytes = unit.map.value_size;
        let gap = part.offset - end;
        end = part.offset + bytes;
        if gap > 0 {
            enables.push(constant(0, gap));
            data.push(zeros(8 * gap));
        }
        let own = w.cx.maps[id.index()].clone();
        let names = [("en", 1), ("be", bytes), ("data", 8 * bytes)]
            .map(|(what, width)| (w.signals.names.unique(&format!("map_{own}_wr_{what}")), width));
        let decls =
            names.iter().map(|(name, width)| Decl { width: *width, name: name.clone(), comment: String::new() });
        let [(enable, _), (byte_enables, _), (value, _)] = &names;
        w.text.blank();
        w.text.decls(2, &decls.collect::<Vec<_>>());
        w.text.blank();
        // A part's index is a constant, so that all it writes has one port.
        if let Some(write) = unit.writes.first() {
            write_port(w, unit, write, &[enable, byte_enables, &String::new(), value]);
        }
        any.push(enable.clone());
        enables.push(match bytes {
            1 => format!("{byte_enables} & {enable}"),
            _ => format!("{byte_enables} & {{{bytes}{{{enable}}}}}"),
        });
        data.push(value.clone());
    }
    if end < size {
        enables.push(constant(0, size - end));
        data.push(zeros(8 * (size - end)));
    }
    let [en, be, value] = ["en", "be", "data"].map(|what| w.signals.names.unique(&format!("map_{name}_wr_{what}")));
    let decl = |name: &String, width| Decl { width, name: name.clone(), comment: String::new() };
    w.text.blank();
    w.text.decls(2, &[decl(&en, 1), decl(&be, size), decl(&value, 8 * size)]);
    w.text.blank();
    let rows = [
        (en.clone(), any.join(" || "), "the parts side by side".to_owned()),
        (be.clone(), join(enables), String::new()),
        (value.clone(), join(data), String::new()),
    ];
    w.text.assigns(2, "=", "assign ", &rows);
    vec![
        ("wr_en_i".to_owned(), en),
        ("wr_be_i".to_owned(), be),
        ("wr_idx_i".to_owned(), "1'b0".to_owned()),
        ("wr_data_i".to_owned(), value),
    ]
}

fn zeros(bits: u32) -> String {
    format!("{bits}'h0")
}
