// SPDX-License-Identifier: Apache-2.0
//! `E01xx`: instruction encoding and the instruction subset.

super::entries! {
BAD_OPCODE: "E0101", "unknown opcode",
"The opcode byte is not one of the instruction set (RFC 9669). The kernel refuses it too.",
"compile again with an unmodified clang";

RESERVED_FIELD: "E0102", "reserved field is not zero",
"A field that this instruction does not use has a value. The kernel refuses such instructions, because a \
later instruction set may give the field a meaning.",
"compile again with an unmodified clang, for -mcpu=v4 or less";

BAD_REGISTER: "E0103", "register number out of range",
"BPF has the registers R0 to R10; the instruction names another.",
"compile again with an unmodified clang";

BAD_JUMP: "E0104", "jump or call target out of range",
"The jump leaves the program or lands on the second half of a 16-byte load. The kernel refuses it too.",
"compile again with an unmodified clang";

BAD_LOAD_IMM64: "E0105", "malformed 16-byte load",
"A 16-byte load of a constant lacks its second half, or the second half has fields that must be zero.",
"compile again with an unmodified clang";

UNSUPPORTED_INSTRUCTION: "E0106", "instruction is not supported yet",
"The instruction is legal BPF, but the compiler has no hardware for it yet.",
"rewrite the C line so that the operation is not needed, for instance a division by a power of two";

PROGRAM_LENGTH: "E0107", "program is empty or too long",
"A program has at least one instruction and, like in the kernel, at most one million.",
"check that the entry function is not empty";

FALLS_OFF_END: "E0108", "control flow runs past the end of a function",
"The last instruction of a function is neither `exit` nor an unconditional jump, so that execution would go on into \
whatever follows.",
"return a value on every path; look for `__builtin_unreachable()` and undefined behaviour in C";

ASM_SYNTAX: "E0109", "assembler text can not be read",
"The line is not an instruction in bpftool's text form.",
"write it as `bpftool prog dump xlated` prints it";

BPF_TO_BPF_CALL: "E0110", "call of a sub-program is not supported here",
"The program calls another BPF function in a way that can not be inlined: recursion, more than eight nested frames, or a \
function used through a pointer.",
"mark the function `static __always_inline`";

UNSUPPORTED_ATOMIC: "E0111", "atomic operation other than add",
"Only the atomic addition without a returned value has hardware so far. Exchange, compare-and-exchange, bit operations \
and fetching forms need another kind of map port.",
"use `__sync_fetch_and_add` and ignore its result, or a plain read-modify-write: in hardware every packet's \
map update is atomic anyway";

LEGACY_PACKET_LOAD: "E0112", "LD_ABS or LD_IND in an XDP program",
"These packet loads work on socket buffers and on `phys_dev` filters. The kernel refuses them in XDP programs.",
"read the packet through `ctx->data` with a bounds check";

INDIRECT_CALL: "E0113", "call through a register",
"`callx` calls an address held in a register. The kernel refuses it, and a pipeline has no code to jump to.",
"compile with `-O2`, so that clang resolves function pointers, or use a `switch`";
}
