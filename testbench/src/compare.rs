// SPDX-License-Identifier: Apache-2.0
//! Model against oracle: verdict by verdict, frame by frame, map by map; each difference explained.

use crate::outputs::{Frame, Left, Outputs};
use crate::simulator::{Observed, ObservedVerdict};
use crate::{Action, Error, Oracle, OracleVerdict, Packet, PacketSet, Progress};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{EventRecord, MapContents, MapShape, RedirectTarget};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What kind of difference was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MismatchKind {
    /// Another action than the oracle's.
    Verdict,
    /// Another frame length than the oracle's.
    Length,
    /// Other bytes than the oracle's.
    Bytes,
    /// Redirected to another port, CPU or socket than the oracle's.
    Target,
    /// Said to come from another interface or queue than it did.
    Source,
    /// A frame that should have left is missing, or one too many left.
    Frames,
    /// Other records for the host than the oracle's.
    Event,
    /// Another map entry than the oracle's.
    Map,
    /// A rule of the buses was broken.
    Bus,
    /// A counter register disagrees with what was observed.
    Counter,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The packet, counted from 0, if the difference belongs to one.
    pub packet: Option<u64>,
    /// What differs.
    pub kind: MismatchKind,
    /// Expected and got, in words.
    pub message: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.packet {
            Some(packet) => write!(f, "packet {packet}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Whether the maps agree at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapsCompared {
    /// Every map that the oracle can read has the same contents.
    Equal,
    /// So many entries differ.
    Different(u64),
    /// They can not be compared, and why.
    NotCompared(String),
}

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The oracle's name.
    pub oracle: String,
    /// Packets that the oracle judged.
    pub compared: u64,
    /// Differences in packets and maps, at most one a packet.
    pub mismatches: u64,
    /// The first of them.
    pub explained: Vec<Mismatch>,
    /// Packets that the oracle could not judge, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// The maps.
    pub maps: MapsCompared,
    /// By the position of a map, the packets that its records belong to, in order, as the oracle has it; empty if packets were skipped.
    pub events: BTreeMap<usize, Vec<u64>>,
}

/// Compares a run with an oracle that has the same maps loaded.
///
/// `shapes` are those of the maps in `run`. `explain` limits
/// [`Comparison::explained`]. A packet that the oracle skips may have changed the model's maps, so then these are
/// not compared, nor are records for the host, of which the hardware does not say which packet they belong to.
///
/// Where an output lost frames, those that came out must be the expected ones in order, with some left out.
///
/// # Errors
/// [`Error::Oracle`] if the oracle's maps can not be read.
pub fn compare(
    run: &Run<'_>,
    packets: &PacketSet,
    shapes: &[MapShape],
    oracle: &mut dyn Oracle,
    explain: usize,
    progress: &mut dyn Progress,
) -> Result<Comparison, Error> {
    let mut result = Collector::new(oracle.name(), explain);
    let Run { observed, events, maps } = *run;
    let mut outputs = Outputs::new(observed);
    let mut expected_events: Vec<(u64, EventRecord)> = Vec::new();
    let total = packets.len() as u64;
    for (number, (packet, verdict)) in (0u64..).zip(packets.iter().zip(&observed.verdicts)) {
        match oracle.run(packet.data, &packet.context) {
            Err(skip) => {
                outputs.skip(verdict);
                *result.comparison.skipped.entry(skip.reason).or_default() += 1;
            }
            Ok(expected) => {
                let frame = outputs.next(verdict, &expected);
                result.comparison.compared += 1;
                expected_events.extend(expected.events.iter().map(|record| (number, record.clone())));
                let difference = packet_difference(&expected, verdict, &frame);
                if let Some((kind, message)) = difference.or_else(|| beside_difference(&packet, &frame)) {
                    result.add(Mismatch { packet: Some(number), kind, message });
                }
            }
        }
        if number % 4096 == 0 {
            progress.advance(number, total);
        }
    }
    for message in outputs.surplus() {
        result.add(Mismatch { packet: None, kind: MismatchKind::Frames, message });
    }
    result.events(&expected_events, events);
    result.maps(maps, shapes, oracle)?;
    Ok(result.comparison)
}

/// What a run of the hardware gave.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Verdicts and frames.
    pub observed: &'a Observed,
    /// Records for the host, in order.
    pub events: &'a [EventRecord],
    /// The maps afterwards.
    pub maps: &'a MapContents,
}

struct Collector {
    comparison: Comparison,
    explain: usize,
}

impl Collector {
    fn new(oracle: &str, explain: usize) -> Self {
        let comparison = Comparison {
            oracle: oracle.to_owned(),
            compared: 0,
            mismatches: 0,
            explained: Vec::new(),
            skipped: BTreeMap::new(),
            maps: MapsCompared::Equal,
            events: BTreeMap::new(),
        };
        Self { comparison, explain }
    }

    fn add(&mut self, mismatch: Mismatch) {
        self.comparison.mismatches += 1;
        if self.comparison.explained.len() < self.explain {
            self.comparison.explained.push(mismatch);
        }
    }

    /// Compares the records of each map in order; of a map, the first that differs is told.
    fn events(&mut self, expected: &[(u64, EventRecord)], got: &[EventRecord]) {
        if !self.comparison.skipped.is_empty() {
            return;
        }
        let maps: BTreeSet<usize> =
            expected.iter().map(|(_, record)| record.map).chain(got.iter().map(|r| r.map)).collect();
        for map in maps {
            let want: Vec<&(u64, EventRecord)> = expected.iter().filter(|(_, record)| record.map == map).collect();
            self.comparison.events.insert(map, want.iter().map(|(packet, _)| *packet).collect());
            let have: Vec<&EventRecord> = got.iter().filter(|record| record.map == map).collect();
            let first = want.iter().zip(&have).find(|((_, want), have)| !want.agrees(have));
            let wrong = match first {
                Some(((packet, want), have)) => {
                    let text = format!("record for map {map} is {}, expected {}", shown(&have.data), shown(&want.data));
                    Some((Some(*packet), text))
                }
                None if want.len() != have.len() => {
                    let text = format!("{} records for map {map}, expected {}", have.len(), want.len());
                    Some((want.get(have.len()).map(|(packet, _)| *packet), text))
                }
                None => None,
            };
            if let Some((packet, message)) = wrong {
                self.add(Mismatch { packet, kind: MismatchKind::Event, message });
            }
        }
    }

    fn maps(&mut self, maps: &MapContents, shapes: &[MapShape], oracle: &mut dyn Oracle) -> Result<(), Error> {
        let skipped: u64 = self.comparison.skipped.values().sum();
        if skipped > 0 {
            let reason = format!("the oracle skipped {skipped} packets, which may have changed the maps");
            self.comparison.maps = MapsCompared::NotCompared(reason);
            return Ok(());
        }
        let expected = oracle.maps()?;
        let differences = map_differences(&expected, maps, shapes);
        if !differences.is_empty() {
            self.comparison.maps = MapsCompared::Different(differences.len() as u64);
        }
        for message in differences {
            self.add(Mismatch { packet: None, kind: MismatchKind::Map, message });
        }
        Ok(())
    }
}

/// How one verdict with its packet differs from another, if it does. What became of the bytes of a packet that is
/// discarded does not matter.
#[must_use]
pub fn verdict_difference(expected: &OracleVerdict, got: &OracleVerdict) -> Option<(MismatchKind, String)> {
    let (metadata, data) = got.split();
    let frame = Frame::Present(Left { metadata, data, modified: true, source: (0, 0) });
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let seen = ObservedVerdict {
        action: got.action.code(),
        length,
        target: got.target,
        is_empty: false,
        in_clock: 0,
        verdict_clock: 0,
    };
    packet_difference(expected, &seen, &frame)
        .or_else(|| event_difference(&expected.events, &got.events).map(|message| (MismatchKind::Event, message)))
}

/// How records differ from others, if they do. Those of one map are compared in order; between maps there is none.
fn event_difference(expected: &[EventRecord], got: &[EventRecord]) -> Option<String> {
    let maps: BTreeSet<usize> = expected.iter().chain(got).map(|record| record.map).collect();
    maps.into_iter().find_map(|map| {
        let of = |records: &[EventRecord]| -> Vec<EventRecord> {
            records.iter().filter(|record| record.map == map).cloned().collect()
        };
        let (want, have) = (of(expected), of(got));
        if want.len() != have.len() {
            return Some(format!("{} records for map {map}, expected {}", have.len(), want.len()));
        }
        let at = want.iter().zip(&have).position(|(want, have)| !want.agrees(have))?;
        let (want, have) = (&want[at], &have[at]);
        Some(format!("record {at} for map {map} is {}, expected {}", shown(&have.data), shown(&want.data)))
    })
}

/// A record's bytes, and the text that they may be.
fn shown(data: &[u8]) -> String {
    let is_text = data.len() > 3 && data.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    if is_text { format!("{} \"{}\"", hex(data), data.escape_ascii()) } else { hex(data) }
}

fn packet_difference(
    expected: &OracleVerdict,
    verdict: &ObservedVerdict,
    frame: &Frame<'_>,
) -> Option<(MismatchKind, String)> {
    let ObservedVerdict { action, length, target, .. } = *verdict;
    if action != expected.action.code() {
        let got = Action::ALL.get(action as usize).map_or_else(|| format!("action {action}"), ToString::to_string);
        return Some((MismatchKind::Verdict, format!("verdict {got}, expected {}", expected.action)));
    }
    if expected.action == Action::Redirect && target != expected.target {
        let name = |target: Option<RedirectTarget>| target.map_or_else(|| "nowhere".to_owned(), |t| t.to_string());
        return Some((
            MismatchKind::Target,
            format!("redirected to {}, expected {}", name(target), name(expected.target)),
        ));
    }
    if !matches!(expected.action, Action::Pass | Action::Tx | Action::Redirect) {
        return None;
    }
    let (metadata, data) = expected.split();
    if length as usize != data.len() {
        return Some((MismatchKind::Length, format!("length {length} at the verdict, expected {}", data.len())));
    }
    match frame {
        Frame::NotDue | Frame::Lost => None,
        Frame::Missing => Some((MismatchKind::Frames, format!("verdict {}, but no frame came out", expected.action))),
        Frame::Present(left) => bytes_difference(left.data, data).or_else(|| {
            let (kind, message) = bytes_difference(left.metadata, metadata)?;
            Some((kind, format!("metadata: {message}")))
        }),
    }
}

/// What is wrong with what the core says beside a frame, if anything: a changed frame must be marked as modified, and the
/// interface and queue are those by which it came.
fn beside_difference(packet: &Packet<'_>, frame: &Frame<'_>) -> Option<(MismatchKind, String)> {
    let Frame::Present(left) = frame else { return None };
    let came = (packet.context.ingress_ifindex, packet.context.rx_queue_index);
    if left.source != came {
        let message = format!("leaves as from interface and queue {:?}, it came by {came:?}", left.source);
        return Some((MismatchKind::Source, message));
    }
    let unmarked = !left.modified && left.data != packet.data;
    unmarked.then(|| (MismatchKind::Bytes, "the frame was changed but not marked as modified".to_owned()))
}

fn bytes_difference(got: &[u8], expected: &[u8]) -> Option<(MismatchKind, String)> {
    if got.len() != expected.len() {
        return Some((MismatchKind::Length, format!("frame of {} bytes, expected {}", got.len(), expected.len())));
    }
    let at = got.iter().zip(expected).position(|(got, expected)| got != expected)?;
    let differing = got.iter().zip(expected).filter(|(got, expected)| got != expected).count();
    let message = format!(
        "byte {at} is {:#04x}, expected {:#04x} ({differing} of {} bytes differ)",
        got[at],
        expected[at],
        got.len()
    );
    Some((MismatchKind::Bytes, message))
}

/// Differences of all maps that both sides have, in the order of `shapes`, one line an entry.
#[must_use]
pub fn map_differences(expected: &MapContents, got: &MapContents, shapes: &[MapShape]) -> Vec<String> {
    let mut differences = Vec::new();
    for shape in shapes {
        let (Some(expected), Some(got)) = (expected.maps.get(&shape.name), got.maps.get(&shape.name)) else { continue };
        entry_differences(shape, expected, got, &mut differences);
    }
    differences
}

fn entry_differences(shape: &MapShape, expected: &Entries, got: &Entries, differences: &mut Vec<String>) {
    let zero = vec![0; shape.value_size as usize];
    // An absent entry of an array is zero; elsewhere it is absent.
    let look =
        |entries: &Entries, key: &Vec<u8>| entries.get(key).cloned().or_else(|| shape.array.then(|| zero.clone()));
    let mut keys: Vec<_> = expected.keys().chain(got.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (want, have) = (look(expected, key), look(got, key));
        if want != have {
            let text = |value: Option<Vec<u8>>| value.map_or_else(|| "nothing".to_owned(), |value| hex(&value));
            differences.push(format!(
                "map `{}`, key {}: {}, expected {}",
                shape.name,
                hex(key),
                text(have),
                text(want)
            ));
        }
    }
}

/// Bytes in memory order; long values are cut.
fn hex(bytes: &[u8]) -> String {
    let shown: Vec<_> = bytes.iter().take(32).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > 32 { " .." } else { "" };
    format!("[{}{more}]", shown.join(" "))
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
