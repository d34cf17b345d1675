// SPDX-License-Identifier: Apache-2.0
//! Programs as large as they come: right results, and time that grows with the size only.
//!
//! `BPF2HDL_LARGE=N,N,...` sets the lengths of the longest paths.
#![allow(clippy::print_stdout, reason = "a table of times")]

mod support;

use bpf2hdl::{Options, compile, opt, rtl, sched, target, verify};
use support::{generate, large};

/// Seconds of each stage.
#[derive(Default)]
struct Times {
    verify: f64,
    optimize: f64,
    schedule: f64,
    emit: f64,
}

impl Times {
    fn all(&self) -> f64 {
        self.verify + self.optimize + self.schedule + self.emit
    }
}

/// Seconds of processor time that this thread has had (scheduler statistics, Documentation/scheduler/sched-stats.rst).
fn now() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds: f64 = text.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number");
    nanoseconds / 1e9
}

fn since(started: f64) -> f64 {
    now() - started
}

fn options() -> Options {
    Options {
        target: target::find("xcup").expect("a target"),
        clock_mhz: 250.0,
        bus_bits: 512,
        optimize: bpf2hdl::Optimize::default(),
    }
}

/// Compiles a program of this size; all stages are timed, the last from a compilation of its own.
fn measure(seed: u64, instructions: usize, grain: u64) -> Times {
    let program = large::program(seed, instructions, grain);
    let linked = support::program(&program.text, vec![support::array("counts", 8, 64)]);
    let mut times = Times::default();
    let started = now();
    let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|e| panic!("{e}"));
    times.verify = since(started);
    let before = function.defs.len();
    let started = now();
    let function = opt::optimize(function, &options().goal());
    times.optimize = since(started);
    let after = function.defs.len();
    let started = now();
    let (pipeline, _) = sched::schedule(&linked, &function, &options()).unwrap_or_else(|e| panic!("{e}"));
    times.schedule = since(started);
    let design = compile(&linked, &options()).unwrap_or_else(|e| panic!("{e}"));
    let started = now();
    let files = rtl::emit(&design, &linked, &rtl::build_id(&design, &linked));
    times.emit = since(started);
    let bytes: usize = files.iter().map(|file| file.contents.len()).sum();
    println!(
        "path {:>5}, blocks {:>4}: IR {before:>6} -> {after:>6}, {:>3} stages, {bytes:>8} bytes of RTL; \
         verify {:.3} s, optimize {:.3} s, schedule {:.3} s, emit {:.3} s",
        program.path,
        program.blocks,
        pipeline.stages(),
        times.verify,
        times.optimize,
        times.schedule,
        times.emit
    );
    times
}

/// The median of three programs of a size: analysis, and all stages.
fn median(instructions: usize) -> (f64, f64) {
    let all: Vec<Times> = (1..=3).map(|seed| measure(seed, instructions, 1)).collect();
    let middle = |of: fn(&Times) -> f64| {
        let mut times: Vec<f64> = all.iter().map(of).collect();
        times.sort_by(f64::total_cmp);
        times[1]
    };
    (middle(|times| times.verify), middle(Times::all))
}

#[test]
fn time_grows_with_the_size_only() {
    if let Ok(sizes) = std::env::var("BPF2HDL_LARGE") {
        for size in sizes.split(',') {
            measure(1, size.parse().expect("a number"), 5);
        }
        return;
    }
    let ((small, _), (large, all)) = (median(500), median(4000));
    // Eight times the size; linear would be 8, quadratic 64. The text of the RTL is as long as the pipeline is deep and wide,
    // so that its time grows faster.
    assert!(large < 24.0 * small.max(0.001), "{small:.4} s for 500 instructions, {large:.4} s for 4000");
    assert!(all < 5.0, "{all:.1} s for 4000 instructions");
}

#[test]
fn the_largest_programs_compile() {
    // The longest path of the real programs that were counted: 6,500 instructions in 970 blocks.
    let times = measure(1, 6500, 5);
    assert!(times.all() < 10.0, "{:.1} s", times.all());
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
