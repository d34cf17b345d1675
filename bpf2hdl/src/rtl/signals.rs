// SPDX-License-Identifier: Apache-2.0
//! The signals of the pipeline module: their names, where each bit of the pipeline IR is at each stage, and which bits are
//! ever read.
//!
//! A bit of a source that is made in stage m is, in stage m, on the wire of the source, and in a later stage k in the register
//! of the run that holds it. Every read is recorded, so that at the end the bits that nobody reads are known: they are
//! named in one expression, which keeps linters quiet without waivers.

use std::collections::BTreeMap;

use super::names::Names;
use super::text::constant;
use crate::ir::{Binary, Compare, Input};
use crate::pipe::{Bits, Node, NodeId, NodeKind, Piece, Pipeline, Run, Runs, Source};

/// What a signal holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Key {
    /// A source, in the stage that makes it.
    Wire(Source),
    /// A run, at the output of the elastic FIFO before this stage.
    Head(Source, u32, u32),
    /// A run, registered at the input of this stage: source, stage, lowest bit. It may hold for some stages, see [`Runs`].
    Register(Source, u32, u32),
}

struct Signal {
    name: String,
    /// By bit: somebody reads it.
    read: Vec<bool>,
}

/// Names and readers of all signals.
pub(super) struct Signals<'a> {
    p: &'a Pipeline,
    runs: &'a Runs,
    /// Identifiers that are taken.
    pub(super) names: Names,
    /// Identifier of each map.
    maps: &'a [String],
    table: BTreeMap<Key, Signal>,
}

impl<'a> Signals<'a> {
    /// No signals yet.
    pub(super) fn new(p: &'a Pipeline, runs: &'a Runs, maps: &'a [String]) -> Self {
        Signals { p, runs, names: Names::default(), maps, table: BTreeMap::new() }
    }

    /// Adds a signal of `width` bits under the wanted name or a variant of it; returns the name.
    pub(super) fn declare(&mut self, key: Key, wanted: &str, width: u32) -> String {
        let name = self.names.unique(wanted);
        self.table.insert(key, Signal { name: name.clone(), read: vec![false; width as usize] });
        name
    }

    /// The name of a signal that was added.
    pub(super) fn name(&self, key: Key) -> String {
        self.table.get(&key).map_or_else(String::new, |s| s.name.clone())
    }

    /// Adds a signal that exists already (a port).
    pub(super) fn alias(&mut self, key: Key, name: &str, width: u32) {
        self.table.insert(key, Signal { name: name.to_owned(), read: vec![false; width as usize] });
    }

    /// Bits of a signal as an expression; records the read.
    fn read(&mut self, key: Key, lo: u32, width: u32) -> String {
        let Some(signal) = self.table.get_mut(&key) else {
            panic!("internal error: {key:?} is read but was never made");
        };
        signal.read[lo as usize..(lo + width) as usize].fill(true);
        select(&signal.name, signal.read.len() as u32, lo, width)
    }

    /// Bits of a source in a stage.
    pub(super) fn source(&mut self, source: Source, stage: u32, lo: u32, width: u32) -> String {
        let made = self.p.available(source);
        if made == stage {
            return self.read(Key::Wire(source), lo, width);
        }
        let Some((holder, run)) = self.runs.find(source, made, stage, lo) else {
            panic!("internal error: bit {lo} of {source:?} is not there in stage {stage}");
        };
        self.read(Key::Register(source, holder, run.lo), lo - run.lo, width)
    }

    /// Bits, as used by logic in a stage.
    pub(super) fn bits(&mut self, bits: &Bits, stage: u32) -> String {
        render(bits, |source, lo, width| self.source(source, stage, lo, width))
    }

    /// Bits at the output of the elastic FIFO before stage `entrance`.
    pub(super) fn head(&mut self, bits: &Bits, entrance: u32) -> String {
        render(bits, |source, lo, width| {
            let found = self.runs.find(source, self.p.available(source), entrance, lo);
            let run = found.map_or(Run { lo, width }, |(_, run)| run);
            self.read(Key::Head(source, entrance, run.lo), lo - run.lo, width)
        })
    }

    /// A whole run, as the elastic FIFO's head has it.
    pub(super) fn head_run(&mut self, source: Source, stage: u32, run: Run) -> String {
        self.read(Key::Head(source, stage, run.lo), 0, run.width)
    }

    /// What to call a node in the stage in which it is made.
    pub(super) fn node_name(&self, id: NodeId, node: &Node) -> String {
        format!("s{}_{}", node.stage, self.base_name(Source::Node(id)))
    }

    /// What to call a run, without `_q`.
    pub(super) fn run_name(&self, source: Source, stage: u32, run: Run) -> String {
        let Run { lo, width } = run;
        let base = self.base_name(source);
        let whole = match source {
            Source::Packet if lo % 8 == 0 && width == 8 => return format!("s{stage}_{base}_{}", lo / 8),
            Source::Packet if lo % 8 == 0 && width % 8 == 0 => {
                return format!("s{stage}_{base}_{}_{}", lo / 8, (lo + width) / 8 - 1);
            }
            Source::Packet => false,
            Source::Node(id) => lo == 0 && width == self.p.node(id).width,
        };
        match (whole, width) {
            (true, _) => format!("s{stage}_{base}"),
            (false, 1) => format!("s{stage}_{base}_bit{lo}"),
            (false, _) => format!("s{stage}_{base}_bits{}_{lo}", lo + width - 1),
        }
    }

    fn base_name(&self, source: Source) -> String {
        let Source::Node(id) = source else { return "pkt".to_owned() };
        let n = id.index();
        match &self.p.node(id).kind {
            NodeKind::Input(Input::Length) => "length".to_owned(),
            NodeKind::Input(Input::IngressIfindex) => "ifindex".to_owned(),
            NodeKind::Input(Input::RxQueue) => "rx_queue".to_owned(),
            NodeKind::Input(Input::Start) => "start".to_owned(),
            NodeKind::Input(Input::Time) => "time_ns".to_owned(),
            NodeKind::Input(Input::Random) => "random".to_owned(),
            NodeKind::Input(Input::Room) => "room".to_owned(),
            NodeKind::FarLoad { .. } => format!("far_{n}"),
            NodeKind::Binary(op, ..) => format!("{}_{n}", binary_name(*op)),
            NodeKind::Compare(op, ..) => format!("{}_{n}", compare_name(*op)),
            NodeKind::Select { .. } => format!("sel_{n}"),
            NodeKind::PacketAt { .. } => format!("pkt_at_{n}"),
            NodeKind::Rom { .. } => format!("rom_{n}"),
            NodeKind::Step { map, .. } => format!("{}_found_{n}", self.maps[map.index()]),
            NodeKind::Read { map, .. } => format!("{}_entry_{n}", self.maps[map.index()]),
        }
    }

    /// Every stretch of bits that nobody reads, in a fixed order.
    pub(super) fn unread(&self) -> Vec<String> {
        let mut list = Vec::new();
        for signal in self.table.values() {
            let width = signal.read.len();
            let mut at = 0;
            while at < width {
                let end = (at..width).find(|&i| signal.read[i]).unwrap_or(width);
                if end > at {
                    list.push(select(&signal.name, width as u32, at as u32, (end - at) as u32));
                }
                at = end.max(at) + 1;
            }
        }
        list
    }
}

fn binary_name(op: Binary) -> &'static str {
    Binary::ALL.iter().find(|(b, _)| *b == op).map_or("op", |(_, name)| name)
}

fn compare_name(op: Compare) -> &'static str {
    Compare::ALL.iter().find(|(c, _)| *c == op).map_or("cmp", |(_, name)| name)
}

/// `name`, `name[lo]` or `name[hi:lo]`.
pub(super) fn select(name: &str, all: u32, lo: u32, width: u32) -> String {
    match width {
        _ if width == all => name.to_owned(),
        1 => format!("{name}[{lo}]"),
        _ => format!("{name}[{}:{lo}]", lo + width - 1),
    }
}

/// Bits as an expression that needs no parentheses; `read` gives the text of bits of a source.
pub(super) fn render(bits: &Bits, mut read: impl FnMut(Source, u32, u32) -> String) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut zeros = 0;
    let flush = |zeros: &mut u32, parts: &mut Vec<String>| {
        if *zeros > 0 {
            parts.push(constant(0, *zeros));
            *zeros = 0;
        }
    };
    // Highest first, as SystemVerilog joins.
    for piece in bits.pieces().iter().rev() {
        if let Piece::Const { value: 0, width } = *piece {
            zeros += width;
            continue;
        }
        flush(&mut zeros, &mut parts);
        let not = |inverted: bool| if inverted { "~" } else { "" };
        parts.push(match *piece {
            Piece::Const { value, width } => constant(value, width),
            Piece::Slice { source, lo, width, inverted } => format!("{}{}", not(inverted), read(source, lo, width)),
            Piece::Repeat { source, bit, width: 1, inverted } => format!("{}{}", not(inverted), read(source, bit, 1)),
            Piece::Repeat { source, bit, width, inverted } => {
                format!("{{{width}{{{}{}}}}}", not(inverted), read(source, bit, 1))
            }
        });
    }
    flush(&mut zeros, &mut parts);
    match parts.len() {
        1 => parts.remove(0),
        _ => format!("{{{}}}", parts.join(", ")),
    }
}
