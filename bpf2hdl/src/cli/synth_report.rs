// SPDX-License-Identifier: Apache-2.0
//! What `synth` found, as `synth.json` and as text.

use super::synth_tools::{Attempt, Done, ENOUGH_PERCENT, Tools, clock, percent};
use bpf2hdl::diag::{Code, Diagnostic};
use bpf2hdl::report::Report;
use bpf2hdl_boards::{Board, Host};
use bpf2hdl_interface::registers::UDP_PORT;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// The file with all of it.
pub(super) const SYNTH: &str = "synth.json";

/// Cells of nextpnr by the names that people use.
const KINDS: &[(&str, &str)] =
    &[("TRELLIS_COMB", "LUT"), ("TRELLIS_FF", "FF"), ("DP16KD", "BRAM"), ("MULT18X18D", "DSP")];

#[derive(Serialize)]
struct Used {
    used: u64,
    available: u64,
    percent: f64,
}

#[derive(Serialize)]
struct Clock {
    name: &'static str,
    required_mhz: f64,
    achieved_mhz: f64,
    margin_percent: f64,
}

#[derive(Serialize)]
struct SlowPath {
    clock: &'static str,
    ns: f64,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Tried {
    placer: &'static str,
    seed: u32,
    margin_percent: f64,
    seconds: f64,
}

#[derive(Serialize)]
struct Run {
    synthesis_s: f64,
    place_and_route_s: f64,
    bitstream_s: f64,
    total_s: f64,
    peak_memory_mib: u64,
}

/// How `bpf2hdlctl` reaches the board.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Serial { baud: u32, device: String },
    Udp { ip: String, port: u16, mac: String, interface: usize, device: String },
}

impl Line {
    fn new(board: &Board, host: Host) -> Self {
        match host {
            Host::Serial => Line::Serial { baud: board.uart.baud, device: "serial:PATH".to_owned() },
            Host::Udp { ip, mac, port } => Line::Udp {
                ip: ip.to_string(),
                port: UDP_PORT,
                mac: mac.to_string(),
                interface: port + 1,
                device: format!("udp:{ip}"),
            },
        }
    }

    fn text(&self) -> String {
        match self {
            Line::Serial { baud, device } => format!("dev {device}, {baud} baud"),
            Line::Udp { mac, interface, device, .. } => format!("dev {device}, by interface {interface}, MAC {mac}"),
        }
    }
}

/// `synth.json`.
#[derive(Serialize)]
pub(super) struct Synth {
    program: String,
    board: &'static str,
    family: &'static str,
    part: &'static str,
    target: String,
    clock_mhz: f64,
    bus_bits: u32,
    /// Every clock is as fast as it has to be.
    pub(super) met: bool,
    margin_percent: f64,
    utilization: BTreeMap<&'static str, Used>,
    clocks: Vec<Clock>,
    critical_paths: Vec<SlowPath>,
    placer: &'static str,
    seed: u32,
    attempts: Vec<Tried>,
    run: Run,
    tools: BTreeMap<&'static str, String>,
    bitstream: Option<&'static str>,
    host: Line,
    /// How to load it until the power goes.
    program_with: String,
    /// How to write it into the flash memory.
    flash_with: String,
}

/// The text of `synth.json`.
pub(super) fn to_json(synth: &Synth) -> String {
    // No type of it has keys that are not strings or numbers that JSON lacks.
    serde_json::to_string_pretty(synth).unwrap_or_default() + "\n"
}

/// The JSON on standard output.
#[derive(Serialize)]
pub(super) struct Output<'a> {
    #[serde(flatten)]
    pub(super) synth: &'a Synth,
    pub(super) output: &'a Path,
}

impl Synth {
    pub(super) fn new(report: &Report, board: &Board, host: Host, tools: &Tools, done: &Done) -> Self {
        let taken = done.taken();
        let place_and_route_s = done.attempts.iter().map(|attempt| attempt.placed.ran.elapsed.as_secs_f64()).sum();
        let tried = |attempt: &Attempt| Tried {
            placer: attempt.arrangement().placer.name(),
            seed: attempt.arrangement().seed,
            margin_percent: rounded(attempt.margin_percent),
            seconds: rounded(attempt.placed.ran.elapsed.as_secs_f64()),
        };
        Self {
            program: report.program.clone(),
            board: board.name,
            family: "ecp5",
            part: board.part,
            target: report.target.to_string(),
            clock_mhz: board.clock_mhz,
            bus_bits: board.bus_bits,
            met: taken.margin_percent >= 0.0,
            margin_percent: rounded(taken.margin_percent),
            utilization: utilization(taken),
            clocks: clocks(taken, board),
            critical_paths: paths(taken, board),
            placer: taken.arrangement().placer.name(),
            seed: taken.arrangement().seed,
            attempts: done.attempts.iter().map(tried).collect(),
            run: Run {
                synthesis_s: rounded(done.synthesis.elapsed.as_secs_f64()),
                place_and_route_s: rounded(place_and_route_s),
                bitstream_s: rounded(done.pack.map_or(0.0, |ran| ran.elapsed.as_secs_f64())),
                total_s: rounded(done.total.as_secs_f64()),
                peak_memory_mib: done.peak_kib().div_ceil(1024),
            },
            tools: BTreeMap::from([
                ("synthesis", tools.yosys().to_owned()),
                ("place_and_route", "nextpnr-ecp5".to_owned()),
            ]),
            bitstream: done.pack.map(|_| "top.bit"),
            host: Line::new(board, host),
            program_with: format!("openFPGALoader {} top.bit", board.loader),
            flash_with: format!("openFPGALoader {} --unprotect-flash -f top.bit", board.loader),
        }
    }

    /// A table for people.
    pub(super) fn text(&self, out: &Path) -> String {
        let mut text = format!("{} on {} ({})\n\n", self.program, self.board, self.part);
        // Writing to a string can not fail.
        let _ = writeln!(text, "  {:<18}{:>10}{:>12}{:>9}", "", "used", "available", "share");
        for (name, Used { used, available, percent }) in &self.utilization {
            let _ = writeln!(text, "  {name:<18}{used:>10}{available:>12}{percent:>8.1}%");
        }
        let _ = writeln!(text, "\n  {:<18}{:>10}{:>12}{:>9}", "clock", "needed", "reached", "spare");
        for Clock { name, required_mhz, achieved_mhz, margin_percent } in &self.clocks {
            let _ = writeln!(text, "  {name:<18}{required_mhz:>6.1} MHz{achieved_mhz:>8.1} MHz{margin_percent:>8.1}%");
        }
        let run = &self.run;
        let _ = writeln!(
            text,
            "\n  time              synthesis {:.0} s, place and route {:.0} s ({} tried), in all {:.0} s",
            run.synthesis_s,
            run.place_and_route_s,
            self.attempts.len(),
            run.total_s
        );
        let _ = writeln!(text, "  memory            {} MiB at most", run.peak_memory_mib);
        if self.margin_percent < ENOUGH_PERCENT {
            let _ = writeln!(
                text,
                "  note              less than {ENOUGH_PERCENT} % to spare; --seeds tries more arrangements"
            );
        }
        let bitstream = out.join("top.bit");
        let place = |command: &str| command.replace("top.bit", &bitstream.display().to_string());
        let _ = writeln!(text, "\n  bitstream         {}", bitstream.display());
        let _ = writeln!(text, "  load it           {}", place(&self.program_with));
        let _ = writeln!(text, "  keep it           {}", place(&self.flash_with));
        let _ = writeln!(text, "  host              bpf2hdlctl ... {}", self.host.text());
        text
    }

    /// Timing that was missed: by which clock, where, and by how much.
    pub(super) fn refusal(&self, out: &Path) -> Diagnostic {
        let worst = self.clocks.iter().min_by(|a, b| a.margin_percent.total_cmp(&b.margin_percent));
        let Some(worst) = worst else { return Diagnostic::new(Code::BoardTiming, "no clock was found") };
        let message = format!(
            "{} on {}: the clock `{}` reaches {:.1} of {:.1} MHz in the best of {} arrangements",
            self.program,
            self.board,
            worst.name,
            worst.achieved_mhz,
            worst.required_mhz,
            self.attempts.len()
        );
        let path = self.critical_paths.iter().find(|path| path.clock == worst.name);
        let mut item = Diagnostic::new(Code::BoardTiming, message);
        if let Some(path) = path {
            let text =
                format!("its slowest path, {:.1} ns, is from {} to {}", path.ns, module(&path.from), module(&path.to));
            item = item.note(text);
        }
        item.note(format!("{} has all figures", out.join(SYNTH).display()))
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The instance that a cell of the flattened netlist is in.
fn module(cell: &str) -> &str {
    cell.rsplit_once('.').map_or("the top module", |(module, _)| module)
}

fn utilization(taken: &Attempt) -> BTreeMap<&'static str, Used> {
    let find = |&(cell, name): &(&str, &'static str)| {
        let found = taken.placed.utilization.iter().find(|kind| kind.name == cell)?;
        let share = 100.0 * found.used as f64 / found.available.max(1) as f64;
        Some((name, Used { used: found.used, available: found.available, percent: rounded(share) }))
    };
    KINDS.iter().filter_map(find).collect()
}

fn clocks(taken: &Attempt, board: &Board) -> Vec<Clock> {
    let one = |found: &bpf2hdl_testbench::synth::ClockTiming| {
        let (name, required_mhz) = clock(&found.net, board);
        let margin_percent = rounded(percent(found.achieved_mhz, required_mhz));
        Clock { name, required_mhz, achieved_mhz: rounded(found.achieved_mhz), margin_percent }
    };
    let mut clocks: Vec<Clock> = taken.placed.clocks.iter().map(one).collect();
    clocks.sort_by_key(|clock| clock.name);
    clocks
}

fn paths(taken: &Attempt, board: &Board) -> Vec<SlowPath> {
    let one = |found: &bpf2hdl_testbench::synth::CriticalPath| SlowPath {
        clock: clock(&found.net, board).0,
        ns: rounded(found.ns),
        from: found.from.clone(),
        to: found.to.clone(),
    };
    let mut paths: Vec<SlowPath> = taken.placed.paths.iter().map(one).collect();
    paths.sort_by_key(|path| path.clock);
    paths
}
