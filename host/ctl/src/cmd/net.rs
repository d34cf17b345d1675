// SPDX-License-Identifier: Apache-2.0
//! `net`, as bpftool shows what is attached, and `status`, the table of xdp-loader.

use super::Context;
use super::prog::tag;
use crate::error::{Code, Failure, Result};
use crate::help;
use crate::json::Json;
use crate::output::Shown;
use crate::protocol::Status;
use crate::words::{Keywords, Words};

/// The interface behind the DMA, or the device itself.
fn interface(status: &Status) -> (String, u32) {
    let host = status.interfaces.iter().find(|interface| interface.side == "dma");
    host.map_or_else(|| (status.device.clone(), 0), |host| (host.name.clone(), host.ifindex))
}

/// Runs `net`.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    let keywords = Keywords { what: "net command", bpftool: &["show", "list", "attach", "detach", "help"], own: &[] };
    match words.next().map_or(Ok("show"), |word| keywords.find(&word))? {
        "help" => return help::of(Some("net")),
        command @ ("attach" | "detach") => {
            let text = format!("`net {command}` is not for a NIC: the program that is loaded is the one that runs");
            return Err(Failure::new(Code::Refused, text).hint("`prog load PROG` and `prog unload`"));
        }
        _ => {}
    }
    words.end()?;
    let status = device.status()?;
    let (name, ifindex) = interface(&status);
    let mut text = String::from("xdp:\n");
    let mut list = Vec::new();
    if let Some(program) = &status.program {
        text.push_str(&format!("{name}({ifindex}) offload id {}\n", program.load));
        list.push(Json::object([
            ("devname", Json::from(name)),
            ("ifindex", Json::from(ifindex)),
            ("mode", Json::from("offload")),
            ("id", Json::from(program.load)),
        ]));
    }
    text.push_str("\ntc:\n\nflow_dissector:\n\n");
    let empty = || Json::List(Vec::new());
    let json = Json::object([("xdp", Json::List(list)), ("tc", empty()), ("flow_dissector", empty())]);
    Ok(Shown::new(text, Json::List(vec![json])))
}

/// Runs `status`.
pub(super) fn status(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    if words.take("help") {
        return help::of(Some("status"));
    }
    words.end()?;
    let status = device.status()?;
    let rule = "-".repeat(86);
    let mut text = format!(
        "CURRENT XDP PROGRAM STATUS:\n\n{:<17}{:<6}{:<18}{:<9}{:<5}{:<19}{}\n{rule}\n",
        "Interface", "Prio", "Program name", "Mode", "ID", "Tag", "Chain actions"
    );
    let (name, _) = interface(&status);
    match &status.program {
        Some(program) => {
            text.push_str(&format!(
                "{name:<23}{:<18}{:<9}{:<5}{:<19}\n",
                program.name,
                "hw",
                program.load,
                tag(program)
            ));
        }
        None => text.push_str(&format!("{name:<23}{:<18}\n", "<No XDP program loaded!>")),
    }
    let loading = if status.loading { ", another program is being loaded" } else { "" };
    text.push_str(&format!(
        "\n{}: {}{loading}; bus {} bits, {} MHz on {}\n",
        status.device, status.state, status.bus_bits, status.clock_mhz, status.target
    ));
    if let Some(nic) = &status.nic {
        let (posted, all) =
            nic.rings.iter().fold((0, 0), |(posted, all), ring| (posted + ring.posted, all + ring.descriptors));
        let get = |list: &std::collections::BTreeMap<String, u64>, name: &str| list.get(name).copied().unwrap_or(0);
        text.push_str(&format!(
            "slot {} runs, {} switches, the last one took {} clocks; gate: {} frames, {} lost; DMA: {} frames to the host, {} from it, \
             {} rings, {posted} of {all} buffers posted, {} KiB\n",
            nic.running,
            get(&nic.slots, "switches"),
            nic.last_switch_clocks,
            get(&nic.gate, "rx_frames"),
            get(&nic.gate, "rx_full"),
            get(&nic.dma, "rx_frames"),
            get(&nic.dma, "tx_frames"),
            nic.rings.len(),
            nic.memory_bytes / 1024,
        ));
    }
    Ok(Shown::new(text, Json::Plain(serde_json::to_value(&status).unwrap_or_default())))
}
