// SPDX-License-Identifier: Apache-2.0
//! Values of variables and sizes of maps that a loader sets before it loads an object.

mod cli_support;
mod object_support;

use bpf2hdl::diag::Diagnostic;
use bpf2hdl::ir::{Interpreter, MapState, PacketInput};
use bpf2hdl::object::{Linked, Object};
use bpf2hdl::{oracle, verify};
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{Oracle as _, PacketContext};
use cli_support::bpf2hdl;
use object_support::{compile_with, compilers, data, parse};

fn linked(object: &Object) -> Linked {
    object.link(object.select(None).expect("one program")).expect("linked")
}

fn initial<'a>(linked: &'a Linked, name: &str) -> &'a [u8] {
    let map = linked.maps.iter().find(|map| map.name == name).expect("the section");
    map.initial.as_deref().expect("contents")
}

fn objects() -> Vec<Object> {
    let compiled = compilers().into_iter().map(|(clang, _)| compile_with(&clang, "v3", "loader_settings.c", &[]));
    compiled.map(|bytes| parse(&bytes, "x.o")).collect()
}

/// A frame of this length from this address.
fn frame(length: usize, source: [u8; 4]) -> Vec<u8> {
    let mut frame = vec![0; length];
    frame[26..30].copy_from_slice(&source);
    frame
}

#[test]
fn the_hardware_and_the_kernel_have_what_was_set() {
    for mut object in objects() {
        let set = |object: &mut Object, name, value| Object::set_variable(object, name, value).expect("it is there");
        set(&mut object, "counting", "true");
        set(&mut object, "limit", "0x50");
        set(&mut object, "server", "10,0,0,7");
        set(&mut object, "verdict", "3");
        object.set_entries("counts", 4).expect("it is there");
        let linked = linked(&object);
        assert_eq!(initial(&linked, ".data"), [3, 0, 0, 0]);
        assert!(initial(&linked, ".rodata").windows(2).any(|bytes| bytes == [0x50, 0]));
        let mut kernel = KernelOracle::load(&oracle::program(&linked)).expect("the kernel loads it");
        let function = verify::verify(&linked, &verify::LIMITS).expect("accepted");
        let (mut interpreter, mut maps) = (Interpreter::new(&function), MapState::new(&function));
        let mut actions = Vec::new();
        for packet in [vec![0; 20], frame(80, [10, 0, 0, 7]), frame(81, [10, 0, 0, 7]), frame(60, [10, 0, 0, 8])] {
            let ours = interpreter.run(&PacketInput::new(&packet), &mut maps).action;
            let verdict = kernel.run(&packet, &PacketContext::default()).expect("judged");
            assert_eq!(ours, verdict.action as u8, "{} bytes", packet.len());
            actions.push(ours);
        }
        assert_eq!(actions, [2, 3, 2, 2]);
        let contents = kernel.maps().expect("readable");
        assert_eq!(contents.maps["counts"][&vec![1, 0, 0, 0]], [3, 0, 0, 0, 0, 0, 0, 0]);
    }
}

#[test]
fn what_can_not_be_set_is_told() {
    for mut object in objects() {
        let told = |found: Result<(), Diagnostic>| {
            let error = found.expect_err("refused");
            format!("{} {}", error.message, error.notes.join(" "))
        };
        let unknown = told(object.set_variable("missing", "1"));
        assert!(unknown.contains("no variable missing") && unknown.contains("limit"), "{unknown}");
        assert!(told(object.set_variable("limit", "65536")).contains("2 bytes"));
        assert!(told(object.set_variable("seen", "1")).contains(".bss"));
        assert!(told(object.set_entries("missing", 1)).contains("counts"));
        let names: Vec<String> = object.variables().into_iter().map(|variable| variable.name).collect();
        assert!(
            ["counting", "limit", "server", "verdict"].iter().all(|name| names.iter().any(|n| n == name)),
            "{names:?}"
        );
    }
}

/// What both sides do with a frame.
fn action(object: &Object, program: &str) -> u8 {
    let linked = object.link(object.select(Some(program)).expect("it is there")).expect("linked");
    let packet = [0; 64];
    let mut kernel = KernelOracle::load(&oracle::program(&linked)).expect("the kernel loads it");
    let verdict = kernel.run(&packet, &PacketContext::default()).expect("judged").action as u8;
    let function = verify::verify(&linked, &verify::LIMITS).expect("accepted");
    let mut maps = MapState::new(&function);
    assert_eq!(Interpreter::new(&function).run(&PacketInput::new(&packet), &mut maps).action, verdict);
    verdict
}

#[test]
fn settings_of_the_kernel_are_known_or_given() {
    for (clang, _) in compilers() {
        let mut object = parse(&compile_with(&clang, "v3", "kconfig.c", &[]), "x.o");
        assert_eq!(action(&object, "known"), 3);
        let problems = object.link(object.select(Some("given")).expect("it is there")).expect_err("no value");
        let first = problems.errors().next().expect("an error");
        assert!(first.message.contains("CONFIG_NET") && first.help.contains("--set CONFIG_NET=VALUE"), "{first:?}");
        for (value, expected) in [("true", 2), ("0", 1)] {
            object.set_variable("CONFIG_NET", value).expect("it is there");
            assert_eq!(action(&object, "given"), expected);
        }
        object.set_variable("CONFIG_HZ", "1000").expect("it is there");
        assert_eq!(action(&object, "known"), 2);
    }
}

#[test]
fn the_command_line_sets_them() {
    let source = data("loader_settings.c").display().to_string();
    let refused = bpf2hdl(["check", &source, "--set", "counting=1"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("E0205") && refused.stderr.contains("--entries counts=N"), "{}", refused.stderr);
    bpf2hdl(["check", &source, "--set", "counting=1", "--entries", "counts=16"]).good();
    let wrong = bpf2hdl(["check", &source, "--set", "counter=1"]);
    assert_eq!(wrong.status, 2, "{}", wrong.stderr);
    assert_eq!(bpf2hdl(["check", &source, "--set", "counting"]).status, 2);
}
