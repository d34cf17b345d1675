// SPDX-License-Identifier: Apache-2.0
//! Events in hardware: emitted cores in Verilator against the running kernel, at the full rate, and with a host that does not
//! keep up.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]
#![allow(dead_code, reason = "each test file uses a part of what they share")]

mod c_support;
mod design_folder;
mod object_support;

use std::path::{Path, PathBuf};

use bpf2hdl::object::Linked;
use bpf2hdl::{Optimize, Options, compile, oracle, target};
use bpf2hdl_interface::registers::Counter;
use bpf2hdl_testbench::oracle::kernel::{self, KernelOracle};
use bpf2hdl_testbench::traffic::{Profile, SizeSpec, Traffic};
use bpf2hdl_testbench::{
    Action, Oracle, PacketSet, ReadyPattern, Silent, SimOptions, SimReport, SimRequest, SourcePattern, simulate,
};
use c_support::Case;

/// A program of `tests/data/control`, and its design.
fn build(name: &str, bus_bits: u32) -> (Linked, PathBuf) {
    let case = Case::read(&object_support::data("control").join(format!("{name}.c")));
    let settings = case.settings(&object_support::compilers());
    let linked = case.link(&case.object(&settings[0])).unwrap_or_else(|d| panic!("{name}: {d}"));
    let target = target::find("xcup").expect("a target");
    let options = Options { target, clock_mhz: 250.0, bus_bits, optimize: Optimize::default(), initiation_interval: 1 };
    let design = compile(&linked, &options).unwrap_or_else(|d| panic!("{d:#?}"));
    let folder = design_folder::write("rtl_events", name, &design, &linked);
    (linked, folder)
}

fn run<'a>(
    folder: &'a Path,
    packets: &'a PacketSet,
    oracle: Option<&'a mut dyn Oracle>,
    options: SimOptions,
) -> SimReport {
    let options = options.quick();
    let request = SimRequest { design: folder, packets, preload: None, oracle, options };
    simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
}

#[test]
fn records_in_hardware_equal_the_kernel() {
    if let Err(reason) = kernel::available() {
        assert!(std::env::var_os("CI").is_none(), "the kernel oracle is missing in CI: {reason}");
        println!("SKIPPED: {reason}");
        return;
    }
    for (name, bus) in [("event_packet", 128), ("event_ring", 512)] {
        let (linked, folder) = build(name, bus);
        let mut traffic = Traffic::new(7).profile(Profile::Mixed).size(SizeSpec::Range { min: 14, max: 400 });
        let frames: Vec<Vec<u8>> = (0..3000).map(|_| traffic.frame()).collect();
        let packets: PacketSet = frames.iter().map(Vec::as_slice).collect();
        let stalls = SimOptions {
            source: SourcePattern::Random { numerator: 2, denominator: 3 },
            pass_ready: ReadyPattern::Random { numerator: 1, denominator: 2 },
            event_ready: ReadyPattern::Adversarial,
            ..SimOptions::default()
        };
        for options in [SimOptions::default(), stalls] {
            let mut kernel = KernelOracle::load(&oracle::program(&linked)).expect("the kernel takes it");
            let report = run(&folder, &packets, Some(&mut kernel), options);
            let comparison = report.comparison.as_ref().expect("compared");
            assert_eq!(report.mismatches(), 0, "{name}: {:#?}\n{:#?}", comparison.explained, report.checks);
            assert!(report.events.len() > 1000, "{name}: {} records", report.events.len());
            println!("{name}: {} packets, {} records", packets.len(), report.events.len());
        }
    }
}

/// Numbers of the records, and how many calls ended well and with an error.
fn count(report: &SimReport) -> (Vec<u64>, [u64; 2]) {
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes"));
    let numbers = report.events.iter().map(|record| {
        assert_eq!((record.map, record.data.len(), number(&record.data[8..])), (0, 16, 0x5555));
        number(&record.data)
    });
    let ended = &report.maps.maps["ended"];
    let counts = [0u32, 1].map(|key| ended.get(&key.to_le_bytes()[..]).map_or(0, |value| number(value)));
    (numbers.collect(), counts)
}

#[test]
fn a_host_that_does_not_keep_up_loses_records_and_nothing_else() {
    let (_, folder) = build("event_count", 512);
    let frames = vec![[0x5a_u8; 64]; 6000];
    let packets: PacketSet = frames.iter().map(|frame| &frame[..]).collect();
    let total = frames.len() as u64;

    // A record from each packet, a packet in each clock.
    let options = SimOptions { lossless: Some(false), ..SimOptions::default() };
    let report = run(&folder, &packets, None, options.clone());
    assert_eq!(report.checks, []);
    assert!(report.packets_per_cycle >= 0.99, "{}", report.packets_per_cycle);
    assert_eq!(count(&report), ((0..total).collect(), [total, 0]));
    assert_eq!(report.counters.get(Counter::EventLostRecords), 0);

    // One beat in eight clocks: most find no room. Packets and maps go on at the full rate, and the program knows.
    let slow = ReadyPattern::Random { numerator: 1, denominator: 8 };
    let report = run(&folder, &packets, None, SimOptions { event_ready: slow, ..options });
    assert_eq!(report.checks, []);
    assert!(report.packets_per_cycle >= 0.99, "{}", report.packets_per_cycle);
    let (numbers, [sent, refused]) = count(&report);
    let lost = report.counters.get(Counter::EventLostRecords);
    println!("{sent} records sent, {refused} refused, {:.3} packets per clock", report.packets_per_cycle);
    assert_eq!((numbers.len() as u64, lost, sent + refused), (sent, refused, total));
    assert!(numbers.is_sorted_by(|a, b| a < b) && refused > total / 2 && sent > total / 16);
    assert_eq!((report.pass.len() as u64, report.tx.len() as u64), (sent, refused));
    // Packet by packet: who was told of an error has no record.
    let passed = report.verdicts.iter().zip(0..).filter(|(verdict, _)| verdict.action == Action::Pass);
    assert!(passed.map(|(_, number)| number).eq(numbers));

    // Without loss the input waits.
    let report = run(&folder, &packets, None, SimOptions { event_ready: slow, ..SimOptions::default() });
    assert_eq!(report.checks, []);
    assert_eq!(count(&report), ((0..total).collect(), [total, 0]));
    assert!(report.packets_per_cycle < 0.5, "{}", report.packets_per_cycle);
}
