// SPDX-License-Identifier: Apache-2.0
//! Redirects from C to the files that `sim` writes, by every kind of map and by several ingress interfaces.

mod cli_support;

use bpf2hdl_testbench::capture;
use bpf2hdl_testbench::oracle::kernel;
use cli_support::{Folder, example, json};
use std::path::Path;

const HEAD: &str = "#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define TARGETS(name, kind, entries, value_type) struct { __uint(type, kind); __uint(max_entries, entries); \\
    __type(key, __u32); __type(value, value_type); } name SEC(\".maps\")
char LICENSE[] SEC(\"license\") = \"GPL\";
";

/// Chooses by the first byte; looks an `AF_XDP` socket up before it goes there.
const CHOICE: &str = "
TARGETS(ports, BPF_MAP_TYPE_DEVMAP, 4, __u32);
TARGETS(cpus, BPF_MAP_TYPE_CPUMAP, 8, struct bpf_cpumap_val);
TARGETS(sockets, BPF_MAP_TYPE_XSKMAP, 8, __u32);
SEC(\"xdp\") int choose(struct xdp_md *ctx) {
    unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    __u32 key;
    if (data + 14 > end)
        return XDP_DROP;
    key = data[1];
    switch (data[0]) {
    case 0: return bpf_redirect(ctx->ingress_ifindex + 100, 0);
    case 1: return bpf_redirect_map(&ports, key, XDP_TX);
    case 2: return bpf_redirect_map(&cpus, key, XDP_PASS);
    case 4: return bpf_redirect_map(&ports, key, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
    case 5: return bpf_redirect_map(&ports, key, BPF_F_BROADCAST);
    case 3: return bpf_map_lookup_elem(&sockets, &key) ? bpf_redirect_map(&sockets, key, 0) : XDP_DROP;
    default: return XDP_REDIRECT;
    }
}";

fn reference() -> &'static str {
    if kernel::available().is_ok() { "kernel" } else { "ir" }
}

fn entry(key: u32, value: &[u8]) -> String {
    let bytes = |bytes: &[u8]| bytes.iter().map(|b| format!("\"{b:#04x}\"")).collect::<Vec<_>>().join(",");
    format!("{{\"key\":[{}],\"value\":[{}]}}", bytes(&key.to_le_bytes()), bytes(value))
}

/// A pcapng file with four interfaces: packets with the number of theirs.
fn pcapng(folder: &Folder, packets: &[(u32, Vec<u8>)]) -> String {
    let block = |kind: u32, body: Vec<u8>| {
        let length = (body.len() + 12) as u32;
        [kind.to_le_bytes().to_vec(), length.to_le_bytes().to_vec(), body, length.to_le_bytes().to_vec()].concat()
    };
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = block(0x0a0d_0d0a, words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]));
    for _ in 0..4 {
        file.extend(block(1, words(&[1, 0])));
    }
    for (interface, data) in packets {
        let mut body = words(&[*interface, 0, 0, data.len() as u32, data.len() as u32]);
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
        file.extend(block(6, body));
    }
    folder.write("in.pcapng", file)
}

/// Interface, first byte, key; verdict and target that must come out.
const CASES: [(u32, u8, u8, &str, &str); 12] = [
    (0, 0, 0, "redirect", "101"),
    (3, 0, 0, "redirect", "104"),
    (0, 1, 2, "redirect", "9"),
    (1, 1, 3, "tx", ""),
    (1, 2, 5, "redirect", "5"),
    (2, 2, 4, "pass", ""),
    (0, 3, 7, "redirect", "513"),
    (0, 3, 6, "drop", ""),
    (0, 9, 0, "redirect", ""),
    (0, 4, 0, "redirect", "all of ports but ingress"),
    (1, 4, 0, "redirect", "all of ports but ingress"),
    (1, 5, 7, "redirect", "all of ports"),
];

#[test]
fn every_kind_of_target_reaches_the_files() {
    let folder = Folder::new();
    let program = folder.write("choose.c", format!("{HEAD}{CHOICE}"));
    let packet = |number: usize, first: u8, key: u8| -> Vec<u8> {
        let mut data: Vec<u8> = (0..60 + number).map(|i| i as u8).collect();
        (data[0], data[1]) = (first, key);
        data
    };
    let all = CASES.iter().cycle().take(300).enumerate();
    let packets: Vec<(u32, Vec<u8>)> = all.map(|(i, c)| (c.0, packet(i, c.1, c.2))).collect();
    let entries = format!(
        "{{\"ports\":[{}],\"cpus\":[{}],\"sockets\":[{}]}}",
        [entry(2, &[9, 0, 0, 0]), entry(0, &[2, 0, 0, 0])].join(","),
        entry(5, &[192, 0, 0, 0, 0, 0, 0, 0]),
        entry(7, &[1, 2, 0, 0])
    );
    let (input, maps, out) = (pcapng(&folder, &packets), folder.write("maps.json", entries), folder.path("out"));
    let run = |more: &[&str]| {
        let arguments = ["sim", &program, "--pcap", &input, "--maps", &maps, "--oracle", reference(), "--out", &out];
        json(&[&arguments[..], more].concat())
    };
    for more in [&[][..], &["--bus", "64", "--stall", "adversarial"]] {
        let (status, found) = run(more);
        assert_eq!((status, &found["mismatches"], &found["compared"]), (0, &0.into(), &300.into()), "{found}");
        let targets = found["redirect_targets"].as_object().expect("targets");
        let names: Vec<&str> = targets.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["all of ports", "all of ports but ingress", "cpu 5", "port 101", "port 104", "port 9", "socket 513"]
        );
        assert_eq!(found["counters"]["redirect_no_target_packets"], 300 / 12);
        assert_eq!(found["counters"]["redirect_lost_packets"], 0);
        check_files(&folder, &packets);
    }
    let manifest = std::fs::read_to_string(folder.path("out/design/manifest.json")).expect("manifest");
    assert!(manifest.contains("\"redirect\"") && manifest.contains("COUNTER_REDIRECT_LOST_PACKETS"), "{manifest}");
}

fn check_files(folder: &Folder, packets: &[(u32, Vec<u8>)]) {
    let text = std::fs::read_to_string(folder.path("out/verdicts.csv")).expect("verdicts");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("index,action,length,target"));
    for (i, (line, case)) in lines.zip(CASES.iter().cycle()).enumerate() {
        assert_eq!(line, format!("{i},{},{},{}", case.3, 60 + i, case.4));
    }
    let with_case = packets.iter().zip(CASES.iter().cycle());
    // The map has ports 2 and 9, and interface 1 of the capture is port 2.
    let copies = |case: &(u32, u8, u8, &str, &str)| match case.4 {
        "" => 0,
        "all of ports" => 2,
        "all of ports but ingress" if case.0 != 1 => 2,
        _ => 1,
    };
    let left = with_case.flat_map(|((_, data), case)| std::iter::repeat_n(data.as_slice(), copies(case)));
    let written = capture::read(Path::new(&folder.path("out/redirect.pcap"))).expect("a capture");
    assert!(written.iter().map(|packet| packet.data).eq(left));
}

#[test]
fn the_patch_panel_follows_the_ingress_interface() {
    let folder = Folder::new();
    let input = pcapng(&folder, &[(0, vec![2; 60]), (1, vec![2; 60]), (0, vec![2; 60]), (3, vec![2; 60])]);
    let values = [entry(1, &[7, 0, 0, 0]), entry(4, &[8, 0, 0, 0])].join(",");
    let maps = folder.write("maps.json", format!("{{\"ports\":[{values}]}}"));
    let (program, out) = (example("redirect_map"), folder.path("out"));
    let arguments = ["sim", &program, "--pcap", &input, "--maps", &maps, "--oracle", reference(), "--out", &out];
    let (status, found) = json(&arguments);
    assert_eq!((status, &found["mismatches"], &found["compared"]), (0, &0.into(), &4.into()), "{found}");
    let text = std::fs::read_to_string(folder.path("out/verdicts.csv")).expect("verdicts");
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(rows, ["0,redirect,60,7", "1,pass,60,", "2,redirect,60,7", "3,redirect,60,8"]);
}

#[test]
fn what_can_not_be_is_refused() {
    let folder = Folder::new();
    let program = folder.write("choose.c", format!("{HEAD}{CHOICE}"));
    let input = pcapng(&folder, &[(0, vec![2; 60])]);
    let entries = entry(1, &[64, 0, 0, 0, 6, 0, 0, 0]);
    let maps = folder.write("maps.json", format!("{{\"cpus\":[{entries}]}}"));
    let (status, found) = json(&["sim", &program, "--pcap", &input, "--maps", &maps]);
    assert_eq!((status, found["code"].as_str()), (1, Some("E0018")), "{found}");
    let message = found["error"].as_str().expect("a message");
    assert!(message.contains("`cpus`, key 0x01 0x00 0x00 0x00") && message.contains("bpf_prog.fd is 6"), "{message}");
}
