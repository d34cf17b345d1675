// SPDX-License-Identifier: Apache-2.0
//! The text format of the IR: reading the packet's extent. The format is described in `print.rs`.

use super::parse::{Parsed, Parser, Token};
use super::{Bound, Position};

impl Parser<'_> {
    /// A part of the packet's extent, its name already read.
    pub(super) fn resize(&mut self, part: &str) -> Parsed<()> {
        if part == "head" || part == "metadata" {
            let (base, add) = self.sum()?;
            self.keyword("of")?;
            let position = Some(Position { base, add, places: self.signed_places()? });
            let resize = &mut self.function.resize;
            *(if part == "head" { &mut resize.head } else { &mut resize.metadata }) = position;
        } else {
            let of_length = self.token == Token::Word("length");
            if of_length {
                self.advance()?;
            }
            let (base, add) = self.sum()?;
            let bound = Some(Bound { of_length, base, add });
            let resize = &mut self.function.resize;
            *(if part == "end" { &mut resize.end } else { &mut resize.kept }) = bound;
        }
        Ok(())
    }

    /// A number that may have a minus sign.
    pub(super) fn signed(&mut self) -> Parsed<i32> {
        let negative = self.eat("-")?;
        self.magnitude(negative)
    }

    /// `{-4, 0}`
    fn signed_places(&mut self) -> Parsed<Vec<i32>> {
        let mut places = Vec::new();
        self.symbol("{")?;
        while !self.eat("}")? {
            if !places.is_empty() {
                self.symbol(",")?;
            }
            places.push(self.signed()?);
        }
        Ok(places)
    }
}
