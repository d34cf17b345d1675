// SPDX-License-Identifier: Apache-2.0
//! The table of all examples in all families, for a terminal and for the book.

use super::{Point, Slot};
use crate::console::{Table, grouped};
use crate::peers::Peers;
use bpf2hdl_testbench::synth::ALVEO_U50;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const NONE: &str = "-";

/// One row for an example in a family that was measured.
pub(super) fn table(slots: &[Slot]) -> Table {
    let titles = [
        "example",
        "family",
        "stages",
        "LUT",
        "mem",
        "FF",
        "BRAM",
        "URAM",
        "DSP",
        "MHz routed",
        "tried",
        "MHz estimated",
        "U50",
    ];
    let mut table = Table::new(&titles);
    for point in slots.iter().filter_map(|slot| slot.point.as_ref()?.as_ref().ok()) {
        let mut row = vec![format!("`{}`", point.example), point.target.clone()];
        row.extend(cells(point));
        table.rows.push(row);
    }
    table
}

fn cells(point: &Point) -> Vec<String> {
    let none = || NONE.to_owned();
    // ECP5 counts its blocks of 18 Kbit, AMD those of 36 Kbit.
    let blocks =
        if point.target == "ecp5" { point.bram18.to_string() } else { format!("{:.1}", point.bram18 as f64 / 2.0) };
    vec![
        grouped(point.stages),
        grouped(point.lut),
        grouped(point.lut_memory),
        grouped(point.ff),
        blocks,
        grouped(point.uram),
        grouped(point.dsp),
        point.placed.as_ref().map_or_else(none, |placed| {
            let mark = if placed.entries.is_some() { "*" } else { "" };
            format!("{:.1}{mark}", placed.mhz)
        }),
        point.placed.as_ref().map_or_else(none, |placed| placed.tried.to_string()),
        format!("{:.0}", point.estimated_mhz),
        point.u50_lut_percent.map_or_else(none, |percent| format!("{percent:.2} %")),
    ]
}

/// Published systems with a number of tables, as shares of the same device.
fn peer_table(peers: &Peers, slots: &[Slot]) -> Table {
    let mut table = Table::new(&["system", "what it is", "LUT", "U50", "source"]);
    let own = slots.iter().filter_map(|slot| {
        let point = slot.point.as_ref()?.as_ref().ok()?;
        Some((point.u50_lut_percent?, point))
    });
    let own: Vec<_> = own.collect();
    let least = own.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let most = own.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    if let (Some((least, small)), Some((most, large))) = (least, most) {
        table.rows.push(vec![
            "bpf2hdl".to_owned(),
            format!("the examples above, from `{}` to `{}`", small.example, large.example),
            format!("{} to {}", grouped(small.lut + small.lut_memory), grouped(large.lut + large.lut_memory)),
            format!("{least:.2} to {most:.2} %"),
            "measured here, synthesis".to_owned(),
        ]);
    }
    for system in &peers.systems {
        let Some(lut) = system.lut else { continue };
        let note = system.lut_note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        table.rows.push(vec![
            system.name.clone(),
            system.kind.clone(),
            format!("{}{note}", grouped(lut)),
            format!("{:.2} %", 100.0 * lut as f64 / ALVEO_U50.lut as f64),
            system.source.clone(),
        ]);
    }
    table
}

/// Examples whose memory the device does not have.
fn smaller(slots: &[Slot]) -> String {
    let points = slots.iter().filter_map(|slot| slot.point.as_ref()?.as_ref().ok());
    let list = points.filter_map(|point| {
        let (map, entries) = point.placed.as_ref()?.entries.as_ref()?;
        Some(format!("`{}` (needs {}) with `--entries {map}={entries}`", point.example, grouped(point.bram18)))
    });
    list.collect::<Vec<_>>().join(", ")
}

/// Examples that were counted but not placed, though open tools would do it.
fn unplaced(slots: &[Slot]) -> String {
    let points = slots.iter().filter_map(|slot| slot.point.as_ref()?.as_ref().ok());
    let list = points.filter(|point| point.target == "ecp5" && point.placed.is_none());
    list.map(|point| format!("`{}`", point.example)).collect::<Vec<_>>().join(", ")
}

/// What was not measured, or failed: a line for each reason.
fn missing(slots: &[Slot]) -> String {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for slot in slots {
        let reason = match &slot.point {
            Some(Ok(_)) => continue,
            Some(Err(reason)) => reason.as_str(),
            None => "not measured yet",
        };
        reasons.entry(reason).or_default().push(format!("`{}` {}", slot.example, slot.target.name));
    }
    reasons.iter().map(|(reason, names)| format!("* {reason}: {}\n", names.join(", "))).collect()
}

/// The page of the book.
pub(super) fn page(slots: &[Slot], peers: &Peers, tools: &str) -> String {
    let mut text = String::from(
        "# Examples in FPGA families\n\n\
         <!-- SPDX-License-Identifier: Apache-2.0; written by `./run benchmark families --page`, do not edit -->\n\n",
    );
    // Writing to a string can not fail.
    let _ = writeln!(
        text,
        "Whole cores of every example, host port and counters included, as `bpf2hdl compile` writes them for the target's usual clock. {tools}\n\n{READING}\n{}",
        table(slots).markdown()
    );
    let smaller = smaller(slots);
    if !smaller.is_empty() {
        let _ = writeln!(
            text,
            "\\* Its maps take more block RAM than the 208 of an LFE5U-85F. The counts are of the example as it is; placed and routed was it with a smaller map: {smaller}.\n"
        );
    }
    let unplaced = unplaced(slots);
    if !unplaced.is_empty() {
        let _ = writeln!(
            text,
            "Counted, but not placed and routed yet (`ecp5`; the larger ones take up to an hour): {unplaced}. Their clock is an estimate only.\n"
        );
    }
    let missing = missing(slots);
    if !missing.is_empty() {
        let _ = writeln!(text, "Not in the table:\n\n{missing}");
    }
    let _ = writeln!(text, "## Beside others\n\n{}", peer_table(peers, slots).markdown());
    text.push_str(OTHERS);
    text
}

const READING: &str = "\
| family | target | bus | clock built for | `MHz routed` | `MHz estimated` |\n|---|---|--:|--:|---|---|\n\
| ECP5, LFE5U-85F, speed grade 8 | `ecp5` | 64 bits | 125 MHz | **placed and routed** by nextpnr, core alone, out of context (no pads, paths from and to its ports do not count), slow corner; `tried`: arrangements, at most four (two for more than 12,000 LUT), both placers in turn, until one reaches 125 MHz, else the best | by the delay table |\n\
| AMD 7 series, -2 | `xc7` | 512 bits | 156.25 MHz | no open timing | **estimate** by the delay table |\n\
| AMD UltraScale+, -2 | `xcup` | 512 bits | 250 MHz | no open timing | **estimate** by the delay table |\n\n\
* **Counted**: cells of yosys' netlist, before a vendor's tool packs or trims. `LUT`: tables used as logic (ECP5: of 4 inputs, a carry cell is two; AMD: of up to 6); `mem`: tables used as memory and shift registers; `BRAM`: blocks of \
18 Kbit on ECP5, of 36 Kbit on AMD; memories of 4 Mbit and more are UltraRAM on UltraScale+.\n\
* **Estimated**: the inverse of the longest stage of the program's pipeline. It says nothing of the library around it (packet path, maps' host port), which is in what nextpnr reports: on ECP5 one sees the difference.\n\
* `U50`: share of the 872,000 look-up tables of an Alveo U50, `mem` included.\n";

const OTHERS: &str = "\
Figures of others are quoted, not measured here; `U50` is their published number of tables over the 872,000 of an Alveo U50. The soft processors' numbers are of one core, whatever the program; none of these includes the NIC's shell. \
[Benchmarks](benchmarks.md) has rates and the same jobs side by side.\n";
