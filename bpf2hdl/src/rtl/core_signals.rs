// SPDX-License-Identifier: Apache-2.0
//! Constants and signals of `bpf_core`.

use super::core::{Sizes, decls};
use super::host_port::KEY_SIGNALS;
use super::text::{Text, count};
use super::{Context, events, extent, latency};

/// Writes constants and declarations; `result` is the width of the result word.
pub(super) fn write(cx: &Context<'_>, sizes: &Sizes, result: u32, text: &mut Text) {
    constants(cx, sizes, text);
    signals(cx, sizes, result, text);
}

fn constants(cx: &Context<'_>, sizes: &Sizes, text: &mut Text) {
    let p = &cx.design.pipeline;
    let clocks = count(latency::pipeline_clocks(p), "clock");
    let in_flight = format!("tokens in flight; the pipeline takes {clocks}");
    let constants: [(&str, u32, &str); 10] = [
        ("BUS_W", sizes.bus, "bits"),
        ("MAX_FRAME", cx.design.options.target.max_frame_bytes, "bytes"),
        ("WINDOW_BYTES", p.window_bytes, "packet bytes that the program reads"),
        ("TOKEN_MIN_BYTES", p.token_min_bytes, "bytes of a frame that decide every comparison with its length"),
        ("FULL_LENGTH", p.full_length.into(), "1: the program needs the exact length"),
        ("EDIT_BYTES", sizes.edit_bytes, "packet bytes that the program may write"),
        ("RESULT_DEPTH", cx.depths.results, &in_flight),
        ("PACKET_BUFFER_BYTES", cx.depths.packet_buffer, ""),
        ("SINK_FIFO_BYTES", cx.depths.sink, "each sink"),
        ("MAP_COUNT", p.whole_maps().count() as u32, ""),
    ];
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let mut add = |name: &str, value: String, comment: &str| rows.push((name.into(), value, comment.into()));
    for (name, value, comment) in constants {
        add(name, value.to_string(), comment);
    }
    if !p.resize.is_none() {
        add("GROWTH", extent::growth(p).to_string(), "bytes that a frame and its metadata can be longer than it came");
    }
    add("POINTER_W", "$clog2(PACKET_BUFFER_BYTES / (BUS_W / 8)) + 1".into(), "");
    add("BEATS_W", "16 - $clog2(BUS_W / 8)".into(), "");
    text.assigns(2, "=", "localparam int unsigned ", &rows);
    let id: String = cx.build_id.iter().rev().map(|b| format!("{b:02x}")).collect();
    text.line(2, &format!("localparam logic [255:0] BUILD_ID = 256'h{id};"));
}

fn signals(cx: &Context<'_>, sizes: &Sizes, result: u32, text: &mut Text) {
    let (bus, edits, csr) = (sizes.bus, sizes.edits, sizes.csr_bits);
    let window = (8 * cx.design.pipeline.window_bytes).max(1);
    let groups: [(&str, &[(u32, &str)]); 10] = [
        ("beats in the packet buffer", &[(1, "buf_valid"), (bus, "buf_wdata"), (1, "buf_room"), (bus, "buf_rdata")]),
        (
            "lengths and sources of frames as they arrive, and as they leave the queues",
            &[
                (1, "received_valid"),
                (16, "received_length"),
                (1, "received_oversize"),
                (32, "received_source"),
                (1, "stored_valid"),
                (16, "stored_length"),
                (1, "stored_oversize"),
                (1, "stored_pop"),
                (32, "stored_source"),
                (1, "source_load"),
                (1, "source_pop"),
            ],
        ),
        (
            "token",
            &[
                (1, "token_valid"),
                (window, "token_window"),
                (16, "token_length"),
                (16, "token_ifindex"),
                (16, "token_rx_queue"),
                (16, "token_start"),
            ],
        ),
        (
            "results at the pipeline's end and at the queue's head",
            &[(1, "done_valid"), (result, "done"), (1, "result_valid"), (result, "result"), (1, "result_pop")],
        ),
        ("verdict", &[(3, "action"), (34, "target"), (edits, "edit_mask"), (8 * edits, "edit_data")]),
        (
            "frames to the sinks",
            &[
                (1, "pass_fits"),
                (1, "pass_waits"),
                (1, "pass_single"),
                (1, "pass_reserve"),
                (1, "pass_valid"),
                (1, "tx_fits"),
                (1, "tx_waits"),
                (1, "tx_single"),
                (1, "tx_reserve"),
                (1, "tx_valid"),
                (1, "redirect_fits"),
                (1, "redirect_waits"),
                (1, "redirect_single"),
                (1, "redirect_reserve"),
                (1, "redirect_valid"),
                (bus, "beat_data"),
                (1, "beat_last"),
                (16, "beat_length"),
                (1, "beat_modified"),
                (32, "beat_source"),
                (34, "beat_target"),
            ],
        ),
        (
            "events and states",
            &[
                (16, "mon_received"),
                (1, "pass_lost"),
                (1, "tx_lost"),
                (1, "redirect_lost"),
                (1, "redirect_nowhere"),
                (1, "lossless"),
                (1, "hold"),
                (1, "stall"),
                (1, "ingress_idle"),
                (1, "splice_idle"),
                (1, "pass_idle"),
                (1, "tx_idle"),
                (1, "redirect_idle"),
            ],
        ),
        (
            "the host's access to the maps",
            &[
                (32, "map_sel"),
                (32, "map_idx"),
                (1, "map_req"),
                (1, "map_we"),
                (csr, "map_wdata"),
                (1, "map_ack"),
                (1, "map_error"),
                (csr, "map_rdata"),
            ],
        ),
        (
            "time and random numbers",
            &[
                (64, "token_time"),
                (32, "token_random"),
                (6, "arrival_we"),
                (32, "arrival_wdata"),
                (32, "time_rate"),
                (32, "time_step"),
            ],
        ),
        ("widths that depend on the buffer", &[]),
    ];
    for (title, rows) in groups {
        if title.starts_with("frames to") {
            extent::declare(&cx.design.pipeline, text);
        }
        if title.starts_with("the host's") {
            events::declare(cx, text);
        }
        if title.starts_with("widths") {
            keys(sizes, text);
        }
        text.blank();
        text.line(2, &format!("// {title}"));
        decls(text, rows);
    }
    let beats = ["need_m1", "next_m1", "received_left", "stored_left"];
    let odd: Vec<_> = [("POINTER_W", "buf_pointer")].into_iter().chain(beats.map(|name| ("BEATS_W", name))).collect();
    let odd: Vec<_> =
        odd.iter().map(|(w, name)| (format!("logic [{w}-1:0]"), (*name).to_owned(), String::new())).collect();
    text.typed(2, &odd);
}

/// The part of the host's access that hash maps have.
fn keys(sizes: &Sizes, text: &mut Text) {
    let width = |bits: u32| if bits == 0 { sizes.key_bits() } else { bits };
    let rows: Vec<(u32, &str)> = KEY_SIGNALS.iter().map(|&(name, bits, _)| (width(bits), name)).collect();
    decls(text, &rows);
}
