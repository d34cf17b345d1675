// SPDX-License-Identifier: Apache-2.0
//! An array whose entries are in parts: a RAM for each, and the host's port that goes through them in step with the tokens.

use super::directory;
use super::latency::interlock_clocks;
use super::map_port::{host_signal, parameters, reads, unread, writes};
use super::pipeline::{Writer, valid};
use super::section;
use super::text::Decl;
use crate::ir::MapId;
use crate::pipe::{MapUnit, Part, Storage};

/// Whether a map is in such parts.
pub(super) fn is_split(w: &Writer<'_>, map: usize) -> bool {
    w.p.maps[map].storage == Storage::Ram && w.p.parts_of(MapId::new(map)).next().is_some()
}

/// Writes the parts of a map and the host's port.
pub(super) fn write(w: &mut Writer<'_>, map: usize, name: &str) {
    let p = w.p;
    let mut parts: Vec<(MapId, Part, &MapUnit)> = p.parts_of(MapId::new(map)).collect();
    parts.sort_by_key(|(_, part, _)| part.offset);
    let bits = 8 * p.maps[map].map.value_size;
    let count = parts.len() as u32;
    let has_directory = p.maps[map].map.kind.has_directory();
    if has_directory {
        directory::write(w, map);
    }
    let host = |port: &str, suffix: &str| host_signal(name, has_directory, port, suffix);
    let [req, ack, data] =
        ["req", "ack", "rdata"].map(|what| w.signals.names.unique(&format!("map_{name}_part_{what}")));
    let decl = |name: &String, width| Decl { width, name: name.clone(), comment: String::new() };
    w.text.blank();
    w.text.decls(2, &[decl(&req, count), decl(&ack, count), decl(&data, bits)]);
    for (number, (id, part, unit)) in parts.iter().enumerate() {
        ram(
            w,
            [&host("we", "i"), &host("idx", "i"), &host("wdata", "i")],
            (number, *id, *part, unit),
            [&req, &ack, &data],
        );
    }
    let (delays, gap) = delays_and_gap(w, MapId::new(map), &parts);
    let depth = delays.iter().copied().max().unwrap_or(0) + 1;
    let list = |numbers: Vec<u32>, bits: u32| {
        let words: Vec<String> = numbers.iter().rev().map(|number| format!("{bits}'d{number}")).collect();
        format!("{{{}}}", words.join(", "))
    };
    let ends = parts.iter().map(|(_, part, unit)| 8 * (part.offset + unit.map.value_size)).collect();
    let parameters = [
        ("PARTS", count.to_string()),
        ("VALUE_W", bits.to_string()),
        ("DEPTH", depth.to_string()),
        ("DELAYS", list(delays, 16)),
        ("ENDS", list(ends, 32)),
    ];
    let port = |port: &str, signal: String| (port.to_owned(), signal);
    let ports = [
        port("clk_i", String::new()),
        port("rst_i", String::new()),
        port("gap_i", gap),
        port("host_req_i", host("req", "i")),
        port("host_ack_o", host("ack", "o")),
        port("host_rdata_o", host("rdata", "o")),
        port("host_stall_o", host("stall", "o")),
        port("part_req_o", req),
        port("part_ack_i", ack),
        port("part_rdata_i", data),
    ];
    w.text.blank();
    w.text.instance("bpf_map_parts", &parameters, &format!("u_map_{name}"), &ports);
}

/// When the host's access is presented to each part, in clocks after a gap, and what a gap is. Where tokens never wait between the parts, the
/// access goes through them in the place of a token. Where they may, it waits until there is none in or between them.
fn delays_and_gap(w: &Writer<'_>, map: MapId, parts: &[(MapId, Part, &MapUnit)]) -> (Vec<u32>, String) {
    let (first, last) = w.p.stages_of_parts(map).unwrap_or((0, 0));
    let entrances = w.p.entrances_between_parts(map);
    if entrances.is_empty() && parts.iter().all(|(_, _, unit)| unit.guard.is_none()) {
        let stage = |unit: &MapUnit| unit.section_stage().unwrap_or(first);
        return (parts.iter().map(|(_, _, unit)| stage(unit) - first).collect(), format!("!{}", valid(first)));
    }
    let waiting = entrances.into_iter().map(|k| format!("!{}", section::idle(k)));
    let tokens: Vec<String> = (first..=last).map(valid).chain(waiting).collect();
    (vec![0; parts.len()], format!("!({})", tokens.join(" || ")))
}

/// One part: its number, itself.
fn ram(
    w: &mut Writer<'_>,
    [we, idx, wdata]: [&String; 3],
    (number, id, part, unit): (usize, MapId, Part, &MapUnit),
    [req, ack, data]: [&String; 3],
) {
    let name = w.cx.maps[id.index()].clone();
    let bytes = unit.map.value_size;
    let access = match unit.section_stage() {
        None => "The program does not use them".to_owned(),
        Some(stage) if unit.writes.is_empty() => format!("The pipeline only reads them, in stage {stage}"),
        Some(stage) if unit.reads.is_empty() => format!("The pipeline only writes them, in stage {stage}"),
        Some(stage) if unit.guard.is_none() => format!("Read and written as one step in stage {stage}"),
        Some(stage) => format!("Read in stage {stage}, written {} later", interlock_clocks(unit) - 1),
    };
    w.text.blank();
    w.text.comment(2, &format!("Bytes {} to {}. {access}.", part.offset, part.offset + bytes - 1));
    let mut ports: Vec<(String, String)> = vec![("clk_i".into(), String::new()), ("rst_i".into(), String::new())];
    ports.extend(reads(w, id.index(), unit, &name));
    ports.extend(writes(w, unit, &name));
    let stall = unread(w, &format!("unused_{name}_stall"), 1);
    let (lo, hi) = (8 * part.offset, 8 * (part.offset + bytes) - 1);
    let host = |port: &str, signal: String| (format!("host_{port}"), signal);
    ports.extend([
        host("req_i", format!("{req}[{number}]")),
        host("we_i", we.clone()),
        host("idx_i", idx.clone()),
        host("wdata_i", format!("{wdata}[{hi}:{lo}]")),
        host("ack_o", format!("{ack}[{number}]")),
        host("rdata_o", format!("{data}[{hi}:{lo}]")),
        host("block_i", "1'b0".to_owned()),
        host("stall_o", stall),
    ]);
    w.text.blank();
    let parameters = parameters(w.cx, id.index(), unit);
    w.text.instance("bpf_map_array", &parameters, &format!("u_map_{name}"), &ports);
}
