// SPDX-License-Identifier: Apache-2.0
//! Hash maps: what the helpers do, in the IR after every pass and in the pipeline clock by clock, against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::ir;
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::{self, CycleModel};
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::Oracle;
use support::generate::Numbers;
use support::hash;

/// Kernel map types by number, and whether their elements can be evicted.
const KINDS: [(u32, &str); 4] = [(1, "hash"), (5, "percpu_hash"), (9, "lru_hash"), (10, "lru_percpu_hash")];

fn verify(linked: &Linked) -> Result<bpf2hdl::ir::Function, Diagnostics> {
    verify::verify(linked, &verify::LIMITS)
}

/// The kernel and the IR after every pass, packet by packet and then the maps.
fn check(what: &str, linked: &Linked, packets: &[Vec<u8>]) {
    let mut kernel = support::kernel(linked).unwrap_or_else(|e| panic!("{what}: the kernel refuses it: {e}"));
    let expected = support::run_oracle(&mut kernel, packets);
    let contents = kernel.maps().expect("readable");
    let function = verify(linked).unwrap_or_else(|d| panic!("{what}: {d:#?}"));
    for (pass, f) in opt::trace(function, &opt::Goal::default()) {
        let (results, maps) = hash::run_ir(&f, packets);
        for (i, (got, want)) in results.iter().zip(&expected).enumerate() {
            assert_eq!(got, want, "{what}, after {pass}, packet {i}: {:02x?}\n{f}", packets[i]);
        }
        assert_eq!(maps, contents, "{what}, after {pass}\n{f}");
        assert_eq!(ir::parse(&f.to_string()).as_ref(), Ok(&f), "{what}, after {pass}");
    }
    let function = opt::optimize(verify(linked).expect("verified above"), &opt::Goal::default());
    for (name, clock_mhz) in [("xcup", 250.0), ("xcup", 600.0), ("ecp5", 60.0)] {
        let options = Options {
            target: target::find(name).expect("a target"),
            clock_mhz,
            bus_bits: 512,
            optimize: Optimize::default(),
            initiation_interval: 1,
        };
        let Ok((p, _)) = sched::schedule(linked, &function, &options) else { continue };
        let what = format!("{what}, pipeline for {name} at {clock_mhz} MHz");
        pipe::check(&p).unwrap_or_else(|e| panic!("{what}: {e:?}\n{p}"));
        assert_eq!(pipe::parse(&p.to_string()).as_ref(), Ok(&p), "{what}");
        let model = CycleModel::new(&p);
        let mut maps = model.initial_maps();
        let passages = model.run(hash::inputs(packets), &mut maps);
        for (i, (got, want)) in passages.packets.iter().zip(&expected).enumerate() {
            let data = if got.action < 2 { Vec::new() } else { got.apply(&packets[i]) };
            assert_eq!((got.action, &data), (want.action, &want.data), "{what}, packet {i}\n{p}");
        }
        assert_eq!(hash::contents(&function, &maps), contents, "{what}\n{p}");
        let what = what.lines().next().unwrap_or_default().to_owned();
        let worst = p.maps.iter().map(|m| m.same_entry_clocks()).max().unwrap_or(1);
        println!("{what}: {} stages, one packet in {worst} clocks at worst", p.stages());
    }
}

#[test]
fn the_helpers_do_what_the_kernel_does() {
    if !support::kernel_or_skip("the_helpers_do_what_the_kernel_does") {
        return;
    }
    for (kind, name) in KINDS {
        // A full LRU map drops other keys than the kernel's does: those stay far from full.
        let entries = if name.starts_with("lru") { 1000 } else { 8 };
        for (shape, defines) in [("short", "-DLONG_VALUE=1"), ("long", "-DLONG_KEY -DLONG_VALUE=150")] {
            let options = format!("-DMAP_TYPE={kind} -DENTRIES={entries} {defines}");
            let linked = hash::c_program("api.c", &options);
            check(&format!("{name} {shape}"), &linked, &hash::commands(u64::from(kind), 3000, 14, 3));
        }
    }
    let linked = hash::c_program("api.c", "-DMAP_TYPE=1 -DMAP_FLAGS=1 -DLONG_VALUE=1");
    check("hash without preallocation", &linked, &hash::commands(7, 3000, 14, 3));
    for (kind, name) in [(2u32, "array"), (6, "percpu_array")] {
        let linked = hash::c_program("api.c", &format!("-DMAP_TYPE={kind} -DLONG_VALUE=1"));
        check(name, &linked, &hash::commands(u64::from(kind), 2000, 12, 3));
    }
}

#[test]
fn keys_and_values_come_from_anywhere() {
    if !support::kernel_or_skip("keys_and_values_come_from_anywhere") {
        return;
    }
    let linked = hash::c_program("sources.c", "");
    let mut n = Numbers::new(3);
    let packets: Vec<Vec<u8>> = (0..3000)
        .map(|_| {
            let mut p: Vec<u8> = (0..40).map(|_| n.bits() as u8).collect();
            p[1] = n.below(5) as u8;
            p[6..12].copy_from_slice(&[n.below(60) as u8, 0, 0, 1, 2, 3]);
            p[12..14].copy_from_slice(&[n.below(200) as u8, 8]);
            p
        })
        .collect();
    check("sources", &linked, &packets);
}

#[test]
fn whole_programs_agree() {
    if !support::kernel_or_skip("whole_programs_agree") {
        return;
    }
    for (program, options) in hash::PROGRAMS {
        let linked = hash::c_program(program, options);
        check(&format!("{program} {options}"), &linked, &hash::traffic(5, 4000, 300));
        check(&format!("{program} {options}, one flow"), &linked, &hash::traffic(6, 500, 1));
    }
}

/// Entries of a map under several keys: few of them, so that keys meet, and more than the maps hold.
#[test]
fn several_keys_of_one_map_agree() {
    if !support::kernel_or_skip("several_keys_of_one_map_agree") {
        return;
    }
    for (program, options) in hash::SEVERAL {
        let linked = hash::c_program(program, options);
        check(&format!("{program} {options}"), &linked, &hash::traffic(15, 3000, 400));
        check(&format!("{program} {options}, few flows"), &linked, &hash::traffic(16, 1000, 3));
        check(&format!("{program} {options}, bytes"), &linked, &hash::bytes(17, 1000));
    }
    // Keys and commands of any kind, of maps in RAM that fill up.
    for (kind, name) in [(1u32, "hash"), (5, "percpu_hash"), (9, "lru_hash"), (2, "array"), (6, "percpu_array")] {
        let entries = if name == "lru_hash" { 1000 } else { 100 };
        for commands in [2, 3] {
            let options = format!("-DMAP_TYPE={kind} -DENTRIES={entries} -DLONG_VALUE=90 -DCOMMANDS={commands}");
            let linked = hash::c_program("api.c", &options);
            check(&format!("{name}, {commands} keys"), &linked, &hash::commands(u64::from(kind), 3000, 130, commands));
            check(&format!("{name}, {commands} few keys"), &linked, &hash::commands(9, 1000, 3, commands));
        }
    }
}

/// What a program may not do with a pointer after an update, in assembler: look up, update the same key, then follow.
#[test]
fn pointers_to_replaced_elements_are_refused() {
    let program = |kind: u32, middle: &str, key: i32| {
        let text = format!(
            "r0 = 2\nr6 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr2 = r6\nr2 += 30\nif r2 > r8 goto out\n\
             *(u32 *)(r10 -4) = 1\n*(u32 *)(r10 -8) = {key}\n*(u64 *)(r10 -16) = 5\n\
             r2 = r10\nr2 += -4\nr1 = map[fd:0]\ncall bpf_map_lookup_elem#1\nif r0 == 0 goto out\nr7 = r0\n\
             {middle}r0 = *(u64 *)(r7 +0)\nr0 &= 1\nout:\nexit\n"
        );
        support::program(&text, vec![hash::map(kind, "table", 4, 8, 10)])
    };
    let update = "r2 = r10\nr2 += -8\nr3 = r10\nr3 += -16\nr4 = 0\nr1 = map[fd:0]\ncall bpf_map_update_elem#2\n";
    let new_only = update.replace("r4 = 0", "r4 = 1");
    let delete = "r2 = r10\nr2 += -4\nr1 = map[fd:0]\ncall bpf_map_delete_elem#3\n";
    let is_refused = |kind, middle: &str, key| match verify(&program(kind, middle, key)) {
        Ok(_) => false,
        Err(found) => {
            assert!(found.contains(Code::ReplacedElement), "{found:#?}");
            true
        }
    };
    for kind in [1, 9] {
        assert!(is_refused(kind, update, 1), "replaced");
        assert!(!is_refused(kind, update, 2), "another key");
        assert!(!is_refused(kind, &new_only, 1), "a key that is there is not replaced");
    }
    for kind in [5, 10] {
        assert!(!is_refused(kind, update, 1), "per-CPU values are written in place");
    }
    for kind in [1, 5, 9, 10] {
        assert!(!is_refused(kind, delete, 1), "a deleted element keeps its contents");
        assert!(is_refused(kind, &format!("{delete}{update}"), 2), "until another key takes it");
    }
}

/// A key's look-up, insertion and deletion, also where the compiler has copied the look-up, are one step of the hardware.
#[test]
fn one_key_is_one_step() {
    let programs = hash::PROGRAMS.iter().filter(|(program, _)| *program != "dnat.c");
    for (program, options) in programs {
        let linked = hash::c_program(program, options);
        let function = opt::optimize(verify(&linked).expect("it verifies"), &opt::Goal::default());
        let is_step = |def: &&ir::Def| matches!(def.op, ir::Op::Directory { .. });
        assert_eq!(function.defs.iter().filter(is_step).count(), 1, "{program} {options}\n{function}");
    }
}

#[test]
fn sizes_beyond_the_hardware_are_refused() {
    let program = |key: u32, entries: u32| {
        let text = "r1 = map[fd:0]\nr0 = 2\nexit\n";
        support::program(text, vec![hash::map(1, "table", key, 8, entries)])
    };
    for (key, entries, code) in
        [(65, 10, Code::MapSizeLimit), (4, 1 << 21, Code::MapSizeLimit), (0, 10, Code::MapGeometry)]
    {
        let found = verify(&program(key, entries)).expect_err("too large");
        assert!(found.contains(code), "{found:#?}");
    }
    assert!(verify(&program(64, 1 << 20)).is_ok());
}
