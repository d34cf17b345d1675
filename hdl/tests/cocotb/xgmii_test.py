# SPDX-License-Identifier: Apache-2.0
"""bpf_xgmii_rx and bpf_xgmii_tx between the source and the sink of cocotbext-eth: frames of every size at both alignments, some of them damaged on the wire; a sender that is late, frames that are bad.
The test reads the wire itself, too: places of /S/ and /T/, gaps and their average."""

import json
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.eth import XgmiiFrame, XgmiiSink, XgmiiSource

START, TERMINATE, IDLE, ERROR = 0xFB, 0xFD, 0x07, 0xFE


class Wire:
    """What stands on the sending side, byte by byte: gaps, alignments, control characters in frames."""

    def __init__(self, dut):
        self.dut, self.gaps, self.starts, self.errors, self.strange = dut, [], [0] * 8, 0, 0
        cocotb.start_soon(self.watch())

    async def watch(self):
        """Follows it."""
        gap, inside = None, False
        while True:
            await RisingEdge(self.dut.clk)
            if int(self.dut.rst.value):
                continue
            data, control = int(self.dut.xgmii_txd.value).to_bytes(8, "little"), int(self.dut.xgmii_txc.value)
            for lane in range(8):
                byte, special = data[lane], control >> lane & 1
                if inside and special and byte == TERMINATE:
                    inside, gap = False, 1
                elif inside and special:
                    self.errors += byte == ERROR
                    self.strange += byte != ERROR
                elif not inside and special and byte == START:
                    inside = True
                    self.starts[lane] += 1
                    if gap is not None:
                        self.gaps.append(gap)
                elif not inside:
                    self.strange += not (special and byte == IDLE)
                    gap = None if gap is None else gap + 1


def damage(frame, chance):
    """A bit of the frame or its checksum, an /E/, an idle or a /S/ in the midst, a frame that is too short or too long."""
    kind = chance.randrange(4)
    place = chance.randrange(8, len(frame.data))
    if kind == 0:
        frame.data[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        frame.data[place], frame.ctrl = chance.choice([ERROR, IDLE, START]), [int(n == place) for n in range(len(frame.data))]
    elif kind == 2:
        payload = chance.randbytes(chance.randrange(1, 60))
        frame = XgmiiFrame.from_payload(payload, min_len=0)
    else:
        frame = XgmiiFrame.from_payload(chance.randbytes(chance.randrange(1537, 1700)))
    return frame


async def begin(dut):
    """Models and a reset."""
    cocotb.start_soon(Clock(dut.clk, 6, unit="ns").start())
    source, sink = XgmiiSource(dut.xgmii_rxd, dut.xgmii_rxc, dut.clk, dut.rst), XgmiiSink(dut.xgmii_txd, dut.xgmii_txc, dut.clk, dut.rst)
    for model in (source, sink):
        model.log.setLevel("ERROR")
    dut.hold.value = 0
    dut.fault.value = 0
    dut.rst.value = 1
    await ClockCycles(dut.clk, 5)
    dut.rst.value = 0
    return source, sink


async def settle(dut, source):
    """Until everything has left."""
    await source.wait()
    await ClockCycles(dut.clk, 4000)


@cocotb.test()
async def frames_both_ways(dut):
    """Random frames, a tenth of them damaged, gaps of 5 to 40 bytes, both alignments: the good ones come whole and in order, the others are counted; then every size back to back."""
    with open(os.environ["XGMII_PLAN"], encoding="utf-8") as file:
        plan = json.load(file)
    chance = random.Random(plan["seed"])
    source, sink = await begin(dut)
    wire, want, bad = Wire(dut), [], 0
    for number in range(plan["frames"]):
        payload = number.to_bytes(4, "little") + chance.randbytes((chance.randrange(56, 120) if chance.random() < 0.8 else chance.randrange(56, 1533)))
        frame = XgmiiFrame.from_payload(payload)
        if chance.random() < 0.1:
            frame = damage(frame, chance)
            bad += 1
        else:
            want.append(payload)
        source.ifg = chance.choice([12, 12, 5, chance.randrange(5, 41)])
        source.force_offset_start = chance.random() < 0.2
        source.enable_dic = chance.random() < 0.8
        await source.send(frame)
        if source.count() > 4:
            await source.wait()
        if number % 50 == 49:
            dut.hold.value = int(chance.random() < 0.5)
            await ClockCycles(dut.clk, 20)
            dut.hold.value = 0
    await settle(dut, source)
    got = []
    while not sink.empty():
        frame = sink.recv_nowait()
        assert frame.check_fcs() and not any(frame.ctrl or []), "a frame on the wire has a wrong checksum or an error"
        got.append(bytes(frame.get_payload()))
    assert got == want, f"{len(got)} frames have come, not {len(want)}"
    assert (int(dut.good.value), int(dut.bad.value), int(dut.full.value), int(dut.sent.value)) == (len(want), bad, 0, len(want))
    assert wire.errors == 0 and wire.strange == 0
    assert min(wire.gaps) >= 9 and all(count == 0 for lane, count in enumerate(wire.starts) if lane not in (0, 4)) and wire.starts[0] and wire.starts[4]
    with open(plan["result"], "w", encoding="utf-8") as file:
        json.dump({"frames": plan["frames"], "good": len(want), "damaged": bad, "starts": [wire.starts[0], wire.starts[4]], "least_gap": min(wire.gaps)}, file)


@cocotb.test()
async def gaps_back_to_back(dut):
    """Frames of every size wait: the gap is 12 bytes on average, never less than 9; padding of short ones."""
    with open(os.environ["XGMII_PLAN"], encoding="utf-8") as file:
        plan = json.load(file)
    source, sink = await begin(dut)
    wire = Wire(dut)
    sizes = list(range(60, 140)) * 2
    want = [bytes([size & 255]) * size for size in sizes]
    dut.hold.value = 1
    for payload in want:
        await source.send(XgmiiFrame.from_payload(payload))
    await source.wait()
    await ClockCycles(dut.clk, 20)
    dut.hold.value = 0
    await ClockCycles(dut.clk, 6000)
    got = []
    while not sink.empty():
        got.append(bytes(sink.recv_nowait().get_payload()))
    assert got == want
    average = sum(wire.gaps) / len(wire.gaps)
    deficit, most = 0, 0
    for gap in wire.gaps:
        deficit += 12 - gap
        most = max(most, deficit)
    assert abs(deficit) <= 3 and most <= 3 and min(wire.gaps) >= 9 and max(wire.gaps) <= 15, f"gaps {min(wire.gaps)} to {max(wire.gaps)}, {average} on average"
    assert wire.strange == 0
    with open(plan["result"] + ".gaps", "w", encoding="utf-8") as file:
        json.dump({"frames": len(got), "average_gap": round(average, 3), "gaps": [min(wire.gaps), max(wire.gaps)]}, file)


@cocotb.test()
async def faults_of_the_sender(dut):
    """A word that is late, a frame that is bad at its end: there is an error in it on the wire; others are whole."""
    source, sink = await begin(dut)
    chance, wire, want = random.Random(3), Wire(dut), []
    for number in range(60):
        dut.fault.value = fault = number % 3
        payload = number.to_bytes(4, "little") + chance.randbytes(chance.randrange(56, 300))
        want.append((fault, payload))
        await source.send(XgmiiFrame.from_payload(payload))
        await source.wait()
        await ClockCycles(dut.clk, 40)
        if fault == 1:
            dut.fault.value = 0
        await ClockCycles(dut.clk, 100)
    for fault, payload in want:
        frame = sink.recv_nowait()
        broken = any(frame.ctrl or []) or not frame.check_fcs()
        assert broken == (fault != 0), f"fault {fault}: {frame}"
        assert fault or bytes(frame.get_payload()) == payload
    assert sink.empty() and wire.strange == 0 and wire.errors
    assert int(dut.sent.value) == 20
