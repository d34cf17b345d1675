// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Rates of the whole NIC on 512 bits: nic_bench.svh.
`define BUS 512
`define BENCH nic_tb
`define NAME "nic"
`include "nic_bench.svh"

`default_nettype wire
