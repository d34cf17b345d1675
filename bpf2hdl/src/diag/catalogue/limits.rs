// SPDX-License-Identifier: Apache-2.0
//! `E05xx`: limits of the hardware, and `E09xx`: faults of our own.

super::entries! {
WINDOW_LIMIT: "E0501", "packet access beyond the window",
"A token carries the first bytes of its packet, and stores go to these; loads farther on are made from the packet \
buffer. A store of this program can reach beyond the largest window that is built; the message names both numbers.",
"bound the offset of the store, for instance by the number of headers or options that are skipped, \
or run it on the engine (`sim --engine`, `bpf2hdlctl prog load --instant`)";

MAP_SIZE_LIMIT: "E0502", "map does not fit into the device",
"Maps are kept in on-chip memory. This one needs more than the target has; the message names both numbers.",
"reduce max_entries or the value size, or choose a larger target";

MAP_PORTS_LIMIT: "E0503", "too many accesses to one map",
"A packet reads a map in block RAM that it does not write at several entries side by side, each from a copy of the memory of \
its own. The program needs more copies than are built. (Entries of a map that is written are served one after the other instead.)",
"look the entry up once and keep the pointer";

VARIABLE_OFFSET_TOO_WIDE: "E0504", "variable offset has too many possible values",
"A load or store at a computed packet or table offset becomes a selection among all positions that the offset can have. \
There are too many of them.",
"mask or bound the offset more tightly, and step in units of the header's granularity";

STAGE_LIMIT: "E0505", "pipeline would be too deep",
"The longest path of the program needs more pipeline stages than can be built.",
"shorten the longest path, bound loops more tightly, or lower the clock";

MAP_SECTION: "E0506", "map updates can not be kept in order",
"Between the first read and the last write of one map the program does more than hardware can make atomic for packets \
that follow each other at full rate; sequential equivalence would be lost.",
"read, compute and write back the entry in adjacent lines, or use an atomic addition";

HEAD_PLACES: "E0507", "packet's head has too many possible places",
"Where a frame begins decides how its bytes are shifted on the way out, and the shifter is built for exactly the places that \
the head can have. The amount given to `bpf_xdp_adjust_head` allows too many; the message names both numbers.",
"bound the amount more tightly, mask it to the header's granularity, or call the helper with one constant per case, \
or run it on the engine (`sim --engine`, `bpf2hdlctl prog load --instant`)";

INTERNAL: "E0901", "internal error of bpf2hdl",
"A check of the compiler on its own result failed. This is our fault, not the program's.",
"please report it with the object file";
}
