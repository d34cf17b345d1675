// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of bpf2hdl, started by `./run benchmark` and `./run delays` from the root of the repository.
//!
//! | module | what |
//! |---|---|
//! | `catalogue` | the programs, each with the traffic that it is made for |
//! | `flows` | that traffic |
//! | `clang` | C to objects |
//! | `compiler` | runs `bpf2hdl` as a user does, with its time and memory |
//! | `delays` | measures the delay tables of the targets |
//! | `families` | every example in every family of FPGAs |
//! | `maps` | what a map costs, by type and size |
//! | `kept` | results that hold as long as what they were measured of |
//! | `files` | writing what was measured |
//! | `usage` | time and memory of a child process |
//! | `netlist` | what any design takes, for `./run shells` |
//! | `measure` | all figures of one program |
//! | `peers` | published figures of others, with their source |
//! | `scaling` | time and memory of the compiler against the size of the program |
//! | `console`, `markdown`, `plot` | tables for a terminal and for the book, charts |
//!
//! Architecture invariant: this crate runs the compiler by its command line only, so that it measures what users get; of the
//! library it uses the delay model.

mod catalogue;
mod clang;
mod cli;
mod compiler;
mod console;
mod delays;
mod families;
mod files;
mod flows;
mod kept;
mod maps;
mod markdown;
mod measure;
mod netlist;
mod peers;
mod plot;
mod programs;
mod scaling;
mod usage;

fn main() -> std::process::ExitCode {
    cli::main()
}
