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
import time

import cocotb_verilator

HERE = os.path.dirname(os.path.abspath(__file__))
HDL = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(os.path.dirname(HDL), "target")))
MODULES = ["fifo", "dma_split", "dma_write", "dma_read", "dma_pick", "dma_irq", "dma_queue_regs", "dma_ring", "dma_descriptors", "dma_completions", "dma_rings", "dma_rx", "dma_tx", "dma_regs", "dma_csr", "dma"]
SHARES = {512: 0.88, 128: 0.08, 64: 0.04}
QUEUES = {512: 4, 128: 1, 64: 3}


def campaign(bus, packets, seed):
    """One width; what was counted, or None if it failed."""
    folder = os.path.join(TARGET, "dma", f"bus{bus}")
    os.makedirs(folder, exist_ok=True)
    plan = {"packets": packets, "seed": seed, "queues": QUEUES[bus], "result": os.path.join(folder, "result.json")}
    plan_file = os.path.join(folder, "plan.json")
    with open(plan_file, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    if os.path.exists(plan["result"]):
        os.remove(plan["result"])
    os.environ["DMA_PLAN"] = plan_file
    sources = [os.path.join(HDL, "rtl", f"bpf_{module}.sv") for module in MODULES] + [os.path.join(HDL, "tests", "axi_rules.sv"), os.path.join(HERE, "dma_top.sv")]
    found = cocotb_verilator.bench(folder, "dma_top", "dma_test", sources, HERE, parameters={"BUS_W": bus, "QUEUES": QUEUES[bus]})
    if found != (1, 0) or not os.path.exists(plan["result"]):
        print(cocotb_verilator.tail(folder, 30))
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
