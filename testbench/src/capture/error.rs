// SPDX-License-Identifier: Apache-2.0
//! Why a capture can not be read or written.

use std::fmt;
use std::path::{Path, PathBuf};

/// One clear sentence, with the file and the offset where they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureError {
    /// The file, if it came from one.
    pub path: Option<PathBuf>,
    /// Offset in bytes of what is wrong.
    pub offset: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl CaptureError {
    pub(super) fn at(offset: usize, message: impl Into<String>) -> Self {
        Self { path: None, offset: Some(offset as u64), message: message.into() }
    }

    pub(super) fn io(path: &Path, what: &str, error: &std::io::Error) -> Self {
        Self { path: Some(path.to_owned()), offset: None, message: format!("can not {what} the capture: {error}") }
    }

    pub(super) fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(offset) = self.offset {
            write!(f, "offset {offset}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for CaptureError {}
