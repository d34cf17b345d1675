# SPDX-License-Identifier: Apache-2.0
"""What the campaigns (demo, sweep, third_party) share: running bpf2hdl with a clock on the screen, choosing the
oracle, judging a result and printing the table. Started by ./run from the root of the repository."""

import ctypes
import json
import os
import platform
import struct
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
BPF2HDL = os.environ.get("BPF2HDL", os.path.join(TARGET, "release", "bpf2hdl"))
EXAMPLES_DIR = os.path.join(ROOT, "bpf2hdl", "examples")
EXAMPLES = sorted(name for name in os.listdir(EXAMPLES_DIR) if os.path.exists(os.path.join(EXAMPLES_DIR, name, name + ".c")))
SHORT_ACTIONS = ["aborted", "drop", "pass", "tx"]

LARGE_MAPS = 10000  # entries

# What to compare with where the kernel is out of reach.
FALLBACK_ORACLE = "ir"


def kernel_refusal():
    """None when this machine's kernel runs BPF test programs for us, else the reason, as a clause."""
    number = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return f"bpf(2) is not known on {sys.platform} {platform.machine()}"
    # r0 = XDP_PASS; exit
    insns = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xB7, 0, 0, 2, 0x95, 0, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL")
    attr = ctypes.create_string_buffer(
        struct.pack("<IIQQIIQII", 6, 2, ctypes.addressof(insns), ctypes.addressof(licence), 0, 0, 0, 0, 0), 128)
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(number, 5, attr, 128)
    if fd >= 0:
        os.close(fd)
        return None
    reason = os.strerror(ctypes.get_errno()).lower()
    return f"loading a BPF program says '{reason}'" + ("" if os.geteuid() == 0 else "; run as root to compare with the kernel")


def choose_oracle():
    """The strongest oracle of this machine; says why when it is not the kernel."""
    refusal = kernel_refusal()
    if refusal is None:
        return "kernel"
    print(f"  note: the Linux kernel can not be the oracle here: {refusal}.\n"
          f"        Comparing with the compiler's own interpreter ('{FALLBACK_ORACLE}') instead.")
    return FALLBACK_ORACLE


def relative(path):
    """A path as the reader would type it from here."""
    short = os.path.relpath(path, ROOT)
    return path if short.startswith("..") else short


class Result:
    """What a command of bpf2hdl gave: `json` (empty when it printed none), `status`, `seconds`, `log` (standard error)."""

    def __init__(self, status, seconds, out_path, log):
        self.status, self.seconds, self.log = status, seconds, log
        try:
            with open(out_path, encoding="utf-8") as source:
                self.json = json.load(source)
        except (OSError, ValueError):
            self.json = {}

    def get(self, key, default=None):
        """A field of the printed JSON."""
        return self.json.get(key, default) if isinstance(self.json, dict) else default

    def problem(self):
        """One line on why it failed, or None."""
        if self.status == 0:
            return None
        if self.get("error"):
            return str(self.get("error"))
        with open(self.log, encoding="utf-8", errors="replace") as source:
            lines = [line.strip() for line in source if line.strip()]
        return lines[-1] if lines else f"exit code {self.status}"


def run_tool(title, arguments, folder, name):
    """Runs `bpf2hdl ARGUMENTS --json`; leaves FOLDER/NAME.json and NAME.log, returns a Result."""
    os.makedirs(folder, exist_ok=True)
    out_path, log_path = os.path.join(folder, name + ".json"), os.path.join(folder, name + ".log")
    start = time.monotonic()
    with open(out_path, "wb") as out, open(log_path, "wb") as log:
        try:
            child = subprocess.Popen([BPF2HDL, *arguments, "--json"], stdin=subprocess.DEVNULL, stdout=out, stderr=log, cwd=ROOT)
        except OSError as error:
            sys.exit(f"error: can not run {BPF2HDL}: {error.strerror}.")
        try:
            tick(title, child, start)
        except KeyboardInterrupt:
            child.terminate()
            sys.exit(130)
    return Result(child.returncode, time.monotonic() - start, out_path, log_path)


def tick(title, child, start):
    """Waits for a child; a terminal sees the seconds, a log a line every 20 of them."""
    terminal, shown, next_line = sys.stdout.isatty(), -1, 20
    while True:
        try:
            child.wait(0.2)
            break
        except subprocess.TimeoutExpired:
            elapsed = int(time.monotonic() - start)
            if terminal and elapsed != shown:
                print(f"\r\033[K  {title} ... {elapsed} s", end="", flush=True)
            elif not terminal and elapsed >= next_line:
                print(f"  {title} ... {elapsed} s", flush=True)
                next_line += 20
            shown = elapsed
    if terminal:
        print("\r\033[K", end="")
    print(f"  {title}: {time.monotonic() - start:.1f} s", flush=True)


def model_options(program, folder):
    """Options of `sim` for a short run: a model that is built fast, unless reading large maps takes longer than that saves."""
    run_tool(f"{os.path.basename(program)}: compile", ["compile", program, "-o", os.path.join(folder, "design")], folder, "compile")
    try:
        with open(os.path.join(folder, "design", "report.json"), encoding="utf-8") as source:
            entries = sum(table["max_entries"] for table in json.load(source)["maps"])
    except OSError as error:
        sys.exit(f"error: {program} does not compile: {error}")
    return ["--quick"] if entries < LARGE_MAPS else []


def sim(title, program, capture, folder, oracle, bus=512, maps=None, options=()):
    """`bpf2hdl sim` with its results in FOLDER/sim: (Result, Bound or None)."""
    arguments = ["sim", program, "--pcap", capture, "--out", os.path.join(folder, "sim"), "--bus", str(bus), "--oracle", oracle]
    if maps and os.path.exists(maps):
        arguments += ["--maps", maps]
    result = run_tool(title, [*arguments, *options], folder, "sim")
    return result, Bound(result, capture, folder, bus) if result.get("verdict_cycles") else None


def read_pcap(path):
    """A little-endian pcap: (head, [record with its header of 16 bytes])."""
    with open(path, "rb") as source:
        data = source.read()
    records, at = [], 24
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 8)
        records.append(data[at:at + 16 + length])
        at += 16 + length
    return data[:24], records


def frame_lengths(capture):
    """Bytes of each frame of a little-endian pcap."""
    return [len(record) - 16 for record in read_pcap(capture)[1]]


class Bound:
    """What the packets of a simulation with results in FOLDER/sim need at least. A packet takes as many clocks as it has
    beats, as it comes or as it leaves, whichever are more; one that is dropped only those that come.

    `clocks`: from the first verdict to the last, as measured; `least`: for these, as needed. `more_out`: clocks in which the
    input has to wait because packets leave longer than they came."""

    def __init__(self, result, capture, folder, bus):
        with open(os.path.join(folder, "sim", "verdicts.csv"), encoding="utf-8") as source:
            verdicts = [line.rstrip("\n").split(",") for line in source][1:]
        needs = []
        self.more_out = 0
        for length, verdict in zip(frame_lengths(capture), verdicts):
            came = -(-length // (bus // 8))
            leaves = -(-int(verdict[2]) // (bus // 8)) if verdict[1] in ("pass", "tx", "redirect") else 0
            needs.append(max(came, leaves))
            self.more_out += max(came, leaves) - came
        # A verdict is seen when its packet begins to leave: the last one's own beats come after it.
        self.clocks = max(1, result.get("verdict_cycles") - 1)
        self.least = sum(needs[:-1])

    def ratio(self):
        """How much of the possible rate was reached."""
        return self.least / self.clocks


def faults(result, oracle, bound=None, expected=None, least_ratio=None):
    """What is wrong with a simulation, as a list of clauses; empty is good."""
    found = [result.problem()] if result.problem() else []
    if not result.json:
        return found or ["no JSON on standard output"]
    if result.get("mismatches") != 0:
        found.append(f"{result.get('mismatches')} mismatches")
    if oracle != "none" and not result.get("compared"):
        found.append("nothing was compared")
    refused = result.get("input_stall_cycles", 0)
    if refused > (bound.more_out if bound else 0):
        found.append(f"input refused for {refused} clocks" + (f", {bound.more_out} of them for longer packets" if bound and bound.more_out else ""))
    if expected and (result.get("packets"), result.get("actions")) != (expected["packets"], expected["actions"]):
        found.append("verdicts differ from expected.json")
    if least_ratio and bound and bound.ratio() < least_ratio:
        found.append(f"{bound.clocks} clocks where {bound.least} are enough")
    return found


def cells(result):
    """The columns that every campaign shows of a simulation: verdicts, rate, latency."""
    actions, latency = result.get("actions") or {}, result.get("latency_cycles") or {}
    rate = result.get("packets_per_cycle")
    return [result.get("packets", "-"), "/".join(str(actions.get(a, "-")) for a in SHORT_ACTIONS),
            "-" if rate is None else f"{rate:.3f}", f"{latency.get('min', '-')}..{latency.get('max', '-')}"]


CELL_TITLES = ["packets", "aborted/drop/pass/tx", "pkt/clock", "latency"]


def print_table(titles, rows):
    """A table with columns as wide as they need; numbers to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
    numeric = [all(row[i].replace(".", "").isdigit() or row[i] == "-" for row in rows) for i in range(len(titles))]
    print()
    for row in [titles, ["-" * width for width in widths], *rows]:
        print("  ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric)).rstrip())
    print()


def finish(problems, success):
    """Prints the problems, or the line on success, and ends with the exit code."""
    print("\n".join(f"FAILED  {problem}" for problem in problems) or success)
    sys.exit(1 if problems else 0)


def make_captures(folder, *options):
    """Writes one generated capture per example into FOLDER."""
    script = os.path.join(EXAMPLES_DIR, "make_captures.py")
    subprocess.run([sys.executable, "-B", script, *options, "--out", folder], check=True)
