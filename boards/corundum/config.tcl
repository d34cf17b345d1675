# SPDX-License-Identifier: Apache-2.0
# Appended to the settings of a Corundum board by prepare.tcl, before they are handed to the top level: the application block is ours.
dict set params APP_ID "32'hB2F00001"
dict set params APP_ENABLE "1"
dict set params APP_CTRL_ENABLE "1"
dict set params APP_DMA_ENABLE "0"
dict set params APP_AXIS_DIRECT_ENABLE "0"
dict set params APP_AXIS_SYNC_ENABLE "0"
dict set params APP_AXIS_IF_ENABLE "1"
dict set params APP_STAT_ENABLE "0"
dict set params AXIL_APP_CTRL_ADDR_WIDTH "24"
