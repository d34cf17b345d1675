// SPDX-License-Identifier: Apache-2.0
//! A core on a board behind a serial line: `hdl/rtl/bpf_serial.sv`, whose bytes docs/src/serial.md has.
//!
//! | module | what |
//! |---|---|
//! | `access` | registers by requests and answers, over a line that may damage, lose and delay bytes |
//! | `tty` | such a line: a terminal device of Linux |

mod access;
#[cfg(test)]
pub(super) mod bench;
#[cfg(test)]
mod tests;
mod tty;

use super::Transport;
use super::direct::{self, Direct, Reach};
use crate::error::{Code, Failure, Result};
use access::{Access, Timing};
use std::path::Path;
use tty::Tty;

/// Bits a second of a line that is named without: that of the boards (`boards/src/board.rs`).
const BAUD: u32 = 115_200;
/// The slowest and the fastest line that is worth a try.
const BAUDS: std::ops::RangeInclusive<u32> = 1200..=12_000_000;

/// Opens the board at `PATH[,BAUD]`, and compares the core with the manifest.
pub(super) fn open(name: &str, folder: Option<&Path>) -> Result<Box<dyn Transport>> {
    let (path, baud) = parse(name)?;
    let design = direct::design("serial", folder)?;
    let tty = Tty::open(Path::new(path), baud)?;
    let access = Access::open(tty, Timing::of(baud));
    let how = "its bitstream is made by `bpf2hdl synth` and loaded by a programmer's tool";
    Ok(Box::new(Direct::open(format!("serial:{path}"), design, access, (true, how))?))
}

/// Path and speed.
fn parse(name: &str) -> Result<(&str, u32)> {
    let wrong = |text: String| {
        let (low, high) = (BAUDS.start(), BAUDS.end());
        Failure::new(Code::DeviceName, text)
            .hint(format!("serial:PATH[,BAUD], such as serial:/dev/ttyUSB0,115200; BAUD is {low} to {high}"))
    };
    let (path, baud) = match name.rsplit_once(',') {
        Some((path, digits)) => {
            let baud = digits.parse().ok().filter(|baud| BAUDS.contains(baud));
            (path, baud.ok_or_else(|| wrong(format!("`{digits}` is no speed of a serial line")))?)
        }
        None => (name, BAUD),
    };
    if path.is_empty() { Err(wrong(format!("`serial:{name}` names no line"))) } else { Ok((path, baud)) }
}

impl Reach for Access<Tty> {
    fn explain(&self, failure: Box<Failure>) -> Box<Failure> {
        let Some(trouble) = self.trouble() else { return failure };
        let path = self.line().path();
        let mut failure = failure;
        failure.file = Some(path.display().to_string());
        if trouble.gone {
            failure.code = Code::NoDevice;
            return failure
                .note("what the command had done until then is done; the board goes on with its program")
                .hint(format!(
                    "look for cable and adapter ({} is what it was); then run the command again",
                    path.display()
                ));
        }
        failure.note(self.timing().limits()).note(self.tally()).hint(format!(
            "is it the board's line, at the board's speed ({} baud here), with the bitstream of `--design` loaded, and does nothing else \
             use {}?",
            self.line().baud(),
            path.display()
        ))
    }
}
