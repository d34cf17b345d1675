// SPDX-License-Identifier: Apache-2.0
//! `udp:` against the real hardware: `bpf_udp` and a compiled core in Verilator, to which a socket's datagrams come as frames (`tests/bench/udp_bench.*`).

mod support;

use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Place, Run, compiler, program, refusal};

#[test]
fn a_board_behind_datagrams() {
    let place = Place::new();
    let folder = place.folder.path("design");
    let words = ["compile", &program("guard"), "-o", &folder, "--bus", "64", "--target", "ecp5-25f"];
    let done = Command::new(compiler()).args(words).output().expect("the compiler starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(Path::new(&folder).join("bpf_core.f")).expect("the list");
    let mut files: Vec<PathBuf> = list.lines().map(|line| Path::new(&folder).join(line)).collect();
    files.extend([own.join("../../hdl/rtl/bpf_udp.sv"), own.join("tests/bench/udp_bench.sv")]);
    let main = own.join("tests/bench/udp_bench.cpp");
    let bench = bpf2hdl_testbench::model::program(&files, "udp_bench", &main).expect("the bench");

    let mut child = Command::new(bench)
        .args(["5", "25"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the bench starts");
    let mut said = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it says where it is");
    let device = format!("udp:127.0.0.1:{}", line.trim());
    let run = |arguments: &str| -> Run {
        let words: Vec<&str> = ["-j", "--design", &folder].into_iter().chain(arguments.split_whitespace()).collect();
        place.ctl(&[&words[..], &["dev", &device]].concat())
    };
    assert_eq!(run("status").good().json()["device"], json!(device));
    // Each of these would be something else the second time.
    for host in 1..=20 {
        run(&format!("map update name blocked key 10.0.1.{host} value {host} noexist")).good();
    }
    refusal(&run("map update name blocked key 10.0.1.3 value 3 noexist"), "C0015");
    for host in 1..=10 {
        run(&format!("map delete name blocked key 10.0.1.{host}")).good();
    }
    refusal(&run("map delete name blocked key 10.0.1.3"), "C0014");
    let dump = run("map dump name blocked").good().json();
    let mut hosts: Vec<_> =
        dump.as_array().expect("a list").iter().map(|entry| entry["formatted"]["value"].as_u64()).collect();
    hosts.sort();
    assert_eq!(hosts, (11..=20).map(Some).collect::<Vec<_>>());
    // Frames of others go on to the core, which drops those that are blocked: all counted, none of the host's own among them.
    run("map update name blocked key 10.0.0.7 value 1").good();
    let dropped =
        |run: &dyn Fn(&str) -> Run| run("stats").good().json()["core"]["drop_packets"].as_u64().expect("a number");
    let (first, second) = (dropped(&run), dropped(&run));
    assert!(first < second, "{first} {second}");
    refusal(&run("prog load /nowhere.o"), "C0024");
    drop(child.stdin.take());
    assert!(child.wait().expect("a child").success());
    line.clear();
    said.read_line(&mut line).expect("it says how many");
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(numbers[0] > 20 && numbers[1] > 500, "astray, frames: {line}");
    let message = refusal(&run("status"), "C0017");
    assert!(message.contains("can not be reached"), "{message}");
}
