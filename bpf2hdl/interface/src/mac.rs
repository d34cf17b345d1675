// SPDX-License-Identifier: Apache-2.0
//! MAC addresses as text.

/// Six bytes in hexadecimal, each of two digits, with colons between them, such as `02:00:c0:a8:01:64`; `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<[u8; 6]> {
    let digits = |byte: &str| byte.len() == 2 && byte.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = |byte: &str| if digits(byte) { u8::from_str_radix(byte, 16).ok() } else { None };
    text.split(':').map(byte).collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_bytes_of_two_digits() {
        assert_eq!(parse("02:00:c0:A8:01:64"), Some([2, 0, 0xc0, 0xa8, 1, 0x64]));
        for text in ["", "02", "02:00:c0:a8:01", "02:00:c0:a8:01:64:00", "02:00:c0:a8:01:6", "02:00:c0:a8:01:+4", "é2"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
