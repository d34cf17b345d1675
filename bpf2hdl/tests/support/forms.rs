// SPDX-License-Identifier: Apache-2.0
//! A program with contents of its maps against the running kernel: the IR after every pass, and the pipeline clock by clock.

use super::{Result1, hash, kernel, run_oracle};
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::ir;
use bpf2hdl::object::Linked;
use bpf2hdl::oracle::IrOracle;
use bpf2hdl::pipe::{self, CycleModel, StepPort};
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::{MapContents, Oracle};

/// The code as it leaves the front end.
pub(crate) fn verify(linked: &Linked) -> Result<ir::Function, Diagnostics> {
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
pub(crate) fn check(what: &str, linked: &Linked, before: &MapContents, packets: &[Vec<u8>]) {
    let mut kernel = kernel(linked).unwrap_or_else(|e| panic!("{what}: the kernel refuses it: {e}"));
    kernel.load_maps(before).unwrap_or_else(|e| panic!("{what}: {e}"));
    let results = run_oracle(&mut kernel, packets);
    let wanted = Wanted { packets, before, results, after: kernel.maps().expect("readable") };
    let function = verify(linked).unwrap_or_else(|d| panic!("{what}: {d:#?}"));
    for (pass, f) in opt::trace(function, &opt::Goal::default()) {
        ir::check(&f).unwrap_or_else(|e| panic!("{what}, after {pass}: {e:?}\n{f}"));
        let mut oracle = IrOracle::new(f.clone());
        oracle.load_maps(before).expect("it fits");
        let results = run_oracle(&mut oracle, packets);
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
    let options = Options { target, clock_mhz, bus_bits: 512, optimize: Optimize::default(), initiation_interval: 1 };
    let Ok((p, _)) = sched::schedule(linked, &function, &options) else { return };
    let what = format!("{what}, pipeline for {name} at {clock_mhz} MHz");
    pipe::check(&p).unwrap_or_else(|e| panic!("{what}: {e:?}\n{p}"));
    assert_eq!(pipe::parse(&p.to_string()).as_ref(), Ok(&p), "{what}");
    let model = CycleModel::new(&p);
    let mut oracle = IrOracle::with_state(function.clone(), model.initial_maps());
    oracle.load_maps(wanted.before).expect("it fits");
    let mut maps = oracle.state().clone();
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
