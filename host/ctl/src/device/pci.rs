// SPDX-License-Identifier: Apache-2.0
//! A core behind a PCIe function: its registers are at the beginning of BAR 0. What the host does is done by this process.

use super::Transport;
use super::bar::Bar;
use crate::error::{Code, Failure, Result};
use crate::execute;
use crate::protocol::{Program, Reply, Request, ShellCounters, Status};
use bpf2hdl_host::Device;
use bpf2hdl_interface::Manifest;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// A function with a core of a known design.
pub(super) struct Function {
    address: String,
    design: PathBuf,
    device: Device<Bar>,
    replies: VecDeque<Reply>,
}

impl Function {
    /// Opens the function with this address (`0000:01:00.0`, or `01:00.0`) and compares the core with the manifest.
    pub(super) fn open(address: &str, design: Option<&Path>) -> Result<Self> {
        let full = if address.matches(':').count() == 1 { format!("0000:{address}") } else { address.to_owned() };
        let plain = full.len() == 12 && full.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'));
        if !plain {
            let text = format!("`{address}` is no address of a PCIe function");
            return Err(Failure::new(Code::DeviceName, text).hint("as `lspci -D` shows it: pci:0000:01:00.0"));
        }
        let path = Path::new("/sys/bus/pci/devices").join(&full).join("resource0");
        let Some(design) = design else {
            let text = "a PCIe device needs the folder of the design that is in it";
            return Err(Failure::new(Code::Usage, text)
                .hint("give `--design DIR`, the output of `bpf2hdl compile` that the bitstream was made from"));
        };
        let manifest =
            Manifest::load(design).map_err(|error| Failure::new(Code::Artifact, error.to_string()).at(design))?;
        let bar = Bar::open(&path).map_err(|error| {
            let failure =
                Failure::new(Code::NoDevice, format!("the registers of {full} can not be reached: {error}")).at(&path);
            failure.hint("`lspci` shows the devices; root is needed, and the function's memory must be enabled")
        })?;
        let device = Device::open(bar, manifest)?;
        Ok(Self { address: full, design: design.to_owned(), device, replies: VecDeque::new() })
    }

    fn answer(&mut self, request: &Request) -> Result<Reply> {
        match request {
            Request::Status => Ok(Reply::Status(Box::new(self.status()))),
            Request::Manifest => Ok(Reply::Manifest { load: 1, manifest: self.device.manifest().to_json() }),
            Request::Map { map, op, .. } => execute::map(&mut self.device, *map, op),
            Request::Counters { .. } => execute::counters(&mut self.device),
            Request::ClearCounters { .. } => Ok(self.device.clear_counters().map(|()| Reply::Done)?),
            Request::Send
            | Request::Run { .. }
            | Request::Load(_)
            | Request::Unload
            | Request::Trace
            | Request::Events
            | Request::Down => Err(Failure::new(
                Code::Refused,
                format!("pci:{} can not do that: only simulated NICs can", self.address),
            )),
        }
    }

    fn status(&self) -> Status {
        let manifest = self.device.manifest();
        let program = Program {
            load: 1,
            slot: "A".to_owned(),
            name: manifest.program.clone(),
            build_id: manifest.build_id.clone(),
            source: self.design.display().to_string(),
            loaded_at: 0,
            uid: 0,
            bytes_xlated: crate::artifact::bytes_xlated(&self.design),
            stages: manifest.stages,
            latency_cycles: manifest.latency_cycles,
            target: manifest.target.clone(),
            clock_mhz: manifest.clock_mhz,
            design: self.design.display().to_string(),
        };
        Status {
            device: format!("pci:{}", self.address),
            pid: 0,
            bus_bits: manifest.bus_bits,
            clock_mhz: manifest.clock_mhz,
            target: manifest.target.clone(),
            state: "running".to_owned(),
            up_since: 0,
            interfaces: Vec::new(),
            program: Some(program),
            loading: false,
            listeners: 0,
            counters: ShellCounters::default(),
        }
    }
}

impl Transport for Function {
    fn put(&mut self, request: &Request, _: &[u8]) -> Result<()> {
        let reply = self.answer(request)?;
        self.replies.push_back(reply);
        Ok(())
    }

    fn take(&mut self) -> Result<(Reply, Vec<u8>)> {
        let reply = self.replies.pop_front();
        reply.map(|reply| (reply, Vec::new())).ok_or_else(|| Failure::new(Code::Internal, "no reply is on its way"))
    }

    fn incoming(&self) -> Result<PathBuf> {
        let text =
            format!("pci:{} can not be given another program: its bitstream is loaded by other tools", self.address);
        Err(Failure::new(Code::Refused, text))
    }
}
