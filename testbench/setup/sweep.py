# SPDX-License-Identifier: Apache-2.0
"""Every frame size from 60 to 1514 bytes, back to back, through every example on every bus width: no mismatch, and not
one beat of the input refused, but while a packet leaves that has become longer."""

import os
import sys

import campaign
from campaign import CELL_TITLES, EXAMPLES, EXAMPLES_DIR, TARGET, cells, faults, relative, sim

BUS_WIDTHS = [64, 128, 256, 512]


def main():
    """Runs all, or the examples named on the command line."""
    print("== Frame sizes 60 to 1514 on every bus width")
    oracle = campaign.choose_oracle()
    captures = os.path.join(TARGET, "sweep", "captures")
    campaign.make_captures(captures, "--sweep")
    rows, problems = [], []
    for name in sys.argv[1:] or EXAMPLES:
        for bus in BUS_WIDTHS:
            folder = os.path.join(TARGET, "sweep", name, f"bus{bus}")
            result, bound = sim(f"{name}: {bus}-bit bus", os.path.join(EXAMPLES_DIR, name, name + ".c"),
                                os.path.join(captures, name + ".pcap"), folder, oracle, bus,
                                os.path.join(EXAMPLES_DIR, name, "maps.json"))
            found = faults(result, oracle, bound)
            problems += [f"{name}, {bus}-bit bus: {problem} (log: {relative(result.log)})" for problem in found]
            rows.append([name, bus, *cells(result), result.get("input_stall_cycles", "-"), result.get("oracle", oracle),
                         result.get("mismatches", "-"), "FAILED" if found else "ok"])
    campaign.print_table(["example", "bus", *CELL_TITLES, "stalls", "oracle", "mismatches", ""], rows)
    print("stalls: clocks in which the core refused a beat of its input. Results: " + relative(os.path.join(TARGET, "sweep")))
    campaign.finish(problems, f"{len(rows)} runs, mismatches 0")


if __name__ == "__main__":
    main()
