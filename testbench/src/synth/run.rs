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

/// Why a tool is stopped, if it is to be.
pub(super) type Stop = Option<String>;

/// Runs the command; `name` is for messages. `watch` is shown the log from time to time and may stop the command.
///
/// # Errors
/// [`Error::Build`] with the tool's error, with the reason of `watch`, or if it took longer than the limit; [`Error::Io`] for the log, [`Error::Tool`] if it does not start.
pub(super) fn run(
    name: &str,
    command: &mut Command,
    limit: Duration,
    log: &Path,
    watch: &mut dyn FnMut(&str) -> Stop,
) -> Result<Ran, Error> {
    let output = File::create(log).map_err(Error::io(log))?;
    let errors = output.try_clone().map_err(Error::io(log))?;
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let mut child = command.spawn().map_err(|error| Error::Tool(format!("{name} does not run: {error}")))?;
    let start = Instant::now();
    let (peak_kib, done) = wait(&mut child, start, limit, log, watch);
    let ran = Ran { elapsed: start.elapsed(), peak_kib };
    match done {
        Ended::Well => Ok(ran),
        Ended::Failed => Err(failure(name, log, "")),
        Ended::Late => Err(failure(name, log, &format!("stopped after {} s, the limit", limit.as_secs()))),
        Ended::Stopped(lines) => Err(Error::Build { step: name.to_owned(), lines }),
    }
}

/// How a child ended.
enum Ended {
    Well,
    Failed,
    /// It took longer than the limit.
    Late,
    /// By whoever watched it, for this reason.
    Stopped(String),
}

/// Most memory, and how the child ended.
fn wait(
    child: &mut Child,
    start: Instant,
    limit: Duration,
    log: &Path,
    watch: &mut dyn FnMut(&str) -> Stop,
) -> (u64, Ended) {
    let mut peak = 0;
    let mut turn = 0u64;
    let stopped = loop {
        peak = peak.max(peak_kib(child.id()));
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return (peak, Ended::Well),
            Ok(Some(_)) | Err(_) => return (peak, Ended::Failed),
            Ok(None) if start.elapsed() > limit => break Ended::Late,
            Ok(None) => sleep(PAUSE),
        }
        turn += 1;
        if turn.is_multiple_of(10)
            && let Some(reason) = watch(&std::fs::read_to_string(log).unwrap_or_default())
        {
            break Ended::Stopped(reason);
        }
    };
    // It may have ended by itself in between.
    let _ = child.kill();
    let _ = child.wait();
    (peak, stopped)
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
