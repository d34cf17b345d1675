// SPDX-License-Identifier: Apache-2.0
//! LPM tries: what look-ups find, in the IR after every pass and in the pipeline clock by clock, against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::object::{Linked, Map};
use bpf2hdl::{ir, opt};
use support::forms::{check, verify};
use support::{hash, lpm};

#[test]
fn look_ups_find_what_the_kernel_finds() {
    if !support::kernel_or_skip("look_ups_find_what_the_kernel_finds") {
        return;
    }
    for (seed, (program, options)) in (1..).zip(lpm::PROGRAMS) {
        let linked = lpm::c_program(program, options);
        for (what, fill) in [("empty", 0), ("some", 40), ("full", 100)] {
            let before = lpm::contents(seed, &linked, fill);
            let packets = lpm::frames(seed, if fill == 0 { 50 } else { 1500 }, &before);
            check(&format!("{program} {options}, {what}"), &linked, &before, &packets);
        }
    }
}

/// Packets of one entry with different keys: nothing but the slot tells that they are after the same value.
#[test]
fn storms_on_one_entry_agree() {
    if !support::kernel_or_skip("storms_on_one_entry_agree") {
        return;
    }
    for (program, options) in lpm::PROGRAMS.into_iter().take(4) {
        let linked = lpm::c_program(program, options);
        let before = lpm::contents(9, &linked, 50);
        for entries in before.maps.values() {
            let key = entries.keys().nth(entries.len() / 2).expect("an entry");
            check(&format!("{program} {options}, storm"), &linked, &before, &lpm::storm(3, 400, key));
        }
    }
}

#[test]
fn exclusive_look_ups_are_one() {
    let steps = |program: &str, options: &str| {
        let f = opt::optimize(verify(&lpm::c_program(program, options)).expect("it verifies"), &opt::Goal::default());
        f.defs.iter().filter(|def| matches!(def.op, ir::Op::Directory { .. })).count()
    };
    assert_eq!(steps("routes.c", ""), 2, "one for each trie");
    assert_eq!(steps("lengths.c", ""), 1, "one key of a chosen length; none of an impossible one");
    assert_eq!(steps("several.c", ""), 3, "source, destination, and the one behind");
}

fn refusal(linked: &Linked) -> Diagnostics {
    verify(linked).expect_err("refused")
}

#[test]
fn changes_of_prefixes_are_refused_with_advice() {
    for options in ["", "-DFORGET"] {
        let found = refusal(&lpm::c_program("learn.c", options));
        let item = found.errors().next().expect("a finding");
        assert_eq!(item.code, Code::MapOperation, "{found}");
        assert!(item.to_string().contains("packets can not change its prefixes"), "{found}");
    }
}

#[test]
fn sizes_beyond_the_kernel_and_the_hardware_are_refused() {
    let program = |key: u32, entries: u32, flags: u32| {
        let map = Map { flags, ..hash::map(11, "table", key, 8, entries) };
        support::program("r1 = map[fd:0]\nr0 = 2\nexit\n", vec![map])
    };
    let cases = [
        (4, 10, 1, Code::MapGeometry),
        (261, 10, 1, Code::MapGeometry),
        (8, 0, 1, Code::MapGeometry),
        (8, 10, 0, Code::MapGeometry),
        (65, 10, 1, Code::MapSizeLimit),
        (8, 1 << 19, 1, Code::MapSizeLimit),
    ];
    for (key, entries, flags, code) in cases {
        let linked = program(key, entries, flags);
        assert!(refusal(&linked).contains(code), "{key} {entries} {flags}");
        let is_taken = support::kernel(&linked).is_ok();
        assert_eq!(is_taken, code == Code::MapSizeLimit, "the kernel: {key} {entries} {flags}");
    }
    assert!(verify(&program(64, (1 << 19) - 1, 1)).is_ok());
}
