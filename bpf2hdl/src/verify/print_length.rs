// SPDX-License-Identifier: Apache-2.0
//! How many characters a print has, which is what it returns: a sum over the format's parts. Digits are counted by comparing with powers of the base.

use super::walk::Walk;
use crate::ir::{Binary, Compare, Value, low_mask};
use bpf2hdl_interface::print::{Conversion, Format, Piece};

/// Bits of a number of characters: [`MAX_LINE`] fits.
const LENGTH_BITS: u8 = 11;

impl Walk<'_> {
    /// How many characters a print has, 64 bits.
    pub(super) fn line_length(&mut self, format: &Format, arguments: &[Vec<Value>]) -> Value {
        let mut lengths = Vec::new();
        let mut arguments = arguments.iter();
        for piece in &format.pieces {
            lengths.push(match piece {
                Piece::Text(text) => self.b.constant(text.len() as u64, LENGTH_BITS),
                Piece::Argument(field, conversion) => {
                    let parts = arguments.next().map_or(&[][..], Vec::as_slice);
                    let characters = self.characters(*conversion, parts, field.plus || field.blank);
                    let least = match (conversion, field.width) {
                        (Conversion::Ipv4 { .. } | Conversion::Ipv6 { .. }, _) => 0,
                        (Conversion::Address, None) => 16,
                        (_, width) => width.unwrap_or(0) as u64,
                    };
                    let least = self.b.constant(least, LENGTH_BITS);
                    let is_short = self.b.compare(Compare::Ult, characters, least);
                    self.b.select(is_short, least, characters)
                }
            });
        }
        let length = self.total(lengths);
        self.b.resize(length, 64)
    }

    /// Characters of one argument without its field.
    fn characters(&mut self, conversion: Conversion, parts: &[Value], signed: bool) -> Value {
        match (conversion, parts) {
            (Conversion::Unsigned(_), &[value]) => self.decimal_digits(value),
            (Conversion::Signed(bytes), &[value]) => {
                let width = 8 * bytes;
                let negative = self.b.extract(value, width - 1, 1);
                let zero = self.b.constant(0, width);
                let opposite = self.b.binary(Binary::Sub, zero, value);
                let magnitude = self.b.select(negative, opposite, value);
                let digits = self.decimal_digits(magnitude);
                let sign = if signed { self.b.constant(1, 1) } else { negative };
                let sign = self.b.resize(sign, LENGTH_BITS);
                self.total(vec![digits, sign])
            }
            (Conversion::Hex { .. } | Conversion::Address, &[value]) => {
                let width = self.b.width(value);
                let more = |walk: &mut Self, lo: u8| {
                    let above = walk.b.extract(value, lo, width - lo);
                    let none = walk.b.equals_const(above, 0);
                    let some = walk.b.not(none);
                    walk.b.resize(some, LENGTH_BITS)
                };
                let mut digits = vec![self.b.constant(1, LENGTH_BITS)];
                digits.extend((4..width).step_by(4).map(|lo| more(self, lo)));
                self.total(digits)
            }
            (Conversion::Ipv4 { padded: false }, &[value]) => {
                let mut all = vec![self.b.constant(3, LENGTH_BITS)];
                for lo in [0, 8, 16, 24] {
                    let byte = self.b.extract(value, lo, 8);
                    all.push(self.decimal_digits(byte));
                }
                self.total(all)
            }
            (Conversion::Ipv4 { .. }, _) => self.b.constant(15, LENGTH_BITS),
            (Conversion::Ipv6 { colons }, _) => self.b.constant(if colons { 39 } else { 32 }, LENGTH_BITS),
            _ => self.b.constant(1, LENGTH_BITS),
        }
    }

    /// Decimal digits of a number.
    fn decimal_digits(&mut self, value: Value) -> Value {
        let width = self.b.width(value);
        let mut digits = vec![self.b.constant(1, LENGTH_BITS)];
        let powers = (1..20).filter_map(|power| 10u64.checked_pow(power));
        for power in powers.filter(|&power| power <= low_mask(width)) {
            let power = self.b.constant(power, width);
            let below = self.b.compare(Compare::Ult, value, power);
            let reached = self.b.not(below);
            digits.push(self.b.resize(reached, LENGTH_BITS));
        }
        self.total(digits)
    }

    /// A sum as a tree.
    fn total(&mut self, mut terms: Vec<Value>) -> Value {
        while terms.len() > 1 {
            let pairs = terms.chunks(2).map(|pair| match *pair {
                [a, b] => self.b.binary(Binary::Add, a, b),
                ref one => one[0],
            });
            terms = pairs.collect();
        }
        terms.pop().unwrap_or_else(|| self.b.constant(0, LENGTH_BITS))
    }
}
