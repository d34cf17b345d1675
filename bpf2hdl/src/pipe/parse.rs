// SPDX-License-Identifier: Apache-2.0
//! The text format of pipelines: reading it. The format is described in `print.rs`.
//!
//! One function per production. Only the form is judged here: that sources exist, that widths agree and that stages
//! are possible is the business of [`check`](super::check()).

use std::collections::BTreeMap;

use super::lexer::{Lexer, Parsed, Token, hex_bytes, number};
use super::{
    Bits, EditPort, Guard, MapUnit, Node, NodeId, NodeKind, Part, Piece, Pipeline, ReadPort, RedirectPort, Source,
    StepPort, Storage, WriteField, WritePort,
};
use crate::ir::{Binary, Bound, Compare, Input, Map, MapId, MapKind, ParseError, Position, ProgramKind, Resize};

/// Bits of one operand, and the number of a bit of a source: far beyond what can be built, far below overflow.
const MAX_BITS: u32 = 1 << 24;

/// Reads one pipeline. The whole text has to be consumed.
///
/// # Errors
/// The first place at which the text is not in the format.
pub fn parse(text: &str) -> Result<Pipeline, ParseError> {
    let mut parser = Parser { lexer: Lexer::new(text)? };
    let pipeline = parser.pipeline()?;
    if parser.lexer.token() == Token::End { Ok(pipeline) } else { parser.lexer.expected("the end of the text") }
}

pub(super) struct Parser<'t> {
    pub(super) lexer: Lexer<'t>,
}

/// The parts of a pipeline.
impl Parser<'_> {
    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut pipeline = self.header()?;
        while matches!(self.lexer.token(), Token::Word(word) if word.starts_with("map")) {
            let unit = self.map_unit(pipeline.maps.len())?;
            pipeline.maps.push(unit);
        }
        pipeline.nodes = self.stages()?;
        if !self.lexer.eat_word("action")? {
            return self.lexer.expected("`stage` or `action`");
        }
        pipeline.action = self.bits()?;
        if self.lexer.eat_word("redirect")? {
            let kind = self.bits()?;
            self.lexer.keyword("to")?;
            pipeline.redirect = Some(RedirectPort { kind, number: self.bits()? });
        }
        while self.lexer.eat_word("event")? {
            let event = self.event()?;
            pipeline.events.push(event);
        }
        if self.lexer.eat_word("start")? {
            pipeline.event_start = self.bits()?;
        }
        while self.lexer.eat_word("edit")? {
            let offset = self.lexer.plain_signed()?;
            self.lexer.keyword("when")?;
            let when = self.bits()?;
            self.lexer.symbol("=")?;
            pipeline.edits.push(EditPort { offset, when, data: self.bits()? });
        }
        pipeline.resize = self.resize()?;
        if self.lexer.eat("}")? { Ok(pipeline) } else { self.lexer.expected("`edit`, a part of the extent or `}`") }
    }

    /// The packet's extent: its parts in their order, each of which may be missing.
    fn resize(&mut self) -> Parsed<Resize<Bits>> {
        let head = if self.lexer.eat_word("head")? { Some(self.position()?) } else { None };
        let end = if self.lexer.eat_word("end")? { Some(self.bound()?) } else { None };
        let kept = if self.lexer.eat_word("kept")? { Some(self.bound()?) } else { None };
        let metadata = if self.lexer.eat_word("metadata")? { Some(self.position()?) } else { None };
        Ok(Resize { head, end, kept, metadata })
    }

    fn position(&mut self) -> Parsed<Position<Bits>> {
        let (base, add) = self.computed_offset()?;
        Ok(Position { base, add, places: self.lexer.signed_places()? })
    }

    fn bound(&mut self) -> Parsed<Bound<Bits>> {
        let of_length = self.lexer.eat_word("length")?;
        Ok(Bound { of_length, base: self.bits()?, add: self.lexer.signed()? })
    }

    /// Everything up to the first brace; the rest of the pipeline is empty.
    fn header(&mut self) -> Parsed<Pipeline> {
        let lexer = &mut self.lexer;
        lexer.keyword("pipeline")?;
        let name = lexer.name("the name of the program")?;
        lexer.keyword("kind")?;
        let kind = lexer.word("`xdp` or `phys_dev`", |word| {
            [ProgramKind::Xdp, ProgramKind::PhysDev].into_iter().find(|kind| kind.name() == word)
        })?;
        let window_bytes = lexer.number_after("window", "a number of bytes")?;
        let token_min_bytes = lexer.number_after("token_min", "a number of bytes")?;
        let full_length = lexer.eat_word("full_length")?;
        let registered_heads = lexer.eat_word("registered_heads")?;
        let interval = if lexer.eat_word("interval")? {
            lexer.word("a number of clocks from 2", |word| number(word).filter(|clocks: &u32| *clocks > 1))?
        } else {
            1
        };
        lexer.keyword("stages")?;
        let last_stage = lexer.word("a number of stages from 1", |word| {
            let stages: u64 = number(word)?;
            u32::try_from(stages.checked_sub(1)?).ok()
        })?;
        lexer.symbol("{")?;
        Ok(Pipeline {
            name,
            kind,
            nodes: Vec::new(),
            maps: Vec::new(),
            action: Bits::default(),
            edits: Vec::new(),
            redirect: None,
            events: Vec::new(),
            event_start: Bits::default(),
            resize: Resize::default(),
            last_stage,
            window_bytes,
            token_min_bytes,
            full_length,
            registered_heads,
            interval,
        })
    }

    /// `stage 3:` and its nodes, any number of times.
    fn stages(&mut self) -> Parsed<Vec<Node>> {
        let mut nodes = BTreeMap::new();
        while self.lexer.eat_word("stage")? {
            let stage = self.stage()?;
            self.lexer.symbol(":")?;
            while let Token::Word(word) = self.lexer.token() {
                let Some(id) = node_id(word) else { break };
                if nodes.contains_key(&id) {
                    return Err(self.lexer.error_at(self.lexer.start(), format!("{id} is there already")));
                }
                self.lexer.advance()?;
                let node = self.node(stage)?;
                nodes.insert(id, node);
            }
        }
        let missing = (0..nodes.len()).map(NodeId::new).find(|id| !nodes.contains_key(id));
        match missing {
            Some(id) => Err(self.lexer.error_at(self.lexer.start(), format!("there is no {id} above"))),
            None => Ok(nodes.into_values().collect()),
        }
    }
}

/// Maps.
impl Parser<'_> {
    fn map_unit(&mut self, index: usize) -> Parsed<MapUnit> {
        self.lexer.keyword(&MapId::new(index).to_string())?;
        self.lexer.symbol("=")?;
        let map = self.map()?;
        self.lexer.keyword("in")?;
        let storage = self.lexer.word("`none`, `registers`, `lutram` or `ram`", |word| named(&Storage::ALL, word))?;
        let part = if self.lexer.eat_word("part")? { Some(self.part()?) } else { None };
        let (mut steps, mut reads, mut writes) = (Vec::new(), Vec::new(), Vec::new());
        while self.lexer.eat_word("step")? {
            steps.push(self.step_port()?);
        }
        while self.lexer.eat_word("read")? {
            reads.push(ReadPort {
                index: self.bits()?,
                issue: self.lexer.number_after("issue", STAGE)?,
                data: self.lexer.number_after("data", STAGE)?,
                after: if self.lexer.eat_word("after")? { self.lexer.number("a number of write ports")? } else { 0 },
            });
        }
        while self.lexer.eat_word("write")? {
            writes.push(self.write_port()?);
        }
        if self.lexer.eat_word("writes")? {
            self.write_stages(&mut writes)?;
        }
        let guard = if self.lexer.eat_word("guard")? { Some(self.guard()?) } else { None };
        Ok(MapUnit { map, part, storage, steps, reads, writes, guard })
    }

    /// The stage of all writes, or that of each.
    fn write_stages(&mut self, writes: &mut [WritePort]) -> Parsed<()> {
        let first = self.stage()?;
        writes.iter_mut().for_each(|write| write.stage = first);
        if matches!(self.lexer.token(), Token::Word(word) if number::<u32>(word).is_some()) {
            for write in writes.iter_mut().skip(1) {
                write.stage = self.stage()?;
            }
        }
        Ok(())
    }

    /// The map itself, as in the IR.
    fn map(&mut self) -> Parsed<Map> {
        let lexer = &mut self.lexer;
        let kind = lexer.word("a kind of map", |word| named(&MapKind::ALL, word))?;
        let name = lexer.string()?;
        let key_size = lexer.number_after("key", "a size")?;
        let value_size = lexer.number_after("value", "a size")?;
        let max_entries = lexer.number_after("entries", "a number of entries")?;
        let groups = if lexer.eat_word("groups")? { lexer.number("a number of groups")? } else { 1 };
        let broadcast = lexer.eat_word("broadcast")?;
        let mut initial = Vec::new();
        if lexer.eat_word("initial")? {
            initial = lexer.word("bytes in hexadecimal", hex_bytes)?;
        }
        Ok(Map { name, kind, key_size, value_size, max_entries, initial, groups, broadcast })
    }

    fn step_port(&mut self) -> Parsed<StepPort> {
        let key = self.bits()?;
        let mut control = |name: &str| {
            self.lexer.keyword(name)?;
            self.bits()
        };
        let (when, insert, remove) = (control("when")?, control("insert")?, control("remove")?);
        let issue = self.lexer.number_after("issue", STAGE)?;
        let data = self.lexer.number_after("data", STAGE)?;
        let ahead = self.lexer.eat_word("ahead")?;
        Ok(StepPort { key, when, insert, remove, issue, data, ahead, insn: self.insn()? })
    }

    fn write_port(&mut self) -> Parsed<WritePort> {
        let index = self.bits()?;
        let mut fields = Vec::new();
        while self.lexer.eat_word("field")? {
            let offset = self.lexer.number("an offset below 2^32")?;
            self.lexer.symbol("=")?;
            let data = self.bits()?;
            self.lexer.keyword("when")?;
            let when = self.bits()?;
            fields.push(WriteField { offset, when, data, insn: self.insn()? });
        }
        Ok(WritePort { index, fields, stage: 0 })
    }

    fn guard(&mut self) -> Parsed<Guard> {
        let entrance = self.lexer.number_after("stage", STAGE)?;
        let stages = self.lexer.number_after("for", "a number of stages")?;
        self.lexer.keyword("key")?;
        let key = self.bits()?;
        let uses = if self.lexer.eat_word("uses")? { self.bits()? } else { Bits::default() };
        let exclusive = if self.lexer.eat_word("exclusive")? { self.bits()? } else { Bits::default() };
        Ok(Guard { entrance, stages, key, uses, exclusive })
    }

    fn part(&mut self) -> Parsed<Part> {
        self.lexer.keyword("of")?;
        let of = self.map_id()?;
        Ok(Part { of, offset: self.lexer.number_after("from", "an offset")? })
    }
}

/// Nodes.
impl Parser<'_> {
    /// What follows the number of a node.
    fn node(&mut self, start: u32) -> Parsed<Node> {
        self.lexer.symbol(":")?;
        let width = self.lexer.number("a width")?;
        self.lexer.symbol("=")?;
        let kind = self.kind()?;
        let stage = if self.lexer.eat_word("until")? { self.stage()? } else { start };
        let insn = self.insn()?;
        self.lexer.keyword("ready")?;
        let arrival_ps = self.lexer.word("a time such as `120ps`", |word| word.strip_suffix("ps").and_then(number))?;
        Ok(Node { kind, width, start, stage, arrival_ps, insn })
    }

    fn kind(&mut self) -> Parsed<NodeKind> {
        let start = self.lexer.start();
        let name = self.lexer.word("an operation", Some)?;
        match name {
            "select" => {
                let (condition, then) = self.two_operands()?;
                self.lexer.symbol(",")?;
                Ok(NodeKind::Select { condition, then, other: self.bits()? })
            }
            "packet_at" => {
                let (base, add) = self.computed_offset()?;
                Ok(NodeKind::PacketAt { base, add, places: self.lexer.places()? })
            }
            "far_load" => {
                let start = self.bits()?;
                self.lexer.symbol(",")?;
                let base = self.bits()?;
                let add = self.lexer.signed()?;
                let stride = self.lexer.number_after("stride", "a stride")?;
                let phase = self.lexer.number_after("phase", "a phase")?;
                Ok(NodeKind::FarLoad { start, base, add, stride, phase })
            }
            "rom" => {
                let map = self.map_id()?;
                let (base, add) = self.computed_offset()?;
                Ok(NodeKind::Rom { map, base, add, places: self.lexer.places()? })
            }
            "step" => {
                let map = self.map_id()?;
                Ok(NodeKind::Step { map, port: self.lexer.number_after("port", "a port number")? })
            }
            "read" => {
                let map = self.map_id()?;
                Ok(NodeKind::Read { map, port: self.lexer.number_after("port", "a port number")? })
            }
            _ => {
                if let Some(input) = named(&Input::ALL, name) {
                    return Ok(NodeKind::Input(input));
                }
                if let Some(op) = named(&Binary::ALL, name) {
                    return self.two_operands().map(|(a, b)| NodeKind::Binary(op, a, b));
                }
                let Some(op) = named(&Compare::ALL, name) else {
                    return Err(self.lexer.error_at(start, format!("unknown operation `{name}`")));
                };
                self.two_operands().map(|(a, b)| NodeKind::Compare(op, a, b))
            }
        }
    }

    pub(super) fn map_id(&mut self) -> Parsed<MapId> {
        self.lexer.word("a map", MapId::parse)
    }

    fn two_operands(&mut self) -> Parsed<(Bits, Bits)> {
        let first = self.bits()?;
        self.lexer.symbol(",")?;
        Ok((first, self.bits()?))
    }

    /// `n7[0..8] + 14 of`
    fn computed_offset(&mut self) -> Parsed<(Bits, i32)> {
        let base = self.bits()?;
        let add = self.lexer.signed()?;
        self.lexer.keyword("of")?;
        Ok((base, add))
    }

    fn insn(&mut self) -> Parsed<Option<u32>> {
        if self.lexer.eat("@")? { self.lexer.number("an instruction number").map(Some) } else { Ok(None) }
    }

    fn stage(&mut self) -> Parsed<u32> {
        self.lexer.number(STAGE)
    }
}

/// Bits.
impl Parser<'_> {
    /// One piece, or any number of them in braces.
    pub(super) fn bits(&mut self) -> Parsed<Bits> {
        let start = self.lexer.start();
        let mut pieces = Vec::new();
        if self.lexer.eat("{")? {
            while !self.lexer.eat("}")? {
                if !pieces.is_empty() {
                    self.lexer.symbol(",")?;
                }
                pieces.push(self.piece()?);
            }
        } else {
            pieces.push(self.piece()?);
        }
        let width: u64 = pieces.iter().map(|piece| u64::from(piece.width())).sum();
        if width > MAX_BITS.into() {
            return Err(self.lexer.error_at(start, format!("{width} bits are too many")));
        }
        Ok(Bits::new(pieces))
    }

    fn piece(&mut self) -> Parsed<Piece> {
        let inverted = self.lexer.eat("~")?;
        if !inverted
            && let Token::Word(word) = self.lexer.token()
            && let Some(value) = number(word)
        {
            self.lexer.advance()?;
            self.lexer.symbol(":")?;
            let width = self.bounded("a width of 1 to 64", 1, 64)?;
            return Ok(Piece::Const { value, width });
        }
        let what = if inverted { "`pkt` or a node" } else { "bits" };
        let source = self.lexer.word(what, |word| match word {
            "pkt" => Some(Source::Packet),
            _ => node_id(word).map(Source::Node),
        })?;
        self.lexer.symbol("[")?;
        let lo = self.bounded("a bit number below 2^24", 0, MAX_BITS - 1)?;
        let end = if self.lexer.eat("..")? {
            self.bounded("the number of a later bit, at most 2^24", lo + 1, MAX_BITS)?
        } else {
            lo + 1
        };
        self.lexer.symbol("]")?;
        if end == lo + 1 && self.lexer.eat("*")? {
            let width = self.bounded("a number from 1", 1, MAX_BITS)?;
            return Ok(Piece::Repeat { source, bit: lo, width, inverted });
        }
        Ok(Piece::Slice { source, lo, width: end - lo, inverted })
    }

    fn bounded(&mut self, what: &str, least: u32, most: u32) -> Parsed<u32> {
        self.lexer.word(what, |word| number(word).filter(|n| (least..=most).contains(n)))
    }
}

const STAGE: &str = "a stage number";

fn node_id(word: &str) -> Option<NodeId> {
    let index: u32 = word.strip_prefix('n')?.parse().ok()?;
    Some(NodeId::new(index as usize))
}

fn named<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, n)| *n == name).map(|&(item, _)| item)
}
