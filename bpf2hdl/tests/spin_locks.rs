// SPDX-License-Identifier: Apache-2.0
//! Map values with a `bpf_spin_lock`: changes under the lock, updates that leave it alone, `BPF_F_LOCK`, in the IR after every pass and in the
//! pipeline clock by clock, against the running kernel; and every misuse that the kernel refuses.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::Code;
use bpf2hdl::ir;
use bpf2hdl::object::Linked;
use bpf2hdl::oracle::IrOracle;
use bpf2hdl::pipe::{self, CycleModel};
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::Oracle;
use support::generate::Numbers;
use support::hash;

fn c_program(name: &str, arguments: &str) -> Linked {
    hash::c_program(&format!("../lock/{name}"), arguments)
}

/// Commands on a few keys, not all of them in range.
fn packets(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    let packet = |n: &mut Numbers| {
        let mut bytes: Vec<u8> = (0..60).map(|_| n.bits() as u8).collect();
        bytes[1] = n.below(19) as u8;
        bytes[2] = n.pick(&[0, 0, 1, 2, 4, 4, 5, 6, 7, 8]);
        bytes
    };
    (0..count).map(|_| packet(&mut n)).collect()
}

#[test]
fn locked_values_equal_the_kernel() {
    if !support::kernel_or_skip("locked_values_equal_the_kernel") {
        return;
    }
    let programs = [
        "-DMAP_TYPE=2",
        "-DMAP_TYPE=2 -DLOCK_FIRST -DINSIDE",
        "-DMAP_TYPE=2 -DLOCK_LAST -DENTRIES=1",
        "-DMAP_TYPE=1",
        "-DMAP_TYPE=1 -DLOCK_FIRST -DDELETE",
        "-DMAP_TYPE=1 -DLOCK_LAST -DINSIDE -DENTRIES=40 -DDELETE",
    ];
    for (seed, options) in (1..).zip(programs) {
        let linked = c_program("count.c", options);
        let packets = packets(seed, 3000);
        let mut kernel = support::kernel(&linked).unwrap_or_else(|e| panic!("{options}: the kernel refuses it: {e}"));
        let wanted = support::run_oracle(&mut kernel, &packets);
        let after = kernel.maps().expect("readable");
        let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|d| panic!("{options}: {d:#?}"));
        for (pass, f) in opt::trace(function.clone(), &opt::Goal::default()) {
            ir::check(&f).unwrap_or_else(|e| panic!("{options}, after {pass}: {e:?}\n{f}"));
            let mut oracle = IrOracle::new(f.clone());
            for (i, (got, want)) in support::run_oracle(&mut oracle, &packets).iter().zip(&wanted).enumerate() {
                assert_eq!(got, want, "{options}, after {pass}, packet {i}: {:02x?}\n{f}", packets[i]);
            }
            assert_eq!(oracle.maps().expect("readable"), after, "{options}, after {pass}\n{f}");
        }
        let optimized = opt::optimize(function, &opt::Goal::default());
        for (name, clock_mhz) in [("xcup", 250.0), ("ecp5", 60.0)] {
            let target = target::find(name).expect("a target");
            let build =
                Options { target, clock_mhz, bus_bits: 512, optimize: Optimize::default(), initiation_interval: 1 };
            let (p, _) = sched::schedule(&linked, &optimized, &build).unwrap_or_else(|d| panic!("{options}: {d:#?}"));
            pipe::check(&p).unwrap_or_else(|e| panic!("{options}: {e:?}\n{p}"));
            let model = CycleModel::new(&p);
            let mut maps = model.initial_maps();
            let passages = model.run(hash::inputs(&packets), &mut maps);
            for (i, (got, want)) in passages.packets.iter().zip(&wanted).enumerate() {
                let data = if got.action < 2 { Vec::new() } else { got.apply(&packets[i]) };
                assert_eq!((got.action, &data), (want.action, &want.data), "{options}, {name}, packet {i}\n{p}");
            }
            assert_eq!(hash::contents(&optimized, &maps), after, "{options}, {name}\n{p}");
            let worst = p.maps.iter().map(|m| m.same_entry_clocks()).max().unwrap_or(1);
            println!("count.c {options}, {name}: {} stages, one packet in {worst} clocks at worst", p.stages());
        }
    }
}

/// The lock itself costs nothing: a section is what every access of a packet is.
#[test]
fn locks_leave_nothing_behind() {
    let operations = |options: &str| {
        let function = verify::verify(&c_program("wrong.c", options), &verify::LIMITS).expect("it verifies");
        opt::optimize(function, &opt::Goal::default()).defs.len()
    };
    assert_eq!(operations("-DWRONG=12"), operations("-DWRONG=12 -Dbpf_spin_lock(x)= -Dbpf_spin_unlock(x)="));
}

#[test]
fn misuse_is_refused_as_in_the_kernel() {
    let has_kernel = support::kernel_or_skip("misuse_is_refused_as_in_the_kernel");
    let cases = [
        ("-DWRONG=1", Code::SpinLock, "bpf_get_smp_processor_id is called while a lock is held"),
        ("-DWRONG=2", Code::SpinLock, "the program ends while a lock is held"),
        ("-DWRONG=3", Code::SpinLock, "is taken while another is held"),
        ("-DWRONG=4", Code::SpinLock, "given back that is not held"),
        ("-DWRONG=5", Code::SpinLock, "another lock is given back"),
        ("-DWRONG=6", Code::SpinLock, "read or written as a number"),
        ("-DWRONG=7", Code::SpinLock, "read or written as a number"),
        ("-DWRONG=8", Code::SpinLock, "not to the `struct bpf_spin_lock`"),
        ("-DWRONG=9", Code::SpinLock, "it has to be in a map value"),
        ("-DWRONG=10", Code::UnsupportedMapType, "hold a `struct bpf_spin_lock`"),
        ("-DWRONG=11", Code::UnsupportedMapType, "hold a `struct bpf_timer`"),
        ("-DWRONG=12 -DMAP_TYPE=6", Code::UnsupportedMapType, "hold a `struct bpf_spin_lock`"),
        ("-DWRONG=12 -DMAP_TYPE=9", Code::UnsupportedMapType, "of type lru_hash"),
    ];
    for (options, code, text) in cases {
        let linked = c_program("wrong.c", options);
        let found = verify::verify(&linked, &verify::LIMITS).expect_err(options);
        let item = found.errors().next().expect("a finding");
        assert_eq!(item.code, code, "{options}: {found}");
        assert!(item.to_string().contains(text), "{options}: {found}");
        // A timer alone is no fault to the kernel.
        if has_kernel && options != "-DWRONG=11" {
            assert!(support::kernel(&linked).is_err(), "{options}: the kernel takes it");
        }
    }
    if has_kernel {
        assert!(support::kernel(&c_program("wrong.c", "-DWRONG=12")).is_ok());
    }
}
