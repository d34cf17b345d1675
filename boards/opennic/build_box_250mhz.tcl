# SPDX-License-Identifier: Apache-2.0
# Sourced by the shell's script/build.tcl, in this folder: the sources of the 250 MHz box.
# BPF2HDL_DESIGN names the folder that `bpf2hdl compile PROG -o DIR --target xcup --clock 250 --bus 512` wrote.
if {![info exists ::env(BPF2HDL_DESIGN)]} {
    error "BPF2HDL_DESIGN is not set: the folder that `bpf2hdl compile PROG -o DIR --target xcup --clock 250 --bus 512` wrote"
}
source ../common/design.tcl
set bpf_files [bpf_design_files $::env(BPF2HDL_DESIGN) 512]
foreach name [bpf_common_files] { lappend bpf_files ../common/$name }
lappend bpf_files ../../hdl/rtl/bpf_tx_merge.sv ../../hdl/rtl/bpf_sink_fifo.sv ../../hdl/rtl/bpf_admission.sv ../../hdl/rtl/bpf_fifo.sv ../../hdl/rtl/bpf_axil_split.sv ../../hdl/rtl/bpf_shell_regs.sv
read_verilog -quiet -sv [bpf_unique_files $bpf_files]
read_verilog -quiet -sv bpf_250mhz.sv
read_xdc -ref bpf_axil_cross ../common/bpf_axil_cross.xdc
