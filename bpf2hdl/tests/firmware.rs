// SPDX-License-Identifier: Apache-2.0
//! The engine's firmware: its text is what clang makes of its source. `BPF2HDL_UPDATE_GOLDENS=1` writes it anew.

use bpf2hdl::engine;
use bpf2hdl::object::{CompileOptions, Object, compile_c};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The compiler whose output is in the repository.
const CLANG: &str = "clang-19";

#[test]
fn text_is_made_of_the_source() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    let options = CompileOptions {
        arguments: engine::CLANG_ARGUMENTS.map(str::to_owned).to_vec(),
        clang: Some(PathBuf::from(CLANG)),
        ..CompileOptions::standard()
    };
    let bytes = compile_c(&folder.join("firmware/firmware.c"), &options).expect("the firmware compiles");
    let object = Object::parse(&bytes, "firmware.o").expect("it is an object");
    let program = object.select(None).expect("it has one program");
    let text = engine::text_of(&object.link(program).expect("it links"));
    let path = folder.join("firmware.s");
    if env::var_os("BPF2HDL_UPDATE_GOLDENS").is_some() {
        fs::write(&path, &text).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap();
    assert!(
        found == text,
        "firmware.s is not what {CLANG} makes of firmware.c; write it with BPF2HDL_UPDATE_GOLDENS=1"
    );
}
