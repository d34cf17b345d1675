#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the examples' captures through the running Linux kernel, without bpf2hdl.

  run_on_kernel.py [EXAMPLE...]            prints verdicts and the non-zero map entries
  run_on_kernel.py --write [EXAMPLE...]    also writes <example>/expected.json, which `./run demo` compares with

An independent way to the same answer: clang, bpftool to load and BPF_PROG_TEST_RUN packet by packet. Needs root,
clang-19 and bpftool. Compiled objects and pins go away again.
"""

import argparse
import ctypes
import glob
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile

from frames import read_pcap

HERE = os.path.dirname(os.path.abspath(__file__))
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
BPF_OBJ_GET, BPF_PROG_TEST_RUN = 7, 10
XDP_ACTIONS = ["aborted", "drop", "pass", "tx", "redirect"]
PHYS_DEV_ACTIONS = ["drop", "pass"]
LIBC = ctypes.CDLL(None, use_errno=True)


class ObjGet(ctypes.Structure):
    """The part of `union bpf_attr` that BPF_OBJ_GET reads."""
    _fields_ = [("pathname", ctypes.c_uint64), ("bpf_fd", ctypes.c_uint32), ("file_flags", ctypes.c_uint32)]


class TestRun(ctypes.Structure):
    """The part of `union bpf_attr` that BPF_PROG_TEST_RUN reads."""
    _fields_ = [("prog_fd", ctypes.c_uint32), ("retval", ctypes.c_uint32), ("data_size_in", ctypes.c_uint32),
                ("data_size_out", ctypes.c_uint32), ("data_in", ctypes.c_uint64), ("data_out", ctypes.c_uint64),
                ("repeat", ctypes.c_uint32), ("duration", ctypes.c_uint32), ("rest", ctypes.c_uint8 * 40)]


def bpf(command, attr):
    """The bpf(2) system call; raises OSError."""
    result = LIBC.syscall(SYS_BPF, command, ctypes.byref(attr), ctypes.sizeof(attr))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def run(*command):
    """Runs a command; returns its standard output or ends with its message."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def load(name, folder, pins):
    """Compiles and loads an example, its maps filled; returns the program's file descriptor."""
    source, obj = os.path.join(HERE, name, name + ".c"), os.path.join(folder, name + ".o")
    multiarch = f"/usr/include/{platform.machine()}-linux-gnu"
    run("clang-19", "-O2", "-g", "-target", "bpf", "-I", multiarch, "-c", source, "-o", obj)
    kind = ["type", "classifier"] if name == "phys_dev_filter" else []
    run("bpftool", "prog", "load", obj, f"{pins}/prog", *kind, "pinmaps", pins)
    maps = os.path.join(HERE, name, "maps.json")
    if os.path.exists(maps):
        with open(maps, encoding="utf-8") as source:
            for map_name, entries in json.load(source).items():
                shown = json.loads(run("bpftool", "-j", "map", "show", "pinned", f"{pins}/{map_name}"))
                for entry in entries:
                    if shown["type"] == "devmap":
                        # The interface has to exist; the verdict does not depend on which one it is.
                        entry["value"][:4] = ["0x01", "0x00", "0x00", "0x00"]
                    run("bpftool", "map", "update", "pinned", f"{pins}/{map_name}", "key", *entry["key"], "value", *entry["value"])
    path = ctypes.create_string_buffer(f"{pins}/prog".encode())
    return bpf(BPF_OBJ_GET, ObjGet(ctypes.addressof(path), 0, 0))


def verdict(prog_fd, frame):
    """What the program returns for one frame."""
    data, out = ctypes.create_string_buffer(frame, len(frame)), ctypes.create_string_buffer(len(frame) + 512)
    attr = TestRun(prog_fd, 0, len(frame), len(frame) + 512, ctypes.addressof(data), ctypes.addressof(out), 1)
    bpf(BPF_PROG_TEST_RUN, attr)
    return attr.retval


def nonzero(value):
    """True when a dumped map value, in any of bpftool's shapes, holds anything but zeros."""
    if isinstance(value, dict):
        return any(nonzero(v) for v in value.values())
    if isinstance(value, list):
        return any(nonzero(v) for v in value)
    return value not in (0, "0x00")


def counters(name, pins):
    """The non-zero entries of every map but the preloaded ones, CPU 0 of per-CPU maps."""
    found, preloaded = {}, ["prog"]
    maps = os.path.join(HERE, name, "maps.json")
    if os.path.exists(maps):
        with open(maps, encoding="utf-8") as source:
            preloaded += json.load(source)
    for path in sorted(glob.glob(f"{pins}/*")):
        table = os.path.basename(path)
        if table.endswith("debug") or table in preloaded:
            continue
        for item in json.loads(run("bpftool", "-j", "map", "dump", "pinned", path)):
            item = item.get("formatted", item)
            value = item["values"][0]["value"] if "values" in item else item["value"]
            if nonzero(value):
                found.setdefault(table, {})[str(item.get("key", 0))] = value
    return found


def run_example(name):
    """Returns (expected.json's content, counters)."""
    folder = tempfile.mkdtemp()
    pins = os.path.join(folder, "pins")
    os.mkdir(pins)
    run("mount", "-t", "bpf", "bpf", pins)
    try:
        prog_fd = load(name, folder, pins)
        names = PHYS_DEV_ACTIONS if name == "phys_dev_filter" else XDP_ACTIONS
        actions = dict.fromkeys(XDP_ACTIONS, 0)
        frames = read_pcap(os.path.join(HERE, name, "capture.pcap"))
        for frame in frames:
            actions[names[verdict(prog_fd, frame)]] += 1
        os.close(prog_fd)
        return {"packets": len(frames), "actions": actions}, counters(name, pins)
    finally:
        run("umount", pins)
        shutil.rmtree(folder)


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Run the examples' captures through the Linux kernel.")
    parser.add_argument("--write", action="store_true", help="write expected.json")
    parser.add_argument("example", nargs="*")
    args = parser.parse_args()
    os.sched_setaffinity(0, {0})
    for name in args.example or sorted(os.path.dirname(p) for p in glob.glob("*/*.c", root_dir=HERE)):
        expected, counts = run_example(name)
        print(name, json.dumps(expected))
        for table, entries in counts.items():
            for key, value in entries.items():
                print(f"    {table}[{key}] = {value}")
        if args.write:
            with open(os.path.join(HERE, name, "expected.json"), "w", encoding="utf-8") as out:
                out.write(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
