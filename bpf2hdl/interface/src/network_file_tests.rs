// SPDX-License-Identifier: Apache-2.0
//! Files as iproute2 6.1 prints them.

use super::*;
use serde_json::json;

const MAC: &str = "02:00:00:00:00:11";

fn links() -> Value {
    json!([
        {"ifindex": 1, "ifname": "lo", "flags": ["LOOPBACK", "UP"], "mtu": 65_536, "address": "00:00:00:00:00:00"},
        {"ifindex": 3, "link": "v2", "ifname": "v1", "flags": ["UP"], "mtu": 1500, "address": MAC},
        {"ifindex": 4, "ifname": "tun0", "flags": ["POINTOPOINT"], "mtu": 1000, "link_type": "none"},
    ])
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// The routes of one family, or why they are refused.
fn parsed(name: &str, routes: Value) -> Result<Vec<Route>, String> {
    parse(&json!({"link": links(), name: routes}).to_string()).map(|network| network.routes)
}

fn refused(name: &str, route: Value) -> String {
    parsed(name, json!([route])).expect_err("refused")
}

#[test]
fn interfaces_and_neighbours() {
    let file = json!({
        "link": links(),
        "netconf": [
            {"family": "inet", "interface": "v1", "forwarding": true},
            {"family": "inet6", "interface": "all", "forwarding": true},
            {"family": "inet6", "interface": "tun0", "forwarding": true},
        ],
        "neigh": [
            {"dst": "10.0.0.250", "dev": "v1", "state": ["FAILED"]},
            {"dst": "10.0.0.251", "dev": "v1", "lladdr": "02:00:00:00:00:98", "state": ["INCOMPLETE"]},
            {"dst": "fe80::5", "dev": "v1", "lladdr": "02:00:00:00:00:99", "state": ["STALE"]},
        ],
        "rule4": [{"priority": 0, "src": "all", "table": "local"}, {"priority": 32_766, "src": "all", "table": "main"}],
    });
    let network = parse(&file.to_string()).expect("it is right");
    let device = |interface, forwards4, forwards6| Device { interface, forwards4, forwards6 };
    assert_eq!(network.devices, [device(1, false, false), device(4, false, true), device(3, true, false)]);
    let own_mac = [2, 0, 0, 0, 0, 0x11];
    let neighbour = Neighbour { interface: 3, address: address("fe80::5"), mac: [2, 0, 0, 0, 0, 0x99], own_mac };
    assert_eq!(network.neighbours, [neighbour]);
}

#[test]
fn routes_of_ipv4() {
    let routes = parsed(
        "route4",
        json!([
            {"type": "unicast", "dst": "default", "gateway": "10.0.0.254", "dev": "v1", "table": "main", "flags": []},
            {"type": "unicast", "dst": "10.9.0.0/16", "dev": "tun0", "table": "main", "metric": 7, "flags": []},
            {"type": "unicast", "dst": "10.9.0.0/16", "dev": "v1", "table": "main", "metric": 6, "flags": []},
            {"type": "unicast", "dst": "10.8.0.0/16", "dev": "lo", "metrics": [{"mtu": 1400, "lock": false}]},
            {"type": "unicast", "dst": "10.7.0.0/16", "dev": "v1", "metrics": [{"mtu": 1400, "lock": true}]},
            {"type": "unicast", "dst": "10.6.0.0/16", "dev": "v1", "flags": ["dead", "linkdown"]},
            {"type": "unicast", "dst": "10.5.0.0/16", "dev": "v1", "table": "123"},
            {"type": "broadcast", "dst": "10.255.255.255", "dev": "v1", "table": "local"},
            {"type": "prohibit", "dst": "10.255.255.255", "table": "main"},
        ]),
    )
    .expect("they are right");
    let short = |r: &Route| (r.destination.to_string(), r.length, r.answer, r.interface, r.mtu, r.metric);
    let found: Vec<_> = routes.iter().map(short).collect();
    let expected = [
        ("0.0.0.0", 0, Answer::Forward, 3, 1500, 0),
        ("10.7.0.0", 16, Answer::Forward, 3, 1400, 0),
        ("10.8.0.0", 16, Answer::Forward, 1, 65_535, 0),
        ("10.9.0.0", 16, Answer::Forward, 3, 1500, 6),
        ("10.255.255.255", 32, Answer::Local, 0, 0, 0),
    ];
    assert_eq!(found, expected.map(|(a, b, c, d, e, f)| (a.to_owned(), b, c, d, e, f)));
    assert_eq!(routes[0].gateway, Some(address("10.0.0.254")));
}

#[test]
fn the_local_table_of_ipv6_comes_first() {
    let routes = parsed(
        "route6",
        json!([
            {"type": "unicast", "dst": "2001:db8::/64", "dev": "v1", "table": "main", "metric": 256},
            {"type": "unicast", "dst": "2001:db8::/112", "dev": "tun0", "table": "main", "metric": 256},
            {"type": "blackhole", "dst": "2001:db8:1::/48", "dev": "lo", "table": "main", "metric": 1024},
            {"type": "unicast", "dst": "fe80::/64", "dev": "v1", "table": "main", "metric": 256},
            {"type": "local", "dst": "2001:db8::1", "dev": "v1", "table": "local", "metric": 0},
            {"type": "local", "dst": "2001:db8:1::/32", "dev": "lo", "table": "local", "metric": 0},
            {"type": "local", "dst": "3000::1", "dev": "v1", "table": "local", "metric": 0},
            {"type": "multicast", "dst": "ff00::/8", "dev": "v1", "table": "local", "metric": 256},
        ]),
    )
    .expect("they are right");
    let short = |r: &Route| (r.destination.to_string(), r.length, r.local, r.answer, r.interface, r.mtu);
    let found: Vec<_> = routes.iter().map(short).collect();
    let expected = [
        // Nothing of the table `main` is around it.
        ("2001:db8:1::", 32, true, Answer::Local, 0, 0),
        ("2001:db8:1::", 48, true, Answer::Blackhole, 0, 0),
        ("2001:db8::", 64, true, Answer::Forward, 3, 1500),
        ("2001:db8::", 112, true, Answer::Forward, 4, 1280),
        ("2001:db8::1", 128, true, Answer::Forward, 4, 1280),
        ("3000::1", 128, true, Answer::Local, 0, 0),
    ];
    assert_eq!(found, expected.map(|(a, b, c, d, e, f)| (a.to_owned(), b, c, d, e, f)));
}

#[test]
fn what_the_tables_can_not_say_is_refused() {
    let cases = [
        (json!({"dst": "10.0.0.0/8", "nexthops": [{"dev": "v1"}, {"dev": "tun0"}]}), "several next hops"),
        (json!({"dst": "10.0.0.0/8", "encap": "ip", "dev": "v1"}), "encapsulation"),
        (json!({"dst": "default", "via": {"family": "inet6", "host": "fe80::5"}, "dev": "v1"}), "other family"),
        (json!({"dst": "10.0.0.0/8", "tos": "0x10", "dev": "v1"}), "type of service"),
        (json!({"dst": "10.0.0.0/8", "dev": "v1", "table": "default"}), "no table `default`"),
        (json!({"dst": "10.0.0.0/8", "dev": "v9"}), "no such interface"),
        (json!({"dst": "10.0.0.0/33", "dev": "v1"}), "no destination"),
        (json!({"dst": "10.0.0.0/8", "dev": "v1", "metrics": [{"mtu": 1400}]}), "locked"),
        (json!({"dst": "10.0.0.0/8", "dev": "v1", "table": "local"}), "a way out in the table `local`"),
    ];
    for (route, reason) in cases {
        assert!(refused("route4", route).contains(reason), "{reason}");
    }
    assert!(refused("route6", json!({"dst": "3000::/8", "from": "2001::/16", "dev": "v1"})).contains("the source"));
    let equal = json!([{"dst": "default", "dev": "v1", "metric": 9}, {"dst": "default", "dev": "tun0", "metric": 9}]);
    assert!(parsed("route6", equal).expect_err("refused").contains("several next hops to ::/0"));
    let rule = json!({"rule4": [{"priority": 5, "src": "10.0.0.0", "srclen": 8, "table": "123"}]});
    assert!(parse(&rule.to_string()).expect_err("refused").contains("no policy rules"));
    assert!(parse("{\"routes\": []}").expect_err("refused").contains("unknown member `routes`"));
    assert!(parse("[]").is_err() && parse("{").is_err() && parse("{\"link\": 5}").is_err());
}
