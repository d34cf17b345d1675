// SPDX-License-Identifier: Apache-2.0
//! Frames whose key is chosen: UDP over IPv4, from which programs take addresses and ports, with a payload that says what to do.

use bpf2hdl_testbench::random::Numbers;
use bpf2hdl_testbench::{PacketContext, PacketSet};
use std::net::IpAddr;

/// Shortest and longest frame, without FCS.
const SHORTEST: usize = 60;
const LONGEST: usize = 1514;
/// Where the payload begins: Ethernet, IPv4, UDP.
const PAYLOAD: usize = 42;

/// Which keys the packets of a part have.
#[derive(Debug, Clone, Copy)]
enum Keys {
    /// All the same.
    One,
    /// One of so many, by chance.
    Of(u64),
}

/// A part of the traffic: so many packets of a hundred, these keys, and whether frames have all sizes.
const PARTS: [(usize, Keys, bool); 5] = [
    (40, Keys::One, false),
    (20, Keys::Of(2), false),
    (20, Keys::Of(16), false),
    (15, Keys::Of(0), false),
    (5, Keys::Of(16), true),
];

/// `count` packets: storms on one key, two and 16 of them, one of `keys`, and frames of all sizes.
#[must_use]
pub(super) fn mixed(count: usize, keys: u64, seed: u64) -> PacketSet {
    let (mut set, mut random) = (PacketSet::new(), Numbers::new(seed));
    for (share, part, sizes) in PARTS {
        for _ in 0..count * share / 100 {
            let key = match part {
                Keys::One => 7,
                Keys::Of(0) => random.below(keys),
                Keys::Of(few) => 100 + random.below(few.min(keys)),
            };
            let size = if sizes { SHORTEST + random.below((LONGEST - SHORTEST) as u64 + 1) as usize } else { 64 };
            set.push(&frame(key, size, &mut random), PacketContext::default());
        }
    }
    set
}

/// `count` frames of 64 bytes, all with one key.
#[must_use]
pub(super) fn storm(count: usize, seed: u64) -> PacketSet {
    let (mut set, mut random) = (PacketSet::new(), Numbers::new(seed));
    (0..count).for_each(|_| set.push(&frame(7, 64, &mut random), PacketContext::default()));
    set
}

/// The source addresses of all keys: those of the storms, then the others.
#[must_use]
pub(super) fn addresses(keys: u64) -> Vec<IpAddr> {
    let all = [7].into_iter().chain(100..116).chain(0..keys);
    all.map(|key| IpAddr::from((0x0a00_0000 | key as u32).to_be_bytes())).collect()
}

/// Source address and ports follow from the key; the payload is random.
fn frame(key: u64, size: usize, random: &mut Numbers) -> Vec<u8> {
    let key = key as u32;
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    let length = (size - 14) as u16;
    frame.extend([0x45, 0]);
    frame.extend(length.to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
    frame.extend((0x0a00_0000 | key).to_be_bytes());
    frame.extend([10, 200, 0, 1]);
    let sum = checksum(&frame[14..34]);
    frame[24..26].copy_from_slice(&sum.to_be_bytes());
    frame.extend((1024 + key as u16).to_be_bytes());
    frame.extend(53u16.to_be_bytes());
    frame.extend((length - 20).to_be_bytes());
    frame.extend([0, 0]);
    debug_assert_eq!(frame.len(), PAYLOAD, "the headers");
    frame.resize_with(size, || random.below(256) as u8);
    frame
}

/// The Internet checksum of a header whose own is zero (RFC 1071).
fn checksum(header: &[u8]) -> u16 {
    let words = header.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    !((sum & 0xffff) + (sum >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_frames_are_whole() {
        assert_eq!(PARTS.iter().map(|part| part.0).sum::<usize>(), 100);
        let set = mixed(1000, 300, 1);
        assert_eq!(set.len(), 1000);
        for packet in set.iter() {
            let data = packet.data;
            assert!((SHORTEST..=LONGEST).contains(&data.len()));
            assert_eq!(usize::from(data[16]) << 8 | usize::from(data[17]), data.len() - 14);
            // The sum over a header with its checksum is all ones.
            assert_eq!(checksum(&data[14..34]), 0);
        }
        let one = storm(3, 1);
        assert!(one.iter().all(|packet| packet.data[26..36] == one.get(0).unwrap().data[26..36]));
    }
}
