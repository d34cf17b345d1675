// SPDX-License-Identifier: Apache-2.0
//! The prints that a program can make, as the firmware has them (`firmware/prints.h`).

use super::{le_bytes, word};
use crate::verify::{Print, Prints};
use bpf2hdl_interface::print::{Conversion, Field, Format, NUMBER_BYTES, Piece};

const TEXT: u32 = 0;
const FIXED: u32 = 1;
const UNSIGNED: u32 = 2;
const SIGNED: u32 = 3;
const HEX: u32 = 4;
const DOTTED: u32 = 5;

const IS_POINTER: u32 = 1;
const IS_SIGNED: u32 = 2;

/// Digits of `%px` without a width.
const ADDRESS_DIGITS: usize = 16;

/// The table: the channel's address, the prints, and an end.
pub(super) fn table(channel: u32, prints: &Prints) -> Vec<u8> {
    let mut bytes = le_bytes(&[channel, 0]);
    for print in &prints.all {
        if let Some(whole) = prints.formats.get(print.number) {
            bytes.extend(entry(print, whole));
        }
    }
    bytes.extend(le_bytes(&[0, 0]));
    bytes
}

/// A print, whose format with the texts of `%s` in it is `whole`.
fn entry(print: &Print, whole: &Format) -> Vec<u8> {
    let mut texts = print.texts.iter();
    let (mut arguments, mut strings) = (Vec::new(), Vec::new());
    add_text(&mut strings, &print.text);
    for piece in &print.format.pieces {
        let Piece::Argument(field, conversion) = piece else { continue };
        arguments.extend(match conversion {
            Conversion::Text => le_bytes(&[TEXT, add_text(&mut strings, texts.next().map_or(&[], Vec::as_slice))]),
            _ => le_bytes(&argument(field, *conversion)),
        });
    }
    let constant = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        Piece::Argument(..) => 0,
    };
    let characters = whole.pieces.iter().map(constant).sum();
    let count = arguments.len() / 8;
    let numbers = [print.number, count, characters, print.text.len() + 1, NUMBER_BYTES + whole.bytes()].map(word);
    let mut rest = le_bytes(&numbers);
    rest.extend(arguments);
    rest.extend(strings);
    let mut bytes = le_bytes(&[word(4 + rest.len())]);
    bytes.extend(rest);
    bytes
}

/// A text with its terminator, padded; how long it is with that.
fn add_text(strings: &mut Vec<u8>, text: &[u8]) -> u32 {
    strings.extend(text);
    strings.push(0);
    strings.resize(strings.len().next_multiple_of(8), 0);
    word(text.len() + 1)
}

/// The two words of an argument.
fn argument(field: &Field, conversion: Conversion) -> [u32; 2] {
    let width = field.width.unwrap_or(0);
    let (kind, least) = match conversion {
        Conversion::Text => (TEXT, 0),
        Conversion::Unsigned(_) => (UNSIGNED, width),
        Conversion::Signed(_) => (SIGNED, width),
        Conversion::Hex { .. } => (HEX, width),
        Conversion::Address => (HEX, field.width.unwrap_or(ADDRESS_DIGITS)),
        Conversion::Char => (FIXED, width.max(1)),
        // The width does not count.
        Conversion::Ipv4 { padded: false } => (DOTTED, 0),
        Conversion::Ipv4 { padded: true } => (FIXED, 15),
        Conversion::Ipv6 { colons } => (FIXED, if colons { 39 } else { 32 }),
    };
    let pointer = if conversion.is_pointer() { IS_POINTER } else { 0 };
    let sign = if field.plus || field.blank { IS_SIGNED } else { 0 };
    [kind | word(conversion.bytes()) << 8 | (pointer | sign) << 16, word(least)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_arguments_are_where_the_firmware_looks() {
        let format = Format::parse(b"%s: %5d", 3).expect("a format");
        let whole = format.with_texts(&[b"in".to_vec()]);
        let print = Print { text: b"%s: %5d".to_vec(), texts: vec![b"in".to_vec()], format, number: 0 };
        let bytes = table(0x1000_6000, &Prints { formats: vec![whole], all: vec![print], ..Prints::default() });
        let mut wanted = le_bytes(&[0x1000_6000, 0, 56, 0, 2, 4, 8, 6, TEXT, 3, SIGNED | 4 << 8, 5]);
        wanted.extend(b"%s: %5d\0in\0\0\0\0\0\0");
        wanted.extend([0; 8]);
        assert_eq!(bytes, wanted);
    }
}
