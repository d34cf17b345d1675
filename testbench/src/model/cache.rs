// SPDX-License-Identifier: Apache-2.0
//! A folder of results, each in a folder of its own named by the hash of its inputs.
//!
//! An entry is made in a temporary folder beside it and appears by one rename, so a reader sees all of it or
//! nothing, and concurrent builders of the same entry can not disturb each other: the slower one's work is dropped.

use crate::Error;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, process};

/// Collects everything that an entry depends on.
#[derive(Default)]
pub(super) struct Key(Sha256);

impl Key {
    /// Adds one input with its name; lengths are hashed too, so that no two lists of inputs are alike.
    pub(super) fn add(&mut self, name: &str, contents: &[u8]) {
        for part in [name.as_bytes(), contents] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// 32 hexadecimal digits.
    pub(super) fn finish(self) -> String {
        self.0.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The cache folder: `BPF2HDL_CACHE`, else `bpf2hdl` in `XDG_CACHE_HOME` or `~/.cache`.
pub(super) fn root() -> Result<PathBuf, Error> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("BPF2HDL_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("bpf2hdl")))
        .or_else(|| Some(set("HOME")?.join(".cache/bpf2hdl")));
    let missing = || Error::Tool("no place for the model cache: set BPF2HDL_CACHE to a folder".to_owned());
    let folder = folder.ok_or_else(missing)?;
    std::path::absolute(&folder).map_err(Error::io(&folder))
}

/// Returns the folder of the entry `name`, and whether it was there. `make` fills a new one: it is given a temporary
/// folder and the place where that will be.
pub(super) fn entry(
    name: &str,
    make: impl FnOnce(&Path, &Path) -> Result<(), Error>,
) -> Result<(PathBuf, bool), Error> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let root = root()?;
    let place = root.join(name);
    if place.is_dir() {
        return Ok((place, true));
    }
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let work = Work(root.join(format!("tmp-{}-{number}-{name}", process::id())));
    fs::create_dir_all(&work.0).map_err(Error::io(&work.0))?;
    make(&work.0, &place)?;
    match fs::rename(&work.0, &place) {
        Ok(()) => Ok((place, false)),
        // Somebody else was faster.
        Err(_) if place.is_dir() => Ok((place, false)),
        Err(error) => Err(Error::Io(place, error)),
    }
}

/// A temporary folder that is removed whatever happens.
struct Work(PathBuf);

impl Drop for Work {
    fn drop(&mut self) {
        // After a successful rename there is nothing to remove; otherwise a left-over does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}
