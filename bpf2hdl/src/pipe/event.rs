// SPDX-License-Identifier: Apache-2.0
//! Records for the host, as they leave the last stage.

use super::Bits;
use super::lexer::Parsed;
use super::parse::Parser;
use crate::ir::MapId;

/// A record for the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventPort {
    /// The channel that it goes to.
    pub map: MapId,
    /// One bit: it leaves if there is room, else it counts as lost.
    pub when: Bits,
    /// One bit: it is kept.
    pub keep: Bits,
    /// The program's bytes, a multiple of 8 bits.
    pub data: Bits,
    /// 16 bits: so many of them are in the record.
    pub length: Bits,
    /// 16 bits: so many bytes of the packet as received follow; none where it is absent.
    pub packet: Option<Bits>,
}

impl EventPort {
    /// Everything that it takes.
    pub fn operands(&self) -> impl Iterator<Item = &Bits> {
        [&self.when, &self.keep, &self.data, &self.length].into_iter().chain(&self.packet)
    }
}

impl Parser<'_> {
    /// A record, behind its first word.
    pub(super) fn event(&mut self) -> Parsed<EventPort> {
        let map = self.map_id()?;
        self.lexer.keyword("when")?;
        let when = self.bits()?;
        self.lexer.keyword("keep")?;
        let keep = self.bits()?;
        self.lexer.keyword("data")?;
        let data = self.bits()?;
        self.lexer.keyword("length")?;
        let length = self.bits()?;
        let packet = if self.lexer.eat_word("packet")? { Some(self.bits()?) } else { None };
        Ok(EventPort { map, when, keep, data, length, packet })
    }
}
