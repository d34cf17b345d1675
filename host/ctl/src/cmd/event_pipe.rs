// SPDX-License-Identifier: Apache-2.0
//! `map event_pipe MAP [count N] [seconds S]`: the records that programs send through a perf event array or a ring buffer, as bpftool
//! shows them (`map_perf_ring.c`).

use super::listen::{Span, listen};
use super::map::Named;
use super::map_show::plain;
use crate::error::{Code, Failure, Result};
use crate::json::Json;
use crate::output::Shown;
use crate::words::{Keywords, Words};
use bpf2hdl_interface::MapType;

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
    let span = Span::read(words, &keywords)?;
    let map = named.map.id;
    let (mut text, mut items) = (String::new(), Vec::new());
    let lost = listen(
        &mut named.device,
        &span,
        |record| record.map == map,
        |record, data| {
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
        },
    )?;
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
