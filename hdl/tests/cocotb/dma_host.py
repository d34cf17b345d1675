# SPDX-License-Identifier: Apache-2.0
"""The host's side of bpf_dma (docs/src/dma.md): rings in the memory of cocotbext-axi's slave, registers over its AXI4-Lite master, interrupts; and what must
become of each frame."""

from collections import deque

from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge

RING_LOG2 = 7
RING = 1 << RING_LOG2
LONGEST = 9216
PLACE = 12288           # bytes for each buffer, of which it uses some
GUARD = 64              # bytes before and behind it that must stay
OUTSIDE = 1 << 40       # the memory answers with SLVERR from here on
STATUS_DESCRIPTOR, STATUS_DATA, STATUS_BAD = 1 << 8, 1 << 9, 1 << 11


class Queue:
    """One queue: indices, its descriptors, and the frames that it owes (received ones) or that it will send."""

    def __init__(self, number, transmits, base):
        self.number, self.transmits = number, transmits
        self.page = (0x2000 if transmits else 0x1000) + 0x40 * number
        self.ring, self.completions, self.buffers = base, base + 16 * RING, base + 0x2000
        self.bit = 1 << (number + (16 if transmits else 0))
        self.produced = self.reaped = self.frames = 0
        self.slots = [None] * RING
        self.owed = deque()         # frames that were offered to a receive queue and have no completion yet
        self.running = self.bad_ring = False

    @property
    def room(self):
        """Descriptors that can be posted."""
        return RING - (self.produced - self.reaped)


class Host:
    """All queues of both directions."""

    def __init__(self, dut, registers, memory, queues, chance):
        self.dut, self.registers, self.memory, self.chance = dut, registers, memory, chance
        size = 0x2000 + PLACE * RING
        self.rx = [Queue(n, False, 0x10000 + n * size) for n in range(queues)]
        self.tx = [Queue(n, True, 0x10000 + (queues + n) * size) for n in range(queues)]
        self.leaving = [deque() for _ in range(queues)]
        self.number = 0
        self.count = dict.fromkeys(["received", "bytes", "cut", "dropped", "rx_error", "sent", "sent_bytes", "tx_error", "resets", "faults", "interrupts"], 0)

    @staticmethod
    def memory_size(queues):
        """Bytes that the rings and buffers of so many queues of each direction take."""
        return 0x10000 + 2 * queues * (0x2000 + PLACE * RING)

    async def read(self, address):
        """A register."""
        return await self.registers.read_dword(address)

    async def write(self, address, value):
        """A register."""
        await self.registers.write_dword(address, value)

    async def start(self, queue, waits, bad_ring=False):
        """Sets an idle queue up; with bad_ring its descriptors are where the bus answers with an error."""
        assert await self.read(queue.page + 4) & 0x3 == 2, "a queue that is to be started is not idle"
        self.memory[queue.completions:queue.completions + 8 * RING] = bytes(8 * RING)
        await self.write(queue.page + 0x08, queue.ring)
        await self.write(queue.page + 0x0C, OUTSIDE >> 32 if bad_ring else 0)
        await self.write(queue.page + 0x10, queue.completions)
        await self.write(queue.page + 0x14, 0)
        await self.write(queue.page + 0x20, self.chance.choice([1, 8, 20, 60]) << 16 | self.chance.choice([0, 1, 4]))
        await self.write(queue.page, RING_LOG2 << 8 | (2 if waits else 0) | 1)
        assert await self.read(queue.page + 4) == 1
        queue.produced = queue.reaped = 0
        queue.slots = [None] * RING
        queue.running, queue.bad_ring = True, bad_ring

    async def stop(self, queue):
        """Until no access is under way; all that was due is taken, what was not used is the host's again."""
        queue.running = False
        await self.write(queue.page, 0)
        while not await self.read(queue.page + 4) & 2:
            pass
        self.reap(queue)
        assert await self.read(queue.page + 0x1C) == queue.reaped & 0xFFFF, "CONSUMER of an idle queue"
        if queue.transmits:
            # What was posted and not taken does not leave.
            for index in range(queue.reaped, queue.produced):
                slot = queue.slots[index % RING]
                if slot["frame"]:
                    self.leaving[queue.number].remove(slot["frame"])
        self.count["resets"] += 1

    def describe(self, queue, fault):
        """A new descriptor with its buffer; the frame if it is one to send."""
        index = queue.produced % RING
        base = queue.buffers + PLACE * index
        address = base + GUARD + self.chance.randrange(PLACE - LONGEST - 2 * GUARD)
        slot = {"base": base, "address": address, "fault": fault, "frame": None, "payload": b""}
        if queue.transmits:
            self.number += 1
            payload = self.chance.randbytes(self.size())
            size, user = len(payload), queue.number << 24 | self.number & 0xFFFFFF
            self.memory[address:address + size] = payload
            slot.update(user=user, payload=payload)
            if not fault:
                slot["frame"] = (user, payload)
                self.leaving[queue.number].append(slot["frame"])
        else:
            size, user = self.chance.choice([LONGEST, LONGEST, 2048, 1536, self.chance.randrange(1, 1000)]), self.chance.getrandbits(32)
            self.memory[base:base + PLACE] = b"\xa5" * PLACE
        slot["size"] = size
        if fault == "data":
            address += OUTSIDE
        elif fault == "bad":
            size = 0
        at = queue.ring + 16 * index
        self.memory[at:at + 16] = address.to_bytes(8, "little") + size.to_bytes(2, "little") + bytes(2) + user.to_bytes(4, "little")
        queue.slots[index] = slot
        queue.produced += 1

    def size(self):
        """Bytes of a frame: most like on a wire, some long, some as short as can be."""
        kind = self.chance.random()
        if kind < 0.5:
            return self.chance.randrange(60, 257)
        if kind < 0.97:
            return self.chance.randrange(60, 1515)
        return self.chance.randrange(1, LONGEST + 1)

    async def post(self, queue, count, faults):
        """So many descriptors, or as many as there is room for, some of them faulty."""
        for _ in range(min(count, queue.room)):
            fault = self.chance.choice(["data", "bad"]) if self.chance.random() < faults else None
            self.describe(queue, fault)
        await self.write(queue.page + 0x18, queue.produced & 0xFFFF)

    def reap(self, queue):
        """Completions that are in memory; True if one has an error."""
        failed = False
        while queue.reaped < queue.produced:
            at = queue.completions + 8 * (queue.reaped % RING)
            word = int.from_bytes(self.memory[at:at + 8], "little")
            if (word >> 31 & 1) != (queue.reaped // RING + 1) % 2:
                break
            slot = queue.slots[queue.reaped % RING]
            assert word >> 29 & 3 == 0
            assert (word >> 26 & 1) == (slot["fault"] is not None), f"completion {word:#x}, descriptor {slot['fault']}"
            (self.check_sent if queue.transmits else self.check_received)(queue, slot, word)
            failed |= slot["fault"] is not None
            queue.reaped += 1
            queue.frames += 1
        return failed

    def check_sent(self, queue, slot, word):
        """A completion of a frame that was sent."""
        assert word >> 32 == slot["user"], f"queue {queue.number}: completions are not in order"
        assert word & 0xFFFF == (0 if slot["fault"] == "bad" else len(slot["payload"])) and not word >> 16 & 0x3FF
        if slot["fault"]:
            self.count["tx_error"] += 1
        else:
            self.count["sent"] += 1
            self.count["sent_bytes"] += len(slot["payload"])

    def check_received(self, queue, slot, word):
        """A completion of a frame that was received: those before it were dropped."""
        while queue.owed and queue.owed[0]["source"] != word >> 32:
            assert not queue.owed[0]["waits"], "a frame was dropped although its queue waits"
            queue.owed.popleft()
            self.count["dropped"] += 1
        assert queue.owed, f"queue {queue.number}: completion {word:#x} is of no frame"
        frame = queue.owed.popleft()
        size = min(len(frame["payload"]), slot["size"])
        wanted = 0 if slot["fault"] == "bad" else size
        assert word & 0xFFFF == wanted and word >> 16 & 0x1FF == frame["flags"] and word >> 27 & 3 == frame["id"]
        if slot["fault"]:
            self.count["rx_error"] += 1
            return
        assert word >> 25 & 1 == (size < len(frame["payload"]))
        at = slot["address"] - slot["base"]
        buffer = self.memory[slot["base"]:slot["base"] + PLACE]
        assert buffer[at:at + size] == frame["payload"][:size], f"queue {queue.number}: bytes of a frame of {size} at {slot['address']:#x}"
        assert buffer[:at].count(0xA5) == at and buffer[at + size:].count(0xA5) == PLACE - at - size, "bytes beside a frame were written"
        self.count["received"] += 1
        self.count["bytes"] += size
        self.count["cut"] += size < len(frame["payload"])

    async def recover(self, queue, waits, fault):
        """A queue that has stopped: its reason, then a reset."""
        status = await self.read(queue.page + 4)
        assert not status & 1, "a queue runs after an error"
        reasons = STATUS_DESCRIPTOR if fault == "ring" else STATUS_DATA | STATUS_BAD
        assert status & reasons and not status & 0x1F00 & ~reasons, f"status {status:#x} after {fault}"
        self.count["faults"] += 1
        await self.stop(queue)
        await self.start(queue, waits)

    async def serve_interrupts(self, waits, lock):
        """Completions are only looked for when an interrupt says so."""
        while True:
            await ReadOnly()
            high = int(self.dut.irq.value)
            if not high:
                await RisingEdge(self.dut.irq)
            await RisingEdge(self.dut.clk)
            async with lock:
                pending = await self.read(0x10)
                await self.write(0x10, pending)
                self.count["interrupts"] += 1
                for queue in self.rx + self.tx:
                    if pending & queue.bit and queue.running:
                        failed = self.reap(queue)
                        if failed or queue.bad_ring:
                            await self.recover(queue, waits, "ring" if queue.bad_ring else "data")
            await ClockCycles(self.dut.clk, 2)
