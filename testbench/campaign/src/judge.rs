// SPDX-License-Identifier: Apache-2.0
//! A case through every form of the compiler, against the kernel.

use crate::case::{Case, oracle_program};
use bpf2hdl::bisect::{self, Body, Fault, Form, Trial};
use bpf2hdl::diag::{Code, Diagnostics, Severity};
use bpf2hdl::ir::Function;
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::Pipeline;
use bpf2hdl::{Options, pipe, sched, target};
use bpf2hdl_interface::MapShape;
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{MapSpec, PacketSet, Recorded};

/// Targets and clocks in MHz that pipelines are scheduled for: few and many stages.
const SETTINGS: [(&str, f64); 4] = [("xcup", 250.0), ("xcup", 600.0), ("ecp5", 125.0), ("ecp5", 60.0)];

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
    /// Its optimised code.
    pub function: Function,
    /// Its pipeline at the first setting, if it is within the hardware's limits.
    pub pipeline: Option<Pipeline>,
    /// What the kernel said.
    pub expected: Recorded,
    /// Pipelines compared, and pipelines that exceed a limit.
    pub pipelines: (usize, usize),
    /// Whether packets may have to wait for each other.
    pub interlocked: bool,
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

/// Options of the first setting, on which hardware is built.
///
/// # Panics
/// Never: the target exists.
#[must_use]
pub fn options(setting: (&str, f64), bus_bits: u32) -> Option<Options> {
    Some(Options {
        target: target::find(setting.0)?,
        clock_mhz: setting.1,
        bus_bits,
        optimize: bpf2hdl::Optimize::default(),
    })
}

/// What the kernel says of the packets; `Err` if it refuses the program.
///
/// # Errors
/// The last line of the verifier's log.
pub fn kernel(linked: &Linked, packets: &PacketSet) -> Result<Recorded, String> {
    let last = |error: bpf2hdl_testbench::Error| error.to_string().lines().last().unwrap_or_default().to_owned();
    let mut kernel = KernelOracle::load(&oracle_program(linked)).map_err(last)?;
    Recorded::record(&mut kernel, packets).map_err(last)
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
    let Some(first) = options(SETTINGS[0], 512) else {
        return Verdict::OverLimit("there is no such target".to_owned());
    };
    let forms = match bisect::forms(&linked, &first, None) {
        Ok(forms) => forms,
        Err(refused) => return refusal(&refused),
    };
    let shapes = shapes(&linked);
    let trial = Trial { packets: &packets, preload: None, expected: &expected, shapes: &shapes, only: None };
    if let Some((form, fault)) = bisect::first_fault(&forms.all, &trial) {
        return Verdict::Fails(failure(form.name.clone(), fault));
    }
    let code = forms.all.iter().rev().find_map(|form| match &form.body {
        Body::Ir(function) => Some(function.clone()),
        _ => None,
    });
    let pipeline = match forms.all.into_iter().last().map(|form| form.body) {
        Some(Body::Pipe(pipeline)) => Some(*pipeline),
        _ => None,
    };
    let Some(function) = code else { return Verdict::OverLimit("there is no code".to_owned()) };
    let mut compared = Compared { linked, function, pipeline, expected, pipelines: (0, 0), interlocked: false };
    match pipelines(&mut compared, &packets, &shapes) {
        Some(failure) => Verdict::Fails(failure),
        None => Verdict::Agrees(Box::new(compared)),
    }
}

/// Compares the pipelines of the other settings; counts all.
fn pipelines(compared: &mut Compared, packets: &PacketSet, shapes: &[MapShape]) -> Option<Failure> {
    let waits = |pipeline: &Pipeline| pipeline.maps.iter().any(|map| map.guard.is_some());
    compared.interlocked = compared.pipeline.as_ref().is_some_and(waits);
    compared.pipelines = if compared.pipeline.is_some() { (1, 0) } else { (0, 1) };
    for setting in &SETTINGS[1..] {
        let options = options(*setting, 512)?;
        let Ok((pipeline, _)) = sched::schedule(&compared.linked, &compared.function, &options) else {
            compared.pipelines.1 += 1;
            continue;
        };
        let name = format!("pipe for {} at {} MHz", setting.0, setting.1);
        if let Err(errors) = pipe::check(&pipeline) {
            return Some(failure(name, Fault::Broken(format!("{errors:?}"))));
        }
        compared.interlocked |= waits(&pipeline);
        let form = Form { name, description: "", body: Body::Pipe(Box::new(pipeline)) };
        let trial = Trial { packets, preload: None, expected: &compared.expected, shapes, only: None };
        if let Some(fault) = trial.fault(&form) {
            return Some(failure(form.name, fault));
        }
        compared.pipelines.0 += 1;
    }
    None
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
