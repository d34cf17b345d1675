// SPDX-License-Identifier: Apache-2.0
//! The `bpf2hdlctl` command. Everything is in the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    bpf2hdlctl::main(std::env::args().collect())
}
