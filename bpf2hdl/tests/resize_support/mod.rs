// SPDX-License-Identifier: Apache-2.0
//! The programs of `tests/data/resize.c`, and frames that reach their branches.
#![allow(dead_code, reason = "each test binary uses its own part")]

use crate::object_support;
use bpf2hdl::object::{Linked, Object};

fn object() -> Object {
    object_support::parse(&object_support::compile("resize.c", &[]), "resize.c")
}

/// Names of all programs.
pub(crate) fn programs() -> Vec<String> {
    let only = std::env::var("BPF2HDL_RESIZE").ok();
    let all = object().programs.into_iter().map(|p| p.name);
    all.filter(|name| only.as_ref().is_none_or(|only| only == name)).collect()
}

/// One of them.
pub(crate) fn program(name: &str) -> Linked {
    let object = object();
    object.link(object.select(Some(name)).expect("it is there")).unwrap_or_else(|d| panic!("{name}: {d}"))
}

/// splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Frames of 14 to 1514 bytes: IPv4 with options, IP in IP, VLAN tags, and noise. The same for the same name.
pub(crate) fn frames(name: &str, count: usize) -> Vec<Vec<u8>> {
    let mut random = Random(name.bytes().fold(7, |hash, b| hash.wrapping_mul(131) + u64::from(b)));
    (0..count).map(|_| frame(&mut random)).collect()
}

fn frame(random: &mut Random) -> Vec<u8> {
    let length = match random.below(8) {
        0 => 14 + random.below(60),
        1 => 60 + random.below(10),
        2..5 => 60 + random.below(140),
        _ => 60 + random.below(1455),
    };
    let mut frame: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
    let mut put = |at: usize, bytes: &[u8]| {
        for (place, byte) in frame.iter_mut().skip(at).zip(bytes) {
            *place = *byte;
        }
    };
    match random.below(4) {
        0 => put(12, &[0x81, 0x00]),
        1 => {}
        _ => {
            let protocol = if random.below(2) == 0 { 4 } else { 17 };
            let options = if random.below(2) == 0 { 0 } else { random.below(11) as u8 };
            let total = (14 + random.below(length + 30)) as u16;
            put(12, &[0x08, 0x00, 0x45 + options, 0]);
            put(16, &total.to_be_bytes());
            put(23, &[protocol]);
        }
    }
    frame
}
