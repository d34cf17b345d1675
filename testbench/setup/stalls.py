# SPDX-License-Identifier: Apache-2.0
"""Outputs that stall, a million packets: programs with mixed verdicts, every output ready in some of the clocks by chance.

  stalls.py [--packets N] [--only EXAMPLE]...

Each program runs on frames of all kinds and sizes: once waiting for its outputs, ready in half of the clocks (nothing may be
lost), once losing what finds no room, with outputs that are ready in one clock of eight, and once for each output with that one stopped for good. Every frame that leaves is compared with the kernel's,
byte for byte and in the order of its output, and the counters must add up:

  in = aborted + drop + what left by the three outputs + what each lost + redirects without a target

Where an output has stopped, only its own packets are lost, and the input is refused in no clock but while packets leave
that have become longer. The exit code is 1 if any of this fails.
"""

import argparse
import os
import sys

import campaign
from campaign import EXAMPLES, EXAMPLES_DIR, TARGET, relative, run_tool

PACKETS = 1000000
# Programs with several verdicts, and the bus that each is run on.
RUNS = {"firewall": 512, "redirect_map": 256, "lpm_router": 512, "qinq": 64, "gre": 128, "ipip": 512}
OUTPUTS = ["pass", "tx", "redirect"]
STOPPED_SHARE = 0.04  # of the packets of a program, for each output that is stopped


def simulate(title, name, capture, bus, oracle, options):
    """One run: its Result."""
    folder = os.path.join(TARGET, "stalls", name)
    arguments = ["sim", os.path.join(EXAMPLES_DIR, name, name + ".c"), "--pcap", capture, "--bus", str(bus), "--oracle", oracle, *options]
    maps = os.path.join(EXAMPLES_DIR, name, "maps.json")
    if os.path.exists(maps):
        arguments += ["--maps", maps]
    return run_tool(title, arguments, folder, title.split(": ")[1].replace(" ", "-"))


def lost(result):
    """Packets lost by each output."""
    return {output: result.get("counters", {}).get(f"{output}_lost_packets", 0) for output in OUTPUTS}


def problems_of(result, oracle, stopped=None):
    """What is wrong with a run, as a list of clauses."""
    found = [result.problem()] if result.problem() else []
    if not result.get("counters"):
        return found or ["no counters in the result"]
    counters, left = result.get("counters"), result.get("frames_out")
    if result.get("mismatches") != 0 or (oracle != "none" and not result.get("compared")):
        found.append(f"{result.get('mismatches')} mismatches in {result.get('compared')} packets")
    losses = lost(result)
    # What a stopped output has taken in stays there.
    kept = counters[f"{stopped}_packets"] - losses[stopped] - left[stopped] if stopped else 0
    if stopped == "redirect":
        kept -= counters["redirect_no_target_packets"]
    parts = [counters["aborted_packets"], counters["drop_packets"], *left.values(), *losses.values(), counters["redirect_no_target_packets"], kept]
    if counters["rx_packets"] != result.get("packets") or sum(parts) != result.get("packets") or kept < 0:
        found.append(f"{result.get('packets')} packets in, but {sum(parts)} accounted for: {parts}")
    return found


def run_example(name, bus, packets, oracle, captures):
    """All runs of one program: (rows, problems)."""
    rows, problems = [], []
    half, few = os.path.join(captures, "half", name + ".pcap"), os.path.join(captures, "few", name + ".pcap")
    campaign.make_captures(os.path.dirname(half), "--mix", str(packets // 2), "--only", name)
    campaign.make_captures(os.path.dirname(few), "--mix", str(max(1000, int(packets * STOPPED_SHARE))), "--only", name)
    plan = [("waiting", half, ["--stall", "random"], None), ("losing", half, ["--stall", "random/8", "--lossy", "--seed", "2"], None)]
    plan += [(f"{output} stopped", few, ["--stall", f"{output}=never"], output) for output in OUTPUTS]
    open_result = simulate(f"{name}: open", name, few, bus, oracle, [])
    for title, capture, options, stopped in plan:
        result = simulate(f"{name}: {title}", name, capture, bus, oracle, options)
        found, losses = problems_of(result, oracle, stopped), lost(result)
        if title == "waiting" and any(losses.values()):
            found.append(f"lost {losses} although the core waits")
        if title == "losing" and not any(losses.values()):
            found.append("nothing was lost, so nothing was tried")
        if stopped and any(count for output, count in losses.items() if output != stopped):
            found.append(f"lost {losses}, not only by {stopped}")
        if stopped and result.get("verdict_cycles", 0) > open_result.get("verdict_cycles", 0) + 8:
            found.append(f"{result.get('verdict_cycles')} clocks instead of {open_result.get('verdict_cycles')}: others are held up")
        problems += [f"{name}, {title}: {problem} (log: {relative(result.log)})" for problem in found]
        actions, left = result.get("actions") or {}, result.get("frames_out") or {}
        rows.append([name, bus, title, result.get("packets", "-"), "/".join(str(actions.get(a, "-")) for a in ("aborted", "drop")),
                     "/".join(str(left.get(o, "-")) for o in OUTPUTS), "/".join(str(losses[o]) for o in OUTPUTS), result.get("verdict_cycles", "-"),
                     result.get("mismatches", "-"), "FAILED" if found else "ok"])
    return rows, problems


def main():
    """Runs all; the exit code says whether all went well."""
    parser = argparse.ArgumentParser(description="A million packets through outputs that stall.")
    parser.add_argument("--packets", type=int, default=PACKETS, metavar="N", help="of all programs together, those of stopped outputs not counted")
    parser.add_argument("--only", action="append", choices=EXAMPLES, metavar="EXAMPLE", help="this example; can be repeated")
    args = parser.parse_args()
    print("== Outputs that stall")
    oracle = campaign.choose_oracle()
    names = args.only or list(RUNS)
    rows, problems = [], []
    for name in names:
        new_rows, new_problems = run_example(name, RUNS.get(name, 512), args.packets // len(names), oracle, os.path.join(TARGET, "stalls", "captures"))
        rows += new_rows
        problems += new_problems
    campaign.print_table(["example", "bus", "outputs", "packets", "aborted/drop", "left pass/tx/redirect", "lost pass/tx/redirect", "clocks", "mismatches", ""], rows)
    campaign.finish(problems, f"{sum(row[3] for row in rows)} packets, mismatches 0, all accounted for")


if __name__ == "__main__":
    sys.exit(main())
