// SPDX-License-Identifier: Apache-2.0
//! Every benchmark program is one that Linux accepts.

use bpf2hdl::object::{CompileOptions, Object, compile_c};
use bpf2hdl::oracle;
use bpf2hdl_testbench::oracle::kernel::{self, KernelOracle};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders with a `benchmark.json`.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bpf2hdl/benchmarks");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("benchmark.json").is_file());
    folders.sort();
    folders
}

fn source(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(folder.join("benchmark.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder.join(json["source"].as_str().unwrap())
}

#[test]
fn every_program_loads_into_the_kernel() {
    if let Err(reason) = kernel::available() {
        assert!(std::env::var_os("CI").is_none(), "the kernel oracle is missing in CI: {reason}");
        return;
    }
    let mut loaded = 0;
    for folder in folders() {
        let file = source(&folder);
        let object = compile_c(&file, &CompileOptions::standard()).unwrap_or_else(|e| panic!("{}", e.to_text()));
        let object = Object::parse(&object, &file.display().to_string()).unwrap();
        let program = object.select(None).unwrap();
        // Map types that are not built yet do not get as far as the kernel; the benchmark's table lists them.
        let Ok(linked) = object.link(program) else { continue };
        let kernel = KernelOracle::load(&oracle::program(&linked));
        assert!(kernel.is_ok(), "{}: {}", folder.display(), kernel.err().unwrap());
        loaded += 1;
    }
    assert!(loaded >= 15, "only {loaded} programs were loaded");
}
