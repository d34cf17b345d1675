// SPDX-License-Identifier: Apache-2.0
//! A simulated NIC, by its socket.

use super::Transport;
use crate::error::{Code, Failure, Result};
use crate::protocol::{Reply, Request};
use crate::server::run_folder::Place;
use crate::wire;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// A connection.
pub(super) struct Socket {
    place: Place,
    stream: UnixStream,
}

impl Socket {
    /// Connects to the NIC of this name. One whose server has died is cleaned up.
    pub(super) fn open(name: &str) -> Result<Self> {
        let place = Place::of(name)?;
        match UnixStream::connect(place.socket()) {
            Ok(stream) => Ok(Self { place, stream }),
            Err(error) => {
                let there = place.folder.exists();
                let alive = place.is_alive()?;
                Err(match (alive, there) {
                    (true, _) => Failure::new(
                        Code::Server,
                        format!("the simulated NIC `{name}` does not take connections: {error}"),
                    ),
                    (false, true) => Failure::new(
                        Code::NoDevice,
                        format!("the simulated NIC `{name}` has died; what it left was removed"),
                    ),
                    (false, false) => Failure::new(Code::NoDevice, format!("there is no simulated NIC `{name}`")),
                })
            }
        }
    }
}

impl Transport for Socket {
    fn put(&mut self, request: &Request, blob: &[u8]) -> Result<()> {
        wire::write(&mut self.stream, request, blob).map_err(|error| {
            Failure::new(Code::Server, format!("the simulated NIC `{}` has gone: {error}", self.place.name))
        })
    }

    fn take(&mut self) -> Result<(Reply, Vec<u8>)> {
        let gone = || Failure::new(Code::Server, format!("the simulated NIC `{}` has gone", self.place.name));
        wire::read(&mut self.stream)?.ok_or_else(gone)
    }

    fn incoming(&self) -> Result<PathBuf> {
        Ok(self.place.incoming())
    }
}
