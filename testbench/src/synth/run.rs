// SPDX-License-Identifier: Apache-2.0
//! Runs a tool with its output in a log, a limit of time, and a look at its memory.

use crate::Error;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(100);

/// What a run took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// Time on the clock.
    pub elapsed: Duration,
    /// Most memory of the process, KiB, as last seen before it ended (`VmHWM` of proc(5)); 0 where there is no such file.
    pub peak_kib: u64,
}

/// Runs the command; `name` is for messages. `watch` is shown the log from time to time.
///
/// # Errors
/// [`Error::Build`] with the tool's error, or if it took longer than the limit; [`Error::Io`] for the log, [`Error::Tool`] if it does not start.
pub(super) fn run(
    name: &str,
    command: &mut Command,
    limit: Duration,
    log: &Path,
    watch: &mut dyn FnMut(&str),
) -> Result<Ran, Error> {
    let output = File::create(log).map_err(Error::io(log))?;
    let errors = output.try_clone().map_err(Error::io(log))?;
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let mut child = command.spawn().map_err(|error| Error::Tool(format!("{name} does not run: {error}")))?;
    let start = Instant::now();
    let (peak_kib, done) = wait(&mut child, start, limit, log, watch);
    let ran = Ran { elapsed: start.elapsed(), peak_kib };
    match done {
        Some(true) => Ok(ran),
        Some(false) => Err(failure(name, log, "")),
        None => Err(failure(name, log, &format!("stopped after {} s, the limit", limit.as_secs()))),
    }
}

/// Most memory, and whether the child succeeded; `None` when it was stopped.
fn wait(
    child: &mut Child,
    start: Instant,
    limit: Duration,
    log: &Path,
    watch: &mut dyn FnMut(&str),
) -> (u64, Option<bool>) {
    let mut peak = 0;
    for turn in 0u64.. {
        peak = peak.max(peak_kib(child.id()));
        match child.try_wait() {
            Ok(Some(status)) => return (peak, Some(status.success())),
            Err(_) => return (peak, Some(false)),
            Ok(None) if start.elapsed() > limit => {
                // It may have ended by itself in between.
                let _ = child.kill();
                let _ = child.wait();
                return (peak, None);
            }
            Ok(None) => sleep(PAUSE),
        }
        if turn % 10 == 9 {
            watch(&std::fs::read_to_string(log).unwrap_or_default());
        }
    }
    (peak, None)
}

fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

pub(super) fn failure(name: &str, log: &Path, reason: &str) -> Error {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let wrong = lines.iter().find(|line| line.contains("ERROR"));
    let last = wrong.or(lines.last()).copied().unwrap_or("it said nothing");
    let lines = if reason.is_empty() { last.to_owned() } else { format!("{reason}; the last line was: {last}") };
    Error::Build { step: name.to_owned(), lines }
}
