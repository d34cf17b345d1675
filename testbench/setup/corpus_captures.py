# SPDX-License-Identifier: Apache-2.0
"""Captures that others took, as traffic for the corpus: the Ethernet frames of a source package's test captures in one file.

Each frame is taken as it was captured, also where the capture cut it: a frame that ends inside a header is traffic, too."""

import glob
import os
import struct

# Link type Ethernet (LINKTYPE_ETHERNET); the upper bits of the field say how many bytes of FCS follow.
ETHERNET = 1
# Bytes that a frame must and may have: an Ethernet header, and what all targets take.
SHORTEST, LONGEST = 14, 1514
ORDERS = {b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">", b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<"}


def frames(path):
    """The frames of a pcap file; none if it is of another link type or format."""
    with open(path, "rb") as file:
        data = file.read()
    order = ORDERS.get(data[:4])
    if order is None or len(data) < 24 or struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF != ETHERNET:
        return
    at = 24
    while at + 16 <= len(data):
        captured = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16 : at + 16 + captured]
        if SHORTEST <= len(frame) <= LONGEST:
            yield frame
        at += 16 + captured


def merge(pattern, most, out):
    """Writes the first MOST frames of each capture that PATTERN finds; returns captures with Ethernet frames and frames."""
    captures, merged = 0, []
    for path in sorted(glob.glob(pattern)):
        found = [frame for frame, _ in zip(frames(path), range(most))]
        captures += bool(found)
        merged += found
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with open(out, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, ETHERNET))
        for number, frame in enumerate(merged):
            file.write(struct.pack("<IIII", 0, number, len(frame), len(frame)) + frame)
    return captures, len(merged)
