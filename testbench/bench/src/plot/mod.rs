// SPDX-License-Identifier: Apache-2.0
//! Charts as self-contained SVG: horizontal bars and lines, both on linear or logarithmic axes.

mod axis;
mod bars;
mod lines;
mod svg;

pub(crate) use bars::{Bar, Bars, Mark};
pub(crate) use lines::{Lines, Series};

use crate::markdown::mpps;
use crate::measure::Row;
use crate::peers::Peers;

/// Look-up tables of each whole core, with the cores of others as lines.
pub(crate) fn resources(rows: &[Row], peers: &Peers) -> String {
    let group = |row: &Row| {
        let used = row.synthesised.as_ref()?;
        Some((row.name.clone(), vec![Bar::new("bpf2hdl", (used.lut + used.srl + used.lut_ram) as f64)]))
    };
    let marks = peers.systems.iter().filter_map(|s| {
        let label = if s.lut_note.is_some() { format!("{} (smallest)", s.name) } else { s.name.clone() };
        Some(Mark { label, value: s.lut? as f64 })
    });
    Bars {
        title: "Look-up tables of the whole core, 512-bit bus".to_owned(),
        unit: "look-up tables, those used as memory included".to_owned(),
        groups: rows.iter().filter_map(group).collect(),
        marks: marks.collect(),
    }
    .draw()
}

/// Millions of 64-byte packets per second.
pub(crate) fn rate(rows: &[Row], peers: &Peers) -> String {
    let group = |row: &Row| {
        let class = peers.class(row.class.as_deref());
        let bars = [
            ("bpf2hdl", mpps(row)),
            ("hXDP", class.and_then(|class| class.hxdp_mpps)),
            ("Linux, one core", class.and_then(|class| class.linux_mpps())),
        ];
        let bars: Vec<Bar> = bars.into_iter().filter_map(|(name, value)| Some(Bar::new(name, value?))).collect();
        bars.iter().any(|bar| bar.series == "bpf2hdl").then(|| (row.name.clone(), bars))
    };
    Bars {
        title: "64-byte packets per second".to_owned(),
        unit: "million packets per second, logarithmic".to_owned(),
        groups: rows.iter().filter_map(group).collect(),
        marks: vec![Mark { label: "100 Gbit/s".to_owned(), value: 148.8 }],
    }
    .draw()
}
