// SPDX-License-Identifier: Apache-2.0
//! How much of the packet must have arrived before its token may leave.
//!
//! Bounds checks compare the packet's length with small numbers. Once as many bytes have arrived as the greatest of these
//! numbers, the bytes so far answer every comparison as the true length would, and the token need not wait for the end
//! of a long packet. Any other use of the length needs the exact one.

use crate::ir::{Compare, Function, Input, Op, Value, ValueSet, transfer};

/// The farthest that a token waits for; beyond that it waits for the end of the packet.
const MAX_WAIT: u64 = 2048;

/// What a token must know of its packet's length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    /// At least this many bytes have arrived, or all.
    AtLeast(u32),
    /// The exact length.
    Exact,
}

/// Finds what a function needs.
pub(super) fn need(f: &Function) -> Need {
    let mut sets: Vec<ValueSet> = Vec::with_capacity(f.defs.len());
    // `Some(s)`: the value is the length shifted right by s.
    let mut view: Vec<Option<u8>> = Vec::with_capacity(f.defs.len());
    let mut wait = 0;
    for (_, def) in f.iter() {
        let shifted = |v: Value| view[v.index()];
        let mut exact = false;
        let mut here = None;
        match &def.op {
            Op::Input(Input::Length) => here = Some(0),
            Op::Extract { from, lo } if shifted(*from).is_some() => {
                let shift = shifted(*from).unwrap_or(0) + lo;
                exact = shift + def.width < Input::WIDTH;
                here = Some(shift);
            }
            Op::Concat(parts) if parts.iter().any(|&p| shifted(p).is_some()) => {
                exact = shifted(parts[0]).is_none() || parts[1..].iter().any(|&p| f.as_const(p) != Some(0));
                here = shifted(parts[0]);
            }
            Op::Compare(kind, x, y) => match (shifted(*x), shifted(*y)) {
                (None, None) => {}
                (Some(shift), None) => match bound(*kind, &sets[y.index()], true, shift) {
                    Some(bytes) => wait = wait.max(bytes),
                    None => exact = true,
                },
                (None, Some(shift)) => match bound(*kind, &sets[x.index()], false, shift) {
                    Some(bytes) => wait = wait.max(bytes),
                    None => exact = true,
                },
                _ => exact = true,
            },
            op => op.for_each_operand(|v| exact |= shifted(v).is_some()),
        }
        if exact {
            return Need::Exact;
        }
        let set = transfer(&def.op, def.width.max(1), &mut |v| sets[v.index()].clone());
        sets.push(set);
        view.push(here);
    }
    let leaves = f.outputs().any(|v| view[v.index()].is_some());
    if leaves || wait > MAX_WAIT { Need::Exact } else { Need::AtLeast(wait as u32) }
}

/// Bytes after which a comparison of the (shifted) length with any of `others` is decided.
fn bound(kind: Compare, others: &ValueSet, length_is_left: bool, shift: u8) -> Option<u64> {
    let top = others.hi();
    let units = match (kind, length_is_left) {
        // length < top is settled as false once top units are there.
        (Compare::Ult, true) => top,
        (Compare::Ult, false) | (Compare::Eq | Compare::Ne, _) => top.checked_add(1)?,
        (Compare::Ule, true) => top.checked_add(1)?,
        (Compare::Ule, false) => top,
        _ => return None,
    };
    units.checked_mul(1_u64.checked_shl(shift.into())?)
}
