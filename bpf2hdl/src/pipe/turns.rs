// SPDX-License-Identifier: Apache-2.0
//! Which accesses of a token can share hardware because of the initiation interval.
//!
//! Tokens come `interval` clocks apart, at the input and behind each elastic FIFO. So of as many stages in a row, without such a FIFO between
//! them, at most one holds a token, and what stands in several of them is never asked for two things in one clock.

use super::{MapUnit, Pipeline, Storage};
use crate::ir::MapId;

impl Pipeline {
    /// Accesses in these stages, by the hardware that serves them: groups of indices, each ascending, by their first. With an interval of 1
    /// each is by itself.
    pub fn in_turns(&self, stages: &[u32]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut order: Vec<usize> = (0..stages.len()).collect();
        order.sort_by_key(|&access| stages[access]);
        for access in order {
            let fits = |group: &&mut Vec<usize>| {
                let taken: Vec<u32> = group.iter().map(|&other| stages[other]).collect();
                let first = taken.iter().copied().min().unwrap_or(0);
                let is_near = stages[access] - first < self.interval && !taken.contains(&stages[access]);
                is_near && self.entrances_between(first, stages[access]).next().is_none()
            };
            match groups.iter_mut().find(fits) {
                Some(group) => group.push(access),
                None => groups.push(vec![access]),
            }
        }
        groups.iter_mut().for_each(|group| group.sort_unstable());
        groups.sort_unstable();
        groups
    }

    /// The read ports that a map's memory has: for each the reads that it serves. Flip-flops have one for each read.
    pub fn read_ports(&self, map: MapId) -> Vec<Vec<usize>> {
        let unit = &self.maps[map.index()];
        let all: Vec<u32> = unit.reads.iter().map(|read| read.issue).collect();
        match unit.storage {
            _ if unit.in_turn() && !all.is_empty() => vec![(0..all.len()).collect()],
            Storage::Ram | Storage::LutRam => self.in_turns(&all),
            Storage::Registers | Storage::None => (0..all.len()).map(|read| vec![read]).collect(),
        }
    }

    /// Read ports of a map's memory, at least one.
    pub fn replicas(&self, map: MapId) -> usize {
        self.read_ports(map).len().max(1)
    }

    /// Copies of a map's entries in RAM.
    pub fn copies(&self, map: MapId) -> usize {
        self.replicas(map) * self.maps[map.index()].write_replicas()
    }

    /// Bits of memory that a map's directory takes; 0 without one.
    pub fn directory_bits(&self, unit: &MapUnit) -> u64 {
        unit.directory_bits(self.step_ports(unit).len())
    }

    /// The ports of a directory: for each the steps that it serves. All steps that change the directory are the first one's: their section
    /// keeps tokens apart. Without such steps, none or one that only looks is.
    pub fn step_ports(&self, unit: &MapUnit) -> Vec<Vec<usize>> {
        let (mut first, looks): (Vec<usize>, Vec<usize>) =
            (0..unit.steps.len()).partition(|&step| unit.steps[step].changes());
        let issues: Vec<u32> = looks.iter().map(|&step| unit.steps[step].issue).collect();
        let mut rest: Vec<Vec<usize>> =
            self.in_turns(&issues).into_iter().map(|group| group.into_iter().map(|i| looks[i]).collect()).collect();
        if first.is_empty() && !rest.is_empty() {
            first = rest.remove(0);
        }
        std::iter::once(first).chain(rest).collect()
    }
}
