// SPDX-License-Identifier: Apache-2.0
//! `E04xx`: memory safety and verification.

super::entries! {
PACKET_OUT_OF_BOUNDS: "E0401", "packet access is not proven to be inside the packet",
"Every load and store of packet bytes must lie in [data, data_end) on every path. The compiler found a path \
on which no earlier comparison with `data_end` covers all bytes of this access. The kernel refuses such programs too.",
"compare the end of the access with `data_end` first: `if (ptr + 1 > data_end) return XDP_DROP;`";

POINTER_ARITHMETIC: "E0402", "arithmetic that is not possible on a pointer",
"Pointers allow addition and subtraction of bounded scalars, and the difference of two pointers into one packet. Other \
operations give values that depend on where memory happens to be.",
"compute the offset as a scalar, bound it, and add it to the pointer";

UNINITIALISED_READ: "E0403", "read of a value that was never written",
"The register or stack byte has no value on at least one path to this instruction.",
"initialise the variable, for instance with `= {}`; mind padding in structures passed to helpers";

STACK_OUT_OF_RANGE: "E0404", "stack access out of range",
"A function's frame has 512 bytes below R10; all frames of a call chain together have 512 bytes as in the kernel.",
"use smaller local variables, or a per-CPU array as scratch space";

MAP_VALUE_OUT_OF_RANGE: "E0405", "access outside the map value",
"The offset into the value can be negative or beyond value_size.",
"bound the index before it is used: `if (i >= N) return XDP_DROP;`";

NULL_MAP_VALUE: "E0406", "map lookup result used without a null check",
"`bpf_map_lookup_elem` returns NULL when there is no such entry; the program uses the result on a path where it was not tested.",
"test the pointer first: `if (!value) return XDP_PASS;`";

READ_ONLY_STORE: "E0407", "store to read-only memory",
"The target is `.rodata`, a map created with BPF_F_RDONLY_PROG, or a helper's constant argument.",
"make the variable non-const, or drop the flag";

CONTEXT_ACCESS: "E0408", "context access of the wrong size or offset",
"Fields of `struct xdp_md` are read as whole, aligned 4-byte words at a constant offset.",
"read the field through `ctx->field` without casting the context";

CONTEXT_WRITE: "E0409", "store to the context",
"XDP programs may not write to `struct xdp_md`, except through helpers.",
"remove the assignment";

UNSUPPORTED_CONTEXT_FIELD: "E0410", "context field is not supported",
"`data`, `data_end`, `data_meta`, `ingress_ifindex` and `rx_queue_index` exist in hardware; `egress_ifindex` for programs in `xdp/devmap` only, as in the kernel.",
"do without the field";

PHYS_DEV_CONTEXT: "E0411", "phys_dev context access",
"The context of an early driver filter is `struct bpf_phys_dev_md { __u32 len; }`: only aligned 4-byte reads of `len` \
are possible, and packet bytes are read with LD_ABS and LD_IND.",
"use `load_byte`, `load_half`, `load_word` and `ctx->len`";

BACK_EDGE: "E0412", "loop is not supported",
"The program jumps backwards. A pipeline has no program counter: a loop must be unrolled at compile time, and its number \
of rounds must be found by following it.",
"unroll with `#pragma unroll` and a constant bound";

INFINITE_LOOP: "E0413", "loop does not end",
"The same instruction is reached again with the same state, so that the loop never ends.",
"make sure that every round changes the loop's condition";

WORK_LIMIT: "E0414", "program is too complex to follow",
"Every path of the program is followed once, with loops and calls unrolled, and what is met becomes hardware. There are limits: one million executed \
instructions (as in the kernel), 150,000 operations of hardware, 8,192 iterations of a loop or of a callback of `bpf_loop`, and 64 states \
that stand at one place because they can not be merged (a register that holds different kinds of pointers). The message names the loop, \
its C line and the number that was reached; the note says where most of the work was done.",
"give loops smaller constant bounds, and reduce the number of conditions inside them";

INVALID_POINTER: "E0415", "access through something that is not a pointer",
"The address is a scalar, or a pointer whose kind was lost by arithmetic, by a 32-bit copy or at a join of paths.",
"keep pointers in 64-bit variables of their own";

POINTER_LEAK: "E0416", "pointer used as a number",
"A pointer's value would reach the packet, a map or the return value. In hardware pointers have no numeric value.",
"store an offset or a length instead";

MISALIGNED: "E0417", "misaligned access",
"Stack, context and atomic accesses must be aligned to their size.",
"align the variable, or access it byte by byte";

FRAME_POINTER_WRITE: "E0418", "write to the frame pointer",
"R10 points to the end of the stack frame and can only be read.",
"compile again with an unmodified clang";

MIXED_POINTERS: "E0419", "pointers of different kinds meet or are compared",
"At this point the same register can hold pointers into different memories (packet, stack, map), or two unrelated pointers \
are compared, and the access can not be resolved at compile time.",
"access each memory in its own branch";

REPLACED_ELEMENT: "E0420", "map value used after its element may have been replaced",
"In a HASH or LRU_HASH map, `bpf_map_update_elem` of a key that is there puts a new element in place of the old one, and an \
element that was deleted serves the next key that is inserted. A pointer that was looked up before still points to the \
old element, whose contents then depend on how the kernel recycles memory. The program follows such a pointer.",
"look the key up again after the update, or change the value through the pointer instead of by the update";

STALE_POINTER: "E0421", "pointer from before the packet was resized",
"`bpf_xdp_adjust_head`, `bpf_xdp_adjust_tail` and `bpf_xdp_adjust_meta` may move the packet's beginning and end, so that \
every pointer into it that was read before the call is of no use after it, even when the call failed. The kernel refuses such \
programs too.",
"read `ctx->data`, `ctx->data_end` and `ctx->data_meta` again after the call, and compare again";

UNRELEASED_RECORD: "E0422", "reserved record is not given back",
"What `bpf_ringbuf_reserve` returns has to be submitted or discarded on every path on which it is not null, before the program ends or \
goes on in another one. The kernel refuses such programs too.",
"call `bpf_ringbuf_submit` or `bpf_ringbuf_discard` on every path behind the reservation";
}
