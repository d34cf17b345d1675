# SPDX-License-Identifier: Apache-2.0
"""Packets per clock of every example, frame size and bus width, over what the wider of input and output allows.

  throughput.py [--only EXAMPLE]... [--sizes N,..] [--buses BITS,..] [--page] [--out FILE]

A packet takes at least as many clocks as it has beats, as it comes or as it leaves, whichever are more; one that is
dropped only those that come. `ratio` is the sum of these over the clocks that were measured, from the first verdict to the last.
Frames come back to back, all of one size, most of them on the example's main path. Writes all figures as JSON;
--page writes docs/src/throughput.md. The exit code is 1 where a cell stays under the bar or a packet differs from the
kernel's.
"""

import argparse
import json
import os
import sys

import campaign
from campaign import EXAMPLES, EXAMPLES_DIR, ROOT, TARGET, faults, relative, sim

SIZES = [60, 64, 65, 128, 256, 512, 1024, 1514]
BUSES = [64, 256, 512]
LEAST_RATIO = 0.99
BEATS = 24000  # a run has about as many at the input
LEAST_PACKETS = 200
PAGE = os.path.join(ROOT, "docs", "src", "throughput.md")


def packets_of(size):
    """How many frames of a size a run has."""
    return max(LEAST_PACKETS, BEATS // -(-size // 16))


def measure(name, bus, size, captures, oracle, options):
    """One cell: (figures, problems)."""
    folder = os.path.join(TARGET, "throughput", name, f"bus{bus}", str(size))
    capture = os.path.join(captures, str(size), name + ".pcap")
    result, bound = sim(f"{name}: {bus}-bit bus, {size} bytes", os.path.join(EXAMPLES_DIR, name, name + ".c"), capture, folder, oracle, bus,
                        os.path.join(EXAMPLES_DIR, name, "maps.json"), options)
    problems = faults(result, oracle, bound)
    if problems:
        return None, problems
    figures = {"example": name, "bus_bits": bus, "frame_bytes": size, "packets": result.get("packets"),
               "actions": result.get("actions"), "clocks": bound.clocks, "least_clocks": bound.least,
               "packets_per_clock": round((result.get("packets") - 1) / bound.clocks, 6), "ratio": round(bound.ratio(), 4),
               "mismatches": result.get("mismatches")}
    if figures["ratio"] < LEAST_RATIO:
        problems.append(f"{bound.clocks} clocks where {bound.least} are enough: {figures['ratio']:.3f}")
    return figures, problems


def cell(figures):
    """How a table shows it: packets per clock, and the ratio."""
    return "-" if figures is None else f"{figures['packets_per_clock']:.4f} / {figures['ratio']:.3f}"


def page(table, sizes, buses, names):
    """The page of the documentation."""
    lines = ["# Throughput", "", "<!-- SPDX-License-Identifier: Apache-2.0; written by `./run throughput --page`, do not edit -->", "",
             "Every example of `bpf2hdl/examples` in Verilator, frames of one size back to back, most of them on the example's main path, every packet compared with the "
             "kernel. A cell is packets per clock / how much that is of what the wider side allows: a packet takes as many clocks as it has beats, as it comes or as it "
             "leaves (encapsulated, cut), whichever are more. `./run throughput` measures all of it again and fails below "
             f"{LEAST_RATIO}.", "",
             "Frames are counted without FCS. A 512-bit bus takes 64 bytes a clock, so 65 bytes are two beats. Above 1 the second number says that packets which are dropped or get shorter took "
             "fewer clocks at the output than at the input, and longer ones behind them caught up: then only the sums over all packets count, not those of each one.", ""]
    for bus in buses:
        lines += [f"## {bus}-bit bus", "", "| example | " + " | ".join(f"{size} B" for size in sizes) + " |",
                  "|---|" + "--:|" * len(sizes)]
        lines += ["| " + " | ".join([name, *(cell(table.get((name, bus, size))) for size in sizes)]) + " |" for name in names]
        lines.append("")
    return "\n".join(lines)


def numbers(text):
    """Comma-separated numbers."""
    return [int(word) for word in text.split(",")]


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure packets per clock of every example.")
    parser.add_argument("--only", action="append", choices=EXAMPLES, metavar="EXAMPLE", help="this example; can be repeated")
    parser.add_argument("--sizes", type=numbers, default=SIZES, metavar="N,..", help="frame sizes, bytes without FCS")
    parser.add_argument("--buses", type=numbers, default=BUSES, metavar="BITS,..", help="bus widths")
    parser.add_argument("--page", action="store_true", help="write docs/src/throughput.md")
    parser.add_argument("--out", metavar="FILE", default=os.path.join(TARGET, "throughput", "throughput.json"), help="the figures as JSON")
    args = parser.parse_args()
    if args.page and (args.only or args.sizes != SIZES or args.buses != BUSES):
        parser.error("--page needs all examples, sizes and buses")
    return args


def main():
    """Runs all; the exit code says whether every cell reaches the bar."""
    args = arguments()
    print("== Packets per clock by frame size and bus width")
    oracle = campaign.choose_oracle()
    captures = os.path.join(TARGET, "throughput", "captures")
    for size in args.sizes:
        campaign.make_captures(os.path.join(captures, str(size)), "--flood", str(packets_of(size)), "--size", str(size))
    names, table, problems = args.only or EXAMPLES, {}, []
    for name in names:
        options = campaign.model_options(os.path.join(EXAMPLES_DIR, name, name + ".c"), os.path.join(TARGET, "throughput", name))
        for bus in args.buses:
            for size in args.sizes:
                figures, found = measure(name, bus, size, captures, oracle, options)
                table[(name, bus, size)] = figures
                problems += [f"{name}, {bus}-bit bus, {size} bytes: {problem}" for problem in found]
    rows = [[name, bus, *(cell(table[(name, bus, size)]) for size in args.sizes)] for name in names for bus in args.buses]
    campaign.print_table(["example", "bus", *(f"{size} B" for size in args.sizes)], rows)
    print("packets per clock / of what the wider of input and output allows. Written: " + relative(args.out))
    with open(args.out, "w", encoding="utf-8") as out:
        json.dump({"least_ratio": LEAST_RATIO, "cells": [table[key] for key in sorted(table) if table[key]], "problems": problems}, out, indent=1)
        out.write("\n")
    if args.page:
        with open(PAGE, "w", encoding="utf-8") as out:
            out.write(page(table, args.sizes, args.buses, names))
    least = min((figures["ratio"] for figures in table.values() if figures), default=0)
    campaign.finish(problems, f"{len(table)} cells, mismatches 0, least ratio {least:.3f}")


if __name__ == "__main__":
    sys.exit(main())
