# SPDX-License-Identifier: Apache-2.0
"""The whole NIC (hdl/rtl/bpf_nic.sv) with two compiled programs in its slots, between the models of cocotbext-axi, in Verilator: a firewall in slot A, nic_marker.c in slot B, random frames,
some of them bad, several queues, channels that wait at random, slots that change under the flood, maps read and written meanwhile. Every frame is accounted: what came out is compared with what
`bpf2hdl sim` says, which compares itself with the kernel.

  nic_run.py [--packets N] [--seed S]
  nic_run.py gmii [--packets N]         the same with 64 bits behind a gigabit MAC and cocotbext-eth's GMII: damaged frames on the wire (1,000)
  nic_run.py rate                       bytes per clock and the share of the bus limit, from hdl/tests/nic_bench.svh, on 512 and on 64 bits

Needs the packages of testbench/setup/requirements-boards.txt in the venv that runs this, and the compiler (BPF2HDL).
"""

import argparse
import json
import os
import pickle
import random
import shutil
import struct
import subprocess
import sys
import time

import cocotb_verilator
import nic_check
from run import HDL, HERE, TARGET

REPOSITORY = os.path.dirname(HDL)
COMPILER = os.environ.get("BPF2HDL", os.path.join(TARGET, "release", "bpf2hdl"))
PROGRAMS = {"A": os.path.join(REPOSITORY, "bpf2hdl", "examples", "firewall", "firewall.c"), "B": os.path.join(HERE, "nic_marker.c")}
DATA_QUEUES, TX_QUEUES = 3, 2


def read_pcap(path):
    """The frames of a file of the example's kind."""
    with open(path, "rb") as file:
        data = file.read()
    frames, at = [], 24
    while at < len(data):
        size = struct.unpack("<I", data[at + 8:at + 12])[0]
        frames.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return frames


def make_frames(count, chance, gmii):
    """Frames with what tells the MAC about them: those of the firewall's capture with a number in front, a random choice for slot B, other addresses; bad ones, too short and too long ones."""
    longest = 257 if gmii else 1515
    templates = [frame for frame in read_pcap(os.path.join(os.path.dirname(PROGRAMS["A"]), "capture.pcap")) if len(frame) <= (300 if gmii else 1514)]
    short = [frame for frame in templates if len(frame) <= 128]
    frames = []
    for number in range(count):
        frame = bytearray(chance.choice(templates if chance.random() < 0.05 else short))
        want = chance.choice([60, 60, 60, 64, chance.randrange(60, 129), chance.randrange(60, 257)]) if chance.random() < 0.95 else chance.randrange(60, longest)
        if len(frame) < want:
            frame += chance.randbytes(want - len(frame))
        frame[0:4] = number.to_bytes(4, "little")
        frame[10:12] = chance.randbytes(2)
        if chance.random() < 0.3 and frame[12:14] == b"\x08\x00" and len(frame) >= 34:
            frame[26] = chance.choice([10, 192, 198, 203])
        odd = 1.0 if gmii else chance.random()
        if odd < 0.003:
            frame = frame[:chance.randrange(1, 14)]
        elif odd < 0.0035:
            frame += chance.randbytes(9300 - len(frame))
        frames.append((bytes(frame), int(chance.random() < (0.1 if gmii else 0.02)) << 16 | (0 if gmii else chance.choice([0, 0, 1, 2, 2, 9]))))
    return frames


def compile_programs(folder, bus):
    """Both programs; the sources of all, each module once, and the manifests."""
    sources, manifests = {}, {}
    for slot, program in PROGRAMS.items():
        out, name = os.path.join(folder, f"slot_{slot.lower()}"), f"bpf_slot_{slot.lower()}"
        subprocess.run([COMPILER, "compile", program, "-o", out, "--module", name, "--bus", str(bus)], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(out, "manifest.json"), encoding="utf-8") as file:
            manifests[slot] = json.load(file)
        for path in manifests[slot]["files"]:
            if path.endswith(".sv"):
                sources.setdefault(os.path.basename(path), os.path.join(out, path))
            else:
                # First contents of a memory: read where the simulation runs.
                shutil.copy(os.path.join(out, path), folder)
    for name in sorted(os.listdir(os.path.join(HDL, "rtl"))):
        sources.setdefault(name, os.path.join(HDL, "rtl", name))
    order = sorted(sources, key=lambda name: (name.startswith("bpf_slot_"), name))
    return [sources[name] for name in order] + [os.path.join(HDL, "tests", "axi_rules.sv"), os.path.join(HERE, "nic_top.sv")], manifests


def preloads(maps, manifests):
    """Contents of map files as the entries that the host writes: slot, map, index, value."""
    rows = []
    for slot, contents in maps.items():
        numbers = {entry["name"]: entry["id"] for entry in manifests[slot]["maps"]}
        for name, entries in contents.items():
            for entry in entries:
                key, value = (bytes(int(byte, 16) for byte in entry[part]) for part in ("key", "value"))
                rows.append((slot, numbers[name], int.from_bytes(key, "little"), value.hex()))
    return rows


def simulate(folder, sources, plan, test):
    """A run in Verilator; what happened."""
    if plan.get("wire") == "gmii":
        sources = [*sources, os.path.join(HERE, "nic_gmii_top.sv")]
    plan_file = os.path.join(folder, "plan.json")
    with open(plan_file, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    if os.path.exists(plan["result"]):
        os.remove(plan["result"])
    os.environ["NIC_PLAN"] = plan_file
    top = "nic_gmii_top" if plan.get("wire") == "gmii" else "nic_top"
    parameters = {"DATA_QUEUES": DATA_QUEUES, "TX_QUEUES": TX_QUEUES}
    found = cocotb_verilator.bench(folder, top, "nic_test", sources, HERE, parameters=parameters, testcase=test)
    if found != (1, 0) or not os.path.exists(plan["result"]):
        print(cocotb_verilator.tail(folder, 30))
        sys.exit("FAIL the simulation")
    with open(plan["result"], "rb") as file:
        return pickle.load(file)


def rates():
    """Runs the benches in SystemVerilog and shows their table; what they returned."""
    code, least = 0, []
    for bench in ("nic", "nic_64"):
        code |= subprocess.run([os.path.join(HDL, "tests", "run.sh"), bench], check=False).returncode
        log = os.path.join(os.environ.get("BPF2HDL_CACHE", TARGET), "hdl-tests", bench, "run.log")
        if not os.path.exists(log):
            return code
        with open(log, encoding="utf-8") as file:
            rows = [line[5:].strip() for line in file if line.startswith("RATE ")]
        print("\n".join(rows))
        least += [float(row.split()[-1]) for row in rows]
    print(f"{len(least)} settings, the least is {min(least, default=0)} of the bus limit")
    return code


def main():
    """All of it."""
    parser = argparse.ArgumentParser(description="The NIC with two programs between the models of cocotbext-axi.")
    parser.add_argument("what", nargs="?", choices=["rate", "gmii"], help="the rates instead, or 64 bits behind a gigabit MAC")
    parser.add_argument("--packets", type=int, metavar="N", help="frames from the MAC (100,000; gmii 1,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="only compare what the last run has left")
    args = parser.parse_args()
    if args.what == "rate":
        return rates()
    begin, gmii = time.monotonic(), args.what == "gmii"
    folder, packets = os.path.join(TARGET, "nic_gmii" if gmii else "nic"), args.packets or (1000 if gmii else 100000)
    os.makedirs(folder, exist_ok=True)
    frames = make_frames(packets, random.Random(args.seed), gmii)
    with open(os.path.join(os.path.dirname(PROGRAMS["A"]), "maps.json"), encoding="utf-8") as file:
        rules = json.load(file)
    cpus = [{"key": [f"0x{cpu:02x}", "0x00", "0x00", "0x00"], "value": ["0x40"] + 7 * ["0x00"]} for cpu in range(2)]
    maps = {"A": rules, "B": {"cpus": cpus}}
    plan = {"packets": packets, "wire": "gmii" if gmii else "stream", "seed": args.seed, "data_queues": DATA_QUEUES, "tx_queues": TX_QUEUES, "frames": os.path.join(folder, "frames.pickle"),
            "result": os.path.join(folder, "result.pickle")}
    if args.check:
        with open(plan["result"], "rb") as file:
            result = pickle.load(file)
    else:
        with open(plan["frames"], "wb") as file:
            pickle.dump(frames, file)
        sources, manifests = compile_programs(folder, 64 if gmii else 512)
        plan["maps"] = {entry["name"]: entry["id"] for manifest in manifests.values() for entry in manifest["maps"]}
        plan["preload"] = preloads(maps, manifests)
        result = simulate(folder, sources, plan, "nic_with_two_programs")
    print(f"simulated: {result['clocks']} clocks, {time.monotonic() - begin:.0f} s", flush=True)
    oracle = nic_check.Oracle(COMPILER, PROGRAMS, folder)
    found = nic_check.check(result, frames, folder, oracle, maps, DATA_QUEUES)
    print(f"PASS nic, {time.monotonic() - begin:.0f} s: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
