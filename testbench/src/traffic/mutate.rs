// SPDX-License-Identifier: Apache-2.0
//! Frames that are wrong in ways programs must survive.

use super::build::Marks;
use super::random::Random;

/// Makes a header lie, or lets the frame end early (only if `may_cut`).
pub(super) fn malform(random: &mut Random, frame: &mut Vec<u8>, marks: &Marks, may_cut: bool) {
    let network = marks.network.unwrap_or(14);
    let transport = marks.transport.unwrap_or(network + 20);
    match random.below(if may_cut { 9 } else { 6 }) {
        // Header length of IPv4: too short, too long.
        0 => change(frame, network, |byte| byte & 0xf0 | random.pick(&[0, 1, 4, 6, 15])),
        // Version.
        1 => change(frame, network, |byte| byte & 0x0f | random.pick(&[0x00, 0x40, 0x50, 0x60, 0xf0])),
        // Total or payload length.
        2 => {
            let at = network + if random.chance(50) { 2 } else { 4 };
            let value: u16 = random.pick(&[0, 1, 19, 20, 39, 0x05dc, 0xffff]);
            change(frame, at, |_| value.to_be_bytes()[0]);
            change(frame, at + 1, |_| value.to_be_bytes()[1]);
        }
        // Header length of TCP, length of UDP.
        3 => change(frame, transport + 12, |byte| byte & 0x0f | random.pick(&[0x00, 0x40, 0xf0])),
        4 => change(frame, transport + 4, |_| random.pick(&[0, 7, 0xff])),
        // Another type of network header than there is.
        5 => {
            let value: u16 = random.pick(&[0x0800, 0x86dd, 0x8100, 0x0806, 0x88a8, 0]);
            change(frame, network.saturating_sub(2), |_| value.to_be_bytes()[0]);
            change(frame, network.saturating_sub(1), |_| value.to_be_bytes()[1]);
        }
        // The end inside a header, just behind one, anywhere.
        6 => cut(frame, random.within(14, transport + 20)),
        7 => {
            let edge = random.pick(&[14, 18, 22, network, transport, transport + 4, transport + 8, transport + 20]);
            cut(frame, (edge + random.below(3)).saturating_sub(1));
        }
        _ => {
            let longest = frame.len();
            cut(frame, random.within(14, longest));
        }
    }
}

/// Changes one to four bytes, mostly where programs look; sometimes cuts the frame too (only if `may_cut`).
pub(super) fn mutate(random: &mut Random, frame: &mut Vec<u8>, marks: &Marks, may_cut: bool) {
    for _ in 0..random.within(1, 4) {
        let anywhere = random.below(frame.len());
        let at = if marks.fields.is_empty() || random.chance(20) { anywhere } else { random.pick(&marks.fields) };
        let any = random.byte();
        let bit = 1 << random.below(8);
        match random.below(6) {
            0 => change(frame, at, |_| 0),
            1 => change(frame, at, |_| 0xff),
            2 => change(frame, at, |byte| byte.wrapping_add(1)),
            3 => change(frame, at, |byte| byte.wrapping_sub(1)),
            4 => change(frame, at, |byte| byte ^ bit),
            _ => change(frame, at, |_| any),
        }
    }
    if may_cut && random.chance(10) {
        let longest = frame.len();
        cut(frame, random.within(14, longest));
    }
}

/// Nothing happens behind the end of the frame.
fn change(frame: &mut [u8], at: usize, new: impl FnOnce(u8) -> u8) {
    if let Some(byte) = frame.get_mut(at) {
        *byte = new(*byte);
    }
}

fn cut(frame: &mut Vec<u8>, size: usize) {
    frame.truncate(size.max(14));
}
