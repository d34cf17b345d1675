// SPDX-License-Identifier: Apache-2.0
//! Random programs that the kernel's verifier accepts (most of them), as assembler text, and packets for them.
//!
//! The same seed gives the same program and the same packets on every machine. Registers have fixed roles: r6 is the
//! packet (or, in some functions, a buffer on the caller's stack), r8 `data_end`, r7 counts loops, r0 and r1 are
//! scratch, r2 to r5 and r9 are numbers. Programs are structured statements: arithmetic, packet loads and stores at
//! constant and computed places, walks over chains of headers, the stack, map entries and global data, branches, loops,
//! calls of functions. Each program uses a random subset of the statements, so that rare ones meet often in some.
//!
//! | file | what |
//! |---|---|
//! | `feature` | names of what a program can use, for coverage tables |
//! | `numbers` | the generator of random numbers |
//! | `writer` | frames, registers, arithmetic; the table of statements |
//! | `packet`, `memory`, `map`, `trie`, `nested`, `forwarding`, `events`, `control` | the statements |
//! | `packets` | packets |
//! | `network` | tables of `bpf_fib_lookup`, and packets for them |
//!
//! **A new statement** is a function `fn(&mut Writer, depth)` in one of these files, a [`Feature`], and a line in
//! `writer::STATEMENTS`.

mod control;
mod events;
mod feature;
mod forwarding;
mod map;
mod memory;
mod nested;
pub mod network;
mod numbers;
mod packet;
mod packets;
mod trie;
mod writer;

pub use feature::Feature;
pub use numbers::Numbers;
pub use packets::packets;
pub use trie::preload;

use crate::MapSpec;
use std::collections::BTreeSet;

/// A random program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Assembler text: the program, then its functions.
    pub text: String,
    /// Its maps; `map[fd:N]` in the text is the N-th.
    pub maps: Vec<MapSpec>,
    /// What it uses.
    pub features: BTreeSet<Feature>,
}

/// The program of a seed: 3 to 14 statements, which may hold others; one in ten has 20 to 39.
#[must_use]
pub fn program(seed: u64) -> Program {
    let mut n = Numbers::new(seed ^ 0x55);
    let statements = if n.one_in(10) { 20 + n.below(20) } else { 3 + n.below(12) };
    program_of(seed, statements)
}

/// A program of so many statements.
#[must_use]
pub fn program_of(seed: u64, statements: u64) -> Program {
    writer::Writer::new(seed).program(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_program() {
        assert_eq!(program(7), program(7));
        assert_ne!(program(7).text, program(8).text);
    }

    #[test]
    fn every_feature_is_used() {
        let mut seen = BTreeSet::new();
        for seed in 0..3000 {
            seen.extend(program(seed).features);
        }
        let missing: Vec<_> = Feature::ALL.iter().filter(|feature| !seen.contains(feature)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
