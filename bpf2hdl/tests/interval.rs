// SPDX-License-Identifier: Apache-2.0
//! Initiation intervals: what stages share then, that the pipeline says so in its text, and that in Verilator packets, verdicts and maps
//! are those of the kernel, at the rate that was asked for. Random programs with intervals: `testbench/campaign`.

mod design_folder;
mod object_support;
mod support;

use bpf2hdl::ir::MapId;
use bpf2hdl::object::Linked;
use bpf2hdl::{Design, Optimize, Options, compile, report, rtl, target};
use bpf2hdl_testbench::{ReadyPattern, SimOptions};
use support::generate::Numbers;

fn program() -> Linked {
    let bytes = object_support::compile("interval/units.c", &[]);
    let object = object_support::parse(&bytes, "units");
    object.link(object.select(None).expect("one program")).expect("it links")
}

fn build(linked: &Linked, initiation_interval: u32) -> Design {
    let target = target::find("ecp5").expect("a target");
    let options =
        Options { target, clock_mhz: 125.0, bus_bits: 64, optimize: Optimize::default(), initiation_interval };
    compile(linked, &options).unwrap_or_else(|d| panic!("{d:#?}"))
}

/// How often a module is instantiated in the pipeline.
fn count(design: &Design, linked: &Linked, module: &str) -> usize {
    let files = rtl::emit(design, linked, &[0; 32]);
    let text = files.iter().find(|file| file.path == "bpf_pipeline.sv").expect("a pipeline");
    text.contents.lines().filter(|line| line.trim_start().starts_with(&format!("{module} "))).count()
}

#[test]
fn stages_share_registers_ports_and_units() {
    let linked = program();
    let (one, few, many) = (build(&linked, 1), build(&linked, 8), build(&linked, 120));
    let bits = [&one, &few, &many].map(|design| design.runs.total_bits());
    assert!(bits[1] * 2 < bits[0] && bits[2] <= bits[1], "{bits:?}");
    // The three divisions by what packets hold, and the four products.
    assert_eq!(count(&one, &linked, "bpf_divider") + count(&one, &linked, "bpf_divider_serial"), 3);
    assert!(count(&one, &linked, "bpf_multiplier") > count(&many, &linked, "bpf_multiplier"));
    assert_eq!((count(&many, &linked, "bpf_divider"), count(&one, &linked, "bpf_divider_serial")), (0, 0));
    // Three reads of an array, by what the one before gave, and two look-ups of a hash map.
    let map = |name: &str| MapId::new(one.pipeline.maps.iter().position(|unit| unit.map.name == name).expect("a map"));
    let ports = |design: &Design| design.pipeline.replicas(map("scale"));
    assert_eq!((ports(&one), ports(&many)), (3, 1));
    let steps = |design: &Design| design.pipeline.step_ports(&design.pipeline.maps[map("hops").index()]).len();
    assert!(steps(&many) <= steps(&one), "{} {}", steps(&many), steps(&one));
    // Nobody has to wait where a packet has left the section before the next one comes.
    assert!(!one.pipeline.entrances().is_empty());
    assert_eq!(many.pipeline.entrances(), [] as [u32; 0]);
}

#[test]
fn the_interval_is_part_of_the_pipeline_and_of_the_report() {
    let linked = program();
    let design = build(&linked, 8);
    let text = design.pipeline.to_string();
    assert!(text.lines().next().is_some_and(|line| line.contains(" interval 8 ")), "{text}");
    assert_eq!(bpf2hdl::pipe::parse(&text).as_ref(), Ok(&design.pipeline));
    let report = serde_json::to_value(report::report(&design, &linked, "", 0.0)).expect("JSON");
    assert_eq!(report["initiation_interval"], 8);
    for map in report["maps"].as_array().expect("maps") {
        assert!(map["worst_case_packets_per_cycle"].as_f64().is_some_and(|rate| rate <= 0.125), "{map:#}");
    }
}

#[test]
fn intervals_run_as_in_the_kernel() {
    if !support::kernel_or_skip("intervals_run_as_in_the_kernel") {
        return;
    }
    let linked = program();
    let mut n = Numbers::new(25);
    let frames: Vec<Vec<u8>> = (0..1500)
        .map(|_| {
            let mut frame: Vec<u8> = (0..60 + n.below(8)).map(|_| n.below(256) as u8).collect();
            frame[32..36].copy_from_slice(&(n.below(40) as u32).to_le_bytes());
            frame
        })
        .collect();
    let packets = design_folder::frames(&frames);
    for interval in [5, 120] {
        let name = format!("interval {interval}");
        let design = build(&linked, interval);
        let folder = design_folder::write("interval", &name, &design, &linked);
        let full = SimOptions::default().quick();
        let report = design_folder::run(&linked, &folder, &name, (None, &packets), full.clone());
        let rate = report.packets_per_cycle * f64::from(interval);
        // A frame's token leaves with its eighth beat.
        let most = f64::from(interval) / f64::from(interval + 7);
        assert!(rate <= 1.0 && (interval == 5 || rate >= 0.95 * most), "{name}: {rate} of an interval");
        let random = ReadyPattern::Random { numerator: 1, denominator: 3 };
        let stalls = SimOptions { pass_ready: random, tx_ready: random, ..full };
        design_folder::run(&linked, &folder, &name, (None, &packets), stalls);
    }
}
