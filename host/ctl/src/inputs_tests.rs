// SPDX-License-Identifier: Apache-2.0
//! Files that commands read: map files, tables of a network, captures. Whatever becomes of a byte, there is an error with a message, or contents that
//! fit the program.

use crate::artifact::tests::{Folder, find_compiler};
use crate::server::contents;
use bpf2hdl_interface::{Manifest, network_file};
use bpf2hdl_testbench::capture;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

fn manifest(name: &str) -> Manifest {
    let folder = Folder::new(&format!("inputs-{name}"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(format!("{name}.c"));
    let mut command = Command::new(find_compiler());
    let done =
        command.arg("compile").arg(source).arg("-o").arg(&folder.0).args(["--bus", "64"]).output().expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Manifest::load(&folder.0).expect("a manifest")
}

/// Calls `check` with every file that differs from `whole` in one bit, one byte more or less, or ends early.
fn damaged(whole: &[u8], mut check: impl FnMut(&[u8])) -> u32 {
    let mut cases = 0;
    let mut one = |bytes: &[u8]| {
        cases += 1;
        let result = catch_unwind(AssertUnwindSafe(|| check(bytes)));
        assert!(result.is_ok(), "a panic: {:?}", String::from_utf8_lossy(bytes));
    };
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 1 << bit;
            one(&bytes);
        }
        one(&[&whole[..at], &whole[at + 1..]].concat());
        for more in *b"0\"]}9-e" {
            one(&[&whole[..at], &[more], &whole[at..]].concat());
        }
        one(&whole[..at]);
    }
    cases
}

/// Contents of each map have its sizes, and there is room for them.
fn check_maps(manifest: &Manifest, text: &str) -> bool {
    match contents::initial(manifest, Some(text)) {
        Ok(contents) => {
            for (name, entries) in &contents.maps {
                let map = manifest.maps.iter().find(|map| map.name == *name).expect("a map of the program");
                // Elements of a queue have numbers for keys.
                let key_size = if map.map_type.is_queue() { 4 } else { map.key_size };
                for (key, value) in entries {
                    assert_eq!(
                        (key.len(), value.len()),
                        (key_size as usize, map.value_size as usize),
                        "{name}: {text}"
                    );
                }
                assert!(entries.len() <= map.max_entries as usize, "{name}: {text}");
            }
            true
        }
        Err(failure) => {
            assert!(!failure.message.is_empty() && !failure.help.is_empty(), "{text}");
            false
        }
    }
}

#[test]
fn damaged_map_files_are_refused_or_fit() {
    let maps = [
        (
            "types",
            r#"{"flows": [{"key": [10, 0, 0, 1, 1, 187, 6, 0], "value": ["0x05", "0x00", "0x01", "0x58"], "formatted": {}}],
 "by_cpu": [{"key": [1, 0, 0, 0], "values": [{"cpu": 0, "value": [1, 0, 0, 0, 0, 0, 0, 0]}]}], "routes": [{"key": [8, 0, 0, 0, 10, 0, 0, 0], "value": [1, 0, 0, 0]}],
 "waiting": [{"value": [1, 0, 0, 0]}, {"value": [2, 0, 0, 0]}], ".data": [{"key": [0, 0, 0, 0], "value": [1, 0, 0, 0, 7, 0, 0, 0]}]}"#,
        ),
        (
            "tenants",
            r#"{"tenants": [{"key": [1, 0, 0, 0], "map": "alice"}, {"key": [3, 0, 0, 0], "map": "tenants.inner.2"}],
 "alice": [{"key": [10, 0, 0, 1], "value": [1, 0, 0, 0]}]}"#,
        ),
    ];
    for (name, text) in maps {
        let manifest = manifest(name);
        assert!(check_maps(&manifest, text), "{:?}", contents::initial(&manifest, Some(text)).err());
        let (mut taken, mut refused) = (0, 0);
        let cases = damaged(text.as_bytes(), |bytes| match std::str::from_utf8(bytes) {
            Ok(text) if check_maps(&manifest, text) => taken += 1,
            // What is no text is refused where it is read.
            _ => refused += 1,
        });
        assert!(taken > 100 && refused > 1000, "{name}: {taken} taken, {refused} refused of {cases}");
    }
}

#[test]
fn damaged_network_files_are_refused_or_fit() {
    let text = r#"{"link": [{"ifindex": 1, "ifname": "lo", "flags": ["LOOPBACK", "UP"], "mtu": 65536, "address": "00:00:00:00:00:00"},
 {"ifindex": 3, "link": "v2", "ifname": "v1", "flags": ["UP"], "mtu": 1500, "address": "02:00:00:00:00:11"}],
 "netconf": [{"family": "inet", "interface": "v1", "forwarding": true}],
 "neigh": [{"dst": "fe80::5", "dev": "v1", "lladdr": "02:00:00:00:00:99", "state": ["STALE"]}],
 "route4": [{"type": "unicast", "dst": "default", "gateway": "10.0.0.254", "dev": "v1", "table": "main", "flags": []},
 {"type": "unicast", "dst": "10.7.0.0/16", "dev": "v1", "metrics": [{"mtu": 1400, "lock": true}]}],
 "rule4": [{"priority": 0, "src": "all", "table": "local"}, {"priority": 32766, "src": "all", "table": "main"}]}"#;
    let tables = |text: &str| network_file::parse(text).map(|network| network.to_maps());
    assert!(tables(text).is_ok(), "{:?}", tables(text).err());
    let (mut taken, mut refused) = (0, 0);
    damaged(text.as_bytes(), |bytes| match std::str::from_utf8(bytes).map(tables) {
        Ok(Ok(contents)) => {
            taken += 1;
            let sizes = [(".dev", 4, 4), (".fib4", 8, 16), (".fib6", 20, 28), (".neigh4", 8, 12), (".neigh6", 20, 12)];
            for (name, entries) in &contents.maps {
                let (_, key_size, value_size) = sizes.iter().find(|(own, ..)| own == name).expect("a table");
                assert!(
                    entries.iter().all(|(key, value)| (key.len(), value.len()) == (*key_size, *value_size)),
                    "{name}"
                );
            }
        }
        Ok(Err(message)) => {
            refused += 1;
            assert!(!message.is_empty());
        }
        Err(_) => refused += 1,
    });
    assert!(taken > 100 && refused > 1000, "{taken} taken, {refused} refused");
}

#[test]
fn damaged_captures_are_refused_or_read() {
    let frames = [vec![1; 60], vec![2; 61], vec![3; 14]];
    let whole = capture::encode(frames.iter().map(Vec::as_slice));
    let (mut taken, mut refused) = (0, 0);
    damaged(&whole, |bytes| match capture::parse(bytes) {
        Ok(packets) => {
            taken += 1;
            let total: usize = packets.iter().map(|packet| packet.data.len()).sum();
            assert!(total <= bytes.len());
        }
        Err(error) => {
            refused += 1;
            assert!(!error.to_string().is_empty());
        }
    });
    assert!(taken > 100 && refused > 100, "{taken} taken, {refused} refused");
}
