// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl compile`: a program becomes a folder of RTL and reports.

use super::args::{BuildArgs, ProgramArgs};
use super::design::{Built, REPORT, build_as, sums};
use super::folder::{self, File, Foreign};
use super::output::Outcome;
use super::sim_engine;
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use bpf2hdl::isa::disassemble;
use bpf2hdl::object::Linked;
use bpf2hdl::report::{Report, VERSION};
use bpf2hdl::rtl::ModuleName;
use bpf2hdl::{opt, verify};
use bpf2hdl_interface::engine::FILE_NAME;
use bpf2hdl_interface::manifest;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Arguments of `compile`.
#[derive(Args, Debug)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// Folder to write; replaced if it holds an earlier output
    #[arg(short = 'o', value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    build: BuildArgs,
    /// Name of the top module; the other generated modules and files are called after it, so that several designs can stand in one
    #[arg(long, value_name = "NAME", default_value = "bpf_core")]
    module: ModuleName,
    /// For the programmable engine instead of a pipeline: the engine's sources, and the program as what it is loaded with
    #[arg(long, conflicts_with_all = ["module", "optimize", "ii"])]
    engine: bool,
    /// Write forms of the program between C and RTL as well
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FORM,..")]
    emit: Vec<Form>,
}

/// A form of the program on its way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
enum Form {
    /// program.asm: the linked BPF instructions
    Asm,
    /// program.ir: the optimised single-assignment code
    Ir,
    /// passes/*.ir: the code after each pass
    Passes,
    /// program.pipe: the scheduled pipeline
    Pipe,
}

/// The JSON: the report, and where everything is.
#[derive(Serialize)]
struct Compiled<'a> {
    #[serde(flatten)]
    report: &'a Report,
    output: &'a Path,
}

/// Runs the verb.
pub(crate) fn run(args: &CompileArgs) -> Result<Outcome, Diagnostics> {
    folder::probe(&args.out, Foreign::Refused, &[])?;
    if args.engine {
        return engine(args);
    }
    let mut built = build_as(&args.program.path, &args.program.source, &args.build, &args.module)?;
    let mut forms = args.emit.clone();
    forms.sort_unstable();
    forms.dedup();
    for form in forms {
        let files = emit(form, &built)?;
        built.files.extend(files);
    }
    let warnings = built.design.warnings.clone();
    let (files, report) = built.into_files();
    folder::install(&args.out, &files, Foreign::Refused)?;
    let json = Compiled { report: &report, output: &args.out };
    Ok(Outcome::new(summary(&report, &args.out), &json, warnings))
}

/// `compile --engine`.
fn engine(args: &CompileArgs) -> Result<Outcome, Diagnostics> {
    if let Some(form) = args.emit.iter().find(|form| **form != Form::Asm) {
        let message = format!("a program for the engine has no form {form:?}; it has `asm`");
        return Err(Diagnostic::new(Code::UnknownTarget, message).into());
    }
    let subject = sim_engine::subject(&args.program, &args.build)?;
    let mut files = subject.files;
    if !args.emit.is_empty() {
        files.push(asm(&subject.linked));
    }
    files.push(File::new(manifest::SUMS_NAME, sums(&files)));
    let instructions = subject.linked.instructions();
    let bytes = files.iter().find(|file| file.path == FILE_NAME).map_or(0, |file| file.contents.len());
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).chain([REPORT]).collect();
    let json = json!({
        "tool": "bpf2hdl", "version": VERSION, "program": subject.linked.name, "instructions": instructions,
        "engine_bytes": bytes, "files": names, "output": args.out, "warnings": subject.warnings.to_json_items(),
    });
    files.push(File::new(REPORT, format!("{json}\n")));
    folder::install(&args.out, &files, Foreign::Refused)?;
    let text = format!(
        "{} ({instructions} instructions) -> {}\n\n  for the engine    {bytes} bytes to load\n",
        subject.linked.name,
        args.out.display()
    );
    Ok(Outcome::new(text, &json, subject.warnings))
}

fn asm(linked: &Linked) -> File {
    let insns: Vec<_> = linked.insns.iter().map(|slot| slot.insn).collect();
    File::new("program.asm", disassemble(&insns))
}

fn emit(form: Form, built: &Built) -> Result<Vec<File>, Diagnostics> {
    let one = |name: &str, text: String| Ok(vec![File::new(name, text)]);
    match form {
        Form::Asm => Ok(vec![asm(&built.linked)]),
        Form::Ir => one("program.ir", built.design.function.to_string()),
        Form::Pipe => one("program.pipe", built.design.pipeline.to_string()),
        Form::Passes => {
            let steps = opt::trace(verify::verify(&built.linked, &verify::LIMITS)?, &built.design.options.goal());
            let file = |(number, (name, function)): (usize, (&str, bpf2hdl::ir::Function))| {
                File::new(format!("passes/{number:02}-{name}.ir"), function.to_string())
            };
            Ok(steps.into_iter().enumerate().map(file).collect())
        }
    }
}

/// A few lines for people.
fn summary(report: &Report, out: &Path) -> String {
    let mut text = format!("{} ({} instructions) -> {}\n\n", report.program, report.instructions, out.display());
    let mut row = |name: &str, value: String| {
        // Writing to a string can not fail.
        let _ = writeln!(text, "  {name:<18}{value}");
    };
    let critical = &report.critical_stage;
    row("stages", format!("{}, one packet per clock", report.stages));
    row("latency", format!("{} clocks, 64-byte frame, first beat in to first beat out", report.latency_cycles));
    row("window", format!("{} bytes of the packet", report.window_bytes));
    row("registers", format!("{} bits between stages", report.pipeline_register_bits));
    row(
        "clock",
        format!(
            "{} MHz on {}; longest stage {} at {:.2} of {:.2} ns ({})",
            report.clock_mhz, report.target, critical.index, critical.estimated_ns, critical.allowed_ns, report.delays
        ),
    );
    row("bus", format!("{} bits", report.bus_bits));
    for map in &report.maps {
        let kind = format!("{}, {} x {} bytes, {}", map.map_type, map.max_entries, map.value_size, map.storage);
        row(&format!("map {}", map.name), kind);
    }
    let count = report.warnings.as_array().map_or(0, Vec::len);
    row("warnings", count.to_string());
    let _ = write!(text, "\n  report: {}\n", out.join("report.html").display());
    text
}
