// SPDX-License-Identifier: Apache-2.0
//! Writing a folder whole or not at all.
//!
//! Everything is first written into a work folder: beside the wanted folder if that does not exist, which then appears by
//! one rename; inside it if it does (it may be somebody's working directory, or a mount), and then the files of the
//! earlier output are moved out and the new ones in, by renames that are undone if one of them fails. The work folder and
//! all parents that were created for it are removed whatever happens.
//!
//! Files that bpf2hdl did not write are never touched. What it wrote is in the `files` of the folder's `report.json`.

use super::design::REPORT;
use bpf2hdl::diag::{Code, Diagnostic};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A file to be written.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the folder, parts separated by `/`.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) contents: Vec<u8>,
}

impl File {
    /// A file from its name and text or bytes.
    pub(crate) fn new(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), contents: contents.into() }
    }
}

/// What files of others in the folder mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Foreign {
    /// A folder without an earlier output must be empty.
    Refused,
    /// They stay beside the output, as long as no name is the same.
    Kept,
}

/// Finds out, before long work, whether the folder could be written; leaves everything as it was. `names` are files that
/// will be written.
pub(crate) fn probe(folder: &Path, foreign: Foreign, names: &[&str]) -> Result<(), Diagnostic> {
    check(folder, foreign, names)?;
    Work::begin(folder).map(drop)
}

/// Writes the files, replacing an earlier output.
pub(crate) fn install(folder: &Path, files: &[File], foreign: Foreign) -> Result<(), Diagnostic> {
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    check(folder, foreign, &names)?;
    let work = Work::begin(folder)?;
    let new = work.place.join("new");
    for file in files {
        let path = new.join(&file.path);
        let parent = path.parent().unwrap_or(&new);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, &file.contents));
        written.map_err(|error| failure(&folder.join(&file.path), &error))?;
    }
    if work.inside {
        replace(folder, &work.place, &names).map_err(|error| failure(folder, &error))
    } else {
        fs::rename(&new, folder).map_err(|error| failure(folder, &error))
    }
}

fn failure(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(Code::OutputWrite, format!("{} can not be written: {error}", path.display()))
}

fn refusal(message: String) -> Diagnostic {
    Diagnostic::new(Code::OutputWrite, message)
}

/// Refuses a folder in which something of others is in the way.
fn check(folder: &Path, foreign: Foreign, names: &[&str]) -> Result<(), Diagnostic> {
    if folder.as_os_str().is_empty() {
        return Err(refusal("the name of the output folder is empty".to_owned()));
    }
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failure(folder, &error)),
        Ok(found) if !found.is_dir() => return Err(refusal(format!("{} is a file, not a folder", folder.display()))),
        Ok(_) => {}
    }
    let earlier = earlier_files(folder);
    if earlier.is_empty() && foreign == Foreign::Refused {
        let mut entries = fs::read_dir(folder).map_err(|error| failure(folder, &error))?;
        if let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name();
            let message = format!("{} holds files of others, such as {}", folder.display(), Path::new(&name).display());
            return Err(
                refusal(message).with_help("choose a new folder, an empty one, or an earlier output of bpf2hdl")
            );
        }
    }
    match names.iter().find(|name| !earlier.contains(**name) && folder.join(name).symlink_metadata().is_ok()) {
        Some(name) => {
            let path = folder.join(name);
            let message = format!("{} was not written by bpf2hdl and would be overwritten", path.display());
            Err(refusal(message).with_help("remove it, or choose another folder"))
        }
        None => Ok(()),
    }
}

/// The files of an earlier output that are still there, by its report. Empty if there is none.
fn earlier_files(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join(REPORT)).unwrap_or_default();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if report["tool"] != "bpf2hdl" {
        return BTreeSet::new();
    }
    let files = report["files"].as_array().into_iter().flatten().filter_map(|file| file.as_str());
    let plain = |name: &&str| Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    files.filter(plain).filter(|name| folder.join(name).is_file()).map(str::to_owned).collect()
}

/// Moves the earlier output out and the new one in; all or nothing.
fn replace(folder: &Path, work: &Path, names: &[&str]) -> io::Result<()> {
    let earlier = earlier_files(folder);
    let mut moves = Moves::default();
    for name in &earlier {
        moves.go(&folder.join(name), &work.join("old").join(name))?;
    }
    for name in names {
        moves.go(&work.join("new").join(name), &folder.join(name))?;
    }
    moves.done.clear();
    let parents: BTreeSet<&Path> = earlier.iter().filter_map(|name| Path::new(name).parent()).collect();
    for parent in parents.into_iter().filter(|parent| !parent.as_os_str().is_empty()) {
        // Fails, as it should, if something is left in it.
        let _ = fs::remove_dir(folder.join(parent));
    }
    Ok(())
}

/// Renames that are undone unless they are declared done.
#[derive(Default)]
struct Moves {
    done: Vec<(PathBuf, PathBuf)>,
}

impl Moves {
    fn go(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(from, to)?;
        self.done.push((from.to_owned(), to.to_owned()));
        Ok(())
    }
}

impl Drop for Moves {
    fn drop(&mut self) {
        for (from, to) in self.done.iter().rev() {
            // The error that led here is the one to tell.
            let _ = fs::rename(to, from);
        }
    }
}

/// The work folder, with the parents that were created for it.
struct Work {
    place: PathBuf,
    inside: bool,
    parents: Vec<PathBuf>,
}

impl Work {
    fn begin(folder: &Path) -> Result<Self, Diagnostic> {
        let inside = folder.is_dir();
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let (place, parents) = match name {
            _ if inside => (folder.join(format!(".bpf2hdl-partial-{}", std::process::id())), Vec::new()),
            Some(name) => {
                let parent = folder.parent().unwrap_or(Path::new(""));
                (parent.join(format!(".{name}.partial-{}", std::process::id())), missing(parent))
            }
            None => return Err(refusal(format!("{} names no folder that could be created", folder.display()))),
        };
        let mut work = Self { place, inside, parents: Vec::new() };
        for parent in parents {
            match fs::create_dir(&parent) {
                Ok(()) => work.parents.push(parent),
                // Another command has made it meanwhile, for a folder of its own.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && parent.is_dir() => {}
                Err(error) => return Err(failure(folder, &error)),
            }
        }
        fs::create_dir(&work.place).map_err(|error| failure(folder, &error))?;
        Ok(work)
    }
}

/// The folders that do not exist yet, outermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let absent = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let mut folders: Vec<PathBuf> = folder.ancestors().take_while(absent).map(Path::to_owned).collect();
    folders.reverse();
    folders
}

impl Drop for Work {
    fn drop(&mut self) {
        // What can not be removed is not ours, or holds the finished folder.
        let _ = fs::remove_dir_all(&self.place);
        for parent in self.parents.iter().rev() {
            let _ = fs::remove_dir(parent);
        }
    }
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
