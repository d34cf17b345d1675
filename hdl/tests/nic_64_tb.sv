// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Rates of the whole NIC on 64 bits: nic_bench.svh.
`define BUS 64
`define BENCH nic_64_tb
`define NAME "nic_64"
`include "nic_bench.svh"

`default_nettype wire
