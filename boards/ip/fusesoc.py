# SPDX-License-Identifier: Apache-2.0
"""Writes a FuseSoC core file for a compiled design, into the design's folder: fusesoc.py DESIGN

Core `bpf2hdl:xdp:PROGRAM`, top module `bpf_core`; targets `default` (the files), `lint` (Verilator -Wall) and `synth` (Yosys for the design's family). With
the folder as a library, `fusesoc run --target lint bpf2hdl:xdp:PROGRAM`.
"""

import json
import os
import sys

YOSYS = {"xcup": "xilinx", "xc7": "xilinx", "ecp5": "ecp5"}


def core_file(manifest, files):
    """The text of the core file."""
    name = "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in manifest["program"])
    lines = ["CAPI=2:", "# SPDX-License-Identifier: Apache-2.0", f"name: bpf2hdl:xdp:{name}:0.1.0",
             f"description: XDP program {manifest['program']} as a pipeline, build {manifest['build_id'][:16]}", "filesets:", "  rtl:", "    files:"]
    lines += [f"      - {path}" for path in files]
    lines += ["    file_type: systemVerilogSource", "targets:", "  default: &default", "    filesets: [rtl]", "    toplevel: bpf_core", "  lint:",
              "    <<: *default", "    default_tool: verilator", "    tools:", "      verilator:", "        mode: lint-only", "        verilator_options: [-Wall]",
              "  synth:", "    <<: *default", "    default_tool: yosys", "    tools:", "      yosys:", f"        arch: {YOSYS[manifest['target']]}"]
    return "\n".join(lines) + "\n"


def main():
    """Reads DESIGN/manifest.json and bpf_core.f, writes DESIGN/bpf_core.core."""
    if len(sys.argv) != 2:
        sys.exit("usage: fusesoc.py DESIGN")
    try:
        with open(os.path.join(sys.argv[1], "manifest.json"), encoding="utf-8") as source:
            manifest = json.load(source)
        with open(os.path.join(sys.argv[1], "bpf_core.f"), encoding="utf-8") as source:
            files = source.read().split()
    except OSError as error:
        sys.exit(f"error: {error.filename}: {error.strerror}; is {sys.argv[1]} the output of `bpf2hdl compile`?")
    path = os.path.join(sys.argv[1], "bpf_core.core")
    with open(path, "w", encoding="utf-8") as out:
        out.write(core_file(manifest, files))
    print(path)


if __name__ == "__main__":
    main()
