// SPDX-License-Identifier: Apache-2.0
//! What was built, in numbers: the report as data ([`Report`]), as JSON, as a page, and the manifest for the host.
//!
//! Everything but [`Report::compile_ms`] follows from the program and the options, so the same input gives the same
//! report. That one number is in `report.json` only, which no build id covers.

mod collect;
mod html;
mod json;
mod latency;
mod manifest;

pub use collect::report;
pub use html::to_html;
pub use json::to_json;
pub use latency::latency_cycles;
pub use manifest::manifest;
pub(crate) use manifest::map_info;

use serde::Serialize;
use serde_json::Value;

/// The compiler's version, as in reports.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything that `report.json` says, and what the page shows beyond it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// `bpf2hdl`.
    pub tool: &'static str,
    /// Version of the compiler.
    pub version: &'static str,
    /// The design's build id, 64 hexadecimal digits.
    pub build_id: String,
    /// Name of the program's function.
    pub program: String,
    /// `xdp` or `phys_dev`.
    pub program_type: &'static str,
    /// Section of the object.
    pub section: String,
    /// BPF instructions after linking; a 16-byte load counts once.
    pub instructions: usize,
    /// Name of the target.
    pub target: &'static str,
    /// Vendor and family.
    pub target_description: &'static str,
    /// Where the delays come from.
    pub delays: &'static str,
    /// Clock that was built for, MHz.
    pub clock_mhz: f64,
    /// Width of the packet bus in bits.
    pub bus_bits: u32,
    /// What was preferred: `latency` or `area`.
    pub optimize: &'static str,
    /// Pipeline stages.
    pub stages: u32,
    /// Clocks from the first beat of a 64-byte frame to the first beat out, see [`latency_cycles`].
    pub latency_cycles: u32,
    /// Clocks between two packets that enter the pipeline: always 1.
    pub initiation_interval: u32,
    /// Packet bytes, from the start, that the pipeline holds.
    pub window_bytes: u32,
    /// Bytes that must have arrived before a packet enters the pipeline.
    pub token_min_bytes: u32,
    /// A packet enters the pipeline only after its last byte, because its exact length is used.
    pub waits_for_end: bool,
    /// Data bits registered between stages, all stages together.
    pub pipeline_register_bits: u64,
    /// What no other placement of the same logic falls below, while maps, multipliers and the number of stages are where they are;
    /// it may not be reached. Absent for programs for which it would take too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_register_bits_least: Option<u64>,
    /// Bytes of the packet that the program may change.
    pub edit_bytes: usize,
    /// The slowest stage.
    pub critical_stage: CriticalStage,
    /// Every map of the program, in the manifest's order.
    pub maps: Vec<MapReport>,
    /// Every stage, in order.
    pub stage_details: Vec<StageReport>,
    /// Every instruction, in order.
    #[serde(skip)]
    pub listing: Vec<InsnReport>,
    /// Warnings in the form of the diagnostics' JSON.
    pub warnings: Value,
    /// All files of the output folder, relative to it, in alphabetical order; filled in by whoever writes them.
    pub files: Vec<String>,
    /// Milliseconds from reading the input to the finished RTL.
    pub compile_ms: f64,
}

/// The slowest stage.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct CriticalStage {
    /// Its number, from 0.
    pub index: u32,
    /// Estimated delay, register overhead included.
    pub estimated_ns: f64,
    /// Clock period.
    pub allowed_ns: f64,
}

/// A map.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MapReport {
    /// Name in the object.
    pub name: String,
    /// bpftool's name of its type.
    #[serde(rename = "type")]
    pub map_type: String,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Number of entries.
    pub max_entries: u32,
    /// `ram`, `registers`, or `none` for what is fixed at compile time or never used.
    pub storage: &'static str,
    /// Bits of memory or flip-flops, replicas and the directory of a hash map included.
    pub storage_bits: u64,
    /// Read ports: different entries that one packet may read.
    pub read_ports: usize,
    /// Write ports.
    pub write_ports: usize,
    /// Stages from the first access that matters to the last write: 0 never written, 1 in one step.
    pub section_stages: u32,
    /// Packets per clock if every packet uses the same entry.
    pub worst_case_packets_per_cycle: f64,
    /// The parts of a map of one entry whose variables have sections of their own; the two numbers above are those of the
    /// worst. Absent where the map is whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartReport>,
}

/// Variables, or fields of an entry, with a section of their own.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PartReport {
    /// Name of the map, and of the first variable or field.
    pub name: String,
    /// First byte in the entry.
    pub offset: u32,
    /// Number of bytes.
    pub bytes: u32,
    /// As of a map.
    pub section_stages: u32,
    /// As of a map.
    pub worst_case_packets_per_cycle: f64,
}

/// A stage.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StageReport {
    /// Its number, from 0.
    pub index: u32,
    /// Data bits registered at its input (of stage 0: none, the token is registered in the ingress).
    pub register_bits: u32,
    /// Pieces of logic that begin in it.
    pub nodes: usize,
    /// Estimated delay, register overhead included.
    pub estimated_ns: f64,
    /// C lines that work in it, `file:line`, ascending.
    pub lines: Vec<String>,
    /// What it does, one operation each.
    #[serde(skip)]
    pub operations: Vec<Operation>,
}

/// A piece of logic, an access to a map, or an output.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Operation {
    /// The node's name in the pipeline's text form, or `address`, `write`, `edit`, `verdict`.
    pub name: String,
    /// Bits of the result.
    pub width: u32,
    /// What is computed, in the pipeline's text form.
    pub text: String,
    /// BPF instruction that it comes from.
    pub insn: Option<u32>,
    /// Stage in which the operands are used.
    pub start: u32,
    /// Stage in which the result is there.
    pub stage: u32,
}

/// A BPF instruction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct InsnReport {
    /// Slot, from 0, as the kernel's verifier counts.
    pub insn: usize,
    /// Its text.
    pub text: String,
    /// C file, if known.
    pub file: Option<String>,
    /// Line in it, from 1.
    pub line: Option<u32>,
    /// Text of that line.
    pub source: Option<String>,
    /// Stages in which something that comes from it works, ascending. Empty: wires or nothing.
    pub stages: Vec<u32>,
}
