// SPDX-License-Identifier: Apache-2.0
//! Random numbers with a taste for edges.

/// A small deterministic generator (xorshift64*).
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.bits() >> 16) % n
    }

    /// True in one of `n` cases.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One element of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        let index = self.below(all.len() as u64);
        all[usize::try_from(index).unwrap_or(0)]
    }

    /// A constant likely to be interesting.
    pub fn constant(&mut self) -> i32 {
        let [a, b, c, d, ..] = self.bits().to_le_bytes();
        match self.below(6) {
            0 => i32::from(a & 3),
            1 => -i32::from(a & 3),
            2 => 1 << (a % 31),
            3 => self.pick(&[i32::MAX, i32::MIN, 255, 256, 0xffff, 0x800, 0x7f, 0x80]),
            4 => i32::from(a & 63),
            _ => i32::from_le_bytes([a, b, c, d]),
        }
    }
}
