// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl synth`: a program becomes the bitstream of a board.
//!
//! Everything is made in a temporary folder and installed as a whole. If timing is missed the folder is installed without a bitstream, with the
//! reports that say why, and the command fails.

use super::args::{Goal, IntervalArgs, SourceArgs};
use super::bench::Temporary;
use super::design::{self, Built};
use super::folder::{self, File, Foreign};
use super::output::Outcome;
use super::program;
use super::progress::StatusLine;
use super::synth_report::{self, SYNTH};
use super::synth_tools::{self, LPF, Tools};
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use bpf2hdl::{Options, compile, target};
use bpf2hdl_boards::{self as boards, Board, Host, Mac};
use clap::Args;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Arguments of `synth`.
#[derive(Args, Debug)]
pub(crate) struct SynthArgs {
    /// BPF object (.o), or C source (.c) to be compiled by clang
    #[arg(value_name = "PROG", required_unless_present = "list_boards")]
    path: Option<PathBuf>,
    #[command(flatten)]
    source: SourceArgs,
    /// Board to build for
    #[arg(long, value_name = "NAME", required_unless_present = "list_boards")]
    board: Option<String>,
    /// Folder to write; replaced if it holds an earlier output
    #[arg(short = 'o', value_name = "DIR", required_unless_present = "list_boards")]
    out: Option<PathBuf>,
    /// List the boards and shells
    #[arg(long, conflicts_with_all = ["path", "board", "out"])]
    list_boards: bool,
    /// Clock of the core in MHz, a whole part of the board's VCO; the board's usual one if left out
    #[arg(long, value_name = "MHZ", allow_negative_numbers = true)]
    clock: Option<f64>,
    /// Most arrangements that are tried until timing is met with 10 % to spare; the best one is taken
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    seeds: u32,
    /// Fewest stages, or fewest look-up tables and registers
    #[arg(long, value_enum, value_name = "WHAT", default_value = "latency")]
    optimize: Goal,
    #[command(flatten)]
    interval: IntervalArgs,
    #[command(flatten)]
    host: HostArgs,
}

/// How the host will reach the board.
#[derive(Args, Debug)]
struct HostArgs {
    /// Registers by datagrams to this IPv4 address, in place of the serial line
    #[arg(long, value_name = "IP", value_parser = boards::unicast)]
    udp: Option<Ipv4Addr>,
    /// The board's MAC address for that; 02:00 and the bytes of IP if left out
    #[arg(long, value_name = "MAC", value_parser = Mac::parse, requires = "udp")]
    udp_mac: Option<Mac>,
    /// The interface that datagrams come by: 1 or 2; those at the other one are frames as any
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2), requires = "udp")]
    udp_interface: u8,
}

impl HostArgs {
    fn host(&self) -> Host {
        match self.udp {
            None => Host::Serial,
            Some(ip) => {
                let mac = self.udp_mac.unwrap_or_else(|| Mac::local(ip));
                Host::Udp { ip, mac, port: usize::from(self.udp_interface) - 1 }
            }
        }
    }
}

/// The file list of the whole board.
const LIST: &str = "board.f";

/// Runs the verb.
pub(crate) fn run(args: &SynthArgs, json: bool) -> Result<Outcome, Diagnostics> {
    let (Some(path), Some(name), Some(out)) = (&args.path, &args.board, &args.out) else {
        return Ok(list());
    };
    let board = board(name, args.clock)?;
    folder::probe(out, Foreign::Refused, &[])?;
    let tools = Tools::find()?;
    let started = Instant::now();
    let mut status = StatusLine::new(json);
    let built = build(path, args, &board)?;
    let warnings = built.design.warnings.clone();
    let (mut files, mut report) = built.into_files();
    let work = Temporary::new(&files)?;
    let done = synth_tools::run(&tools, &board, &work.0, args.seeds, started, &mut status)?;
    drop(status);
    files.retain(|file| file.path != design::REPORT);
    files.extend(done.files(&work.0)?);
    let result = synth_report::Synth::new(&report, &board, args.host.host(), &tools, &done);
    files.push(File::new(SYNTH, synth_report::to_json(&result)));
    report.files = files.iter().map(|file| file.path.clone()).chain([design::REPORT.to_owned()]).collect();
    report.files.sort();
    files.push(File::new(design::REPORT, bpf2hdl::report::to_json(&report)));
    folder::install(out, &files, Foreign::Refused)?;
    if !result.met {
        return Err(result.refusal(out).into());
    }
    let json = synth_report::Output { synth: &result, output: out };
    Ok(Outcome::new(result.text(out), &json, warnings))
}

/// Names, then what the others are.
fn list() -> Outcome {
    let boards = boards::list();
    let mut text = String::new();
    for board in &boards {
        let flow = if board.open_flow { "open tools" } else { "vendor's tools" };
        // Writing to a string can not fail.
        let _ = writeln!(
            text,
            "{:<24}{:<6}{:<16}{} ({}, core at {} MHz, {} bits)",
            board.name, board.family, flow, board.description, board.part, board.clock_mhz, board.bus_bits
        );
    }
    Outcome::new(text, &boards, Diagnostics::new())
}

/// The board, with another clock if one is asked for.
fn board(name: &str, clock: Option<f64>) -> Result<Board, Diagnostic> {
    let refuse = |message: String| Diagnostic::new(Code::UnknownBoard, message);
    let Some(found) = boards::find(name) else {
        return Err(match boards::SHELLS.iter().find(|shell| shell.name == name) {
            Some(shell) => refuse(format!("`{name}` is built with its vendor's tools, not by this command"))
                .with_help(format!("{}/README.md says how", shell.folder)),
            None => {
                let names: Vec<&str> = boards::BOARDS.iter().map(|board| board.name).collect();
                refuse(format!("there is no board `{name}`; there are {}", names.join(", ")))
            }
        });
    };
    let mut board = *found;
    let Some(clock) = clock else { return Ok(board) };
    let vco = board.clock_mhz * f64::from(board.pll.core);
    let divider = (vco / clock).round();
    if !(4.0..=15.0).contains(&divider) || (vco / divider - clock).abs() > 0.01 {
        let near = (vco / clock).clamp(4.0, 15.0);
        let (low, high) = (vco / near.ceil(), vco / near.floor());
        return Err(refuse(format!(
            "{name} can not make a clock of {clock} MHz for the core: it has {vco} MHz over 4 to 15, for example {low:.3} or {high:.3} MHz"
        )));
    }
    // In 4..=15, as was checked.
    board.pll.core = divider as u32;
    board.clock_mhz = vco / divider;
    Ok(board)
}

/// The core with what stands around it on the board.
fn build(path: &Path, args: &SynthArgs, board: &Board) -> Result<Built, Diagnostics> {
    let started = Instant::now();
    let target = target::find(board.target)
        .ok_or_else(|| Diagnostic::new(Code::Internal, format!("internal error: {} names no target", board.name)))?;
    let optimize = args.optimize.optimize();
    let options = Options {
        target,
        clock_mhz: board.clock_mhz,
        bus_bits: board.bus_bits,
        optimize,
        initiation_interval: args.interval.clocks(),
    };
    let linked = program::load(path, &args.source)?;
    let compiled = compile(&linked, &options)?;
    let metadata = compiled.pipeline.resize.most_metadata();
    if metadata != 0 {
        let message = format!("`{}` may put {metadata} bytes of metadata before the packet", linked.name);
        return Err(Diagnostic::new(Code::BoardMetadata, message).into());
    }
    let mut built = design::emit(linked, compiled, started)?;
    let mut names: Vec<String> = built.files.iter().map(|file| file.path.clone()).collect();
    names.retain(|name| name.ends_with(".sv"));
    for source in boards::SOURCES {
        let path = format!("hdl/{}", source.name);
        if !names.contains(&path) {
            built.files.push(File::new(path.clone(), source.text));
            names.push(path);
        }
    }
    names.push("top.sv".to_owned());
    built.files.push(File::new("top.sv", boards::top(board, args.host.host())));
    built.files.push(File::new(LPF, boards::lpf(&board.nets())));
    built.files.push(File::new(LIST, names.join("\n") + "\n"));
    Ok(built)
}
