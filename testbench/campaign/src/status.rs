// SPDX-License-Identifier: Apache-2.0
//! What a campaign shows while it runs, and how it prints its tables.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// A line that is written over on a terminal, and repeated now and then elsewhere.
pub struct Status {
    terminal: bool,
    shown: Instant,
    every: Duration,
}

impl Default for Status {
    fn default() -> Self {
        let terminal = io::stdout().is_terminal();
        let every = if terminal { Duration::from_millis(200) } else { Duration::from_secs(20) };
        Self { terminal, shown: Instant::now(), every }
    }
}

impl Status {
    /// Shows the line if it is time to.
    pub fn show(&mut self, line: impl FnOnce() -> String) {
        if self.shown.elapsed() < self.every {
            return;
        }
        self.shown = Instant::now();
        if self.terminal {
            print(&format!("\r\x1b[K  {}", line()));
        } else {
            print(&format!("  {}\n", line()));
        }
    }

    /// Prints something that stays.
    pub fn say(&mut self, text: &str) {
        let clear = if self.terminal { "\r\x1b[K" } else { "" };
        print(&format!("{clear}{text}\n"));
    }
}

/// Prints to standard output; a reader that has gone away is nobody to tell.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A table with columns as wide as they need, numbers to the right.
#[must_use]
pub fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::len);
        cells.chain([titles[column].len()]).max().unwrap_or(0)
    };
    let is_number = |text: &String| text.chars().all(|c| c.is_ascii_digit() || ".,%-".contains(c));
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let right: Vec<bool> =
        (0..titles.len()).map(|column| rows.iter().all(|row| row.get(column).is_none_or(is_number))).collect();
    let line = |cells: Vec<String>| {
        let cell = |(column, text): (usize, String)| match right[column] {
            true => format!("{text:>width$}", width = widths[column]),
            false => format!("{text:<width$}", width = widths[column]),
        };
        let cells: Vec<String> = cells.into_iter().enumerate().map(cell).collect();
        format!("  {}\n", cells.join("  ").trim_end())
    };
    let mut text = line(titles.iter().map(|title| (*title).to_owned()).collect());
    text += &line(widths.iter().map(|width| "-".repeat(*width)).collect());
    rows.iter().for_each(|row| text += &line(row.clone()));
    text
}
