// SPDX-License-Identifier: Apache-2.0
//! Time and random numbers from the command line to the verdicts and maps.

mod cli_support;

use bpf2hdl_interface::arrival::next_random;
use bpf2hdl_testbench::oracle::kernel;
use bpf2hdl_testbench::{Arrivals, capture};
use cli_support::{Folder, bpf2hdl, json};
use serde_json::Value;

/// Lets one packet in 100 ns through, and keeps the last time and three random numbers.
const PROGRAM: &str = r#"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct seen { __u64 last, passed; __u32 random[3], jiffies; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct seen); } seen SEC(".maps");
SEC("xdp") int meter(struct xdp_md *ctx) {
    __u32 key = 0;
    __u64 now = bpf_ktime_get_ns();
    struct seen *s = bpf_map_lookup_elem(&seen, &key);
    if (!s)
        return XDP_ABORTED;
    bpf_printk("time %llu", now);
    bpf_printk("at %p", s);
    for (int i = 0; i < 3; i++)
        s->random[i] = bpf_get_prandom_u32();
    s->jiffies = bpf_jiffies64();
    if (now - s->last < 100)
        return XDP_DROP;
    s->last = now;
    s->passed++;
    return XDP_PASS;
}
char LICENSE[] SEC("license") = "GPL";
"#;

fn numbers(found: &Value, name: &str) -> Vec<u8> {
    let bytes = found[name][0]["value"].as_array().expect("a value");
    bytes.iter().map(|b| u8::from_str_radix(&b.as_str().expect("text")[2..], 16).expect("hexadecimal")).collect()
}

#[test]
fn packets_are_told_the_time() {
    let folder = Folder::new();
    let program = folder.write("meter.c", PROGRAM);
    let frames = vec![vec![1u8; 60]; 40];
    let (input, out) = (folder.write("in.pcap", capture::encode(frames.iter().map(Vec::as_slice))), folder.path("out"));
    let reference = if kernel::available().is_ok() { "kernel" } else { "ir" };
    let run = |more: &[&str]| {
        let arguments = ["sim", &program, "--pcap", &input, "--oracle", reference, "--out", &out];
        let (status, found) = json(&[&arguments[..], more].concat());
        assert_eq!((status, &found["mismatches"], &found["compared"]), (0, &0.into(), &40.into()), "{found}");
        assert_eq!(found["prints"], 40, "{found}");
        let maps = std::fs::read_to_string(folder.path("out/maps.json")).expect("maps");
        let value = numbers(&serde_json::from_str(&maps).expect("JSON"), "seen");
        let word = |at: usize| u32::from_le_bytes(value[at..at + 4].try_into().expect("4 bytes"));
        let last = u64::from_le_bytes(value[..8].try_into().expect("8 bytes"));
        (found["actions"]["pass"].as_u64(), last, [word(16), word(20), word(24), word(28)])
    };
    // 40 ns apart every third packet passes.
    let (passed, last, words) = run(&["--time", "123456789012:40", "--seed", "5"]);
    assert_eq!((passed, last), (Some(14), 123_456_789_012 + 39 * 40));
    let times = (0..40).map(|n| format!("{n}: time {}\n", 123_456_789_012u64 + 40 * n)).collect::<String>();
    assert_eq!(std::fs::read_to_string(folder.path("out/trace.txt")).expect("lines"), times);
    let arrivals = Arrivals { start_ns: 123_456_789_012, step_ns: 40, seed: 5 };
    let first = arrivals.iter().nth(39).expect("endless").random;
    let second = next_random(first);
    let jiffies = (123_456_789_012u64 + 39 * 40) / 4_000_000;
    assert_eq!(words, [first, second, next_random(second), jiffies as u32]);
    // Without options: 100 ns apart all pass; another seed gives other numbers; stalls change neither.
    let (passed, last, other) = run(&["--bus", "64", "--stall", "adversarial"]);
    assert_eq!((passed, last), (Some(40), 1_000_000_000 + 39 * 100));
    assert_ne!(words[..3], other[..3]);
}

#[test]
fn warnings_and_wrong_times() {
    let folder = Folder::new();
    let program = folder.write("meter.c", PROGRAM);
    let (status, found) = json(&["check", &program]);
    let codes: Vec<_> = found["items"].as_array().expect("items").iter().map(|item| item["code"].as_str()).collect();
    assert_eq!((status, codes), (0, vec![Some("W0020")]), "{found}");
    assert_eq!(found["items"][0]["line"], 13, "{found}");
    let input = folder.write("in.pcap", capture::encode([]));
    for time in ["now", "1:x", "1:4294967296", "-1", ""] {
        assert_eq!(bpf2hdl(["sim", &program, "--pcap", &input, "--time", time]).status, 2, "{time}");
    }
}

#[test]
fn refused_helpers_say_what_to_use_instead() {
    let folder = Folder::new();
    let text = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC(\"xdp\") int prog(struct xdp_md *ctx) {\n\
                struct bpf_sock_tuple to = {};\nreturn bpf_sk_lookup_tcp(ctx, &to, sizeof(to.ipv4), -1, 0) ? XDP_DROP : XDP_PASS;\n}\n\
                char LICENSE[] SEC(\"license\") = \"GPL\";";
    let told = bpf2hdl(["check", &folder.write("socket.c", text)]);
    assert_eq!(told.status, 1);
    for part in [
        "error[E0301]",
        "`bpf_sk_lookup_tcp` is not built",
        "socket.c:5",
        "sockets live on the host",
        "return XDP_PASS",
    ] {
        assert!(told.stderr.contains(part), "{part} in {}", told.stderr);
    }
}
