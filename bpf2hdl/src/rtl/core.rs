// SPDX-License-Identifier: Apache-2.0
//! `bpf_core.sv`: the pipeline among the modules of the hardware library. The same ports for every program.

use super::extent::{self, ExtentPlan};
use super::result::ResultWord;
use super::text::{Decl, Text};
use super::{Context, arrival, core_ports, core_signals, events, host_port, pipeline, replicate};
use crate::pipe::{Pipeline, Storage};

/// Ports of the instances: name and what it is connected to.
pub(super) type Ports = Vec<(String, String)>;

/// Numbers that several parts need.
pub(super) struct Sizes {
    /// Bits of the packet buses.
    pub(super) bus: u32,
    /// `EDIT_BYTES` of the splice.
    pub(super) edit_bytes: u32,
    /// Bytes of metadata that come first in the edit vectors.
    pub(super) meta_bytes: u32,
    /// Bytes of the edit vectors: at least one.
    pub(super) edits: u32,
    /// Bits of the registers' data window.
    pub(super) csr_bits: u32,
    /// Bytes of the largest value.
    pub(super) max_value: u32,
    /// Bytes of the longest key of a hash map; 0 without one.
    pub(super) max_key: u32,
}

impl Sizes {
    /// Bits of the registers' key window.
    pub(super) fn key_bits(&self) -> u32 {
        8 * self.max_key.next_multiple_of(4).max(4)
    }
}

/// Writes the module.
pub(super) fn module(cx: &Context<'_>) -> String {
    let p = &cx.design.pipeline;
    let word = ResultWord::new(p);
    let meta_bytes = p.resize.most_metadata().unsigned_abs();
    let frame_edits = p.edits.last().and_then(|e| u32::try_from(e.offset + 1).ok()).unwrap_or(0);
    // With metadata there is a byte of the frame, too.
    let edit_bytes = if meta_bytes > 0 { meta_bytes + frame_edits.max(1) } else { frame_edits };
    let max_value = hardware_maps(p).map(|(_, m)| m.map.value_size).max().unwrap_or(0);
    let sizes = Sizes {
        bus: cx.design.options.bus_bits,
        edit_bytes,
        meta_bytes,
        edits: edit_bytes.max(1),
        csr_bits: 32 * max_value.div_ceil(4).max(1),
        max_value,
        max_key: hardware_maps(p)
            .filter(|(_, m)| m.map.kind.has_directory())
            .map(|(_, m)| m.map.key_size)
            .max()
            .unwrap_or(0),
    };
    let mut text = Text::default();
    core_ports::write(cx, &mut text);
    core_signals::write(cx, &sizes, word.width(), &mut text);
    ingress(cx, &mut text);
    arrival::write(cx, &mut text);
    program(cx, &mut text);
    results(cx, &sizes, &word, &mut text);
    splice(cx, &mut text);
    sinks(cx, &mut text);
    events::write(cx, &mut text);
    host_port::write(cx, &sizes, &mut text);
    text.line(0, "endmodule");
    text.blank();
    text.line(0, "`default_nettype wire");
    text.finish()
}

/// The maps that are in hardware, with their index.
pub(super) fn hardware_maps(p: &Pipeline) -> impl Iterator<Item = (usize, &crate::pipe::MapUnit)> {
    p.whole_maps().enumerate().filter(|(_, m)| m.storage != Storage::None)
}

/// Declares signals: bits and name.
pub(super) fn decls(text: &mut Text, rows: &[(u32, &str)]) {
    let rows: Vec<Decl> = rows
        .iter()
        .map(|(width, name)| Decl { width: *width, name: (*name).to_owned(), comment: String::new() })
        .collect();
    text.decls(2, &rows);
}

/// Ports connected to signals of the same name, `_i` or `_o` taken off, unless a pair says otherwise.
pub(super) fn ports(list: &str, others: &[(&str, &str)]) -> Ports {
    let mut ports: Ports = vec![("clk_i".into(), "clk".into()), ("rst_i".into(), "rst".into())];
    for port in list.split_whitespace() {
        let other = others.iter().find(|(p, _)| *p == port);
        let plain = port.trim_end_matches("_i").trim_end_matches("_o");
        ports.push((port.into(), other.map_or(plain, |(_, value)| value).to_owned()));
    }
    ports
}

fn parameters<'a>(names: &[&'a str]) -> Vec<(&'a str, String)> {
    names.iter().map(|n| (*n, (*n).to_owned())).collect()
}

fn ingress(cx: &Context<'_>, text: &mut Text) {
    text.heading("frames in: beats to the packet buffer, a token to the pipeline");
    let list = "s_axis_tdata_i s_axis_tkeep_i s_axis_tvalid_i s_axis_tready_o s_axis_tlast_i s_axis_tuser_i buf_valid_o buf_data_o \
                len_valid_o len_length_o len_left_o len_oversize_o len_source_o buf_room_i token_valid_o token_window_o token_length_o token_ifindex_o \
                token_rx_queue_o token_start_o credit_return_i hold_i stall_o idle_o";
    let others = [
        ("buf_data_o", "buf_wdata"),
        ("len_valid_o", "received_valid"),
        ("len_length_o", "received_length"),
        ("len_left_o", "received_left"),
        ("len_oversize_o", "received_oversize"),
        ("len_source_o", "received_source"),
        ("credit_return_i", "result_pop"),
        ("buf_room_i", "buf_room && event_ring_room"),
        ("hold_i", "hold || event_hold"),
        ("idle_o", "ingress_idle"),
    ];
    let names = ["BUS_W", "WINDOW_BYTES", "TOKEN_MIN_BYTES", "FULL_LENGTH", "RESULT_DEPTH", "MAX_FRAME"];
    let mut all = parameters(&names);
    let interval = cx.design.pipeline.interval;
    if interval > 1 {
        all.push(("INTERVAL", interval.to_string()));
    }
    text.instance("bpf_ingress", &all, "u_ingress", &ports(list, &others));
    unused_token(cx, text);
    text.blank();
    let list = "wr_valid_i wr_data_i wr_len_valid_i wr_length_i wr_left_i wr_oversize_i wr_source_i room_o len_valid_o len_length_o len_left_o \
                len_oversize_o len_pop_i source_load_i source_pop_i source_o rd_ptr_i rd_data_o";
    let others = [
        ("wr_valid_i", "buf_valid"),
        ("wr_data_i", "buf_wdata"),
        ("wr_len_valid_i", "received_valid"),
        ("wr_length_i", "received_length"),
        ("wr_left_i", "received_left"),
        ("wr_oversize_i", "received_oversize"),
        ("wr_source_i", "received_source"),
        ("source_o", "stored_source"),
        ("room_o", "buf_room"),
        ("len_valid_o", "stored_valid"),
        ("len_length_o", "stored_length"),
        ("len_left_o", "stored_left"),
        ("len_oversize_o", "stored_oversize"),
        ("len_pop_i", "stored_pop"),
        ("rd_ptr_i", "buf_pointer"),
        ("rd_data_o", "buf_rdata"),
    ];
    let parameters = vec![
        ("BUS_W", "BUS_W".to_owned()),
        ("BYTES", "PACKET_BUFFER_BYTES".to_owned()),
        ("LENGTHS", "RESULT_DEPTH".to_owned()),
        ("MAX_FRAME", "MAX_FRAME".to_owned()),
    ];
    text.instance("bpf_packet_buffer", &parameters, "u_packet_buffer", &ports(list, &others));
}

/// The parts of the token that the program does not look at.
fn unused_token(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    let used: Vec<&str> = pipeline::inputs(p).into_iter().map(|(_, name)| name).collect();
    let mut unused: Vec<&str> = ["token_length", "token_ifindex", "token_rx_queue", "token_start"]
        .into_iter()
        .filter(|name| !used.contains(name))
        .collect();
    if p.window_bytes == 0 {
        unused.push("token_window");
    }
    if unused.is_empty() {
        return;
    }
    text.blank();
    text.comment(2, "The program does not look at these.");
    text.line(2, "logic unused_token;");
    text.line(2, &format!("assign unused_token = ^{{{}}};", unused.join(", ")));
}

fn program(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    text.heading("the program");
    host_port::declare(cx, text);
    let mut list = "token_valid_i".to_owned();
    if p.window_bytes > 0 {
        list.push_str(" token_window_i");
    }
    for (_, name) in pipeline::inputs(p) {
        list.push_str(&format!(" {name}_i"));
    }
    if pipeline::loads_far(p) {
        list.push_str(" packet_valid_i packet_data_i");
    }
    list.push_str(" result_valid_o result_o");
    let others = [
        ("packet_valid_i", "buf_valid"),
        ("packet_data_i", "buf_wdata"),
        ("result_valid_o", "done_valid"),
        ("result_o", "done"),
    ];
    let mut ports = ports(&list, &others);
    ports.extend(events::connections(p));
    ports.extend(host_port::connections(cx));
    text.instance(&cx.module.pipeline(), &[], "u_pipeline", &ports);
}

fn results(cx: &Context<'_>, sizes: &Sizes, word: &ResultWord, text: &mut Text) {
    let p = &cx.design.pipeline;
    text.heading("results: a queue, then the constant bits");
    decls(text, &[(1, "unused_results_ready"), (1, "unused_results_idle")]);
    text.blank();
    let list = "wr_valid_i wr_ready_o wr_data_i rd_valid_o rd_ready_i rd_data_o idle_o";
    let others = [
        ("wr_valid_i", "done_valid"),
        ("wr_ready_o", "unused_results_ready"),
        ("wr_data_i", "done"),
        ("rd_valid_o", "result_valid"),
        ("rd_ready_i", "result_pop"),
        ("rd_data_o", "result"),
        ("idle_o", "unused_results_idle"),
    ];
    text.comment(2, "Can not overflow: the ingress holds credits for it.");
    let parameters = vec![("WIDTH", word.width().to_string()), ("DEPTH", "RESULT_DEPTH".to_owned())];
    text.instance("bpf_fifo", &parameters, "u_results", &ports(list, &others));
    text.blank();
    let mut rows = vec![("action".to_owned(), word.unpack(&p.action, "result"), String::new())];
    let target = p.redirect.as_ref().map(|target| {
        let (kind, number) = (word.unpack(&target.kind, "result"), word.unpack(&target.number, "result"));
        format!("{{{kind}, {number}}}")
    });
    rows.push(("target".to_owned(), target.unwrap_or_else(|| "34'h0".to_owned()), String::new()));
    let mut end = 0;
    for edit in &p.edits {
        let offset = u32::try_from(edit.offset + sizes.meta_bytes as i32).unwrap_or(0);
        untouched(&mut rows, end, offset, sizes.edits);
        rows.push((
            element("edit_mask", offset, 1, sizes.edits),
            word.unpack(&edit.when, "result"),
            format!("byte {}", edit.offset),
        ));
        rows.push((element("edit_data", offset, 8, sizes.edits), word.unpack(&edit.data, "result"), String::new()));
        end = offset + 1;
    }
    untouched(&mut rows, end, sizes.edits, sizes.edits);
    rows.extend(extent::assignments(p, word));
    text.assigns(2, "=", "assign ", &rows);
    if word.is_constant() {
        text.blank();
        text.comment(2, "The verdict is always the same.");
        text.line(2, "logic unused_result;");
        text.line(2, "assign unused_result = result;");
    }
}

fn element(vector: &str, offset: u32, bits: u32, edits: u32) -> String {
    super::signals::select(vector, bits * edits, bits * offset, bits)
}

/// Bytes `from .. to`, which the program never writes.
fn untouched(rows: &mut Vec<(String, String, String)>, from: u32, to: u32, edits: u32) {
    if from == to {
        return;
    }
    let slice = |vector: &str, bits: u32| super::signals::select(vector, bits * edits, bits * from, bits * (to - from));
    rows.push((slice("edit_mask", 1), "'0".to_owned(), "never written".to_owned()));
    rows.push((slice("edit_data", 8), "'0".to_owned(), String::new()));
}

fn splice(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    text.heading("verdict and frame meet");
    let list = "lossless_i res_valid_i res_action_i res_edit_mask_i res_edit_data_i res_target_i res_pop_o len_valid_i len_length_i len_left_i len_oversize_i \
                len_pop_o source_load_o source_pop_o source_i buf_ptr_o buf_data_i next_m1_o need_m1_o pass_fits_i tx_fits_i redirect_fits_i \
                pass_waits_o tx_waits_o redirect_waits_o pass_single_o tx_single_o redirect_single_o pass_reserve_o tx_reserve_o redirect_reserve_o pass_valid_o tx_valid_o redirect_valid_o beat_data_o beat_last_o beat_length_o beat_modified_o \
                beat_source_o beat_target_o mon_valid_o mon_action_o mon_length_o mon_received_o mon_target_o pass_lost_o tx_lost_o \
                redirect_lost_o redirect_nowhere_o idle_o";
    let others = [
        ("res_valid_i", "result_valid"),
        ("res_action_i", "action"),
        ("res_edit_mask_i", "edit_mask"),
        ("res_edit_data_i", "edit_data"),
        ("res_target_i", "target"),
        ("mon_target_o", "{mon_tid, mon_tdest}"),
        ("res_pop_o", "result_pop"),
        ("len_valid_i", "stored_valid"),
        ("len_length_i", "stored_length"),
        ("len_left_i", "stored_left"),
        ("len_oversize_i", "stored_oversize"),
        ("len_pop_o", "stored_pop"),
        ("source_i", "stored_source"),
        ("buf_ptr_o", "buf_pointer"),
        ("buf_data_i", "buf_rdata"),
        ("idle_o", "splice_idle"),
    ];
    let names = ["BUS_W", "EDIT_BYTES", "PACKET_BUFFER_BYTES"];
    let mut parameters = parameters(&names);
    parameters.extend(ExtentPlan::new(p, cx.design.options.bus_bits).iter().flat_map(ExtentPlan::parameters));
    let mut ports = ports(list, &others);
    ports.extend(extent::connections(p));
    text.instance("bpf_splice", &parameters, "u_splice", &ports);
}

/// The output FIFOs; that of redirects only where the program has targets.
fn sinks(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    extent::pass_user(p, text);
    sink(p, "pass", text);
    sink(p, "tx", text);
    if replicate::is_needed(p) {
        replicate::write(cx, text);
    } else if p.redirect.is_some() {
        sink(p, "redirect", text);
    } else {
        no_redirects(text);
    }
}

fn sink(p: &Pipeline, sink: &str, text: &mut Text) {
    let is_redirect = sink == "redirect";
    let has_metadata = sink == "pass" && p.resize.metadata.is_some();
    text.blank();
    if !is_redirect && !has_metadata {
        text.line(2, &format!("logic unused_{sink}_target;"));
    }
    let list = "next_m1_i need_m1_i waits_i single_i fits_o reserve_i wr_valid_i wr_data_i wr_last_i wr_length_i wr_modified_i wr_source_i wr_target_i m_axis_tdata_o \
                m_axis_tkeep_o m_axis_tvalid_o m_axis_tready_i m_axis_tlast_o m_axis_tuser_o target_o idle_o";
    let mut connected = ports(list, &[]);
    for (port, value) in &mut connected[2..] {
        let plain = value.clone();
        *value = match plain.as_str() {
            "next_m1" | "need_m1" => plain,
            "wr_valid" => format!("{sink}_valid"),
            "wr_target" if has_metadata => "beat_metadata".to_owned(),
            "target" if has_metadata => "pass_metadata".to_owned(),
            "m_axis_tuser" if has_metadata => "pass_user".to_owned(),
            "wr_target" if !is_redirect => "1'b0".to_owned(),
            "target" if is_redirect => "{m_axis_redirect_tid, m_axis_redirect_tdest}".to_owned(),
            "target" => format!("unused_{sink}_target"),
            "wr_data" | "wr_last" | "wr_length" | "wr_modified" | "wr_source" | "wr_target" => {
                plain.replace("wr_", "beat_")
            }
            other if port.starts_with("m_axis") => other.replace("m_axis_", &format!("m_axis_{sink}_")),
            other => format!("{sink}_{other}"),
        };
    }
    let mut parameters = vec![
        ("BUS_W", "BUS_W".to_owned()),
        ("BYTES", "SINK_FIFO_BYTES".to_owned()),
        ("MAX_FRAME", if p.resize.is_none() { "MAX_FRAME".to_owned() } else { "MAX_FRAME + GROWTH".to_owned() }),
        ("AHEAD", "1".to_owned()),
    ];
    if is_redirect || has_metadata {
        parameters.push(("TARGET_W", if is_redirect { "34".to_owned() } else { "8".to_owned() }));
    }
    text.instance("bpf_sink_fifo", &parameters, &format!("u_{sink}"), &connected);
}

/// The outputs of a program that never names a target.
fn no_redirects(text: &mut Text) {
    text.blank();
    text.comment(2, "The program names no target: nothing leaves by this output.");
    let zero = |name: &str| (name.to_owned(), "'0".to_owned(), String::new());
    let mut rows: Vec<_> = ["tdata", "tkeep", "tvalid", "tlast", "tuser", "tid", "tdest"]
        .iter()
        .map(|name| zero(&format!("m_axis_redirect_{name}")))
        .collect();
    rows.push(zero("redirect_fits"));
    rows.push(("redirect_idle".to_owned(), "1'b1".to_owned(), String::new()));
    text.assigns(2, "=", "assign ", &rows);
    text.line(2, "logic unused_redirect;");
    text.line(2, "assign unused_redirect = ^{m_axis_redirect_tready, redirect_waits, redirect_single, redirect_reserve, redirect_valid, beat_target};");
}
