// SPDX-License-Identifier: Apache-2.0
//! Tokens of the text format, with one token of look-ahead. Knows nothing of pipelines.

use crate::ir::ParseError;

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

const SYMBOLS: [&str; 13] = ["..", "{", "}", "[", "]", ":", "=", "+", "-", ",", "@", "~", "*"];

/// Reads tokens and the simple things that are made of one or two of them.
pub(super) struct Lexer<'t> {
    text: &'t str,
    /// Byte offsets of the current token.
    start: usize,
    end: usize,
    token: Token<'t>,
}

impl<'t> Lexer<'t> {
    /// Stands at the first token.
    pub(super) fn new(text: &'t str) -> Parsed<Self> {
        let mut lexer = Lexer { text, start: 0, end: 0, token: Token::End };
        lexer.advance()?;
        Ok(lexer)
    }

    /// The current token.
    pub(super) fn token(&self) -> Token<'t> {
        self.token
    }

    /// Byte offset of the current token, for [`error_at`](Self::error_at).
    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn error_at(&self, start: usize, message: impl Into<String>) -> ParseError {
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        ParseError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }

    /// The error that something else stands here.
    pub(super) fn expected<T>(&self, what: &str) -> Parsed<T> {
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

    /// Consumes a token if it stands here.
    fn eat_token(&mut self, token: Token<'_>) -> Parsed<bool> {
        let found = self.token == token;
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn eat(&mut self, symbol: &'static str) -> Parsed<bool> {
        self.eat_token(Token::Symbol(symbol))
    }

    pub(super) fn eat_word(&mut self, word: &str) -> Parsed<bool> {
        self.eat_token(Token::Word(word))
    }

    pub(super) fn symbol(&mut self, symbol: &'static str) -> Parsed<()> {
        if self.eat(symbol)? { Ok(()) } else { self.expected(&format!("`{symbol}`")) }
    }

    /// A word that `read` accepts.
    pub(super) fn word<T>(&mut self, what: &str, read: impl FnOnce(&'t str) -> Option<T>) -> Parsed<T> {
        let Token::Word(word) = self.token else { return self.expected(what) };
        let Some(result) = read(word) else { return self.expected(what) };
        self.advance()?;
        Ok(result)
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> Parsed<()> {
        self.word(&format!("`{keyword}`"), |word| (word == keyword).then_some(()))
    }

    /// A number, decimal or with `0x`, that fits the wanted type.
    pub(super) fn number<T: TryFrom<u64>>(&mut self, what: &str) -> Parsed<T> {
        self.word(what, number)
    }

    /// `keyword NUMBER`
    pub(super) fn number_after<T: TryFrom<u64>>(&mut self, keyword: &str, what: &str) -> Parsed<T> {
        self.keyword(keyword)?;
        self.number(what)
    }

    /// A word, or any name as a string.
    pub(super) fn name(&mut self, what: &str) -> Parsed<String> {
        match self.token {
            Token::Quoted(_) => self.string(),
            _ => self.word(what, |word| Some(word.to_owned())),
        }
    }

    /// A string, escapes resolved.
    pub(super) fn string(&mut self) -> Parsed<String> {
        let Token::Quoted(raw) = self.token else { return self.expected("a string") };
        let Some(text) = unescape(raw) else { return Err(self.error_at(self.start, "bad escape in string")) };
        self.advance()?;
        Ok(text)
    }

    /// `{1, 2}` or `{}`.
    pub(super) fn places<T: TryFrom<u64>>(&mut self) -> Parsed<Vec<T>> {
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

    /// `{-4, 0}`
    pub(super) fn signed_places(&mut self) -> Parsed<Vec<i32>> {
        let mut places = Vec::new();
        self.symbol("{")?;
        while !self.eat("}")? {
            if !places.is_empty() {
                self.symbol(",")?;
            }
            places.push(self.plain_signed()?);
        }
        Ok(places)
    }

    /// `+ 14` or `- 2`
    pub(super) fn signed(&mut self) -> Parsed<i32> {
        let negative = self.eat("-")?;
        if !negative {
            self.symbol("+")?;
        }
        self.magnitude(negative)
    }

    /// `14` or `-2`
    pub(super) fn plain_signed(&mut self) -> Parsed<i32> {
        let negative = self.eat("-")?;
        self.magnitude(negative)
    }

    fn magnitude(&mut self, negative: bool) -> Parsed<i32> {
        self.word("a number of 32 bits with sign", |word| {
            let magnitude: i64 = word.parse().ok()?;
            i32::try_from(if negative { -magnitude } else { magnitude }).ok()
        })
    }
}

/// A number, decimal or with `0x`.
pub(super) fn number<T: TryFrom<u64>>(word: &str) -> Option<T> {
    let number = match word.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => word.parse(),
    };
    T::try_from(number.ok()?).ok()
}

/// Pairs of digits; an odd digit at the end is an error.
pub(super) fn hex_bytes(word: &str) -> Option<Vec<u8>> {
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
