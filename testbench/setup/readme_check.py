# SPDX-License-Identifier: Apache-2.0
"""Walks through the documentation as a reader would: every `target/release/bpf2hdl` command in a ```sh block must succeed (what
it writes below out/ goes to a temporary folder), every `./run` command must exist, every relative link must lead to a file. A block
with `bpf2hdlctl` commands runs as a whole, by the shell, as root.
Commands of one page run in order; a page is README.md, docs/src/*.md or an example's README.md."""

import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

import campaign
from campaign import BPF2HDL, ROOT, relative

PAGES = ["README.md", "boards/README.md", "docs/src/*.md", "bpf2hdl/examples/README.md", "bpf2hdl/examples/*/README.md"]
TOOL = "target/release/bpf2hdl"
CTL = "target/release/bpf2hdlctl"


def pages():
    """All pages that exist."""
    return [path for pattern in PAGES for path in sorted(glob.glob(os.path.join(ROOT, pattern)))]


def blocks(text):
    """The ```sh blocks."""
    return re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)


def run_script(block, out):
    """Runs a block by the shell; None when it works, else what is wrong."""
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            return "it needs root"
        print("  SKIPPED a block of bpf2hdlctl commands: it needs root")
        return None
    print(f"  a block of {block.count(CTL)} bpf2hdlctl commands", flush=True)
    folder = os.path.dirname(BPF2HDL)
    # The shell forgives what is negated.
    script = re.sub(r"^! (.*)$", r"if \1; then echo 'it works, against what the page says: \1' >&2; exit 1; fi", block, flags=re.M)
    script = script.replace(CTL, os.path.join(folder, "bpf2hdlctl")).replace("out/", out + "/")
    environment = {**os.environ, "BPF2HDL": BPF2HDL, "BPF2HDL_RUN": os.path.join(out, "run")}
    shell = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(shell, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    # What the rest of the block would have taken away.
    for name in re.findall(r"sim up (\S+)", block):
        subprocess.run([os.path.join(folder, "bpf2hdlctl"), "sim", "down", name], env=environment, capture_output=True, check=False)
    for name in re.findall(r"netns add (\S+)", block):
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return f"exit code {done.returncode}: {(done.stderr + done.stdout).strip()[-800:]}"


def commands(text):
    """The lines of the ```sh blocks, with continued lines joined and comments left out."""
    for block in blocks(text):
        if CTL in block:
            continue
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield line.strip()


def run_command(line, out):
    """None when the command of the page works, else what is wrong."""
    words = shlex.split(line, comments=True)
    if words[0] == "./run":
        known = re.findall(r"^  ([a-z|-]+)\)", open(os.path.join(ROOT, "run"), encoding="utf-8").read(), re.M)
        return None if len(words) == 1 or words[1] in known else "./run has no such command"
    if words[0] != TOOL:
        return None
    print(f"  bpf2hdl {' '.join(words[1:])}", flush=True)
    words = [re.sub(r"^out/", out + "/", word) for word in words[1:]]
    if words[0] == "sim" and words[1].endswith(".c"):
        words += campaign.model_options(words[1], os.path.join(out, "model"))
    done = subprocess.run([BPF2HDL, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}"


def broken_links(path, text):
    """Relative links of a page that lead nowhere."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in link and not os.path.exists(os.path.join(os.path.dirname(path), link)):
            yield link


def main():
    """Checks all pages; the exit code says whether all is well."""
    problems, ran = [], 0
    for path in pages():
        with open(path, encoding="utf-8") as source:
            text = source.read()
        problems += [f"{relative(path)}: the link to {link} leads nowhere" for link in broken_links(path, text)]
        with tempfile.TemporaryDirectory() as out:
            for line in commands(text):
                problem = run_command(line, out)
                ran += line.startswith(TOOL)
                if problem:
                    problems.append(f"{relative(path)}: `{line}`: {problem}")
            for block in filter(lambda block: CTL in block, blocks(text)):
                problem = run_script(block, out)
                ran += block.count(CTL)
                if problem:
                    problems.append(f"{relative(path)}: the block with `{CTL}`: {problem}")
    campaign.finish(problems, f"  {len(pages())} pages, {ran} commands run: all well")


if __name__ == "__main__":
    sys.exit(main())
