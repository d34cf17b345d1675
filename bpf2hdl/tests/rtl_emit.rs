// SPDX-License-Identifier: Apache-2.0
//! The emitted text: golden files, the same bytes every time, and what the tools say.
//!
//! `BPF2HDL_UPDATE_GOLDENS=1` writes the golden files anew.

mod pipe_support;
mod rtl_support;

use pipe_support::grow::grow;
use rtl_support::{GOLDENS, design, emit, folder, golden, lint, run, with_real_latencies, write, yosys};

const BUSES: [u32; 4] = [64, 128, 256, 512];

#[test]
fn goldens() {
    let update = std::env::var_os("BPF2HDL_UPDATE_GOLDENS").is_some();
    for name in GOLDENS {
        let files = emit(&design(golden(name), 512));
        for file in files.iter().filter(|f| f.path == "bpf_pipeline.sv" || f.path == "bpf_core.sv") {
            let path = folder().join(format!("{name}.{}", file.path));
            // The build id is that of the library's sources too: not of interest here.
            let id = file.contents.lines().find(|l| l.contains("256'h")).unwrap_or("localparam logic [255:0] BUILD_ID");
            let text = file.contents.replace(id, "  localparam logic [255:0] BUILD_ID = 256'h0;");
            if update {
                std::fs::write(&path, text).expect("golden file");
            } else {
                let want = std::fs::read_to_string(&path).unwrap_or_default();
                assert!(
                    text == want,
                    "{} is not what is emitted now; see it with BPF2HDL_UPDATE_GOLDENS=1 and git diff",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for name in GOLDENS {
        assert!(emit(&design(golden(name), 128)) == emit(&design(golden(name), 128)), "{name}");
    }
    let id = |name, bus| {
        let design = design(golden(name), bus);
        bpf2hdl::rtl::build_id(&design, &rtl_support::program(&design.pipeline))
    };
    assert_ne!(id("reflect", 64), id("reflect", 128));
    assert_ne!(id("reflect", 64), id("meter", 64));
}

#[test]
fn lines_are_short_and_names_of_other_machines_stay_away() {
    for name in GOLDENS {
        for file in emit(&design(golden(name), 512)) {
            assert!(!file.contents.contains("/home/"), "{}", file.path);
            for line in file.contents.lines().filter(|_| !file.path.starts_with("hdl/")) {
                assert!(line.len() <= 140 && line.is_ascii() && !line.ends_with([' ', '\\']), "{}: {line}", file.path);
            }
        }
    }
}

#[test]
fn the_file_list_is_complete_and_ends_with_the_top() {
    let files = emit(&design(golden("meter"), 512));
    let list = &files.iter().find(|f| f.path == "bpf_core.f").expect("file list").contents;
    let listed: Vec<&str> = list.lines().collect();
    let sources: Vec<&str> = files.iter().map(|f| f.path.as_str()).filter(|p| p.ends_with(".sv")).collect();
    assert_eq!(listed, sources);
    assert_eq!(listed.last(), Some(&"bpf_core.sv"));
    let few = emit(&design(golden("constant"), 512));
    for absent in ["bpf_map_array", "bpf_map_regs", "bpf_interlock", "bpf_multiplier", "bpf_divider"] {
        assert!(list.contains(absent) && !few.iter().any(|f| f.path.contains(absent)), "{absent}");
    }
}

#[test]
fn contents_of_ram_are_in_a_file() {
    let mut pipeline = golden("meter");
    pipeline.maps[0].map.initial = vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let files = emit(&design(pipeline, 64));
    let memory = files.iter().find(|f| f.path == "bpf_map_cnt.mem").expect("contents");
    let lines: Vec<&str> = memory.contents.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[1]), (200, "0c0b0a090807060504030201", "000000000000000000000000"));
    let user = files.iter().find(|f| f.path == "bpf_pipeline.sv").expect("pipeline");
    assert!(user.contents.contains(".INIT_FILE(\"bpf_map_cnt.mem\")"));
    lint(&write(&files, "lint_init_file"));
}

#[test]
fn verilator_has_no_warning() {
    for bus in BUSES {
        for name in GOLDENS {
            lint(&write(&emit(&design(golden(name), bus)), &format!("lint_{name}_{bus}")));
        }
    }
}

#[test]
fn verilator_has_no_warning_for_random_pipelines() {
    for seed in 0..40 {
        let design = design(with_real_latencies(grow(seed)), 64);
        assert_eq!(bpf2hdl::rtl::check(&design), Vec::<String>::new(), "{}", design.pipeline);
        lint(&write(&emit(&design), &format!("lint_random_{seed}")));
    }
}

#[test]
fn yosys_reads_everything() {
    let random = (0..4).map(|seed| (format!("random_{seed}"), with_real_latencies(grow(seed))));
    for (name, pipeline) in GOLDENS.map(|name| (name.to_owned(), golden(name))).into_iter().chain(random) {
        let Some(mut yosys) = yosys() else { return };
        let files = emit(&design(pipeline, 64));
        let list = &files.iter().find(|f| f.path == "bpf_core.f").expect("file list").contents;
        let folder = write(&files, &format!("yosys_{name}"));
        let script = format!(
            "read_verilog -sv {}; hierarchy -check -top bpf_core; proc; check -assert",
            list.replace('\n', " ")
        );
        yosys.args(["-q", "-p", &script]);
        run(yosys, &folder, "yosys");
    }
}
