// SPDX-License-Identifier: Apache-2.0
//! `--network FILE`: the tables of `bpf_fib_lookup` from what iproute2 prints, and what is wrong with such files.

mod cli_support;

use bpf2hdl_testbench::capture;
use cli_support::{Folder, bpf2hdl, example, json};
use serde_json::{Value, json};

/// A router between two interfaces.
fn network() -> Value {
    let link = |number: u32, name: &str, mtu: u32, mac: &str| json!({"ifindex": number, "ifname": name, "mtu": mtu, "address": mac});
    let route = |destination: &str, gateway: &str| json!({"type": "unicast", "dst": destination, "gateway": gateway, "dev": "b"});
    json!({
        "link": [link(1, "lo", 65_536, "00:00:00:00:00:00"), link(2, "b", 1500, "02:00:00:00:00:02")],
        "netconf": [
            {"family": "inet", "interface": "lo", "forwarding": true},
            {"family": "inet6", "interface": "lo", "forwarding": true},
        ],
        "neigh": [{"dst": "10.1.0.9", "dev": "b", "lladdr": "02:00:00:00:00:99", "state": ["REACHABLE"]}],
        "route4": [route("10.0.0.0/8", "10.1.0.9"), route("10.2.0.0/16", "10.1.0.8")],
    })
}

/// Packets to an address behind the gateway, behind an unknown one, and to nowhere.
fn packets(folder: &Folder) -> String {
    let frame = |to: [u8; 4]| {
        let mut frame = vec![0; 60];
        frame[12..24].copy_from_slice(&[8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17]);
        frame[30..34].copy_from_slice(&to);
        frame
    };
    let frames = [[10, 7, 7, 7], [10, 2, 0, 1], [11, 0, 0, 1]].map(frame);
    folder.write("in.pcap", capture::encode(frames.iter().map(Vec::as_slice)))
}

fn program() -> String {
    format!("{}/tests/data/fib/forward.c", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn routers_go_by_the_file() {
    let folder = Folder::new();
    let (input, file) = (packets(&folder), folder.write("network.json", network().to_string()));
    let (code, result) = json(&["bisect", &program(), "--pcap", &input, "--network", &file]);
    assert_eq!((code, &result["packets"]), (0, &json!(3)), "{result}");
    assert_eq!(result["first_wrong"], Value::Null, "{result}");
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let folder = Folder::new();
    let input = packets(&folder);
    let refused = |status: i32, program: &str, network: &Value, more: &[&str]| {
        let file = folder.write("network.json", network.to_string());
        let mut arguments = vec!["bisect", program, "--pcap", &input, "--network", &file];
        arguments.extend(more);
        let (code, result) = json(&arguments);
        assert_eq!(code, status, "{result}");
        format!(
            "{} {}",
            result["code"].as_str().expect("a code"),
            result["items"][0]["message"].as_str().expect("a message")
        )
    };
    let forward = program();
    let mut several = network();
    several["route4"][0]["nexthops"] = json!([]);
    assert!(refused(1, &forward, &several, &[]).starts_with("E0024 several next hops: {"));
    let few = refused(1, &forward, &network(), &["--entries", ".fib4=1"]);
    assert_eq!(few, "E0024 2 entries for `.fib4`, which has 1");
    assert!(refused(1, &example("firewall"), &network(), &[]).contains("does not call bpf_fib_lookup"));
    let maps = folder.write("maps.json", r#"{".dev": []}"#);
    assert!(refused(2, &forward, &network(), &["--maps", &maps]).contains("both give `.dev`"));
    let missing = bpf2hdl(["bisect", &forward, "--pcap", &input, "--network", &folder.path("none")]);
    assert_eq!(missing.status, 1);
}
