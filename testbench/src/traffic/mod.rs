// SPDX-License-Identifier: Apache-2.0
//! A seeded generator of realistic Ethernet frames: the same seed gives the same frames on every machine.
//!
//! Frames have VLAN tags (one or two), ARP, IPv4 with options and fragments, IPv6 with extension headers, TCP, UDP,
//! ICMP and others. Addresses and ports come from small pools, so that flows repeat and map entries are shared.
//!
//! ```
//! use bpf2hdl_testbench::traffic::{Profile, SizeSpec, Traffic};
//! let packets = Traffic::new(7).size(SizeSpec::Fixed(64)).profile(Profile::WellFormed).generate(1000);
//! assert!(packets.iter().all(|packet| packet.data.len() == 64));
//! ```

mod build;
mod headers;
mod mutate;
mod random;

use crate::capture::{self, CaptureError};
use crate::{PacketContext, PacketSet};
use random::Random;
use std::path::Path;

/// Lengths of frames in bytes, without FCS. Frames have 14 bytes at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeSpec {
    /// Every frame has this length, whatever the profile.
    Fixed(usize),
    /// Any length from `min` to `max`, all alike.
    Range {
        /// Shortest.
        min: usize,
        /// Longest.
        max: usize,
    },
    /// `min`, `min + 1`, ..., `max` and again from `min`, whatever the profile.
    Sweep {
        /// Shortest.
        min: usize,
        /// Longest.
        max: usize,
    },
    /// As on the Internet: 60 to 1514 bytes, many short, some about 590, some full.
    Natural,
}

/// How well the frames are made. Malformed and mutated frames may be cut down to 14 bytes, unless the size is fixed
/// or a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Eight well-formed frames of ten, one malformed, one mutated.
    Mixed,
    /// Right headers, lengths and checksums (headers that do not fit the wanted length are cut off by its end).
    WellFormed,
    /// Wrong lengths, versions and header sizes, frames that end inside a header.
    Malformed,
    /// Well-formed frames with one to four bytes changed where programs look.
    Mutated,
}

/// The generator. Frame `n` depends on the seed, the settings and `n` only.
#[derive(Debug, Clone)]
pub struct Traffic {
    random: Random,
    size: SizeSpec,
    profile: Profile,
    made: usize,
}

impl Traffic {
    /// A generator of natural sizes and mixed profile.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), size: SizeSpec::Natural, profile: Profile::Mixed, made: 0 }
    }

    /// Sets the lengths.
    #[must_use]
    pub fn size(mut self, size: SizeSpec) -> Self {
        self.size = size;
        self
    }

    /// Sets the profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The next frame.
    pub fn frame(&mut self) -> Vec<u8> {
        let size = self.next_size().max(14);
        self.made += 1;
        let exact = matches!(self.size, SizeSpec::Fixed(_) | SizeSpec::Sweep { .. });
        let (mut frame, marks) = build::frame(&mut self.random, size);
        let profile = match (self.profile, self.random.below(10)) {
            (Profile::Mixed, 0) => Profile::Malformed,
            (Profile::Mixed, 1) => Profile::Mutated,
            (Profile::Mixed, _) => Profile::WellFormed,
            (profile, _) => profile,
        };
        match profile {
            Profile::Malformed => mutate::malform(&mut self.random, &mut frame, &marks, !exact),
            Profile::Mutated => mutate::mutate(&mut self.random, &mut frame, &marks, !exact),
            Profile::Mixed | Profile::WellFormed => {}
        }
        frame
    }

    /// The next `count` frames, with the default context.
    pub fn generate(&mut self, count: usize) -> PacketSet {
        let mut packets = PacketSet::new();
        for _ in 0..count {
            packets.push(&self.frame(), PacketContext::default());
        }
        packets
    }

    fn next_size(&mut self) -> usize {
        match self.size {
            SizeSpec::Fixed(size) => size,
            SizeSpec::Range { min, max } => self.random.within(min, max),
            SizeSpec::Sweep { min, max } => min + self.made % (max.saturating_sub(min) + 1),
            SizeSpec::Natural => match self.random.below(12) {
                0..4 => 60,
                4..7 => self.random.within(60, 128),
                7..10 => self.random.within(500, 680),
                10 => self.random.within(60, 1514),
                _ => 1514,
            },
        }
    }
}

/// Writes `count` frames as a pcap file.
///
/// # Errors
/// [`CaptureError`] naming the path.
pub fn write_capture(path: &Path, traffic: &mut Traffic, count: usize) -> Result<(), CaptureError> {
    let packets = traffic.generate(count);
    capture::write(path, packets.iter().map(|packet| packet.data))
}

#[cfg(test)]
mod tests;
