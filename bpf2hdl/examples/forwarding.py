# SPDX-License-Identifier: Apache-2.0
"""Frames and map contents of the examples that route, encapsulate, rewrite and answer."""

import ipaddress
import struct

from frames import (ARP, GRE, ICMP, ICMP6, IPV4, IPV6, TCP, UDP, VLAN_C, VLAN_S, checksum, entry, ethernet, gre, hex_bytes, icmp, ipv4,
                    ipv6, key_entry, mac, tcp, udp)

CLIENTS4 = ["198.51.100.7", "203.0.113.5", "10.1.2.3", "172.16.9.9", "100.64.0.1"]
CLIENT6 = "2001:db8:1:2::3"
OWN4, OWN6 = ["192.0.2.10", "192.0.2.11"], ["2001:db8::10", "fe80::10"]
OWN_MAC = "02:00:00:00:00:01"


def packed4(address):
    """Four bytes."""
    return ipaddress.IPv4Address(address).packed


def packed6(address):
    """Sixteen bytes."""
    return ipaddress.IPv6Address(address).packed


def macs(number):
    """Destination and source of next hop `number`."""
    return bytes([2, 0, 0, 0, number, 1, 2, 0, 0, 0, number, 2])


# ---- lpm_router ----

ROUTES4 = {"0.0.0.0/0": 1, "192.0.0.0/16": 2, "192.0.2.0/24": 3, "192.0.2.10/32": 4, "198.51.100.0/25": 5, "198.51.100.128/25": 0,
           "10.0.0.0/8": 6}
ROUTES6 = {"2001:db8::/32": 1, "2001:db8:1::/48": 2, "2001:db8:1:2::/64": 3, "2001:db8:1:2::3/128": 4, "2001:db8:dead::/48": 0}


def routed4(n):
    """To one of the prefixes; the checksum sometimes at its limits, the TTL sometimes at its end."""
    packet = ipv4(n.pick([TCP, UDP, ICMP]), udp(53), n.pick(CLIENTS4),
                  n.pick(["192.0.2.10", "192.0.2.11", "192.0.3.1", "198.51.100.9", "198.51.100.200", "10.9.8.7", "8.8.8.8"]),
                  options=n.pick([0, 0, 0, 1, 10]), ttl=n.pick([64, 64, 255, 2, 1, 0]))
    if n.below(4) == 0:
        packet = packet[:10] + n.pick([b"\x00\x00", b"\xff\xff", b"\xfe\xff", b"\xff\x00", b"\xfe\xfe"]) + packet[12:]
    return ethernet(IPV4, packet)


def routed6(n):
    """To one of the prefixes, or without a route."""
    packet = ipv6(n.pick([TCP, UDP, ICMP6, 0]), udp(53), CLIENT6,
                  n.pick(["2001:db8::10", "2001:db8:1::1", "2001:db8:1:2::9", "2001:db8:1:2::3", "2001:db8:dead::1", "2001:db9::1"]))
    hops = n.pick([64, 64, 255, 2, 1, 0])
    return ethernet(IPV6, packet[:7] + bytes([hops]) + packet[8:])


def lpm_router_maps():
    """Routes, the next hops behind them, one of them a black hole."""
    def prefix(text, index):
        net = ipaddress.ip_network(text)
        return key_entry(struct.pack("<I", net.prefixlen) + net.network_address.packed, struct.pack("<I", index))

    return {"routes4": [prefix(text, index) for text, index in ROUTES4.items()],
            "routes6": [prefix(text, index) for text, index in ROUTES6.items()],
            "next_hops": [entry(index, struct.pack("<I", 20 + index) + macs(index)) for index in range(1, 7)]}


# ---- ipip and gre ----

NETWORKS4 = ["192.0.2.0", "192.0.5.0"]
ENDS = {"203.0.113.77": None, "198.51.100.200": 0x01020304}  # the other ends of tunnels, with their GRE keys
LOCAL = "192.0.2.1"


def to_tunnel(n):
    """To a network behind a tunnel."""
    packet = ipv4(n.pick([TCP, UDP]), udp(53) + b"\0" * 12, n.pick(CLIENTS4), n.pick(["192.0.2.10", "192.0.5.9", "192.0.5.9", "192.0.9.9"]),
                  options=n.pick([0, 0, 2]), ttl=n.pick([64, 255, 2, 1]), fragment=n.pick([0, 0x4000]))
    return ethernet(IPV4, packet)


def to_tunnel6(n):
    """The same over IPv6."""
    return ethernet(IPV6, ipv6(n.pick([TCP, UDP]), udp(53), CLIENT6, n.pick(["2001:db8::10", "2001:db8:5::9", "2001:db9::1"])))


def from_ipip(n):
    """From the other end of a tunnel, or from nobody, sometimes with options or a fragment."""
    inner = ipv4(UDP, udp(53), n.pick(CLIENTS4), "192.0.2.10")
    packet = ipv4(4, inner, n.pick([*ENDS, *ENDS, "8.8.8.8"]), LOCAL, options=n.pick([0, 0, 0, 1, 5, 10]),
                  fragment=n.pick([0, 0, 0, 0x4000, 0x2000]))
    return ethernet(IPV4, packet)


def from_gre(n):
    """From the other end of a tunnel, with its key or another one, with a sequence number, with what is left to the host."""
    inner = n.pick([(IPV4, ipv4(UDP, udp(53), n.pick(CLIENTS4), "192.0.2.10")), (IPV6, ipv6(UDP, udp(53), CLIENT6)), (0x6558, b"\0" * 40)])
    end = n.pick([*ENDS, *ENDS, "8.8.8.8"])
    key = n.pick([ENDS.get(end), ENDS.get(end), ENDS.get(end), 5, None])
    packet = gre(*inner, key=key, sequence=n.pick([None, None, 7]), flags=n.pick([0, 0, 0, 0, 0x8000, 0x0001]))
    return ethernet(IPV4, ipv4(GRE, packet, end, LOCAL, options=n.pick([0, 0, 0, 0, 1])))


def ends():
    """(network, other end, number) of each tunnel."""
    return [(net, end, number) for number, (net, end) in enumerate(zip(NETWORKS4, ENDS), 1)]


def ipip_maps():
    """Two tunnels, both ways."""
    return {"tunnels": [key_entry(packed4(net), packed4(LOCAL) + packed4(end) + macs(number)) for net, end, number in ends()],
            "remotes": [key_entry(packed4(end), bytes(8)) for end in ENDS]}


def gre_maps():
    """Two tunnels, both ways and for both versions of IP, one of them with a key."""
    def tunnel(end, number):
        key = ENDS[end]
        return packed4(LOCAL) + packed4(end) + struct.pack("!I", key or 0) + struct.pack("<H", key is not None) + macs(number) + bytes(2)

    network6 = {1: "2001:db8::", 2: "2001:db8:5::"}
    tunnels = [key_entry(packed4(net) + bytes(4) + struct.pack("!HH", IPV4, 0), tunnel(end, number)) for net, end, number in ends()]
    tunnels += [key_entry(packed6(network6[number])[:8] + struct.pack("!HH", IPV6, 0), tunnel(end, number)) for _, end, number in ends()]
    remotes = [key_entry(packed4(end), struct.pack("!I", key or 0) + struct.pack("<IQ", key is not None, 0)) for end, key in ENDS.items()]
    return {"tunnels": tunnels, "remotes": remotes}


# ---- vlan and qinq ----

def tagged(n):
    """With tags that rules know, one or two, or none; numbers with a priority now and then."""
    number = n.pick([0, 1, 10, 20, 30, 40, 100, 200, 4095]) | n.pick([0, 0, 0x2000, 0xE000, 0x1000])
    vlans = n.pick([(), ((VLAN_C, number),), ((VLAN_C, number),), ((VLAN_C, number), (VLAN_C, 7)), ((VLAN_S, number),),
                    ((VLAN_S, number), (VLAN_C, 7))])
    return ethernet(IPV4, ipv4(UDP, udp(53), n.pick(CLIENTS4)), vlans=vlans)


def vlan_maps():
    """A rule of each kind."""
    rules = {0: (1, 0x200A, 0), 10: (2, 0, 11), 20: (3, 21, 12), 30: (3, 31, 0), 40: (4, 0, 0), 100: (1, 7, 13), 200: (2, 0, 0), 4095: (9, 0, 0)}
    return {"rules": [entry(number, struct.pack("<HHI", *rule)) for number, rule in rules.items()]}


def qinq_maps():
    """Customers' VLANs and the services that carry them."""
    customers, services = {0: 200, 1: 100, 10: 100, 20: 30}, {100: 0, 30: 0, 200: 1, 1: 1}
    return {"customers": [key_entry(struct.pack("<H", vlan), struct.pack("<H", service)) for vlan, service in customers.items()],
            "services": [key_entry(struct.pack("<H", service), struct.pack("<IIQ", untagged, 0, 0))
                         for service, untagged in services.items()]}


# ---- dnat ----

SERVICE, SERVICE_PORT, BACKEND_NETWORK, BACKEND_PORT = "192.0.2.80", 80, "10.0.0.", 8080
KNOWN_CLIENT = "100.64.0.9"


def segment(protocol, source, dest, check):
    """TCP or UDP with some checksum."""
    packed = struct.pack("!H", check)
    if protocol == TCP:
        whole = tcp(dest, source, flags=0x10)
        return whole[:16] + packed + whole[18:]
    return udp(dest, source)[:6] + packed


def known_connection(n):
    """Of a connection that the table already has: towards the service or the answer."""
    protocol, port = n.pick([TCP, UDP]), 40000 + n.below(16)
    check = n.pick([0, 0xFFFF, 0x1234, 0xABCD])
    if n.below(2):
        return ethernet(IPV4, ipv4(protocol, segment(protocol, port, SERVICE_PORT, check), KNOWN_CLIENT, SERVICE))
    return ethernet(IPV4, ipv4(protocol, segment(protocol, BACKEND_PORT, port, check), BACKEND_NETWORK + str(port % 16), KNOWN_CLIENT))


def new_connection(n):
    """A client that is not in the table, or an answer to it; to a backend that is not there, too."""
    protocol, port, client = n.pick([TCP, UDP]), 50000 + n.below(8), n.pick(CLIENTS4)
    check = n.pick([0, 0xFFFF, 0x1234])
    if n.below(3):
        return ethernet(IPV4, ipv4(protocol, segment(protocol, port, n.pick([SERVICE_PORT, SERVICE_PORT, 81]), check), client, SERVICE))
    return ethernet(IPV4, ipv4(protocol, segment(protocol, BACKEND_PORT, port, check), BACKEND_NETWORK + str(n.below(16)), client))


def dnat_maps():
    """A service with fourteen backends in sixteen places, and the connections of one client."""
    services, backends, connections = [], [], []
    for number, protocol in enumerate((TCP, UDP)):
        services.append(key_entry(packed4(SERVICE) + struct.pack("!H", SERVICE_PORT) + struct.pack("<H", protocol), struct.pack("<I", number)))
        for place in range(14):
            backends.append(entry(16 * number + place, packed4(BACKEND_NETWORK + str(place)) + struct.pack("!HH", BACKEND_PORT, 0)))
        for port in range(40000, 40016):
            backend = packed4(BACKEND_NETWORK + str(port % 16))
            there, back = packed4(KNOWN_CLIENT) + packed4(SERVICE), backend + packed4(KNOWN_CLIENT)
            connections.append(key_entry(there + struct.pack("!HH", port, SERVICE_PORT) + struct.pack("<I", protocol),
                                         backend + struct.pack("!H", BACKEND_PORT) + struct.pack("<H", 0)))
            connections.append(key_entry(back + struct.pack("!HH", BACKEND_PORT, port) + struct.pack("<I", protocol),
                                         packed4(SERVICE) + struct.pack("!H", SERVICE_PORT) + struct.pack("<H", 1)))
    return {"services": services, "backends": backends, "connections": connections}


# ---- responder ----

def arp_request(n):
    """Who has one of our addresses, or somebody else's; answers and odd lengths as well."""
    target = n.pick([*OWN4, *OWN4, "192.0.2.99"])
    head = struct.pack("!HHBBH", n.pick([1, 1, 1, 6]), IPV4, 6, n.pick([4, 4, 4, 16]), n.pick([1, 1, 1, 2]))
    return ethernet(ARP, head + mac("02:00:00:00:00:02") + packed4(n.pick(CLIENTS4)) + bytes(6) + packed4(target), dst=n.pick(["ff:ff:ff:ff:ff:ff", OWN_MAC]))


def echo_request(n):
    """To one of our addresses; types, codes and fragments that are not answered."""
    message = icmp(n.pick([8, 8, 8, 8, 0, 3]), n.pick([0, 0, 0, 1]), struct.pack("!HH", n.below(65536), n.below(65536)) + b"ping" * 4)
    if n.below(4) == 0:
        message = message[:2] + n.pick([b"\x00\x00", b"\xff\xff", b"\xf7\xff", b"\xf8\x00"]) + message[4:]
    return ethernet(IPV4, ipv4(ICMP, message, n.pick(CLIENTS4), n.pick([*OWN4, *OWN4, "192.0.2.99"]), options=n.pick([0, 0, 0, 1, 10]),
                               fragment=n.pick([0, 0, 0, 0, 0x2000, 0x4000])))


def echo_request6(n):
    """The same over IPv6."""
    message = icmp(n.pick([128, 128, 128, 129]), n.pick([0, 0, 0, 1]), struct.pack("!HH", 1, n.below(65536)) + b"ping" * 4)
    return ethernet(IPV6, ipv6(n.pick([ICMP6, ICMP6, ICMP6, UDP]), message, CLIENT6, n.pick([*OWN6, "2001:db8::99"])))


def solicitation(n):
    """Who has one of our IPv6 addresses; with another option, through a router, and for duplicate address detection, too."""
    message = icmp(135, 0, bytes(4) + packed6(n.pick([*OWN6, *OWN6, "2001:db8::99"])) + n.pick([b"\1\1", b"\1\1", b"\1\1", b"\2\1"]) + mac("02:00:00:00:00:02"))
    packet = ipv6(ICMP6, message, n.pick([CLIENT6, CLIENT6, CLIENT6, "::"]), "ff02::1:ff00:10")
    return ethernet(IPV6, packet[:7] + bytes([n.pick([255, 255, 255, 64])]) + packet[8:], dst="33:33:ff:00:00:10")


def responder_maps():
    """Our addresses."""
    return {"addresses4": [key_entry(packed4(address), mac(OWN_MAC)) for address in OWN4],
            "addresses6": [key_entry(packed6(address), mac(OWN_MAC)) for address in OWN6]}


# ---- syn_cookie ----

SECRETS = [(0x01234567, 0x89ABCDEF), (0xDEADBEEF, 0x0BADF00D)]
MASK = 0xFFFFFFFF


def rotate(value, by):
    """Of 32 bits, to the left."""
    return (value << by | value >> (32 - by)) & MASK


def sip_round(v):
    """One round of HalfSipHash on v[0..3]."""
    v[0] = (v[0] + v[1]) & MASK
    v[1] = rotate(v[1], 5) ^ v[0]
    v[0] = rotate(v[0], 16)
    v[2] = (v[2] + v[3]) & MASK
    v[3] = rotate(v[3], 8) ^ v[2]
    v[0] = (v[0] + v[3]) & MASK
    v[3] = rotate(v[3], 7) ^ v[0]
    v[2] = (v[2] + v[1]) & MASK
    v[1] = rotate(v[1], 13) ^ v[2]
    v[2] = rotate(v[2], 16)


def cookie(client, server, source, dest, sequence, which):
    """What syn_cookie.c answers a SYN with."""
    key = SECRETS[which]
    v = [key[0], key[1], key[0] ^ 0x6C796765, key[1] ^ 0x74656462]
    raw = struct.unpack("<HH", struct.pack("!HH", source, dest))
    words = [*struct.unpack("<II", packed4(client) + packed4(server)), raw[0] << 16 | raw[1], sequence]
    for word in [*words, 16 << 24]:
        v[3] ^= word
        sip_round(v)
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(3):
        sip_round(v)
    return (v[1] ^ v[3]) & ~1 | which


def opening(n):
    """A SYN, or the ACK that a client answers the SYN-ACK with: its cookie, of both secrets, or something else."""
    client = "100.64." + str(n.below(4)) + "." + str(n.below(256))
    server, source, dest, sequence = "192.0.2.80", 40000 + n.below(16), n.pick([80, 443]), n.below(65536) << 16 | n.below(65536)
    if n.below(4):
        start = tcp(dest, source, flags=n.pick([0x02, 0x02, 0x02, 0xC2, 0x12, 0x04]))
        whole = start[:4] + struct.pack("!I", sequence) + start[8:12] + bytes([0x80]) + start[13:] + b"\x02\x04\x05\xb4" + b"\x01" * 8
    else:
        answer = cookie(client, server, source, dest, sequence, n.below(2)) ^ n.pick([0, 0, 0, 0x100])
        start = tcp(dest, source, flags=n.pick([0x10, 0x10, 0x10, 0x18, 0x14, 0x11]))
        whole = start[:4] + struct.pack("!II", (sequence + 1) & MASK, (answer + 1) & MASK) + start[12:]
    return ethernet(IPV4, ipv4(TCP, whole, client, server, options=n.pick([0] * 9 + [1]), fragment=n.pick([0x4000] * 9 + [0x2000])))


def syn_cookie_maps():
    """Two secrets."""
    return {"secrets": [entry(index, struct.pack("<II", *secret)) for index, secret in enumerate(SECRETS)]}


# ---- too_big ----

def long4(n):
    """TCP, UDP or ICMP that must not be fragmented, or may be; fitted to its frame, it is as long as that."""
    packet = ipv4(n.pick([TCP, UDP, UDP, ICMP]), udp(53), n.pick([*CLIENTS4, "0.0.0.0"]), "192.0.9.9", options=n.pick([0, 0, 1, 10]),
                  fragment=n.pick([0x4000, 0x4000, 0x4000, 0, 0x4001]))
    return ethernet(IPV4, packet)


def long6(n):
    """The same over IPv6."""
    return ethernet(IPV6, ipv6(n.pick([TCP, UDP, UDP, ICMP6]), udp(53), n.pick([CLIENT6, CLIENT6, "ff02::1"])))


OWN_SHAPES = {"lpm_router": [routed4, routed4, routed6] * 3, "ipip": [to_tunnel, from_ipip] * 5, "gre": [to_tunnel, to_tunnel6, from_gre, from_gre] * 3,
              "vlan": [tagged] * 9, "qinq": [tagged] * 9, "dnat": [known_connection, new_connection, new_connection] * 4,
              "responder": [arp_request, echo_request, echo_request6, solicitation] * 3, "syn_cookie": [opening] * 9, "too_big": [long4, long6] * 12}
# What a flood of one size is made of.
MAIN_SHAPES = {**OWN_SHAPES, "dnat": [known_connection]}
# Examples whose own frames are IP packets as long as the frame.
FITTED = {"too_big", "lpm_router", "ipip", "gre", "syn_cookie", "dnat"}
MAPS = {"lpm_router": lpm_router_maps, "ipip": ipip_maps, "gre": gre_maps, "vlan": vlan_maps, "qinq": qinq_maps, "dnat": dnat_maps,
        "responder": responder_maps, "syn_cookie": syn_cookie_maps}
