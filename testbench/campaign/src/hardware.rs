// SPDX-License-Identifier: Apache-2.0
//! A case through Verilator.

use crate::judge::{self, Build, Compared, Failure};
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::Runs;
use bpf2hdl::{Design, Options, report, rtl};
use bpf2hdl_interface::manifest::encode_hex;
use bpf2hdl_testbench::{
    Error, MapContents, PacketSet, ReadyPattern, Recorded, Silent, SimOptions, SimRequest, simulate,
};
use std::fs;
use std::io;
use std::path::Path;

/// Writes a design folder, replacing what is there.
///
/// # Errors
/// What can not be written; a pipeline that the emitter does not take.
pub fn write(design: &Design, linked: &Linked, folder: &Path) -> io::Result<()> {
    let wrong = rtl::check(design);
    if !wrong.is_empty() {
        return Err(io::Error::other(format!("the emitter does not take the pipeline: {}", wrong.join("; "))));
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let id = rtl::build_id(design, linked);
    let mut names = Vec::new();
    for file in rtl::emit(design, linked, &id) {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, &file.contents)?;
        names.push(file.path);
    }
    names.retain(|name| name.ends_with(".sv"));
    fs::write(folder.join("manifest.json"), report::manifest(design, linked, &encode_hex(&id), names).to_json())
}

/// Bytes of the pipeline's SystemVerilog; 0 if the emitter does not take it.
#[must_use]
pub fn size(design: &Design, linked: &Linked) -> usize {
    if !rtl::check(design).is_empty() {
        return 0;
    }
    let files = rtl::emit(design, linked, &[0; 32]);
    files.iter().find(|file| file.path == "bpf_pipeline.sv").map_or(0, |file| file.contents.len())
}

/// A design from a pipeline.
#[must_use]
pub fn design(build: &Build, options: Options) -> Design {
    let Build { function, pipeline } = build.clone();
    let runs = Runs::new(&pipeline);
    Design { options, function, pipeline, runs, warnings: Default::default() }
}

/// Runs a program in hardware, at the full rate and with outputs that stall, against what the kernel said of the same
/// packets. `None` if it agrees.
///
/// # Errors
/// What is missing on this machine, or can not be written.
pub fn run(
    compared: &Compared,
    design: &Design,
    packets: &PacketSet,
    seed: u64,
    folder: &Path,
) -> Result<Option<Failure>, String> {
    write(design, &compared.linked, folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let full = SimOptions { seed, quick_build: true, ..SimOptions::default() };
    let preload = judge::preload(&compared.linked);
    let stalls = stalling(&full);
    for (how, sim) in [("at full rate", full), ("with stalls", stalls)] {
        let Options { bus_bits, initiation_interval, .. } = design.options;
        let name = format!("rtl, {bus_bits} bits, interval {initiation_interval}, {how}");
        if let Some(failure) = one(&compared.expected, packets, Some(&preload), sim, folder, name)? {
            return Ok(Some(failure));
        }
    }
    Ok(None)
}

/// The same with outputs that stall.
#[must_use]
pub fn stalling(full: &SimOptions) -> SimOptions {
    let random = ReadyPattern::Random { numerator: 1, denominator: 2 };
    SimOptions { pass_ready: random, tx_ready: ReadyPattern::Adversarial, redirect_ready: random, ..full.clone() }
}

/// One run of the design in a folder, with these contents of its maps at first.
///
/// # Errors
/// What is missing on this machine.
pub fn one(
    expected: &Recorded,
    packets: &PacketSet,
    preload: Option<&MapContents>,
    options: SimOptions,
    folder: &Path,
    form: String,
) -> Result<Option<Failure>, String> {
    let mut reference = expected.clone();
    let request = SimRequest { design: folder, packets, preload, oracle: Some(&mut reference), options };
    let report = match simulate(request, &mut Silent) {
        Ok(report) => report,
        // What is missing on this machine is no finding.
        Err(error @ (Error::Tool(_) | Error::Io(..))) => return Err(error.to_string()),
        Err(error) => return Ok(Some(Failure { form, message: error.to_string(), packet: None, code: None })),
    };
    if report.mismatches() == 0 {
        return Ok(None);
    }
    let first = report.comparison.iter().flat_map(|comparison| &comparison.explained).chain(&report.checks).next();
    let message = first.map_or_else(|| "an unexplained mismatch".to_owned(), ToString::to_string);
    let packet = first.and_then(|m| m.packet).and_then(|packet| usize::try_from(packet).ok());
    Ok(Some(Failure { form, message, packet, code: None }))
}
