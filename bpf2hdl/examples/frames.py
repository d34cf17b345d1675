# SPDX-License-Identifier: Apache-2.0
"""Ethernet frames and pcap files from the Python standard library alone.

Frames are `bytes` without FCS. Addresses are given as text, sizes in bytes. Nothing here is random: the same calls
give the same bytes on every machine.
"""

import ipaddress
import json
import struct

ETH_MIN = 60
ETH_MAX = 1514
VLAN_C = 0x8100
VLAN_S = 0x88A8
IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
TCP, UDP, ICMP, IGMP, GRE, ESP, ICMP6, SCTP = 6, 17, 1, 2, 47, 50, 58, 132

HOST_MAC = "02:00:00:00:00:01"
PEER_MAC = "02:00:00:00:00:02"


class Numbers:
    """A small generator of numbers (Numerical Recipes' LCG), ours so that no Python version changes a capture."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def below(self, limit):
        """A number in 0..limit-1; limit at most 65,536."""
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return ((self.state >> 16) * limit) >> 16

    def pick(self, items):
        """One item of a non-empty list."""
        return items[self.below(len(items))]


def mac(text):
    """The six bytes of aa:bb:cc:dd:ee:ff."""
    return bytes.fromhex(text.replace(":", ""))


def ethernet(ethertype, payload, dst=HOST_MAC, src=PEER_MAC, vlans=()):
    """A frame; `vlans` lists tags from the outside in, as (TPID, VLAN number)."""
    tags = b"".join(struct.pack("!HH", tpid, number) for tpid, number in vlans)
    return mac(dst) + mac(src) + tags + struct.pack("!H", ethertype) + payload


def checksum(data):
    """The Internet checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(protocol, payload, src, dst="192.0.2.10", options=0, fragment=0, ihl=None, ttl=64):
    """An IPv4 packet with `options` words of NOP options; `fragment` is the flags and offset field, `ihl` a lie."""
    words = 5 + options
    addresses = ipaddress.IPv4Address(src).packed + ipaddress.IPv4Address(dst).packed
    head = struct.pack("!BBHHHBBH", 0x40 | (words if ihl is None else ihl), 0, words * 4 + len(payload), 0x1234,
                       fragment, ttl, protocol, 0) + addresses + b"\x01" * (options * 4)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv6(next_header, payload, src, dst="2001:db8::10"):
    """An IPv6 packet."""
    head = struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64)
    return head + ipaddress.IPv6Address(src).packed + ipaddress.IPv6Address(dst).packed + payload


def tcp(dport, sport=40000, flags=0x02):
    """A SYN (or other `flags`) without options. Checksums above IP are left zero: no example looks at them."""
    return struct.pack("!HHIIBBHHH", sport, dport, 1, 0, 0x50, flags, 65535, 0, 0)


def udp(dport, sport=40000, length=8):
    """A UDP header."""
    return struct.pack("!HHHH", sport, dport, length, 0)


def icmp(kind, code, rest):
    """An ICMP or ICMPv6 message; the checksum is that of ICMP."""
    message = struct.pack("!BBH", kind, code, 0) + rest
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def gre(proto, payload, key=None, sequence=None, flags=0):
    """A GRE packet; `flags` are set beside those of what is there."""
    flags |= (0x2000 if key is not None else 0) | (0x1000 if sequence is not None else 0)
    more = b"".join(struct.pack("!I", word) for word in (key, sequence) if word is not None)
    return struct.pack("!HH", flags, proto) + more + payload


def fitted(frame):
    """The frame with the length of its IP packet set to fill it, if it has a whole header."""
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x00" and len(packet) >= 20:
        end = max(20, (packet[0] & 15) * 4)
        head = packet[:2] + struct.pack("!H", len(packet)) + packet[4:10] + b"\0\0" + packet[12:end]
        return frame[:14] + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + packet[end:]
    if kind == b"\x86\xdd" and len(packet) >= 40:
        return frame[:14] + packet[:4] + struct.pack("!H", len(packet) - 40) + packet[6:]
    return frame


def hex_bytes(data):
    """Bytes as map files write them."""
    return [f"0x{byte:02x}" for byte in data]


def key_entry(key, value):
    """One entry of a map file."""
    return {"key": hex_bytes(key), "value": hex_bytes(value)}


def entry(index, value):
    """One array entry of a map file."""
    return key_entry(struct.pack("<I", index), value)


def write_maps(path, maps):
    """A map file, one entry a line, so that a change shows as one."""
    with open(path, "w", encoding="utf-8") as out:
        tables = [f'  "{name}": [\n' + ",\n".join("    " + json.dumps(e) for e in entries) + "\n  ]"
                  for name, entries in maps.items()]
        out.write("{\n" + ",\n".join(tables) + "\n}\n")


def sized(frame, size):
    """The frame cut or filled up to `size` bytes; the filling counts 0, 1, 2, ... so that a shifted byte shows."""
    missing = size - len(frame)
    return frame[:size] if missing <= 0 else frame + bytes(i & 0xFF for i in range(missing))


def write_pcap(path, frames):
    """Writes a little-endian microsecond pcap; packet n is stamped n microseconds."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for index, frame in enumerate(frames):
            out.write(struct.pack("<IIII", index // 1000000, index % 1000000, len(frame), len(frame)) + frame)


def read_pcap(path):
    """The frames of a file that write_pcap wrote."""
    with open(path, "rb") as source:
        data = source.read()
    frames, at = [], 24
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 8)
        frames.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return frames
