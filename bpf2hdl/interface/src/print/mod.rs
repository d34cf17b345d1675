// SPDX-License-Identifier: Apache-2.0
//! Prints: what `bpf_trace_printk` and `bpf_trace_vprintk` write into the trace.
//!
//! A print is a record on the channel of events, to a map called [`MAP_NAME`]: the number of its format (two bytes), then its arguments, each in
//! as many bytes as its conversion looks at, nothing between them. The format's text never travels: the manifest has it.
//!
//! What a format may hold, what it prints and what is wrong with it is as in Linux 6.18: `bpf_bprintf_prepare` (kernel/bpf/helpers.c) and
//! `bstr_printf` (lib/vsprintf.c). `parse.rs` has the first, `line.rs` the second.

mod line;
mod parse;

/// Name of the channel that prints go to; no instruction names it.
pub const MAP_NAME: &str = ".trace";
/// Bytes of the number of the format, in front of the arguments.
pub const NUMBER_BYTES: usize = 2;
/// Most formats that a program can have.
pub const MAX_FORMATS: usize = 1 << 16;
/// Most characters of a line: the kernel cuts there (`MAX_BPRINTF_BUF` with the terminator, include/linux/bpf.h). Prints that could be longer are not built.
pub const MAX_LINE: usize = 1023;
/// Bytes that the kernel has for the arguments of one print (`MAX_BPRINTF_BIN_ARGS`, kernel/bpf/helpers.c).
pub const ARGUMENT_BUFFER: usize = 512;
/// Most arguments of `bpf_trace_printk` (`MAX_TRACE_PRINTK_VARARGS`) and of `bpf_trace_vprintk` (`MAX_BPRINTF_VARARGS`).
pub const MAX_ARGUMENTS: [usize; 2] = [3, 12];

/// How an argument is printed, and so which bytes of it the record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    /// `%d`, `%ld`: two's complement of this many bytes (4 or 8).
    Signed(u8),
    /// `%u`, `%lu`.
    Unsigned(u8),
    /// `%x`, `%lx`; `%X` in capitals.
    Hex {
        /// 4 or 8.
        bytes: u8,
        /// Capital letters.
        capitals: bool,
    },
    /// `%c`: one byte.
    Char,
    /// `%px`: the eight bytes of the argument as an address.
    Address,
    /// `%pI4`, `%pi4`: four bytes that the argument points to; the latter with leading zeros.
    Ipv4 {
        /// Three digits for each byte.
        padded: bool,
    },
    /// `%pI6`, `%pi6`: sixteen bytes that the argument points to; the latter without colons.
    Ipv6 {
        /// A colon between groups.
        colons: bool,
    },
    /// `%s`: the text that the argument points to. Not in what [`Format::with_texts`] returns: only texts that are constants are built.
    Text,
}

impl Conversion {
    /// Bytes in the record.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Signed(bytes) | Self::Unsigned(bytes) | Self::Hex { bytes, .. } => bytes.into(),
            Self::Char => 1,
            Self::Address => 8,
            Self::Ipv4 { .. } => 4,
            Self::Ipv6 { .. } => 16,
            Self::Text => 0,
        }
    }

    /// Whether the bytes are those that the argument points to.
    #[must_use]
    pub fn is_pointer(self) -> bool {
        matches!(self, Self::Ipv4 { .. } | Self::Ipv6 { .. } | Self::Text)
    }
}

/// `[0 +-][width]` between `%` and the conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Field {
    /// `-`: to the left.
    pub left: bool,
    /// `0`: filled with zeros.
    pub zeros: bool,
    /// `+`: a sign before numbers that are not negative.
    pub plus: bool,
    /// A blank in its place.
    pub blank: bool,
    /// Least number of characters; `None` if it is not said.
    pub width: Option<usize>,
}

/// A part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These characters.
    Text(Vec<u8>),
    /// The next argument.
    Argument(Field, Conversion),
}

/// A format that the kernel takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// Its parts, in order.
    pub pieces: Vec<Piece>,
}

/// Why a print is not built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The kernel answers `-EINVAL` at run time, and prints nothing.
    Invalid,
    /// The kernel prints what there is not in hardware: which conversion and why, as a clause.
    NotBuilt(String),
}

impl Format {
    /// The arguments' conversions, in order.
    pub fn conversions(&self) -> impl Iterator<Item = Conversion> + '_ {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Argument(_, conversion) => Some(*conversion),
            Piece::Text(_) => None,
        })
    }

    /// Bytes of all arguments in a record.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.conversions().map(Conversion::bytes).sum()
    }

    /// The same format with the arguments of `%s` in their places, in order.
    #[must_use]
    pub fn with_texts(&self, texts: &[Vec<u8>]) -> Self {
        let mut texts = texts.iter();
        let piece = |piece: &Piece| match piece {
            Piece::Argument(field, Conversion::Text) => {
                let text = texts.next().map_or(&[][..], Vec::as_slice);
                Piece::Text(line::padded(text, &Field { zeros: false, ..*field }))
            }
            other => other.clone(),
        };
        let mut pieces: Vec<Piece> = Vec::new();
        for next in self.pieces.iter().map(piece) {
            match (pieces.last_mut(), next) {
                (Some(Piece::Text(before)), Piece::Text(text)) => before.extend(text),
                (_, Piece::Text(text)) if text.is_empty() => {}
                (_, next) => pieces.push(next),
            }
        }
        Self { pieces }
    }
}

/// The formats of a program as one run of bytes: each one's text and a zero.
#[must_use]
pub fn to_bytes(formats: &[Format]) -> Vec<u8> {
    formats.iter().flat_map(|format| format.text().into_iter().chain([0])).collect()
}

/// The formats of such bytes; `None` if they are none.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<Format>> {
    bytes.split_inclusive(|byte| *byte == 0).map(|text| Format::read(text.strip_suffix(&[0])?)).collect()
}

/// The line of a record: `None` if its number is no format's, or it has not the bytes that the format wants.
#[must_use]
pub fn line(formats: &[Format], record: &[u8]) -> Option<Vec<u8>> {
    let (number, arguments) = record.split_first_chunk::<NUMBER_BYTES>()?;
    formats.get(usize::from(u16::from_le_bytes(*number)))?.line(arguments)
}

/// A format as text in JSON, where each character is one byte of it (ISO 8859-1): the texts of `%s` may be no UTF-8.
#[must_use]
pub fn to_json_text(format: &Format) -> String {
    format.text().into_iter().map(char::from).collect()
}

/// The opposite of [`to_json_text`]; `None` if it is no format.
#[must_use]
pub fn from_json_text(text: &str) -> Option<Format> {
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    Format::read(&bytes.ok()?)
}
