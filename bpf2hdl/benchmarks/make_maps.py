#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the map files of the benchmark programs into a folder: `make_maps.py DIR` gives DIR/<program>.json, always the same bytes.
The traffic in each benchmark.json is made for them."""

import ipaddress
import json
import os
import struct
import sys

ROUTER_MAC = bytes.fromhex("0200000000aa")
GATEWAY_MAC = bytes.fromhex("0200000000bb")
TCP, UDP = 6, 17
AF_INET, AF_INET6 = 2, 10


def ip(text):
    """An address in network order."""
    return ipaddress.ip_address(text).packed


def wide(text):
    """An address in the first bytes of 16."""
    return ip(text).ljust(16, b"\0")


def port(number):
    """A port in network order."""
    return struct.pack("!H", number)


def u32(*numbers):
    """Native words."""
    return struct.pack(f"<{len(numbers)}I", *numbers)


def rxq_info():
    """Interface 1, pass, swap the addresses."""
    return {"config_map": [(u32(0), u32(2, 1, 3))]}


def redirect_map():
    """Port 0 of the map is interface 1."""
    return {"tx_port": [(u32(0), u32(1))]}


def simple_firewall():
    """Flows that are open already: 10.0.0.0..63 to 192.0.2.1."""
    return {"flows": [(ip(f"10.0.0.{n}") + ip("192.0.2.1") + port(4000) + port(53) + u32(UDP), u32(1)) for n in range(64)]}


ROUTES = [("0.0.0.0/0", 0), ("10.0.0.0/8", 1), ("10.1.0.0/16", 2), ("10.1.2.0/24", 3), ("172.16.0.0/12", 1), ("192.0.2.0/24", 2),
          ("192.0.2.64/26", 0), ("192.0.2.77/32", 3)]


def macs(number):
    """Destination and source of a next hop."""
    return ROUTER_MAC[:5] + bytes([number]) + GATEWAY_MAC[:5] + bytes([number])


def router_ipv4():
    """Eight routes over four ports."""
    routes = []
    for prefix, number in ROUTES:
        net = ipaddress.IPv4Network(prefix)
        routes.append((u32(net.prefixlen) + net.network_address.packed, u32(number) + macs(number)))
    return {"routes": routes, "ports": [(u32(number), u32(1)) for number in range(4)]}


def router_array():
    """The same routes in an array."""
    routes = []
    for index, (prefix, number) in enumerate(ROUTES):
        net = ipaddress.IPv4Network(prefix)
        routes.append((u32(index), net.network_address.packed + net.netmask.packed + macs(number) + u32(net.prefixlen + 1)))
    return {"routes": routes}


def tx_iptunnel():
    """Sixteen IPv4 and sixteen IPv6 services."""
    entries = []
    for n in range(16):
        key = wide("192.0.2.1") + port(8000 + n) + struct.pack("<H", AF_INET) + bytes([UDP, 0, 0, 0])
        entries.append((key, wide("198.51.100.1") + wide(f"203.0.113.{n + 1}") + struct.pack("<H", AF_INET) + ROUTER_MAC))
        key = ip("2001:db8::1") + port(8000 + n) + struct.pack("<H", AF_INET6) + bytes([TCP, 0, 0, 0])
        entries.append((key, ip("2001:db8:1::1") + ip(f"2001:db8:2::{n + 1:x}") + struct.pack("<H", AF_INET6) + ROUTER_MAC))
    return {"vip2tnl": entries}


def dnat():
    """Two services with eight backends each."""
    services = [(ip("192.0.2.1") + port(80) + struct.pack("<H", TCP), u32(0)), (ip("192.0.2.1") + port(53) + struct.pack("<H", UDP), u32(1))]
    backends = [(u32(n), ip(f"10.9.{n // 8}.{n % 8 + 1}") + port(8080) + b"\0\0") for n in range(16)]
    return {"services": services, "backends": backends}


def per_cpu(value):
    """A value of one processor."""
    return [{"cpu": 0, "value": hex_bytes(value)}]


def ids_bypass():
    """Flows that are bypassed: 10.0.0.0..63."""
    flows = []
    for n in range(64):
        key = ip(f"10.0.0.{n}") + ip("192.0.2.1") + port(4000) + port(443) + bytes([TCP, 0]) + struct.pack("<H", 0)
        flows.append((key, per_cpu(bytes(16))))
    key = ip("2001:db8::5") + ip("2001:db8::1") + port(4000) + port(53) + bytes([UDP, 0]) + struct.pack("<H", 0)
    return {"flow_table_v4": flows, "flow_table_v6": [(key, per_cpu(bytes(16)))]}


def l2_acl():
    """Sixteen stations; every second may send IPv4 only."""
    rules = []
    for n in range(16):
        for vlan in (0, 10):
            key = bytes([2, 0, 0, 0, 0, 2 + n]) + struct.pack("<H", vlan)
            rules.append((key, u32(15 if n % 2 else 1, 0) + bytes(16)))
    return {"acl": rules}


def suricata_filter():
    """Eight flows are bypassed; two workers."""
    flows = []
    for n in range(8):
        ports = struct.pack("<I", (int.from_bytes(port(4000), "little") << 16) | int.from_bytes(port(443), "little"))
        flows.append((wide(f"10.0.0.{n}") + wide("192.0.2.1") + ports + struct.pack("<HH", TCP, 0), bytes(16)))
    return {"bypassed": flows, "worker_count": [(u32(0), u32(2))], "workers": [(u32(0), u32(0)), (u32(1), u32(1))],
            "cpus": [(u32(0), u32(2048)), (u32(1), u32(2048))]}


def katran():
    """Four virtual addresses, eight backends, their rings in blocks."""
    vips = [(wide("192.0.2.1") + port(80) + struct.pack("<H", TCP), u32(0, 0)),
            (wide("192.0.2.1") + port(443) + struct.pack("<H", UDP), u32(4, 1)),
            (ip("2001:db8::1") + port(80) + struct.pack("<H", TCP), u32(0, 2)),
            (wide("192.0.2.2") + port(53) + struct.pack("<H", UDP), u32(2, 3))]
    reals = [(u32(n), wide(f"10.9.0.{n}") + u32(0)) for n in range(1, 9)]
    reals += [(u32(n), ip(f"2001:db8:9::{n:x}") + u32(1)) for n in range(9, 13)]
    rings = [(u32(vip * 4093 + slot), u32(1 + (slot * 7 + vip) % 8 if vip != 2 else 9 + slot % 4)) for vip in range(4) for slot in range(4093)]
    ids = [(u32(n), u32(1 + n % 8)) for n in range(64)]
    control = [(u32(0), ROUTER_MAC + b"\0\0" + ip("10.200.0.0") + ip("2001:db8:ffff::"))]
    return {"vip_map": vips, "rings": rings, "reals": reals, "server_ids": ids, "control": control}


MAPS = [rxq_info, redirect_map, simple_firewall, router_ipv4, router_array, tx_iptunnel, dnat, ids_bypass, l2_acl, suricata_filter, katran]


def hex_bytes(data):
    """Bytes as map files write them."""
    return [f"0x{byte:02x}" for byte in data]


def line(key, value):
    """One entry."""
    key = json.dumps(hex_bytes(key))
    if isinstance(value, bytes):
        return f'    {{"key": {key}, "value": {json.dumps(hex_bytes(value))}}}'
    return f'    {{"key": {key}, "values": {json.dumps(value)}}}'


def main(folder):
    """Writes all."""
    os.makedirs(folder, exist_ok=True)
    for make in MAPS:
        tables = [f'  "{name}": [\n' + ",\n".join(line(key, value) for key, value in entries) + "\n  ]"
                  for name, entries in make().items()]
        with open(os.path.join(folder, make.__name__ + ".json"), "w", encoding="utf-8") as out:
            out.write("{\n" + ",\n".join(tables) + "\n}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_maps.py DIR")
    main(sys.argv[1])
