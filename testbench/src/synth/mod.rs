// SPDX-License-Identifier: Apache-2.0
//! What a design costs in an FPGA: whole cores through yosys, cells counted.
//!
//! A core is read from its `.f` list, flattened and mapped with the open flow of its family; then the cells of the
//! netlist are counted by kind. Nothing of that is placed or routed: counts are those of the netlist, before a vendor's tool packs
//! two small tables into one or trims further. Clocks can not be told from it.
//!
//! | file | what |
//! |---|---|
//! | `yosys` | finds a yosys, natively or as WebAssembly, and runs a script |
//! | `cells` | counts of cell types, from `stat -json` |
//! | `resources` | cell types to LUT, FF, BRAM, URAM, DSP |
//! | `part` | devices to compare with |
//! | `place` | nextpnr and ecppack for ECP5 |
//! | `run` | a tool with a log and a limit |

mod cells;
mod part;
mod place;
mod resources;
mod run;
mod yosys;

pub use cells::Cells;
pub use part::{ALVEO_U50, Part};
pub use place::{
    Arrangement, ClockTiming, CriticalPath, DEVICE_IS_OUT, Nextpnr, PlaceOptions, Placed, Placer, Utilization,
};
pub use resources::{Family, Resources};
pub use run::Ran;
pub use yosys::Yosys;

use crate::Error;
use std::path::Path;
use std::time::Duration;

/// A synthesised design.
#[derive(Debug, Clone, PartialEq)]
pub struct Synthesis {
    /// Cells of the flattened netlist.
    pub cells: Cells,
    /// The same by kind.
    pub resources: Resources,
    /// Which yosys, with its version.
    pub tool: String,
    /// Time that yosys took.
    pub elapsed: Duration,
}

/// How to synthesise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynthOptions {
    /// The family to map to.
    pub family: Family,
    /// Large memories in UltraRAM where the family has it (`synth_xilinx -uram`).
    pub ultra_ram: bool,
    /// File for the netlist as JSON, in the design's folder, if it is to be kept: for [`Nextpnr::place_part`].
    pub netlist: Option<&'static str>,
    /// Yosys is stopped after this time.
    pub limit: Duration,
}

/// Synthesises the design of a folder that `bpf2hdl compile` wrote; its files are `list`, a `.f` file in it, its top
/// module `top`. The log is left in `log`.
///
/// # Errors
/// [`Error::Tool`] if there is no yosys, [`Error::Io`] for unreadable files, [`Error::Build`] with the last lines of the
/// log if yosys fails or takes longer than the limit.
pub fn synthesise(
    yosys: &Yosys,
    design: &Path,
    list: &str,
    top: &str,
    options: SynthOptions,
    log: &Path,
) -> Result<Synthesis, Error> {
    synthesise_with(yosys, design, list, top, &[], options, log)
}

/// The same with parameters of the top module, each `NAME=VALUE`.
///
/// # Errors
/// As [`synthesise`]; [`Error::Tool`] for a parameter without `=`.
pub fn synthesise_with(
    yosys: &Yosys,
    design: &Path,
    list: &str,
    top: &str,
    parameters: &[String],
    options: SynthOptions,
    log: &Path,
) -> Result<Synthesis, Error> {
    let list = design.join(list);
    let files = std::fs::read_to_string(&list).map_err(Error::io(&list))?;
    let files: Vec<&str> = files.split_whitespace().collect();
    let stat = "bpf2hdl-synth-stat.json";
    let mut script = vec![format!("read_verilog -sv {}", files.join(" "))];
    for parameter in parameters {
        let (name, value) =
            parameter.split_once('=').ok_or_else(|| Error::Tool(format!("{parameter} is not NAME=VALUE")))?;
        script.push(format!("chparam -set {name} {value} {top}"));
    }
    script.extend([
        options.family.flow(top, options.ultra_ram),
        "check -assert".to_owned(),
        format!("tee -q -o {stat} stat -json"),
    ]);
    script.extend(options.netlist.map(|file| format!("write_json {file}")));
    let elapsed = yosys.run(design, &script, options.limit, log)?.elapsed;
    let file = design.join(stat);
    let text = std::fs::read_to_string(&file).map_err(Error::io(&file))?;
    // What is counted is kept in the result; the design's folder stays as it was.
    std::fs::remove_file(&file).map_err(Error::io(&file))?;
    let cells = Cells::parse(&text).map_err(|reason| Error::Tool(format!("{}: {reason}", yosys.version())))?;
    let resources = Resources::count(&cells).map_err(Error::Tool)?;
    Ok(Synthesis { cells, resources, tool: yosys.version().to_owned(), elapsed })
}
