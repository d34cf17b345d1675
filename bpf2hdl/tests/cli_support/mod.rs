// SPDX-License-Identifier: Apache-2.0
//! Running the command, and folders for what it writes.
#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a run of the command gave.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// The run, if it ended well.
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.status, 0, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Runs `bpf2hdl` with these arguments.
pub(crate) fn bpf2hdl<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_bpf2hdl")).args(arguments).output().expect("the command starts");
    Run {
        status: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Runs it with `--json` and gives the object with the exit code. A refusal must be complete: message, code, items with help.
pub(crate) fn json(arguments: &[&str]) -> (i32, Value) {
    let run = bpf2hdl(arguments.iter().chain(&["--json"]));
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let json = run.json();
    if run.status != 0 {
        assert!(json["error"].is_string() && json["code"].is_string(), "{json}");
        for item in json["items"].as_array().expect("items") {
            for field in ["code", "message", "file", "line", "help"] {
                assert!(item.get(field).is_some(), "{field}: {item}");
            }
            assert!(item["help"].as_str().is_some_and(|help| !help.is_empty()), "{item}");
        }
    }
    (run.status, json)
}

/// The C source of an example.
pub(crate) fn example(name: &str) -> String {
    example_file(name, &format!("{name}.c"))
}

/// A file of an example.
pub(crate) fn example_file(name: &str, file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).join(file).display().to_string()
}

/// A temporary folder, removed at its end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A new, empty one.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bpf2hdl-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("temporary folder");
        Self(path)
    }

    /// The path of something inside, as an argument.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Writes a file inside and gives its path.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), contents).expect("written");
        self.path(name)
    }

    /// Compiles C text for a BPF target (`bpfel` or `bpfeb`) and gives the object's path.
    pub(crate) fn object(&self, name: &str, target: &str, text: &str) -> String {
        let source = self.write(&format!("{name}.c"), text);
        let object = self.path(&format!("{name}.o"));
        let clang = ["clang-19", "clang-14", "clang"]
            .into_iter()
            .find(|clang| Command::new(clang).arg("--version").output().is_ok());
        let clang = clang.expect("these tests need clang (apt-get install clang-19)");
        let status = Command::new(clang).args(["-target", target, "-O2", "-g", "-c", &source, "-o", &object]).status();
        assert!(status.expect("clang starts").success());
        object
    }

    /// Everything inside, hidden files too, sorted; with contents.
    pub(crate) fn contents(&self, below: &str) -> Vec<(String, Vec<u8>)> {
        fn walk(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
            for entry in fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()) {
                if entry.is_dir() {
                    walk(root, &entry, found);
                } else {
                    let name = entry.strip_prefix(root).expect("below").display().to_string();
                    found.push((name, fs::read(&entry).expect("readable")));
                }
            }
        }
        let (root, mut found) = (self.0.join(below), Vec::new());
        walk(&root, &root, &mut found);
        found.sort();
        found
    }

    /// The names of [`Folder::contents`].
    pub(crate) fn names(&self, below: &str) -> Vec<String> {
        self.contents(below).into_iter().map(|(name, _)| name).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
