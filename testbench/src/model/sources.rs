// SPDX-License-Identifier: Apache-2.0
//! What a model is made of.

use crate::Error;
use bpf2hdl_interface::Manifest;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path};

/// The files of `bpf_core.f` in order, and the memory contents beside them.
pub(super) struct Sources {
    /// Path as listed, text.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// Name, text of each `*.hex` and `*.mem` file that `$readmemh` may want, and of all that the manifest names.
    pub(super) memories: Vec<(String, Vec<u8>)>,
}

impl Sources {
    pub(super) fn load(design: &Path, manifest: &Manifest) -> Result<Self, Error> {
        let list = design.join(format!("{}.f", manifest.top));
        let text = fs::read_to_string(&list).map_err(Error::io(&list))?;
        let comment = |line: &&str| line.is_empty() || line.starts_with('#') || line.starts_with("//");
        let lines = text.lines().map(str::trim).filter(|line| !comment(line));
        let read = |name: &str| {
            let path = design.join(name);
            if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(Error::Model(format!("{}: `{name}` is not inside the design directory", list.display())));
            }
            Ok((name.to_owned(), fs::read(&path).map_err(Error::io(&path))?))
        };
        let files = lines.map(read).collect::<Result<_, Error>>()?;
        let mut names = memory_files(design)?;
        names.extend(manifest.memories.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
        let memories = names.iter().map(|name| read(name)).collect::<Result<_, Error>>()?;
        Ok(Self { files, memories })
    }

    /// Writes the sources below `work`, where they have the same relative paths, and returns these.
    ///
    /// A model reads memory contents when it starts, wherever the process then is: their names become those of the
    /// copies in `entry`, the cache entry that the model will be in.
    pub(super) fn write(&self, work: &Path, entry: &Path) -> Result<Vec<String>, Error> {
        for (name, text) in &self.files {
            let mut text = String::from_utf8_lossy(text).into_owned();
            for (memory, _) in &self.memories {
                text = text.replace(&format!("\"{memory}\""), &format!("\"{}\"", entry.join(memory).display()));
            }
            let path = work.join(name);
            let folder = path.parent().unwrap_or(work);
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
            fs::write(&path, text).map_err(Error::io(&path))?;
        }
        Ok(self.files.iter().map(|(name, _)| name.clone()).collect())
    }
}

/// Names of the memory files in a design directory, in order.
fn memory_files(design: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(design).map_err(Error::io(design))? {
        let name = entry.map_err(Error::io(design))?.file_name().to_string_lossy().into_owned();
        if matches!(Path::new(&name).extension().and_then(OsStr::to_str), Some("hex" | "mem")) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
