// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between host and core.

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
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(error) => write!(f, "register access failed: {error}"),
            Self::Identity(text) | Self::TimeOut(text) | Self::Map(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for HostError {}

impl From<RegisterError> for HostError {
    fn from(error: RegisterError) -> Self {
        Self::Register(error)
    }
}
