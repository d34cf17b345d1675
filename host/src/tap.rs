// SPDX-License-Identifier: Apache-2.0
//! Reading the stream of the tap (`hdl/rtl/bpf_tap.sv`): copies of frames at the core's entry and exits. Their form is in `docs/src/tap.md`.

use crate::pcapng::Writer;
use bpf2hdl_interface::{Action, RedirectTarget};
use std::fmt;
use std::io::{self, Write};

/// Bytes before the frame's.
pub const HEADER_BYTES: usize = 64;
/// Version of the form.
pub const FORMAT: u8 = 1;

/// Where a frame was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// Before the core.
    Entry = 0,
    /// To the DMA.
    Pass,
    /// To the port that it came by.
    Tx,
    /// To where a redirect goes.
    Redirect,
}

impl Point {
    /// All, by their numbers.
    pub const ALL: [Self; 4] = [Self::Entry, Self::Pass, Self::Tx, Self::Redirect];

    /// Its interface in a capture file.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["entry", "pass", "tx", "redirect"][self as usize]
    }
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy<'a> {
    /// Where.
    pub point: Point,
    /// What the program said of the frame.
    pub action: Action,
    /// Whether the frame was modified; of exits.
    pub modified: bool,
    /// Bytes of metadata before the frame, which `data` begins with; of PASS.
    pub metadata: u8,
    /// Where a redirect goes to.
    pub target: Option<RedirectTarget>,
    /// Bytes of the frame here, metadata included.
    pub length: u16,
    /// Clock of the first beat since reset.
    pub clock: u64,
    /// Number of the frame among all that have passed here since reset, modulo 2^32.
    pub number: u32,
    /// Copies that had found no room here since reset, modulo 2^32, when this one left.
    pub lost: u32,
    /// `ingress_ifindex`.
    pub ifindex: u16,
    /// `rx_queue_index`.
    pub queue: u16,
    /// Bytes that leave, or would; of the entry.
    pub leaves: u16,
    /// The first bytes of the frame.
    pub data: &'a [u8],
}

/// Why bytes are no copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapError {
    /// Fewer bytes than a header has, or than the header states: so many are there, so many wanted.
    Short(usize, usize),
    /// Of another format.
    Format(u8),
    /// There is no such point.
    Point(u8),
    /// The length of the copy is not what its parts make: stated, and made.
    Length(usize, usize),
    /// More bytes of the frame than the frame has: so many, of so many.
    Longer(u16, u16),
}

impl fmt::Display for TapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Short(got, wanted) => write!(f, "a copy of {wanted} bytes ends after {got}"),
            Self::Format(format) => write!(f, "format {format} instead of {FORMAT}"),
            Self::Point(point) => write!(f, "point {point}; there are {}", Point::ALL.len()),
            Self::Length(stated, made) => write!(f, "a copy of {stated} bytes whose parts make {made}"),
            Self::Longer(kept, length) => write!(f, "{kept} bytes of a frame of {length}"),
        }
    }
}

impl std::error::Error for TapError {}

/// The first copy in `bytes`, and what is behind it.
///
/// # Errors
/// [`TapError`] for damaged bytes.
pub fn parse(bytes: &[u8]) -> Result<(Copy<'_>, &[u8]), TapError> {
    let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
        return Err(TapError::Short(bytes.len(), HEADER_BYTES));
    };
    let half = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let word = |at: usize| u32::from(half(at)) | u32::from(half(at + 2)) << 16;
    if header[2] != FORMAT {
        return Err(TapError::Format(header[2]));
    }
    let point = *Point::ALL.get(usize::from(header[3])).ok_or(TapError::Point(header[3]))?;
    let (length, kept) = (half(12), half(14));
    if kept > length {
        return Err(TapError::Longer(kept, length));
    }
    let (stated, made) = (usize::from(half(0)), HEADER_BYTES + usize::from(kept).next_multiple_of(8));
    if stated != made {
        return Err(TapError::Length(stated, made));
    }
    let Some((own, rest)) = bytes.split_at_checked(made) else {
        return Err(TapError::Short(bytes.len(), made));
    };
    let copy = Copy {
        point,
        action: Action::from_xdp(u32::from(header[4])),
        modified: header[5] & 1 != 0,
        metadata: header[6],
        target: RedirectTarget::from_wires(header[7] & 3, word(8)),
        length,
        clock: u64::from(word(16)) | u64::from(word(20)) << 32,
        number: word(24),
        lost: word(28),
        ifindex: half(32),
        queue: half(34),
        leaves: half(36),
        data: &own[HEADER_BYTES..HEADER_BYTES + usize::from(kept)],
    };
    Ok((copy, rest))
}

/// All copies that stand behind each other.
///
/// # Errors
/// [`TapError`] of the first damaged one.
pub fn parse_all(mut bytes: &[u8]) -> Result<Vec<Copy<'_>>, TapError> {
    let mut copies = Vec::new();
    while !bytes.is_empty() {
        let (copy, rest) = parse(bytes)?;
        copies.push(copy);
        bytes = rest;
    }
    Ok(copies)
}

/// Begins a capture file for copies: an interface for each point.
///
/// # Errors
/// Those of the output.
pub fn capture<W: Write>(out: W) -> io::Result<Writer<W>> {
    Writer::new(out, &Point::ALL.map(Point::name))
}

/// Adds a copy to a capture file, without its metadata; time 0 is the reset, a clock takes `1000 / clock_mhz` nanoseconds.
///
/// # Errors
/// Those of the output.
pub fn write<W: Write>(copy: &Copy<'_>, clock_mhz: f64, file: &mut Writer<W>) -> io::Result<()> {
    let target =
        copy.target.map(|target| format!(" target={} {}", target.kind.name(), target.number)).unwrap_or_default();
    let comment = format!(
        "verdict={} packet={} ifindex={} queue={}{target}",
        copy.action.name(),
        copy.number,
        copy.ifindex,
        copy.queue
    );
    let skip = usize::from(copy.metadata).min(copy.data.len());
    let length = usize::from(copy.length).saturating_sub(usize::from(copy.metadata));
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "2^53 nanoseconds are 104 days"
    )]
    let time = (copy.clock as f64 * 1000.0 / clock_mhz) as u64;
    file.frame(copy.point as u32, time, (&copy.data[skip..], length), &comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy as the hardware writes it.
    fn record(point: u8, action: u8, length: u16, data: &[u8]) -> Vec<u8> {
        let total = HEADER_BYTES + data.len().next_multiple_of(8);
        let half = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        let mut bytes = [&half(total)[..], &[FORMAT, point, action, 1, 4, 1], &77u32.to_le_bytes()].concat();
        bytes.extend([length.to_le_bytes(), half(data.len())].concat());
        bytes.extend(0x1_0000_0002u64.to_le_bytes());
        bytes.extend([5u32, 6].iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend([7u16, 8, 9].iter().flat_map(|word| word.to_le_bytes()));
        bytes.resize(HEADER_BYTES, 0);
        bytes.extend(data);
        bytes.resize(total, 0xee);
        bytes
    }

    #[test]
    fn copies_are_read_and_become_a_capture() {
        let stream = [record(0, 1, 60, &[3; 13]), record(3, 4, 20, &[9; 20])].concat();
        let copies = parse_all(&stream).unwrap();
        assert_eq!(copies.len(), 2);
        let Copy { point, action, length, clock, number, lost, ifindex, queue, leaves, data, .. } = copies[0].clone();
        assert_eq!((point, action, length, clock, number), (Point::Entry, Action::Drop, 60, 0x1_0000_0002, 5));
        assert_eq!((lost, ifindex, queue, leaves, data), (6, 7, 8, 9, &[3; 13][..]));
        assert_eq!((copies[1].point, copies[1].target), (Point::Redirect, RedirectTarget::from_wires(1, 77)));
        let mut file = Vec::new();
        let mut writer = capture(&mut file).unwrap();
        for copy in &copies {
            write(copy, 250.0, &mut writer).unwrap();
        }
        // Section, four interfaces, two packets: whole blocks that state their lengths twice.
        let (mut rest, mut kinds) = (file.as_slice(), Vec::new());
        while !rest.is_empty() {
            let word = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
            let total = word(4) as usize;
            assert_eq!(word(total - 4) as usize, total);
            if word(0) == 6 {
                let time = u64::from(word(12)) << 32 | u64::from(word(16));
                assert_eq!(time, 4 * 0x1_0000_0002);
                // The four bytes of metadata are not the frame's.
                kinds.push((word(8), word(20), word(24)));
            }
            rest = &rest[total..];
        }
        assert_eq!(kinds, [(0, 9, 56), (3, 16, 16)]);
        assert!(String::from_utf8_lossy(&file).contains("verdict=drop packet=5 ifindex=7 queue=8"));
    }

    #[test]
    fn damage_is_named() {
        let good = record(1, 2, 60, &[3; 13]);
        assert_eq!(parse(&good[..63]).unwrap_err(), TapError::Short(63, 64));
        assert_eq!(parse(&good[..70]).unwrap_err(), TapError::Short(70, 80));
        let damaged = |at: usize, to: u8| {
            let mut bytes = good.clone();
            bytes[at] = to;
            parse(&bytes).map(|_| ()).unwrap_err()
        };
        assert_eq!(damaged(2, 9), TapError::Format(9));
        assert_eq!(damaged(3, 4), TapError::Point(4));
        assert_eq!(damaged(0, 88), TapError::Length(88, 80));
        assert_eq!(damaged(12, 5), TapError::Longer(13, 5));
        for error in [TapError::Short(1, 2), TapError::Format(3), TapError::Longer(3, 2)] {
            assert!(!error.to_string().is_empty());
        }
    }
}
