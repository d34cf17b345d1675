// SPDX-License-Identifier: Apache-2.0
//! Compiles unmodified XDP programs to pipelined RTL.
//!
//! The folders are the stages, in order: [`object`] (ELF, BTF, linking), [`isa`] (instructions), [`verify`] (abstract
//! execution), [`ir`] (single-assignment code), [`opt`] (passes), [`sched`] (stages), [`pipe`] (the pipeline), [`rtl`]
//! (SystemVerilog), [`report`]; [`bisect`] runs them all. [`engine`] takes
//! a program to a machine that runs it without any of that. Arrows go only downwards in that list: the IR knows nothing of ELF, the pipeline nothing of BPF
//! opcodes.
#![forbid(unsafe_code)]

pub mod bisect;
mod compile;
pub mod diag;
pub mod engine;
pub mod ir;
pub mod isa;
pub mod object;
pub mod opt;
pub mod oracle;
pub mod pipe;
pub mod report;
pub mod rtl;
pub mod sched;
pub mod target;
pub mod verify;

pub use compile::{Design, MAX_INTERVAL, Optimize, Options, compile};
