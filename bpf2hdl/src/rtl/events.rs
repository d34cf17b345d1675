// SPDX-License-Identifier: Apache-2.0
//! Events in `bpf_core`: the row that a token leaves, the records that a row is, `bpf_events` between them.

use super::core::{decls, ports};
use super::result::ResultWord;
use super::signals::select;
use super::text::Text;
use super::{Context, pipeline};
use crate::ir::Input;
use crate::pipe::{Bits, EventPort, Piece, Pipeline};

/// Bits of a record before its data: map, bytes of data, bytes of the packet.
const FIELDS_W: u32 = 40;

/// Whether a program tells the host anything.
pub(super) fn is_used(p: &Pipeline) -> bool {
    !p.events.is_empty()
}

/// What varies in the records, each distinct bit once.
pub(super) fn word(p: &Pipeline) -> ResultWord {
    let mut word = ResultWord::default();
    for (lane, event) in p.events.iter().enumerate() {
        word.add(&event.when, &format!("there is record {lane}"));
        word.add(&event.keep, &format!("record {lane} is kept"));
        word.add(&event.data, &format!("data of record {lane}"));
        word.add(&event.length, &format!("bytes of data of record {lane}"));
        if let Some(packet) = &event.packet {
            word.add(packet, &format!("bytes of the packet of record {lane}"));
        }
    }
    word
}

/// Greatest value that bits can have, as far as their constants tell.
fn most(bits: &Bits) -> u32 {
    let (mut value, mut at) = (0u64, 0);
    for piece in bits.pieces() {
        let part = match *piece {
            Piece::Const { value, .. } => value,
            _ => crate::ir::low_mask(piece.width().min(64) as u8),
        };
        value |= part << at;
        at += piece.width();
    }
    value as u32
}

/// Sizes of `bpf_events`.
struct Plan {
    lanes: u32,
    data_bytes: u32,
    packet_lanes: u32,
    packet_bytes: u32,
    rows: u32,
    beats: u32,
}

impl Plan {
    fn new(cx: &Context<'_>) -> Self {
        let (p, depths) = (&cx.design.pipeline, &cx.depths);
        let (bus, frame) = (cx.design.options.bus_bits, cx.design.options.target.max_frame_bytes);
        let data_bytes = p.events.iter().map(|event| event.data.width() / 8).max().unwrap_or(0);
        let with_packet: Vec<u32> = p.events.iter().filter_map(|event| event.packet.as_ref()).map(most).collect();
        let packet_lanes = with_packet.len() as u32;
        let packet_bytes = with_packet.into_iter().max().unwrap_or(1).clamp(1, frame);
        let each = packet_bytes.div_ceil(bus / 8);
        // All tokens in flight together have no more beats than the packet buffer.
        let in_flight = (depths.packet_buffer / (bus / 8)).min(depths.results * each) * packet_lanes;
        Plan {
            lanes: p.events.len() as u32,
            data_bytes: data_bytes.max(1).next_multiple_of(8),
            packet_lanes,
            packet_bytes,
            rows: (depths.results + 64).next_power_of_two(),
            beats: (in_flight + packet_lanes * (2 * each + 8) + 64).next_power_of_two(),
        }
    }

    fn record_width(&self) -> u32 {
        FIELDS_W + 8 * self.data_bytes
    }
}

/// The outputs of the pipeline that tell of events: bits, name, comment.
pub(super) fn pipeline_ports(p: &Pipeline) -> Vec<(u32, &'static str, &'static str)> {
    if !is_used(p) {
        return Vec::new();
    }
    let mut ports = vec![(word(p).width(), "event_o", "with `result_valid_o`: see `records for the host` below")];
    if p.event_start.width() > 0 {
        ports.push((16, "event_start_o", "first beat of the frame in the packet buffer"));
    }
    ports
}

/// Connections of the pipeline's outputs: port and signal.
pub(super) fn connections(p: &Pipeline) -> Vec<(String, String)> {
    let signal = |name: &str| name.trim_end_matches("_o").replace("event", "done_event");
    pipeline_ports(p).into_iter().map(|(_, name, _)| (name.to_owned(), signal(name))).collect()
}

/// Signals of the core.
pub(super) fn declare(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    text.blank();
    text.line(2, "// records for the host");
    decls(
        text,
        &[
            (1, "token_room"),
            (1, "event_hold"),
            (1, "event_ring_room"),
            (1, "event_idle"),
            (1, "event_record"),
            (8, "event_lost"),
        ],
    );
    if is_used(p) {
        let plan = plan(cx);
        let width = word(p).width();
        decls(
            text,
            &[
                (width, "done_event"),
                (width, "event_row"),
                (16, "done_event_start"),
                (plan.lanes, "done_wanted"),
                (plan.lanes, "done_kept"),
                (16 * plan.lanes, "done_packet"),
                (plan.lanes, "event_kept"),
                (plan.lanes * plan.record_width(), "event_lanes"),
            ],
        );
    }
}

fn plan(cx: &Context<'_>) -> Plan {
    Plan::new(cx)
}

/// The instance, or constants.
pub(super) fn write(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    if !is_used(p) {
        return nothing(text);
    }
    let (plan, word) = (plan(cx), word(p));
    text.heading("records for the host: rows as they leave the pipeline, and what they are");
    let row = |name: String, value: String, comment: &str| (name, value, comment.to_owned());
    let mut rows = Vec::new();
    if p.event_start.width() == 0 {
        rows.push(row("done_event_start".into(), "'0".into(), ""));
    }
    for (lane, event) in p.events.iter().enumerate() {
        lane_rows(p, &plan, &word, lane as u32, event, &mut rows);
    }
    text.assigns(2, "=", "assign ", &rows);
    let list = "lossless_i token_valid_i token_length_i room_o hold_o wr_valid_i wr_data_i ring_room_o done_valid_i done_row_i \
                done_wanted_i done_kept_i done_packet_i done_start_i row_o kept_i lanes_i m_axis_tdata_o m_axis_tkeep_o \
                m_axis_tvalid_o m_axis_tready_i m_axis_tlast_o m_axis_tuser_o record_o lost_o idle_o";
    let others = [
        ("room_o", "token_room"),
        ("hold_o", "event_hold"),
        ("wr_valid_i", "buf_valid"),
        ("wr_data_i", "buf_wdata"),
        ("ring_room_o", "event_ring_room"),
        ("done_row_i", "done_event"),
        ("done_start_i", "done_event_start"),
        ("row_o", "event_row"),
        ("kept_i", "event_kept"),
        ("lanes_i", "event_lanes"),
        ("record_o", "event_record"),
        ("lost_o", "event_lost"),
        ("idle_o", "event_idle"),
    ];
    let mut connected = ports(list, &others);
    for (port, value) in &mut connected {
        if port.starts_with("m_axis") {
            *value = value.replace("m_axis_", "m_axis_event_");
        }
    }
    let parameters = [
        ("BUS_W", "BUS_W".to_owned()),
        ("LANES", plan.lanes.to_string()),
        ("ROW_W", word.width().to_string()),
        ("DATA_BYTES", plan.data_bytes.to_string()),
        ("ROWS", plan.rows.to_string()),
        ("TOKENS", "RESULT_DEPTH".to_owned()),
        ("PACKET_LANES", plan.packet_lanes.to_string()),
        ("PACKET_BYTES", plan.packet_bytes.to_string()),
        ("BEATS", plan.beats.to_string()),
        ("BUFFER_BYTES", "PACKET_BUFFER_BYTES".to_owned()),
    ];
    text.blank();
    text.instance("bpf_events", &parameters, "u_events", &connected);
    if !pipeline::inputs(p).iter().any(|(input, _)| *input == Input::Room) {
        text.blank();
        text.line(2, "logic unused_room;  // no result of a call is looked at");
        text.line(2, "assign unused_room = token_room;");
    }
    if word.is_constant() {
        text.blank();
        text.line(2, "logic unused_event;  // the records are always the same");
        text.line(2, "assign unused_event = ^{done_event, event_row};");
    }
}

/// The assignments of one lane, before and behind the FIFO.
fn lane_rows(
    p: &Pipeline,
    plan: &Plan,
    word: &ResultWord,
    lane: u32,
    event: &EventPort,
    rows: &mut Vec<(String, String, String)>,
) {
    let mut add = |vector: &str, bits: u32, all: u32, lo: u32, value: String, comment: String| {
        rows.push((select(vector, all, lo, bits), value, comment));
    };
    let name = super::notes::printable(&p.maps[event.map.index()].map.name);
    let (lanes, record) = (plan.lanes, plan.record_width());
    let packet = |from: &str| event.packet.as_ref().map_or_else(|| "16'd0".to_owned(), |bits| word.unpack(bits, from));
    add("done_wanted", 1, lanes, lane, word.unpack(&event.when, "done_event"), format!("record {lane}: map {name}"));
    add("done_kept", 1, lanes, lane, word.unpack(&event.keep, "done_event"), String::new());
    add("done_packet", 16, 16 * lanes, 16 * lane, packet("done_event"), String::new());
    let (when, keep) = (word.unpack(&event.when, "event_row"), word.unpack(&event.keep, "event_row"));
    add("event_kept", 1, lanes, lane, format!("{when} && {keep}"), String::new());
    let (lo, all) = (lane * record, lanes * record);
    add("event_lanes", 8, all, lo, format!("8'd{}", event.map.index()), String::new());
    add("event_lanes", 16, all, lo + 8, word.unpack(&event.length, "event_row"), String::new());
    add("event_lanes", 16, all, lo + 24, packet("event_row"), String::new());
    let width = event.data.width();
    if width > 0 {
        add("event_lanes", width, all, lo + FIELDS_W, word.unpack(&event.data, "event_row"), String::new());
    }
    let rest = 8 * plan.data_bytes - width;
    if rest > 0 {
        add("event_lanes", rest, all, lo + FIELDS_W + width, "'0".to_owned(), String::new());
    }
}

/// The outputs of a program that tells the host nothing.
fn nothing(text: &mut Text) {
    text.blank();
    text.comment(2, "The program tells the host nothing.");
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned(), String::new());
    let mut rows: Vec<_> = ["tdata", "tkeep", "tvalid", "tlast", "tuser"]
        .iter()
        .map(|name| row(&format!("m_axis_event_{name}"), "'0"))
        .collect();
    rows.push(row("token_room", "1'b1"));
    rows.push(row("event_hold", "1'b0"));
    rows.push(row("event_ring_room", "1'b1"));
    rows.push(row("event_idle", "1'b1"));
    rows.push(row("event_record", "1'b0"));
    rows.push(row("event_lost", "'0"));
    text.assigns(2, "=", "assign ", &rows);
    text.line(2, "logic unused_events;");
    text.line(2, "assign unused_events = ^{m_axis_event_tready, token_room, event_hold, event_ring_room};");
}

/// Writes the outputs at the end of the pipeline.
pub(super) fn pipeline_outputs(w: &mut pipeline::Writer<'_>) {
    if !is_used(w.p) {
        return;
    }
    let (word, last) = (word(w.p), w.p.last_stage);
    w.text.heading("records for the host");
    w.text.comment(2, "Only what varies, as in the result: the core makes records of it.");
    pipeline::assign_word(w, "event_o", &word);
    if w.p.event_start.width() > 0 {
        let start = w.p.event_start.clone();
        let value = w.signals.bits(&start, last);
        w.text.line(2, &format!("assign event_start_o = {value};"));
    }
}
