# SPDX-License-Identifier: Apache-2.0
"""The NIC shells in boards/ and how each is checked."""

COMMON = [f"boards/common/{name}.sv" for name in ("bpf_shell", "bpf_shell_join", "bpf_shell_output", "bpf_shell_regs")]
LIBRARY = [f"hdl/rtl/{name}.sv" for name in ("bpf_tx_merge", "bpf_sink_fifo", "bpf_fifo")]

OPENNIC_BODY = """  wire internal_box_rstn;
  generic_reset reset_inst (.mod_rstn(box_rstn), .mod_rst_done(box_rst_done), .clk(axil_aclk), .rstn(internal_box_rstn));
  `include "box_250mhz_address_map_inst.vh"
  `include "user_plugin_250mhz_inst.vh\""""


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
    clock_mhz       of the packet bus
    """

    def __init__(self, name, **settings):
        self.name = name
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
        min_tx=60, clock_mhz=250),
}
