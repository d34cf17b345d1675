// SPDX-License-Identifier: Apache-2.0
//! The head of the page: what it is, and the figures that one looks for first.

use super::{escape, grouped};
use crate::report::Report;

/// Bytes of the frame that the rate is given for.
const FRAME_BYTES: u32 = 64;

/// Name, options and cards.
pub(super) fn header(report: &Report) -> String {
    let kind = match report.program_type {
        "phys_dev" => "phys_dev program of 2016",
        _ => "XDP program",
    };
    let mut text = format!(
        "<header>\n<h1>{}</h1>\n<p>{kind} in section <code>{}</code>, built for {} ({}), {} MHz, {}-bit bus</p>\n</header>\n",
        escape(&report.program),
        escape(&report.section),
        escape(report.target),
        escape(report.target_description),
        report.clock_mhz,
        report.bus_bits
    );
    text.push_str("<div class=\"cards\">\n");
    for (figure, unit, note) in figures(report) {
        text.push_str(&format!(
            "<div class=\"card\"><div class=\"figure\">{figure} <span>{unit}</span></div><div class=\"note\">{}</div></div>\n",
            escape(&note)
        ));
    }
    text.push_str("</div>\n");
    text
}

/// Figure, unit, what it is.
fn figures(report: &Report) -> Vec<(String, &'static str, String)> {
    let critical = &report.critical_stage;
    let memory: u64 = report.maps.iter().map(|map| map.storage_bits).sum();
    let nanoseconds = f64::from(report.latency_cycles) * 1000.0 / report.clock_mhz;
    // A frame takes its beats of the bus, and no less than a clock of the pipeline.
    let clocks = FRAME_BYTES.div_ceil(report.bus_bits / 8).max(report.initiation_interval);
    let rate = report.clock_mhz / f64::from(clocks);
    vec![
        (grouped(report.instructions as u64), "instructions", "BPF, after linking".to_owned()),
        (report.stages.to_string(), "stages", "one packet may enter in every clock".to_owned()),
        (format!("{rate:.1}"), "Mpps", "64-byte frames, millions a second at most".to_owned()),
        (report.latency_cycles.to_string(), "clocks", format!("latency of a 64-byte frame, {nanoseconds:.0} ns")),
        (
            format!("{:.2}", critical.estimated_ns),
            "ns",
            format!("slowest stage, {}, of {:.2} ns (estimate)", critical.index, critical.allowed_ns),
        ),
        (grouped(report.pipeline_register_bits), "bits", "registered between stages".to_owned()),
        (report.window_bytes.to_string(), "bytes", "of the packet that the program can touch".to_owned()),
        (grouped(memory.div_ceil(8)), "bytes", "map memory".to_owned()),
    ]
}
