# SPDX-License-Identifier: Apache-2.0
"""The NIC shells in boards/ and how each is checked."""

COMMON = [f"boards/common/{name}.sv" for name in ("bpf_shell", "bpf_shell_join", "bpf_shell_output")]
LIBRARY = [f"hdl/rtl/{name}.sv" for name in ("bpf_tx_merge", "bpf_sink_fifo", "bpf_admission", "bpf_fifo", "bpf_axil_split", "bpf_shell_regs")]

OPENNIC_BODY = """  wire internal_box_rstn;
  generic_reset reset_inst (.mod_rstn(box_rstn), .mod_rst_done(box_rst_done), .clk(axil_aclk), .rstn(internal_box_rstn));
  `include "box_250mhz_address_map_inst.vh"
  `include "user_plugin_250mhz_inst.vh\""""
CORUNDUM_APP_ID = 0xB2F00001


class Shell:
    """One shell.

    name            folder in boards/
    bus             bits of the packet bus
    files           sources of the wrapper without the core's, from the root of the repository
    includes        folders of files that the shell includes
    sim_files       sources that only simulation needs; sim_top their top
    stub            (module of the port table that is the shell's own, its body) or None
    top             our module, for synthesis
    ports           [(module, files, parameters)]: port tables to compare
    configurations  parameters of sim_top that are linted
    programs        {example: [parameters of sim_top, parameters of top, ports, interfaces]}; interfaces: the program's number of each port
    min_tx          bytes that a frame leaves with at least
    target          family that programs are compiled for; clock_mhz of the packet bus; line_gbps of a port
    bad_every       frames between two bad ones that the MAC offers; 0: none
    apart           whether a port that takes nothing holds up no other one
    generator       script that writes Verilog around the wrapper, or None; lint_top: module that is linted, if not sim_top
    """

    def __init__(self, name, **settings):
        self.name = name
        self.target, self.bad_every, self.apart, self.generator, self.lint_top = "xcup", 0, True, None, settings["sim_top"]
        self.__dict__.update(settings)


SHELLS = {
    "opennic": Shell(
        "opennic", bus=512, files=[*COMMON, *LIBRARY, "boards/common/bpf_axil_cross.sv", "boards/opennic/bpf_250mhz.sv"],
        includes=["boards/opennic/box_250mhz"], sim_files=["boards/opennic/box_250mhz/box_250mhz_address_map.v", "boards/opennic/sim/generic_reset.sv"],
        sim_top="box_250mhz", stub=("box_250mhz", OPENNIC_BODY), top="bpf_250mhz",
        ports=[("bpf_250mhz", ["boards/opennic/bpf_250mhz.sv"], {"NUM_INTF": n}) for n in (1, 2)],
        configurations=[{"NUM_PHYS_FUNC": n, "NUM_CMAC_PORT": n} for n in (1, 2)],
        programs={"firewall": [{"NUM_PHYS_FUNC": 1, "NUM_CMAC_PORT": 1}, {"NUM_INTF": 1}, 1, [1]],
                  "mac_swap": [{"NUM_PHYS_FUNC": 2, "NUM_CMAC_PORT": 2}, {"NUM_INTF": 2}, 2, [1, 2]],
                  "router": [{"NUM_PHYS_FUNC": 2, "NUM_CMAC_PORT": 2}, {"NUM_INTF": 2}, 2, [1, 21]]},
        min_tx=60, clock_mhz=250, line_gbps=100),
    "corundum": Shell(
        "corundum", bus=512, files=[*COMMON, *LIBRARY, "boards/corundum/mqnic_app_block.sv"], includes=[], sim_files=[],
        sim_top="mqnic_app_block", stub=None, top="mqnic_app_block",
        ports=[("mqnic_app_block", ["boards/corundum/mqnic_app_block.sv"], parameters) for parameters in
               ({"AXIL_APP_CTRL_ADDR_WIDTH": 24, "APP_ID": CORUNDUM_APP_ID}, {"AXIL_APP_CTRL_ADDR_WIDTH": 24, "APP_ID": CORUNDUM_APP_ID, "IF_COUNT": 2, "DDR_CH": 4},
                {"AXIL_APP_CTRL_ADDR_WIDTH": 24, "APP_ID": CORUNDUM_APP_ID, "AXIS_DATA_WIDTH": 64, "AXIS_SYNC_DATA_WIDTH": 128, "PTP_TS_ENABLE": 0, "HBM_CH": 32})],
        configurations=[{"IF_COUNT": n} for n in (1, 2)],
        programs={"firewall": [{"IF_COUNT": 1}, {"IF_COUNT": 1}, 1, [1]],
                  "mac_swap": [{"IF_COUNT": 2}, {"IF_COUNT": 2}, 2, [1, 2]],
                  "router": [{"IF_COUNT": 2}, {"IF_COUNT": 2}, 2, [1, 21]]},
        min_tx=60, clock_mhz=250, line_gbps=100),
    "netfpga-plus": Shell(
        "netfpga-plus", bus=512, files=[*COMMON, *LIBRARY, "boards/common/bpf_axil_cross.sv", "boards/netfpga-plus/bpf_output_port_lookup.sv"],
        includes=[], sim_files=[], sim_top="bpf_output_port_lookup", stub=None, top="bpf_output_port_lookup",
        ports=[("bpf_output_port_lookup", ["boards/netfpga-plus/bpf_output_port_lookup.sv"], parameters) for parameters in
               ({"C_S_AXI_ADDR_WIDTH": 32}, {"C_S_AXI_ADDR_WIDTH": 20, "C_M_AXIS_TUSER_WIDTH": 64, "C_S_AXIS_TUSER_WIDTH": 96})],
        configurations=[{"PORTS": n} for n in (1, 2)],
        programs={"firewall": [{"PORTS": 1}, {"PORTS": 1}, 1, [1]], "mac_swap": [{"PORTS": 2}, {"PORTS": 2}, 2, [1, 2]],
                  "router": [{"PORTS": 2}, {"PORTS": 2}, 2, [1, 21]]},
        min_tx=60, clock_mhz=250, line_gbps=100, apart=False),
    "litex": Shell(
        "litex", bus=64, files=[*COMMON, *LIBRARY, "hdl/rtl/bpf_frame_gate.sv", "hdl/rtl/bpf_gate_regs.sv", "boards/litex/bpf_litex.sv"], includes=[], sim_files=[],
        sim_top="litex_top", stub=None, top="bpf_litex", ports=[("bpf_litex", ["boards/litex/bpf_litex.sv"], {"DW": n}) for n in (64, 256)],
        configurations=[{"DW": 64}], programs={name: [{}, {"DW": 64}, 1, [1]] for name in ("firewall", "mac_swap", "router")},
        min_tx=0, target="ecp5", clock_mhz=125, line_gbps=1, bad_every=3, generator="boards/litex/sim/make_top.py", lint_top="bpf_litex"),
}
