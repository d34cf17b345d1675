// SPDX-License-Identifier: Apache-2.0
//! A core behind a PCIe function: its registers are at the beginning of BAR 0.

use super::Transport;
use super::bar::Bar;
use super::direct::{self, Direct, Reach};
use crate::error::{Code, Failure, Result};
use std::path::Path;

impl Reach for Bar {}

/// Opens the function with this address (`0000:01:00.0`, or `01:00.0`) and compares the core with the manifest.
pub(super) fn open(address: &str, folder: Option<&Path>) -> Result<Box<dyn Transport>> {
    let full = if address.matches(':').count() == 1 { format!("0000:{address}") } else { address.to_owned() };
    let plain = full.len() == 12 && full.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'));
    if !plain {
        let text = format!("`{address}` is no address of a PCIe function");
        return Err(Failure::new(Code::DeviceName, text).hint("as `lspci -D` shows it: pci:0000:01:00.0"));
    }
    let path = Path::new("/sys/bus/pci/devices").join(&full).join("resource0");
    let design = direct::design("PCIe", folder)?;
    let bar = Bar::open(&path).map_err(|error| {
        let failure =
            Failure::new(Code::NoDevice, format!("the registers of {full} can not be reached: {error}")).at(&path);
        failure.hint("`lspci` shows the devices; root is needed, and the function's memory must be enabled")
    })?;
    let how = (false, "its bitstream is loaded by other tools");
    Ok(Box::new(Direct::open(format!("pci:{full}"), design, bar, how)?))
}
