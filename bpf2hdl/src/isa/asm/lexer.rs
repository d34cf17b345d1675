// SPDX-License-Identifier: Apache-2.0
//! Tokens of one line of assembler text, and a cursor over them.

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Name: registers, mnemonics, labels, helpers.
    Word(String),
    /// Unsigned number and whether it was written in hexadecimal.
    Number(u64, bool),
    /// Operator or punctuation.
    Symbol(&'static str),
}

/// Symbols, longer ones before their own prefixes.
const SYMBOLS: [&str; 39] = [
    "s>>=", "s/=", "s%=", "s>=", "s<=", "s>", "s<", "<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "==",
    "!=", ">=", "<=", ">", "<", "=", "(", ")", "[", "]", "*", "+", "-", "#", ":", ",", "&", "|", "^", "/", "%",
];

/// Splits a line; comments begin with `;` or `//`.
pub(super) fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let line = line.split(';').next().unwrap_or_default();
    let line = line.split("//").next().unwrap_or_default();
    let mut rest = line.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        let length = if let Some(symbol) = symbol {
            tokens.push(Token::Symbol(symbol));
            symbol.len()
        } else if first.is_ascii_alphanumeric() || first == '_' || first == '.' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            tokens.push(word_or_number(word, first)?);
            end
        } else {
            return Err(format!("character {first:?} has no meaning here"));
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn word_or_number(word: &str, first: char) -> Result<Token, String> {
    if !first.is_ascii_digit() {
        return Ok(Token::Word(word.to_owned()));
    }
    let parsed = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).map(|value| Token::Number(value, true)),
        None => word.parse().map(|value| Token::Number(value, false)),
    };
    // bpftool's opcodes, such as `7b` in `(7b)`.
    if parsed.is_err() && word.len() == 2 && word.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(Token::Word(word.to_owned()));
    }
    parsed.map_err(|_| format!("{word} is not a number of 64 bits"))
}

/// Cursor over the tokens of a line.
pub(super) struct Cursor {
    tokens: Vec<Token>,
    position: usize,
}

impl Cursor {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self { tokens, position: 0 }
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.position.saturating_add(ahead))
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek(0).is_none()
    }

    pub(super) fn advance(&mut self, count: usize) {
        self.position = self.position.saturating_add(count);
    }

    pub(super) fn is_symbol(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Symbol(found)) if *found == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(0), Some(Token::Word(found)) if found == word)
    }

    /// Takes the symbol if it comes next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(0, symbol);
        self.advance(usize::from(found));
        found
    }

    /// Takes the word if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.advance(usize::from(found));
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take(symbol) { Ok(()) } else { Err(format!("{symbol} expected{}", self.found())) }
    }

    pub(super) fn symbol(&mut self) -> Result<&'static str, String> {
        match self.peek(0) {
            Some(Token::Symbol(symbol)) => {
                let symbol = *symbol;
                self.advance(1);
                Ok(symbol)
            }
            _ => Err(format!("operator expected{}", self.found())),
        }
    }

    pub(super) fn word(&mut self) -> Result<String, String> {
        match self.peek(0) {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.advance(1);
                Ok(word)
            }
            _ => Err(format!("name expected{}", self.found())),
        }
    }

    /// `, found X` for error messages.
    pub(super) fn found(&self) -> String {
        match self.peek(0) {
            None => ", found the end of the line".to_owned(),
            Some(Token::Word(word)) => format!(", found {word}"),
            Some(Token::Number(value, _)) => format!(", found {value}"),
            Some(Token::Symbol(symbol)) => format!(", found {symbol}"),
        }
    }
}
