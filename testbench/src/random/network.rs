// SPDX-License-Identifier: Apache-2.0
//! Interfaces, routes and neighbours for `bpf_fib_lookup`, and packets that find them, or just miss them.

use super::Numbers;
use bpf2hdl_interface::network::{Answer, Device, Neighbour, Network, Route, octets};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Interfaces beside the loopback.
const INTERFACES: [u32; 5] = [2, 3, 5, 9, 200];
/// Next hops of a family are these addresses, by a number below [`HOPS`].
const HOPS: u64 = 6;
/// Routes of a network that is made for some addresses.
const MOST_DESTINATIONS: usize = 200;

/// A network with about so many routes of each family, all of which a kernel can have.
#[must_use]
pub fn network(seed: u64, routes: usize) -> Network {
    let mut n = Numbers::new(seed);
    let device = |interface| Device { interface, forwards4: !n.one_in(6), forwards6: !n.one_in(6) };
    let devices = [1].into_iter().chain(INTERFACES).map(device).collect();
    let mut all = BTreeMap::new();
    for is_ipv4 in [true, false] {
        for _ in 0..routes {
            let route = route(&mut n, is_ipv4);
            all.insert((is_ipv4, route.length, octets(route.destination)), route);
        }
    }
    let mut network = Network { devices, routes: all.into_values().collect(), neighbours: Vec::new() };
    network.neighbours = neighbours(&mut n, &network.routes);
    // As the tables have it: prefixes that end in zeros.
    Network::from_maps(&network.to_maps()).unwrap_or_default()
}

/// A network with routes to about half of these addresses, alone or with their neighbours in the address space. The loopback
/// forwards.
#[must_use]
pub fn network_for(seed: u64, addresses: &[IpAddr]) -> Network {
    let mut n = Numbers::new(seed);
    let mut all = BTreeMap::new();
    for &destination in addresses.iter().take(MOST_DESTINATIONS) {
        let is_ipv4 = destination.is_ipv4();
        let length = if is_ipv4 { n.pick(&[32, 32, 24, 16, 8]) } else { n.pick(&[128, 128, 64, 48, 32]) };
        let route = Route { destination, length, local: false, ..route(&mut n, is_ipv4) };
        let (_, key, _) = route.entry();
        // The kernel wants gateways of IPv6 (fc00::) to be nowhere else.
        let covers = destination.is_ipv6() && octets(destination)[0] == 0xfc;
        if n.one_in(2) && !covers {
            all.insert((is_ipv4, key), route);
        }
    }
    let devices = [1].into_iter().chain(INTERFACES);
    let devices = devices.map(|interface| Device { interface, forwards4: true, forwards6: true }).collect();
    let mut network = Network { devices, routes: all.into_values().collect(), neighbours: Vec::new() };
    network.neighbours = neighbours(&mut n, &network.routes);
    for &address in addresses {
        let found = seen(&mut n, &network, address);
        network.neighbours.extend(found);
    }
    Network::from_maps(&network.to_maps()).unwrap_or_default()
}

/// The neighbour that a direct route leads to, if there is such a route, and by chance.
fn seen(n: &mut Numbers, network: &Network, address: IpAddr) -> Option<Neighbour> {
    let contains = |route: &&Route| {
        let (_, key, _) = Route { destination: address, ..**route }.entry();
        route.gateway.is_none() && route.answer.is_unicast() && route.entry().1 == key
    };
    let route = network.routes.iter().filter(contains).max_by_key(|route| route.length)?;
    let is_known = network.neighbours.len() < 100 && is_host(address) && !n.one_in(4);
    is_known.then(|| neighbour(n, route.interface, address))
}

fn route(n: &mut Numbers, is_ipv4: bool) -> Route {
    let bits = if is_ipv4 { 32 } else { 128 };
    let length = match n.below(5) {
        0 => n.pick(&[0, 2, 8, bits - 1]),
        1 | 2 => bits,
        // Nothing but a default route may cover the gateways of IPv6, or the kernel refuses them on other interfaces.
        _ => 2 + n.below(u64::from(bits) - 1) as u8,
    };
    let answer = n.pick(&[
        Answer::Forward,
        Answer::Forward,
        Answer::Forward,
        Answer::Forward,
        Answer::Forward,
        Answer::Blackhole,
        Answer::Unreachable,
        Answer::Prohibit,
        Answer::Local,
        Answer::Encapsulate,
    ]);
    let destination = address(n, is_ipv4, length);
    Route {
        destination,
        length,
        answer,
        // The table `local` comes first, so that nothing may be inside.
        local: !is_ipv4 && length == 128 && n.one_in(4),
        interface: n.pick(&INTERFACES),
        mtu: n.pick(&[1500, 1500, 1500, 1280, 576, 9000, 65_520, 20]),
        metric: 1 + n.below(3) as u32 * 0x0102_0304,
        gateway: if n.one_in(2) { Some(hop(n, is_ipv4)) } else { None },
    }
}

/// An address of few different bits, so that prefixes nest; `length` bits of it count.
fn address(n: &mut Numbers, is_ipv4: bool, length: u8) -> IpAddr {
    let byte = |n: &mut Numbers| n.pick(&[0, 10, 0x20, 0x80, 1]);
    let bytes: Vec<u8> = (0..16).map(|_| byte(n)).collect();
    let word = bytes.iter().fold(0u128, |word, byte| word << 8 | u128::from(*byte));
    if is_ipv4 {
        let kept = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
        Ipv4Addr::from_bits((word >> 96) as u32 & kept).into()
    } else {
        let kept = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
        Ipv6Addr::from_bits(word & kept).into()
    }
}

fn hop(n: &mut Numbers, is_ipv4: bool) -> IpAddr {
    let number = n.below(HOPS) as u8;
    if is_ipv4 {
        return Ipv4Addr::new(192, 0, 2, 1 + number).into();
    }
    let first = if number.is_multiple_of(2) { 0xfe80 } else { 0xfc00 };
    Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 1 + u16::from(number)).into()
}

/// Most gateways, and some destinations, on the interfaces where routes lead to them.
fn neighbours(n: &mut Numbers, routes: &[Route]) -> Vec<Neighbour> {
    let mut known = BTreeMap::new();
    for route in routes.iter().filter(|route| route.answer.is_unicast()) {
        let address = route.gateway.unwrap_or(route.destination);
        if is_host(address) && !n.one_in(4) {
            known.insert((route.interface, octets(address)), neighbour(n, route.interface, address));
        }
    }
    known.into_values().take(200).collect()
}

fn is_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_unspecified() && !address.is_broadcast() && !address.is_multicast(),
        IpAddr::V6(address) => !address.is_unspecified() && !address.is_multicast(),
    }
}

fn neighbour(n: &mut Numbers, interface: u32, address: IpAddr) -> Neighbour {
    let mac = [2, n.bits() as u8, n.bits() as u8, n.bits() as u8, n.bits() as u8, n.bits() as u8];
    Neighbour { interface, address, mac, own_mac: [6, 0, 0, 0, 7, interface as u8] }
}

/// Frames of IPv4 and IPv6 to destinations of a network, a few of them short. The last byte of the source MAC address is the number
/// of an interface, nearly always one of the network's.
#[must_use]
pub fn frames(seed: u64, count: usize, network: &Network) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed);
    (0..count).map(|_| frame(&mut n, network)).collect()
}

fn frame(n: &mut Numbers, network: &Network) -> Vec<u8> {
    let is_ipv4 = n.one_in(2);
    let mut bytes: Vec<u8> = (0..98 + n.below(40)).map(|_| n.bits() as u8).collect();
    bytes[11] = if n.one_in(10) { n.bits() as u8 } else { n.pick(&[1, 2, 3, 5, 9, 200]) };
    bytes[12..14].copy_from_slice(&if is_ipv4 { [8, 0] } else { [0x86, 0xdd] });
    bytes[14] = if is_ipv4 { 0x45 } else { 0x60 };
    let length =
        if n.one_in(3) { bytes.len() as u64 - 14 } else { n.pick(&[20, 60, 1280, 1460, 1500, 1501, 9000, 65_535]) };
    let (lifetime, at, source) = if is_ipv4 { (22, 16, 26) } else { (21, 18, 22) };
    bytes[at..at + 2].copy_from_slice(&(length as u16).to_be_bytes());
    bytes[lifetime] = n.pick(&[64, 64, 64, 255, 2, 1, 0]);
    for place in [source, source + if is_ipv4 { 4 } else { 16 }] {
        let address = octets(target(n, network, is_ipv4));
        bytes[place..place + address.len()].copy_from_slice(&address);
    }
    if n.one_in(50) {
        bytes.truncate(14 + n.below(60) as usize);
    }
    bytes
}

/// A neighbour, a destination, an address of a prefix, or any other.
fn target(n: &mut Numbers, network: &Network, is_ipv4: bool) -> IpAddr {
    let routes: Vec<&Route> = network.routes.iter().filter(|r| r.destination.is_ipv4() == is_ipv4).collect();
    let near: Vec<&Neighbour> = network.neighbours.iter().filter(|x| x.address.is_ipv4() == is_ipv4).collect();
    match n.below(20) {
        0 => hop(n, is_ipv4),
        1 if !is_ipv4 => n.pick(&[Ipv6Addr::LOCALHOST, Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1)]).into(),
        1 => n.pick(&[Ipv4Addr::BROADCAST, Ipv4Addr::LOCALHOST, Ipv4Addr::new(224, 0, 0, 1)]).into(),
        2..6 if !near.is_empty() => n.pick(&near).address,
        2..19 if !routes.is_empty() => {
            let route = n.pick(&routes);
            let rest = octets(address(n, is_ipv4, if is_ipv4 { 32 } else { 128 }));
            let kept = |i: usize| (0xff00_u16 >> route.length.saturating_sub(8 * i as u8).min(8)) as u8;
            let mixed = octets(route.destination).into_iter().zip(rest).enumerate();
            let mixed: Vec<u8> = mixed.map(|(i, (prefix, rest))| prefix & kept(i) | rest & !kept(i)).collect();
            match (mixed.first_chunk(), mixed.first_chunk()) {
                (_, Some(bytes)) if !is_ipv4 => Ipv6Addr::from(*bytes).into(),
                (Some(bytes), _) => Ipv4Addr::from(*bytes).into(),
                _ => route.destination,
            }
        }
        _ => address(n, is_ipv4, if is_ipv4 { 32 } else { 128 }),
    }
}
