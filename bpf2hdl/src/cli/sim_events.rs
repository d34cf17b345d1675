// SPDX-License-Identifier: Apache-2.0
//! `events.json`, and how many records each map got.

use bpf2hdl_interface::MapType;
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

/// The maps that take events: position and name.
fn channels(result: &SimReport) -> impl Iterator<Item = (usize, &str)> {
    let all = result.manifest.maps.iter().enumerate();
    let is_channel = |kind: MapType| kind == MapType::PERF_EVENT_ARRAY || kind == MapType::RINGBUF;
    all.filter(move |(_, map)| is_channel(map.map_type)).map(|(position, map)| (position, map.name.as_str()))
}

fn records(result: &SimReport, map: usize) -> impl Iterator<Item = &[u8]> {
    result.events.iter().filter(move |record| record.map == map).map(|record| record.data.as_slice())
}
