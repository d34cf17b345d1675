// SPDX-License-Identifier: Apache-2.0
//! Reading the stream of events: records that a program has sent by `bpf_perf_event_output` or through a ring buffer.
//!
//! A DMA hands over the packets of `m_axis_event` one by one ([`Parser::parse`]) or behind each other ([`Parser::parse_all`]): a record states its
//! length, and ends at a multiple of 8 bytes. The form is that of [`bpf2hdl_interface::event`].

use bpf2hdl_interface::event::{ALIGNMENT, FORMAT, HEADER_BYTES, PACKET_ALIGNMENT};
use std::fmt;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// Number of the map in the manifest.
    pub map: u8,
    /// Number of the record since reset, modulo 2^32.
    pub number: u32,
    /// Records that had found no room since reset, modulo 2^32, when this one left.
    pub lost: u32,
    /// The program's data.
    pub data: &'a [u8],
    /// Bytes of the packet, from its first one.
    pub packet: &'a [u8],
}

impl Record<'_> {
    /// What the kernel would have put into the perf or ring buffer: data and packet behind each other.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        [self.data, self.packet].concat()
    }
}

/// Why bytes are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventError {
    /// Fewer bytes than a header has, or than the header states: so many are there, so many wanted.
    Short(usize, usize),
    /// More bytes than the record has: so many are there, so many wanted.
    Long(usize, usize),
    /// The record is of another format.
    Format(u8),
    /// The length of the record is not what its parts make: stated, and made.
    Length(usize, usize),
    /// A record is missing: its number, and that which was expected.
    Missing(u32, u32),
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Short(got, wanted) => write!(f, "a record of {wanted} bytes ends after {got}"),
            Self::Long(got, wanted) => write!(f, "{got} bytes for a record of {wanted}"),
            Self::Format(format) => write!(f, "format {format} instead of {FORMAT}"),
            Self::Length(stated, made) => write!(f, "a record of {stated} bytes whose parts make {made}"),
            Self::Missing(got, wanted) => write!(f, "record {got} comes where {wanted} should"),
        }
    }
}

impl std::error::Error for EventError {}

/// Reads records in their order, and sees where some are missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parser {
    /// The number of the next record, once one was seen.
    next: Option<u32>,
}

impl Parser {
    /// Reads a packet of the stream: one record, whole.
    ///
    /// # Errors
    /// [`EventError`] for damaged bytes; [`EventError::Missing`] if it is not the record behind the one before. The next record is expected
    /// behind this one all the same.
    pub fn parse<'a>(&mut self, bytes: &'a [u8]) -> Result<Record<'a>, EventError> {
        let (record, rest) = self.first(bytes)?;
        if rest.is_empty() { Ok(record) } else { Err(EventError::Long(bytes.len(), bytes.len() - rest.len())) }
    }

    /// Reads records that stand behind each other.
    ///
    /// # Errors
    /// As [`Parser::parse`]; nothing is returned of what came before.
    pub fn parse_all<'a>(&mut self, mut bytes: &'a [u8]) -> Result<Vec<Record<'a>>, EventError> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let (record, rest) = self.first(bytes)?;
            records.push(record);
            bytes = rest;
        }
        Ok(records)
    }

    /// The first record and what is behind it.
    fn first<'a>(&mut self, bytes: &'a [u8]) -> Result<(Record<'a>, &'a [u8]), EventError> {
        let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Err(EventError::Short(bytes.len(), HEADER_BYTES));
        };
        let half = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (stated, data, packet) = (half(0), half(4), half(6));
        if header[3] != FORMAT {
            return Err(EventError::Format(header[3]));
        }
        let unit = if packet > 0 { PACKET_ALIGNMENT } else { ALIGNMENT };
        let start = (HEADER_BYTES + data).next_multiple_of(unit);
        let made = start + packet.next_multiple_of(ALIGNMENT);
        if stated != made {
            return Err(EventError::Length(stated, made));
        }
        let Some((own, rest)) = bytes.split_at_checked(made) else {
            return Err(EventError::Short(bytes.len(), made));
        };
        let number = word(8);
        let expected = self.next.replace(number.wrapping_add(1)).unwrap_or(number);
        if number != expected {
            return Err(EventError::Missing(number, expected));
        }
        let record = Record {
            map: header[2],
            number,
            lost: word(12),
            data: &own[HEADER_BYTES..HEADER_BYTES + data],
            packet: &own[start..start + packet],
        };
        Ok((record, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as the hardware writes it.
    fn record(map: u8, number: u32, data: &[u8], packet: &[u8]) -> Vec<u8> {
        let unit = if packet.is_empty() { ALIGNMENT } else { PACKET_ALIGNMENT };
        let start = (HEADER_BYTES + data.len()).next_multiple_of(unit);
        let total = start + packet.len().next_multiple_of(ALIGNMENT);
        let half = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        let mut bytes = [&half(total)[..], &[map, FORMAT], &half(data.len()), &half(packet.len())].concat();
        bytes.extend(number.to_le_bytes());
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(data);
        bytes.resize(start, 0xee);
        bytes.extend(packet);
        bytes.resize(total, 0xdd);
        bytes
    }

    #[test]
    fn records_come_out_in_order() {
        let (first, second) = (record(2, u32::MAX, &[1, 2, 3], &[]), record(5, 0, &[9; 49], &[7; 65]));
        assert_eq!((first.len(), second.len()), (24, 128 + 72));
        let all = [first.as_slice(), &second].concat();
        let records = Parser::default().parse_all(&all).unwrap();
        assert_eq!(records[0], Record { map: 2, number: u32::MAX, lost: 3, data: &[1, 2, 3], packet: &[] });
        assert_eq!(records[1], Record { map: 5, number: 0, lost: 3, data: &[9; 49], packet: &[7; 65] });
        assert_eq!(records[1].bytes(), [vec![9; 49], vec![7; 65]].concat());
        assert_eq!(Parser::default().parse(&second).as_ref(), Ok(&records[1]));
        assert_eq!(Parser::default().parse_all(&[]), Ok(Vec::new()));
    }

    #[test]
    fn damage_is_named() {
        let good = record(1, 4, &[1; 20], &[2; 9]);
        let mut parser = Parser::default();
        assert_eq!(parser.parse(&good[..9]), Err(EventError::Short(9, 16)));
        assert_eq!(parser.parse(&good[..40]), Err(EventError::Short(40, 80)));
        let mut longer = good.clone();
        longer.extend([0; 8]);
        assert_eq!(Parser::default().parse(&longer), Err(EventError::Long(88, 80)));
        let damaged = |at: usize, to: u8| {
            let mut bytes = good.clone();
            bytes[at] = to;
            Parser::default().parse(&bytes).map(|_| ())
        };
        assert_eq!(damaged(3, 2), Err(EventError::Format(2)));
        assert_eq!(damaged(0, 79), Err(EventError::Length(79, 80)));
        assert_eq!(damaged(5, 255), Err(EventError::Length(80, (16 + 255 * 256 + 20usize).next_multiple_of(64) + 16)));
        assert_eq!(damaged(6, 0), Err(EventError::Length(80, 40)));
        for error in [EventError::Short(1, 2), EventError::Missing(1, 2)] {
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn gaps_are_seen_once() {
        let mut parser = Parser::default();
        let [a, c, d] = [1, 3, 4].map(|number| record(0, number, &[], &[]));
        assert!(parser.parse(&a).is_ok());
        assert_eq!(parser.parse(&c), Err(EventError::Missing(3, 2)));
        assert!(parser.parse(&d).is_ok());
    }
}
