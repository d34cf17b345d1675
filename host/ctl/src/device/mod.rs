// SPDX-License-Identifier: Apache-2.0
//! A DEVICE: what requests are sent to, whatever carries them.

mod bar;
mod direct;
mod pci;
mod serial;
mod sim;
mod udp;

use crate::error::{Code, Failure, Result};
use crate::protocol::{MapOp, Reply, Request, Status};
use bpf2hdl_interface::Manifest;
use std::path::{Path, PathBuf};

/// The kinds, and what follows them.
const KINDS: &str = "sim:NAME (a simulated NIC), pci:BDF (registers behind PCIe), serial:PATH[,BAUD] and udp:HOST[:PORT] (registers of a board behind a \
                     serial line, or datagrams)";

/// The way to a device.
pub(crate) trait Transport {
    /// Sends a request.
    fn put(&mut self, request: &Request, blob: &[u8]) -> Result<()>;
    /// Waits for the next reply.
    fn take(&mut self) -> Result<(Reply, Vec<u8>)>;
    /// A new folder in which the device takes a design over.
    fn incoming(&self) -> Result<PathBuf>;
}

/// A device that was opened.
pub(crate) struct Device {
    /// As it was named.
    pub(crate) name: String,
    transport: Box<dyn Transport>,
}

impl Device {
    /// Opens a device. `design` is the folder of the design that is in it, for kinds that do not know.
    pub(crate) fn open(name: &str, design: Option<&Path>) -> Result<Self> {
        let transport: Box<dyn Transport> = match name.split_once(':') {
            Some(("sim", nic)) => Box::new(sim::Socket::open(nic)?),
            Some(("pci", address)) => pci::open(address, design)?,
            Some(("serial", line)) => serial::open(line, design)?,
            Some(("udp", host)) => udp::open(host, design)?,
            _ => {
                let text = format!("`{name}` names no device of a known kind");
                return Err(Failure::new(Code::DeviceName, text).note(format!("kinds: {KINDS}")));
            }
        };
        Ok(Self { name: name.to_owned(), transport })
    }

    /// A request and its reply; a failure is an error.
    pub(crate) fn call(&mut self, request: &Request, blob: &[u8]) -> Result<(Reply, Vec<u8>)> {
        self.put(request, blob)?;
        self.take()
    }

    /// Sends a request, whose reply is [`Device::take`]n later.
    pub(crate) fn put(&mut self, request: &Request, blob: &[u8]) -> Result<()> {
        self.transport.put(request, blob)
    }

    /// The next reply; a failure is an error.
    pub(crate) fn take(&mut self) -> Result<(Reply, Vec<u8>)> {
        match self.transport.take()? {
            (Reply::Failed(failure), _) => Err(Box::new(failure)),
            other => Ok(other),
        }
    }

    /// The state of the NIC.
    pub(crate) fn status(&mut self) -> Result<Status> {
        match self.call(&Request::Status, &[])?.0 {
            Reply::Status(status) => Ok(*status),
            other => Err(surprise(&other)),
        }
    }

    /// The number of the load, and the manifest of the running program.
    pub(crate) fn manifest(&mut self) -> Result<(u64, Manifest)> {
        match self.call(&Request::Manifest, &[])?.0 {
            Reply::Manifest { load, manifest } => {
                let manifest =
                    Manifest::parse(&manifest).map_err(|error| Failure::new(Code::Protocol, error.to_string()))?;
                Ok((load, manifest))
            }
            other => Err(surprise(&other)),
        }
    }

    /// Something with a map.
    pub(crate) fn map(&mut self, load: u64, map: u32, op: MapOp) -> Result<Reply> {
        Ok(self.call(&Request::Map { load, map, op }, &[])?.0)
    }

    /// A new folder in which the device takes a design over.
    pub(crate) fn incoming(&self) -> Result<PathBuf> {
        self.transport.incoming()
    }
}

/// A reply of another kind than was asked for.
pub(crate) fn surprise(reply: &Reply) -> Box<Failure> {
    let text = format!("{reply:?}");
    let kind: String = text.chars().take_while(|c| c.is_alphanumeric()).collect();
    Failure::new(Code::Protocol, format!("an answer of kind {kind} was not expected"))
}
