// SPDX-License-Identifier: Apache-2.0
//! `sim` end to end: the model is built once (and cached), then run in several ways.

mod cli_support;

use bpf2hdl_testbench::{PacketSet, capture};
use cli_support::{Folder, bpf2hdl, example, example_file, json};
use serde_json::Value;
use std::path::Path;

const OUTPUTS: [&str; 8] =
    ["events.json", "maps.json", "pass.pcap", "redirect.pcap", "report.json", "trace.txt", "tx.pcap", "verdicts.csv"];

/// Fields of the JSON that users rely on.
const PROMISED: [&str; 9] = [
    "packets",
    "actions",
    "cycles",
    "packets_per_cycle",
    "latency_cycles",
    "oracle",
    "compared",
    "mismatches",
    "input_stall_cycles",
];

/// Frames for the reflector: unicast goes back, multicast passes, frames to itself are dropped.
fn frames(count: usize) -> Vec<Vec<u8>> {
    let frame = |index: usize| {
        let mut frame = vec![0; 64];
        frame[..12].copy_from_slice(&[2, 0, 0, 0, 0, index as u8, 2, 0, 0, 0, 1, 1]);
        frame[0] |= u8::from(index.is_multiple_of(5));
        frame
    };
    (0..count).map(frame).collect()
}

fn write(folder: &Folder, name: &str, frames: &[Vec<u8>]) -> String {
    folder.write(name, capture::encode(frames.iter().map(Vec::as_slice)))
}

fn packets(path: String) -> PacketSet {
    capture::read(Path::new(&path)).expect("a capture")
}

#[test]
fn a_run_and_its_files() {
    let folder = Folder::new();
    let (program, input) = (example("mac_swap"), write(&folder, "in.pcap", &frames(2000)));
    let (out, waves) = (folder.path("out"), folder.path("waves.fst"));
    let (status, found) = json(&["sim", &program, "--pcap", &input, "--oracle", "ir", "--out", &out]);
    assert_eq!(status, 0, "{found}");
    for field in PROMISED {
        assert!(!found[field].is_null(), "{field} in {found}");
    }
    let count = |action: &str| found["actions"][action].as_u64().expect("a number");
    let sum: u64 = ["aborted", "drop", "pass", "tx", "redirect"].map(count).iter().sum();
    assert_eq!((sum, count("redirect"), &found["mismatches"], &found["compared"]), (2000, 0, &0.into(), &2000.into()));
    assert!(found["packets_per_cycle"].as_f64().is_some_and(|rate| rate >= 0.99), "{found}");
    assert_eq!(found["input_stall_cycles"], 0);

    let names = folder.names("out");
    assert!(OUTPUTS.iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
    assert!(names.contains(&"design/bpf_core.sv".to_owned()));
    assert_eq!(packets(folder.path("out/pass.pcap")).len() as u64, count("pass"));
    assert_eq!(packets(folder.path("out/tx.pcap")).len() as u64, count("tx"));
    assert!(packets(folder.path("out/redirect.pcap")).is_empty());
    check_verdicts(&std::fs::read_to_string(folder.path("out/verdicts.csv")).expect("verdicts"), &found);
    check_latency(&folder, &found);

    // The maps of one run are a valid input of the next; the folder is replaced; waves are written.
    let maps = folder.write("maps.json", std::fs::read(folder.path("out/maps.json")).expect("maps"));
    let arguments =
        ["--maps", &maps, "--out", &out, "--oracle", "ir", "--stall", "adversarial", "--seed", "7", "--waves", &waves];
    let (status, found) = json(&[&["sim", &program, "--pcap", &input], &arguments[..]].concat());
    assert_eq!((status, &found["mismatches"]), (0, &0.into()), "{found}");
    assert!(std::fs::metadata(&waves).is_ok_and(|file| file.len() > 1000));
    assert_eq!(folder.names("").iter().filter(|name| name.contains("partial")).count(), 0);
}

fn check_verdicts(text: &str, found: &Value) {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("index,action,length"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 2000);
    assert!(
        rows.iter().enumerate().all(|(index, row)| row.len() == 3 && row[0] == index.to_string() && row[2] == "64")
    );
    let tx = rows.iter().filter(|row| row[1] == "tx").count();
    assert_eq!(found["actions"]["tx"], tx);
}

/// The latency that the report states is that of an idle core: the least one that was seen.
fn check_latency(folder: &Folder, found: &Value) {
    let report = std::fs::read_to_string(folder.path("out/design/report.json")).expect("report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let one = write(folder, "one.pcap", &frames(2)[1..]);
    let (_, single) = json(&["sim", &example("mac_swap"), "--pcap", &one, "--oracle", "none"]);
    assert_eq!(
        (&single["actions"]["tx"], &single["oracle"], &single["compared"]),
        (&1.into(), &"none".into(), &0.into())
    );
    assert_eq!(single["latency_cycles"]["min"], report["latency_cycles"], "{found}");
}

#[test]
fn odd_captures() {
    let folder = Folder::new();
    let program = example("mac_swap");
    let nothing = write(&folder, "nothing.pcap", &[]);
    let (status, found) = json(&["sim", &program, "--pcap", &nothing, "--oracle", "ir"]);
    assert_eq!((status, &found["packets"], &found["mismatches"]), (0, &0.into(), &0.into()), "{found}");
    let text = bpf2hdl(["sim", &program, "--pcap", &nothing, "--oracle", "ir"]).good().stdout;
    assert!(text.contains("holds no packets"), "{text}");
    for (frame, expected) in [(vec![0; 9217], "9217 bytes"), (Vec::new(), "no byte")] {
        let bad = write(&folder, "bad.pcap", &[vec![0; 64], frame]);
        let (status, found) = json(&["sim", &program, "--pcap", &bad, "--oracle", "ir", "--out", &folder.path("out")]);
        let message = found["error"].as_str().unwrap_or_default();
        assert_eq!((status, found["code"].as_str()), (1, Some("E0017")), "{found}");
        assert!(message.contains("packet 1") && message.contains(expected), "{message}");
    }
    assert!(!Path::new(&folder.path("out")).exists());
}

#[test]
fn the_oracle_is_named_and_explained() {
    let (program, capture) = (example("drop_all"), example_file("drop_all", "capture.pcap"));
    let (status, found) = json(&["sim", &program, "--pcap", &capture]);
    assert_eq!((status, &found["mismatches"]), (0, &0.into()), "{found}");
    let oracle = found["oracle"].as_str().expect("a name");
    let kernel = bpf2hdl_testbench::oracle::kernel::available();
    assert_eq!(oracle, if kernel.is_ok() { "kernel" } else { "ir" });
    assert_eq!(found["oracle_note"].is_string(), kernel.is_err());
    let (status, found) = json(&["sim", &program, "--pcap", &capture, "--oracle", "kernel"]);
    assert_eq!(status, i32::from(kernel.is_err()), "{found}");
    let (status, found) = json(&["sim", &program, "--pcap", &capture, "--oracle", "rbpf"]);
    assert_eq!((status, &found["oracle"]), (0, &"rbpf".into()), "{found}");
}
