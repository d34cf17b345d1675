// SPDX-License-Identifier: Apache-2.0
use super::*;
use std::collections::BTreeSet;

fn sizes(traffic: &mut Traffic, count: usize) -> Vec<usize> {
    (0..count).map(|_| traffic.frame().len()).collect()
}

#[test]
fn the_seed_decides() {
    let make = |seed| Traffic::new(seed).generate(300);
    assert_eq!(make(1), make(1));
    assert_ne!(make(1), make(2));
}

#[test]
fn sizes_are_kept() {
    for profile in [Profile::Mixed, Profile::WellFormed, Profile::Malformed, Profile::Mutated] {
        let traffic = Traffic::new(3).profile(profile);
        assert!(sizes(&mut traffic.clone().size(SizeSpec::Fixed(64)), 2000).iter().all(|size| *size == 64));
        let sweep = sizes(&mut traffic.clone().size(SizeSpec::Sweep { min: 60, max: 1514 }), 1455 + 2);
        assert_eq!((sweep[0], sweep[1454], sweep[1455]), (60, 1514, 60));
        let range = sizes(&mut traffic.clone().size(SizeSpec::Range { min: 60, max: 90 }), 2000);
        assert!(range.iter().all(|size| (14..=90).contains(size)));
        assert!(sizes(&mut traffic.clone(), 2000).iter().all(|size| (14..=1514).contains(size)));
    }
    let natural = sizes(&mut Traffic::new(3).profile(Profile::WellFormed), 2000);
    assert!(natural.iter().all(|size| (60..=1514).contains(size)));
    assert!(natural.contains(&60) && natural.contains(&1514));
}

#[test]
fn well_formed_frames_are() {
    let mut seen = BTreeSet::new();
    for packet in Traffic::new(5).profile(Profile::WellFormed).generate(5000).iter() {
        let frame = packet.data;
        let mut at = 12;
        let mut tags = 0;
        while matches!(u16::from_be_bytes([frame[at], frame[at + 1]]), 0x8100 | 0x88a8) && tags < 2 {
            at += 4;
            tags += 1;
        }
        seen.insert(format!("tags {tags}"));
        let ip = &frame[at + 2..];
        match u16::from_be_bytes([frame[at], frame[at + 1]]) {
            0x0800 => check_ipv4(ip, &mut seen),
            0x86dd => _ = seen.insert(format!("ipv6 {}", ip[6])),
            other => _ = seen.insert(format!("type {other:#x}")),
        }
    }
    for kind in [
        "tags 0",
        "tags 1",
        "tags 2",
        "ipv4 6",
        "ipv4 17",
        "ipv4 1",
        "options",
        "fragment",
        "ipv6 6",
        "ipv6 17",
        "ipv6 58",
        "ipv6 0",
        "ipv6 43",
        "ipv6 44",
        "ipv6 51",
        "ipv6 60",
        "type 0x806",
        "type 0x88cc",
    ] {
        // Routing headers come behind hop-by-hop options only.
        assert!(seen.contains(kind) || kind == "ipv6 43", "{kind} is missing in {seen:?}");
    }
}

fn check_ipv4(ip: &[u8], seen: &mut BTreeSet<String>) {
    let header = usize::from(ip[0] & 15) * 4;
    let total = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
    if total > ip.len() || header > ip.len() {
        // Cut by the wanted length; rare.
        return;
    }
    assert_eq!(headers::checksum(&[&ip[..header]]), 0);
    seen.insert(format!("ipv4 {}", ip[9]));
    if header > 20 {
        seen.insert("options".to_owned());
    }
    if u16::from_be_bytes([ip[6], ip[7]]) & 0x1fff != 0 {
        seen.insert("fragment".to_owned());
        return;
    }
    let segment = &ip[header..total];
    let pseudo = [&ip[12..20], &[0, ip[9]], &u16::try_from(segment.len()).unwrap().to_be_bytes()].concat();
    match ip[9] {
        6 | 17 => assert_eq!(headers::checksum(&[&pseudo, segment]), 0),
        1 => assert_eq!(headers::checksum(&[segment]), 0),
        _ => {}
    }
}

#[test]
fn captures_are_written() {
    let path = std::env::temp_dir().join(format!("bpf2hdl-traffic-{}.pcap", std::process::id()));
    write_capture(&path, &mut Traffic::new(9), 100).unwrap();
    let back = capture::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(back, Traffic::new(9).generate(100));
}
