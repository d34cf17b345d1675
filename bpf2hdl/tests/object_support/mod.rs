// SPDX-License-Identifier: Apache-2.0
//! Compiles C sources with every clang of this machine.
#![allow(dead_code, reason = "each test file uses its own part")]

use bpf2hdl::object::{CompileOptions, Object, compile_c};
use std::path::{Path, PathBuf};
use std::process::Command;

/// All installed compilers with a version number in their name, oldest first, with that number.
pub(crate) fn compilers() -> Vec<(PathBuf, u32)> {
    let found: Vec<(PathBuf, u32)> = (14..=22)
        .map(|version| (PathBuf::from(format!("clang-{version}")), version))
        .filter(|(clang, _)| Command::new(clang).arg("--version").output().is_ok_and(|output| output.status.success()))
        .collect();
    assert!(!found.is_empty(), "these tests need clang-14 or later (apt-get install clang)");
    found
}

/// Instruction sets that a compiler knows.
pub(crate) fn cpus(version: u32) -> &'static [&'static str] {
    if version >= 18 { &["v1", "v2", "v3", "v4"] } else { &["v1", "v2", "v3"] }
}

/// Path of a file in `tests/data`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Compiles a file of `tests/data`.
pub(crate) fn compile_with(clang: &Path, cpu: &str, name: &str, arguments: &[&str]) -> Vec<u8> {
    let options = CompileOptions {
        cpu: cpu.to_owned(),
        clang: Some(clang.to_path_buf()),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        ..CompileOptions::standard()
    };
    match compile_c(&data(name), &options) {
        Ok(bytes) => bytes,
        Err(errors) => panic!("{name} with {} {cpu}: {errors}", clang.display()),
    }
}

/// Compiles a file of `tests/data` with the compiler that the tool finds.
pub(crate) fn compile(name: &str, arguments: &[&str]) -> Vec<u8> {
    let (clang, _) = compilers().pop().expect("a compiler");
    compile_with(&clang, "v3", name, arguments)
}

/// Compiles C text given in the test.
pub(crate) fn compile_text(text: &str) -> Vec<u8> {
    let (clang, _) = compilers().pop().expect("a compiler");
    let mut child = Command::new(clang)
        .args(["-target", "bpf", "-O2", "-g", "-mcpu=v3", "-x", "c", "-c", "-", "-o", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("clang starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("pipe"), text.as_bytes()).expect("clang reads");
    let output = child.wait_with_output().expect("clang ends");
    assert!(output.status.success());
    output.stdout
}

/// Parses, or fails with the diagnostics.
pub(crate) fn parse(bytes: &[u8], name: &str) -> Object {
    Object::parse(bytes, name).unwrap_or_else(|errors| panic!("{name}: {errors}"))
}
