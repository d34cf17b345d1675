// SPDX-License-Identifier: Apache-2.0
//! Programs of `tests/data/control` against the running kernel: acceptance, and what they do with packets and maps.
//!
//! Each program is compiled with two of all combinations of compiler, instruction set and optimisation, chosen by its
//! name; `BPF2HDL_SETTINGS=N` takes N of them (`all`: every one), `BPF2HDL_CASE=NAME` only programs whose name contains NAME.
#![allow(clippy::print_stdout, reason = "says what was compared")]

mod c_support;
mod object_support;

use c_support::{Case, Setting};

/// A number of settings that differ, chosen by the program's name.
fn settings(case: &Case, count: usize) -> Vec<Setting> {
    let mut settings = case.settings(&object_support::compilers());
    let mut seed: usize = case.name.bytes().fold(7, |hash, byte| hash * 31 % 65521 + usize::from(byte));
    while settings.len() > count {
        seed = seed * 75 % 65537 + 1;
        settings.swap_remove(seed % settings.len());
    }
    settings
}

#[test]
fn programs_agree_with_the_kernel() {
    if let Err(reason) = bpf2hdl_testbench::oracle::kernel::available() {
        assert!(std::env::var_os("CI").is_none(), "the kernel oracle is missing in CI: {reason}");
        println!("SKIPPED: {reason}");
        return;
    }
    let count = std::env::var("BPF2HDL_SETTINGS").map_or(2, |value| value.parse().unwrap_or(usize::MAX));
    let wanted = std::env::var("BPF2HDL_CASE").unwrap_or_default();
    let files = std::fs::read_dir(object_support::data("control")).expect("a folder");
    let mut paths: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    paths.sort();
    let (mut failures, mut compared) = (Vec::new(), 0);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "c")) {
        let case = Case::read(path);
        if !case.name.contains(&wanted) {
            continue;
        }
        for setting in settings(&case, count) {
            compared += 1;
            let what = format!("{} {} {} {}", case.name, setting.clang.display(), setting.cpu, setting.level);
            match c_support::compare(&case, &setting) {
                Ok(outcome) => println!("{what}: {outcome}"),
                Err(reason) => failures.push(format!("{what}: {reason}")),
            }
        }
    }
    assert!(failures.is_empty(), "{} of {compared} failed:\n{}", failures.len(), failures.join("\n\n"));
    assert!(compared > 0, "no program is called {wanted}");
}
