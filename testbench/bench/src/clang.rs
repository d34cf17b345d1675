// SPDX-License-Identifier: Apache-2.0
//! C sources to BPF objects, so that the time of clang does not count, and instructions of refused programs can.

use crate::files::put;
use bpf2hdl::object::{CompileOptions, compile_c};
use object::{Object as _, ObjectSection as _};
use std::fs;
use std::path::Path;

/// Bytes of an instruction.
const INSTRUCTION: u64 = 8;

/// Compiles `source` (C, or assembly by its name) as `bpf2hdl` does.
///
/// # Errors
/// What clang says, or that there is none.
pub(crate) fn compile(source: &Path, output: &Path) -> Result<(), String> {
    let object = compile_c(source, &CompileOptions::standard()).map_err(|errors| errors.to_text())?;
    put(output, object)
}

/// Instructions in the executable sections of an object.
///
/// # Errors
/// A sentence, if it is no ELF object.
pub(crate) fn instructions(file: &Path) -> Result<u64, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let bytes = fs::read(file).map_err(|error| wrong(&error))?;
    let elf = object::File::parse(bytes.as_slice()).map_err(|error| wrong(&error))?;
    let code = elf.sections().filter(|section| section.kind() == object::SectionKind::Text);
    Ok(code.map(|section| section.size()).sum::<u64>() / INSTRUCTION)
}
