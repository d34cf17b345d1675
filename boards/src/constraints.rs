// SPDX-License-Identifier: Apache-2.0
//! Constraints of a top module's ports: LPF for Lattice (nextpnr-ecp5, Diamond), XDC for Xilinx tools.

use super::Net;
use std::fmt::Write as _;

/// Lattice preferences.
#[must_use]
pub fn lpf(nets: &[Net]) -> String {
    let mut text = String::from("# Made by bpf2hdl from the board's description; do not edit.\n");
    for Net { name, pin, mhz } in nets {
        // Writing to a string can not fail.
        let _ = write!(
            text,
            "LOCATE COMP \"{name}\" SITE \"{}\";\nIOBUF PORT \"{name}\" IO_TYPE={}",
            pin.site,
            pin.io.name()
        );
        // RGMII's edges must be steep; what comes in floats nowhere.
        let fast = name.contains("_tx") && name.starts_with("eth");
        let _ = writeln!(text, "{};", if fast { " SLEWRATE=FAST" } else { "" });
        if let Some(mhz) = mhz {
            let _ = writeln!(text, "FREQUENCY PORT \"{name}\" {mhz:.6} MHZ;");
        }
    }
    text
}

/// Xilinx design constraints.
#[must_use]
pub fn xdc(nets: &[Net]) -> String {
    let mut text = String::from("# Made by bpf2hdl from the board's description; do not edit.\n");
    for Net { name, pin, mhz } in nets {
        let io = pin.io.name();
        let _ =
            writeln!(text, "set_property -dict {{PACKAGE_PIN {} IOSTANDARD {io}}} [get_ports {{{name}}}]", pin.site);
        if let Some(mhz) = mhz {
            let _ = writeln!(text, "create_clock -period {:.3} -name {name} [get_ports {{{name}}}]", 1000.0 / mhz);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BOARDS;

    #[test]
    fn every_net_is_placed_once() {
        for board in BOARDS {
            let text = lpf(&board.nets());
            for net in board.nets() {
                let place = format!("LOCATE COMP \"{}\" SITE \"{}\";", net.name, net.pin.site);
                assert_eq!(text.matches(&place).count(), 1, "{}: {}", board.name, net.name);
            }
            assert_eq!(text.matches("FREQUENCY PORT").count(), 3, "{}", board.name);
        }
    }

    #[test]
    fn both_kinds_say_the_same() {
        let nets = &BOARDS[0].nets()[..1];
        let wanted = "LOCATE COMP \"osc\" SITE \"P6\";\nIOBUF PORT \"osc\" IO_TYPE=LVCMOS33;\nFREQUENCY PORT \"osc\" 25.000000 MHZ;\n";
        assert!(lpf(nets).ends_with(wanted), "{}", lpf(nets));
        let wanted = "set_property -dict {PACKAGE_PIN P6 IOSTANDARD LVCMOS33} [get_ports {osc}]\ncreate_clock -period 40.000 -name osc [get_ports {osc}]\n";
        assert!(xdc(nets).ends_with(wanted), "{}", xdc(nets));
    }
}
