// SPDX-License-Identifier: Apache-2.0
//! The grammar of the command line.

use bpf2hdl::diag::{Code, Diagnostic};
use bpf2hdl::target;
use bpf2hdl::{MAX_INTERVAL, Optimize, Options};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Compiles unmodified XDP programs to pipelined RTL.
#[derive(Parser, Debug)]
#[command(name = "bpf2hdl", version, max_term_width = 120)]
pub(crate) struct Cli {
    /// Print one JSON object on standard output instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// List everything that would be refused, and all warnings
    Check(super::check::CheckArgs),
    /// Write the RTL and its reports into a folder
    Compile(super::compile::CompileArgs),
    /// Run packets through the simulated hardware and compare with a reference
    Sim(super::sim::SimArgs),
    /// Build the bitstream of a board with open tools
    Synth(super::synth::SynthArgs),
    /// Run packets through every form of the program and name the first one that is wrong
    Bisect(super::bisect::BisectArgs),
    /// Explain a diagnostic code, or what became of an instruction or a stage
    Explain(super::explain::ExplainArgs),
}

/// Which program.
#[derive(Args, Debug)]
pub(crate) struct ProgramArgs {
    /// BPF object (.o), or C source (.c) to be compiled by clang
    #[arg(value_name = "PROG")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// How to find and compile the program in its file.
#[derive(Args, Debug)]
pub(crate) struct SourceArgs {
    /// Program to take when the object holds several
    #[arg(long = "prog", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Folder for #include in a C source; may be repeated
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
    /// Macro for a C source; may be repeated
    #[arg(short = 'D', value_name = "NAME[=VALUE]")]
    pub(crate) define: Vec<String>,
    /// Value of a global variable, as a loader sets it before loading: a number, or bytes in memory order; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) set: Vec<(String, String)>,
    /// Number of entries of a map, as a loader sets it before loading; may be repeated
    #[arg(long, value_name = "MAP=N", value_parser = parse_entries)]
    pub(crate) entries: Vec<(String, u32)>,
    /// Number of inner maps that there is room for in a map of maps; as many as it has entries if left out; may be repeated
    #[arg(long, value_name = "MAP=N", value_parser = parse_entries)]
    pub(crate) inner_maps: Vec<(String, u32)>,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is written NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_entries(text: &str) -> Result<(String, u32), String> {
    let (name, entries) = text.split_once('=').ok_or("it is written MAP=N")?;
    Ok((name.to_owned(), entries.parse().map_err(|_| format!("`{entries}` is no number of entries"))?))
}

/// What to build for.
#[derive(Args, Debug)]
pub(crate) struct BuildArgs {
    /// FPGA family: xcup, xc7, ecp5; as on a gigabit board: ecp5-45f, ecp5-25f
    #[arg(long, default_value = "xcup")]
    target: String,
    /// Clock in MHz; the target's usual one if left out
    #[arg(long, value_name = "MHZ", allow_negative_numbers = true)]
    clock: Option<f64>,
    /// Width of the packet bus in bits: 64, 128, 256 or 512
    #[arg(long, value_name = "BITS", default_value_t = 512)]
    bus: u32,
    /// Fewest stages, or fewest look-up tables and registers
    #[arg(long, value_enum, value_name = "WHAT", default_value = "latency")]
    optimize: Goal,
    #[command(flatten)]
    interval: IntervalArgs,
}

/// How often a packet may come.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct IntervalArgs {
    /// Initiation interval: a packet each N clocks at most, so that N stages in a row share registers and logic
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_INTERVAL)))]
    ii: u32,
}

impl IntervalArgs {
    /// Clocks.
    pub(crate) fn clocks(self) -> u32 {
        self.ii
    }
}

/// What to spend where a choice is open.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub(crate) enum Goal {
    Latency,
    Area,
}

impl Goal {
    /// The compiler's word for it.
    pub(crate) fn optimize(self) -> Optimize {
        match self {
            Goal::Latency => Optimize::Latency,
            Goal::Area => Optimize::Area,
        }
    }
}

/// Clocks that make sense for an FPGA, in MHz.
const CLOCKS: std::ops::RangeInclusive<f64> = 1.0..=2000.0;

impl BuildArgs {
    /// The compiler's options.
    pub(crate) fn options(&self) -> Result<Options, Diagnostic> {
        let refuse = |message: String| Diagnostic::new(Code::UnknownTarget, message);
        let Some(target) = target::find(&self.target) else {
            let names: Vec<&str> = target::TARGETS.iter().map(|target| target.name).collect();
            return Err(refuse(format!("there is no target `{}`; there are {}", self.target, names.join(", "))));
        };
        let clock_mhz = self.clock.unwrap_or(target.default_clock_mhz);
        if !CLOCKS.contains(&clock_mhz) {
            return Err(refuse(format!("a clock of {clock_mhz} MHz can not be built; 1 to 2000 MHz can")));
        }
        if ![64, 128, 256, 512].contains(&self.bus) {
            return Err(refuse(format!("a bus of {} bits is not built; 64, 128, 256 and 512 are", self.bus)));
        }
        Ok(Options {
            target,
            clock_mhz,
            bus_bits: self.bus,
            optimize: self.optimize.optimize(),
            initiation_interval: self.interval.clocks(),
        })
    }
}

/// Whether the arguments ask for JSON, for errors that are found before they are understood.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}
