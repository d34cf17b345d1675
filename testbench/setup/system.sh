# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian packages: what is missing is named, with the reason, then installed with apt-get.

# package|how to see that it is there|why
DEMO_PACKAGES='
clang-19|command:clang-19|compiles XDP programs from C
linux-libc-dev|header:linux/bpf.h|the kernel headers that XDP programs include
libbpf-dev|header:bpf/bpf_helpers.h|bpf_helpers.h and bpf_endian.h for XDP programs
libc6-dev|header:stdio.h|C library headers
g++|command:g++|compiles the Verilator models, and links Rust programs
make|command:make|builds the Verilator models
perl|perl:Pod::Usage|runs Verilator
zlib1g-dev|header:zlib.h|FST waveforms from Verilator
liblz4-dev|header:lz4.h|FST waveforms from Verilator
python3-venv|python:ensurepip|a Python environment for Verilator and Yosys
'
TESTS_PACKAGES='
clang-14|command:clang-14|tests: objects of the oldest supported compiler
llvm-19|command:llvm-objcopy-19|tests: take objects apart
xdp-tests|file:/usr/libexec/xdp-tools/xdp_drop.o|tests: programs that are not ours
xdp-tools|command:xdp-loader|tests: the package that xdp-filter comes in
bpftool|command:bpftool|tests: map commands are compared with it
iproute2|command:ip|tests: network namespaces
iputils-ping|command:ping|tests: traffic through a simulated NIC
libxdp1|file:/usr/lib/*/bpf/xdpfilt_dny_all.o|tests: the objects of xdp-filter
tcl|command:tclsh|tests: the build scripts of the NIC shells
'
CORPUS_PACKAGES='
linux-source-6.1|file:/usr/src/linux-source-6.1.tar.xz|corpus: the kernel'\''s sample programs
linux-source-6.12|file:/usr/src/linux-source-6.12.tar.xz|corpus: the kernel'\''s selftests
bpftool|command:bpftool|corpus: vmlinux.h, linking of samples, a second opinion on what the kernel loads
xz-utils|command:xz|corpus: unpacks the kernel'\''s source
'
TRAFFIC_PACKAGES='
iperf3|command:iperf3|traffic: TCP transfers
dnsmasq-base|command:dnsmasq|traffic: a DNS and DHCP server
udhcpc|command:udhcpc|traffic: a DHCP client
curl|command:curl|traffic: an HTTP client
'
# Tests that need one of these say so and are left out when the machine's package lists do not offer it.
OPTIONAL_PACKAGES='
clang-22|command:clang-22|tests: objects of the newest supported compiler
'

# present HOW: true when the thing is there.
present() {
  local what=${1#*:}
  case "$1" in
    command:*) command -v "$what" >/dev/null || [ -x "/usr/sbin/$what" ] ;;
    header:*)  compgen -G "/usr/include/$what" >/dev/null || compgen -G "/usr/include/*-linux-gnu/$what" >/dev/null ;;
    file:*)    compgen -G "$what" >/dev/null ;;
    perl:*)    perl "-M$what" -e 1 2>/dev/null ;; # Debian's perl-base has a perl without modules
    python:*)  python3 -c "import venv, $what" >/dev/null 2>&1 ;;
  esac
}

# missing LIST: the lines of the list whose thing is not there.
missing() {
  local name how why
  while IFS='|' read -r name how why; do
    [ -z "$name" ] || present "$how" || printf '%s|%s|%s\n' "$name" "$how" "$why"
  done <<<"$1"
}

# names LINES: the package names on one line.
names() { cut -d'|' -f1 <<<"$1" | tr '\n' ' ' | sed 's/ *$//'; }

tell() { while IFS='|' read -r name _ why; do [ -z "$name" ] || printf '    %-16s %s\n' "$name" "$why"; done <<<"$1"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_install() { # NAMES
  command -v apt-get >/dev/null ||
    fail "this machine has no apt-get; install these with its own package manager, then run the command again: $1"
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null ||
    fail "installing needs root and there is no sudo; run this as root: apt-get install $1"
  sudo -v || fail "sudo was refused; run this as root: apt-get install $1"
}

UNREACHABLE='Temporary failure resolving\|Could not resolve\|Could not connect\|Failed to fetch\|Cannot initiate'
MIRROR_UNREACHABLE=

# apt-get update calls it a success when no mirror answers, so its log is remembered.
apt_update() {
  step "apt-get update" as_root apt-get update || return
  ! grep -q "$UNREACHABLE" "$STEP_LOG" || MIRROR_UNREACHABLE=yes
}

apt_install() { # NAMES...
  step "apt-get install ($# to do)" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# offered NAME...: true when the package lists have them all.
offered() {
  local name
  for name in "$@"; do
    apt-cache policy "$name" 2>/dev/null | grep -q 'Candidate: [^(]' || return 1
  done
}

# why_apt_failed: one clause for the message, from the log of the failed step.
why_apt_failed() {
  if [ -n "$MIRROR_UNREACHABLE" ] || grep -q "$UNREACHABLE" "$STEP_LOG"; then
    echo "the Debian mirror can not be reached; check the network or the mirror in /etc/apt"
  elif grep -q 'Unable to locate package\|has no installation candidate' "$STEP_LOG"; then
    echo "the package lists of this machine do not offer $(grep -o 'Unable to locate package .*\|Package .* has no installation' "$STEP_LOG" | head -n 1 | sed "s/Unable to locate package //; s/Package '\\?//; s/'\\? has no.*//")"
  elif grep -q 'Could not get lock' "$STEP_LOG"; then
    echo "another package manager is running; wait for it and try again"
  elif grep -q 'ertificate' "$STEP_LOG"; then
    echo "the certificate of the Debian mirror is not trusted here"
  elif grep -q 'No space left\|enough free space' "$STEP_LOG"; then
    echo "the disk is full"
  else
    echo "see $STEP_LOG"
  fi
}

install_system_packages() { # demo|tests|corpus|traffic
  local list=$DEMO_PACKAGES lines
  [ "$1" = demo ] || list+=$TESTS_PACKAGES
  [ "$1" != corpus ] || list+=$CORPUS_PACKAGES
  [ "$1" != traffic ] || list+=$TRAFFIC_PACKAGES
  lines=$(missing "$list")
  if [ -n "$lines" ]; then
    say "  Debian packages to install, and why:"
    tell "$lines"
    local wanted
    read -ra wanted <<<"$(names "$lines")"
    may_install "${wanted[*]}"
    offered "${wanted[@]}" || apt_update || fail "apt-get update failed: $(why_apt_failed)."
    # Old lists name files that the mirror no longer has: refresh them once.
    apt_install "${wanted[@]}" || { apt_update && apt_install "${wanted[@]}"; } ||
      fail "could not install ${wanted[*]}: $(why_apt_failed)."
    hash -r
    lines=$(missing "$list")
    [ -z "$lines" ] || fail "after installing, this is still missing: $(names "$lines")."
  fi
  [ "$1" = demo ] || install_optional_packages
  say "  Debian packages: all there"
}

install_optional_packages() {
  local lines wanted
  lines=$(missing "$OPTIONAL_PACKAGES")
  [ -n "$lines" ] || return 0
  read -ra wanted <<<"$(names "$lines")"
  if ! command -v apt-get >/dev/null || ! offered "${wanted[@]}"; then
    say "  note: ${wanted[*]} is not offered by this machine's package lists; the tests that need it are left out"
    return 0
  fi
  say "  Debian packages to install, and why:"
  tell "$lines"
  may_install "${wanted[*]}"
  apt_install "${wanted[@]}" || say "  note: ${wanted[*]} could not be installed; the tests that need it are left out"
}
