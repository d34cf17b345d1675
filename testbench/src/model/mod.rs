// SPDX-License-Identifier: Apache-2.0
//! Verilator models: a design directory becomes a shared library, cached under a hash of all that went into it.

mod build;
mod cache;
mod ffi;
mod nic_build;
mod nic_ffi;
mod program;
mod shared_memory;
mod sources;

pub use build::{BuildOptions, Model};
pub(crate) use ffi::{
    Access, Instance, Meanwhile, Pattern, RawVerdict, RunSpec, SINK_EVENT, SINK_PASS, SINK_REDIRECT, SINK_TX, Status,
    Summary,
};
pub use nic_build::NicModel;
pub(crate) use nic_ffi::{Happening, NicInstance};
pub use program::program;
pub use shared_memory::SharedMemory;
