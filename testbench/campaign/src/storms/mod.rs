// SPDX-License-Identifier: Apache-2.0
//! Every type of map and every helper under traffic that hits the same keys: `./run storms`.
//!
//! Each program of a folder is compiled, built in Verilator and given 100,000 packets back to back: storms on one key, on two, on 16,
//! and on many, and frames of all sizes. Verdicts, packets, targets and the maps afterwards are compared with the kernel. Then
//! packets that all have one key are counted against the clocks that they take.

mod frames;
mod program;

pub use program::Program;

use crate::{engine, hardware};
use bpf2hdl::object::Linked;
use bpf2hdl::{Options, compile, oracle, target};
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{MapContents, MapsCompared, PacketSet, Silent, SimOptions, SimReport, SimRequest, simulate};
use std::path::{Path, PathBuf};

/// How to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Packets of each program.
    pub packets: usize,
    /// Packets of which the rate is taken.
    pub storm: usize,
    /// Where designs are written.
    pub folder: PathBuf,
    /// First number of the generator.
    pub seed: u64,
    /// Whether models are built fast rather than to run fast.
    pub quick: bool,
    /// Whether programs run on the engine; demands on the rate then mean nothing.
    pub engine: bool,
}

/// What came of a program.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Packets compared.
    pub compared: u64,
    /// Verdicts, packets and entries that differ.
    pub mismatches: u64,
    /// The first of them, explained.
    pub explained: Vec<String>,
    /// Whether the maps were compared.
    pub maps: bool,
    /// How many packets had each action.
    pub actions: [u64; 5],
    /// Packets per clock when all have one key.
    pub rate: f64,
    /// Ranks of registers in the pipeline.
    pub stages: u32,
}

/// What a rate may fall short of the demanded one: the pipeline fills once.
const TOLERANCE: f64 = 0.01;

impl Outcome {
    /// Whether packets with one key passed at this rate.
    #[must_use]
    pub fn reaches(&self, rate: f64) -> bool {
        self.rate > rate - TOLERANCE
    }
}

/// Compiles a program, and compares it.
///
/// # Errors
/// A sentence: it is refused, or what is missing on this machine.
pub fn run(program: &Program, settings: &Settings) -> Result<Outcome, String> {
    let linked = program.link()?;
    let options = Options {
        target: target::find("xcup").ok_or("there is no target xcup")?,
        clock_mhz: 250.0,
        bus_bits: 512,
        optimize: bpf2hdl::Optimize::default(),
        initiation_interval: 1,
    };
    let folder = settings.folder.join(if settings.engine { "engine" } else { &program.name });
    let stages = match settings.engine {
        true => engine::write(&linked, &options, &folder).map(|()| 0).map_err(|(_, message)| message)?,
        false => write(&linked, &options, &folder)?,
    };
    let contents = program.contents()?;
    let mut kernel = KernelOracle::load(&oracle::program(&linked)).map_err(|error| error.to_string())?;
    let packets = frames::mixed(settings.packets, program.keys, settings.seed);
    let report = simulated(&folder, &packets, &contents, Some(&mut kernel), settings)?;
    let storm = frames::storm(settings.storm, settings.seed);
    let rate = simulated(&folder, &storm, &contents, None, settings)?.packets_per_cycle;
    let comparison = report.comparison.as_ref().ok_or("nothing was compared")?;
    let explained = comparison.explained.iter().chain(&report.checks).map(ToString::to_string);
    Ok(Outcome {
        compared: comparison.compared,
        mismatches: report.mismatches(),
        explained: explained.collect(),
        maps: comparison.maps == MapsCompared::Equal,
        actions: report.actions,
        rate,
        stages,
    })
}

/// Writes a program's pipeline; its stages.
fn write(linked: &Linked, options: &Options, folder: &Path) -> Result<u32, String> {
    let design = compile(linked, options).map_err(|errors| errors.to_text())?;
    hardware::write(&design, linked, folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(design.pipeline.stages())
}

fn simulated(
    folder: &Path,
    packets: &PacketSet,
    contents: &MapContents,
    kernel: Option<&mut KernelOracle>,
    settings: &Settings,
) -> Result<SimReport, String> {
    let request = SimRequest {
        design: folder,
        packets,
        preload: Some(contents),
        // Not `map`: only here the lifetime of the trait object may be shortened.
        oracle: match kernel {
            Some(kernel) => Some(kernel),
            None => None,
        },
        options: SimOptions { seed: settings.seed, quick_build: settings.quick, ..SimOptions::default() },
    };
    simulate(request, &mut Silent).map_err(|error| error.to_string())
}
