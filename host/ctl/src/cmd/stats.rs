// SPDX-License-Identifier: Apache-2.0
//! `stats [show|clear]`: what the core counts, and the shell around it.

use super::Context;
use crate::device::surprise;
use crate::error::Result;
use crate::help;
use crate::json::Json;
use crate::output::Shown;
use crate::protocol::{Reply, Request};
use crate::words::{Keywords, Words};
use bpf2hdl_interface::registers::Counter;

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let keywords = Keywords { what: "stats command", bpftool: &["show", "help"], own: &["clear"] };
    let mut device = context.open(words)?;
    let command = words.next().map_or(Ok("show"), |word| keywords.find(&word))?;
    words.end()?;
    if command == "help" {
        return help::of(Some("stats"));
    }
    let status = device.status()?;
    if command == "clear" {
        let load = device.manifest()?.0;
        device.call(&Request::ClearCounters { load }, &[])?;
        return Ok(Shown::done());
    }
    let mut core = Vec::new();
    if let Some(program) = &status.program {
        match device.call(&Request::Counters { load: program.load }, &[])?.0 {
            Reply::Counters(numbers) => core = Counter::ALL.iter().map(|counter| counter.name()).zip(numbers).collect(),
            other => return Err(surprise(&other)),
        }
    }
    let shell = serde_json::to_value(&status.counters).unwrap_or_default();
    let mut text = String::new();
    if !core.is_empty() {
        text.push_str("core\n");
    }
    for (name, number) in &core {
        text.push_str(&format!("  {name:<28}{number:>16}\n"));
    }
    text.push_str("shell\n");
    for (name, number) in shell.as_object().into_iter().flatten() {
        text.push_str(&format!("  {name:<28}{number:>16}\n"));
    }
    for (title, list) in
        status.nic.iter().flat_map(|nic| [("gate", &nic.gate), ("slots", &nic.slots), ("dma", &nic.dma)])
    {
        text.push_str(&format!("{title}\n"));
        for (name, number) in list {
            text.push_str(&format!("  {name:<28}{number:>16}\n"));
        }
    }
    let core = Json::object(core.into_iter().map(|(name, number)| (name, Json::from(number))));
    let nic = status.nic.map(|nic| ("nic", Json::Plain(serde_json::to_value(nic).unwrap_or_default())));
    let parts = [("core", core), ("shell", Json::Plain(shell))].into_iter().chain(nic);
    Ok(Shown::new(text, Json::object(parts)))
}
