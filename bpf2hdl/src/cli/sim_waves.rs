// SPDX-License-Identifier: Apache-2.0
//! The waveform file: written under another name, so that a failed run leaves no half file; but the waves of a run that
//! hung are what one wants to look at, so those are kept.

use bpf2hdl::diag::{Code, Diagnostic};
use bpf2hdl_testbench::{Error, SimReport};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A waveform file in the making.
pub(crate) struct Waves {
    file: PathBuf,
    partial: PathBuf,
}

impl Waves {
    /// Makes sure that the file can be written.
    pub(crate) fn begin(file: &Path) -> Result<Self, Diagnostic> {
        let mut name = file.file_name().map(OsString::from).unwrap_or_default();
        name.push(format!(".partial-{}", std::process::id()));
        let waves = Self { file: file.to_owned(), partial: file.with_file_name(name) };
        if file.is_dir() {
            return Err(waves.failure(&io::Error::from(io::ErrorKind::IsADirectory)));
        }
        fs::write(&waves.partial, "").map_err(|error| waves.failure(&error))?;
        Ok(waves)
    }

    /// Where the simulator writes.
    pub(crate) fn partial(&self) -> &Path {
        &self.partial
    }

    /// Gives the file its name if the simulation got as far as running.
    pub(crate) fn finish(self, result: &Result<SimReport, Error>) -> Result<(), Diagnostic> {
        match result {
            Ok(_) | Err(Error::Hang { .. } | Error::Stopped(_)) => {
                fs::rename(&self.partial, &self.file).map_err(|error| self.failure(&error))
            }
            Err(_) => Ok(()),
        }
    }

    fn failure(&self, error: &io::Error) -> Diagnostic {
        Diagnostic::new(Code::OutputWrite, format!("{} can not be written: {error}", self.file.display()))
    }
}

impl Drop for Waves {
    fn drop(&mut self) {
        // After `finish` there is nothing to remove.
        let _ = fs::remove_file(&self.partial);
    }
}
