// SPDX-License-Identifier: Apache-2.0
//! The time at which a packet arrives, and the random number that comes with it.
//!
//! In hardware `hdl/rtl/bpf_arrival.sv` has a clock and a generator. Both are set through registers, so that a test can
//! say beforehand what each packet will be told: the same as here.

/// Nanoseconds of a jiffy: 250 a second (`CONFIG_HZ` of most distributions).
pub const JIFFY_NS: u32 = 4_000_000;

/// What the helpers for time and random numbers go by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Nanoseconds: what `bpf_ktime_get_ns` and its like return in every call for this packet.
    pub time_ns: u64,
    /// What the first call of `bpf_get_prandom_u32` returns; each further one returns [`next_random`] of the one before.
    pub random: u32,
}

/// The number after `random` in one packet (xorshift with 13, 17, 5: G. Marsaglia, Xorshift RNGs, 2003).
#[must_use]
pub fn next_random(random: u32) -> u32 {
    let mut x = random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^ x << 5
}

/// What a sequence of packets is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrivals {
    /// Time of the first packet in nanoseconds.
    pub start_ns: u64,
    /// Nanoseconds between packets.
    pub step_ns: u32,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for Arrivals {
    /// One second after boot, 100 ns apart, seed 1.
    fn default() -> Self {
        Self { start_ns: 1_000_000_000, step_ns: 100, seed: 1 }
    }
}

impl Arrivals {
    /// State of the generator before the first packet (`RANDOM`), not 0: the seed through `splitmix64`.
    #[must_use]
    pub fn state(&self) -> u64 {
        let mut z = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31).max(1)
    }

    /// What each packet is told, without end.
    #[must_use]
    pub fn iter(&self) -> Iter {
        Iter { time_ns: self.start_ns, step_ns: self.step_ns, state: self.state() }
    }
}

/// The arrivals of one packet after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iter {
    time_ns: u64,
    step_ns: u32,
    state: u64,
}

impl Iterator for Iter {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let high = self.state >> 32;
        let arrival = Arrival { time_ns: self.time_ns, random: u32::try_from(high).unwrap_or(0) };
        self.time_ns = self.time_ns.wrapping_add(self.step_ns.into());
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        Some(arrival)
    }
}

/// The register `TIME_RATE` for a clock of so many MHz: nanoseconds per clock, 24 bits behind the point.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a clock of 4 MHz or more has below 256 ns"
)]
pub fn time_rate(clock_mhz: f64) -> u32 {
    (1000.0 / clock_mhz * f64::from(1u32 << 24)).round().clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_told_what_the_hardware_tells() {
        let arrivals = Arrivals { start_ns: u64::MAX, step_ns: 7, seed: 0 };
        let told: Vec<Arrival> = arrivals.iter().take(1000).collect();
        assert_eq!((told[0].time_ns, told[1].time_ns, told[2].time_ns), (u64::MAX, 6, 13));
        let mut numbers: Vec<u32> = told.iter().map(|arrival| arrival.random).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert!(numbers.len() > 990, "{} different numbers", numbers.len());
        // splitmix64 of 0 begins with this number; the high half is the first packet's.
        assert_eq!(arrivals.state(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(told[0].random, 0xe220_a839);
        assert_eq!(next_random(1), 270_369);
    }

    #[test]
    fn rates_are_fixed_point() {
        assert_eq!(time_rate(250.0), 4 << 24);
        assert_eq!(time_rate(125.0), 8 << 24);
        assert_eq!(time_rate(1.0), u32::MAX);
    }
}
