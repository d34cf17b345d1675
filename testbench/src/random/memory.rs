// SPDX-License-Identifier: Apache-2.0
//! Statements on the stack, and on a buffer of the caller.

use super::Feature;
use super::writer::{BUFFER_BYTES, NUMBERS, Writer};

/// A load or store at a constant place among the numbers.
pub(super) fn stack(w: &mut Writer) {
    w.uses(Feature::Stack);
    let stores = w.n.one_in(2);
    let (size, bytes) = if stores { w.size() } else { w.load_size() };
    let slot = u64::from(w.n.pick(&NUMBERS));
    let (r, at) = (w.scalar(), slot - bytes * w.n.below(8 / bytes));
    if stores {
        w.line(format_args!("*({size} *)(r10 -{at}) = {r}"));
    } else {
        w.line(format_args!("{r} = *({size} *)(r10 -{at})"));
    }
}

/// The same at a computed place.
pub(super) fn stack_at(w: &mut Writer) {
    w.uses(Feature::StackAt);
    let (size, bytes) = w.size();
    let (s, d) = (w.scalar(), w.scalar());
    let mask = w.n.pick(&[0x18u64, 0xf, 0x17]) & !(bytes - 1);
    w.line(format_args!("r0 = {s}"));
    w.line(format_args!("r0 &= {mask}"));
    w.line(format_args!("r1 = r10"));
    w.line(format_args!("r1 += r0"));
    if w.n.one_in(2) {
        w.line(format_args!("{d} = *({size} *)(r1 -32)"));
    } else {
        w.line(format_args!("*({size} *)(r1 -32) = {d}"));
    }
}

/// An atomic operation on one of the numbers.
pub(super) fn stack_atomic(w: &mut Writer) {
    w.uses(Feature::StackAtomic);
    let slot = w.n.pick(&NUMBERS);
    let place = format!("r10 -{slot}");
    unknown(w, &place);
    atomic(w, &place);
}

/// Makes the kernel forget what it knows of a place of the stack, with a store of one byte.
///
/// Linux 6.18 does not follow the old value that a fetching atomic takes from the stack (`backtrack_insn` in
/// kernel/bpf/verifier.c): it holds states for equal that differ in that slot, and takes a branch away that is needed.
fn unknown(w: &mut Writer, place: &str) {
    let r = w.scalar();
    w.line(format_args!("*(u8 *)({place}) = {r}"));
}

/// An atomic operation without or with its old value, or an exchange. r0 is used.
pub(super) fn atomic(w: &mut Writer, place: &str) -> Feature {
    let (name, size) = w.n.pick(&[("atomic64", "u64"), ("atomic", "u32")]);
    let (s, d) = (w.scalar(), w.scalar());
    match w.n.below(7) {
        0..=2 => {
            let op = w.n.pick(&["+=", "|=", "&=", "^="]);
            w.line(format_args!("lock *({size} *)({place}) {op} {s}"));
            Feature::Atomic
        }
        3 | 4 => {
            let op = w.n.pick(&["fetch_add", "fetch_or", "fetch_and", "fetch_xor", "xchg"]);
            w.line(format_args!("{s} = {name}_{op}(({size} *)({place}), {s})"));
            Feature::AtomicFetch
        }
        _ => {
            if w.n.one_in(2) {
                // What is there, so that the exchange happens.
                w.line(format_args!("r0 = *({size} *)({place})"));
            } else {
                w.line(format_args!("r0 = {d}"));
            }
            w.line(format_args!("r0 = {name}_cmpxchg(({size} *)({place}), r0, {s})"));
            w.line(format_args!("{d} = r0"));
            Feature::CompareExchange
        }
    }
}

/// The caller's buffer in r6: load, store, or atomic.
pub(super) fn buffer(w: &mut Writer) {
    let stores = w.n.one_in(2);
    let (size, bytes) = if stores { w.size() } else { w.load_size() };
    let (r, at) = (w.scalar(), bytes * w.n.below(BUFFER_BYTES / bytes));
    match (w.n.below(8), stores) {
        (0, _) => {
            unknown(w, "r6 +8");
            atomic(w, "r6 +8");
        }
        (_, true) => w.line(format_args!("*({size} *)(r6 +{at}) = {r}")),
        (_, false) => w.line(format_args!("{r} = *({size} *)(r6 +{at})")),
    }
}
