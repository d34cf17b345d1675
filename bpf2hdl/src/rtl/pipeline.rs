// SPDX-License-Identifier: Apache-2.0
//! `bpf_pipeline.sv`: the program itself, stage by stage.

use super::notes::Notes;
use super::result::ResultWord;
use super::signals::{Key, Signals};
use super::text::{Decl, Text, count, logic as logic_type};
use super::units::{self, Unit};
use super::{Context, directory, events, latency, map_port, stage};
use crate::ir::Input;
use crate::pipe::{NodeId, NodeKind, Pipeline, Source, Storage};
use std::rc::Rc;

/// Everything that the parts of the module share while it is written.
pub(super) struct Writer<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) p: &'a Pipeline,
    pub(super) signals: Signals<'a>,
    pub(super) notes: Notes<'a>,
    pub(super) text: Text,
    /// Multipliers and dividers.
    pub(super) units: Rc<[Unit<'a>]>,
}

/// A port: direction, bits, name, comment.
type Port = (&'static str, u32, String, String);

/// Name of the bit that says that a stage holds a token.
pub(super) fn valid(stage: u32) -> String {
    if stage == 0 { "token_valid_i".to_owned() } else { format!("s{stage}_valid_q") }
}

/// Writes the module.
pub(super) fn module(cx: &Context<'_>) -> String {
    let p = &cx.design.pipeline;
    let mut w = Writer {
        cx,
        p,
        signals: Signals::new(p, &cx.design.runs, &cx.maps),
        notes: Notes::new(cx.program),
        text: Text::default(),
        units: units::units(p).into(),
    };
    let word = ResultWord::new(p);
    let ports = ports(cx, &word);
    for (_, _, name, _) in &ports {
        w.signals.names.unique(name);
    }
    declare_inputs(&mut w);
    directory::declare_steps(&mut w);
    map_port::declare_reads(&mut w);
    for k in 0..p.stages() {
        stage::write(&mut w, k);
    }
    units::write_shared(&mut w);
    result(&mut w, &word);
    events::pipeline_outputs(&mut w);
    for map in 0..p.whole_maps().count() {
        map_port::write(&mut w, map);
    }
    unread(&mut w, &ports);
    let body = std::mem::take(&mut w.text).finish();
    head(cx, &ports) + &body + "endmodule\n\n`default_nettype wire\n"
}

/// The inputs that the program reads, in the order of their ports.
pub(super) fn inputs(p: &Pipeline) -> Vec<(Input, &'static str)> {
    let all = [
        (Input::Length, "token_length"),
        (Input::IngressIfindex, "token_ifindex"),
        (Input::RxQueue, "token_rx_queue"),
        (Input::Start, "token_start"),
        (Input::Time, "token_time"),
        (Input::Random, "token_random"),
        (Input::Room, "token_room"),
    ];
    all.into_iter().filter(|(input, _)| p.nodes.iter().any(|n| n.kind == NodeKind::Input(*input))).collect()
}

/// Whether the program loads from copies of the packet buffer.
pub(super) fn loads_far(p: &Pipeline) -> bool {
    p.nodes.iter().any(|n| matches!(n.kind, NodeKind::FarLoad { .. }))
}

fn ports(cx: &Context<'_>, word: &ResultWord) -> Vec<Port> {
    let p = &cx.design.pipeline;
    let mut ports: Vec<Port> = vec![
        ("input ", 1, "clk_i".into(), String::new()),
        ("input ", 1, "rst_i".into(), "synchronous, active high: the pipeline is empty".into()),
        ("input ", 1, "token_valid_i".into(), "a token is in stage 0".into()),
    ];
    if p.window_bytes > 0 {
        ports.push(("input ", 8 * p.window_bytes, "token_window_i".into(), "packet byte i at [8*i +: 8]".into()));
    }
    for (input, name) in inputs(p) {
        let comment = match input {
            Input::Length if p.full_length => "bytes of the frame".to_owned(),
            Input::Length => format!(
                "bytes of the frame; if more than {}, perhaps only those so far",
                p.token_min_bytes.max(p.window_bytes)
            ),
            Input::IngressIfindex => "xdp_md.ingress_ifindex".to_owned(),
            Input::RxQueue => "xdp_md.rx_queue_index".to_owned(),
            Input::Start => "first beat of the frame in the packet buffer".to_owned(),
            Input::Time => "nanoseconds".to_owned(),
            Input::Random => "another number for each token".to_owned(),
            Input::Room => "there is room for its events".to_owned(),
        };
        ports.push(("input ", input.width().into(), format!("{name}_i"), comment));
    }
    if loads_far(p) {
        ports.push(("input ", 1, "packet_valid_i".into(), "a beat goes to the packet buffer".into()));
        ports.push(("input ", cx.design.options.bus_bits, "packet_data_i".into(), String::new()));
    }
    ports.push(("output", 1, "result_valid_o".into(), "the token in the last stage is done".into()));
    ports.push(("output", word.width(), "result_o".into(), "see `result` below".into()));
    for (width, name, comment) in events::pipeline_ports(p) {
        ports.push(("output", width, name.into(), comment.into()));
    }
    for (map, unit) in p.whole_maps().enumerate().filter(|(_, m)| m.storage != Storage::None) {
        let name = &cx.maps[map];
        let (index, value) = (Pipeline::index_width(&unit.map), 8 * unit.map.value_size);
        let printed = super::notes::printable(&unit.map.name);
        if unit.map.kind.has_directory() {
            for (i, &(suffix, direction, width)) in directory::host_port(unit).iter().enumerate() {
                let comment = if i == 0 { format!("host access to map {printed}") } else { String::new() };
                let kind = if direction == 'i' { "input " } else { "output" };
                ports.push((kind, width.of(unit), format!("host_{name}_{suffix}_{direction}"), comment));
            }
            continue;
        }
        ports.push(("input ", 1, format!("host_{name}_req_i"), format!("host access to map {printed}")));
        ports.push(("input ", 1, format!("host_{name}_we_i"), String::new()));
        ports.push(("input ", index, format!("host_{name}_idx_i"), String::new()));
        ports.push(("input ", value, format!("host_{name}_wdata_i"), String::new()));
        ports.push(("output", 1, format!("host_{name}_ack_o"), String::new()));
        ports.push(("output", value, format!("host_{name}_rdata_o"), String::new()));
        ports.push(("output", 1, format!("host_{name}_stall_o"), String::new()));
    }
    ports
}

fn declare_inputs(w: &mut Writer<'_>) {
    if w.p.window_bytes > 0 {
        w.signals.alias(Key::Wire(Source::Packet), "token_window_i", 8 * w.p.window_bytes);
    }
    for (index, node) in w.p.nodes.iter().enumerate() {
        let NodeKind::Input(input) = node.kind else { continue };
        let port = inputs(w.p).into_iter().find(|(i, _)| *i == input).map_or("", |(_, name)| name);
        w.signals.alias(Key::Wire(Source::Node(NodeId::new(index))), &format!("{port}_i"), node.width);
    }
}

fn head(cx: &Context<'_>, ports: &[Port]) -> String {
    let p = &cx.design.pipeline;
    let mut text = Text::default();
    cx.preamble(&mut text);
    text.doc(&format!(
        "The program `{}` as a pipeline of {}.",
        super::notes::printable(&p.name),
        count(p.stages(), "stage")
    ));
    text.line(0, "///");
    text.doc(
        "A token enters stage 0 with `token_valid_i` and moves on by one stage each clock; nothing is ever refused. Names: \
         `sK_...` belongs to stage K, `_q` is a register at its input; `pkt_A_B` are packet bytes A to B as received; the \
         number behind an operation is its node.",
    );
    if p.interval > 1 {
        text.doc(&format!(
            "Tokens come {} apart or more: a register is loaded when its token comes and holds it for as many stages.",
            count(p.interval, "clock")
        ));
    }
    let (clocks, fifos) = (latency::pipeline_clocks(p), p.entrances().len() as u32);
    let waits = if fifos == 0 {
        String::new()
    } else {
        format!(", {} included, when nothing waits", count(fifos, "elastic FIFO"))
    };
    text.doc(&format!(
        "Latency from token to result: {}{waits}. Registers: {}.",
        count(clocks, "clock"),
        count(cx.register_bits(), "bit")
    ));
    text.line(0, "module bpf_pipeline (");
    let column = ports.iter().map(|(_, width, ..)| logic_type(*width).len()).max().unwrap_or(0);
    let rows: Vec<_> = ports
        .iter()
        .enumerate()
        .map(|(i, (direction, width, name, comment))| {
            let comma = if i + 1 < ports.len() { "," } else { "" };
            (format!("{direction} {:column$} {name}{comma}", logic_type(*width)), comment.clone())
        })
        .collect();
    text.aligned(2, &rows);
    text.line(0, ");");
    text.finish()
}

fn result(w: &mut Writer<'_>, word: &ResultWord) {
    let last = w.p.last_stage;
    w.text.heading("result");
    w.text.comment(2, "Only what varies: the core adds the constant bits behind the result queue.");
    w.text.line(2, &format!("assign result_valid_o = {};", valid(last)));
    assign_word(w, "result_o", word);
}

/// Writes the assignment of an output that holds a word, in the last stage.
pub(super) fn assign_word(w: &mut Writer<'_>, output: &str, word: &ResultWord) {
    let last = w.p.last_stage;
    if word.is_constant() {
        w.text.line(2, &format!("assign {output} = 1'b0;"));
        return;
    }
    w.text.line(2, &format!("assign {output} = {{"));
    let mut rows = Vec::new();
    for (i, field) in word.fields.iter().enumerate().rev() {
        let width = field.bits.width();
        let value = w.signals.bits(&field.bits, last);
        let comma = if i > 0 { "," } else { "" };
        let place = if width == 1 { field.lo.to_string() } else { format!("{}:{}", field.lo + width - 1, field.lo) };
        rows.push((format!("{value}{comma}"), format!("[{place}] {}", field.label)));
    }
    w.text.aligned(4, &rows);
    w.text.line(2, "};");
}

fn unread(w: &mut Writer<'_>, ports: &[Port]) {
    let mut bits = w.signals.unread();
    let has_registers = w.p.last_stage > 0 || ports.iter().any(|(_, _, name, _)| name.starts_with("host_"));
    if !has_registers {
        bits.extend(["clk_i".to_owned(), "rst_i".to_owned()]);
    }
    if bits.is_empty() {
        return;
    }
    w.text.heading("bits that nothing reads");
    w.text.decls(2, &[Decl { width: 1, name: "unused_bits".into(), comment: String::new() }]);
    w.text.code(2, &format!("assign unused_bits = ^{{{}}};", bits.join(", ")), "");
}
