// SPDX-License-Identifier: Apache-2.0
//! Functions of the kernel that programs call by name and that are BPF here: the open-coded iterator over numbers, which libbpf's `bpf_for` and
//! `bpf_repeat` are made of (kernel/bpf/bpf_iter.c; the iterator is `struct bpf_iter_num`, 8 bytes of the program's stack).
//!
//! Each is linked in as a function of the program, so that everything behind treats its loops as any other. The kernel runs its own
//! ([`FunctionRange::of_kernel`](super::FunctionRange::of_kernel)).

use crate::isa::asm::assemble;
use crate::isa::{Slot, encode};

/// Names, and what they do. `r1`: `struct { int cur; int end; }`; `-22` is `-EINVAL`, `-7` is `-E2BIG`, 8,388,608 is `BPF_MAX_LOOPS`.
const FUNCTIONS: [(&str, &str); 3] = [
    (
        "bpf_iter_num_new",
        "if w2 s> w3 goto wrong
         w4 = w3
         w4 -= w2
         if w4 > 8388608 goto large
         w2 += -1
         *(u32 *)(r1 +0) = r2
         *(u32 *)(r1 +4) = r3
         w0 = 0
         exit
         wrong:
         w0 = -22
         goto empty
         large:
         w0 = -7
         empty:
         w2 = 0
         *(u32 *)(r1 +0) = r2
         *(u32 *)(r1 +4) = r2
         exit",
    ),
    (
        "bpf_iter_num_next",
        "r2 = *(u32 *)(r1 +0)
         r3 = *(u32 *)(r1 +4)
         w2 += 1
         if w2 s>= w3 goto done
         *(u32 *)(r1 +0) = r2
         r0 = r1
         exit
         done:
         w2 = 0
         *(u32 *)(r1 +0) = r2
         *(u32 *)(r1 +4) = r2
         r0 = 0
         exit",
    ),
    (
        "bpf_iter_num_destroy",
        "w2 = 0
         *(u32 *)(r1 +0) = r2
         *(u32 *)(r1 +4) = r2
         r0 = 0
         exit",
    ),
];

/// The number of a function.
pub(super) fn number(name: &str) -> Option<usize> {
    FUNCTIONS.iter().position(|(known, _)| *known == name)
}

/// Name and instructions of a function.
pub(super) fn function(number: usize) -> Option<(&'static str, Vec<Slot>)> {
    let (name, text) = FUNCTIONS.get(number)?;
    let insns = assemble(text).ok()?;
    Some((name, encode(&insns).into_iter().map(Slot::from_bytes).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_can_be_assembled() {
        for (index, (name, _)) in FUNCTIONS.iter().enumerate() {
            assert_eq!(number(name), Some(index));
            assert_eq!(function(index).map(|(found, slots)| (found, slots.len() > 4)), Some((*name, true)));
        }
        assert_eq!(function(FUNCTIONS.len()), None);
    }
}
