# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# All tests. Cargo's go last, so that its summary is what one sees.

run_tests() {
  local failed=()
  export BPF2HDL=$TARGET/release/bpf2hdl
  if [ -x hdl/tests/run.sh ]; then
    say "== Tests of the hardware library"
    hdl/tests/run.sh || failed+=("hdl/tests/run.sh")
  fi
  say "== The NIC with two programs"
  "$BPF2HDL_TOOLS/bin/python" -B hdl/tests/cocotb/nic_run.py --packets 600 || failed+=("the NIC")
  say "== The 10-gigabit MAC"
  "$BPF2HDL_TOOLS/bin/python" -B hdl/tests/cocotb/xgmii_run.py --packets 300 || failed+=("the 10-gigabit MAC")
  say "== The wrappers of the NIC shells"
  python3 -B testbench/setup/shells.py ports lint scripts || failed+=("the NIC shells")
  say "== The README's own commands"
  python3 -B testbench/setup/readme_check.py || failed+=("the README check")
  say "== cargo test"
  cargo test --workspace --release --locked --no-fail-fast "$@" || failed+=("cargo test")
  [ ${#failed[@]} = 0 ] || { local IFS=,; fail "failed: ${failed[*]}"; }
}
