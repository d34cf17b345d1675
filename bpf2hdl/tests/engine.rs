// SPDX-License-Identifier: Apache-2.0
//! The programmable engine: every example does on it, and programs that print, what the kernel does.

mod cli_support;

use bpf2hdl_testbench::capture;
use cli_support::{Folder, example, example_file, json};
use std::fs;
use std::path::Path;

/// Names of the examples.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(&folder).expect("the examples").map(|entry| entry.expect("an entry").file_name());
    let names = entries.filter_map(|name| name.into_string().ok());
    let mut names: Vec<String> = names.filter(|name| folder.join(name).join(format!("{name}.c")).exists()).collect();
    names.sort();
    names
}

#[test]
fn every_example_agrees_with_the_kernel() {
    let names = examples();
    assert!(names.len() >= 19, "{names:?}");
    let mut packets = 0;
    for name in names {
        let (program, capture, maps) =
            (example(&name), example_file(&name, "capture.pcap"), example_file(&name, "maps.json"));
        let mut arguments = vec!["sim", &program, "--engine", "--pcap", &capture];
        if Path::new(&maps).exists() {
            arguments.extend(["--maps", &maps]);
        }
        let (status, found) = json(&arguments);
        assert_eq!((status, &found["mismatches"]), (0, &0.into()), "{name}: {found}");
        assert_eq!(found["maps_compared"].as_str().map(|text| text.starts_with("not")), Some(false), "{name}: {found}");
        let rate = found["packets_per_cycle"].as_f64().expect("a rate");
        assert!((0.0002..0.02).contains(&rate), "{name}: {rate} packets per clock");
        packets += found["compared"].as_u64().expect("a count");
    }
    assert!(packets > 5000, "{packets}");
}

#[test]
fn outputs_that_stall_lose_nothing() {
    let (program, capture) = (example("vlan"), example_file("vlan", "capture.pcap"));
    let arguments = ["sim", &program, "--engine", "--pcap", &capture, "--stall", "adversarial"];
    let (status, found) = json(&arguments);
    assert_eq!((status, &found["mismatches"]), (0, &0.into()), "{found}");
}

/// Only the engine's own limits count for it.
#[test]
fn what_no_pipeline_is_made_of_runs() {
    let program = format!("{}/tests/data/engine/beyond_pipelines.c", env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    let all = capture::read(Path::new(&example_file("drop_all", "capture.pcap"))).expect("a capture");
    for (name, code, packets) in [("far_store", "E0501", 492), ("any_head", "E0507", 492), ("long_loop", "E0414", 8)] {
        let frames = capture::encode(all.prefix(packets).iter().map(|packet| packet.data));
        let capture = folder.write("in.pcap", frames);
        let chosen = ["--prog", name];
        let (status, refusal) = json(&[&["check", &program][..], &chosen].concat());
        assert_eq!((status, &refusal["code"]), (1, &code.into()), "{name}: {refusal}");
        let (status, found) = json(&[&["sim", &program, "--engine", "--pcap", &capture][..], &chosen].concat());
        let wanted = (0, &0.into(), &packets.into());
        assert_eq!((status, &found["mismatches"], &found["compared"]), wanted, "{name}: {found}");
        assert!(found["actions"]["tx"].as_u64() > Some(4), "{name}: {found}");
    }
}

/// Every conversion, edges of its digits, formats that meet in one call or are on the stack, results that are looked at, prints that are left out.
#[test]
fn prints_are_those_of_the_kernel() {
    let capture = example_file("responder", "capture.pcap");
    let lines = [
        ("control/print_addresses", 560),
        ("control/print_in_function", 1366),
        ("control/print_left_out", 435),
        ("control/print_many", 1740),
        ("control/print_numbers", 4536),
        ("control/print_paths", 1254),
        ("control/print_result", 2696),
        ("engine/print_edges", 414),
    ];
    for (name, lines) in lines {
        let program = format!("{}/tests/data/{name}.c", env!("CARGO_MANIFEST_DIR"));
        let (status, found) = json(&["sim", &program, "--engine", "--pcap", &capture]);
        let wanted = (0, &0.into(), &492.into(), &lines.into());
        assert_eq!((status, &found["mismatches"], &found["compared"], &found["prints"]), wanted, "{name}: {found}");
    }
}
