// SPDX-License-Identifier: Apache-2.0
//! Keys and values on the command line: bytes as bpftool takes them, and literals.
//!
//! | word | bytes |
//! |---|---|
//! | `7`, `0x07`; behind `hex`: `07` | one byte |
//! | `10.0.0.1` | 4, in network order |
//! | `fe80::1` | 16 |
//! | `02:00:00:00:00:01` | 6 |
//! | `u8:`, `u16:`, `u32:`, `u64:`, `s8:` .. `s64:` and a number | as many, little-endian: what a program's own numbers are |
//! | `be16:`, `be32:`, `be64:` and a number | the same in network order: ports |
//! | `10.0.0.0/8`, `fe80::/10` | the key of an LPM trie: 4 bytes of length, the address |
//! | `text:eth0` | the characters, zeros behind them up to the end |
//! | a single number, or an enumerator's name, where the type is one number | all of it |

use crate::btf;
use crate::error::{Code, Failure, Result};
use crate::words::Words;
use serde_json::Value;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Reads a key or value of so many bytes. `what` it is, for messages; `ends` are the keywords that may follow; `ty` is its type, or null.
pub(crate) fn read(words: &mut Words, what: &str, size: usize, ty: &Value, ends: &[&str]) -> Result<Vec<u8>> {
    let hex = words.peek() == Some("hex") && words.next().is_some();
    let mut bytes = Vec::new();
    let mut count = 0;
    while bytes.len() < size {
        let Some(word) = words.peek().map(str::to_owned) else { break };
        let is_end = ends.iter().any(|end| !word.is_empty() && end.starts_with(word.as_str()));
        if is_end && !(hex && u8::from_str_radix(&word, 16).is_ok() && word.len() <= 2) {
            break;
        }
        let alone = count == 0 && is_last(words, ends);
        words.next();
        count += 1;
        if !hex
            && alone
            && size != 1
            && btf::is_number(ty)
            && let Some(number) = number(&word).or_else(|| btf::enumerator(ty, &word))
        {
            return whole(number, size, what, &word);
        }
        bytes.extend(one(&word, hex, size - bytes.len(), what)?);
    }
    if bytes.len() == size {
        return Ok(bytes);
    }
    let found = bytes.len();
    let more = if found > size { "too many" } else { "too few" };
    Err(Failure::new(Code::BadData, format!("the {what} has {size} bytes, {found} are {more}")))
}

/// Whether the next word is the last one of its kind.
fn is_last(words: &Words, ends: &[&str]) -> bool {
    words.peek_second().is_none_or(|word| ends.iter().any(|end| !word.is_empty() && end.starts_with(word)))
}

/// The bytes of one word.
fn one(word: &str, hex: bool, room: usize, what: &str) -> Result<Vec<u8>> {
    let wrong = |text: String| Failure::new(Code::BadData, format!("the {what} can not be read: {text}"));
    if hex {
        let byte = Some(word).filter(|word| word.len() <= 2).and_then(|word| u8::from_str_radix(word, 16).ok());
        return byte.map(|byte| vec![byte]).ok_or_else(|| wrong(format!("`{word}` is no hexadecimal byte")));
    }
    if let Some(number) = number(word) {
        let byte = u8::try_from(number).map_err(|_| {
            wrong(format!("`{word}` is no byte, 0 to 255"))
                .hint("write a longer number with its size: `u32:1000`, `be16:443`")
        })?;
        return Ok(vec![byte]);
    }
    if let Some((address, bits)) = word.split_once('/') {
        return prefix(address, bits).ok_or_else(|| wrong(format!("`{word}` is no prefix")));
    }
    if let Ok(address) = word.parse::<Ipv4Addr>() {
        return Ok(address.octets().to_vec());
    }
    if let Some(mac) = bpf2hdl_interface::mac::parse(word) {
        return Ok(mac.to_vec());
    }
    if let Ok(address) = word.parse::<Ipv6Addr>() {
        return Ok(address.octets().to_vec());
    }
    let Some((kind, rest)) = word.split_once(':') else {
        return Err(wrong(format!("`{word}` is neither a byte nor a literal")));
    };
    if kind == "text" {
        if rest.len() > room {
            return Err(wrong(format!("`{rest}` has {} characters, there is room for {room}", rest.len())));
        }
        let mut bytes = rest.as_bytes().to_vec();
        bytes.resize(room, 0);
        return Ok(bytes);
    }
    let sized =
        |prefix: &str| kind.strip_prefix(prefix)?.parse::<usize>().ok().filter(|bits| [8, 16, 32, 64].contains(bits));
    let value = number(rest).ok_or_else(|| wrong(format!("`{rest}` is no number")));
    match (sized("u"), sized("s"), sized("be")) {
        (Some(bits), ..) | (_, Some(bits), _) => whole(value?, bits / 8, what, word),
        (.., Some(bits)) => whole(value?, bits / 8, what, word).map(|bytes| bytes.into_iter().rev().collect()),
        _ => Err(wrong(format!("`{word}` is neither a byte nor a literal"))),
    }
}

/// A number: decimal, or hexadecimal behind `0x`; also negative.
fn number(word: &str) -> Option<i128> {
    let (negative, digits) = word.strip_prefix('-').map_or((false, word), |digits| (true, digits));
    let digit = digits.as_bytes().first()?;
    if !digit.is_ascii_digit() {
        return None;
    }
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => i128::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => digits.parse().ok()?,
    };
    Some(if negative { -value } else { value })
}

/// A number in so many bytes, little-endian.
fn whole(value: i128, size: usize, what: &str, word: &str) -> Result<Vec<u8>> {
    let bits = 8 * u32::try_from(size.min(15)).unwrap_or(0);
    let range = -(1_i128 << (bits - 1))..1_i128 << bits;
    if size > 8 || !range.contains(&value) {
        return Err(Failure::new(
            Code::BadData,
            format!("the {what} can not be read: `{word}` does not fit {size} bytes"),
        ));
    }
    Ok(value.to_le_bytes()[..size].to_vec())
}

fn prefix(address: &str, bits: &str) -> Option<Vec<u8>> {
    let octets = match address.parse::<Ipv4Addr>() {
        Ok(address) => address.octets().to_vec(),
        Err(_) => address.parse::<Ipv6Addr>().ok()?.octets().to_vec(),
    };
    let bits: u32 = bits.parse().ok().filter(|bits| *bits as usize <= 8 * octets.len())?;
    Some([bits.to_le_bytes().as_slice(), &octets].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(text: &str, size: usize, ty: &Value) -> Result<(Vec<u8>, Option<String>)> {
        let mut words = Words::new(text.split(' ').map(str::to_owned).collect());
        let bytes = read(&mut words, "key", size, ty, &["value", "any"])?;
        Ok((bytes, words.next()))
    }

    #[test]
    fn bytes_and_literals() {
        let u32_type = json!({"kind": "typedef", "type": {"kind": "int", "size": 4}});
        let none = Value::Null;
        let cases: [(&str, usize, &Value, &[u8]); 16] = [
            ("1 0x02 3 4 value", 4, &none, &[1, 2, 3, 4]),
            ("hex 0a ff va", 2, &none, &[10, 255]),
            ("10.0.0.1 value", 4, &none, &[10, 0, 0, 1]),
            ("02:00:00:00:00:ff", 6, &none, &[2, 0, 0, 0, 0, 255]),
            ("fe80::1", 16, &none, &[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("u32:5 value", 4, &none, &[5, 0, 0, 0]),
            ("s16:-2", 2, &none, &[0xfe, 0xff]),
            ("be16:443 u16:0x1bb", 4, &none, &[1, 0xbb, 0xbb, 1]),
            ("10.0.0.1 be16:80 6 0", 8, &none, &[10, 0, 0, 1, 0, 80, 6, 0]),
            ("10.0.0.0/8", 8, &none, &[8, 0, 0, 0, 10, 0, 0, 0]),
            ("::/0", 20, &none, &[0; 20]),
            ("text:eth0", 6, &none, b"eth0\0\0"),
            ("1000 value 1", 4, &u32_type, &[0xe8, 3, 0, 0]),
            ("7", 4, &u32_type, &[7, 0, 0, 0]),
            ("7 0 0 1 value", 4, &u32_type, &[7, 0, 0, 1]),
            ("hex a", 1, &none, &[10]),
        ];
        for (text, size, ty, expected) in cases {
            let (bytes, _) = parse(text, size, ty).unwrap_or_else(|failure| panic!("{text}: {failure}"));
            assert_eq!(bytes, expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (text, size, part) in [
            ("1 2 3 value 4", 4, "3 are too few"),
            ("256", 1, "no byte"),
            ("10.0.0.1", 2, "4 are too many"),
            ("10.0.0.0/33", 8, "no prefix"),
            ("u16:65536", 2, "does not fit 2 bytes"),
            ("u17:1", 2, "neither"),
            ("hex 100", 1, "hexadecimal"),
            ("+5", 1, "neither"),
            ("text:toolong", 3, "room for 3"),
            ("", 1, "neither"),
        ] {
            let failure = parse(text, size, &Value::Null).expect_err(text);
            assert!(failure.message.contains(part) && failure.code == Code::BadData, "{text}: {}", failure.message);
        }
    }
}
