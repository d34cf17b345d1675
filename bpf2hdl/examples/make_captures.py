#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the captures and map files of the examples.

  make_captures.py                                  <example>/capture.pcap and maps.json, as committed
  make_captures.py --flood N --size 64 --out DIR    DIR/<example>.pcap: N frames of one size
  make_captures.py --mix N --out DIR                DIR/<example>.pcap: N frames of all kinds and sizes
  make_captures.py --sweep --out DIR                DIR/<example>.pcap: every frame size from 60 to 1514 bytes

Every run writes the same bytes. The shapes below are meant to reach every branch of every example: tags that the
program must look behind, and one more than it does; options of every length; fragments; frames cut in the middle of
each header; other protocols; multicast. Each example aims them at addresses and ports that its maps know.
"""

import argparse
import ipaddress
import os
import struct
import sys

import forwarding
from frames import (ARP, ESP, ETH_MAX, ETH_MIN, GRE, ICMP, ICMP6, IGMP, IPV4, IPV6, SCTP, TCP, UDP, VLAN_C, VLAN_S, Numbers, entry,
                    ethernet, fitted, ipv4, ipv6, mac, sized, tcp, udp, write_maps, write_pcap)

HERE = os.path.dirname(os.path.abspath(__file__))
LLDP, MPLS = 0x88CC, 0x8847
BROADCAST, GROUP4, GROUP6 = "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:fb"
VLAN_STACKS = [(), (), (), (), ((VLAN_C, 10),), ((VLAN_S, 100), (VLAN_C, 10)), ((VLAN_C, 1), (VLAN_C, 2)),
               ((VLAN_S, 1), (VLAN_C, 2), (VLAN_C, 3))]
SIZES = [60, 60, 61, 63, 64, 64, 65, 66, 72, 96, 127, 128, 129, 191, 256, 300, 511, 512, 513, 576, 1000, 1024, 1500, 1514]

# What each example's rules know: sources and ports worth aiming at.
TARGETS = {
    "sources4": ["198.51.100.7", "198.51.100.200", "203.0.113.5", "203.0.113.77", "203.0.113.130", "10.1.2.3",
                 "172.16.9.9", "192.168.1.1", "8.8.8.8", "100.64.0.1"],
    "sources6": ["2001:db8:bad::1", "2001:db8:bad::2", "2001:db8:1:2::3", "fe80::1"],
    "destinations4": ["192.0.2.10", "192.0.2.53", "192.0.3.53", "233.252.0.1"],
    "ports": [22, 53, 53, 80, 443, 8080, 123, 63, 64, 65535, 0, 40000],
}


def l4(n, protocol):
    """The start of a segment of `protocol` to a port of the list."""
    return tcp(n.pick(TARGETS["ports"])) if protocol == TCP else udp(n.pick(TARGETS["ports"]))


def ip4_shape(n):
    """TCP or UDP over IPv4, with any tags and options."""
    protocol = n.pick([TCP, UDP])
    packet = ipv4(protocol, l4(n, protocol), n.pick(TARGETS["sources4"]), n.pick(TARGETS["destinations4"]),
                  options=n.pick([0, 0, 0, 1, 2, 5, 9, 10]))
    return ethernet(IPV4, packet, vlans=n.pick(VLAN_STACKS))


def ip6_shape(n):
    """TCP, UDP, ICMPv6 or an extension header over IPv6."""
    protocol = n.pick([TCP, UDP, UDP, ICMP6, 0, 43, 44])
    packet = ipv6(protocol, l4(n, protocol), n.pick(TARGETS["sources6"]))
    return ethernet(IPV6, packet, vlans=n.pick(VLAN_STACKS))


def other_protocol_shape(n):
    """IPv4 carrying something without ports."""
    packet = ipv4(n.pick([ICMP, IGMP, GRE, ESP, SCTP, 4, 255]), b"\x08\x00" + b"\0" * 14, n.pick(TARGETS["sources4"]))
    return ethernet(IPV4, packet, vlans=n.pick(VLAN_STACKS))


def fragment_shape(n):
    """First, middle and last fragments, and "don't fragment"."""
    fragment = n.pick([0x2000, 0x2001, 0x20B9, 0x00B9, 0x1FFF, 0x4000])
    packet = ipv4(UDP, udp(53), n.pick(TARGETS["sources4"]), n.pick(TARGETS["destinations4"]), fragment=fragment)
    return ethernet(IPV4, packet, vlans=n.pick(VLAN_STACKS[:6]))


def bad_ihl_shape(n):
    """A header length that is impossible, or that leads past the end of a short frame."""
    packet = ipv4(n.pick([TCP, UDP]), udp(53), n.pick(TARGETS["sources4"]), "192.0.2.53", ihl=n.pick([0, 1, 4, 12, 15]))
    return ethernet(IPV4, packet, vlans=n.pick(VLAN_STACKS))


def group_shape(n):
    """To a group or to everyone; sometimes, against the rules, from one."""
    dst = n.pick([BROADCAST, GROUP4, GROUP6])
    src = n.pick(["02:00:00:00:00:02", "02:00:00:00:00:02", "03:00:00:00:00:02"])
    packet = ipv4(UDP, udp(5353), n.pick(TARGETS["sources4"]), "224.0.0.251")
    return ethernet(IPV4, packet, dst=dst, src=src)


def not_ip_shape(n):
    """ARP, LLDP, MPLS, an 802.3 length, an unknown type."""
    return ethernet(n.pick([ARP, LLDP, MPLS, 0x0026, 0x9999]), b"\x00\x01\x08\x00\x06\x04\x00\x01", vlans=n.pick(VLAN_STACKS[:6]))


def closing_shape(n):
    """TCP over IPv4 without options: a SYN, data, a FIN or an RST of one of a few flows."""
    segment = tcp(n.pick(TARGETS["ports"][:3]), flags=n.pick([0x02, 0x10, 0x10, 0x11, 0x14]))
    return ethernet(IPV4, ipv4(TCP, segment, n.pick(TARGETS["sources4"][:4]), "192.0.2.10"))


def routed_shape(n):
    """To a subnet with or without a route; sometimes the TTL has run out, or the checksum is at its limits."""
    packet = ipv4(n.pick([TCP, UDP]), udp(53), n.pick(TARGETS["sources4"]), n.pick(["192.0.2.10", "192.0.5.1", "192.0.5.254", "192.0.9.9"]),
                  options=n.pick([0, 0, 3]), ttl=n.pick([64, 255, 2, 1, 0]))
    if n.below(4) == 0:
        packet = packet[:10] + n.pick([b"\x00\x00", b"\xff\xff", b"\x01\x00", b"\xfe\xff", b"\xff\x00"]) + packet[12:]
    return ethernet(IPV4, packet)


def link_local_shape(n):
    """Spanning tree and LLDP, and groups that only look like them."""
    dst = n.pick(["01:80:c2:00:00:00", "01:80:c2:00:00:0e", "01:80:c2:00:00:10", "01:80:c2:00:01:00"])
    return ethernet(n.pick([LLDP, 0x0026]), b"\x42\x42\x03" + b"\0" * 20, dst=dst)


SHAPES = [ip4_shape, ip4_shape, ip4_shape, ip6_shape, other_protocol_shape, fragment_shape, bad_ihl_shape, group_shape, not_ip_shape]
CUT_SHAPES = [ip4_shape, ip6_shape, fragment_shape, not_ip_shape]


def framed(n, shape, size, fit):
    """A frame of `size` bytes; with `fit` its IP packet fills it."""
    frame = sized(shape(n), size)
    return fitted(frame) if fit else frame


def mixed(count=400, seed=1, own=(), fit=False):
    """The committed capture: every shape, at mixed sizes, and frames cut short at every length from 14 to 59."""
    n = Numbers(seed)
    frames = []
    shapes = [*SHAPES, *own]
    for index in range(count):
        shape = index % len(shapes)
        frame = shapes[shape](n)
        frame = sized(frame, n.pick(SIZES))
        frames.append(fitted(frame) if fit and shape >= len(SHAPES) else frame)
    for size in range(14, ETH_MIN):
        frames.append(CUT_SHAPES[size % len(CUT_SHAPES)](n)[:size])
        frames.append(ip4_shape(n)[:size])
    return frames


def flood(count, size, seed=2, name=""):
    """`count` frames of `size` bytes, of those that the example is for."""
    n, shapes, fit = Numbers(seed), forwarding.MAIN_SHAPES.get(name, SHAPES), name in forwarding.FITTED
    return [framed(n, n.pick(shapes), size, fit) for _ in range(count)]


def natural(count, seed=4, name=""):
    """`count` frames of all kinds and sizes."""
    n, shapes, fit = Numbers(seed), [*SHAPES, *OWN_SHAPES.get(name, ())], name in forwarding.FITTED
    frames = []
    for _ in range(count):
        shape = n.pick(shapes)
        frames.append(framed(n, shape, n.pick(SIZES), fit and shape not in SHAPES))
    return frames


def sweep(seed=3, name=""):
    """One frame of every size that Ethernet allows."""
    n, shapes, fit = Numbers(seed), [*SHAPES, *forwarding.OWN_SHAPES.get(name, ())], name in forwarding.FITTED
    return [framed(n, n.pick(shapes), size, fit) for size in range(ETH_MIN, ETH_MAX + 1)]


def firewall_maps():
    """Rules on five prefixes (two left unused between them) and some open ports."""
    rules = {0: ("198.51.100.0/24", 1), 1: ("203.0.113.0/26", 2), 2: ("203.0.113.64/26", 1), 5: ("10.0.0.0/8", 2),
             7: ("192.168.1.1/32", 3)}
    prefix_rules = []
    for index, (prefix, action) in rules.items():
        net = ipaddress.IPv4Network(prefix)
        prefix_rules.append(entry(index, net.network_address.packed + net.netmask.packed + struct.pack("<I", action)))
    words = {}
    for base, ports in ((0, [22, 80, 443, 8080, 64]), (1024, [53, 123, 63, 65535])):
        for port in ports:
            words[base + port // 64] = words.get(base + port // 64, 0) | 1 << (port % 64)
    open_ports = [entry(word, struct.pack("<Q", bits)) for word, bits in sorted(words.items())]
    return {"prefix_rules": prefix_rules, "open_ports": open_ports}


def mix(value, word):
    """The hash step of ddos_blocklist.c."""
    value = ((value ^ word) * 0x9E3779B1) & 0xFFFFFFFF
    return value ^ (value >> 15)


def blocklist_maps():
    """Three IPv4 addresses and one IPv6 /64 in the bitmap of ddos_blocklist.c."""
    hashes = [mix(0, *struct.unpack("<I", ipaddress.IPv4Address(a).packed))
              for a in ("198.51.100.7", "203.0.113.77", "8.8.8.8")]
    first, second = struct.unpack("<II", ipaddress.IPv6Address("2001:db8:bad::").packed[:8])
    hashes.append(mix(mix(0, first), second))
    words = {}
    for value in hashes:
        bit = value >> 10
        words[bit // 64] = words.get(bit // 64, 0) | 1 << (bit % 64)
    return {"blocklist": [entry(word, struct.pack("<Q", bits)) for word, bits in sorted(words.items())]}


def patch_panel_maps():
    """Interface 1 leads to 7; two of the VLANs in the capture have a port."""
    return {"ports": [entry(1, struct.pack("<I", 7)), entry(7, struct.pack("<I", 1))],
            "vlans": [entry(10, struct.pack("<II", 11, 0)), entry(100, struct.pack("<II", 12, 0))]}


def router_maps():
    """Next hops for 192.0.2.0/24 and 192.0.5.0/24."""
    hops = {2: (21, "02:00:00:00:21:01", "02:00:00:00:21:02"), 5: (25, "02:00:00:00:25:01", "02:00:00:00:25:02")}
    return {"routes": [entry(subnet, struct.pack("<I", port) + mac(dest) + mac(source))
                       for subnet, (port, dest, source) in hops.items()]}


MAPS = {"firewall": firewall_maps, "ddos_blocklist": blocklist_maps, "redirect_map": patch_panel_maps, "router": router_maps,
        **forwarding.MAPS}
EXAMPLES = ["drop_all", "protocol_counter", "firewall", "ddos_blocklist", "mac_swap", "phys_dev_filter", "flow_counter",
            "rate_limiter", "redirect_map", "router", "lpm_router", "ipip", "gre", "vlan", "qinq", "dnat", "responder", "syn_cookie",
            "too_big"]
# Shapes that one example needs beside those of all.
OWN_SHAPES = {"flow_counter": [closing_shape] * 9, "router": [routed_shape] * 3, "redirect_map": [link_local_shape],
              **forwarding.OWN_SHAPES}


def classifier_run_accepts(frame):
    """False for IP frames without a whole IP header: the kernel refuses to test-run a classifier, which is what
    phys_dev programs are loaded as, on those."""
    least = {b"\x08\x00": 34, b"\x86\xdd": 54}.get(frame[12:14], 14)
    return len(frame) >= least


def write_committed():
    """Refreshes what the repository holds."""
    for name in EXAMPLES:
        frames = mixed(seed=1 + EXAMPLES.index(name), own=OWN_SHAPES.get(name, ()), fit=name in forwarding.FITTED)
        if name == "phys_dev_filter":
            frames = [frame for frame in frames if classifier_run_accepts(frame)]
        write_pcap(os.path.join(HERE, name, "capture.pcap"), frames)
        if name in MAPS:
            write_maps(os.path.join(HERE, name, "maps.json"), MAPS[name]())


def generated(args, index, name):
    """The frames of one example that the command line asks for."""
    if args.sweep:
        return sweep(seed=30 + index, name=name)
    if args.mix is not None:
        return natural(args.mix, seed=40 + index, name=name)
    return flood(args.flood, args.size, seed=20 + index, name=name)


def main():
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the captures of the examples.")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--flood", type=int, metavar="N", help="N frames of one size")
    kinds.add_argument("--mix", type=int, metavar="N", help="N frames of all kinds and sizes")
    kinds.add_argument("--sweep", action="store_true", help="every frame size from 60 to 1514 bytes")
    parser.add_argument("--size", type=int, default=64, help="frame size of --flood, bytes without FCS")
    parser.add_argument("--only", action="append", choices=EXAMPLES, metavar="EXAMPLE", help="this example; can be repeated")
    parser.add_argument("--out", metavar="DIR", help="where --flood, --mix and --sweep write")
    args = parser.parse_args()
    if args.flood is None and args.mix is None and not args.sweep:
        write_committed()
        return 0
    if args.out is None:
        parser.error("--out DIR is missing")
    os.makedirs(args.out, exist_ok=True)
    for index, name in enumerate(EXAMPLES):
        if not args.only or name in args.only:
            write_pcap(os.path.join(args.out, name + ".pcap"), generated(args, index, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
