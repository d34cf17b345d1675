// SPDX-License-Identifier: Apache-2.0
//! The reports of a small design that is written down here, so that they depend on nothing but the report's own code.
//!
//! `BPF2HDL_UPDATE_GOLDENS=1` rewrites the files of `goldens/report` instead.

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::ir::Function;
use bpf2hdl::isa::asm::assemble;
use bpf2hdl::object::{Linked, LinkedInsn, Map, ProgramKind, Source};
use bpf2hdl::pipe::{self, Runs};
use bpf2hdl::{Design, Optimize, Options, report, target};
use std::path::Path;

const PIPELINE: &str = "pipeline count kind xdp window 24 token_min 34 stages 4 {
  map0 = array \"cnt\" key 4 value 8 entries 256 in ram
    read pkt[184..192] issue 0 data 2
    write pkt[184..192]
      field 0 = n2[0..64] when n0[0] @4
    writes 3
    guard stage 0 for 4 key pkt[184..192]
  map1 = constants \".rodata\" key 4 value 4 entries 1 initial 01000000 in none
  stage 0:
    n0:1 = eq pkt[96..112], 0x8:16 @1 ready 620ps
  stage 2:
    n1:64 = read map0 port 0 @3 ready 500ps
    n2:64 = add n1[0..64], 0x1:64 @4 ready 1400ps
  action {0x0:1, n0[0], 0x0:1}
  edit 0 when n0[0] = pkt[48..56]
}";

fn map(name: &str, value_size: u32, max_entries: u32, initial: Option<Vec<u8>>) -> Map {
    Map {
        name: name.to_owned(),
        map_type: 2,
        key_size: 4,
        value_size,
        max_entries,
        value_btf: serde_json::json!({ "kind": "int", "name": "u64", "size": value_size, "encoding": "unsigned" }),
        read_only: initial.is_some(),
        initial,
        ..Map::default()
    }
}

fn program() -> Linked {
    let insns = assemble("r0 = 1\nif r1 == 8 goto +3\nr2 = *(u8 *)(r1 +23)\nr3 = r2\nr3 += 1\nexit")
        .expect("the text is right");
    let source = |line: u32| {
        let text =
            ["int count(struct xdp_md *ctx)", "\tif (eth->h_proto != 8 && x < \"y\")", "\t\tcnt[ip->protocol]++;"];
        Some(Source { file: "src/count.c".into(), line, column: 2, text: text[line as usize - 1].into() })
    };
    let lines = [1, 2, 3, 3, 3, 1];
    Linked {
        name: "count".to_owned(),
        section: "xdp".to_owned(),
        kind: ProgramKind::Xdp,
        frags: false,
        license: "GPL".to_owned(),
        raw: Vec::new(),
        insns: insns.into_iter().zip(lines).map(|(insn, line)| LinkedInsn { insn, source: source(line) }).collect(),
        map_refs: Vec::new(),
        maps: vec![map("cnt", 8, 256, None), map(".rodata", 4, 1, Some(vec![1, 0, 0, 0]))],
        functions: Vec::new(),
        bundle: Default::default(),
        warnings: Diagnostics::new(),
    }
}

fn design() -> Design {
    let pipeline = pipe::parse(PIPELINE).expect("the text is right");
    let mut warnings = Diagnostics::new();
    warnings.add(Code::ReducedRate, "map `cnt` is read and written 4 stages apart");
    Design {
        options: Options {
            target: target::find("xcup").expect("a target"),
            clock_mhz: 250.0,
            bus_bits: 512,
            optimize: Optimize::Latency,
            initiation_interval: 1,
        },
        function: Function::new("count", bpf2hdl::ir::ProgramKind::Xdp),
        runs: Runs::new(&pipeline),
        pipeline,
        warnings,
    }
}

#[test]
fn reports_are_as_they_were() {
    let (design, program, build_id) = (design(), program(), "0123456789abcdef".repeat(4));
    let mut report = report::report(&design, &program, &build_id, 1.5);
    report.files = vec!["bpf_core.sv".to_owned(), "report.json".to_owned()];
    // The version changes with every release.
    report.version = "VERSION";
    let manifest = report::manifest(&design, &program, &build_id, vec!["bpf_core.sv".to_owned()]);
    assert!(manifest.validate().is_ok());
    let files = [
        ("report.json", report::to_json(&report)),
        ("report.html", report::to_html(&report)),
        ("manifest.json", manifest.to_json()),
    ];
    for (name, text) in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/report").join(name);
        if std::env::var_os("BPF2HDL_UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, &text).expect("written");
        }
        let want = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text == want, "{name} is not what is written now; see it with BPF2HDL_UPDATE_GOLDENS=1 and git diff");
    }
}

#[test]
fn latency_counts_the_beats_that_the_token_waits_for() {
    let mut design = design();
    let mut latency = |bus_bits, window, full_length| {
        design.options.bus_bits = bus_bits;
        design.pipeline.window_bytes = window;
        design.pipeline.token_min_bytes = 0;
        design.pipeline.full_length = full_length;
        report::latency_cycles(&design)
    };
    let one_beat = latency(512, 24, false);
    assert_eq!(latency(512, 200, true), one_beat);
    // 24 bytes are there with the third beat of 8; the splice waits for all eight.
    assert_eq!(latency(64, 24, false), (one_beat + 2).max(7 + 10));
    assert_eq!(latency(64, 64, false), one_beat + 7);
    assert_eq!(latency(64, 300, false), one_beat + 7);
    assert_eq!(latency(128, 8, true), one_beat + 3);
}
