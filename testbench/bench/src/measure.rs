// SPDX-License-Identifier: Apache-2.0
//! All figures of one program: compiled, synthesised, simulated.

use crate::catalogue::Program;
use crate::compiler::{self, Run, ULTRA_RAM_BITS};
use crate::{clang, flows};
use bpf2hdl_testbench::capture;
use bpf2hdl_testbench::synth::{ALVEO_U50, Family, SynthOptions, Yosys, synthesise};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Width of the packet bus, bits.
pub(crate) const BUS_BITS: u32 = 512;
/// Folder of generated map files in the output.
pub(crate) const MAPS: &str = "maps";
/// Longest synthesis.
const SYNTHESIS_LIMIT: Duration = Duration::from_secs(1800);
const FLOOD_PACKETS: usize = 4096;
const FLOOD_BYTES: usize = 64;
const MIXED_PACKETS: usize = 2000;

/// How to measure.
#[derive(Debug, Clone)]
pub(crate) struct Plan<'a> {
    /// The compiler.
    pub(crate) compiler: &'a Path,
    /// Where everything is written.
    pub(crate) out: PathBuf,
    /// Target of the compiler.
    pub(crate) target: String,
    /// The synthesis tool, unless it is left out.
    pub(crate) yosys: Option<Yosys>,
    /// Whether to simulate.
    pub(crate) simulate: bool,
}

/// The figures of one program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) job: String,
    pub(crate) class: Option<String>,
    /// Instructions in the object, before it is linked.
    pub(crate) object_instructions: u64,
    /// Why the compiler does not take it; empty if it does.
    pub(crate) refused: Vec<String>,
    /// What went wrong; empty is good.
    pub(crate) failures: Vec<String>,
    pub(crate) compiled: Option<Compiled>,
    pub(crate) synthesised: Option<Synthesised>,
    /// 64-byte frames of the program's own flows.
    pub(crate) flood: Option<Simulated>,
    /// Frames of all sizes, foreign and malformed ones too.
    pub(crate) mixed: Option<Simulated>,
}

/// From the compiler's report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Compiled {
    pub(crate) instructions: u64,
    pub(crate) stages: u64,
    pub(crate) latency_cycles: u64,
    pub(crate) latency_ns: f64,
    pub(crate) pipeline_register_bits: u64,
    pub(crate) window_bytes: u64,
    pub(crate) clock_mhz: f64,
    /// Estimate: the inverse of the longest stage, by the target's delay table.
    pub(crate) estimated_clock_mhz: f64,
    pub(crate) compile_ms: f64,
    pub(crate) peak_memory_mib: f64,
    /// Worst packets per clock of its maps, when all packets hit one entry.
    pub(crate) worst_packets_per_clock: f64,
}

/// Cells of the whole core.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Synthesised {
    pub(crate) lut: u64,
    pub(crate) srl: u64,
    pub(crate) lut_ram: u64,
    pub(crate) ff: u64,
    pub(crate) bram36: f64,
    pub(crate) uram: u64,
    pub(crate) dsp: u64,
    pub(crate) carry8: u64,
    /// Share of the look-up tables of an Alveo U50, those used as memory included.
    pub(crate) u50_lut_percent: f64,
    /// The resource of an Alveo U50 that is used most, and its share.
    pub(crate) u50_fullest: String,
    pub(crate) u50_fullest_percent: f64,
    pub(crate) tool: String,
    pub(crate) seconds: f64,
}

/// A simulation against the oracle.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Simulated {
    pub(crate) packets: u64,
    pub(crate) packets_per_clock: f64,
    pub(crate) oracle: String,
    pub(crate) compared: u64,
    pub(crate) mismatches: u64,
    pub(crate) input_stall_cycles: u64,
    pub(crate) actions: Value,
}

/// Measures one program. What goes wrong is in the row.
pub(crate) fn measure(program: &Program, plan: &Plan<'_>, tell: &mut dyn FnMut(&str)) -> Result<Row, String> {
    let folder = plan.out.join(&program.name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let object = folder.join("program.o");
    clang::compile(&program.source(), &object).map_err(|reason| format!("{}: {reason}", program.name))?;
    let mut row = Row {
        name: program.name.clone(),
        job: program.job.clone(),
        class: program.class.clone(),
        object_instructions: clang::instructions(&object)?,
        refused: Vec::new(),
        failures: Vec::new(),
        compiled: None,
        synthesised: None,
        flood: None,
        mixed: None,
    };
    tell("compile");
    let design = folder.join("design");
    let run = compile(program, plan, &object, &design)?;
    if !run.ok {
        row.refused = run.refusals();
        return Ok(row);
    }
    row.compiled = Some(compiled(&run));
    if let Some(yosys) = &plan.yosys {
        tell("synthesise");
        match synthesis(yosys, &run, &design, &folder, &plan.target) {
            Ok(found) => row.synthesised = Some(found),
            Err(reason) => row.failures.push(format!("synthesis: {reason}")),
        }
    }
    if plan.simulate {
        tell("simulate 64-byte frames");
        row.flood = simulate(program, plan, &folder, "flood", &mut row.failures)?;
        tell("simulate mixed frames");
        row.mixed = simulate(program, plan, &folder, "mixed", &mut row.failures)?;
    }
    Ok(row)
}

fn words(list: &[&str]) -> Vec<OsString> {
    list.iter().map(OsString::from).collect()
}

fn common(program: &Program, target: &str) -> Vec<OsString> {
    let mut arguments = words(&["--bus", &BUS_BITS.to_string(), "--target", target, "--json"]);
    if let Some(name) = &program.program {
        arguments.extend(words(&["--prog", name]));
    }
    arguments
}

fn compile(program: &Program, plan: &Plan<'_>, object: &Path, design: &Path) -> Result<Run, String> {
    let mut arguments = words(&["compile"]);
    arguments.extend([object.into(), "-o".into(), design.into()]);
    arguments.extend(common(program, &plan.target));
    compiler::run(plan.compiler, &arguments, &object.with_file_name("compile.log"))
}

fn compiled(run: &Run) -> Compiled {
    let number = |pointer: &str| run.number(pointer).unwrap_or(0.0);
    let clock_mhz = number("/clock_mhz");
    Compiled {
        instructions: number("/instructions") as u64,
        stages: number("/stages") as u64,
        latency_cycles: number("/latency_cycles") as u64,
        latency_ns: 1000.0 * number("/latency_cycles") / clock_mhz,
        pipeline_register_bits: number("/pipeline_register_bits") as u64,
        window_bytes: number("/window_bytes") as u64,
        clock_mhz,
        estimated_clock_mhz: 1000.0 / number("/critical_stage/estimated_ns"),
        compile_ms: number("/compile_ms"),
        peak_memory_mib: run.peak_mib,
        worst_packets_per_clock: run.worst_packets_per_clock(),
    }
}

fn synthesis(yosys: &Yosys, run: &Run, design: &Path, folder: &Path, target: &str) -> Result<Synthesised, String> {
    let family = Family::of_target(target).ok_or_else(|| format!("there is no open flow for target {target}"))?;
    let ultra_ram = run.largest_map_bits() >= ULTRA_RAM_BITS;
    let options = SynthOptions { family, ultra_ram, netlist: None, limit: SYNTHESIS_LIMIT };
    let done = synthesise(yosys, design, "bpf_core.f", "bpf_core", options, &folder.join("synthesis.log"));
    let done = done.map_err(|error| error.to_string())?;
    let used = done.resources;
    let (fullest, fullest_percent) = ALVEO_U50.fullest(&used);
    Ok(Synthesised {
        lut: used.lut,
        srl: used.srl,
        lut_ram: used.lut_ram,
        ff: used.ff,
        bram36: used.bram36(),
        uram: used.uram,
        dsp: used.dsp,
        carry8: used.carry8,
        u50_lut_percent: ALVEO_U50.lut_percent(&used),
        u50_fullest: fullest.to_owned(),
        u50_fullest_percent: fullest_percent,
        tool: done.tool,
        seconds: done.elapsed.as_secs_f64(),
    })
}

/// One run in Verilator; what is wrong with it is added to `failures`.
fn simulate(
    program: &Program,
    plan: &Plan<'_>,
    folder: &Path,
    traffic: &str,
    failures: &mut Vec<String>,
) -> Result<Option<Simulated>, String> {
    let seed = u64::from(program.order) + 1;
    let frames = match traffic {
        "flood" => flows::flood(&program.flows, FLOOD_PACKETS, FLOOD_BYTES, seed),
        _ => flows::mixed(&program.flows, MIXED_PACKETS, seed),
    };
    let frames = frames.map_err(|reason| format!("{}: {reason}", program.name))?;
    let pcap = folder.join(format!("{traffic}.pcap"));
    capture::write(&pcap, frames.iter().map(Vec::as_slice)).map_err(|error| error.to_string())?;
    let mut arguments = words(&["sim"]);
    arguments.extend([folder.join("program.o").into(), "--pcap".into(), pcap.into()]);
    if let Some(maps) = program.maps(&plan.out.join(MAPS)) {
        arguments.extend(["--maps".into(), maps.into()]);
    }
    arguments.extend(common(program, &plan.target));
    let run = compiler::run(plan.compiler, &arguments, &folder.join(format!("{traffic}.log")))?;
    if run.json.get("packets").is_none() {
        failures.extend(run.refusals().into_iter().map(|text| format!("{traffic}: {text}")));
        return Ok(None);
    }
    let number = |pointer: &str| run.number(pointer).unwrap_or(0.0);
    let found = Simulated {
        packets: number("/packets") as u64,
        packets_per_clock: number("/packets_per_cycle"),
        oracle: run.json.get("oracle").and_then(Value::as_str).unwrap_or("none").to_owned(),
        compared: number("/compared") as u64,
        mismatches: number("/mismatches") as u64,
        input_stall_cycles: number("/input_stall_cycles") as u64,
        actions: run.json.get("actions").cloned().unwrap_or_default(),
    };
    if found.mismatches != 0 {
        failures.push(format!("{traffic}: {} mismatches against {}", found.mismatches, found.oracle));
    } else if found.compared == 0 || !run.ok {
        failures.push(format!("{traffic}: nothing was compared"));
    }
    Ok(Some(found))
}
