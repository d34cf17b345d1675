# SPDX-License-Identifier: Apache-2.0
"""bpf_nic with two compiled programs between models of cocotbext-axi: its AXI4 slave with a memory, AXI4-Lite master, AXI4-Stream source and sink as the MAC. What happened is written down for
nic_check.py, which knows what should have. The plan (NIC_PLAN, JSON) says how many frames."""

import json
import logging
import os
import pickle
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiSlave, AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource, MemoryRegion
from cocotbext.eth import GmiiFrame, GmiiSink, GmiiSource

from nic_host import DMA, NIC, SLOTS, TAP, WINDOW, Host

# Share of the frames, of the clocks in which each channel waits, of interrupts that bring descriptors; nothing may be lost; slots to choose from and clocks between choices;
# POLICY and LIMIT of the slots; the tap is on.
ROUNDS = [
    {"share": 0.35, "pause": 0.0, "greed": 1.0, "lossless": True, "slots": "AB", "clocks": 3000, "policy": 0, "limit": 0xFFFFFFFF, "tap": False},
    {"share": 0.25, "pause": 0.3, "greed": 0.7, "lossless": True, "slots": "AB", "clocks": 2000, "policy": 0, "limit": 0xFFFFFFFF, "tap": False},
    {"share": 0.10, "pause": 0.1, "greed": 1.0, "lossless": True, "slots": "AB", "clocks": 2000, "policy": 0, "limit": 0xFFFFFFFF, "tap": True},
    {"share": 0.10, "pause": 0.1, "greed": 1.0, "lossless": True, "slots": ["A", "B", "none"], "clocks": 1500, "policy": 0x01, "limit": 0xFFFFFFFF, "tap": False},
    {"share": 0.08, "pause": 0.1, "greed": 1.0, "lossless": True, "slots": ["A", "B", "none"], "clocks": 1500, "policy": 0x22, "limit": 20, "tap": False},
    {"share": 0.12, "pause": 0.4, "greed": 0.05, "lossless": False, "slots": "AB", "clocks": 2000, "policy": 0, "limit": 0xFFFFFFFF, "tap": False},
]


class Bench:
    """The models around the NIC."""

    def __init__(self, dut, plan, log2=7):
        self.dut, self.plan, self.chance = dut, plan, random.Random(plan["seed"])
        cocotb.start_soon(Clock(dut.clk, 4, unit="ns").start())
        rx, tx = plan["data_queues"] + 2, plan["tx_queues"]
        self.memory = MemoryRegion(Host.memory_size(rx + tx, log2))
        self.slave = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, target=self.memory)
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        self.gmii = plan.get("wire") == "gmii"
        if self.gmii:
            self.source = GmiiSource(dut.gmii_rxd, dut.gmii_rx_er, dut.gmii_rx_dv, dut.clk, dut.rst)
            self.sink = GmiiSink(dut.gmii_txd, dut.gmii_tx_er, dut.gmii_tx_en, dut.clk, dut.rst)
        else:
            self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis_rx"), dut.clk, dut.rst)
            self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_tx"), dut.clk, dut.rst)
        for model in (self.slave.write_if, self.slave.read_if, self.registers.write_if, self.registers.read_if, self.source, self.sink):
            for part in vars(model).values():
                if isinstance(getattr(part, "log", None), logging.Logger):
                    part.log.setLevel("ERROR")
            model.log.setLevel("ERROR")
        self.source.queue_occupancy_limit_frames = 16
        self.host = Host(dut, self.registers, self.memory.mem, rx, tx, self.chance, log2)
        self.frames = []
        if "frames" in plan:
            with open(plan["frames"], "rb") as file:
                self.frames = pickle.load(file)
        self.sent, self.sending, self.own = 0, False, 0
        self.transmitted, self.updates, self.lossy_from = [], [], None

    def pauses(self, share, obeys=False):
        """A pause generator; it also obeys the MAC's flow control."""
        chance = random.Random(self.chance.getrandbits(32))
        while True:
            yield chance.random() < share or (obeys and int(self.dut.crowded.value) == 1)

    def pause(self, share, lossless):
        """All channels that the NIC has to wait for, and the MAC."""
        write, read = self.slave.write_if, self.slave.read_if
        wire = () if self.gmii else (self.sink,)
        for channel in (write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel, *wire):
            channel.clear_pause_generator()
            channel.pause = False
            if share:
                channel.set_pause_generator(self.pauses(share))
        if not self.gmii:
            self.source.set_pause_generator(self.pauses(0.05 if lossless else 0.35, lossless))

    async def collect(self):
        """What leaves by the port."""
        while True:
            frame = await self.sink.recv(compact=True)
            if self.gmii:
                assert frame.check_fcs() and frame.error is None, "a frame on the wire has a wrong checksum"
                self.transmitted.append(bytes(frame.get_payload()))
            else:
                self.transmitted.append(bytes(frame.tdata))

    async def offer(self, count):
        """Frames from the MAC, some of them bad."""
        for payload, user in self.frames[self.sent:self.sent + count]:
            if not self.gmii:
                await self.source.send(AxiStreamFrame(payload, tuser=user))
                continue
            while int(self.dut.crowded.value):
                await ClockCycles(self.dut.clk, 50)
            frame = GmiiFrame.from_payload(payload)
            if user >> 16:
                # A bit of the frame or of its checksum, or an error that the PHY has seen.
                place = self.chance.randrange(8, len(frame.data))
                if self.chance.random() < 0.7:
                    frame.data[place] ^= 1 << self.chance.randrange(8)
                else:
                    frame.error = [int(n == place) for n in range(len(frame.data))]
            await self.source.send(frame)
        await self.source.wait()
        self.sent += count

    async def send_own(self):
        """The host's own frames, now and then."""
        while self.sending:
            queue = self.chance.choice(self.host.tx)
            batch = []
            for _ in range(min(queue.room, self.chance.randrange(1, 9))):
                self.own += 1
                batch.append(b"\xfe\xed" + self.own.to_bytes(4, "big") + self.chance.randbytes(self.chance.randrange(54, 600)))
            await self.host.post(queue, batch)
            await ClockCycles(self.dut.clk, self.chance.randrange(100, 1500))

    async def switch(self, setting):
        """Other slots at random moments; once the rules of A are changed while B runs."""
        # In short runs more often: some ten switches in a round.
        most = max(150, min(setting["clocks"], round(self.plan["packets"] * setting["share"] / 2)))
        while self.sending:
            await ClockCycles(self.dut.clk, self.chance.randrange(most // 10, most))
            await self.host.select(self.chance.choice(list(setting["slots"])))

    async def change_rules(self):
        """While B runs, A is empty: its rules are other ones from its next frame on."""
        await self.host.select("B")
        taken = await self.host.read(SLOTS + 0x40)
        rules = {}
        for index in self.chance.sample(range(8), 3):
            value = bytes([self.chance.choice([10, 192, 198, 203]), 0, 0, 0, 255, 0, 0, 0, self.chance.choice([1, 2, 3, 2]), 0, 0, 0])
            await self.host.entry("A", self.plan["maps"]["prefix_rules"], index, value)
            rules[index] = value.hex()
        self.updates.append((taken, rules))
        await self.host.select("A")

    async def look(self):
        """Map entries are read through both windows all the time: each is whole. Now and then a queue gets descriptors without an interrupt: an empty one has none."""
        before = {}
        while self.sending:
            slot, name, size = self.chance.choice([("A", "hits", 16), ("B", "seen", 8)])
            index = self.chance.randrange(13 if slot == "A" else 8)
            value = int.from_bytes((await self.host.entry(slot, self.plan["maps"][name], index, size=size))[:8], "little")
            assert value >= before.get((slot, index), 0), f"slot {slot}: counter {index} goes back"
            before[(slot, index)] = value
            self.host.lookups += 1
            if self.chance.random() < 0.2 and self.host.greed > 0.1:
                await self.host.post(self.chance.choice(self.host.rx))
            await ClockCycles(self.dut.clk, self.chance.randrange(100, 1000))

    async def quiet(self):
        """Until nothing has come for a while."""
        before, calm = None, 0
        while calm < 6:
            await ClockCycles(self.dut.clk, 500)
            for queue in self.host.rx + self.host.tx:
                self.host.reap(queue)
                if not queue.transmits:
                    await self.host.post(queue)
            now = (len(self.transmitted), [queue.reaped for queue in self.host.rx + self.host.tx])
            calm = calm + 1 if now == before else 0
            before = now

    async def progress(self):
        """A line in progress.log now and then, for who waits."""
        with open("progress.log", "w", encoding="utf-8", buffering=1) as file:
            while True:
                await ClockCycles(self.dut.clk, 5000)
                file.write(f"{int(get_sim_time('ns')) // 4} clocks, {self.sent} sent, {self.source.count()} to send, {len(self.transmitted)} left by the port, "
                           f"{[queue.reaped for queue in self.host.rx + self.host.tx]} completions, {self.host.switches} switches, {self.host.lookups} lookups\n")

    async def round(self, setting):
        """One setting."""
        host, share = self.host, round(self.plan["packets"] * setting["share"])
        self.pause(setting["pause"], setting["lossless"])
        host.greed = setting["greed"]
        for queue in host.rx:
            await host.control(queue, setting["lossless"])
        for base in WINDOW.values():
            await host.write(base + 0x30, int(setting["lossless"]))
        await host.write(SLOTS + 0x10, setting["policy"])
        await host.write(SLOTS + 0x14, setting["limit"])
        await host.write(TAP + 0x0C, 0xF0 | int(setting["tap"]))
        if not setting["lossless"]:
            self.lossy_from = await host.read(NIC + 0x2C)
        self.sending = True
        tasks = [cocotb.start_soon(task) for task in (self.send_own(), self.switch(setting), self.look())]
        offering = cocotb.start_soon(self.offer(share))
        await offering
        self.sending = False
        for task in tasks:
            await task
        await host.select("A")
        await self.quiet()
        await host.write(TAP + 0x0C, 0xF0)
        if setting["slots"] == "AB":
            await self.change_rules()

    async def counters(self):
        """Everything that the NIC counts."""
        host, found = self.host, {}
        for name, offset in (("rx_bad", 0x20), ("rx_size", 0x24), ("rx_full", 0x28), ("rx_frames", 0x2C), ("no_port", 0x30), ("to_host", 0x34), ("records", 0x38),
                             ("tx_frames", 0x3C), ("tx_host", 0x40)):
            found[name] = await host.read(NIC + offset)
        for name, offset in (("last", 0x18), ("switches", 0x1C), ("late", 0x20), ("passed", 0x24), ("dropped", 0x28), ("waited", 0x2C), ("frames_a", 0x40), ("frames_b", 0x44),
                             ("verdicts_a", 0x48), ("verdicts_b", 0x4C)):
            found[name] = await host.read(SLOTS + offset)
        for slot, base in WINDOW.items():
            for number, name in enumerate(["rx", "rx_bytes", "aborted", "aborted_bytes", "drop", "drop_bytes", "pass", "pass_bytes", "tx", "tx_bytes", "redirect", "redirect_bytes",
                                           "pass_lost", "tx_lost", "stall", "cycles", "redirect_lost", "no_target", "events", "events_lost"]):
                found[f"{slot}_{name}"] = await host.read64(base + 0x100 + 8 * number)
        for queue in host.rx:
            found[f"queue_{queue.number}_dropped"] = await host.read(queue.page + 0x28)
        found["dma_errors"] = await host.read64(DMA + 0x40 + 8 * 5) + await host.read64(DMA + 0x40 + 8 * 8)
        found["dma_stopped"] = await host.read64(DMA + 0x40 + 8 * 3)
        for point in range(4):
            found[f"tap_{point}"] = await host.read(TAP + 0x40 + 4 * point)
            found[f"tap_{point}_lost"] = await host.read(TAP + 0x60 + 4 * point)
        return found


async def begin(dut, log2=7):
    """The plan, and the models around a NIC that was reset."""
    with open(os.environ["NIC_PLAN"], encoding="utf-8") as file:
        plan = json.load(file)
    dut.rst.value = 1
    bench = Bench(dut, plan, log2)
    await ClockCycles(dut.clk, 10)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 10)
    return plan, bench, bench.host


@cocotb.test()
async def nic_with_two_programs(dut):
    """All of it."""
    with open(os.environ["NIC_PLAN"], encoding="utf-8") as file:
        packets = json.load(file)["packets"]
    # Short runs have short rings, so that they go round often.
    plan, bench, host = await begin(dut, 7 if packets < 10000 else 10)
    assert [await host.read(base) for base in (NIC, TAP, SLOTS, DMA, 0, 0x20000)] == [0x4232484E, 0x42325450, 0x4232534C, 0x42324844, 0x42324831, 0x42324831]
    assert await host.read(0x40000) == 0 and await host.read(0x1E000) == 0
    for slot, number, index, value in plan["preload"]:
        await host.entry(slot, number, index, bytes.fromhex(value))
    await host.write(NIC + 0x0C, 1)
    await host.write(TAP + 0x10, 96)
    await host.write(DMA + 0x14, 0xFFFFFFFF)
    for queue in host.rx + host.tx:
        await host.start(queue)
    for queue in host.rx:
        await host.post(queue)
    cocotb.start_soon(bench.collect())
    cocotb.start_soon(host.serve())
    cocotb.start_soon(bench.progress())
    for setting in ROUNDS:
        await bench.round(setting)
    found = await bench.counters()
    maps = {"hits": [(await host.entry("A", plan["maps"]["hits"], index, size=16)).hex() for index in range(13)],
            "seen": [(await host.entry("B", plan["maps"]["seen"], index, size=8)).hex() for index in range(8)]}
    result = {"counters": found, "maps": maps, "received": [queue.got for queue in host.rx], "own": [queue.got for queue in host.tx], "transmitted": bench.transmitted,
              "own_reaped": [queue.reaped for queue in host.tx], "updates": bench.updates, "lossy_from": bench.lossy_from, "sent": bench.sent, "interrupts": host.interrupts, "lookups": host.lookups,
              "selected": host.switches, "clocks": int(get_sim_time("ns")) // 4}
    with open(plan["result"], "wb") as file:
        pickle.dump(result, file)
