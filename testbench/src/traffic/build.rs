// SPDX-License-Identifier: Apache-2.0
//! Puts a whole frame together, layer by layer.

use super::headers::{self, Network};
use super::random::Random;

/// Offsets where headers and their fields begin: what mutations aim at.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Offsets of bytes that programs look at.
    pub(super) fields: Vec<usize>,
    /// Where the network header begins, if there is one.
    pub(super) network: Option<usize>,
    /// Where the transport header begins, if there is one.
    pub(super) transport: Option<usize>,
}

const MACS: [[u8; 6]; 6] = [
    [0x02, 0, 0, 0, 0, 1],
    [0x02, 0, 0, 0, 0, 2],
    [0x02, 0, 0, 0, 0, 3],
    [0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc],
    [0xff; 6],
    [0x01, 0x00, 0x5e, 0, 0, 0xfb],
];
const VLANS: [u16; 5] = [0, 1, 10, 100, 4094];

/// A well-formed frame of exactly `size` bytes.
///
/// Some frames carry a shorter packet and padding behind it; a packet whose headers are longer than `size` is tried
/// again, and in the end cut.
pub(super) fn frame(random: &mut Random, size: usize) -> (Vec<u8>, Marks) {
    for _ in 0..6 {
        let (frame, marks) = attempt(random, size);
        if frame.len() == size {
            return (frame, marks);
        }
    }
    let (mut frame, mut marks) = attempt(random, size);
    frame.resize(size, 0);
    marks.fields.retain(|field| *field < size);
    (frame, marks)
}

/// One try; longer than `size` if the headers are.
fn attempt(random: &mut Random, size: usize) -> (Vec<u8>, Marks) {
    let mut frame = Vec::with_capacity(size);
    let mut marks = Marks { fields: vec![0, 6, 12, 13], ..Marks::default() };
    frame.extend(random.pick(&MACS));
    frame.extend(random.pick(&MACS[..4]));
    tags(random, &mut frame, &mut marks);
    let network = pick_network(random);
    frame.extend(network.ether_type(random).to_be_bytes());
    let start = frame.len();
    marks.network = Some(start);
    let room = size.saturating_sub(start);
    // Padding as on short frames of a real wire.
    let room = if room <= 60 && random.chance(20) { random.within(20.min(room), room) } else { room };
    let packet = headers::packet(random, network, room, &mut marks);
    frame.extend(packet);
    if frame.len() < size {
        frame.resize(size, 0);
    }
    (frame, marks)
}

/// No, one or two VLAN tags.
fn tags(random: &mut Random, frame: &mut Vec<u8>, marks: &mut Marks) {
    let types: &[u16] = match random.below(20) {
        0..4 => &[0x8100],
        4 => &[0x88a8, 0x8100],
        5 => &[0x8100, 0x8100],
        _ => &[],
    };
    for kind in types {
        frame.extend(kind.to_be_bytes());
        let tag = random.pick(&VLANS) | u16::from(random.byte() & 7) << 13;
        frame.extend(tag.to_be_bytes());
        marks.fields.extend([frame.len() - 2, frame.len() - 1, frame.len(), frame.len() + 1]);
    }
}

fn pick_network(random: &mut Random) -> Network {
    match random.below(20) {
        0..12 => Network::Ipv4,
        12..17 => Network::Ipv6,
        17..19 => Network::Arp,
        _ => Network::Other,
    }
}
