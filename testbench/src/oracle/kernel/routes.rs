// SPDX-License-Identifier: Apache-2.0
//! The tables of `bpf_fib_lookup`, made in the kernel: interfaces, sysctls, routes and neighbours in the oracle's namespace.
//!
//! Each entry becomes what makes the kernel answer as the hardware does: an MTU is one that the route is locked to; an
//! address of the host's own is a `throw` route, of IPv6 in the table `local` where it is said to be there. The loopback stays down,
//! because it would bring routes of its own.

use super::network::{Network, attribute};
use super::sys;
use bpf2hdl_interface::network::{self, Answer, Neighbour, Route};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::{fs, io};

const RTM_NEWROUTE: u16 = 24;
const RTM_NEWNEIGH: u16 = 28;
const CREATE_OR_REPLACE: u16 = 0x400 | 0x100;
const TABLE_MAIN: u8 = 254;
const TABLE_LOCAL: u8 = 255;
const RTPROT_STATIC: u8 = 4;
const SCOPE_UNIVERSE: u8 = 0;
const SCOPE_LINK: u8 = 253;
const RTN_UNICAST: u8 = 1;
const RTN_BLACKHOLE: u8 = 6;
const RTN_UNREACHABLE: u8 = 7;
const RTN_PROHIBIT: u8 = 8;
const RTN_THROW: u8 = 9;
const RTNH_F_ONLINK: u32 = 4;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_PRIORITY: u16 = 6;
const RTA_METRICS: u16 = 8;
const RTA_ENCAP_TYPE: u16 = 21;
const RTA_ENCAP: u16 = 22;
const RTAX_LOCK: u16 = 1;
const RTAX_MTU: u16 = 2;
const LWTUNNEL_ENCAP_IP: u16 = 2;
const LWTUNNEL_IP_ID: u16 = 1;
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
const NUD_PERMANENT: u16 = 0x80;

/// Largest MTU that a route can be locked to (`ip_metrics_convert`, net/ipv4/metrics.c).
const MOST_MTU: u32 = 65_535 - 15;
/// The loopback, which is always there.
const LOOPBACK: u32 = 1;

/// What the kernel is to know, and whether it does.
#[derive(Default)]
pub(super) struct Forwarding {
    tables: network::Network,
    is_configured: bool,
}

impl Forwarding {
    pub(super) fn new(tables: network::Network) -> Self {
        Self { tables, is_configured: false }
    }

    pub(super) fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// Whether there is such an interface.
    pub(super) fn has(&self, interface: u32) -> bool {
        interface == LOOPBACK || self.tables.devices.iter().any(|device| device.interface == interface)
    }

    /// Makes everything in a namespace that has none of it.
    ///
    /// # Errors
    /// What the kernel can not be made to know, as a clause.
    pub(super) fn configure(&mut self, network: &mut Network) -> Result<(), String> {
        self.check()?;
        let failed = |what: &str| {
            let what = what.to_owned();
            move |error: io::Error| format!("{what}: {error}")
        };
        network.make_tables().map_err(failed("there are no tables of routes"))?;
        let mut devices: BTreeMap<u32, (bool, bool)> = BTreeMap::from([(LOOPBACK, (false, false))]);
        devices.extend(self.tables.devices.iter().map(|d| (d.interface, (d.forwards4, d.forwards6))));
        for (number, (forwards4, forwards6)) in devices {
            let made = network.interface(number).and_then(|()| set_forwarding(number, forwards4, forwards6));
            made.map_err(failed(&format!("interface {number} can not be made")))?;
        }
        let own: BTreeSet<(u32, [u8; 6])> = self.tables.neighbours.iter().map(|n| (n.interface, n.own_mac)).collect();
        for (number, mac) in own {
            network.set_mac(number, mac).map_err(failed(&format!("the MAC address of interface {number}")))?;
        }
        for route in self.tables.routes.iter().filter(|route| route.is_looked_up()) {
            make_route(network, route).map_err(failed(&format!("the route {route:?}")))?;
        }
        for neighbour in &self.tables.neighbours {
            make_neighbour(network, neighbour).map_err(failed(&format!("the neighbour {neighbour:?}")))?;
        }
        self.is_configured = true;
        Ok(())
    }

    /// Tables that no kernel can have.
    fn check(&self) -> Result<(), String> {
        let mut macs = BTreeMap::new();
        for Neighbour { interface, own_mac, .. } in &self.tables.neighbours {
            if !self.has(*interface) {
                return Err(format!("a neighbour is on interface {interface}, which `.dev` does not have"));
            }
            if macs.insert(*interface, *own_mac).is_some_and(|other| other != *own_mac) {
                return Err(format!("interface {interface} has two MAC addresses"));
            }
        }
        for route in self.tables.routes.iter().filter(|route| route.answer.is_unicast() && route.is_looked_up()) {
            let Route { interface, mtu, metric, .. } = *route;
            let wrong = |text: String| Err(format!("{text}: {route:?}"));
            if !self.has(interface) {
                return wrong("a route leads to an interface that `.dev` does not have".to_owned());
            }
            if interface == LOOPBACK {
                return wrong("a route leads to the loopback, which is down here".to_owned());
            }
            if !(1..=MOST_MTU).contains(&mtu) {
                return wrong(format!("a route can be locked to an MTU of 1 to {MOST_MTU}"));
            }
            if route.destination.is_ipv6() && metric == 0 {
                return wrong("a route of IPv6 has no metric 0".to_owned());
            }
        }
        self.check_local()
    }

    /// The table `local` comes first, whatever the lengths.
    fn check_local(&self) -> Result<(), String> {
        for local in self.tables.routes.iter().filter(|route| route.local) {
            let hidden = self.tables.routes.iter().find(|other| !other.local && local.contains(other));
            if let Some(other) = hidden {
                return Err(format!("the table `local` hides a route: {local:?}, {other:?}"));
            }
        }
        Ok(())
    }
}

fn set_forwarding(number: u32, forwards4: bool, forwards6: bool) -> io::Result<()> {
    let name = sys::interface_name(number)?;
    for (family, value) in [("ipv4", forwards4), ("ipv6", forwards6)] {
        fs::write(format!("/proc/sys/net/{family}/conf/{name}/forwarding"), if value { "1" } else { "0" })?;
    }
    Ok(())
}

fn make_route(network: &Network, route: &Route) -> io::Result<()> {
    let throw = Route { answer: Answer::Local, ..*route };
    if route.local {
        network.ask(RTM_NEWROUTE, CREATE_OR_REPLACE, &message(&throw, TABLE_LOCAL))?;
    }
    network.ask(RTM_NEWROUTE, CREATE_OR_REPLACE, &message(route, TABLE_MAIN))
}

/// `struct rtmsg` with its attributes.
fn message(route: &Route, table: u8) -> Vec<u8> {
    let kind = match route.answer {
        Answer::Forward | Answer::Encapsulate => RTN_UNICAST,
        Answer::Blackhole => RTN_BLACKHOLE,
        Answer::Unreachable => RTN_UNREACHABLE,
        Answer::Prohibit => RTN_PROHIBIT,
        Answer::Local => RTN_THROW,
    };
    let is_unicast = route.answer.is_unicast();
    let gateway = route.gateway.filter(|_| is_unicast);
    let scope = if is_unicast && gateway.is_none() { SCOPE_LINK } else { SCOPE_UNIVERSE };
    let family = family(route.destination);
    let mut message = vec![family, route.length, 0, 0, table, RTPROT_STATIC, scope, kind];
    message.extend(if gateway.is_some() { RTNH_F_ONLINK } else { 0 }.to_ne_bytes());
    message.extend(attribute(RTA_DST, &network::octets(route.destination)));
    if route.metric != 0 {
        message.extend(attribute(RTA_PRIORITY, &route.metric.to_ne_bytes()));
    }
    if is_unicast {
        message.extend(attribute(RTA_OIF, &route.interface.to_ne_bytes()));
        let lock = attribute(RTAX_LOCK, &(1u32 << RTAX_MTU).to_ne_bytes());
        let mtu = attribute(RTAX_MTU, &route.mtu.to_ne_bytes());
        message.extend(attribute(RTA_METRICS, &[lock, mtu].concat()));
    }
    if let Some(gateway) = gateway {
        message.extend(attribute(RTA_GATEWAY, &network::octets(gateway)));
    }
    if route.answer == Answer::Encapsulate {
        message.extend(attribute(RTA_ENCAP_TYPE, &LWTUNNEL_ENCAP_IP.to_ne_bytes()));
        message.extend(attribute(RTA_ENCAP, &attribute(LWTUNNEL_IP_ID, &1u64.to_be_bytes())));
    }
    message
}

/// `struct ndmsg` with its attributes.
fn make_neighbour(network: &Network, neighbour: &Neighbour) -> io::Result<()> {
    let mut message = vec![family(neighbour.address), 0, 0, 0];
    message.extend(neighbour.interface.to_ne_bytes());
    message.extend(NUD_PERMANENT.to_ne_bytes());
    message.extend([0; 2]);
    message.extend(attribute(NDA_DST, &network::octets(neighbour.address)));
    message.extend(attribute(NDA_LLADDR, &neighbour.mac));
    network.ask(RTM_NEWNEIGH, CREATE_OR_REPLACE, &message)
}

fn family(address: IpAddr) -> u8 {
    // Both numbers are small.
    (if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 }) as u8
}
