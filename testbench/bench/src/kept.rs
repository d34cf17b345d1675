// SPDX-License-Identifier: Apache-2.0
//! What was measured, kept beside what it was measured of, so that a run that was stopped goes on where it was.

use crate::files::put;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A result that holds as long as design, tools and options are the same.
pub(crate) struct Kept {
    file: PathBuf,
    key: String,
}

impl Kept {
    /// `file` is where it is kept, `design` the folder with `bpf_core.f` and what that names, `how` tools and options.
    ///
    /// # Errors
    /// A sentence, if the design can not be read.
    pub(crate) fn new(file: &Path, design: &Path, how: &str) -> Result<Self, String> {
        let read = |path: &Path| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let list = read(&design.join("bpf_core.f"))?;
        let mut hasher = DefaultHasher::new();
        how.hash(&mut hasher);
        for name in list.split_whitespace().collect::<BTreeSet<_>>() {
            (name, read(&design.join(name))?).hash(&mut hasher);
        }
        Ok(Self { file: file.to_owned(), key: format!("{:016x}", hasher.finish()) })
    }

    /// The result, if it is there and holds.
    pub(crate) fn result<T: DeserializeOwned>(&self) -> Option<T> {
        let mut kept: Value = serde_json::from_str(&fs::read_to_string(&self.file).ok()?).ok()?;
        if kept["key"] == self.key { serde_json::from_value(kept["point"].take()).ok() } else { None }
    }

    /// Keeps a result.
    ///
    /// # Errors
    /// A sentence, if the file can not be written.
    pub(crate) fn keep<T: Serialize>(&self, point: &T) -> Result<(), String> {
        put(&self.file, json!({ "key": self.key, "point": point }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_design_or_another_way_is_measured_again() {
        let folder = std::env::temp_dir().join(format!("bpf2hdl-kept-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("bpf_core.f"), "a.sv\n").unwrap();
        fs::write(folder.join("a.sv"), "module a; endmodule\n").unwrap();
        let kept = |how: &str| Kept::new(&folder.join("kept.json"), &folder, how).unwrap().result::<u32>();
        Kept::new(&folder.join("kept.json"), &folder, "one").unwrap().keep(&7u32).unwrap();
        assert_eq!((kept("one"), kept("two")), (Some(7), None));
        fs::write(folder.join("a.sv"), "module a; wire w; endmodule\n").unwrap();
        assert_eq!(kept("one"), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
