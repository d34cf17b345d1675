// SPDX-License-Identifier: Apache-2.0
//! `prog load --instant`: the engine runs a program at once, its pipeline takes over; no packet is lost or overtaken, maps go along.

mod support;

use serde_json::{Value, json};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{Place, frame, number, program, read_capture, write_capture};

const PACKETS: u32 = 1000;
/// How long building a small model may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until the pipeline has taken over; its load's number.
fn pipeline(place: &Place) -> u64 {
    let begun = Instant::now();
    loop {
        let shown = place.json("prog show");
        if shown[0]["stages"].as_u64().is_some_and(|stages| stages > 0) {
            return shown[0]["id"].as_u64().expect("a number");
        }
        assert!(begun.elapsed() < PATIENCE, "{shown}");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn engine_first_then_the_pipeline() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    place.on("map update name blocked key 10.0.0.7 value 1");
    let frames: Vec<Vec<u8>> =
        (0..PACKETS).map(|n| frame(if n % 10 == 0 { 7 } else { 8 }, n, 60 + n as usize % 200)).collect();
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &frames);
    place.on("stats clear");
    let mark = program("mark");
    let loaded = place.json(&format!("prog load {mark} --instant --keep-maps --optimize area --ii 2"));
    assert_eq!((&loaded["instant"], &loaded["maps_kept"]), (&json!(true), &json!(["blocked"])), "{loaded}");
    let engine = loaded["id"].as_u64().expect("a number");
    // Packets from before the pipeline takes over until after it.
    let repeat = 5;
    let (mut total, mut rounds) = (0, 0);
    loop {
        let child = place.send(&capture, &out, repeat);
        let output = child.wait_with_output().expect("it ends");
        let sent: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let count = repeat * PACKETS;
        let wanted = json!({"aborted": 0, "drop": count / 10, "pass": count - count / 10, "tx": 0, "redirect": 0});
        assert_eq!((&sent["actions"], &sent["discarded"]), (&wanted, &json!(0)), "{sent}");
        let passed = read_capture(&format!("{out}/pass.pcap"));
        let expected = (0..PACKETS).filter(|n| n % 10 != 0).cycle();
        assert!(passed.iter().zip(expected).all(|(frame, n)| number(frame) == n), "all packets, in their order");
        assert!(passed.iter().all(|frame| frame[5] == 0x5a), "the new program marks every packet, on either");
        (total, rounds) = (total + count, rounds + 1);
        if place.json("prog show")[0]["stages"].as_u64() > Some(0) || rounds > 100 {
            break;
        }
    }
    assert!(pipeline(&place) > engine);
    let shell = &place.json("stats")["shell"];
    for (name, number) in [("mac_rx", total), ("rx_overflow", 0), ("core_stopped", 0)] {
        assert_eq!(shell[name], number, "{name}: {shell}");
    }
    let blocked = place.json("map dump name blocked");
    assert_eq!(blocked.as_array().map(Vec::len), Some(1), "{blocked}");
    assert_eq!(place.designs(), 1, "designs of earlier programs are removed");
}

#[test]
fn a_program_that_was_replaced_does_not_come_back() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let (mark, guard) = (program("mark"), program("guard"));
    place.on(&format!("prog load {mark} --instant -D VERSION=2"));
    let second = place.json(&format!("prog load {guard} --instant"));
    let last = pipeline(&place);
    sleep(Duration::from_secs(2));
    let shown = place.json("prog show");
    assert_eq!(shown[0]["name"], "guard", "{shown}");
    assert_eq!(shown[0]["id"], last, "{shown}");
    assert!(Some(last) > second["id"].as_u64());
}

/// A store at any place of the packet is more than a pipeline takes: such a program stays on the engine, and the user is told.
#[test]
fn what_no_pipeline_is_made_of_stays_on_the_engine() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bpf2hdl/tests/data/engine/beyond_pipelines.c");
    let load = format!("prog load {program} --select far_store");
    place.refused(&load, "E0501");
    let run = place.on(&format!("{load} --instant"));
    assert!(
        run.stderr.contains("error[E0501]") && run.stdout.contains("on the engine, where it stays"),
        "{}",
        run.stdout
    );
    let loaded = place.json(&format!("{load} --instant"));
    assert_eq!((&loaded["instant"], &loaded["pipeline_refused"]["code"]), (&json!(true), &json!("E0501")), "{loaded}");
    let mut packet = vec![0; 64];
    packet[5] = 40;
    let (input, output) = (place.folder.path("in"), place.folder.path("out"));
    std::fs::write(&input, &packet).expect("a file");
    let ran = place.json(&format!("prog run data_in {input} data_out {output}"));
    packet[40] = 0x5a;
    assert_eq!((&ran["retval"], std::fs::read(&output).expect("a file")), (&json!(3), packet), "{ran}");
    assert_eq!(place.json("prog show")[0]["stages"], 0);
    // What neither is made of changes nothing.
    let text = "int f(void) { return 2; }\nchar _license[] __attribute__((section(\"license\"))) = \"GPL\";\n";
    let none = place.folder.path("none.c");
    std::fs::write(&none, text).expect("a file");
    let refusal = place.try_on(&format!("-j prog load {none} --instant"));
    assert!(refusal.status == 1 && refusal.json()["code"].is_string(), "{}", refusal.stdout);
    assert_eq!(place.json("prog show")[0]["id"], loaded["id"]);
}
