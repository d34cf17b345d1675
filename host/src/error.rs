// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between host and core.

use bpf2hdl_interface::MapInfo;
use std::fmt;

/// A register access that failed in the transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterError(
    /// What the transport says, one clause without a full stop.
    pub String,
);

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RegisterError {}

/// Why an operation on a device failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostError {
    /// The transport failed.
    Register(RegisterError),
    /// The device is not a core, not of this version, or not built from this manifest.
    Identity(String),
    /// The device did not finish a map command.
    TimeOut(String),
    /// The device has no such map or entry, or the map is not in hardware.
    Map(String),
    /// Memory for the DMA: none left, or an address outside of it.
    Memory(String),
    /// A queue of the DMA can not do that.
    Queue(String),
}

impl HostError {
    /// A key or value (`what`) that does not have the length that the map's have.
    pub(crate) fn length(map: &MapInfo, what: &str, wanted: u32, given: &[u8]) -> Self {
        Self::Map(format!("a {what} of map `{}` has {wanted} bytes, not {}", map.name, given.len()))
    }
}

/// Refuses a value of the wrong length.
pub(crate) fn check_value(map: &MapInfo, value: &[u8]) -> Result<(), HostError> {
    if value.len() == map.value_size as usize {
        return Ok(());
    }
    Err(HostError::length(map, "value", map.value_size, value))
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(error) => write!(f, "register access failed: {error}"),
            Self::Identity(text) | Self::TimeOut(text) | Self::Map(text) | Self::Memory(text) | Self::Queue(text) => {
                f.write_str(text)
            }
        }
    }
}

impl std::error::Error for HostError {}

impl From<RegisterError> for HostError {
    fn from(error: RegisterError) -> Self {
        Self::Register(error)
    }
}
