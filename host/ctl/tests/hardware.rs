// SPDX-License-Identifier: Apache-2.0
//! The hardware of a simulated NIC: its counters against what was sent, rings and memory that stay whole, sleep, a program that stops it.

mod support;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{Folder, Place, compiler, frame, number, program, read_capture, refusal, write_capture};

/// Compiles a program of `tests/data` into a folder.
fn compiled(name: &str, folder: &Folder) -> String {
    let out = folder.path(name);
    let done = Command::new(compiler()).args(["compile", &program(name), "-o", &out, "--bus", "64"]).output();
    let done = done.expect("the compiler starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

/// Buffers of receive rings are the DMA's, those of transmit rings the host's, all of them.
#[track_caller]
fn whole(nic: &Value) {
    for ring in nic["rings"].as_array().expect("rings") {
        let [all, posted, free] = ["descriptors", "posted", "free"].map(|name| ring[name].as_u64().expect("a number"));
        assert!(posted + free == all && (posted == 0 || free == 0), "{ring}");
    }
}

#[test]
fn counters_of_the_hardware_are_those_of_the_frames() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    place.on("map update name blocked key 10.0.0.7 value 1");
    let frames: Vec<Vec<u8>> = (0..300).map(|n| frame(if n % 3 == 0 { 7 } else { 8 }, n, 60 + n as usize)).collect();
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &frames);
    place.ctl(&["sim", "send", "nic", &capture, "--out", &out]).good();
    let stats = place.json("stats");
    let (shell, nic) = (&stats["shell"], &stats["nic"]);
    assert_eq!((&shell["mac_rx"], &shell["dma_rx"]), (&json!(300), &json!(200)));
    for (part, name, wanted) in [
        ("gate", "rx_frames", 300),
        ("gate", "rx_full", 0),
        ("gate", "to_host", 200),
        ("slots", "frames_a", 300),
        ("slots", "verdicts_a", 300),
        ("slots", "passed", 0),
        ("dma", "rx_frames", 200),
        ("dma", "completions", 200),
        ("dma", "dropped_empty", 0),
        ("dma", "rx_error", 0),
    ] {
        assert_eq!(nic[part][name], wanted, "{part} {name}: {stats}");
    }
    let bytes: usize = frames.iter().filter(|frame| frame[29] == 8).map(Vec::len).sum();
    assert_eq!(nic["dma"]["rx_bytes"], bytes);
    assert_eq!((&nic["running"], &nic["slots"]["switches"]), (&json!("A"), &json!(1)));
    whole(nic);
    // One that is tried goes through the hardware, too, and nowhere else.
    let one = place.folder.path("one.bin");
    fs::write(&one, frame(9, 0, 60)).expect("written");
    place.on(&format!("prog run data_in {one} repeat 5"));
    let stats = place.json("stats");
    assert_eq!((&stats["shell"]["mac_rx"], &stats["shell"]["dma_rx"]), (&json!(300), &json!(200)));
    assert_eq!((&stats["nic"]["gate"]["rx_frames"], &stats["nic"]["gate"]["to_host"]), (&json!(305), &json!(205)));
    // What the gate does not take leaves no trace behind it.
    write_capture(&capture, &[vec![1; 13], frame(8, 1, 60), vec![2; 9217]]);
    let sent = place.ctl(&["-j", "sim", "send", "nic", &capture]).good().json();
    assert_eq!((&sent["discarded"], &sent["actions"]["pass"]), (&json!(2), &json!(1)), "{sent}");
    assert_eq!(place.json("stats")["shell"]["rx_length_errors"], 2);
    let text = place.on("stats").stdout + &place.on("status").stdout;
    for part in ["gate\n", "dma\n", "slot A runs", "0 lost", "buffers posted"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Programs that come and go, loads whose command is killed, frames meanwhile: after 200 of each no buffer and no page is missing.
#[test]
fn rings_and_memory_are_whole_after_200_exchanges() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let folders = [compiled("mark", &place.folder), compiled("guard", &place.folder)];
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    let frames: Vec<Vec<u8>> = (0..40).map(|n| frame(8, n, 60 + 7 * n as usize)).collect();
    write_capture(&capture, &frames);
    let send = || {
        let sent = place.ctl(&["-j", "sim", "send", "nic", &capture, "--out", &out]).good().json();
        assert_eq!((&sent["discarded"], &sent["actions"]["pass"]), (&json!(0), &json!(40)), "{sent}");
        let numbers: Vec<u32> = read_capture(&format!("{out}/pass.pcap")).iter().map(|frame| number(frame)).collect();
        assert_eq!(numbers, (0..40).collect::<Vec<_>>());
    };
    send();
    let before = place.json("status");
    whole(&before["nic"]);
    for cycle in 0..200usize {
        match cycle % 4 {
            0 | 2 => drop(place.on(&format!("prog load {} --keep-maps", folders[cycle / 2 % 2]))),
            1 => {
                let load = ["prog", "load", &folders[1], "dev", "sim:nic"];
                let mut child =
                    place.command(&load).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
                std::thread::sleep(Duration::from_millis(cycle as u64 * 7 % 60));
                // It may have ended.
                let _ = child.kill();
                child.wait().expect("a child");
                while place.json("status")["loading"] == true {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            _ => drop(place.try_on("prog unload")),
        }
        if cycle % 10 == 3 {
            send();
        }
    }
    send();
    let after = place.json("status");
    whole(&after["nic"]);
    for name in ["rings", "memory_bytes"] {
        assert_eq!(after["nic"][name], before["nic"][name], "{name}");
    }
    let (gate, dma) = (&after["nic"]["gate"], &after["nic"]["dma"]);
    assert_eq!((&gate["rx_full"], &dma["dropped_empty"], &dma["dropped_stopped"]), (&json!(0), &json!(0), &json!(0)));
    assert_eq!(gate["to_host"], 40 * 22, "all frames of all rounds went through the rings");
    assert!(after["nic"]["slots"]["switches"].as_u64() > Some(100), "{after}");
    place.clean_log();
}

/// Clock ticks that a process has used.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum()
}

#[test]
fn an_idle_nic_uses_no_processor() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &[frame(8, 0, 60)]);
    place.ctl(&["sim", "send", "nic", &capture]).good();
    let pid = place.server();
    std::thread::sleep(Duration::from_millis(300));
    let before = ticks(pid);
    std::thread::sleep(Duration::from_secs(2));
    let used = ticks(pid) - before;
    assert!(used <= 2, "{used} ticks of a hundredth second in two seconds");
}

/// A core that stops the simulation is said so, and another program makes the NIC work again.
#[test]
fn a_program_that_stops_the_nic_can_be_replaced() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let bad = compiled("guard", &place.folder);
    let core = Path::new(&bad).join("bpf_core.sv");
    let text = fs::read_to_string(&core).expect("there");
    let end = text.rfind("endmodule").expect("a module");
    let text = format!("{}  always @(posedge clk) if (mon_valid) $stop;\n{}", &text[..end], &text[end..]);
    fs::write(&core, &text).expect("written");
    let sums = Path::new(&bad).join("SHA256SUMS");
    let list = fs::read_to_string(&sums).expect("there");
    let sum: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let line = |line: &str| match line.ends_with("  bpf_core.sv") {
        true => format!("{sum}  bpf_core.sv\n"),
        false => format!("{line}\n"),
    };
    fs::write(&sums, list.lines().map(line).collect::<String>()).expect("written");
    place.on(&format!("prog load {bad}"));
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &(0..20).map(|n| frame(8, n, 100)).collect::<Vec<_>>());
    let send = || place.ctl(&["-j", "sim", "send", "nic", &capture]).good().json();
    assert_eq!(send()["discarded"], 20);
    let status = place.json("status");
    assert!(status["state"].as_str().is_some_and(|state| state.starts_with("stopped: ")), "{status}");
    assert_eq!(status["nic"], Value::Null);
    assert_eq!(send()["discarded"], 20);
    assert_eq!(place.json("status")["counters"]["core_stopped"], 40);
    refusal(&place.try_on("-j map dump name blocked"), "C0017");
    place.on(&format!("prog load {}", program("guard")));
    assert_eq!(send()["actions"]["pass"], 20);
    let status = place.json("status");
    assert_eq!(status["state"], "running", "{status}");
    assert_eq!(status["nic"]["dma"]["rx_frames"], 20);
    whole(&status["nic"]);
    place.on("map update name blocked key 10.0.0.8 value 1");
    assert_eq!(send()["actions"]["drop"], 20);
}
