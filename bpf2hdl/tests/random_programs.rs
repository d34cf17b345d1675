// SPDX-License-Identifier: Apache-2.0
//! Random programs: the IR before and after each pass, and the pipeline clock by clock at several targets and clocks,
//! against the running kernel.
//!
//! `BPF2HDL_RANDOM=N` sets the number of programs, `BPF2HDL_SEED=S` the first seed.
#![allow(clippy::print_stdout, reason = "says how many programs were compared")]

mod support;

use bpf2hdl::ir::PacketInput;
use bpf2hdl::pipe::{self, CycleModel};
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::{MapContents, Oracle};
use support::generate::{self, Features};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn entries(contents: &MapContents, name: &str) -> Vec<(u32, Vec<u8>)> {
    let mut all: Vec<(u32, Vec<u8>)> = contents
        .maps
        .get(name)
        .into_iter()
        .flatten()
        .map(|(key, value)| (u32::from_le_bytes(key[..4].try_into().unwrap()), value.clone()))
        .filter(|(_, v)| v.iter().any(|&b| b != 0))
        .collect();
    all.sort();
    all
}

#[test]
fn every_pass_agrees_with_the_kernel() {
    if !support::kernel_or_skip("every_pass_agrees_with_the_kernel") {
        return;
    }
    let (count, first) = (setting("BPF2HDL_RANDOM", 300), setting("BPF2HDL_SEED", 1));
    let (mut compared, mut refused, mut guarded, mut limited) = (0, 0, 0, 0);
    for seed in first..first + count {
        let features = Features { maps: seed % 2 == 0, division: seed % 3 == 0 };
        let text = generate::program(seed, features);
        let maps = vec![support::array("a", 8, generate::ENTRIES[0]), support::array("b", 16, generate::ENTRIES[1])];
        let linked = support::program(&text, maps);
        let mut kernel = match support::kernel(&linked) {
            Ok(kernel) => kernel,
            Err(_) => {
                refused += 1;
                continue;
            }
        };
        let packets = generate::packets(seed, 32);
        let expected = support::run_oracle(&mut kernel, &packets);
        let contents = kernel.maps().unwrap();
        let function = verify::verify(&linked, &verify::LIMITS)
            .unwrap_or_else(|d| panic!("seed {seed}: the kernel accepts what we refuse: {d:#?}\n{text}"));
        let steps = support::goals().into_iter().flat_map(|goal| opt::trace(function.clone(), &goal));
        for (pass, f) in steps {
            let (results, maps) = support::run_ir(&f, &packets);
            for (i, (got, want)) in results.iter().zip(&expected).enumerate() {
                assert_eq!(got, want, "seed {seed}, after {pass}, packet {i}\n{text}\n{f}");
            }
            for (index, name) in ["a", "b"].into_iter().enumerate() {
                let got = support::ir_map(&f, &maps, index);
                assert_eq!(got, entries(&contents, name), "seed {seed}, after {pass}, map {name}\n{text}\n{f}");
            }
        }
        for (name, clock_mhz, optimize) in [
            ("xcup", 250.0, Optimize::Latency),
            ("xcup", 600.0, Optimize::Area),
            ("ecp5", 125.0, Optimize::Area),
            ("ecp5", 60.0, Optimize::Latency),
        ] {
            let target = target::find(name).expect("a target");
            let options = Options { target, clock_mhz, bus_bits: 512, optimize };
            let function = opt::optimize(function.clone(), &options.goal());
            let Ok((p, _)) = sched::schedule(&linked, &function, &options) else {
                limited += 1;
                continue;
            };
            let what = format!("seed {seed}, pipeline for {name} at {clock_mhz} MHz");
            pipe::check(&p).unwrap_or_else(|e| panic!("{what}: {e:?}\n{text}\n{p}"));
            let model = CycleModel::new(&p);
            let mut maps = model.initial_maps();
            let inputs = packets.iter().map(|p| PacketInput::new(p));
            let passages = model.run(inputs, &mut maps);
            for (i, (got, want)) in passages.packets.iter().zip(&expected).enumerate() {
                let data = if got.action < 2 { Vec::new() } else { got.apply(&packets[i]) };
                assert_eq!((got.action, data), (want.action, want.data.clone()), "{what}, packet {i}\n{text}\n{p}");
            }
            for (index, name) in ["a", "b"].into_iter().enumerate() {
                let got = support::ir_map(&function, &maps, index);
                assert_eq!(got, entries(&contents, name), "{what}, map {name}\n{text}\n{p}");
            }
            guarded += usize::from(p.maps.iter().any(|m| m.guard.is_some()));
        }
        compared += 1;
    }
    println!(
        "{compared} programs compared, {refused} refused by the kernel; pipelines: {guarded} interlocked, {limited} over a limit"
    );
    assert!(compared * 2 > count, "the kernel refused {refused} of {count} programs");
}

/// Programs that once came out wrong, reduced.
#[test]
fn found_before() {
    if !support::kernel_or_skip("found_before") {
        return;
    }
    // A narrowed sum wraps; its constant must not move into the load's offset.
    let text = "r0 = 2\nr6 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr2 = r6\nr2 += 64\nif r2 > r8 goto out\nr2 = *(u32 *)(r6 +26)\n\
                r9 = *(u16 *)(r6 +9)\nw9 -= 6\nr0 = r9\nr0 &= 7\nr1 = r6\nr1 += r0\nr0 = r1\nr0 += 29\nif r0 > r8 goto l3\n\
                r2 = *(u16 *)(r1 +27)\nl3:\nr0 = r2\nr0 &= 3\nout:\nexit\n";
    let linked = support::program(text, Vec::new());
    let packets = generate::packets(11311, 32);
    let expected = support::run_oracle(&mut support::kernel(&linked).expect("the kernel takes it"), &packets);
    for goal in support::goals() {
        for (pass, f) in opt::trace(verify::verify(&linked, &verify::LIMITS).expect("it verifies"), &goal) {
            assert_eq!(support::run_ir(&f, &packets).0, expected, "after {pass}\n{f}");
        }
    }
}
