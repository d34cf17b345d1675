// SPDX-License-Identifier: Apache-2.0
//! SystemVerilog from a scheduled pipeline.
//!
//! | module | writes |
//! |---|---|
//! | `pipeline`, `stage`, `section`, `units`, `map_port`, `directory`, `trie` | `bpf_pipeline.sv` |
//! | `core`, `core_ports`, `core_signals`, `host_port`, `arrival`, `events`, `replicate` | `bpf_core.sv`: the pipeline among the modules of `hdl/` |
//! | `engine` | `bpf_core.sv` around an engine |
//! | `library` | the needed modules of `hdl/` |
//! | `signals`, `expr`, `result` | names and expressions |
//! | `latency` | clocks and depths, for the scheduler and the report too |
//! | `text`, `names`, `module_name`, `keywords`, `notes` | lines, identifiers, comments |
//!
//! Architecture invariants: what [`check`] accepts is emitted without failure; no order but that of the pipeline and of
//! sorted tables reaches the output, so that the same input gives the same bytes; only the subset of SystemVerilog that
//! Verilator and yosys read alike is written, clean under `verilator --lint-only -Wall` without waivers.

mod arrival;
mod check;
mod core;
mod core_ports;
mod core_signals;
mod directory;
mod engine;
mod events;
mod expr;
mod extent;
mod host_port;
mod keywords;
mod latency;
mod library;
mod map_port;
mod module_name;
mod names;
mod notes;
mod parts;
mod pipeline;
mod ram_parts;
mod replicate;
mod result;
mod section;
mod signals;
mod stage;
mod text;
mod trie;
mod units;

pub use check::check;
pub use engine::engine;
pub use latency::{
    CORE_CLOCKS, Depths, core_clocks, depths, directory_latency, divider_latency, elastic_fifo_clocks,
    interlock_clocks, multiplier_latency, pipeline_clocks, resize_clocks,
};
pub use module_name::ModuleName;

use crate::compile::Design;
use crate::object::Linked;
use crate::pipe::{MapUnit, Storage};
use sha2::{Digest, Sha256};

/// A generated file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Path in the design folder, with `/`.
    pub path: String,
    /// Text.
    pub contents: String,
}

/// What all generated files share.
struct Context<'a> {
    design: &'a Design,
    program: &'a Linked,
    /// Identifier of each map.
    maps: Vec<String>,
    depths: Depths,
    build_id: &'a [u8; 32],
    module: &'a ModuleName,
}

/// The design's files: `.mem` files of maps with contents, `hdl/*.sv`, `bpf_pipeline.sv`, `bpf_core.sv`, and `bpf_core.f`, which
/// lists the `.sv` files in dependency order, the top last.
///
/// `build_id` becomes the `BUILD_ID` registers, see [`build_id`]. Paths are relative to the design folder; `INIT_FILE`s
/// are read relative to the tool's working directory.
///
/// # Panics
/// On a pipeline that [`check`] does not accept: an internal error of the scheduler.
pub fn emit(design: &Design, program: &Linked, build_id: &[u8; 32]) -> Vec<SourceFile> {
    emit_as(design, program, build_id, &ModuleName::default())
}

/// As [`emit`], with another name for the modules and files that are generated; those of `hdl/` keep theirs.
///
/// # Panics
/// As [`emit`].
pub fn emit_as(design: &Design, program: &Linked, build_id: &[u8; 32], module: &ModuleName) -> Vec<SourceFile> {
    debug_assert_eq!(check(design), Vec::<String>::new());
    let maps = names::map_names(design.pipeline.maps.iter().map(|m| m.map.name.as_str()));
    let depths = depths(&design.pipeline, &design.options);
    let cx = Context { design, program, maps, depths, build_id, module };
    let pipeline = pipeline::module(&cx);
    let core = core::module(&cx);
    let mut files = Vec::new();
    for (map, unit) in design.pipeline.maps.iter().enumerate() {
        if let Some(path) = cx.init_file(map) {
            files.push(SourceFile { path, contents: init_contents(unit) });
        }
    }
    let mut list = String::new();
    let modules = library::needed(&[&pipeline, &core])
        .into_iter()
        .map(|(name, text)| (format!("hdl/{name}.sv"), text.to_owned()));
    let own = [(format!("{}.sv", module.pipeline()), pipeline), (format!("{}.sv", module.core()), core)];
    for (path, contents) in modules.chain(own) {
        list.push_str(&path);
        list.push('\n');
        files.push(SourceFile { path, contents });
    }
    files.push(SourceFile { path: format!("{}.f", module.core()), contents: list });
    files
}

/// The identification of a design: SHA-256 over its files (path, length, contents) as emitted with a build id of zeros. The same
/// input to the same compiler always gives the same one.
pub fn build_id(design: &Design, program: &Linked) -> [u8; 32] {
    build_id_as(design, program, &ModuleName::default())
}

/// As [`build_id`], of what [`emit_as`] makes.
pub fn build_id_as(design: &Design, program: &Linked, module: &ModuleName) -> [u8; 32] {
    let mut hash = Sha256::new();
    for file in emit_as(design, program, &[0; 32], module) {
        hash.update(format!("{} {}\n", file.path, file.contents.len()));
        hash.update(file.contents);
    }
    hash.finalize().into()
}

/// `$readmemh` text: one entry a line, the value as one number (byte 0 last).
fn init_contents(unit: &MapUnit) -> String {
    let size = unit.map.value_size as usize;
    let mut text = String::new();
    for entry in 0..unit.map.slots() as usize {
        for byte in (0..size).rev() {
            let value = unit.map.initial.get(entry * size + byte).copied().unwrap_or(0);
            text.push_str(&format!("{value:02x}"));
        }
        text.push('\n');
    }
    text
}

impl Context<'_> {
    /// The file with the first contents of a map in RAM, if it has any but zeros.
    fn init_file(&self, map: usize) -> Option<String> {
        let unit = &self.design.pipeline.maps[map];
        let has_contents = unit.storage == Storage::Ram && map_port::has_initial(unit);
        has_contents.then(|| self.module.map_file(&self.maps[map]))
    }

    /// The lines ahead of a generated module: licence, origin, how to make it again.
    fn preamble(&self, text: &mut text::Text) {
        let options = &self.design.options;
        let program = notes::printable(&self.program.name);
        let (version, target) = (env!("CARGO_PKG_VERSION"), options.target.name);
        text.line(0, "// SPDX-License-Identifier: Apache-2.0");
        text.remark(0, &format!("Made by bpf2hdl {version} from program `{program}`; do not edit. To make it again:"));
        let (clock, bus, optimize) = (options.clock_mhz, options.bus_bits, options.optimize.name());
        let interval = match options.initiation_interval {
            1 => String::new(),
            clocks => format!(" --ii {clocks}"),
        };
        let module = if self.module.is_default() { String::new() } else { format!(" --module {}", self.module.core()) };
        text.remark(
            0,
            &format!(
                "  bpf2hdl compile PROG -o DIR --prog {program} --target {target} --clock {clock} --bus {bus} --optimize {optimize}{interval}{module}"
            ),
        );
        text.line(0, "`default_nettype none");
        text.blank();
    }

    /// Pipeline register bits, valid bits not included.
    fn register_bits(&self) -> u32 {
        (0..self.design.pipeline.stages()).map(|k| self.design.runs.bits_at(k)).sum()
    }
}
