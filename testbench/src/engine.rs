// SPDX-License-Identifier: Apache-2.0
//! Programs of engines: what a design folder holds beside the sources.

use crate::Error;
use bpf2hdl_interface::engine::{FILE_NAME, Image};
use std::fs;
use std::path::Path;

/// Clocks that a packet may take on an engine: as many instructions as the kernel lets a program execute (`BPF_COMPLEXITY_LIMIT_INSNS`), each as
/// slow as a quotient of 64 bits.
pub const PACKET_CLOCKS: u64 = 68 * 1_000_000;

/// What the engine of a design is to be loaded with; `None` if the design is a pipeline.
///
/// # Errors
/// [`Error::Io`]; [`Error::Model`] if the file is none.
pub fn image(design: &Path) -> Result<Option<Image>, Error> {
    let file = design.join(FILE_NAME);
    if !file.exists() {
        return Ok(None);
    }
    let bytes = fs::read(&file).map_err(Error::io(&file))?;
    Image::from_bytes(&bytes).map(Some).map_err(|error| Error::Model(error.to_string()))
}
