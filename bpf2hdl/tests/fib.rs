// SPDX-License-Identifier: Apache-2.0
//! `bpf_fib_lookup`: what programs find in random tables of interfaces, routes and neighbours, in the IR after every pass and in the
//! pipeline clock by clock, against the running kernel, in whose namespace the same network is made.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::ir::{self, MapId, MapState, PacketInput};
use bpf2hdl::object::Linked;
use bpf2hdl::oracle::IrOracle;
use bpf2hdl::pipe::{self, CycleModel};
use bpf2hdl::{Optimize, Options, opt, oracle, sched, target, verify};
use bpf2hdl_interface::network_file;
use bpf2hdl_testbench::oracle::kernel::{KernelOracle, OwnNetwork};
use bpf2hdl_testbench::random::network;
use bpf2hdl_testbench::{MapContents, Oracle, OracleVerdict, PacketContext};
use support::hash;

fn c_program(name: &str, arguments: &str) -> Linked {
    hash::c_program(&format!("../fib/{name}"), arguments)
}

fn verified(linked: &Linked) -> Result<ir::Function, Diagnostics> {
    verify::verify(linked, &verify::LIMITS)
}

/// Packets with their interfaces, what is in the maps before, and what the kernel makes of it.
struct Wanted<'a> {
    packets: &'a [(Vec<u8>, u32)],
    before: &'a MapContents,
    results: Vec<OracleVerdict>,
    after: MapContents,
}

fn run(oracle: &mut dyn Oracle, packets: &[(Vec<u8>, u32)]) -> Vec<OracleVerdict> {
    let one = |(packet, ingress): &(Vec<u8>, u32)| {
        let context = PacketContext { ingress_ifindex: *ingress, ..PacketContext::default() };
        let verdict = oracle.run(packet, &context).unwrap_or_else(|skip| panic!("{}", skip.reason));
        if (verdict.action as u8) < 2 { OracleVerdict { data: Vec::new(), ..verdict } } else { verdict }
    };
    packets.iter().map(one).collect()
}

/// The kernel and the IR after every pass, packet by packet and then the maps; then pipelines. What the kernel did.
fn check(what: &str, linked: &Linked, before: &MapContents, packets: &[(Vec<u8>, u32)]) -> Vec<OracleVerdict> {
    let mut kernel = support::kernel(linked).unwrap_or_else(|e| panic!("{what}: the kernel refuses it: {e}"));
    kernel.load_maps(before).unwrap_or_else(|e| panic!("{what}: {e}"));
    let results = run(&mut kernel, packets);
    let wanted = Wanted { packets, before, results, after: kernel.maps().expect("readable") };
    let function = verified(linked).unwrap_or_else(|d| panic!("{what}: {d:#?}"));
    for (pass, f) in opt::trace(function, &opt::Goal::default()) {
        ir::check(&f).unwrap_or_else(|e| panic!("{what}, after {pass}: {e:?}\n{f}"));
        let mut oracle = IrOracle::new(f.clone());
        oracle.load_maps(before).expect("it fits");
        for (i, (got, want)) in run(&mut oracle, packets).iter().zip(&wanted.results).enumerate() {
            assert_eq!(got, want, "{what}, after {pass}, packet {i}: {:02x?}", packets[i]);
        }
        assert_eq!(oracle.maps().expect("readable"), wanted.after, "{what}, after {pass}");
        assert_eq!(ir::parse(&f.to_string()).as_ref(), Ok(&f), "{what}, after {pass}");
    }
    for (name, clock_mhz) in [("xcup", 250.0), ("xcup", 600.0), ("ecp5", 60.0)] {
        check_pipeline(what, linked, &wanted, name, clock_mhz);
    }
    wanted.results
}

fn check_pipeline(what: &str, linked: &Linked, wanted: &Wanted<'_>, name: &str, clock_mhz: f64) {
    let function = opt::optimize(verified(linked).expect("verified above"), &opt::Goal::default());
    let target = target::find(name).expect("a target");
    let options = Options { target, clock_mhz, bus_bits: 512, optimize: Optimize::default(), initiation_interval: 1 };
    let (p, _) = sched::schedule(linked, &function, &options).unwrap_or_else(|d| panic!("{what}: {d:#?}"));
    let what = format!("{what}, pipeline for {name} at {clock_mhz} MHz");
    pipe::check(&p).unwrap_or_else(|e| panic!("{what}: {e:?}"));
    assert_eq!(pipe::parse(&p.to_string()).as_ref(), Ok(&p), "{what}");
    let model = CycleModel::new(&p);
    let mut maps = model.initial_maps();
    fill(&function, &mut maps, wanted.before);
    let inputs = wanted
        .packets
        .iter()
        .map(|(packet, ingress)| PacketInput { ingress_ifindex: *ingress, ..PacketInput::new(packet) });
    let passages = model.run(inputs.collect::<Vec<_>>(), &mut maps);
    for (i, (got, want)) in passages.packets.iter().zip(&wanted.results).enumerate() {
        let data = if got.action < 2 { Vec::new() } else { got.apply(&wanted.packets[i].0) };
        assert_eq!((got.action, &data), (want.action as u8, &want.data), "{what}, packet {i}");
    }
    assert_eq!(hash::contents(&function, &maps), wanted.after, "{what}");
    println!("{what}: {} packets, {} stages", wanted.packets.len(), p.stages());
}

fn fill(f: &ir::Function, maps: &mut MapState, contents: &MapContents) {
    for (name, entries) in &contents.maps {
        let map = MapId::new(f.maps.iter().position(|map| map.name == *name).expect("a map"));
        for (key, value) in entries {
            match key.first_chunk().filter(|_| !f.map(map).kind.has_directory()) {
                Some(index) => {
                    let index = u32::from_le_bytes(*index);
                    maps.entry_mut(map, index.into()).expect("in range").copy_from_slice(value);
                }
                None => maps.insert(map, key, value).expect("it fits"),
            }
        }
    }
}

fn with_interfaces(packets: Vec<Vec<u8>>) -> Vec<(Vec<u8>, u32)> {
    packets.into_iter().map(|packet| (packet, 1)).collect()
}

/// The numbers that `lookup.c` counts: -1 for errors.
fn counted(verdicts: &[OracleVerdict]) -> std::collections::BTreeMap<i32, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for data in verdicts.iter().map(|verdict| &verdict.data).filter(|data| data.len() >= 94) {
        let result = data[86..].first_chunk().map(|bytes| i32::from_le_bytes(*bytes)).expect("four bytes");
        // Of a packet that is not looked up, these bytes are anything.
        if (-100..10).contains(&result) {
            *counts.entry(result).or_default() += 1;
        }
    }
    counts
}

/// Every result of the helper, and every field of its structure.
#[test]
fn whole_results_equal_the_kernel() {
    if !support::kernel_or_skip("whole_results_equal_the_kernel") {
        return;
    }
    let mut all = std::collections::BTreeMap::new();
    for (seed, options) in
        (1..).zip(["", "-DFAMILY=4 -DFLAGS=0", "-DFAMILY=6 -DFLAGS=0", "-DFAMILY=6 -DFLAGS=3", "-DANY_FAMILY"])
    {
        let linked = c_program("lookup.c", options);
        for routes in [5, 60] {
            let network = network::network(seed + routes, routes as usize);
            let packets = with_interfaces(network::frames(seed, 3000, &network));
            let what = format!("lookup.c {options}, {routes} routes");
            let verdicts = check(&what, &linked, &network.to_maps(), &packets);
            for (result, count) in counted(&verdicts) {
                *all.entry(result).or_insert(0) += count;
            }
        }
    }
    println!("results: {all:?}");
    for result in [0, 1, 2, 3, 4, 5, 6, 7, 8, -19, -22, -97] {
        assert!(all.contains_key(&result), "{result} is among {all:?}");
    }
}

/// Routers, with packets from every interface.
#[test]
fn routers_equal_the_kernel() {
    if !support::kernel_or_skip("routers_equal_the_kernel") {
        return;
    }
    for (seed, options) in (20..).zip(["", "-DPORTS", "-DDROP"]) {
        let linked = c_program("forward.c", options);
        let network = network::network(seed, 50);
        let mut before = network.to_maps();
        if options == "-DPORTS" {
            let ports = [2u32, 3, 9].map(|port| (port.to_le_bytes().to_vec(), port.to_le_bytes().to_vec()));
            before.maps.insert("ports".to_owned(), ports.into());
        }
        let packets = network::frames(seed, 3000, &network);
        let ingress = [1, 2, 3, 5, 9, 200].into_iter().cycle();
        let packets: Vec<(Vec<u8>, u32)> = packets.into_iter().zip(ingress).collect();
        let verdicts = check(&format!("forward.c {options}"), &linked, &before, &packets);
        let redirected = verdicts.iter().filter(|verdict| verdict.target.is_some()).count();
        assert!(redirected > 100, "{redirected} packets are forwarded");
    }
}

/// Nothing in the tables: the loopback is there and does not forward, as in a new network namespace.
#[test]
fn empty_tables_are_a_new_namespace() {
    if !support::kernel_or_skip("empty_tables_are_a_new_namespace") {
        return;
    }
    let linked = c_program("lookup.c", "");
    let packets = with_interfaces(network::frames(1, 500, &network::network(1, 5)));
    check("lookup.c, no tables", &linked, &MapContents::default(), &packets);
}

/// The structure may be in a map or a record of a ring buffer, and too small.
#[test]
fn structures_elsewhere_equal_the_kernel() {
    if !support::kernel_or_skip("structures_elsewhere_equal_the_kernel") {
        return;
    }
    for (seed, options) in (30..).zip([
        "-DIN_MAP",
        "-DPLEN=32",
        "-DIN_MAP -DFIRST -DPLEN=((frame->to[3]&31)+40)",
        "-DTWICE",
        "-DIN_RECORD",
    ]) {
        let linked = c_program("places.c", options);
        let network = network::network(seed, 30);
        let packets = with_interfaces(network::frames(seed, 2000, &network));
        check(&format!("places.c {options}"), &linked, &network.to_maps(), &packets);
    }
    let linked = c_program("places.c", "-DIN_PACKET");
    assert!(support::kernel(&linked).is_err_and(|error| error.contains("not allowed")));
    let found = verified(&linked).expect_err("refused");
    assert!(found.to_string().contains("it has to be on the stack, in a map or in a record"), "{found}");
}

#[test]
fn what_the_tables_can_not_tell_is_refused_by_name() {
    let refused = |options: &str| {
        let found = verified(&c_program("lookup.c", options)).expect_err("refused");
        let item = found.errors().next().expect("a finding");
        assert_eq!(item.code, Code::HelperArgument, "{found}");
        assert!(!item.help.is_empty(), "{found}");
        item.to_string()
    };
    assert!(refused("-DFLAGS=16").contains("BPF_FIB_LOOKUP_SRC"));
    assert!(refused("-DFLAGS=9").contains("BPF_FIB_LOOKUP_TBID"));
    assert!(refused("-DFLAGS=2").contains("BPF_FIB_LOOKUP_OUTPUT"));
    assert!(refused("-DFLAGS=frame->to[0]").contains("BPF_FIB_LOOKUP_SRC"));
    // Without a direct look-up the number of a table means nothing.
    for options in ["-DFLAGS=8", "-DFAMILY=6 -DFLAGS=2"] {
        assert!(verified(&c_program("lookup.c", options)).is_ok(), "{options}");
    }
}

/// A program of one family has no hardware for the other.
#[test]
fn only_tables_that_are_looked_into_are_built() {
    let used = |options: &str| {
        let linked = c_program("lookup.c", options);
        let function = opt::optimize(verified(&linked).expect("it verifies"), &opt::Goal::default());
        let steps = function.defs.iter().filter_map(|def| match &def.op {
            ir::Op::Directory { map, .. } => Some(function.map(*map).name.clone()),
            _ => None,
        });
        steps.collect::<Vec<_>>()
    };
    assert_eq!(used("-DFAMILY=4 -DFLAGS=0"), [".dev", ".fib4", ".neigh4"]);
    assert_eq!(used("-DFAMILY=6 -DFLAGS=4"), [".dev", ".fib6"]);
    assert_eq!(used("").len(), 5);
}

/// `ip` in the thread's namespace.
fn ip(arguments: &str) -> String {
    let done = std::process::Command::new("ip").args(arguments.split(' ')).output().expect("iproute2 is installed");
    assert!(done.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

/// A host as an administrator sets it up: connected routes, addresses of its own, broadcast addresses, a default route, two tables.
const SETUP: &str = "link set lo up
link add v1 index 10 address 02:00:00:00:00:11 type veth peer name w1
link add v2 index 11 address 02:00:00:00:00:12 mtu 1400 type veth peer name w2
link add v3 index 12 mtu 9000 type veth peer name w3
link set v1 up
link set v2 up
link set v3 up
link set w1 up
link set w2 up
link set w3 up
addr add 10.0.0.1/24 brd + dev v1
addr add 10.0.1.1/24 brd + dev v2
addr add 2001:db8::1/64 nodad dev v1
addr add 2001:db8:1::1/64 nodad dev v2
route add 10.9.0.0/16 via 10.0.0.254 metric 7
route add 10.9.0.0/16 via 10.0.1.254 metric 8
route add 10.9.9.0/24 dev v3
route add blackhole 10.10.0.0/16
route add unreachable 10.11.0.0/16
route add prohibit 10.12.0.0/16
route add throw 10.12.1.0/24
route add default via 10.0.1.254
route add 10.13.0.0/16 dev v3 table 77
-6 route add 2001:db8:9::/48 via fe80::5 dev v1 metric 9
-6 route add 2001:db8:9:9::/64 dev v3
-6 route add blackhole 2001:db8:a::/48
-6 route add unreachable 2001:db8:b::/48
-6 route add prohibit 2001:db8:c::/48
-6 route add default via 2001:db8:1::5
neigh add 10.0.0.254 lladdr 02:00:00:00:00:99 dev v1
neigh add 10.0.1.254 lladdr 02:00:00:00:00:97 dev v2
neigh add 10.0.0.77 lladdr 02:00:00:00:00:96 dev v1
neigh add 10.0.0.250 nud failed dev v1
neigh add fe80::5 lladdr 02:00:00:00:00:98 dev v1
neigh add 2001:db8:1::5 lladdr 02:00:00:00:00:95 dev v2
neigh add 2001:db8:9:9::5 lladdr 02:00:00:00:00:94 dev v3";

/// Addresses around those of the set-up.
fn aimed(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut n = support::generate::Numbers::new(seed);
    let mut frames = network::frames(seed, count, &network::network(seed, 5));
    for frame in frames.iter_mut().filter(|frame| frame.len() >= 54) {
        frame[11] = n.pick(&[1, 10, 11, 12, 9]);
        if frame[12] == 8 {
            let last = n.pick(&[0, 1, 5, 77, 250, 254, 255]);
            let two = n.pick(&[0, 0, 1, 9]);
            let one = n.pick(&[0, 0, 0, 9, 9, 10, 11, 12, 13]);
            frame[30..34].copy_from_slice(&[n.pick(&[10, 10, 10, 127]), one, two, last]);
        } else {
            let third = n.pick(&[0, 1, 1, 9, 9, 0xa, 0xb, 0xc, 0xd]);
            let fourth = n.pick(&[0, 0, 9]);
            let last = n.pick(&[0, 1, 5]);
            frame[38..54].copy_from_slice(&[0x20, 1, 0xd, 0xb8, 0, third, 0, fourth, 0, 0, 0, 0, 0, 0, 0, last]);
        }
    }
    frames
}

/// The tables that `sim --network` makes of what iproute2 prints, against the network that it printed.
#[test]
fn tables_from_iproute2_are_the_network() {
    if !support::kernel_or_skip("tables_from_iproute2_are_the_network") {
        return;
    }
    // Such a namespace is the thread's own: it ends with it.
    let test = std::thread::spawn(|| {
        let _namespace = OwnNetwork::enter().expect("a namespace");
        SETUP.lines().for_each(|line| drop(ip(line)));
        for (family, value) in [("ipv4", "1"), ("ipv6", "1")] {
            for interface in ["v1", "v2", "lo"] {
                let path = format!("/proc/sys/net/{family}/conf/{interface}/forwarding");
                std::fs::write(path, value).expect("a setting");
            }
        }
        std::fs::write("/proc/sys/net/ipv4/conf/v3/forwarding", "0").expect("a setting");
        let parts = [
            ("link", "-j -d link"),
            ("netconf", "-j netconf"),
            ("neigh", "-j neigh"),
            ("route4", "-4 -j -d route show table all"),
            ("route6", "-6 -j -d route show table all"),
            ("rule4", "-4 -j rule"),
            ("rule6", "-6 -j rule"),
        ];
        let members = parts.map(|(name, command)| format!("\"{name}\": {}", ip(command).trim()));
        let network = network_file::parse(&format!("{{{}}}", members.join(", "))).unwrap_or_else(|e| panic!("{e}"));
        let before = network.to_maps();
        let linked = c_program("lookup.c", "");
        let mut kernel = KernelOracle::load_into_this_network(&oracle::program(&linked)).expect("the kernel takes it");
        let packets = with_interfaces(aimed(5, 20_000));
        let wanted = run(&mut kernel, &packets);
        let mut ours = IrOracle::new(verified(&linked).expect("it verifies"));
        ours.load_maps(&before).expect("it fits");
        for (i, (got, want)) in run(&mut ours, &packets).iter().zip(&wanted).enumerate() {
            assert_eq!(got, want, "packet {i}: {:02x?}", packets[i]);
        }
        let counts = counted(&wanted);
        println!("results: {counts:?}");
        for result in [0, 1, 2, 3, 4, 5, 7, 8, -19, -22] {
            assert!(counts.contains_key(&result), "{result} is among {counts:?}");
        }
    });
    test.join().expect("the thread ends well");
}
