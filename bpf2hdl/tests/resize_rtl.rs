// SPDX-License-Identifier: Apache-2.0
//! Programs that change the packet's extent in emitted hardware, in Verilator, against the running kernel: packets, metadata,
//! maps, and the clocks that they take.
//!
//! Each program is built for one bus width; `BPF2HDL_RESIZE_BUSES=64,256,512` builds it for each of these.
//! `BPF2HDL_RESIZE=NAME` runs one program only.

mod design_folder;
mod object_support;
mod resize_support;
mod support;

use std::path::{Path, PathBuf};

use bpf2hdl::object::Linked;
use bpf2hdl::pipe::EditPort;
use bpf2hdl::{Design, Optimize, Options, compile, oracle, rtl, target};
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{Action, PacketSet, ReadyPattern, Silent, SimOptions, SimReport, SimRequest, simulate};
use resize_support::{frames, program, programs};

fn buses(position: usize) -> Vec<u32> {
    match std::env::var("BPF2HDL_RESIZE_BUSES") {
        Ok(list) => list.split(',').map(|bus| bus.trim().parse().expect("bus widths, separated by commas")).collect(),
        Err(_) => vec![[512, 64, 256, 128][position % 4]],
    }
}

fn build(linked: &Linked, bus_bits: u32) -> Design {
    let target = target::find("xcup").expect("a target");
    let options = Options { target, clock_mhz: 250.0, bus_bits, optimize: Optimize::Latency, initiation_interval: 1 };
    compile(linked, &options).unwrap_or_else(|d| panic!("{}: {d:#?}", linked.name))
}

fn write(design: &Design, linked: &Linked) -> PathBuf {
    let name = format!("{}_{}", linked.name, design.options.bus_bits);
    design_folder::write("resize_rtl", &name, design, linked)
}

fn run(folder: &Path, linked: &Linked, packets: &[Vec<u8>], options: SimOptions) -> SimReport {
    let set: PacketSet = packets.iter().map(Vec::as_slice).collect();
    let mut kernel = KernelOracle::load(&oracle::program(linked)).expect("the kernel takes it");
    let options = options.quick();
    let request = SimRequest { design: folder, packets: &set, preload: None, oracle: Some(&mut kernel), options };
    let report = simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{}: {e}", linked.name));
    let comparison = report.comparison.as_ref().expect("compared");
    assert_eq!(report.mismatches(), 0, "{}\n{:#?}\n{:#?}", linked.name, comparison.explained, report.checks);
    assert_eq!(comparison.compared, packets.len() as u64, "{}", linked.name);
    report
}

/// Clocks that the packets take at least: each as many as it has beats, coming or going, or as its map's section asks for.
fn least_clocks(report: &SimReport, packets: &[Vec<u8>], design: &Design) -> u64 {
    let beat = design.options.bus_bits as usize / 8;
    let apart = design.pipeline.maps.iter().map(rtl::interlock_clocks).max().unwrap_or(1);
    let (mut passed, mut sent) = (0, 0);
    let beats = |bytes: usize| bytes.div_ceil(beat) as u64;
    let (mut input, mut splice) = (0, 0);
    for (packet, verdict) in packets.iter().zip(&report.verdicts) {
        let out = match verdict.action {
            Action::Pass => {
                passed += 1;
                let metadata = report.pass.metadata(passed - 1).expect("it came out");
                usize::from(verdict.length) + metadata.len()
            }
            Action::Tx => {
                sent += 1;
                verdict.length.into()
            }
            _ => 0,
        };
        input += beats(packet.len());
        splice += if out == 0 { 1 } else { beats(packet.len()).max(beats(out)) };
    }
    assert_eq!((passed, sent), (report.pass.len(), report.tx.len()), "no frame is lost");
    input.max(splice).max(u64::from(apart) * packets.len() as u64)
}

/// The comparison bites: a head that is a byte off, an end, metadata.
#[test]
fn a_wrong_extent_is_noticed_in_hardware() {
    if !support::kernel_or_skip("a_wrong_extent_is_noticed_in_hardware") {
        return;
    }
    let linked = program("metadata");
    let mut design = build(&linked, 256);
    let metadata = design.pipeline.resize.metadata.as_mut().expect("the program has some");
    metadata.add += 4;
    metadata.places.iter_mut().for_each(|place| *place += 4);
    let first = -design.pipeline.resize.most_metadata();
    let mut more: Vec<_> =
        (first..first + 4).map(|offset| EditPort { offset, ..design.pipeline.edits[0].clone() }).collect();
    more.append(&mut design.pipeline.edits);
    design.pipeline.edits = more;
    assert!(mismatches(&design, &linked) > 0, "wrong metadata goes unnoticed");
    let linked = program("icmp_too_big");
    let mut design = build(&linked, 256);
    design.pipeline.resize.end.as_mut().expect("the program cuts the tail").add += 1;
    assert!(mismatches(&design, &linked) > 0, "a wrong end goes unnoticed");
}

fn mismatches(design: &Design, linked: &Linked) -> u64 {
    let packets = frames(&linked.name, 300);
    let set: PacketSet = packets.iter().map(Vec::as_slice).collect();
    let mut kernel = KernelOracle::load(&oracle::program(linked)).expect("the kernel takes it");
    let folder = write(design, linked);
    let options = SimOptions::default().quick();
    let request = SimRequest { design: &folder, packets: &set, preload: None, oracle: Some(&mut kernel), options };
    simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{}: {e}", linked.name)).mismatches()
}

#[test]
fn resized_packets_in_hardware_equal_the_kernel() {
    if !support::kernel_or_skip("resized_packets_in_hardware_equal_the_kernel") {
        return;
    }
    for (position, name) in programs().into_iter().enumerate() {
        let linked = program(&name);
        for bus in buses(position) {
            let design = build(&linked, bus);
            let folder = write(&design, &linked);
            let packets = frames(&name, 1500);
            let full = run(&folder, &linked, &packets, SimOptions::default());
            let least = least_clocks(&full, &packets, &design);
            let most = least * 100 / 99 + 400;
            assert!(full.cycles <= most, "{name}, {bus} bits: {} clocks, at least {least} are needed", full.cycles);
            let random = ReadyPattern::Random { numerator: 1, denominator: 2 };
            let stalls = SimOptions {
                pass_ready: random,
                tx_ready: ReadyPattern::Adversarial,
                seed: 5,
                ..SimOptions::default()
            };
            run(&folder, &linked, &packets, stalls);
            // Smallest frames, back to back: the rate is that of the beats that leave.
            let small: Vec<Vec<u8>> =
                packets.iter().map(|p| p.iter().copied().chain([0; 60]).take(60).collect()).collect();
            let full = run(&folder, &linked, &small, SimOptions::default());
            let least = least_clocks(&full, &small, &design);
            let most = least * 100 / 99 + 400;
            assert!(full.cycles <= most, "{name}, {bus} bits, 60 bytes: {} clocks instead of {least}", full.cycles);
        }
    }
}
