// SPDX-License-Identifier: Apache-2.0
//! Time and memory of a child process, from the kernel; a child that takes too much of either is stopped.
#![allow(unsafe_code, reason = "the standard library does not tell the resources of a child")]

use std::io;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A child with more resident memory than this is stopped, MiB: half of what a small build machine has.
const MEMORY_LIMIT_MIB: f64 = 8192.0;
/// Shortest and longest time between two looks.
const LOOK: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// What the kernel counted.
#[derive(Debug)]
pub(crate) struct Usage {
    /// Whether the exit code was 0.
    pub(crate) ok: bool,
    /// Processor time, seconds: user and system, as only their sum is exact on most kernels.
    pub(crate) cpu_seconds: f64,
    /// Largest resident memory, MiB.
    pub(crate) peak_mib: f64,
    /// Why it was stopped, if it was.
    pub(crate) stopped: Option<&'static str>,
}

/// Waits for the end.
///
/// # Errors
/// Of the system call.
pub(crate) fn wait(mut child: Child, limit: Duration) -> io::Result<Usage> {
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let start = Instant::now();
    let mut pause = LOOK[0];
    let mut stopped = None;
    loop {
        if let Some(usage) = look(pid)? {
            return Ok(Usage { stopped, ..usage });
        }
        let reason = if start.elapsed() > limit {
            Some("the time limit")
        } else if resident_mib(pid).is_some_and(|mib| mib > MEMORY_LIMIT_MIB) {
            Some("the memory limit, 8 GiB")
        } else {
            None
        };
        if stopped.is_none() && reason.is_some() {
            stopped = reason;
            // It may have ended by itself in between.
            let _ = child.kill();
        }
        sleep(pause);
        pause = (pause * 2).min(LOOK[1]);
    }
}

/// The usage, if the child has ended.
fn look(pid: libc::pid_t) -> io::Result<Option<Usage>> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a value of the type; wait4 writes to both places, which live on this stack.
    let (usage, waited) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let waited = libc::wait4(pid, &raw mut status, libc::WNOHANG, &raw mut usage);
        (usage, waited)
    };
    match waited {
        0 => Ok(None),
        waited if waited == pid => Ok(Some(Usage {
            ok: libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
            cpu_seconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peak_mib: usage.ru_maxrss as f64 / 1024.0,
            stopped: None,
        })),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            error => Err(error),
        },
    }
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 / 1e6
}

/// Resident memory of a process that runs.
fn resident_mib(pid: libc::pid_t) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_child_is_measured_and_stopped() {
        let fine = wait(Command::new("true").spawn().unwrap(), Duration::from_secs(10)).unwrap();
        assert!(fine.ok && fine.peak_mib > 0.1 && fine.stopped.is_none());
        let slow = wait(Command::new("sleep").arg("60").spawn().unwrap(), Duration::from_millis(50)).unwrap();
        assert!(!slow.ok);
        assert_eq!(slow.stopped, Some("the time limit"));
    }
}
