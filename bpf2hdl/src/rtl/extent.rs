// SPDX-License-Identifier: Apache-2.0
//! What the splice must be built with for a program that changes the packet's extent: where its bytes can be cut, and
//! the signals that say where they are.

use std::collections::BTreeSet;

use super::result::ResultWord;
use super::signals::select;
use super::text::{Decl, Text, constant};
use crate::ir::{Bound, HEADROOM, Position};
use crate::pipe::{Bits, Pipeline};

/// Parameters of `bpf_splice` beyond those that every program has.
pub(super) struct ExtentPlan {
    /// The most metadata, in bytes.
    pub(super) meta_bytes: u32,
    /// Bit k: 4 * k bytes of metadata are possible.
    metas: u64,
    tail_grows: bool,
    /// Where the stream to a sink can begin, ascending.
    starts: BTreeSet<i32>,
    /// Bytes of a beat.
    beat: i32,
}

impl ExtentPlan {
    /// `None` for a program that leaves the extent alone: then there is no hardware for it.
    pub(super) fn new(p: &Pipeline, bus_bits: u32) -> Option<Self> {
        let resize = &p.resize;
        if resize.is_none() {
            return None;
        }
        let places = |position: &Option<Position<Bits>>| position.as_ref().map_or(vec![0], |p| p.places.clone());
        let (heads, mut metadata) = (places(&resize.head), places(&resize.metadata));
        // Packets that are not passed leave without metadata.
        let always_passed = p.action.as_const() == Some(2);
        if !always_passed && !metadata.contains(&0) {
            metadata.push(0);
        }
        let starts = heads.iter().flat_map(|head| metadata.iter().map(move |m| head - m)).collect();
        Some(ExtentPlan {
            meta_bytes: resize.most_metadata().unsigned_abs(),
            metas: metadata.iter().fold(1, |mask, m| mask | 1 << (m / 4).clamp(0, 63)),
            tail_grows: resize.grows_tail(),
            starts,
            beat: bus_bits as i32 / 8,
        })
    }

    /// The stream does not always begin with the first byte received.
    fn moves(&self) -> bool {
        self.starts.iter().any(|&s| s != 0)
    }

    fn is_late(&self) -> bool {
        self.starts.last().is_some_and(|&s| s > 0)
    }

    /// What `bpf_shift` must be able to cut at.
    fn offsets(&self) -> BTreeSet<u64> {
        let offset = |&s: &i32| s.rem_euclid(self.beat) + if s < 0 { 0 } else { self.beat };
        self.starts.iter().map(|s| offset(s).unsigned_abs().into()).collect()
    }

    /// Clocks that the splice takes longer than for other programs.
    pub(super) fn clocks(&self) -> u32 {
        1 + u32::from(self.moves()) + u32::from(self.is_late())
    }

    /// The parameters by name.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let bit = |condition: bool| u32::from(condition).to_string();
        let offsets = self.offsets();
        let first = offsets.first().copied().unwrap_or(0);
        let varying = offsets.iter().fold(0, |bits, o| bits | (o ^ first));
        let list: Vec<String> = offsets.iter().rev().map(|&o| constant(o, 8)).collect();
        let waits = self.starts.first().is_some_and(|&s| s < -self.beat);
        vec![
            ("RESIZE", "1".to_owned()),
            ("META_BYTES", self.meta_bytes.to_string()),
            ("METAS", constant(self.metas, 64)),
            ("TAIL_GROWS", bit(self.tail_grows)),
            ("MOVES", bit(self.moves())),
            ("LATE", bit(self.is_late())),
            ("WAITS", bit(waits)),
            ("PLACES", offsets.len().to_string()),
            ("OFFSETS", format!("{{{}}}", list.join(", "))),
            ("VARYING", constant(varying, 8)),
        ]
    }
}

/// Bytes that a frame can be longer when it leaves than when it came, metadata included.
pub(super) fn growth(p: &Pipeline) -> u32 {
    if p.resize.is_none() { 0 } else { HEADROOM.unsigned_abs() }
}

/// Declares the signals of the extent.
pub(super) fn declare(p: &Pipeline, text: &mut Text) {
    let decl = |width: u32, name: &str| Decl { width, name: name.to_owned(), comment: String::new() };
    if p.resize.is_none() {
        text.decls(2, &[decl(8, "unused_metadata")]);
        return;
    }
    let names = ["frame_head", "frame_end", "frame_kept"];
    let rows: Vec<_> = names
        .map(|name| ("logic signed [15:0]".to_owned(), name.to_owned(), "bytes from the first one received".to_owned()))
        .into();
    text.typed(2, &rows);
    text.decls(2, &[decl(8, "frame_metadata"), decl(8, beat_metadata(p))]);
}

/// Assignments to the signals of the extent, from the result.
pub(super) fn assignments(p: &Pipeline, word: &ResultWord) -> Vec<(String, String, String)> {
    let resize = &p.resize;
    if resize.is_none() {
        return Vec::new();
    }
    let sum = |base: &Bits, add: i32, width: u32| {
        let mask = (1u64 << width) - 1;
        let add = |more: u64| constant((add as u64).wrapping_add(more) & mask, width);
        match base.as_const() {
            Some(value) => add(value),
            None => format!("{width}'({}) + {}", word.unpack(base, "result"), add(0)),
        }
    };
    let position = |position: &Option<Position<Bits>>, width: u32| match position {
        Some(p) => sum(&p.base, p.add, width),
        None => constant(0, width),
    };
    let bound = |bound: &Option<Bound<Bits>>| match bound {
        Some(b) if b.of_length => format!("stored_length + {}", sum(&b.base, b.add, 16)),
        Some(b) => sum(&b.base, b.add, 16),
        None => "stored_length".to_owned(),
    };
    let row = |name: &str, value: String| (name.to_owned(), value, String::new());
    vec![
        row("frame_head", position(&resize.head, 16)),
        row("frame_end", bound(&resize.end)),
        row("frame_kept", bound(&resize.kept)),
        row("frame_metadata", position(&resize.metadata, 8)),
    ]
}

/// The signal that brings the length of the metadata from the splice; lint takes its name for why nobody reads it.
fn beat_metadata(p: &Pipeline) -> &'static str {
    if p.resize.metadata.is_some() { "beat_metadata" } else { "unused_metadata" }
}

/// Connections of the splice's ports for the extent.
pub(super) fn connections(p: &Pipeline) -> Vec<(String, String)> {
    let ports = ["res_head_i", "res_end_i", "res_kept_i", "res_metadata_i", "beat_metadata_o"];
    let used = ["frame_head", "frame_end", "frame_kept", "frame_metadata", beat_metadata(p)];
    let unused = ["16'sd0", "16'sd0", "16'sd0", "8'd0", "unused_metadata"];
    let values = if p.resize.is_none() { unused } else { used };
    ports.iter().zip(values).map(|(port, value)| ((*port).to_owned(), value.to_owned())).collect()
}

/// The signal that holds the PASS sink's `tuser`, and the assignment that puts the length of the metadata into it.
pub(super) fn pass_user(p: &Pipeline, text: &mut Text) {
    if p.resize.metadata.is_none() {
        return;
    }
    text.blank();
    text.decls(
        2,
        &[
            Decl { width: 64, name: "pass_user".into(), comment: String::new() },
            Decl { width: 8, name: "pass_metadata".into(), comment: String::new() },
            Decl { width: 1, name: "unused_pass_user".into(), comment: String::new() },
        ],
    );
    let (high, low) = (select("pass_user", 64, 32, 32), select("pass_user", 64, 0, 17));
    text.line(2, &format!("assign m_axis_pass_tuser = {{{high}, 7'd0, pass_metadata, {low}}};"));
    text.line(2, &format!("assign unused_pass_user = ^{};", select("pass_user", 64, 17, 15)));
}
