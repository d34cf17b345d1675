// SPDX-License-Identifier: Apache-2.0
//! Writing what was measured.

use std::fs;
use std::path::Path;

/// Writes a file.
///
/// # Errors
/// A sentence with the file's name.
pub(crate) fn put(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), String> {
    fs::write(path, contents).map_err(|error| format!("{}: {error}", path.display()))
}
