// SPDX-License-Identifier: Apache-2.0
//! Design folders for Verilator, as `bpf2hdl compile` writes them.

use bpf2hdl::object::Linked;
use bpf2hdl::{Design, report, rtl};
use bpf2hdl_interface::manifest::encode_hex;
use std::path::{Path, PathBuf};

/// Writes the RTL and the manifest of a design into `SUITE/NAME` below the folder for tests' files, in place of what is there.
pub(crate) fn write(suite: &str, name: &str, design: &Design, linked: &Linked) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(suite).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let id = rtl::build_id(design, linked);
    let mut names = Vec::new();
    for file in rtl::emit(design, linked, &id) {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(&path, &file.contents).expect("written");
        names.push(file.path);
    }
    names.retain(|n| n.ends_with(".sv"));
    let manifest = report::manifest(design, linked, &encode_hex(&id), names);
    std::fs::write(folder.join("manifest.json"), manifest.to_json()).expect("written");
    folder
}
