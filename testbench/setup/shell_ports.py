# SPDX-License-Identifier: Apache-2.0
"""Port tables of the NIC shells, boards/*/ports.txt: reads them, writes the shell's side of a module as a stub, and compares a module of ours with a table.

A table's lines, in order:

    module NAME                     what follows is about this module
    parameter NAME DEFAULT          the default may name earlier parameters
    input WIDTH NAME                a port of WIDTH bits; `output` likewise
    # ...                           a comment; `# source:` says where the facts are from

WIDTH is an expression of numbers and parameters: + - * / ** ( ) and $clog2, ?: as in Verilog. NAME may hold one {a,b,c}, or two: each combination is a port.
"""

import itertools
import json
import os
import re
import shutil
import subprocess


class Module:
    """One module of a table: `parameters` and `ports` as lists of (name, default) and (direction, width, name), expressions as text."""

    def __init__(self, name):
        self.name, self.parameters, self.ports = name, [], []

    def values(self, overrides):
        """Every parameter's number, with some of them given."""
        known = {}
        for name, default in self.parameters:
            known[name] = overrides[name] if name in overrides else evaluate(default, known)
        unknown = set(overrides) - set(known)
        if unknown:
            raise ValueError(f"{self.name} has no parameter {', '.join(sorted(unknown))}")
        return known

    def widths(self, overrides):
        """Port name to (direction, bits)."""
        known = self.values(overrides)
        return {name: (direction, evaluate(width, known)) for direction, width, name in self.ports}


def evaluate(text, known):
    """A width or default as a number. Only numbers, names of parameters and operators get to Python's eval."""
    python = re.sub(r"\d+'h([0-9a-fA-F]+)", lambda hexadecimal: str(int(hexadecimal.group(1), 16)), text)
    python = python.replace("$clog2", "clog2")
    choice = re.fullmatch(r"\(?(.+?)\?(.+?):(.+?)\)?(\s*\+\s*\d+)?", python)
    if choice:
        condition, yes, no, plus = choice.groups()
        python = f"(({yes}) if ({condition}) else ({no})){plus or ''}"
    python = python.replace("/", "//")
    names = set(re.findall(r"[A-Za-z_]\w*", python)) - {"clog2", "if", "else"}
    if not names <= set(known) or not re.fullmatch(r"[\w\s()+*/<>-]+", python):
        raise ValueError(f"not an expression of known parameters: {text}")
    return int(eval(python, {"__builtins__": {}, "clog2": lambda n: (n - 1).bit_length()}, dict(known)))  # pylint: disable=eval-used


def expand(name):
    """`a_{b,c}` to a_b and a_c."""
    pieces = [piece[1:-1].split(",") if piece.startswith("{") else [piece] for piece in re.split(r"(\{[^}]*\})", name)]
    return ["".join(choice) for choice in itertools.product(*pieces)]


def read_table(path):
    """The modules of a table, by name."""
    modules, module = {}, None
    with open(path, encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            kind = words[0]
            if kind == "module" and len(words) == 2:
                module = modules.setdefault(words[1], Module(words[1]))
            elif kind == "parameter" and module and len(words) >= 3:
                module.parameters.append((words[1], " ".join(words[2:])))
            elif kind in ("input", "output") and module and len(words) >= 3:
                module.ports += [(kind, " ".join(words[1:-1]), name) for name in expand(words[-1])]
            else:
                raise ValueError(f"{path}:{number}: {line.strip()}")
    for module in modules.values():
        names = [name for _, _, name in module.ports]
        if len(set(names)) != len(names):
            raise ValueError(f"{path}: {module.name} has a port twice")
    return modules


def stub(module, body):
    """The shell's own module as SystemVerilog: the table's parameters and ports around a body."""
    parameters = ",\n".join(f"  parameter {name} = {default}" for name, default in module.parameters)
    ports = ",\n".join(f"  {direction} wire [{width}-1:0] {name}" for direction, width, name in module.ports)
    return ("// SPDX-License-Identifier: Apache-2.0\n// Made from the port table by testbench/setup/shell_ports.py; do not edit.\n"
            f"module {module.name} #(\n{parameters}\n) (\n{ports}\n);\n{body}\nendmodule\n")


def elaborated_ports(yosys, files, top, overrides, folder):
    """Port name to (direction, bits) of a module of ours, as yosys elaborates it; modules in it may be missing."""
    os.makedirs(folder, exist_ok=True)
    sets = " ".join(f"-chparam {name} {value}" for name, value in overrides.items())
    # By relative names: a yosys in WebAssembly has a file system of its own.
    for name in files:
        shutil.copy(name, folder)
    script = f"read_verilog -sv {' '.join(os.path.basename(name) for name in files)}; hierarchy -top {top} {sets}; proc; write_json ports.json"
    with open(os.path.join(folder, "yosys.log"), "wb") as log:
        status = subprocess.run([yosys, "-q", "-p", script], cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False).returncode
    if status != 0:
        with open(os.path.join(folder, "yosys.log"), encoding="utf-8", errors="replace") as log:
            raise ValueError(f"yosys: {log.read().strip().splitlines()[-1]}")
    with open(os.path.join(folder, "ports.json"), encoding="utf-8") as source:
        modules = json.load(source)["modules"]
    found = [module for module in modules.values() if int(module["attributes"].get("top", "0"), 2)]
    return {name: (port["direction"], len(port["bits"])) for name, port in found[0]["ports"].items()}


def differences(wanted, found):
    """What a module's ports have other than the table, as clauses; empty is equal."""
    clauses = [f"{name} is missing" for name in wanted if name not in found]
    clauses += [f"{name} is not in the table" for name in found if name not in wanted]
    return clauses + [f"{name} is {found[name][0]} of {found[name][1]} bits, not {wanted[name][0]} of {wanted[name][1]}"
                      for name in wanted if name in found and wanted[name] != found[name]]
