# SPDX-License-Identifier: Apache-2.0
"""bpf_dma between models of cocotbext-axi: its AXI4 slave with a memory, AXI4-Lite master, AXI4-Stream source and sink. The plan (DMA_PLAN, JSON) says how many frames."""

import json
import logging
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, Lock
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiSlave, AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource, MemoryRegion

from dma_host import RING, Host

# Share of the clocks in which each channel waits, whether queues wait for descriptors, share of faulty descriptors, resets.
ROUNDS = [
    {"pause": 0.0, "waits": True, "greed": 0.9, "faults": 0.0, "resets": 0.0},
    {"pause": 0.3, "waits": True, "greed": 0.3, "faults": 0.0, "resets": 0.0},
    {"pause": 0.0, "waits": False, "greed": 0.15, "faults": 0.0, "resets": 0.01},
    {"pause": 0.6, "waits": False, "greed": 0.5, "faults": 0.005, "resets": 0.01},
    {"pause": 0.1, "waits": False, "greed": 0.8, "faults": 0.001, "resets": 0.003},
]


def pauses(share, chance):
    """A pause generator."""
    while True:
        yield chance.random() < share


class Bench:
    """The models around the DMA."""

    def __init__(self, dut, plan):
        self.dut, self.chance = dut, random.Random(plan["seed"])
        cocotb.start_soon(Clock(dut.clk, 4, unit="ns").start())
        self.memory = MemoryRegion(Host.memory_size(plan["queues"]))
        self.slave = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, target=self.memory)
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis_rx"), dut.clk, dut.rst)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_tx"), dut.clk, dut.rst)
        for model in (self.slave.write_if, self.slave.read_if, self.registers.write_if, self.registers.read_if, self.source, self.sink):
            for part in vars(model).values():
                if isinstance(getattr(part, "log", None), logging.Logger):
                    part.log.setLevel("ERROR")
            model.log.setLevel("ERROR")
        self.host = Host(dut, self.registers, self.memory.mem, plan["queues"], self.chance)
        self.offered = self.arrived = 0

    def pause(self, share):
        """All channels that the DMA has to wait for."""
        write, read = self.slave.write_if, self.slave.read_if
        for channel in (write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel, self.source, self.sink):
            if share:
                channel.set_pause_generator(pauses(share, random.Random(self.chance.getrandbits(32))))
            else:
                channel.clear_pause_generator()
                channel.pause = False

    async def offer(self, frames, waits):
        """Frames to receive, to queues at random; some to one that is not there."""
        host = self.host
        for _ in range(frames):
            while self.source.count() > 16:
                await ClockCycles(self.dut.clk, 5)
            host.number += 1
            nowhere = not waits and self.chance.random() < 0.01
            queue = self.chance.choice(host.rx)
            frame = {"payload": self.chance.randbytes(host.size()), "source": host.number & 0xFFFFFFFF, "flags": self.chance.getrandbits(9),
                     "id": self.chance.randrange(4), "waits": waits}
            if nowhere:
                host.count["dropped"] += 1
            else:
                queue.owed.append(frame)
            user = frame["source"] << 32 | frame["flags"] << 16 | len(frame["payload"])
            await self.source.send(AxiStreamFrame(frame["payload"], tuser=user, tid=frame["id"], tdest=len(host.rx) + 5 if nowhere else queue.number))
            self.offered += 1

    async def collect(self):
        """Frames that were sent: each queue's in its order, byte for byte."""
        while True:
            frame = await self.sink.recv()
            word = frame.tuser if isinstance(frame.tuser, int) else int(frame.tuser[0])
            payload, queue = bytes(frame.tdata), word >> 40
            assert self.host.leaving[queue], f"queue {queue}: a frame too many"
            user, wanted = self.host.leaving[queue].popleft()
            assert word == user << 16 | len(wanted), f"queue {queue}: frame {word:#x} of {len(payload)} bytes, not {user:#x} of {len(wanted)}"
            assert payload == wanted, f"queue {queue}: bytes of a frame of {len(wanted)}"
            self.arrived += 1

    async def traffic(self, frames, plan):
        """One round in both directions, half of the frames each."""
        host, lock = self.host, Lock()
        self.pause(plan["pause"])
        queues = host.rx + host.tx
        for queue in queues:
            await host.start(queue, plan["waits"])
        helpers = [cocotb.start_soon(host.serve_interrupts(plan["waits"], lock)), cocotb.start_soon(self.offer(frames // 2, plan["waits"]))]
        goal, quiet = host.count["sent"] + frames // 2, 0
        while quiet < 200:
            async with lock:
                queue = self.chance.choice(queues)
                enough = queue.transmits and host.count["sent"] + sum(len(other) for other in host.leaving) >= goal
                if plan["resets"] and self.chance.random() < plan["resets"] and queue.running:
                    await host.stop(queue)
                    await host.start(queue, plan["waits"], self.chance.random() < 0.3)
                if not enough and self.chance.random() < plan["greed"]:
                    await host.post(queue, self.chance.randrange(1, RING + 1), plan["faults"])
            await ClockCycles(self.dut.clk, self.chance.randrange(1, 30))
            busy = host.count["sent"] < goal or not helpers[1].done() or not self.source.empty() or (plan["waits"] and any(queue.owed for queue in host.rx))
            quiet = 0 if busy else quiet + 1
        helpers[0].cancel()
        for queue in queues:
            await host.stop(queue)
        for queue in host.rx:
            assert not (plan["waits"] and queue.owed), "a frame was lost although its queue waits"
            host.count["dropped"] += len(queue.owed)
            queue.owed.clear()
        # Frames that have been read are sent after their queue is idle: all of the buffer, at the sink's pace.
        for _ in range(100):
            await ClockCycles(self.dut.clk, 500)
            if not any(host.leaving):
                break
        assert not any(host.leaving), "a frame did not leave"


async def check_counters(bench):
    """The DMA's counters are the host's."""
    host, count = bench.host, bench.host.count
    assert bench.arrived == count["sent"]
    assert count["received"] + count["dropped"] + count["rx_error"] == bench.offered
    names = {0: "received", 1: "bytes", 4: "cut", 5: "rx_error", 6: "sent", 7: "sent_bytes", 8: "tx_error"}
    found = {}
    for number in range(13):
        low = await host.read(0x40 + 8 * number)
        found[number] = await host.read(0x44 + 8 * number) << 32 | low
    for number, name in names.items():
        assert found[number] == count[name], f"counter {number} is {found[number]}, {name} {count[name]}"
    assert found[2] + found[3] == count["dropped"]
    assert found[12] == count["received"] + count["rx_error"] + count["sent"] + count["tx_error"]
    for queue in host.rx + host.tx:
        assert await host.read(queue.page + 0x24) == queue.frames
    return found


@cocotb.test()
async def frames_both_ways(dut):
    """All of it."""
    with open(os.environ["DMA_PLAN"], encoding="utf-8") as file:
        plan = json.load(file)
    dut.rst.value = 1
    bench = Bench(dut, plan)
    await ClockCycles(dut.clk, 10)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 10)
    cocotb.start_soon(bench.collect())
    assert await bench.host.read(0) == 0x42324844
    await bench.host.write(0x14, 0xFFFFFFFF)
    for setting in ROUNDS:
        await bench.traffic(plan["packets"] // len(ROUNDS), setting)
    found = await check_counters(bench)
    clocks = int(get_sim_time("ns")) // 4
    result = {"clocks": clocks, **bench.host.count, "offered": bench.offered, "descriptors_per_fetch": round(found[10] / found[9], 2),
              "completions_per_burst": round(found[12] / found[11], 2)}
    with open(plan["result"], "w", encoding="utf-8") as file:
        json.dump(result, file)
