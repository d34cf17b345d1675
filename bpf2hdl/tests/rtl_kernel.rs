// SPDX-License-Identifier: Apache-2.0
//! Emitted hardware in Verilator against the running kernel: the check that the comparison bites. Random programs are the
//! business of `testbench/campaign/tests/fuzz.rs`.

mod design_folder;
mod support;

use bpf2hdl::ir::{Binary, Compare, Function, Op};
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::Runs;
use bpf2hdl::{Design, Optimize, Options, opt, oracle, sched, target, verify};
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{PacketSet, Silent, SimOptions, SimReport, SimRequest, simulate};
use support::generate;

fn options(bus_bits: u32, optimize: Optimize) -> Options {
    Options {
        target: target::find("xcup").expect("a target"),
        clock_mhz: 250.0,
        bus_bits,
        optimize,
        initiation_interval: 1,
    }
}

/// Schedules and emits a function that may have been tampered with.
fn build(linked: &Linked, function: Function, options: Options) -> Design {
    let (pipeline, warnings) = sched::schedule(linked, &function, &options).expect("it can be scheduled");
    let runs = Runs::new(&pipeline);
    Design { options, function, pipeline, runs, warnings }
}

/// Runs a design against the kernel.
fn run(design: &Design, linked: &Linked, name: &str, packets: &[Vec<u8>], options: SimOptions) -> SimReport {
    let folder = design_folder::write("rtl_kernel", name, design, linked);
    let set: PacketSet = packets.iter().map(Vec::as_slice).collect();
    let mut kernel = KernelOracle::load(&oracle::program(linked)).expect("the kernel takes it");
    let options = options.quick();
    let request = SimRequest { design: &folder, packets: &set, preload: None, oracle: Some(&mut kernel), options };
    simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A counter behind a branch, with everything that the mutations below touch.
fn specimen() -> Linked {
    let text = "r0 = 2\nr6 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr2 = r6\nr2 += 30\nif r2 > r8 goto out\n\
                r3 = *(u64 *)(r6 +14)\nr4 = *(u64 *)(r6 +22)\nr5 = r3\nr5 -= r4\nif r3 < r4 goto less\nr5 &= 255\nless:\n\
                *(u64 *)(r6 +14) = r5\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[fd:0]\ncall bpf_map_lookup_elem#1\n\
                if r0 == 0 goto none\nr1 = *(u64 *)(r0 +0)\nr1 += 1\n*(u64 *)(r0 +0) = r1\nnone:\nr0 = 3\nout:\nexit\n";
    support::program(text, vec![support::array("count", 8, 4)])
}

/// The oracle must bite: an operation that is lowered to another one shows up in the simulation of the hardware.
#[test]
fn a_wrong_lowering_is_noticed_in_hardware() {
    if !support::kernel_or_skip("a_wrong_lowering_is_noticed_in_hardware") {
        return;
    }
    let linked = specimen();
    let packets: Vec<Vec<u8>> = generate::packets(7, 200);
    let options = options(512, Optimize::Latency);
    let good = opt::optimize(verify::verify(&linked, &verify::LIMITS).expect("it verifies"), &options.goal());
    let right = run(&build(&linked, good.clone(), options), &linked, "specimen", &packets, SimOptions::default());
    assert_eq!(right.mismatches(), 0, "{good}\n{:#?}", right.comparison);

    let mutate = |what: &str, change: &dyn Fn(&mut Op) -> bool| {
        let mut wrong = good.clone();
        let changed =
            wrong.defs.iter_mut().filter(|d| d.width > 0).filter_map(|d| change(&mut d.op).then_some(())).count();
        assert!(changed > 0, "{what}: nothing to change in\n{good}");
        let report = run(&build(&linked, wrong, options), &linked, what, &packets, SimOptions::default());
        assert!(report.mismatches() > 0, "{what} goes unnoticed");
    };
    mutate("subtraction_adds", &|op| match op {
        Op::Binary(kind @ Binary::Sub, ..) => {
            *kind = Binary::Add;
            true
        }
        _ => false,
    });
    mutate("unsigned_is_signed", &|op| match op {
        Op::Compare(kind @ Compare::Ult, x, y) if x != y && good.width(*x) == 64 => {
            *kind = Compare::Slt;
            true
        }
        _ => false,
    });
    mutate("counter_counts_wrong", &|op| match op {
        Op::Binary(kind @ Binary::Add, ..) => {
            *kind = Binary::Or;
            true
        }
        _ => false,
    });
}
