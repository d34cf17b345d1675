// SPDX-License-Identifier: Apache-2.0
//! Runs `bpf2hdl` as a user does, and measures it.

use crate::usage;
use serde_json::Value;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    /// Whether the exit code was 0.
    pub(crate) ok: bool,
    /// The JSON on standard output; null if there was none.
    pub(crate) json: Value,
    /// Processor time, seconds.
    pub(crate) cpu_seconds: f64,
    /// Largest resident memory, MiB.
    pub(crate) peak_mib: f64,
    /// Why it was stopped, if it was.
    pub(crate) stopped: Option<&'static str>,
}

/// Memories from this size on go to UltraRAM, bits: a tenth of the block RAM of an Alveo U50.
pub(crate) const ULTRA_RAM_BITS: f64 = 4.0 * 1024.0 * 1024.0;
/// Longest time of one run.
const LIMIT: Duration = Duration::from_secs(1800);

/// Runs `program ARGUMENTS` with standard error into the file `log`.
///
/// # Errors
/// A sentence: the program does not start, the log can not be written.
pub(crate) fn run(program: &Path, arguments: &[OsString], log: &Path) -> Result<Run, String> {
    run_within(program, arguments, log, LIMIT)
}

/// As [`run`], stopped after a time.
pub(crate) fn run_within(program: &Path, arguments: &[OsString], log: &Path, limit: Duration) -> Result<Run, String> {
    let output = log.with_extension("json");
    let open = |path: &Path| File::create(path).map_err(|error| format!("{}: {error}", path.display()));
    let (stdout, stderr) = (open(&output)?, open(log)?);
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn();
    let child = child.map_err(|error| format!("{} does not run: {error}", program.display()))?;
    let usage = usage::wait(child, limit).map_err(|error| format!("{}: {error}", program.display()))?;
    let text = std::fs::read_to_string(&output).unwrap_or_default();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Run { ok: usage.ok, json, cpu_seconds: usage.cpu_seconds, peak_mib: usage.peak_mib, stopped: usage.stopped })
}

impl Run {
    /// A number of the JSON.
    pub(crate) fn number(&self, pointer: &str) -> Option<f64> {
        self.json.pointer(pointer)?.as_f64()
    }

    /// The maps of a report.
    pub(crate) fn maps(&self) -> &[Value] {
        self.json.get("maps").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Bits of the largest map.
    pub(crate) fn largest_map_bits(&self) -> f64 {
        self.maps().iter().filter_map(|map| map.get("storage_bits")?.as_f64()).fold(0.0, f64::max)
    }

    /// Packets per clock at the worst, whatever the maps' entries.
    pub(crate) fn worst_packets_per_clock(&self) -> f64 {
        self.maps().iter().filter_map(|map| map.get("worst_case_packets_per_cycle")?.as_f64()).fold(1.0, f64::min)
    }

    /// The diagnostics of a refusal: code, message and C line, each once.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let items = self.json.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut found: Vec<String> = Vec::new();
        for item in items.iter().filter(|item| item.get("severity").is_none_or(|severity| severity == "error")) {
            let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
            let line = format!("{} {}", text("code"), text("message"));
            if !found.contains(&line) {
                found.push(line);
            }
        }
        if let Some(reason) = self.stopped {
            found.push(format!("stopped: {reason}"));
        }
        if found.is_empty() && !self.ok {
            found.push(self.json.get("error").and_then(Value::as_str).unwrap_or("failed without a word").to_owned());
        }
        found
    }
}
