// SPDX-License-Identifier: Apache-2.0
//! Programs as large as they come: right results, and work that grows with the size only.
//!
//! `BPF2HDL_LARGE=N,N,...` sets the lengths of the longest paths.
#![allow(clippy::print_stdout, reason = "a table of work")]

mod allocations;
mod support;

use allocations::counted;
use bpf2hdl::{Options, compile, opt, rtl, sched, target, verify};
use support::{generate, large};

/// Bytes that each stage asks of the allocator: a measure of work that is the same on every machine and in every run, as
/// seconds are not. `./run benchmark scaling` measures time.
#[derive(Default)]
struct Work {
    verify: u64,
    optimize: u64,
    schedule: u64,
    emit: u64,
}

impl Work {
    fn all(&self) -> u64 {
        self.verify + self.optimize + self.schedule + self.emit
    }
}

fn options() -> Options {
    Options {
        target: target::find("xcup").expect("a target"),
        clock_mhz: 250.0,
        bus_bits: 512,
        optimize: bpf2hdl::Optimize::default(),
        initiation_interval: 1,
    }
}

/// Compiles a program of this size; the work of all stages is counted, the last from a compilation of its own.
fn measure(seed: u64, instructions: usize, grain: u64) -> Work {
    let program = large::program(seed, instructions, grain);
    let linked = support::program(&program.text, vec![support::array("counts", 8, 64)]);
    let (function, verify) = counted(|| verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|e| panic!("{e}")));
    let before = function.defs.len();
    let (function, optimize) = counted(|| opt::optimize(function, &options().goal()));
    let after = function.defs.len();
    let ((pipeline, _), schedule) =
        counted(|| sched::schedule(&linked, &function, &options()).unwrap_or_else(|e| panic!("{e}")));
    let design = compile(&linked, &options()).unwrap_or_else(|e| panic!("{e}"));
    let (files, emit) = counted(|| rtl::emit(&design, &linked, &rtl::build_id(&design, &linked)));
    let bytes: usize = files.iter().map(|file| file.contents.len()).sum();
    let work = Work { verify, optimize, schedule, emit };
    println!(
        "path {:>5}, blocks {:>4}: IR {before:>6} -> {after:>6}, {:>3} stages, {bytes:>8} bytes of RTL; \
         KiB allocated: verify {}, optimize {}, schedule {}, emit {}",
        program.path,
        program.blocks,
        pipeline.stages(),
        work.verify >> 10,
        work.optimize >> 10,
        work.schedule >> 10,
        work.emit >> 10
    );
    work
}

/// The median of three programs of a size: analysis, and all stages.
fn median(instructions: usize) -> (u64, u64) {
    let all: Vec<Work> = (1..=3).map(|seed| measure(seed, instructions, 1)).collect();
    let middle = |of: fn(&Work) -> u64| {
        let mut work: Vec<u64> = all.iter().map(of).collect();
        work.sort_unstable();
        work[1]
    };
    (middle(|work| work.verify), middle(Work::all))
}

#[test]
fn work_grows_with_the_size_only() {
    if let Ok(sizes) = std::env::var("BPF2HDL_LARGE") {
        for size in sizes.split(',') {
            measure(1, size.parse().expect("a number"), 5);
        }
        return;
    }
    let ((small_verify, small_all), (large_verify, large_all)) = (median(500), median(4000));
    // Eight times the size; linear would be 8, quadratic 64. The text of the RTL is as long as the pipeline is deep and wide,
    // so that the whole grows faster.
    assert!(large_verify < 12 * small_verify, "{small_verify} bytes for 500 instructions, {large_verify} for 4000");
    assert!(large_all < 24 * small_all, "{small_all} bytes for 500 instructions, {large_all} for 4000");
}

#[test]
fn the_largest_programs_compile() {
    // The longest path of the real programs that were counted: 6,500 instructions in 970 blocks.
    let work = measure(1, 6500, 5);
    assert!(work.all() < 4 << 30, "{} MiB allocated", work.all() >> 20);
}

#[test]
fn results_are_right() {
    // The kernel follows paths one by one and gives up after a million instructions, so that rbpf has to judge.
    for (seed, size, grain) in [(1, 300, 1), (2, 1000, 1), (3, 2000, 3), (4, 6500, 5)] {
        let program = large::program(seed, size, grain);
        let linked = support::program(&program.text, vec![support::array("counts", 8, 64)]);
        let packets = generate::packets(seed, 32);
        let expected = support::run_oracle(&mut support::rbpf(&linked).expect("rbpf takes it"), &packets);
        let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|e| panic!("{e}"));
        for (pass, f) in opt::trace(function, &options().goal()) {
            assert_eq!(support::run_ir(&f, &packets).0, expected, "seed {seed}, after {pass}");
        }
    }
}
