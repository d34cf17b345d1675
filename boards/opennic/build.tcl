# SPDX-License-Identifier: Apache-2.0
# Builds OpenNIC with a compiled program in its 250 MHz box:
#
#   vivado -mode batch -source boards/opennic/build.tcl -tclargs OPEN_NIC_SHELL DESIGN BOARD [PORTS]
#
# OPEN_NIC_SHELL is a clone of open-nic-shell, DESIGN what `bpf2hdl compile PROG -o DESIGN --target xcup --clock 250 --bus 512` wrote, BOARD one of the
# shell's (au50, au55c, au55n, au200, au250, au280, au45n), PORTS 1 (default) or 2. The bitstream is in OPEN_NIC_SHELL/build/BOARD_bpf.
if {$argc < 3 || $argc > 4} { error "usage: build.tcl OPEN_NIC_SHELL DESIGN BOARD \[PORTS\]" }
lassign $argv shell design board ports
if {$ports eq ""} { set ports 1 }
if {$ports != 1 && $ports != 2} { error "PORTS is 1 or 2" }
set here [file dirname [file normalize [info script]]]
set shell [file normalize $shell]
if {![file exists $shell/script/build.tcl]} { error "$shell/script/build.tcl: there is no such file; is $shell a clone of open-nic-shell?" }
set ::env(BPF2HDL_DESIGN) [file normalize $design]

# A wrong design is an error here rather than after the shell's IP has been built.
source $here/../common/design.tcl
bpf_design_files $::env(BPF2HDL_DESIGN) 512

# The core takes frames of up to 9,216 bytes.
set argv [list -board $board -tag bpf -user_plugin $here -num_cmac_port $ports -num_phys_func $ports -max_pkt_len 9216 -overwrite 1 -impl 1 -post_impl 1]
set argc [llength $argv]
cd $shell/script
source build.tcl
