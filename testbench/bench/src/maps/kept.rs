// SPDX-License-Identifier: Apache-2.0
//! What was measured, kept beside what it was measured of.

use super::Point;
use crate::files::put;
use bpf2hdl_testbench::synth::SynthOptions;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A result that holds as long as design, tool and options are the same.
pub(super) struct Kept {
    file: PathBuf,
    key: String,
}

impl Kept {
    /// `file` is where it is kept, `design` the folder with `bpf_core.f` and what that names.
    ///
    /// # Errors
    /// A sentence, if the design can not be read.
    pub(super) fn new(file: &Path, design: &Path, tool: &str, options: SynthOptions) -> Result<Self, String> {
        let read = |path: &Path| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let list = read(&design.join("bpf_core.f"))?;
        let mut hasher = DefaultHasher::new();
        (tool, format!("{options:?}")).hash(&mut hasher);
        for name in list.split_whitespace().collect::<BTreeSet<_>>() {
            (name, read(&design.join(name))?).hash(&mut hasher);
        }
        Ok(Self { file: file.to_owned(), key: format!("{:016x}", hasher.finish()) })
    }

    /// The result, if it is there and holds.
    pub(super) fn point(&self) -> Option<Point> {
        let mut kept: Value = serde_json::from_str(&fs::read_to_string(&self.file).ok()?).ok()?;
        if kept["key"] == self.key { serde_json::from_value(kept["point"].take()).ok() } else { None }
    }

    /// Keeps a result.
    ///
    /// # Errors
    /// A sentence, if the file can not be written.
    pub(super) fn keep(&self, point: &Point) -> Result<(), String> {
        put(&self.file, json!({ "key": self.key, "point": point }).to_string())
    }
}
