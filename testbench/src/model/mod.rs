// SPDX-License-Identifier: Apache-2.0
//! Verilator models: a design directory becomes a shared library, cached under a hash of all that went into it.

mod build;
mod cache;
mod ffi;
mod program;
mod sources;

pub use build::{BuildOptions, Model};
pub(crate) use ffi::{
    Access, Instance, Meanwhile, Pattern, RawVerdict, RunSpec, SINK_EVENT, SINK_PASS, SINK_REDIRECT, SINK_TX, Status,
    Summary,
};
pub use program::program;
