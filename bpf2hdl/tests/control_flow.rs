// SPDX-License-Identifier: Apache-2.0
//! Programs of `tests/data/control` against the running kernel: acceptance, and what they do with packets and maps.
//!
//! Each program is compiled with one compiler, instruction set and optimisation, chosen by its name;
//! `BPF2HDL_SETTINGS=all` takes all of them, `BPF2HDL_CASE=NAME` only programs whose name contains NAME.
#![allow(clippy::print_stdout, reason = "says what was compared")]

mod c_support;
mod object_support;

use c_support::{Case, Setting};

/// A few settings that differ, chosen by the program's name, or all.
fn settings(case: &Case, all: bool) -> Vec<Setting> {
    let settings = case.settings(&object_support::compilers());
    if all {
        return settings;
    }
    let seed: usize = case.name.bytes().fold(7, |hash, byte| hash * 31 % 65521 + usize::from(byte));
    let chosen = [seed, seed / 7 + 5].map(|n| settings[n % settings.len()].clone());
    if chosen[0] == chosen[1] { chosen[..1].to_vec() } else { chosen.to_vec() }
}

#[test]
fn programs_agree_with_the_kernel() {
    if let Err(reason) = bpf2hdl_testbench::oracle::kernel::available() {
        assert!(std::env::var_os("CI").is_none(), "the kernel oracle is missing in CI: {reason}");
        println!("SKIPPED: {reason}");
        return;
    }
    let all = std::env::var("BPF2HDL_SETTINGS").is_ok_and(|value| value == "all");
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
        for setting in settings(&case, all) {
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
