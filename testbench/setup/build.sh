# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Rust: finding it, building the compiler, starting a campaign.

check_rust() {
  command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin
  command -v cargo >/dev/null || fail "Rust is missing: install it from https://rustup.rs, then run the command again."
  local wanted have
  wanted=$(sed -n 's/^rust-version *= *"1\.\([0-9]*\).*/\1/p' Cargo.toml | head -n 1)
  have=$(cargo --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\)\..*/\1/p')
  [ -n "$have" ] || fail "cargo does not run: $(cargo --version 2>&1 | head -n 1)"
  [ "$have" -ge "${wanted:-85}" ] || fail "Rust 1.${wanted:-85} or later is needed, this machine has 1.$have; 'rustup update' brings it."
}

why_cargo_failed() {
  if grep -q 'SSL certificate problem\|certificate verify failed' "$STEP_LOG"; then
    echo "the certificate of the crate registry is not trusted here; CARGO_HTTP_CAINFO names a file of certificates to trust"
  elif grep -q 'needs to be updated but --locked\|cannot create the lock file\|cannot update the lock file' "$STEP_LOG"; then
    echo "Cargo.lock does not match the manifests"
  elif grep -q 'failed to download\|Could not resolve host\|spurious network error\|failed to get .* as a dependency' "$STEP_LOG"; then
    echo "the crate registry can not be reached"
  elif grep -q 'linker .* not found' "$STEP_LOG"; then
    echo "there is no C linker"
  else
    echo "see $STEP_LOG"
  fi
}

build_compiler() {
  say "== Building bpf2hdl"
  step "cargo build --release" cargo build --release --locked -p bpf2hdl -p bpf2hdlctl || fail "could not build bpf2hdl: $(why_cargo_failed)."
}

build_benchmark() {
  say "== Building the benchmarks"
  step "cargo build of the benchmarks" cargo build --release --locked -p bpf2hdl-benchmark ||
    fail "could not build the benchmarks: $(why_cargo_failed)."
}

# exec_benchmark ARGS...: replaces this shell by the benchmark program.
exec_benchmark() {
  build_benchmark
  exec "$TARGET/release/bpf2hdl-benchmark" "$@" --compiler "$TARGET/release/bpf2hdl"
}

# exec_kills N: replaces this shell by the test that kills the command N times.
exec_kills() {
  export BPF2HDL_KILLS=$1
  exec cargo test --release --locked -p bpf2hdlctl --test reload -- --nocapture a_killed_command_leaves_a_program
}

# exec_campaign NAME ARGS...: replaces this shell by a campaign script.
exec_campaign() {
  export BPF2HDL=$TARGET/release/bpf2hdl
  exec python3 -B "testbench/setup/$1.py" "${@:2}"
}

build_campaigns() {
  say "== Building the campaigns"
  step "cargo build --release" cargo build --release --locked -p bpf2hdl-campaign || fail "could not build the campaigns: $(why_cargo_failed)."
}

# exec_tool NAME ARGS...: replaces this shell by a campaign of bpf2hdl-campaign. Its Verilator models are used once, so
# they stay out of the user's cache.
exec_tool() {
  export BPF2HDL_CACHE=${BPF2HDL_CACHE:-$TARGET/$1/models}
  exec "$TARGET/release/bpf2hdl-campaign" "$1" --out "$TARGET/$1" "${@:2}"
}

# exec_boards ARGS...: replaces this shell by the simulation of the boards.
exec_boards() {
  export BPF2HDL=$TARGET/release/bpf2hdl
  exec "$BPF2HDL_TOOLS/bin/python" -B boards/tests/run.py "$@"
}

# exec_dma ARGS...: replaces this shell by the campaign on the DMA.
exec_dma() {
  exec "$BPF2HDL_TOOLS/bin/python" -B hdl/tests/cocotb/run.py "$@"
}

# exec_nic ARGS...: replaces this shell by the campaign on the NIC, or with `xgmii` on its 10-gigabit MAC.
exec_nic() {
  [ "${1:-}" != xgmii ] || exec "$BPF2HDL_TOOLS/bin/python" -B hdl/tests/cocotb/xgmii_run.py "${@:2}"
  export BPF2HDL=$TARGET/release/bpf2hdl
  exec "$BPF2HDL_TOOLS/bin/python" -B hdl/tests/cocotb/nic_run.py "$@"
}

# exec_corpus ARGS...: replaces this shell by the collector of real programs, which starts their judge.
exec_corpus() {
  export BPF2HDL_CACHE=${BPF2HDL_CACHE:-$TARGET/corpus/models}
  exec python3 -B testbench/setup/corpus.py "$@"
}
