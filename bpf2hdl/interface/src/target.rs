// SPDX-License-Identifier: Apache-2.0
//! Where a redirected packet goes.
//!
//! An `ifindex` is a positive `int`, so a port's number has 31 bits. With bit 31 set it names no port but all of a devmap
//! (`BPF_F_BROADCAST`): bits 29:0 are the map's `id` in the manifest, bit 30 says that the port by which the frame came is left
//! out (`BPF_F_EXCLUDE_INGRESS`).

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

/// Bit of a port's number: a whole devmap is meant.
pub const ALL_OF: u32 = 1 << 31;
/// Bit of such a number: all but the port by which the frame came.
pub const BUT_INGRESS: u32 = 1 << 30;

/// All ports that a devmap holds when the frame leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// The map's `id` in the manifest.
    pub map: u32,
    /// Whether the port by which the frame came gets no copy.
    pub but_ingress: bool,
}

impl Group {
    /// The ports that get a copy of a frame, one for each entry in the map, ascending: `entries` are the map's, of which the first four
    /// bytes of a value are the port (`dev_map_enqueue_multi`, kernel/bpf/devmap.c).
    pub fn ports<'a>(self, entries: impl Iterator<Item = &'a Vec<u8>>, ingress: u32) -> Vec<u32> {
        let port = |value: &Vec<u8>| value.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        let mut ports: Vec<u32> =
            entries.filter_map(port).filter(|&port| port != 0 && !(self.but_ingress && port == ingress)).collect();
        ports.sort_unstable();
        ports
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

    /// All ports of a devmap.
    #[must_use]
    pub fn all_of(group: Group) -> Self {
        let but_ingress = if group.but_ingress { BUT_INGRESS } else { 0 };
        Self { kind: RedirectKind::Port, number: ALL_OF | but_ingress | group.map }
    }

    /// The ports, if it is all of a devmap.
    #[must_use]
    pub fn group(self) -> Option<Group> {
        let (map, but_ingress) = (self.number & !(ALL_OF | BUT_INGRESS), self.number & BUT_INGRESS != 0);
        (self.kind == RedirectKind::Port && self.number & ALL_OF != 0).then_some(Group { map, but_ingress })
    }

    /// The number, or for all ports of a devmap `all of NAME`, perhaps ` but ingress`; `names` are those of the maps.
    #[must_use]
    pub fn number_text(self, names: &[&str]) -> String {
        let Some(Group { map, but_ingress }) = self.group() else { return self.number.to_string() };
        let name = names.get(map as usize).map_or_else(|| format!("map {map}"), |name| (*name).to_owned());
        format!("all of {name}{}", if but_ingress { " but ingress" } else { "" })
    }

    /// As [`RedirectTarget::number_text`] behind what the number counts.
    #[must_use]
    pub fn text(self, names: &[&str]) -> String {
        let number = self.number_text(names);
        if self.group().is_some() { number } else { format!("{} {number}", self.kind.name()) }
    }
}

impl fmt::Display for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&[]))
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
        let socket = RedirectTarget { kind: RedirectKind::Socket, number: u32::MAX };
        assert_eq!((socket.group(), socket.to_string()), (None, "socket 4294967295".to_owned()));
    }

    #[test]
    fn groups() {
        for (map, but_ingress, number, text) in
            [(0, false, 0x8000_0000, "all of doors"), (1, true, 0xc000_0001, "all of map 1 but ingress")]
        {
            let group = Group { map, but_ingress };
            let target = RedirectTarget::all_of(group);
            assert_eq!((target.kind, target.number, target.group()), (RedirectKind::Port, number, Some(group)));
            assert_eq!((target.text(&["doors"]), target.number_text(&["doors"])), (text.to_owned(), text.to_owned()));
        }
        let values: Vec<Vec<u8>> = [9u32, 0, 7, 9].iter().map(|port| [port.to_le_bytes(), [0; 4]].concat()).collect();
        let ports = |but_ingress| Group { map: 0, but_ingress }.ports(values.iter(), 9);
        assert_eq!((ports(false), ports(true)), (vec![7, 9, 9], vec![7]));
    }
}
