// SPDX-License-Identifier: Apache-2.0
//! The newer format: blocks with a type and a length at both ends; sections may differ in byte order.

use super::{CaptureError, Order, check_link_type, check_whole};
use crate::{PacketContext, PacketSet};

/// Type of a section header; the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// An interface of the present section.
struct Interface {
    link_type: u32,
    snap_length: u32,
}

struct Reader {
    order: Order,
    interfaces: Vec<Interface>,
    packets: PacketSet,
}

pub(super) fn parse(bytes: &[u8]) -> Result<PacketSet, CaptureError> {
    let mut reader = Reader { order: Order { big: false }, interfaces: Vec::new(), packets: PacketSet::new() };
    let mut at = 0;
    while at < bytes.len() {
        at = reader.block(bytes, at)?;
    }
    Ok(reader.packets)
}

impl Reader {
    /// Reads the block at offset `at` and returns where the next one begins.
    fn block(&mut self, bytes: &[u8], at: usize) -> Result<usize, CaptureError> {
        if bytes[at..].starts_with(&SECTION_HEADER) {
            self.order = section_order(bytes, at)?;
            self.interfaces.clear();
        }
        let (Some(kind), Some(length)) = (self.order.u32(bytes, at), self.order.u32(bytes, at + 4)) else {
            return Err(CaptureError::at(at, "the file ends inside the header of a block"));
        };
        let length = length as usize;
        if length < 12 || !length.is_multiple_of(4) {
            return Err(CaptureError::at(at, format!("a block claims {length} bytes, the file is damaged")));
        }
        let Some(block) = bytes.get(at..).and_then(|rest| rest.get(..length)) else {
            let left = bytes.len() - at;
            return Err(CaptureError::at(
                at,
                format!("the file ends inside a block: {left} of {length} bytes are there"),
            ));
        };
        if self.order.u32(block, length - 4) != Some(u32::try_from(length).unwrap_or(0)) {
            return Err(CaptureError::at(at, "the two lengths of a block differ, the file is damaged"));
        }
        self.contents(kind, &block[8..length - 4], at)?;
        Ok(at + length)
    }

    fn contents(&mut self, kind: u32, body: &[u8], at: usize) -> Result<(), CaptureError> {
        let short = || CaptureError::at(at, "a block is too short for its type, the file is damaged");
        match kind {
            INTERFACE => {
                let link_type = u32::from(self.order.u16(body, 0).ok_or_else(short)?);
                let snap_length = self.order.u32(body, 4).ok_or_else(short)?;
                self.interfaces.push(Interface { link_type, snap_length });
                Ok(())
            }
            ENHANCED_PACKET => {
                let interface = self.order.u32(body, 0).ok_or_else(short)?;
                self.packet(body, interface, 12, at)
            }
            OBSOLETE_PACKET => {
                let interface = self.order.u16(body, 0).ok_or_else(short)?;
                self.packet(body, u32::from(interface), 12, at)
            }
            SIMPLE_PACKET => self.simple_packet(body, at),
            // Names, statistics, comments, secrets: nothing that a packet needs.
            _ => Ok(()),
        }
    }

    /// A packet whose captured and original lengths are at `lengths`, with the data behind them.
    fn packet(&mut self, body: &[u8], interface: u32, lengths: usize, at: usize) -> Result<(), CaptureError> {
        let (Some(captured), Some(original)) = (self.order.u32(body, lengths), self.order.u32(body, lengths + 4))
        else {
            return Err(CaptureError::at(at, "a packet block is too short, the file is damaged"));
        };
        self.check_interface(interface, at)?;
        self.push(body, lengths + 8, [captured, original], interface, at)
    }

    /// No interface and no captured length: those of interface 0 and its snap length.
    fn simple_packet(&mut self, body: &[u8], at: usize) -> Result<(), CaptureError> {
        let Some(original) = self.order.u32(body, 0) else {
            return Err(CaptureError::at(at, "a packet block is too short, the file is damaged"));
        };
        let limit = self.check_interface(0, at)?.snap_length;
        let captured = if limit == 0 { original } else { original.min(limit) };
        self.push(body, 4, [captured, original], 0, at)
    }

    fn check_interface(&self, interface: u32, at: usize) -> Result<&Interface, CaptureError> {
        let number = self.packets.len();
        let Some(found) = self.interfaces.get(interface as usize) else {
            return Err(CaptureError::at(
                at,
                format!("packet {number} is of interface {interface}, which is not described"),
            ));
        };
        check_link_type(at, found.link_type)?;
        Ok(found)
    }

    /// The first interface of a section is the program's interface 1, and so on.
    fn push(
        &mut self,
        body: &[u8],
        start: usize,
        [captured, original]: [u32; 2],
        interface: u32,
        at: usize,
    ) -> Result<(), CaptureError> {
        let number = self.packets.len();
        check_whole(at, number, captured, original)?;
        let Some(data) = body.get(start..start + captured as usize) else {
            return Err(CaptureError::at(at, format!("packet {number} is longer than its block, the file is damaged")));
        };
        self.packets.push(data, PacketContext { ingress_ifindex: interface + 1, ..PacketContext::default() });
        Ok(())
    }
}

fn section_order(bytes: &[u8], at: usize) -> Result<Order, CaptureError> {
    match bytes.get(at + 8..at + 12) {
        Some([0x1a, 0x2b, 0x3c, 0x4d]) => Ok(Order { big: true }),
        Some([0x4d, 0x3c, 0x2b, 0x1a]) => Ok(Order { big: false }),
        Some(_) => Err(CaptureError::at(at + 8, "a section has no byte order mark, the file is damaged")),
        None => Err(CaptureError::at(at, "the file ends inside a section header")),
    }
}
