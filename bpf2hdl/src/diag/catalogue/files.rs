// SPDX-License-Identifier: Apache-2.0
//! `E00xx`: files, ELF objects, tools and the command line.

super::entries! {
FILE_READ: "E0001", "input file can not be read",
"The file named on the command line does not exist, is a directory, or may not be read.",
"check the path and its permissions";

NOT_ELF: "E0002", "not an ELF object",
"The input does not begin with the ELF magic number. bpf2hdl reads relocatable BPF objects as clang writes \
them with `-target bpf -c`, or C sources whose name ends in `.c`.",
"give a BPF object (`clang -target bpf -O2 -g -c prog.c -o prog.o`) or the `.c` file itself";

DAMAGED_ELF: "E0003", "damaged or truncated ELF object",
"A header, section or symbol of the object points outside the file or contradicts another. The file was \
probably cut short while being copied, or written by something other than a compiler.",
"compile or copy the object again";

BIG_ENDIAN: "E0004", "big-endian BPF object",
"The object was compiled for `bpfeb`. The hardware follows the little-endian kernel, where multi-byte loads \
from the packet are little-endian and programs swap with `bpf_ntohs`; a big-endian program would read \
every field reversed.",
"compile with `-target bpfel`, or with `-target bpf` on a little-endian machine";

ELF32: "E0005", "32-bit ELF object",
"BPF objects are 64-bit ELF files. A 32-bit object was compiled for another processor.",
"compile with `clang -target bpf`";

NOT_BPF: "E0006", "ELF object of another machine",
"The object's machine field is not EM_BPF (247). Usually `-target bpf` was forgotten and the object \
contains code for the host.",
"compile with `clang -target bpf -O2 -g -c`";

NO_PROGRAM: "E0007", "no XDP program in the object",
"No executable section is named like an XDP program (`xdp`, `xdp/...`, `xdp.frags`, `xdp_...`, `prog`) or \
like a 2016 early driver filter (`phys_dev`). The notes list the sections that were found.",
"mark the entry function with `SEC(\"xdp\")`";

SEVERAL_PROGRAMS: "E0008", "several programs in the object",
"The object holds more than one XDP program, and one core runs exactly one of them.",
"choose one with `--prog NAME`";

PROGRAM_NOT_FOUND: "E0009", "no program of that name",
"`--prog` names a function or a section that is not an XDP program of this object, or a section that holds several.",
"use one of the function names listed";

PROGRAM_KIND: "E0010", "program type can not be compiled",
"The chosen program is no XDP program: tc, tracepoint and other programs have another context.",
"choose a program of a section `xdp`, `xdp/devmap`, `xdp/cpumap` or `phys_dev`";

BAD_BTF: "E0011", "damaged BTF type information",
"The `.BTF` or `.BTF.ext` section contradicts itself, so that map definitions and source lines can not be \
trusted.",
"compile again with `-g`; do not post-process the object with strip or an old pahole";

UNRESOLVED_SYMBOL: "E0012", "symbol that only a running kernel could resolve",
"The program refers to an extern variable (`__kconfig`, `__ksym`) or an undefined function. In hardware there \
is no kernel that could supply its value; `LINUX_KERNEL_VERSION` and `CONFIG_HZ` have one, and weak `__kconfig` variables are 0.",
"give a `__kconfig` variable its value with `--set NAME=VALUE`; replace others by a constant, a `const volatile` global or a map entry";

BAD_RELOCATION: "E0013", "relocation that can not be applied",
"A relocation names a symbol, an instruction or an offset that does not fit: a type other than R_BPF_64_64 and \
R_BPF_64_32 in code, a reference to a section that holds neither maps nor data nor functions, or an offset \
outside the target.",
"compile the object again with clang 14 or later; do not link BPF objects with a host linker";

CLANG_MISSING: "E0014", "no clang to compile the C source",
"A `.c` input is compiled by clang for the BPF target, and no clang was found in `BPF2HDL_CLANG` or in the PATH.",
"install clang (`apt-get install clang`), set BPF2HDL_CLANG to its path, or give a compiled object";

COMPILE_C: "E0015", "clang refused the C source",
"clang reported an error in the source; its message and place are given as they are.",
"correct the C source; it has to compile with `clang -target bpf -O2 -g -c`";

OUTPUT_WRITE: "E0016", "output can not be written",
"A file or folder of the result could not be created or written. Nothing half-written is left behind.",
"choose a folder that may be written, with free space";

CAPTURE_FILE: "E0017", "packet capture can not be read",
"The capture is neither pcap nor pcapng, is cut short, or its link type is not Ethernet.",
"give an Ethernet capture written by tcpdump, tshark or this tool";

MAP_FILE: "E0018", "map contents file does not fit",
"The file given with `--maps` is not JSON of the documented form, or names a map, key or size that the \
program does not have.",
"use the form `{\"NAME\": [{\"key\": [\"0x00\", ...], \"value\": [...]}]}` with the sizes of the program's maps";

TOOL: "E0019", "external tool missing or failed",
"A simulator, synthesis tool or compiler that this command needs was not found or ended with an error. Its \
last lines are in the notes.",
"run the set-up command of the README, or set BPF2HDL_TOOLS to a folder with the tools";

ORACLE: "E0020", "reference can not be used",
"The result was to be compared with a reference that does not work here: the kernel needs root and `bpf(2)`, \
and it must accept the program.",
"run as root, or choose another reference with `--oracle`";

MISMATCH: "E0021", "hardware and reference disagree",
"A verdict, packet or map entry of the simulated hardware differs from the reference. This is a fault of \
bpf2hdl or of the reference, never of the program.",
"please report it with the program and the capture";

USAGE: "E0022", "wrong command line",
"An option is unknown, lacks its value, or contradicts another.",
"see `bpf2hdl --help`";

UNKNOWN_TARGET: "E0023", "unknown target or impossible setting",
"The target, clock or bus width is none of those supported.",
"use a listed target, a bus of 64, 128, 256 or 512 bits, and a clock in MHz";

NETWORK_FILE: "E0024", "network file does not fit",
"The file given with `--network` is not a JSON object of what `ip -j` prints, names interfaces that it does not have, holds more than the \
tables of bpf_fib_lookup, or something that they can not say: policy rules, several next hops, routes that depend on the source or \
the type of service, IPv6 gateways of IPv4 destinations, encapsulation.",
"make the file with the commands of the page on map files; take routes out of it that no packet of the test needs";

UNKNOWN_BOARD: "E0025", "unknown board, or a clock that it does not have",
"`bpf2hdl synth` knows the boards of `--list-boards`; of these it builds for those with `open_flow`, the others have a wrapper and a build script for \
their vendor's tools. The core's clock is made by the board's PLL and can only be a whole part of what that runs at.",
"take a name from `bpf2hdl synth --list-boards`, and leave `--clock` out";

BOARD_TIMING: "E0026", "timing not met",
"Place and route found no arrangement in which every path is as fast as its clock. A bitstream would work by chance only, so there is none. The folder \
holds the reports and the constraints.",
"try more arrangements with `--seeds`, a lower `--clock` (two ports of 1 Gbit/s need 33 MHz on a 64-bit bus), `--optimize area`, or a larger board";

DEVICE_FULL: "E0027", "design does not fit the device",
"After synthesis the design has more of something than the board's FPGA: look-up tables, registers, block RAMs or multipliers.",
"make maps smaller (`--entries MAP=N`), try `--optimize area`, or take a larger board";

BOARD_METADATA: "E0028", "metadata before the packet has nowhere to go on this board",
"The program reserves metadata with `bpf_xdp_adjust_meta`. A kernel takes it off before the frame; a board that sends passed frames out of its other port has \
nobody who would read it, and it would be sent as a part of the frame.",
"take the metadata back before returning XDP_PASS, or build for a shell with a host";
}
