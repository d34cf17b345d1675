# SPDX-License-Identifier: Apache-2.0
# Synthesises, places and routes a compiled core alone, out of context, and reports what it takes and whether it meets its clock:
#
#   vivado -mode batch -source boards/ip/out_of_context.tcl -tclargs DESIGN [PART] [MHZ] [OUT]
#
# DESIGN is what `bpf2hdl compile PROG -o DESIGN` wrote. PART: xcu50-fsvh2104-2-e (Alveo U50) if left out. MHZ: that of the design. OUT: DESIGN/vivado.
if {$argc < 1 || $argc > 4} { error "usage: out_of_context.tcl DESIGN \[PART\] \[MHZ\] \[OUT\]" }
lassign $argv design part mhz out
source [file join [file dirname [file normalize [info script]]] .. common design.tcl]
if {$part eq ""} { set part xcu50-fsvh2104-2-e }
if {$mhz eq ""} { set mhz [bpf_manifest_number $design clock_mhz] }
if {$out eq ""} { set out [file join [file normalize $design] vivado] }
set files [bpf_design_files $design [bpf_manifest_number $design bus_bits]]
file mkdir $out

read_verilog -sv $files
synth_design -mode out_of_context -top bpf_core -part $part -flatten_hierarchy rebuilt
create_clock -name clk -period [expr {1000.0 / $mhz}] [get_ports clk]
report_utilization -hierarchical -file $out/utilization_synth.rpt
write_checkpoint -force $out/bpf_core_synth.dcp
opt_design
place_design
route_design
report_utilization -file $out/utilization.rpt
report_timing_summary -file $out/timing.rpt
write_checkpoint -force $out/bpf_core.dcp
