// SPDX-License-Identifier: Apache-2.0
//! The `bpf2hdl` command. Everything is in the library and in `cli/`.
#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main(std::env::args_os().collect())
}
