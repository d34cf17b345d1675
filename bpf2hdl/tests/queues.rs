// SPDX-License-Identifier: Apache-2.0
//! Queues and stacks: what programs push, pop and see, in the IR after every pass and in the pipeline clock by clock, against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::Code;
use bpf2hdl::object::{Linked, add_states};
use bpf2hdl_testbench::MapContents;
use support::forms::{check, verify};
use support::generate::Numbers;
use support::hash;
use support::queue::{self, Traffic};

#[test]
fn queues_and_stacks_do_what_the_kernel_s_do() {
    if !support::kernel_or_skip("queues_and_stacks_do_what_the_kernel_s_do") {
        return;
    }
    for (seed, (program, options)) in (1..).zip(queue::PROGRAMS) {
        let linked = queue::c_program(program, options);
        for (what, traffic, count) in
            [("mixed", Traffic::Mixed, 2000), ("push", Traffic::Push, 200), ("pop", Traffic::Pop, 600)]
        {
            let before = queue::contents(seed + count as u64, &linked);
            let packets = queue::packets(program, seed, count, traffic);
            check(&format!("{program} {options}, {what}"), &linked, &before, &packets);
        }
    }
}

/// A program that takes elements away without looking at them.
#[test]
fn elements_that_nobody_looks_at_are_there() {
    if !support::kernel_or_skip("elements_that_nobody_looks_at_are_there") {
        return;
    }
    let text = "r2 = r10\nr2 += -8\nr1 = map[fd:0]\ncall bpf_map_pop_elem#88\nr0 &= 1\nr0 += 1\nexit\n";
    let linked = program(text, 22, 0);
    let before = queue::contents(4, &linked);
    check("popped unseen", &linked, &before, &vec![vec![0; 64]; 3]);
}

fn program(text: &str, kind: u32, key_size: u32) -> Linked {
    let mut maps = vec![hash::map(kind, "q", key_size, 8, 6)];
    add_states(&mut maps);
    support::program(text, maps)
}

#[test]
fn what_queues_have_not_is_refused_by_name() {
    let call = |helper: &str| {
        format!(
            "*(u64 *)(r10 -8) = 0\nr2 = r10\nr2 += -8\nr3 = r2\nr4 = 0\nr1 = map[fd:0]\ncall {helper}\nr0 = 2\nexit\n"
        )
    };
    let cases = [
        (22, 0, "bpf_map_lookup_elem#1", Code::MapOperation, "bpf_map_lookup_elem is called on `q`, a queue"),
        (23, 0, "bpf_map_update_elem#2", Code::MapOperation, "bpf_map_update_elem is called on `q`, a stack"),
        (22, 0, "bpf_map_delete_elem#3", Code::MapOperation, "bpf_map_delete_elem is called on `q`, a queue"),
        (2, 4, "bpf_map_pop_elem#88", Code::MapOperation, "bpf_map_pop_elem is called on `q`, a map of type array"),
        (
            22,
            4,
            "bpf_map_pop_elem#88",
            Code::MapGeometry,
            "a queue, stack or bloom filter needs values, and has no keys",
        ),
    ];
    for (kind, key_size, helper, code, text) in cases {
        let found = verify(&program(&call(helper), kind, key_size)).expect_err(helper);
        let item = found.into_iter().find(|item| item.message.contains(text));
        assert_eq!(item.map(|item| item.code), Some(code), "{helper} on {kind}");
    }
}

/// Packets whose values are few, and contents of the filter before them.
fn sources(seed: u64, linked: &Linked) -> (MapContents, Vec<Vec<u8>>) {
    let mut n = Numbers::new(seed);
    let size = linked.maps[0].value_size as usize;
    let value = |n: &mut Numbers| {
        let mut value = vec![0x5a; size];
        value[size / 2] = n.below(3) as u8;
        value[size - 1] = n.below(40) as u8;
        value
    };
    let entries = bpf2hdl_interface::queue::entries((0..5).map(|_| value(&mut n)).collect::<Vec<_>>());
    let packet = |n: &mut Numbers| {
        let mut bytes: Vec<u8> = (0..64).map(|_| n.below(9) as u8).collect();
        bytes[26..26 + size].copy_from_slice(&value(n));
        bytes
    };
    let packets = (0..1500).map(|_| packet(&mut n)).collect();
    (MapContents { maps: [("seen".to_owned(), entries)].into() }, packets)
}

#[test]
fn bloom_filters_answer_as_the_kernel_s_do() {
    if !support::kernel_or_skip("bloom_filters_answer_as_the_kernel_s_do") {
        return;
    }
    let shapes = [
        "",
        "-DSIZE=13 -DENTRIES=1",
        "-DSIZE=20 -DFUNCTIONS=2 -DENTRIES=300",
        "-DLOOK_ONLY -DENTRIES=5000",
        "-DSIZE=12",
        // Its accesses are made in turn, and so many that they keep the order of the program.
        "-DFUNCTIONS=15 -DENTRIES=60000",
    ];
    for (seed, options) in (1..).zip(shapes) {
        let linked = hash::c_program("../bloom/seen.c", options);
        let (before, packets) = sources(seed, &linked);
        check(&format!("seen.c {options}"), &linked, &before, &packets);
    }
}

/// Pushes and look-ups of a filter with a RAM for each pair of them pass at one per clock; a larger one has one RAM.
#[test]
fn filters_up_to_a_size_set_bits_in_every_clock() {
    for (options, at_once) in
        [("", true), ("-DENTRIES=15000", true), ("-DENTRIES=100000", false), ("-DLOOK_ONLY", true)]
    {
        let linked = hash::c_program("../bloom/seen.c", options);
        let target = bpf2hdl::target::find("xcup").expect("a target");
        let optimize = bpf2hdl::Optimize::default();
        let options_of = bpf2hdl::Options { target, clock_mhz: 250.0, bus_bits: 512, optimize, initiation_interval: 1 };
        let design = bpf2hdl::compile(&linked, &options_of).unwrap_or_else(|d| panic!("{options}: {d:#?}"));
        let map = design.pipeline.maps.iter().position(|unit| unit.map.name == "seen.bits").expect("bits");
        let (unit, copies) = (&design.pipeline.maps[map], design.pipeline.copies(bpf2hdl::ir::MapId::new(map)));
        let pairs = if at_once { unit.reads.len() * unit.writes.len().max(1) } else { 1 };
        assert_eq!((unit.same_entry_clocks() == 1, copies), (at_once, pairs), "{options}");
        let warned = design.warnings.iter().any(|warning| warning.code == Code::ReducedRate);
        assert_eq!(warned, !at_once, "{options}: {:#?}", design.warnings);
    }
}
