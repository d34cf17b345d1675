// SPDX-License-Identifier: Apache-2.0
//! Requests and replies between a command and the NIC, and their form on the socket.
//!
//! | bytes | contents |
//! |---|---|
//! | 0 to 3 | `B2HN` |
//! | 4, 5 | version, little-endian as all numbers: 1 |
//! | 6, 7 | 0 |
//! | 8 to 11 | length of the JSON |
//! | 12 to 15 | length of the bytes behind it |
//! | 16 .. | JSON of a [`Request`] or [`Reply`], then bytes (frames) |
//!
//! Lengths are limited, so a sender can make the other side hold [`MAX_JSON`] + [`MAX_BLOB`] bytes, and no more. Replies come in the order of
//! the requests. Whatever is wrong with a message ends the connection, after an error reply where one can be sent.

use crate::error::{Code, Failure, Result};
use bpf2hdl_host::entries::Condition;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::io::{self, Read, Write};

const MAGIC: [u8; 4] = *b"B2HN";
const VERSION: u16 = 1;
const HEADER: usize = 16;
/// Longest JSON of a message, in bytes.
pub(crate) const MAX_JSON: usize = 32 << 20;
/// Most bytes behind the JSON.
pub(crate) const MAX_BLOB: usize = 8 << 20;

/// Bytes, in JSON as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bpf2hdl_interface::manifest::encode_hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        bpf2hdl_interface::manifest::decode_hex(&digits)
            .map(Self)
            .ok_or_else(|| D::Error::custom("no hexadecimal bytes"))
    }
}

/// When an update is wanted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum When {
    Any,
    NoExist,
    Exist,
}

impl From<When> for Condition {
    fn from(when: When) -> Self {
        match when {
            When::Any => Self::Any,
            When::NoExist => Self::NoExist,
            When::Exist => Self::Exist,
        }
    }
}

/// What is done with one map.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum MapOp {
    Get {
        key: Hex,
    },
    Put {
        key: Hex,
        value: Hex,
        when: When,
    },
    Remove {
        key: Hex,
    },
    /// Entries from a cursor on.
    Part {
        cursor: u32,
        limit: u32,
    },
    Push {
        value: Hex,
        overwrite: bool,
    },
    Pop {
        take: bool,
    },
    MayHold {
        value: Hex,
    },
}

impl MapOp {
    /// Whether no packet may be inside meanwhile.
    pub(crate) fn needs_idle(&self, is_stateful: bool) -> bool {
        is_stateful || matches!(self, Self::Push { .. } | Self::Pop { .. })
    }
}

/// A program that is to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoadRequest {
    /// Folder of the design, complete and checked by its sums; the NIC takes it over.
    pub(crate) design: String,
    /// What the user named.
    pub(crate) source: String,
    /// Whether maps of the same name and shape keep their contents.
    pub(crate) keep_maps: bool,
    /// Whether everything is done but the switch.
    pub(crate) dry_run: bool,
    /// Contents of a map file for the new program's maps.
    pub(crate) maps: Option<String>,
}

/// What a command wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Request {
    /// [`Status`].
    Status,
    /// The running program's manifest.
    Manifest,
    /// Something with a map of the program that was loaded as number `load`.
    Map { load: u64, map: u32, op: MapOp },
    /// The core's counters.
    Counters { load: u64 },
    /// Sets them to zero.
    ClearCounters { load: u64 },
    /// Puts frames (the bytes, [`encode_frames`]) on the wire in front of the MAC.
    Send,
    /// Runs one frame (the bytes) so many times; nothing leaves.
    Run { repeat: u32 },
    /// Another program.
    Load(LoadRequest),
    /// No program: everything passes.
    Unload,
    /// Copies of packets at entry and exit, without end.
    Trace,
    /// The end of a simulated NIC.
    Down,
}

/// A program on the NIC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Program {
    /// Number of the load, from 1.
    pub(crate) load: u64,
    /// Slot, `A` or `B`.
    pub(crate) slot: String,
    pub(crate) name: String,
    pub(crate) build_id: String,
    pub(crate) source: String,
    /// Seconds since 1970.
    pub(crate) loaded_at: u64,
    pub(crate) uid: u32,
    /// Instructions in bytes, of the BPF program; 0 if not known.
    pub(crate) bytes_xlated: u64,
    pub(crate) stages: u32,
    pub(crate) latency_cycles: u32,
    pub(crate) target: String,
    pub(crate) clock_mhz: f64,
    /// Folder of the design.
    pub(crate) design: String,
}

/// A network interface that Linux sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Interface {
    /// `dma` or `mac`.
    pub(crate) side: String,
    pub(crate) name: String,
    pub(crate) netns: Option<String>,
    pub(crate) ifindex: u32,
}

/// What the shell around the core counts: packets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ShellCounters {
    /// Came in from the MAC's side.
    pub(crate) mac_rx: u64,
    /// Left by the MAC: sent back by the program, or by Linux.
    pub(crate) mac_tx: u64,
    /// Went to the host.
    pub(crate) dma_rx: u64,
    /// Came from the host.
    pub(crate) dma_tx: u64,
    /// Found the receive queue full.
    pub(crate) rx_overflow: u64,
    /// Longer than the core takes, or empty.
    pub(crate) rx_length_errors: u64,
    /// Passed because no program was loaded.
    pub(crate) bypass: u64,
    /// Redirected to a port that the simulated NIC does not have.
    pub(crate) redirect_unconnected: u64,
    /// The interface at an output did not take them.
    pub(crate) tx_errors: u64,
    /// Records for the host.
    pub(crate) events: u64,
    /// Discarded because the core had stopped.
    pub(crate) core_stopped: u64,
    /// Wait in the receive queue now.
    pub(crate) rx_waiting: u64,
    /// Most that ever waited.
    pub(crate) rx_waiting_most: u64,
    /// Copies for traces that nobody took in time.
    pub(crate) trace_lost: u64,
}

/// The state of the NIC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) device: String,
    pub(crate) pid: u32,
    pub(crate) bus_bits: u32,
    pub(crate) clock_mhz: f64,
    pub(crate) target: String,
    /// `running`, `bypass` or what stopped the core.
    pub(crate) state: String,
    /// Seconds since 1970.
    pub(crate) up_since: u64,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) program: Option<Program>,
    /// Whether another program is on its way into the other slot.
    pub(crate) loading: bool,
    pub(crate) counters: ShellCounters,
}

/// What became of the maps in a load.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) load: u64,
    pub(crate) slot: String,
    /// Maps whose contents went over.
    pub(crate) kept: Vec<String>,
    /// Maps that did not, and why.
    pub(crate) fresh: Vec<(String, String)>,
    /// Packets that waited during the switch.
    pub(crate) waited: u64,
    /// How long packets waited, in milliseconds.
    pub(crate) pause_ms: f64,
}

/// One verdict.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Number of the action (`enum xdp_action`); 255: discarded before the core.
    pub(crate) action: u8,
    /// Bytes of the frame that follows; 0 if none leaves.
    pub(crate) length: u32,
    /// Number of the redirect's target.
    pub(crate) target: Option<u32>,
    /// Clocks from the first beat to the verdict.
    pub(crate) clocks: u64,
}

/// One packet of a trace.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Traced {
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    /// Bytes at entry.
    pub(crate) entry: u32,
    pub(crate) outcome: Outcome,
}

/// An entry of a map.
pub(crate) type Entry = (Hex, Hex);

/// What the NIC answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Reply {
    Failed(Failure),
    Done,
    Status(Box<Status>),
    /// Number of the load and the text of the manifest.
    Manifest {
        load: u64,
        manifest: String,
    },
    Value(Hex),
    Part {
        entries: Vec<Entry>,
        next: Option<u32>,
    },
    MayHold(bool),
    /// The kernel's error number.
    Errno(u32),
    Counters(Vec<u64>),
    /// One verdict for each frame; those that leave follow as bytes, in order.
    Sent(Vec<Outcome>),
    Loaded(Loaded),
    /// Packets of a trace: entry and, if it leaves, exit of each as bytes; copies that were lost so far.
    Traced {
        packets: Vec<Traced>,
        lost: u64,
    },
}

/// Frames behind each other, each with its length before it.
pub(crate) fn encode_frames<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for frame in frames {
        bytes.extend(u32::try_from(frame.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(frame);
    }
    bytes
}

/// The frames of [`encode_frames`]; `None` for other bytes.
pub(crate) fn decode_frames(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (frame, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        frames.push(frame);
        bytes = rest;
    }
    Some(frames)
}

/// Writes a message.
pub(crate) fn write(stream: &mut impl Write, message: &impl Serialize, blob: &[u8]) -> io::Result<()> {
    let json = serde_json::to_vec(message).map_err(io::Error::other)?;
    if json.len() > MAX_JSON || blob.len() > MAX_BLOB {
        return Err(io::Error::other(format!("a message of {} and {} bytes is too long", json.len(), blob.len())));
    }
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = Vec::with_capacity(HEADER + json.len() + blob.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(length(&json));
    bytes.extend(length(blob));
    bytes.extend(json);
    bytes.extend_from_slice(blob);
    stream.write_all(&bytes)?;
    stream.flush()
}

/// Reads a message; `None` at the end of the stream before its first byte.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(stream: &mut impl Read) -> Result<Option<(T, Vec<u8>)>> {
    let wrong = |text: String| Failure::new(Code::Protocol, text);
    let cut = |error: io::Error| wrong(format!("the connection ended inside a message: {error}"));
    let mut header = [0; HEADER];
    let first = loop {
        match stream.read(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other.map_err(cut)?,
        }
    };
    if first == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut header[first..]).map_err(cut)?;
    if header[..4] != MAGIC {
        return Err(wrong(format!("no message begins with {:02x?}", &header[..4])));
    }
    let version = u16::from_le_bytes([header[4], header[5]]);
    if version != VERSION || header[6..8] != [0; 2] {
        return Err(wrong(format!("the other side speaks version {version} of the protocol, this one {VERSION}")));
    }
    let length = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize;
    let (json_length, blob_length) = (length(8), length(12));
    if json_length > MAX_JSON || blob_length > MAX_BLOB {
        return Err(wrong(format!(
            "a message of {json_length} and {blob_length} bytes, the limits are {MAX_JSON} and {MAX_BLOB}"
        )));
    }
    let json = read_bytes(stream, json_length).map_err(cut)?;
    let blob = read_bytes(stream, blob_length).map_err(cut)?;
    let message =
        serde_json::from_slice(&json).map_err(|error| wrong(format!("a message is not understood: {error}")))?;
    Ok(Some((message, blob)))
}

/// So many bytes; memory grows with what comes, not with what was announced.
fn read_bytes(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let got = stream.take(length as u64).read_to_end(&mut bytes)?;
    if got < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back() {
        let mut bytes = Vec::new();
        let request = Request::Map { load: 3, map: 1, op: MapOp::Get { key: Hex(vec![1, 255]) } };
        write(&mut bytes, &request, b"blob").expect("a vector takes it");
        let (found, blob) = read::<Request>(&mut bytes.as_slice()).expect("read").expect("a message");
        assert_eq!((format!("{found:?}"), blob.as_slice()), (format!("{request:?}"), &b"blob"[..]));
        for cut in 1..bytes.len() {
            assert!(read::<Request>(&mut &bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(read::<Request>(&mut &b""[..]).expect("no error").is_none());
    }

    #[test]
    fn random_bytes_are_refused() {
        let mut seed = 1_u64;
        for round in 0..20_000 {
            let mut bytes: Vec<u8> = (0..round % 64)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (seed >> 56) as u8
                })
                .collect();
            if round % 2 == 0 && bytes.len() > 16 {
                bytes[..8].copy_from_slice(b"B2HN\x01\0\0\0");
            }
            assert!(matches!(read::<Request>(&mut bytes.as_slice()), Err(_) | Ok(None)), "{bytes:02x?}");
        }
    }

    #[test]
    fn frames_come_back() {
        let frames: [&[u8]; 3] = [b"one", b"", b"three"];
        let bytes = encode_frames(frames);
        assert_eq!(decode_frames(&bytes), Some(frames.to_vec()));
        assert_eq!(decode_frames(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode_frames(&[255, 255, 255, 255]), None);
    }
}
