// SPDX-License-Identifier: Apache-2.0
//! The same commands on the kernel's maps by the real bpftool, and on a simulated NIC by ours: the same JSON.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Place, program, root_or_skip};

/// Runs bpftool; status and standard output.
fn bpftool(arguments: &str) -> (i32, String) {
    // Where it is told to pin something it mounts a file system, unless one is there already.
    let output = Command::new("bpftool")
        .args(arguments.split_whitespace())
        .current_dir("/sys/fs/bpf")
        .output()
        .expect("bpftool starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap_or(-1), text + &String::from_utf8_lossy(&output.stderr))
}

/// A pinned program that goes away at the end.
struct Pinned(String, PathBuf);

impl Drop for Pinned {
    fn drop(&mut self) {
        // What stays is unpinned by a reboot.
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.1);
    }
}

/// Compiles the program for both.
fn object(place: &Place) -> String {
    let object = place.folder.path("types.o");
    let clang = ["clang-19", "clang", "clang-22", "clang-14"].into_iter();
    let clang = clang.into_iter().find(|clang| Command::new(clang).arg("--version").output().is_ok()).expect("a clang");
    let triplet = format!("-I/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let arguments =
        ["-O2", "-g", "-target", "bpf", &triplet, "-c", &program("types"), "-o", &object].map(str::to_owned);
    assert!(Command::new(clang).args(arguments).status().expect("it runs").success());
    object
}

/// JSON without what only one CPU more or less makes different, and entries in one order.
fn normal(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let first = |values: &mut Value| {
        if let Value::Array(values) = values {
            values.truncate(1);
        }
    };
    let entry = |entry: &mut Value| {
        if entry.get("values").is_some() {
            first(&mut entry["values"]);
            first(&mut entry["formatted"]["values"]);
        }
    };
    match &mut value {
        Value::Array(list) => {
            list.iter_mut().for_each(entry);
            list.sort_by_key(|entry| entry["key"].to_string());
        }
        other if other.is_object() => entry(other),
        _ => {}
    }
    value
}

#[test]
fn json_is_that_of_bpftool() {
    if !root_or_skip("json_is_that_of_bpftool", &["bpftool"]) {
        return;
    }
    let place = Place::new();
    let object = object(&place);
    let pinned = Pinned(
        format!("/sys/fs/bpf/b2h_types_{}", std::process::id()),
        PathBuf::from(format!("/sys/fs/bpf/b2h_maps_{}", std::process::id())),
    );
    let (status, said) = bpftool(&format!("prog load {object} {} type xdp pinmaps {}", pinned.0, pinned.1.display()));
    if status != 0 && std::env::var_os("CI").is_none() {
        return support::skip("json_is_that_of_bpftool", &said);
    }
    assert_eq!(status, 0, "{said}");
    place.ctl(&["sim", "up", "nic", "--prog", &object, "--bus", "64", "--quick"]).good();
    let state = "101 116 104 48 0 0 0 0 1 2 3 4 7 0 0 0 254 255 255 255 255 255 255 255 1 0 1 65 254 255 0 10 255 255 255 1 5 0 6 0";
    let odd = "255 1 2 3 4 5 6 7 1 2 3 4 9 0 0 0 1 0 0 0 0 0 0 128 1 0 0 0 254 127 1 32 13 0 0 254 255 255 255 255";
    let commands = [
        ("states", format!("update key 1 0 0 0 value {state}")),
        ("states", format!("update key hex 02 00 00 00 value {odd} exist")),
        ("states", "lookup key 1 0 0 0".to_owned()),
        ("states", "lookup key 2 0 0 0".to_owned()),
        ("states", "lookup key 3 0 0 0".to_owned()),
        ("states", format!("update key 1 0 0 0 value {state} noexist")),
        ("states", format!("update key 3 0 0 0 value {state}")),
        ("states", "delete key 1 0 0 0".to_owned()),
        ("states", "getnext".to_owned()),
        ("states", "getnext key 1 0 0 0".to_owned()),
        ("states", "getnext key 2 0 0 0".to_owned()),
        ("flows", "update key 10 0 0 1 0x01 0xbb 6 0 value 5 0 1 88".to_owned()),
        ("flows", "update key 10 0 0 2 0x01 0xbb 17 0 value hex ff ff 00 00 noexist".to_owned()),
        ("flows", "update key 10 0 0 2 0x01 0xbb 17 0 value 0 0 0 0 noexist".to_owned()),
        ("flows", "update key 10 0 0 3 0x01 0xbb 17 0 value 0 0 0 0 exist".to_owned()),
        ("flows", "lookup key 10 0 0 2 0x01 0xbb 17 0".to_owned()),
        ("flows", "lookup key 10 0 0 9 0x01 0xbb 17 0".to_owned()),
        ("flows", "delete key 10 0 0 9 0x01 0xbb 17 0".to_owned()),
        ("flows", "update key 1 2 3 4 5 6 7 8 value 1 1 1 1".to_owned()),
        ("flows", "delete key 10 0 0 2 0x01 0xbb 17 0".to_owned()),
        ("flows", "update key 1 2 3 value 1 1 1 1".to_owned()),
        ("recent", "update key 1 0 0 0 0 0 0 128 value 255 255 255 255".to_owned()),
        ("recent", "lookup key 1 0 0 0 0 0 0 128".to_owned()),
        ("by_cpu", "update key 1 0 0 0 value 9 0 0 0 0 0 0 1".to_owned()),
        ("by_cpu", "lookup key 1 0 0 0".to_owned()),
        ("hash_by_cpu", "update key 8 0 value 1 2 3 4".to_owned()),
        ("hash_by_cpu", "lookup key 8 0".to_owned()),
        ("routes", "update key 8 0 0 0 10 0 0 0 value 1 0 0 0".to_owned()),
        ("routes", "update key 24 0 0 0 10 1 2 0 value 2 0 0 0".to_owned()),
        ("routes", "update key 24 0 0 0 10 1 2 0 value 3 0 0 0 noexist".to_owned()),
        ("routes", "update key 33 0 0 0 10 1 2 0 value 3 0 0 0".to_owned()),
        ("routes", "lookup key 32 0 0 0 10 1 2 77".to_owned()),
        ("routes", "lookup key 32 0 0 0 10 9 9 9".to_owned()),
        ("routes", "lookup key 32 0 0 0 11 9 9 9".to_owned()),
        ("routes", "delete key 8 0 0 0 10 0 0 0".to_owned()),
        ("waiting", "push value 1 0 0 0".to_owned()),
        ("waiting", "enqueue value 2 0 0 0".to_owned()),
        ("waiting", "peek".to_owned()),
        ("waiting", "push value 3 0 0 0".to_owned()),
        ("waiting", "push value 4 0 0 0".to_owned()),
        ("waiting", "dequeue".to_owned()),
        ("pile", "pop".to_owned()),
        ("pile", "push value 1 0 0 0".to_owned()),
        ("pile", "push value 2 0 0 0".to_owned()),
        ("pile", "pop".to_owned()),
    ];
    let mut refused = 0;
    for (map, command) in &commands {
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        let (status, kernel) = bpftool(&format!("-j map {verb} pinned {}/{map} {rest}", pinned.1.display()));
        let ours = place.try_on(&format!("-j map {verb} name {map} {rest}"));
        assert_eq!(status == 0, ours.status == 0, "{map} {command}: {kernel} | {}{}", ours.stdout, ours.stderr);
        if status != 0 && kernel.contains("\"error\"") {
            assert!(ours.json()["error"].is_string(), "{map} {command}: {kernel} | {}", ours.stdout);
            refused += 1;
        } else if kernel.trim().is_empty() {
            assert_eq!(ours.json(), Value::Null, "{map} {command}");
        } else {
            assert_eq!(normal(&ours.stdout), normal(&kernel), "{map} {command}");
        }
    }
    assert!(refused >= 8, "{refused}");
    for map in ["states", "flows", "recent", "by_cpu", "hash_by_cpu", "routes"] {
        let (_, kernel) = bpftool(&format!("-j map dump pinned {}/{map}", pinned.1.display()));
        assert_eq!(normal(&place.on(&format!("-j map dump name {map}")).stdout), normal(&kernel), "{map}");
        let (_, shown) = bpftool(&format!("-j map show pinned {}/{map}", pinned.1.display()));
        let (kernel, ours): (Value, Value) =
            (serde_json::from_str(&shown).expect("JSON"), place.json(&format!("map show name {map}")));
        for field in ["type", "name", "bytes_key", "bytes_value", "max_entries"] {
            assert_eq!(ours[field], kernel[field], "{map}: {field}");
        }
    }
    texts_and_prefixes(&place, &pinned);
    for section in ["data", "bss"] {
        let (_, kernel) = bpftool(&format!("-j map dump pinned {}/types_{section}", pinned.1.display()));
        let (kernel, ours) = (normal(&kernel), normal(&place.on(&format!("-j map dump name .{section}")).stdout));
        assert_eq!(ours, kernel, "{section}");
    }
    assert!(Path::new(&pinned.0).exists());
}

/// What is printed without `-j`, and what keywords that are cut short mean.
fn texts_and_prefixes(place: &Place, pinned: &Pinned) {
    let both = |before: &str, map: &str, rest: &str| {
        let kernel = bpftool(&format!("{before} pinned {}/{map} {rest}", pinned.1.display()));
        let ours = place.try_on(&format!("{before} name {map} {rest}"));
        (kernel, ours)
    };
    for (command, map, rest) in [
        ("map dump", "states", ""),
        ("map dump", "recent", ""),
        ("map lookup", "states", "key 1 0 0 0"),
        ("map lookup", "states", "key 9 0 0 0"),
        ("map lookup", "flows", "key 10 0 0 1 0x01 0xbb 6 0"),
        ("map getnext", "states", ""),
        ("map getnext", "states", "key 0 0 0 0"),
        ("map peek", "waiting", ""),
        ("map pop", "pile", ""),
        ("map pop", "pile", ""),
        ("map update", "flows", "key 10 0 0 1 0x01 0xbb 6 0 value 5 0 1 88"),
    ] {
        let ((status, kernel), ours) = both(command, map, rest);
        assert_eq!(status == 0, ours.status == 0, "{command} {map} {rest}: {kernel} | {}{}", ours.stdout, ours.stderr);
        if status == 0 || !kernel.starts_with("Error") {
            assert_eq!(ours.stdout.trim_end(), kernel.trim_end(), "{command} {map} {rest}");
        }
    }
    // One entry stays in `flows`: the kernel's order of entries in a hash changes from map to map.
    let ((status, said), ours) = both("map delete", "flows", "key 1 2 3 4 5 6 7 8");
    assert_eq!((status, ours.status), (0, 0), "{said} | {}{}", ours.stdout, ours.stderr);
    // Every beginning of every keyword, on a map with keys and on one without.
    let words =
        ["show", "list", "dump", "update", "lookup", "getnext", "delete", "peek", "push", "enqueue", "pop", "dequeue"];
    let beginnings = words.iter().flat_map(|word| (1..=word.len()).map(|length| &word[..length]));
    let mut tried = Vec::new();
    for beginning in beginnings {
        // `pin` is what `p` means to bpftool, which would mount a file system for it: it is not run.
        if tried.contains(&beginning) || ["event_pipe", "help", "pin"].iter().any(|word| word.starts_with(beginning)) {
            continue;
        }
        tried.push(beginning);
        for (map, rest) in
            [("waiting", ""), ("flows", ""), ("flows", "k 10 0 0 1 0x01 0xbb 6 0"), ("waiting", "v 7 0 0 0")]
        {
            // We list the elements of a queue, bpftool fails to.
            if map == "waiting" && "dump".starts_with(beginning) {
                continue;
            }
            // bpftool does not mind words too many.
            if rest.starts_with('v') && !["push", "enqueue", "update"].iter().any(|word| word.starts_with(beginning)) {
                continue;
            }
            let ((status, kernel), ours) = both(&format!("-j m {beginning}"), map, rest);
            let what = format!("m {beginning} {map} {rest}: {kernel} | {}{}", ours.stdout, ours.stderr);
            assert_eq!(status == 0, ours.status == 0, "{what}");
            if status != 0 || kernel.trim().is_empty() {
                continue;
            }
            let shown: Value = serde_json::from_str(&kernel).expect("JSON");
            if shown.get("bytes_key").is_some() {
                assert_eq!(ours.json()["name"], shown["name"], "{what}");
            } else {
                assert_eq!(normal(&ours.stdout), normal(&kernel), "{what}");
            }
        }
    }
    assert!(tried.len() > 40, "{}", tried.len());
    for (command, means) in [
        ("m p", "map pin"),
        ("m f", "map freeze"),
        ("m c", "map create"),
        ("p p", "prog pin"),
        ("p loada", "prog loadall"),
        ("net a", "net attach"),
    ] {
        assert!(place.refused(command, "C0024").starts_with(&format!("`{means}` is not for a NIC")), "{command}");
    }
}
