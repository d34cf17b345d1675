// SPDX-License-Identifier: Apache-2.0
//! The result of a simulation and how its figures are worked out.

use crate::compare::{Comparison, Mismatch, MismatchKind};
use crate::simulator::{Frames, Observed, ObservedVerdict, ReadyPattern, RunOptions};
use crate::{Action, Counters, MapContents, MapShape, PacketSet};
use bpf2hdl_host::events;
use bpf2hdl_interface::registers::Counter;
use bpf2hdl_interface::{EventRecord, Manifest, RedirectTarget, print};

/// The least and the greatest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinMax {
    /// The least.
    pub min: u64,
    /// The greatest.
    pub max: u64,
}

/// What became of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The action.
    pub action: Action,
    /// Length of the frame after the program's edits, in bytes.
    pub length: u16,
    /// Where a redirected frame goes.
    pub target: Option<RedirectTarget>,
}

/// Everything that a simulation tells.
#[derive(Debug, Clone)]
pub struct SimReport {
    /// The design's manifest.
    pub manifest: Manifest,
    /// Packets offered.
    pub packets: u64,
    /// Verdicts by action, index [`Action::code`].
    pub actions: [u64; 5],
    /// Clocks from the first offered beat to the last verdict, both included.
    pub cycles: u64,
    /// Clocks from the first verdict to the last, both included; 0 without packets.
    pub verdict_cycles: u64,
    /// Packets divided by the clocks from the first to the last verdict, both included; 0 without packets.
    ///
    /// The latency of the first packet is not in it, the rate of the input bus is: a packet of several beats can
    /// not reach 1.
    pub packets_per_cycle: f64,
    /// Clocks from the first beat accepted to the first output beat offered (pass, tx, redirect) or to the verdict (others),
    /// over all packets. Packets whose frame was lost, or can not be told from a lost one, are not in it.
    pub latency_cycles: Option<MinMax>,
    /// Clocks in which the input offered a beat that was not taken.
    pub input_stall_cycles: u64,
    /// Beats that the input accepted.
    pub beats: u64,
    /// One verdict per packet, in arrival order.
    pub verdicts: Vec<Verdict>,
    /// Frames to the DMA.
    pub pass: Frames,
    /// Frames to the MAC.
    pub tx: Frames,
    /// Frames that were redirected.
    pub redirect: Frames,
    /// Records for the host, in order.
    pub events: Vec<EventRecord>,
    /// Contents of all maps afterwards.
    pub maps: MapContents,
    /// What is needed to write [`SimReport::maps`].
    pub map_shapes: Vec<MapShape>,
    /// The counter registers afterwards.
    pub counters: Counters,
    /// The comparison, if there was an oracle.
    pub comparison: Option<Comparison>,
    /// Broken bus rules, counters that disagree, missing or surplus frames.
    pub checks: Vec<Mismatch>,
    /// Whether the model came from the cache.
    pub model_cached: bool,
    /// Seconds for finding or building the model.
    pub build_seconds: f64,
    /// Seconds for running the packets.
    pub run_seconds: f64,
}

impl SimReport {
    /// The maps' names by number.
    #[must_use]
    pub fn map_names(&self) -> Vec<&str> {
        self.manifest.maps.iter().map(|map| map.name.as_str()).collect()
    }

    /// All mismatches: against the oracle, and of the checks that need none.
    #[must_use]
    pub fn mismatches(&self) -> u64 {
        self.comparison.as_ref().map_or(0, |comparison| comparison.mismatches) + self.checks.len() as u64
    }
}

/// The records on the stream of events, those of prints as lines, and what is wrong with it.
pub(crate) fn events(observed: &Observed, manifest: &Manifest) -> (Vec<EventRecord>, Vec<Mismatch>) {
    let formats = manifest.print_formats();
    let mut parser = events::Parser::default();
    let (mut records, mut wrong) = (Vec::new(), Vec::new());
    for bytes in observed.events.iter() {
        match parser.parse(bytes) {
            Ok(record) => {
                let (map, data) = (usize::from(record.map), record.bytes());
                let line = formats.as_ref().filter(|(channel, _)| *channel == map);
                // A record that is no print differs from whatever the reference prints.
                let data = line.and_then(|(_, formats)| print::line(formats, &data)).unwrap_or(data);
                records.push(EventRecord::new(map, data));
            }
            Err(error) => {
                wrong.push(Mismatch {
                    packet: None,
                    kind: MismatchKind::Event,
                    message: format!("event stream: {error}"),
                });
            }
        }
    }
    (records, wrong)
}

/// Verdicts by action. Numbers that are no action count as aborted (and were reported as a broken rule).
pub(crate) fn count_actions(verdicts: &[Verdict]) -> [u64; 5] {
    let mut counts = [0; 5];
    for verdict in verdicts {
        counts[verdict.action as usize] += 1;
    }
    counts
}

pub(crate) fn verdicts(observed: &Observed) -> Vec<Verdict> {
    let verdict = |verdict: &ObservedVerdict| Verdict {
        action: Action::from_xdp(verdict.action),
        length: u16::try_from(verdict.length).unwrap_or(u16::MAX),
        target: verdict.target,
    };
    observed.verdicts.iter().map(verdict).collect()
}

/// `cycles`, `verdict_cycles` and `packets_per_cycle` of [`SimReport`].
pub(crate) fn rate(observed: &Observed) -> (u64, u64, f64) {
    let (Some(first), Some(last)) = (observed.verdicts.first(), observed.verdicts.last()) else { return (0, 0, 0.0) };
    let cycles = last.verdict_clock - observed.offer_clock + 1;
    let span = last.verdict_clock - first.verdict_clock + 1;
    #[expect(clippy::cast_precision_loss, reason = "counts of packets and clocks are far below 2^52")]
    let rate = observed.verdicts.len() as f64 / span as f64;
    (cycles, span, rate)
}

/// `latency_cycles` of [`SimReport`].
pub(crate) fn latency(observed: &Observed) -> Option<MinMax> {
    let mut range: Option<MinMax> = None;
    let mut outs = [Action::Pass, Action::Tx, Action::Redirect].map(|action| out_clocks(observed, action));
    for verdict in &observed.verdicts {
        let end = match verdict.leaves_by() {
            Some(action) => outs[action as usize - Action::Pass as usize].next(),
            None => Some(verdict.verdict_clock),
        };
        let Some(latency) = end.map(|end| end.saturating_sub(verdict.in_clock)) else { continue };
        let known = range.unwrap_or(MinMax { min: latency, max: latency });
        range = Some(MinMax { min: known.min.min(latency), max: known.max.max(latency) });
    }
    range
}

/// When the frames of an action came out; nothing if some were lost.
fn out_clocks(observed: &Observed, action: Action) -> impl Iterator<Item = u64> + '_ {
    let frames = match action {
        Action::Pass => &observed.pass,
        Action::Tx => &observed.tx,
        _ => &observed.redirect,
    };
    let due = observed.verdicts.iter().filter(|verdict| verdict.leaves_by() == Some(action)).count();
    let take = if frames.len() == due { due } else { 0 };
    frames.out_clocks.iter().take(take).copied()
}

/// Checks that need no oracle: bus rules, counters, frames.
pub(crate) fn checks(
    observed: &Observed,
    packets: &PacketSet,
    counters: &Counters,
    options: &RunOptions,
) -> Vec<Mismatch> {
    let lossless = options.lossless;
    let mut found = Vec::new();
    let mut add = |kind, message: String| found.push(Mismatch { packet: None, kind, message });
    for text in &observed.violation_texts {
        add(MismatchKind::Bus, text.clone());
    }
    if observed.violations > observed.violation_texts.len() as u64 {
        add(MismatchKind::Bus, format!("{} broken bus rules in all", observed.violations));
    }
    let verdicts = verdicts(observed);
    for (frames, action, lost, ready) in [
        (&observed.pass, Action::Pass, Counter::PassLostPackets, options.pass_ready),
        (&observed.tx, Action::Tx, Counter::TxLostPackets, options.tx_ready),
        (&observed.redirect, Action::Redirect, Counter::RedirectLostPackets, options.redirect_ready),
    ] {
        let due = observed.verdicts.iter().filter(|verdict| verdict.leaves_by() == Some(action)).count() as u64;
        let (came, lost) = (frames.len() as u64, counters.get(lost));
        // An output that takes nothing keeps the frames that have found room.
        let kept = if ready == ReadyPattern::Never { due.saturating_sub(came + lost) } else { 0 };
        if came + lost + kept != due || (lossless && lost > 0) {
            add(
                MismatchKind::Frames,
                format!("{due} packets should leave by {action}, but {came} frames came out and {lost} were lost"),
            );
        }
    }
    let wanted: Vec<RedirectTarget> = verdicts.iter().filter_map(|verdict| verdict.target).collect();
    let came: Vec<RedirectTarget> = (0..observed.redirect.len()).filter_map(|i| observed.redirect.target(i)).collect();
    if !is_subsequence(&came, &wanted) || came.len() < observed.redirect.len() {
        add(MismatchKind::Target, "frames left to other targets than the verdicts named".to_owned());
    }
    for (counter, expected) in expected_counters(observed, packets, &verdicts) {
        let got = counters.get(counter);
        if got != expected {
            add(MismatchKind::Counter, format!("counter {} is {got}, observed {expected}", counter.name()));
        }
    }
    found
}

/// Whether `part` is `whole` with some elements left out.
fn is_subsequence(part: &[RedirectTarget], whole: &[RedirectTarget]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|one| rest.any(|other| other == one))
}

/// What the counters must say, as far as it can be observed from outside.
fn expected_counters(observed: &Observed, packets: &PacketSet, verdicts: &[Verdict]) -> Vec<(Counter, u64)> {
    const BY_ACTION: [(Counter, Counter); 5] = [
        (Counter::AbortedPackets, Counter::AbortedBytes),
        (Counter::DropPackets, Counter::DropBytes),
        (Counter::PassPackets, Counter::PassBytes),
        (Counter::TxPackets, Counter::TxBytes),
        (Counter::RedirectPackets, Counter::RedirectBytes),
    ];
    let mut bytes = [0u64; 5];
    for (verdict, packet) in verdicts.iter().zip(packets.iter()) {
        bytes[verdict.action as usize] += packet.data.len() as u64;
    }
    let counts = count_actions(verdicts);
    let nowhere =
        observed.verdicts.iter().filter(|v| v.action == Action::Redirect.code() && v.target.is_none()).count();
    let mut expected = vec![
        (Counter::RxPackets, packets.len() as u64),
        (Counter::RxBytes, bytes.iter().sum()),
        (Counter::InputStallCycles, observed.input_stall_cycles),
        (Counter::RedirectNoTargetPackets, nowhere as u64),
        (Counter::EventRecords, observed.events.len() as u64),
    ];
    for (index, (packet_counter, byte_counter)) in BY_ACTION.into_iter().enumerate() {
        expected.push((packet_counter, counts[index]));
        expected.push((byte_counter, bytes[index]));
    }
    expected
}
