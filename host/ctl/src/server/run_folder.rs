// SPDX-License-Identifier: Apache-2.0
//! The run-time folder: `BPF2HDL_RUN`, else `bpf2hdl` in `XDG_RUNTIME_DIR`, else `/run/bpf2hdl`.
//!
//! | path | what |
//! |---|---|
//! | `NAME/socket`, `NAME/log`, `NAME/memory` | of the NIC with that name; what its DMA reaches |
//! | `NAME/incoming-PID-N/` | the design that process PID brings, or that is in use |
//! | `.starting-PID-N/` | the design of a NIC that process PID starts |
//! | `.locks/NAME` | locked by the server as long as it lives: so no number of a process has to be trusted |

use crate::error::{Code, Failure, Result};
use std::env;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Longest name.
const LONGEST: usize = 32;
/// Longest path of a socket (`sun_path` less its zero).
const SOCKET_PATH: usize = 107;

/// The run-time folder, which is made if it is not there. Nobody else may look into it.
pub(crate) fn root() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let root = set("BPF2HDL_RUN").or_else(|| Some(set("XDG_RUNTIME_DIR")?.join("bpf2hdl")));
    let root = root.unwrap_or_else(|| "/run/bpf2hdl".into());
    let fail = |error: std::io::Error| {
        Failure::new(Code::RunFolder, format!("the run-time folder {} can not be used: {error}", root.display()))
            .at(&root)
    };
    let root = std::path::absolute(&root).map_err(fail)?;
    let fail = |error: std::io::Error| {
        Failure::new(Code::RunFolder, format!("the run-time folder {} can not be used: {error}", root.display()))
            .at(&root)
    };
    make(&root.join(".locks")).map_err(fail)?;
    Ok(root)
}

fn make(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A name that can be a folder's: letters, digits, `_`, `-`, `.`.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.is_empty() && name.len() <= LONGEST && name.chars().all(good) && !name.starts_with(['.', '-']) {
        return Ok(());
    }
    let text = format!("`{name}` is no name for a simulated NIC: 1 to {LONGEST} letters, digits, `_`, `-`, `.`");
    Err(Failure::new(Code::DeviceName, text))
}

/// Where a NIC is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    lock: PathBuf,
}

impl Place {
    /// That of a name.
    pub(crate) fn of(name: &str) -> Result<Self> {
        check_name(name)?;
        let root = root()?;
        let place = Self { name: name.to_owned(), folder: root.join(name), lock: root.join(".locks").join(name) };
        let length = place.socket().as_os_str().len();
        if length > SOCKET_PATH {
            let text = format!(
                "the path of the socket, {}, has {length} bytes; {SOCKET_PATH} are possible",
                place.socket().display()
            );
            return Err(Failure::new(Code::RunFolder, text).hint("set BPF2HDL_RUN to a folder with a shorter path"));
        }
        Ok(place)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The memory that its DMA reaches.
    pub(crate) fn memory(&self) -> PathBuf {
        self.folder.join("memory")
    }

    /// Takes the name, for as long as the file is open; `None` if somebody has it. What a dead server has left is removed.
    pub(crate) fn take(&self) -> Result<Option<File>> {
        let fail = |error: std::io::Error| {
            Failure::new(Code::RunFolder, format!("{} can not be locked: {error}", self.lock.display()))
        };
        let file = File::options().create(true).truncate(false).write(true).open(&self.lock).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        self.clean()?;
        Ok(Some(file))
    }

    /// Whether a server has the name. One that has just died is cleaned up.
    pub(crate) fn is_alive(&self) -> Result<bool> {
        Ok(self.take()?.is_none())
    }

    /// Makes the folder.
    pub(crate) fn make(&self) -> Result<()> {
        let made =
            make(&self.folder).and_then(|()| fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700)));
        made.map_err(|error| {
            Failure::new(Code::RunFolder, format!("{} can not be made: {error}", self.folder.display()))
        })
    }

    /// Removes everything.
    pub(crate) fn clean(&self) -> Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::new(Code::RunFolder, format!("{} can not be removed: {error}", self.folder.display())))
            }
            _ => Ok(()),
        }
    }

    /// Removes designs that processes have brought which do not live any more, but for those that are used.
    pub(crate) fn sweep(&self, used: &[PathBuf]) {
        sweep(&self.folder, INCOMING, used);
    }

    /// A new folder for a design that this process brings.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.folder.join(format!("{INCOMING}{}-{}", std::process::id(), next()))
    }
}

/// How folders with designs begin, for a NIC and before there is one; the number of the process that made them follows.
const INCOMING: &str = "incoming-";
const STARTING: &str = ".starting-";

fn next() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// A new folder for the design of a NIC that is not there yet. What dead processes have left is removed.
pub(crate) fn starting() -> Result<PathBuf> {
    let root = root()?;
    sweep(&root, STARTING, &[]);
    Ok(root.join(format!("{STARTING}{}-{}", std::process::id(), next())))
}

fn sweep(folder: &Path, begins: &str, used: &[PathBuf]) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(begins) else { continue };
        let process = rest.split('-').next().unwrap_or_default();
        let lives = Path::new("/proc").join(process).is_dir();
        if !lives && !used.contains(&entry.path()) {
            // What can not be removed now is removed another time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// All NICs of which there is something.
pub(crate) fn all() -> Result<Vec<Place>> {
    let root = root()?;
    let entries = fs::read_dir(&root).map_err(|error| Failure::file(&root, "read", &error))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| check_name(name).is_ok()).collect();
    names.sort();
    names.iter().map(|name| Place::of(name)).collect()
}
