// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl sim`: packets through the simulated hardware, compared with a reference.

use super::args::{BuildArgs, ProgramArgs};
use super::design::{REPORT, build};
use super::folder::{self, File, Foreign};
use super::output::Outcome;
use super::progress::StatusLine;
use super::sim_oracle::{self, Choice};
use super::sim_report::{self, Context};
use super::sim_waves::Waves;
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics, Location};
use bpf2hdl::oracle;
use bpf2hdl_interface::{MapShape, map_file};
use bpf2hdl_testbench::{
    Error, MapContents, MapSpec, Oracle, PacketSet, ReadyPattern, SimOptions, SimReport, SimRequest, capture, simulate,
};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Arguments of `sim`.
#[derive(Args, Debug)]
pub(crate) struct SimArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// Packets to offer: a pcap or pcapng file of Ethernet frames without FCS
    #[arg(long, value_name = "IN")]
    pcap: PathBuf,
    /// Write the packets that left, verdicts, maps and the design into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Contents of maps before the first packet
    #[arg(long, value_name = "FILE")]
    maps: Option<PathBuf>,
    #[command(flatten)]
    build: BuildArgs,
    /// What to compare with; the kernel if it can be used, else ir
    #[arg(long, value_enum)]
    oracle: Option<Choice>,
    /// How the outputs hold the hardware up
    #[arg(long, value_enum, default_value = "none")]
    stall: Stall,
    /// Seed of random patterns and of registers without reset
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write waveforms (FST) into this file
    #[arg(long, value_name = "FILE")]
    waves: Option<PathBuf>,
}

/// How outputs take beats.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Stall {
    /// In every clock
    None,
    /// In half of the clocks, by chance
    Random,
    /// In patterns that find faults: long stalls, toggling, ready only after valid
    Adversarial,
}

impl Stall {
    fn pattern(self) -> ReadyPattern {
        match self {
            Stall::None => ReadyPattern::Always,
            Stall::Random => ReadyPattern::Random { numerator: 1, denominator: 2 },
            Stall::Adversarial => ReadyPattern::Adversarial,
        }
    }
}

/// Files of the output folder beside the design.
const OUTPUTS: [&str; 6] = ["pass.pcap", "tx.pcap", "redirect.pcap", "verdicts.csv", "maps.json", REPORT];

/// Runs the verb.
pub(crate) fn run(args: &SimArgs, json: bool) -> Result<Outcome, Diagnostics> {
    if let Some(out) = &args.out {
        folder::probe(out, Foreign::Kept, &OUTPUTS)?;
    }
    let packets = read_packets(&args.pcap)?;
    let built = build(&args.program.path, &args.program.source, &args.build)?;
    let program = oracle::program(&built.linked);
    let shapes: Vec<MapShape> = program.maps.iter().map(MapSpec::shape).collect();
    let preload = args.maps.as_deref().map(|path| read_maps(path, &shapes)).transpose()?;
    let mut chosen = sim_oracle::choose(args.oracle, &program, &built.linked)?;
    let warnings = built.design.warnings.clone();
    let (design, report) = built.into_files();
    let oracle = chosen.oracle.as_deref_mut();
    let result = simulate_design(args, &design, Inputs { packets: &packets, preload: preload.as_ref() }, oracle, json)?;
    let context = Context {
        report: &report,
        oracle: chosen.name,
        note: chosen.note,
        seed: args.seed,
        out: args.out.as_deref(),
        waves: args.waves.as_deref(),
        warnings,
    };
    let mut files = if args.out.is_some() { outputs(&result, design) } else { Vec::new() };
    let outcome = sim_report::outcome(&result, context, &mut files);
    if let Some(out) = &args.out {
        folder::install(out, &files, Foreign::Kept)?;
    }
    Ok(outcome)
}

/// What the hardware is given.
struct Inputs<'a> {
    packets: &'a PacketSet,
    preload: Option<&'a MapContents>,
}

/// Simulates the design from a temporary folder.
fn simulate_design(
    args: &SimArgs,
    design: &[File],
    inputs: Inputs<'_>,
    oracle: Option<&mut (dyn Oracle + 'static)>,
    json: bool,
) -> Result<SimReport, Diagnostic> {
    let waves = args.waves.as_deref().map(Waves::begin).transpose()?;
    let place = Temporary::new(design)?;
    let request = SimRequest {
        design: &place.0,
        packets: inputs.packets,
        preload: inputs.preload,
        // Not `map`: only here the lifetime of the trait object may be shortened.
        oracle: match oracle {
            Some(oracle) => Some(oracle),
            None => None,
        },
        options: sim_options(args, waves.as_ref()),
    };
    let result = simulate(request, &mut StatusLine::new(json));
    if let Some(waves) = waves {
        waves.finish(&result)?;
    }
    result.map_err(|error| failure(error, args))
}

fn sim_options(args: &SimArgs, waves: Option<&Waves>) -> SimOptions {
    SimOptions {
        pass_ready: args.stall.pattern(),
        tx_ready: args.stall.pattern(),
        seed: args.seed,
        waves: waves.map(|waves| waves.partial().to_owned()),
        ..SimOptions::default()
    }
}

/// Reads the capture. Frames without a byte can not be offered to hardware.
fn read_packets(path: &Path) -> Result<PacketSet, Diagnostic> {
    let refuse =
        |message: String| Diagnostic::new(Code::CaptureFile, message).at(Location::file(path.display().to_string()));
    let packets = capture::read(path).map_err(|error| refuse(error.to_string()))?;
    let empty = packets.iter().position(|packet| packet.data.is_empty());
    match empty {
        Some(number) => Err(refuse(format!("packet {number} has no byte"))),
        None => Ok(packets),
    }
}

fn read_maps(path: &Path, shapes: &[MapShape]) -> Result<MapContents, Diagnostic> {
    let refuse =
        |message: String| Diagnostic::new(Code::MapFile, message).at(Location::file(path.display().to_string()));
    let text = std::fs::read_to_string(path)
        .map_err(|error| refuse(format!("{} can not be read: {error}", path.display())))?;
    map_file::parse(&text, shapes).map_err(|error| refuse(error.to_string()))
}

/// The files that a run leaves, the report not among them yet.
fn outputs(result: &SimReport, design: Vec<File>) -> Vec<File> {
    let mut verdicts = String::from("index,action,length\n");
    for (index, verdict) in result.verdicts.iter().enumerate() {
        verdicts.push_str(&format!("{index},{},{}\n", verdict.action, verdict.length));
    }
    let mut files = vec![
        File::new("pass.pcap", capture::encode(result.pass.iter())),
        File::new("tx.pcap", capture::encode(result.tx.iter())),
        File::new("redirect.pcap", capture::encode([])),
        File::new("verdicts.csv", verdicts),
        File::new("maps.json", map_file::write(&result.maps, &result.map_shapes)),
    ];
    files.extend(design.into_iter().map(|file| File::new(format!("design/{}", file.path), file.contents)));
    files
}

/// What an error of the testbench means to the user.
fn failure(error: Error, args: &SimArgs) -> Diagnostic {
    let message = error.to_string();
    let (code, file) = match &error {
        Error::Packet(..) => (Code::CaptureFile, Some(&args.pcap)),
        Error::Preload(_) => (Code::MapFile, args.maps.as_ref()),
        Error::Oracle(..) => (Code::Oracle, None),
        Error::Tool(_) | Error::Build { .. } | Error::Io(..) => (Code::Tool, None),
        Error::Hang { .. } | Error::Stopped(_) | Error::Host(_) | Error::Model(_) | Error::Manifest(_) => {
            (Code::Internal, None)
        }
    };
    let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
    let item = rest.lines().filter(|line| !line.trim().is_empty()).fold(Diagnostic::new(code, first), Diagnostic::note);
    let item = match &error {
        Error::Io(..) => item.with_help("models are cached there; BPF2HDL_CACHE names another folder"),
        _ => item,
    };
    match file {
        Some(file) => item.at(Location::file(file.display().to_string())),
        None => item,
    }
}

/// The design in a temporary folder, removed at the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(files: &[File]) -> Result<Self, Diagnostic> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let place = std::env::temp_dir().join(format!("bpf2hdl-sim-{}-{now}", std::process::id()));
        folder::install(&place, files, Foreign::Refused)?;
        Ok(Self(place))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A temporary folder that can not be removed does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
