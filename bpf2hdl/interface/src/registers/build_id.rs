// SPDX-License-Identifier: Apache-2.0
//! The build id in the registers.

/// The eight register words of a build id of 64 hexadecimal digits.
///
/// Word 0 holds the first four bytes, the first byte in its lowest bits. `None` if `hex` is no such string.
#[must_use]
pub fn build_id_words(hex: &str) -> Option<[u32; 8]> {
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut words = [0u32; 8];
    for (index, word) in words.iter_mut().enumerate() {
        let digits = hex.get(8 * index..8 * index + 8)?;
        *word = u32::from_str_radix(digits, 16).ok()?.swap_bytes();
    }
    Some(words)
}

/// The build id in hexadecimal digits of the eight register words; the inverse of [`build_id_words`].
#[must_use]
pub fn build_id_hex(words: &[u32; 8]) -> String {
    words.iter().map(|word| format!("{:08x}", word.swap_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_id_round_trip() {
        let hex = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
        let words = build_id_words(hex).unwrap();
        assert_eq!(words[0], 0x0403_0201);
        assert_eq!(build_id_hex(&words), hex);
        assert_eq!(build_id_words("12"), None);
        assert_eq!(build_id_words(&"zz".repeat(32)), None);
        assert_eq!(build_id_words(&"é".repeat(32)), None);
    }
}
