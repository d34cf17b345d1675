# SPDX-License-Identifier: Apache-2.0
"""XDP objects that are not ours, straight from Debian's packages: those that the compiler takes are compared with the
kernel on the firewall's capture, the others are listed with what they were refused for. `xdp_drop.o` and `xdp_pass.o` must compile;
for the rest a refusal is an answer."""

import glob
import os

import campaign
from campaign import CELL_TITLES, EXAMPLES_DIR, TARGET, cells, faults, relative, run_tool, sim

MUST_COMPILE = ["/usr/libexec/xdp-tools/xdp_drop.o", "/usr/libexec/xdp-tools/xdp_pass.o"]
MAY_BE_REFUSED = "/usr/lib/*/bpf/xdpfilt_*.o"


def refusals(result):
    """The distinct codes of a refusal, for the table."""
    codes = dict.fromkeys(str(item.get("code")) for item in result.get("items") or [])
    return "refused: " + (", ".join(codes) or result.problem() or "?")


def main():
    """Checks and, where possible, simulates each object."""
    print("== Programs from Debian's xdp-tests and xdp-tools")
    oracle = campaign.choose_oracle()
    rows, problems = [], []
    for path in MUST_COMPILE + sorted(glob.glob(MAY_BE_REFUSED)):
        name = os.path.splitext(os.path.basename(path))[0]
        folder = os.path.join(TARGET, "third-party", name)
        checked = run_tool(f"{name}: check", ["check", path], folder, "check")
        if checked.status == 1 and path not in MUST_COMPILE and (checked.get("items") or checked.get("error")):
            rows.append([name, *["-"] * 6, refusals(checked)])
            continue
        if checked.problem():
            problems.append(f"{name}: check: {checked.problem()} (log: {relative(checked.log)})")
            rows.append([name, *["-"] * 6, "FAILED"])
            continue
        result, bound = sim(f"{name}: simulate", path, os.path.join(EXAMPLES_DIR, "firewall", "capture.pcap"), folder, oracle)
        found = faults(result, oracle, bound)
        problems += [f"{name}: {problem} (log: {relative(result.log)})" for problem in found]
        rows.append([name, *cells(result), result.get("oracle", oracle), result.get("mismatches", "-"), "FAILED" if found else "ok"])
    campaign.print_table(["object", *CELL_TITLES, "oracle", "mismatches", ""], rows)
    campaign.finish(problems, f"{len(rows)} objects, mismatches 0 in those that compile")


if __name__ == "__main__":
    main()
