// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdlctl`: programs, maps and counters of a NIC with a `bpf_core`, in bpftool's grammar; and a simulated NIC.
//!
//! | module | what |
//! |---|---|
//! | `cmd/` | the commands, one file an object; they return what is to be shown |
//! | `words`, `data`, `help`, `output` | the grammar: keywords, bytes and literals, help texts, printing |
//! | `btf`, `json` | values by their types, as bpftool prints them |
//! | `device/` | a DEVICE as a [`Transport`](device::Transport): a simulated NIC's socket, registers behind PCIe or a serial line |
//! | `protocol`, `wire`, `execute` | requests and replies, and their bytes; carrying out those on one core, wherever that is |
//! | `artifact` | programs and folders of `bpf2hdl compile` as something to load |
//! | `server/` | the simulated NIC: slots, receive queue, clients, TAP interfaces |
//! | `error` | everything that can go wrong, as a catalogue |
//!
//! Architecture invariant: what changes a running NIC is done by who owns it (the server), in one request; a command that dies
//! leaves the state before or behind that request.
#![deny(unsafe_code)]

mod artifact;
mod btf;
mod cmd;
mod data;
mod device;
mod error;
mod execute;
mod help;
#[cfg(test)]
mod inputs_tests;
mod json;
mod output;
mod protocol;
mod server;
mod wire;
mod words;

use std::process::ExitCode;

/// Runs the command with these arguments, the program's name first.
#[must_use]
pub fn main(arguments: Vec<String>) -> ExitCode {
    cmd::main(arguments)
}
