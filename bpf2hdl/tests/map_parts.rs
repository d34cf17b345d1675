// SPDX-License-Identifier: Apache-2.0
//! Variables and fields of one entry as parts with sections of their own: what is split, what the warning says, and in Verilator
//! against the running kernel how many clocks packets take that use a slow variable, and those that do not.
//!
//! Results after each pass and in the pipeline, with other compilers and settings: `control_flow.rs` runs the same programs.

mod design_folder;
mod object_support;
mod support;

use bpf2hdl::diag::Code;
use bpf2hdl::object::Linked;
use bpf2hdl::{Design, Optimize, Options, compile, oracle, report, rtl, target};
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{
    MapContents, Oracle as _, PacketSet, ReadyPattern, Silent, SimOptions, SimReport, SimRequest, simulate,
};
use std::path::{Path, PathBuf};
use support::generate::Numbers;

fn program(name: &str) -> Linked {
    let bytes = object_support::compile(&format!("control/{name}.c"), &[]);
    let object = object_support::parse(&bytes, name);
    object.link(object.select(None).expect("one program")).unwrap_or_else(|e| panic!("{name}: {e:#?}"))
}

fn build(linked: &Linked, bus_bits: u32) -> Design {
    let target = target::find("xcup").expect("a target");
    let options = Options { target, clock_mhz: 250.0, bus_bits, optimize: Optimize::Latency, initiation_interval: 1 };
    compile(linked, &options).unwrap_or_else(|d| panic!("{}: {d:#?}", linked.name))
}

/// Name of each part with its clocks between two packets that use it.
fn parts(design: &Design) -> Vec<(&str, u32)> {
    let units = design.pipeline.maps.iter().filter(|unit| unit.part.is_some());
    units.map(|unit| (unit.map.name.as_str(), unit.same_entry_clocks())).collect()
}

#[test]
fn variables_are_parts_and_the_slow_one_is_named() {
    let linked = program("parts_variables");
    let design = build(&linked, 512);
    let mut found = parts(&design);
    found.sort_unstable();
    let [.., slow] = found[..] else { panic!("{found:?}") };
    assert_eq!(slow.0, ".data.mixed");
    assert!((4..=12).contains(&slow.1), "{found:?}");
    let quick = [".bss.by_byte", ".bss.longest", ".bss.packets", ".bss.unread", ".data.drop_at"];
    assert_eq!(found[..5], quick.map(|name| (name, 1)));
    let warnings: Vec<_> = design.warnings.iter().filter(|w| w.code == Code::ReducedRate).collect();
    let [warning] = warnings[..] else { panic!("{warnings:#?}") };
    assert!(warning.message.starts_with("`mixed` in `.data` is written"), "{warning:#?}");
    let line = warning.location.as_ref().and_then(|at| at.source.clone()).expect("a C line");
    assert!(line.contains("mixed = mixed *"), "{line}");
    let report = serde_json::to_value(report::report(&design, &linked, "", 0.0)).expect("JSON");
    let names: Vec<_> = report["maps"].as_array().expect("maps").iter().map(|map| map["name"].clone()).collect();
    assert_eq!(names.len(), linked.maps.len(), "one entry for each map");
    let data =
        report["maps"].as_array().and_then(|maps| maps.iter().find(|map| map["name"] == ".data")).expect(".data");
    assert_eq!(data["section_stages"], data["parts"][1]["section_stages"], "of the worst: {data:#}");
    assert_eq!(data["parts"][0]["worst_case_packets_per_cycle"], 1.0, "{data:#}");
}

/// The section begins where the look-up's result is there, not at the first stage.
#[test]
fn a_section_is_as_short_as_its_own_logic() {
    let linked = program("parts_entry");
    let design = build(&linked, 512);
    let found = parts(&design);
    let average = found.iter().find(|(name, _)| *name == "states.average").expect("a part");
    assert!(average.1 <= 8, "{found:?}");
    assert!(found.iter().all(|part| part.1 == 1 || part.0 == "states.average"), "{found:?}");
}

/// What comes in takes many stages, and nobody waits: the time is written whatever is in the bucket.
#[test]
fn buckets_of_an_array_are_filled_without_waiting() {
    let design = build(&program("parts_array"), 512);
    assert_eq!(parts(&design), [("buckets.last", 1), ("buckets.fast", 1), ("buckets.tokens", 1)]);
    let (first, last) = design.pipeline.stages_of_parts(bpf2hdl::ir::MapId::new(0)).expect("parts");
    assert!(last - first >= 6, "stages {first} to {last}");
    assert_eq!(design.pipeline.entrances_between_parts(bpf2hdl::ir::MapId::new(0)).len(), 0);
    let design = build(&program("parts_array_slow"), 512);
    let found = parts(&design);
    let [("flows.owner", 1), ("flows.average", average @ 4..=8), ("flows.gaps", gaps)] = found[..] else {
        panic!("{found:?}")
    };
    // What depends on the slow part has a section of its own, which is not what packets wait for.
    assert!(gaps <= average, "{found:?}");
    assert_eq!(design.pipeline.entrances_between_parts(bpf2hdl::ir::MapId::new(0)).len(), 1);
}

/// So it is with the values of a hash map: the steps on its directory come before all parts.
#[test]
fn buckets_of_a_hash_map_are_filled_without_waiting() {
    let design = build(&program("parts_hash"), 512);
    let found = parts(&design);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|(_, clocks)| *clocks <= 2), "{found:?}");
    let unit = &design.pipeline.maps[0];
    assert!(
        unit.guard.is_none() && unit.steps.iter().all(|step| Some(step.data) <= first_access(&design)),
        "{found:?}"
    );
    let text = design.pipeline.to_string();
    assert_eq!(bpf2hdl::pipe::parse(&text).as_ref(), Ok(&design.pipeline));
}

fn first_access(design: &Design) -> Option<u32> {
    design.pipeline.stages_of_parts(bpf2hdl::ir::MapId::new(0)).map(|(first, _)| first)
}

/// What the host has put into all bytes of the entries, and what packets make of it, comes out as a whole.
#[test]
fn arrays_in_parts_run_as_in_the_kernel() {
    if !support::kernel_or_skip("arrays_in_parts_run_as_in_the_kernel") {
        return;
    }
    let programs = [
        ("parts_array", "buckets", 512, false),
        ("parts_array_slow", "flows", 512, true),
        ("parts_hash", "buckets", 512, true),
    ];
    for (name, map, bus, wait) in programs {
        let linked = program(name);
        let design = build(&linked, bus);
        let (folder, mut numbers) = (write(&design, &linked), Numbers::new(7));
        let mut preload = MapContents::default();
        let entries = preload.maps.entry(map.to_owned()).or_default();
        for key in 0..16_u32 {
            entries.insert(key.to_le_bytes().to_vec(), (0..24).map(|_| numbers.below(256) as u8).collect());
        }
        let count = 1500;
        // All packets on one entry, then on all of them.
        for (seed, mask) in [(1, 0), (2, 15)] {
            let mut packets = frames(seed, count, 15, 8);
            packets.iter_mut().for_each(|packet| packet[14] &= mask);
            let report = run(&folder, &linked, &preload, &packets, SimOptions::default());
            if !wait {
                assert!(report.cycles < count as u64 + 200, "{name}: {} clocks for {count} packets", report.cycles);
            }
        }
    }
}

/// Parts whose bytes are used together are not parts.
#[test]
fn the_checker_knows_parts() {
    let mut design = build(&program("parts_variables"), 512);
    assert_eq!(bpf2hdl::pipe::check(&design.pipeline), Ok(()));
    let text = design.pipeline.to_string();
    assert_eq!(bpf2hdl::pipe::parse(&text).as_ref(), Ok(&design.pipeline));
    let longest = design.pipeline.maps.iter().position(|unit| unit.map.name == ".bss.longest").expect("a part");
    design.pipeline.maps[longest].part.as_mut().expect("a part").offset = 4;
    let found = bpf2hdl::pipe::check(&design.pipeline).expect_err("it overlaps");
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.iter().any(|message| message.contains("byte 4 is written by map")), "{found:?}");
    assert!(found.iter().any(|message| message.contains("byte 4 is read by map")), "{found:?}");
    design.pipeline.maps[longest].part.as_mut().expect("a part").offset = 1000;
    let found = bpf2hdl::pipe::check(&design.pipeline).expect_err("it is outside");
    assert!(found.iter().any(|error| error.message.contains("a part up to byte 1004")), "{found:?}");
}

fn write(design: &Design, linked: &Linked) -> PathBuf {
    let name = format!("{}_{}", linked.name, design.options.bus_bits);
    design_folder::write("map_parts", &name, design, linked)
}

fn run(folder: &Path, linked: &Linked, preload: &MapContents, packets: &[Vec<u8>], options: SimOptions) -> SimReport {
    let set: PacketSet = packets.iter().map(Vec::as_slice).collect();
    let mut kernel = KernelOracle::load(&oracle::program(linked)).expect("the kernel takes it");
    kernel.load_maps(preload).expect("loaded");
    let options = options.quick();
    let request =
        SimRequest { design: folder, packets: &set, preload: Some(preload), oracle: Some(&mut kernel), options };
    let report = simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{}: {e}", linked.name));
    assert_eq!(report.mismatches(), 0, "{}\n{:#?}\n{:#?}", linked.name, report.comparison, report.checks);
    assert_eq!(report.comparison.as_ref().map(|c| c.compared), Some(packets.len() as u64), "{}", linked.name);
    report
}

/// Frames of 64 bytes; byte `place` is even in those that do not use the slow variable. `share` in 8 do.
fn frames(seed: u64, count: usize, place: usize, share: u64) -> Vec<Vec<u8>> {
    let mut numbers = Numbers::new(seed);
    let frame = |_| {
        let mut bytes: Vec<u8> = (0..64).map(|_| numbers.below(256) as u8).collect();
        bytes[place] = bytes[place] & !1 | u8::from(numbers.below(8) < share);
        bytes
    };
    (0..count).map(frame).collect()
}

/// A limit that the host has set.
fn settings(name: &str) -> MapContents {
    let mut contents = MapContents::default();
    if name == "parts_entry" {
        let mut value = vec![0; 24];
        value[..8].copy_from_slice(&[5, 1, 0, 0, 0, 0, 0, 0]);
        value[12..16].copy_from_slice(&[0, 30, 0, 0]);
        contents.maps.entry("states".to_owned()).or_default().insert(vec![0; 4], value);
    }
    contents
}

#[test]
fn only_packets_that_use_a_slow_part_wait() {
    if !support::kernel_or_skip("only_packets_that_use_a_slow_part_wait") {
        return;
    }
    for (name, place, bus) in [("parts_variables", 15, 512), ("parts_entry", 17, 512), ("parts_variables", 15, 64)] {
        let linked = program(name);
        let design = build(&linked, bus);
        let apart = u64::from(design.pipeline.maps.iter().map(rtl::interlock_clocks).max().unwrap_or(1));
        let (folder, preload) = (write(&design, &linked), settings(name));
        let count = 1000;
        let never = run(&folder, &linked, &preload, &frames(1, count, place, 0), SimOptions::default());
        let always = run(&folder, &linked, &preload, &frames(2, count, place, 8), SimOptions::default());
        let beats = 64 * 8 / u64::from(bus) * count as u64;
        if name == "parts_variables" {
            assert!(never.cycles < beats + 200, "{name}: {} clocks for {count} packets", never.cycles);
        }
        assert!(always.cycles > (apart * count as u64).min(beats), "{name}: {} clocks, {apart} apart", always.cycles);
        let random = ReadyPattern::Random { numerator: 1, denominator: 2 };
        let stalls =
            SimOptions { pass_ready: random, tx_ready: random, redirect_ready: random, ..SimOptions::default() };
        run(&folder, &linked, &preload, &frames(3, count, place, 3), stalls);
        run(&folder, &linked, &preload, &frames(4, count, place, 3), SimOptions::default());
    }
}
