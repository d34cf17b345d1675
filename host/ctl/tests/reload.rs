// SPDX-License-Identifier: Apache-2.0
//! Another program while packets flow: none is lost, none overtakes another, maps move over; and whatever goes wrong, a program runs.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{Folder, Place, compiler, frame, number, program, read_capture, write_capture};

const PACKETS: u32 = 4000;

/// Compiles a program of `tests/data` into a folder.
fn compiled(name: &str, folder: &Folder, more: &[&str]) -> String {
    let out = folder.path(name);
    let source = program(name);
    let words = [&["compile", &source, "-o", &out, "--bus", "64", "--emit", "asm,pipe"], more].concat();
    let done = Command::new(compiler()).args(words).output().expect("the compiler starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

#[test]
fn programs_are_exchanged_under_a_flood() {
    let place = Place::new();
    place.up("guard", &[]);
    let mark = compiled("mark", &place.folder, &[]);
    let guard = compiled("guard", &place.folder, &[]);
    place.on("map update name blocked key 10.0.0.7 value 1");
    // Both models are in the cache from here on.
    place.on(&format!("prog load {mark} --dry-run"));
    let frames: Vec<Vec<u8>> =
        (0..PACKETS).map(|n| frame(if n % 10 == 0 { 7 } else { 8 }, n, 60 + n as usize % 200)).collect();
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &frames);
    place.on("stats clear");
    let repeat = 20;
    let held = resources(place.server());
    let mut child = place.send(&capture, &out, repeat);
    let (mut loads, mut waited) = (0, 0);
    while child.try_wait().expect("a child").is_none() && loads < 40 {
        let loaded = place.json(&format!("prog load {} --keep-maps", [&mark, &guard][loads % 2]));
        assert_eq!(loaded["maps_kept"], json!(["blocked"]), "{loaded}");
        assert_eq!(loaded["maps_fresh"][0]["name"], "seen");
        waited += loaded["packets_waited"].as_u64().expect("a number");
        loads += 1;
    }
    let output = child.wait_with_output().expect("it ends");
    let sent: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(loads >= 10, "{loads} loads");
    let total = repeat * PACKETS;
    assert_eq!((&sent["packets"], &sent["discarded"]), (&json!(total), &json!(0)));
    // A tenth is blocked, whatever program runs: the map went over each time.
    assert_eq!(
        sent["actions"],
        json!({"aborted": 0, "drop": total / 10, "pass": total - total / 10, "tx": 0, "redirect": 0})
    );
    let passed = read_capture(&format!("{out}/pass.pcap"));
    assert_eq!(passed.len() as u32, total - total / 10);
    let expected = (0..PACKETS).filter(|n| n % 10 != 0).cycle();
    assert!(passed.iter().zip(expected).all(|(frame, n)| number(frame) == n), "all packets, in their order");
    let marked: Vec<bool> = passed.iter().map(|frame| frame[5] == 0x5a).collect();
    assert!(marked.windows(2).filter(|pair| pair[0] != pair[1]).count() >= 2, "packets have met both programs");
    let shell = &place.json("stats")["shell"];
    for (name, number) in
        [("mac_rx", total), ("dma_rx", total - total / 10), ("rx_overflow", 0), ("bypass", 0), ("core_stopped", 0)]
    {
        assert_eq!(shell[name], number, "{name}: {shell} ({loads} loads, {waited} packets waited)");
    }
    place.clean_log();
    assert_eq!(place.designs(), 1, "designs of earlier programs are removed");
    let begun = Instant::now();
    // Connections that have just ended may be counted before; none is left after.
    let more = |now: (usize, usize)| now.0 > held.0 || now.1 > held.1;
    let mut now = resources(place.server());
    while more(now) && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
        now = resources(place.server());
    }
    assert!(!more(now), "files and threads: {held:?} before, {now:?} after {loads} loads");
}

/// Open files and threads of the server. The connection that asks is one of them, always.
fn resources(pid: u32) -> (usize, usize) {
    let count = |what: &str| fs::read_dir(format!("/proc/{pid}/{what}")).expect("it lives").count();
    (count("fd"), count("task"))
}

/// What a server holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    files: usize,
    threads: usize,
    /// Lines of its memory map that name a file: models and libraries.
    mapped: usize,
    /// Resident memory in KiB.
    memory: usize,
}

fn held(pid: u32) -> Held {
    let read = |what: &str| fs::read_to_string(format!("/proc/{pid}/{what}")).expect("it lives");
    let (files, threads) = resources(pid);
    let mapped = read("maps").lines().filter(|line| line.contains(" /")).count();
    let memory =
        read("status").lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    Held { files, threads, mapped, memory: memory.expect("a number") }
}

/// Loads of models that are in the cache, and clients that come and go: nothing is left of them. `BPF2HDL_LOADS=1000` is the campaign.
#[test]
#[expect(clippy::print_stdout, reason = "the campaign's figures")]
fn loads_and_clients_leave_nothing_behind() {
    let loads: usize = std::env::var("BPF2HDL_LOADS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let folders = [compiled("mark", &place.folder, &[]), compiled("guard", &place.folder, &[])];
    let (pid, socket) = (place.server(), place.run_folder().join("nic/socket"));
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &(0..64).map(|n| frame(8, n, 200)).collect::<Vec<_>>());
    let once = |number: usize| {
        place.on(&format!("prog load {} --keep-maps", folders[number % 2]));
        place.ctl(&["sim", "send", "nic", &capture]).good();
        // One that asks and does not wait, one that stops within a message, one that says nothing.
        for said in [&b"B2HN\x01\0\0\0\x08\0\0\0\0\0\0\0\"Status\""[..], b"B2HN\x01\0", b""] {
            let mut stream = std::os::unix::net::UnixStream::connect(&socket).expect("connected");
            std::io::Write::write_all(&mut stream, said).expect("written");
        }
    };
    // Allocators and libraries have what they need after some of them.
    (0..30).for_each(once);
    let before = held(pid);
    (0..loads).for_each(once);
    let begun = Instant::now();
    let more = |now: Held| now.files > before.files || now.threads > before.threads || now.mapped > before.mapped;
    let mut now = held(pid);
    while more(now) && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
        now = held(pid);
    }
    assert!(!more(now), "{before:?} before, {now:?} after {loads} loads");
    // A model that stayed would be some MiB each time.
    assert!(now.memory < before.memory + 2048, "{before:?} before, {now:?} after {loads} loads");
    assert_eq!(place.designs(), 1);
    println!("{loads} loads: {before:?} before, {now:?} after");
}

#[test]
fn what_can_not_be_loaded_leaves_the_old_program() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    place.on("map update name blocked key 10.0.0.7 value 1");
    let before = place.json("prog show");
    let folder = Folder::new();
    let wide = folder.path("wide");
    let guard = program("guard");
    let done = Command::new(compiler()).args(["compile", &guard, "-o", &wide]).output().expect("it starts");
    assert!(done.status.success());
    let message = place.refused(&format!("prog load {wide}"), "C0009");
    assert!(message.contains("512") && message.contains("64"), "{message}");
    let slow = compiled("guard", &folder, &["--clock", "100"]);
    let message = place.refused(&format!("prog load {slow}"), "C0009");
    assert!(message.contains("100 MHz") && message.contains("250"), "{message}");
    let other = compiled("mark", &folder, &["--target", "ecp5"]);
    place.refused(&format!("prog load {other}"), "C0009");
    let broken = folder.path("broken.c");
    fs::write(&broken, "int main(").expect("written");
    place.refused(&format!("prog load {broken}"), "E0015");
    place.refused("prog load /nowhere.o", "E0001");
    place.refused(&format!("prog load {guard} --nonsense"), "C0001");
    place.refused(&format!("prog load {guard} /sys/fs/bpf/x"), "C0001");
    place.refused(&format!("prog load {}", folder.0.display()), "C0008");
    let maps = folder.path("maps.json");
    fs::write(&maps, r#"{"blocked": [{"key": [1], "value": [1, 0, 0, 0]}]}"#).expect("written");
    place.refused(&format!("prog load {guard} --maps {maps}"), "C0013");
    assert_eq!(place.json("prog show"), before);
    assert_eq!(place.designs(), 1, "nothing is left of what was refused");
    assert_eq!(place.json("map dump name blocked").as_array().map(Vec::len), Some(1));

    // A rehearsal changes nothing; a map file fills the new program; without --keep-maps maps begin anew.
    let rehearsed = place.json(&format!("prog load {guard} --keep-maps --dry-run"));
    assert_eq!((&rehearsed["id"], &rehearsed["maps_kept"]), (&Value::Null, &json!(["seen", "blocked"])));
    assert_eq!(place.json("prog show"), before);
    fs::write(&maps, r#"{"blocked": [{"key": [10, 0, 0, 9], "value": [1, 0, 0, 0]}]}"#).expect("written");
    place.on(&format!("prog load {guard} --maps {maps}"));
    let dump = place.json("map dump name blocked");
    assert_eq!((dump[0]["key"][3].as_str(), dump.as_array().map(Vec::len)), (Some("0x09"), Some(1)));
    assert_eq!((&place.json("prog show")[0]["id"], &place.json("prog show")[0]["slot"]), (&json!(2), &json!("B")));

    // Without a program everything passes.
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &[frame(9, 0, 60), frame(8, 1, 60)]);
    let send = || place.ctl(&["-j", "sim", "send", "nic", &capture]).good().json()["actions"]["pass"].clone();
    assert_eq!(send(), 1);
    place.on("prog unload");
    assert_eq!(send(), 2);
    place.refused("map show", "C0010");
    place.refused("prog unload", "C0010");
    assert_eq!(place.json("status")["state"], "bypass");
    place.on(&format!("prog load {guard}"));
    assert_eq!(send(), 2);
}

/// A byte of a compiled folder that is changed is refused, or makes no difference.
#[test]
fn damaged_folders_are_refused() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let folder = Folder::new();
    let design = compiled("guard", &folder, &[]);
    let own: String = place.json("prog show")[0]["build_id"].as_str().expect("text").to_owned();
    let mut files = Vec::new();
    list(Path::new(&design), &mut files);
    let (mut refused, mut loaded) = (0, 0);
    for (number, file) in files.iter().enumerate() {
        let whole = fs::read(file).expect("readable");
        // The first and last byte, and some between.
        let step = (whole.len() / 3).max(1);
        for at in (0..whole.len()).step_by(step).chain([whole.len().saturating_sub(1)]) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (number % 8);
            fs::write(file, &bytes).expect("written");
            let run = place.try_on(&format!("-j prog load {design} --dry-run"));
            if run.status == 0 {
                // Reports are for people.
                let name = file.file_name().expect("a name").to_string_lossy().into_owned();
                assert!(
                    name.starts_with("report.") || name.starts_with("program."),
                    "{name}, byte {at}: {}",
                    run.stdout
                );
                loaded += 1;
            } else {
                support::refusal(&run, "C0008");
                refused += 1;
            }
        }
        fs::write(file, &whole).expect("written");
    }
    assert!(refused > 40 && loaded > 0, "{refused} refused, {loaded} loaded");
    fs::remove_file(&files[0]).expect("removed");
    place.refused(&format!("prog load {design}"), "C0008");
    // Nor does a NIC start with it, and nothing is left of the attempt.
    support::refusal(&place.ctl(&["-j", "sim", "up", "other", "--prog", &design]), "C0008");
    assert_eq!(place.ctl(&["-j", "sim", "list"]).good().json().as_array().map(Vec::len), Some(1));
    let left = fs::read_dir(place.run_folder()).expect("there").flatten().map(|entry| entry.file_name());
    let mut left: Vec<String> = left.map(|name| name.to_string_lossy().into_owned()).collect();
    left.sort();
    assert_eq!(left, [".locks", "nic"]);
    assert_eq!(place.json("prog show")[0]["build_id"], own);
    assert_eq!(place.designs(), 1);
}

fn list(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("there").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

/// The command killed at any moment of a load: the old or the new program runs, and the NIC works. `BPF2HDL_KILLS=200` is the campaign.
#[test]
fn a_killed_command_leaves_a_program() {
    let kills: u64 = std::env::var("BPF2HDL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(16);
    let place = Place::new();
    place.up("guard", &[]);
    let sources = [
        program("mark"),
        program("guard"),
        compiled("mark", &place.folder, &[]),
        compiled("guard", &place.folder, &[]),
    ];
    place.on(&format!("prog load {} --dry-run", sources[0]));
    let begun = Instant::now();
    place.on(&format!("prog load {}", sources[0]));
    let whole = begun.elapsed();
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &[frame(9, 0, 60), frame(8, 1, 60)]);
    place.on("map update name blocked key 10.0.0.9 value 1");
    let mut counts = [0; 2];
    for kill in 0..kills {
        let source = &sources[kill as usize % sources.len()];
        let before = place.json("prog show")[0]["id"].as_u64().expect("a number");
        let mut command = place.command(&["prog", "load", source, "--keep-maps", "dev", "sim:nic"]);
        let command = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("it starts");
        // Spread over twice the time of a load, in an order without a pattern.
        let part = (kill * 7919 % kills.max(1)) as f64 / kills as f64;
        std::thread::sleep(whole.mul_f64(2.0 * part));
        // It may have ended.
        let _ = child.kill();
        child.wait().expect("a child");
        let settled = Instant::now();
        while place.json("status")["loading"] == true {
            assert!(settled.elapsed() < Duration::from_secs(30), "a load does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        let program = place.json("prog show")[0].clone();
        let id = program["id"].as_u64().expect("a number");
        assert!(id == before || id == before + 1, "load {id} after {before}");
        counts[usize::from(id != before)] += 1;
        let sent = place.ctl(&["-j", "sim", "send", "nic", &capture]).good().json();
        assert_eq!(
            (&sent["actions"]["drop"], &sent["actions"]["pass"]),
            (&json!(1), &json!(1)),
            "kill {kill}: {program}"
        );
    }
    // The next load sweeps away what killed ones have left.
    place.on(&format!("prog load {}", sources[1]));
    assert_eq!(place.designs(), 1);
    assert!(counts[0] > 0 && counts[1] > 0, "old, new: {counts:?}");
}
