// SPDX-License-Identifier: Apache-2.0
//! Many items in one core, in Verilator.

use super::{Item, OPERANDS, Place, RESULTS, Settings, Table, packets, program};
use crate::judge::{self, Build, SETTINGS};
use crate::{engine, hardware};
use bpf2hdl::Options;
use bpf2hdl::bisect::{self, Body};
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::object::Linked;
use bpf2hdl_testbench::{Action, PacketSet, Silent, SimOptions, SimRequest, simulate};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Most items of a core, so that its window (512 bytes) holds all results.
const MOST_ITEMS: usize = 48;
/// Most weight of a core.
const MOST_WEIGHT: u32 = 64;

/// Items in groups that fit one core each.
#[must_use]
pub fn batches(items: &[Item]) -> Vec<Vec<Item>> {
    let mut all: Vec<Vec<Item>> = Vec::new();
    for place in [Place::Plain, Place::Map] {
        let mut weight = u32::MAX;
        for item in items.iter().filter(|item| item.place == place) {
            let full = all.last().is_some_and(|batch| batch.len() >= MOST_ITEMS);
            if full || weight.saturating_add(item.weight) > MOST_WEIGHT {
                all.push(Vec::new());
                weight = 0;
            }
            weight += item.weight;
            if let Some(batch) = all.last_mut() {
                batch.push(item.clone());
            }
        }
    }
    all
}

/// Agreement of one item in hardware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The line of the table.
    pub row: String,
    /// Packets.
    pub cases: u64,
    /// Packets in which the result equals the kernel's.
    pub agreed: u64,
    /// The first difference.
    pub wrong: Option<String>,
}

/// Builds a core for a batch and runs all pairs through it.
///
/// # Errors
/// A program that can not be built, or what is missing on this machine.
pub fn run(batch: &[Item], pairs: &[(u64, u64)], on_engine: bool, folder: &Path) -> Result<Vec<Outcome>, String> {
    let linked = program(batch)?;
    let packets: PacketSet = packets(pairs, batch.len()).iter().map(Vec::as_slice).collect();
    let expected = judge::kernel(&linked, &packets)?;
    let options = judge::options(SETTINGS[0], 512).ok_or("there is no such target")?;
    if on_engine {
        engine::write(&linked, &options, folder).map_err(|(_, message)| message)?;
    } else {
        write(&linked, options, folder)?;
    }
    let mut reference = expected.clone();
    let sim = SimOptions { quick_build: !on_engine, ..SimOptions::default() };
    let request =
        SimRequest { design: folder, packets: &packets, preload: None, oracle: Some(&mut reference), options: sim };
    let report = simulate(request, &mut Silent).map_err(|error| error.to_string())?;
    let mut outcomes: Vec<Outcome> = batch.iter().map(|item| Outcome::new(item, packets.len())).collect();
    for (number, want) in expected.verdicts().iter().enumerate() {
        let want = want.as_ref().map_err(|skip| skip.reason.clone())?;
        if want.action != Action::Pass {
            return Err(format!("a batch does not pass packet {number}"));
        }
        let got = report.pass.get(number).unwrap_or_default();
        for (item, outcome) in outcomes.iter_mut().enumerate() {
            outcome.judge(&batch[item], item, got, &want.data);
        }
    }
    if report.mismatches() > 0 && outcomes.iter().all(|outcome| outcome.wrong.is_none()) {
        let first = report.comparison.iter().flat_map(|comparison| &comparison.explained).chain(&report.checks).next();
        return Err(first.map_or_else(|| "an unexplained mismatch".to_owned(), ToString::to_string));
    }
    Ok(outcomes)
}

/// Writes the pipeline of a batch.
fn write(linked: &Linked, options: Options, folder: &Path) -> Result<(), String> {
    let refused = |refused: Diagnostics| format!("a batch is refused: {}", refused.to_text());
    let forms = bisect::forms(linked, &options, None).map_err(refused)?;
    if let Some(reasons) = forms.refused {
        return Err(refused(reasons));
    }
    let mut bodies = forms.all.into_iter().rev().map(|form| form.body);
    let (Some(Body::Pipe(pipeline)), Some(Body::Ir(function))) = (bodies.next(), bodies.next()) else {
        return Err("a batch has no pipeline".to_owned());
    };
    let design = hardware::design(&Build { function: *function, pipeline: *pipeline }, options);
    hardware::write(&design, linked, folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Runs all batches, several at a time; `done` is given the number of those that are done and the outcomes of one.
///
/// # Errors
/// The first error of a batch.
pub fn run_all(
    batches: Vec<Vec<Item>>,
    pairs: &[(u64, u64)],
    settings: &Settings<'_>,
    done: &mut dyn FnMut(usize, Vec<Outcome>),
) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..settings.jobs.max(1) {
            let (sender, next, batches) = (sender.clone(), &next, &batches);
            scope.spawn(move || {
                while let Some((number, batch)) = take(next, batches) {
                    let result = run(batch, pairs, settings.engine, &settings.folder.join(format!("batch-{number}")));
                    let failed = result.is_err();
                    if sender.send(result).is_err() || failed {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (number, result) in receiver.iter().enumerate() {
            done(number + 1, result?);
        }
        Ok(())
    })
}

fn take<'b>(next: &AtomicUsize, batches: &'b [Vec<Item>]) -> Option<(usize, &'b Vec<Item>)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, batches.get(number)?))
}

impl Outcome {
    fn new(item: &Item, packets: usize) -> Self {
        Self { row: item.row.clone(), cases: packets as u64, agreed: 0, wrong: None }
    }

    fn judge(&mut self, item: &Item, number: usize, got: &[u8], want: &[u8]) {
        let at = RESULTS + 8 * number;
        let (result, expected) = (got.get(at..at + 8), want.get(at..at + 8));
        if result.is_some() && result == expected {
            self.agreed += 1;
        } else if self.wrong.is_none() {
            let operands = want.get(OPERANDS..OPERANDS + 16).unwrap_or_default();
            self.wrong =
                Some(format!("rtl: {}: operands {operands:02x?}: {result:02x?}, expected {expected:02x?}", item.text));
        }
    }

    /// Adds this to the table.
    pub fn add_to(self, table: &mut Table) {
        let row = table.row(&self.row);
        row.rtl += self.agreed;
        row.rtl_cases += self.cases;
        row.wrong.extend(self.wrong);
    }
}
