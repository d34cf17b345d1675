// SPDX-License-Identifier: Apache-2.0
//! What `bisect` says: the JSON, and the table for people.

use super::bisect::Chosen;
use super::output::Outcome;
use bpf2hdl::Options;
use bpf2hdl::bisect::{Fault, Trial, ValueDifference};
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use bpf2hdl::object::Linked;
use bpf2hdl::report::VERSION;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One form in the table.
pub(crate) struct Row {
    name: String,
    description: &'static str,
    /// `None`: it agrees.
    pub(crate) fault: Option<Fault>,
}

impl Row {
    pub(crate) fn new(name: &str, description: &'static str, fault: Option<Fault>) -> Self {
        Self { name: name.to_owned(), description, fault }
    }

    /// What is wrong, in one clause.
    fn first(&self) -> Option<String> {
        match self.fault.as_ref()? {
            Fault::Broken(reason) => Some(reason.clone()),
            Fault::Differs(found) => found.first().map(ToString::to_string),
        }
    }

    fn differences(&self) -> usize {
        match &self.fault {
            Some(Fault::Differs(found)) => found.len(),
            Some(Fault::Broken(_)) | None => 0,
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name, "description": self.description, "agrees": self.fault.is_none(),
            "differences": self.differences(), "first_difference": self.first(),
        })
    }
}

/// The first form that is wrong.
pub(crate) struct Finding {
    /// Its position in the table.
    pub(crate) row: usize,
    /// The packet at which it goes wrong.
    pub(crate) packet: Option<usize>,
    /// It is right when packets pass one by one.
    pub(crate) hazard: bool,
    /// The first value that the form before it does not have.
    pub(crate) value: Option<ValueDifference>,
}

/// The end of the run.
pub(crate) fn outcome(
    linked: &Linked,
    options: &Options,
    chosen: &Chosen,
    trial: &Trial<'_>,
    rows: &[Row],
    finding: Option<Finding>,
    refused: Option<&Diagnostics>,
) -> Outcome {
    let mut found = Diagnostics::new();
    let lines = finding.as_ref().map(|finding| explain(trial, rows, finding)).unwrap_or_default();
    if let Some(finding) = &finding {
        let row = &rows[finding.row];
        let message = format!("`{}` is the first form that disagrees with {}", row.name, chosen.name);
        let error = Diagnostic::new(Code::Mismatch, message);
        let error = lines.iter().fold(error, |error, line| error.note(line.clone()));
        found.push(match finding.value.as_ref() {
            Some(value) => error.at(linked.location(value.insn)),
            None => error,
        });
    }
    let error = found.errors().next();
    let json = json!({
        "tool": "bpf2hdl", "version": VERSION, "program": linked.name,
        "target": options.target.name, "clock_mhz": options.clock_mhz,
        "oracle": chosen.name, "oracle_note": chosen.note,
        "packets": trial.packets.len(), "skipped": skipped(trial),
        "forms": rows.iter().map(Row::json).collect::<Vec<_>>(),
        "not_scheduled": refused.map(|refused| refused.to_json_items()),
        "first_wrong": finding.as_ref().map(|finding| finding_json(linked, trial, rows, finding)),
        "error": error.map(|error| &error.message), "code": error.map(|error| error.code.id()),
        "items": found.to_json_items(),
    });
    let text = table(linked, chosen, trial, rows, refused, finding.is_some());
    Outcome { status: u8::from(finding.is_some()), ..Outcome::new(text, &json, found) }
}

/// Packets that the reference could not judge, by reason.
fn skipped(trial: &Trial<'_>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for skip in trial.expected.verdicts().iter().filter_map(|verdict| verdict.as_ref().err()) {
        *counts.entry(skip.reason.clone()).or_default() += 1;
    }
    counts
}

/// The finding in lines.
fn explain(trial: &Trial<'_>, rows: &[Row], finding: &Finding) -> Vec<String> {
    let row = &rows[finding.row];
    let mut lines = vec![format!("made by: {}", row.description)];
    lines.extend(row.first());
    if let Some((number, packet)) = finding.packet.and_then(|number| Some((number, trial.packets.get(number)?))) {
        lines.push(format!("packet {number} has {} bytes: {}", packet.data.len(), hex(packet.data, 64)));
    }
    if finding.hazard {
        lines.push("packets that pass one by one come out right: the schedule has a hazard between packets".to_owned());
    }
    match &finding.value {
        Some(value) => lines.extend(value_lines(&rows[finding.row.saturating_sub(1)].name, value)),
        None if finding.row == 0 => {
            lines.push(
                "no form before it: the front end reads the instructions otherwise than the reference".to_owned(),
            );
        }
        None => {}
    }
    lines
}

fn value_lines(good: &str, value: &ValueDifference) -> [String; 2] {
    let what = format!(
        "first value that `{good}` does not have: {:#x} ({} bits), where it has {}",
        value.got,
        value.width,
        values(&value.expected)
    );
    [what, format!("it is {}", value.operation)]
}

fn values(all: &[u64]) -> String {
    let shown: Vec<String> = all.iter().take(8).map(|value| format!("{value:#x}")).collect();
    let more = if all.len() > 8 { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn finding_json(linked: &Linked, trial: &Trial<'_>, rows: &[Row], finding: &Finding) -> Value {
    let row = &rows[finding.row];
    let kind = match &row.fault {
        Some(Fault::Differs(found)) => found.first().map(|m| format!("{:?}", m.kind).to_lowercase()),
        _ => Some("broken".to_owned()),
    };
    let packet = finding.packet.and_then(|number| trial.packets.get(number));
    let value = finding.value.as_ref().map(|value| {
        let at = linked.location(value.insn);
        json!({
            "insn": value.insn, "instruction": at.instruction, "file": at.file, "line": at.line, "source": at.source,
            "operation": value.operation, "width": value.width, "got": format!("{:#x}", value.got),
            "expected": value.expected.iter().map(|value| format!("{value:#x}")).collect::<Vec<_>>(),
        })
    });
    json!({
        "form": row.name, "description": row.description, "kind": kind, "difference": row.first(),
        "packet": finding.packet, "length": packet.map(|packet| packet.data.len()),
        "bytes": packet.map(|packet| hex(packet.data, usize::MAX)), "hazard": finding.hazard, "value": value,
    })
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8], limit: usize) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(limit) {
        // Writing to a string can not fail.
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > limit { text + ".." } else { text }
}

fn table(
    linked: &Linked,
    chosen: &Chosen,
    trial: &Trial<'_>,
    rows: &[Row],
    refused: Option<&Diagnostics>,
    wrong: bool,
) -> String {
    let mut text = format!("{}: {} packets, compared with {}\n", linked.name, trial.packets.len(), chosen.name);
    // Writing to a string can not fail.
    chosen.note.iter().for_each(|note| _ = writeln!(text, "  {note}"));
    skipped(trial).iter().for_each(|(reason, count)| _ = writeln!(text, "  not judged: {count}: {reason}"));
    text.push('\n');
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    for row in rows {
        let verdict = match (&row.fault, row.first()) {
            (None, _) | (_, None) => "agrees".to_owned(),
            (Some(Fault::Broken(_)), Some(reason)) => format!("BROKEN: {reason}"),
            (Some(Fault::Differs(found)), Some(first)) => format!("DIFFERS: {first} ({} in all)", found.len()),
        };
        let _ = writeln!(text, "  {:<width$}  {verdict}", row.name);
    }
    if refused.is_some() {
        let _ = writeln!(text, "  {:<width$}  not made: the program exceeds a limit of the hardware", "pipe");
    }
    if !wrong {
        text.push_str("\nEvery form agrees.\n");
    }
    text
}
