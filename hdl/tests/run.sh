#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lints the library over many parameter sets and runs the self-checking test benches: run.sh [lint|fifo|core|...]...
# One line per test; exit status 1 when one failed. Binaries are cached and rebuilt when a source changes.
set -u
. "$(dirname "$0")/tools.sh"

failed=0
report() { # status name details
  printf '%-4s %s%s\n' "$1" "$2" "${3:+ ($3)}"
  [ "$1" = PASS ] || failed=1
}

lint_one() { # module parameter=value...
  local module=$1 args=()
  shift
  for p in "$@"; do args+=("-G$p"); done
  if ! "$verilator" --lint-only -Wall -y "$hdl/rtl" "$hdl/rtl/$module.sv" --top-module "$module" "${args[@]}" >"$cache/lint.log" 2>&1; then
    echo "lint: $module $*"
    grep -A4 '^%' "$cache/lint.log"
    return 1
  fi
}

lint_far_load() {
  local ok=0 b w
  for b in 64 128 256 512; do
    for w in 1 4 8; do
      lint_one bpf_far_load BUS_W=$b BYTES=$w || ok=1
      lint_one bpf_far_load BUS_W=$b BYTES=$w STRIDE=2 PHASE=1 || ok=1
      lint_one bpf_far_load BUS_W=$b BYTES=$w STRIDE=8 PHASE=4 BUFFER_BYTES=131072 || ok=1
    done
    lint_one bpf_far_load BUS_W=$b BYTES=2 STRIDE=8 || ok=1
    lint_one bpf_far_load BUS_W=$b BYTES=8 STRIDE=4 PHASE=3 BUFFER_BYTES=1024 || ok=1
  done
  return $ok
}

lint_events() {
  local ok=0 b l
  for b in 64 128 256 512; do
    for l in 1 2 5; do
      lint_one bpf_events BUS_W=$b LANES=$l DATA_BYTES=$((8 * l * l)) ROW_W=$((1 + 99 * l)) || ok=1
      lint_one bpf_events BUS_W=$b LANES=$l PACKET_LANES=$l PACKET_BYTES=$((l == 2 ? 128 : 9216)) BEATS=32768 || ok=1
    done
  done
  return $ok
}

lint_hash() {
  local ok=0 e l p
  for e in 1 16 17 18 271 100000 1048576; do
    for l in 0 1; do
      for p in 1 3; do lint_one bpf_map_hash MAX_ENTRIES=$e LRU=$l PORTS=$p KEY_W=$((e % 2 == 0 ? 32 : 104)) || ok=1; done
    done
  done
  for e in 2 16 17 300; do lint_one bpf_map_hash MAX_ENTRIES=$((3 * e)) GROUPS=3 KEY_W=40 PORTS=2 || ok=1; done
  for e in 256 300 70000; do lint_one bpf_map_hash MAX_ENTRIES=$((2 * e)) GROUPS=$e KEY_W=64 || ok=1; done
  for e in 8 40 48 176 320 512; do lint_one bpf_map_hash KEY_W=$e MAX_ENTRIES=5000 || ok=1; done
  for e in 8 104; do for l in 0 1; do lint_one bpf_map_hash KEY_W=$e MAX_ENTRIES=5000 LRU=$l SLOW_RAM=1 || ok=1; done; done
  return $ok
}

lint_dma() {
  local ok=0 b q
  for b in 64 128 256 512; do
    lint_one bpf_dma_write BUS_W=$b || ok=1
    lint_one bpf_dma_read BUS_W=$b || ok=1
    for q in 1 3 16; do lint_one bpf_dma BUS_W=$b RX_QUEUES=$q TX_QUEUES=$((17 - q)) || ok=1; done
  done
  lint_one bpf_dma_rings SLOTS=16 || ok=1
  lint_one bpf_dma_tx BYTES=2048 MAX_FRAME=1518 || ok=1
  return $ok
}

lint_nic() { # bus; with slots that do nothing
  if ! "$verilator" --lint-only -Wall "+define+BUS=$1" "+incdir+$hdl/tests" -y "$hdl/rtl" -y "$hdl/tests/empty_slots" "$hdl/rtl/bpf_nic.sv" --top-module bpf_nic -GBUS_W="$1" >"$cache/lint.log" 2>&1; then
    echo "lint: bpf_nic $1"
    grep -A4 '^%' "$cache/lint.log"
    return 1
  fi
}

lint_all() {
  local ok=0 b w
  for b in 64 128 256 512; do
    for w in 0 1 14 64 100 512; do
      lint_one bpf_ingress BUS_W=$b WINDOW_BYTES=$w || ok=1
      lint_one bpf_ingress BUS_W=$b WINDOW_BYTES=$w FULL_LENGTH=1 TOKEN_MIN_BYTES=60 || ok=1
      lint_one bpf_splice BUS_W=$b EDIT_BYTES=$w || ok=1
    done
    lint_one bpf_ingress BUS_W=$b TOKEN_MIN_BYTES=300 MAX_FRAME=1518 RESULT_DEPTH=512 || ok=1
    for w in 2 3 4 84; do lint_one bpf_ingress BUS_W=$b INTERVAL=$w || ok=1; done
    lint_one bpf_packet_buffer BUS_W=$b LENGTHS=256 || ok=1
    lint_one bpf_sink_fifo BUS_W=$b || ok=1
    lint_one bpf_sink_fifo BUS_W=$b AHEAD=1 || ok=1
    lint_one bpf_replicate BUS_W=$b || ok=1
    lint_one bpf_replicate BUS_W=$b AHEAD=1 || ok=1
    lint_one bpf_tx_merge BUS_W=$b USER_W=$((b / 8)) || ok=1
    lint_one bpf_frame_gate BUS_W=$b WORDS=$((b * 4)) || ok=1
  done
  lint_far_load || ok=1
  lint_hash || ok=1
  for w in 1 16 17 64; do lint_one bpf_multiplier WIDTH=$w || ok=1; done
  for w in 1 7 32 64; do
    for b in 1 2 5; do
      lint_one bpf_divider WIDTH=$w BITS_PER_STAGE=$b || ok=1
      lint_one bpf_divider_serial WIDTH=$w BITS_PER_CLOCK=$b || ok=1
    done
  done
  for w in 2 3 84; do lint_one bpf_spacing INTERVAL=$w || ok=1; done
  for w in 0 1; do lint_one bpf_fifo WIDTH=1 DEPTH=4 OUTPUT_REG=$w || ok=1; done
  for b in 1 2 32 33 1000 70000; do
    for w in 0 1; do lint_one bpf_members ENTRIES=$b RESET_CLEARS=$w || ok=1; done
  done
  for b in 1 2 1000; do
    for w in 0 1; do
      lint_one bpf_map_array ENTRIES=$b WRITE=$w || ok=1
      lint_one bpf_map_array ENTRIES=$b READ_PORTS=3 FORWARD=$w VALUE_W=8 || ok=1
      lint_one bpf_map_regs ENTRIES=$((b % 7)) WRITE_PORTS=$w READ_PORTS=$((3 * w)) || ok=1
      lint_one bpf_map_lutram ENTRIES=$b WRITE=$w READ_PORTS=$((2 * w)) VALUE_W=$((8 + 64 * w)) || ok=1
    done
  done
  for b in 64 2048; do for w in 0 1 5; do lint_one bpf_map_bits ENTRIES=$b WRITE_PORTS=$w READ_PORTS=$((1 + w)) || ok=1; done; done
  lint_one bpf_map_parts "ENDS=64'h0000004000000020" || ok=1
  lint_one bpf_map_parts PARTS=1 ENDS=64 || ok=1
  for w in 1 2 9; do lint_one bpf_interlock STAGES=$w KEY_W=1 || ok=1; lint_one bpf_interlock STAGES=$w KEY_W=16 || ok=1; done
  for w in 1 5 7; do
    for b in 8 32 128; do
      lint_one bpf_map_lpm LEVELS=$w KEY_W=$b SLOT_W=$((2 * w)) || ok=1
      lint_one bpf_map_lpm LEVELS=$w KEY_W=$b SLOT_W=$((2 * w)) LENGTHS=1 || ok=1
    done
  done
  for e in 1 2 64 10000 524287; do
    for w in 0 1; do
      for b in 40 64 160 512; do lint_one bpf_map_trie MAX_ENTRIES=$e LENGTHS=$w KEY_W=$b PORTS=$((1 + w)) || ok=1; done
    done
  done
  lint_events || ok=1
  lint_dma || ok=1
  for w in 60 1536 9216; do
    lint_one bpf_mac_rx MAX_FRAME=$w || ok=1
    lint_one bpf_xgmii_rx MAX_FRAME=$w || ok=1
    lint_one bpf_gmii_port MAX_FRAME=$w RX_WORDS=2048 TX_WORDS=$((w < 100 ? 8 : 1024)) || ok=1
  done
  lint_one bpf_mac_tx || ok=1
  lint_one bpf_xgmii_tx || ok=1
  lint_one bpf_pulse_sync || ok=1
  for w in 4 16; do lint_one bpf_async_fifo DEPTH=$w || ok=1; done
  for w in 8 512; do lint_one bpf_frame_fifo DEPTH=$w WIDTH=$((w + 1)) || ok=1; done
  for w in 4 543 6510; do lint_one bpf_serial CLOCKS=$w || ok=1; done
  for w in 1 32; do lint_one bpf_udp USER_W=$w || ok=1; done
  for b in 64 128 256 512; do lint_one bpf_tap BUS_W=$b || ok=1; done
  for b in 0 1; do lint_one bpf_axil_split LAST=$b || ok=1; done
  for b in 1 2 8; do lint_one bpf_shell_regs PORTS=$b || ok=1; lint_one bpf_board_regs PORTS=$b || ok=1; done
  lint_one bpf_gate_regs || ok=1
  lint_one bpf_nic_regs || ok=1
  for b in 64 512; do
    lint_one bpf_slots BUS_W=$b || ok=1
    lint_one bpf_rx_gate BUS_W=$b || ok=1
    lint_nic "$b" || ok=1
  done
  lint_one bpf_axil_demux || ok=1
  lint_one bpf_arrival || ok=1
  for b in 64 128 256 512; do lint_one bpf_engine BUS_W=$b || ok=1; done
  lint_one bpf_engine BUS_W=64 SLOTS=4096 BYTES=32768 MAX_FRAME=1518 SINK_FIFO_BYTES=2048 || ok=1
  lint_one bpf_csr || ok=1
  lint_one bpf_csr MAP_COUNT=3 MAX_VALUE_BYTES=64 || ok=1
  lint_one bpf_csr MAX_VALUE_BYTES=0 || ok=1
  for b in 1 4 13 64; do lint_one bpf_csr MAP_COUNT=2 MAX_KEY_BYTES=$b || ok=1; done
  if [ $ok = 0 ]; then report PASS lint; else report FAIL lint; fi
}

bench() { # name
  local dir="$cache/$1" key
  key=$( (cat "$hdl"/rtl/*.sv "$hdl"/tests/*.sv "$hdl"/tests/*.svh "$hdl"/tests/*.sh "$hdl"/lint/*.vlt; command -v "$verilator") | sha256sum)
  if [ "$(cat "$dir/key" 2>/dev/null)" != "$key" ]; then
    rm -rf "$dir"
    mkdir -p "$dir"
    if ! "$verilator" --binary --timing -Wall -O3 -j 2 -MAKEFLAGS "$make_flags" -y "$hdl/rtl" -y "$hdl/tests" \
        "$hdl/lint/tests.vlt" "$hdl/tests/$1_tb.sv" --top-module "$1_tb" -Mdir "$dir" >"$dir/build.log" 2>&1; then
      report FAIL "$1" "build, see $dir/build.log"
      return
    fi
    echo "$key" >"$dir/key"
  fi
  if timeout 600 "$dir/V$1_tb" >"$dir/run.log" 2>&1 && grep -q "^PASS $1\$" "$dir/run.log"; then
    report PASS "$1"
  else
    report FAIL "$1" "see $dir/run.log"
    grep -m 3 -i 'fatal\|error' "$dir/run.log"
  fi
}

if [ $# = 0 ]; then
  set -- lint
  # nic_64, the narrow twin of nic, only by name: `./run nic rate`.
  for f in "$hdl"/tests/*_tb.sv; do [[ $f = */nic_64_tb.sv ]] || set -- "$@" "$(basename "$f" _tb.sv)"; done
fi
for name in "$@"; do
  if [ "$name" = lint ]; then
    lint_all
  elif [ -f "$hdl/tests/${name}_tb.sv" ]; then
    bench "$name"
  else
    report FAIL "$name" "no such test"
  fi
done
exit $failed
