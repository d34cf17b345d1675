# SPDX-License-Identifier: Apache-2.0
"""Compiles the programs of others as their own build files do, as far as a program needs it."""

import os
import platform
import subprocess

# What the kernel's own headers define or include, and the exported ones do not; samples/bpf is built with the former.
KERNEL_TYPES = """\
#include <linux/types.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
typedef __u8 u8; typedef __u16 u16; typedef __u32 u32; typedef __u64 u64;
typedef __s8 s8; typedef __s16 s16; typedef __s32 s32; typedef __s64 s64;
struct vlan_hdr { __be16 h_vlan_TCI; __be16 h_vlan_encapsulated_proto; };
#define __packed __attribute__((packed))
#define __force
#define AF_INET 2
#define AF_INET6 10
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define cpu_to_be32 bpf_htonl
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define htons bpf_htons
#define ntohs bpf_ntohs
#define htonl bpf_htonl
#define ntohl bpf_ntohl
"""


class Compiler:
    """clang for BPF, and what it needs beside a source."""

    def __init__(self, clang, cpu, folder):
        self.clang, self.cpu, self.folder = clang, cpu, folder
        self.objects = os.path.join(folder, f"objects-{clang}-{cpu}")
        os.makedirs(self.objects, exist_ok=True)
        self.multiarch = f"/usr/include/{platform.machine()}-linux-gnu"
        self.headers = os.path.join(folder, "headers")
        os.makedirs(self.headers, exist_ok=True)
        self.vmlinux = self.make_vmlinux()
        with open(os.path.join(self.headers, "kernel_types.h"), "w", encoding="utf-8") as out:
            out.write(KERNEL_TYPES)
        # The kernel's sources say <uapi/linux/...> for what is exported as <linux/...>.
        link = os.path.join(self.headers, "uapi")
        if not os.path.islink(link):
            os.symlink("/usr/include", link)

    def make_vmlinux(self):
        """None, or why there is no vmlinux.h."""
        path = os.path.join(self.headers, "vmlinux.h")
        if os.path.exists(path):
            return None
        if not os.path.exists("/sys/kernel/btf/vmlinux"):
            return "needs vmlinux.h, and the kernel shows no BTF"
        try:
            made = subprocess.run(["bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c"],
                                  capture_output=True, check=False)
        except OSError as error:
            return f"needs vmlinux.h, and bpftool can not be run: {error.strerror}"
        if made.returncode != 0:
            return "needs vmlinux.h, and bpftool can not make it of this kernel's BTF"
        with open(path, "wb") as out:
            out.write(made.stdout)
        return None

    def run(self, group, source, arguments):
        """Compiles; returns (path of the object, None) or (None, reason)."""
        name = os.path.basename(source).removesuffix(".c").removesuffix(".bpf")
        folder = os.path.join(self.objects, group.replace(" ", "-"))
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, name + ".o")
        command = [self.clang, "-O2", "-g", "-target", "bpf", f"-mcpu={self.cpu}", "-D__TARGET_ARCH_x86", "-Wno-everything",
                   *arguments, "-c", source, "-o", path]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return path, None
        errors = [line for line in result.stderr.splitlines() if "error:" in line]
        return None, "clang: " + (errors[0].split("error: ")[-1] if errors else "no message")

    def plain(self, corpus, group, source, includes):
        """A program of a project with folders of its own."""
        # Some headers take a BPF target for a 32-bit machine, whose headers are not there; others want to know that libbpf
        # declares the newer helpers.
        defines = [f"-D__{platform.machine()}__", "-DHAVE_LIBBPF_BPF_PROGRAM__TYPE", "-DHAVE_LIBBPF_BPF_PROGRAM__FLAGS"]
        arguments = [*defines, *(f"-I{include}" for include in includes), f"-I{self.multiarch}", f"-I{self.headers}"]
        self.keep(corpus, group, source, arguments)

    def linux(self, corpus, group, root, source):
        """A program of the kernel's source, whose folders include from each other."""
        with open(source, encoding="utf-8", errors="replace") as text:
            needs_vmlinux = "vmlinux.h" in text.read()
        if needs_vmlinux and self.vmlinux:
            corpus.leave_out(os.path.basename(source), self.vmlinux)
            return
        folders = [os.path.dirname(source), *(os.path.join(root, part) for part in ["samples/bpf", "tools/testing/selftests/bpf"])]
        last = [os.path.join(root, part) for part in ["tools/lib", "tools/include/uapi", "tools/include"]]
        arguments = [*(f"-I{folder}" for folder in folders), f"-I{self.headers}", f"-I{self.multiarch}",
                     *(f"-I{folder}" for folder in last)]
        if source.endswith("_kern.c") and "/samples/" in source:
            arguments += ["-include", os.path.join(self.headers, "kernel_types.h")]
        self.keep(corpus, group, source, arguments, os.path.join(root, "samples/bpf/xdp_sample.bpf.c"))

    def keep(self, corpus, group, source, arguments, companion=None):
        """Compiles, links what is built of two files, and adds the object or the reason."""
        path, reason = self.run(group, source, arguments)
        if path and companion:
            with open(source, encoding="utf-8", errors="replace") as text:
                if "xdp_sample.bpf.h" in text.read():
                    path, reason = self.linked(path, group, companion, arguments)
        if path:
            corpus.add(group, path)
        else:
            corpus.leave_out(f"{group}: {os.path.basename(source)}", reason)

    def linked(self, path, group, companion, arguments):
        """The samples share counters that are in another file."""
        common, reason = self.run(group, companion, arguments)
        if not common:
            return None, reason
        result_path = path.removesuffix(".o") + ".linked.o"
        try:
            result = subprocess.run(["bpftool", "gen", "object", result_path, path, common], capture_output=True, text=True, check=False)
        except OSError as error:
            return None, f"bpftool can not be run: {error.strerror}"
        return (result_path, None) if result.returncode == 0 else (None, "bpftool gen object: " + result.stderr.strip().splitlines()[-1])
