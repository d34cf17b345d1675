// SPDX-License-Identifier: Apache-2.0
//! Random programs, some of them in Verilator, and programs that once came out wrong: all agree with the kernel.
//!
//! `./run fuzz` runs many more.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they skipped and how much they compared")]

mod kernel;

use bpf2hdl_campaign::case::Case;
use bpf2hdl_campaign::engine;
use bpf2hdl_campaign::fuzz::{self, Settings};
use bpf2hdl_campaign::judge::{Verdict, judge};
use bpf2hdl_campaign::status::Status;
use kernel::kernel_or_skip;
use std::path::Path;

fn run(programs: u64, packets: usize, rtl: u64, seed: u64) -> fuzz::Totals {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{seed}"));
    let settings = Settings { seed, programs, packets, rtl, jobs: 2, folder };
    let totals = fuzz::run(&settings, &mut Status::default());
    assert!(totals.failures.is_empty(), "{:#?}", totals.failures);
    assert_eq!(totals.stopped, None);
    assert!(10 * totals.accepted() > 9 * totals.done, "the kernel refuses too many: {:#?}", totals.reasons);
    assert!(10 * totals.agree > 9 * totals.accepted(), "too many are over a limit: {:#?}", totals.reasons);
    println!("{} programs compared, {} in Verilator", totals.agree, totals.rtl);
    totals
}

#[test]
fn every_form_agrees_with_the_kernel() {
    if !kernel_or_skip("every_form_agrees_with_the_kernel") {
        return;
    }
    let totals = run(200, 32, 0, 1);
    assert!(totals.interlocked > 0 && totals.pipelines > 3 * totals.agree, "{totals:?}");
}

#[test]
fn hardware_agrees_with_the_kernel() {
    if !kernel_or_skip("hardware_agrees_with_the_kernel") {
        return;
    }
    let totals = run(4, 400, 4, 20_000);
    // A program may exceed a limit of the hardware, or be too large for a model.
    assert_eq!(totals.rtl + totals.too_large, totals.agree, "{totals:?}");
    assert!(totals.rtl >= 3, "{totals:?}");
}

#[test]
fn engine_agrees_with_the_kernel() {
    if !kernel_or_skip("engine_agrees_with_the_kernel") {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz-engine");
    let totals = engine::run(30_000, 40, 32, &folder, &mut Status::default()).expect("it runs");
    assert!(totals.failures.is_empty(), "{totals:#?}");
    assert!(totals.agree >= 20 && totals.stalled >= 4, "{totals:#?}");
}

#[test]
fn found_before() {
    if !kernel_or_skip("found_before") {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("kept programs").map(|f| f.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let case = Case::parse(&text).expect("a kept program");
        match judge(&case) {
            Verdict::Agrees(_) => {}
            other => panic!("{}: {other:?}", file.display()),
        }
    }
}

/// What only the hardware, or its model in Verilator, did wrong.
#[test]
fn found_before_in_hardware() {
    if !kernel_or_skip("found_before_in_hardware") {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("found-in-hardware");
    for text in [include_str!("found/shift_of_shift.s"), include_str!("found/fields_apart.s")] {
        let mut case = Case::parse(text).expect("a kept program");
        case.packets = bpf2hdl_testbench::random::packets(1, 64);
        assert_eq!(fuzz::failure_of(&case, true, 0, &folder), None);
    }
}

/// A difference must not get lost on the way: a program that is compared with another one fails.
#[test]
fn another_program_fails() {
    if !kernel_or_skip("another_program_fails") {
        return;
    }
    use bpf2hdl::bisect::{Trial, first_fault, forms};
    use bpf2hdl_campaign::judge::{kernel, shapes};
    let (case, _) = Case::random(1, 32);
    let linked = case.link().expect("a program");
    let other = case.with_text(case.text.replacen("r0 &= 3\n", "r0 &= 3\n  r0 ^= 1\n", 1));
    assert_ne!(other.text, case.text);
    let other = other.link().expect("a program");
    let packets = case.packet_set();
    let expected = kernel(&other, &packets).expect("the kernel takes it");
    let shapes = shapes(&linked);
    let trial = Trial { packets: &packets, preload: None, expected: &expected, shapes: &shapes, only: None };
    let options = bpf2hdl_campaign::judge::options(bpf2hdl_campaign::judge::SETTINGS[0], 512).expect("a target");
    let forms = forms(&linked, &options, None).expect("it verifies");
    assert_eq!(first_fault(&forms.all, &trial).map(|(form, _)| form.name.as_str()), Some("00-verify"));
}
