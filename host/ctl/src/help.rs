// SPDX-License-Identifier: Apache-2.0
//! Help texts: one for the whole, one an object, one a code.

use crate::cmd::OBJECTS;
use crate::error::{Code, Failure, Result};
use crate::json::Json;
use crate::output::Shown;

/// What there is.
pub(crate) const MAIN: &str = "\
Usage: bpf2hdlctl [OPTIONS] OBJECT { COMMAND | help } [dev DEVICE]
       bpf2hdlctl batch file FILE
       bpf2hdlctl help [OBJECT | CODE]

       OBJECT  := { prog | map | net | feature | stats | status | trace | sim }
       OPTIONS := { -j|--json | -p|--pretty | -d|--device DEVICE | --design DIR | -h|--help | -V|--version }
       DEVICE  := { sim:NAME | pci:BDF | serial:PATH[,BAUD] | udp:HOST[:PORT] }, also in BPF2HDL_DEVICE

Keywords may be shortened: `bpf2hdlctl m du na NAME`.";

const PROG: &str = "\
Usage: bpf2hdlctl prog { show | list } [PROG]
       bpf2hdlctl prog load FILE [--keep-maps] [--instant] [--dry-run] [--maps FILE] [--select NAME] [COMPILER OPTIONS]
       bpf2hdlctl prog unload [PROG]
       bpf2hdlctl prog dump { xlated | jited | rtl } [PROG] [file FILE]
       bpf2hdlctl prog run [PROG] data_in FILE [data_out FILE] [repeat N]
       bpf2hdlctl prog tracelog [count N] [seconds S]

       FILE := { object | C source | folder of `bpf2hdl compile` }
       PROG := { id N | name NAME | tag TAG }
       COMPILER OPTIONS := { -I DIR | -D NAME=VALUE | --set NAME=VALUE | --entries MAP=N | --inner-maps MAP=N | --target T |
                             --clock MHZ | --optimize WHAT | --ii N }

`load` compiles and builds while the old program runs, and changes over between two packets; --keep-maps moves the contents of
maps of equal name and shape. After `unload` everything passes. `tracelog` shows what programs print (`bpf_printk`); 10 seconds unless told otherwise.";

const MAP: &str = "\
Usage: bpf2hdlctl map { show | list } [MAP]
       bpf2hdlctl map dump       MAP
       bpf2hdlctl map lookup     MAP key DATA
       bpf2hdlctl map update     MAP key DATA value DATA [any | noexist | exist]
       bpf2hdlctl map delete     MAP key DATA
       bpf2hdlctl map getnext    MAP [key DATA]
       bpf2hdlctl map event_pipe MAP [count N] [seconds S]
       bpf2hdlctl map { push | enqueue } MAP value DATA [exist]
       bpf2hdlctl map { pop | dequeue | peek } MAP

       MAP  := { id N | name NAME }
       DATA := { BYTE .. | hex BYTE .. | LITERAL .. }
       LITERAL := { 10.0.0.1 | fe80::1 | 10.0.0.0/8 | 02:00:00:00:00:01 | u32:N | be16:N | text:STRING | a number, where the type is one }";

const SIM: &str = "\
Usage: bpf2hdlctl sim up NAME --prog FILE [--bus BITS] [--clock MHZ] [--maps FILE] [--select NAME] [--quick] [--seed N]
                      [--ifindex N] [--tap IFNAME [--netns NS]] [--mac-tap IFNAME] [--mac-netns NS] [COMPILER OPTIONS]
       bpf2hdlctl sim down NAME
       bpf2hdlctl sim list
       bpf2hdlctl sim send NAME FILE.pcap [--out DIR] [--repeat N]

A simulated NIC in the background; its DEVICE is sim:NAME. --tap makes an interface behind the DMA, and IFNAME-mac at the other
end of the MAC's wire; --netns and --mac-netns put them into network namespaces.";

const STATS: &str = "Usage: bpf2hdlctl stats [show | clear] [dev DEVICE]";
const STATUS: &str = "Usage: bpf2hdlctl status [dev DEVICE]";
const NET: &str = "Usage: bpf2hdlctl net { show | list } [dev DEVICE]";
const FEATURE: &str = "Usage: bpf2hdlctl feature probe [dev DEVICE]";
const BATCH: &str = "Usage: bpf2hdlctl batch file { FILE | - }";
const TRACE: &str = "\
Usage: bpf2hdlctl trace file FILE [count N] [seconds S] [dev DEVICE]

Packets at entry (interface 0) and exit (interface 1) as pcapng, verdicts as comments; 10 seconds unless told otherwise.";

/// The help of an object, or what a code means.
pub(crate) fn of(what: Option<&str>) -> Result<Shown> {
    let Some(what) = what else { return Ok(Shown::new(MAIN, Json::null())) };
    if let Some(code) = Code::ALL.iter().find(|code| code.id().eq_ignore_ascii_case(what)) {
        let failure = Failure::new(*code, code.title());
        let text = format!("{}: {}\n\n  {}", code.id(), code.title(), failure.help);
        let json = Json::object([
            ("code", Json::from(code.id())),
            ("title", Json::from(code.title())),
            ("help", Json::from(failure.help.as_str())),
        ]);
        return Ok(Shown::new(text, json));
    }
    let text = match OBJECTS.find(what)? {
        "prog" => PROG,
        "map" => MAP,
        "sim" => SIM,
        "stats" => STATS,
        "status" => STATUS,
        "net" => NET,
        "feature" => FEATURE,
        "batch" => BATCH,
        "trace" => TRACE,
        _ => MAIN,
    };
    Ok(Shown::new(text, Json::null()))
}

/// `--version`.
pub(crate) fn version() -> String {
    format!("bpf2hdlctl {}", env!("CARGO_PKG_VERSION"))
}
