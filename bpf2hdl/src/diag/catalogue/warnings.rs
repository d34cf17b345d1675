// SPDX-License-Identifier: Apache-2.0
//! `Wxxxx`: warnings.

super::entries! {
CO_RE_RELOCATION: "W0001", "CO-RE relocations keep their compile-time values",
"CO-RE relocations adapt field offsets to the running kernel. In hardware there is none: the offsets and values of the \
headers that the program was compiled with are used.",
"nothing to do if the relocations concern packet headers or `struct xdp_md`; else avoid kernel types";

TIMING: "W0002", "clock is not met by the estimate",
"By the target's delay table, at least one stage is longer than the clock period. The figure is an estimate, not a \
result of place and route.",
"lower the clock with `--clock`, or split the operation named in the report";

DEAD_CODE: "W0003", "instructions that can never run",
"No packet can reach these instructions, so nothing is built for them.",
"remove the code, or look for a condition that is always true";

UNKNOWN_RETURN: "W0004", "return value is not always an XDP action",
"The program can return a value other than 0 to 4. As in the kernel's drivers, such a packet is discarded as XDP_ABORTED.",
"return one of the XDP_* constants on every path";

NO_LINE_INFO: "W0005", "no source lines in the object",
"The object has no BTF line information, so that messages and generated RTL name BPF instructions instead of C lines.",
"compile with `-g`";

COMPILER_WARNING: "W0006", "clang warned about the C source",
"clang compiled the source but reported a warning, given as it is.",
"correct the C source";

REDUCED_RATE: "W0007", "packets that meet in a map entry wait",
"Packets in flight that use the same map entry have to wait for each other; the message names the worst-case rate. Where a packet \
writes several entries of a map, or changes a hash map under several keys, it has the map for itself, whatever the keys of the others.",
"make the update an atomic addition, shorten the path from the lookup to the store, or change one key a packet";

HOST_PROG_ARRAY: "W0011", "prog array is filled by the host",
"The entries of this array are numbers of programs: k is the k-th XDP program of the object, 0 a missing entry. Each tail call chooses \
among the object's programs other than the one that was chosen for compilation and the one that calls; a number of these two, and a chain of more \
tail calls than there are other programs, goes on behind the call as if the entry were missing.",
"write the entries into the array's definition with `__array(values, int (void *))`; then they are compiled in, and chains may have 33 calls";

PRINT_LEFT_OUT: "W0020", "a print is left out",
"What `bpf_trace_printk` and `bpf_trace_vprintk` print goes to the host as records, if it can be known: the format and the texts of `%s` are constants, \
numbers and characters are numbers of the program, and `%pI4`, `%pi4`, `%pI6`, `%pi6` point to bytes that the program could read there. Left out are the hash (`%p`, `%pK`) and the name \
(`%ps`, `%pS`, `%pB`) of an address, texts at addresses of the kernel or of a process (`%pks`, `%pus`) and pointers that are printed as numbers: \
hardware has no addresses; and lines that can be longer than 1,023 characters, where the kernel cuts them. The packet is treated as if the call had printed; if the program looks at its result, it is refused.",
"print the bytes that a pointer points to, or numbers; a text that varies can be printed as a number that stands for it";
}
