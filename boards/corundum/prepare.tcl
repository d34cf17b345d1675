# SPDX-License-Identifier: Apache-2.0
# Makes a build folder for a Corundum board with a compiled program in the application block:
#
#   tclsh boards/corundum/prepare.tcl BOARD_DIR DESIGN      (or: vivado -mode batch -source boards/corundum/prepare.tcl -tclargs BOARD_DIR DESIGN)
#   make -C BOARD_DIR/fpga_bpf2hdl
#
# BOARD_DIR is a board of a Corundum clone with a 512-bit interface, say corundum/fpga/mqnic/AU50/fpga_100g; DESIGN what `bpf2hdl compile PROG -o DESIGN
# --target xcup --clock 250 --bus 512` wrote. The new folder is a copy of the board's `fpga` folder: its Makefile gets our sources, its config.tcl our
# settings. Nothing else of the clone is changed.
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

# bpf_makefile TEXT FILES: a board's Makefile with these sources behind its own, without those of another application.
proc bpf_makefile {text files} {
    set lines {}
    set done 0
    foreach line [split $text \n] {
        if {[regexp {^\s*SYN_FILES\s*\+=\s*(rtl/)?app/} $line]} continue
        if {!$done && [regexp {^#\s*XDC files} $line]} {
            foreach file $files { lappend lines "SYN_FILES += $file" }
            lappend lines ""
            set done 1
        }
        lappend lines $line
    }
    if {!$done} { error "the board's Makefile has no line `# XDC files`: this is not a Corundum board as we know them" }
    return [join $lines \n]
}

# bpf_config TEXT SETTINGS: a board's config.tcl with these settings behind its own.
proc bpf_config {text settings} {
    set mark "# PCIe IP core settings"
    set at [string first $mark $text]
    if {$at < 0} { error "the board's config.tcl has no line `$mark`: this is not a Corundum board with PCIe as we know them" }
    return [string range $text 0 $at-1]$settings\n[string range $text $at end]
}

proc bpf_prepare {board design} {
    set here [file dirname [file normalize [info script]]]
    set board [file normalize $board]
    set files [bpf_design_files $design 512]
    foreach name [bpf_common_files] {
        if {$name ne "bpf_axil_cross.sv"} { lappend files [file normalize $here/../common/$name] }
    }
    foreach name {bpf_tx_merge.sv bpf_sink_fifo.sv bpf_admission.sv bpf_fifo.sv bpf_axil_split.sv bpf_shell_regs.sv} { lappend files [file normalize $here/../../hdl/rtl/$name] }
    lappend files $here/mqnic_app_block.sv
    set makefile [bpf_makefile [bpf_read $board/fpga/Makefile] [bpf_unique_files $files]]
    set config [bpf_config [bpf_read $board/fpga/config.tcl] [bpf_read $here/config.tcl]]
    file mkdir $board/fpga_bpf2hdl
    bpf_write $board/fpga_bpf2hdl/Makefile $makefile
    bpf_write $board/fpga_bpf2hdl/config.tcl $config
    puts "$board/fpga_bpf2hdl: ready for make"
}

if {$argc != 2} { error "usage: prepare.tcl BOARD_DIR DESIGN" }
bpf_prepare {*}$argv
