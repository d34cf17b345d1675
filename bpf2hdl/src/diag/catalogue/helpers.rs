// SPDX-License-Identifier: Apache-2.0
//! `E03xx`: helpers, kernel functions, tail calls.

super::entries! {
UNSUPPORTED_HELPER: "E0301", "helper is not supported yet",
"The program calls a kernel helper that has no hardware counterpart yet. Supported helpers are compiled into \
pipeline stages; there is no processor beside the pipeline that could run the others.",
"remove the call, or keep the packets that need it on the host by returning XDP_PASS";

UNKNOWN_HELPER: "E0302", "unknown helper number",
"The helper number is none that Linux 6.12 defines.",
"check that the program includes `bpf/bpf_helpers.h`";

KFUNC: "E0303", "call of a kernel function",
"kfuncs are functions of the running kernel (conntrack, flow tables, metadata). In hardware there is no kernel to call.",
"remove the call, or return XDP_PASS for packets that need it";

TAIL_CALL: "E0304", "tail call can not be compiled",
"`bpf_tail_call` replaces the running program by one from a prog array. All programs that it may go to become part of the hardware, \
so they must be programs of the same object. Entries that the C source writes (`.values = { [0] = (void *)&prog }`) are compiled in, also a \
program that calls itself: 33 tail calls in a row, as in the kernel, if the work limit allows. An array without such entries is filled by the \
host with numbers of programs; there must be another program in the object then.",
"write the entries into the array's definition with `__array(values, int (void *))`, or call the other program as a function";

HELPER_ARGUMENT: "E0305", "helper argument can not be compiled",
"The argument has the wrong kind or is not known well enough: a size that is not a constant where the hardware needs \
one, a buffer that is not initialised, or a scalar where a pointer is needed.",
"pass constants and initialised stack buffers";

SPIN_LOCK: "E0306", "spin lock is not used as the kernel demands",
"A `struct bpf_spin_lock` is in the outermost structure of the values of a HASH or ARRAY map that is described by BTF. A program holds one lock at a \
time, calls no helper while it does, gives it back before it ends, and never reads or writes the lock itself. In hardware \
the lock is nothing: what a packet does with an entry is one step anyway.",
"call helpers before `bpf_spin_lock` or after `bpf_spin_unlock`, and unlock on every path";
}
