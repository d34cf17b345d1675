// SPDX-License-Identifier: Apache-2.0
//! Reading formats, as `bpf_bprintf_prepare` does (kernel/bpf/helpers.c), and writing them.

use super::{Conversion, Field, Format, Piece, Wrong};

/// Why addresses are not printed.
const NO_ADDRESSES: &str = "hardware has no addresses";

impl Format {
    /// Reads the text of a format, its terminator left out, for this many arguments.
    ///
    /// # Errors
    /// [`Wrong`]: what the kernel refuses, before what is not built.
    pub fn parse(text: &[u8], arguments: usize) -> Result<Self, Wrong> {
        let mut reader = Reader { text, at: 0, checked: true };
        // Text may be UTF-8; Linux before 6.18.44 refuses it.
        if !text.iter().all(|&byte| byte >= 0x80 || is_print(byte) || is_space(byte)) {
            return Err(Wrong::Invalid);
        }
        let (mut pieces, mut found, mut not_built) = (Vec::new(), 0, None);
        while let Some(piece) = reader.piece() {
            let piece = match piece {
                Err(Wrong::NotBuilt(what)) => {
                    not_built.get_or_insert(what);
                    Piece::Argument(Field::default(), Conversion::Address)
                }
                piece => piece?,
            };
            found += usize::from(matches!(piece, Piece::Argument(..)));
            pieces.push(piece);
        }
        match not_built {
            _ if found > arguments => Err(Wrong::Invalid),
            Some(what) => Err(Wrong::NotBuilt(what)),
            None => Ok(Self { pieces }),
        }
    }

    /// Reads what [`text`](Self::text) has written; `None` if it is something else.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let mut reader = Reader { text, at: 0, checked: false };
        let mut pieces = Vec::new();
        while let Some(piece) = reader.piece() {
            pieces.push(piece.ok()?);
        }
        Some(Self { pieces })
    }

    /// The format as C has it, without terminator.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    for &byte in text {
                        all.push(byte);
                        if byte == b'%' {
                            all.push(b'%');
                        }
                    }
                }
                Piece::Argument(field, conversion) => {
                    all.push(b'%');
                    let flags = [(field.left, b'-'), (field.zeros, b'0'), (field.plus, b'+'), (field.blank, b' ')];
                    all.extend(flags.iter().filter(|(is_there, _)| *is_there).map(|(_, flag)| flag));
                    all.extend(field.width.iter().flat_map(|width| width.to_string().into_bytes()));
                    all.extend(letters(*conversion).bytes());
                }
            }
        }
        all
    }
}

fn letters(conversion: Conversion) -> String {
    let long = |bytes: u8, letter: char| if bytes == 8 { format!("ll{letter}") } else { letter.to_string() };
    match conversion {
        Conversion::Signed(bytes) => long(bytes, 'd'),
        Conversion::Unsigned(bytes) => long(bytes, 'u'),
        Conversion::Hex { bytes, capitals } => long(bytes, if capitals { 'X' } else { 'x' }),
        Conversion::Char => "c".to_owned(),
        Conversion::Address => "px".to_owned(),
        Conversion::Ipv4 { padded } => if padded { "pi4" } else { "pI4" }.to_owned(),
        Conversion::Ipv6 { colons } => if colons { "pI6" } else { "pi6" }.to_owned(),
        Conversion::Text => "s".to_owned(),
    }
}

// The kernel's tables of characters are those of ISO 8859-1 (lib/ctype.c).

/// `isprint` of a character below 128.
fn is_print(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | b' ' | 0xa0)
}

fn is_punctuation(byte: u8) -> bool {
    byte.is_ascii_punctuation() || matches!(byte, 0xa1..=0xbf | 0xd7 | 0xf7)
}

/// `isalnum`
fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0xc0 && !is_punctuation(byte)
}

fn ends_word(byte: u8) -> bool {
    byte == 0 || is_space(byte) || is_punctuation(byte)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// The kernel's rules hold; else it is what [`Format::text`] has written, where no letters behind a pointer vanish.
    checked: bool,
}

impl Reader<'_> {
    /// The next character, 0 at the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let here = self.peek(0) == byte && self.at < self.text.len();
        self.at += usize::from(here);
        here
    }

    /// Text up to the next argument, or an argument.
    fn piece(&mut self) -> Option<Result<Piece, Wrong>> {
        let mut text = Vec::new();
        while self.at < self.text.len() {
            let byte = self.peek(0);
            if byte != b'%' {
                text.push(byte);
                self.at += 1;
            } else if self.peek(1) == b'%' {
                text.push(byte);
                self.at += 2;
            } else {
                break;
            }
        }
        if !text.is_empty() {
            return Some(Ok(Piece::Text(text)));
        }
        if self.at == self.text.len() {
            return None;
        }
        self.at += 1;
        let field = self.field();
        Some(self.conversion().map(|conversion| Piece::Argument(field, conversion)))
    }

    fn field(&mut self) -> Field {
        let mut field = Field::default();
        loop {
            match self.peek(0) {
                b'-' => field.left = true,
                b'0' => field.zeros = true,
                b'+' => field.plus = true,
                b' ' => field.blank = true,
                _ => break,
            }
            self.at += 1;
        }
        while self.peek(0).is_ascii_digit() {
            let digit = usize::from(self.peek(0) - b'0');
            field.width = Some(field.width.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            self.at += 1;
        }
        field
    }

    fn conversion(&mut self) -> Result<Conversion, Wrong> {
        match self.peek(0) {
            b'p' => {
                self.at += 1;
                return self.pointer();
            }
            b's' => {
                self.at += 1;
                let right = !self.checked || ends_word(self.peek(0));
                return if right { Ok(Conversion::Text) } else { Err(Wrong::Invalid) };
            }
            b'c' => {
                self.at += 1;
                return Ok(Conversion::Char);
            }
            _ => {}
        }
        let is_long = self.eat(b'l');
        self.eat(b'l');
        let bytes = if is_long { 8 } else { 4 };
        let conversion = match self.peek(0) {
            b'd' | b'i' => Conversion::Signed(bytes),
            b'u' => Conversion::Unsigned(bytes),
            letter @ (b'x' | b'X') => Conversion::Hex { bytes, capitals: letter == b'X' },
            _ => return Err(Wrong::Invalid),
        };
        self.at += 1;
        Ok(conversion)
    }

    /// What stands behind `%p`.
    fn pointer(&mut self) -> Result<Conversion, Wrong> {
        let (first, second) = (self.peek(0), self.peek(1));
        if ends_word(first) {
            return Err(Wrong::NotBuilt(format!("`%p` prints the hash of an address, and {NO_ADDRESSES}")));
        }
        let letters = match (first, second) {
            (b'k' | b'u', b's') if !ends_word(self.peek(2)) => return Err(Wrong::Invalid),
            (b'k' | b'u', b's') => 2,
            (b'K' | b'x' | b's' | b'S' | b'B', _) => 1,
            (b'i' | b'I', b'4' | b'6') => 2,
            _ => return Err(Wrong::Invalid),
        };
        self.at += letters;
        // `bstr_printf` skips what else belongs to a word; of a symbol, `bpf_bprintf_prepare` does not look at it either.
        while self.checked && is_alphanumeric(self.peek(0)) {
            self.at += 1;
        }
        match (first, second) {
            (b'x', _) => Ok(Conversion::Address),
            (b'i' | b'I', b'4') => Ok(Conversion::Ipv4 { padded: first == b'i' }),
            (b'i' | b'I', _) => Ok(Conversion::Ipv6 { colons: first == b'I' }),
            (b'k', _) => {
                Err(Wrong::NotBuilt(format!("`%pks` prints a string at an address of the kernel, and {NO_ADDRESSES}")))
            }
            (b'u', _) => {
                Err(Wrong::NotBuilt(format!("`%pus` prints a string at an address of a process, and {NO_ADDRESSES}")))
            }
            (b'K', _) => Err(Wrong::NotBuilt(format!("`%pK` prints the hash of an address, and {NO_ADDRESSES}"))),
            _ => {
                let letter = char::from(first);
                Err(Wrong::NotBuilt(format!(
                    "`%p{letter}` prints the name of an address of the kernel, and {NO_ADDRESSES}"
                )))
            }
        }
    }
}
