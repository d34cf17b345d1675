// SPDX-License-Identifier: Apache-2.0
//! LPM tries in hardware: emitted cores in Verilator against the running kernel, and a host that changes prefixes while packets
//! go on, none of which may see half a change.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]

mod design_folder;
mod support;

use bpf2hdl_host::{Device, Registers};
use bpf2hdl_interface::Manifest;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers::{Counter, MAGIC};
use bpf2hdl_testbench::model::{BuildOptions, Model};
use bpf2hdl_testbench::simulator::{Observed, RunOptions, Simulator};
use bpf2hdl_testbench::{MapContents, PacketSet, ReadyPattern, Silent, SimOptions, SourcePattern};
use design_folder::{design, frames, run};
use support::generate::Numbers;
use support::lpm;

#[test]
fn look_ups_in_hardware_equal_the_kernel() {
    if !support::kernel_or_skip("look_ups_in_hardware_equal_the_kernel") {
        return;
    }
    let buses = [512, 256, 128, 64];
    for (i, (program, options)) in lpm::PROGRAMS.into_iter().enumerate() {
        let linked = lpm::c_program(program, options);
        let design = design(&linked, buses[i % 4]);
        let folder = design_folder::write("rtl_lpm", &format!("{i}"), &design, &linked);
        let name = format!("{program} {options}");
        let stalls = SimOptions {
            source: SourcePattern::Random { numerator: 2, denominator: 3 },
            pass_ready: ReadyPattern::Random { numerator: 1, denominator: 2 },
            tx_ready: ReadyPattern::Adversarial,
            ..SimOptions::default()
        };
        for (fill, simulation) in [(0, SimOptions::default()), (60, stalls), (100, SimOptions::default())] {
            let before = lpm::contents(i as u64, &linked, fill);
            let packets = lpm::frames(40 + fill, 4000, &before);
            run(&linked, &folder, &format!("{name}, {fill} %"), (Some(&before), &frames(&packets)), simulation);
        }
    }
}

/// Every packet has an address of its own, and all are after one value: only the slot tells.
#[test]
fn storms_in_hardware_equal_the_kernel() {
    if !support::kernel_or_skip("storms_in_hardware_equal_the_kernel") {
        return;
    }
    for (program, options) in lpm::PROGRAMS.into_iter().take(3) {
        let linked = lpm::c_program(program, options);
        let design = design(&linked, 512);
        let folder =
            design_folder::write("rtl_lpm", &format!("storm{}", options.replace(['=', ' '], "_")), &design, &linked);
        let before = lpm::contents(9, &linked, 50);
        let is_fused = design.pipeline.maps.iter().all(|map| map.same_entry_clocks() == 1);
        for (map, entries) in &before.maps {
            let key = entries.keys().nth(entries.len() / 2).expect("an entry");
            let packets = lpm::storm(3, 5000, key);
            let name = format!("{program} {options}, storm in {map}");
            let report = run(&linked, &folder, &name, (Some(&before), &frames(&packets)), SimOptions::default());
            assert!(!is_fused || report.packets_per_cycle >= 0.99, "{name}: {}", report.packets_per_cycle);
        }
    }
}

/// The prefixes after a change, and the clocks between which it took effect.
struct Change {
    prefixes: Entries,
    from: u64,
    to: u64,
}

const MAP: u32 = 0;
/// Clocks that the counter of clocks may be behind, and the harness's be ahead of it.
const SLACK: u64 = 100;
/// A prefix that the host leaves alone.
const QUIET: [u8; 8] = [16, 0, 0, 0, 77, 77, 0, 0];

/// Replaces, removes and adds prefixes, with pauses between, and notes when.
fn change(registers: &mut dyn Registers, manifest: &Manifest, n: &mut Numbers, changes: &mut Vec<Change>) {
    let mut device = Device::open(registers, manifest.clone()).expect("it is the core");
    let mut prefixes = changes.last().expect("the state before").prefixes.clone();
    for round in 0..40_u32 {
        let from = device.counter(Counter::Cycles).expect("readable");
        let others: Vec<Vec<u8>> = prefixes.keys().filter(|key| **key != QUIET).cloned().collect();
        match n.below(3) {
            0 if others.len() > 3 => {
                let key = others[n.below(others.len() as u64) as usize].clone();
                assert!(device.delete(MAP, &key).expect("done"), "it was there");
                prefixes.remove(&key);
            }
            1 if !others.is_empty() => {
                let key = others[n.below(others.len() as u64) as usize].clone();
                device.update(MAP, &key, &route(round)).expect("done");
                prefixes.insert(key, route(round));
            }
            _ => {
                let key = prefix(n);
                if key == QUIET || prefixes.contains_key(&key) || prefixes.len() >= 30 {
                    continue;
                }
                device.update(MAP, &key, &route(round)).expect("done");
                prefixes.insert(key, route(round));
            }
        }
        let to = device.counter(Counter::Cycles).expect("readable");
        changes.push(Change { prefixes: prefixes.clone(), from, to });
        for _ in 0..150 {
            device.registers().read32(MAGIC).expect("readable");
        }
    }
    let listed = device.dump_map(MAP, &mut |_, _| {}).expect("readable");
    assert!(listed.keys().eq(prefixes.keys()), "{listed:?} instead of {prefixes:?}");
}

/// A masked prefix of few bits, so that they nest and packets find them.
fn prefix(n: &mut Numbers) -> Vec<u8> {
    let bits = n.below(25) as u32;
    let address = (n.pick(&[10_u32, 77, 200]) << 24 | n.pick(&[0_u32, 1, 77, 255]) << 16 | n.bits() as u32 & 0xffff)
        & if bits == 0 { 0 } else { u32::MAX << (32 - bits) };
    [bits.to_le_bytes(), address.to_be_bytes()].concat()
}

/// Sent back, with a tag.
fn route(tag: u32) -> Vec<u8> {
    let mut value = vec![0; 24];
    value[0] = 3;
    value[4..8].copy_from_slice(&(0x5000 + tag).to_le_bytes());
    value
}

/// What a packet comes to: the tag of the longest match.
fn tag(prefixes: &Entries, frame: &[u8]) -> Option<[u8; 4]> {
    let address = u32::from_be_bytes([frame[18], frame[19], frame[20], frame[21]]);
    let matches = |key: &&Vec<u8>| {
        let bits = u32::from(key[0]);
        bits == 0 || (address ^ u32::from_be_bytes([key[4], key[5], key[6], key[7]])) >> (32 - bits) == 0
    };
    let longest = prefixes.keys().filter(matches).max_by_key(|key| key[0])?;
    prefixes[longest][4..8].try_into().ok()
}

fn packet(n: &mut Numbers) -> Vec<u8> {
    let mut p = vec![0; 64];
    p[12..14].copy_from_slice(&[8, 0]);
    p[18..22].copy_from_slice(&[n.pick(&[10, 77, 200]), n.pick(&[0, 1, 77, 255]), n.bits() as u8, n.bits() as u8]);
    p
}

/// The tags that the packets came out with.
fn tags(observed: &Observed) -> Vec<Option<[u8; 4]>> {
    let mut sent_back = observed.tx.iter();
    let verdicts = observed.verdicts.iter();
    verdicts
        .map(|verdict| {
            (verdict.action == 3).then(|| sent_back.next().expect("a frame")[56..60].try_into().expect("a tag"))
        })
        .collect()
}

#[test]
fn no_packet_sees_half_a_change() {
    let linked = lpm::c_program("routes.c", "-DENTRIES=30");
    let folder = design_folder::write("rtl_lpm", "changes", &design(&linked, 512), &linked);
    let model =
        Model::build(&folder, BuildOptions { quick: true, ..BuildOptions::default() }, &mut Silent).expect("built");
    let manifest = Manifest::load(&folder).expect("readable");
    assert_eq!(manifest.maps[MAP as usize].name, "routes4");
    let mut n = Numbers::new(8);
    let mut first = Entries::from([(QUIET.to_vec(), route(999))]);
    first.extend((0..12).map(|tag| (prefix(&mut n), route(100 + tag))));
    let mut device = Device::open(Simulator::new(&model, 1, None).expect("it runs"), manifest.clone()).expect("open");
    device.load(&MapContents { maps: [("routes4".to_owned(), first.clone())].into() }).expect("loaded");
    let packets: Vec<Vec<u8>> = (0..400_000).map(|_| packet(&mut n)).collect();
    let set: PacketSet = packets.iter().map(Vec::as_slice).collect();
    let mut changes = vec![Change { prefixes: first, from: 0, to: 0 }];
    let mut calls = 0;
    let observed = device
        .registers()
        .run_with_host(&set, &RunOptions::FULL_RATE, &mut |registers| {
            calls += 1;
            if calls <= 2 {
                change(registers, &manifest, &mut n, &mut changes);
            }
        })
        .expect("it runs");
    let ended = observed.verdicts.last().expect("a verdict").verdict_clock;
    assert!(changes.len() > 40 && changes.last().expect("a change").to < ended, "all changes were made under traffic");
    let [unsure, new] = compare(&packets, &observed, &changes);
    println!(
        "{} packets, {} changes; {unsure} packets during changes that concern them, {new} saw the new table",
        packets.len(),
        changes.len()
    );
    assert!(unsure > new && new > 0, "changes were seen as they happened");
    // Nothing is lost of what packets count.
    let quiet_tag: [u8; 4] = route(999)[4..8].try_into().expect("four bytes");
    let counted = tags(&observed).into_iter().filter(|got| *got == Some(quiet_tag)).count() as u64;
    let value = device.lookup(MAP, &QUIET).expect("readable").expect("it is there");
    assert_eq!(value[4..8], quiet_tag);
    assert_eq!(u64::from_le_bytes(value[8..16].try_into().expect("eight bytes")), counted);
}

/// Each packet against the table before or after a change, whichever its clocks allow; within a change the order is old, then new. How
/// many packets could have seen either, and how many of them saw the new one.
fn compare(packets: &[Vec<u8>], observed: &Observed, changes: &[Change]) -> [usize; 2] {
    let (mut at, mut seen_new) = (0, false);
    let [mut unsure, mut new] = [0, 0];
    for (i, ((packet, verdict), got)) in packets.iter().zip(&observed.verdicts).zip(tags(observed)).enumerate() {
        while changes.get(at + 1).is_some_and(|change| change.to + SLACK < verdict.in_clock) {
            at += 1;
            seen_new = false;
        }
        let before = tag(&changes[at].prefixes, packet);
        let next = changes.get(at + 1).filter(|change| change.from < verdict.verdict_clock + SLACK);
        let after = next.map_or(before, |change| tag(&change.prefixes, packet));
        if before == after {
            assert_eq!(got, before, "packet {i}, clock {}", verdict.in_clock);
            continue;
        }
        assert!(got == before && !seen_new || got == after, "packet {i}: {got:?}, not {before:?} or {after:?}");
        seen_new |= got == after;
        unsure += 1;
        new += usize::from(got == after);
    }
    [unsure, new]
}
