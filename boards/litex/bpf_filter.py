# SPDX-License-Identifier: Apache-2.0
"""A LiteX module with a compiled XDP program, between LiteEth's MAC core and what would be connected to it.

    from liteeth.mac.core import LiteEthMACCore
    from liteeth.mac.wishbone import LiteEthMACWishboneInterface
    from bpf_filter import BPFFilter

    self.maccore   = LiteEthMACCore(phy=self.ethphy, dw=64)
    self.bpf       = BPFFilter(platform, "DESIGN")             # bpf2hdl compile PROG -o DESIGN --bus 64
    self.interface = LiteEthMACWishboneInterface(dw=64, nrxslots=2, ntxslots=2)
    self.comb += [
        self.maccore.source.connect(self.bpf.mac_sink),        # receive
        self.bpf.host_source.connect(self.interface.sink),
        self.interface.source.connect(self.bpf.host_sink),     # transmit
        self.bpf.mac_source.connect(self.maccore.sink),
    ]
    self.bus.add_slave("bpf", self.bpf.bus, SoCRegion(size=0x20000, cached=False))
"""

import json
import os

from litex.gen import LiteXModule
from litex.soc.interconnect import axi, stream
from liteeth.common import eth_phy_description
from migen import ClockSignal, Instance, ResetSignal

HERE = os.path.dirname(os.path.abspath(__file__))
COMMON = ["bpf_shell.sv", "bpf_shell_join.sv", "bpf_shell_output.sv"]
LIBRARY = ["bpf_fifo.sv", "bpf_sink_fifo.sv", "bpf_admission.sv", "bpf_tx_merge.sv", "bpf_frame_gate.sv", "bpf_axil_split.sv", "bpf_shell_regs.sv", "bpf_gate_regs.sv"]
STREAMS = ["mac_sink", "mac_source", "host_sink", "host_source"]
AXIL_IN = ["awaddr", "awvalid", "wdata", "wstrb", "wvalid", "bready", "araddr", "arvalid", "rready"]
AXIL_OUT = ["awready", "wready", "bresp", "bvalid", "arready", "rdata", "rresp", "rvalid"]


def design_files(design, dw):
    """The sources of a design and of the wrapper, each module once, in order.

    ValueError: the design is for another bus, or hands metadata to the host, which this has no way for."""
    with open(os.path.join(design, "manifest.json"), encoding="utf-8") as source:
        manifest = json.load(source)
    if manifest["bus_bits"] != dw:
        raise ValueError(f"{design}: the design's bus has {manifest['bus_bits']} bits, not {dw}: compile it with --bus {dw}")
    if "metadata" in manifest["capabilities"]:
        raise ValueError(f"{design}: the program uses bpf_xdp_adjust_meta, and there is no way to hand metadata to the host")
    files = [os.path.join(design, name) for name in manifest["files"]]
    have = {os.path.basename(name) for name in files}
    files += [os.path.join(HERE, "..", "common", name) for name in COMMON]
    files += [os.path.join(HERE, "..", "..", "hdl", "rtl", name) for name in LIBRARY if name not in have]
    return [os.path.normpath(os.path.abspath(name)) for name in [*files, os.path.join(HERE, "bpf_litex.sv")]]


class BPFFilter(LiteXModule):
    """Streams of `eth_phy_description(dw)`: `mac_sink` from the MAC core, `mac_source` to it, `host_sink` from the host, `host_source` to it; `bus`, AXI4-Lite."""

    def __init__(self, platform, design, dw=64, gate_words=2048):
        for name in STREAMS:
            setattr(self, name, stream.Endpoint(eth_phy_description(dw)))
        self.bus = axi.AXILiteInterface(data_width=32, address_width=20)
        for path in design_files(design, dw):
            platform.add_source(path, language="systemverilog")
        ports = {"i_clk": ClockSignal("sys"), "i_rst": ResetSignal("sys"), "p_DW": dw, "p_GATE_WORDS": gate_words}
        for name in STREAMS:
            endpoint = getattr(self, name)
            given, taken = ("i", "o") if name.endswith("sink") else ("o", "i")
            for field in ("valid", "last", "data", "last_be", "error"):
                ports[f"{given}_{name}_{field}"] = getattr(endpoint, field)
            ports[f"{taken}_{name}_ready"] = endpoint.ready
        for name in AXIL_IN + AXIL_OUT:
            channel = next(prefix for prefix in ("aw", "ar", "w", "b", "r") if name.startswith(prefix))
            field = name[len(channel):]
            signal = getattr(getattr(self.bus, channel), "strb" if field == "strb" else field)
            ports[f"{'i' if name in AXIL_IN else 'o'}_axil_{name}"] = signal
        self.specials += Instance("bpf_litex", **ports)
