// SPDX-License-Identifier: Apache-2.0
//! Model against oracle: verdict by verdict, frame by frame, map by map; each difference explained.

use crate::outputs::{Frame, Left, Outputs};
use crate::simulator::{Observed, ObservedVerdict};
use crate::{Action, Error, Oracle, OracleVerdict, Packet, PacketSet, Progress};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{MapContents, MapShape, RedirectTarget};
use std::collections::BTreeMap;
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
}

/// Compares a run with an oracle that has the same maps loaded.
///
/// `maps` are the model's contents after the run, for the maps in `shapes`. `explain` limits
/// [`Comparison::explained`]. A packet that the oracle skips may have changed the model's maps, so then these are
/// not compared.
///
/// Where an output lost frames, those that came out must be the expected ones in order, with some left out.
///
/// # Errors
/// [`Error::Oracle`] if the oracle's maps can not be read.
pub fn compare(
    observed: &Observed,
    packets: &PacketSet,
    maps: &MapContents,
    shapes: &[MapShape],
    oracle: &mut dyn Oracle,
    explain: usize,
    progress: &mut dyn Progress,
) -> Result<Comparison, Error> {
    let mut result = Collector::new(oracle.name(), explain);
    let mut outputs = Outputs::new(observed);
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
    result.maps(maps, shapes, oracle)?;
    Ok(result.comparison)
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
        };
        Self { comparison, explain }
    }

    fn add(&mut self, mismatch: Mismatch) {
        self.comparison.mismatches += 1;
        if self.comparison.explained.len() < self.explain {
            self.comparison.explained.push(mismatch);
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
    let seen = ObservedVerdict { action: got.action.code(), length, target: got.target, in_clock: 0, verdict_clock: 0 };
    packet_difference(expected, &seen, &frame)
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
