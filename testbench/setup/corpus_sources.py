# SPDX-License-Identifier: Apache-2.0
"""Where XDP programs come from: Debian's packages of the kernel's source and of xdp-tools, source packages and crates that
hold some.
Each source gives objects, or a reason why there are none."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile

import corpus_captures
import corpus_clang

# Kernel sources: package, and the folders whose programs are taken. The later selftests have more programs, the
# earlier samples; of the earlier selftests those count that the later ones do not have.
LINUX = {
    "linux-source-6.12": [("selftests", "tools/testing/selftests/bpf/progs")],
    "linux-source-6.1": [("samples", "samples/bpf"), ("selftests", "tools/testing/selftests/bpf/progs")],
}
LINUX_FOLDERS = ["samples/bpf/", "tools/testing/selftests/bpf/", "tools/include/", "tools/lib/bpf/", "scripts/bpf_doc.py"]
PACKAGED_OBJECTS = {
    "libxdp1": "/usr/lib/*/bpf/*.o",
    "xdp-tests": "/usr/libexec/xdp-tools/*.o",
}
# Source packages: name, and their programs with the folders that these include from.
SOURCE_PACKAGES = {
    "knot": (["src/libknot/xdp/bpf-kernel.c"], []),
    "suricata": (["ebpf/xdp_*.c"], ["ebpf", "ebpf/include"]),
    "golang-github-cilium-ebpf": (["examples/xdp/*.c"], ["examples/headers"]),
}
# Crates that carry a project's C sources: name, version, folder in it, programs, folders that these include from.
CRATES = {
    "libxdp-sys": ("0.2.4", "xdp-tools", ["xdp-*/*.bpf.c", "xdp-filter/xdpfilt_*.c", "xdp-dump/xdpdump_xdp.c", "lib/libxdp/xsk_def*.c",
                                          "lib/libxdp/tests/xdp_*.c"], ["headers", "lib/util"]),
}
# Source packages with test captures, and these.
CAPTURES = {"tcpdump": "tests/*.pcap"}
SECTION = re.compile(r'SEC\("\??(xdp|phys_dev)|__section\("(xdp|phys_dev)')


class Corpus:
    """What was collected: `objects` of (group, path), `left_out` of (source, reason), `captures`: a file of frames."""

    def __init__(self):
        self.objects, self.left_out, self.captures = [], [], None

    def add(self, group, path):
        """An object."""
        self.objects.append((group, path))

    def leave_out(self, source, reason):
        """A source that gives no object."""
        print(f"  left out: {source}: {reason}", flush=True)
        self.left_out.append((source, reason))

    def to_json(self):
        """As bpf2hdl-campaign reads it."""
        return {
            "objects": [{"group": group, "object": path} for group, path in self.objects],
            "left_out": [{"source": source, "reason": reason} for source, reason in self.left_out],
            "captures": self.captures,
        }


def collect(folder, clang, cpu, frames):
    """All sources, compiled into FOLDER/objects-CLANG-CPU, and FRAMES of each capture."""
    corpus = Corpus()
    compiler = corpus_clang.Compiler(clang, cpu, folder)
    linux(corpus, compiler, folder)
    for group, pattern in PACKAGED_OBJECTS.items():
        found = sorted(path for path in glob.glob(pattern) if not os.path.islink(path))
        for path in found:
            corpus.add(group, path)
        if not found:
            corpus.leave_out(group, f"there is no {pattern}")
    sources = AptSources(os.path.join(folder, "apt"))
    for package, (patterns, includes) in SOURCE_PACKAGES.items():
        source_package(corpus, compiler, sources, folder, package, patterns, includes)
    for name, what in CRATES.items():
        crate(corpus, compiler, folder, name, what)
    captures(corpus, sources, folder, frames)
    return corpus


def linux(corpus, compiler, folder):
    """samples/bpf and the selftests of the kernel's sources."""
    known = set()
    for package, groups in LINUX.items():
        tarball = f"/usr/src/{package}.tar.xz"
        if not os.path.exists(tarball):
            corpus.leave_out(package, f"there is no {tarball}")
            continue
        root = os.path.join(folder, package)
        unpack(tarball, root)
        for group, place in groups:
            for path in sorted(glob.glob(os.path.join(root, place, "*.c"))):
                name = os.path.basename(path)
                if holds_program(path) and name not in known:
                    compiler.linux(corpus, f"{package} {group}", root, path)
                    known.add(name)


def unpack(tarball, root):
    """The folders of a kernel's source that programs need."""
    done = os.path.join(root, ".complete")
    if os.path.exists(done):
        return
    print(f"  unpacking parts of {os.path.basename(tarball)}", flush=True)
    os.makedirs(root, exist_ok=True)
    patterns = ["*/" + part + "*" for part in LINUX_FOLDERS]
    subprocess.run(["tar", "xJf", tarball, "-C", root, "--strip-components=1", "--wildcards", *patterns], check=True)
    # Of libbpf's headers one is made by its build.
    with open(os.path.join(root, "tools/lib/bpf/bpf_helper_defs.h"), "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, os.path.join(root, "scripts/bpf_doc.py"), "--header", "--file",
                        os.path.join(root, "tools/include/uapi/linux/bpf.h")], stdout=out, check=True)
    open(done, "w", encoding="utf-8").close()


def holds_program(path):
    """A source of a program; a host program may have the words in a string, too."""
    if path.endswith("_user.c"):
        return False
    with open(path, encoding="utf-8", errors="replace") as source:
        return SECTION.search(source.read()) is not None


class AptSources:
    """Debian's source packages, with package lists of our own: the machine's are left alone."""

    def __init__(self, folder):
        self.folder, self.problem = folder, None
        lists = os.path.join(folder, "lists")
        self.options = ["-o", f"Dir::Etc::sourcelist={folder}/deb-src.sources", "-o", "Dir::Etc::sourceparts=-",
                        "-o", f"Dir::State::lists={lists}", "-o", "APT::Sandbox::User=root"]
        if os.path.exists(os.path.join(folder, ".complete")):
            return
        os.makedirs(os.path.join(lists, "partial"), exist_ok=True)
        try:
            with open("/etc/apt/sources.list.d/debian.sources", encoding="utf-8") as source:
                text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", source.read())
        except OSError as error:
            self.problem = f"apt's sources: {error.strerror}"
            return
        with open(os.path.join(folder, "deb-src.sources"), "w", encoding="utf-8") as out:
            out.write(text)
        if self.run(["apt-get", "update", "-q"]).returncode == 0:
            open(os.path.join(folder, ".complete"), "w", encoding="utf-8").close()
        else:
            self.problem = "apt-get update of source packages failed"

    def run(self, command, cwd=None):
        """A command of apt with our lists."""
        return subprocess.run([command[0], *self.options, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False)

    def fetch(self, package, folder):
        """Downloads a source package into FOLDER; returns why it could not, or None."""
        if self.problem:
            return self.problem
        os.makedirs(folder, exist_ok=True)
        result = self.run(["apt-get", "source", "--download-only", "-q", package], cwd=folder)
        if result.returncode == 0:
            return None
        lines = [line for line in result.stderr.splitlines() if line.startswith("E:")]
        reason = lines[0][3:] if lines else "apt-get source failed"
        return re.sub(r" \[IP.*| https?://\S*/", " ", reason).strip()


def unpacked(corpus, sources, folder, package):
    """The folder of a source package's tree, fetched if it is not there; None, with the reason noted, if that fails."""
    place = os.path.join(folder, "source", package)
    root = os.path.join(place, "tree")
    if not os.path.isdir(root):
        reason = sources.fetch(package, place)
        archives = sorted(glob.glob(os.path.join(place, "*.orig.tar.*[!c]")))
        if reason is None and not archives:
            reason = "the package has no archive"
        if reason is not None:
            shutil.rmtree(place, ignore_errors=True)
            corpus.leave_out(package, reason)
            return None
        with tarfile.open(archives[0]) as archive:
            archive.extractall(root, filter="data")
    return glob.glob(os.path.join(root, "*"))[0]


def captures(corpus, sources, folder, most):
    """The frames of the packaged captures in FOLDER/captures.pcap, MOST of each capture."""
    for package, pattern in CAPTURES.items():
        top = unpacked(corpus, sources, folder, package)
        if top is None:
            continue
        path = os.path.join(folder, "captures.pcap")
        files, count = corpus_captures.merge(os.path.join(top, pattern), most, path)
        if count == 0:
            corpus.leave_out(package, f"there are no Ethernet frames in {pattern}")
            continue
        print(f"  {package}: {count} Ethernet frames of {files} captures, at most {most} of each", flush=True)
        corpus.captures = path


def source_package(corpus, compiler, sources, folder, package, patterns, includes):
    """The programs of a source package."""
    top = unpacked(corpus, sources, folder, package)
    if top is None:
        return
    found = sorted(path for pattern in patterns for path in glob.glob(os.path.join(top, pattern)))
    if not found:
        corpus.leave_out(package, "this version holds no XDP program")
    for path in found:
        compiler.plain(corpus, package, path, [os.path.join(top, include) for include in includes])


def crate(corpus, compiler, folder, name, what):
    """The C programs that a crate carries."""
    version, inside, patterns, includes = what
    place = os.path.join(folder, "crates", name)
    root = os.path.join(place, "vendor", name, inside)
    if not os.path.isdir(root):
        os.makedirs(os.path.join(place, "src"), exist_ok=True)
        open(os.path.join(place, "src", "lib.rs"), "w", encoding="utf-8").close()
        with open(os.path.join(place, "Cargo.toml"), "w", encoding="utf-8") as out:
            out.write(f'[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n{name} = "={version}"\n')
        result = subprocess.run(["cargo", "vendor", "--quiet", "vendor"], cwd=place, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            corpus.leave_out(f"crate {name}", "cargo vendor: " + (result.stderr.strip().splitlines() or ["failed"])[-1].strip())
            return
    found = sorted({path for pattern in patterns for path in glob.glob(os.path.join(root, pattern))})
    for path in found:
        if holds_program(path) or "xdpfilt_" in path:
            folders = [os.path.join(root, include) for include in includes]
            compiler.plain(corpus, f"crate {name}", path, folders)
