# SPDX-License-Identifier: Apache-2.0
"""Real XDP programs, from Debian's packages: collects and compiles them, then has bpf2hdl-campaign judge them. Started by
./run corpus; options that are not known here are those of `bpf2hdl-campaign corpus`.

What is collected stays in target/corpus; nothing of it belongs to the repository."""

import argparse
import json
import os
import sys

import corpus_sources
from campaign import TARGET


def main():
    """Writes the list of objects and starts the judge."""
    parser = argparse.ArgumentParser(prog="./run corpus", add_help=False)
    parser.add_argument("--cpu", default="v3", help="instruction set that clang compiles for")
    parser.add_argument("--clang", default="clang-19", help="compiler of programs that come as C")
    parser.add_argument("--frames", type=int, default=8, help="frames of each of tcpdump's test captures")
    options, rest = parser.parse_known_args()
    judge = os.path.join(TARGET, "release", "bpf2hdl-campaign")
    folder = os.path.join(TARGET, "corpus")
    if not {"-h", "--help"}.isdisjoint(rest):
        print(parser.format_help())
        os.execv(judge, [judge, "corpus", "--help"])
    print("== Collecting programs")
    corpus = corpus_sources.collect(folder, options.clang, options.cpu, options.frames)
    path = os.path.join(folder, "list.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(corpus.to_json(), out, indent=1)
    print(f"  {len(corpus.objects)} objects, {len(corpus.left_out)} sources left out; the list: {path}\n== Judging them", flush=True)
    os.execv(judge, [judge, "corpus", "--list", path, "--out", folder, *rest])


if __name__ == "__main__":
    sys.exit(main())
