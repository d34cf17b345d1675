// SPDX-License-Identifier: Apache-2.0
//! The programmable engine: every example does on it what the kernel does; what its firmware lacks is refused by name.

mod cli_support;

use cli_support::{Folder, example, example_file, json};
use std::fs;
use std::path::Path;

/// Names of the examples.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(&folder).expect("the examples").map(|entry| entry.expect("an entry").file_name());
    let names = entries.filter_map(|name| name.into_string().ok());
    let mut names: Vec<String> = names.filter(|name| folder.join(name).join(format!("{name}.c")).exists()).collect();
    names.sort();
    names
}

#[test]
fn every_example_agrees_with_the_kernel() {
    let names = examples();
    assert!(names.len() >= 19, "{names:?}");
    let mut packets = 0;
    for name in names {
        let (program, capture, maps) =
            (example(&name), example_file(&name, "capture.pcap"), example_file(&name, "maps.json"));
        let mut arguments = vec!["sim", &program, "--engine", "--pcap", &capture];
        if Path::new(&maps).exists() {
            arguments.extend(["--maps", &maps]);
        }
        let (status, found) = json(&arguments);
        assert_eq!((status, &found["mismatches"]), (0, &0.into()), "{name}: {found}");
        assert_eq!(found["maps_compared"].as_str().map(|text| text.starts_with("not")), Some(false), "{name}: {found}");
        let rate = found["packets_per_cycle"].as_f64().expect("a rate");
        assert!((0.0002..0.02).contains(&rate), "{name}: {rate} packets per clock");
        packets += found["compared"].as_u64().expect("a count");
    }
    assert!(packets > 5000, "{packets}");
}

#[test]
fn outputs_that_stall_lose_nothing() {
    let (program, capture) = (example("vlan"), example_file("vlan", "capture.pcap"));
    let arguments = ["sim", &program, "--engine", "--pcap", &capture, "--stall", "adversarial"];
    let (status, found) = json(&arguments);
    assert_eq!((status, &found["mismatches"]), (0, &0.into()), "{found}");
}

#[test]
fn what_the_firmware_lacks_is_refused_by_name() {
    let folder = Folder::new();
    let source = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC(\"xdp\") int p(struct xdp_md *c) {\n\
                  bpf_printk(\"%d\", c->rx_queue_index);\nreturn XDP_PASS;\n}\nchar l[] SEC(\"license\") = \"GPL\";\n";
    let (program, capture) = (folder.write("p.c", source), example_file("vlan", "capture.pcap"));
    let (status, found) = json(&["sim", &program, "--engine", "--pcap", &capture]);
    assert_eq!((status, &found["code"]), (1, &"E0307".into()), "{found}");
    let item = &found["items"][0];
    assert!(item["message"].as_str().is_some_and(|text| text.contains("bpf_trace_printk")), "{found}");
    assert_eq!(item["line"], 4, "{found}");
}
