// SPDX-License-Identifier: Apache-2.0
//! C sources through clang. The object comes back through a pipe, so that no temporary file exists.

use crate::diag::{Code, Diagnostic, Diagnostics, Location};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Newest and oldest clang that are looked for by a numbered name.
const VERSIONS: std::ops::RangeInclusive<u32> = 14..=22;

/// How to compile a C source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileOptions {
    /// BPF instruction set, `-mcpu=`: `v1` to `v4`.
    pub cpu: String,
    /// Further folders for `#include`.
    pub include_dirs: Vec<PathBuf>,
    /// Further arguments for clang, such as `-DNAME=1`.
    pub arguments: Vec<String>,
    /// The compiler; `None` looks at `BPF2HDL_CLANG`, then for `clang-22` down to `clang-14`, then `clang`.
    pub clang: Option<PathBuf>,
}

impl CompileOptions {
    /// Instruction set v3, no further folders or arguments, the compiler that is found.
    #[must_use]
    pub fn standard() -> Self {
        Self { cpu: "v3".to_owned(), include_dirs: Vec::new(), arguments: Vec::new(), clang: None }
    }
}

/// Compiles a C source for the BPF target; the bytes of the object.
///
/// # Errors
/// A missing source or compiler, and all errors that clang reports.
pub fn compile_c(path: &Path, options: &CompileOptions) -> Result<Vec<u8>, Diagnostics> {
    compile_c_reporting(path, options, &mut Diagnostics::new())
}

/// As [`compile_c`], adding clang's warnings to `warnings`.
///
/// # Errors
/// As [`compile_c`].
pub fn compile_c_reporting(
    path: &Path,
    options: &CompileOptions,
    warnings: &mut Diagnostics,
) -> Result<Vec<u8>, Diagnostics> {
    if let Err(error) = std::fs::File::open(path) {
        let message = format!("{} can not be read: {error}", path.display());
        return Err(Diagnostic::new(Code::FileRead, message).at(Location::file(path.display().to_string())).into());
    }
    let (clang, output) = run(path, options)?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        warnings.extend(messages(&text).into_iter().filter(|item| !item.is_error()));
        return Ok(output.stdout);
    }
    let mut found: Diagnostics = messages(&text).into_iter().collect();
    if !found.has_errors() {
        let message = format!("{} failed ({})", clang.display(), output.status);
        let error = Diagnostic::new(Code::CompileC, message).at(Location::file(path.display().to_string()));
        let last: Vec<&str> = text.lines().rev().take(5).collect();
        found.push(last.into_iter().rev().fold(error, |error, line| error.note(line)));
    }
    Err(found.finish())
}

/// Runs the first compiler that can be started.
fn run(path: &Path, options: &CompileOptions) -> Result<(PathBuf, Output), Diagnostics> {
    let candidates = candidates(options);
    for clang in &candidates {
        let result = Command::new(clang).args(arguments(path, options)).stdin(Stdio::null()).output();
        match result {
            Ok(output) => return Ok((clang.clone(), output)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("{} can not be started: {error}", clang.display());
                return Err(Diagnostic::new(Code::ClangMissing, message).into());
            }
        }
    }
    let message = match candidates.as_slice() {
        [only] => format!("the compiler {} was not found", only.display()),
        _ => "no clang was found to compile the C source".to_owned(),
    };
    Err(Diagnostic::new(Code::ClangMissing, message).into())
}

/// An explicit choice counts alone; else all known names, newest first.
fn candidates(options: &CompileOptions) -> Vec<PathBuf> {
    let chosen = options.clang.clone();
    let chosen =
        chosen.or_else(|| std::env::var_os("BPF2HDL_CLANG").filter(|name| !name.is_empty()).map(PathBuf::from));
    if let Some(clang) = chosen {
        return vec![clang];
    }
    let numbered = VERSIONS.rev().map(|version| PathBuf::from(format!("clang-{version}")));
    numbered.chain([PathBuf::from("clang")]).collect()
}

fn arguments(path: &Path, options: &CompileOptions) -> Vec<OsString> {
    let fixed = ["-target", "bpf", "-O2", "-g", "-c", "-fno-color-diagnostics", "-fno-caret-diagnostics"];
    let mut arguments: Vec<OsString> = fixed.iter().map(OsString::from).collect();
    arguments.push(format!("-mcpu={}", options.cpu).into());
    arguments.extend(host_macro().map(OsString::from));
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folders = options.include_dirs.iter().cloned().chain([parent.to_path_buf()]).chain(multiarch());
    for folder in folders {
        arguments.push("-I".into());
        arguments.push(folder.into());
    }
    arguments.extend(options.arguments.iter().map(OsString::from));
    arguments.extend(["-o".into(), "-".into(), "--".into(), path.into()]);
    arguments
}

/// glibc's headers (`bits/wordsize.h`, `gnu/stubs.h`), which `linux/if.h` and `linux/icmp.h` include, take a BPF compiler for a
/// 32-bit one on x86 unless told otherwise, and then miss a header.
fn host_macro() -> Option<&'static str> {
    (std::env::consts::ARCH == "x86_64").then_some("-D__x86_64__")
}

/// `/usr/include/<multiarch>`, where Debian keeps `asm/types.h`; the host's own architecture is preferred.
fn multiarch() -> Option<PathBuf> {
    let entries = std::fs::read_dir("/usr/include").ok()?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("asm/types.h").is_file() && folder.file_name().is_some_and(|name| name != "asm"))
        .collect();
    folders.sort();
    let host = |folder: &PathBuf| {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        !name.is_some_and(|name| name.starts_with(std::env::consts::ARCH))
    };
    folders.into_iter().min_by_key(host)
}

/// clang's messages: `FILE:LINE:COLUMN: error: TEXT`, notes attached to the message before them.
fn messages(text: &str) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for line in text.lines() {
        let kinds = [
            (": fatal error: ", Some(Code::CompileC)),
            (": error: ", Some(Code::CompileC)),
            (": warning: ", Some(Code::CompilerWarning)),
            (": note: ", None),
        ];
        let hit = kinds.iter().find_map(|(mark, code)| Some((line.split_once(mark)?, *code)));
        match hit {
            Some(((place, message), Some(code))) => {
                let mut item = Diagnostic::new(code, message).at(location(place));
                if let Some(header) = message.strip_suffix("file not found") {
                    item = item.with_help(format!("install the header {}or add its folder", header.trim_start()));
                }
                found.push(item);
            }
            Some(((place, message), None)) => {
                if let Some(item) = found.last_mut() {
                    item.notes.push(format!("{place}: {message}"));
                }
            }
            None => {}
        }
    }
    found
}

/// `FILE:LINE:COLUMN` with the text of that line.
fn location(place: &str) -> Location {
    let mut parts = place.rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse().ok());
    let line = parts.next().and_then(|part| part.parse().ok());
    let (Some(line), Some(file)) = (line, parts.next()) else { return Location::file(place) };
    let mut at = Location::line(file, line, column);
    let index = usize::try_from(line).ok().and_then(|line: usize| line.checked_sub(1));
    let text = std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    at.source = text.ok().zip(index).and_then(|(text, index)| text.lines().nth(index).map(str::to_owned));
    at
}
