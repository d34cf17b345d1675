// SPDX-License-Identifier: Apache-2.0
//! What `sim` says: the JSON, and the table for people.

use super::design::REPORT;
use super::folder::File;
use super::output::Outcome;
use super::sim_events;
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use bpf2hdl::report::VERSION;
use bpf2hdl_interface::Manifest;
use bpf2hdl_interface::registers::Counter;
use bpf2hdl_testbench::{Action, Comparison, MapsCompared, Mismatch, RedirectTarget, SimReport};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What the simulation does not know itself.
pub(crate) struct Context<'a> {
    /// Name of the reference, or `none`.
    pub(crate) oracle: &'static str,
    /// Why it is that one.
    pub(crate) note: Option<String>,
    pub(crate) seed: u64,
    pub(crate) out: Option<&'a Path>,
    pub(crate) waves: Option<&'a Path>,
    /// The compiler's.
    pub(crate) warnings: Diagnostics,
}

/// The JSON object, and `report.json` of the output folder.
#[derive(Serialize)]
struct SimJson<'a> {
    tool: &'static str,
    version: &'static str,
    build_id: &'a str,
    program: &'a str,
    target: &'a str,
    clock_mhz: f64,
    bus_bits: u32,
    stages: u32,
    packets: u64,
    actions: BTreeMap<&'static str, u64>,
    /// Frames that came out of each output.
    frames_out: BTreeMap<&'static str, usize>,
    cycles: u64,
    verdict_cycles: u64,
    packets_per_cycle: f64,
    latency_cycles: Value,
    input_stall_cycles: u64,
    /// Redirected packets by target, such as `port 3`.
    redirect_targets: BTreeMap<String, u64>,
    /// Records for the host by map.
    events: BTreeMap<String, u64>,
    /// Lines that were printed.
    prints: u64,
    oracle: &'static str,
    oracle_note: Option<&'a str>,
    compared: u64,
    mismatches: u64,
    maps_compared: String,
    skipped: BTreeMap<String, u64>,
    explanations: Vec<Value>,
    counters: BTreeMap<&'static str, u64>,
    seed: u64,
    model_cached: bool,
    build_seconds: f64,
    run_seconds: f64,
    output: Option<&'a Path>,
    waves: Option<&'a Path>,
    files: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    items: Value,
}

/// The end of the run; adds `report.json` to the files, if there are any.
pub(crate) fn outcome(result: &SimReport, context: Context<'_>, files: &mut Vec<File>) -> Outcome {
    let mut found = context.warnings.clone();
    let failed = result.mismatches() > 0;
    found.extend(failed.then(|| mismatch_error(result, &context)));
    let mut names: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    if !files.is_empty() {
        names.push(REPORT.to_owned());
        names.sort();
    }
    let json = object(result, &context, names, &found);
    let text = table(result, &context);
    let outcome = Outcome { status: u8::from(failed), ..Outcome::new(text, &json, found.clone()) };
    if !files.is_empty() {
        files.push(File::new(REPORT, format!("{}\n", outcome.json)));
    }
    outcome
}

/// A pipeline or an engine, in words.
fn hardware(manifest: &Manifest) -> String {
    let what = if manifest.is_engine() { "engine".to_owned() } else { format!("{} stages", manifest.stages) };
    format!("{what}, {}-bit bus", manifest.bus_bits)
}

fn object<'a>(
    result: &'a SimReport,
    context: &'a Context<'a>,
    files: Vec<String>,
    found: &'a Diagnostics,
) -> SimJson<'a> {
    let (report, comparison) = (&result.manifest, result.comparison.as_ref());
    let error = found.errors().next();
    let latency = result.latency_cycles;
    SimJson {
        tool: "bpf2hdl",
        version: VERSION,
        build_id: &report.build_id,
        program: &report.program,
        target: &report.target,
        clock_mhz: report.clock_mhz,
        bus_bits: report.bus_bits,
        stages: report.stages,
        packets: result.packets,
        actions: Action::ALL.iter().map(|action| (action.name(), result.actions[*action as usize])).collect(),
        frames_out: [("pass", &result.pass), ("tx", &result.tx), ("redirect", &result.redirect)]
            .into_iter()
            .map(|(name, frames)| (name, frames.len()))
            .collect(),
        cycles: result.cycles,
        verdict_cycles: result.verdict_cycles,
        packets_per_cycle: (result.packets_per_cycle * 1e6).round() / 1e6,
        latency_cycles: json!({ "min": latency.map(|range| range.min), "max": latency.map(|range| range.max) }),
        input_stall_cycles: result.input_stall_cycles,
        redirect_targets: targets(result)
            .into_iter()
            .map(|(target, count)| (target.text(&result.map_names()), count))
            .collect(),
        events: sim_events::counts(result),
        prints: sim_events::prints(result),
        oracle: context.oracle,
        oracle_note: context.note.as_deref(),
        compared: comparison.map_or(0, |comparison| comparison.compared),
        mismatches: result.mismatches(),
        maps_compared: comparison.map_or("not compared".to_owned(), |comparison| maps_text(&comparison.maps)),
        skipped: comparison.map(|comparison| comparison.skipped.clone()).unwrap_or_default(),
        explanations: mismatch_list(result).map(mismatch_json).collect(),
        counters: Counter::ALL.iter().map(|counter| (counter.name(), result.counters.get(*counter))).collect(),
        seed: context.seed,
        model_cached: result.model_cached,
        build_seconds: result.build_seconds,
        run_seconds: result.run_seconds,
        output: context.out,
        waves: context.waves,
        files,
        error: error.map(|error| error.message.as_str()),
        code: error.map(|error| error.code.id()),
        items: found.to_json_items(),
    }
}

/// How many packets were redirected to each target.
fn targets(result: &SimReport) -> BTreeMap<RedirectTarget, u64> {
    let mut counts = BTreeMap::new();
    for target in result.verdicts.iter().filter_map(|verdict| verdict.target) {
        *counts.entry(target).or_default() += 1;
    }
    counts
}

/// The explained mismatches: against the reference, then of the checks that need none.
fn mismatch_list(result: &SimReport) -> impl Iterator<Item = &Mismatch> {
    result.comparison.iter().flat_map(|comparison| &comparison.explained).chain(&result.checks)
}

fn mismatch_json(mismatch: &Mismatch) -> Value {
    let kind = format!("{:?}", mismatch.kind).to_lowercase();
    json!({ "packet": mismatch.packet, "kind": kind, "message": mismatch.message })
}

fn mismatch_error(result: &SimReport, context: &Context<'_>) -> Diagnostic {
    let message = format!("{} mismatches against {}", result.mismatches(), context.oracle);
    mismatch_list(result).fold(Diagnostic::new(Code::Mismatch, message), |error, one| error.note(one.to_string()))
}

fn maps_text(maps: &MapsCompared) -> String {
    match maps {
        MapsCompared::Equal => "equal".to_owned(),
        MapsCompared::Different(count) => format!("{count} entries differ"),
        MapsCompared::NotCompared(reason) => format!("not compared: {reason}"),
    }
}

/// The table for people.
fn table(result: &SimReport, context: &Context<'_>) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let verdicts = Action::ALL.iter().map(|action| (action.name(), result.actions[*action as usize]));
    let verdicts: Vec<String> =
        verdicts.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    let none = if result.packets == 0 { ": the capture holds no packets" } else { "" };
    rows.push(("packets", format!("{}{none}", result.packets)));
    rows.push(("verdicts", if verdicts.is_empty() { "none".to_owned() } else { verdicts.join(", ") }));
    let (targets, names, shown) = (targets(result), result.map_names(), 8);
    let mut list: Vec<String> =
        targets.iter().take(shown).map(|(target, count)| format!("{}: {count}", target.text(&names))).collect();
    if targets.len() > shown {
        list.push(format!("and {} more", targets.len() - shown));
    }
    if !list.is_empty() {
        rows.push(("redirected to", list.join(", ")));
    }
    let events: Vec<String> =
        sim_events::counts(result).into_iter().map(|(map, count)| format!("{map}: {count}")).collect();
    if !events.is_empty() {
        rows.push(("events", events.join(", ")));
    }
    let prints = sim_events::prints(result);
    if prints > 0 {
        rows.push(("printed", format!("{prints} lines")));
    }
    rows.push(("rate", rate(result, result.manifest.clock_mhz)));
    rows.push(("input refused", format!("{} of {} clocks", result.input_stall_cycles, result.cycles)));
    let latency = result.latency_cycles.map_or("-".to_owned(), |range| match range.min == range.max {
        true => format!("{} clocks", range.min),
        false => format!("{} to {} clocks", range.min, range.max),
    });
    rows.push(("latency", latency));
    rows.push(("pipeline", hardware(&result.manifest)));
    comparison_rows(&mut rows, result.comparison.as_ref(), context, !result.manifest.maps.is_empty());
    rows.push(("mismatches", result.mismatches().to_string()));
    rows.extend(context.out.map(|out| ("written to", out.display().to_string())));
    rows.extend(context.waves.map(|waves| ("waveforms", waves.display().to_string())));
    let mut text = format!("{}\n\n", result.manifest.program);
    for (name, value) in rows {
        // Writing to a string can not fail.
        let _ = writeln!(text, "  {name:<15}{value}");
    }
    text
}

fn rate(result: &SimReport, clock_mhz: f64) -> String {
    let rate = result.packets_per_cycle;
    if rate < 0.1 {
        let clocks = 1.0 / rate.max(f64::MIN_POSITIVE);
        return format!(
            "{rate:.5} packets per clock, {clocks:.0} clocks a packet, {:.3} million a second at {clock_mhz} MHz",
            rate * clock_mhz
        );
    }
    format!("{rate:.3} packets per clock, {:.1} million a second at {clock_mhz} MHz", rate * clock_mhz)
}

fn comparison_rows(
    rows: &mut Vec<(&str, String)>,
    comparison: Option<&Comparison>,
    context: &Context<'_>,
    has_maps: bool,
) {
    let Some(comparison) = comparison else {
        rows.push(("compared with", "nothing".to_owned()));
        return;
    };
    rows.push(("compared with", format!("{}: {} packets", comparison.oracle, comparison.compared)));
    rows.extend(context.note.iter().map(|note| ("", note.clone())));
    rows.extend(comparison.skipped.iter().map(|(reason, count)| ("not judged", format!("{count}: {reason}"))));
    if has_maps {
        rows.push(("maps", maps_text(&comparison.maps)));
    }
}
