// SPDX-License-Identifier: Apache-2.0
//! The form of requests and replies on the socket.
//!
//! | bytes | contents |
//! |---|---|
//! | 0 to 3 | `B2HN` |
//! | 4, 5 | version, little-endian as all numbers: 1 |
//! | 6, 7 | 0 |
//! | 8 to 11 | length of the JSON |
//! | 12 to 15 | length of the bytes behind it |
//! | 16 .. | JSON of a [`Request`](crate::protocol::Request) or [`Reply`](crate::protocol::Reply), then bytes (frames) |
//!
//! Lengths are limited, so a sender can make the other side hold [`MAX_JSON`] + [`MAX_BLOB`] bytes, and no more. Replies come in the order of
//! the requests. Whatever is wrong with a message ends the connection, after an error reply where one can be sent.

use crate::error::{Code, Failure, Result};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

const MAGIC: [u8; 4] = *b"B2HN";
const VERSION: u16 = 1;
const HEADER: usize = 16;
/// Longest JSON of a message, in bytes.
pub(crate) const MAX_JSON: usize = 32 << 20;
/// Most bytes behind the JSON.
pub(crate) const MAX_BLOB: usize = 8 << 20;

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
    let cut = |error: io::Error| Failure::new(Code::Server, format!("the connection ended inside a message: {error}"));
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
    use crate::protocol::{Hex, MapOp, Request};

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
