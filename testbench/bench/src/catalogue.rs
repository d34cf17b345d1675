// SPDX-License-Identifier: Apache-2.0
//! The programs to measure: one folder each in `bpf2hdl/benchmarks`, described by a `benchmark.json`.

use crate::flows::Flow;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the folders are, from the root of the repository.
pub(crate) const FOLDER: &str = "bpf2hdl/benchmarks";

/// One program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    /// Name of the folder.
    #[serde(skip)]
    pub(crate) name: String,
    /// The folder.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// Place in the table.
    pub(crate) order: u32,
    /// What it does, in a few words.
    pub(crate) job: String,
    /// The class of published programs that it does the job of; a key of `peers.json`.
    #[serde(default)]
    pub(crate) class: Option<String>,
    /// C source, from the folder.
    pub(crate) source: PathBuf,
    /// The program's name, where the object holds several.
    #[serde(default)]
    pub(crate) program: Option<String>,
    /// Contents of maps, from the folder.
    #[serde(default)]
    pub(crate) maps: Option<PathBuf>,
    /// Whether `make_maps.py` writes the contents of its maps.
    #[serde(default)]
    pub(crate) generated_maps: bool,
    /// The traffic that it is made for.
    pub(crate) flows: Vec<Flow>,
}

impl Program {
    /// Path of the C source.
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.join(&self.source)
    }

    /// Path of the map file, if it has one; generated ones are in `generated`.
    pub(crate) fn maps(&self, generated: &Path) -> Option<PathBuf> {
        let own = self.maps.as_ref().map(|maps| self.folder.join(maps));
        own.or_else(|| self.generated_maps.then(|| generated.join(format!("{}.json", self.name))))
    }
}

/// Writes the generated map files into a folder.
///
/// # Errors
/// A sentence.
pub(crate) fn make_maps(root: &Path, folder: &Path) -> Result<(), String> {
    let script = root.join("make_maps.py");
    let done = Command::new("python3").arg("-B").arg(&script).arg(folder).output();
    match done {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&done.stderr).trim())),
        Err(error) => Err(format!("python3 does not run: {error}")),
    }
}

/// Reads all programs, in the order of the table.
///
/// # Errors
/// A sentence naming the file that can not be read.
pub(crate) fn read(root: &Path) -> Result<Vec<Program>, String> {
    let entries = fs::read_dir(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|folder| folder.join("benchmark.json").is_file());
    let mut programs = folders.into_iter().map(read_one).collect::<Result<Vec<_>, _>>()?;
    programs.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
    Ok(programs)
}

fn read_one(folder: PathBuf) -> Result<Program, String> {
    let file = folder.join("benchmark.json");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut program: Program = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    program.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    program.folder = folder;
    Ok(program)
}
