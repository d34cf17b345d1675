// SPDX-License-Identifier: Apache-2.0
//! Network and transport headers with right lengths and checksums.

use super::build::Marks;
use super::random::Random;

/// What is behind the Ethernet header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    Ipv4,
    Ipv6,
    Arp,
    Other,
}

const PORTS: [u16; 10] = [22, 53, 80, 123, 443, 1900, 4789, 8080, 11211, 51820];
const HOP_BY_HOP: u8 = 0;
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const ICMP6: u8 = 58;
const DESTINATION: u8 = 60;

impl Network {
    pub(super) fn ether_type(self, random: &mut Random) -> u16 {
        match self {
            Self::Ipv4 => 0x0800,
            Self::Ipv6 => 0x86dd,
            Self::Arp => 0x0806,
            // LLDP, MPLS, PPPoE, PTP, an 802.3 length, something.
            Self::Other => {
                let any = random.half();
                random.pick(&[0x88cc, 0x8847, 0x8864, 0x88f7, 38, any])
            }
        }
    }
}

/// A packet of `room` bytes where its headers fit, longer where they do not.
pub(super) fn packet(random: &mut Random, network: Network, room: usize, marks: &mut Marks) -> Vec<u8> {
    let start = marks.network.unwrap_or(0);
    match network {
        Network::Ipv4 => ipv4(random, room, start, marks),
        Network::Ipv6 => ipv6(random, room, start, marks),
        Network::Arp => {
            marks.fields.extend([start, start + 7, start + 14, start + 24]);
            arp(random)
        }
        Network::Other => (0..room).map(|_| random.byte()).collect(),
    }
}

fn arp(random: &mut Random) -> Vec<u8> {
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, if random.chance(50) { 1 } else { 2 }];
    packet.extend([2, 0, 0, 0, 0, random.byte() & 3]);
    packet.extend(ipv4_address(random));
    packet.extend([0; 6]);
    packet.extend(ipv4_address(random));
    packet
}

fn ipv4(random: &mut Random, room: usize, start: usize, marks: &mut Marks) -> Vec<u8> {
    let words = if random.chance(15) { random.within(1, 10) } else { 0 };
    let header = 20 + 4 * words;
    let protocol = pick_protocol(random, ICMP);
    let (source, destination) = (ipv4_address(random), ipv4_address(random));
    // A later fragment has no transport header.
    let fragment = match random.below(100) {
        0..4 => 0x2000,
        4..8 => 0x2000 | (random.half() & 0x1fff).max(1),
        8 => (random.half() & 0x1fff).max(1),
        9..50 => 0x4000,
        _ => 0,
    };
    let pseudo = [source.as_slice(), &destination].concat();
    let payload = if fragment & 0x1fff == 0 {
        marks.transport = Some(start + header);
        transport(random, protocol, room.saturating_sub(header), &pseudo)
    } else {
        filler(random, room.saturating_sub(header))
    };
    let mut packet = vec![0x40 | (header / 4) as u8, random.pick(&[0, 0, 0xb8, 0x03])];
    packet.extend(length(header + payload.len()).to_be_bytes());
    packet.extend(random.half().to_be_bytes());
    packet.extend(fragment.to_be_bytes());
    packet.extend([random.pick(&[64, 63, 128, 255, 1, 0]), protocol, 0, 0]);
    packet.extend(source);
    packet.extend(destination);
    packet.extend(ipv4_options(random, 4 * words));
    let sum = checksum(&[&packet]);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(payload);
    marks.fields.extend([0, 2, 3, 6, 7, 8, 9, 12, 15, 16, 19].map(|field| start + field));
    marks.fields.extend([0, 1, 2, 3, 12, 13].map(|field| start + header + field));
    packet
}

/// Router alert or timestamps, filled up with no-operations and an end.
fn ipv4_options(random: &mut Random, size: usize) -> Vec<u8> {
    let mut options = if random.chance(50) { vec![0x94, 4, 0, 0] } else { vec![1, 1, 1, 1] };
    options.resize(size.max(4), 1);
    options.truncate(size);
    if let Some(last) = options.last_mut() {
        *last = 0;
    }
    options
}

fn ipv6(random: &mut Random, room: usize, start: usize, marks: &mut Marks) -> Vec<u8> {
    let protocol = pick_protocol(random, ICMP6);
    let (source, destination) = (ipv6_address(random), ipv6_address(random));
    let chain: &[u8] = match random.below(20) {
        0 => &[HOP_BY_HOP],
        1 => &[HOP_BY_HOP, ROUTING],
        2 => &[DESTINATION],
        3 => &[FRAGMENT],
        4 => &[AUTHENTICATION],
        5 => &[HOP_BY_HOP, DESTINATION, ROUTING, FRAGMENT],
        _ => &[],
    };
    let (extensions, whole) = extension_headers(random, chain, protocol);
    let headers = 40 + extensions.len();
    let pseudo = [source.as_slice(), &destination].concat();
    let payload = if whole {
        marks.transport = Some(start + headers);
        transport(random, protocol, room.saturating_sub(headers), &pseudo)
    } else {
        filler(random, room.saturating_sub(headers))
    };
    let mut packet = vec![0x60, random.byte() & 0x0f, random.byte(), random.byte()];
    packet.extend(length(extensions.len() + payload.len()).to_be_bytes());
    packet.extend([chain.first().copied().unwrap_or(protocol), random.pick(&[64, 255, 1, 0])]);
    packet.extend(source);
    packet.extend(destination);
    packet.extend(extensions);
    packet.extend(payload);
    marks.fields.extend([0, 4, 5, 6, 7, 8, 23, 24, 39, 40, 41].map(|field| start + field));
    marks.fields.extend([0, 1, 2, 3, 12, 13].map(|field| start + headers + field));
    packet
}

/// The headers of a chain, and whether a transport header follows (not in a later fragment).
fn extension_headers(random: &mut Random, chain: &[u8], protocol: u8) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let mut whole = true;
    for (index, kind) in chain.iter().enumerate() {
        let next = chain.get(index + 1).copied().unwrap_or(protocol);
        match *kind {
            FRAGMENT => {
                let offset = if random.chance(50) { 0 } else { random.half() & 0xfff8 };
                whole &= offset == 0;
                bytes.extend([next, 0]);
                bytes.extend((offset | u16::from(random.chance(50))).to_be_bytes());
                bytes.extend([0, 0, random.byte(), random.byte()]);
            }
            AUTHENTICATION => {
                bytes.extend([next, 4, 0, 0]);
                bytes.extend((0..20).map(|_| random.byte()));
            }
            _ => {
                let units = random.below(3);
                // A padding option over the whole header.
                let size = 8 * units + 4;
                bytes.extend([next, units as u8, 1, size as u8]);
                bytes.resize(bytes.len() + size, 0);
            }
        }
    }
    (bytes, whole)
}

fn pick_protocol(random: &mut Random, icmp: u8) -> u8 {
    match random.below(20) {
        0..9 => TCP,
        9..17 => UDP,
        17..19 => icmp,
        // IGMP, IP in IP, GRE, ESP, SCTP, nothing
        _ => random.pick(&[2, 4, 47, 50, 132, 59]),
    }
}

/// A transport header with its payload, `room` bytes where it fits.
fn transport(random: &mut Random, protocol: u8, room: usize, pseudo: &[u8]) -> Vec<u8> {
    let mut segment = match protocol {
        TCP => tcp(random, room),
        UDP => udp(random, room),
        ICMP | ICMP6 => icmp(random, room),
        _ => return filler(random, room),
    };
    let tail = [&u32::from(length(segment.len())).to_be_bytes()[..], &[0, 0, 0, protocol]].concat();
    let sum = if protocol == ICMP { checksum(&[&segment]) } else { checksum(&[pseudo, &tail, &segment]) };
    let (place, sum) = match protocol {
        TCP => (16, sum),
        // Zero means "no checksum" in UDP.
        UDP if sum == 0 => (6, 0xffff),
        UDP => (6, sum),
        _ => (2, sum),
    };
    segment[place..place + 2].copy_from_slice(&sum.to_be_bytes());
    segment
}

fn ports(random: &mut Random) -> [u8; 4] {
    let ephemeral = 32_768 + (random.half() & 0x0fff);
    let mut pair = [random.pick(&PORTS), ephemeral];
    if random.chance(50) {
        pair.swap(0, 1);
    }
    let ([a, b], [c, d]) = (pair[0].to_be_bytes(), pair[1].to_be_bytes());
    [a, b, c, d]
}

fn tcp(random: &mut Random, room: usize) -> Vec<u8> {
    let words = if room >= 60 && random.chance(40) { random.within(1, 10) } else { 0 };
    let mut segment = ports(random).to_vec();
    segment.extend((0..8).map(|_| random.byte()));
    // SYN, SYN+ACK, ACK, PSH+ACK, FIN+ACK, RST, all, none
    segment.extend([((5 + words) << 4) as u8, random.pick(&[0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0xff, 0])]);
    segment.extend([0x72, 0x10, 0, 0, 0, 0]);
    let mut options = vec![2, 4, 5, 0xb4];
    options.resize((4 * words).max(4), 1);
    options.truncate(4 * words);
    segment.extend(options);
    let payload = room.saturating_sub(segment.len());
    segment.extend(filler(random, payload));
    segment
}

fn udp(random: &mut Random, room: usize) -> Vec<u8> {
    let payload = room.saturating_sub(8);
    let mut segment = ports(random).to_vec();
    segment.extend(length(8 + payload).to_be_bytes());
    segment.extend([0, 0]);
    segment.extend(filler(random, payload));
    segment
}

fn icmp(random: &mut Random, room: usize) -> Vec<u8> {
    let mut segment = vec![random.pick(&[0, 3, 8, 11, 128, 129, 135, 136]), random.byte() & 3, 0, 0];
    segment.extend((0..4).map(|_| random.byte()));
    let payload = room.saturating_sub(8);
    segment.extend(filler(random, payload));
    segment
}

/// Payload: quick to make, different in each frame.
fn filler(random: &mut Random, size: usize) -> Vec<u8> {
    let seed = random.byte();
    (0..size).map(|at| seed.wrapping_mul(31).wrapping_add(at.to_le_bytes()[0])).collect()
}

fn ipv4_address(random: &mut Random) -> [u8; 4] {
    let last = random.byte() & 0x1f;
    random.pick(&[
        [10, 0, 0, last],
        [192, 168, 1, last],
        [203, 0, 113, last],
        [172, 16, last, 1],
        [224, 0, 0, 251],
        [0, 0, 0, 0],
    ])
}

fn ipv6_address(random: &mut Random) -> [u8; 16] {
    let mut address = [0; 16];
    let prefix: &[u8] =
        random.pick(&[&[0x20, 0x01, 0x0d, 0xb8][..], &[0xfe, 0x80], &[0xff, 0x02], &[0xfd, 0x12, 0x34]]);
    address[..prefix.len()].copy_from_slice(prefix);
    address[15] = random.byte() & 0x1f;
    address
}

fn length(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}

/// The Internet checksum over parts behind each other, each of an even length but the last.
pub(super) fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !(folded as u16)
}
