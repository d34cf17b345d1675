#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reads and synthesises each module with yosys and prints its cells: synth.sh [xcup|ecp5] [module]
set -u
. "$(dirname "$0")/tools.sh"
target=${1:-xcup}
only=${2:-}
case $target in
  xcup) flow="synth_xilinx -family xcup -noiopad -noclkbuf" ;;
  ecp5) flow="synth_ecp5" ;;
  *) echo "synth.sh: unknown target $target" >&2; exit 2 ;;
esac
slots='' empty='' # the NIC's slots, black boxes
cd "$cache" || exit 1 # outputs are relative: yowasp's /tmp is its own
failed=0

synth() { # label module parameter value...
  local label=$1 module=$2 sets=()
  shift 2
  [ -z "$only" ] || [ "$only" = "$module" ] || return
  while [ $# -gt 1 ]; do sets+=(-set "$1" "$2"); shift 2; done
  if ! "$yosys" -q -p "read_verilog -sv $slots $hdl/rtl/bpf_*.sv; $empty ${sets[*]:+chparam ${sets[*]} $module;} $flow -top $module -flatten; check -assert; tee -o synth.stat stat" \
      </dev/null >synth.log 2>&1; then
    printf 'FAIL %s\n' "$label"
    tail -5 synth.log
    failed=1
    return
  fi
  awk -v label="$label" '
    $1 ~ /^[0-9]+$/ && NF == 2 { n[$2] += $1 }
    END {
      for (c in n) {
        if (c ~ /^LUT[1-6]$/ || c == "LUT4" || c == "INV") lut += n[c]
        else if (c ~ /^FD|TRELLIS_FF/) ff += n[c]
        else if (c ~ /^RAMB36/) bram += n[c]
        else if (c ~ /^RAMB18/) bram += n[c] / 2
        else if (c ~ /DP16KD|PDPW16KD/) bram += n[c]
        else if (c ~ /^URAM/) uram += n[c]
        else if (c ~ /^DSP|^MULT/) dsp += n[c]
        else if (c ~ /^CCU2C/) lut += 2 * n[c]
        else if (c ~ /^SRL/) srl += n[c]
        else if (c ~ /^RAM[0-9]|DPR16X4/) lutram += n[c]
      }
      printf "%-44s LUT %5d  FF %5d  BRAM %5.1f  URAM %3d  DSP %2d  SRL %4d  LUTRAM cells %4d\n", label, lut, ff, bram, uram, dsp, srl, lutram
    }' synth.stat
}

for bus in 64 512; do
  synth "ingress bus $bus, window 64" bpf_ingress BUS_W $bus WINDOW_BYTES 64 RESULT_DEPTH 256
  synth "packet_buffer bus $bus, 32 KiB" bpf_packet_buffer BUS_W $bus LENGTHS 256
  synth "splice bus $bus, edits 64" bpf_splice BUS_W $bus EDIT_BYTES 64
  synth "splice bus $bus, no edits" bpf_splice BUS_W $bus EDIT_BYTES 0
  synth "sink_fifo bus $bus, 16 KiB" bpf_sink_fifo BUS_W $bus
  synth "tx_merge bus $bus" bpf_tx_merge BUS_W $bus
done
synth "far_load bus 512, 2 bytes, stride 8" bpf_far_load BYTES 2 STRIDE 8
synth "far_load bus 512, 4 bytes" bpf_far_load
synth "far_load bus 64, 4 bytes" bpf_far_load BUS_W 64
synth "events bus 512, 32 bytes" bpf_events DATA_BYTES 32 ROW_W 300 ROWS 512 TOKENS 256
synth "events bus 512, 16 bytes, packets" bpf_events DATA_BYTES 16 ROW_W 170 ROWS 512 TOKENS 256 PACKET_LANES 1 PACKET_BYTES 1518 BEATS 1024
synth "events bus 64, 3 x 64 bytes" bpf_events BUS_W 64 LANES 3 DATA_BYTES 64 ROW_W 900 ROWS 512 TOKENS 256
synth "mac_rx" bpf_mac_rx MAX_FRAME 1536
synth "mac_tx" bpf_mac_tx
synth "frame_fifo 512 x 68" bpf_frame_fifo WIDTH 68
synth "gmii_port" bpf_gmii_port MAX_FRAME 1536
synth "serial" bpf_serial CLOCKS 543
synth "fifo 36x64" bpf_fifo WIDTH 36 DEPTH 64
synth "map_array 256x16" bpf_map_array ENTRIES 256 VALUE_W 16
synth "map_array 1024x64" bpf_map_array ENTRIES 1024 VALUE_W 64
synth "map_array 65536x64" bpf_map_array ENTRIES 65536 VALUE_W 64
synth "map_regs 1x64" bpf_map_regs ENTRIES 1 VALUE_W 64
synth "map_regs 8x64" bpf_map_regs ENTRIES 8 VALUE_W 64
synth "map_lutram 16x64" bpf_map_lutram ENTRIES 16 VALUE_W 64
synth "map_lutram 64x64" bpf_map_lutram ENTRIES 64 VALUE_W 64
synth "map_bits 4096, 5 ports each" bpf_map_bits ENTRIES 4096 READ_PORTS 5 WRITE_PORTS 5
synth "map_lpm IPv4, 128 prefixes" bpf_map_lpm KEY_W 32 LEVELS 4 SLOT_W 7
synth "map_lpm IPv4, 2048 prefixes" bpf_map_lpm KEY_W 32 LEVELS 6 SLOT_W 11
synth "map_lpm IPv4, 32768 prefixes" bpf_map_lpm KEY_W 32 LEVELS 8 SLOT_W 15
synth "map_lpm IPv6, 2048 prefixes" bpf_map_lpm KEY_W 128 LEVELS 6 SLOT_W 11
synth "map_trie IPv4, 64 prefixes" bpf_map_trie KEY_W 64 MAX_ENTRIES 64
synth "map_trie IPv4, 1024 prefixes" bpf_map_trie KEY_W 64 MAX_ENTRIES 1024
synth "map_trie IPv4, 1024 prefixes, lengths" bpf_map_trie KEY_W 64 MAX_ENTRIES 1024 LENGTHS 1
synth "map_trie IPv6, 1024 prefixes" bpf_map_trie KEY_W 160 MAX_ENTRIES 1024
for lru in 0 1; do
  name=$([ $lru = 0 ] && echo hash || echo lru_hash)
  for key in 4 13 40; do
    for entries in 16 256 4096 65536 131072; do
      synth "$name, $entries entries, keys of $key bytes" bpf_map_hash MAX_ENTRIES $entries KEY_W $((8 * key)) LRU $lru
    done
  done
done
synth "hash, 4096 entries, keys of 13 bytes, 2 ports" bpf_map_hash MAX_ENTRIES 4096 KEY_W 104 PORTS 2
synth "interlock 4 stages, key 16" bpf_interlock STAGES 4 KEY_W 16
for bus in 64 512; do synth "tap bus $bus" bpf_tap BUS_W $bus; done
for bus in 64 512; do
  synth "dma bus $bus, 1 + 1 queues" bpf_dma BUS_W $bus RX_QUEUES 1 TX_QUEUES 1 SLOTS $((bus < 512 ? 128 : 512)) OUTSTANDING $bus
done
synth "dma bus 512, 4 + 4 queues" bpf_dma
for bus in 64 512; do
  slots="-D BUS=$bus -I $hdl/tests $hdl/tests/empty_slots/bpf_slot_a.sv $hdl/tests/empty_slots/bpf_slot_b.sv" empty='blackbox bpf_slot_a bpf_slot_b;'
  synth "nic bus $bus, 2 + 2 queues, without programs" bpf_nic BUS_W $bus DATA_QUEUES 2 TX_QUEUES 2
done
slots='' empty=''
synth "xgmii rx" bpf_xgmii_rx
synth "xgmii tx" bpf_xgmii_tx
synth "engine bus 64, 8192 instructions, 64 KiB" bpf_engine BUS_W 64 MAX_FRAME 1518
synth "csr, no maps" bpf_csr MAX_VALUE_BYTES 0
synth "csr, values of 8 bytes" bpf_csr MAP_COUNT 2 MAX_VALUE_BYTES 8
synth "csr, values of 64 bytes" bpf_csr MAP_COUNT 2 MAX_VALUE_BYTES 64
synth "csr, values of 8 bytes, keys of 13" bpf_csr MAP_COUNT 2 MAX_VALUE_BYTES 8 MAX_KEY_BYTES 13
exit $failed
