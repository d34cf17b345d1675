// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl bisect`: the same packets through every form of a program; the first form that is wrong is named.

use super::args::{BuildArgs, ProgramArgs};
use super::bench::{PreloadArgs, Temporary, arrivals, failure, nests, parse_time, read_packets};
use super::bisect_report::{self, Finding, Row};
use super::design;
use super::output::Outcome;
use super::program;
use super::progress::StatusLine;
use super::sim_oracle::{self, Choice};
use bpf2hdl::bisect::{self, Body, Fault, Form, Forms, Replacement, Trial};
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics, Location};
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::Runs;
use bpf2hdl::{Design, Options, oracle};
use bpf2hdl_interface::MapShape;
use bpf2hdl_testbench::{
    Error, MapContents, MapSpec, Mismatch, OracleProgram, PacketSet, Progress as _, Recorded, SimOptions, SimRequest,
    simulate,
};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Arguments of `bisect`.
#[derive(Args, Debug)]
pub(crate) struct BisectArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// Packets: a pcap or pcapng file of Ethernet frames without FCS
    #[arg(long, value_name = "IN")]
    pcap: PathBuf,
    /// When packets arrive, in nanoseconds: the first one, and how long after each other
    #[arg(long, value_name = "START[:STEP]", value_parser = parse_time)]
    time: Option<(u64, u32)>,
    /// Seed of the program's random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Judge only this packet, counted from 0; those before it are run for the sake of the maps
    #[arg(long, value_name = "N")]
    packet: Option<usize>,
    #[command(flatten)]
    preload: PreloadArgs,
    /// The reference; the kernel if it can be used, else ir
    #[arg(long, value_enum)]
    oracle: Option<Reference>,
    /// Simulate the RTL as well, with Verilator
    #[arg(long)]
    rtl: bool,
    #[command(flatten)]
    build: BuildArgs,
    /// Take the text of a form from this file, named as `compile --emit` names it (03-narrow.ir, program.pipe)
    #[arg(long, value_name = "FILE", hide = true)]
    replace_form: Option<PathBuf>,
}

/// What to compare with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Reference {
    /// The running Linux kernel; needs root
    Kernel,
    /// A virtual machine in user space, for programs that it runs right
    Rbpf,
    /// The code as the front end leaves it
    Ir,
}

impl Reference {
    fn choice(self) -> Choice {
        match self {
            Reference::Kernel => Choice::Kernel,
            Reference::Rbpf => Choice::Rbpf,
            Reference::Ir => Choice::Ir,
        }
    }
}

/// Everything that is the same for all forms.
struct Session<'a> {
    args: &'a BisectArgs,
    linked: Linked,
    program: OracleProgram,
    shapes: Vec<MapShape>,
    packets: PacketSet,
    preload: Option<MapContents>,
}

/// Runs the verb.
pub(crate) fn run(args: &BisectArgs, json: bool) -> Result<Outcome, Diagnostics> {
    let options = args.build.options()?;
    let packets = chosen_packets(args)?;
    let linked = program::load(&args.program.path, &args.program.source)?;
    let program = oracle::program(&linked);
    let shapes: Vec<MapShape> = program.maps.iter().map(MapSpec::shape).collect();
    let mut nests = nests(&program.maps);
    let preload = args.preload.read(&program.maps, &linked, &mut nests)?;
    let session = Session { args, linked, program, shapes, packets, preload };
    let replacement = args.replace_form.as_deref().map(replacement).transpose()?;
    let forms = bisect::forms(&session.linked, &options, replacement.as_ref())?;
    let mut status = StatusLine::new(json);
    status.step("running the reference");
    let chosen = session.choose()?;
    let expected = session.record(&session.packets).map_err(|error| session.failure(&error))?;
    let trial = session.trial(&expected);
    let mut rows = Vec::new();
    for form in &forms.all {
        status.step(&format!("running {}", form.name));
        rows.push(Row::new(&form.name, form.description, trial.fault(form)));
    }
    if args.rtl {
        status.step("running the RTL");
        rows.extend(session.rtl(&forms, &options, &expected)?);
    }
    drop(status);
    let finding = session.finding(&forms, &rows, &trial)?;
    Ok(bisect_report::outcome(&session.linked, &options, &chosen, &trial, &rows, finding, forms.refused.as_ref()))
}

/// The packets of the capture, up to the one that was asked for.
fn chosen_packets(args: &BisectArgs) -> Result<PacketSet, Diagnostic> {
    let mut packets = read_packets(&args.pcap)?;
    packets.set_arrivals(arrivals(args.time, args.seed));
    match args.packet {
        Some(number) if number >= packets.len() => {
            let message = format!("there is no packet {number}: the capture holds {}, counted from 0", packets.len());
            Err(Diagnostic::new(Code::Usage, message))
        }
        Some(number) => Ok(packets.prefix(number + 1)),
        None => Ok(packets),
    }
}

/// The text of a form, for the form that the file's name says.
fn replacement(path: &Path) -> Result<Replacement, Diagnostic> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Diagnostic::new(Code::FileRead, format!("{} can not be read: {error}", path.display()))
            .at(Location::file(path.display().to_string()))
    })?;
    let pipe = path.extension().is_some_and(|extension| extension == "pipe");
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Replacement { name: if pipe { "pipe".to_owned() } else { stem }, text })
}

/// The reference of a run.
pub(crate) struct Chosen {
    pub(crate) name: &'static str,
    /// Why it is not the kernel, if nobody chose.
    pub(crate) note: Option<String>,
}

impl Session<'_> {
    /// Finds out which reference it will be.
    fn choose(&self) -> Result<Chosen, Diagnostics> {
        let found = sim_oracle::choose(self.args.oracle.map(Reference::choice), &self.program, &self.linked)?;
        Ok(Chosen { name: found.name, note: found.note })
    }

    /// What a fresh reference says of these packets.
    fn record(&self, packets: &PacketSet) -> Result<Recorded, Error> {
        let chosen = sim_oracle::choose(self.args.oracle.map(Reference::choice), &self.program, &self.linked);
        let again = |found: Diagnostics| Error::Oracle("reference".to_owned(), found.to_text());
        let Some(mut oracle) = chosen.map_err(again)?.oracle else {
            return Err(Error::Oracle("reference".to_owned(), "there is none".to_owned()));
        };
        if let Some(preload) = &self.preload {
            oracle.load_maps(preload)?;
        }
        Recorded::record(oracle.as_mut(), packets)
    }

    fn trial<'s>(&'s self, expected: &'s Recorded) -> Trial<'s> {
        Trial {
            packets: &self.packets,
            preload: self.preload.as_ref(),
            expected,
            shapes: &self.shapes,
            only: self.args.packet.map(|packet| packet as u64),
        }
    }

    fn failure(&self, error: &Error) -> Diagnostic {
        failure(error, &self.args.pcap, self.args.preload.maps.as_deref())
    }

    /// The simulated hardware, if the last form is a pipeline.
    fn rtl(&self, forms: &Forms, options: &Options, expected: &Recorded) -> Result<Option<Row>, Diagnostics> {
        let code = forms.all.iter().rev().find_map(|form| match &form.body {
            Body::Ir(function) => Some(bpf2hdl::ir::Function::clone(function)),
            _ => None,
        });
        let (Some(Body::Pipe(pipeline)), Some(function)) = (forms.all.last().map(|form| &form.body), code) else {
            return Ok(None);
        };
        let runs = Runs::new(pipeline);
        let warnings = Diagnostics::new();
        let design = Design { options: *options, function, pipeline: (**pipeline).clone(), runs, warnings };
        let (files, _) = design::emit(self.linked.clone(), design, Instant::now())?.into_files();
        let place = Temporary::new(&files)?;
        let mut reference = expected.clone();
        let request = SimRequest {
            design: &place.0,
            packets: &self.packets,
            preload: self.preload.as_ref(),
            oracle: Some(&mut reference),
            options: SimOptions { max_mismatches: usize::MAX, ..SimOptions::default() },
        };
        let fault = match simulate(request, &mut bpf2hdl_testbench::Silent) {
            Ok(report) => {
                let trial = self.trial(expected);
                let all = report.comparison.into_iter().flat_map(|comparison| comparison.explained);
                let found: Vec<Mismatch> = all.filter(|m| trial.counts(m)).chain(report.checks).collect();
                (!found.is_empty()).then_some(Fault::Differs(found))
            }
            Err(error @ (Error::Hang { .. } | Error::Stopped(_))) => Some(Fault::Broken(error.to_string())),
            Err(error) => return Err(self.failure(&error).into()),
        };
        Ok(Some(Row::new("rtl", "the emitted hardware, in Verilator", fault)))
    }

    /// What is to be said of the first form that is wrong.
    fn finding(&self, forms: &Forms, rows: &[Row], trial: &Trial<'_>) -> Result<Option<Finding>, Diagnostics> {
        let Some(position) = rows.iter().position(|row| row.fault.is_some()) else { return Ok(None) };
        let mut finding = Finding { row: position, packet: None, hazard: false, value: None };
        let Some(Fault::Differs(differences)) = &rows[position].fault else { return Ok(Some(finding)) };
        let form: Option<&Form> = forms.all.get(position);
        let Some(form) = form else {
            finding.packet = differences.iter().find_map(|m| m.packet).and_then(|p| usize::try_from(p).ok());
            return Ok(Some(finding));
        };
        let packet = bisect::packet_of(differences, trial, form, &mut |packets| self.record(packets));
        finding.packet = packet.map_err(|error| self.failure(&error))?;
        finding.hazard = bisect::is_hazard(form, trial);
        if let (Some(packet), Some(before), false) = (finding.packet, position.checked_sub(1), finding.hazard) {
            finding.value = bisect::first_value(&forms.all[before], form, packet, trial);
        }
        Ok(Some(finding))
    }
}
