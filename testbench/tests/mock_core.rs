// SPDX-License-Identifier: Apache-2.0
//! The whole way from packets to a report, on a small hand-made core; with and without faults.

mod mock;

use bpf2hdl_host::Registers;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers::Counter;
use bpf2hdl_testbench::*;
use mock::{MockOracle, design};
use std::path::Path;

/// `count` packets of sizes that walk through `sizes`, all actions in turn.
fn packets(count: usize, sizes: std::ops::Range<usize>) -> PacketSet {
    let mut set = PacketSet::new();
    for number in 0..count {
        let size = sizes.start + number % sizes.len();
        let mut data: Vec<u8> = (0..size).map(|at| (at * 7 + number) as u8).collect();
        data[0] = (number % 11) as u8;
        set.push(&data, PacketContext::default());
    }
    set
}

fn run(design: &Path, packets: &PacketSet, options: SimOptions) -> Result<SimReport, Error> {
    let mut oracle = MockOracle::default();
    simulate(SimRequest { design, packets, preload: None, oracle: Some(&mut oracle), options }, &mut Silent)
}

#[track_caller]
fn assert_clean(report: &SimReport, packets: usize) {
    let comparison = report.comparison.as_ref().unwrap();
    assert_eq!(report.mismatches(), 0, "{:#?} {:#?}", report.checks, comparison.explained);
    assert_eq!(comparison.compared, packets as u64);
    assert_eq!(comparison.maps, MapsCompared::Equal);
}

#[test]
fn full_rate_on_both_buses() {
    for bus in [64, 512] {
        let folder = design(&format!("full{bus}"), bus, "");
        let minimal = (bus / 8) as usize;
        let set = packets(10_000, minimal..minimal + 1);
        let report = run(folder.path(), &set, SimOptions::default()).unwrap();
        assert_clean(&report, 10_000);
        assert!(report.packets_per_cycle > 0.999, "{}", report.packets_per_cycle);
        assert_eq!(report.input_stall_cycles, 0);
        assert_eq!(report.latency_cycles, Some(MinMax { min: 2, max: 2 }));
        assert_eq!(report.beats, 10_000);
        assert_eq!(report.counters.get(Counter::RxPackets), 10_000);
        let again = run(folder.path(), &set, SimOptions::default()).unwrap();
        assert!(again.model_cached && again.build_seconds < 1.0, "{}", again.build_seconds);
    }
}

#[test]
fn every_size_and_every_pattern() {
    for bus in [64, 512] {
        let folder = design(&format!("sizes{bus}"), bus, "");
        let set = packets(3_000, 1..1515);
        let patterns = [
            (SourcePattern::FullRate, ReadyPattern::Always),
            (
                SourcePattern::Random { numerator: 1, denominator: 3 },
                ReadyPattern::Random { numerator: 2, denominator: 3 },
            ),
            (SourcePattern::FullRate, ReadyPattern::Adversarial),
        ];
        for (seed, (source, ready)) in (1..).zip(patterns) {
            let options = SimOptions { source, pass_ready: ready, tx_ready: ready, seed, ..SimOptions::default() };
            let report = run(folder.path(), &set, options).unwrap();
            assert_clean(&report, 3_000);
            assert_eq!(report.pass.len() as u64, report.actions[2]);
            assert_eq!(report.tx.modified(0), Some(true));
        }
    }
}

#[test]
fn losses_are_counted_and_not_mismatches() {
    let folder = design("lossy", 64, "");
    let set = packets(2_000, 64..600);
    let ready = ReadyPattern::Random { numerator: 1, denominator: 20 };
    let options = SimOptions { pass_ready: ready, lossless: Some(false), ..SimOptions::default() };
    let report = run(folder.path(), &set, options).unwrap();
    assert_clean(&report, 2_000);
    let lost = report.counters.get(Counter::PassLostPackets);
    assert!(lost > 0);
    assert_eq!(report.pass.len() as u64 + lost, report.actions[2]);
}

#[test]
fn preloaded_maps_go_to_both_sides() {
    let folder = design("preload", 64, "");
    let set = packets(100, 64..65);
    let mut preload = MapContents::default();
    preload.maps.insert("cnt".to_owned(), Entries::from([(vec![2, 0, 0, 0], vec![1, 2, 3, 4, 5, 6, 7, 0])]));
    preload.maps.insert(".data".to_owned(), Entries::from([(vec![0; 4], vec![9, 8, 7, 6])]));
    let mut oracle = MockOracle::default();
    let request = SimRequest {
        design: folder.path(),
        packets: &set,
        preload: Some(&preload),
        oracle: Some(&mut oracle),
        options: SimOptions::default(),
    };
    let report = simulate(request, &mut Silent).unwrap();
    assert_clean(&report, 100);
    assert_eq!(report.maps.maps[".data"][&vec![0; 4]], [9, 8, 7, 6]);
}

#[test]
fn faults_are_found_and_explained() {
    let set = packets(100, 64..65);
    let wrong = |fault: &str, options: SimOptions| {
        let folder = design(fault, 64, fault);
        run(folder.path(), &set, options)
    };
    let report = wrong("MOCK_WRONG", SimOptions::default()).unwrap();
    // Packet 19 is one of those that are dropped: nothing to see.
    assert_eq!(report.mismatches(), 0);
    let report = wrong("MOCK_COUNTER", SimOptions::default()).unwrap();
    assert_eq!(report.checks[0].to_string(), "counter rx_packets is 101, observed 100");
    let options =
        SimOptions { pass_ready: ReadyPattern::Random { numerator: 1, denominator: 2 }, ..SimOptions::default() };
    let report = wrong("MOCK_UNSTABLE", options).unwrap();
    assert!(
        report.checks.iter().any(|check| check.message.contains("m_axis_pass: tvalid fell before tready")),
        "{:?}",
        report.checks
    );
    let options = SimOptions { hang_clocks: 5_000, ..SimOptions::default() };
    let message = wrong("MOCK_HANG", options).unwrap_err().to_string();
    assert!(message.starts_with("hang: packet 9 has no verdict, nothing moved for 5000 clocks"), "{message}");
    let message = wrong("MOCK_STOP", SimOptions::default()).unwrap_err().to_string();
    assert!(message.contains("the tenth packet"), "{message}");
}

#[test]
fn a_wrong_byte_is_pointed_at() {
    let folder = design("bytes", 512, "MOCK_WRONG");
    let mut set = packets(40, 64..65);
    // All packets pass.
    set = set.iter().map(|packet| packet.data.to_vec()).fold(PacketSet::new(), |mut all, mut data| {
        data[0] = 2;
        all.push(&data, PacketContext::default());
        all
    });
    let report = run(folder.path(), &set, SimOptions::default()).unwrap();
    let comparison = report.comparison.unwrap();
    assert_eq!(comparison.mismatches, 1);
    assert_eq!(comparison.explained[0].packet, Some(19));
    assert_eq!(comparison.explained[0].to_string(), "packet 19: byte 2 is 0xde, expected 0x21 (1 of 64 bytes differ)");
}

#[test]
fn waves_are_written() {
    let folder = design("waves", 64, "");
    let file = folder.path().join("out.fst");
    let options = SimOptions { waves: Some(file.clone()), ..SimOptions::default() };
    let report = run(folder.path(), &packets(50, 64..65), options).unwrap();
    assert_clean(&report, 50);
    assert!(std::fs::metadata(&file).unwrap().len() > 1000);
}

#[test]
fn a_design_that_does_not_build_says_why() {
    let folder = design("broken", 64, "");
    std::fs::write(folder.path().join("bpf_core.sv"), "module bpf_core (input logic clk; endmodule\n").unwrap();
    let message = run(folder.path(), &packets(1, 64..65), SimOptions::default()).unwrap_err().to_string();
    assert!(message.starts_with("verilator could not build the model:\n%Error: bpf_core.sv:1:"), "{message}");
    assert!(message.contains("syntax error"), "{message}");
}

#[test]
fn concurrent_builders_do_not_disturb_each_other() {
    let folder = design("concurrent", 128, "");
    let set = packets(100, 16..17);
    std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..3).map(|_| scope.spawn(|| run(folder.path(), &set, SimOptions::default()).unwrap())).collect();
        for run in runs {
            assert_clean(&run.join().unwrap(), 100);
        }
    });
}

#[test]
fn packets_that_can_not_be_offered_are_refused() {
    let folder = design("limits", 64, "");
    let message = |set: PacketSet| run(folder.path(), &set, SimOptions::default()).unwrap_err().to_string();
    assert_eq!(
        message([&[0u8; 9217][..]].into_iter().collect()),
        "packet 0: 9217 bytes, the core takes frames up to 9216"
    );
    assert_eq!(message([&[1u8][..], &[]].into_iter().collect()), "packet 1: a packet needs at least one byte");
    let mut set = PacketSet::new();
    set.push(&[1; 64], PacketContext { ingress_ifindex: 70_000, ..PacketContext::default() });
    assert_eq!(message(set), "packet 0: interface 70000 does not fit 16 bits");
}

#[test]
fn another_build_is_not_taken_for_this_one() {
    let folder = design("identity", 64, "");
    let mut manifest = mock::manifest(64);
    manifest.build_id = "cd".repeat(32);
    std::fs::write(folder.path().join("manifest.json"), manifest.to_json()).unwrap();
    let message = run(folder.path(), &packets(1, 64..65), SimOptions::default()).unwrap_err().to_string();
    assert!(message.contains("its build id is abab"), "{message}");
}

#[test]
fn memory_contents_are_found_from_anywhere() {
    let folder = design("memory", 64, "");
    let build = || model::Model::build(folder.path(), model::BuildOptions::default(), &mut Silent).unwrap();
    let read = |model: &model::Model| simulator::Simulator::new(model, 1, None).unwrap().read32(0x0fe0).unwrap();
    let first = build();
    assert_eq!(read(&first), 0x1234_5678);
    // Other contents are another model.
    std::fs::write(folder.path().join("contents.hex"), "00000001\n87654321\n").unwrap();
    assert_eq!(read(&build()), 0x8765_4321);
    assert_eq!(read(&first), 0x1234_5678);
}
