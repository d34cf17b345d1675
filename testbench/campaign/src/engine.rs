// SPDX-License-Identifier: Apache-2.0
//! Random programs on the engine, in Verilator, against the kernel. One model serves all of them: a program is only data.

use crate::case::Case;
use crate::hardware;
use crate::judge::{self, Failure, SETTINGS};
use crate::reduce;
use crate::status::Status;
use bpf2hdl::diag::Code;
use bpf2hdl::object::Linked;
use bpf2hdl::{Options, engine, verify};
use bpf2hdl_testbench::{SimOptions, capture};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest time that reducing one failure takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// A campaign ends after so many failures.
const MOST_FAILURES: usize = 5;
/// Every so many programs run with outputs that stall, too.
const STALLS: u64 = 4;
/// Bus widths by seed: mostly the widest, so that few models are built.
const BUSES: [u32; 4] = [512, 512, 512, 64];

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The kernel refuses it.
    RefusedByKernel(String),
    /// The front end refuses it: code and message of the first reason.
    Refused(Code, String),
    /// It does what the kernel does.
    Agrees,
    /// It does not.
    Fails(Failure),
}

/// What came of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Programs that were tried.
    pub done: u64,
    /// Programs that agree with the kernel.
    pub agree: u64,
    /// Those of them that also ran with outputs that stall.
    pub stalled: u64,
    /// Refused by the kernel.
    pub by_kernel: u64,
    /// Refused here, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Seeds and disagreements.
    pub failures: Vec<(u64, Failure)>,
}

/// Writes an engine with a program into a folder; `Err` with the refusal's code and message.
///
/// # Errors
/// The first map that the firmware does not have; what can not be written.
pub fn write(linked: &Linked, options: &Options, folder: &Path) -> Result<(), (Code, String)> {
    let refusal = |errors: bpf2hdl::diag::Diagnostics| {
        let first = errors.errors().next().map(|error| (error.code, error.message.clone()));
        first.unwrap_or((Code::Internal, "no reason".to_owned()))
    };
    let files = engine::design(linked, &verify::prints(linked), options).map_err(refusal)?;
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        // The sources are the same each time.
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, bytes)
    };
    for (path, bytes) in files {
        write(&path, &bytes).map_err(|error| (Code::OutputWrite, format!("{}: {error}", folder.display())))?;
    }
    Ok(())
}

/// Runs a case on an engine, also with outputs that stall if that is wanted.
///
/// # Errors
/// What is missing on this machine, or can not be written.
pub fn judge(case: &Case, bus_bits: u32, stalls: bool, folder: &Path) -> Result<Verdict, String> {
    let linked = match case.link() {
        Ok(linked) => linked,
        Err(reason) => return Ok(Verdict::RefusedByKernel(format!("no program: {reason}"))),
    };
    let packets = case.packet_set();
    let expected = match judge::kernel(&linked, &packets) {
        Ok(expected) => expected,
        Err(reason) => return Ok(Verdict::RefusedByKernel(reason)),
    };
    if let Err(errors) = verify::verify_with_warnings(&linked, &verify::LIMITS) {
        let first = errors.errors().next().map(|error| Verdict::Refused(error.code, error.message.clone()));
        return first.ok_or_else(|| "a refusal without a reason".to_owned());
    }
    let options = judge::options(SETTINGS[0], bus_bits).ok_or("there is no such target")?;
    let folder = folder.join(format!("engine-{bus_bits}"));
    match write(&linked, &options, &folder) {
        Ok(()) => {}
        Err((Code::OutputWrite, message)) => return Err(message),
        Err((code, message)) => return Ok(Verdict::Refused(code, message)),
    }
    let preload = judge::preload(&linked);
    let full = SimOptions::default();
    let stalling = hardware::stalling(&full);
    for (how, sim) in [("at full rate", Some(full)), ("with stalls", stalls.then_some(stalling))] {
        let (Some(sim), name) = (sim, format!("engine, {bus_bits} bits, {how}")) else { continue };
        if let Some(failure) = hardware::one(&expected, &packets, Some(&preload), sim, &folder, name)? {
            return Ok(Verdict::Fails(failure));
        }
    }
    Ok(Verdict::Agrees)
}

/// Runs random programs from a seed on.
///
/// # Errors
/// What is missing on this machine, or can not be written.
pub fn run(seed: u64, programs: u64, packets: usize, folder: &Path, status: &mut Status) -> Result<Totals, String> {
    let mut totals = Totals::default();
    for seed in seed..seed + programs {
        let (case, _) = Case::random(seed, packets);
        let (bus, stalls) = (BUSES[usize::try_from(seed % 4).unwrap_or(0)], seed % STALLS == 0);
        totals.done += 1;
        match judge(&case, bus, stalls, folder)? {
            Verdict::RefusedByKernel(_) => totals.by_kernel += 1,
            Verdict::Refused(code, message) => {
                *totals.refused.entry(format!("{}: {message}", code.id())).or_default() += 1
            }
            Verdict::Agrees => {
                totals.agree += 1;
                totals.stalled += u64::from(stalls);
            }
            Verdict::Fails(failure) => {
                let small = reduce::reduce(&case, PATIENCE, &mut |case| {
                    matches!(judge(case, bus, stalls, folder), Ok(Verdict::Fails(_)))
                });
                let place = keep(&small, &case, seed, folder)?;
                status.say(&format!(
                    "FAILED  seed {seed}, {}: {}; reduced: {}",
                    failure.form,
                    failure.message,
                    place.display()
                ));
                totals.failures.push((seed, failure));
                if totals.failures.len() >= MOST_FAILURES {
                    break;
                }
            }
        }
        status.show(|| {
            format!(
                "{} of {programs} programs, {} agree, {} failures",
                totals.done,
                totals.agree,
                totals.failures.len()
            )
        });
    }
    Ok(totals)
}

/// Writes a failing case and what is left of it.
fn keep(small: &Case, case: &Case, seed: u64, folder: &Path) -> Result<PathBuf, String> {
    let folder = folder.join(format!("engine-seed-{seed}"));
    let place = folder.join("minimal.s");
    let write = || {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("program.s"), case.to_text())?;
        fs::write(folder.join("minimal.pcap"), capture::encode(small.packets.iter().map(Vec::as_slice)))?;
        fs::write(&place, small.to_text())
    };
    write().map_err(|error: std::io::Error| format!("{}: {error}", folder.display()))?;
    Ok(place)
}

impl Totals {
    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (reason, count) in &self.refused {
            text += &format!("  {count:>6}  {reason}\n");
        }
        let refused: u64 = self.refused.values().sum();
        text + &format!(
            "{} programs on the engine: {} refused by the kernel, {refused} refused here, {} agree ({} of them also with stalls)\nmismatches {}",
            self.done,
            self.by_kernel,
            self.agree,
            self.stalled,
            self.failures.len()
        )
    }
}
