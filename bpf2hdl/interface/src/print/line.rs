// SPDX-License-Identifier: Apache-2.0
//! Lines of formats and arguments, as `bstr_printf` makes them (lib/vsprintf.c).

use super::{Conversion, Field, Format, Piece};

/// Characters of the longest number of each kind.
const LONGEST_DECIMAL: [usize; 2] = [10, 20];
/// Digits of an address without a width.
const ADDRESS_DIGITS: usize = 16;

impl Format {
    /// The line for these arguments, as the trace shows it: a character zero ends it. `None` if it is not as many bytes as the format wants.
    #[must_use]
    pub fn line(&self, arguments: &[u8]) -> Option<Vec<u8>> {
        let mut line = self.characters(arguments)?;
        if let Some(end) = line.iter().position(|byte| *byte == 0) {
            line.truncate(end);
        }
        Some(line)
    }

    /// All characters that are printed; how many there are is what the helper returns.
    #[must_use]
    pub fn characters(&self, arguments: &[u8]) -> Option<Vec<u8>> {
        let (mut line, mut rest) = (Vec::new(), arguments);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => line.extend(text),
                Piece::Argument(field, conversion) => {
                    let (bytes, behind) = rest.split_at_checked(conversion.bytes())?;
                    rest = behind;
                    argument(*field, *conversion, bytes, &mut line);
                }
            }
        }
        rest.is_empty().then_some(line)
    }

    /// Characters of the longest line that arguments can make.
    #[must_use]
    pub fn longest(&self) -> usize {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Argument(field, conversion) => longest(*field, *conversion),
        };
        self.pieces.iter().map(piece).fold(0, usize::saturating_add)
    }
}

fn longest(field: Field, conversion: Conversion) -> usize {
    let most = match conversion {
        Conversion::Signed(bytes) | Conversion::Unsigned(bytes) => 1 + LONGEST_DECIMAL[usize::from(bytes == 8)],
        Conversion::Hex { bytes, .. } => 2 * usize::from(bytes),
        Conversion::Char => 1,
        Conversion::Address => ADDRESS_DIGITS,
        Conversion::Ipv4 { .. } => return 15,
        Conversion::Ipv6 { colons } => return if colons { 39 } else { 32 },
        Conversion::Text => 0,
    };
    most.max(field.width.unwrap_or(0))
}

/// A number in memory order.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn argument(field: Field, conversion: Conversion, bytes: &[u8], line: &mut Vec<u8>) {
    match conversion {
        Conversion::Signed(_) => {
            let shift = 64 - 8 * bytes.len() as u32;
            let value = (word(bytes) << shift).cast_signed() >> shift;
            let sign = match value {
                ..0 => "-",
                _ if field.plus => "+",
                _ if field.blank => " ",
                _ => "",
            };
            number(&field, sign, &value.unsigned_abs().to_string(), line);
        }
        Conversion::Unsigned(_) => number(&field, "", &word(bytes).to_string(), line),
        Conversion::Hex { capitals: true, .. } => number(&field, "", &format!("{:X}", word(bytes)), line),
        Conversion::Hex { .. } => number(&field, "", &format!("{:x}", word(bytes)), line),
        Conversion::Address => {
            let field = match field.width {
                None => Field { zeros: true, width: Some(ADDRESS_DIGITS), ..field },
                Some(_) => field,
            };
            number(&field, "", &format!("{:x}", word(bytes)), line);
        }
        Conversion::Char => line.extend(padded(bytes, &Field { zeros: false, ..field })),
        // The width does not count: the kernel prints a text that it has made before.
        Conversion::Ipv4 { padded } => {
            let each = |byte: &u8| if padded { format!("{byte:03}") } else { byte.to_string() };
            line.extend(bytes.iter().map(each).collect::<Vec<_>>().join(".").bytes());
        }
        Conversion::Ipv6 { colons } => {
            let groups: Vec<String> = bytes.chunks(2).map(|pair| format!("{:02x}{:02x}", pair[0], pair[1])).collect();
            line.extend(groups.join(if colons { ":" } else { "" }).bytes());
        }
        Conversion::Text => {}
    }
}

/// Sign and digits in a field.
fn number(field: &Field, sign: &str, digits: &str, line: &mut Vec<u8>) {
    if field.zeros && !field.left {
        let zeros = field.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
        line.extend(sign.bytes().chain(std::iter::repeat_n(b'0', zeros)).chain(digits.bytes()));
    } else {
        line.extend(padded(format!("{sign}{digits}").as_bytes(), field));
    }
}

/// A text with blanks around it.
pub(super) fn padded(text: &[u8], field: &Field) -> Vec<u8> {
    let blanks = std::iter::repeat_n(b' ', field.width.unwrap_or(0).saturating_sub(text.len()));
    let text = text.iter().copied();
    if field.left { text.chain(blanks).collect() } else { blanks.chain(text).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::{Wrong, from_json_text, line, to_bytes, to_json_text};
    use super::*;

    fn print(format: &str, arguments: &[u8]) -> String {
        let format = Format::parse(format.as_bytes(), 12).expect("a format");
        assert_eq!(Format::read(&format.text()), Some(format.clone()));
        String::from_utf8(format.line(arguments).expect("the right bytes")).expect("ASCII")
    }

    #[test]
    fn numbers_are_printed_in_fields() {
        assert_eq!(print("a%db", &(-5i32).to_le_bytes()), "a-5b");
        assert_eq!(print("%05d", &(-5i32).to_le_bytes()), "-0005");
        assert_eq!(print("%-05d|", &(-5i32).to_le_bytes()), "-5   |");
        assert_eq!(print("%+ 4d", &7i32.to_le_bytes()), "  +7");
        assert_eq!(print("%llu %%", &u64::MAX.to_le_bytes()), "18446744073709551615 %");
        assert_eq!(print("%lX", &0xabcdu64.to_le_bytes()), "ABCD");
        assert_eq!(
            print("%px|%10px", &[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]),
            "0000000000000001|         2"
        );
        assert_eq!(print("%3c%-2c.", b"xy"), "  xy .");
        assert_eq!(print("a%cb", &[0]), "a");
    }

    #[test]
    fn addresses_are_printed_as_the_kernel_does() {
        assert_eq!(print("%pI4abc;%20pi4", &[10, 0, 0, 1, 10, 0, 0, 2]), "10.0.0.1;010.000.000.002");
        let address: Vec<u8> = (0..16).collect();
        assert_eq!(print("%pI6c", &address), "0001:0203:0405:0607:0809:0a0b:0c0d:0e0f");
        assert_eq!(print("%pi6 ", &address), "000102030405060708090a0b0c0d0e0f ");
    }

    #[test]
    fn what_the_kernel_refuses_is_told_from_what_is_not_built() {
        for format in [
            "%",
            "%d%",
            "%hd",
            "%.3d",
            "%#x",
            "%*d",
            "%o",
            "%p%",
            "%pI5",
            "%sx",
            "%pksx",
            "\u{7f}",
            "%lld %lld %lld %lld",
        ] {
            assert_eq!(Format::parse(format.as_bytes(), 3), Err(Wrong::Invalid), "{format}");
        }
        for format in ["%p", "%pK", "%ps", "%pSR", "%pB", "%pks", "%pus."] {
            assert!(matches!(Format::parse(format.as_bytes(), 3), Err(Wrong::NotBuilt(_))), "{format}");
            assert_eq!(Format::parse(format.as_bytes(), 0), Err(Wrong::Invalid), "{format}");
        }
    }

    #[test]
    fn texts_become_part_of_the_format() {
        let format = Format::parse(b"<%-4s|%4s> %pI4%s %u", 5).expect("a format");
        let whole = format.with_texts(&[b"a%".to_vec(), b"b".to_vec(), b"9\xff".to_vec()]);
        assert_eq!(whole.text(), b"<a%%  |   b> %pI49\xff %u");
        assert_eq!(from_json_text(&to_json_text(&whole)), Some(whole.clone()));
        let formats = super::super::from_bytes(&to_bytes(&[format, whole])).expect("formats");
        assert_eq!(
            line(&formats, &[1, 0, 1, 2, 3, 4, 8, 0, 0, 0]).as_deref(),
            Some(&b"<a%  |   b> 1.2.3.49\xff 8"[..])
        );
        assert_eq!(line(&formats, &[2, 0]), None);
        assert_eq!(line(&formats, &[1, 0, 1]), None);
    }
}
