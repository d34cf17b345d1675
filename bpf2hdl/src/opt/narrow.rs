// SPDX-License-Identifier: Apache-2.0
//! Width narrowing: the largest single saving.
//!
//! BPF registers have 64 bits; most values need 1, 8, 16 or 32. Two facts cut an operation down:
//! * *demanded bits*, computed backwards from the outputs: carries only run upwards, so a sum of which the low 16 bits
//!   are wanted is a 16-bit sum;
//! * *active bits*, from the value sets computed forwards: bits that are always zero need no logic.
//!
//! The operation is rebuilt at the smaller width between slices of its operands (wiring) and a zero extension (wiring).
//! Bits that are not demanded come out as zeros, which no one sees. Cost: linear in the operations.

use super::{Goal, rebuild};
use crate::ir::{Binary, Builder, Function, Op, Value, low_mask};

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let demand = demanded(&old);
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (value, def) in old.iter() {
        b.at(def.insn);
        let wanted = demand[value.index()];
        let new = match &def.op {
            op if old.has_effect(op) => b.op(op.map_operands(|v| names[v.index()]), def.width),
            _ if wanted == 0 => b.constant(0, def.width),
            op => {
                let op = op.map_operands(|v| names[v.index()]);
                rebuilt(&mut b, &op, def.width, wanted)
            }
        };
        names.push(new);
    }
    rebuild::finish(b, &old, |_, v| names[v.index()])
}

fn top_mask(mask: u64) -> u64 {
    low_mask(64 - mask.leading_zeros() as u8)
}

/// Bits of each value that an output or a store can see.
fn demanded(f: &Function) -> Vec<u64> {
    let mut demand = vec![0u64; f.defs.len()];
    for value in f.outputs() {
        demand[value.index()] = low_mask(f.width(value));
    }
    for (value, def) in f.iter().rev() {
        let d = demand[value.index()];
        if d == 0 && !f.has_effect(&def.op) {
            continue;
        }
        let mut want = |v: Value, bits: u64| demand[v.index()] |= bits & low_mask(f.width(v));
        match &def.op {
            Op::Binary(Binary::Add | Binary::Sub | Binary::Mul, x, y) => {
                want(*x, top_mask(d));
                want(*y, top_mask(d));
            }
            Op::Binary(Binary::And, x, y) => {
                want(*x, d & f.as_const(*y).unwrap_or(u64::MAX));
                want(*y, d & f.as_const(*x).unwrap_or(u64::MAX));
            }
            Op::Binary(Binary::Or, x, y) => {
                want(*x, d & !f.as_const(*y).unwrap_or(0));
                want(*y, d & !f.as_const(*x).unwrap_or(0));
            }
            Op::Binary(Binary::Xor, x, y) => {
                want(*x, d);
                want(*y, d);
            }
            Op::Binary(Binary::Shl, x, y) => {
                want(*x, top_mask(d));
                want(*y, u64::MAX);
            }
            Op::Not(x) => want(*x, d),
            Op::Bswap(x) => want(*x, d.swap_bytes() >> (64 - def.width)),
            Op::Select { condition, then, other } => {
                want(*condition, 1);
                want(*then, d);
                want(*other, d);
            }
            Op::Extract { from, lo } => want(*from, d << lo),
            Op::Sext(x) => {
                let from = f.width(*x);
                let sign = if d & !low_mask(from) != 0 { 1 << (from - 1) } else { 0 };
                want(*x, d & low_mask(from) | sign);
            }
            Op::Concat(parts) => {
                let mut at = 0;
                for &part in parts {
                    want(part, d >> at);
                    at += f.width(part);
                }
            }
            op => op.for_each_operand(|v| want(v, u64::MAX)),
        }
    }
    demand
}

/// The operation at the width that it needs.
fn rebuilt(b: &mut Builder, op: &Op, width: u8, wanted: u64) -> Value {
    let full = b.op(op.clone(), width);
    // The builder may have found something simpler than the operation.
    let op = b.op_of(full).clone();
    let active = b.set(full).active_bits().max(1);
    let demanded = 64 - (wanted & low_mask(width)).leading_zeros() as u8;
    match op {
        Op::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::And | Binary::Or | Binary::Xor, ..)
        | Op::Select { .. }
        | Op::Not(_) => {
            let high = active.min(demanded.max(1));
            let low = common_zeros(b, &op).min(high - 1);
            if high == b.width(full) && low == 0 { full } else { sliced(b, &op, full, low, high) }
        }
        Op::Binary(kind @ (Binary::Udiv | Binary::Urem), x, y) => {
            let high = b.set(x).active_bits().max(b.set(y).active_bits()).max(1);
            if high == width {
                return full;
            }
            let (x, y) = (b.extract(x, 0, high), b.extract(y, 0, high));
            let narrow = b.binary(kind, x, y);
            b.resize(narrow, width)
        }
        _ => full,
    }
}

/// Low bits that are zero in all operands of an operation that keeps them zero.
fn common_zeros(b: &Builder, op: &Op) -> u8 {
    let zeros = |v: Value| b.set(v).zeros().trailing_ones() as u8;
    match op {
        Op::Binary(Binary::Add | Binary::Sub | Binary::Or | Binary::Xor, x, y) => zeros(*x).min(zeros(*y)),
        Op::Binary(Binary::And, x, y) => zeros(*x).max(zeros(*y)),
        Op::Select { then, other, .. } => zeros(*then).min(zeros(*other)),
        _ => 0,
    }
}

/// Bits `low .. high` of the operation, extended with zeros on both sides.
fn sliced(b: &mut Builder, op: &Op, full: Value, low: u8, high: u8) -> Value {
    let (width, inner) = (b.width(full), high - low);
    let narrow = match *op {
        Op::Select { condition, then, other } => {
            let (then, other) = (b.extract(then, low, inner), b.extract(other, low, inner));
            b.select(condition, then, other)
        }
        Op::Not(x) => {
            let x = b.extract(x, low, inner);
            b.not(x)
        }
        Op::Binary(kind, x, y) => {
            let (x, y) = (b.extract(x, low, inner), b.extract(y, low, inner));
            b.binary(kind, x, y)
        }
        _ => return full,
    };
    let mut parts = Vec::new();
    if low > 0 {
        parts.push(b.constant(0, low));
    }
    parts.push(narrow);
    if high < width {
        parts.push(b.constant(0, width - high));
    }
    b.concat(parts)
}
