// SPDX-License-Identifier: Apache-2.0
//! One program: whether the kernel loads it, whether it is compiled, whether both do the same.

use super::contents::{Style, contents};
use super::features::features;
use super::libbpf;
use super::row::{Equal, Kernel, Refusal, Row};
use super::traffic::Traffic;
use crate::hardware;
use crate::judge::{Build, SETTINGS, failure, options, shapes};
use bpf2hdl::bisect::{self, Body, Forms, Trial};
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::object::{Linked, Object};
use bpf2hdl::{Optimize, oracle};
use bpf2hdl_interface::MapType;
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{MapContents, PacketSet, Recorded, SimOptions};
use std::path::Path;

/// What the forms are made for: many stages with a packet in each, and few.
const JUDGED: [(&str, f64, Optimize); 2] = [SETTINGS[0], SETTINGS[2]];
const STYLES: [Style; 3] = [Style::Small, Style::Empty, Style::Random];
const SEED: u64 = 20;
/// CPUs that loaders are told of.
const CPUS: u32 = 4;

/// Whose values constants have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Constants {
    /// The source's.
    Source,
    /// Numbers of `.rodata` that the source leaves at zero are not: loaders fill them in, and switch programs' parts on so.
    Loader,
}

/// Judges one program of an object. The traffic is run with each contents of the maps; with a folder, the hardware is
/// built there and run as well.
///
/// # Errors
/// What is missing on this machine.
pub fn judge(mut row: Row, object: &Path, traffic: &Traffic, rtl: Option<&Path>) -> Result<Row, String> {
    let linked = match link(object, &mut row, Constants::Source) {
        Ok(linked) => linked,
        Err(refused) => {
            row.refusals = refusals(&refused);
            row.kernel = libbpf::loads(object, &row.program);
            return Ok(row);
        }
    };
    row.instructions = linked.insns.len();
    row.kernel = load(&linked);
    judge_linked(&mut row, &linked, traffic, rtl)?;
    if row.equal == Equal::Yes
        && let Ok(other) = link(object, &mut row, Constants::Loader)
        && other.maps != linked.maps
        && load(&other) == Kernel::Loads
    {
        judge_linked(&mut row, &other, traffic, None)?;
    }
    Ok(row)
}

fn load(linked: &Linked) -> Kernel {
    let loaded = KernelOracle::load(&oracle::program(linked)).map(drop);
    loaded.map_or_else(|error| Kernel::Refuses(reason(&error.to_string())), |()| Kernel::Loads)
}

/// The compiler's word, and the comparison.
fn judge_linked(row: &mut Row, linked: &Linked, traffic: &Traffic, rtl: Option<&Path>) -> Result<(), String> {
    row.features = features(linked, None);
    let mut all = Vec::new();
    for setting in JUDGED {
        let options = options(setting, 512).ok_or("the target is unknown")?;
        match bisect::forms(linked, &options, None) {
            Ok(forms) => all.push((setting, options, forms)),
            Err(refused) => {
                row.refusals = refusals(&refused);
                return Ok(());
            }
        }
    }
    if let Some(refused) = all.first().and_then(|(_, _, forms)| forms.refused.as_ref()) {
        row.refusals = refusals(refused);
    }
    row.stages = row.stages.max(all.first().and_then(|(_, _, forms)| stages(forms)));
    let function = all.first().and_then(|(_, _, forms)| forms.all.first()).and_then(|form| match &form.body {
        Body::Ir(function) => Some(function),
        _ => None,
    });
    row.features = features(linked, function.map(|function| &**function));
    if row.kernel != Kernel::Loads {
        return Ok(());
    }
    for (number, style) in (0u64..).zip(STYLES) {
        let Some(function) = function else { return Ok(()) };
        let packets = traffic.packets(function, SEED + number);
        let preload = contents(linked, function, &packets, style, SEED);
        let expected = kernel(linked, &packets, &preload)?;
        count(row, &expected);
        row.equal = compare(linked, &all, &packets, &preload, &expected);
        if row.equal != Equal::Yes {
            return Ok(());
        }
        if let (Some(folder), Style::Small, Some((_, options, forms))) = (rtl, style, all.first()) {
            row.hardware = in_hardware(linked, *options, forms, (&packets, &preload, &expected), folder)?;
        }
    }
    Ok(())
}

fn link(object: &Path, row: &mut Row, constants: Constants) -> Result<Linked, Diagnostics> {
    let mut parsed = Object::read(object)?;
    if let Some(program) = parsed.programs.iter().find(|program| program.name == row.program) {
        row.section.clone_from(&program.section);
    }
    if constants == Constants::Loader {
        for variable in parsed.variables().into_iter().filter(|variable| variable.section == ".rodata") {
            let is_open = variable.value.len() <= 8 && variable.value.iter().all(|byte| *byte == 0);
            if is_open {
                // A variable that can not be set stays.
                let value = if variable.value.len() == 1 { 1 } else { CPUS };
                let _ = parsed.set_variable(&variable.name, &value.to_string());
            }
        }
    }
    Ok(sized(parsed.link(parsed.select(Some(&row.program))?)?))
}

/// With the sizes that a loader gives to maps whose source says none: one entry for each CPU. They are counters by CPU, or
/// lists of CPUs and of interfaces.
fn sized(mut linked: Linked) -> Linked {
    let kinds = [MapType::ARRAY, MapType::PERCPU_ARRAY, MapType::DEVMAP, MapType::CPUMAP, MapType::XSKMAP];
    for map in linked.maps.iter_mut().filter(|map| map.max_entries == 0 && kinds.contains(&MapType(map.map_type))) {
        map.max_entries = CPUS;
    }
    linked
}

/// What the kernel says of the packets.
fn kernel(linked: &Linked, packets: &PacketSet, preload: &MapContents) -> Result<Recorded, String> {
    let text = |error: bpf2hdl_testbench::Error| error.to_string();
    let mut kernel = KernelOracle::load(&oracle::program(linked)).map_err(text)?;
    bpf2hdl_testbench::Oracle::load_maps(&mut kernel, preload).map_err(text)?;
    Recorded::record(&mut kernel, packets).map_err(text)
}

fn count(row: &mut Row, expected: &Recorded) {
    for verdict in expected.verdicts().iter().flatten() {
        row.packets += 1;
        row.actions[verdict.action as usize] += 1;
    }
}

type Made = ((&'static str, f64, Optimize), bpf2hdl::Options, Forms);

fn compare(linked: &Linked, all: &[Made], packets: &PacketSet, preload: &MapContents, expected: &Recorded) -> Equal {
    let shapes = shapes(linked);
    let trial = Trial { packets, preload: Some(preload), expected, shapes: &shapes, only: None };
    for ((target, clock, _), _, forms) in all {
        if let Some((form, fault)) = bisect::first_fault(&forms.all, &trial) {
            let found = failure(format!("{} for {target} at {clock} MHz", form.name), fault);
            let packet = found.packet.map_or(String::new(), |packet| format!(", packet {packet}"));
            return Equal::No(format!("{}{packet}: {}", found.form, found.message));
        }
    }
    // A comparison in which the kernel judged nothing says nothing.
    if expected.verdicts().iter().any(Result::is_ok) { Equal::Yes } else { Equal::NotCompared }
}

fn in_hardware(
    linked: &Linked,
    options: bpf2hdl::Options,
    forms: &Forms,
    (packets, preload, expected): (&PacketSet, &MapContents, &Recorded),
    folder: &Path,
) -> Result<Equal, String> {
    let mut bodies = forms.all.iter().rev().map(|form| &form.body);
    let (Some(Body::Pipe(pipeline)), Some(Body::Ir(function))) = (bodies.next(), bodies.next()) else {
        return Ok(Equal::NotCompared);
    };
    let build = Build { function: (**function).clone(), pipeline: (**pipeline).clone() };
    let design = hardware::design(&build, options);
    hardware::write(&design, linked, folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let sim = SimOptions::default().quick();
    let found = hardware::one(expected, packets, Some(preload), sim, folder, "rtl".to_owned())?;
    Ok(found.map_or(Equal::Yes, |found| {
        let packet = found.packet.map_or(String::new(), |packet| format!(", packet {packet}"));
        Equal::No(format!("in Verilator{packet}: {}", found.message))
    }))
}

fn stages(forms: &Forms) -> Option<usize> {
    match &forms.all.last()?.body {
        Body::Pipe(pipeline) => Some(pipeline.stages() as usize),
        _ => None,
    }
}

fn refusals(refused: &Diagnostics) -> Vec<Refusal> {
    let one = |error: &bpf2hdl::diag::Diagnostic| {
        let at = error.location.as_ref().map_or(String::new(), |at| match (&at.file, at.line, at.insn) {
            (Some(file), Some(line), _) => format!(" ({file}:{line})"),
            (_, _, Some(insn)) => format!(" (instruction {insn})"),
            _ => String::new(),
        });
        Refusal { code: error.code.id().to_owned(), message: format!("{}{at}", error.message) }
    };
    refused.errors().map(one).collect()
}

/// The last line of what the verifier says that is no count.
fn reason(text: &str) -> String {
    let said = |line: &&str| !line.trim().is_empty() && !line.starts_with("processed ");
    text.lines().rfind(said).unwrap_or_default().to_owned()
}
