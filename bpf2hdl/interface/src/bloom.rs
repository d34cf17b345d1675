// SPDX-License-Identifier: Apache-2.0
//! Bloom filters as kernel/bpf/bloom_filter.c has them: the number of hash functions and of bits, and the hash, which is jhash
//! (include/linux/jhash.h, Bob Jenkins's lookup3) with the number of the function as its start value. The bits are those of another map, of one
//! byte an entry that is 0 or 1.
//!
//! The kernel adds a random number to the start value unless the map has `BPF_F_ZERO_SEED`; hardware never does.

/// Hash functions where the map's `map_extra` says nothing.
const DEFAULT_FUNCTIONS: u32 = 5;
/// `JHASH_INITVAL`
pub const START: u32 = 0xdead_beef;

/// The name of the map that has the bits of a filter.
#[must_use]
pub fn bits_name(filter: &str) -> String {
    format!("{filter}.bits")
}

/// How many hash functions a filter has: what its `map_extra` says.
#[must_use]
pub fn functions(extra: u32) -> u32 {
    match extra & 0xf {
        0 => DEFAULT_FUNCTIONS,
        functions => functions,
    }
}

/// Bits of a filter, a power of two; `None` for 2^32 of them.
#[must_use]
pub fn bits(max_entries: u32, functions: u32) -> Option<u32> {
    let wanted = max_entries.checked_mul(functions)?;
    let wanted = (wanted / 5).checked_mul(7)?;
    (wanted <= 1 << 31).then(|| wanted.max(64).next_power_of_two())
}

/// The 32-bit words of a value as the hash takes them, the last one filled up with zeros.
#[must_use]
pub fn words(value: &[u8]) -> Vec<u32> {
    value.chunks(4).map(|word| word.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte))).collect()
}

/// Steps of the mixing of three words (a, b, c) between groups of three: `x -= y; x ^= y <<< n; y += z`.
pub const MIX: [(usize, usize, usize, u32); 6] =
    [(0, 2, 1, 4), (1, 0, 2, 6), (2, 1, 0, 8), (0, 2, 1, 16), (1, 0, 2, 19), (2, 1, 0, 4)];
/// Steps of the mixing at the end: `x ^= y; x -= y <<< n`.
pub const FINAL: [(usize, usize, u32); 7] =
    [(2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24)];

/// The hash of a value by the n-th function.
#[must_use]
pub fn hash(value: &[u8], function: u32) -> u32 {
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    let mut state = [START.wrapping_add(length).wrapping_add(function); 3];
    let words = words(value);
    let groups = words.len().div_ceil(3);
    for (number, group) in words.chunks(3).enumerate() {
        state.iter_mut().zip(group).for_each(|(x, word)| *x = x.wrapping_add(*word));
        if number + 1 < groups {
            for (x, y, z, n) in MIX {
                state[x] = state[x].wrapping_sub(state[y]) ^ state[y].rotate_left(n);
                state[y] = state[y].wrapping_add(state[z]);
            }
        }
    }
    for (x, y, n) in FINAL {
        state[x] = (state[x] ^ state[y]).wrapping_sub(state[y].rotate_left(n));
    }
    state[2]
}

/// The bits that a value has in a filter of so many bits.
pub fn places(value: &[u8], functions: u32, bits: u32) -> impl Iterator<Item = u32> {
    (0..functions).map(move |function| hash(value, function) & (bits - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_kernel_s() {
        assert_eq!((functions(0), functions(3)), (5, 3));
        assert_eq!(bits(1, 5), Some(64));
        assert_eq!(bits(100, 5), Some(1024));
        assert_eq!(bits(1000, 3), Some(8192));
        assert_eq!((bits(u32::MAX, 1), bits(1 << 30, 5)), (None, None));
    }
}
