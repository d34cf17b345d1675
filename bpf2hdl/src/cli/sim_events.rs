// SPDX-License-Identifier: Apache-2.0
//! `events.json`, `trace.txt`, and how many records each map got.

use bpf2hdl_interface::{MapType, print};
use bpf2hdl_testbench::SimReport;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Records of each map that takes events, by its name; none of a program without such maps.
pub(super) fn counts(result: &SimReport) -> BTreeMap<String, u64> {
    channels(result).map(|(map, name)| (name.to_owned(), records(result, map).count() as u64)).collect()
}

/// All records, by map and in order: bytes in memory order, one record a line.
pub(super) fn file(result: &SimReport) -> String {
    let mut text = String::from("{");
    for (number, (map, name)) in channels(result).enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let name = serde_json::to_string(name).unwrap_or_default();
        // Writing to a string can not fail.
        let _ = write!(text, "{comma}\n  {name}: [");
        for (number, data) in records(result, map).enumerate() {
            let comma = if number > 0 { "," } else { "" };
            let bytes: Vec<String> = data.iter().map(|byte| format!("\"{byte:#04x}\"")).collect();
            let _ = write!(text, "{comma}\n    {{\"data\": [{}]}}", bytes.join(", "));
        }
        text.push(']');
    }
    text.push_str("\n}\n");
    text
}

/// The maps that take events, prints aside: position and name.
fn channels(result: &SimReport) -> impl Iterator<Item = (usize, &str)> {
    let all = result.manifest.maps.iter().enumerate();
    let is_channel = |kind: MapType| kind == MapType::PERF_EVENT_ARRAY || kind == MapType::RINGBUF;
    all.filter(move |(_, map)| is_channel(map.map_type) && map.name != print::MAP_NAME)
        .map(|(position, map)| (position, map.name.as_str()))
}

fn records(result: &SimReport, map: usize) -> impl Iterator<Item = &[u8]> {
    result.events.iter().filter(move |record| record.map == map).map(|record| record.data.as_slice())
}

/// The position of the channel of prints.
fn trace(result: &SimReport) -> Option<usize> {
    result.manifest.maps.iter().position(|map| map.name == print::MAP_NAME)
}

/// How many lines were printed.
pub(super) fn prints(result: &SimReport) -> u64 {
    trace(result).map_or(0, |map| records(result, map).count() as u64)
}

/// What was printed, one print a line, behind the number of its packet: that of the reference, because a record does not say it, or `-` where the
/// reference has not printed the same. Newlines, carriage returns and backslashes are escaped as in C.
pub(super) fn trace_file(result: &SimReport) -> Vec<u8> {
    let Some(map) = trace(result) else { return Vec::new() };
    let same = result.comparison.as_ref().filter(|comparison| comparison.mismatches == 0);
    let packets = same.and_then(|comparison| comparison.events.get(&map)).map_or(&[][..], Vec::as_slice);
    let mut text = Vec::new();
    for (number, line) in records(result, map).enumerate() {
        text.extend(packets.get(number).map_or_else(|| "-".to_owned(), u64::to_string).bytes());
        text.extend(b": ");
        for &byte in line {
            match byte {
                b'\n' => text.extend(b"\\n"),
                b'\r' => text.extend(b"\\r"),
                b'\\' => text.extend(b"\\\\"),
                other => text.push(other),
            }
        }
        text.push(b'\n');
    }
    text
}
