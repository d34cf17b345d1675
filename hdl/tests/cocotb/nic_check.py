# SPDX-License-Identifier: Apache-2.0
"""What must have come out of the NIC: each slot's frames, in the order in which they entered, through `bpf2hdl sim` with the kernel beside it, then along the paths of docs/src/nic.md."""

import csv
import json
import os
import struct
import subprocess

DROPPED = {"aborted", "drop"}
TAP_HEADER = 64


def pcap(frames):
    """A file with these frames."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame for frame in frames)


def unpack(path):
    """The frames of a file."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    frames, at = [], 24
    while at < len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frames.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return frames


class Oracle:
    """`bpf2hdl sim --oracle kernel` on a program."""

    def __init__(self, compiler, programs, folder):
        self.compiler, self.programs, self.folder, self.compared = compiler, programs, folder, 0

    def run(self, slot, frames, maps):
        """The verdicts of these frames (action, bytes or None, target), the records, and the maps afterwards."""
        if not frames:
            return [], [], maps
        out = os.path.join(self.folder, f"sim_{slot.lower()}")
        os.makedirs(out, exist_ok=True)
        with open(os.path.join(self.folder, "in.pcap"), "wb") as file:
            file.write(pcap(frames))
        with open(os.path.join(self.folder, "maps.json"), "w", encoding="utf-8") as file:
            json.dump(maps, file)
        done = subprocess.run([self.compiler, "sim", self.programs[slot], "--pcap", os.path.join(self.folder, "in.pcap"), "--maps", os.path.join(self.folder, "maps.json"),
                               "--out", out, "--oracle", "kernel", "--quick", "--json"], check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"sim of slot {slot}: {done.stdout}{done.stderr}"
        report = json.loads(done.stdout)
        assert report["mismatches"] == 0 and report["compared"] == len(frames), "sim differs from the kernel"
        self.compared += len(frames)
        leave = {name: iter(unpack(os.path.join(out, f"{name}.pcap"))) for name in ("pass", "tx", "redirect")}
        rows = []
        with open(os.path.join(out, "verdicts.csv"), encoding="utf-8") as file:
            for row in csv.DictReader(file):
                frame = next(leave[row["action"]]) if row["action"] in leave else None
                rows.append((row["action"], frame, row.get("target")))
        assert all(next(rest, None) is None for rest in leave.values()) and len(rows) == len(frames)
        with open(os.path.join(out, "maps.json"), encoding="utf-8") as file:
            after = json.load(file)
        events = {}
        if os.path.exists(os.path.join(out, "events.json")):
            with open(os.path.join(out, "events.json"), encoding="utf-8") as file:
                events = json.load(file)
        records = [bytes(int(byte, 16) for byte in record["data"]) for rows_ in events.values() for record in rows_]
        return rows, records, {name: entries for name, entries in after.items() if name not in events and name != ".rodata"}


def match(name, wanted, got, lossy_from):
    """Compares a stream in exact order; only of frames from number lossy_from on some may be missing: how many."""
    at = missing = 0
    for number, item in enumerate(got):
        while at < len(wanted) and wanted[at][1] != item:
            assert wanted[at][0] >= lossy_from, f"{name}: item {number} is not frame {wanted[at][0]}"
            at += 1
            missing += 1
        assert at < len(wanted), f"{name}: item {number} of {len(got)} is none that is due"
        at += 1
    for index, _ in wanted[at:]:
        assert index >= lossy_from, f"{name}: frame {index} has not come"
    return missing + len(wanted) - at


def fates(sent, folder, lossy_from):
    """The good frames; each of the others was dropped at the gate for its reason."""
    with open(os.path.join(folder, "fates.log"), encoding="utf-8") as file:
        text = file.read()
    assert len(text) == len(sent), f"{len(sent)} frames were sent, {len(text)} have come to the gate"
    good = []
    for (frame, user), fate in zip(sent, text):
        want = "B" if user >> 16 else "S" if not 14 <= len(frame) <= 9216 else "G"
        assert fate == want or (want == "G" and fate == "F" and len(good) >= lossy_from), f"a frame of {len(frame)} bytes, {user:#x}: {fate}"
        if fate == "G":
            good.append((frame, user))
    return good, text


def verdicts(result, good, places, oracle, maps):
    """What becomes of each good frame: action, bytes, target, slot; the records of B with the numbers of their frames; the maps afterwards."""
    by_slot = {slot: [index for index, place in enumerate(places) if place == slot] for slot in "AB"}
    found = [("pass", good[index][0], None, "P") if place == "P" else ("drop", None, None, "D") for index, place in enumerate(places)]
    begin, contents = 0, maps["A"]
    for taken, rules in result["updates"] + [(len(by_slot["A"]), {})]:
        part = by_slot["A"][begin:taken]
        rows, _, contents = oracle.run("A", [good[index][0] for index in part], contents)
        for index, row in zip(part, rows):
            found[index] = (*row, "A")
        for number, value in rules.items():
            entry = {"key": [f"0x{number:02x}", "0x00", "0x00", "0x00"], "value": [f"0x{byte:02x}" for byte in bytes.fromhex(value)]}
            contents["prefix_rules"] = [old for old in contents["prefix_rules"] if old["key"] != entry["key"]] + [entry]
        begin = taken
    rows, records, after = oracle.run("B", [good[index][0] for index in by_slot["B"]], maps["B"])
    for index, row in zip(by_slot["B"], rows):
        found[index] = (*row, "B")
    senders = [index for index in by_slot["B"] if good[index][0][11] & 7 == 5]
    assert len(records) == len(senders)
    return found, list(zip(senders, records)), {"A": contents, "B": after}


def paths(found, good, data_queues):
    """The streams of the outputs: numbers and bytes of the frames; frames that go nowhere."""
    host, tx, port, nowhere = {}, [], [], []
    for index, (action, frame, target, slot) in enumerate(found):
        selector = good[index][0][11] & 7
        if action == "pass":
            queue = good[index][1] & 0xFFFF
            host.setdefault((queue if queue < data_queues else 0, 0), []).append((index, (frame, slot)))
        elif action == "tx":
            tx.append((index, frame))
        elif action == "redirect" and selector == 3:
            host.setdefault((int(target.split()[-1]), 2), []).append((index, (frame, slot)))
        elif action == "redirect" and selector == 2:
            port.append((index, frame))
        elif action == "redirect":
            nowhere.append(index)
    return host, tx, port, nowhere


def check_host(result, host, data_queues, good, lossy_from):
    """What came by the queues for frames: exact order for each kind; how many are missing."""
    missing = 0
    for queue in range(data_queues):
        for kind in range(4):
            got = [(word, frame) for word, frame in result["received"][queue] if word >> 27 & 3 == kind]
            wanted = host.get((queue, kind), [])
            missing += match(f"queue {queue}, kind {kind}", [(index, frame) for index, (frame, _) in wanted], [frame for _, frame in got], lossy_from)
            slots = {frame: (slot, good[index][1] & 0xFFFF) for index, (frame, slot) in wanted}
            for word, frame in got:
                slot, rx_queue = slots[frame]
                assert word >> 32 == rx_queue << 16 | 1, f"queue {queue}: source {word >> 32:#x}"
                assert (word >> 16 & 1) == (slot == "B") and not word >> 17 & 0xFF, f"queue {queue}: completion {word:#x} of slot {slot}"
    return missing


def check_port(result, tx, port, lossy_from):
    """What left by the port: XDP_TX, redirects to it and the host's own, each in its order."""
    sources = {frame[:4]: "port" for _, frame in port} | {frame[:4]: "tx" for _, frame in tx}
    whole, streams = {}, {"tx": [], "port": []} | {f"own {n}": [] for n in range(len(result["own"]))}
    for n, frames in enumerate(result["own"]):
        whole.update({frame: f"own {n}" for frame in frames})
    for frame in result["transmitted"]:
        name = whole.get(frame) or sources.get(frame[:4])
        assert name, "a frame left by the port that nobody sent"
        streams[name].append(frame)
    for n, frames in enumerate(result["own"]):
        assert streams[f"own {n}"] == frames and result["own_reaped"][n] == len(frames), f"the host's own frames of queue {n}"
    return match("TX", tx, streams["tx"], lossy_from), match("redirects to the port", port, streams["port"], lossy_from)


def check_events(result, records, queue, lossy_from):
    """Records of the program: form of docs/src/registers.md."""
    got = []
    for word, record in result["received"][queue]:
        size, number, form, data = struct.unpack("<HBBH", record[:6])
        assert word >> 27 & 3 == 1 and size == len(record) and form == 1, "head of a record"
        got.append(record[16:16 + data])
        assert number == 2
    return match("events", records, got, lossy_from), len(got)


def check_tap(result, found, good, queue):
    """Copies of the tap, by number of the frame at their point: verdict and first bytes."""
    codes = {"aborted": 0, "drop": 1, "pass": 2, "tx": 3, "redirect": 4}
    entry = [(good[index][0], codes[row[0]]) for index, row in enumerate(found) if row[3] in "AB"]
    exits = {point: [(row[1], code) for row in found if row[0] == name] for point, (name, code) in {1: ("pass", 2), 2: ("tx", 3), 3: ("redirect", 4)}.items()}
    count = [0] * 4
    for word, copy in result["received"][queue]:
        size, form, point, verdict = struct.unpack("<HBBB", copy[:5])
        number, = struct.unpack("<I", copy[24:28])
        length, kept = struct.unpack("<HH", copy[12:16])
        assert word >> 27 & 3 == 1 and form == 1 and size == len(copy)
        frame, code = (entry if point == 0 else exits[point])[number]
        assert verdict == code and length == len(frame) and copy[TAP_HEADER:TAP_HEADER + kept] == frame[:kept], f"tap: copy {number} of point {point}"
        count[point] += 1
    return count


def check_maps(result, after):
    """The counters of both programs at the end are the kernel's."""
    for name, slot in (("hits", "A"), ("seen", "B")):
        for index, value in enumerate(result["maps"][name]):
            row = next((entry for entry in after[slot].get(name, []) if int(entry["key"][0], 16) == index), None)
            want = (row.get("value") or row["values"][0]["value"]) if row else ["0x00"]
            assert bytes.fromhex(value).rstrip(b"\0") == bytes(int(byte, 16) for byte in want).rstrip(b"\0"), f"map {name}, entry {index}: {value}, not {want}"


def check(result, frames, folder, oracle, maps, data_queues):
    """All of it; what is to be told."""
    count, lossy_from = result["counters"], result["lossy_from"]
    sent = frames[:result["sent"]]
    good, text = fates(sent, folder, lossy_from)
    with open(os.path.join(folder, "places.log"), encoding="utf-8") as file:
        places = file.read()
    assert len(places) == len(good), "frames are in the gate"
    found, records, after = verdicts(result, good, places, oracle, maps)
    host, tx, port, nowhere = paths(found, good, data_queues)
    missing_host = check_host(result, host, data_queues, good, lossy_from)
    missing_tx, missing_port = check_port(result, tx, port, lossy_from)
    missing_events, events = check_events(result, records, data_queues, lossy_from)
    copies = check_tap(result, found, good, data_queues + 1)
    check_maps(result, after)
    # Both ends count the same.
    for name, value in (("rx_bad", text.count("B")), ("rx_size", text.count("S")), ("rx_full", text.count("F")), ("rx_frames", len(good)), ("frames_a", places.count("A")),
                        ("verdicts_a", places.count("A")), ("frames_b", places.count("B")), ("verdicts_b", places.count("B")), ("passed", places.count("P")),
                        ("dropped", places.count("D")), ("tx_frames", len(result["transmitted"])), ("tx_host", sum(len(own) for own in result["own"])), ("dma_errors", 0), ("dma_stopped", 0)):
        assert count[name] == value, f"{name} is {count[name]}, not {value}"
    for slot in "AB":
        actions = [row[0] for row in found if row[3] == slot]
        for action in ("aborted", "drop", "pass", "tx", "redirect"):
            assert count[f"{slot}_{action}"] == actions.count(action), f"slot {slot}: {action}"
        assert count[f"{slot}_rx"] == len(actions)
    lost = {name: count[f"A_{name}"] + count[f"B_{name}"] for name in ("pass_lost", "tx_lost", "redirect_lost", "events_lost")}
    dropped = sum(count[f"queue_{queue}_dropped"] for queue in range(data_queues))
    missing_nowhere = len(nowhere) - count["no_port"]
    assert missing_nowhere >= 0 and missing_tx == lost["tx_lost"]
    assert missing_host + missing_port + missing_nowhere == lost["pass_lost"] + lost["redirect_lost"] + dropped, f"{missing_host} + {missing_port} + {missing_nowhere}, {lost}, {dropped}"
    assert missing_events == lost["events_lost"] + count[f"queue_{data_queues}_dropped"]
    assert sum(copies) == sum(count[f"tap_{point}"] for point in range(4)) - count[f"queue_{data_queues + 1}_dropped"]
    assert count["to_host"] == sum(len(rows) for rows in result["received"][:data_queues]) + dropped
    return {"frames": len(sent), "bad": text.count("B"), "size": text.count("S"), "full": text.count("F"), "slot_a": places.count("A"), "slot_b": places.count("B"),
            "passed": places.count("P"), "dropped_by_policy": places.count("D"), "switches": count["switches"], "late": count["late"], "lossless": lossy_from,
            "lost_after": missing_host + missing_port + missing_nowhere + missing_tx + text.count("F"), "to_host": count["to_host"], "by_port": len(tx) + len(port),
            "own": count["tx_host"], "events": events, "copies": sum(copies), "lookups": result["lookups"], "interrupts": result["interrupts"], "kernel_compared": oracle.compared,
            "clocks": result["clocks"]}
