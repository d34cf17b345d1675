// SPDX-License-Identifier: Apache-2.0
//! Packets that a program looks out for.
//!
//! Few programs do something with ordinary traffic: they wait for a port, an address, a magic number. What they compare the
//! packet's bytes with is in their code. Every other packet gets some of these bytes written into it, so that branches are
//! taken that chance would not find.

use bpf2hdl::ir::{Binary, Compare, Function, Op, Value};
use bpf2hdl_testbench::PacketSet;
use bpf2hdl_testbench::random::Numbers;

/// Deepest chain of operations between a load and its comparison.
const MOST_STEPS: u32 = 12;

/// A comparison of something with a constant.
struct Test {
    value: Value,
    constant: u64,
}

/// Bits of a byte of the packet.
struct Wish {
    offset: usize,
    value: u8,
    mask: u8,
}

/// The packets, every other one changed.
pub(super) fn directed(function: &Function, packets: &PacketSet, seed: u64) -> PacketSet {
    let (tests, mut numbers) = (tests(function), Numbers::new(seed));
    let mut changed = PacketSet::new();
    for (number, packet) in packets.iter().enumerate() {
        let mut data = packet.data.to_vec();
        if number % 2 == 1 && !tests.is_empty() {
            for _ in 0..numbers.pick(&[1, 2, 3, 4, 8]) {
                let test = &tests[usize::try_from(numbers.below(tests.len() as u64)).unwrap_or(0)];
                // Just below, equal, just above: the edges of all comparisons.
                let constant = test.constant.wrapping_add(numbers.pick(&[0, 0, 0, 1, u64::MAX]));
                let mut wishes = Vec::new();
                wish(function, test.value, (constant, u64::MAX), MOST_STEPS, &mut numbers, &mut wishes);
                for Wish { offset, value, mask } in wishes {
                    if let Some(byte) = data.get_mut(offset) {
                        *byte = *byte & !mask | value & mask;
                    }
                }
            }
        }
        changed.push(&data, packet.context);
    }
    changed
}

fn tests(function: &Function) -> Vec<Test> {
    let constant = |v: Value| match function.defs[v.index()].op {
        Op::Const(constant) => Some(constant),
        _ => None,
    };
    let test = |op: &Op| match *op {
        Op::Compare(Compare::Eq | Compare::Ne | Compare::Ult | Compare::Ule | Compare::Slt | Compare::Sle, x, y) => {
            match (constant(x), constant(y)) {
                (None, Some(constant)) => Some(Test { value: x, constant }),
                (Some(constant), None) => Some(Test { value: y, constant }),
                _ => None,
            }
        }
        _ => None,
    };
    function.defs.iter().filter_map(|def| test(&def.op)).collect()
}

/// What the packet must hold for `v` to have these bits (value and mask), where that can be told easily.
fn wish(function: &Function, v: Value, (value, mask): (u64, u64), steps: u32, n: &mut Numbers, out: &mut Vec<Wish>) {
    let (Some(steps), def) = (steps.checked_sub(1), &function.defs[v.index()]) else { return };
    let constant = |v: Value| match function.defs[v.index()].op {
        Op::Const(constant) => Some(constant),
        _ => None,
    };
    let mut load = |offset: usize| {
        let byte = |word: u64, i: usize| word.to_le_bytes()[i];
        let bytes = (0..usize::from(def.width / 8)).filter(|i| byte(mask, *i) != 0);
        out.extend(bytes.map(|i| Wish { offset: offset + i, value: byte(value, i), mask: byte(mask, i) }));
    };
    match &def.op {
        Op::Packet { offset } => load(usize::from(*offset)),
        Op::PacketAt { places, .. } if !places.is_empty() => load(usize::from(n.pick(places))),
        Op::Bswap(a) => {
            let swapped = |word: u64| word.swap_bytes() >> (64 - u32::from(def.width));
            wish(function, *a, (swapped(value), swapped(mask)), steps, n, out);
        }
        Op::Not(a) => wish(function, *a, (!value, mask), steps, n, out),
        Op::Extract { from, lo } => {
            let bits = u64::MAX >> (64 - u32::from(def.width));
            wish(function, *from, ((value & bits) << lo, (mask & bits) << lo), steps, n, out);
        }
        Op::Concat(parts) => {
            let mut at = 0;
            for part in parts {
                let width = u32::from(function.width(*part));
                let bits = u64::MAX >> (64 - width);
                wish(function, *part, (value >> at & bits, mask >> at & bits), steps, n, out);
                at += width;
            }
        }
        Op::Select { then, other, .. } => {
            let chosen = n.pick(&[*then, *other]);
            wish(function, chosen, (value, mask), steps, n, out);
        }
        Op::Binary(Binary::And, a, c) => {
            if let Some(c) = constant(*c) {
                wish(function, *a, (value, mask & c), steps, n, out);
            }
        }
        Op::Binary(Binary::Add, a, c) => {
            if let Some(c) = constant(*c) {
                wish(function, *a, (value.wrapping_sub(c), mask), steps, n, out);
            }
        }
        // Of the others too little is known.
        _ => {}
    }
}
