// SPDX-License-Identifier: Apache-2.0
//! A core whose registers this process reaches itself, behind PCIe or a line: what a server does for a simulated NIC is done here.

use super::Transport;
use crate::error::{Code, Failure, Result};
use crate::execute;
use crate::protocol::{Interface, Program, Reply, Request, ShellCounters, Status};
use bpf2hdl_host::board::Board;
use bpf2hdl_host::{Device, Registers};
use bpf2hdl_interface::Manifest;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// A way to registers that knows more of its failures than one clause.
pub(super) trait Reach: Registers {
    /// Adds cause, limit and hint to a failure, if it was the way that failed.
    fn explain(&self, failure: Box<Failure>) -> Box<Failure> {
        failure
    }
}

/// A core of a known design.
pub(super) struct Direct<R> {
    /// The device as it is named: `pci:0000:01:00.0`.
    name: String,
    /// What can not be done this way is done by whom.
    loading: &'static str,
    design: PathBuf,
    device: Device<R>,
    /// Whether a board of ours is around the core: its registers are beside the core's.
    board: bool,
    replies: VecDeque<Reply>,
}

/// The folder of the design that is in a device which can not say that, and its manifest.
pub(super) fn design<'a>(kind: &str, folder: Option<&'a Path>) -> Result<(&'a Path, Manifest)> {
    let Some(folder) = folder else {
        let text = format!("a {kind} device needs the folder of the design that is in it");
        return Err(Failure::new(Code::Usage, text)
            .hint("give `--design DIR`, the output of `bpf2hdl compile` that the bitstream was made from"));
    };
    let manifest =
        Manifest::load(folder).map_err(|error| Failure::new(Code::Artifact, error.to_string()).at(folder))?;
    Ok((folder, manifest))
}

impl<R: Reach> Direct<R> {
    /// Compares the core behind these registers with the manifest. `board`: whether it may be on a board of ours.
    pub(super) fn open(
        name: String,
        (design, manifest): (&Path, Manifest),
        mut registers: R,
        (board, loading): (bool, &'static str),
    ) -> Result<Self> {
        let device = match Device::open(&mut registers, manifest.clone()) {
            Ok(_) => Device::resume(registers, manifest),
            Err(error) => return Err(registers.explain(error.into())),
        };
        let mut direct = Self { name, loading, design: design.to_owned(), device, board, replies: VecDeque::new() };
        if board {
            direct.board = Board::is_there(direct.device.registers()).map_err(|error| direct.explain(error.into()))?;
        }
        Ok(direct)
    }

    fn explain(&mut self, failure: Box<Failure>) -> Box<Failure> {
        self.device.registers().explain(failure)
    }

    fn answer(&mut self, request: &Request) -> Result<Reply> {
        match request {
            Request::Status => Ok(Reply::Status(Box::new(self.status()?))),
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
            | Request::Down => {
                Err(Failure::new(Code::Refused, format!("{} can not do that: only simulated NICs can", self.name)))
            }
        }
    }

    fn status(&mut self) -> Result<Status> {
        let board = if self.board { Board::read(self.device.registers())? } else { Board::default() };
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
        Ok(Status {
            device: self.name.clone(),
            pid: 0,
            bus_bits: manifest.bus_bits,
            clock_mhz: manifest.clock_mhz,
            target: manifest.target.clone(),
            state: "running".to_owned(),
            up_since: 0,
            interfaces: interfaces(&board),
            program: Some(program),
            loading: false,
            listeners: 0,
            counters: shell_counters(&board),
            nic: None,
        })
    }
}

/// The ports of a board, numbered as programs know them.
fn interfaces(board: &Board) -> Vec<Interface> {
    let port =
        |ifindex: u32| Interface { side: "port".to_owned(), name: format!("port{ifindex}"), netns: None, ifindex };
    (1u32..).zip(&board.ports).map(|(ifindex, _)| port(ifindex)).collect()
}

/// What a board counts, of all ports together, under the names that a shell's counters have.
fn shell_counters(board: &Board) -> ShellCounters {
    let mut counters = ShellCounters { redirect_unconnected: board.nowhere.into(), ..ShellCounters::default() };
    for port in &board.ports {
        counters.mac_rx += u64::from(port.rx_good);
        counters.mac_tx += u64::from(port.tx_frames);
        counters.rx_overflow += u64::from(port.rx_lost);
        counters.rx_length_errors += u64::from(port.rx_bad);
        counters.tx_errors += u64::from(port.tx_lost);
    }
    counters
}

impl<R: Reach> Transport for Direct<R> {
    fn put(&mut self, request: &Request, _: &[u8]) -> Result<()> {
        let reply = self.answer(request).map_err(|failure| self.explain(failure))?;
        self.replies.push_back(reply);
        Ok(())
    }

    fn take(&mut self) -> Result<(Reply, Vec<u8>)> {
        let reply = self.replies.pop_front();
        reply.map(|reply| (reply, Vec::new())).ok_or_else(|| Failure::new(Code::Internal, "no reply is on its way"))
    }

    fn incoming(&self) -> Result<PathBuf> {
        let text = format!("{} can not be given another program: {}", self.name, self.loading);
        Err(Failure::new(Code::Refused, text))
    }
}
