// SPDX-License-Identifier: Apache-2.0
//! `check`, `compile` and `explain` on the examples: files, JSON fields, repetition.

mod cli_support;

use bpf2hdl_interface::Manifest;
use cli_support::{Folder, bpf2hdl, example, json};
use serde_json::Value;
use std::path::Path;

const EXAMPLES: [&str; 8] = [
    "drop_all",
    "protocol_counter",
    "firewall",
    "ddos_blocklist",
    "mac_swap",
    "phys_dev_filter",
    "redirect_map",
    "router",
];

fn has(json: &Value, fields: &[&str]) {
    for field in fields {
        assert!(json.get(field).is_some_and(|value| !value.is_null()), "{field} in {json}");
    }
}

#[test]
fn check_accepts_the_examples() {
    for name in EXAMPLES {
        let (status, found) = json(&["check", &example(name)]);
        assert_eq!(status, 0, "{name}: {found}");
        has(&found, &["program", "instructions", "stages", "target", "clock_mhz", "items"]);
        assert!(bpf2hdl(["check", &example(name)]).good().stdout.starts_with(name));
    }
}

#[test]
fn a_refusal_names_all_items_with_their_lines() {
    let folder = Folder::new();
    let text =
        "static void *(*lookup)(void *, void *, int, long, long) = (void *)84; static int (*cookie)(void *) = (void *)46;
        __attribute__((section(\"xdp\"), used)) int prog(void *ctx) {
            char to[12] = {};
            long a = lookup(ctx, to, sizeof(to), -1, 0) != 0;
            return a + cookie(ctx);
        }";
    let (status, found) = json(&["check", &folder.write("helpers.c", text)]);
    let items = found["items"].as_array().expect("items");
    let lines: Vec<_> = items.iter().filter(|item| item["code"] == "E0301").map(|item| item["line"].as_u64()).collect();
    assert_eq!((status, lines), (1, vec![Some(4), Some(5)]), "{found}");
}

#[test]
fn compile_writes_what_is_promised() {
    let folder = Folder::new();
    for name in EXAMPLES {
        let out = folder.path(name);
        let (status, found) = json(&["compile", &example(name), "-o", &out]);
        assert_eq!(status, 0, "{name}: {found}");
        let report = std::fs::read_to_string(Path::new(&out).join("report.json")).expect("report");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        let fields = [
            "program",
            "instructions",
            "stages",
            "latency_cycles",
            "initiation_interval",
            "window_bytes",
            "pipeline_register_bits",
            "maps",
            "clock_mhz",
            "target",
            "critical_stage",
            "compile_ms",
        ];
        has(&report, &fields);
        has(&report["critical_stage"], &["index", "estimated_ns"]);
        let map_fields =
            ["name", "type", "key_size", "value_size", "max_entries", "section_stages", "worst_case_packets_per_cycle"];
        report["maps"].as_array().expect("maps").iter().for_each(|map| has(map, &map_fields));
        check_folder(&folder, name, &report);
    }
}

/// Manifest, file list and folder agree.
fn check_folder(folder: &Folder, name: &str, report: &Value) {
    let out = folder.path(name);
    let manifest = Manifest::load(Path::new(&out)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let list = std::fs::read_to_string(Path::new(&out).join("bpf_core.f")).expect("list");
    assert_eq!(list.lines().collect::<Vec<_>>(), manifest.files);
    assert_eq!(manifest.files.last().map(String::as_str), Some("bpf_core.sv"));
    assert!(manifest.files.iter().all(|file| Path::new(&out).join(file).is_file()));
    assert_eq!(
        (report["build_id"].as_str(), report["stages"].as_u64()),
        (Some(manifest.build_id.as_str()), Some(manifest.stages.into()))
    );
    let files: Vec<&str> = report["files"].as_array().expect("files").iter().filter_map(Value::as_str).collect();
    assert_eq!(folder.names(name), files);
    let page = std::fs::read_to_string(Path::new(&out).join("report.html")).expect("page");
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"), "{name}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = Folder::new();
    for out in ["a", "b"] {
        bpf2hdl(["compile", &example("firewall"), "-o", &folder.path(out), "--emit", "ir,pipe,asm,passes"]).good();
    }
    let (mut a, mut b) = (folder.contents("a"), folder.contents("b"));
    let time = |files: &mut Vec<(String, Vec<u8>)>| {
        let report = files.iter_mut().find(|(name, _)| name == "report.json").expect("report");
        let mut json: Value = serde_json::from_slice(&report.1).expect("JSON");
        json["compile_ms"] = 0.into();
        report.1 = json.to_string().into_bytes();
    };
    time(&mut a);
    time(&mut b);
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{name} differs");
    }
    let names: Vec<&str> = a.iter().map(|(name, _)| name.as_str()).collect();
    for expected in ["program.ir", "program.pipe", "program.asm", "passes/00-verify.ir"] {
        assert!(names.contains(&expected), "{names:?}");
    }
}

#[test]
fn an_output_is_replaced_but_nothing_else() {
    let folder = Folder::new();
    let out = folder.path("out");
    bpf2hdl(["compile", &example("firewall"), "-o", &out, "--emit", "ir"]).good();
    folder.write("out/notes.txt", "mine");
    bpf2hdl(["compile", &example("drop_all"), "-o", &out]).good();
    let names = folder.names("out");
    assert!(names.contains(&"notes.txt".to_owned()) && !names.contains(&"program.ir".to_owned()), "{names:?}");
    // A refused program leaves the earlier output as it was.
    let before = folder.contents("out");
    assert_eq!(bpf2hdl(["compile", &folder.path("missing.o"), "-o", &out]).status, 1);
    assert!(folder.contents("out") == before);
    std::fs::create_dir(folder.path("other")).expect("created");
    folder.write("other/notes.txt", "mine");
    let (status, found) = json(&["compile", &example("drop_all"), "-o", &folder.path("other")]);
    assert_eq!((status, found["code"].as_str()), (1, Some("E0016")));
    assert_eq!(folder.names("other"), ["notes.txt"]);
}

#[test]
fn options_reach_the_manifest() {
    let folder = Folder::new();
    let arguments = ["--target", "ecp5", "--clock", "100", "--bus", "64"];
    let out = folder.path("out");
    bpf2hdl(["compile", &example("phys_dev_filter"), "-o", &out].iter().chain(&arguments)).good();
    let manifest = Manifest::load(Path::new(&out)).expect("manifest");
    assert_eq!((manifest.target.as_str(), manifest.clock_mhz, manifest.bus_bits), ("ecp5", 100.0, 64));
    assert_eq!(manifest.capabilities, ["phys_dev"]);
}

/// ECP5 keeps some of each clock free, but counters and token buckets must still pass a packet in each clock whatever the keys.
#[test]
fn room_for_wires_costs_no_rate() {
    let folder = Folder::new();
    for name in ["flow_counter", "rate_limiter", "protocol_counter"] {
        let out = folder.path(name);
        let (status, report) = json(&["compile", &example(name), "--target", "ecp5", "--bus", "64", "-o", &out]);
        assert_eq!(status, 0, "{report}");
        let text = std::fs::read_to_string(Path::new(&out).join("report.json")).expect("readable");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        for map in report["maps"].as_array().expect("maps") {
            assert_eq!(map["worst_case_packets_per_cycle"], 1.0, "{name}: {map}");
        }
        let stage = &report["critical_stage"];
        assert!(stage["estimated_ns"].as_f64() <= stage["allowed_ns"].as_f64(), "{name}: {stage}");
    }
}

/// Names of the modules that a folder's sources define, with the file's text.
fn modules(folder: &Folder, out: &str) -> Vec<(String, String)> {
    let sources = folder.contents(out).into_iter().filter(|(name, _)| name.ends_with(".sv"));
    let texts = sources.map(|(_, text)| String::from_utf8(text).expect("text"));
    let named = |text: String| {
        let line = text.lines().find_map(|line| line.strip_prefix("module ")).expect("a module").to_owned();
        (line.split([' ', ';']).next().expect("a name").to_owned(), text)
    };
    texts.map(named).collect()
}

#[test]
fn designs_with_names_of_their_own_stand_in_one() {
    let folder = Folder::new();
    for (out, program, module) in [("a", "firewall", "slot_a"), ("b", "router", "slot_b")] {
        bpf2hdl(["compile", &example(program), "-o", &folder.path(out), "--module", module]).good();
        let manifest = Manifest::load(Path::new(&folder.path(out))).expect("manifest");
        assert_eq!(manifest.top, module);
        let list = std::fs::read_to_string(Path::new(&folder.path(out)).join(format!("{module}.f"))).expect("list");
        assert!(list.ends_with(&format!("{module}_pipeline.sv\n{module}.sv\n")), "{list}");
    }
    let (a, b) = (modules(&folder, "a"), modules(&folder, "b"));
    for (name, text) in &a {
        assert!(!["bpf_core", "bpf_pipeline"].contains(&name.as_str()) && !text.contains("bpf_pipeline "), "{name}");
        if let Some((_, other)) = b.iter().find(|(other, _)| other == name) {
            assert!(text == other, "two modules are called {name}");
        }
    }
    let memories = |out: &str| folder.names(out).into_iter().filter(|name| name.ends_with(".mem")).collect::<Vec<_>>();
    assert!(memories("a").iter().all(|name| name.starts_with("slot_a_map_")));
    assert!(memories("b").iter().all(|name| name.starts_with("slot_b_map_")));
    for name in ["bpf_fifo", "module", "a-b"] {
        let args = ["compile", &example("drop_all"), "-o", &folder.path("c"), "--module", name];
        assert_eq!(bpf2hdl(args).status, 2, "{name}");
    }
}

#[test]
fn explain_codes_instructions_and_stages() {
    let (status, found) = json(&["explain", "e0401"]);
    assert_eq!((status, found["code"].as_str()), (0, Some("E0401")));
    has(&found, &["title", "explanation", "help", "severity"]);
    let program = example("mac_swap");
    let (status, found) = json(&["explain", &program, "--stage", "0"]);
    assert_eq!(status, 0, "{found}");
    has(&found["stage"], &["index", "register_bits", "nodes", "estimated_ns", "lines"]);
    let insn =
        found["operations"].as_array().expect("operations").iter().find_map(|operation| operation["insn"].as_u64());
    let insn = insn.expect("an instruction in stage 0").to_string();
    let (status, found) = json(&["explain", &program, "--insn", &insn]);
    assert_eq!(status, 0, "{found}");
    has(&found["instruction"], &["text", "file", "line", "source"]);
    assert!(found["operations"].as_array().is_some_and(|operations| !operations.is_empty()), "{found}");
    assert_eq!(json(&["explain", &program, "--insn", "100000"]).0, 2);
    assert_eq!(json(&["explain", &program, "--stage", "100000"]).0, 2);
}
