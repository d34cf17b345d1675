// SPDX-License-Identifier: Apache-2.0
//! LPM tries: what look-ups find, in the IR after every pass and in the pipeline clock by clock, against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::ir::{self, MapId, MapState};
use bpf2hdl::object::{Linked, Map};
use bpf2hdl::oracle::IrOracle;
use bpf2hdl::pipe::{self, CycleModel, StepPort};
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::{MapContents, Oracle};
use support::{Result1, hash, lpm};

fn verify(linked: &Linked) -> Result<ir::Function, Diagnostics> {
    verify::verify(linked, &verify::LIMITS)
}

/// Packets, what is in the maps before them, and what the kernel makes of it.
struct Wanted<'a> {
    packets: &'a [Vec<u8>],
    before: &'a MapContents,
    results: Vec<Result1>,
    after: MapContents,
}

/// The kernel and the IR after every pass, packet by packet and then the maps.
fn check(what: &str, linked: &Linked, before: &MapContents, packets: &[Vec<u8>]) {
    let mut kernel = support::kernel(linked).unwrap_or_else(|e| panic!("{what}: the kernel refuses it: {e}"));
    kernel.load_maps(before).unwrap_or_else(|e| panic!("{what}: {e}"));
    let results = support::run_oracle(&mut kernel, packets);
    let wanted = Wanted { packets, before, results, after: kernel.maps().expect("readable") };
    let function = verify(linked).unwrap_or_else(|d| panic!("{what}: {d:#?}"));
    for (pass, f) in opt::trace(function, &opt::Goal::default()) {
        ir::check(&f).unwrap_or_else(|e| panic!("{what}, after {pass}: {e:?}\n{f}"));
        let mut oracle = IrOracle::new(f.clone());
        oracle.load_maps(before).expect("it fits");
        let results = support::run_oracle(&mut oracle, packets);
        for (i, (got, want)) in results.iter().zip(&wanted.results).enumerate() {
            assert_eq!(got, want, "{what}, after {pass}, packet {i}: {:02x?}\n{f}", packets[i]);
        }
        assert_eq!(oracle.maps().expect("readable"), wanted.after, "{what}, after {pass}\n{f}");
        assert_eq!(ir::parse(&f.to_string()).as_ref(), Ok(&f), "{what}, after {pass}");
    }
    for (name, clock_mhz) in [("xcup", 250.0), ("xcup", 600.0), ("ecp5", 60.0)] {
        check_pipeline(what, linked, &wanted, name, clock_mhz);
    }
}

fn check_pipeline(what: &str, linked: &Linked, wanted: &Wanted<'_>, name: &str, clock_mhz: f64) {
    let function = opt::optimize(verify(linked).expect("verified above"), &opt::Goal::default());
    let target = target::find(name).expect("a target");
    let options = Options { target, clock_mhz, bus_bits: 512, optimize: Optimize::default() };
    let Ok((p, _)) = sched::schedule(linked, &function, &options) else { return };
    let what = format!("{what}, pipeline for {name} at {clock_mhz} MHz");
    pipe::check(&p).unwrap_or_else(|e| panic!("{what}: {e:?}\n{p}"));
    assert_eq!(pipe::parse(&p.to_string()).as_ref(), Ok(&p), "{what}");
    let model = CycleModel::new(&p);
    let mut maps = model.initial_maps();
    fill(&function, &mut maps, wanted.before);
    let passages = model.run(hash::inputs(wanted.packets), &mut maps);
    for (i, (got, want)) in passages.packets.iter().zip(&wanted.results).enumerate() {
        let data = if got.action < 2 { Vec::new() } else { got.apply(&wanted.packets[i]) };
        assert_eq!((got.action, &data), (want.action, &want.data), "{what}, packet {i}\n{p}");
    }
    assert_eq!(hash::contents(&function, &maps), wanted.after, "{what}\n{p}");
    let worst = p.maps.iter().map(|m| m.same_entry_clocks()).max().unwrap_or(1);
    let steps: Vec<&StepPort> = p.maps.iter().flat_map(|m| &m.steps).collect();
    println!("{what}: {} stages, {} look-ups, one packet in {worst} clocks at worst", p.stages(), steps.len());
}

fn fill(f: &ir::Function, maps: &mut MapState, contents: &MapContents) {
    for (name, entries) in &contents.maps {
        let map = MapId::new(f.maps.iter().position(|map| map.name == *name).expect("a map"));
        for (key, value) in entries {
            maps.insert(map, key, value).expect("it fits");
        }
    }
}

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
