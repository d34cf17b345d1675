// SPDX-License-Identifier: Apache-2.0
//! Showing on standard error that long work goes on.

use super::output::complain;
use bpf2hdl_testbench::Progress;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

/// Least time between two changes of the line.
const PAUSE: Duration = Duration::from_millis(200);

/// A line that is written over on a terminal; one line a step elsewhere; nothing with `--json` off a terminal.
pub(crate) struct StatusLine {
    terminal: bool,
    quiet: bool,
    text: String,
    shown: Instant,
}

impl StatusLine {
    /// A line that nothing has been written on.
    pub(crate) fn new(json: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        Self { terminal, quiet: json && !terminal, text: String::new(), shown: Instant::now() }
    }
}

impl Progress for StatusLine {
    fn step(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        if self.terminal {
            complain(&format!("\r\x1b[K  {text} ..."));
        } else if !self.quiet {
            complain(&format!("  {text}\n"));
        }
        self.shown = Instant::now();
    }

    fn advance(&mut self, done: u64, total: u64) {
        if self.terminal && self.shown.elapsed() >= PAUSE {
            complain(&format!("\r\x1b[K  {} ... {done} of {total}", self.text));
            self.shown = Instant::now();
        }
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        if self.terminal && !self.text.is_empty() {
            complain("\r\x1b[K");
        }
    }
}
