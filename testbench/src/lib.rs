// SPDX-License-Identifier: Apache-2.0
//! Runs a generated `bpf_core` in a Verilator model, packet by packet against a reference.
//!
//! | module | what |
//! |---|---|
//! | [`simulate()`] | all of it in one call, for `bpf2hdl sim` |
//! | [`model`], [`simulator`] | building and caching models; one running model |
//! | [`nic`] | the NIC around programs, running |
//! | [`engine`] | what a programmable engine is loaded with |
//! | [`capture`], [`traffic`], [`packets`] | packets from captures and from a seeded generator |
//! | [`random`] | random programs and their packets |
//! | [`oracle`] | the reference: the running kernel, rbpf, or whatever implements [`Oracle`] |
//! | [`compare`] | model against oracle, mismatches explained |
//! | [`synth`] | what a design costs: yosys, cells counted |
//!
//! Architecture invariants: this crate knows nothing of the compiler (programs come as [`OracleProgram`]); it never
//! prints ([`Progress`]); unsafe code is in `model/ffi.rs`,
//! `model/nic_ffi.rs`, `model/shared_memory.rs`, `oracle/kernel/sys.rs` and `oracle/rbpf/memory.rs` only.
#![deny(unsafe_code)]

pub mod capture;
pub mod compare;
mod copies;
pub mod engine;
mod error;
pub mod model;
pub mod nic;
pub mod oracle;
mod outputs;
pub mod packets;
mod progress;
pub mod random;
mod report;
pub mod simulate;
pub mod simulator;
pub mod synth;
pub mod tools;
pub mod traffic;

pub use bpf2hdl_host::Counters;
pub use bpf2hdl_interface::{
    Action, Arrival, Arrivals, Manifest, MapContents, MapShape, MapType, ProgramType as ProgramKind, RedirectKind,
    RedirectTarget,
};
pub use compare::{Comparison, MapsCompared, Mismatch, MismatchKind};
pub use error::Error;
pub use oracle::{
    MapReloc, MapSpec, Oracle, OracleBundle, OracleMember, OracleProgram, OracleSkip, OracleVerdict, Recorded,
};
pub use packets::{Packet, PacketContext, PacketSet};
pub use progress::{Progress, Silent};
pub use report::{MinMax, SimReport, Verdict};
pub use simulate::{SimOptions, SimRequest, simulate};
pub use simulator::{Frames, ReadyPattern, SourcePattern};
