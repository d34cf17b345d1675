// SPDX-License-Identifier: Apache-2.0
//! What a verified program never does: the engine stops it, aborts its packet, counts it, and goes on with the next one.

use bpf2hdl_campaign::case::Case;
use bpf2hdl_campaign::engine;
use bpf2hdl_campaign::judge::{SETTINGS, options};
use bpf2hdl_host::{Device, engine as loader};
use bpf2hdl_testbench::model::{BuildOptions, Model};
use bpf2hdl_testbench::simulator::{RunOptions, Simulator};
use bpf2hdl_testbench::{PacketSet, Silent};
use std::path::Path;

/// Instructions behind `r6 = data`, `r7 = data_end`, and whether they end with a fault.
const CASES: [(&str, bool); 14] = [
    ("r0 = *(u8 *)(r6 +0)", false),
    // Behind the packet, across its end, before it.
    ("r0 = *(u8 *)(r7 +0)", true),
    ("r0 = *(u32 *)(r7 -2)", true),
    ("r0 = *(u8 *)(r6 -1)", true),
    ("*(u8 *)(r7 +0) = 1", true),
    ("*(u8 *)(r7 -1) = 1", false),
    // No address; one with upper bits; the special registers; the packet's bytes as memory; behind the memory.
    ("r1 = 0\nr0 = *(u64 *)(r1 +0)", true),
    ("r1 = 0x100000000 ll\nr1 |= r6\nr0 = *(u8 *)(r1 +0)", true),
    ("r1 = 805306368\nr0 = *(u64 *)(r1 +0)", true),
    ("r1 = 268435712\nr0 = *(u8 *)(r1 +0)", true),
    ("r1 = 536870911\n*(u8 *)(r1 +0) = 1", true),
    ("r2 = 1\nlock *(u64 *)(r7 +0) += r2", true),
    // A stack of more than 16 frames.
    ("f:\ncall f\nexit", true),
    ("*(u64 *)(r10 -8) = 5\nr0 = *(u64 *)(r10 -8)", false),
];

#[test]
fn faults_abort_the_packet_and_are_counted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine-faults");
    let packets: PacketSet = [[1_u8; 60], [2; 60], [3; 60]].iter().map(<[u8; 60]>::as_slice).collect();
    let options = options(SETTINGS[0], 512).expect("a target");
    for (body, faults) in CASES {
        let text = format!("r6 = *(u32 *)(r1 +0)\nr7 = *(u32 *)(r1 +4)\n{body}\nr0 = 2\nexit\n");
        let linked = Case::new(text, Vec::new(), 1, 0).link().unwrap_or_else(|error| panic!("{body}: {error}"));
        engine::write(&linked, &options, &folder).expect("it links");
        let model = Model::build(&folder, BuildOptions::default(), &mut Silent).expect("a model");
        let mut simulator = Simulator::new(&model, 1, None).expect("it starts");
        let image = bpf2hdl_testbench::engine::image(&folder).expect("readable").expect("there is one");
        loader::load(&mut simulator, &image).expect("it fits");
        let mut device = Device::open(simulator, model.manifest.clone()).expect("it is the manifest's");
        device.wait_until_ready().expect("it runs");
        let seen = device.registers().run(&packets, &RunOptions::FULL_RATE, &mut Silent).expect("it does not hang");
        let actions: Vec<u32> = seen.verdicts.iter().map(|verdict| verdict.action).collect();
        let (action, count) = if faults { (0, 3) } else { (2, 0) };
        assert_eq!(actions, [action; 3], "{body}");
        let found = loader::faults(device.registers()).expect("readable");
        assert_eq!(found.count, count, "{body}: {found:?}");
        assert!(!faults || found.slot >= image.firmware_slots, "{body}: {found:?}");
    }
}

#[test]
fn engines_that_are_too_small_are_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine-small");
    let linked = Case::new("r0 = 2\nexit\n".to_owned(), Vec::new(), 1, 0).link().expect("a program");
    let options = options(SETTINGS[0], 512).expect("a target");
    engine::write(&linked, &options, &folder).expect("it links");
    let model = Model::build(&folder, BuildOptions::default(), &mut Silent).expect("a model");
    let mut simulator = Simulator::new(&model, 1, None).expect("it starts");
    let mut image = bpf2hdl_testbench::engine::image(&folder).expect("readable").expect("there is one");
    image.memory_bytes = 1 << 27;
    let refused = loader::load(&mut simulator, &image).expect_err("it has no room").to_string();
    assert!(refused.contains("134217728") && refused.contains("16777216"), "{refused}");
}
