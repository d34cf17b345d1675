// SPDX-License-Identifier: Apache-2.0
//! Traffic that a program is made for: frames of described flows, so that its tables are hit, mixed with frames of every
//! other kind from the testbench's generator.

use bpf2hdl_testbench::traffic::Traffic;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Frames of one kind. Fields that vary do so by a seeded generator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    /// How many of the frames are of this kind, against the other kinds' weights.
    #[serde(default = "one")]
    weight: u32,
    /// Source MAC address; its last byte counts up to `macs`.
    #[serde(default = "peer_mac")]
    source_mac: [u8; 6],
    /// Destination MAC address.
    #[serde(default = "host_mac")]
    destination_mac: [u8; 6],
    /// How many source MAC addresses there are.
    #[serde(default = "one")]
    macs: u32,
    /// VLAN numbers, from the outside in.
    #[serde(default)]
    vlans: Vec<u16>,
    /// EtherType of a frame that is not IP.
    #[serde(default)]
    ether_type: Option<u16>,
    /// Source address, or a prefix that it is taken from (`10.0.0.0/24`).
    #[serde(default)]
    source: Option<String>,
    /// Destination address or prefix.
    #[serde(default)]
    destination: Option<String>,
    /// IP protocol: 6, 17 and 1 get a header.
    #[serde(default)]
    protocol: u8,
    /// Least and greatest source port.
    #[serde(default)]
    source_ports: [u16; 2],
    /// Least and greatest destination port.
    #[serde(default)]
    destination_ports: [u16; 2],
    /// TCP flags.
    #[serde(default = "ack")]
    flags: u8,
    /// First bytes of the payload.
    #[serde(default)]
    payload: Vec<u8>,
}

fn one() -> u32 {
    1
}

fn ack() -> u8 {
    0x10
}

fn peer_mac() -> [u8; 6] {
    [2, 0, 0, 0, 0, 2]
}

fn host_mac() -> [u8; 6] {
    [2, 0, 0, 0, 0, 1]
}

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
/// Share of foreign frames in [`mixed`], percent.
const FOREIGN: u64 = 40;

/// A small generator of numbers (SplitMix64): the same seed gives the same frames everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn within(&mut self, [least, greatest]: [u16; 2]) -> u16 {
        let span = u64::from(greatest.saturating_sub(least)) + 1;
        least.wrapping_add(self.below(span) as u16)
    }
}

/// `count` frames of `size` bytes, of the flows whose headers fit into it.
pub(crate) fn flood(flows: &[Flow], count: usize, size: usize, seed: u64) -> Result<Vec<Vec<u8>>, String> {
    let mut numbers = Numbers(seed);
    let mut fitting = Vec::new();
    for flow in flows {
        if flow.frame(&mut numbers, size)?.len() == size {
            fitting.push(flow.clone());
        }
    }
    (0..count)
        .map(|_| pick(&fitting, &mut numbers).map_or_else(|| Ok(vec![0; size]), |flow| flow.frame(&mut numbers, size)))
        .collect()
}

/// `count` frames of all sizes: the flows', and foreign ones, some of them malformed.
pub(crate) fn mixed(flows: &[Flow], count: usize, seed: u64) -> Result<Vec<Vec<u8>>, String> {
    let mut numbers = Numbers(seed);
    let mut foreign = Traffic::new(seed);
    let one = |_| {
        let size = [60, 64, 66, 128, 590, 1514, 60 + numbers.below(600) as usize][numbers.below(7) as usize];
        match pick(flows, &mut numbers) {
            Some(flow) if numbers.below(100) >= FOREIGN => flow.frame(&mut numbers, size),
            _ => Ok(foreign.frame()),
        }
    };
    (0..count).map(one).collect()
}

fn pick<'a>(flows: &'a [Flow], numbers: &mut Numbers) -> Option<&'a Flow> {
    let all: u64 = flows.iter().map(|flow| u64::from(flow.weight)).sum();
    let mut place = numbers.below(all);
    flows.iter().find(|flow| {
        let here = place < u64::from(flow.weight);
        place = place.saturating_sub(u64::from(flow.weight));
        here
    })
}

impl Flow {
    /// One frame of at least `size` bytes: longer if its headers are.
    fn frame(&self, numbers: &mut Numbers, size: usize) -> Result<Vec<u8>, String> {
        let mut frame = self.destination_mac.to_vec();
        frame.extend(self.source_mac);
        frame[11] = frame[11].wrapping_add(numbers.below(u64::from(self.macs)) as u8);
        for vlan in &self.vlans {
            frame.extend([0x81, 0]);
            frame.extend(vlan.to_be_bytes());
        }
        let room = size.saturating_sub(frame.len() + 2);
        match (&self.source, &self.destination, self.ether_type) {
            (Some(source), Some(destination), None) => {
                let (source, destination) = (address(source, numbers)?, address(destination, numbers)?);
                frame.extend(self.packet(source, destination, room, numbers)?);
            }
            (_, _, kind) => {
                frame.extend(kind.unwrap_or(0x88b5).to_be_bytes());
                frame.extend(&self.payload);
            }
        }
        while frame.len() < size {
            frame.push(frame.len() as u8);
        }
        Ok(frame)
    }

    /// EtherType and packet.
    fn packet(
        &self,
        source: IpAddr,
        destination: IpAddr,
        room: usize,
        numbers: &mut Numbers,
    ) -> Result<Vec<u8>, String> {
        match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let segment = self.segment(
                    room.saturating_sub(20),
                    &[&source.octets()[..], &destination.octets()].concat(),
                    numbers,
                );
                let mut packet = vec![0x08, 0x00, 0x45, 0];
                packet.extend((20 + segment.len() as u16).to_be_bytes());
                packet.extend([0x12, 0x34, 0x40, 0, 64, self.protocol, 0, 0]);
                packet.extend(source.octets());
                packet.extend(destination.octets());
                let sum = checksum(&packet[2..]);
                packet[12..14].copy_from_slice(&sum.to_be_bytes());
                packet.extend(segment);
                Ok(packet)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let segment = self.segment(
                    room.saturating_sub(40),
                    &[&source.octets()[..], &destination.octets()].concat(),
                    numbers,
                );
                let mut packet = vec![0x86, 0xdd, 0x60, 0, 0, 0];
                packet.extend((segment.len() as u16).to_be_bytes());
                packet.extend([self.protocol, 64]);
                packet.extend(source.octets());
                packet.extend(destination.octets());
                packet.extend(segment);
                Ok(packet)
            }
            _ => Err("a flow has one IPv4 and one IPv6 address".to_owned()),
        }
    }

    /// Transport header and payload, `room` bytes where it fits, with the right checksum.
    fn segment(&self, room: usize, addresses: &[u8], numbers: &mut Numbers) -> Vec<u8> {
        let ports = [numbers.within(self.source_ports), numbers.within(self.destination_ports)];
        let ports: Vec<u8> = ports.iter().flat_map(|port| port.to_be_bytes()).collect();
        let mut segment = match self.protocol {
            TCP => [&ports[..], &[0, 0, 0, 1, 0, 0, 0, 1, 0x50, self.flags, 0x20, 0, 0, 0, 0, 0]].concat(),
            UDP => [&ports[..], &[0; 4]].concat(),
            ICMP => vec![8, 0, 0, 0, 0, 1, 0, 1],
            _ => Vec::new(),
        };
        segment.extend(&self.payload);
        while segment.len() < room {
            segment.push(segment.len() as u8);
        }
        let length = (segment.len() as u16).to_be_bytes();
        let pseudo = [addresses, &[0, self.protocol], &length].concat();
        let place = match self.protocol {
            TCP => 16,
            UDP => {
                segment[4..6].copy_from_slice(&length);
                6
            }
            ICMP => 2,
            _ => return segment,
        };
        let covered = if self.protocol == ICMP { segment.clone() } else { [pseudo, segment.clone()].concat() };
        segment[place..place + 2].copy_from_slice(&checksum(&covered).to_be_bytes());
        segment
    }
}

/// An address of the prefix.
fn address(text: &str, numbers: &mut Numbers) -> Result<IpAddr, String> {
    let wrong = || format!("`{text}` is no address and no prefix");
    let (base, length) = text.split_once('/').map_or((text, None), |(base, length)| (base, Some(length)));
    let base: IpAddr = base.parse().map_err(|_| wrong())?;
    let bits = if base.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Ok(bits), |length| length.parse::<u32>().map_err(|_| wrong()))?;
    let free = bits.checked_sub(length).ok_or_else(wrong)?;
    let any = numbers.next() & 1u64.checked_shl(free).map_or(u64::MAX, |limit| limit - 1);
    Ok(match base {
        IpAddr::V4(base) => Ipv4Addr::from_bits(base.to_bits() | any as u32).into(),
        IpAddr::V6(base) => Ipv6Addr::from_bits(base.to_bits() | u128::from(any)).into(),
    })
}

/// The Internet checksum.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |&low| u32::from(low)));
    let mut sum: u32 = words.sum();
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(text: &str) -> Flow {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn frames_have_the_size_and_right_checksums() {
        let flows = [flow(
            r#"{"source": "10.0.0.0/8", "destination": "192.0.2.1", "protocol": 17, "source_ports": [1, 9], "destination_ports": [53, 53]}"#,
        )];
        let frames = flood(&flows, 50, 64, 1).unwrap();
        assert_eq!(frames, flood(&flows, 50, 64, 1).unwrap());
        assert_ne!(frames[0], frames[1]);
        for frame in frames {
            assert_eq!(frame.len(), 64);
            assert_eq!(checksum(&frame[14..34]), 0);
            assert_eq!((frame[26], frame[37], frame[36]), (10, 53, 0));
            let pseudo = [&frame[26..34], &[0, 17, 0, 30], &frame[34..]].concat();
            assert_eq!(checksum(&pseudo), 0);
        }
    }

    #[test]
    fn headers_that_do_not_fit_keep_out_of_a_flood() {
        let six = flow(r#"{"source": "2001:db8::/64", "destination": "2001:db8::1", "protocol": 6}"#);
        let four = flow(r#"{"source": "10.0.0.1", "destination": "10.0.0.2", "protocol": 1}"#);
        assert!(
            flood(&[six.clone(), four], 20, 64, 1).unwrap().iter().all(|frame| frame.len() == 64 && frame[12] == 8)
        );
        assert!(mixed(&[six], 20, 1).unwrap().iter().any(|frame| frame[12..14] == [0x86, 0xdd]));
    }

    #[test]
    fn a_wrong_address_is_named() {
        let bad = flow(r#"{"source": "10.0.0.0/33", "destination": "10.0.0.2"}"#);
        assert!(mixed(&[bad], 50, 1).unwrap_err().contains("10.0.0.0/33"));
    }
}
