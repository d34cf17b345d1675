// SPDX-License-Identifier: Apache-2.0
//! The result word: what the pipeline hands to the splice through the result queue.
//!
//! Only bits that vary are queued, each distinct one once. Constants, and copies of a bit, are made again behind the queue. Both
//! sides, pack and unpack, come from the one [`ResultWord`].

use std::collections::BTreeMap;

use super::signals::select;
use super::text::constant;
use crate::pipe::{Bits, Piece, Pipeline};

/// One queued field.
pub(super) struct Field {
    /// Its bits in the pipeline's last stage.
    pub(super) bits: Bits,
    /// Lowest bit in the word.
    pub(super) lo: u32,
    /// What it is first needed for.
    pub(super) label: String,
}

/// How results are packed.
#[derive(Default)]
pub(super) struct ResultWord {
    /// Fields, ascending.
    pub(super) fields: Vec<Field>,
    at: BTreeMap<Piece, u32>,
    used: u32,
}

impl ResultWord {
    /// The word of a pipeline.
    pub(super) fn new(p: &Pipeline) -> Self {
        let mut word = ResultWord::default();
        word.add(&p.action, "verdict");
        if let Some(target) = &p.redirect {
            word.add(&target.kind, "kind of target");
            word.add(&target.number, "target of the redirect");
        }
        for edit in &p.edits {
            word.add(&edit.when, &format!("byte {} is written", edit.offset));
            word.add(&edit.data, &format!("byte {}", edit.offset));
        }
        for (base, label) in [
            (p.resize.head.as_ref().map(|p| &p.base), "place of the head"),
            (p.resize.end.as_ref().map(|b| &b.base), "place of the end"),
            (p.resize.kept.as_ref().map(|b| &b.base), "where original bytes are gone"),
            (p.resize.metadata.as_ref().map(|p| &p.base), "length of the metadata"),
        ] {
            if let Some(base) = base {
                word.add(base, label);
            }
        }
        word
    }

    /// Adds what is not yet there of some bits.
    pub(super) fn add(&mut self, bits: &Bits, label: &str) {
        for piece in bits.pieces().iter().filter_map(queued) {
            if self.at.contains_key(&piece) {
                continue;
            }
            let field = Field { bits: Bits::new([piece]), lo: self.used, label: label.to_owned() };
            self.at.insert(piece, field.lo);
            self.fields.push(field);
            self.used += piece.width();
        }
    }

    /// Bits of the word; one (a constant zero) where nothing varies.
    pub(super) fn width(&self) -> u32 {
        self.used.max(1)
    }

    /// True when nothing varies.
    pub(super) fn is_constant(&self) -> bool {
        self.used == 0
    }

    /// Bits of an output of the pipeline as an expression over the word called `name`.
    pub(super) fn unpack(&self, bits: &Bits, name: &str) -> String {
        let slice = |piece: &Piece| {
            let lo = self.at[&queued(piece).unwrap_or(*piece)];
            let width = queued(piece).unwrap_or(*piece).width();
            select(name, self.width(), lo, width)
        };
        let parts: Vec<String> = bits
            .pieces()
            .iter()
            .rev()
            .map(|piece| match *piece {
                Piece::Const { value, width } => constant(value, width),
                Piece::Slice { .. } | Piece::Repeat { width: 1, .. } => slice(piece),
                Piece::Repeat { width, .. } => format!("{{{width}{{{}}}}}", slice(piece)),
            })
            .collect();
        if parts.len() == 1 { parts.concat() } else { format!("{{{}}}", parts.join(", ")) }
    }
}

/// What of a piece goes through the queue.
fn queued(piece: &Piece) -> Option<Piece> {
    match *piece {
        Piece::Const { .. } => None,
        Piece::Slice { .. } => Some(*piece),
        Piece::Repeat { source, bit, inverted, .. } => Some(Piece::Slice { source, lo: bit, width: 1, inverted }),
    }
}
