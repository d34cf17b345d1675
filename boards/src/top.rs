// SPDX-License-Identifier: Apache-2.0
//! The top module of a board: its ports are the nets of the constraints, its parameters the board's numbers.

use super::{Board, Host};

/// A source file under the top module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// File name.
    pub name: &'static str,
    /// SystemVerilog.
    pub text: &'static str,
}

macro_rules! sources {
    ($($path:literal / $name:literal,)*) => {
        &[$(Source { name: $name, text: include_str!(concat!("../", $path, "/", $name)) },)*]
    };
}

/// What stands between the top module and `bpf_core`, in dependency order. A core may bring some of them too; they are the same.
pub const SOURCES: &[Source] = sources![
    "../hdl/rtl" / "bpf_sync.sv",
    "../hdl/rtl" / "bpf_pulse_sync.sv",
    "../hdl/rtl" / "bpf_crc32.sv",
    "../hdl/rtl" / "bpf_mac_rx.sv",
    "../hdl/rtl" / "bpf_mac_tx.sv",
    "../hdl/rtl" / "bpf_frame_fifo.sv",
    "../hdl/rtl" / "bpf_async_fifo.sv",
    "../hdl/rtl" / "bpf_gmii_port.sv",
    "../hdl/rtl" / "bpf_tx_merge.sv",
    "../hdl/rtl" / "bpf_uart.sv",
    "../hdl/rtl" / "bpf_serial.sv",
    "../hdl/rtl" / "bpf_fifo.sv",
    "../hdl/rtl" / "bpf_udp.sv",
    "../hdl/rtl" / "bpf_axil_split.sv",
    "../hdl/rtl" / "bpf_board_regs.sv",
    "rtl" / "bpf_wire.sv",
    "ecp5" / "bpf_ecp5_rgmii.sv",
    "ecp5" / "bpf_ecp5_wire.sv",
];

/// Module `top` of a board that its host reaches so.
#[must_use]
pub fn top(board: &Board, host: Host) -> String {
    let reset = board.reset_n.is_some();
    let phys: Vec<usize> = (0..2).filter(|&port| board.ports[port].reset_n.is_some()).collect();
    let mut ports = vec!["  input  logic       osc".to_owned()];
    if reset {
        ports.push("  input  logic       rst_n".to_owned());
    }
    for port in 0..2 {
        for (kind, width, signal) in [
            ("input ", "     ", "rx_clk"),
            ("input ", "     ", "rx_ctl"),
            ("input ", "[3:0]", "rxd"),
            ("output", "     ", "tx_clk"),
            ("output", "     ", "tx_ctl"),
            ("output", "[3:0]", "txd"),
        ] {
            ports.push(format!("  {kind} logic {width} eth{port}_{signal}"));
        }
        if phys.contains(&port) {
            ports.push(format!("  output logic       eth{port}_rst_n"));
        }
    }
    ports.push("  input  logic       uart_rxd".to_owned());
    ports.push("  output logic       uart_txd".to_owned());
    let resets: String = phys.iter().map(|port| format!("  assign eth{port}_rst_n = 1'b1;\n")).collect();
    let pair = |signal: &str| format!("{{eth1_{signal}, eth0_{signal}}}");
    let connect = |port: &str, signal: &str| format!("    .rgmii_{port}({})", pair(signal));
    let wires = [
        connect("rx_clk_i", "rx_clk"),
        connect("rxd_i", "rxd"),
        connect("rx_ctl_i", "rx_ctl"),
        connect("tx_clk_o", "tx_clk"),
        connect("txd_o", "txd"),
        connect("tx_ctl_o", "tx_ctl"),
    ]
    .join(",\n");
    let pll = board.pll;
    let parameters = [
        ("CLKI_DIV", pll.input),
        ("CLKFB_DIV", pll.feedback),
        ("TX_DIV", pll.tx),
        ("CORE_DIV", pll.core),
        ("RX_DELAY", board.rx_delay),
        ("TX_DELAY", board.tx_delay),
        ("MAX_FRAME", board.max_frame_bytes),
        ("UART_CLOCKS", board.uart_clocks()),
    ]
    .map(|(name, value)| (name, value.to_string()));
    let parameters: Vec<String> =
        parameters.into_iter().chain(host.parameters()).map(|(name, value)| format!("    .{name}({value})")).collect();
    let parameters = parameters.join(",\n");
    format!(
        "// SPDX-License-Identifier: Apache-2.0\n// Made by bpf2hdl from the board's description; do not edit.\n`default_nettype none\n\n\
         /// {}; {}, core at {} MHz.\nmodule top (\n{}\n);\n  // The PHYs are not reset: on some boards the oscillator's clock comes through one.\n{resets}\n  \
         bpf_ecp5_wire #(\n{parameters}\n  ) u_board (\n    .osc_i(osc), .rst_ni({}),\n{wires},\n    .uart_rxd_i(uart_rxd), .uart_txd_o(uart_txd));\nendmodule\n\n\
         `default_nettype wire\n",
        board.description,
        board.part,
        board.clock_mhz,
        ports.join(",\n"),
        if reset { "rst_n" } else { "1'b1" },
    )
}
