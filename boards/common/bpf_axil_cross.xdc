# SPDX-License-Identifier: Apache-2.0
# For the module bpf_axil_cross (read_xdc -ref bpf_axil_cross): what stands still while a toggle crosses has one period of the receiving clock;
# toggles end in two flip-flops with ASYNC_REG.
set s_clk [get_clocks -of_objects [get_ports s_clk_i]]
set m_clk [get_clocks -of_objects [get_ports m_clk_i]]
set_max_delay -datapath_only -from [get_cells -regexp {(write_held_q|read_held_q|write_ask_q|read_ask_q)_reg.*}] -to $m_clk [get_property -min PERIOD $m_clk]
set_max_delay -datapath_only -from [get_cells -regexp {(bresp_held_q|rdata_held_q|write_done_q|read_done_q)_reg.*}] -to $s_clk [get_property -min PERIOD $s_clk]
