// SPDX-License-Identifier: Apache-2.0
//! A compiled core with the tap on all its ports runs an example's capture in Verilator: the tap's stream, decoded into pcapng, must be what went in and what came
//! out, with the verdicts of the reference.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod cli_support;

use bpf2hdl::object::{CompileOptions, Object, compile_c};
use bpf2hdl::oracle::IrOracle;
use bpf2hdl::verify;
use bpf2hdl_host::tap;
use bpf2hdl_host::{Device, Registers as _};
use bpf2hdl_interface::map_file;
use bpf2hdl_interface::registers::TAP;
use bpf2hdl_testbench::model::{BuildOptions, Model};
use bpf2hdl_testbench::simulator::{RunOptions, Simulator};
use bpf2hdl_testbench::{Action, Frames, Oracle as _, PacketSet, Silent, SourcePattern, capture};
use cli_support::{Folder, bpf2hdl, example, example_file};
use std::fs;
use std::path::Path;

/// Where `tapped_core.sv` puts the tap's registers.
const TAP_PAGE: u32 = 0x8000;

/// A register of the tap as the harness reaches it.
fn at(name: &str) -> u16 {
    u16::try_from(TAP_PAGE + TAP.register(name).offset).expect("a page")
}

/// Compiles an example and puts the tap around its core.
fn tapped(folder: &Folder, name: &str, bus: u32) -> String {
    let design = folder.path("design");
    bpf2hdl(["compile", &example(name), "-o", &design, "--bus", &bus.to_string()]).good();
    let path = |file: &str| Path::new(&design).join(file);
    let mut list = fs::read_to_string(path("bpf_core.f")).unwrap();
    let hdl = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hdl/rtl");
    for module in ["bpf_axil_split", "bpf_tap_regs", "bpf_tap_point", "bpf_tap"] {
        fs::copy(hdl.join(format!("{module}.sv")), path(&format!("{module}.sv"))).unwrap();
        list += &format!("{module}.sv\n");
    }
    let top = include_str!("data/tap/tapped_core.sv").replace("@BUS@", &bus.to_string());
    fs::write(path("tapped_core.sv"), top).unwrap();
    fs::write(path("tapped_core.f"), list + "tapped_core.sv\n").unwrap();
    let manifest = fs::read_to_string(path("manifest.json")).unwrap();
    let manifest = manifest.replace("\"top\": \"bpf_core\"", "\"top\": \"tapped_core\"");
    assert!(manifest.contains("tapped_core"), "the manifest names its top");
    fs::write(path("manifest.json"), manifest).unwrap();
    design
}

/// Frames of a pcapng file with interface and verdict.
fn frames_of(file: &[u8]) -> Vec<(u32, String, Vec<u8>)> {
    let (mut rest, mut frames) = (file, Vec::new());
    while !rest.is_empty() {
        let word = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let total = word(4) as usize;
        if word(0) == 6 {
            let length = word(20) as usize;
            assert_eq!(word(20), word(24), "the whole frame was copied");
            let options = 28 + length.next_multiple_of(4);
            assert_eq!(word(options) & 0xffff, 1, "a comment");
            let comment = &rest[options + 4..options + 4 + (word(options) >> 16) as usize];
            let comment = String::from_utf8(comment.to_vec()).unwrap();
            let verdict = comment.split_whitespace().next().unwrap().to_owned();
            frames.push((word(8), verdict, rest[28..28 + length].to_vec()));
        }
        rest = &rest[total..];
    }
    frames
}

fn check(name: &str, bus: u32, verdicts: &[Action]) {
    let folder = Folder::new();
    let design = tapped(&folder, name, bus);
    let packets: PacketSet = capture::read(Path::new(&example_file(name, "capture.pcap"))).unwrap();

    // What must happen, by the reference.
    let bytes = compile_c(Path::new(&example(name)), &CompileOptions::standard()).unwrap();
    let object = Object::parse(&bytes, name).unwrap();
    let linked = object.link(object.select(None).unwrap()).unwrap();
    let mut oracle = IrOracle::new(verify::verify(&linked, &verify::LIMITS).unwrap());

    let model = Model::build(Path::new(&design), BuildOptions { trace: false, quick: true }, &mut Silent).unwrap();
    let manifest = model.manifest.clone();
    let mut device = Device::open(Simulator::new(&model, 1, None).unwrap(), manifest.clone()).unwrap();
    device.set_lossless(true).unwrap();
    device.wait_until_ready().unwrap();
    if let Ok(text) = fs::read_to_string(example_file(name, "maps.json")) {
        let contents = map_file::parse(&text, &manifest.shapes()).unwrap();
        oracle.load_maps(&contents).unwrap();
        device.load(&contents).unwrap();
    }
    device.set_arrivals(packets.arrivals()).unwrap();
    let magic = device.registers().read32(at("MAGIC")).unwrap();
    assert_eq!(magic, TAP.register("MAGIC").reset);
    let all = TAP.mask("CONTROL", "on") | TAP.mask("CONTROL", "points");
    device.registers().write32(at("CONTROL"), all).unwrap();
    // Two copies of each frame with their headers are more than the stream carries at the full rate.
    let source = SourcePattern::Random { numerator: 1, denominator: 8 };
    let options = RunOptions { lossless: true, source, ..RunOptions::FULL_RATE };
    let observed = device.registers().run(&packets, &options, &mut Silent).unwrap();
    assert_eq!(observed.violation_texts, Vec::<String>::new());
    for point in 0..4 {
        assert_eq!(device.registers().read32(at("LOST") + 4 * point).unwrap(), 0, "copies lost at point {point}");
    }

    let mut file = Vec::new();
    let mut writer = tap::capture(&mut file).unwrap();
    for bytes in observed.events.iter() {
        let (copy, rest) = tap::parse(bytes).unwrap();
        assert!(rest.is_empty(), "one copy a packet of the stream");
        tap::write(&copy, manifest.clock_mhz, &mut writer).unwrap();
    }
    let copied = frames_of(&file);
    let (mut entry, mut exits) = (Vec::new(), [const { Vec::new() }; 3]);
    for packet in packets.iter() {
        let verdict = oracle.run(packet.data, &packet.context).unwrap();
        let said = format!("verdict={}", verdict.action.name());
        entry.push((0, said.clone(), packet.data.to_vec()));
        let leaves = verdict.action != Action::Redirect || verdict.target.is_some();
        if verdict.action as usize >= 2 && leaves {
            let point = verdict.action as u32 - 1;
            exits[verdict.action as usize - 2].push((point, said, verdict.data));
        }
    }
    let at_point = |point: u32| -> Vec<_> { copied.iter().filter(|(at, ..)| *at == point).cloned().collect() };
    assert!(at_point(0) == entry, "{name}: {} frames at entry, {} copies", entry.len(), at_point(0).len());
    for (point, (exit, left)) in (1..).zip(exits.iter().zip([&observed.pass, &observed.tx, &observed.redirect])) {
        let left: &Frames = left;
        assert!(
            at_point(point) == *exit,
            "{name}: {} frames at exit {point}, {} copies",
            exit.len(),
            at_point(point).len()
        );
        assert!(left.iter().eq(exit.iter().map(|(.., data)| data.as_slice())), "{name}: frames of exit {point}");
    }
    for action in verdicts {
        assert!(entry.iter().any(|(_, said, _)| *said == format!("verdict={}", action.name())), "{action:?} occurs");
    }
    assert_eq!(copied.len(), entry.len() + exits.iter().map(Vec::len).sum::<usize>());
    println!("{name}, {bus} bits: {} copies of {} packets", copied.len(), entry.len());
}

#[test]
fn copies_are_what_went_in_and_came_out() {
    check("firewall", 64, &[Action::Aborted, Action::Drop, Action::Pass, Action::Tx]);
    check("vlan", 512, &[Action::Drop, Action::Pass, Action::Redirect]);
}
