// SPDX-License-Identifier: Apache-2.0
//! `bpf_core.sv` around an engine: the same for every program of a size.

use super::text::logic;
use super::{SourceFile, core_ports, library};
use crate::compile::Options;
use bpf2hdl_interface::arrival::time_rate;

/// The files of an engine, as [`emit`](super::emit) gives those of a pipeline.
#[must_use]
pub fn engine(memory_bytes: u32, slots: u32, max_frame: u32, options: &Options) -> Vec<SourceFile> {
    let ports = core_ports::names(options.bus_bits);
    let fifo = (max_frame + 2 * options.bus_bits).next_power_of_two();
    let mut core = String::from(
        "// SPDX-License-Identifier: Apache-2.0\n// Made by bpf2hdl; do not edit. The same for every program.\n`default_nettype none\n\n\
         /// An engine that the host gives its program.\n///\n/// Ports: bpf_engine.\nmodule bpf_core (\n",
    );
    let declare = |(name, direction, bits): &(String, char, u32)| {
        let direction = if *direction == 'i' { "input" } else { "output" };
        format!("  {direction} {} {name}", logic(*bits))
    };
    core.push_str(&ports.iter().map(declare).collect::<Vec<_>>().join(",\n"));
    core.push_str(&format!(
        "\n);\n  bpf_engine #(.BUS_W({}), .SLOTS({slots}), .BYTES({memory_bytes}), .MAX_FRAME({max_frame}), .SINK_FIFO_BYTES({fifo}), \
         .TIME_RATE(32'h{:08x})) u_engine (\n",
        options.bus_bits,
        time_rate(options.clock_mhz)
    ));
    core.push_str(&ports.iter().map(|(name, ..)| format!("    .{name}")).collect::<Vec<_>>().join(",\n"));
    core.push_str("\n  );\nendmodule\n\n`default_nettype wire\n");
    let modules = library::needed(&[&core]).into_iter().map(|(name, text)| (format!("hdl/{name}.sv"), text.to_owned()));
    let mut files: Vec<SourceFile> = modules.map(|(path, contents)| SourceFile { path, contents }).collect();
    files.push(SourceFile { path: "bpf_core.sv".to_owned(), contents: core });
    let contents = files.iter().map(|file| format!("{}\n", file.path)).collect();
    files.push(SourceFile { path: "bpf_core.f".to_owned(), contents });
    files
}
