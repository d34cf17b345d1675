// SPDX-License-Identifier: Apache-2.0
//! The SystemVerilog module of a block: decoder, what is read, and the registers that are plain.
//!
//! A module and not a package, because a file list in any order, a folder of modules and a copied design then need nothing more. Ports have the registers'
//! names: `NAME_i` from the hardware, `NAME_o` to it, `NAME_FIELD_*` for fields; of what is kept outside, `NAME_we_o` says that the word is
//! written (a bit for each word, one for a window), and `NAME_rd_o` that it is read.

mod parts;

use super::describe::{Block, Bus, Kind};
use std::fmt::Write as _;

/// A port: direction, width as it is written, name, comment.
struct Port {
    direction: &'static str,
    range: String,
    name: String,
    comment: String,
}

/// What the statements of a module are made of.
struct Module<'a> {
    block: &'a Block,
    /// Bits of the words' addresses: `address[high:2]`.
    high: u32,
    ports: Vec<Port>,
    /// Statements, in order.
    body: String,
    /// Cases of what is read, and statements behind them.
    cases: String,
    loops: String,
}

/// The text of `bpf_NAME_regs.sv`.
#[must_use]
pub fn module(block: &Block) -> String {
    let around = block.bus == Bus::Around;
    let high = if around { block.address_bits - 1 } else { block.bytes.ilog2() - 1 };
    let mut made =
        Module { block, high, ports: Vec::new(), body: String::new(), cases: String::new(), loops: String::new() };
    for register in block.registers {
        made.register(register);
    }
    let name = block.name;
    let mut out = format!(
        "// SPDX-License-Identifier: Apache-2.0\n// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.\n`default_nettype none\n\n\
         /// Registers of {}: decoder, what is read, plain registers.\n///\n",
        block.about
    );
    out.push_str(if around {
        "/// The module around it answers the bus: `wr_i` with address, data and strobes for one clock; `rd_data_o` belongs to `rd_addr_i`.\n"
    } else {
        "/// AXI4-Lite; what is not the block's goes on to `m_axil_*`, see bpf_axil_split. `*_we_o` and `*_rd_o` are pulses, with `wr_*_o`, `rd_*_o` beside them.\n"
    });
    out.push_str("/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.\n");
    let _ = writeln!(out, "module bpf_{name}_regs {}(", made.parameters());
    let ports: Vec<Port> = made.bus_ports().into_iter().chain(std::mem::take(&mut made.ports)).collect();
    out.push_str(&list(&ports));
    out.push_str(");\n");
    out.push_str(&made.front());
    out.push_str(&made.body);
    out.push_str(&made.read());
    out.push_str("endmodule\n\n`default_nettype wire\n");
    out
}

/// Ports in columns.
fn list(ports: &[Port]) -> String {
    let widest = ports.iter().map(|port| port.range.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (index, port) in ports.iter().enumerate() {
        let comma = if index + 1 < ports.len() { "," } else { "" };
        let line = format!("  {:<6} logic {:<widest$} {}{comma}", port.direction, port.range, port.name);
        let comment = if port.comment.is_empty() { String::new() } else { format!("  // {}", port.comment) };
        let _ = writeln!(out, "{line}{comment}");
    }
    out
}

fn port(direction: &'static str, range: impl Into<String>, name: impl Into<String>, comment: &str) -> Port {
    Port { direction, range: range.into(), name: name.into(), comment: comment.to_owned() }
}

/// `[W-1:0]`, nothing for one bit.
fn range(width: u32) -> String {
    if width == 1 { String::new() } else { format!("[{}:0]", width - 1) }
}

/// `name[low +: width]` of a word, `name[low]` of one bit.
fn slice(name: &str, low: u32, width: u32) -> String {
    if width == 1 { format!("{name}[{low}]") } else { format!("{name}[{}:{low}]", low + width - 1) }
}

/// The bits of a word from parts with their lowest bits, zeros between them.
fn word(parts: &[(u32, u32, String)]) -> String {
    let (mut pieces, mut next) = (Vec::new(), 0);
    for (low, width, text) in parts {
        if *low > next {
            pieces.push(format!("{}'d0", low - next));
        }
        pieces.push(text.clone());
        next = low + width;
    }
    if next < 32 {
        pieces.push(format!("{}'d0", 32 - next));
    }
    pieces.reverse();
    if pieces.len() == 1 { pieces.remove(0) } else { format!("{{{}}}", pieces.join(", ")) }
}

impl Module<'_> {
    fn is_around(&self) -> bool {
        self.block.bus == Bus::Around
    }

    /// A signal of the register bus as the statements name it.
    fn bus(&self, name: &str) -> String {
        if self.is_around() { format!("{name}_i") } else { name.to_owned() }
    }

    fn parameters(&self) -> String {
        let row = |(name, most): (&str, u32)| format!("  parameter int unsigned {name} = 1  // 1..{most}\n");
        let rows: Vec<String> = self.limits().into_iter().map(row).collect();
        if rows.is_empty() { String::new() } else { format!("#(\n{}) ", rows.join(",\n")) }
    }

    /// The signal that what is read is assigned to.
    fn read_target(&self) -> &'static str {
        if self.is_around() { "rd_data_o" } else { "rd_data" }
    }

    fn has(&self, kinds: &[Kind]) -> bool {
        self.block.registers.iter().any(|register| kinds.contains(&register.kind))
    }

    fn bus_ports(&self) -> Vec<Port> {
        let keeps = self.has(&[Kind::Counter, Kind::Stored, Kind::Sticky]);
        let mut ports = Vec::new();
        if keeps || !self.is_around() {
            ports.push(port("input", "", "clk_i", ""));
            ports.push(port("input", "", "rst_i", "synchronous, active high"));
        }
        let address = format!("[{}:2]", self.high);
        if self.is_around() {
            ports.push(port("input", "", "wr_i", "a word is written"));
            ports.push(port("input", address.clone(), "wr_addr_i", ""));
            ports.push(port("input", "[31:0]", "wr_data_i", ""));
            ports.push(port("input", "[3:0]", "wr_strb_i", ""));
            ports.push(port("input", address, "rd_addr_i", ""));
            ports.push(port("output", "[31:0]", "rd_data_o", ""));
            return ports;
        }
        for (side, is_master) in [("s", false), ("m", true)] {
            for (name, bits, from_master) in AXI_LITE {
                let range = range(if *bits == 0 { self.block.address_bits } else { *bits });
                let (direction, end) = if *from_master == is_master { ("output", "o") } else { ("input", "i") };
                ports.push(port(direction, range, format!("{side}_axil_{name}_{end}"), ""));
            }
        }
        if self.has(&[Kind::Outside, Kind::Window]) {
            ports.push(port("output", "[31:0]", "wr_data_o", "with *_we_o"));
            ports.push(port("output", "[3:0]", "wr_strb_o", ""));
            if self.has(&[Kind::Window]) {
                ports.push(port("output", address.clone(), "wr_addr_o", "bytes from the block's base"));
                ports.push(port("output", address, "rd_addr_o", ""));
            }
        }
        ports
    }

    /// What stands before the registers.
    fn front(&self) -> String {
        let mut out = String::new();
        for (name, most) in self.limits() {
            let _ = writeln!(out, "  if ({name} < 1 || {name} > {most}) begin : g_check_{}", name.to_ascii_lowercase());
            let _ =
                writeln!(out, "    $fatal(1, \"bpf_{}_regs: {name} must be 1..{most}\");\n  end\n", self.block.name);
        }
        let signals = ["wr", "wr_addr", "wr_data", "wr_strb", "rd_addr"].map(|name| self.bus(name));
        if !self.is_around() {
            let _ = writeln!(out, "  logic        wr, rd;\n  logic [{0}:2] wr_addr, rd_addr;", self.high);
            out.push_str("  logic [31:0] wr_data, rd_data;\n  logic [3:0]  wr_strb;\n");
        }
        let rd = if self.is_around() { "" } else { ", rd" };
        let _ = writeln!(out, "  logic        unused_bus;\n  assign unused_bus = ^{{{}{rd}}};\n", signals.join(", "));
        if !self.is_around() {
            out.push_str(&self.split());
        }
        out
    }

    /// Parameters and their largest values.
    fn limits(&self) -> Vec<(&'static str, u32)> {
        let mut limits: Vec<(&'static str, u32)> = Vec::new();
        for register in self.block.registers.iter().filter(|register| !register.each.is_empty()) {
            match limits.iter_mut().find(|(name, _)| *name == register.each) {
                Some((_, most)) => *most = (*most).min(register.count),
                None => limits.push((register.each, register.count)),
            }
        }
        limits
    }

    fn split(&self) -> String {
        let Block { address_bits, base, bytes, bus, .. } = *self.block;
        let last = u32::from(bus == Bus::ChainEnd);
        let mut out = format!(
            "  bpf_axil_split #(.ADDR_W({address_bits}), .BASE(32'h{base:x}), .BYTES({bytes}), .LAST({last})) u_split (\n    .clk_i, .rst_i,\n"
        );
        for (side, from, to) in [("s", "i", "o"), ("m", "o", "i")] {
            let names: Vec<String> = AXI_LITE
                .iter()
                .map(|(name, _, from_master)| format!(".{side}_axil_{name}_{}", if *from_master { from } else { to }))
                .collect();
            let _ = writeln!(out, "    {},", names.join(", "));
        }
        out.push_str("    .wr_o(wr), .wr_addr_o(wr_addr), .wr_data_o(wr_data), .wr_strb_o(wr_strb), .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data));\n\n");
        if self.has(&[Kind::Outside, Kind::Window]) {
            out.push_str("  assign wr_data_o = wr_data;\n  assign wr_strb_o = wr_strb;\n");
            if self.has(&[Kind::Window]) {
                out.push_str("  assign wr_addr_o = wr_addr;\n  assign rd_addr_o = rd_addr;\n");
            }
            out.push('\n');
        }
        out
    }

    /// The multiplexer of what is read.
    fn read(&self) -> String {
        let (target, address) = (self.read_target(), self.bus("rd_addr"));
        format!(
            "\n  always_comb begin\n    unique casez ({address})\n{}      default: {target} = 32'd0;\n    endcase\n{}  end\n",
            self.cases, self.loops
        )
    }
}

/// Signals of AXI4-Lite: name, bits (0: the address's), whether the master drives it.
const AXI_LITE: &[(&str, u32, bool)] = &[
    ("awaddr", 0, true),
    ("awvalid", 1, true),
    ("awready", 1, false),
    ("wdata", 32, true),
    ("wstrb", 4, true),
    ("wvalid", 1, true),
    ("wready", 1, false),
    ("bresp", 2, false),
    ("bvalid", 1, false),
    ("bready", 1, true),
    ("araddr", 0, true),
    ("arvalid", 1, true),
    ("arready", 1, false),
    ("rdata", 32, false),
    ("rresp", 2, false),
    ("rvalid", 1, false),
    ("rready", 1, true),
];
