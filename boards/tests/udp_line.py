# SPDX-License-Identifier: Apache-2.0
"""The host's end of a board's datagrams, as frames in simulation: docs/src/udp.md from the other side."""

import struct

from cocotb.queue import Queue
from cocotb.triggers import SimTimeoutError, with_timeout
from cocotbext.eth import GmiiFrame

from host_line import HostLine

HELLO, READ, WRITE = 0, 1, 2
PORT = 45808
HOST_MAC, HOST_IP, HOST_PORT = bytes.fromhex("020000000042"), bytes([192, 168, 1, 2]), 40000


def ones_sum(data):
    """The checksum of IP over these bytes."""
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class UdpLine(HostLine):
    """Registers through frames of a port. Whoever takes the frames that leave that port hands those over for which `is_answer` holds."""

    def __init__(self, source, mac, ip):
        self.source, self.mac, self.ip = source, mac, ip
        self.answers, self.number, self.sent = Queue(), None, 0

    def is_answer(self, frame):
        """A frame of the board's own: from its address to this host's."""
        return frame[6:12] == self.mac and frame[0:6] == HOST_MAC

    async def _send(self, frame):
        self.sent += 1
        self.source.send_nowait(GmiiFrame.from_payload(frame.ljust(60, b"\0")))
        try:
            return await with_timeout(self.answers.get(), 4, "ms")
        except SimTimeoutError as error:
            raise AssertionError("the board does not answer") from error

    async def resolve(self):
        """Asks for the board's MAC address, as any host does first."""
        ask = b"\xff" * 6 + HOST_MAC + bytes.fromhex("0806" "0001" "0800" "0604" "0001") + HOST_MAC + HOST_IP + bytes(6) + self.ip
        answer = await self._send(ask)
        assert answer[12:42] == bytes.fromhex("0806" "0001" "0800" "0604" "0002") + self.mac + self.ip + HOST_MAC + HOST_IP, f"ARP: {answer.hex()}"

    async def _ask(self, op, address, number, data):
        request = struct.pack("<BBHII", 0xA5, op, address, number, data)
        udp = struct.pack(">HHHH", HOST_PORT, PORT, 8 + len(request), 0) + request
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0x4000, 64, 17, 0) + HOST_IP + self.ip
        head = head[:10] + struct.pack(">H", ones_sum(head)) + head[12:]
        answer = await self._send(self.mac + HOST_MAC + b"\x08\x00" + head + udp)
        assert ones_sum(answer[14:34]) == 0 and answer[26:34] == self.ip + HOST_IP, f"IP: {answer.hex()}"
        assert answer[34:38] == struct.pack(">HH", PORT, HOST_PORT), f"UDP: {answer.hex()}"
        mark, status, at, count, value = struct.unpack("<BBHII", answer[42:54])
        assert (mark, status, at, count) == (0x5A, op, address, number), f"answer {answer[42:54].hex()}"
        return value

    async def _access(self, op, address, data):
        if self.number is None:
            await self.resolve()
            self.number = await self._ask(HELLO, 0, 0, 0)
        self.number = (self.number + 1) & 0xFFFF_FFFF
        return await self._ask(op, address, self.number, data)

    async def read(self, address):
        """One register."""
        return await self._access(READ, address, 0)

    async def write(self, address, value):
        """One register."""
        await self._access(WRITE, address, value)
