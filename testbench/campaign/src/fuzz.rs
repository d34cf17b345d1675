// SPDX-License-Identifier: Apache-2.0
//! Many random programs: each through every form of the compiler, some of them through Verilator, against the kernel.
//!
//! Programs are numbered by their seeds, so a campaign that was stopped goes on with the next seed. A disagreement is
//! reduced and written into a folder of its own.

use crate::case::Case;
use crate::judge::{self, Compared, Failure, Verdict};
use crate::status::Status;
use crate::{hardware, reduce};
use bpf2hdl::{Design, bisect, sched};
use bpf2hdl_testbench::capture;
use bpf2hdl_testbench::random::Feature;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// The bus widths that hardware is built for.
const BUSES: [u32; 4] = [512, 64, 256, 128];
/// Longest time that reducing one failure takes.
const PATIENCE: Duration = Duration::from_secs(60);
const HARDWARE_PATIENCE: Duration = Duration::from_secs(300);
/// Bytes of the largest `bpf_pipeline.sv` that goes through Verilator: beyond, a model takes minutes and gigabytes to compile.
pub const LARGEST_MODEL: usize = 200_000;
/// A campaign ends after so many failures.
const MOST_FAILURES: usize = 5;

/// What to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The first seed.
    pub seed: u64,
    /// Number of programs.
    pub programs: u64,
    /// Packets for each.
    pub packets: usize,
    /// How many of the programs that agree go through Verilator.
    pub rtl: u64,
    /// Programs at a time.
    pub jobs: usize,
    /// Where failures are written, and designs for Verilator.
    pub folder: PathBuf,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Programs that were tried.
    pub done: u64,
    /// Programs that agree with the kernel in every form.
    pub agree: u64,
    /// Refused by the kernel's verifier.
    pub refused: u64,
    /// Over a limit of the hardware in every form.
    pub over_limit: u64,
    /// Packets compared in each form.
    pub packets: u64,
    /// Pipelines compared.
    pub pipelines: u64,
    /// Pipelines that exceed a limit of the hardware.
    pub unscheduled: u64,
    /// Programs of which packets may wait for each other.
    pub interlocked: u64,
    /// Programs that agree in Verilator.
    pub rtl: u64,
    /// Programs that did not go through Verilator although it was their turn, see [`LARGEST_MODEL`].
    pub too_large: u64,
    /// How many accepted programs use each feature.
    pub features: BTreeMap<Feature, u64>,
    /// What the kernel said, and the limits, with counts.
    pub reasons: BTreeMap<String, u64>,
    /// Disagreements.
    pub failures: Vec<Finding>,
    /// Why the campaign could not go on.
    pub stopped: Option<String>,
}

/// A disagreement that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The program.
    pub seed: u64,
    /// What is wrong.
    pub failure: Failure,
    /// Where it was written.
    pub folder: PathBuf,
}

/// One program's fate.
struct Fate {
    features: BTreeSet<Feature>,
    result: FateResult,
}

enum FateResult {
    Refused(String),
    OverLimit(String),
    Agrees { compared: Box<Compared>, rtl: Rtl },
    Failed(Finding),
    Stopped(String),
}

/// Whether a program went through Verilator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rtl {
    NotAsked,
    Agrees,
    TooLarge,
}

/// What the workers share.
struct Shared<'a> {
    settings: &'a Settings,
    next: AtomicU64,
    /// Programs that may still go through Verilator.
    tickets: AtomicU64,
    stop: AtomicBool,
    /// One failure is reduced at a time.
    reducing: Mutex<()>,
}

/// Runs the campaign.
pub fn run(settings: &Settings, status: &mut Status) -> Totals {
    let shared = Shared {
        settings,
        next: AtomicU64::new(settings.seed),
        tickets: AtomicU64::new(settings.rtl),
        stop: AtomicBool::new(false),
        reducing: Mutex::new(()),
    };
    let started = Instant::now();
    let mut totals = Totals::default();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..settings.jobs.max(1) {
            let sender = sender.clone();
            let work = || {
                let sender = sender;
                shared.work(&sender);
            };
            // Deep programs make deep recursions.
            let spawned = thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work);
            if let Err(error) = spawned {
                totals.stopped = Some(format!("no thread could be started: {error}"));
            }
        }
        drop(sender);
        for fate in receiver {
            totals.add(fate, settings);
            if totals.failures.len() >= MOST_FAILURES || totals.stopped.is_some() {
                shared.stop.store(true, Ordering::Relaxed);
            }
            status.show(|| totals.line(settings, started.elapsed()));
        }
    });
    totals
}

impl Shared<'_> {
    fn work(&self, sender: &mpsc::Sender<Fate>) {
        while !self.stop.load(Ordering::Relaxed) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed - self.settings.seed >= self.settings.programs || sender.send(self.one(seed)).is_err() {
                return;
            }
        }
    }

    fn one(&self, seed: u64) -> Fate {
        let (case, program) = Case::random(seed, self.settings.packets);
        let result = match judge::judge(&case) {
            Verdict::RefusedByKernel(reason) => FateResult::Refused(reason),
            Verdict::OverLimit(reason) => FateResult::OverLimit(reason),
            Verdict::Fails(failure) => self.finding(seed, &case, failure),
            Verdict::Agrees(compared) => self.hardware(seed, &case, compared),
        };
        Fate { features: program.features, result }
    }

    /// Whether there is a ticket for Verilator left.
    fn is_wanted(&self) -> bool {
        self.tickets.load(Ordering::Relaxed) > 0
    }

    /// Takes a ticket for Verilator, if there is one left.
    fn ticket(&self) -> bool {
        self.tickets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    fn hardware(&self, seed: u64, case: &Case, compared: Box<Compared>) -> FateResult {
        let design = if self.is_wanted() { design(seed, &compared) } else { None };
        let rtl = match design {
            Some(design) if hardware::size(&design, &compared.linked) > LARGEST_MODEL => Rtl::TooLarge,
            Some(design) if self.ticket() => match simulate(case, &compared, &design, seed, &self.settings.folder) {
                Ok(None) => Rtl::Agrees,
                Ok(Some(failure)) => return self.finding(seed, case, failure),
                Err(reason) => return FateResult::Stopped(reason),
            },
            _ => Rtl::NotAsked,
        };
        FateResult::Agrees { compared, rtl }
    }

    /// Reduces a failure and writes it down.
    fn finding(&self, seed: u64, case: &Case, failure: Failure) -> FateResult {
        let _one = self.reducing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.settings.folder.join(format!("seed-{seed}"));
        match write_finding(&folder, case, &failure, seed) {
            Ok(()) => FateResult::Failed(Finding { seed, failure, folder }),
            Err(error) => FateResult::Stopped(format!("{}: {error}; {}", folder.display(), failure.message)),
        }
    }
}

/// The setting that a program's hardware is built for: mostly the first.
fn setting(seed: u64) -> usize {
    usize::from(seed % 5 == 4)
}

/// The initiation interval of a program's hardware: of every third, stages share registers, ports and units.
fn interval(seed: u64) -> u32 {
    if seed % 3 == 2 { [2, 4, 9, 40][usize::try_from(seed / 3 % 4).unwrap_or(0)] } else { 1 }
}

/// A program's hardware; `None` if its pipeline exceeds a limit.
fn design(seed: u64, compared: &Compared) -> Option<Design> {
    let bus = BUSES[usize::try_from(seed % 4).unwrap_or(0)];
    let number = setting(seed);
    let mut options = judge::options(judge::SETTINGS[number], bus)?;
    options.initiation_interval = interval(seed);
    let mut build = compared.builds[number].as_ref()?.clone();
    if options.initiation_interval > 1 {
        // What was accepted without an interval may have more stages with one.
        build.pipeline = sched::schedule(&compared.linked, &build.function, &options).ok()?.0;
    }
    Some(hardware::design(&build, options))
}

/// A case in Verilator, in a folder below `folder`.
fn simulate(
    case: &Case,
    compared: &Compared,
    design: &Design,
    seed: u64,
    folder: &Path,
) -> Result<Option<Failure>, String> {
    let place = folder.join(format!("design-{seed}"));
    let result = hardware::run(compared, design, &case.packet_set(), seed, &place);
    if matches!(result, Ok(None)) {
        // What is left behind does no harm.
        let _ = fs::remove_dir_all(&place);
    }
    result
}

/// The first failure of a case: in a form, or, for a failure in hardware, there.
#[must_use]
pub fn failure_of(case: &Case, in_hardware: bool, seed: u64, folder: &Path) -> Option<Failure> {
    match judge::judge(case) {
        Verdict::Fails(failure) => Some(failure),
        Verdict::Agrees(compared) if in_hardware => {
            let design = design(seed, &compared)?;
            simulate(case, &compared, &design, seed, folder).ok().flatten()
        }
        _ => None,
    }
}

/// The case made smaller. Bytes of the stack that were never written may be read by root, and are whatever was there: lest
/// a reduction ends in such a read, each candidate starts with a cleared stack wherever that leaves the failure.
fn smaller(case: &Case, failure: &Failure, seed: u64, folder: &Path) -> Case {
    let in_hardware = failure.form.starts_with("rtl");
    let patience = if in_hardware { HARDWARE_PATIENCE } else { PATIENCE };
    // A difference may turn into another on the way, but a refusal must stay the same refusal.
    let same = |found: Failure| found.form.starts_with("rtl") == in_hardware && found.code == failure.code;
    let fails = |case: &Case| failure_of(case, in_hardware, seed, folder).is_some_and(same);
    if !fails(&case.with_cleared_stack()) {
        return reduce::reduce(case, patience, &mut |case| fails(case));
    }
    let small = reduce::reduce(case, patience, &mut |case| fails(&case.with_cleared_stack()));
    if fails(&small) { small } else { small.with_cleared_stack() }
}

/// Reduces a failure and writes it into a folder.
///
/// # Errors
/// Files that can not be written.
pub fn write_finding(folder: &Path, case: &Case, failure: &Failure, seed: u64) -> std::io::Result<()> {
    record(folder, case, &smaller(case, failure, seed, folder), failure)
}

/// Writes a failure: the program, the reduced one with its packets, and what differs.
fn record(folder: &Path, case: &Case, small: &Case, failure: &Failure) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("program.s"), case.to_text())?;
    fs::write(folder.join("minimal.s"), small.to_text())?;
    fs::write(folder.join("minimal.pcap"), capture::encode(small.packets.iter().map(Vec::as_slice)))?;
    fs::write(folder.join("report.txt"), explain(small, failure))
}

/// What differs, and the forms before and after the step that broke the reduced program.
fn explain(small: &Case, failure: &Failure) -> String {
    let mut text = format!("{}: {}\n\nreduced:\n{}", failure.form, failure.message, small.text);
    let Ok(linked) = small.link() else { return text };
    let packets = small.packet_set();
    let Ok(expected) = judge::kernel(&linked, &packets) else { return text };
    let (shapes, preload) = (judge::shapes(&linked), judge::preload(&linked));
    let trial =
        bisect::Trial { packets: &packets, preload: Some(&preload), expected: &expected, shapes: &shapes, only: None };
    for options in judge::SETTINGS.into_iter().filter_map(|setting| judge::options(setting, 512)) {
        let Ok(forms) = bisect::forms(&linked, &options, None) else { continue };
        let Some((wrong, fault)) = bisect::first_fault(&forms.all, &trial) else { continue };
        let position = forms.all.iter().position(|form| form.name == wrong.name).unwrap_or(0);
        let shown = forms.all.iter().skip(position.saturating_sub(1)).take(if position > 0 { 2 } else { 1 });
        let message = judge::failure(String::new(), fault).message;
        // Writing to a string can not fail.
        let _ = writeln!(text, "\nfirst wrong form: {}: {message}", wrong.name);
        shown.for_each(|form| _ = writeln!(text, "\n{}:\n{}", form.name, form.body));
        break;
    }
    text
}

impl Totals {
    fn add(&mut self, fate: Fate, settings: &Settings) {
        self.done += 1;
        match fate.result {
            FateResult::Refused(reason) => {
                self.refused += 1;
                *self.reasons.entry(format!("kernel: {}", general(&reason))).or_default() += 1;
                return;
            }
            FateResult::OverLimit(reason) => {
                self.over_limit += 1;
                *self.reasons.entry(format!("limit: {}", general(&reason))).or_default() += 1;
            }
            FateResult::Agrees { compared, rtl } => {
                self.agree += 1;
                self.packets += settings.packets as u64;
                let built = compared.builds.iter().flatten().count() as u64;
                self.pipelines += built;
                self.unscheduled += compared.builds.len() as u64 - built;
                self.interlocked += u64::from(compared.interlocked);
                self.rtl += u64::from(rtl == Rtl::Agrees);
                self.too_large += u64::from(rtl == Rtl::TooLarge);
            }
            FateResult::Failed(finding) => self.failures.push(finding),
            FateResult::Stopped(reason) => self.stopped = Some(reason),
        }
        fate.features.into_iter().for_each(|feature| *self.features.entry(feature).or_default() += 1);
    }

    /// Programs that the kernel accepts.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.done - self.refused
    }

    /// The line that is shown while the campaign runs.
    fn line(&self, settings: &Settings, elapsed: Duration) -> String {
        let rate = self.done as f64 / elapsed.as_secs_f64().max(0.001);
        format!(
            "{} of {} programs, {} agree, {} in Verilator, {} failures; {rate:.1} a second; go on later with --seed {}",
            self.done,
            settings.programs,
            self.agree,
            self.rtl,
            self.failures.len(),
            settings.seed + self.done
        )
    }
}

/// A reason without its numbers, for counting.
fn general(reason: &str) -> String {
    let mut text = String::new();
    for c in reason.chars() {
        if !c.is_ascii_digit() {
            text.push(c);
        } else if !text.ends_with('N') {
            text.push('N');
        }
    }
    text
}
