# SPDX-License-Identifier: Apache-2.0
"""The main job on the shipped examples: C -> RTL, simulated at the full rate of a 512-bit bus, compared packet by
packet, byte by byte and map by map. Each example runs on its own capture (all sizes, malformed frames too) and on a flood of
64-byte frames. Without --all some of the examples are left to the other campaigns, which run all of them."""

import json
import os
import sys

import campaign
from campaign import CELL_TITLES, EXAMPLES, EXAMPLES_DIR, TARGET, cells, faults, relative, run_tool, sim

# Like others in what they ask of compiler and hardware.
ONLY_WITH_ALL = {"ipip", "vlan", "dnat", "responder", "too_big", "lpm_router"}
FLOOD_PACKETS = 10240
FLOOD_SIZE = 64
FLOOD_LEAST_RATIO = 0.99


def run_example(name, oracle, floods):
    """Compiles and simulates one example; returns (table rows, problems)."""
    source, out = os.path.join(EXAMPLES_DIR, name, name + ".c"), os.path.join(TARGET, "demo", name)
    compiled = run_tool(f"{name}: compile", ["compile", source, "-o", os.path.join(out, "design")], out, "compile")
    if compiled.problem():
        return [[name, "-", *["-"] * 7, "FAILED", relative(out)]], [f"{name}: compile: {compiled.problem()}"]
    with open(os.path.join(out, "design", "report.json"), encoding="utf-8") as report:
        stages = json.load(report).get("stages", "-")
    with open(os.path.join(EXAMPLES_DIR, name, "expected.json"), encoding="utf-8") as known:
        expected = json.load(known)
    runs = [("capture", os.path.join(EXAMPLES_DIR, name, "capture.pcap"), expected, None),
            (f"{FLOOD_SIZE}-byte flood", os.path.join(floods, name + ".pcap"), None, FLOOD_LEAST_RATIO)]
    rows, problems = [], []
    for title, capture, known, ratio in runs:
        folder = os.path.join(out, title.replace(" ", "-"))
        result, bound = sim(f"{name}: simulate the {title}", source, capture, folder, oracle,
                     maps=os.path.join(EXAMPLES_DIR, name, "maps.json"))
        found = faults(result, oracle, bound, known, ratio)
        problems += [f"{name}, {title}: {problem} (log: {relative(result.log)})" for problem in found]
        rows.append([name, title, *cells(result), stages, result.get("oracle", oracle), result.get("mismatches", "-"),
                     "FAILED" if found else "ok", relative(folder)])
    return rows, problems


def main():
    """Runs all, prints the table; the exit code says whether all went well."""
    print("== Running the examples on a 512-bit bus")
    oracle = campaign.choose_oracle()
    floods = os.path.join(TARGET, "demo", "floods")
    campaign.make_captures(floods, "--flood", str(FLOOD_PACKETS), "--size", str(FLOOD_SIZE))
    rows, problems = [], []
    names = [name for name in EXAMPLES if "--all" in sys.argv[1:] or name not in ONLY_WITH_ALL]
    for name in names:
        new_rows, new_problems = run_example(name, oracle, floods)
        rows += new_rows
        problems += new_problems
    campaign.print_table(["example", "traffic", *CELL_TITLES, "stages", "oracle", "mismatches", "", "written to"], rows)
    print("pkt/clock: packets per clock, packets back to back; a frame of more than 64 bytes takes several beats of the bus, in or out.\n"
          "latency:   clocks from the first beat in to the first beat out (dropped: to the verdict), least..most.\n"
          f"RTL:       {relative(os.path.join(TARGET, 'demo'))}/<example>/design/bpf_core.sv, with report.html next to it.")
    campaign.finish(problems, f"{len(rows)} runs, mismatches 0")


if __name__ == "__main__":
    main()
