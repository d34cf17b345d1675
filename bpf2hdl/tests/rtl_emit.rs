// SPDX-License-Identifier: Apache-2.0
//! The emitted text: golden files, the same bytes every time, and what the tools say.
//!
//! `BPF2HDL_UPDATE_GOLDENS=1` writes the golden files anew.

mod rtl_support;

use rtl_support::{GOLDENS, design, emit, folder, golden, lint, run, write, yosys};

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
                assert!(text == want, "{} is not what is emitted now; see it with BPF2HDL_UPDATE_GOLDENS=1 and git diff", path.display());
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
fn verilator_has_no_warning() {
    for bus in BUSES {
        for name in GOLDENS {
            lint(&write(&emit(&design(golden(name), bus)), &format!("lint_{name}_{bus}")));
        }
    }
}

#[test]
fn yosys_reads_everything() {
    for name in GOLDENS {
        let Some(mut yosys) = yosys() else { return };
        let files = emit(&design(golden(name), 64));
        let list = &files.iter().find(|f| f.path == "bpf_core.f").expect("file list").contents;
        let folder = write(&files, &format!("yosys_{name}"));
        let script = format!("read_verilog -sv {}; hierarchy -check -top bpf_core; proc; check -assert", list.replace('\n', " "));
        yosys.args(["-q", "-p", &script]);
        run(yosys, &folder, "yosys");
    }
}
