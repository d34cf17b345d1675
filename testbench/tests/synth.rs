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

/// An array that the pipeline only writes leaves a memory with the host's port alone, whose one address both reads and writes: yosys 0.70 maps a deep one to a
/// RAM of tables that UltraScale+ does not have.
#[test]
fn an_array_without_readers_is_a_block_ram() {
    let top = "module top(input logic clk, input logic rst, input logic we, input logic [13:0] idx, input logic [7:0] d,
                          input logic req, input logic host_we, input logic [13:0] host_idx, output logic ack, output logic [7:0] r);
  logic [7:0] unused_data;
  logic unused_stall;
  bpf_map_array #(.ENTRIES(16384), .VALUE_W(8)) u_map (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(14'd0), .rd_data_o(unused_data), .wr_en_i(we), .wr_be_i(1'b1), .wr_idx_i(idx), .wr_data_i(d),
    .host_req_i(req), .host_we_i(host_we), .host_idx_i(host_idx), .host_wdata_i(d), .host_ack_o(ack), .host_rdata_o(r), .host_block_i(1'b0),
    .host_stall_o(unused_stall));
endmodule
";
    let folder = design("host-only", top);
    let map = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hdl/rtl/bpf_map_array.sv");
    fs::copy(map, folder.join("bpf_map_array.sv")).unwrap();
    fs::write(folder.join("top.f"), "bpf_map_array.sv\ntop.sv\n").unwrap();
    let yosys = Yosys::find().unwrap();
    let done = synthesise(&yosys, &folder, "top.f", "top", options(), &folder.join("log")).unwrap();
    assert_eq!((done.resources.lut_ram, done.resources.bram18), (0, 8), "{:?}", done.cells);
}
