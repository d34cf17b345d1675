// SPDX-License-Identifier: Apache-2.0
//! What the tests of pipelines share: random numbers, golden texts, packets.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod grow;

use std::path::PathBuf;

use bpf2hdl::ir::{MapId, MapState, PacketInput};
use bpf2hdl::pipe::{CheckError, CycleModel, Passages, Pipeline, check, parse};

/// xorshift64*.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 32) as usize % end
    }

    /// A number of `range`, ends included.
    pub(crate) fn within(&mut self, least: u32, most: u32) -> u32 {
        least + self.below((most - least) as usize + 1) as u32
    }

    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}

/// The texts in `goldens/pipe`, in the order of their names.
pub(crate) fn goldens() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/pipe");
    let entries = std::fs::read_dir(folder).expect("folder of golden files");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pipe"));
    files.sort();
    files
}

/// One of the golden texts.
pub(crate) fn golden(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/pipe").join(name);
    std::fs::read_to_string(path).expect(name)
}

/// The only place where `old` stands becomes `new`.
pub(crate) fn replaced(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old}");
    text.replace(old, new)
}

/// What a text is parsed to.
pub(crate) fn pipeline(text: &str) -> Pipeline {
    parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// The errors of a pipeline as texts.
pub(crate) fn errors(p: &Pipeline) -> Vec<String> {
    check(p).err().unwrap_or_default().iter().map(CheckError::to_string).collect()
}

/// A packet with the usual interface and queue.
pub(crate) fn packet(data: &[u8]) -> PacketInput<'_> {
    PacketInput::new(data)
}

/// Runs packets, one in each clock, from the initial maps.
pub(crate) fn run(p: &Pipeline, packets: &[Vec<u8>]) -> (Passages, MapState) {
    let model = CycleModel::new(p);
    let mut maps = model.initial_maps();
    (model.run(packets.iter().map(|data| packet(data)), &mut maps), maps)
}

/// Runs packets one after the other.
pub(crate) fn run_sequential(p: &Pipeline, packets: &[Vec<u8>]) -> (Passages, MapState) {
    let model = CycleModel::new(p);
    let mut maps = model.initial_maps();
    (model.run_sequential(packets.iter().map(|data| packet(data)), &mut maps), maps)
}

/// The first eight bytes of an entry.
pub(crate) fn counter(maps: &MapState, map: usize, index: u64) -> u64 {
    let entry = maps.entry(MapId::new(map), index).expect("entry");
    entry.iter().take(8).rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// The verdicts.
pub(crate) fn actions(passages: &Passages) -> Vec<u8> {
    passages.packets.iter().map(|p| p.action).collect()
}

/// Verdicts and edits, without the clocks.
pub(crate) fn results(passages: &Passages) -> Vec<(u8, Vec<(i32, u8)>)> {
    passages.packets.iter().map(|p| (p.action, p.edits.clone())).collect()
}
