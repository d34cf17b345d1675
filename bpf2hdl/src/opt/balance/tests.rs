// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::ir::{Compare, Interpreter, MapState, PacketInput, ProgramKind, check};

/// Runs a function on some packets.
fn results(f: &Function, of: Value) -> Vec<u64> {
    let mut maps = MapState::new(f);
    let mut interpreter = Interpreter::new(f);
    (0..64u64)
        .map(|seed| {
            let data: Vec<u8> = (0..64).map(|i| ((seed * 0x9e37_79b9 + i * i * (seed + 3)) >> 3) as u8).collect();
            let packet = PacketInput::new(&data);
            interpreter.run(&packet, &mut maps).values[of.index()]
        })
        .collect()
}

/// Checks that the pass keeps the value that edits bytes 0 to 3, and returns its new arrival and the old one.
fn arrivals(build: impl Fn(&mut Builder) -> Value) -> (u64, u64) {
    let mut b = Builder::new(Function::new("f", ProgramKind::Xdp));
    let value = build(&mut b);
    let always = b.constant(1, 1);
    for i in 0..b.width(value).div_ceil(8) {
        let byte = b.extract(value, 8 * i, (b.width(value) - 8 * i).min(8));
        let data = b.resize(byte, 8);
        b.push_edit(crate::ir::Edit { offset: i.into(), when: always, data });
    }
    let pass = b.constant(2, 3);
    b.set_action(pass);
    let old = b.finish();
    let goal = Goal::default();
    let new = crate::opt::dead::run(run(old.clone(), &goal), &goal);
    assert_eq!(check(&new), Ok(()));
    for (x, y) in old.edits.iter().zip(&new.edits) {
        assert_eq!(results(&old, x.data), results(&new, y.data));
    }
    let time = |f: &Function| {
        // A builder would rebuild: the times are taken from a copy of the function as it is.
        let mut b = rebuild::start(f);
        let mut names = Vec::new();
        for (_, def) in f.iter() {
            names.push(b.op(def.op.map_operands(|v| names[v.index()]), def.width));
        }
        let mut arrivals = Arrivals::new(&goal);
        f.edits.iter().map(|e| arrivals.of(&b, names[e.data.index()])).max().unwrap_or(0)
    };
    (time(&new), time(&old))
}

fn bytes(b: &mut Builder, count: u16, width: u8) -> Vec<Value> {
    (0..count).map(|i| b.op(Op::Packet { offset: i * u16::from(width / 8) }, width)).collect()
}

#[test]
fn a_checksum_is_a_tree() {
    let (new, old) = arrivals(|b| {
        let words = bytes(b, 10, 16);
        words[1..].iter().fold(words[0], |sum, &word| {
            // As narrowing leaves it: each sum one bit wider than the last.
            let width = (b.width(sum) + 1).min(20);
            let (x, y) = (b.resize(sum, width), b.resize(word, width));
            b.binary(Binary::Add, x, y)
        })
    });
    assert!(new * 2 < old, "{new} ps, was {old}");
}

#[test]
fn late_inputs_come_last() {
    let (new, old) = arrivals(|b| {
        let bits = bytes(b, 8, 8);
        let mut conditions: Vec<Value> = bits.iter().map(|&v| b.extract(v, 0, 1)).collect();
        // The first one is late.
        let square = b.binary(Binary::Mul, bits[0], bits[1]);
        conditions[0] = b.extract(square, 3, 1);
        conditions[1..].iter().fold(conditions[0], |all, &c| b.and(all, c))
    });
    assert!(new + 1500 < old, "{new} ps, was {old}");
}

#[test]
fn a_chain_of_choices_is_a_tree() {
    let (new, old) = arrivals(|b| {
        let words = bytes(b, 17, 16);
        words[1..].iter().fold(words[0], |value, &word| {
            let bit = b.extract(word, 3, 1);
            b.select(bit, word, value)
        })
    });
    assert!(new * 2 < old, "{new} ps, was {old}");
}

#[test]
fn comparing_with_all_constants_is_a_lookup() {
    let mut b = Builder::new(Function::new("f", ProgramKind::Xdp));
    let words = bytes(&mut b, 16, 16);
    let key = b.extract(words[0], 5, 4);
    let mut value = words[0];
    for (i, &word) in words.iter().enumerate().skip(1) {
        let c = b.constant(i as u64, 4);
        let equal = b.compare(Compare::Eq, key, c);
        value = b.select(equal, word, value);
    }
    let (always, pass) = (b.constant(1, 1), b.constant(2, 3));
    let data = b.extract(value, 0, 8);
    b.push_edit(crate::ir::Edit { offset: 0, when: always, data });
    b.set_action(pass);
    let old = b.finish();
    let goal = Goal::default();
    let new = crate::opt::dead::run(run(old.clone(), &goal), &goal);
    assert_eq!(results(&old, old.edits[0].data), results(&new, new.edits[0].data));
    assert!(!new.defs.iter().any(|d| matches!(d.op, Op::Compare(..))), "{new}");
}
