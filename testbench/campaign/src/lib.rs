// SPDX-License-Identifier: Apache-2.0
//! Campaigns that compare the compiler with the kernel.
//!
//! | module | what |
//! |---|---|
//! | [`case`] | a program from assembler text, with its maps and packets |
//! | [`judge`] | a case through every form of the compiler, against the kernel |
//! | [`hardware`] | a case through Verilator |
//! | [`engine`] | a case on the engine, in Verilator |
//! | [`reduce`] | a failing case made smaller |
//! | [`fuzz`] | many random cases; `./run fuzz` |
//! | [`corpus`] | programs of others, from packages; `./run corpus` |
//! | [`storms`] | types of maps and helpers under same-key traffic; `./run storms` |
//! | [`opcodes`] | every opcode on pairs of edge values; `./run opcodes` |
//!
//! This crate may use both the compiler and the test bench; neither knows of it. Only `main` and [`status`] print.
#![forbid(unsafe_code)]

pub mod case;
pub mod corpus;
pub mod engine;
pub mod fuzz;
pub mod hardware;
pub mod judge;
pub mod opcodes;
pub mod reduce;
pub mod status;
pub mod storms;
