# SPDX-License-Identifier: Apache-2.0
"""The 10-gigabit MAC (bpf_xgmii_rx, bpf_xgmii_tx) between cocotbext-eth's models of XGMII, in Verilator.

  xgmii_run.py [--packets N] [--seed S]     random frames (3,000), then gaps back to back, faults of the sender

Needs the packages of testbench/setup/requirements-boards.txt in the venv that runs this.
"""

import argparse
import json
import os
import sys
import time

import cocotb_verilator
from run import HDL, HERE, TARGET

MODULES = ["crc32_word", "xgmii_rx", "xgmii_tx", "frame_gate"]


def main():
    """All of it."""
    parser = argparse.ArgumentParser(description="The 10-gigabit MAC between cocotbext-eth's models.")
    parser.add_argument("--packets", type=int, default=3000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    begin, folder = time.monotonic(), os.path.join(TARGET, "xgmii")
    os.makedirs(folder, exist_ok=True)
    plan = {"frames": args.packets, "seed": args.seed, "result": os.path.join(folder, "result.json")}
    with open(os.path.join(folder, "plan.json"), "w", encoding="utf-8") as file:
        json.dump(plan, file)
    os.environ["XGMII_PLAN"] = os.path.join(folder, "plan.json")
    sources = [os.path.join(HDL, "rtl", f"bpf_{module}.sv") for module in MODULES] + [os.path.join(HERE, "xgmii_top.sv")]
    if cocotb_verilator.bench(folder, "xgmii_top", "xgmii_test", sources, HERE) != (3, 0):
        print(cocotb_verilator.tail(folder, 40))
        return 1
    for name in (plan["result"], plan["result"] + ".gaps"):
        with open(name, encoding="utf-8") as file:
            print(file.read())
    print(f"PASS xgmii, {time.monotonic() - begin:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
