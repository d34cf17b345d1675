// SPDX-License-Identifier: Apache-2.0
//! Yosys, nextpnr and ecppack for `synth`, in a folder that holds the design.

use super::folder::File;
use super::progress::StatusLine;
use bpf2hdl::diag::{Code, Diagnostic};
use bpf2hdl_boards::Board;
use bpf2hdl_testbench::synth::{Arrangement, DEVICE_IS_OUT, Nextpnr, PlaceOptions, Placed, Placer, Ran, Yosys};
use bpf2hdl_testbench::{Error, Progress as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// Each tool is stopped after this time.
const LIMIT: Duration = Duration::from_secs(3600);
/// The same for the placer `static`, which may not end on a crowded device where the other one does.
const STATIC_LIMIT: Duration = Duration::from_secs(900);
/// With this much to spare, in percent, no other arrangement is tried.
pub(super) const ENOUGH_PERCENT: f64 = 10.0;

const BITSTREAM: &str = "top.bit";
const NETLIST: &str = "top.json";
pub(super) const LPF: &str = "board.lpf";

/// What is needed, found before any work is done.
pub(super) struct Tools {
    yosys: Yosys,
    nextpnr: Nextpnr,
}

impl Tools {
    pub(super) fn find() -> Result<Self, Diagnostic> {
        Ok(Self {
            yosys: Yosys::find().map_err(|error| failure(&error))?,
            nextpnr: Nextpnr::find().map_err(|error| failure(&error))?,
        })
    }

    /// For the report.
    pub(super) fn yosys(&self) -> &str {
        self.yosys.version()
    }
}

/// One arrangement.
pub(super) struct Attempt {
    number: u32,
    pub(super) placed: Placed,
    /// Of the clock that has least to spare, in percent of what it needs.
    pub(super) margin_percent: f64,
}

/// All of it.
pub(super) struct Done {
    pub(super) attempts: Vec<Attempt>,
    /// Which of them is taken.
    pub(super) best: usize,
    pub(super) synthesis: Ran,
    pub(super) pack: Option<Ran>,
    pub(super) total: Duration,
}

/// Synthesises, tries arrangements until one has enough to spare, and packs the best one if it meets timing.
pub(super) fn run(
    tools: &Tools,
    board: &Board,
    folder: &Path,
    seeds: u32,
    started: Instant,
    status: &mut StatusLine,
) -> Result<Done, Diagnostic> {
    status.step(&format!("synthesis ({})", tools.yosys()));
    let files = read(folder, "board.f")?;
    let files: Vec<&str> = files.split_whitespace().collect();
    let script = [
        format!("read_verilog -sv {}", files.join(" ")),
        format!("synth_ecp5 -top top -json {NETLIST}"),
        "check -assert".to_owned(),
    ];
    let fail = |error: Error| failure(&error);
    let synthesis = tools.yosys.run(folder, &script, LIMIT, &folder.join("synthesis.log")).map_err(fail)?;
    let speed = board.device.speed.to_string();
    let device = [board.device.option, "--speed", &speed, "--package", board.package.name];
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut failed = None;
    for number in 1..=seeds {
        let arrangement = Arrangement::nth(number);
        let what = format!("place and route, arrangement {number} of at most {seeds}");
        status.step(&what);
        let config = config(number);
        let limit = if arrangement.placer == Placer::Electrostatic { STATIC_LIMIT } else { LIMIT };
        let options = PlaceOptions { device: &device, arrangement, limit };
        let log = folder.join(log(number));
        let names = (NETLIST, LPF, config.as_str());
        let placed =
            tools.nextpnr.place(folder, names, options, &log, &mut |phase| status.step(&format!("{what}: {phase}")));
        match placed {
            Ok(placed) => {
                let margin_percent = margin(&placed, board);
                attempts.push(Attempt { number, placed, margin_percent });
                if margin_percent >= ENOUGH_PERCENT {
                    break;
                }
            }
            Err(error) => {
                failed = Some(full(&error).unwrap_or_else(|| failure(&error)));
                // The other placer may do it, but for what the device does not have.
                if matches!(&error, Error::Build { lines, .. } if lines.starts_with(DEVICE_IS_OUT)) {
                    break;
                }
            }
        }
    }
    if let (true, Some(failed)) = (attempts.is_empty(), failed) {
        return Err(failed);
    }
    let best = (0..attempts.len()).max_by(|&a, &b| attempts[a].margin_percent.total_cmp(&attempts[b].margin_percent));
    let best = best.unwrap_or(0);
    let mut pack = None;
    if attempts[best].margin_percent >= 0.0 {
        status.step("bitstream (ecppack)");
        let config = config(attempts[best].number);
        pack = Some(tools.nextpnr.pack(folder, &config, BITSTREAM, LIMIT, &folder.join("pack.log")).map_err(fail)?);
    }
    Ok(Done { attempts, best, synthesis, pack, total: started.elapsed() })
}

/// nextpnr's configuration of an arrangement.
fn config(number: u32) -> String {
    format!("top-{number}.config")
}

/// Its log.
fn log(number: u32) -> String {
    format!("place-{number}.log")
}

impl Attempt {
    /// Which one it is.
    pub(super) fn arrangement(&self) -> Arrangement {
        Arrangement::nth(self.number)
    }
}

/// What a clock of the netlist is, with what it needs in MHz.
pub(super) fn clock(net: &str, board: &Board) -> (&'static str, f64) {
    if net.contains("eth0_rx_clk") {
        ("receive, port 0", 125.0)
    } else if net.contains("eth1_rx_clk") {
        ("receive, port 1", 125.0)
    } else if net.contains("tx_clk") {
        ("send", 125.0)
    } else {
        ("core", board.clock_mhz)
    }
}

fn margin(placed: &Placed, board: &Board) -> f64 {
    let margins = placed.clocks.iter().map(|found| percent(found.achieved_mhz, clock(&found.net, board).1));
    margins.fold(f64::INFINITY, f64::min)
}

/// How much faster than needed, in percent.
pub(super) fn percent(achieved: f64, needed: f64) -> f64 {
    (achieved / needed - 1.0) * 100.0
}

impl Done {
    /// Which attempt was taken.
    pub(super) fn taken(&self) -> &Attempt {
        &self.attempts[self.best]
    }

    /// What is kept of the tools' output.
    pub(super) fn files(&self, folder: &Path) -> Result<Vec<File>, Diagnostic> {
        let place = log(self.taken().number);
        let mut kept = vec![(NETLIST, NETLIST), ("synthesis.log", "synthesis.log"), (place.as_str(), "place.log")];
        let config = config(self.taken().number);
        if self.pack.is_some() {
            kept.extend([(BITSTREAM, BITSTREAM), (config.as_str(), "top.config")]);
        }
        let file = |&(from, to): &(&str, &str)| {
            let path = folder.join(from);
            let contents = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            Ok(File::new(to, contents))
        };
        kept.iter().map(file).collect()
    }

    /// Most memory that a tool had, KiB.
    pub(super) fn peak_kib(&self) -> u64 {
        let places = self.attempts.iter().map(|attempt| attempt.placed.ran.peak_kib);
        places.chain([self.synthesis.peak_kib]).max().unwrap_or(0)
    }
}

fn failure(error: &Error) -> Diagnostic {
    Diagnostic::new(Code::Tool, error.to_string()).with_help("`./run setup` installs the tools of `synth`")
}

/// The ways of saying that there is too much of something.
fn full(error: &Error) -> Option<Diagnostic> {
    let Error::Build { lines, .. } = error else { return None };
    let marks = ["Unable to place cell", "Unable to find legal placement", "no more", "out of"];
    marks
        .iter()
        .any(|mark| lines.contains(mark))
        .then(|| Diagnostic::new(Code::DeviceFull, format!("nextpnr-ecp5: {lines}")))
}

fn read(folder: &Path, name: &str) -> Result<String, Diagnostic> {
    let path = folder.join(name);
    std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new(Code::Tool, format!("{} was not written: {error}", path.display()))
}
