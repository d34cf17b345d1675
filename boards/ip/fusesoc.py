# SPDX-License-Identifier: Apache-2.0
"""Writes a FuseSoC core file for a compiled design, into the design's folder: fusesoc.py DESIGN

Core `bpf2hdl:xdp:PROGRAM`, top module `bpf_core`; targets `default` (the files), `lint` (Verilator -Wall) and `synth` (Yosys for the design's family). A
folder of `bpf2hdl synth` has one more, `board`: top module `top` with the board's constraints, through yosys, nextpnr-ecp5 and ecppack (tool `trellis`). With
the folder as a library, `fusesoc run --target lint bpf2hdl:xdp:PROGRAM`.
"""

import json
import os
import re
import sys

YOSYS = {"xcup": "xilinx", "xc7": "xilinx", "ecp5": "ecp5"}


def device(part):
    """nextpnr's options for a Lattice part number, such as LFE5UM5G-45F-8BG381C."""
    found = re.fullmatch(r"LFE5(U|UM|UM5G)-(\d+)F-(\d)BG(\d+)[CI]?", part)
    if not found:
        sys.exit(f"error: {part} is no part of ECP5 as we know them")
    kind, size, speed, balls = found.groups()
    return [f"--{'' if kind == 'U' else kind.lower() + '-'}{size}k", "--speed", speed, "--package", f"CABGA{balls}"]


def board_lines(files, part):
    """Fileset and target of a whole board."""
    listed = ["  board:", "    files:", *[f"      - {path}" for path in files], "      - board.lpf: {file_type: LPF}", "    file_type: systemVerilogSource"]
    target = ["  board:", "    filesets: [board]", "    toplevel: top", "    default_tool: trellis", "    tools:", "      trellis:",
              f"        nextpnr_options: [{', '.join(json.dumps(word) for word in device(part))}]"]
    return listed, target


def core_file(manifest, files, board=None):
    """The text of the core file; `board` is (files of the whole board, part)."""
    files_of_board, target_of_board = board_lines(*board) if board else ([], [])
    name = "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in manifest["program"])
    lines = ["CAPI=2:", "# SPDX-License-Identifier: Apache-2.0", f"name: bpf2hdl:xdp:{name}:0.1.0",
             f"description: XDP program {manifest['program']} as a pipeline, build {manifest['build_id'][:16]}", "filesets:", "  rtl:", "    files:"]
    lines += [f"      - {path}" for path in files]
    lines += ["    file_type: systemVerilogSource", *files_of_board, "targets:", "  default: &default", "    filesets: [rtl]", "    toplevel: bpf_core", "  lint:",
              "    <<: *default", "    default_tool: verilator", "    tools:", "      verilator:", "        mode: lint-only", "        verilator_options: [-Wall]",
              "  synth:", "    <<: *default", "    default_tool: yosys", "    tools:", "      yosys:", f"        arch: {YOSYS[manifest['target'].split('-')[0]]}", *target_of_board]
    return "\n".join(lines) + "\n"


def main():
    """Reads DESIGN/manifest.json and bpf_core.f, and what `bpf2hdl synth` has added; writes DESIGN/bpf_core.core."""
    if len(sys.argv) != 2:
        sys.exit("usage: fusesoc.py DESIGN")
    try:
        with open(os.path.join(sys.argv[1], "manifest.json"), encoding="utf-8") as source:
            manifest = json.load(source)
        with open(os.path.join(sys.argv[1], "bpf_core.f"), encoding="utf-8") as source:
            files = source.read().split()
        board = None
        if os.path.exists(os.path.join(sys.argv[1], "synth.json")):
            with open(os.path.join(sys.argv[1], "synth.json"), encoding="utf-8") as source:
                part = json.load(source)["part"]
            with open(os.path.join(sys.argv[1], "board.f"), encoding="utf-8") as source:
                board = (source.read().split(), part)
    except OSError as error:
        sys.exit(f"error: {error.filename}: {error.strerror}; is {sys.argv[1]} the output of `bpf2hdl compile`?")
    path = os.path.join(sys.argv[1], "bpf_core.core")
    with open(path, "w", encoding="utf-8") as out:
        out.write(core_file(manifest, files, board))
    print(path)


if __name__ == "__main__":
    main()
