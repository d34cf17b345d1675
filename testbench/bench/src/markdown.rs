// SPDX-License-Identifier: Apache-2.0
//! The tables of a benchmark, for a terminal and for the book.

use crate::console::{Table, grouped};
use crate::measure::{BUS_BITS, Row};
use crate::peers::{LINUX_EMPTY_NS, Peers};
use std::fmt::Write as _;

const NONE: &str = "-";

/// What each column of [`main_table`] means.
pub(crate) const LEGEND: &str = "\
insns: instructions of the linked program (of a refused one: of the object). latency: clocks from the first beat of a 64-byte frame in to the
first beat out, and nanoseconds at the clock that it was built for. reg bits: registers between pipeline stages. LUT: tables used as logic;
mem: tables used as memory and shift registers. BRAM: blocks of 36 Kbit. U50: share of the look-up tables of an Alveo U50, `mem` included.
MHz: estimate, the inverse of the longest stage by the target's delay table; nothing was placed. ms: time of the compiler, without clang.
pkt/clk: packets per clock, 64-byte frames of the program's own flows back to back. differ: mismatches in verdicts, bytes and maps on those and on frames of
all sizes, malformed ones too / packets compared.";

/// One row per program.
pub(crate) fn main_table(rows: &[Row]) -> Table {
    let titles = [
        "program", "insns", "stages", "latency", "ns", "reg bits", "LUT", "mem", "FF", "BRAM", "URAM", "DSP", "U50",
        "MHz", "ms", "pkt/clk", "differ",
    ];
    let mut table = Table::new(&titles);
    for row in rows.iter().filter(|row| row.compiled.is_some()) {
        table.rows.push(cells(row));
    }
    table
}

fn cells(row: &Row) -> Vec<String> {
    let none = || NONE.to_owned();
    let mut cells = vec![row.name.clone()];
    match &row.compiled {
        Some(c) => cells.extend([
            grouped(c.instructions),
            grouped(c.stages),
            grouped(c.latency_cycles),
            format!("{:.0}", c.latency_ns),
            grouped(c.pipeline_register_bits),
        ]),
        None => cells.extend((0..5).map(|_| none())),
    }
    match &row.synthesised {
        Some(s) => cells.extend([
            grouped(s.lut),
            grouped(s.srl + s.lut_ram),
            grouped(s.ff),
            format!("{:.1}", s.bram36),
            grouped(s.uram),
            grouped(s.dsp),
            format!("{:.2} %", s.u50_lut_percent),
        ]),
        None => cells.extend((0..7).map(|_| none())),
    }
    match &row.compiled {
        Some(c) => cells.extend([format!("{:.0}", c.estimated_clock_mhz), format!("{:.0}", c.compile_ms)]),
        None => cells.extend([none(), none()]),
    }
    cells.push(row.flood.as_ref().map_or_else(none, |s| format!("{:.3}", s.packets_per_clock)));
    let runs: Vec<_> = row.flood.iter().chain(&row.mixed).collect();
    let differ: u64 = runs.iter().map(|run| run.mismatches).sum();
    let compared: u64 = runs.iter().map(|run| run.compared).sum();
    cells.push(if runs.is_empty() { none() } else { format!("{differ} / {}", grouped(compared)) });
    cells
}

/// Programs that are refused, with the reasons.
pub(crate) fn refused_table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["program", "insns", "refused for"]);
    for row in rows.iter().filter(|row| !row.refused.is_empty()) {
        table.rows.push(vec![row.name.clone(), grouped(row.object_instructions), row.refused.join("; ")]);
    }
    table
}

/// The same jobs elsewhere.
pub(crate) fn peer_table(rows: &[Row], peers: &Peers) -> Table {
    let titles = ["program", "job", "Mpps here", "ns here", "Mpps hXDP", "insns hXDP", "ns Linux, one core"];
    let mut table = Table::new(&titles);
    for row in rows {
        let class = peers.class(row.class.as_deref());
        let rate = mpps(row).map_or_else(|| NONE.to_owned(), |rate| format!("{rate:.0}"));
        let latency = row.compiled.as_ref().map_or_else(|| NONE.to_owned(), |c| format!("{:.0}", c.latency_ns));
        let linux = class.and_then(|class| class.linux_ns).map(|[a, b]| [a + LINUX_EMPTY_NS, b + LINUX_EMPTY_NS]);
        let linux = linux.map(|[a, b]| if a == b { format!("{a:.0}") } else { format!("{a:.0} to {b:.0}") });
        table.rows.push(vec![
            row.name.clone(),
            row.job.clone(),
            rate,
            latency,
            class.and_then(|class| class.hxdp_mpps).map_or_else(|| NONE.to_owned(), |rate| rate.to_string()),
            class.and_then(|class| class.hxdp_instructions).map_or_else(|| NONE.to_owned(), |n| n.to_string()),
            linux.unwrap_or_else(|| NONE.to_owned()),
        ]);
    }
    table
}

/// Millions of 64-byte packets per second: simulated packets per clock at the clock that it was built for.
pub(crate) fn mpps(row: &Row) -> Option<f64> {
    Some(row.flood.as_ref()?.packets_per_clock * row.compiled.as_ref()?.clock_mhz)
}

/// Other systems, with the source of their figures.
pub(crate) fn system_table(peers: &Peers) -> Table {
    let mut table = Table::new(&["system", "what it is", "published figures", "source"]);
    for s in &peers.systems {
        table.rows.push(vec![s.name.clone(), s.kind.clone(), s.figures.clone(), s.source.clone()]);
    }
    table
}

/// The page of the book.
pub(crate) fn page(rows: &[Row], peers: &Peers, target: &str, tool: Option<&str>) -> String {
    let mut text = String::from("# Benchmarks\n\n");
    // Writing to a string can not fail.
    let _ = writeln!(
        text,
        "<!-- SPDX-License-Identifier: Apache-2.0; written by `./run benchmark --page`, do not edit -->\n"
    );
    let _ = writeln!(
        text,
        "Programs of our own that do the jobs of the literature's, sources in `bpf2hdl/benchmarks/`. Whole cores on a {BUS_BITS}-bit \
         bus for target `{target}`, host port and counters included; synthesis by {}, cells counted, nothing placed or \
         routed. `./run benchmark` measures all of it again.\n",
        tool.unwrap_or("nothing (left out)")
    );
    text.push_str(&main_table(rows).markdown());
    let _ = writeln!(text, "\n{LEGEND}\n");
    let refused = refused_table(rows);
    if !refused.rows.is_empty() {
        let _ = writeln!(text, "Not built yet, with what the compiler says:\n\n{}", refused.markdown());
    }
    let _ = writeln!(text, "![Look-up tables per program](benchmarks/resources.svg)\n");
    let _ = writeln!(text, "## Beside others\n\n{}", peer_table(rows, peers).markdown());
    let _ = writeln!(
        text,
        "Mpps here: packets per clock in simulation, 64-byte frames, at the clock that the core was built for; 100 Gbit/s carries 148.8 \
         million such frames per second. ns Linux: per packet on one core, the {LINUX_EMPTY_NS:.0} ns of an empty program included.\n"
    );
    let _ = writeln!(text, "![Packets per second](benchmarks/rate.svg)\n");
    let _ = writeln!(text, "Published figures are quoted, not measured here:\n\n{}", system_table(peers).markdown());
    text.trim_end().to_owned() + "\n"
}
