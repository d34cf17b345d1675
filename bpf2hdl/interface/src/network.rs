// SPDX-License-Identifier: Apache-2.0
//! The host's routes, neighbours and interfaces as `bpf_fib_lookup` sees them: tables in hardware, which are maps whose
//! names begin with a dot. The host fills them; programs only look.
//!
//! | map | key | value |
//! |---|---|---|
//! | `.dev` | interface | 4 bytes: bit 0 it forwards IPv4, bit 1 IPv6 |
//! | `.fib4`, `.fib6` | LPM: destination | interface (4), MTU (3), what a look-up returns (1), metric (4), gateway (4 or 16; zero: none) |
//! | `.neigh4`, `.neigh6` | interface (4), address (4 or 16) | the neighbour's MAC address (6), the interface's own (6) |
//!
//! Numbers are little-endian, addresses as in packets.

use crate::map_file::Entries;
use crate::{MapContents, MapType};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bit of a route's fourth word that says: it is one of the table `local`, which a direct look-up does not see.
const LOCAL: u8 = 0x80;
/// Largest MTU that fits.
const MOST_MTU: u32 = 0xff_ffff;

/// One of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Interfaces.
    Devices,
    /// Routes of IPv4.
    Routes4,
    /// Neighbours of IPv4.
    Neighbours4,
    /// Routes of IPv6.
    Routes6,
    /// Neighbours of IPv6.
    Neighbours6,
}

impl Table {
    /// All tables, in the order in which programs have them behind their own maps.
    pub const ALL: [Self; 5] = [Self::Devices, Self::Routes4, Self::Neighbours4, Self::Routes6, Self::Neighbours6];

    /// Name of the map.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Devices => ".dev",
            Self::Routes4 => ".fib4",
            Self::Neighbours4 => ".neigh4",
            Self::Routes6 => ".fib6",
            Self::Neighbours6 => ".neigh6",
        }
    }

    /// The table with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Type of the map.
    #[must_use]
    pub fn map_type(self) -> MapType {
        match self {
            Self::Routes4 | Self::Routes6 => MapType::LPM_TRIE,
            Self::Devices | Self::Neighbours4 | Self::Neighbours6 => MapType::HASH,
        }
    }

    /// Bytes of a key.
    #[must_use]
    pub fn key_size(self) -> u32 {
        match self {
            Self::Devices => 4,
            Self::Routes4 | Self::Neighbours4 => 8,
            Self::Routes6 | Self::Neighbours6 => 20,
        }
    }

    /// Bytes of a value.
    #[must_use]
    pub fn value_size(self) -> u32 {
        match self {
            Self::Devices => 4,
            Self::Neighbours4 | Self::Neighbours6 => 12,
            Self::Routes4 => 16,
            Self::Routes6 => 28,
        }
    }

    /// Entries unless the user wants another number.
    #[must_use]
    pub fn default_entries(self) -> u32 {
        match self {
            Self::Devices => 16,
            Self::Routes4 | Self::Routes6 => 1024,
            Self::Neighbours4 | Self::Neighbours6 => 256,
        }
    }
}

/// An interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Device {
    /// Its number.
    pub interface: u32,
    /// It forwards packets of IPv4.
    pub forwards4: bool,
    /// It forwards packets of IPv6.
    pub forwards6: bool,
}

/// What a look-up that finds a route returns (`BPF_FIB_LKUP_RET_*`, include/uapi/linux/bpf.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Answer {
    /// The packet can go there.
    Forward = 0,
    /// `BPF_FIB_LKUP_RET_BLACKHOLE`
    Blackhole = 1,
    /// `BPF_FIB_LKUP_RET_UNREACHABLE`
    Unreachable = 2,
    /// `BPF_FIB_LKUP_RET_PROHIBIT`
    Prohibit = 3,
    /// `BPF_FIB_LKUP_RET_NOT_FWDED`: an address of the host's own, a broadcast address, a throw route.
    Local = 4,
    /// `BPF_FIB_LKUP_RET_UNSUPP_LWT`: the route encapsulates.
    Encapsulate = 6,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 6] =
        [Self::Forward, Self::Blackhole, Self::Unreachable, Self::Prohibit, Self::Local, Self::Encapsulate];

    /// Whether the packet has a next hop.
    #[must_use]
    pub fn is_unicast(self) -> bool {
        matches!(self, Self::Forward | Self::Encapsulate)
    }
}

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Destination; bits behind the length do not count.
    pub destination: IpAddr,
    /// Bits of the destination.
    pub length: u8,
    /// What a look-up returns; of a direct look-up only, if `local` is set.
    pub answer: Answer,
    /// An address of IPv6 in the table `local`: a look-up returns `BPF_FIB_LKUP_RET_NOT_FWDED`. Only a direct one, which
    /// leaves that table out, sees the rest.
    pub local: bool,
    /// Interface towards the next hop.
    pub interface: u32,
    /// Longest packet of layer 3, in bytes, that can go this way.
    pub mtu: u32,
    /// Its metric.
    pub metric: u32,
    /// The next hop, if it is not the destination itself.
    pub gateway: Option<IpAddr>,
}

/// A neighbour whose address is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbour {
    /// Interface on which it is.
    pub interface: u32,
    /// Its address.
    pub address: IpAddr,
    /// Its MAC address.
    pub mac: [u8; 6],
    /// The interface's own MAC address.
    pub own_mac: [u8; 6],
}

/// Everything that the tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Interfaces.
    pub devices: Vec<Device>,
    /// Routes of both families; at most one for each destination.
    pub routes: Vec<Route>,
    /// Neighbours of both families.
    pub neighbours: Vec<Neighbour>,
}

impl Network {
    /// The network that the contents of maps describe, or nothing of it if they hold no such table.
    ///
    /// # Errors
    /// A clause: which entry is none.
    pub fn from_maps(contents: &MapContents) -> Result<Self, String> {
        let mut network = Self::default();
        for table in Table::ALL {
            for (key, value) in contents.maps.get(table.name()).into_iter().flatten() {
                network.add(table, key, value).ok_or_else(|| {
                    let bytes = |b: &[u8]| b.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                    format!("`{}` can not have the entry {} = {}", table.name(), bytes(key), bytes(value))
                })?;
            }
        }
        Ok(network)
    }

    /// The contents of all tables.
    #[must_use]
    pub fn to_maps(&self) -> MapContents {
        let mut maps: std::collections::BTreeMap<String, Entries> =
            Table::ALL.into_iter().map(|table| (table.name().to_owned(), Entries::new())).collect();
        let mut put = |(table, key, value): (Table, Vec<u8>, Vec<u8>)| {
            maps.entry(table.name().to_owned()).or_default().insert(key, value);
        };
        self.devices.iter().map(Device::entry).for_each(&mut put);
        self.routes.iter().map(Route::entry).for_each(&mut put);
        self.neighbours.iter().map(Neighbour::entry).for_each(&mut put);
        MapContents { maps }
    }

    fn add(&mut self, table: Table, key: &[u8], value: &[u8]) -> Option<()> {
        match table {
            Table::Devices => self.devices.push(Device::parse(key, value)?),
            Table::Routes4 | Table::Routes6 => self.routes.push(Route::parse(key, value)?),
            Table::Neighbours4 | Table::Neighbours6 => self.neighbours.push(Neighbour::parse(key, value)?),
        }
        Some(())
    }
}

impl Device {
    fn entry(&self) -> (Table, Vec<u8>, Vec<u8>) {
        let flags = u32::from(self.forwards4) | u32::from(self.forwards6) << 1;
        (Table::Devices, self.interface.to_le_bytes().to_vec(), flags.to_le_bytes().to_vec())
    }

    fn parse(key: &[u8], value: &[u8]) -> Option<Self> {
        let (interface, flags) = (word(key, 0)?, word(value, 0)?);
        (flags < 4).then_some(Self { interface, forwards4: flags & 1 != 0, forwards6: flags & 2 != 0 })
    }
}

impl Route {
    /// The table, key and value. An MTU that has more than 24 bits is as good as none.
    #[must_use]
    pub fn entry(&self) -> (Table, Vec<u8>, Vec<u8>) {
        let table = if self.destination.is_ipv4() { Table::Routes4 } else { Table::Routes6 };
        let length = u32::from(self.length);
        let key = [length.to_le_bytes().to_vec(), masked(&octets(self.destination), length)].concat();
        let answer = self.answer as u8 | if self.local { LOCAL } else { 0 };
        let word = self.mtu.min(MOST_MTU) | u32::from(answer) << 24;
        let mut value = [self.interface, word, self.metric].map(u32::to_le_bytes).concat();
        value.extend(self.gateway.map_or(vec![0; octets(self.destination).len()], octets));
        (table, key, value)
    }

    /// Whether a look-up can come to this route: link-local and multicast addresses of IPv6, and that of the loopback, are none
    /// that it looks for (`rt6_need_strict`, include/net/ip6_route.h).
    #[must_use]
    pub fn is_looked_up(&self) -> bool {
        let IpAddr::V6(address) = self.destination else { return true };
        let inside = |prefix: u16, length: u8| {
            self.length >= length && (address.segments()[0] ^ prefix) >> (16 - u16::from(length)) == 0
        };
        !(inside(0xfe80, 10) || inside(0xff00, 8) || self.length == 128 && address == Ipv6Addr::LOCALHOST)
    }

    /// Whether another route's destination is a part of this one's, or the same.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let mask = |address: IpAddr| masked(&octets(address), self.length.into());
        self.length <= other.length && mask(self.destination) == mask(other.destination)
    }

    fn parse(key: &[u8], value: &[u8]) -> Option<Self> {
        let (length, bytes) = (word(key, 0)?, key.get(4..)?);
        let is_length = length as usize <= 8 * bytes.len();
        let destination = address(&masked(bytes, length)).filter(|_| is_length)?;
        let mixed = word(value, 4)?;
        let code = (mixed >> 24) as u8;
        let answer = Answer::ALL.into_iter().find(|answer| *answer as u8 == code & !LOCAL)?;
        let local = code & LOCAL != 0;
        let gateway = value.get(12..).filter(|gateway| gateway.len() == bytes.len())?;
        Some(Self {
            destination,
            length: length as u8,
            answer,
            local,
            interface: word(value, 0)?,
            mtu: mixed & MOST_MTU,
            metric: word(value, 8)?,
            gateway: address(gateway).filter(|gateway| !gateway.is_unspecified()),
        })
        .filter(|_| !(local && destination.is_ipv4()))
    }
}

impl Neighbour {
    fn entry(&self) -> (Table, Vec<u8>, Vec<u8>) {
        let table = if self.address.is_ipv4() { Table::Neighbours4 } else { Table::Neighbours6 };
        let key = [self.interface.to_le_bytes().to_vec(), octets(self.address)].concat();
        (table, key, [self.mac, self.own_mac].concat())
    }

    fn parse(key: &[u8], value: &[u8]) -> Option<Self> {
        let (mac, own) = (value.first_chunk()?, value.get(6..)?.first_chunk()?);
        Some(Self { interface: word(key, 0)?, address: address(key.get(4..)?)?, mac: *mac, own_mac: *own })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}

/// The bytes of an address, in the order of packets.
#[must_use]
pub fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The address of these bytes, of which there are 4 or 16.
#[must_use]
pub fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => bytes.first_chunk().map(|b: &[u8; 4]| Ipv4Addr::from(*b).into()),
        16 => bytes.first_chunk().map(|b: &[u8; 16]| Ipv6Addr::from(*b).into()),
        _ => None,
    }
}

/// An address without the bits behind the first `bits`.
fn masked(address: &[u8], bits: u32) -> Vec<u8> {
    let kept = |i: usize| bits.saturating_sub(8 * i as u32).min(8);
    address.iter().enumerate().map(|(i, byte)| byte & (0xff00_u16 >> kept(i)) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(destination: &str, length: u8) -> Route {
        let destination: IpAddr = destination.parse().expect("an address");
        let gateway = if destination.is_ipv4() { "192.0.2.1" } else { "fe80::1" };
        Route {
            destination,
            length,
            answer: Answer::Forward,
            local: false,
            interface: 7,
            mtu: 1500,
            metric: 0x1020,
            gateway: Some(gateway.parse().expect("an address")),
        }
    }

    #[test]
    fn entries_are_as_documented() {
        let (table, key, value) = route("10.1.2.3", 12).entry();
        assert_eq!((table, key), (Table::Routes4, vec![12, 0, 0, 0, 10, 0, 0, 0]));
        assert_eq!(value, [7, 0, 0, 0, 0xdc, 5, 0, 0, 0x20, 0x10, 0, 0, 192, 0, 2, 1]);
        let local = Route { local: true, answer: Answer::Prohibit, ..route("2001:db8::", 128) };
        assert_eq!(local.entry().2[4..8], [0xdc, 5, 0, 0x83]);
    }

    #[test]
    fn contents_come_back() {
        let mac = [2, 0, 0, 0, 0, 1];
        let neighbour =
            |a: &str| Neighbour { interface: 7, address: a.parse().expect("an address"), mac, own_mac: [6; 6] };
        let network = Network {
            devices: vec![
                Device { interface: 1, forwards4: true, forwards6: false },
                Device { interface: 7, forwards4: false, forwards6: true },
            ],
            routes: vec![
                Route { gateway: None, ..route("0.0.0.0", 0) },
                Route { answer: Answer::Local, ..route("10.0.0.0", 8) },
                Route { mtu: 65_575, local: true, ..route("2001:db8::", 32) },
            ],
            neighbours: vec![neighbour("10.0.0.1"), neighbour("fe80::2")],
        };
        let maps = network.to_maps();
        for table in Table::ALL {
            for (key, value) in &maps.maps[table.name()] {
                assert_eq!((key.len(), value.len()), (table.key_size() as usize, table.value_size() as usize));
            }
            assert_eq!(Table::from_name(table.name()), Some(table));
        }
        assert_eq!(Network::from_maps(&maps), Ok(network));
    }

    #[test]
    fn entries_that_mean_nothing_are_refused() {
        let wrong = |table: Table, key: Vec<u8>, value: Vec<u8>| {
            let entries = Entries::from([(key, value)]);
            let contents = MapContents { maps: [(table.name().to_owned(), entries)].into() };
            Network::from_maps(&contents).expect_err("nothing")
        };
        assert!(wrong(Table::Devices, vec![1, 0, 0, 0], vec![4, 0, 0, 0]).contains("`.dev`"));
        let (_, key, mut value) = route("10.0.0.0", 8).entry();
        value[7] = 5;
        assert!(wrong(Table::Routes4, key.clone(), value.clone()).contains("08000000"));
        value[7] = LOCAL;
        wrong(Table::Routes4, key.clone(), value.clone());
        value[7] = 0;
        wrong(Table::Routes4, vec![33, 0, 0, 0, 10, 0, 0, 0], value);
    }
}
