// SPDX-License-Identifier: Apache-2.0
//! What can go wrong in a simulation, each with one clear sentence.

use bpf2hdl_host::HostError;
use bpf2hdl_interface::ManifestError;
use std::fmt;
use std::path::{Path, PathBuf};

/// An error of the testbench. A mismatch is not one: mismatches are results.
#[derive(Debug)]
pub enum Error {
    /// A tool is missing or too old; the text says what to install.
    Tool(String),
    /// A file can not be read or written.
    Io(PathBuf, std::io::Error),
    /// The design directory has no usable manifest.
    Manifest(ManifestError),
    /// The model could not be built: which step, and the tool's first error lines.
    Build {
        /// `verilator` or the name of the C++ compiler.
        step: String,
        /// First lines of the tool's errors.
        lines: String,
    },
    /// The shared library of a model can not be used.
    Model(String),
    /// Nothing moved for a long time.
    Hang {
        /// First packet (from 0) that has no verdict; `None` if only output frames are missing.
        packet: Option<u64>,
        /// Clocks without any movement.
        clocks: u64,
        /// What was seen until then.
        detail: String,
    },
    /// `$fatal`, `$stop` or an assertion of the design; the text it printed.
    Stopped(String),
    /// A register of the core could not be used as the contract says.
    Host(HostError),
    /// A packet can not be offered to this core; packet number and reason.
    Packet(u64, String),
    /// The oracle can not be set up or failed: its name and the reason.
    Oracle(String, String),
    /// A preload that the design can not take.
    Preload(String),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io(path, error)
    }

    pub(crate) fn oracle(name: &str, reason: impl Into<String>) -> Self {
        Self::Oracle(name.to_owned(), reason.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(text) | Self::Model(text) | Self::Preload(text) => f.write_str(text),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Manifest(error) => write!(f, "{error}"),
            Self::Build { step, lines } => write!(f, "{step} could not build the model:\n{lines}"),
            Self::Hang { packet: Some(packet), clocks, detail } => {
                write!(f, "hang: packet {packet} has no verdict, nothing moved for {clocks} clocks ({detail})")
            }
            Self::Hang { packet: None, clocks, detail } => {
                write!(f, "hang: frames are missing at the outputs, nothing moved for {clocks} clocks ({detail})")
            }
            Self::Stopped(text) => write!(f, "the design stopped the simulation: {text}"),
            Self::Host(error) => write!(f, "{error}"),
            Self::Packet(number, reason) => write!(f, "packet {number}: {reason}"),
            Self::Oracle(name, reason) => write!(f, "oracle {name}: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<HostError> for Error {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl From<ManifestError> for Error {
    fn from(error: ManifestError) -> Self {
        Self::Manifest(error)
    }
}
