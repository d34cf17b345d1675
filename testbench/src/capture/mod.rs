// SPDX-License-Identifier: Apache-2.0
//! Captures: pcap and pcapng in, pcap out.
//!
//! Own readers, because every error must name the offset, and captures cut short by a snap length must be refused:
//! a program would see other packets than the ones that were on the wire. Both formats are a few fixed fields;
//! <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-06.html> and `draft-ietf-opsawg-pcapng`.

mod error;
mod pcap;
mod pcapng;

pub use error::CaptureError;

use crate::PacketSet;
use std::fs;
use std::path::Path;

/// Link type Ethernet (`LINKTYPE_ETHERNET`).
const ETHERNET: u32 = 1;
/// Packets longer than this are taken for a damaged file (the largest snap length of libpcap).
const LONGEST: u32 = 262_144;

/// Reads a capture of Ethernet frames: pcap in either byte order with micro- or nanoseconds, or pcapng.
///
/// # Errors
/// [`CaptureError`]: unreadable file, neither format, damaged, not Ethernet, or packets cut by a snap length; with
/// the path, the offset and the packet number where there is one.
pub fn read(path: &Path) -> Result<PacketSet, CaptureError> {
    let bytes = fs::read(path).map_err(|error| CaptureError::io(path, "read", &error))?;
    parse(&bytes).map_err(|error| error.in_file(path))
}

/// Parses a capture in memory; see [`read`].
///
/// # Errors
/// As [`read`], without a path.
pub fn parse(bytes: &[u8]) -> Result<PacketSet, CaptureError> {
    let Some(magic) = bytes.first_chunk::<4>() else {
        let text = if bytes.is_empty() { "the file is empty" } else { "too short for a capture" };
        return Err(CaptureError::at(0, text));
    };
    if *magic == pcapng::SECTION_HEADER {
        return pcapng::parse(bytes);
    }
    pcap::parse(bytes, *magic)
}

/// The bytes of a pcap file: little endian, microseconds, Ethernet, frame `n` at `n` microseconds after time 0.
pub fn encode<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    pcap::encode(frames)
}

/// Writes [`encode`]'s bytes to a file, by way of a temporary file beside it, so that no half file is left behind.
///
/// # Errors
/// [`CaptureError`] naming the path.
pub fn write<'a>(path: &Path, frames: impl IntoIterator<Item = &'a [u8]>) -> Result<(), CaptureError> {
    let partial = path.with_extension(format!("partial-{}", std::process::id()));
    let written = fs::write(&partial, encode(frames)).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&partial);
        CaptureError::io(path, "write", &error)
    })
}

fn check_link_type(offset: usize, link_type: u32) -> Result<(), CaptureError> {
    if link_type == ETHERNET {
        return Ok(());
    }
    let name = match link_type {
        0 => "BSD loopback",
        12 | 14 | 101 => "raw IP",
        105 | 127 => "802.11",
        113 => "Linux cooked",
        147..=162 => "user-defined",
        220 => "USB",
        276 => "Linux cooked v2",
        _ => "something else",
    };
    Err(CaptureError::at(
        offset,
        format!("link type {link_type} ({name}), but Ethernet frames (link type 1) are needed"),
    ))
}

fn check_whole(offset: usize, packet: usize, captured: u32, original: u32) -> Result<(), CaptureError> {
    if captured > LONGEST {
        return Err(CaptureError::at(offset, format!("packet {packet} claims {captured} bytes, the file is damaged")));
    }
    if captured < original {
        let text = format!(
            "packet {packet} was cut to {captured} of {original} bytes; capture again without a snap length (-s 0)"
        );
        return Err(CaptureError::at(offset, text));
    }
    Ok(())
}

/// Integers of a file in its byte order.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

impl Order {
    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let word = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
    }

    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let word = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u16::from_be_bytes(word) } else { u16::from_le_bytes(word) })
    }
}

#[cfg(test)]
mod tests;
