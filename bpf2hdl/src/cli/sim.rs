// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl sim`: packets through the simulated hardware, compared with a reference.

use super::args::{BuildArgs, ProgramArgs};
use super::bench::{PreloadArgs, Temporary, arrivals, failure, nests, parse_time, read_packets};
use super::design::{REPORT, build};
use super::folder::{self, File, Foreign};
use super::output::Outcome;
use super::progress::StatusLine;
use super::sim_engine;
use super::sim_events;
use super::sim_oracle::{self, Choice};
use super::sim_report::{self, Context};
use super::sim_stall::{self, Stalls};
use super::sim_waves::Waves;
use bpf2hdl::diag::{Diagnostic, Diagnostics};
use bpf2hdl::object::Linked;
use bpf2hdl::oracle;
use bpf2hdl_interface::{Nest, map_file};
use bpf2hdl_testbench::{Action, MapContents, Oracle, PacketSet, SimOptions, SimReport, SimRequest, capture, simulate};
use clap::Args;
use std::path::PathBuf;

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
    #[command(flatten)]
    preload: PreloadArgs,
    #[command(flatten)]
    build: BuildArgs,
    /// Run the program on the programmable engine instead of a pipeline: nothing is compiled, at a lower rate
    #[arg(long, conflicts_with_all = ["optimize", "ii"])]
    engine: bool,
    /// What to compare with; the kernel if it can be used, else ir
    #[arg(long, value_enum)]
    oracle: Option<Choice>,
    /// How the outputs hold the hardware up, all of them or single ones (`pass=never,tx=random`): `none`; `random`, in half of
    /// the clocks; `random/N`, in one of N; `adversarial`, in patterns that find faults; `never` take anything
    #[arg(long, value_name = "[OUTPUT=]PATTERN,..", value_parser = sim_stall::parse, default_value = "none")]
    stall: Stalls,
    /// Let outputs that stall lose packets; without it the core waits for them, unless one never takes anything
    #[arg(long)]
    lossy: bool,
    /// Build the model fast rather than to run fast: for some ten thousand clocks
    #[arg(long)]
    quick: bool,
    /// Seed of the program's random numbers, of random patterns and of registers without reset
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// When packets arrive, in nanoseconds: the first one, and how long after each other
    #[arg(long, value_name = "START[:STEP]", value_parser = parse_time)]
    time: Option<(u64, u32)>,
    /// Write waveforms (FST) into this file
    #[arg(long, value_name = "FILE")]
    waves: Option<PathBuf>,
}

/// Files of the output folder beside the design.
const OUTPUTS: [&str; 8] =
    ["pass.pcap", "tx.pcap", "redirect.pcap", "verdicts.csv", "maps.json", "events.json", "trace.txt", REPORT];

/// Runs the verb.
pub(crate) fn run(args: &SimArgs, json: bool) -> Result<Outcome, Diagnostics> {
    if let Some(out) = &args.out {
        folder::probe(out, Foreign::Kept, &OUTPUTS)?;
    }
    let mut packets = read_packets(&args.pcap)?;
    packets.set_arrivals(arrivals(args.time, args.seed));
    let subject = subject(args)?;
    let program = oracle::program(&subject.linked);
    let mut nests = nests(&program.maps);
    let preload = args.preload.read(&program.maps, &subject.linked, &mut nests)?;
    let mut chosen = sim_oracle::choose(args.oracle, &program, &subject.linked)?;
    let (design, warnings) = (subject.files, subject.warnings);
    let oracle = chosen.oracle.as_deref_mut();
    let result = simulate_design(args, &design, Inputs { packets: &packets, preload: preload.as_ref() }, oracle, json)?;
    let context = Context {
        oracle: chosen.name,
        note: chosen.note,
        seed: args.seed,
        out: args.out.as_deref(),
        waves: args.waves.as_deref(),
        warnings,
    };
    let mut files = if args.out.is_some() { outputs(&result, design, &nests) } else { Vec::new() };
    let outcome = sim_report::outcome(&result, context, &mut files);
    if let Some(out) = &args.out {
        folder::install(out, &files, Foreign::Kept)?;
    }
    Ok(outcome)
}

/// What is simulated.
pub(crate) struct Subject {
    pub(crate) linked: Linked,
    pub(crate) files: Vec<File>,
    pub(crate) warnings: Diagnostics,
}

/// A pipeline, or an engine with the program.
fn subject(args: &SimArgs) -> Result<Subject, Diagnostics> {
    if args.engine {
        return sim_engine::subject(&args.program, &args.build);
    }
    let built = build(&args.program.path, &args.program.source, &args.build)?;
    let (linked, warnings) = (built.linked.clone(), built.design.warnings.clone());
    Ok(Subject { linked, files: built.into_files().0, warnings })
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
    result.map_err(|error| failure(&error, &args.pcap, args.preload.maps.as_deref()))
}

fn sim_options(args: &SimArgs, waves: Option<&Waves>) -> SimOptions {
    SimOptions {
        pass_ready: args.stall.pass,
        tx_ready: args.stall.tx,
        redirect_ready: args.stall.redirect,
        event_ready: args.stall.event,
        lossless: args.lossy.then_some(false),
        quick_build: args.quick,
        seed: args.seed,
        waves: waves.map(|waves| waves.partial().to_owned()),
        ..SimOptions::default()
    }
}

/// The files that a run leaves, the report not among them yet.
fn outputs(result: &SimReport, design: Vec<File>, nests: &[Nest]) -> Vec<File> {
    let mut files = vec![
        File::new("pass.pcap", capture::encode(result.pass.iter())),
        File::new("tx.pcap", capture::encode(result.tx.iter())),
        File::new("redirect.pcap", capture::encode(result.redirect.iter())),
        File::new("verdicts.csv", verdicts(result)),
        File::new("maps.json", map_file::write(&result.maps, &result.map_shapes, nests)),
        File::new("events.json", sim_events::file(result)),
        File::new("trace.txt", sim_events::trace_file(result)),
    ];
    files.extend(design.into_iter().map(|file| File::new(format!("design/{}", file.path), file.contents)));
    files
}

/// One line per packet; where packets can be redirected also the number of the interface, CPU or socket, or the devmap to
/// all ports of which copies went.
fn verdicts(result: &SimReport) -> String {
    let redirects = result.actions[Action::Redirect as usize] > 0;
    let mut text = String::from(if redirects { "index,action,length,target\n" } else { "index,action,length\n" });
    let names = result.map_names();
    for (index, verdict) in result.verdicts.iter().enumerate() {
        let target = verdict.target.map_or_else(String::new, |target| target.number_text(&names));
        let target = if redirects { format!(",{target}") } else { target };
        text.push_str(&format!("{index},{},{}{target}\n", verdict.action, verdict.length));
    }
    text
}
