# SPDX-License-Identifier: Apache-2.0
"""A board at its RGMII pins: frames of a capture in at port 0, damaged ones between them, other frames in at port 1 at the same time; what comes out of both
ports, the maps' preload and the counters through the serial line or, with WIRE_HOST=udp, datagrams among the frames of port 0. `run.py` makes the expectation with `bpf2hdl sim`."""

import json
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Timer
from cocotbext.eth import GmiiFrame, RgmiiSink, RgmiiSource

from serial_line import SerialLine
from udp_line import UdpLine

PLAN = os.environ.get("WIRE_PLAN", "")
UDP = os.environ.get("WIRE_HOST") == "udp"
BOARD_MAC, BOARD_IP = bytes.fromhex("0200c0a80164"), bytes([192, 168, 1, 100])
OWN = 0x8000  # the board's own registers


def damaged(frame, kind, chance):
    """A frame that no receiver may take: a wrong bit, the PHY's error flag, cut short, too long."""
    wire = GmiiFrame.from_payload(frame)
    body = list(wire.data)
    error = [0] * len(body)
    if kind == 0:
        body[8 + chance.randrange(len(body) - 8)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        error[8 + chance.randrange(len(body) - 8)] = 1
    elif kind == 2:
        body, error = body[:8 + 40], error[:8 + 40]
    else:
        return GmiiFrame.from_payload(frame.ljust(1537, b"\0"))
    return GmiiFrame(body, error)


async def preload(line, plan):
    """The contents of arrays and hash maps."""
    for entry in plan["preload"]:
        await line.write(0x0400, entry["map"])
        key, value = bytes.fromhex(entry["key"]), bytes.fromhex(entry["value"])
        await line.write_bytes(0x1000, value)
        if entry["hash"]:
            await line.write_bytes(0x0800, key)
            await line.command(5)
        else:
            await line.write(0x0404, int.from_bytes(key, "little"))
            await line.command(2)


async def receive(sink, frames, line):
    """Puts what leaves a port into the list, for ever; answers to the host are the line's."""
    while True:
        frame = await sink.recv()
        assert frame.check_fcs(), "a frame with a wrong checksum left the board"
        assert not any(frame.error or [0]), "a frame with an error left the board"
        payload = bytes(frame.get_payload())
        if UDP and line.is_answer(payload):
            line.answers.put_nowait(payload)
        else:
            frames.append(payload)


async def settle(frames, counts):
    """Until each port has had so many frames and was silent for a while, or was silent for long."""
    silent, before = 0, [0, 0]
    while silent < 200 and all(len(found) < count + 1 for found, count in zip(frames, counts)):
        now = [len(found) for found in frames]
        silent, before = (silent + 1 if now == before else 0), now
        if now == counts and silent > 20:
            break
        await Timer(1, unit="us")


def check(port, found, *streams):
    """What left a port is a mixture of the streams, each in its order."""
    streams = [[bytes.fromhex(frame) for frame in stream] for stream in streams]
    places = {tuple([0] * len(streams))}
    for number, frame in enumerate(found):
        # All ways to have got here; two streams may hold equal frames.
        places = {tuple(at + (i == s) for i, at in enumerate(place)) for place in places for s, stream in enumerate(streams)
                  if place[s] < len(stream) and stream[place[s]] == frame}
        assert places, f"port {port}: frame {number} of {len(frame)} bytes was not expected there: {frame[:40].hex()}"
    ends = tuple(len(stream) for stream in streams)
    assert ends in places, f"port {port}: {len(found)} frames came, {sum(ends)} were expected"


@cocotb.test()
async def at_the_pins(dut):
    """All of it."""
    with open(PLAN, encoding="utf-8") as file:
        plan = json.load(file)
    chance = random.Random(plan["seed"])
    for signal in (dut.eth0_rxd, dut.eth1_rxd, dut.eth0_rx_ctl, dut.eth1_rx_ctl, dut.osc):
        signal.value = 0
    # The PHYs' clocks are not the board's: 60 ppm faster, 60 ppm slower.
    cocotb.start_soon(Clock(dut.eth0_rx_clk, 7998, unit="ps").start())
    cocotb.start_soon(Clock(dut.eth1_rx_clk, 8002, unit="ps").start())
    sources = [RgmiiSource(dut.eth0_rxd, dut.eth0_rx_ctl, dut.eth0_rx_clk), RgmiiSource(dut.eth1_rxd, dut.eth1_rx_ctl, dut.eth1_rx_clk)]
    sinks = [RgmiiSink(dut.eth0_txd, dut.eth0_tx_ctl, dut.eth0_tx_clk), RgmiiSink(dut.eth1_txd, dut.eth1_tx_ctl, dut.eth1_tx_clk)]
    line = UdpLine(sources[0], BOARD_MAC, BOARD_IP) if UDP else SerialLine(dut.uart_rxd, dut.uart_txd, 16 * plan["core_ps"])
    found = [[], []]
    for sink, frames in zip(sinks, found):
        cocotb.start_soon(receive(sink, frames, line))
    await Timer(2, unit="us")

    assert await line.read(0x0000) == 0x42324831
    assert await line.read(OWN) == 0x42324257
    while await line.read(0x0034) & 2:
        pass
    await preload(line, plan)
    bad = [0, 0]
    for port, frames in enumerate(plan["in"]):
        for number, frame in enumerate(bytes.fromhex(text) for text in frames):
            if number % 4 == 1:
                sources[port].send_nowait(damaged(frame, number // 4 % 4, chance))
                bad[port] += 1
            sources[port].send_nowait(GmiiFrame.from_payload(frame))
    expected = plan["out"]
    counts = [len(expected["tx"][0]) + len(expected["pass"][1]), len(expected["tx"][1]) + len(expected["pass"][0])]
    if UDP:
        # The host goes on while frames pass: its datagrams wait behind those of the port.
        for _ in range(20):
            assert await line.read(OWN) == 0x42324257
    await settle(found, counts)
    for port in (0, 1):
        check(port, found[port], expected["tx"][port], expected["pass"][1 - port])

    for port in (0, 1):
        own, host = [], []
        for i in range(5):
            # A request counts as received when it is read, its answer when it has left.
            host.append([0, 0, 0, 0, 0] if port or not UDP else [line.sent + 1, 0, 0, line.sent, 0])
            own.append(await line.read(OWN + 0x10 + 0x20 * port + 4 * i))
        wanted = [len(plan["in"][port]), bad[port], 0, counts[port], 0]
        wanted = [count + host[i][i] for i, count in enumerate(wanted)]
        assert own == wanted, f"port {port}: counters {own}, {wanted} were expected"
    core = {name: await line.read(0x0100 + 8 * number) for number, name in plan["counters"]}
    wanted = {name: plan["actions"][name] for _, name in plan["counters"]}
    assert core == wanted, f"counters {core}, {wanted} were expected"
    dut._log.info("%d frames in, %d damaged ones between them, %d and %d out: as expected", sum(map(len, plan["in"])), sum(bad), *counts)
