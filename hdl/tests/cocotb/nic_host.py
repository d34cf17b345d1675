# SPDX-License-Identifier: Apache-2.0
"""The host's side of bpf_nic (docs/src/nic.md): rings of the DMA in the memory of cocotbext-axi's slave, slots, and the windows to their maps, over its AXI4-Lite master."""

from cocotb.triggers import ClockCycles, Lock, RisingEdge

NIC, TAP, SLOTS, DMA = 0x10000, 0x11000, 0x12000, 0x30000
WINDOW = {"A": 0x00000, "B": 0x20000}
SELECT = {"none": 0, "A": 1, "B": 2}
PLACE = 2048            # bytes for each buffer
ROOM = 1792             # of it that a descriptor gives


class Queue:
    """One queue: indices, what came by it or what it is to send."""

    def __init__(self, number, transmits, base, log2):
        self.number, self.transmits, self.log2, self.size = number, transmits, log2, 1 << log2
        self.page = DMA + (0x2000 if transmits else 0x1000) + 0x40 * number
        self.ring, self.completions, self.buffers = base, base + 16 * self.size, base + 0x1000 + 24 * self.size
        self.bit = 1 << (number + (16 if transmits else 0))
        self.produced = self.reaped = 0
        self.slots = [None] * self.size
        self.got = []       # received: completion, bytes; sent: bytes, in the order of their descriptors

    @property
    def room(self):
        """Descriptors that can be posted."""
        return self.size - (self.produced - self.reaped)


class Host:
    """All of it."""

    def __init__(self, dut, registers, memory, rx_queues, tx_queues, chance, log2=7):
        self.dut, self.registers, self.memory, self.chance = dut, registers, memory, chance
        size = self.queue_bytes(log2)
        self.rx = [Queue(n, False, 0x10000 + n * size, log2) for n in range(rx_queues)]
        self.tx = [Queue(n, True, 0x10000 + (rx_queues + n) * size, log2) for n in range(tx_queues)]
        self.windows = {"A": Lock(), "B": Lock()}
        self.greed, self.offset = 1.0, 64
        self.interrupts = self.switches = self.lookups = 0

    @staticmethod
    def queue_bytes(log2):
        """Bytes that the rings and buffers of a queue take."""
        return 0x2000 + (24 + PLACE << log2)

    @classmethod
    def memory_size(cls, queues, log2=7):
        """Bytes that the rings and buffers of so many queues take."""
        return 0x10000 + queues * cls.queue_bytes(log2)

    async def read(self, address):
        """A register."""
        return await self.registers.read_dword(address)

    async def write(self, address, value):
        """A register."""
        await self.registers.write_dword(address, value)

    async def read64(self, address):
        """A counter of 64 bits."""
        low = await self.read(address)
        return await self.read(address + 4) << 32 | low

    # ---- queues ----
    async def start(self, queue):
        """Sets a queue up."""
        self.memory[queue.completions:queue.completions + 8 * queue.size] = bytes(8 * queue.size)
        for offset, value in ((0x08, queue.ring), (0x0C, 0), (0x10, queue.completions), (0x14, 0), (0x20, self.chance.choice([1, 8, 20]) << 16 | 2)):
            await self.write(queue.page + offset, value)
        await self.control(queue, True)

    async def control(self, queue, waits):
        """Whether frames wait for descriptors."""
        await self.write(queue.page, queue.log2 << 8 | (2 if waits else 0) | 1)

    async def post(self, queue, payloads=None):
        """Descriptors with empty buffers, as many as there is room for; or these frames to send."""
        before = queue.produced
        for payload in payloads if queue.transmits else range(queue.room):
            index = queue.produced % queue.size
            address = queue.buffers + PLACE * index + self.chance.randrange(self.offset)
            size = len(payload) if queue.transmits else ROOM
            if queue.transmits:
                self.memory[address:address + size] = payload
                queue.got.append(payload)
            at = queue.ring + 16 * index
            self.memory[at:at + 16] = address.to_bytes(8, "little") + size.to_bytes(2, "little") + bytes(6)
            queue.slots[index] = (address, size)
            queue.produced += 1
        if queue.produced != before:
            await self.write(queue.page + 0x18, queue.produced & 0xFFFF)

    def reap(self, queue):
        """Completions that are in memory."""
        while queue.reaped < queue.produced:
            at = queue.completions + 8 * (queue.reaped % queue.size)
            word = int.from_bytes(self.memory[at:at + 8], "little")
            if (word >> 31 & 1) != (queue.reaped // queue.size + 1) % 2:
                break
            assert not word >> 25 & 3, f"queue {queue.number}: completion {word:#x} of a frame that is cut or wrong"
            address, size = queue.slots[queue.reaped % queue.size]
            if queue.transmits:
                assert word & 0xFFFF == size
            else:
                queue.got.append((word, bytes(self.memory[address:address + (word & 0xFFFF)])))
            queue.reaped += 1

    async def serve(self):
        """Completions are only looked for when an interrupt says so; then there are new descriptors, or with little greed not."""
        while True:
            if not int(self.dut.irq.value):
                await RisingEdge(self.dut.irq)
            await RisingEdge(self.dut.clk)
            pending = await self.read(DMA + 0x10)
            await self.write(DMA + 0x10, pending)
            self.interrupts += 1
            for queue in self.rx + self.tx:
                if pending & queue.bit:
                    self.reap(queue)
                    if not queue.transmits and self.chance.random() < self.greed:
                        await self.post(queue)

    # ---- slots and maps ----
    async def select(self, slot):
        """A switch, to its end."""
        await self.write(SLOTS + 0x08, SELECT[slot])
        while not await self.read(SLOTS + 0x0C) & 4:
            await ClockCycles(self.dut.clk, 10)
        self.switches += 1

    async def entry(self, slot, number, index, value=None, size=8):
        """Reads entry `index` of a map in a slot's core, or writes it."""
        base = WINDOW[slot]
        async with self.windows[slot]:
            await self.write(base + 0x400, number)
            await self.write(base + 0x404, index)
            if value is not None:
                for at in range(0, len(value), 4):
                    await self.write(base + 0x1000 + at, int.from_bytes(value[at:at + 4], "little"))
            await self.write(base + 0x408, 1 if value is None else 2)
            while await self.read(base + 0x40C) & 1:
                pass
            assert not await self.read(base + 0x40C) & 2, f"slot {slot}: no entry {index} in map {number}"
            if value is None:
                words = [await self.read(base + 0x1000 + at) for at in range(0, size, 4)]
                return b"".join(word.to_bytes(4, "little") for word in words)
        return None
