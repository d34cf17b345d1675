// SPDX-License-Identifier: Apache-2.0
//! A terminal device of Linux (termios(3)) as a line: eight bits, no parity, one stop bit, no flow control, nothing translated.

use super::access::Line;
use crate::error::{Code, Failure, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{ControlModes, OptionalActions, QueueSelector, SpecialCodeIndex, tcflush, tcgetattr, tcsetattr};
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How long another command may use the line.
const LOCK: Duration = Duration::from_secs(10);
/// How long bytes may wait to be sent.
const SEND: Duration = Duration::from_secs(2);
/// What a speed may be off, in percent: both ends together may be 4 (`hdl/rtl/bpf_uart.sv`).
const TOLERANCE: u64 = 2;

/// An open line, locked: two commands never mix their accesses.
pub(crate) struct Tty {
    file: File,
    path: PathBuf,
    baud: u32,
}

impl Tty {
    /// Opens a line at this speed and waits until no other command uses it.
    pub(super) fn open(path: &Path, baud: u32) -> Result<Self> {
        let wrong = |what: &str, error: &dyn std::fmt::Display| {
            Failure::new(Code::NoDevice, format!("the serial line {} {what}: {error}", path.display()))
                .at(path)
                .hint("`ls /dev/serial/by-id` shows the lines of USB adapters; the group of the device (`dialout`) may use it")
        };
        // A line whose modem says that nobody is there must not keep the command waiting.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| wrong("can not be opened", &error))?;
        let file = File::from(file);
        lock(&file, path)?;
        let line = Self { file, path: path.to_owned(), baud };
        line.set_up().map_err(|error| match error {
            Errno::NOTTY => wrong("is none", &"it is no terminal device"),
            Errno::INVAL => wrong("can not be set up", &format!("it does not do {baud} baud")),
            error => wrong("can not be set up", &error),
        })?;
        Ok(line)
    }

    fn set_up(&self) -> rustix::io::Result<()> {
        let mut modes = tcgetattr(&self.file)?;
        modes.make_raw();
        modes
            .control_modes
            .remove(ControlModes::CSTOPB | ControlModes::PARENB | ControlModes::CRTSCTS | ControlModes::HUPCL);
        modes.control_modes.insert(ControlModes::CS8 | ControlModes::CLOCAL | ControlModes::CREAD);
        // A read without bytes is `EAGAIN`, so that none at all is the end of the line.
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        modes.set_speed(self.baud)?;
        tcsetattr(&self.file, OptionalActions::Flush, &modes)?;
        tcflush(&self.file, QueueSelector::IOFlush)?;
        // The driver puts there what it could do.
        let speed = u64::from(tcgetattr(&self.file)?.output_speed());
        let wanted = u64::from(self.baud);
        if 100 * speed.abs_diff(wanted) > TOLERANCE * wanted { Err(Errno::INVAL) } else { Ok(()) }
    }

    /// The device.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its speed.
    pub(super) fn baud(&self) -> u32 {
        self.baud
    }

    /// Waits until bytes can go or come; whether they can.
    fn wait(&self, what: PollFlags, end: Instant) -> io::Result<bool> {
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            let mut polled = [PollFd::new(&self.file, what)];
            match poll(&mut polled, Some(&timeout)) {
                Ok(0) => return Ok(false),
                // What is wrong with the line is said by the read or write that follows.
                Ok(_) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Locks the device against other commands, in bounded time.
fn lock(file: &File, path: &Path) -> Result<()> {
    let end = Instant::now() + LOCK;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < end => thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::WouldBlock) => {
                let text = format!("another command uses the serial line {}", path.display());
                return Err(Failure::new(Code::Busy, text)
                    .at(path)
                    .note(format!("limit: {} s of waiting for it", LOCK.as_secs()))
                    .hint("wait until that command has ended, or end it"));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::file(path, "locked", &error)),
        }
    }
}

fn end_of_line() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "its other end was closed")
}

impl Line for Tty {
    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let end = Instant::now() + SEND;
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err(end_of_line()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.wait(PollFlags::OUT, end)? {
                        let text = format!("it takes no bytes for {} s", SEND.as_secs());
                        return Err(io::Error::new(io::ErrorKind::TimedOut, text));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        let end = Instant::now() + wait;
        loop {
            match self.file.read(buffer) {
                Ok(0) => return Err(end_of_line()),
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.wait(PollFlags::IN, end)? {
                        return Ok(0);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
}
