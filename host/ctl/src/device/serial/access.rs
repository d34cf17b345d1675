// SPDX-License-Identifier: Apache-2.0
//! Registers by requests and answers: what docs/src/serial.md says of a host.
//!
//! An answer names neither its request nor a number, so what a missing or late one means is worked out from two facts: the line keeps
//! the order of bytes, and a board answers each whole request or (if it came before the last answer had left) drops it.
//!
//! * After anything but a whole answer: wait until the line has been silent for [`Timing::silence`], which is when the board has
//!   forgotten half a request, then read MAGIC and VERSION. Their answers, in this order, have overtaken nothing, so no older request
//!   or answer is on its way any more. Only then is anything asked again.
//! * Reading again, and writing a plain register again, does no harm.
//! * **A map command is carried out once.** A command 0, which no map has, is written before it: that sets MAP_STATUS.error and does
//!   nothing else, however often. A command that the core takes up clears the bit. So if its answer is lost, MAP_STATUS says whether
//!   the core has seen it: no error, it has (and may still be busy); error, it has not, or has refused it and done nothing. Both may be
//!   asked again. This holds for "next", for the step of MAP_INDEX, for the exchange of a trie's tables, and for updates and deletes,
//!   whose result would be another one the second time.
//! * The last word of MAP_SEED clears maps, and nothing tells whether it has: it is written once, or the state is said to be unknown.

use bpf2hdl_host::{RegisterError, Registers};
use bpf2hdl_interface::registers as reg;
use std::io;
use std::time::{Duration, Instant};

const REQUEST: u8 = 0xa5;
const ANSWER: u8 = 0x5a;
const READ: u8 = 1;
const WRITE: u8 = 2;
const DONE: u8 = 0;
const DAMAGED: u8 = 1;
const FAILED: u8 = 2;
/// Bytes of the longest request and its answer.
const LONGEST: u32 = 9 + 7;
/// The map command that no map has.
const NO_COMMAND: u32 = 0;
/// Word of [`reg::MAP_SEED`] that clears maps.
const CLEARS: u16 = reg::MAP_SEED + 12;
/// Reads of MAP_STATUS for a command whose answer was lost, before it counts as hanging.
const POLLS: u32 = 1000;

/// Bytes to and from a board.
pub(super) trait Line {
    /// The time that limits are measured with.
    fn now(&self) -> Instant {
        Instant::now()
    }
    /// Sends bytes, in bounded time.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Takes what has come; waits for at most `wait` if nothing has, and returns 0 if nothing does.
    fn take(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize>;
}

/// Limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    /// From a request to the end of its answer.
    pub(super) answer: Duration,
    /// Silence in which a board forgets half a request (67 ms at 62.5 MHz).
    pub(super) silence: Duration,
    /// How often one thing is asked.
    pub(super) attempts: u32,
}

impl Timing {
    /// Those for a board at `baud`: an answer comes within the time that its bytes need and a quarter of a second, which adapters and
    /// a busy host may take.
    pub(super) fn of(baud: u32) -> Self {
        let line = Duration::from_secs_f64(f64::from(10 * LONGEST) / f64::from(baud));
        Self { answer: line + Duration::from_millis(250), silence: Duration::from_millis(100), attempts: 8 }
    }

    /// In words.
    pub(super) fn limits(&self) -> String {
        format!(
            "limits: {} attempts, {} ms for an answer, {} ms of silence before the next one",
            self.attempts,
            self.answer.as_millis(),
            self.silence.as_millis()
        )
    }
}

/// Why the way to the registers failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trouble {
    /// The line is not there any more.
    pub(super) gone: bool,
}

/// What became of one request.
#[derive(Debug)]
enum Outcome {
    /// It was carried out; what was read.
    Done(u32),
    /// The bus behind the line refused it.
    Failed,
    /// No answer that makes sense: why.
    Lost(&'static str),
}

/// What came instead of whole answers.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    requests: u64,
    lost: u64,
}

/// Registers behind a line.
pub(super) struct Access<L> {
    line: L,
    timing: Timing,
    /// Something may still be on its way.
    unsure: bool,
    trouble: Option<Trouble>,
    tally: Tally,
}

impl<L: Line> Access<L> {
    /// Begins with silence: who used the line before may have been killed.
    pub(super) fn open(line: L, timing: Timing) -> Self {
        Self { line, timing, unsure: true, trouble: None, tally: Tally::default() }
    }

    /// Why the last access failed, if the line was the reason.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    pub(super) fn line(&self) -> &L {
        &self.line
    }

    #[cfg(test)]
    pub(super) fn line_mut(&mut self) -> &mut L {
        &mut self.line
    }

    pub(super) fn timing(&self) -> Timing {
        self.timing
    }

    /// How well the line did, in words.
    pub(super) fn tally(&self) -> String {
        format!("{} of {} requests of this command had no whole answer", self.tally.lost, self.tally.requests)
    }

    /// The failure of the line itself.
    fn gone(&mut self, error: &io::Error) -> RegisterError {
        self.trouble = Some(Trouble { gone: true });
        RegisterError(format!("the serial line has gone: {error}"))
    }

    fn give_up(&mut self, what: &str, reason: &str) -> RegisterError {
        self.trouble = Some(Trouble { gone: false });
        RegisterError(format!("{what}: {reason}, {} times", self.timing.attempts))
    }

    /// Sends one request, and takes its answer.
    fn exchange(&mut self, address: u16, value: Option<u32>) -> Result<Outcome, RegisterError> {
        let [low, high] = address.to_le_bytes();
        let mut request = vec![REQUEST, if value.is_some() { WRITE } else { READ }, low, high];
        request.extend(value.into_iter().flat_map(u32::to_le_bytes));
        request.push(crc8(&request));
        self.tally.requests += 1;
        self.line.put(&request).map_err(|error| self.gone(&error))?;
        let outcome = self.answer(value.is_none()).map_err(|error| self.gone(&error))?;
        if let Outcome::Lost(_) = outcome {
            self.tally.lost += 1;
            self.unsure = true;
        }
        Ok(outcome)
    }

    fn answer(&mut self, is_read: bool) -> io::Result<Outcome> {
        let end = self.line.now() + self.timing.answer;
        let mut got = Vec::with_capacity(8);
        loop {
            // What is known of its length.
            let length = match got[..] {
                [] | [_] => 3,
                [first, ..] if first != ANSWER => return Ok(Outcome::Lost("what came was no answer")),
                [_, DONE, ..] if is_read => 7,
                [_, DONE | DAMAGED | FAILED, ..] => 3,
                _ => return Ok(Outcome::Lost("what came was no answer")),
            };
            if got.len() >= length {
                return Ok(whole(&got, length));
            }
            let mut buffer = [0; 16];
            let wait = end.saturating_duration_since(self.line.now());
            match self.line.take(&mut buffer, wait)? {
                0 if got.is_empty() => return Ok(Outcome::Lost("no answer came")),
                0 => return Ok(Outcome::Lost("only a part of an answer came")),
                count => got.extend(&buffer[..count.min(buffer.len())]),
            }
        }
    }

    /// Waits until nothing is on its way any more.
    fn settle(&mut self) -> Result<(), RegisterError> {
        let mut reason = String::new();
        for _ in 0..self.timing.attempts {
            match self.probe()? {
                None => {
                    self.unsure = false;
                    return Ok(());
                }
                Some(problem) => reason = problem,
            }
        }
        Err(self.give_up("the board can not be reached", &reason))
    }

    /// Silence, then two registers whose contents are known; what is wrong.
    fn probe(&mut self) -> Result<Option<String>, RegisterError> {
        if !self.silence()? {
            return Ok(Some("the line does not become silent".to_owned()));
        }
        for (name, address, expected) in [
            ("MAGIC", reg::MAGIC, reg::MAGIC_VALUE),
            ("INTERFACE_VERSION", reg::INTERFACE_VERSION, reg::INTERFACE_VERSION_VALUE),
        ] {
            match self.exchange(address, None)? {
                Outcome::Done(found) if found == expected => {}
                Outcome::Done(found) => return Ok(Some(format!("{name} is {found:#010x}, not {expected:#010x}"))),
                Outcome::Failed => return Ok(Some(format!("{name} can not be read"))),
                Outcome::Lost(problem) => return Ok(Some(problem.to_owned())),
            }
        }
        Ok(None)
    }

    /// Throws away what comes until nothing has for a while; `false` if that does not end.
    fn silence(&mut self) -> Result<bool, RegisterError> {
        let end = self.line.now() + 10 * self.timing.silence + self.timing.answer;
        let mut buffer = [0; 256];
        while self.line.now() < end {
            if self.line.take(&mut buffer, self.timing.silence).map_err(|error| self.gone(&error))? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What may be asked any number of times: asked until there is an answer.
    fn repeat(&mut self, address: u16, value: Option<u32>) -> Result<u32, RegisterError> {
        let what = if value.is_some() { "written" } else { "read" };
        let mut reason = "";
        for _ in 0..self.timing.attempts {
            if self.unsure {
                self.settle()?;
            }
            match self.exchange(address, value)? {
                Outcome::Done(found) => return Ok(found),
                Outcome::Failed => {
                    return Err(RegisterError(format!("the board refused that register {address:#06x} is {what}")));
                }
                Outcome::Lost(problem) => reason = problem,
            }
        }
        Err(self.give_up(&format!("register {address:#06x} can not be {what}"), reason))
    }

    /// A map command that must not be carried out twice.
    fn command(&mut self, command: u32) -> Result<(), RegisterError> {
        let mut reason = "";
        for _ in 0..self.timing.attempts {
            self.repeat(reg::MAP_COMMAND, Some(NO_COMMAND))?;
            match self.exchange(reg::MAP_COMMAND, Some(command))? {
                Outcome::Done(_) => return Ok(()),
                Outcome::Failed => return Err(RegisterError("the board refused a map command".to_owned())),
                Outcome::Lost(problem) => reason = problem,
            }
            if self.was_taken_up()? {
                return Ok(());
            }
        }
        Err(self.give_up(&format!("map command {command:#x} can not be given"), reason))
    }

    /// Whether the core has carried out the command behind the last command 0.
    fn was_taken_up(&mut self) -> Result<bool, RegisterError> {
        for _ in 0..POLLS {
            let status = self.repeat(reg::MAP_STATUS, None)?;
            if status & reg::MAP_STATUS_BUSY == 0 {
                return Ok(status & reg::MAP_STATUS_ERROR == 0);
            }
        }
        Err(RegisterError(format!("a map command whose answer was lost is not done after {POLLS} looks")))
    }

    /// What can be written once only.
    fn once(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        if self.unsure {
            self.settle()?;
        }
        match self.exchange(address, Some(value))? {
            Outcome::Done(_) => Ok(()),
            Outcome::Failed => Err(RegisterError(format!("the board refused that register {address:#06x} is written"))),
            Outcome::Lost(problem) => {
                self.trouble = Some(Trouble { gone: false });
                Err(RegisterError(format!("whether register {address:#06x} was written is not known: {problem}")))
            }
        }
    }
}

/// An answer whose length is known.
fn whole(got: &[u8], length: usize) -> Outcome {
    if got.len() > length {
        return Outcome::Lost("more than an answer came");
    }
    let (bytes, crc) = got.split_at(length - 1);
    if [crc8(bytes)] != crc {
        return Outcome::Lost("the answer was damaged");
    }
    match (bytes[1], bytes) {
        (DONE, [_, _, a, b, c, d]) => Outcome::Done(u32::from_le_bytes([*a, *b, *c, *d])),
        (DONE, _) => Outcome::Done(0),
        (DAMAGED, _) => Outcome::Lost("the request was damaged"),
        _ => Outcome::Failed,
    }
}

/// CRC-8: x^8 + x^2 + x + 1, from 0.
pub(super) fn crc8(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0, |crc, byte| (0..8).fold(crc ^ byte, |crc, _| crc << 1 ^ if crc & 0x80 == 0 { 0 } else { 0x07 }))
}

impl<L: Line> Registers for Access<L> {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        self.trouble = None;
        self.repeat(address, None)
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        self.trouble = None;
        match address {
            reg::MAP_COMMAND if !is_repeatable(value) => self.command(value),
            CLEARS => self.once(address, value),
            _ => self.repeat(address, Some(value)).map(drop),
        }
    }
}

/// Whether a map command changes nothing but the windows.
fn is_repeatable(command: u32) -> bool {
    matches!(command & 0xff, reg::COMMAND_READ | reg::COMMAND_LOOKUP) && command & reg::COMMAND_INCREMENT == 0
}
