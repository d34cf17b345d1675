// SPDX-License-Identifier: Apache-2.0
//! C sources to BPF objects, so that the time of clang does not count, and instructions of refused programs can.

use object::{Object as _, ObjectSection as _};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes of an instruction.
const INSTRUCTION: u64 = 8;

/// Compiles `source` (C, or assembly by its name) as `bpf2hdl` would: `BPF2HDL_CLANG`, else the newest clang there is.
///
/// # Errors
/// What clang says, or that there is none.
pub(crate) fn compile(source: &Path, output: &Path) -> Result<(), String> {
    let chosen = std::env::var_os("BPF2HDL_CLANG").filter(|name| !name.is_empty());
    let numbered = (14..=22).rev().map(|version| OsString::from(format!("clang-{version}")));
    let candidates = chosen.map_or_else(|| numbered.chain([OsString::from("clang")]).collect(), |one| vec![one]);
    for clang in candidates {
        let mut command = Command::new(&clang);
        command.args(["-target", "bpf", "-O2", "-g", "-mcpu=v3", "-c", "-o"]).arg(output);
        if let Some(folder) = multiarch() {
            command.arg("-I").arg(folder);
        }
        match command.arg("--").arg(source).output() {
            Ok(done) if done.status.success() => return Ok(()),
            Ok(done) => return Err(format!("clang: {}", String::from_utf8_lossy(&done.stderr).trim())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{}: {error}", clang.display())),
        }
    }
    Err("no clang was found".to_owned())
}

/// `/usr/include/<multiarch>`, where Debian keeps `asm/types.h`.
fn multiarch() -> Option<PathBuf> {
    let entries = fs::read_dir("/usr/include").ok()?;
    let name =
        |folder: &PathBuf| folder.file_name().is_some_and(|n| n.to_string_lossy().starts_with(std::env::consts::ARCH));
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|folder| name(folder) && folder.join("asm/types.h").is_file())
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
