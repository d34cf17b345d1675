// SPDX-License-Identifier: Apache-2.0
//! Synthesis of small modules whose cells are known.

use bpf2hdl_testbench::Error;
use bpf2hdl_testbench::synth::{Family, SynthOptions, Yosys, synthesise};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

fn design(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("synth-{name}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("top.sv"), text).unwrap();
    fs::write(folder.join("top.f"), "top.sv\n").unwrap();
    folder
}

fn options() -> SynthOptions {
    SynthOptions { family: Family::UltraScalePlus, ultra_ram: false, netlist: None, limit: Duration::from_secs(300) }
}

const COUNTED: &str = "module top(input logic clk, input logic [1:0] a, input logic [8:0] addr, input logic we,
                       input logic [71:0] d, output logic q, output logic [71:0] r);
  always_ff @(posedge clk) q <= a[0] & a[1];
  logic [71:0] mem [0:511];
  always_ff @(posedge clk) begin
    if (we) mem[addr] <= d;
    r <= mem[addr];
  end
endmodule
";

#[test]
fn cells_of_a_small_module_are_counted() {
    let folder = design("counted", COUNTED);
    let yosys = Yosys::find().unwrap();
    let done = synthesise(&yosys, &folder, "top.f", "top", options(), &folder.join("log")).unwrap();
    let used = done.resources;
    assert_eq!((used.lut, used.ff, used.dsp, used.uram), (1, 1, 0, 0), "{:?}", done.cells);
    assert!((used.bram36() - 1.0).abs() < 1e-9, "{:?}", done.cells);
    assert!(!folder.join("bpf2hdl-synth-stat.json").exists());
}

#[test]
fn a_design_that_yosys_refuses_is_an_error_with_its_words() {
    let folder = design("refused", "module top(output logic q);\n  nowhere n(.q);\nendmodule\n");
    let yosys = Yosys::find().unwrap();
    let error = synthesise(&yosys, &folder, "top.f", "top", options(), &folder.join("log")).unwrap_err();
    assert!(matches!(&error, Error::Build { lines, .. } if lines.contains("nowhere")), "{error}");
}

#[test]
fn a_synthesis_that_takes_too_long_is_stopped() {
    let folder = design("limit", COUNTED);
    let yosys = Yosys::find().unwrap();
    let short = SynthOptions { limit: Duration::from_millis(1), ..options() };
    let error = synthesise(&yosys, &folder, "top.f", "top", short, &folder.join("log")).unwrap_err();
    assert!(error.to_string().contains("stopped after"), "{error}");
}
