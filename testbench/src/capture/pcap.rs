// SPDX-License-Identifier: Apache-2.0
//! The classic format: a header of 24 bytes, then each packet behind a header of 16.

use super::{CaptureError, ETHERNET, Order, check_link_type, check_whole};
use crate::{PacketContext, PacketSet};

const HEADER: usize = 24;
const RECORD: usize = 16;
const SNAP_LENGTH: u32 = 65_535;

pub(super) fn parse(bytes: &[u8], magic: [u8; 4]) -> Result<PacketSet, CaptureError> {
    let big = match magic {
        [0xa1, 0xb2, 0xc3, 0xd4] | [0xa1, 0xb2, 0x3c, 0x4d] => true,
        [0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1] => false,
        [a, b, c, d] => {
            let text = format!("neither pcap nor pcapng: the file begins with {a:02x} {b:02x} {c:02x} {d:02x}");
            return Err(CaptureError::at(0, text));
        }
    };
    let order = Order { big };
    let Some(link_type) = order.u32(bytes, 20) else {
        return Err(CaptureError::at(bytes.len(), "the file ends inside its header"));
    };
    // The upper bits say how many bytes of FCS follow each packet.
    if link_type >> 28 > 1 {
        return Err(CaptureError::at(20, "the packets carry their frame check sequence; save them without it"));
    }
    check_link_type(20, link_type & 0xffff)?;
    let mut packets = PacketSet::new();
    let mut at = HEADER;
    while at < bytes.len() {
        at = packet(bytes, at, order, &mut packets)?;
    }
    Ok(packets)
}

/// Reads the packet at offset `at` and returns where the next one begins.
fn packet(bytes: &[u8], at: usize, order: Order, packets: &mut PacketSet) -> Result<usize, CaptureError> {
    let number = packets.len();
    let (Some(captured), Some(original)) = (order.u32(bytes, at + 8), order.u32(bytes, at + 12)) else {
        return Err(CaptureError::at(at, format!("the file ends inside the header of packet {number}")));
    };
    check_whole(at, number, captured, original)?;
    let start = at + RECORD;
    let end = start + captured as usize;
    let Some(data) = bytes.get(start..end) else {
        let left = bytes.len() - start;
        return Err(CaptureError::at(
            at,
            format!("the file ends inside packet {number}: {left} of {captured} bytes are there"),
        ));
    };
    packets.push(data, PacketContext::default());
    Ok(end)
}

pub(super) fn encode<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, SNAP_LENGTH, ETHERNET] {
        bytes.extend(u32::to_le_bytes(word));
    }
    for (number, frame) in (0u32..).zip(frames) {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        for word in [number / 1_000_000, number % 1_000_000, length, length] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend_from_slice(frame);
    }
    bytes
}
