// SPDX-License-Identifier: Apache-2.0
//! A board in memory for tests: `bpf_serial.sv` byte by byte, behind it the map window of `bpf_csr.sv` with an array and a hash map; a
//! line to it that damages, loses and delays bytes; and a clock that costs no time.

use super::access::{Line, crc8};
use bpf2hdl_interface::registers as reg;
use bpf2hdl_interface::{Manifest, MapType};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};

/// Of one byte at 115,200 baud.
const BYTE: Duration = Duration::from_micros(87);
/// After which a board forgets half a request.
const FORGETS: Duration = Duration::from_millis(67);
pub(crate) const ENTRIES: u32 = 50;
pub(crate) const ARRAY: u32 = 0;
pub(crate) const HASH: u32 = 1;

/// The maps of [`Core`].
pub(crate) fn manifest() -> Manifest {
    let map = |id, name: &str, map_type: MapType, entries| {
        serde_json::json!({"id": id, "name": name, "type": map_type.name(), "key_size": 4, "value_size": 4, "max_entries": entries,
            "hardware": true, "initial": null, "btf": null})
    };
    let text = serde_json::json!({
        "format": 1, "build_id": "0".repeat(64), "program": "p", "program_type": "xdp", "target": "ecp5-25f", "clock_mhz": 62.5,
        "bus_bits": 64, "max_frame_bytes": 1536, "stages": 1, "latency_cycles": 5, "files": [], "top": "bpf_core",
        "maps": [map(ARRAY, "a", MapType::ARRAY, ENTRIES), map(HASH, "h", MapType::HASH, 64)],
        "registers": reg::manifest_registers(), "capabilities": [], "programs": [],
    });
    Manifest::parse(&text.to_string()).expect("a manifest")
}

/// Registers of a core: map 0 an array of [`ENTRIES`] 4-byte values, map 1 a hash map with 4-byte keys and values.
#[derive(Default)]
pub(crate) struct Core {
    pub(crate) array: BTreeMap<u32, u32>,
    pub(crate) hash: BTreeMap<u32, u32>,
    select: u32,
    index: u32,
    key: u32,
    data: u32,
    status: u32,
    /// Reads of the status that still say busy.
    busy: u32,
    /// Commands that were carried out or refused, but for command 0.
    pub(crate) commands: Vec<u32>,
    /// Writes of the word that clears maps.
    pub(crate) clears: u32,
}

impl Core {
    pub(crate) fn read(&mut self, address: u16) -> u32 {
        match address {
            reg::MAGIC => reg::MAGIC_VALUE,
            reg::INTERFACE_VERSION => reg::INTERFACE_VERSION_VALUE,
            reg::MAP_INDEX => self.index,
            reg::MAP_STATUS if self.busy > 0 => {
                self.busy -= 1;
                reg::MAP_STATUS_BUSY
            }
            reg::MAP_STATUS => self.status,
            reg::KEY => self.key,
            reg::DATA => self.data,
            _ => 0,
        }
    }

    pub(crate) fn write(&mut self, address: u16, value: u32) {
        match address {
            _ if self.busy > 0 => {}
            reg::MAP_SELECT => self.select = value,
            reg::MAP_INDEX => self.index = value,
            reg::KEY => self.key = value,
            reg::DATA => self.data = value,
            reg::MAP_COMMAND => self.command(value),
            address if address == reg::MAP_SEED + 12 => self.clears += 1,
            _ => {}
        }
    }

    fn command(&mut self, command: u32) {
        self.status = reg::MAP_STATUS_ERROR;
        if command == 0 {
            return;
        }
        self.commands.push(command);
        self.busy = 2;
        let errno = match (self.select, command & 0xff) {
            (ARRAY, reg::COMMAND_READ | reg::COMMAND_WRITE) if self.index < ENTRIES => {
                if command & 0xff == reg::COMMAND_READ {
                    self.data = self.array.get(&self.index).copied().unwrap_or(0);
                } else {
                    self.array.insert(self.index, self.data);
                }
                self.index += u32::from(command & reg::COMMAND_INCREMENT != 0);
                0
            }
            (HASH, _) => self.key_command(command),
            _ => return,
        };
        self.status = errno << reg::MAP_STATUS_ERRNO_SHIFT;
    }

    fn key_command(&mut self, command: u32) -> u32 {
        let there = self.hash.get(&self.key).copied();
        match command & 0xff {
            reg::COMMAND_LOOKUP => there.map_or(2, |value| {
                self.data = value;
                0
            }),
            reg::COMMAND_UPDATE => match (command >> reg::COMMAND_FLAGS_SHIFT & 3, there) {
                (1, Some(_)) => 17,
                (2, None) => 2,
                _ => {
                    self.hash.insert(self.key, self.data);
                    0
                }
            },
            reg::COMMAND_DELETE => self.hash.remove(&self.key).map_or(2, |_| 0),
            _ => match self.hash.iter().nth(self.index as usize) {
                Some((key, value)) => {
                    (self.key, self.data, self.index) = (*key, *value, self.index + 1);
                    0
                }
                None => 2,
            },
        }
    }
}

/// What happens to a message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Bits of one byte, chosen by this number, change.
    Damage(usize),
    /// One byte, chosen by this number, is lost.
    Shorten(usize),
    /// All of it is lost.
    Lose,
    /// It comes late.
    Delay(Duration),
    /// A byte that is none of it comes before it.
    Noise(u8),
}

/// Faults of the next messages: of a request, and of its answer.
pub(crate) type Faults = Box<dyn FnMut() -> (Fault, Fault)>;

/// A board at the end of a line.
pub(crate) struct Board {
    pub(crate) core: Core,
    pub(crate) faults: Faults,
    begun: Instant,
    /// Time since then.
    now: Duration,
    /// Bytes of a request, and when the last one came.
    request: Vec<u8>,
    last: Duration,
    /// Until when an answer leaves.
    sends: Duration,
    /// Bytes that are on their way to the host, with the time at which they are there.
    coming: VecDeque<(Duration, u8)>,
    pub(crate) gone: bool,
    /// Every so often a byte comes from nowhere.
    pub(crate) babbles: bool,
    pub(crate) requests: u32,
}

impl Board {
    pub(crate) fn new(faults: Faults) -> Self {
        Self {
            core: Core::default(),
            faults,
            begun: Instant::now(),
            now: Duration::ZERO,
            request: Vec::new(),
            last: Duration::ZERO,
            sends: Duration::ZERO,
            coming: VecDeque::new(),
            gone: false,
            babbles: false,
            requests: 0,
        }
    }

    /// Time since the beginning, on the bench's clock.
    pub(crate) fn elapsed(&self) -> Duration {
        self.now
    }

    /// A byte at the board's pin.
    pub(crate) fn byte(&mut self, at: Duration, byte: u8, fault: Fault) {
        if at < self.sends {
            return;
        }
        if at.saturating_sub(self.last) > FORGETS {
            self.request.clear();
        }
        self.last = at;
        if self.request.is_empty() && byte != 0xa5 {
            return;
        }
        self.request.push(byte);
        let length = match self.request[..] {
            [_] => return,
            [_, 1, ..] => 5,
            [_, 2, ..] => 9,
            _ => 0,
        };
        if self.request.len() < length {
            return;
        }
        let request = std::mem::take(&mut self.request);
        let mut answer = vec![0x5a, 0];
        if length == 0 || crc8(&request[..length - 1]) != request[length - 1] {
            answer[1] = 1;
        } else {
            let address = u16::from_le_bytes([request[2], request[3]]);
            if length == 5 {
                answer.extend(self.core.read(address).to_le_bytes());
            } else {
                let value = u32::from_le_bytes(request[4..8].try_into().unwrap_or_default());
                self.core.write(address, value);
            }
        }
        answer.push(crc8(&answer));
        self.sends = at + BYTE * answer.len() as u32;
        // The line keeps the order: what is late makes late what follows.
        let (answer, late) = spoilt(&answer, fault);
        let begin = (at + late).max(self.coming.back().map_or(Duration::ZERO, |(time, _)| *time));
        self.coming.extend((1u32..).zip(answer).map(|(number, byte)| (begin + BYTE * number, byte)));
    }
}

/// A message with a fault, and how late it is.
fn spoilt(message: &[u8], fault: Fault) -> (Vec<u8>, Duration) {
    let mut message = message.to_vec();
    let place = |number: usize| number % message.len();
    match fault {
        Fault::None => {}
        Fault::Damage(number) => {
            let place = place(number);
            message[place] ^= 1 + (number / 16 % 255) as u8;
        }
        Fault::Shorten(number) => drop(message.remove(place(number))),
        Fault::Lose => message.clear(),
        Fault::Delay(late) => return (message, late),
        Fault::Noise(byte) => message.insert(0, byte),
    }
    (message, Duration::ZERO)
}

impl Line for Board {
    fn now(&self) -> Instant {
        self.begun + self.now
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.gone {
            return Err(io::Error::other("unplugged"));
        }
        self.requests += 1;
        let (there, back) = (self.faults)();
        let (bytes, late) = spoilt(bytes, there);
        for byte in bytes {
            self.now += BYTE;
            self.byte(self.now + late, byte, back);
        }
        Ok(())
    }

    fn take(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        if self.gone {
            return Err(io::Error::other("unplugged"));
        }
        if self.babbles {
            self.now += Duration::from_millis(1);
            buffer[0] = 0x55;
            return Ok(1);
        }
        let end = self.now + wait;
        match self.coming.front() {
            Some((time, byte)) if *time <= end => {
                self.now = self.now.max(*time);
                buffer[0] = *byte;
                self.coming.pop_front();
                Ok(1)
            }
            _ => {
                self.now = end;
                Ok(0)
            }
        }
    }
}
