// SPDX-License-Identifier: Apache-2.0
//! Bits of sources: what wiring makes of values.

use super::NodeId;

/// Something whose bits exist in hardware.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// The packet as received; bit `8 * i + j` is bit j of byte i.
    Packet,
    /// The result of a node.
    Node(NodeId),
}

/// A run of bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Piece {
    /// A constant of `width` bits (1..=64).
    Const {
        /// Its value.
        value: u64,
        /// Bits.
        width: u32,
    },
    /// Bits `lo .. lo + width` of a source, inverted or not.
    Slice {
        /// Where the bits come from.
        source: Source,
        /// Lowest bit.
        lo: u32,
        /// Number of bits.
        width: u32,
        /// Each bit is inverted.
        inverted: bool,
    },
    /// One bit of a source, `width` times (sign extension).
    Repeat {
        /// Where the bit comes from.
        source: Source,
        /// Which bit.
        bit: u32,
        /// How often.
        width: u32,
        /// The bit is inverted.
        inverted: bool,
    },
}

impl Piece {
    /// Number of bits.
    pub fn width(&self) -> u32 {
        match *self {
            Piece::Const { width, .. } | Piece::Slice { width, .. } | Piece::Repeat { width, .. } => width,
        }
    }

    /// Bits `lo .. lo + width` of this piece.
    fn slice(&self, lo: u32, width: u32) -> Piece {
        match *self {
            Piece::Const { value, .. } => {
                Piece::Const { value: (value >> lo) & crate::ir::low_mask(width as u8), width }
            }
            Piece::Slice { source, lo: from, inverted, .. } => Piece::Slice { source, lo: from + lo, width, inverted },
            Piece::Repeat { source, bit, inverted, .. } => Piece::Repeat { source, bit, width, inverted },
        }
    }

    /// One piece for two neighbours, if there is one.
    fn join(&self, high: &Piece) -> Option<Piece> {
        match (*self, *high) {
            (Piece::Const { value: l, width: m }, Piece::Const { value: h, width: n }) if m + n <= 64 => {
                Some(Piece::Const { value: l | h << m, width: m + n })
            }
            (
                Piece::Slice { source, lo, width, inverted },
                Piece::Slice { source: other, lo: next, width: more, inverted: inverse },
            ) if source == other && inverted == inverse && next == lo + width => {
                Some(Piece::Slice { source, lo, width: width + more, inverted })
            }
            (
                Piece::Repeat { source, bit, width, inverted },
                Piece::Repeat { source: other, bit: same, width: more, inverted: inverse },
            ) if source == other && bit == same && inverted == inverse => {
                Some(Piece::Repeat { source, bit, width: width + more, inverted })
            }
            _ => None,
        }
    }
}

/// Pieces side by side, the first in the lowest bits; neighbours that can be one piece are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bits {
    pieces: Vec<Piece>,
}

impl Bits {
    /// Bits from pieces, lowest first.
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut bits = Bits::default();
        pieces.into_iter().for_each(|p| bits.push(p));
        bits
    }

    /// A constant; `width` may be more than 64.
    pub fn constant(value: u64, width: u32) -> Self {
        let low = width.min(64);
        let mut bits = Bits::new([Piece::Const { value, width: low }]);
        let mut rest = width - low;
        while rest > 0 {
            let part = rest.min(64);
            bits.pieces.push(Piece::Const { value: 0, width: part });
            rest -= part;
        }
        bits
    }

    /// `width` bits of a source from bit `lo`.
    pub fn slice_of(source: Source, lo: u32, width: u32) -> Self {
        Bits::new([Piece::Slice { source, lo, width, inverted: false }])
    }

    fn push(&mut self, piece: Piece) {
        if piece.width() == 0 {
            return;
        }
        match self.pieces.last().and_then(|last| last.join(&piece)) {
            Some(both) => {
                self.pieces.pop();
                self.pieces.push(both);
            }
            None => self.pieces.push(piece),
        }
    }

    /// The pieces, lowest first.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Number of bits.
    pub fn width(&self) -> u32 {
        self.pieces.iter().map(Piece::width).sum()
    }

    /// Bits `lo .. lo + width`.
    pub fn slice(&self, lo: u32, width: u32) -> Bits {
        let (mut at, end) = (0, lo + width);
        let mut result = Bits::default();
        for piece in &self.pieces {
            let (start, stop) = (at.max(lo), (at + piece.width()).min(end));
            if start < stop {
                result.push(piece.slice(start - at, stop - start));
            }
            at += piece.width();
        }
        result
    }

    /// These bits, and above them others.
    pub fn concat(&self, above: &Bits) -> Bits {
        Bits::new(self.pieces.iter().chain(&above.pieces).copied())
    }

    /// Bytes in reverse order; the width is a multiple of 8.
    pub fn bytes_reversed(&self) -> Bits {
        let bytes = self.width() / 8;
        (0..bytes).rev().fold(Bits::default(), |low, i| low.concat(&self.slice(8 * i, 8)))
    }

    /// All bits inverted.
    pub fn inverted(&self) -> Bits {
        Bits::new(self.pieces.iter().map(|piece| match *piece {
            Piece::Const { value, width } => Piece::Const { value: !value & crate::ir::low_mask(width as u8), width },
            Piece::Slice { source, lo, width, inverted } => Piece::Slice { source, lo, width, inverted: !inverted },
            Piece::Repeat { source, bit, width, inverted } => Piece::Repeat { source, bit, width, inverted: !inverted },
        }))
    }

    /// The topmost bit repeated so that `width` bits result.
    pub fn sign_extended(&self, width: u32) -> Bits {
        let own = self.width();
        let top = self.slice(own - 1, 1);
        let more = width - own;
        let sign = match top.pieces.first() {
            Some(Piece::Const { value: 0, .. }) => Bits::constant(0, more),
            Some(Piece::Const { .. }) => Bits::constant(0, more).inverted(),
            Some(&Piece::Slice { source, lo, inverted, .. }) => {
                Bits::new([Piece::Repeat { source, bit: lo, width: more, inverted }])
            }
            Some(&Piece::Repeat { source, bit, inverted, .. }) => {
                Bits::new([Piece::Repeat { source, bit, width: more, inverted }])
            }
            None => Bits::default(),
        };
        self.concat(&sign)
    }

    /// The constant that the bits are, if they are one of at most 64 bits.
    pub fn as_const(&self) -> Option<u64> {
        match self.pieces[..] {
            [Piece::Const { value, .. }] => Some(value),
            _ => None,
        }
    }

    /// Each run of source bits that is used: source, lowest bit, number of bits.
    pub fn uses(&self) -> impl Iterator<Item = (Source, u32, u32)> + '_ {
        self.pieces.iter().filter_map(|piece| match *piece {
            Piece::Const { .. } => None,
            Piece::Slice { source, lo, width, .. } => Some((source, lo, width)),
            Piece::Repeat { source, bit, .. } => Some((source, bit, 1)),
        })
    }
}
