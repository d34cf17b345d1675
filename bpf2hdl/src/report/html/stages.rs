// SPDX-License-Identifier: Apache-2.0
//! The stages: two charts over all of them, and a table.

use super::chart::Chart;
use super::{escape, grouped, table as html_table};
use crate::report::{InsnReport, Operation, Report, StageReport};
use std::collections::BTreeMap;

/// Register bits and delay, one bar a stage.
pub(super) fn chart(report: &Report) -> String {
    let bits: Vec<f64> = report.stage_details.iter().map(|stage| f64::from(stage.register_bits)).collect();
    let delays: Vec<f64> = report.stage_details.iter().map(|stage| stage.estimated_ns).collect();
    let charts = [
        Chart { title: "Bits registered at the input of each stage", values: &bits, digits: 0, limit: None },
        Chart {
            title: "Estimated delay of each stage in ns; the line is the clock period",
            values: &delays,
            digits: 2,
            limit: Some(report.critical_stage.allowed_ns),
        },
    ];
    let figure = |chart: &Chart<'_>| {
        format!(
            "<figure>\n<figcaption>{}</figcaption>\n<div class=\"scroll\">{}</div>\n</figure>\n",
            chart.title,
            chart.to_svg()
        )
    };
    charts.iter().map(figure).collect()
}

/// One row a stage; its operations unfold.
pub(super) fn table(report: &Report) -> String {
    let sources = sources(report);
    let row = |stage: &StageReport| {
        vec![
            format!("<span id=\"stage{0}\">{0}</span>", stage.index),
            grouped(stage.register_bits.into()),
            format!("{:.2}", stage.estimated_ns),
            operations(&stage.operations),
            lines(stage, &sources),
        ]
    };
    let rows: Vec<_> = report.stage_details.iter().map(row).collect();
    html_table(&["#stage", "#bits in", "#ns", "operations", "C lines"], &rows)
}

/// The text of each C line by `file:line`.
fn sources(report: &Report) -> BTreeMap<String, &str> {
    let place = |insn: &InsnReport| Some(format!("{}:{}", insn.file.as_ref()?, insn.line?));
    report.listing.iter().filter_map(|insn| Some((place(insn)?, insn.source.as_deref()?))).collect()
}

/// How many of which kind; all of them when unfolded.
fn operations(operations: &[Operation]) -> String {
    if operations.is_empty() {
        return "<span class=\"dim\">registers only</span>".to_owned();
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in operations {
        *counts.entry(kind(operation)).or_default() += 1;
    }
    let summary: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let mut text = format!("<details><summary>{}</summary><pre>", escape(&summary.join(", ")));
    for operation in operations {
        let until = if operation.stage == operation.start {
            String::new()
        } else {
            format!(", ready in stage {}", operation.stage)
        };
        let insn = operation.insn.map_or(String::new(), |insn| format!("  <a href=\"#insn{insn}\">@{insn}</a>"));
        let line = format!("{}:{} = {}{until}", operation.name, operation.width, operation.text);
        text.push_str(&format!("{}{insn}\n", escape(&line)));
    }
    text.push_str("</pre></details>");
    text
}

/// The operation's name: the first word of its text, or what it is.
fn kind(operation: &Operation) -> &str {
    match operation.name.as_str() {
        name @ ("address" | "write" | "edit" | "verdict") => name,
        _ => operation.text.split_whitespace().next().unwrap_or_default(),
    }
}

fn lines(stage: &StageReport, sources: &BTreeMap<String, &str>) -> String {
    let line = |place: &String| {
        let short = place.rsplit('/').next().unwrap_or(place);
        let source = sources.get(place).map_or("", |source| source.trim());
        format!(
            "<div class=\"line\" title=\"{}\"><span class=\"dim\">{}</span> <code>{}</code></div>",
            escape(place),
            escape(short),
            escape(source)
        )
    };
    stage.lines.iter().map(line).collect()
}
