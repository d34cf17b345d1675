// SPDX-License-Identifier: Apache-2.0
//! Random programs: the IR before and after each pass, against the running kernel.
//!
//! `BPF2HDL_RANDOM=N` sets the number of programs, `BPF2HDL_SEED=S` the first seed.

mod support;

use bpf2hdl::{opt, verify};
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
    let (mut compared, mut refused) = (0, 0);
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
        for (pass, f) in opt::trace(function) {
            let (results, maps) = support::run_ir(&f, &packets);
            for (i, (got, want)) in results.iter().zip(&expected).enumerate() {
                assert_eq!(got, want, "seed {seed}, after {pass}, packet {i}\n{text}\n{f}");
            }
            for (index, name) in ["a", "b"].into_iter().enumerate() {
                let got = support::ir_map(&f, &maps, index);
                assert_eq!(got, entries(&contents, name), "seed {seed}, after {pass}, map {name}\n{text}\n{f}");
            }
        }
        compared += 1;
    }
    assert!(compared * 2 > count, "the kernel refused {refused} of {count} programs");
}
