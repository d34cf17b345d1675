// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl explain`: a diagnostic code, or what became of one instruction, or what happens in one stage.

use super::args::{BuildArgs, SourceArgs};
use super::output::Outcome;
use super::program;
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics, Severity};
use bpf2hdl::report::{self, Operation, Report};
use bpf2hdl::{Design, compile};
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Diagnostic code such as E0401, or a program with --insn or --stage
    #[arg(value_name = "CODE|PROG")]
    what: PathBuf,
    /// Explain this BPF instruction of the program
    #[arg(long, value_name = "N", conflicts_with = "stage")]
    insn: Option<usize>,
    /// Explain this stage of the program's pipeline
    #[arg(long, value_name = "N")]
    stage: Option<u32>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    build: BuildArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &ExplainArgs) -> Result<Outcome, Diagnostics> {
    match (args.insn, args.stage) {
        (Some(number), _) => built(args).and_then(|(design, report)| Ok(insn(&design, &report, number)?)),
        (None, Some(number)) => built(args).and_then(|(_, report)| Ok(stage(&report, number)?)),
        (None, None) => Ok(code(&args.what)?),
    }
}

fn usage(message: String) -> Diagnostic {
    Diagnostic::new(Code::Usage, message)
}

fn built(args: &ExplainArgs) -> Result<(Design, Report), Diagnostics> {
    let options = args.build.options()?;
    let linked = program::load(&args.what, &args.source)?;
    let design = compile(&linked, &options)?;
    let report = report::report(&design, &linked, "", 0.0);
    Ok((design, report))
}

fn code(what: &Path) -> Result<Outcome, Diagnostic> {
    let name = what.display().to_string();
    let Some(code) = Code::from_id(&name) else {
        let error = usage(format!("there is no code `{name}`"));
        return Err(error.with_help("codes look like E0401 or W0002; for a program give --insn N or --stage N as well"));
    };
    let severity = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let text = format!(
        "{severity}[{}]: {}\n\n{}\n\nhelp: {}\n",
        code.id(),
        code.title(),
        wrap(code.explanation()),
        wrap(code.help())
    );
    let json = json!({
        "code": code.id(), "severity": severity, "title": code.title(),
        "explanation": code.explanation(), "help": code.help(),
    });
    Ok(Outcome::new(text, &json, Diagnostics::new()))
}

/// Lines of at most 100 characters; paragraphs stay.
fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 100 {
                lines.push(std::mem::take(&mut line));
            }
            let space = if line.is_empty() { "" } else { " " };
            line = format!("{line}{space}{word}");
        }
        lines.push(line);
    }
    lines.join("\n")
}

fn insn(design: &Design, report: &Report, number: usize) -> Result<Outcome, Diagnostic> {
    let Some(at) = report.listing.iter().find(|line| line.insn == number) else {
        let last = report.listing.last().map_or(0, |line| line.insn);
        return Err(usage(format!(
            "there is no instruction {number}; they are 0 to {last}, 16-byte loads count twice"
        )));
    };
    let from_it = |insn: Option<u32>| insn.is_some_and(|insn| insn as usize == number);
    let values = design.function.iter().filter(|(_, def)| from_it(def.insn));
    let values: Vec<String> = values.map(|(value, def)| format!("{value}:{} = {def}", def.width)).collect();
    let all = report.stage_details.iter().flat_map(|stage| &stage.operations);
    let operations: Vec<&Operation> = all.filter(|operation| from_it(operation.insn)).collect();
    let mut text = format!("insn {number}: {}\n", at.text);
    if let (Some(file), Some(line)) = (&at.file, at.line) {
        let _ = writeln!(text, "{file}:{line}: {}", at.source.as_deref().unwrap_or_default().trim());
    }
    section(&mut text, "IR values", &values);
    let lines: Vec<String> = operations.iter().map(|operation| in_stage(operation)).collect();
    section(&mut text, "in the pipeline", &lines);
    if values.is_empty() && operations.is_empty() {
        text.push_str("\nNothing is left of it: it was folded, forwarded, or only named a value.\n");
    } else if operations.is_empty() {
        text.push_str("\nNo logic of its own: its values are wires, or were merged into others.\n");
    }
    let json = json!({ "instruction": at, "values": values, "operations": operations });
    Ok(Outcome::new(text, &json, Diagnostics::new()))
}

fn in_stage(operation: &Operation) -> String {
    let Operation { name, width, text, start, stage, .. } = operation;
    let when = if start == stage { format!("stage {stage}") } else { format!("stages {start} to {stage}") };
    format!("{when}: {name}:{width} = {text}")
}

fn stage(report: &Report, number: u32) -> Result<Outcome, Diagnostic> {
    let Some(stage) = report.stage_details.iter().find(|stage| stage.index == number) else {
        return Err(usage(format!("there is no stage {number}; they are 0 to {}", report.stages.saturating_sub(1))));
    };
    let mut text = format!(
        "stage {number} of {}: {} register bits at its input, {:.2} ns (estimate)\n",
        report.stages, stage.register_bits, stage.estimated_ns
    );
    let operation = |operation: &Operation| {
        let until = if operation.start == operation.stage {
            String::new()
        } else {
            format!(" until stage {}", operation.stage)
        };
        let insn = operation.insn.map_or(String::new(), |insn| format!("  @{insn}"));
        format!("{}:{} = {}{until}{insn}", operation.name, operation.width, operation.text)
    };
    section(&mut text, "operations (@: BPF instruction)", &stage.operations.iter().map(operation).collect::<Vec<_>>());
    section(&mut text, "C lines", &c_lines(report, &stage.lines));
    let json = json!({ "stage": stage, "stages": report.stages, "operations": stage.operations });
    Ok(Outcome::new(text, &json, Diagnostics::new()))
}

/// The lines with their text.
fn c_lines(report: &Report, places: &[String]) -> Vec<String> {
    let text = |place: &String| {
        let hit = report.listing.iter().find(|line| match (&line.file, line.line) {
            (Some(file), Some(number)) => *place == format!("{file}:{number}"),
            _ => false,
        });
        let source = hit.and_then(|line| line.source.as_deref()).unwrap_or_default();
        format!("{place}: {}", source.trim())
    };
    places.iter().map(text).collect()
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        // Writing to a string can not fail.
        let _ = write!(text, "\n{title}:\n  {}\n", lines.join("\n  "));
    }
}
