// SPDX-License-Identifier: Apache-2.0
//! Standard output and standard error: the only place that prints.

use crate::error::Failure;
use crate::json::Json;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// What a command has to say.
pub(crate) struct Shown {
    /// For people.
    pub(crate) text: String,
    /// For programs; nothing for commands that have nothing to say.
    pub(crate) json: Json,
    /// 0, or 1 where the answer is "no".
    pub(crate) status: u8,
}

impl Shown {
    /// A result.
    pub(crate) fn new(text: impl Into<String>, json: Json) -> Self {
        Self { text: text.into(), json, status: 0 }
    }

    /// Done, and nothing to say; bpftool's JSON is `null` then.
    pub(crate) fn done() -> Self {
        Self::new("", Json::null())
    }
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Form {
    pub(crate) json: bool,
    pub(crate) pretty: bool,
}

/// Prints the end of a command and gives the exit code.
pub(crate) fn finish(result: Result<Shown, Box<Failure>>, form: Form) -> ExitCode {
    match result {
        Ok(shown) if form.json => print(&shown.json.render(form.pretty), shown.status),
        Ok(shown) if shown.text.is_empty() => ExitCode::from(shown.status),
        Ok(shown) => print(shown.text.trim_end(), shown.status),
        Err(failure) => {
            let status = failure.status();
            if form.json {
                return print(&Json::from(failure.to_json()).render(form.pretty), status);
            }
            complain(&failure.to_string());
            ExitCode::from(status)
        }
    }
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
