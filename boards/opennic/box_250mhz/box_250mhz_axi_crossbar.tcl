# SPDX-License-Identifier: Apache-2.0
# The shell's build.tcl sources a file of this name. The box has one register slave, which decodes its addresses itself: there is no crossbar to make.
