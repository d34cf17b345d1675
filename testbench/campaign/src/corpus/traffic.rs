// SPDX-License-Identifier: Apache-2.0
//! Packets for a program of the corpus.

use super::directed::directed;
use bpf2hdl::ir::Function;
use bpf2hdl_testbench::traffic::{Profile, SizeSpec, Traffic as Source};
use bpf2hdl_testbench::{PacketContext, PacketSet, capture};
use std::path::Path;

/// What programs are judged on: generated frames, and frames that others captured.
#[derive(Debug)]
pub struct Traffic {
    generated: usize,
    captured: PacketSet,
}

impl Traffic {
    /// With so many generated frames, and those of a capture.
    ///
    /// # Errors
    /// The capture can not be read.
    pub fn new(generated: usize, captures: Option<&Path>) -> Result<Self, String> {
        let captured = captures.map(capture::read).transpose().map_err(|error| error.to_string())?;
        Ok(Self { generated, captured: captured.unwrap_or_default() })
    }

    /// The frames with what `function` looks for written into every other one of the generated; then the captured ones as they are.
    pub(super) fn packets(&self, function: &Function, seed: u64) -> PacketSet {
        let mut packets = directed(function, &generated(self.generated, seed), seed);
        for packet in self.captured.iter() {
            packets.push(packet.data, packet.context);
        }
        packets
    }
}

/// Frames as on a network, short ones (most headers are cut somewhere), and wrong ones.
fn generated(count: usize, seed: u64) -> PacketSet {
    let mut packets = PacketSet::new();
    let kinds = [
        (Profile::WellFormed, SizeSpec::Natural),
        (Profile::WellFormed, SizeSpec::Range { min: 60, max: 160 }),
        (Profile::Mixed, SizeSpec::Range { min: 14, max: 200 }),
        (Profile::Malformed, SizeSpec::Range { min: 14, max: 120 }),
    ];
    let mut sources: Vec<Source> =
        (0u64..).zip(kinds).map(|(n, (profile, size))| Source::new(seed * 8 + n).profile(profile).size(size)).collect();
    let kinds = sources.len();
    for number in 0..count {
        packets.push(&sources[number % kinds].frame(), PacketContext::default());
    }
    packets
}
