// SPDX-License-Identifier: Apache-2.0
//! Retiming: how many bits are registered between stages, against the fewest that there can be.

mod support;

use bpf2hdl::pipe::Runs;
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};

/// Register bits, the bound, and stages of a program in assembly for each target.
fn registers(text: &str) -> Vec<(u64, u64, u32)> {
    let linked = support::program(text, Vec::new());
    let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|e| panic!("{e:#?}"));
    let measure = |(name, clock_mhz)| {
        let target = target::find(name).expect("a target");
        let options =
            Options { target, clock_mhz, bus_bits: 512, optimize: Optimize::default(), initiation_interval: 1 };
        let function = opt::optimize(function.clone(), &options.goal());
        let (p, _) = sched::schedule(&linked, &function, &options).unwrap_or_else(|e| panic!("{e:#?}"));
        assert_eq!(bpf2hdl::pipe::check(&p), Ok(()), "{p}");
        let least = sched::fewest_register_bits(&p, &options).expect("a small program");
        (Runs::new(&p).total_bits(), least, p.stages())
    };
    [("xcup", 250.0), ("xcup", 400.0), ("ecp5", 60.0)].map(measure).to_vec()
}

const HEAD: &str = "r0 = 2\nr6 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr2 = r6\nr2 += 40\nif r2 > r8 goto out\n\
                    r3 = *(u64 *)(r6 +16)\nr7 = *(u64 *)(r6 +24)\nr7 *= r7\nr7 *= r7\n";

/// Two sums of one word, both wanted late: either alone would keep the word alive for nothing, together they save a word.
#[test]
fn sums_of_one_word_move_together() {
    let body = "r4 = r3\nr4 += 19088743\nr5 = r3\nr5 += 1985229328\nr4 ^= r7\nr5 &= r7\n*(u64 *)(r6 +0) = r4\n\
                *(u64 *)(r6 +8) = r5\nout:\nexit\n";
    for (bits, least, stages) in registers(&format!("{HEAD}{body}")) {
        assert!(least <= bits && bits <= least + least / 50, "{bits} bits, {least} are possible");
        // The word and the product's bits, not two sums.
        assert!(bits < 140 * u64::from(stages), "{bits} bits in {stages} stages");
    }
}

/// A chain over several stages from a word to a bit stays early; one that widens moves late; neither falls below the bound.
#[test]
fn chains_stay_or_move_as_a_whole() {
    let narrow = "r4 = r3\nr4 += 7\nr5 = r3\nr5 += 9\nr4 ^= r5\nr4 += r3\nif r4 > r3 goto more\nr7 += 1\nmore:\n\
                  *(u64 *)(r6 +0) = r7\nout:\nexit\n";
    let wide = "r4 = *(u8 *)(r6 +32)\nr5 = *(u8 *)(r6 +33)\nr4 += 1\nr5 += 3\nr4 <<= r5\nr5 += r4\nr5 ^= r3\nr4 += r5\n\
                r4 ^= r7\nr5 ^= r7\n*(u64 *)(r6 +0) = r4\n*(u64 *)(r6 +8) = r5\nout:\nexit\n";
    for body in [narrow, wide] {
        for (bits, least, stages) in registers(&format!("{HEAD}{body}")) {
            assert!(
                least <= bits && bits <= least + least / 20,
                "{bits} bits in {stages} stages, {least} are possible"
            );
        }
    }
}
