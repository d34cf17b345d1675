# SPDX-License-Identifier: Apache-2.0
# Makes a project of NetFPGA-PLUS with a compiled program in the place of the output port lookup:
#
#   tclsh boards/netfpga-plus/prepare.tcl NETFPGA_PLUS DESIGN      (or: vivado -mode batch -source boards/netfpga-plus/prepare.tcl -tclargs NETFPGA_PLUS DESIGN)
#
# NETFPGA_PLUS is a clone of NetFPGA-PLUS, DESIGN what `bpf2hdl compile PROG -o DESIGN --target xcup --clock 250 --bus 512` wrote. The project is
# hw/projects/bpf_nic, a copy of hw/projects/reference_nic with our block in its nf_datapath.v, our sources and settings in its script. Nothing else of the clone is changed.
source [file join [file dirname [file normalize [info script]]] .. common design.tcl]

proc bpf_read {path} {
    if {[catch {open $path} in]} { error "$path: $in" }
    set text [read $in]
    close $in
    return $text
}

proc bpf_write {path text} {
    set out [open $path w]
    puts -nonewline $out $text
    close $out
}

# bpf_exchange TEXT PATTERN NEW WHAT: TEXT with NEW in the one place where PATTERN is; an error that names WHAT if there is not exactly one.
proc bpf_exchange {text pattern new what} {
    if {[regsub -all -line $pattern $text $new text] != 1} { error "$what is not as we know it: this is not the reference_nic of NetFPGA-PLUS 1.0" }
    return $text
}

# bpf_script TEXT FILES XDC: the project's script with a data path of 512 bits, without the reference's lookup, with these sources, and 128 KiB of registers at 0x40000.
proc bpf_script {text files xdc} {
    set text [bpf_exchange $text {^set datapath_width_bit +\d+$} {set datapath_width_bit    512} "the width of the data path"]
    set lines {}
    foreach line [split $text \n] {
        if {![string match *nic_output_port_lookup* $line]} { lappend lines $line }
    }
    set text [join $lines \n]
    set text [bpf_exchange $text {CONFIG\.M01_A00_ADDR_WIDTH +\{16\}} {CONFIG.M01_A00_ADDR_WIDTH {17}} "the crossbar"]
    set text [bpf_exchange $text {CONFIG\.M01_A00_BASE_ADDR +\{0x0000000000010000\}} {CONFIG.M01_A00_BASE_ADDR {0x0000000000040000}} "the crossbar"]
    set new {}
    foreach file $files { append new "read_verilog -sv {$file}\n" }
    append new "read_xdc -ref bpf_axil_cross {$xdc}\n"
    return [bpf_exchange $text {^(read_verilog +"\./hdl/nf_datapath\.v")$} "$new\\1" "the list of sources"]
}

proc bpf_prepare {netfpga design} {
    set here [file dirname [file normalize [info script]]]
    set projects [file join [file normalize $netfpga] hw projects]
    set files [bpf_design_files $design 512]
    foreach name [bpf_common_files] { lappend files [file normalize $here/../common/$name] }
    foreach name {bpf_tx_merge.sv bpf_sink_fifo.sv bpf_admission.sv bpf_fifo.sv bpf_axil_split.sv bpf_shell_regs.sv} { lappend files [file normalize $here/../../hdl/rtl/$name] }
    lappend files $here/bpf_output_port_lookup.sv
    set xdc [file normalize $here/../common/bpf_axil_cross.xdc]
    set script [bpf_script [bpf_read $projects/reference_nic/hw/tcl/reference_nic.tcl] [bpf_unique_files $files] $xdc]
    set datapath [bpf_exchange [bpf_read $projects/reference_nic/hw/hdl/nf_datapath.v] {\mnic_output_port_lookup_ip\M} bpf_output_port_lookup "nf_datapath.v"]
    file delete -force $projects/bpf_nic
    file mkdir $projects/bpf_nic
    file copy $projects/reference_nic/hw $projects/bpf_nic/hw
    file delete $projects/bpf_nic/hw/tcl/reference_nic.tcl
    bpf_write $projects/bpf_nic/hw/tcl/bpf_nic.tcl $script
    bpf_write $projects/bpf_nic/hw/hdl/nf_datapath.v $datapath
    puts "$projects/bpf_nic: ready for make"
}

if {$argc != 2} { error "usage: prepare.tcl NETFPGA_PLUS DESIGN" }
bpf_prepare {*}$argv
