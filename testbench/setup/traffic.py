# SPDX-License-Identifier: Apache-2.0
"""Linux's own traffic through a simulated NIC between two network namespaces: DHCP, DNS, HTTP, iperf3, and a flood of numbered datagrams, past a firewall whose
maps are edited and which is exchanged for other programs meanwhile. Ends with a table; the exit code is 1 when a line of it is wrong. Needs root.

  traffic.py [--bytes N] [--seconds N] [--datagrams N] [--loads N]

The client is at the MAC's side: what it sends goes through the program. It has no address until DHCP gives it one. Ports are opened one after the other in the
firewall's map `open_ports`; each service is tried before and after.
"""

import argparse
import hashlib
import http.server
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import campaign
from campaign import BPF2HDL, EXAMPLES_DIR

CTL = os.path.join(os.path.dirname(BPF2HDL), "bpf2hdlctl")
ME = os.path.abspath(__file__)
HOST, PEER = f"b2h-th-{os.getpid()}", f"b2h-tp-{os.getpid()}"
NAME = "traffic"
SERVER = "10.78.0.1"
DATAGRAM_PORT, WEB_PORT, IPERF_PORT = 7000, 8080, 5201
FILE_BYTES = 300_000
TOOLS = {"iperf3": "iperf3", "dnsmasq": "dnsmasq-base", "udhcpc": "udhcpc", "curl": "curl", "ip": "iproute2", "ping": "iputils-ping"}
UDHCPC = '#!/bin/sh\n[ "$1" = bound ] && ip addr add "$ip/$mask" dev "$interface" && echo "$ip"\nexit 0\n'


def find(tool):
    """Its path; daemons are where a user's PATH does not look."""
    return shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin")


# ---- what runs inside a namespace ----

def datagrams(count):
    """The payloads: their number, and filling of many lengths."""
    for number in range(count):
        yield struct.pack(">I", number) + bytes([number & 0xFF]) * (14 + number * 7 % 1380)


def send(count, rate):
    """Numbered datagrams, so many a second; prints how many, and the hash of all."""
    line, digest, begun = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), hashlib.sha256(), time.monotonic()
    for number, payload in enumerate(datagrams(count)):
        delay = begun + number / rate - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        line.sendto(payload, (SERVER, DATAGRAM_PORT))
        digest.update(payload)
    print(json.dumps({"count": count, "hash": digest.hexdigest(), "seconds": time.monotonic() - begun}))


def receive(count):
    """Takes datagrams until all are there or none comes for long; what they were."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    line.bind((SERVER, DATAGRAM_PORT))
    line.settimeout(20)
    print("ready", flush=True)
    numbers, digest = [], hashlib.sha256()
    try:
        while len(numbers) < count:
            payload = line.recv(4096)
            numbers.append(struct.unpack(">I", payload[:4])[0])
            digest.update(payload)
            line.settimeout(5)
    except socket.timeout:
        pass
    reordered = sum(later < earlier for earlier, later in zip(numbers, numbers[1:]))
    print(json.dumps({"count": len(numbers), "hash": digest.hexdigest(), "lost": count - len(set(numbers)), "doubled": len(numbers) - len(set(numbers)),
                      "reordered": reordered}))


def ask(name, seconds):
    """The address that the DNS server gives a name (RFC 1035); exit code 1 without an answer."""
    query = struct.pack(">6H", 0x1234, 0x0100, 1, 0, 0, 0) + b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0\0\1\0\1"
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.settimeout(seconds)
    line.sendto(query, (SERVER, 53))
    try:
        answer = line.recv(512)
    except socket.timeout:
        sys.exit("no answer")
    ident, _, _, answers, _, _ = struct.unpack(">6H", answer[:12])
    if ident != 0x1234 or answers != 1:
        sys.exit("no such name")
    print(".".join(str(byte) for byte in answer[-4:]))


def web(folder):
    """A web server: gives files, and takes what is put, of which it says the hash."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        """Files of the folder."""

        def do_PUT(self):  # pylint: disable=invalid-name
            """Says the hash of what comes."""
            digest = hashlib.sha256(self.rfile.read(int(self.headers["Content-Length"]))).hexdigest().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(digest)))
            self.end_headers()
            self.wfile.write(digest)

        def log_message(self, *_):  # pylint: disable=arguments-differ
            """Nothing."""

    os.chdir(folder)
    server = http.server.ThreadingHTTPServer((SERVER, WEB_PORT), Handler)
    print("ready", flush=True)
    server.serve_forever()


# ---- the campaign ----

class Wrong(Exception):
    """What went wrong, as a sentence."""


def run(command, seconds=120, **options):
    """Runs a command; (status, output)."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, **options)
    except subprocess.TimeoutExpired:
        return 124, f"no end after {seconds} s"
    return done.returncode, done.stdout + done.stderr


def inside(space, *words):
    """A command line in a namespace."""
    return ["ip", "netns", "exec", space, *words]


def helper(space, *words):
    """A function of this file in a namespace."""
    return inside(space, sys.executable, "-B", ME, *words)


class Nic:
    """The simulated NIC with its namespaces, the servers behind it, and the table."""

    def __init__(self, folder, args):
        self.folder, self.args, self.rows, self.servers = folder, args, [], []
        self.environment = {**os.environ, "BPF2HDL": BPF2HDL, "BPF2HDL_RUN": os.path.join(folder, "run")}

    def ctl(self, *words):
        """bpf2hdlctl with JSON."""
        status, said = run([CTL, "-j", *words, "dev", f"sim:{NAME}"], env=self.environment)
        if status:
            raise Wrong(f"bpf2hdlctl {' '.join(words)}: {said.strip()[-300:]}")
        return json.loads(said)

    def row(self, what, expected, found, good):
        """A line of the table."""
        self.rows.append((what, expected, found, good))
        print(f"  {'ok   ' if good else 'WRONG'} {what}: {found}", flush=True)

    def up(self):
        """The firewall between the namespaces; its default is to drop."""
        for space in (HOST, PEER):
            subprocess.run(["ip", "netns", "add", space], check=True)
        program = os.path.join(EXAMPLES_DIR, "firewall", "firewall.c")
        print("  starting the NIC (the first time, its model is built)", flush=True)
        status, said = run([CTL, "sim", "up", NAME, "--prog", program, "--tap", "nic0", "--netns", HOST, "--mac-netns", PEER], 900, env=self.environment)
        if status:
            raise Wrong(f"the NIC does not start: {said.strip()[-500:]}")
        subprocess.run(["ip", "-n", HOST, "addr", "add", f"{SERVER}/24", "dev", "nic0"], check=True)

    def down(self):
        """Everything away."""
        for server in self.servers:
            server.terminate()
            server.wait()
        run([CTL, "sim", "down", NAME], env=self.environment)
        for space in (HOST, PEER):
            run(["ip", "netns", "del", space])

    def serve(self, command, ready=None):
        """Starts a server behind the NIC; waits for its word, if it says one."""
        server = subprocess.Popen(command, stdout=subprocess.PIPE if ready else subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        self.servers.append(server)
        if ready and server.stdout.readline().strip() != ready:
            raise Wrong(f"{command[4]} does not start")
        return server

    def open_port(self, protocol, port):
        """Sets a bit of the firewall's map, and leaves the others."""
        word = (port >> 6) + (1024 if protocol == "udp" else 0)
        old = self.ctl("map", "lookup", "name", "open_ports", "key", f"u32:{word}")["formatted"]["value"]
        self.ctl("map", "update", "name", "open_ports", "key", f"u32:{word}", "value", f"u64:{old | 1 << (port & 63)}")

    def around(self, what, protocol, port, attempt):
        """A service that is tried with its port closed, and open: the second time it works."""
        closed = attempt(True)
        self.row(f"{what}, port closed", "nothing comes through", closed or "nothing came through", closed is None)
        self.open_port(protocol, port)
        opened = attempt(False)
        self.row(f"{what}, port {port} opened", "it works", opened or "nothing came through", opened is not None)

    # ---- services: an attempt returns what was got, None for nothing ----

    def dhcp(self, quick):
        """A lease."""
        script = os.path.join(self.folder, "udhcpc.sh")
        with open(script, "w", encoding="utf-8") as file:
            file.write(UDHCPC)
        os.chmod(script, 0o755)
        status, said = run(inside(PEER, find("udhcpc"), "-i", "nic0-mac", "-f", "-n", "-q", "-t", "2" if quick else "10", "-T", "1", "-A", "1", "-s", script))
        lines = [line for line in said.splitlines() if line.startswith("10.78.0.")]
        return f"lease of {lines[-1]}" if status == 0 and lines else None

    def dns(self, quick):
        """The address of a name."""
        status, said = run(helper(PEER, "ask", "nic.test", "1" if quick else "5"))
        if status == 0 and said.strip() != "10.78.0.99":
            raise Wrong(f"a wrong answer: {said.strip()}")
        return f"nic.test is {said.strip()}" if status == 0 else None

    def http(self, quick):
        """A file there and back."""
        url, path = f"http://{SERVER}:{WEB_PORT}/file", os.path.join(self.folder, "www", "file")
        command = inside(PEER, "curl", "-s", "-f", "--max-time", "2" if quick else "60")
        status, got = run([*command, url, "-o", path + ".got"])
        if status:
            return None
        status, put = run([*command, "-T", path, url])
        whole = [hashlib.sha256(open(name, "rb").read()).hexdigest() for name in (path, path + ".got")]
        if status or whole[0] != whole[1] or put.strip() != whole[0]:
            raise Wrong(f"the file was changed: {whole}, {put.strip()} {got}")
        return f"{FILE_BYTES} bytes there and back, hashes equal"

    def iperf(self, *more):
        """A TCP transfer, of `--bytes` unless it is told how long; what came of it."""
        size = 1 if "-t" in more else self.args.bytes
        length = [] if "-t" in more else ["-n", str(size)]
        status, said = run(inside(PEER, "iperf3", "-c", SERVER, "-J", "--connect-timeout", "5000", *length, *more), 600)
        if status:
            return None
        end = json.loads(said)["end"]
        sent, rate = end["sum_sent"]["bytes"], end["sum_received"]["bits_per_second"] / 1e6
        # The receiver stops to count when the sender is done, whatever is still on its way.
        done = sent >= size and end["sum_received"]["bytes"] > size / 2
        return f"{sent} bytes, {rate:.1f} Mbit/s, {end['sum_sent'].get('retransmits', 0)} retransmits" if done else None

    # ---- the parts ----

    def services(self):
        """Each service, with its port closed and then opened live."""
        leases, www = os.path.join(self.folder, "leases"), os.path.join(self.folder, "www")
        os.mkdir(www)
        with open(os.path.join(www, "file"), "wb") as file:
            file.write(bytes(n * n * 7 % 251 for n in range(FILE_BYTES)))
        self.serve(inside(HOST, find("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--interface=nic0", "--bind-interfaces",
                          "--except-interface=lo", "--dhcp-range=10.78.0.50,10.78.0.60,1h", "--address=/nic.test/10.78.0.99", f"--dhcp-leasefile={leases}", "--pid-file=",
                          "--user=root", "--log-facility=" + os.path.join(self.folder, "dnsmasq.log")))
        self.serve(helper(HOST, "web", www), "ready")
        self.serve(inside(HOST, "iperf3", "-s", "-B", SERVER))
        self.around("DHCP (udhcpc, dnsmasq)", "udp", 67, self.dhcp)
        self.around("DNS (dnsmasq)", "udp", 53, self.dns)
        self.around("HTTP (curl)", "tcp", WEB_PORT, self.http)
        self.open_port("tcp", IPERF_PORT)
        for what, more in (("to the host", []), ("from the host", ["-R"])):
            found = self.iperf(*more)
            self.row(f"iperf3 {what}", f"{self.args.bytes} bytes", found or "it failed", found is not None)

    def rule(self):
        """The client's address is blocked and let in again while it is used."""
        address = run(["ip", "-n", PEER, "-j", "addr", "show", "dev", "nic0-mac"])[1]
        address = next(info["local"] for info in json.loads(address)[0]["addr_info"] if info["family"] == "inet")
        self.ctl("map", "update", "name", "prefix_rules", "key", "0", "value", address, "255.255.255.255", "u32:1")
        blocked = self.dns(True)
        before = self.ctl("map", "lookup", "name", "hits", "key", "u32:0")["formatted"]
        self.ctl("map", "update", "name", "prefix_rules", "key", "0", "value", "0.0.0.0", "0.0.0.0", "u32:0")
        back = self.dns(False)
        packets = before["values"][0]["value"]["packets"]
        self.row("a rule that drops the client, then none", "nothing, then it works", f"{blocked or 'nothing'} ({packets} dropped), then {back}",
                 blocked is None and back is not None and packets > 0)

    def while_loading(self, what):
        """Exchanges programs while something runs, back to the firewall in the end; (loads, packets that waited, longest pause)."""
        others = [os.path.join(EXAMPLES_DIR, name, name + ".c") for name in ("protocol_counter", "firewall")]
        loads, waited, pause = 0, 0, 0.0
        while loads < self.args.loads or loads % 2 or what.is_alive():
            done = self.ctl("prog", "load", others[loads % 2], "--keep-maps", *(["--maps", self.kept] if loads % 2 else []))
            loads, waited, pause = loads + 1, waited + done["packets_waited"], max(pause, done["pause_ms"])
            if not what.is_alive() and loads >= self.args.loads and loads % 2 == 0:
                break
        return loads, waited, pause

    @property
    def kept(self):
        """The firewall's ports in a map file: the other program has no such map to keep them in."""
        path = os.path.join(self.folder, "ports.json")
        if not os.path.exists(path):
            dump = self.ctl("map", "dump", "name", "open_ports")
            entries = [{"key": entry["key"], "value": entry["value"]} for entry in dump if any(byte != "0x00" for byte in entry["value"])]
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"open_ports": entries}, file)
        return path

    def reloads(self):
        """TCP and numbered datagrams while programs are exchanged."""
        self.open_port("udp", DATAGRAM_PORT)
        assert self.kept
        print("  building the models of the other programs", flush=True)
        self.ctl("prog", "load", os.path.join(EXAMPLES_DIR, "protocol_counter", "protocol_counter.c"), "--dry-run")
        found = []
        transfer = threading.Thread(target=lambda: found.append(self.iperf("-t", str(self.args.seconds))))
        transfer.start()
        loads, waited, pause = self.while_loading(transfer)
        transfer.join()
        self.row(f"iperf3 for {self.args.seconds} s while {loads} programs are loaded", "it goes on",
                 f"{found[0]}; {waited} packets waited, at most {pause:.1f} ms" if found[0] else "it failed", found[0] is not None)
        self.flood()

    def flood(self):
        """Every datagram that is sent arrives once, in its order."""
        count = self.args.datagrams
        before = self.ctl("stats")["shell"]
        receiver = self.serve(helper(HOST, "receive", str(count)), "ready")
        said = []
        sender = threading.Thread(target=lambda: said.append(run(helper(PEER, "send", str(count), "1500"), 600)[1]))
        sender.start()
        loads, waited, pause = self.while_loading(sender)
        sender.join()
        sent, got = json.loads(said[0]), json.loads(receiver.communicate(timeout=60)[0])
        after = self.ctl("stats")["shell"]
        shell = {name: after[name] - before[name] for name in ("rx_overflow", "rx_length_errors", "core_stopped", "bypass", "tx_errors")}
        good = got["count"] == sent["count"] == count and got["hash"] == sent["hash"] and not any(shell.values())
        good = good and not (got["lost"] or got["doubled"] or got["reordered"])
        self.row(f"{count} numbered datagrams while {loads} programs are loaded", "0 lost, 0 doubled, 0 out of order",
                 f"{sent['count']} sent, {got['count']} received, {got['lost']} lost, {got['doubled']} doubled, {got['reordered']} out of order, "
                 f"hashes {'equal' if got['hash'] == sent['hash'] else 'differ'}; {waited} packets waited, at most {pause:.1f} ms", good)

    def table(self):
        """The lines beneath each other."""
        width = max(len(row[0]) for row in self.rows)
        print()
        for what, expected, found, good in self.rows:
            print(f"  {what:<{width}}  {'ok   ' if good else 'WRONG'}  {found}" + ("" if good else f" (expected: {expected})"))


def main():
    """Sets up, runs the parts, takes everything away."""
    parser = argparse.ArgumentParser(description="Linux's own traffic through a simulated NIC.")
    parser.add_argument("--bytes", type=int, default=4_000_000, metavar="N", help="of each TCP transfer")
    parser.add_argument("--seconds", type=int, default=8, metavar="N", help="of the TCP transfer while programs are loaded")
    parser.add_argument("--datagrams", type=int, default=15_000, metavar="N", help="of the flood")
    parser.add_argument("--loads", type=int, default=6, metavar="N", help="programs at least that are loaded meanwhile")
    args = parser.parse_args()
    missing = [package for tool, package in TOOLS.items() if not find(tool)]
    if os.geteuid() != 0 or missing:
        sys.exit(f"traffic.py needs root and these packages: {', '.join(missing) or 'all there'}")
    problems = []
    with tempfile.TemporaryDirectory(prefix="b2h-traffic-") as folder:
        nic = Nic(folder, args)
        try:
            nic.up()
            nic.services()
            nic.rule()
            nic.reloads()
        except Wrong as wrong:
            problems.append(str(wrong))
        finally:
            nic.down()
    if nic.rows:
        nic.table()
    problems += [f"{what}: {found}; expected: {expected}" for what, expected, found, good in nic.rows if not good]
    campaign.finish(problems, f"  {len(nic.rows)} lines, all as expected")


INSIDE = {"send": lambda words: send(int(words[0]), int(words[1])), "receive": lambda words: receive(int(words[0])), "ask": lambda words: ask(words[0], float(words[1])),
          "web": lambda words: web(words[0])}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in INSIDE:
        INSIDE[sys.argv[1]](sys.argv[2:])
    else:
        sys.exit(main())
