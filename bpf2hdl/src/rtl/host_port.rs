// SPDX-License-Identifier: Apache-2.0
//! The host's side of `bpf_core.sv`: registers, and the decoding of its map window.

use super::Context;
use super::core::{Ports, Sizes, hardware_maps, ports};
use super::core_ports::AXI_LITE;
use super::directory::{Width, host_port};
use super::notes::printable;
use super::text::{Decl, Text};
use crate::ir::MapKind;
use crate::pipe::{MapUnit, Pipeline};

/// Signals of a map's host port: suffix, direction at the pipeline.
const MAP_PORT: [(&str, char); 7] =
    [("req", 'i'), ("we", 'i'), ("idx", 'i'), ("wdata", 'i'), ("ack", 'o'), ("rdata", 'o'), ("stall", 'o')];
/// What the registers have for maps with keys: signal, bits (0: of the longest key), what it is without such maps.
pub(super) const KEY_SIGNALS: [(&str, u32, Option<&str>); 13] = [
    ("map_op", 3, None),
    ("map_flags", 2, None),
    ("map_key", 0, None),
    ("map_found_key", 0, Some("'0")),
    ("map_key_load", 1, Some("1'b0")),
    ("map_load", 1, None),
    ("map_cursor", 32, Some("'0")),
    ("map_errno", 5, Some("'0")),
    ("map_entries", 32, Some("'0")),
    ("map_refused", 32, Some("'0")),
    ("maps_ready", 1, Some("1'b1")),
    ("seed", 128, None),
    ("seed_load", 1, None),
];

/// Declares the signals between decoder and pipeline, ahead of the pipeline.
pub(super) fn declare(cx: &Context<'_>, text: &mut Text) {
    let mut decls = Vec::new();
    for (map, unit) in hardware_maps(&cx.design.pipeline) {
        let name = &cx.maps[map];
        if unit.map.kind.has_directory() {
            let names = [("here", Width::Bits(1))].into_iter();
            let outputs =
                host_port(unit).iter().copied().filter(|(suffix, direction, _)| *direction == 'o' || *suffix == "req");
            for (suffix, width) in names.chain(outputs.map(|(suffix, _, width)| (suffix, width))) {
                let name = format!("host_{name}_{suffix}");
                decls.push(Decl { width: width.of(unit), name, comment: String::new() });
            }
            continue;
        }
        for suffix in ["here", "req", "ack", "stall"] {
            decls.push(Decl { width: 1, name: format!("host_{name}_{suffix}"), comment: String::new() });
        }
        decls.push(Decl { width: 8 * unit.map.value_size, name: format!("host_{name}_rdata"), comment: String::new() });
    }
    if !decls.is_empty() {
        text.decls(2, &decls);
    }
}

/// The pipeline's host ports.
pub(super) fn connections(cx: &Context<'_>) -> Ports {
    let mut ports = Vec::new();
    for (map, unit) in hardware_maps(&cx.design.pipeline) {
        let name = &cx.maps[map];
        if unit.map.kind.has_directory() {
            for &(suffix, direction, width) in host_port(unit) {
                let value = match suffix {
                    "op" | "flags" => format!("map_{suffix}"),
                    "flag" => "map_flags[0]".to_owned(),
                    "key" | "wdata" => format!("map_{suffix}[{}:0]", width.of(unit) - 1),
                    "cursor" | "index" => "map_idx".to_owned(),
                    "seed" | "seed_load" => suffix.to_owned(),
                    _ => format!("host_{name}_{suffix}"),
                };
                ports.push((format!("host_{name}_{suffix}_{direction}"), value));
            }
            continue;
        }
        for (suffix, direction) in MAP_PORT {
            let value = match suffix {
                "we" => "map_we".to_owned(),
                "idx" => format!("map_idx[{}:0]", Pipeline::index_width(&unit.map) - 1),
                "wdata" => format!("map_wdata[{}:0]", 8 * unit.map.value_size - 1),
                _ => format!("host_{name}_{suffix}"),
            };
            ports.push((format!("host_{name}_{suffix}_{direction}"), value));
        }
    }
    ports
}

/// Writes the decoder and the registers.
pub(super) fn write(cx: &Context<'_>, sizes: &Sizes, text: &mut Text) {
    text.heading("the host's window to the maps");
    decoder(cx, sizes, text);
    text.heading("registers");
    let mut list: String = AXI_LITE.iter().map(|(name, direction, _)| format!("{name}_{direction} ")).collect();
    list.push_str(
        "lossless_o idle_i rx_valid_i rx_length_i verdict_valid_i verdict_action_i verdict_length_i pass_lost_i tx_lost_i \
         redirect_lost_i redirect_nowhere_i event_record_i event_lost_i stall_i arrival_we_o arrival_wdata_o time_i time_rate_i time_step_i \
         map_sel_o map_idx_o map_req_o map_we_o map_wdata_o map_ack_i map_rdata_i map_error_i map_op_o map_flags_o map_key_o \
         map_key_i map_key_load_i map_load_i map_cursor_i map_errno_i map_entries_i map_refused_i ready_i seed_o seed_load_o",
    );
    let others = [
        ("idle_i", "ingress_idle && splice_idle && pass_idle && tx_idle && redirect_idle && event_idle"),
        ("rx_valid_i", "received_valid"),
        ("rx_length_i", "received_length"),
        ("verdict_valid_i", "mon_valid"),
        ("verdict_action_i", "mon_action"),
        ("verdict_length_i", "mon_received"),
        ("map_key_i", "map_found_key"),
        ("time_i", "token_time"),
        ("ready_i", "maps_ready"),
    ];
    let parameters = [
        ("BUS_BITS", "BUS_W".to_owned()),
        ("MAP_COUNT", "MAP_COUNT".to_owned()),
        ("BUILD_ID", "BUILD_ID".to_owned()),
        ("MAX_VALUE_BYTES", sizes.max_value.to_string()),
        ("MAX_KEY_BYTES", sizes.max_key.to_string()),
    ];
    text.instance("bpf_csr", &parameters, "u_csr", &ports(&list, &others));
}

fn decoder(cx: &Context<'_>, sizes: &Sizes, text: &mut Text) {
    let p = &cx.design.pipeline;
    let names: Vec<&str> = hardware_maps(p).map(|(map, _)| cx.maps[map].as_str()).collect();
    for (map, unit) in p.whole_maps().enumerate() {
        let shape = format!("{} x {} bytes", unit.map.max_entries, unit.map.value_size);
        let where_ = if names.contains(&cx.maps[map].as_str()) { shape } else { "not in hardware".to_owned() };
        text.remark(2, &format!("MAP_SELECT {map}: {}, {where_}", printable(&unit.map.name)));
    }
    if names.is_empty() {
        no_maps(cx, text, sizes);
        return;
    }
    for (map, unit) in hardware_maps(p) {
        let (name, entries) = (&cx.maps[map], unit.map.max_entries);
        let here = match unit.map.kind {
            // Words of its tables are written.
            MapKind::LpmTrie => format!("map_sel == 32'd{map} && (map_op[2] || map_we)"),
            kind if kind.is_hash() => format!("map_sel == 32'd{map} && map_op[2]"),
            _ => format!("map_sel == 32'd{map} && !map_op[2] && map_idx < 32'd{entries}"),
        };
        text.line(2, "always_ff @(posedge clk)");
        text.code(4, &format!("host_{name}_here <= {here};"), "");
        text.line(2, &format!("assign host_{name}_req = map_req && host_{name}_here;"));
    }
    text.blank();
    let any = |suffix: &str| names.iter().map(|n| format!("host_{n}_{suffix}")).collect::<Vec<_>>().join(" || ");
    text.code(2, &format!("assign map_error = !({});", any("here")), "no such entry");
    text.code(2, &format!("assign map_ack   = {};", any("ack")), "");
    text.code(
        2,
        &format!("assign hold      = {} || !maps_ready;", any("stall")),
        "the host waits for a gap, or a map is cleared",
    );
    let loads = hardware_maps(p).map(|(map, unit)| {
        let name = &cx.maps[map];
        if unit.map.kind.has_directory() { format!("host_{name}_load") } else { format!("host_{name}_ack && !map_we") }
    });
    text.code(2, &format!("assign map_load  = {};", loads.collect::<Vec<_>>().join(" || ")), "");
    text.blank();
    text.line(2, "always_comb begin");
    text.line(4, "map_rdata = '0;");
    for (map, unit) in hardware_maps(p) {
        let (name, bits) = (&cx.maps[map], 8 * unit.map.value_size);
        text.code(4, &format!("if (host_{name}_here) map_rdata[{}:0] = host_{name}_rdata;", bits - 1), "");
    }
    text.line(2, "end");
    keys(cx, text);
    let beyond = 8 * sizes.max_value;
    if beyond < sizes.csr_bits {
        text.blank();
        text.comment(2, "The data window has whole words.");
        text.line(2, "logic unused_map_wdata;");
        text.line(2, &format!("assign unused_map_wdata = ^map_wdata[{}:{beyond}];", sizes.csr_bits - 1));
    }
}

fn no_maps(cx: &Context<'_>, text: &mut Text, sizes: &Sizes) {
    text.comment(2, "No map is in hardware: every access is an error.");
    text.line(2, "assign map_ack   = 1'b0;");
    text.line(2, "assign map_error = 1'b1;");
    text.line(2, &format!("assign map_rdata = {}'h0;", sizes.csr_bits));
    text.line(2, "assign hold      = 1'b0;");
    text.line(2, "assign map_load  = 1'b0;");
    keys(cx, text);
    text.blank();
    text.line(2, "logic unused_map_access;");
    text.line(2, "assign unused_map_access = ^{map_sel, map_idx, map_req, map_we, map_wdata, map_op[2]};");
}

/// What maps with keys answer; constants where there is none.
fn keys(cx: &Context<'_>, text: &mut Text) {
    let maps: Vec<(usize, &MapUnit)> =
        hardware_maps(&cx.design.pipeline).filter(|(_, unit)| unit.map.kind.has_directory()).collect();
    text.blank();
    if maps.is_empty() {
        let row = |name: &str, value: &str| (name.to_owned(), value.to_owned(), String::new());
        let constants = KEY_SIGNALS.iter().filter_map(|(name, _, without)| Some(row(name, (*without)?)));
        text.comment(2, "No map has keys.");
        text.assigns(2, "=", "assign ", &constants.collect::<Vec<_>>());
        text.blank();
        text.line(2, "logic unused_keys;");
        text.line(2, "assign unused_keys = ^{map_op[1:0], map_flags, map_key, seed, seed_load};");
        return;
    }
    let all = |suffix: &str, with: &str| {
        let having = maps.iter().filter(|(_, unit)| host_port(unit).iter().any(|signal| signal.0 == suffix));
        having.map(|(map, _)| format!("host_{}_{suffix}", cx.maps[*map])).collect::<Vec<_>>().join(with)
    };
    // LPM tries have no seed, and are empty at once.
    let ready = all("ready", " && ");
    let ready = if ready.is_empty() { "1'b1".to_owned() } else { ready };
    text.code(2, &format!("assign maps_ready   = {ready};"), "");
    text.code(2, &format!("assign map_key_load = {};", all("key_load", " || ")), "");
    text.blank();
    text.line(2, "always_comb begin");
    for name in ["map_found_key", "map_cursor", "map_errno", "map_entries", "map_refused"] {
        text.line(4, &format!("{name} = '0;"));
    }
    for (map, unit) in &maps {
        let name = &cx.maps[*map];
        text.line(4, &format!("if (map_sel == 32'd{map}) begin"));
        text.line(6, &format!("map_found_key[{}:0] = host_{name}_found_key;", 8 * unit.map.key_size - 1));
        for (to, from) in [
            ("map_cursor", "next_cursor"),
            ("map_errno", "errno"),
            ("map_entries", "entries"),
            ("map_refused", "refused"),
        ] {
            if host_port(unit).iter().any(|signal| signal.0 == from) {
                text.line(6, &format!("{to} = host_{name}_{from};"));
            }
        }
        text.line(4, "end");
    }
    text.line(2, "end");
    if maps.iter().all(|(_, unit)| !unit.map.kind.is_hash()) {
        text.blank();
        text.comment(2, "No map has flags and a seed.");
        text.line(2, "logic unused_flags;");
        text.line(2, "assign unused_flags = ^{map_flags[1], seed, seed_load};");
    }
    if hardware_maps(&cx.design.pipeline).all(|(_, unit)| unit.map.kind.is_hash()) {
        text.blank();
        text.comment(2, "No map is written by index.");
        text.line(2, "logic unused_map_we;");
        text.line(2, "assign unused_map_we = map_we;");
    }
    let longest = maps.iter().map(|(_, unit)| 8 * unit.map.key_size).max().unwrap_or(0);
    if longest % 32 != 0 {
        text.blank();
        text.line(2, "logic unused_map_key;");
        let top = longest.next_multiple_of(32) - 1;
        text.line(2, &format!("assign unused_map_key = ^map_key[{top}:{longest}];"));
    }
}
