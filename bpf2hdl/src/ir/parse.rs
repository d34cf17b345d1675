// SPDX-License-Identifier: Apache-2.0
//! The text format of the IR: reading it. The format is described in `print.rs`.
//!
//! A lexer with one token of look-ahead and one function per production. Only the form is judged here: that operands
//! exist and that widths agree is the business of [`check`](super::check()).

use std::fmt;

use super::{Binary, Compare, Def, Edit, Function, Input, Map, MapId, MapKind, Op, ProgramKind, Redirect, Value};

/// A place where a text is not in the format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What was expected or is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Reads one function. The whole text has to be consumed.
///
/// # Errors
/// The first place at which the text is not in the format.
pub fn parse(text: &str) -> Result<Function, ParseError> {
    let mut parser =
        Parser { text, start: 0, end: 0, token: Token::End, function: Function::new("", ProgramKind::Xdp) };
    parser.advance()?;
    parser.function()?;
    Ok(parser.function)
}

pub(super) type Parsed<T> = Result<T, ParseError>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token<'t> {
    /// Letters, digits and underscores.
    Word(&'t str),
    /// What stands between quotes, escapes not yet resolved.
    Quoted(&'t str),
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 11] = ["..", "{", "}", "[", "]", ":", "=", "+", "-", ",", "@"];

pub(super) struct Parser<'t> {
    text: &'t str,
    /// Byte offsets of the current token.
    start: usize,
    end: usize,
    pub(super) token: Token<'t>,
    pub(super) function: Function,
}

/// Tokens.
impl<'t> Parser<'t> {
    fn error_at(&self, start: usize, message: impl Into<String>) -> ParseError {
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        ParseError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        let found = match self.token {
            Token::Word(word) => format!("`{word}`"),
            Token::Quoted(_) => "a string".to_owned(),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::End => "the end of the text".to_owned(),
        };
        Err(self.error_at(self.start, format!("expected {what}, found {found}")))
    }

    /// Moves to the next token.
    pub(super) fn advance(&mut self) -> Parsed<()> {
        let mut rest = self.text[self.end..].trim_start();
        while rest.starts_with(';') {
            rest = rest.find('\n').map_or("", |i| rest[i..].trim_start());
        }
        self.start = self.text.len() - rest.len();
        let word_len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (token, len) = if rest.is_empty() {
            (Token::End, 0)
        } else if word_len > 0 {
            (Token::Word(&rest[..word_len]), word_len)
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let len = self.quoted_len(quoted)?;
            (Token::Quoted(&quoted[..len]), len + 2)
        } else if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            (Token::Symbol(symbol), symbol.len())
        } else {
            let found = rest.chars().next().unwrap_or_default();
            return Err(self.error_at(self.start, format!("unexpected character {found:?}")));
        };
        self.token = token;
        self.end = self.start + len;
        Ok(())
    }

    /// Bytes up to the closing quote, which is on the same line.
    fn quoted_len(&self, rest: &str) -> Parsed<usize> {
        let mut escaped = false;
        for (i, byte) in rest.bytes().enumerate() {
            match byte {
                b'"' if !escaped => return Ok(i),
                b'\n' => break,
                _ => escaped = byte == b'\\' && !escaped,
            }
        }
        Err(self.error_at(self.start, "string without closing quote"))
    }

    pub(super) fn eat(&mut self, symbol: &'static str) -> Parsed<bool> {
        let found = self.token == Token::Symbol(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn symbol(&mut self, symbol: &'static str) -> Parsed<()> {
        if self.eat(symbol)? { Ok(()) } else { self.expected(&format!("`{symbol}`")) }
    }

    /// A word that `read` accepts.
    fn word<T>(&mut self, what: &str, read: impl FnOnce(&'t str) -> Option<T>) -> Parsed<T> {
        let Token::Word(word) = self.token else { return self.expected(what) };
        let Some(result) = read(word) else { return self.expected(what) };
        self.advance()?;
        Ok(result)
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> Parsed<()> {
        self.word(&format!("`{keyword}`"), |word| (word == keyword).then_some(()))
    }

    /// A number, decimal or with `0x`, that fits the wanted type.
    fn number<T: TryFrom<u64>>(&mut self, what: &str) -> Parsed<T> {
        self.word(what, |word| {
            let number = match word.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16),
                None => word.parse(),
            };
            T::try_from(number.ok()?).ok()
        })
    }

    pub(super) fn value(&mut self) -> Parsed<Value> {
        self.word("a value", Value::parse)
    }

    pub(super) fn map_id(&mut self) -> Parsed<MapId> {
        self.word("a map", MapId::parse)
    }

    /// A string, escapes resolved.
    fn string(&mut self) -> Parsed<String> {
        let Token::Quoted(raw) = self.token else { return self.expected("a string") };
        let Some(text) = unescape(raw) else { return Err(self.error_at(self.start, "bad escape in string")) };
        self.advance()?;
        Ok(text)
    }

    /// `{1, 2}` or `{}`.
    fn places<T: TryFrom<u64>>(&mut self) -> Parsed<Vec<T>> {
        let mut places = Vec::new();
        self.symbol("{")?;
        while !self.eat("}")? {
            if !places.is_empty() {
                self.symbol(",")?;
            }
            places.push(self.number("an offset that fits")?);
        }
        Ok(places)
    }
}

/// Productions.
impl Parser<'_> {
    fn function(&mut self) -> Parsed<()> {
        self.keyword("function")?;
        self.function.name = match self.token {
            Token::Quoted(_) => self.string()?,
            _ => self.word("the name of the program", |word| Some(word.to_owned()))?,
        };
        self.keyword("kind")?;
        self.function.kind = self.word("`xdp` or `phys_dev`", |word| {
            [ProgramKind::Xdp, ProgramKind::PhysDev].into_iter().find(|kind| kind.name() == word)
        })?;
        self.symbol("{")?;
        while !self.eat("}")? {
            self.item()?;
        }
        if self.token == Token::End { Ok(()) } else { self.expected("the end of the text") }
    }

    fn item(&mut self) -> Parsed<()> {
        match self.token {
            Token::Word("action") if self.function.action.is_none() => {
                self.advance()?;
                self.function.action = Some(self.value()?);
                Ok(())
            }
            Token::Word("redirect") if self.function.redirect.is_none() => {
                self.advance()?;
                let kind = self.value()?;
                self.keyword("to")?;
                self.function.redirect = Some(Redirect { kind, number: self.value()? });
                Ok(())
            }
            Token::Word("event") => {
                self.advance()?;
                self.event()
            }
            Token::Word("edit") => {
                self.advance()?;
                let offset = self.signed()?;
                self.keyword("when")?;
                let (when, data) = self.two_values("=")?;
                self.function.edits.push(Edit { offset, when, data });
                Ok(())
            }
            Token::Word(word @ ("head" | "end" | "kept" | "metadata")) => {
                self.advance()?;
                self.resize(word)
            }
            Token::Word(word) if word.starts_with("map") => self.map(),
            Token::Word(word) if word.starts_with('v') => self.def(),
            _ => self.expected(
                "a map, a value, `action` or `redirect` (once), `event`, `edit`, a part of the extent or `}`",
            ),
        }
    }

    fn map(&mut self) -> Parsed<()> {
        let next = MapId::new(self.function.maps.len());
        self.keyword(&next.to_string())?;
        self.symbol("=")?;
        let kind = self.word("a kind of map", |word| named(&MapKind::ALL, word))?;
        let name = self.string()?;
        self.keyword("key")?;
        let key_size = self.number("a size")?;
        self.keyword("value")?;
        let value_size = self.number("a size")?;
        self.keyword("entries")?;
        let max_entries = self.number("a number of entries")?;
        let mut groups = 1;
        if self.token == Token::Word("groups") {
            self.advance()?;
            groups = self.number("a number of groups")?;
        }
        let broadcast = self.token == Token::Word("broadcast");
        if broadcast {
            self.advance()?;
        }
        let mut initial = Vec::new();
        if self.token == Token::Word("initial") {
            self.advance()?;
            initial = self.word("bytes in hexadecimal", hex_bytes)?;
        }
        self.function.maps.push(Map { name, kind, key_size, value_size, max_entries, initial, groups, broadcast });
        Ok(())
    }

    fn def(&mut self) -> Parsed<()> {
        let next = Value::new(self.function.defs.len());
        self.keyword(&next.to_string())?;
        let width = if self.eat(":")? { Some(self.number("a width")?) } else { None };
        self.symbol("=")?;
        if width.is_none() && self.token != Token::Word("store") {
            return self.expected("`store` (all others have a width)");
        }
        let op = self.op(width.unwrap_or(0))?;
        let insn = if self.eat("@")? { Some(self.number("an instruction number")?) } else { None };
        self.function.defs.push(Def { op, width: width.unwrap_or(0), insn });
        Ok(())
    }

    fn op(&mut self, width: u8) -> Parsed<Op> {
        let start = self.start;
        let name = self.word("an operation", Some)?;
        match name {
            "const" => Ok(Op::Const(self.number("a number below 2^64")?)),
            "not" => Ok(Op::Not(self.value()?)),
            "bswap" => Ok(Op::Bswap(self.value()?)),
            "sext" => Ok(Op::Sext(self.value()?)),
            "extract" => self.extract(width),
            "concat" => {
                let mut parts = vec![self.value()?];
                while self.eat(",")? {
                    parts.push(self.value()?);
                }
                Ok(Op::Concat(parts))
            }
            "select" => {
                let (condition, then) = self.two_values(",")?;
                self.symbol(",")?;
                Ok(Op::Select { condition, then, other: self.value()? })
            }
            "packet" | "packet_at" | "rom" | "load" | "store" => self.memory(name),
            "directory" => self.directory(),
            _ => {
                if let Some(input) = named(&Input::ALL, name) {
                    return Ok(Op::Input(input));
                }
                if let Some(op) = named(&Binary::ALL, name) {
                    return self.two_values(",").map(|(a, b)| Op::Binary(op, a, b));
                }
                let Some(op) = named(&Compare::ALL, name) else {
                    return Err(self.error_at(start, format!("unknown operation `{name}`")));
                };
                self.two_values(",").map(|(a, b)| Op::Compare(op, a, b))
            }
        }
    }

    /// The operations on the packet and on maps.
    fn memory(&mut self, name: &str) -> Parsed<Op> {
        match name {
            "packet" => Ok(Op::Packet { offset: self.number("an offset below 65536")? }),
            "packet_at" => {
                let (base, add) = self.computed_offset()?;
                Ok(Op::PacketAt { base, add, places: self.places()? })
            }
            "rom" => {
                let map = self.map_id()?;
                let (base, add) = self.computed_offset()?;
                Ok(Op::Rom { map, base, add, places: self.places()? })
            }
            _ => {
                let map = self.map_id()?;
                self.symbol("[")?;
                let index = self.value()?;
                self.symbol("]")?;
                self.symbol("+")?;
                let offset = self.number("an offset below 2^32")?;
                if name == "load" {
                    return Ok(Op::MapLoad { map, index, offset });
                }
                self.symbol("=")?;
                let value = self.value()?;
                self.keyword("when")?;
                Ok(Op::MapStore { map, index, offset, value, when: self.value()? })
            }
        }
    }

    /// `map2 [v8, v7] when v4 insert v4 remove v6`
    fn directory(&mut self) -> Parsed<Op> {
        let map = self.map_id()?;
        self.symbol("[")?;
        let key = self.values_to_bracket()?;
        self.keyword("when")?;
        let when = self.value()?;
        self.keyword("insert")?;
        let insert = self.value()?;
        self.keyword("remove")?;
        Ok(Op::Directory { map, key, when, insert, remove: self.value()? })
    }

    /// Values with commas between them, up to the closing bracket.
    pub(super) fn values_to_bracket(&mut self) -> Parsed<Vec<Value>> {
        let mut values = Vec::new();
        while !self.eat("]")? {
            if !values.is_empty() {
                self.symbol(",")?;
            }
            values.push(self.value()?);
        }
        Ok(values)
    }

    fn extract(&mut self, width: u8) -> Parsed<Op> {
        let from = self.value()?;
        self.symbol("[")?;
        let lo: u8 = self.number("a bit number below 256")?;
        self.symbol("..")?;
        let end = u16::from(lo) + u16::from(width);
        self.keyword(&end.to_string())?;
        self.symbol("]")?;
        Ok(Op::Extract { from, lo })
    }

    fn two_values(&mut self, separator: &'static str) -> Parsed<(Value, Value)> {
        let first = self.value()?;
        self.symbol(separator)?;
        Ok((first, self.value()?))
    }

    /// `v7 + 14 of`
    fn computed_offset(&mut self) -> Parsed<(Value, i32)> {
        let sum = self.sum()?;
        self.keyword("of")?;
        Ok(sum)
    }

    /// `v7 + 14`
    pub(super) fn sum(&mut self) -> Parsed<(Value, i32)> {
        let base = self.value()?;
        let negative = self.eat("-")?;
        if !negative {
            self.symbol("+")?;
        }
        Ok((base, self.magnitude(negative)?))
    }

    pub(super) fn magnitude(&mut self, negative: bool) -> Parsed<i32> {
        self.word("a number of 32 bits with sign", |word| {
            let magnitude: i64 = word.parse().ok()?;
            i32::try_from(if negative { -magnitude } else { magnitude }).ok()
        })
    }
}

fn named<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, n)| *n == name).map(|&(item, _)| item)
}

/// Pairs of digits; an odd digit at the end is an error.
fn hex_bytes(word: &str) -> Option<Vec<u8>> {
    (0..word.len()).step_by(2).map(|i| u8::from_str_radix(word.get(i..i + 2)?, 16).ok()).collect()
}

/// Resolves the escapes that `str::escape_default` writes.
fn unescape(raw: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        text.push(if c != '\\' {
            c
        } else {
            match rest.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => {
                    let (digits, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
                    rest = after.chars();
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                plain @ ('\\' | '\'' | '"') => plain,
                _ => return None,
            }
        });
    }
    Some(text)
}
