// SPDX-License-Identifier: Apache-2.0
//! Parses the records of a function.

use super::Event;
use super::parse::{Parsed, Parser, Token};

impl Parser<'_> {
    /// `map1 when v3 keep v4 data [v8, v7] length v9 packet v2`
    pub(super) fn event(&mut self) -> Parsed<()> {
        let map = self.map_id()?;
        self.keyword("when")?;
        let when = self.value()?;
        self.keyword("keep")?;
        let keep = self.value()?;
        self.keyword("data")?;
        self.symbol("[")?;
        let data = self.values_to_bracket()?;
        self.keyword("length")?;
        let length = self.value()?;
        let mut packet = None;
        if self.token == Token::Word("packet") {
            self.advance()?;
            packet = Some(self.value()?);
        }
        self.function.events.push(Event { map, when, keep, data, length, packet });
        Ok(())
    }
}
