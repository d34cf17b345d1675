// SPDX-License-Identifier: Apache-2.0
//! One running model: its registers and its packet streams.

use crate::model::{
    Access, Instance, Meanwhile, Model, Pattern, RunSpec, SINK_EVENT, SINK_PASS, SINK_REDIRECT, SINK_TX, Status,
    Summary,
};
use crate::packets::slice;
use crate::{Action, Error, PacketSet, Progress};
use bpf2hdl_host::{RegisterError, Registers};
use bpf2hdl_interface::RedirectTarget;
use std::path::Path;

/// Clocks between two calls of those who watch a run.
const PROGRESS_CLOCKS: u32 = 1 << 16;

/// How the input offers beats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SourcePattern {
    /// A beat in each clock, packet behind packet.
    #[default]
    FullRate,
    /// In each clock a new beat is put up with probability `numerator / denominator`.
    Random {
        /// Wanted cases.
        numerator: u32,
        /// All cases.
        denominator: u32,
    },
}

/// How an output takes beats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReadyPattern {
    /// In each clock.
    #[default]
    Always,
    /// In each clock with probability `numerator / denominator`.
    Random {
        /// Wanted cases.
        numerator: u32,
        /// All cases.
        denominator: u32,
    },
    /// Changes between long stalls, toggling each clock, ready only after valid, half and full rate.
    Adversarial,
    /// In no clock: what is at the other end has stopped.
    Never,
}

impl From<SourcePattern> for Pattern {
    fn from(pattern: SourcePattern) -> Self {
        match pattern {
            SourcePattern::FullRate => Self { kind: 0, numerator: 1, denominator: 1 },
            SourcePattern::Random { numerator, denominator } => Self { kind: 1, numerator, denominator },
        }
    }
}

impl From<ReadyPattern> for Pattern {
    fn from(pattern: ReadyPattern) -> Self {
        match pattern {
            ReadyPattern::Always => Self { kind: 0, numerator: 1, denominator: 1 },
            ReadyPattern::Random { numerator, denominator } => Self { kind: 1, numerator, denominator },
            ReadyPattern::Adversarial => Self { kind: 2, numerator: 0, denominator: 0 },
            ReadyPattern::Never => Self { kind: 3, numerator: 0, denominator: 0 },
        }
    }
}

/// How a run is driven.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// The input.
    pub source: SourcePattern,
    /// The output to the DMA.
    pub pass_ready: ReadyPattern,
    /// The output to the MAC.
    pub tx_ready: ReadyPattern,
    /// The output of redirects.
    pub redirect_ready: ReadyPattern,
    /// The output of events.
    pub event_ready: ReadyPattern,
    /// Seed of all patterns.
    pub seed: u64,
    /// No movement for so many clocks is a hang.
    pub hang_clocks: u64,
    /// Whether the core is in lossless mode, so that every passed frame must come out.
    pub lossless: bool,
}

impl RunOptions {
    /// Packets back to back, and outputs that take everything.
    pub const FULL_RATE: Self = Self {
        source: SourcePattern::FullRate,
        pass_ready: ReadyPattern::Always,
        tx_ready: ReadyPattern::Always,
        redirect_ready: ReadyPattern::Always,
        event_ready: ReadyPattern::Always,
        seed: 1,
        hang_clocks: 100_000,
        lossless: false,
    };
}

/// What the harness saw of one packet. Clocks count from the creation of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObservedVerdict {
    /// `mon_action`.
    pub action: u32,
    /// `mon_length` in bytes.
    pub length: u32,
    /// `mon_tid` and `mon_tdest`.
    pub target: Option<RedirectTarget>,
    /// The target is a devmap in which there is no port: no frame leaves.
    pub is_empty: bool,
    /// Clock in which the first beat was accepted.
    pub in_clock: u64,
    /// Clock of the verdict.
    pub verdict_clock: u64,
}

impl ObservedVerdict {
    /// The action by whose output the frame leaves; `None` for discarded ones and redirects to nowhere.
    #[must_use]
    pub fn leaves_by(&self) -> Option<Action> {
        match Action::from_xdp(self.action) {
            Action::Aborted | Action::Drop => None,
            Action::Redirect => self.target.filter(|_| !self.is_empty).map(|_| Action::Redirect),
            action @ (Action::Pass | Action::Tx) => Some(action),
        }
    }
}

/// Frames that left by one output, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frames {
    bytes: Vec<u8>,
    ends: Vec<u64>,
    /// Clock in which each frame's first beat was first offered.
    pub(crate) out_clocks: Vec<u64>,
    modified: Vec<bool>,
    /// Bytes of metadata before each frame; they are part of `bytes`.
    metadata: Vec<usize>,
    targets: Vec<Option<RedirectTarget>>,
    sources: Vec<u32>,
}

impl Frames {
    /// Unmodified frames from interface 1, queue 0.
    #[cfg(test)]
    pub(crate) fn of(frames: &[&[u8]]) -> Self {
        let mut end = 0;
        let ends = frames.iter().map(|frame| {
            end += frame.len() as u64;
            end
        });
        let count = frames.len();
        Self {
            ends: ends.collect(),
            bytes: frames.concat(),
            out_clocks: vec![0; count],
            modified: vec![false; count],
            metadata: vec![0; count],
            targets: vec![None; count],
            sources: vec![1; count],
        }
    }

    /// Number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of a frame, counted from 0, without its metadata.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.split(index).map(|(_, frame)| frame)
    }

    /// The metadata that came before a frame.
    #[must_use]
    pub fn metadata(&self, index: usize) -> Option<&[u8]> {
        self.split(index).map(|(metadata, _)| metadata)
    }

    fn split(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let all = slice(&self.bytes, &self.ends, index)?;
        all.split_at_checked(self.metadata.get(index).copied().unwrap_or(0)).or(Some((all, &[])))
    }

    /// Adds a frame of `other`, with this target.
    pub(crate) fn push(&mut self, other: &Self, index: usize, target: RedirectTarget) {
        self.bytes.extend(slice(&other.bytes, &other.ends, index).unwrap_or_default());
        self.ends.push(self.bytes.len() as u64);
        self.out_clocks.extend(other.out_clocks.get(index));
        self.modified.extend(other.modified.get(index));
        self.metadata.extend(other.metadata.get(index));
        self.sources.extend(other.sources.get(index));
        self.targets.push(Some(target));
    }

    /// Whether two frames have the same bytes, and the same is said of them but for the target.
    pub(crate) fn are_copies(&self, a: usize, b: usize) -> bool {
        self.split(a) == self.split(b) && self.modified(a) == self.modified(b) && self.source(a) == self.source(b)
    }

    /// Whether the core marked a frame as modified.
    #[must_use]
    pub fn modified(&self, index: usize) -> Option<bool> {
        self.modified.get(index).copied()
    }

    /// Where a frame of the redirect output goes.
    #[must_use]
    pub fn target(&self, index: usize) -> Option<RedirectTarget> {
        self.targets.get(index).copied().flatten()
    }

    /// Where a frame came from: `ingress_ifindex` and `rx_queue_index`.
    #[must_use]
    pub fn source(&self, index: usize) -> Option<(u32, u32)> {
        self.sources.get(index).map(|source| (source & 0xffff, source >> 16))
    }

    /// All frames in order, without their metadata.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + '_ {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }
}

/// Everything observed in one run.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Verdicts in arrival order, one per packet.
    pub verdicts: Vec<ObservedVerdict>,
    /// Frames to the DMA.
    pub pass: Frames,
    /// Frames to the MAC.
    pub tx: Frames,
    /// Frames that were redirected.
    pub redirect: Frames,
    /// Records for the host, as they stand on the stream.
    pub events: Frames,
    /// Clock in which the first beat was offered.
    pub offer_clock: u64,
    /// Clocks with valid and not ready at the input.
    pub input_stall_cycles: u64,
    /// Beats accepted.
    pub beats: u64,
    /// How often a rule of the buses was broken.
    pub violations: u64,
    /// The first broken rules, with clock and bus.
    pub violation_texts: Vec<String>,
}

/// A running model after reset. Its registers are reached through [`Registers`].
pub struct Simulator {
    instance: Instance,
}

impl Simulator {
    /// Starts a model and resets it; `seed` also fills registers that have no reset.
    ///
    /// # Errors
    /// [`Error::Stopped`] if the design stops in reset; [`Error::Model`] if waves are wanted of a model built without.
    pub fn new(model: &Model, seed: u64, waves: Option<&Path>) -> Result<Self, Error> {
        if waves.is_some() && !model.trace {
            return Err(Error::Model("this model was built without waveforms".to_owned()));
        }
        Ok(Self { instance: Instance::new(model.library.clone(), seed, waves)? })
    }

    pub(crate) fn into_instance(self) -> Instance {
        self.instance
    }

    pub(crate) fn from_instance(instance: Instance) -> Self {
        Self { instance }
    }

    /// Offers all packets, and returns when every verdict and every frame has come out.
    ///
    /// # Errors
    /// [`Error::Hang`] with the packet number, [`Error::Stopped`]; [`Error::Packet`] for a packet without a byte
    /// or an interface or queue number over 16 bits.
    pub fn run(
        &mut self,
        packets: &PacketSet,
        options: &RunOptions,
        progress: &mut dyn Progress,
    ) -> Result<Observed, Error> {
        let total = packets.len() as u64;
        self.run_raw(packets, options, PROGRESS_CLOCKS, &mut |_, verdicts| progress.advance(verdicts, total))
    }

    /// As [`Simulator::run`]; `host` is called every 65,536 clocks and may use the registers, while packets go on.
    ///
    /// # Errors
    /// As [`Simulator::run`].
    pub fn run_with_host(
        &mut self,
        packets: &PacketSet,
        options: &RunOptions,
        host: &mut dyn FnMut(&mut dyn Registers),
    ) -> Result<Observed, Error> {
        self.run_with_host_every(PROGRESS_CLOCKS, packets, options, host)
    }

    /// As [`Simulator::run_with_host`]; `host` is called every `clocks` clocks, rounded up to a power of two.
    ///
    /// # Errors
    /// As [`Simulator::run`].
    pub fn run_with_host_every(
        &mut self,
        clocks: u32,
        packets: &PacketSet,
        options: &RunOptions,
        host: &mut dyn FnMut(&mut dyn Registers),
    ) -> Result<Observed, Error> {
        self.run_raw(packets, options, clocks, &mut |access, _| host(access))
    }

    fn run_raw(
        &mut self,
        packets: &PacketSet,
        options: &RunOptions,
        progress_clocks: u32,
        meanwhile: &mut Meanwhile<'_>,
    ) -> Result<Observed, Error> {
        let user = tuser(packets)?;
        let total = packets.len() as u64;
        let mut spec = RunSpec {
            bytes: &packets.bytes,
            ends: &packets.ends,
            user: &user,
            source: options.source.into(),
            sinks: [options.pass_ready, options.tx_ready, options.redirect_ready, options.event_ready]
                .map(Pattern::from),
            seed: options.seed,
            hang_clocks: options.hang_clocks,
            lossless: options.lossless,
            progress_clocks,
            progress: &mut |access, verdicts| meanwhile(access, verdicts),
        };
        let (status, summary, raw) = self.instance.run(&mut spec);
        match status {
            Status::Ok => {}
            Status::Hang => return Err(self.hang(&summary, total, options.hang_clocks)),
            _ => return Err(Error::Stopped(self.instance.message())),
        }
        let verdict = |raw: &crate::model::RawVerdict| ObservedVerdict {
            action: raw.action,
            length: raw.length,
            target: wire_target(raw.target_kind, raw.target),
            is_empty: false,
            in_clock: raw.in_clock,
            verdict_clock: raw.verdict_clock,
        };
        Ok(Observed {
            verdicts: raw.iter().map(verdict).collect(),
            pass: self.frames(SINK_PASS),
            tx: self.frames(SINK_TX),
            redirect: self.frames(SINK_REDIRECT),
            events: self.frames(SINK_EVENT),
            offer_clock: summary.offer_clock,
            input_stall_cycles: summary.stall_clocks,
            beats: summary.beats,
            violations: summary.violations,
            violation_texts: self.instance.violations().lines().map(str::to_owned).collect(),
        })
    }

    fn hang(&self, summary: &Summary, total: u64, clocks: u64) -> Error {
        let packet = (summary.verdicts < total).then_some(summary.verdicts);
        let frames = |sink| self.instance.output(sink).0.len();
        let detail = format!(
            "clock {}: {} beats accepted, {} of {total} verdicts, {} frames passed, {} sent back, {} redirected",
            summary.end_clock,
            summary.beats,
            summary.verdicts,
            frames(SINK_PASS),
            frames(SINK_TX),
            frames(SINK_REDIRECT)
        );
        Error::Hang { packet, clocks, detail }
    }

    fn frames(&self, sink: u32) -> Frames {
        let (frames, bytes) = self.instance.output(sink);
        let mut end = 0;
        let ends = frames.iter().map(|frame| {
            end += u64::from(frame.length);
            end
        });
        Frames {
            bytes: bytes.to_vec(),
            ends: ends.collect(),
            out_clocks: frames.iter().map(|frame| frame.out_clock).collect(),
            modified: frames.iter().map(|frame| frame.flags & 1 != 0).collect(),
            metadata: frames.iter().map(|frame| (frame.flags >> 8 & 0xff) as usize).collect(),
            targets: frames.iter().map(|frame| wire_target(frame.target_kind, frame.target)).collect(),
            sources: frames.iter().map(|frame| frame.source).collect(),
        }
    }
}

fn register_error(access: &Access<'_>, status: Status, what: &str, address: u16) -> RegisterError {
    RegisterError(match status {
        Status::BusError => format!("{what} {address:#06x}: the core answered with an error"),
        Status::TimeOut => format!("{what} {address:#06x}: no answer from the core"),
        _ => format!("{what} {address:#06x}: the design stopped: {}", access.message()),
    })
}

impl Registers for Access<'_> {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        self.read(address).map_err(|status| register_error(self, status, "read", address))
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        self.write(address, value).map_err(|status| register_error(self, status, "write", address))
    }
}

impl Registers for Simulator {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        self.instance.access().read32(address)
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        self.instance.access().write32(address, value)
    }
}

/// The target that `tid` and `tdest` say; a kind that is none counts as no target.
fn wire_target(kind: u32, number: u32) -> Option<RedirectTarget> {
    RedirectTarget::from_wires(u8::try_from(kind).ok()?, number)
}

/// `s_axis_tuser` of each packet's first beat.
fn tuser(packets: &PacketSet) -> Result<Vec<u32>, Error> {
    let one = |(number, packet): (usize, crate::Packet<'_>)| {
        let number = number as u64;
        if packet.data.is_empty() {
            return Err(Error::Packet(number, "a packet needs at least one byte".to_owned()));
        }
        let half = |value: u32, what: &str| {
            u16::try_from(value).map_err(|_| Error::Packet(number, format!("{what} {value} does not fit 16 bits")))
        };
        let ifindex = half(packet.context.ingress_ifindex, "interface")?;
        let queue = half(packet.context.rx_queue_index, "queue")?;
        Ok(u32::from(queue) << 16 | u32::from(ifindex))
    };
    packets.iter().enumerate().map(one).collect()
}
