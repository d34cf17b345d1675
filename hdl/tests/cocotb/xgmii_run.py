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

from run import HDL, HERE, TARGET, verilator_folder

MODULES = ["crc32_word", "xgmii_rx", "xgmii_tx", "frame_gate"]


def main():
    """All of it."""
    from cocotb_tools.runner import get_results, get_runner  # pylint: disable=import-outside-toplevel
    parser = argparse.ArgumentParser(description="The 10-gigabit MAC between cocotbext-eth's models.")
    parser.add_argument("--packets", type=int, default=3000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    begin, folder = time.monotonic(), os.path.join(TARGET, "xgmii")
    os.makedirs(folder, exist_ok=True)
    plan = {"frames": args.packets, "seed": args.seed, "result": os.path.join(folder, "result.json")}
    with open(os.path.join(folder, "plan.json"), "w", encoding="utf-8") as file:
        json.dump(plan, file)
    os.environ["PATH"] = verilator_folder(folder) + os.pathsep + os.environ["PATH"]
    os.environ["XGMII_PLAN"] = os.path.join(folder, "plan.json")
    os.environ["PYTHONPATH"] = HERE + os.pathsep + os.environ.get("PYTHONPATH", "")
    os.environ["COCOTB_LOG_LEVEL"] = "WARNING"
    os.environ["PYTHONWARNINGS"] = "ignore"
    os.environ["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"
    sources = [os.path.join(HDL, "rtl", f"bpf_{module}.sv") for module in MODULES] + [os.path.join(HERE, "xgmii_top.sv")]
    runner, build = get_runner("verilator"), os.path.join(folder, "build")
    runner.build(sources=sources, hdl_toplevel="xgmii_top", build_dir=build, always=False, log_file=os.path.join(folder, "build.log"),
                 build_args=["-Wno-lint", "-Wno-style", "--timescale", "1ns/1ps", "-O3", "-CFLAGS", "-std=gnu++20"])
    results = runner.test(hdl_toplevel="xgmii_top", test_module="xgmii_test", build_dir=build, test_dir=folder, log_file=os.path.join(folder, "test.log"),
                          results_xml=os.path.join(folder, "results.xml"))
    if get_results(results) != (3, 0):
        with open(os.path.join(folder, "test.log"), encoding="utf-8") as file:
            print("".join(file.readlines()[-40:]))
        return 1
    for name in (plan["result"], plan["result"] + ".gaps"):
        with open(name, encoding="utf-8") as file:
            print(file.read())
    print(f"PASS xgmii, {time.monotonic() - begin:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
