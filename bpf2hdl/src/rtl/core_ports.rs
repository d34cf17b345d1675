// SPDX-License-Identifier: Apache-2.0
//! The ports of `bpf_core`, the same for every program but for the width of the bus.

use super::notes::printable;
use super::text::{Text, count, logic};
use super::{Context, latency};

/// AXI4-Lite: name, direction, bits.
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

/// One line of the list.
enum Line {
    Title(&'static str),
    /// Direction, bits, name, comment.
    Port(char, u32, String, &'static str),
}

/// Writes the header comment and the list of ports.
pub(super) fn write(cx: &Context<'_>, text: &mut Text) {
    let p = &cx.design.pipeline;
    cx.preamble(text);
    text.doc(&format!(
        "Runs the XDP program `{}` on every frame from the MAC: drop, pass to the DMA, back to the MAC, or to another port or queue.",
        printable(&p.name)
    ));
    text.line(0, "///");
    text.doc(
        "All ports are synchronous to `clk`; `rst` is synchronous, active high. Byte 0 of a frame is tdata[7:0]; tkeep is \
         contiguous, and all ones except on the last beat. Frames are whole good Ethernet frames without FCS.",
    );
    text.doc(&format!(
        "Latency from the first beat of a one-beat frame to its first output beat: {}.",
        count(latency::core_clocks(p), "clock")
    ));
    text.line(0, &format!("module {} (", cx.module.core()));
    let lines = lines(cx.design.options.bus_bits);
    let bits = lines.iter().map(|line| if let Line::Port(_, bits, ..) = line { *bits } else { 1 }).max().unwrap_or(1);
    let (column, last) = (logic(bits).len(), lines.len() - 1);
    let rows: Vec<_> = lines
        .into_iter()
        .enumerate()
        .map(|(i, line)| match line {
            Line::Title(title) => (format!("// {title}"), String::new()),
            Line::Port(direction, bits, name, comment) => {
                let direction = if direction == 'i' { "input " } else { "output" };
                let comma = if i < last { "," } else { "" };
                (format!("{direction} {:column$} {name}{comma}", logic(bits)), comment.to_owned())
            }
        })
        .collect();
    text.aligned(2, &rows);
    text.line(0, ");");
}

/// All ports in their order: name, direction (`i` or `o`), bits.
pub(super) fn names(bus: u32) -> Vec<(String, char, u32)> {
    let ports = lines(bus).into_iter().filter_map(|line| match line {
        Line::Title(_) => None,
        Line::Port(direction, bits, name, _) => Some((name, direction, bits)),
    });
    ports.collect()
}

fn lines(bus: u32) -> Vec<Line> {
    let mut lines = vec![port('i', 1, "clk", ""), port('i', 1, "rst", ""), Line::Title("from the MAC")];
    let comment = "first beat: [15:0] ingress_ifindex, [31:16] rx_queue_index";
    lines.extend(stream("s_axis", bus, ['i', 'o'], 32, comment));
    let comment = "[15:0] bytes, [16] frame was modified, [24:17] bytes of metadata before it, [63:32] s_axis_tuser";
    for (name, title) in [("m_axis_pass", "XDP_PASS, to the DMA"), ("m_axis_tx", "XDP_TX, to the MAC")] {
        lines.push(Line::Title(title));
        lines.extend(stream(name, bus, ['o', 'i'], 64, comment));
    }
    lines.push(Line::Title("XDP_REDIRECT, to another port, or to a CPU or socket of the host"));
    lines.extend(stream("m_axis_redirect", bus, ['o', 'i'], 64, comment));
    lines.push(port('o', 2, "m_axis_redirect_tid", "what tdest counts: 1 ifindex, 2 CPU, 3 AF_XDP socket"));
    lines.push(port('o', 32, "m_axis_redirect_tdest", "every beat"));
    lines.push(Line::Title("events to the host, one record a packet"));
    lines.extend(stream("m_axis_event", bus, ['o', 'i'], 32, "[15:0] bytes of the record"));
    lines.push(Line::Title("AXI4-Lite registers"));
    lines.extend(AXI_LITE.iter().map(|&(name, direction, bits)| port(direction, bits, name, "")));
    lines.push(Line::Title("one pulse per packet, in arrival order, when its verdict is carried out"));
    lines.push(port('o', 1, "mon_valid", ""));
    lines.push(port('o', 3, "mon_action", "0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect"));
    lines.push(port('o', 16, "mon_length", "bytes, after edits"));
    lines.push(port('o', 2, "mon_tid", "of a redirect; 0: the program named no target"));
    lines.push(port('o', 32, "mon_tdest", "of a redirect"));
    lines
}

fn port(direction: char, bits: u32, name: &str, comment: &'static str) -> Line {
    Line::Port(direction, bits, name.to_owned(), comment)
}

/// An AXI4-Stream; `directions` are those of the data and of `tready`.
fn stream(name: &str, bus: u32, [data, ready]: [char; 2], user_bits: u32, user: &'static str) -> [Line; 6] {
    let port = |direction, bits, suffix: &str, comment| port(direction, bits, &format!("{name}_{suffix}"), comment);
    [
        port(data, bus, "tdata", ""),
        port(data, bus / 8, "tkeep", ""),
        port(data, 1, "tvalid", ""),
        port(ready, 1, "tready", ""),
        port(data, 1, "tlast", ""),
        port(data, user_bits, "tuser", user),
    ]
}
