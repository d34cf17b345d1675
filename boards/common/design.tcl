# SPDX-License-Identifier: Apache-2.0
# For the build scripts of the shells: which files belong to a design.

# bpf_common_files: the modules of this folder that a wrapper needs.
proc bpf_common_files {} {
    return {bpf_axil_cross.sv bpf_shell.sv bpf_shell_join.sv bpf_shell_output.sv}
}

# bpf_design_files DIR BUS: the files of a design that `bpf2hdl compile` wrote, in order; an error when it is for another bus, or carries metadata
# before its frames, which no shell passes on.
proc bpf_design_files {dir bus} {
    set dir [file normalize $dir]
    set list [file join $dir bpf_core.f]
    if {![file exists $list]} { error "$list: there is no such file; is $dir the output of `bpf2hdl compile`?" }
    set in [open [file join $dir manifest.json]]
    set manifest [read $in]
    close $in
    if {![regexp {"bus_bits":\s*(\d+)} $manifest -> bits] || $bits != $bus} {
        error "$dir: the design's bus is not $bus bits wide; compile it with --bus $bus"
    }
    if {[regexp {"capabilities":\s*\[[^\]]*"metadata"} $manifest]} {
        error "$dir: the program uses bpf_xdp_adjust_meta, and this shell has no way to hand metadata to the host"
    }
    set in [open $list]
    set files {}
    foreach name [split [read $in]] { if {$name ne ""} { lappend files [file join $dir $name] } }
    close $in
    return $files
}

# bpf_unique_files FILES: without those whose module an earlier file has already brought.
proc bpf_unique_files {files} {
    set seen [dict create]
    set left {}
    foreach name $files {
        set tail [file tail $name]
        if {![dict exists $seen $tail]} { lappend left $name }
        dict set seen $tail 1
    }
    return $left
}

# bpf_manifest_text DIR FIELD, bpf_manifest_number DIR FIELD: a field of a design's manifest.
proc bpf_manifest_text {dir field} {
    set in [open [file join $dir manifest.json]]
    set manifest [read $in]
    close $in
    if {![regexp "\"$field\":\\s*\"(\[^\"\]*)\"" $manifest -> text]} { error "$dir: the manifest has no $field" }
    return $text
}
proc bpf_manifest_number {dir field} {
    set in [open [file join $dir manifest.json]]
    set manifest [read $in]
    close $in
    if {![regexp "\"$field\":\\s*(\[0-9.\]+)" $manifest -> number]} { error "$dir: the manifest has no $field" }
    return $number
}
