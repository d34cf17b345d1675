// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A slot with nothing in it: empty_slot.svh.
`define SLOT bpf_slot_a
`include "empty_slot.svh"
`undef SLOT

`default_nettype wire
