// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A slot with nothing in it.
module bpf_slot_b
`include "empty_slot.svh"
endmodule

`default_nettype wire
