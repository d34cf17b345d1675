# SPDX-License-Identifier: Apache-2.0
# Packages a compiled core as an IP of Vivado's catalogue, with its AXI4-Stream and AXI4-Lite interfaces on clock `clk` and reset `rst`:
#
#   vivado -mode batch -source boards/ip/package_ip.tcl -tclargs DESIGN OUT [PART]
#
# DESIGN is what `bpf2hdl compile PROG -o DESIGN` wrote; OUT a folder that becomes an IP repository. PART: xcu50-fsvh2104-2-e if left out.
if {$argc < 2 || $argc > 3} { error "usage: package_ip.tcl DESIGN OUT \[PART\]" }
lassign $argv design out part
source [file join [file dirname [file normalize [info script]]] .. common design.tcl]
if {$part eq ""} { set part xcu50-fsvh2104-2-e }
set files [bpf_design_files $design [bpf_manifest_number $design bus_bits]]
set program [bpf_manifest_text $design program]
set out [file normalize $out]
file mkdir $out/src
foreach file $files { file copy -force $file $out/src }

create_project -in_memory -part $part
set copies {}
foreach file $files { lappend copies $out/src/[file tail $file] }
add_files -norecurse $copies
set_property file_type SystemVerilog [get_files $copies]
set_property top bpf_core [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir $out -vendor bpf2hdl -library xdp -taxonomy /Networking -force
set core [ipx::current_core]
set_property name bpf_core_$program $core
set_property display_name "XDP program $program" $core
set_property description "An XDP program as a pipeline, made by bpf2hdl" $core
set_property version 1.0 $core

# The streams and the register bus are found by the names of their ports; clock and reset are told.
ipx::infer_bus_interface clk xilinx.com:signal:clock_rtl:1.0 $core
ipx::infer_bus_interface rst xilinx.com:signal:reset_rtl:1.0 $core
set_property value ACTIVE_HIGH [ipx::add_bus_parameter POLARITY [ipx::get_bus_interfaces rst -of_objects $core]]
foreach name {s_axis m_axis_pass m_axis_tx m_axis_redirect m_axis_event s_axil} {
    ipx::associate_bus_interfaces -busif $name -clock clk -reset rst $core
}
ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::check_integrity $core
ipx::save_core $core
close_project
