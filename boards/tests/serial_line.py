# SPDX-License-Identifier: Apache-2.0
"""The host's end of a board's serial line, bit by bit in simulation: docs/src/serial.md from the other side."""

import cocotb
from cocotb.triggers import FallingEdge, First, Timer

from host_line import HostLine

READ, WRITE = 0x01, 0x02


def crc8(data):
    """CRC-8 with x^8 + x^2 + x + 1, from 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
    return crc


class SerialLine(HostLine):
    """Registers through the pins. `bit_ps` is the length of a bit."""

    def __init__(self, to_board, from_board, bit_ps):
        self.to_board, self.from_board, self.bit_ps = to_board, from_board, bit_ps
        to_board.value = 1

    async def _put(self, byte):
        for bit in [0, *(byte >> i & 1 for i in range(8)), 1]:
            self.to_board.value = bit
            await Timer(self.bit_ps, unit="ps")

    async def _get(self):
        timeout = Timer(1000 * self.bit_ps, unit="ps")
        assert await First(FallingEdge(self.from_board), timeout) is not timeout, "the board does not answer"
        await Timer(self.bit_ps * 3 // 2, unit="ps")
        byte = 0
        for i in range(8):
            byte |= int(self.from_board.value) << i
            await Timer(self.bit_ps, unit="ps")
        assert int(self.from_board.value) == 1, "no stop bit"
        return byte

    async def _get_all(self, count):
        return bytes([await self._get() for _ in range(count)])

    async def _access(self, body, data_bytes):
        request = bytes([0xA5]) + body
        # The board may answer in the middle of the last stop bit.
        receiver = cocotb.start_soon(self._get_all(3 + data_bytes))
        for byte in request + bytes([crc8(request)]):
            await self._put(byte)
        answer = await receiver
        assert answer[0] == 0x5A and answer[1] == 0, f"answer {answer.hex()}"
        assert crc8(answer[:-1]) == answer[-1], f"answer {answer.hex()}"
        return answer[2:-1]

    async def read(self, address):
        """One register."""
        return int.from_bytes(await self._access(bytes([READ]) + address.to_bytes(2, "little"), 4), "little")

    async def write(self, address, value):
        """One register."""
        await self._access(bytes([WRITE]) + address.to_bytes(2, "little") + value.to_bytes(4, "little"), 0)
