// SPDX-License-Identifier: Apache-2.0
//! The programs of `./run storms`: all are compiled, some run with few packets.

mod kernel;

use bpf2hdl_campaign::storms::{self, Program, Settings};
use kernel::kernel_or_skip;
use std::path::Path;

fn programs() -> Vec<Program> {
    Program::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("storms")).expect("programs")
}

#[test]
fn every_program_has_a_header_and_links() {
    let programs = programs();
    assert!(programs.len() > 10);
    for program in &programs {
        assert!(program.rate.is_none_or(|rate| rate > 0.0 && rate <= 1.0), "{}", program.name);
        program.link().unwrap_or_else(|problems| panic!("{}: {problems}", program.name));
        program.contents().unwrap_or_else(|problem| panic!("{}: {problem}", program.name));
    }
}

/// A budget for each source in a map that evicts: what is left is computed on both arms of "is this a new period?".
#[test]
fn storms_on_one_key_run_at_the_full_rate() {
    if !kernel_or_skip("storms_on_one_key_run_at_the_full_rate") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("bpf2hdl-storms-{}", std::process::id()));
    let settings = Settings { packets: 3000, storm: 3000, folder: folder.clone(), seed: 1, quick: true, engine: false };
    for program in programs().iter().filter(|program| ["lru_budget", "array_atomic"].contains(&program.name.as_str())) {
        let outcome = storms::run(program, &settings).unwrap_or_else(|problem| panic!("{}: {problem}", program.name));
        assert_eq!((outcome.mismatches, outcome.compared), (0, 3000), "{}: {:?}", program.name, outcome.explained);
        let wanted = program.rate.expect("a rate");
        assert!(outcome.maps && outcome.reaches(wanted), "{}: {} packets per clock", program.name, outcome.rate);
    }
    // What is left behind does no harm.
    let _ = std::fs::remove_dir_all(folder);
}

/// Maps of all types, and every helper, on the engine. Where an LRU map is full the kernel drops other keys, so only what all hold to is compared there.
#[test]
fn engine_agrees_with_the_kernel() {
    if !kernel_or_skip("engine_agrees_with_the_kernel") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("bpf2hdl-storms-engine-{}", std::process::id()));
    let settings = Settings { packets: 400, storm: 50, folder: folder.clone(), seed: 1, quick: false, engine: true };
    for program in &programs() {
        let outcome = storms::run(program, &settings).unwrap_or_else(|problem| panic!("{}: {problem}", program.name));
        let found = (outcome.mismatches, outcome.compared, outcome.maps);
        assert_eq!(found, (0, 400, true), "{}: {:?}", program.name, outcome.explained);
    }
    // What is left behind does no harm.
    let _ = std::fs::remove_dir_all(folder);
}
