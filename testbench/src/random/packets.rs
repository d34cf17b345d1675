// SPDX-License-Identifier: Apache-2.0
//! Packets for random programs.

use super::Numbers;
use super::writer::CHECKED;

/// Packets, most of them long enough for the check at the start, with small and equal values among the random ones.
#[must_use]
pub fn packets(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed ^ 0xabcd);
    (0..count).map(|_| packet(&mut n)).collect()
}

fn packet(n: &mut Numbers) -> Vec<u8> {
    let length = match n.below(6) {
        5 => 600 + n.below(1200),
        0 => CHECKED,
        1 => CHECKED + n.below(40),
        2 => 14 + n.below(60),
        _ => 100 + n.below(100),
    };
    let style = n.below(3);
    let mut byte = || match style {
        0 => n.bits().to_le_bytes()[0],
        1 => n.pick(&[0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]),
        _ => n.pick(&[0u8, 0, 1, 0xff, 0x7f, 0x80]),
    };
    (0..length).map(|_| byte()).collect()
}
