// SPDX-License-Identifier: Apache-2.0
//! What is known of a value in every packet: known bits, an unsigned interval, and, for small sets, its very elements.
//!
//! The three views sharpen one another: after each construction the interval is cut to the known bits, a common
//! prefix of the bounds becomes known bits, and the elements are filtered by both. A set with one element is a constant.
//! Element lists are what turn a "variable" packet offset into a multiplexer over exactly its possible places.

use super::low_mask;

/// The most elements that are listed one by one. IPv4 header lengths under two VLAN tags need 18, IPv6 extension chains more.
pub const MAX_ELEMENTS: usize = 64;

/// A set of possible values of a given width.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueSet {
    width: u8,
    /// Bits that are 0 in every element.
    zeros: u64,
    /// Bits that are 1 in every element.
    ones: u64,
    lo: u64,
    hi: u64,
    /// All elements, ascending, when there are at most [`MAX_ELEMENTS`] of them and they are known.
    elements: Option<Vec<u64>>,
}

impl ValueSet {
    /// Every value of `width` bits (1..=64).
    pub fn full(width: u8) -> Self {
        let elements = (width <= 3).then(|| (0..=low_mask(width)).collect());
        ValueSet { width, zeros: 0, ones: 0, lo: 0, hi: low_mask(width), elements }
    }

    /// One value.
    pub fn constant(width: u8, value: u64) -> Self {
        Self::from_elements(width, vec![value & low_mask(width)])
    }

    /// Exactly these values (at least one); too many of them are kept as bits and bounds only.
    pub fn from_elements(width: u8, mut elements: Vec<u64>) -> Self {
        elements.sort_unstable();
        elements.dedup();
        let mask = low_mask(width);
        let ones = elements.iter().fold(mask, |a, e| a & e);
        let any = elements.iter().fold(0, |a, e| a | e);
        let (lo, hi) = (elements[0], elements[elements.len() - 1]);
        let elements = (elements.len() <= MAX_ELEMENTS).then_some(elements);
        ValueSet { width, zeros: mask & !any, ones, lo, hi, elements }
    }

    /// The values from `lo` to `hi`, both included.
    pub fn from_range(width: u8, lo: u64, hi: u64) -> Self {
        Self::from_parts(width, 0, 0, lo, hi).unwrap_or_else(|| Self::full(width))
    }

    /// Values with these known bits, in these bounds; `None` if there is none.
    pub fn from_parts(width: u8, zeros: u64, ones: u64, lo: u64, hi: u64) -> Option<Self> {
        let mask = low_mask(width);
        let mut set = ValueSet { width, zeros: zeros & mask, ones: ones & mask, lo, hi: hi.min(mask), elements: None };
        set.tighten()?;
        Some(set)
    }

    /// Makes bits and bounds agree; `None` if no value is left.
    fn tighten(&mut self) -> Option<()> {
        let mask = low_mask(self.width);
        for _ in 0..2 {
            if self.zeros & self.ones != 0 {
                return None;
            }
            self.lo = self.lo.max(self.ones);
            self.hi = self.hi.min(mask & !self.zeros);
            self.lo = self.next_matching(self.lo)?;
            if self.lo > self.hi {
                return None;
            }
            let differing = self.lo ^ self.hi;
            let prefix = if differing == 0 { mask } else { mask & !low_mask(64 - differing.leading_zeros() as u8) };
            self.ones |= self.lo & prefix;
            self.zeros |= !self.lo & prefix;
        }
        if self.elements.is_none() {
            self.elements = self.enumerate(MAX_ELEMENTS);
        }
        if let Some(elements) = &mut self.elements {
            let (zeros, ones, lo, hi) = (self.zeros, self.ones, self.lo, self.hi);
            elements.retain(|&e| e & zeros == 0 && e & ones == ones && e >= lo && e <= hi);
            if elements.is_empty() {
                return None;
            }
            *self = Self::from_elements(self.width, elements.clone());
        }
        Some(())
    }

    /// The least value `>= from` that agrees with the known bits.
    fn next_matching(&self, from: u64) -> Option<u64> {
        let mask = low_mask(self.width);
        let free = mask & !(self.zeros | self.ones);
        let wrong = (from & self.zeros) | (!from & self.ones);
        if wrong == 0 {
            return Some(from);
        }
        let top = 63 - wrong.leading_zeros();
        let bit = 1u64 << top;
        if self.ones & bit != 0 {
            // A bit must become 1: everything below may be at its least.
            let high = from & !low_mask(top as u8 + 1);
            return Some(high | bit | (self.ones & low_mask(top as u8)));
        }
        // A bit must become 0: the next free zero above it must become 1.
        let candidates = free & !from & !low_mask(top as u8 + 1);
        if candidates == 0 {
            return None;
        }
        let up = candidates.trailing_zeros();
        let high = from & !low_mask(up as u8 + 1) & mask;
        Some(high | (1u64 << up) | (self.ones & low_mask(up as u8)))
    }

    /// All values, if they are at most `limit`.
    pub fn enumerate(&self, limit: usize) -> Option<Vec<u64>> {
        if let Some(elements) = &self.elements {
            return (elements.len() <= limit).then(|| elements.clone());
        }
        let free = (low_mask(self.width) & !(self.zeros | self.ones)).count_ones();
        if free < 20 && (1usize << free) <= limit || self.hi - self.lo < 4 * limit as u64 {
            let mut out = Vec::new();
            let mut next = self.next_matching(self.lo);
            while let Some(value) = next.filter(|&v| v <= self.hi) {
                if out.len() == limit {
                    return None;
                }
                out.push(value);
                next = value.checked_add(1).and_then(|v| self.next_matching(v));
            }
            return Some(out);
        }
        None
    }

    /// Width in bits.
    pub fn width(&self) -> u8 {
        self.width
    }

    /// Bits that are always 0.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Bits that are always 1.
    pub fn ones(&self) -> u64 {
        self.ones
    }

    /// Least value, unsigned.
    pub fn lo(&self) -> u64 {
        self.lo
    }

    /// Greatest value, unsigned.
    pub fn hi(&self) -> u64 {
        self.hi
    }

    /// All elements, where they are listed.
    pub fn elements(&self) -> Option<&[u64]> {
        self.elements.as_deref()
    }

    /// The only element.
    pub fn as_const(&self) -> Option<u64> {
        (self.lo == self.hi).then_some(self.lo)
    }

    /// Number of low bits that can be 1.
    pub fn active_bits(&self) -> u8 {
        (64 - (low_mask(self.width) & !self.zeros).leading_zeros()) as u8
    }

    /// Whether the sign bit is known, and if so what it is.
    pub fn sign(&self) -> Option<bool> {
        let bit = 1u64 << (self.width - 1);
        if self.zeros & bit != 0 {
            Some(false)
        } else if self.ones & bit != 0 {
            Some(true)
        } else {
            None
        }
    }

    /// Least and greatest value, read as two's complement.
    pub fn signed_bounds(&self) -> (i64, i64) {
        let extend = |v: u64| ((v << (64 - self.width)) as i64) >> (64 - self.width);
        match (&self.elements, self.sign()) {
            (Some(e), _) => {
                let signed = e.iter().map(|&v| extend(v));
                (signed.clone().min().unwrap_or(0), signed.max().unwrap_or(0))
            }
            (None, Some(_)) => (extend(self.lo), extend(self.hi)),
            (None, None) => (extend(1 << (self.width - 1)), extend(low_mask(self.width - 1))),
        }
    }

    /// Whether `value` can occur.
    pub fn contains(&self, value: u64) -> bool {
        value & self.zeros == 0
            && value & self.ones == self.ones
            && (self.lo..=self.hi).contains(&value)
            && self.elements.as_ref().is_none_or(|e| e.binary_search(&value).is_ok())
    }

    /// Values in both; `None` if there is none.
    pub fn meet(&self, other: &Self) -> Option<Self> {
        let elements = match (&self.elements, &other.elements) {
            (Some(a), _) => Some(a.iter().copied().filter(|&e| other.contains(e)).collect::<Vec<_>>()),
            (None, Some(b)) => Some(b.iter().copied().filter(|&e| self.contains(e)).collect()),
            (None, None) => None,
        };
        match elements {
            Some(e) if e.is_empty() => None,
            Some(e) => Some(Self::from_elements(self.width, e)),
            None => Self::from_parts(
                self.width,
                self.zeros | other.zeros,
                self.ones | other.ones,
                self.lo.max(other.lo),
                self.hi.min(other.hi),
            ),
        }
    }

    /// Values in either.
    pub fn join(&self, other: &Self) -> Self {
        if let (Some(a), Some(b)) = (&self.elements, &other.elements) {
            return Self::from_elements(self.width, a.iter().chain(b).copied().collect());
        }
        ValueSet {
            width: self.width,
            zeros: self.zeros & other.zeros,
            ones: self.ones & other.ones,
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
            elements: None,
        }
    }

    /// The set without one value, if anything is left.
    pub fn without(&self, value: u64) -> Option<Self> {
        if let Some(elements) = &self.elements {
            let rest: Vec<u64> = elements.iter().copied().filter(|&e| e != value).collect();
            return (!rest.is_empty()).then(|| Self::from_elements(self.width, rest));
        }
        let mut set = self.clone();
        if set.lo == value {
            set.lo += 1;
        }
        if set.hi == value {
            set.hi -= 1;
        }
        set.tighten()?;
        Some(set)
    }

    /// Whether this set says more than `other` (which must hold it).
    pub fn is_tighter_than(&self, other: &Self) -> bool {
        self != other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stride_becomes_elements() {
        let set = ValueSet::from_parts(64, !0x3c, 0, 20, 60).unwrap();
        assert_eq!(set.elements().unwrap(), [20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]);
    }

    #[test]
    fn next_matching_agrees_with_a_search() {
        for zeros in 0..64u64 {
            for ones in (0..64u64).filter(|o| o & zeros == 0) {
                let set = ValueSet { width: 6, zeros, ones, lo: 0, hi: 63, elements: None };
                for from in 0..64 {
                    let expected = (from..64).find(|v| v & zeros == 0 && v & ones == ones);
                    assert_eq!(set.next_matching(from), expected, "{zeros:b} {ones:b} {from:b}");
                }
            }
        }
    }

    #[test]
    fn meet_and_join_hold_what_they_must() {
        let a = ValueSet::from_range(16, 10, 2000);
        let b = ValueSet::from_parts(16, 3, 0, 0, 1000).unwrap();
        let both = a.meet(&b).unwrap();
        assert_eq!((both.lo(), both.hi()), (12, 1000));
        let either = a.join(&b);
        assert_eq!((either.lo(), either.hi()), (0, 2000));
        assert!(a.meet(&ValueSet::constant(16, 5)).is_none());
    }
}
