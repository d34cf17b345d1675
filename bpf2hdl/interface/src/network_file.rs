// SPDX-License-Identifier: Apache-2.0
//! A Linux host's network as iproute2 prints it, for the tables of `bpf_fib_lookup`.
//!
//! The file is one JSON object, whose members are what these commands print:
//!
//! | member | command |
//! |---|---|
//! | `link` | `ip -j -d link` |
//! | `netconf` | `ip -j netconf`: which interfaces forward |
//! | `neigh` | `ip -j neigh` |
//! | `route4`, `route6` | `ip -4 -j -d route show table all`, `ip -6 -j -d route show table all` |
//! | `rule4`, `rule6` | `ip -4 -j rule`, `ip -6 -j rule`; may be left out |
//!
//! What the tables can not say is refused by name: policy rules, several next hops, routes that depend on the source or the type of
//! service, IPv6 gateways of IPv4 destinations, encapsulation. Routes of other tables than `main` and `local` are never looked at, and left out.

use crate::network::{Answer, Device, Neighbour, Network, Route};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Largest MTUs of a path (`IP_MAX_MTU`, include/net/ip.h; `IP6_MAX_MTU`, net/ipv6/route.c), and the smallest of IPv6.
const MOST_MTU4: u32 = 0xffff;
const MOST_MTU6: u32 = 0xffff + 40;
const LEAST_MTU6: u32 = 1280;
/// States of a neighbour whose address counts (`NUD_VALID`, include/net/neighbour.h).
const VALID: [&str; 6] = ["PERMANENT", "NOARP", "REACHABLE", "PROBE", "STALE", "DELAY"];

/// An interface.
struct Link {
    number: u32,
    mtu: u32,
    mac: Option<[u8; 6]>,
}

type Links = BTreeMap<String, Link>;

/// A route, and whether it is of the table `local`.
type Found = (Route, bool);

/// Reads such a file.
///
/// # Errors
/// What is wrong, or what the tables can not say, with the route or interface.
pub fn parse(text: &str) -> Result<Network, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let known = ["link", "netconf", "neigh", "route4", "route6", "rule4", "rule6"];
    if let Some(name) = json.as_object().ok_or("not a JSON object")?.keys().find(|name| !known.contains(&name.as_str()))
    {
        return Err(format!("unknown member `{name}`; there are {}", known.join(", ")));
    }
    let links = links(list(&json, "link")?)?;
    for (name, least) in [("rule4", 32_767), ("rule6", 32_766)] {
        check_rules(name, list(&json, name)?, least)?;
    }
    let mut routes = routes(list(&json, "route4")?, &links, true)?;
    routes.extend(routes_6(self::routes(list(&json, "route6")?, &links, false)?)?);
    Ok(Network {
        devices: devices(&links, list(&json, "netconf")?),
        routes: chosen(routes),
        neighbours: neighbours(&links, list(&json, "neigh")?)?,
    })
}

fn list<'a>(json: &'a Value, name: &str) -> Result<&'a [Value], String> {
    match json.get(name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(format!("`{name}` is not a list")),
    }
}

fn text<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.as_str()
}

fn number(item: &Value, name: &str) -> Option<u32> {
    item.get(name)?.as_u64()?.try_into().ok()
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = text.split(':').map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
    bytes?.try_into().ok()
}

fn links(items: &[Value]) -> Result<Links, String> {
    let link = |item: &Value| {
        let name = text(item, "ifname")?.to_owned();
        let mac = text(item, "address").and_then(mac);
        Some((name, Link { number: number(item, "ifindex")?, mtu: number(item, "mtu")?, mac }))
    };
    let wrong = |item: &Value| format!("`link`: an interface without name, number or MTU: {item}");
    items.iter().map(|item| link(item).ok_or_else(|| wrong(item))).collect()
}

/// Only the rules that are always there.
fn check_rules(name: &str, items: &[Value], last: u32) -> Result<(), String> {
    let is_usual = |item: &Value| {
        let place = (number(item, "priority").unwrap_or(0), text(item, "table").unwrap_or_default());
        let usual = [(0, "local"), (32_766, "main"), (32_767, "default")];
        let plain = item.as_object().is_some_and(|members| members.len() <= 3);
        plain && place.0 <= last && usual.contains(&place) && text(item, "src").is_none_or(|source| source == "all")
    };
    match items.iter().find(|item| !is_usual(item)) {
        Some(item) => Err(format!("`{name}`: hardware has no policy rules: {item}")),
        None => Ok(()),
    }
}

fn devices(links: &Links, settings: &[Value]) -> Vec<Device> {
    let forwards = |family: &str, name: &str| {
        let is_it = |item: &&Value| text(item, "family") == Some(family) && text(item, "interface") == Some(name);
        settings.iter().find(is_it).and_then(|item| item.get("forwarding")?.as_bool()).unwrap_or(false)
    };
    let device = |(name, link): (&String, &Link)| Device {
        interface: link.number,
        forwards4: forwards("inet", name),
        forwards6: forwards("inet6", name),
    };
    links.iter().map(device).collect()
}

fn neighbours(links: &Links, items: &[Value]) -> Result<Vec<Neighbour>, String> {
    let mut all = Vec::new();
    for item in items {
        let states = item.get("state").and_then(Value::as_array);
        let is_valid = states.into_iter().flatten().any(|s| s.as_str().is_some_and(|s| VALID.contains(&s)));
        let Some(mac) = text(item, "lladdr").and_then(mac).filter(|_| is_valid) else { continue };
        let wrong = || format!("`neigh`: no such interface, or no address: {item}");
        let link = text(item, "dev").and_then(|name| links.get(name)).ok_or_else(wrong)?;
        let address = text(item, "dst").and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
        all.push(Neighbour { interface: link.number, address, mac, own_mac: link.mac.unwrap_or_default() });
    }
    Ok(all)
}

fn routes(items: &[Value], links: &Links, is_ipv4: bool) -> Result<Vec<Found>, String> {
    let mut all = Vec::new();
    for item in items {
        let is_local = match text(item, "table") {
            None | Some("main") => false,
            Some("local") => true,
            Some("default") if is_ipv4 => return Err(format!("hardware has no table `default`: {item}")),
            Some(_) => continue,
        };
        let found = route(item, links, is_ipv4).map_err(|reason| format!("{reason}: {item}"))?;
        if let Some(route) = found.filter(Route::is_looked_up) {
            if is_local && route.answer.is_unicast() {
                return Err(format!("a way out in the table `local`: {item}"));
            }
            all.push((route, is_local));
        }
    }
    Ok(all)
}

/// One route; `None` for one that does not count.
fn route(item: &Value, links: &Links, is_ipv4: bool) -> Result<Option<Route>, &'static str> {
    for (name, what) in [
        ("nexthops", "several next hops"),
        ("encap", "an encapsulation"),
        ("via", "a gateway of the other family"),
        ("from", "a route that depends on the source"),
        ("tos", "a route that depends on the type of service"),
    ] {
        if item.get(name).is_some() {
            return Err(what);
        }
    }
    let flags = item.get("flags").and_then(Value::as_array);
    if flags.into_iter().flatten().any(|flag| flag == "dead") {
        return Ok(None);
    }
    let (destination, length) = text(item, "dst").and_then(|t| prefix(t, is_ipv4)).ok_or("no destination")?;
    let answer = match text(item, "type").unwrap_or("unicast") {
        "unicast" => Answer::Forward,
        "blackhole" => Answer::Blackhole,
        "unreachable" => Answer::Unreachable,
        "prohibit" => Answer::Prohibit,
        "local" | "broadcast" | "anycast" | "multicast" | "throw" => Answer::Local,
        _ => return Err("an unknown type of route"),
    };
    let metric = number(item, "metric").unwrap_or(0);
    let none = Route { destination, length, answer, local: false, interface: 0, mtu: 0, metric, gateway: None };
    if !answer.is_unicast() {
        return Ok(Some(none));
    }
    let link = text(item, "dev").and_then(|name| links.get(name)).ok_or("no such interface in `link`")?;
    let gateway = match text(item, "gateway") {
        Some(text) => Some(text.parse::<IpAddr>().ok().filter(|g| g.is_ipv4() == is_ipv4).ok_or("no gateway")?),
        None => None,
    };
    let mtu = match is_ipv4 {
        true => link.mtu.min(MOST_MTU4),
        false => link.mtu.clamp(LEAST_MTU6, MOST_MTU6),
    };
    let mtu = locked_mtu(item)?.unwrap_or(mtu);
    Ok(Some(Route { interface: link.number, mtu, gateway, ..none }))
}

/// The MTU that a route is locked to, which counts for forwarding as no other does. iproute2 does not print the lock.
fn locked_mtu(item: &Value) -> Result<Option<u32>, &'static str> {
    let metrics = item.get("metrics").and_then(Value::as_array);
    let Some(metrics) = metrics.into_iter().flatten().find(|metrics| metrics.get("mtu").is_some()) else {
        return Ok(None);
    };
    match metrics.get("lock").and_then(Value::as_bool) {
        Some(true) => Ok(number(metrics, "mtu")),
        Some(false) => Ok(None),
        None => Err("is this MTU locked? `ip -j` does not say: write `\"lock\": true` or `false` beside `\"mtu\"`"),
    }
}

fn prefix(text: &str, is_ipv4: bool) -> Option<(IpAddr, u8)> {
    let (any, bits): (IpAddr, u8) =
        if is_ipv4 { (Ipv4Addr::UNSPECIFIED.into(), 32) } else { (Ipv6Addr::UNSPECIFIED.into(), 128) };
    if text == "default" {
        return Some((any, 0));
    }
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let length = length.map_or(Some(bits), |length| length.parse().ok())?;
    let address: IpAddr = address.parse().ok()?;
    (address.is_ipv4() == is_ipv4 && length <= bits).then_some((address, length))
}

/// IPv6: the table `local` is looked into first, and not at all by a direct look-up. So what it holds hides every route inside, and has the
/// answer of the table `main` beside its own.
fn routes_6(all: Vec<Found>) -> Result<Vec<Found>, String> {
    let (local, main): (Vec<Found>, Vec<Found>) = all.into_iter().partition(|(_, is_local)| *is_local);
    check_equal(&main)?;
    let main: Vec<Found> = chosen(main).into_iter().map(|route| (route, false)).collect();
    let around = |route: &Route| {
        let longest = main.iter().filter(|(other, _)| other.contains(route)).max_by_key(|(other, _)| other.length);
        let none = Route { answer: Answer::Local, ..*route };
        let answer = longest.map_or(none, |(other, _)| *other);
        Route { destination: route.destination, length: route.length, local: true, ..answer }
    };
    let mut result: Vec<Found> = local.iter().map(|(route, _)| (around(route), true)).collect();
    result.extend(main.into_iter().map(|(route, _)| {
        let is_hidden = local.iter().any(|(other, _)| other.contains(&route));
        (Route { local: is_hidden, ..route }, false)
    }));
    Ok(result)
}

/// The kernel takes turns with equal routes.
fn check_equal(all: &[Found]) -> Result<(), String> {
    for (i, (route, _)) in all.iter().enumerate() {
        let is_equal = |other: &Route| {
            (other.length, other.metric) == (route.length, route.metric) && route.contains(other) && other != route
        };
        if all[..i].iter().any(|(other, _)| is_equal(other)) {
            return Err(format!("several next hops to {}/{}", route.destination, route.length));
        }
    }
    Ok(())
}

/// Of several routes to one destination the one that the kernel finds: of the table `local`, with the least metric, the first.
fn chosen(all: Vec<Found>) -> Vec<Route> {
    let mut best: BTreeMap<Vec<u8>, (bool, u32, Route)> = BTreeMap::new();
    for (route, is_local) in all {
        let (_, key, _) = route.entry();
        let rank = (!is_local, route.metric);
        if best.get(&key).is_none_or(|(other, metric, _)| rank < (*other, *metric)) {
            best.insert(key, (rank.0, rank.1, route));
        }
    }
    best.into_values().map(|(_, _, route)| route).collect()
}

#[cfg(test)]
#[path = "network_file_tests.rs"]
mod tests;
