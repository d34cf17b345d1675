# SPDX-License-Identifier: Apache-2.0
"""What a host does with a board's registers, whatever the line that carries them."""


class HostLine:
    """A line has `read` and `write`, each one register."""

    async def read(self, address):
        """One register."""
        raise NotImplementedError

    async def write(self, address, value):
        """One register."""
        raise NotImplementedError

    async def write_bytes(self, address, data):
        """A window of registers."""
        data = data.ljust(-(-len(data) // 4) * 4, b"\0")
        for at in range(0, len(data), 4):
            await self.write(address + at, int.from_bytes(data[at:at + 4], "little"))

    async def command(self, number):
        """A command to the selected map, until it is done."""
        await self.write(0x0408, number)
        for _ in range(100):
            status = await self.read(0x040C)
            if not status & 1:
                assert not status & 0x1F02, f"map command {number}: status {status:#x}"
                return
        raise AssertionError("a map stays busy")
