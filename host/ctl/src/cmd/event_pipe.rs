// SPDX-License-Identifier: Apache-2.0
//! `map event_pipe MAP [count N] [seconds S]`: the records that programs send through a perf event array or a ring buffer, as bpftool
//! shows them (`map_perf_ring.c`).

use super::map::Named;
use super::map_show::plain;
use crate::device::surprise;
use crate::error::{Code, Failure, Result};
use crate::json::Json;
use crate::output::Shown;
use crate::protocol::{Reply, Request};
use crate::wire::decode_frames;
use crate::words::{Keywords, Words};
use bpf2hdl_interface::MapType;
use std::time::{Duration, Instant};

/// `PERF_RECORD_SAMPLE`
const SAMPLE: u32 = 9;

/// Runs the command.
pub(super) fn run(named: &mut Named, words: &mut Words) -> Result<Shown> {
    let (name, kind) = (&named.map.name, named.map.map_type);
    if ![MapType::PERF_EVENT_ARRAY, MapType::RINGBUF].contains(&kind) {
        let text = format!("map `{name}` of type {kind} carries no records");
        return Err(Failure::new(Code::MapOperation, text).hint("name a perf event array or a ring buffer"));
    }
    let keywords =
        Keywords { what: "argument of `map event_pipe`", bpftool: &["cpu", "index"], own: &["count", "seconds"] };
    let (mut count, mut seconds) = (usize::MAX, 10.0);
    while let Some(word) = words.next() {
        let keyword = keywords.find(&word)?;
        let value = words.need("the value of an argument")?;
        let wrong = || Failure::new(Code::Usage, format!("`{keyword} {value}`: no number that is possible here"));
        match keyword {
            "count" => count = value.parse().map_err(|_| wrong())?,
            "seconds" => seconds = value.parse().ok().filter(|s| (0.0..1e9).contains(s)).ok_or_else(wrong)?,
            // Hardware is CPU 0, whose entry is the one that is open.
            _ if value == "0" => {}
            _ => return Err(wrong()),
        }
    }
    let map = named.map.id;
    named.device.call(&Request::Events, &[])?;
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let (mut text, mut items, mut lost) = (String::new(), Vec::new(), 0);
    // Messages come at least every half second.
    while items.len() < count && Instant::now() < end {
        let (reply, blob) = named.device.take()?;
        let Reply::Events { records, lost: total } = reply else { return Err(surprise(&reply)) };
        let damaged = || Failure::new(Code::Protocol, "the bytes of records do not fit them");
        let data = decode_frames(&blob).filter(|data| data.len() == records.len()).ok_or_else(damaged)?;
        lost = lost.max(total);
        for (record, data) in records.iter().zip(data) {
            lost = lost.max(total + u64::from(record.lost));
            if record.map != map || items.len() == count {
                continue;
            }
            text.push_str(&format!(
                "== @{}.{:09} CPU: 0 index: 0 =====\n",
                record.time / 1_000_000_000,
                record.time % 1_000_000_000
            ));
            text.push_str(&format!("{}\n", plain(data)));
            items.push(Json::object([
                ("type", Json::from(SAMPLE)),
                ("cpu", Json::from(0_u32)),
                ("index", Json::from(0_u32)),
                ("timestamp", Json::from(record.time)),
                ("data", Json::bytes(data)),
            ]));
        }
    }
    if lost > 0 {
        text.push_str(&format!("lost {lost} events\n"));
        let what = Json::object([("id", Json::from(0_u32)), ("lost", Json::from(lost))]);
        items.push(Json::object([
            ("type", Json::from(2_u32)),
            ("cpu", Json::from(0_u32)),
            ("index", Json::from(0_u32)),
            ("lost", what),
        ]));
    }
    Ok(Shown::new(text, Json::List(items)))
}
