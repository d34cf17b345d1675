// SPDX-License-Identifier: Apache-2.0
//! A case through every form of the compiler, against the kernel.

use crate::case::{Case, oracle_program};
use bpf2hdl::bisect::{self, Body, Fault, Trial};
use bpf2hdl::diag::{Code, Diagnostics, Severity};
use bpf2hdl::ir::Function;
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::Pipeline;
use bpf2hdl::{Optimize, Options, target};
use bpf2hdl_interface::MapShape;
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{MapContents, MapSpec, Oracle as _, PacketSet, Recorded, random};

/// What the forms are made for: few and many stages, both goals. Hardware is built for the first two.
pub const SETTINGS: [(&str, f64, Optimize); 4] = [
    ("xcup", 250.0, Optimize::Latency),
    ("xcup", 400.0, Optimize::Area),
    ("ecp5", 125.0, Optimize::Area),
    ("ecp5", 60.0, Optimize::Latency),
];

/// What became of a case.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The kernel's verifier refuses the program: its last line.
    RefusedByKernel(String),
    /// A limit of the hardware, or of the analysis' work, forbids it.
    OverLimit(String),
    /// Every form agrees with the kernel.
    Agrees(Box<Compared>),
    /// One does not.
    Fails(Failure),
}

/// A case that agrees, ready for the hardware.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The program.
    pub linked: Linked,
    /// What the kernel said.
    pub expected: Recorded,
    /// Its optimised code and pipeline at each setting; `None` where it is over a limit of the hardware.
    pub builds: Vec<Option<Build>>,
    /// Whether packets may have to wait for each other.
    pub interlocked: bool,
}

/// A program at one setting.
#[derive(Debug, Clone)]
pub struct Build {
    /// The optimised code.
    pub function: Function,
    /// The pipeline.
    pub pipeline: Pipeline,
}

/// A disagreement with the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The form that is wrong, with target and clock for pipelines.
    pub form: String,
    /// What differs, in one clause.
    pub message: String,
    /// The packet, if the difference belongs to one.
    pub packet: Option<usize>,
    /// The diagnostic, if the compiler refuses what the kernel accepts.
    pub code: Option<Code>,
}

/// Options of a setting; `None` if there is no such target.
#[must_use]
pub fn options(setting: (&str, f64, Optimize), bus_bits: u32) -> Option<Options> {
    let (name, clock_mhz, optimize) = setting;
    Some(Options { target: target::find(name)?, clock_mhz, bus_bits, optimize, initiation_interval: 1 })
}

/// What the kernel says of the packets; `Err` if it refuses the program.
///
/// # Errors
/// The last line of the verifier's log.
pub fn kernel(linked: &Linked, packets: &PacketSet) -> Result<Recorded, String> {
    let last = |error: bpf2hdl_testbench::Error| error.to_string().lines().last().unwrap_or_default().to_owned();
    let mut kernel = KernelOracle::load(&oracle_program(linked)).map_err(last)?;
    kernel.load_maps(&preload(linked)).map_err(last)?;
    Recorded::record(&mut kernel, packets).map_err(last)
}

/// What is in the maps before the first packet.
#[must_use]
pub fn preload(linked: &Linked) -> MapContents {
    random::preload(&oracle_program(linked).maps)
}

/// The maps that are compared.
#[must_use]
pub fn shapes(linked: &Linked) -> Vec<MapShape> {
    oracle_program(linked).maps.iter().map(MapSpec::shape).collect()
}

/// Runs a case through every form.
#[must_use]
pub fn judge(case: &Case) -> Verdict {
    let linked = match case.link() {
        Ok(linked) => linked,
        Err(reason) => return Verdict::RefusedByKernel(format!("no program: {reason}")),
    };
    let packets = case.packet_set();
    let expected = match kernel(&linked, &packets) {
        Ok(expected) => expected,
        Err(reason) => return Verdict::RefusedByKernel(reason),
    };
    let (shapes, preload) = (shapes(&linked), preload(&linked));
    let trial = Trial { packets: &packets, preload: Some(&preload), expected: &expected, shapes: &shapes, only: None };
    let mut builds = Vec::new();
    for setting in SETTINGS {
        match build(&linked, setting, &trial) {
            Ok(build) => builds.push(build),
            Err(verdict) => return verdict,
        }
    }
    let waits = |build: &Build| build.pipeline.maps.iter().any(|map| map.guard.is_some());
    let interlocked = builds.iter().flatten().any(waits);
    Verdict::Agrees(Box::new(Compared { linked, expected, builds, interlocked }))
}

/// Tries all forms for one setting; `Err` if one disagrees or the front end refuses the program.
fn build(linked: &Linked, setting: (&str, f64, Optimize), trial: &Trial<'_>) -> Result<Option<Build>, Verdict> {
    let Some(options) = options(setting, 512) else {
        return Err(Verdict::OverLimit(format!("there is no target {}", setting.0)));
    };
    let forms = bisect::forms(linked, &options, None).map_err(|refused| refusal(&refused))?;
    if let Some((form, fault)) = bisect::first_fault(&forms.all, trial) {
        let (target, clock, optimize) = setting;
        let name = format!("{} for {target} at {clock} MHz, {}", form.name, optimize.name());
        return Err(Verdict::Fails(failure(name, fault)));
    }
    let mut bodies = forms.all.into_iter().rev().map(|form| form.body);
    Ok(match (bodies.next(), bodies.next()) {
        (Some(Body::Pipe(pipeline)), Some(Body::Ir(function))) => {
            Some(Build { function: *function, pipeline: *pipeline })
        }
        _ => None,
    })
}

/// A refusal of ours is a failure where the kernel accepts, unless it names a limit.
fn refusal(refused: &Diagnostics) -> Verdict {
    let Some(first) = refused.errors().next() else { return Verdict::OverLimit("no reason".to_owned()) };
    let is_limit =
        |code: Code| code.severity() == Severity::Error && (code.id().starts_with("E05") || code == Code::WorkLimit);
    if refused.errors().all(|error| is_limit(error.code)) {
        return Verdict::OverLimit(format!("{}: {}", first.code.id(), first.message));
    }
    let at = first.location.as_ref().and_then(|at| at.insn).map_or(String::new(), |insn| format!(", insn {insn}"));
    let message = format!("the kernel accepts what is refused here: {}{at}: {}", first.code.id(), first.message);
    Verdict::Fails(Failure { form: "00-verify".to_owned(), message, packet: None, code: Some(first.code) })
}

/// The first difference of a fault.
#[must_use]
pub fn failure(form: String, fault: Fault) -> Failure {
    match fault {
        Fault::Broken(message) => Failure { form, message, packet: None, code: None },
        Fault::Differs(found) => {
            let first = found.first();
            let packet = first.and_then(|m| m.packet).and_then(|packet| usize::try_from(packet).ok());
            Failure { form, message: first.map(ToString::to_string).unwrap_or_default(), packet, code: None }
        }
    }
}
