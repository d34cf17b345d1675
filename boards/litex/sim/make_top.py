# SPDX-License-Identifier: Apache-2.0
"""Writes Verilog of a BPFFilter alone, with its streams and its bus as pins: make_top.py DESIGN OUT.v [DW]. Its sources are listed in OUT.v.f."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from bpf_filter import BPFFilter, STREAMS  # noqa: E402
from litex.gen import LiteXModule  # noqa: E402
from litex.gen.fhdl.verilog import convert  # noqa: E402
from migen import ClockDomain, Signal  # noqa: E402


class Platform:
    """Collects what a module adds as a source."""

    def __init__(self):
        self.sources = []

    def add_source(self, path, language=None):
        """Remembers a file."""
        assert language == "systemverilog"
        self.sources.append(path)


class Top(LiteXModule):
    """The filter, with pins."""

    def __init__(self, platform, design, dw):
        self.cd_sys = ClockDomain()
        self.filter = BPFFilter(platform, design, dw)
        self.pins = {self.cd_sys.clk, self.cd_sys.rst}
        for name in STREAMS:
            endpoint = getattr(self.filter, name)
            for field in ("valid", "ready", "last", "data", "last_be", "error"):
                self.pin(f"{name}_{field}", getattr(endpoint, field), into=(name.endswith("sink")) != (field == "ready"))
        for channel, fields, into in (("aw", "addr valid", True), ("aw", "ready", False), ("w", "data strb valid", True), ("w", "ready", False), ("b", "resp valid", False),
                                      ("b", "ready", True), ("ar", "addr valid", True), ("ar", "ready", False), ("r", "data resp valid", False), ("r", "ready", True)):
            for field in fields.split():
                self.pin(f"axil_{channel}{field}", getattr(getattr(self.filter.bus, channel), field), into)

    def pin(self, name, signal, into):
        """A pin of this name for a signal."""
        pin = Signal(len(signal), name=name)
        self.pins.add(pin)
        self.comb += signal.eq(pin) if into else pin.eq(signal)


def main():
    """Converts."""
    design, out = sys.argv[1:3]
    platform = Platform()
    top = Top(platform, design, int(sys.argv[3]) if len(sys.argv) > 3 else 64)
    convert(top, ios=top.pins, name="litex_top").write(out)
    with open(out + ".f", "w", encoding="utf-8") as listing:
        listing.write("\n".join(platform.sources) + "\n")


if __name__ == "__main__":
    main()
