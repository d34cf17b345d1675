// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl-benchmark netlist`: what any design takes, as one JSON object. `./run shells` counts the wrappers of the NIC shells with it.

use bpf2hdl_testbench::synth::{ALVEO_U50, Family, SynthOptions, Yosys, synthesise_with};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Longest synthesis.
const LIMIT: Duration = Duration::from_secs(1800);

/// Arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Folder of the design
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The list of its files, in the folder
    #[arg(long, value_name = "FILE")]
    list: String,
    /// Its top module
    #[arg(long, value_name = "MODULE")]
    top: String,
    /// A parameter of the top module, NAME=VALUE; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    parameter: Vec<String>,
}

/// Runs yosys for UltraScale+ and prints the counts, and the shares of an Alveo U50 in percent.
pub(crate) fn run(arguments: &Arguments, say: &dyn Fn(&str)) -> Result<bool, String> {
    let yosys = Yosys::find().map_err(|error| error.to_string())?;
    let options = SynthOptions { family: Family::UltraScalePlus, ultra_ram: false, netlist: None, limit: LIMIT };
    let log = arguments.folder.join("synthesis.log");
    let done = synthesise_with(
        &yosys,
        &arguments.folder,
        &arguments.list,
        &arguments.top,
        &arguments.parameter,
        options,
        &log,
    );
    let done = done.map_err(|error| error.to_string())?;
    let used = done.resources;
    let share =
        |name: &str| ALVEO_U50.shares(&used).into_iter().find(|(known, _)| *known == name).map(|(_, part)| part);
    let json = serde_json::json!({
        "tool": done.tool, "seconds": done.elapsed.as_secs_f64(), "lut_sites": used.lut_sites(), "lut": used.lut, "srl": used.srl,
        "lut_ram": used.lut_ram, "ff": used.ff, "bram36": used.bram36(), "uram": used.uram, "dsp": used.dsp,
        "lut_percent": share("LUT"), "ff_percent": share("FF"), "bram_percent": share("BRAM"),
    });
    say(&format!("{json}\n"));
    Ok(true)
}
