# SPDX-License-Identifier: Apache-2.0
"""The build scripts of the NIC shells, as far as tclsh gets without the vendor's tools: commands of Vivado are recorded instead of done."""

import glob
import json
import os
import shutil
import subprocess
import sys

from campaign import ROOT

# Commands of Vivado that our scripts use: they print themselves, so that the test sees what would be read. Any other unknown command is an error.
VIVADO = """
set vivado {read_verilog read_xdc synth_design write_checkpoint report_utilization report_timing_summary create_clock opt_design place_design route_design
            get_ports get_files current_fileset create_project add_files update_compile_order set_property close_project}
proc unknown {name args} {
    if {$name ni $::vivado && ![string match ipx::* $name]} { error "no such command: $name" }
    puts "$name $args"
    return $name
}
"""


def tclsh(script, folder, env=None):
    """Runs Tcl in a folder: (exit code, what it printed)."""
    done = subprocess.run(["tclsh"], input=script, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout


def read_files(output):
    """The sources that a script handed to read_verilog."""
    return [word for line in output.splitlines() if line.startswith("read_verilog") for word in line.replace("{", " ").replace("}", " ").split()[1:] if not word.startswith("-")]


def check(shell, design, folder):
    """What is wrong with a shell's scripts, as clauses."""
    if not shutil.which("tclsh"):
        raise SystemExit("error: there is no tclsh; ./run setup installs it")
    os.makedirs(folder, exist_ok=True)
    board = os.path.join(ROOT, "boards", shell.name)
    scripts = [path for pattern in (f"{board}/**/*.tcl", f"{ROOT}/boards/common/*.tcl", f"{ROOT}/boards/ip/*.tcl") for path in glob.glob(pattern, recursive=True)]
    problems = []
    for path in scripts:
        _, output = tclsh(f"set in [open {{{path}}}]; puts [info complete [read $in]]", folder)
        if output.strip() != "1":
            problems.append(f"{os.path.relpath(path, ROOT)} is not complete Tcl: {output.strip()}")
    problems += {"opennic": opennic, "corundum": corundum, "netfpga-plus": netfpga_plus}.get(shell.name, lambda *_: [])(board, design, folder)
    problems += refusals(design, folder)
    print(f"  {shell.name}: {len(scripts)} scripts" + (", FAILED" if problems else ", well"))
    return [f"{shell.name}: {problem}" for problem in problems]


def opennic(board, design, folder):
    """The plug-in's list of sources, in the shell's way: sourced in its own folder."""
    status, output = tclsh(VIVADO + "source build_box_250mhz.tcl", board, {"BPF2HDL_DESIGN": design})
    files = read_files(output)
    problems = [] if status == 0 else [f"build_box_250mhz.tcl: {output.strip().splitlines()[0]}"]
    problems += [f"build_box_250mhz.tcl lists {name}, which is not there" for name in files if not os.path.exists(os.path.join(board, name))]
    return problems + missing(files, ["bpf_core.sv", "bpf_250mhz.sv", "bpf_shell.sv", "bpf_tx_merge.sv"], "build_box_250mhz.tcl")


def corundum(board, design, folder):
    """A build folder from that of a board in small."""
    made = os.path.join(folder, "board")
    os.makedirs(os.path.join(made, "fpga"), exist_ok=True)
    with open(os.path.join(made, "fpga", "Makefile"), "w", encoding="utf-8") as out:
        out.write("FPGA_TOP = fpga\nSYN_FILES = rtl/fpga.v\nSYN_FILES += app/template/rtl/mqnic_app_block.v\n\n# XDC files\nXDC_FILES = fpga.xdc\n")
    with open(os.path.join(made, "fpga", "config.tcl"), "w", encoding="utf-8") as out:
        out.write('set params [dict create]\ndict set params APP_ENABLE "0"\ndict set params IF_COUNT "1"\n# PCIe IP core settings\n')
    status, output = tclsh(f"set argv [list {{{made}}} {{{design}}}]; set argc 2; source {{{board}/prepare.tcl}}", folder)
    if status != 0 or "ready for make" not in output:
        return [f"prepare.tcl: {output.strip()}"]
    with open(os.path.join(made, "fpga_bpf2hdl", "Makefile"), encoding="utf-8") as source:
        files = [line.split("+=")[1].strip() for line in source if line.startswith("SYN_FILES +=")]
    _, output = tclsh(f"source {{{made}/fpga_bpf2hdl/config.tcl}}; puts [dict get $params APP_ENABLE],[dict get $params IF_COUNT],[dict get $params APP_ID]", folder)
    problems = [] if output.strip() == "1,1,32'hB2F00001" else [f"config.tcl gives {output.strip()}"]
    problems += [f"the Makefile lists {name}, which is not there" for name in files if not os.path.exists(name)]
    return problems + missing(files, ["bpf_core.sv", "mqnic_app_block.sv", "bpf_shell.sv"], "the Makefile")


def netfpga_plus(board, design, folder):
    """A project from a clone in small, then from one of another kind, which is refused."""
    clone = os.path.join(folder, "clone")
    reference, made = (os.path.join(clone, "hw", "projects", name, "hw") for name in ("reference_nic", "bpf_nic"))
    shutil.rmtree(clone, ignore_errors=True)
    script = ("set datapath_width_bit    1024\nset datapath_freq_mhz     250\ncreate_ip -name nic_output_port_lookup -module_name nic_output_port_lookup_ip\n"
              "generate_target all [get_ips nic_output_port_lookup_ip]\nset_property -dict [list \\\nCONFIG.M00_A00_ADDR_WIDTH {16}    \\\nCONFIG.M01_A00_ADDR_WIDTH {16}    \\\n"
              "CONFIG.M00_A00_BASE_ADDR {0x0000000000000000}\\\nCONFIG.M01_A00_BASE_ADDR {0x0000000000010000}] axi_crossbar_0\nread_verilog     \"./hdl/nf_datapath.v\"\n")
    for name, text in (("tcl/reference_nic.tcl", script), ("hdl/nf_datapath.v", "module nf_datapath;\n  nic_output_port_lookup_ip  output_port_lookup_1 ();\nendmodule\n"),
                       ("Makefile", "all:\n\tvivado -mode batch -source tcl/${PROJ}.tcl\n")):
        os.makedirs(os.path.dirname(os.path.join(reference, name)), exist_ok=True)
        with open(os.path.join(reference, name), "w", encoding="utf-8") as out:
            out.write(text)
    run = f"set argv [list {{{clone}}} {{{design}}}]; set argc 2; source {{{board}/prepare.tcl}}"
    status, output = tclsh(run, folder)
    if status != 0 or "ready for make" not in output:
        return [f"prepare.tcl: {output.strip()}"]
    status, output = tclsh(f"{VIVADO}source tcl/bpf_nic.tcl; puts $datapath_width_bit", made)
    files = read_files(output)
    wanted = ["M00_A00_ADDR_WIDTH 16 ", "M01_A00_ADDR_WIDTH 17 ", "M00_A00_BASE_ADDR 0x0000000000000000 ", "M01_A00_BASE_ADDR 0x0000000000040000}", "read_xdc -ref bpf_axil_cross", "\n512\n"]
    problems = [f"bpf_nic.tcl: no {text.strip()}: {output.strip()}" for text in wanted if text not in output] if status == 0 else [f"bpf_nic.tcl: {output.strip()}"]
    problems += ["bpf_nic.tcl still makes the reference's lookup"] if "nic_output_port_lookup" in output else []
    problems += [f"bpf_nic.tcl lists {name}, which is not there" for name in files if not os.path.exists(os.path.join(made, name))]
    with open(os.path.join(made, "hdl", "nf_datapath.v"), encoding="utf-8") as source:
        problems += [] if " bpf_output_port_lookup " in source.read() else ["nf_datapath.v does not have our block"]
    with open(os.path.join(reference, "tcl", "reference_nic.tcl"), "w", encoding="utf-8") as out:
        out.write(script.replace("M01_A00_BASE", "M05_A00_BASE"))
    _, output = tclsh(run, folder)
    problems += [] if "ready for make" not in output and "the crossbar is not as we know it" in output else [f"prepare.tcl takes a project that it does not know: {output.strip()}"]
    return problems + missing(files, ["bpf_core.sv", "bpf_output_port_lookup.sv", "bpf_shell.sv", "bpf_axil_cross.sv", "nf_datapath.v"], "bpf_nic.tcl")


def ip(design, folder):
    """The scripts for the core alone, and the FuseSoC files."""
    here, problems = os.path.join(ROOT, "boards", "ip"), []
    os.makedirs(folder, exist_ok=True)
    files = [os.path.join(design, name) for name in open(os.path.join(design, "bpf_core.f"), encoding="utf-8").read().split()]
    for script, arguments, wanted in (("out_of_context.tcl", [design, "xcu50-fsvh2104-2-e", "300", folder], ["synth_design -mode out_of_context -top bpf_core", "-period 3.33"]),
                                      ("out_of_context.tcl", [design], ["-period 4.0"]),
                                      ("package_ip.tcl", [design, os.path.join(folder, "ip")], ["ipx::package_project", "-busif m_axis_pass -clock clk", "ipx::save_core"])):
        words = " ".join(f"{{{word}}}" for word in arguments)
        status, output = tclsh(f"{VIVADO}set argv [list {words}]; set argc {len(arguments)}; source {{{here}/{script}}}", folder)
        lines = [line for line in output.splitlines() if line.startswith(("read_verilog", "add_files"))]
        read = [word for word in " ".join(lines).replace("{", " ").replace("}", " ").split() if word.endswith(".sv")]
        if status != 0 or any(text not in output for text in wanted):
            problems.append(f"{script}: {output.strip().splitlines()[0] if output.strip() else 'nothing'}")
        if [os.path.basename(name) for name in read] != [os.path.basename(name) for name in files] or not all(os.path.exists(name) for name in read):
            problems.append(f"{script} reads {len(read)} files, not the {len(files)} of the design")
    done = subprocess.run([sys.executable, "-B", os.path.join(here, "fusesoc.py"), design], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    with open(os.path.join(design, "bpf_core.core"), encoding="utf-8") as source:
        listed = [line.split("- ")[1].strip() for line in source if line.startswith("      - ")]
    if done.returncode != 0 or [os.path.join(design, name) for name in listed] != files:
        problems.append(f"fusesoc.py: {done.stdout.strip()}")
    problems += fusesoc_board(here, design, folder)
    with open(os.path.join(ROOT, "hdl", "bpf2hdl.core"), encoding="utf-8") as source:
        listed = {line.split("rtl/")[1].strip() for line in source if "- rtl/" in line}
    problems += [f"hdl/bpf2hdl.core lacks {name}" for name in sorted(set(os.listdir(os.path.join(ROOT, "hdl", "rtl"))) - listed)]
    print("  boards/ip: out-of-context synthesis, packaging, FuseSoC" + (", FAILED" if problems else ", well"))
    return [f"ip: {problem}" for problem in problems]


def fusesoc_board(here, design, folder):
    """What is wrong with the FuseSoC file of a folder as `bpf2hdl synth` leaves it, for a board's target."""
    made = os.path.join(folder, "synth")
    shutil.rmtree(made, ignore_errors=True)
    os.makedirs(made)
    shutil.copy(os.path.join(design, "bpf_core.f"), made)
    with open(os.path.join(design, "manifest.json"), encoding="utf-8") as source:
        manifest = json.load(source)
    for name, text in (("manifest.json", json.dumps({**manifest, "target": "ecp5-45f"})), ("synth.json", '{"part": "LFE5UM5G-45F-8BG381C"}'), ("board.f", "bpf_core.sv\ntop.sv\n")):
        with open(os.path.join(made, name), "w", encoding="utf-8") as out:
            out.write(text)
    done = subprocess.run([sys.executable, "-B", os.path.join(here, "fusesoc.py"), made], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        return [f"fusesoc.py, a board: {done.stdout.strip()}"]
    with open(os.path.join(made, "bpf_core.core"), encoding="utf-8") as source:
        text = source.read()
    wanted = ["arch: ecp5\n", "    toplevel: top\n", "      - top.sv\n", "board.lpf: {file_type: LPF}", 'nextpnr_options: ["--um5g-45k", "--speed", "8", "--package", "CABGA381"]']
    return [f"fusesoc.py, a board: no {line.strip()}" for line in wanted if line not in text]


def missing(files, wanted, where):
    """Which files a list lacks, or has twice."""
    names = [os.path.basename(name) for name in files]
    return [f"{where} has {name} {names.count(name)} times" for name in wanted if names.count(name) != 1]


def refusals(design, folder):
    """A design for another bus, one with metadata, and none at all are refused."""
    wrong = os.path.join(folder, "wrong")
    shutil.rmtree(wrong, ignore_errors=True)
    shutil.copytree(design, wrong)
    with open(os.path.join(wrong, "manifest.json"), encoding="utf-8") as source:
        manifest = source.read()
    with open(os.path.join(wrong, "manifest.json"), "w", encoding="utf-8") as out:
        out.write(manifest.replace('"xdp"', '"xdp", "metadata"', 2))
    common, problems = os.path.join(ROOT, "boards", "common", "design.tcl"), []
    for path, bus, words in ((wrong, 512, "adjust_meta"), (design, 64, "--bus 64"), (folder, 512, "no such file")):
        _, output = tclsh(f"source {{{common}}}; puts [catch {{bpf_design_files {{{path}}} {bus}}} text]:$text", folder)
        if not output.startswith("1:") or words not in output:
            problems.append(f"bpf_design_files does not refuse with `{words}`: {output.strip()}")
    return problems
