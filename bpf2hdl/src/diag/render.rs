// SPDX-License-Identifier: Apache-2.0
//! Text (rustc's layout) and JSON renderings.
//!
//! ```text
//! error[E0401]: packet access is not proven to be inside the packet: 2 bytes at offset 12
//!   --> filter.c:17:9
//!    |
//! 17 |     if (eth->h_proto == bpf_htons(ETH_P_IP))
//!    |         ^
//!    = insn 4: r2 = *(u16 *)(r1 +12)
//!    = note: ...
//!    = help: ...
//! ```

use super::{Diagnostic, Diagnostics, Location, Severity};
use serde_json::{Value, json};
use std::fmt::{self, Write as _};

/// Longest source line shown; longer ones are cut.
const MAX_SOURCE_CHARS: usize = 160;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(f, "{kind}[{}]: {}", self.code.id(), printable(&self.message))?;
        let line = self.location.as_ref().and_then(|at| at.line).map_or(String::new(), |line| line.to_string());
        let pad = " ".repeat(line.len().max(1));
        if let Some(at) = &self.location {
            write_location(f, at, &line, &pad)?;
        }
        for note in &self.notes {
            writeln!(f, "{pad} = note: {}", indent(note, pad.len() + 9))?;
        }
        write!(f, "{pad} = help: {}", indent(&self.help, pad.len() + 9))
    }
}

fn write_location(f: &mut fmt::Formatter<'_>, at: &Location, line: &str, pad: &str) -> fmt::Result {
    if let Some(file) = &at.file {
        write!(f, "{pad}--> {}", printable(file))?;
        if let Some(number) = at.line {
            write!(f, ":{number}")?;
            if let Some(column) = at.column {
                write!(f, ":{column}")?;
            }
        }
        writeln!(f)?;
    }
    if let Some(source) = at.source.as_deref().filter(|text| !text.trim().is_empty()) {
        let source = printable(source.trim_end());
        let shown: String = source.chars().take(MAX_SOURCE_CHARS).collect();
        let number = if line.is_empty() { pad } else { line };
        writeln!(f, "{pad} |\n{number} | {shown}")?;
        match at.column.and_then(|column| usize::try_from(column).ok()) {
            Some(column) if column >= 1 && column <= shown.chars().count() => {
                writeln!(f, "{pad} | {}^", " ".repeat(column - 1))?;
            }
            _ => writeln!(f, "{pad} |")?,
        }
    }
    match (at.insn, &at.instruction) {
        (Some(insn), Some(text)) => writeln!(f, "{pad} = insn {insn}: {text}"),
        (Some(insn), None) => writeln!(f, "{pad} = insn {insn}"),
        (None, _) => Ok(()),
    }
}

/// Text from the input with control characters made harmless; tabs become one space, so that columns stay right.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\n' => '\n',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Continuation lines of a multi-line note, aligned below the first.
fn indent(text: &str, columns: usize) -> String {
    printable(text.trim_end()).replace('\n', &format!("\n{}", " ".repeat(columns)))
}

impl Diagnostic {
    /// One item of the JSON form: `code`, `message`, `file`, `line`, `help`, and beyond the promised ones
    /// `severity`, `title`, `column`, `source`, `insn`, `instruction`, `notes`. Unknown parts are null.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let at = self.location.as_deref().cloned().unwrap_or_default();
        json!({
            "code": self.code.id(),
            "severity": match self.severity() { Severity::Error => "error", Severity::Warning => "warning" },
            "title": self.code.title(),
            "message": self.message,
            "file": at.file,
            "line": at.line,
            "column": at.column,
            "source": at.source,
            "insn": at.insn,
            "instruction": at.instruction,
            "notes": self.notes,
            "help": self.help,
        })
    }
}

impl Diagnostics {
    /// All findings as text, an empty line between them, and a summary line when there is an error.
    #[must_use]
    pub fn to_text(&self) -> String {
        let sorted = self.clone().finish();
        let mut text = String::new();
        for item in &sorted {
            let _ = writeln!(text, "{item}\n");
        }
        let errors = sorted.errors().count();
        let warnings = sorted.warnings().count();
        if errors > 0 {
            let _ = write!(text, "{}", plural(errors, "error"));
            if warnings > 0 {
                let _ = write!(text, ", {}", plural(warnings, "warning"));
            }
            text.push('\n');
        }
        text
    }

    /// `{"error": ..., "code": ..., "items": [...]}`: the first error's message and code, then all findings.
    /// Without an error the first two are null.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let sorted = self.clone().finish();
        let first = sorted.errors().next();
        let message = first.map(|item| match sorted.errors().count() {
            1 => item.message.clone(),
            count => format!("{} (and {} more)", item.message, plural(count - 1, "error")),
        });
        json!({
            "error": message,
            "code": first.map(|item| item.code.id()),
            "items": sorted.to_json_items(),
        })
    }

    /// The findings as a JSON list, sorted: the `items` of [`Diagnostics::to_json`].
    #[must_use]
    pub fn to_json_items(&self) -> Value {
        Value::Array(self.clone().finish().iter().map(Diagnostic::to_json).collect())
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
