// SPDX-License-Identifier: Apache-2.0
//! Standard output and standard error: the only place that prints results.
//!
//! Results go to standard output, as text or as one JSON object. Diagnostics go to standard error as text, or, with
//! `--json`, into that object.

use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use clap::error::ErrorKind;
use serde_json::Value;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// What a verb has to say.
pub(crate) struct Outcome {
    /// For people, with a newline at its end.
    pub(crate) text: String,
    /// For programs: the indented text of one JSON object.
    pub(crate) json: String,
    /// Shown beside `text`; the JSON holds them already.
    pub(crate) warnings: Diagnostics,
    /// 0, or 1 when the result is a failure.
    pub(crate) status: u8,
}

impl Outcome {
    /// A success.
    pub(crate) fn new(text: String, json: &impl serde::Serialize, warnings: Diagnostics) -> Self {
        // No type of ours has keys that are not strings or numbers that JSON lacks.
        let json = serde_json::to_string_pretty(json).unwrap_or_default();
        Self { text, json, warnings, status: 0 }
    }
}

/// Prints the end of a run and gives the exit code.
pub(crate) fn finish(result: Result<Outcome, Diagnostics>, json: bool) -> ExitCode {
    match result {
        Ok(outcome) if json => print(&outcome.json, outcome.status),
        Ok(outcome) => {
            complain(&outcome.warnings.to_text());
            print(outcome.text.trim_end(), outcome.status)
        }
        Err(errors) => {
            let usage = [Code::Usage, Code::UnknownTarget, Code::UnknownBoard];
            let wrong_usage = usage.into_iter().any(|code| errors.contains(code));
            fail(&errors, json, if wrong_usage { 2 } else { 1 })
        }
    }
}

/// Prints what clap found, or the help text that was asked for.
pub(crate) fn usage(error: &clap::Error, json: bool) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return print(error.render().to_string().trim_end(), 0);
    }
    if !json {
        // If standard error is gone there is nobody left to tell.
        let _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.render().to_string();
    let (message, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let message = message.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
    let item = Diagnostic::new(Code::Usage, message);
    let item = rest.lines().filter(|line| !line.trim().is_empty()).fold(item, Diagnostic::note);
    fail(&item.into(), true, 2)
}

fn fail(errors: &Diagnostics, json: bool, status: u8) -> ExitCode {
    if json {
        return print(&pretty(&errors.to_json()), status);
    }
    complain(&errors.to_text());
    ExitCode::from(status)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Writes to standard output. A reader that has gone away (`| head`) is no failure; a full disk is.
fn print(text: &str, status: u8) -> ExitCode {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("error: standard output can not be written: {error}\n"));
            ExitCode::from(status.max(1))
        }
        _ => ExitCode::from(status),
    }
}

/// Writes to standard error.
pub(crate) fn complain(text: &str) {
    // If standard error is gone there is nobody left to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
