// SPDX-License-Identifier: Apache-2.0
//! A core behind an endpoint for datagrams: `hdl/rtl/bpf_udp.sv`, whose bytes docs/src/udp.md has.
//!
//! Each request has a number, and the board carries out a number once: the same one again gets the same answer, an older one nothing. So whatever is
//! lost, doubled, late or overtaken, asking again with the same number is always right. At the beginning the board says its last number.

use super::Transport;
use super::direct::{self, Direct, Reach};
use crate::error::{Code, Failure, Result};
use crate::server::run_folder;
use bpf2hdl_host::{RegisterError, Registers};
use bpf2hdl_interface::registers;
use std::fs::{File, TryLockError};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

/// Where boards listen, unless they are built for another port.
const PORT: u16 = registers::UDP_PORT;
const REQUEST: u8 = 0xa5;
const ANSWER: u8 = 0x5a;
const HELLO: u8 = 0;
const READ: u8 = 1;
const WRITE: u8 = 2;
/// Bytes of a request, and of an answer.
const BYTES: usize = 12;
/// How long an answer may take before the request is sent again, and how often it is sent.
const ANSWER_TIME: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 20;
/// How long another command of this machine may use the board.
const LOCK: Duration = Duration::from_secs(10);

/// Opens the board at `HOST[:PORT]`, and compares the core with the manifest.
pub(super) fn open(name: &str, folder: Option<&Path>) -> Result<Box<dyn Transport>> {
    let wrong = |text: String| {
        Failure::new(Code::DeviceName, text)
            .hint(format!("udp:HOST[:PORT], such as udp:192.168.1.100 or udp:[fe80::1%eth0]:{PORT}"))
    };
    if name.is_empty() {
        return Err(wrong("`udp:` names no host".to_owned()));
    }
    let has_port = name.rsplit_once(':').is_some_and(|(host, _)| !host.contains(':') || host.ends_with(']'));
    let whole = if has_port { name.to_owned() } else { format!("{name}:{PORT}") };
    let design = direct::design("UDP", folder)?;
    let unreachable =
        |error: &dyn std::fmt::Display| Failure::new(Code::NoDevice, format!("`{whole}` can not be reached: {error}"));
    let mut addresses = whole.to_socket_addrs().map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => wrong(format!("`{name}` is no host: {error}")),
        _ => unreachable(&error).hint("is the name right? An address works without a name server"),
    })?;
    let address = addresses.next().ok_or_else(|| unreachable(&"the name has no address"))?;
    let lock = lock(address)?;
    let datagrams = Datagrams::open(address, ANSWER_TIME, Some(lock)).map_err(|error| unreachable(&error))?;
    let how = (true, "its bitstream is loaded by other tools");
    Ok(Box::new(Direct::open(format!("udp:{whole}"), design, datagrams, how)?))
}

/// Holds other commands of this machine off, in bounded time.
fn lock(address: SocketAddr) -> Result<File> {
    // A name that no simulated NIC has.
    let path = run_folder::root()?.join(".locks").join(format!("udp:{address}"));
    let failed = |error: io::Error| Failure::file(&path, "locked", &error);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    let end = Instant::now() + LOCK;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(Code::Busy, format!("another command uses the board at {address}"))
                    .note(format!("limit: {} s of waiting for it", LOCK.as_secs()))
                    .hint("wait until that command has ended, or end it"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}

/// Registers behind datagrams.
pub(super) struct Datagrams {
    socket: UdpSocket,
    wait: Duration,
    /// Of the last request; `None` until the board has said it.
    number: Option<u32>,
    /// Datagrams that were sent again.
    repeated: u64,
    /// The last access failed because nothing came back.
    silent: bool,
    _lock: Option<File>,
}

/// An answer.
struct Answer {
    status: u8,
    address: u16,
    number: u32,
    data: u32,
}

impl Datagrams {
    fn open(address: SocketAddr, wait: Duration, lock: Option<File>) -> io::Result<Self> {
        let any: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        let socket = UdpSocket::bind(any)?;
        // Datagrams of others do not come in.
        socket.connect(address)?;
        Ok(Self { socket, wait, number: None, repeated: 0, silent: false, _lock: lock })
    }

    fn peer(&self) -> String {
        self.socket.peer_addr().map_or_else(|_| "the board".to_owned(), |address| address.to_string())
    }

    /// Sends a request until its answer comes.
    fn ask(&mut self, op: u8, address: u16, number: u32, data: u32) -> Result<Answer, RegisterError> {
        self.silent = false;
        let mut request = [REQUEST, op, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        request[2..4].copy_from_slice(&address.to_le_bytes());
        request[4..8].copy_from_slice(&number.to_le_bytes());
        request[8..].copy_from_slice(&data.to_le_bytes());
        let mut reason = "no answer came".to_owned();
        for attempt in 0..ATTEMPTS {
            self.repeated += u64::from(attempt > 0);
            match self.exchange(&request, number) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                // A router or the host itself says that nobody listens; that may pass.
                Err(error) => {
                    reason = error.to_string();
                    std::thread::sleep(self.wait);
                }
            }
        }
        self.silent = true;
        Err(RegisterError(format!("{} can not be reached: {reason}, {ATTEMPTS} times", self.peer())))
    }

    /// Sends a request once, and takes its answer if it comes in time.
    fn exchange(&self, request: &[u8; BYTES], number: u32) -> io::Result<Option<Answer>> {
        self.socket.send(request)?;
        let end = Instant::now() + self.wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.socket.set_read_timeout(Some(left))?;
            // One more than an answer has, to see that it has no more.
            let mut bytes = [0; BYTES + 1];
            match self.socket.recv(&mut bytes) {
                Ok(BYTES) => {
                    if let Some(answer) = parse(&bytes, request[1]).filter(|answer| answer.number == number) {
                        return Ok(Some(answer));
                    }
                    // An answer to an older request, or none at all.
                }
                Ok(_) => {}
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A request with a number of its own.
    fn access(&mut self, op: u8, address: u16, data: u32) -> Result<u32, RegisterError> {
        let last = match self.number {
            Some(last) => last,
            // What number a hello has does not matter: its answer is the one with the last number.
            None => self.ask(HELLO, 0, u32::from_le_bytes(*b"helo"), 0)?.data,
        };
        let number = last.wrapping_add(1);
        let answer = self.ask(op, address, number, data)?;
        self.number = Some(number);
        let what = if op == READ { "read" } else { "written" };
        match answer.status {
            _ if answer.address != address => {
                // The number was somebody else's, who has got the same last number.
                self.number = None;
                Err(RegisterError(format!("another host uses {} at the same time", self.peer())))
            }
            0 => Ok(answer.data),
            1 => Err(RegisterError(format!("{} does not know this request", self.peer()))),
            _ => Err(RegisterError(format!("the board refused that register {address:#06x} is {what}"))),
        }
    }
}

/// The answer to an operation.
fn parse(bytes: &[u8], op: u8) -> Option<Answer> {
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let address = u16::from_le_bytes(*bytes.get(2..)?.first_chunk()?);
    let answer = Answer { status: second >> 4, address, number: word(4)?, data: word(8)? };
    (first == ANSWER && second & 0xf == op).then_some(answer)
}

impl Registers for Datagrams {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        self.access(READ, address, 0)
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        self.access(WRITE, address, value).map(drop)
    }
}

impl Reach for Datagrams {
    fn explain(&self, failure: Box<Failure>) -> Box<Failure> {
        if !self.silent {
            return failure;
        }
        let limits = format!("limits: {ATTEMPTS} attempts of {} ms", self.wait.as_millis());
        let tally = format!("{} requests of this command were sent again", self.repeated);
        failure.note(limits).note(tally).note("the last request may have been carried out or not").hint(
            "is the board's address right, does it answer `arping`, and is the bitstream of `--design` loaded? A firewall must let UDP through",
        )
    }
}

#[cfg(test)]
#[path = "udp_tests.rs"]
mod tests;
