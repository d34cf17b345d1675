// SPDX-License-Identifier: Apache-2.0
//! Which bits are registered between which stages.
//!
//! A source's bit is there at the input of stage k exactly when it was computed before stage k and is used in stage
//! k or later. Bits of one source that are alive at the same stage and stand side by side form a [`Run`]: one register.
//!
//! With an initiation interval of N, of N stages in a row one holds a token. So a register is loaded when its token comes, and holds for
//! N stages; only then is there another one, and where a token may wait. With an interval of 1 that is a register at each stage.

use std::collections::BTreeMap;

use super::{Pipeline, Source};

/// Neighbouring live bits of a source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Run {
    /// Lowest bit of the source.
    pub lo: u32,
    /// Number of bits.
    pub width: u32,
}

/// The registered runs of every source at the input of every stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Runs {
    /// By stage, then source.
    stages: Vec<BTreeMap<Source, Vec<Run>>>,
    holders: Holders,
}

/// Which register holds what is alive in a stage.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Holders {
    interval: u32,
    /// Stages before which tokens may wait, ascending: all is registered there.
    entrances: Vec<u32>,
}

impl Holders {
    fn new(p: &Pipeline) -> Self {
        Holders { interval: p.interval.max(1), entrances: p.entrances() }
    }

    /// The stage of the register that holds, in `stage`, what was made in stage `made` before it.
    fn of(&self, made: u32, stage: u32) -> u32 {
        let waits = self.entrances.iter().rev().find(|&&entrance| entrance <= stage);
        let first = waits.map_or(made + 1, |&entrance| entrance.max(made + 1));
        stage - (stage - first) % self.interval
    }
}

impl Runs {
    /// Computes the registers of a pipeline.
    pub fn new(p: &Pipeline) -> Self {
        // Last stage that uses each bit, by source.
        let mut last: BTreeMap<Source, Vec<Option<u32>>> = BTreeMap::new();
        p.for_each_use(|bits, stage| {
            for (source, lo, width) in bits.uses() {
                let table = last.entry(source).or_default();
                let end = (lo + width) as usize;
                if table.len() < end {
                    table.resize(end, None);
                }
                for use_of_bit in &mut table[lo as usize..end] {
                    *use_of_bit = Some(use_of_bit.map_or(stage, |s| s.max(stage)));
                }
            }
        });
        let mut stages = vec![BTreeMap::new(); p.stages() as usize];
        let holders = Holders::new(p);
        for (source, table) in last {
            let made = p.available(source);
            let end = table.iter().copied().flatten().max().unwrap_or(made);
            for stage in (made + 1..=end).filter(|&stage| holders.of(made, stage) == stage) {
                let runs = runs_alive(&table, stage);
                if !runs.is_empty() {
                    stages[stage as usize].insert(source, runs);
                }
            }
        }
        Runs { stages, holders }
    }

    /// Registered runs at the input of a stage, by source.
    pub fn at(&self, stage: u32) -> &BTreeMap<Source, Vec<Run>> {
        &self.stages[stage as usize]
    }

    /// The registered run that holds bit `bit` of `source`, which was made in stage `made`, in a later `stage`; and the stage at whose input it is.
    pub fn find(&self, source: Source, made: u32, stage: u32, bit: u32) -> Option<(u32, Run)> {
        let holder = self.holders.of(made, stage);
        let runs = self.stages.get(holder as usize)?.get(&source)?;
        Some((holder, runs.iter().copied().find(|r| (r.lo..r.lo + r.width).contains(&bit))?))
    }

    /// Register bits of all stages together, valid bits not included.
    pub fn total_bits(&self) -> u64 {
        self.stages.iter().flat_map(BTreeMap::values).flatten().map(|r| u64::from(r.width)).sum()
    }

    /// Register bits at the input of a stage, valid bit not included.
    pub fn bits_at(&self, stage: u32) -> u32 {
        self.stages[stage as usize].values().flatten().map(|r| r.width).sum()
    }
}

impl Pipeline {
    /// The stage in which a source's bits are there without a register of the pipeline.
    pub fn available(&self, source: Source) -> u32 {
        match source {
            Source::Packet => 0,
            Source::Node(id) => self.node(id).stage,
        }
    }
}

fn runs_alive(last_use: &[Option<u32>], stage: u32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (bit, last) in last_use.iter().enumerate() {
        if last.is_none_or(|l| l < stage) {
            continue;
        }
        let bit = bit as u32;
        match runs.last_mut() {
            Some(run) if run.lo + run.width == bit => run.width += 1,
            _ => runs.push(Run { lo: bit, width: 1 }),
        }
    }
    runs
}
