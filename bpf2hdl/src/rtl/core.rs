// SPDX-License-Identifier: Apache-2.0
//! `bpf_core.sv`: the pipeline among the modules of the hardware library. The same ports for every program.

use super::notes::printable;
use super::result::ResultWord;
use super::text::{Decl, Text, count, logic};
use super::{Context, MAX_FRAME_BYTES, host_port, latency, pipeline};
use crate::pipe::{Pipeline, Storage};

/// Ports of the instances: name and what it is connected to.
pub(super) type Ports = Vec<(String, String)>;

/// Numbers that several parts need.
pub(super) struct Sizes {
    pub(super) bus: u32,
    /// `EDIT_BYTES` of the splice.
    edit_bytes: u32,
    /// Bytes of the edit vectors: at least one.
    edits: u32,
    pub(super) csr_bits: u32,
    pub(super) max_value: u32,
}

/// Writes the module.
pub(super) fn module(cx: &Context<'_>) -> String {
    let p = &cx.design.pipeline;
    let word = ResultWord::new(p);
    let edit_bytes = p.edits.iter().map(|e| u32::from(e.offset) + 1).max().unwrap_or(0);
    let max_value = hardware_maps(p).map(|(_, m)| m.map.value_size).max().unwrap_or(0);
    let sizes = Sizes {
        bus: cx.design.options.bus_bits,
        edit_bytes,
        edits: edit_bytes.max(1),
        csr_bits: 32 * max_value.div_ceil(4).max(1),
        max_value,
    };
    let mut text = Text::default();
    head(cx, &sizes, &mut text);
    self::sizes(cx, &sizes, &mut text);
    signals(cx, &sizes, &word, &mut text);
    ingress(cx, &mut text);
    program(cx, &mut text);
    results(cx, &sizes, &word, &mut text);
    splice(&mut text);
    sinks(&mut text);
    host_port::write(cx, &sizes, &mut text);
    text.line(0, "endmodule");
    text.blank();
    text.line(0, "`default_nettype wire");
    text.finish()
}

/// The maps that are in hardware, with their index.
pub(super) fn hardware_maps(p: &Pipeline) -> impl Iterator<Item = (usize, &crate::pipe::MapUnit)> {
    p.maps.iter().enumerate().filter(|(_, m)| m.storage != Storage::None)
}

fn head(cx: &Context<'_>, sizes: &Sizes, text: &mut Text) {
    let p = &cx.design.pipeline;
    let (bus, keep) = (logic(sizes.bus), logic(sizes.bus / 8));
    cx.preamble(text);
    text.doc(&format!(
        "Runs the XDP program `{}` on every frame from the MAC: drop, pass to the DMA, or back to the MAC.",
        printable(&p.name)
    ));
    text.line(0, "///");
    text.doc(
        "All ports are synchronous to `clk`; `rst` is synchronous, active high. Byte 0 of a frame is tdata[7:0]; tkeep is \
         contiguous, and all ones except on the last beat. Frames are whole good Ethernet frames without FCS.",
    );
    text.doc(&format!(
        "Latency from the first beat of a one-beat frame to its first output beat: {} clocks.",
        latency::core_clocks(p)
    ));
    text.line(0, "module bpf_core (");
    let mut rows: Vec<(&str, String, String, &str)> = Vec::new();
    let one = || "logic".to_owned();
    rows.push(("input ", one(), "clk".into(), ""));
    rows.push(("input ", one(), "rst".into(), ""));
    rows.push(("", String::new(), "from the MAC".into(), ""));
    rows.push(("input ", bus.clone(), "s_axis_tdata".into(), ""));
    rows.push(("input ", keep.clone(), "s_axis_tkeep".into(), ""));
    rows.push(("input ", one(), "s_axis_tvalid".into(), ""));
    rows.push(("output", one(), "s_axis_tready".into(), ""));
    rows.push(("input ", one(), "s_axis_tlast".into(), ""));
    rows.push(("input ", logic(32), "s_axis_tuser".into(), "first beat: [15:0] ingress_ifindex, [31:16] rx_queue_index"));
    for (sink, title) in [("pass", "XDP_PASS, to the DMA"), ("tx", "XDP_TX, to the MAC")] {
        rows.push(("", String::new(), title.into(), ""));
        rows.push(("output", bus.clone(), format!("m_axis_{sink}_tdata"), ""));
        rows.push(("output", keep.clone(), format!("m_axis_{sink}_tkeep"), ""));
        rows.push(("output", one(), format!("m_axis_{sink}_tvalid"), ""));
        rows.push(("input ", one(), format!("m_axis_{sink}_tready"), ""));
        rows.push(("output", one(), format!("m_axis_{sink}_tlast"), ""));
        rows.push(("output", logic(32), format!("m_axis_{sink}_tuser"), "[15:0] frame length in bytes, [16] frame was modified"));
    }
    rows.push(("", String::new(), "AXI4-Lite registers".into(), ""));
    for (name, direction, width) in AXI_LITE {
        rows.push((if *direction == 'i' { "input " } else { "output" }, logic(*width), (*name).into(), ""));
    }
    rows.push(("", String::new(), "one pulse per packet, in arrival order, when its verdict is carried out".into(), ""));
    rows.push(("output", one(), "mon_valid".into(), ""));
    rows.push(("output", logic(3), "mon_action".into(), "0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect"));
    rows.push(("output", logic(16), "mon_length".into(), "bytes, after edits"));
    let last = rows.len() - 1;
    let wide = bus.len();
    let mut lines = Vec::new();
    for (i, (direction, kind, name, comment)) in rows.into_iter().enumerate() {
        let comma = if i < last { "," } else { "" };
        let title = direction.is_empty();
        let line = if title { format!("// {name}") } else { format!("{direction} {kind:wide$} {name}{comma}") };
        lines.push((line, comment.to_owned()));
    }
    text.aligned(2, &lines);
    text.line(0, ");");
}

/// Name, direction, bits.
pub(super) const AXI_LITE: &[(&str, char, u32)] = &[
    ("s_axil_awaddr", 'i', 16),
    ("s_axil_awvalid", 'i', 1),
    ("s_axil_awready", 'o', 1),
    ("s_axil_wdata", 'i', 32),
    ("s_axil_wstrb", 'i', 4),
    ("s_axil_wvalid", 'i', 1),
    ("s_axil_wready", 'o', 1),
    ("s_axil_bresp", 'o', 2),
    ("s_axil_bvalid", 'o', 1),
    ("s_axil_bready", 'i', 1),
    ("s_axil_araddr", 'i', 16),
    ("s_axil_arvalid", 'i', 1),
    ("s_axil_arready", 'o', 1),
    ("s_axil_rdata", 'o', 32),
    ("s_axil_rresp", 'o', 2),
    ("s_axil_rvalid", 'o', 1),
    ("s_axil_rready", 'i', 1),
];

fn decls(text: &mut Text, rows: &[(u32, &str)]) {
    let rows: Vec<Decl> =
        rows.iter().map(|(width, name)| Decl { width: *width, name: (*name).to_owned(), comment: String::new() }).collect();
    text.decls(2, &rows);
}

fn sizes(cx: &Context<'_>, sizes: &Sizes, text: &mut Text) {
    let p = &cx.design.pipeline;
    let clocks = count(latency::pipeline_clocks(p), "clock");
    let in_flight = format!("tokens in flight; the pipeline takes {clocks}");
    let constants: [(&str, u32, &str); 10] = [
        ("BUS_W", sizes.bus, "bits"),
        ("MAX_FRAME", MAX_FRAME_BYTES, "bytes"),
        ("WINDOW_BYTES", p.window_bytes, "packet bytes that the program reads"),
        ("TOKEN_MIN_BYTES", p.token_min_bytes, "bytes of a frame that decide every comparison with its length"),
        ("FULL_LENGTH", p.full_length.into(), "1: the program needs the exact length"),
        ("EDIT_BYTES", sizes.edit_bytes, "packet bytes that the program may write"),
        ("RESULT_DEPTH", cx.depths.results, &in_flight),
        ("PACKET_BUFFER_BYTES", cx.depths.packet_buffer, ""),
        ("SINK_FIFO_BYTES", cx.depths.sink, "each of the two"),
        ("MAP_COUNT", p.maps.len() as u32, ""),
    ];
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let mut add = |name: &str, value: String, comment: &str| rows.push((name.into(), value, comment.into()));
    for (name, value, comment) in constants {
        add(name, value.to_string(), comment);
    }
    add("POINTER_W", "$clog2(PACKET_BUFFER_BYTES / (BUS_W / 8)) + 1".into(), "");
    add("BEATS_W", "16 - $clog2(BUS_W / 8)".into(), "");
    text.assigns(2, "=", "localparam int unsigned ", &rows);
    let id: String = cx.build_id.iter().rev().map(|b| format!("{b:02x}")).collect();
    text.line(2, &format!("localparam logic [255:0] BUILD_ID = 256'h{id};"));
}

fn signals(cx: &Context<'_>, sizes: &Sizes, word: &ResultWord, text: &mut Text) {
    let (bus, edits, result, csr) = (sizes.bus, sizes.edits, word.width(), sizes.csr_bits);
    let window = (8 * cx.design.pipeline.window_bytes).max(1);
    let groups: [(&str, &[(u32, &str)]); 9] = [
        ("beats in the packet buffer", &[(1, "buf_valid"), (bus, "buf_wdata"), (1, "buf_room"), (bus, "buf_rdata")]),
        ("lengths of frames as they arrive, and as they leave the queue", &[
            (1, "received_valid"), (16, "received_length"), (1, "received_oversize"),
            (1, "stored_valid"), (16, "stored_length"), (1, "stored_oversize"), (1, "stored_pop"),
        ]),
        ("token", &[
            (1, "token_valid"), (window, "token_window"), (16, "token_length"), (16, "token_ifindex"), (16, "token_rx_queue"),
        ]),
        ("results at the pipeline's end and at the queue's head", &[
            (1, "done_valid"), (result, "done"), (1, "result_valid"), (result, "result"), (1, "result_pop"),
        ]),
        ("verdict", &[(3, "action"), (edits, "edit_mask"), (8 * edits, "edit_data")]),
        ("frames to the sinks", &[
            (1, "pass_fits"), (1, "pass_reserve"), (1, "pass_valid"), (1, "tx_fits"), (1, "tx_reserve"), (1, "tx_valid"),
            (bus, "beat_data"), (1, "beat_last"), (16, "beat_length"), (1, "beat_modified"),
        ]),
        ("events and states", &[
            (16, "mon_received"), (1, "pass_lost"), (1, "tx_lost"), (1, "lossless"), (1, "hold"), (1, "stall"),
            (1, "ingress_idle"), (1, "splice_idle"), (1, "pass_idle"), (1, "tx_idle"),
        ]),
        ("the host's access to the maps", &[
            (32, "map_sel"), (32, "map_idx"), (1, "map_req"), (1, "map_we"), (csr, "map_wdata"), (1, "map_ack"),
            (1, "map_error"), (csr, "map_rdata"),
        ]),
        ("widths that depend on the buffer", &[]),
    ];
    for (title, rows) in groups {
        text.blank();
        text.line(2, &format!("// {title}"));
        decls(text, rows);
    }
    let odd = [("POINTER_W", "buf_pointer"), ("BEATS_W", "need_m1")];
    let odd: Vec<_> = odd.iter().map(|(w, name)| (format!("logic [{w}-1:0]"), (*name).to_owned(), String::new())).collect();
    text.typed(2, &odd);
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
                len_valid_o len_length_o len_oversize_o buf_room_i token_valid_o token_window_o token_length_o token_ifindex_o \
                token_rx_queue_o credit_return_i hold_i stall_o idle_o";
    let others = [
        ("buf_data_o", "buf_wdata"),
        ("len_valid_o", "received_valid"),
        ("len_length_o", "received_length"),
        ("len_oversize_o", "received_oversize"),
        ("credit_return_i", "result_pop"),
        ("idle_o", "ingress_idle"),
    ];
    let names = ["BUS_W", "WINDOW_BYTES", "TOKEN_MIN_BYTES", "FULL_LENGTH", "RESULT_DEPTH", "MAX_FRAME"];
    text.instance("bpf_ingress", &parameters(&names), "u_ingress", &ports(list, &others));
    unused_token(cx, text);
    text.blank();
    let list = "wr_valid_i wr_data_i wr_len_valid_i wr_length_i wr_oversize_i room_o len_valid_o len_length_o len_oversize_o \
                len_pop_i rd_ptr_i rd_data_o";
    let others = [
        ("wr_valid_i", "buf_valid"),
        ("wr_data_i", "buf_wdata"),
        ("wr_len_valid_i", "received_valid"),
        ("wr_length_i", "received_length"),
        ("wr_oversize_i", "received_oversize"),
        ("room_o", "buf_room"),
        ("len_valid_o", "stored_valid"),
        ("len_length_o", "stored_length"),
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
    let mut unused: Vec<&str> =
        ["token_length", "token_ifindex", "token_rx_queue"].into_iter().filter(|name| !used.contains(name)).collect();
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
    list.push_str(" result_valid_o result_o");
    let mut ports = ports(&list, &[("result_valid_o", "done_valid"), ("result_o", "done")]);
    ports.extend(host_port::connections(cx));
    text.instance("bpf_pipeline", &[], "u_pipeline", &ports);
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
    let mut end = 0;
    for edit in &p.edits {
        let offset = u32::from(edit.offset);
        untouched(&mut rows, end, offset, sizes.edits);
        rows.push((element("edit_mask", offset, 1, sizes.edits), word.unpack(&edit.when, "result"), format!("byte {offset}")));
        rows.push((element("edit_data", offset, 8, sizes.edits), word.unpack(&edit.data, "result"), String::new()));
        end = offset + 1;
    }
    untouched(&mut rows, end, sizes.edits, sizes.edits);
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

fn splice(text: &mut Text) {
    text.heading("verdict and frame meet");
    let list = "lossless_i res_valid_i res_action_i res_edit_mask_i res_edit_data_i res_pop_o len_valid_i len_length_i len_oversize_i \
                len_pop_o buf_ptr_o buf_data_i need_m1_o pass_fits_i tx_fits_i pass_reserve_o tx_reserve_o pass_valid_o tx_valid_o \
                beat_data_o beat_last_o beat_length_o beat_modified_o mon_valid_o mon_action_o mon_length_o mon_received_o \
                pass_lost_o tx_lost_o idle_o";
    let others = [
        ("res_valid_i", "result_valid"),
        ("res_action_i", "action"),
        ("res_edit_mask_i", "edit_mask"),
        ("res_edit_data_i", "edit_data"),
        ("res_pop_o", "result_pop"),
        ("len_valid_i", "stored_valid"),
        ("len_length_i", "stored_length"),
        ("len_oversize_i", "stored_oversize"),
        ("len_pop_o", "stored_pop"),
        ("buf_ptr_o", "buf_pointer"),
        ("buf_data_i", "buf_rdata"),
        ("idle_o", "splice_idle"),
    ];
    let names = ["BUS_W", "EDIT_BYTES", "PACKET_BUFFER_BYTES"];
    text.instance("bpf_splice", &parameters(&names), "u_splice", &ports(list, &others));
}

fn sinks(text: &mut Text) {
    for sink in ["pass", "tx"] {
        text.blank();
        let list = "need_m1_i fits_o reserve_i wr_valid_i wr_data_i wr_last_i wr_length_i wr_modified_i m_axis_tdata_o m_axis_tkeep_o \
                    m_axis_tvalid_o m_axis_tready_i m_axis_tlast_o m_axis_tuser_o idle_o";
        let mut connected = ports(list, &[]);
        for (port, value) in &mut connected[2..] {
            let plain = value.clone();
            *value = match plain.as_str() {
                "need_m1" => plain,
                "wr_valid" => format!("{sink}_valid"),
                "wr_data" | "wr_last" | "wr_length" | "wr_modified" => plain.replace("wr_", "beat_"),
                other if port.starts_with("m_axis") => other.replace("m_axis_", &format!("m_axis_{sink}_")),
                other => format!("{sink}_{other}"),
            };
        }
        let parameters = vec![
            ("BUS_W", "BUS_W".to_owned()),
            ("BYTES", "SINK_FIFO_BYTES".to_owned()),
            ("MAX_FRAME", "MAX_FRAME".to_owned()),
        ];
        text.instance("bpf_sink_fifo", &parameters, &format!("u_{sink}"), &connected);
    }
}
