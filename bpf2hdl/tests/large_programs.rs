// SPDX-License-Identifier: Apache-2.0
//! Programs as large as they come: right results, and time that grows with the size only.
//!
//! `BPF2HDL_LARGE=N,N,...` sets the lengths of the longest paths.
#![allow(clippy::print_stdout, reason = "a table of times")]

mod support;

use bpf2hdl::{Options, compile, opt, rtl, sched, target, verify};
use std::time::Instant;
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

fn since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64()
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
fn measure(seed: u64, instructions: usize) -> Times {
    let program = large::program(seed, instructions);
    let linked = support::program(&program.text, vec![support::array("counts", 8, 64)]);
    let mut times = Times::default();
    let started = Instant::now();
    let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|e| panic!("{e}"));
    times.verify = since(started);
    let before = function.defs.len();
    let started = Instant::now();
    let function = opt::optimize(function, &options().goal());
    times.optimize = since(started);
    let after = function.defs.len();
    let started = Instant::now();
    let (pipeline, _) = sched::schedule(&linked, &function, &options()).unwrap_or_else(|e| panic!("{e}"));
    times.schedule = since(started);
    let design = compile(&linked, &options()).unwrap_or_else(|e| panic!("{e}"));
    let started = Instant::now();
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

/// The median of three programs of a size.
fn median(instructions: usize) -> f64 {
    let mut all: Vec<f64> = (1..=3).map(|seed| measure(seed, instructions).all()).collect();
    all.sort_by(f64::total_cmp);
    all[1]
}

#[test]
fn time_grows_with_the_size_only() {
    if let Ok(sizes) = std::env::var("BPF2HDL_LARGE") {
        for size in sizes.split(',') {
            measure(1, size.parse().expect("a number"));
        }
        return;
    }
    let (small, large) = (median(500), median(4000));
    // Eight times the size; linear would be 8, quadratic 64.
    assert!(large < 24.0 * small.max(0.01), "{small:.3} s for 500 instructions, {large:.3} s for 4000");
}

#[test]
fn results_agree_with_the_kernel() {
    if !support::kernel_or_skip("results_agree_with_the_kernel") {
        return;
    }
    let mut compared = 0;
    for (seed, size) in [(1, 300), (2, 600), (3, 1000), (4, 1500)] {
        let program = large::program(seed, size);
        let linked = support::program(&program.text, vec![support::array("counts", 8, 64)]);
        // The kernel follows paths one by one, and gives up after a million instructions.
        let mut kernel = match support::kernel(&linked) {
            Ok(kernel) => kernel,
            Err(reason) => {
                println!("seed {seed}: {}", reason.lines().last().unwrap_or_default());
                continue;
            }
        };
        let packets = generate::packets(seed, 32);
        let expected = support::run_oracle(&mut kernel, &packets);
        let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|e| panic!("{e}"));
        for (pass, f) in opt::trace(function, &options().goal()) {
            assert_eq!(support::run_ir(&f, &packets).0, expected, "seed {seed}, after {pass}");
        }
        compared += 1;
    }
    println!("{compared} of 4 programs compared");
    assert!(compared > 0, "the kernel took none of the programs");
}
