// SPDX-License-Identifier: Apache-2.0
//! Maps, warnings, and what the numbers mean.

use super::{escape, grouped, table};
use crate::report::{MapReport, Report};

/// All maps; nothing if there are none.
pub(super) fn maps(report: &Report) -> String {
    if report.maps.is_empty() {
        return String::new();
    }
    let row = |map: &MapReport| {
        let storage = match map.storage {
            "ram" => "block RAM",
            "registers" => "flip-flops",
            "lutram" => "look-up tables",
            _ => "fixed at compile time, or never used",
        };
        vec![
            format!("<code>{}</code>", escape(&map.name)),
            escape(&map.map_type),
            map.key_size.to_string(),
            map.value_size.to_string(),
            grouped(map.max_entries.into()),
            storage.to_owned(),
            grouped(map.storage_bits),
            format!("{} / {}", map.read_ports, map.write_ports),
            map.section_stages.to_string(),
            format!("{:.3}", map.worst_case_packets_per_cycle),
        ]
    };
    let rows: Vec<_> = report.maps.iter().map(row).collect();
    let titles = [
        "name",
        "type",
        "#key bytes",
        "#value bytes",
        "#entries",
        "kept in",
        "#bits",
        "#ports r / w",
        "#section",
        "#worst rate",
    ];
    table(&titles, &rows)
}

/// All warnings; nothing if there are none.
pub(super) fn warnings(report: &Report) -> String {
    let items = report.warnings.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |item: &serde_json::Value, name: &str| escape(item[name].as_str().unwrap_or_default());
    let warning = |item: &serde_json::Value| {
        let place = match (item["file"].as_str(), item["line"].as_u64()) {
            (Some(file), Some(line)) => format!(" <span class=\"dim\">{}:{line}</span>", escape(file)),
            _ => String::new(),
        };
        format!(
            "<div class=\"warning\"><b>{}</b> {}{place}<div class=\"note\">{}</div></div>\n",
            text(item, "code"),
            text(item, "message"),
            text(item, "help")
        )
    };
    items.iter().map(warning).collect()
}

/// What each number of the page means, as far as that is the same for all programs.
const TERMS: [(&str, &str); 7] = [
    ("stage", "Logic between two ranks of registers. A packet is in each stage for one clock."),
    (
        "latency",
        "Clocks from the first beat of a 64-byte frame into an idle core to its first beat out, for a frame that is passed.",
    ),
    (
        "window",
        "Bytes from the start of a packet that the program may read or write. Only those of them that are used travel \
         through the stages.",
    ),
    (
        "bits in",
        "Data bits registered at the input of a stage. Valid bits, registers inside multi-clock operations, and the \
         buffers around the pipeline are not counted.",
    ),
    (
        "section",
        "Stages from the first access of a map that matters to its last write: 0 never written, 1 read and written in \
         one step.",
    ),
    ("worst rate", "Packets per clock if every packet uses the same entry of the map."),
    (
        "operations",
        "In the pipeline's text form: nK is a node, pkt the packet (bit 8 i is bit 0 of byte i), [a..b] bits a to b - 1, \
         ~ inversion, {x, y} bits side by side, the first lowest; @N the BPF instruction it comes from.",
    ),
];

/// What each number of the page means.
pub(super) fn definitions(report: &Report) -> String {
    let delays = format!(
        "From the delay table of the target ({}), register and clock overhead included. Not a result of place and route.",
        report.delays
    );
    let entry = if report.waits_for_end {
        "When all of the packet has arrived, because the program uses its exact length.".to_owned()
    } else {
        let bytes = report.window_bytes.max(report.token_min_bytes);
        format!("When the first {bytes} bytes of the packet have arrived, or all of it.")
    };
    let own = [("entry into the pipeline", entry.as_str()), ("ns", delays.as_str())];
    let entry = |(name, text): &(&str, &str)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(text));
    format!("<dl>\n{}</dl>\n", TERMS.iter().chain(&own).map(entry).collect::<String>())
}
