// SPDX-License-Identifier: Apache-2.0
//! Where a redirected packet goes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Highest number of an interface that a packet can come from or go to: the core carries 16 bits of it.
pub const MOST_PORTS: u32 = 0xffff;

/// What a frame of any interface carries behind its Ethernet header, in bytes, as `bpf_check_mtu` sees it.
pub const ETHERNET_MTU: u32 = 1500;

/// What the number of a [`RedirectTarget`] counts. The discriminants are `m_axis_redirect_tid` and `mon_tid` of a core;
/// 0 there means that the program named no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum RedirectKind {
    /// An interface (`ifindex`): `bpf_redirect`, or the value in a devmap.
    Port = 1,
    /// A CPU of the host: the key in a cpumap.
    Cpu = 2,
    /// An `AF_XDP` socket of the host: the value in an xskmap.
    Socket = 3,
}

impl RedirectKind {
    /// All kinds in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Port, Self::Cpu, Self::Socket];

    /// The number used on the wires, 1 to 3.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// `port`, `cpu` or `socket`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Cpu => "cpu",
            Self::Socket => "socket",
        }
    }
}

/// The target of one redirected packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RedirectTarget {
    /// What the number counts.
    pub kind: RedirectKind,
    /// Which one.
    pub number: u32,
}

impl RedirectTarget {
    /// The target with these numbers on the wires; `None` if there is none (kind 0).
    #[must_use]
    pub fn from_wires(kind: u8, number: u32) -> Option<Self> {
        RedirectKind::ALL.into_iter().find(|known| known.code() == kind).map(|kind| Self { kind, number })
    }
}

impl fmt::Display for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wires_and_names() {
        for kind in RedirectKind::ALL {
            assert_eq!(RedirectTarget::from_wires(kind.code(), 7), Some(RedirectTarget { kind, number: 7 }));
        }
        assert_eq!(RedirectTarget::from_wires(0, 7), None);
        assert_eq!(RedirectTarget { kind: RedirectKind::Cpu, number: 3 }.to_string(), "cpu 3");
    }
}
