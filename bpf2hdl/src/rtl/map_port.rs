// SPDX-License-Identifier: Apache-2.0
//! Maps inside the pipeline module: instances, read and write ports, the host's port.

use super::directory;
use super::latency::{interlock_clocks, open_stages};
use super::notes::{Notes, printable};
use super::parts;
use super::pipeline::{Writer, valid};
use super::ram_parts;
use super::signals::Key;
use super::text::{Decl, constant};
use super::trie;
use crate::ir::{MapId, MapKind};
use crate::pipe::{Bits, MapUnit, NodeId, NodeKind, Pipeline, Source, Storage, WritePort};
use std::collections::BTreeSet;

/// Declares what the read ports deliver, ahead of the stages that use it.
pub(super) fn declare_reads(w: &mut Writer<'_>) {
    let p = w.p;
    let mut decls = Vec::new();
    for (index, node) in p.nodes.iter().enumerate() {
        let NodeKind::Read { map, port } = node.kind else { continue };
        let id = NodeId::new(index);
        let wanted = w.signals.node_name(id, node);
        let name = w.signals.declare(Key::Wire(Source::Node(id)), &wanted, node.width);
        let unit = &p.maps[map.index()];
        let issue = unit.reads[port].issue;
        let comment = format!("map {}, index in stage {issue}", printable(&unit.map.name));
        decls.push(Decl { width: node.width, name, comment });
    }
    if !decls.is_empty() {
        w.text.heading("entries that the maps deliver");
        w.text.decls(2, &decls);
    }
}

/// Writes one map, if it is in hardware.
pub(super) fn write(w: &mut Writer<'_>, map: usize) {
    let unit = &w.p.maps[map];
    if unit.storage == Storage::None {
        return;
    }
    let name = w.cx.maps[map].clone();
    w.notes.restart();
    w.text.heading(&format!("map {}", printable(&unit.map.name)));
    describe(w, unit);
    if ram_parts::is_split(w, map) {
        return ram_parts::write(w, map, &name);
    }
    let mut ports: Vec<(String, String)> = vec![("clk_i".into(), String::new()), ("rst_i".into(), String::new())];
    let in_parts = w.p.parts_of(MapId::new(map)).next().is_some();
    if in_parts {
        ports.extend(parts::ports(w, map, &name));
    } else {
        ports.extend(reads(w, map, unit, &name));
        ports.extend(writes(w, unit, &name));
    }
    let has_directory = unit.map.kind.has_directory();
    match unit.map.kind {
        MapKind::LpmTrie => trie::write(w, map),
        _ if has_directory => directory::write(w, map),
        _ => {}
    }
    let host = |port: &str, suffix: &str| host_signal(&name, has_directory, port, suffix);
    let port = |port: &str, suffix: &str| (format!("host_{port}_{suffix}"), host(port, suffix));
    ports.extend([port("req", "i"), port("we", "i"), port("idx", "i"), port("wdata", "i")]);
    ports.extend([port("ack", "o"), port("rdata", "o")]);
    let parts = w.p.parts_of(MapId::new(map)).map(|(_, _, part)| part);
    let open: BTreeSet<u32> = parts.chain([unit]).flat_map(open_stages).collect();
    let open: Vec<String> = open.into_iter().map(valid).collect();
    let block = if open.is_empty() { "1'b0".to_owned() } else { open.join(" || ") };
    ports.push(("host_block_i".into(), block));
    ports.push(port("stall", "o"));
    w.text.blank();
    let parameters = if in_parts { parts::parameters(w.p, map) } else { parameters(w.cx, map, unit) };
    let module = match unit.storage {
        Storage::Ram if unit.map.kind == MapKind::Bits => "bpf_map_bits",
        Storage::Ram => "bpf_map_array",
        Storage::LutRam => "bpf_map_lutram",
        Storage::Registers | Storage::None => "bpf_map_regs",
    };
    w.text.instance(module, &parameters, &format!("u_map_{name}"), &ports);
}

/// A signal of the host's access to an entry: of an array it asks itself, of others through the directory.
pub(super) fn host_signal(name: &str, has_directory: bool, port: &str, suffix: &str) -> String {
    match (has_directory, port) {
        (true, "req" | "we" | "idx" | "ack") => format!("map_{name}_val_{port}"),
        (true, "stall") => format!("map_{name}_val_wait"),
        _ => format!("host_{name}_{port}_{suffix}"),
    }
}

fn describe(w: &mut Writer<'_>, unit: &MapUnit) {
    let map = &unit.map;
    let memory = match unit.storage {
        Storage::Ram => "block RAM",
        Storage::LutRam => "look-up tables",
        Storage::Registers | Storage::None => "flip-flops",
    };
    let entries = if map.max_entries == 1 { "1 entry".to_owned() } else { format!("{} entries", map.max_entries) };
    let section = match (unit.reads.is_empty(), unit.write_stages()) {
        (_, None) => "The pipeline only reads it.".to_owned(),
        (_, Some((first, last))) if unit.in_turn() => format!(
            "A token's {} reads and {} writes, these in stages {first} to {last}, are served in turn; the host's writes wait meanwhile.",
            unit.reads.len(),
            unit.writes.len()
        ),
        (true, Some((_, write))) => format!("The pipeline only writes it, in stage {write}."),
        (false, Some((_, write))) if interlock_clocks(unit) == 1 => {
            format!("Read and written as one step in stage {write}: no token ever waits.")
        }
        (false, Some((_, write))) => {
            format!("Written in stage {write}; the host's writes wait while an entry is under way.")
        }
    };
    let section = match map.kind.has_directory() {
        true => format!("Values in {} slots of a directory. {section}", map.slots()),
        false => section,
    };
    let kind = map.kind.name();
    w.text.comment(2, &format!("{kind}, {entries} of {} bytes in {memory}. {section}", map.value_size));
}

pub(super) fn parameters(cx: &super::Context<'_>, map: usize, unit: &MapUnit) -> Vec<(&'static str, String)> {
    let mut list = vec![("ENTRIES", unit.map.slots().to_string()), ("VALUE_W", (8 * unit.map.value_size).to_string())];
    let replicas = cx.design.pipeline.replicas(MapId::new(map));
    if unit.map.kind == MapKind::Bits {
        let ports = [("READ_PORTS", replicas.to_string()), ("WRITE_PORTS", unit.write_ports().to_string())];
        return list.into_iter().take(1).chain(ports).collect();
    }
    if unit.storage == Storage::Ram {
        list.push(("READ_PORTS", replicas.to_string()));
        list.push(("WRITE", u32::from(!unit.writes.is_empty()).to_string()));
        if let Some(file) = cx.init_file(map) {
            list.push(("INIT_FILE", format!("\"{file}\"")));
        }
        return list;
    }
    let reads = if unit.storage == Storage::LutRam { replicas } else { unit.reads.len() };
    list.push(("READ_PORTS", reads.to_string()));
    match unit.storage {
        Storage::LutRam => list.push(("WRITE", unit.writes.len().to_string())),
        _ => list.push(("WRITE_PORTS", unit.writes.len().to_string())),
    }
    if has_initial(unit) {
        if unit.storage == Storage::LutRam {
            list.push(("INIT_W", (unit.map.max_entries * 8 * unit.map.value_size).to_string()));
        }
        list.push(("INIT", initial(unit)));
    }
    list
}

/// Whether memory holds something after reset. A directory is empty then, whatever the host shall put into it.
pub(super) fn has_initial(unit: &MapUnit) -> bool {
    !unit.map.kind.has_directory() && unit.map.initial.iter().any(|&b| b != 0)
}

/// The contents after reset as one constant, entry 0 in the low bits.
pub(super) fn initial(unit: &MapUnit) -> String {
    let bytes = unit.map.max_entries as usize * unit.map.value_size as usize;
    let mut data = unit.map.initial.clone();
    data.resize(bytes, 0);
    let words: Vec<String> = data
        .chunks(8)
        .rev()
        .map(|word| {
            constant(word.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)), 8 * word.len() as u32)
        })
        .collect();
    if words.len() == 1 { words.concat() } else { format!("{{{}}}", words.join(", ")) }
}

/// `{last, ..., first}`, or the only one.
pub(super) fn join(mut parts: Vec<String>) -> String {
    parts.reverse();
    if parts.len() == 1 { parts.concat() } else { format!("{{{}}}", parts.join(", ")) }
}

pub(super) fn reads(w: &mut Writer<'_>, map: usize, unit: &MapUnit, name: &str) -> Vec<(String, String)> {
    let (mut indices, mut data): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let ports = w.p.read_ports(MapId::new(map));
    for (port, reads) in ports.iter().enumerate() {
        let delivered = delivered(w, map, reads);
        indices.push(index(
            w,
            unit,
            reads,
            &format!("map_{name}_rd{}_idx", if ports.len() > 1 { port.to_string() } else { String::new() }),
        ));
        let (first, others) = match delivered.split_first() {
            Some((first, others)) => (first.clone(), others),
            None => (unread(w, &format!("unused_{name}_rd{port}"), 8 * unit.map.value_size), &[][..]),
        };
        // One port delivers to all, to each in its stage.
        for other in others {
            w.text.line(2, &format!("assign {other} = {first};"));
        }
        data.push(first);
    }
    if ports.is_empty() {
        indices.push("'0".to_owned());
        data.push(unread(w, &format!("unused_{name}_rd"), 8 * unit.map.value_size));
    }
    vec![("rd_idx_i".into(), join(indices)), ("rd_data_o".into(), join(data))]
}

/// The wires of the nodes that take what these reads deliver.
fn delivered(w: &Writer<'_>, map: usize, reads: &[usize]) -> Vec<String> {
    let takes = |read: usize| {
        let nodes = w.p.nodes.iter().enumerate();
        nodes.filter(
            move |(_, node)| matches!(node.kind, NodeKind::Read { map: m, port } if m.index() == map && port == read),
        )
    };
    let nodes = reads.iter().flat_map(|&read| takes(read));
    nodes.map(|(index, _)| w.signals.name(Key::Wire(Source::Node(NodeId::new(index))))).collect()
}

/// The index at a read port that serves one read, or several in turn; `wanted`: name of a signal for it.
fn index(w: &mut Writer<'_>, unit: &MapUnit, reads: &[usize], wanted: &str) -> String {
    let width = Pipeline::index_width(&unit.map);
    if let [read] = reads {
        let read = &unit.reads[*read];
        return w.signals.bits(&read.index, read.issue);
    }
    let mut values = Vec::new();
    for &read in reads {
        let read = &unit.reads[read];
        let index = w.signals.bits(&read.index, read.issue);
        values.push(masked(width, &valid(read.issue), &index));
    }
    let name = w.signals.names.unique(wanted);
    w.text.decls(2, &[Decl { width, name: name.clone(), comment: String::new() }]);
    any(w, &name, &values);
    name
}

/// A value where a bit is 1, else zero.
fn masked(width: u32, when: &str, value: &str) -> String {
    if width == 1 { format!("({when} && {value})") } else { format!("({{{width}{{{when}}}}} & {value})") }
}

/// What any of several masked values is: at most one is not zero.
fn any(w: &mut Writer<'_>, name: &str, values: &[String]) {
    for (i, value) in values.iter().enumerate() {
        let begins = if i == 0 { format!("assign {name} =") } else { "  |".to_owned() };
        let ends = if i + 1 == values.len() { ";" } else { "" };
        w.text.code(2, &format!("{begins} {value}{ends}"), "");
    }
}

pub(super) fn unread(w: &mut Writer<'_>, wanted: &str, width: u32) -> String {
    let name = w.signals.names.unique(wanted);
    w.text.decls(2, &[Decl { width, name: name.clone(), comment: String::new() }]);
    name
}

pub(super) fn writes(w: &mut Writer<'_>, unit: &MapUnit, name: &str) -> Vec<(String, String)> {
    let ports = ["wr_en", "wr_be", "wr_idx", "wr_data"];
    if unit.writes.is_empty() {
        return ports
            .iter()
            .map(|p| (format!("{p}_i"), if *p == "wr_en" { "1'b0" } else { "'0" }.to_owned()))
            .collect();
    }
    let bytes = unit.map.value_size;
    let widths = [1, bytes, Pipeline::index_width(&unit.map), 8 * bytes];
    let mut names = vec![Vec::new(); 4];
    for (port, write) in unit.writes.iter().enumerate() {
        let mut decls = Vec::new();
        for (i, width) in widths.into_iter().enumerate() {
            let number = if unit.writes.len() == 1 { String::new() } else { port.to_string() };
            let wanted = format!("map_{name}_wr{number}{}", &ports[i][2..]);
            let name = w.signals.names.unique(&wanted);
            decls.push(Decl { width, name: name.clone(), comment: String::new() });
            names[i].push(name);
        }
        w.text.blank();
        w.text.decls(2, &decls);
        w.text.blank();
        write_port(w, unit, write, &[&names[0][port], &names[1][port], &names[2][port], &names[3][port]]);
    }
    if unit.in_turn() && unit.writes.len() > 1 {
        names = shared_write(w, unit, name, &names);
    }
    ports.iter().zip(names).map(|(port, names)| (format!("{port}_i"), join(names))).collect()
}

/// The one port that does the writes of several stages: enable, byte enables, index, data, each as a list of one name. No two are
/// made in one clock.
fn shared_write(w: &mut Writer<'_>, unit: &MapUnit, name: &str, names: &[Vec<String>]) -> Vec<Vec<String>> {
    let bytes = unit.map.value_size;
    let widths = [1, bytes, Pipeline::index_width(&unit.map), 8 * bytes];
    let what = ["en", "be", "idx", "data"];
    let shared: Vec<String> =
        what.iter().map(|what| w.signals.names.unique(&format!("map_{name}_wr_{what}"))).collect();
    let decl = |(name, width): (&String, u32)| Decl { width, name: name.clone(), comment: String::new() };
    let decls: Vec<Decl> = shared.iter().zip(widths).map(decl).collect();
    w.text.blank();
    w.text.comment(
        2,
        "One port writes for all stages: the section keeps tokens so far apart that no two ask in one clock.",
    );
    w.text.decls(2, &decls);
    w.text.blank();
    for (i, width) in widths.into_iter().enumerate() {
        let enabled = |(port, value): (usize, &String)| masked(width, &names[0][port], value);
        let values: Vec<String> =
            if i == 0 { names[0].clone() } else { names[i].iter().enumerate().map(enabled).collect() };
        any(w, &shared[i], &values);
    }
    shared.into_iter().map(|name| vec![name]).collect()
}

/// The assignments of one write port: enable, byte enables, index, data.
pub(super) fn write_port(w: &mut Writer<'_>, unit: &MapUnit, write: &WritePort, names: &[&String; 4]) {
    let at = write.stage;
    let mut fields: Vec<_> = write.fields.iter().collect();
    fields.sort_by_key(|f| f.offset);
    let (mut enables, mut data, mut whens) = (Vec::new(), Bits::default(), Vec::new());
    let mut end = 0;
    // Neighbours under one condition are one group: condition, number of bytes.
    let mut groups: Vec<(Bits, u32)> = Vec::new();
    let mut add = |when: &Bits, bytes: u32| match groups.last_mut() {
        _ if bytes == 0 => {}
        Some((last, n)) if last == when => *n += bytes,
        _ => groups.push((when.clone(), bytes)),
    };
    let never = Bits::constant(0, 1);
    for field in &fields {
        w.notes.source(&mut w.text, 2, field.insn);
        add(&never, field.offset - end);
        add(&field.when, field.data.width() / 8);
        data = gap(data, 8 * (field.offset - end)).concat(&field.data);
        end = field.offset + field.data.width() / 8;
        if field.when != never && !whens.contains(&field.when) {
            whens.push(field.when.clone());
        }
    }
    add(&never, unit.map.value_size - end);
    data = gap(data, 8 * (unit.map.value_size - end));
    for (when, bytes) in &groups {
        let one = w.signals.bits(when, at);
        enables.push(match when.as_const() {
            Some(0) => constant(0, *bytes),
            Some(_) if *bytes <= 64 => constant(u64::MAX >> (64 - bytes), *bytes),
            _ if *bytes == 1 => one,
            _ => format!("{{{bytes}{{{one}}}}}"),
        });
    }
    let mut insns: Vec<u32> = fields.iter().filter_map(|f| f.insn).collect();
    insns.sort_unstable();
    insns.dedup();
    let comment = match insns[..] {
        [] => String::new(),
        [one] => Notes::insn(Some(one)),
        _ => format!("insns {}", insns.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")),
    };
    let always = whens.iter().any(|when| when.as_const() == Some(1) || whens.contains(&when.inverted()));
    let whens: Vec<String> = whens.iter().map(|when| w.signals.bits(when, at)).collect();
    let enable = match (always, &whens[..]) {
        (true, _) => valid(at),
        (false, []) => "1'b0".to_owned(),
        (false, [one]) => format!("{} && {one}", valid(at)),
        (false, many) => format!("{} && ({})", valid(at), many.join(" || ")),
    };
    let index = w.signals.bits(&write.index, at);
    let data = w.signals.bits(&data, at);
    let mut rows = vec![
        (names[0].clone(), enable, comment),
        (names[1].clone(), join(enables), String::new()),
        (names[2].clone(), index, String::new()),
        (names[3].clone(), data, String::new()),
    ];
    // A part has one entry.
    rows.retain(|(name, ..)| !name.is_empty());
    w.text.assigns(2, "=", "assign ", &rows);
}

fn gap(low: Bits, bits: u32) -> Bits {
    if bits == 0 { low } else { low.concat(&Bits::constant(0, bits)) }
}
