// SPDX-License-Identifier: Apache-2.0
//! The search tree of a longest-prefix-match map, made from its prefixes (`hdl/rtl/bpf_map_lpm.sv`).
//!
//! Prefixes cut the key space into ranges, each with one longest match. The tree holds the first keys of the ranges, three in
//! each node; the results are listed by range. Building takes time in the order of `n log n`.
//!
//! A key is an address and a length, ordered by address first: a prefix begins at its own address and length, and what is
//! behind it at an address of length 0. So a look-up of a shorter length ends in a range of the prefixes that are not longer.
//! Hardware whose look-ups all have the full length ignores the lengths, and finds the same.

use std::collections::BTreeMap;

/// One prefix with the slot of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Number of leading bits that count, at most eight times the length of `address`.
    pub bits: u32,
    /// The address, first byte the most significant; bits behind the prefix are ignored (as in kernel/bpf/lpm_trie.c).
    pub address: Vec<u8>,
    /// Where the value is.
    pub slot: u32,
}

/// Where a range begins: address and length.
pub type First = (Vec<u8>, u32);

/// One word for the hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A border in a node of the tree.
    Border {
        /// Level, the root is 0.
        level: u32,
        /// Node of the level, `0 .. 4^level`.
        node: u32,
        /// Which of the node's three borders.
        border: u32,
        /// First key of the range on its right; `None` if there is none.
        first: Option<First>,
    },
    /// The result of a range.
    Range {
        /// Number of the range, ascending by first key.
        range: u32,
        /// Slot of the longest match, if there is one.
        slot: Option<u32>,
    },
}

/// Ranges by first key, with the slot of their longest match.
fn ranges(prefixes: &[Prefix], bytes: usize) -> BTreeMap<First, Option<u32>> {
    let mut sorted: Vec<(First, &Prefix)> =
        prefixes.iter().map(|p| ((masked(&p.address, p.bits), p.bits), p)).collect();
    // An outer prefix comes before those inside it.
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut result = BTreeMap::from([((vec![0; bytes], 0), None)]);
    // Prefixes that are open at the current key, innermost last: first key behind each (none: the end), its slot.
    let mut open: Vec<(Option<First>, u32)> = Vec::new();
    let close = |open: &mut Vec<(Option<First>, u32)>, result: &mut BTreeMap<_, _>, until: Option<&First>| {
        while let Some((Some(end), _)) = open.last() {
            if until.is_some_and(|until| end > until) {
                break;
            }
            let end = end.clone();
            open.pop();
            let outer = open.last().map(|(_, slot)| *slot);
            result.insert(end, outer);
        }
    };
    for (first, prefix) in sorted {
        close(&mut open, &mut result, Some(&first));
        open.push((behind(&first.0, prefix.bits).map(|next| (next, 0)), prefix.slot));
        result.insert(first, Some(prefix.slot));
    }
    close(&mut open, &mut result, None);
    result
}

/// `address` with the bits behind the first `bits` cleared.
pub(crate) fn masked(address: &[u8], bits: u32) -> Vec<u8> {
    let byte = |(i, b): (usize, &u8)| {
        let kept = bits.saturating_sub(8 * i as u32).min(8);
        b & (0xff00_u16 >> kept) as u8
    };
    address.iter().enumerate().map(byte).collect()
}

/// First address behind the prefix that begins at `first`; none if it reaches the last address.
fn behind(first: &[u8], bits: u32) -> Option<Vec<u8>> {
    let mut next = first.to_vec();
    let last = (bits.checked_sub(1)? / 8) as usize;
    let mut carry = 0x80_u8 >> ((bits - 1) % 8);
    for byte in next[..=last].iter_mut().rev() {
        let (sum, overflow) = byte.overflowing_add(carry);
        *byte = sum;
        if !overflow {
            return Some(next);
        }
        carry = 1;
    }
    None
}

/// The words of a bank for these prefixes (no two with the same bits and address), addresses of `bytes` bytes: those that a
/// look-up can reach, level by level and border by border, then the results.
///
/// Returns nothing if the prefixes need more than `4^levels` ranges or one has a wrong length.
#[must_use]
pub fn tree(prefixes: &[Prefix], bytes: usize, levels: u32) -> Option<Vec<Word>> {
    if prefixes.iter().any(|p| p.address.len() != bytes || p.bits as usize > 8 * bytes) {
        return None;
    }
    let ranges: Vec<_> = ranges(prefixes, bytes).into_iter().collect();
    let count = ranges.len() as u64;
    if count > 1_u64 << (2 * levels) {
        return None;
    }
    let mut words = Vec::new();
    for level in 0..levels {
        for border in 0..3 {
            // A look-up goes right only past a border that is used, so it comes to no node behind the last range.
            let is_reached = |node: &u32| u64::from(*node) << (2 * (levels - level)) < count;
            for node in (0..1_u32 << (2 * level)).take_while(is_reached) {
                let range = u64::from(4 * node + border + 1) << (2 * (levels - 1 - level));
                let first = usize::try_from(range).ok().and_then(|r| ranges.get(r)).map(|(first, _)| first.clone());
                words.push(Word::Border { level, node, border, first });
            }
        }
    }
    words.extend((0..).zip(&ranges).map(|(range, (_, slot))| Word::Range { range, slot: *slot }));
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpf2hdl_interface::lpm::levels;

    /// Walks the tree as the hardware does.
    fn look_up(words: &[Word], levels: u32, address: &[u8], length: u32) -> Option<u32> {
        let mut at = 0;
        let key = (masked(address, length), length);
        for l in 0..levels {
            let here = |word: &&Word| matches!(word, Word::Border { level, node, .. } if (*level, *node) == (l, at));
            assert_eq!(words.iter().filter(here).count(), 3, "a node that was not written");
            let right = |word: &&Word| matches!(word, Word::Border { first: Some(first), .. } if *first <= key);
            at = 4 * at + words.iter().filter(here).filter(right).count() as u32;
        }
        words.iter().find_map(|word| match word {
            Word::Range { range, slot } if *range == at => Some(*slot),
            _ => None,
        })?
    }

    fn scan(prefixes: &[Prefix], address: &[u8], length: u32) -> Option<u32> {
        let agrees = |p: &&Prefix| p.bits <= length && masked(&p.address, p.bits) == masked(address, p.bits);
        let matches = prefixes.iter().filter(agrees);
        matches.max_by_key(|p| p.bits).map(|p| p.slot)
    }

    #[test]
    fn tree_finds_what_a_scan_finds() {
        let mut seed = 7_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32
        };
        for round in 0..200 {
            let bytes = [1, 2, 4, 16][round % 4];
            let mut prefixes: Vec<Prefix> = Vec::new();
            for slot in 0..random() % 25 {
                let bits = random() % (8 * bytes as u32 + 1);
                // A small alphabet, so that prefixes nest and touch.
                let address: Vec<u8> = (0..bytes).map(|_| [0, 0xff, 0x80, 0x7f][random() as usize % 4]).collect();
                let known = |p: &Prefix| p.bits == bits && masked(&p.address, bits) == masked(&address, bits);
                if !prefixes.iter().any(known) {
                    prefixes.push(Prefix { bits, address, slot });
                }
            }
            let levels = levels(25);
            let words = tree(&prefixes, bytes, levels).expect("25 prefixes fit");
            for _ in 0..100 {
                let address: Vec<u8> =
                    (0..bytes).map(|_| [0, 0xff, 0x80, 0x7f, 1, 0xfe][random() as usize % 6]).collect();
                let whole = 8 * bytes as u32;
                for length in [whole, random() % (whole + 1)] {
                    let (got, wanted) = (look_up(&words, levels, &address, length), scan(&prefixes, &address, length));
                    assert_eq!(got, wanted, "{prefixes:?} {address:?}/{length}");
                }
            }
        }
    }

    #[test]
    fn any_set_of_prefixes_fits_its_levels() {
        assert_eq!((levels(1), levels(2), levels(7), levels(8), levels(2047), levels(2048)), (1, 2, 2, 3, 6, 7));
        let address = |i: u32| i.to_be_bytes().to_vec();
        // The worst case: no two ranges touch, none reaches an end.
        let far: Vec<_> = (0..7).map(|i| Prefix { bits: 32, address: address(2 * i + 1), slot: i }).collect();
        assert!(tree(&far, 4, levels(7)).is_some());
        assert!(tree(&far, 4, 1).is_none());
    }

    #[test]
    fn wrong_lengths_give_nothing() {
        assert!(tree(&[Prefix { bits: 33, address: vec![0; 4], slot: 0 }], 4, 2).is_none());
        assert!(tree(&[Prefix { bits: 3, address: vec![0; 3], slot: 0 }], 4, 2).is_none());
    }
}
