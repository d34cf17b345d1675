// SPDX-License-Identifier: Apache-2.0
//! The output of redirects where packets may go to all ports of a devmap: a FIFO that sends frames several times, and beside it what
//! the host writes into these maps.

use super::Context;
use super::core::{decls, hardware_maps, ports};
use super::text::{Decl, Text};
use crate::pipe::{MapUnit, Pipeline, Storage};

/// What is asked of the list of ports, and what it answers: bits and signal.
const SIGNALS: [(u32, &str); 6] =
    [(1, "copy_start"), (30, "copy_map"), (1, "copy_valid"), (1, "copy_end"), (31, "copy_port"), (1, "copy_take")];

/// Whether a packet may go to all ports of a map.
pub(super) fn is_needed(p: &Pipeline) -> bool {
    p.redirect.is_some() && maps(p).next().is_some()
}

fn maps(p: &Pipeline) -> impl Iterator<Item = (usize, &MapUnit)> {
    hardware_maps(p).filter(|(_, unit)| unit.map.broadcast)
}

/// Writes the FIFO and the lists.
pub(super) fn write(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    text.heading("redirects: copies for all ports of a map");
    decls(text, &SIGNALS);
    let mut own = Vec::new();
    for (map, _) in maps(p) {
        let name = &cx.maps[map];
        for (width, signal) in [(1, "here"), (1, "valid"), (1, "end"), (31, "port")] {
            own.push(Decl { width, name: format!("ports_{name}_{signal}"), comment: String::new() });
        }
    }
    text.decls(2, &own);
    text.blank();
    fifo(p, text);
    for (map, unit) in maps(p) {
        list(cx, map, unit, text);
    }
    text.blank();
    for signal in ["valid", "end", "port"] {
        let of = |(map, _): (usize, &MapUnit)| {
            let name = &cx.maps[map];
            let answer = format!("ports_{name}_{signal}");
            if signal == "port" {
                format!("({answer} & {{31{{ports_{name}_here}}}})")
            } else {
                format!("ports_{name}_here && {answer}")
            }
        };
        let with = if signal == "port" { " | " } else { " || " };
        let all: Vec<String> = maps(p).map(of).collect();
        text.code(2, &format!("assign copy_{signal} = {};", all.join(with)), "");
    }
}

fn fifo(p: &Pipeline, text: &mut Text) {
    let list = "next_m1_i need_m1_i waits_i single_i fits_o reserve_i wr_valid_i wr_data_i wr_last_i wr_length_i wr_modified_i wr_source_i wr_target_i \
                list_start_o list_map_o list_valid_i list_end_i list_port_i list_take_o m_axis_tdata_o \
                m_axis_tkeep_o m_axis_tvalid_o m_axis_tready_i m_axis_tlast_o m_axis_tuser_o target_o idle_o";
    let mut connected = ports(list, &[]);
    for (port, value) in &mut connected[2..] {
        *value = match value.as_str() {
            "next_m1" | "need_m1" => continue,
            "wr_valid" => "redirect_valid".to_owned(),
            "target" => "{m_axis_redirect_tid, m_axis_redirect_tdest}".to_owned(),
            plain if plain.starts_with("wr_") => plain.replace("wr_", "beat_"),
            plain if plain.starts_with("list_") => plain.replace("list_", "copy_"),
            plain if port.starts_with("m_axis") => plain.replace("m_axis_", "m_axis_redirect_"),
            plain => format!("redirect_{plain}"),
        };
    }
    let parameters = vec![
        ("BUS_W", "BUS_W".to_owned()),
        ("BYTES", "SINK_FIFO_BYTES".to_owned()),
        ("MAX_FRAME", if p.resize.is_none() { "MAX_FRAME".to_owned() } else { "MAX_FRAME + GROWTH".to_owned() }),
        ("AHEAD", "1".to_owned()),
    ];
    text.instance("bpf_replicate", &parameters, "u_redirect", &connected);
}

/// The ports in one map.
fn list(cx: &Context<'_>, map: usize, unit: &MapUnit, text: &mut Text) {
    let name = &cx.maps[map];
    let host = |suffix: &str| format!("host_{name}_{suffix}");
    let index = Pipeline::index_width(&unit.map) - 1;
    let (clear, set, slot, value) = if unit.map.kind.has_directory() {
        let gone = host("gone");
        let value = format!("{gone} ? 32'd0 : map_wdata[31:0]");
        (format!("!{}", host("ready")), format!("{} || {gone}", host("set")), host("slot"), value)
    } else {
        let written = format!("{} && map_we", host("ack"));
        ("1'b0".to_owned(), written, format!("map_idx[{index}:0]"), "map_wdata[31:0]".to_owned())
    };
    text.blank();
    text.code(2, &format!("assign ports_{name}_here = copy_map == 30'd{map};"), "");
    let mut connected = ports("", &[]);
    for (port, value) in [
        ("clear_i", clear),
        ("set_valid_i", set),
        ("set_idx_i", slot),
        ("set_value_i", value),
        ("start_i", format!("copy_start && ports_{name}_here")),
        ("valid_o", format!("ports_{name}_valid")),
        ("end_o", format!("ports_{name}_end")),
        ("port_o", format!("ports_{name}_port")),
        ("take_i", format!("copy_take && ports_{name}_here")),
    ] {
        connected.push((port.to_owned(), value));
    }
    // Flip-flops are empty after reset, RAM is not.
    let is_reset = u32::from(unit.storage == Storage::Registers && !unit.map.kind.has_directory());
    let parameters = [("ENTRIES", unit.map.slots().to_string()), ("RESET_CLEARS", is_reset.to_string())];
    text.instance("bpf_members", &parameters, &format!("u_ports_{name}"), &connected);
}
