// SPDX-License-Identifier: Apache-2.0
//! A simulated NIC: its life, its maps, packets through it, clients that misbehave.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use support::{Place, frame, number, program, read_capture, refusal, write_capture};

#[test]
fn life_of_a_nic() {
    let place = Place::new();
    assert_eq!(place.ctl(&["-j", "sim", "list"]).good().json(), json!([]));
    refusal(&place.ctl(&["-j", "status", "dev", "sim:nic"]), "C0003");
    let up = place.up("guard", &["--quick"]);
    assert!(
        up.stdout.contains("sim:nic is up: 64 bits") && up.stdout.contains("program guard in slot A"),
        "{}",
        up.stdout
    );
    let guard = program("guard");
    let message = refusal(&place.ctl(&["-j", "sim", "up", "nic", "--prog", &guard]), "C0004");
    assert!(message.contains("`nic` runs already"), "{message}");
    let list = place.ctl(&["-j", "sim", "list"]).good().json();
    assert_eq!((&list[0]["device"], &list[0]["state"]), (&json!("sim:nic"), &json!("running")));
    let status = place.on("status");
    assert!(
        status.stdout.contains("CURRENT XDP PROGRAM STATUS") && status.stdout.contains("guard"),
        "{}",
        status.stdout
    );
    assert_eq!(place.json("net")[0]["xdp"][0]["id"], 1);
    assert_eq!(place.json("feature probe")["map_types"]["have_lpm_trie_map_type"], true);

    // A server that was killed leaves nothing in the way.
    kill(place.server());
    let message = refusal(&place.ctl(&["-j", "status", "dev", "sim:nic"]), "C0003");
    assert!(message.contains("has died"), "{message}");
    assert_eq!(place.ctl(&["-j", "sim", "list"]).good().json(), json!([]));
    place.up("guard", &["--quick"]);
    kill(place.server());
    place.up("guard", &["--quick"]);
    place.ctl(&["sim", "down", "nic"]).good();
    refusal(&place.ctl(&["-j", "sim", "down", "nic"]), "C0003");
    assert_eq!(fs::read_dir(place.run_folder()).expect("there").count(), 1, "only the locks stay");
}

/// Commands whose NIC is killed say so.
#[test]
fn a_killed_nic_is_an_error() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &(0..500).map(|n| frame(9, n, 600)).collect::<Vec<_>>());
    let child = place.send(&capture, &out, 10_000);
    std::thread::sleep(Duration::from_millis(300));
    kill(place.server());
    let output = child.wait_with_output().expect("it ends");
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(1));
    assert!(["C0006", "C0007"].contains(&said["code"].as_str().expect("a code")), "{said}");
    place.refused("status", "C0003");
    assert_eq!(fs::read_dir(place.run_folder()).expect("there").count(), 1, "only the locks stay");
}

/// Kills a server and waits until it is gone.
fn kill(pid: u32) {
    let status = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs");
    assert!(status.success());
    let begun = Instant::now();
    // The socket is closed when the last of its threads has ended, which may be after the first one.
    let threads = || fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
    let is_zombie = || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    let alive = || threads() > 1 || threads() == 1 && !is_zombie();
    while alive() && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn maps_and_packets() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    place.on("map update name blocked key 10.0.0.1 value 1");
    place.on("m up na blocked k 10.0.0.2 v u32:7 noexist");
    place.refused("map update name blocked key 10.0.0.2 value 7 noexist", "C0015");
    place.refused("map update name blocked key 10.0.0.3 value 7 exist", "C0014");
    place.refused("map delete name blocked key 10.0.0.9", "C0014");
    place.refused("map delete name seen key 0", "C0012");
    place.refused("map update name seen key 2 value hex 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", "C0014");
    place.refused("map dump name nothing", "C0011");
    place.refused("map update name blocked key 1 2 3 value 1", "C0013");
    place.refused("map push name blocked value 1", "C0012");
    let missing = place.try_on("-j map lookup name blocked key 10.0.0.9");
    assert_eq!((missing.status, missing.json()), (1, Value::Null));
    let found = place.json("map lookup name blocked key 10 0 0 2");
    assert_eq!(
        found,
        json!({"key": ["0x0a", "0x00", "0x00", "0x02"], "value": ["0x07", "0x00", "0x00", "0x00"],
        "formatted": {"key": 0x0200_000a, "value": 7}})
    );
    let next = place.json("map getnext name seen key 0");
    assert_eq!(next["next_key"], json!(["0x01", "0x00", "0x00", "0x00"]));

    // A full map says so, with its size.
    for source in 3..=64 {
        place.on(&format!("map update name blocked key 10.0.1.{source} value 1"));
    }
    let message = place.refused("map update name blocked key 10.0.2.1 value 1", "C0016");
    assert!(message.contains("64"), "{message}");

    let frames: Vec<Vec<u8>> = (0..200).map(|n| frame((n % 4) as u8, n, 60 + n as usize)).collect();
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &frames);
    let sent = place.ctl(&["-j", "sim", "send", "nic", &capture, "--out", &out]).good().json();
    assert_eq!(sent["actions"], json!({"aborted": 0, "drop": 100, "pass": 100, "tx": 0, "redirect": 0}));
    let passed: Vec<Vec<u8>> = frames.iter().filter(|frame| matches!(frame[29], 0 | 3)).cloned().collect();
    assert_eq!(read_capture(&format!("{out}/pass.pcap")), passed);
    let bytes: u64 = frames.iter().map(|frame| frame.len() as u64).sum();
    assert_eq!(place.json("map lookup name seen key 0")["formatted"]["value"], json!({"packets": 200, "bytes": bytes}));
    let stats = place.json("stats");
    assert_eq!((&stats["core"]["rx_packets"], &stats["core"]["drop_packets"]), (&json!(200), &json!(100)));
    assert_eq!((&stats["shell"]["mac_rx"], &stats["shell"]["dma_rx"]), (&json!(200), &json!(100)));
    place.on("stats clear");
    assert_eq!(place.json("stats")["core"]["rx_packets"], 0);

    // One packet, without a trace of it at the outputs.
    let one = place.folder.path("one.bin");
    fs::write(&one, frame(1, 0, 60)).expect("written");
    let run = place.json(&format!("prog run data_in {one} repeat 3"));
    assert_eq!((&run["retval"], &run["data_out"]), (&json!(1), &Value::Null));
    assert_eq!(place.json("stats")["shell"]["dma_rx"], 100);

    batch(&place);
    trace(&place, &capture);
    place.clean_log();
}

fn batch(place: &Place) {
    let file = place.folder.path("batch");
    fs::write(&file, "# a comment\nmap delete name blocked key 10.0.0.1 # behind a line\n\nmap lookup name blocked \\\n key 10.0.0.2\n").expect("written");
    let done = place.json(&format!("batch file {file}"));
    assert_eq!((&done[0]["output"], &done[1]["output"]["formatted"]["value"]), (&Value::Null, &json!(7)));
    fs::write(&file, "map delete name blocked key 10.0.0.2\nmap delete name blocked key 10.0.0.2\n").expect("written");
    let message = place.refused(&format!("batch file {file}"), "C0014");
    assert!(message.starts_with("line 2: "), "{message}");
}

/// Waits until so many commands are given copies.
fn wait_for_listeners(place: &Place, count: u64) {
    let begun = Instant::now();
    while place.json("status")["listeners"] != count {
        assert!(begun.elapsed() < Duration::from_secs(15), "nobody listens");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Entry and exit of each packet, with its verdict.
fn trace(place: &Place, capture: &str) {
    let file = place.folder.path("trace.pcapng");
    let mut child = place.command(&["-j", "trace", "file", &file, "count", "200", "seconds", "20", "dev", "sim:nic"]);
    let child = child.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    wait_for_listeners(place, 1);
    place.ctl(&["sim", "send", "nic", capture]).good();
    let output = child.wait_with_output().expect("it ends");
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&said["packets"], &said["lost"]), (&json!(200), &json!(0)));
    // 10.0.0.1 and 10.0.0.2 were taken off the list above: all pass, so each packet is there twice.
    let frames = read_capture(&file);
    let sent = read_capture(capture);
    let twice: Vec<Vec<u8>> = sent.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect();
    assert_eq!(frames, twice);
    let bytes = fs::read(&file).expect("there");
    let comments = bytes.windows(12).filter(|window| window == b"verdict=pass").count();
    assert_eq!(comments, 400);
}

/// Records of programs, by the map that carries them.
#[test]
fn events_reach_the_host() {
    let place = Place::new();
    place.up("report", &["--quick"]);
    let listen = |map: &str| {
        let words = ["-j", "map", "event_pipe", "name", map, "count", "100", "seconds", "20", "dev", "sim:nic"];
        place.command(&words).stdout(std::process::Stdio::piped()).spawn().expect("it starts")
    };
    let (sources, lengths) = (listen("sources"), listen("lengths"));
    let words = ["-j", "prog", "tracelog", "count", "100", "seconds", "20", "dev", "sim:nic"];
    let prints = place.command(&words).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    wait_for_listeners(&place, 3);
    let frames: Vec<Vec<u8>> = (0..100).map(|n| frame(n as u8, n, 60 + n as usize)).collect();
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &frames);
    place.ctl(&["sim", "send", "nic", &capture]).good();
    let records = |child: std::process::Child| -> Vec<Vec<u8>> {
        let output = child.wait_with_output().expect("it ends");
        let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let byte = |byte: &Value| u8::from_str_radix(byte.as_str()?.strip_prefix("0x")?, 16).ok();
        let data = |record: &Value| record["data"].as_array().expect("data").iter().filter_map(byte).collect();
        list.as_array().expect("a list").iter().map(data).collect()
    };
    let expected: Vec<Vec<u8>> = frames.iter().map(|frame| [&frame[26..30], &frame[..20]].concat()).collect();
    assert_eq!(records(sources), expected);
    let expected: Vec<Vec<u8>> = frames.iter().map(|frame| (frame.len() as u32).to_le_bytes().to_vec()).collect();
    assert_eq!(records(lengths), expected);
    let output = prints.wait_with_output().expect("it ends");
    let lines: Vec<String> = serde_json::from_slice(&output.stdout).expect("JSON");
    let line = |frame: &Vec<u8>| {
        let source: Vec<String> = frame[26..30].iter().map(u8::to_string).collect();
        format!(": bpf_trace_printk: {}: {} bytes\n", source.join("."), frame.len())
    };
    assert_eq!(lines.len(), 100);
    let right =
        |(got, frame): (&String, &Vec<u8>)| got.starts_with("         sim:nic-0") && got.ends_with(&line(frame));
    assert!(lines.iter().zip(&frames).all(right), "{lines:?}");
    assert_eq!(place.json("stats")["shell"]["events"], 300);
    assert_eq!(place.json("stats")["nic"]["gate"]["records"], 300);
    place.clean_log();
    assert_eq!(place.json("map event_pipe name lengths seconds 0"), json!([]));
    place.refused("map event_pipe name lengths cpu 1", "C0001");
    place.refused("map dump name sources", "C0012");
}

/// Inner maps by their names: filled, dumped, exchanged.
#[test]
fn maps_of_maps() {
    let place = Place::new();
    place.up("tenants", &["--quick"]);
    place.on("map update name alice key 10.0.0.7 value u32:1");
    place.on("map update name bob key 10.0.0.8 value u32:2");
    place.on("map update name tenants.inner.3 key 10.0.0.9 value u32:3");
    let dump = place.json("map dump name bob");
    let entry = json!({"key": ["0x0a", "0x00", "0x00", "0x08"], "value": ["0x02", "0x00", "0x00", "0x00"]});
    assert_eq!(dump, json!([entry]));
    let outer = place.json("map dump name tenants");
    let names: Vec<&str> = outer.as_array().expect("a list").iter().filter_map(|entry| entry["map"].as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    let to = |tenant: u8, source: u8| {
        let mut frame = frame(source, 0, 60);
        frame[5] = tenant;
        frame
    };
    let capture = place.folder.path("in.pcap");
    write_capture(&capture, &[to(1, 7), to(1, 8), to(2, 7), to(2, 8), to(3, 9), to(0, 7)]);
    let send = || place.ctl(&["-j", "sim", "send", "nic", &capture]).good().json()["actions"].clone();
    assert_eq!(send(), json!({"aborted": 0, "drop": 2, "pass": 2, "tx": 2, "redirect": 0}));
    place.on("map update name tenants key 3 value name tenants.inner.3");
    place.on("map delete name tenants key 1");
    assert_eq!(send(), json!({"aborted": 0, "drop": 2, "pass": 1, "tx": 3, "redirect": 0}));
    place.refused("map update name tenants key 3 value name carol", "C0011");
    place.refused("map update name tenants key 3 value 1", "C0001");
    place.refused("map dump name tenants.inner.4", "C0011");
    place.refused("map delete name alice key 10.0.0.8", "C0014");
}

/// Several commands change one trie at a time while packets flow: each change is whole, none is lost.
#[test]
fn commands_at_the_same_time() {
    let place = Place::new();
    place.up("types", &["--quick"]);
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &(0..500).map(|n| frame(9, n, 64)).collect::<Vec<_>>());
    let child = place.send(&capture, &out, 4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let place = &place;
            scope.spawn(move || {
                for round in 0..3 {
                    for net in [2 * thread, 2 * thread + 1] {
                        place
                            .on(&format!("map update name routes key 10.{net}.0.0/16 value u32:{}", 100 * round + net));
                    }
                    place.on(&format!("map delete name routes key 10.{}.0.0/16", 2 * thread));
                    place.on(&format!(
                        "map update name routes key 10.{}.0.0/16 value u32:{}",
                        2 * thread,
                        200 + 2 * thread
                    ));
                }
            });
        }
    });
    assert!(child.wait_with_output().expect("it ends").status.success());
    let dump = place.json("map dump name routes");
    assert_eq!(dump.as_array().map(Vec::len), Some(8));
    for net in 0..8 {
        let found = place.json(&format!("map lookup name routes key 10.{net}.3.4/32"));
        assert_eq!(found["formatted"]["value"], 200 + net, "{net}");
    }
    place.refused("map update name routes key 10.9.0.0/16 value u32:1", "C0016");
    place.refused("map update name routes key 33 0 0 0 10 1 2 0 value u32:3", "C0012");
}

/// A dump while packets change what it reads ends, and no entry is half of one packet and half of another.
#[test]
fn dumps_under_traffic_are_consistent() {
    let place = Place::new();
    place.up("guard", &[]);
    let frames: Vec<Vec<u8>> = (0..2000).map(|n| frame(9, n, 64)).collect();
    let (capture, out) = (place.folder.path("in.pcap"), place.folder.path("out"));
    write_capture(&capture, &frames);
    for source in 0..50 {
        place.on(&format!("map update name blocked key 10.0.1.{source} value {source}"));
    }
    let mut child = place.send(&capture, &out, 50);
    let (mut seen, mut moved) = (0, 0);
    while child.try_wait().expect("a child").is_none() {
        let value = &place.json("map dump name seen")[0]["formatted"]["value"];
        let (packets, bytes) =
            (value["packets"].as_u64().expect("a number"), value["bytes"].as_u64().expect("a number"));
        assert_eq!(bytes, 64 * packets);
        assert!(packets >= seen);
        moved += u32::from(packets > seen);
        seen = packets;
        assert_eq!(place.json("map dump name blocked").as_array().map(Vec::len), Some(50));
    }
    assert!(moved > 3, "{moved} dumps saw packets move");
    let sent: Value = serde_json::from_slice(&child.wait_with_output().expect("it ends").stdout).expect("JSON");
    assert_eq!(sent["actions"]["pass"], 100_000);
    assert_eq!(place.json("map dump name seen")[0]["formatted"]["value"]["packets"], 100_000);
    let passed = read_capture(&format!("{out}/pass.pcap"));
    assert!(passed.iter().zip((0..2000).cycle()).all(|(frame, n)| number(frame) == n), "in order");
}

/// Nonsense, clients that vanish at any byte, clients that do not read: the server goes on.
#[test]
fn clients_that_misbehave_harm_nobody() {
    let place = Place::new();
    place.up("guard", &["--quick"]);
    let socket = place.run_folder().join("nic/socket");
    let pid = place.server();
    let mut seed = 42_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let message = |json: &[u8], blob: &[u8]| {
        let mut bytes = b"B2HN\x01\0\0\0".to_vec();
        bytes.extend((json.len() as u32).to_le_bytes());
        bytes.extend((blob.len() as u32).to_le_bytes());
        [bytes.as_slice(), json, blob].concat()
    };
    let requests = [
        message(br#""Status""#, b""),
        message(br#""Manifest""#, b""),
        message(br#"{"Map":{"load":1,"map":0,"op":{"Part":{"cursor":4294967295,"limit":4294967295}}}}"#, b""),
        message(br#"{"Map":{"load":1,"map":4294967295,"op":{"Get":{"key":"00"}}}}"#, b""),
        message(br#"{"Map":{"load":1,"map":1,"op":{"Put":{"key":"00","value":"","when":"Any"}}}}"#, b""),
        message(br#"{"Load":{"design":"/etc","source":"","keep_maps":true,"dry_run":false,"maps":null}}"#, b""),
        message(br#"{"Load":{"design":"x/../../y","source":"","keep_maps":true,"dry_run":false,"maps":"{"}}"#, b""),
        message(br#"{"Run":{"repeat":4294967295}}"#, b"frame"),
        message(br#""Send""#, b"\x04\0\0\0abcd\xff\xff\xff\xff"),
        message(br#""Send""#, &[4, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]),
        message(br#""Trace""#, b""),
        message(&[b'['; 100_000], b""),
        b"B2HN\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"B2HN\x02\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
    ];
    for round in 0..600 {
        let mut bytes = requests[round % requests.len()].clone();
        match round % 4 {
            // Whole, cut anywhere, one byte changed, noise.
            0 => {}
            1 => bytes.truncate(random() % bytes.len()),
            2 => {
                let at = random() % bytes.len();
                bytes[at] = random() as u8;
            }
            _ => bytes = (0..random() % 300).map(|_| random() as u8).collect(),
        }
        // `Down` must not come out of it.
        if bytes.windows(4).any(|window| window == b"Down") {
            continue;
        }
        let mut stream = UnixStream::connect(&socket).expect("connected");
        // The server may have closed it already.
        let _ = stream.write_all(&bytes);
        if round % 3 == 0 {
            stream.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
            let _ = stream.read(&mut [0; 64]);
        }
    }
    // Requests without reading the replies.
    let mut stream = UnixStream::connect(&socket).expect("connected");
    stream.set_write_timeout(Some(Duration::from_millis(200))).expect("set");
    while stream.write_all(&requests[1]).is_ok() {}
    let begun = Instant::now();
    place.on("map update name blocked key 10.0.0.1 value 1");
    assert_eq!(place.json("map dump name blocked").as_array().map(Vec::len), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(place.server(), pid);
    drop(stream);
    // Connections end; a few threads may still be on their way.
    let threads = || fs::read_dir(format!("/proc/{pid}/task")).expect("it lives").count();
    let begun = Instant::now();
    while threads() > 12 && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(threads() <= 12, "{} threads", threads());
}
