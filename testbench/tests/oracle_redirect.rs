// SPDX-License-Identifier: Apache-2.0
//! Targets of redirects: what the kernel with its instruments says of them.

mod asm;

use bpf2hdl_interface::Group;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_testbench::oracle::kernel::{self, KernelOracle};
use bpf2hdl_testbench::*;

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn kernel_here() -> bool {
    match kernel::available() {
        Ok(()) => true,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "the kernel oracle is missing in CI: {reason}");
            eprintln!("skipped: {reason}");
            false
        }
    }
}

fn entry(key: u32, number: u32, value_size: u32) -> (Vec<u8>, Vec<u8>) {
    let mut value = number.to_le_bytes().to_vec();
    value.resize(value_size as usize, 0);
    (key.to_le_bytes().to_vec(), value)
}

/// The packet for [`asm::redirects`].
fn packet(key: u8, flags: u64, literal: u8, first_flags: u8) -> Vec<u8> {
    let mut packet = vec![0; 64];
    packet[0] = key;
    packet[1..9].copy_from_slice(&flags.to_le_bytes());
    packet[9] = literal;
    packet[10] = first_flags;
    packet
}

/// Map type, value size, kind of target.
const MAPS: [(MapType, u32, RedirectKind); 5] = [
    (MapType::DEVMAP, 4, RedirectKind::Port),
    (MapType::DEVMAP, 8, RedirectKind::Port),
    (MapType::CPUMAP, 4, RedirectKind::Cpu),
    (MapType::CPUMAP, 8, RedirectKind::Cpu),
    (MapType::XSKMAP, 4, RedirectKind::Socket),
];

#[test]
fn entries_defaults_and_bad_flags() {
    if !kernel_here() {
        return;
    }
    for (map_type, value_size, kind) in MAPS {
        let mut oracle = KernelOracle::load(&asm::redirects(map_type.0, value_size)).unwrap();
        let entries = [entry(0, 3, value_size), entry(5, 12_345, value_size), entry(6, 0, value_size)];
        let contents = MapContents { maps: [("targets".to_owned(), entries.into())].into() };
        oracle.load_maps(&contents).unwrap();
        let mut judge = |packet: Vec<u8>| {
            let verdict = oracle.run(&packet, &PacketContext::default()).unwrap();
            (verdict.action, verdict.target)
        };
        let mut run = |key, flags, literal| judge(packet(key, flags, literal, 2));
        let by_map = |key, number| {
            let number = if kind == RedirectKind::Cpu { key } else { number };
            (Action::Redirect, Some(RedirectTarget { kind, number }))
        };
        let by_ifindex = Some(RedirectTarget { kind: RedirectKind::Port, number: 77 });
        for flags in 0..4 {
            assert_eq!(run(0, flags, 0), by_map(0, 3), "{map_type}");
            assert_eq!(run(5, flags, 0), by_map(5, 12_345), "{map_type}");
            for missing in [1, 6, 7, 8, 255] {
                let default = Action::from_xdp(flags as u32);
                assert_eq!(run(missing, flags, 0), (default, None), "{map_type}, key {missing}");
                // The program returns XDP_REDIRECT all the same.
                assert_eq!(run(missing, flags, 2), (Action::Redirect, None), "{map_type}, key {missing}");
            }
        }
        for flags in [4, 32, 64, 1 << 32, u64::MAX - 24] {
            assert_eq!(run(0, flags, 0), (Action::Aborted, None), "{map_type}, flags {flags:#x}");
            // `bpf_redirect` with flags 2 names nothing, with flags 0 it does.
            assert_eq!(run(0, flags, 2), (Action::Redirect, None), "{map_type}, flags {flags:#x}");
        }
        if map_type == MapType::DEVMAP {
            for (flags, but_ingress) in [(8, false), (24, true), (9, false), (27, true)] {
                let all = Some(RedirectTarget::all_of(Group { map: 0, but_ingress }));
                for key in [0, 1, 255] {
                    assert_eq!(run(key, flags, 0), (Action::Redirect, all), "flags {flags:#x}, key {key}");
                }
            }
            assert_eq!((run(5, 16, 0), run(5, 18, 0)), (by_map(5, 12_345), by_map(5, 12_345)));
            assert_eq!((run(1, 18, 0), run(1, 17, 2)), ((Action::Pass, None), (Action::Redirect, None)));
            for flags in [12, 28, 40, 1 << 32 | 8] {
                assert_eq!(run(0, flags, 0), (Action::Aborted, None), "flags {flags:#x}");
            }
        } else {
            for flags in [8, 16, 24, 9] {
                assert_eq!(run(0, flags, 0), (Action::Aborted, None), "{map_type}, flags {flags:#x}");
            }
        }
        // A call with bad flags leaves an earlier target standing; one that finds no entry does not.
        assert_eq!(judge(packet(0, 4, 2, 0)), (Action::Redirect, by_ifindex), "{map_type}");
        assert_eq!(judge(packet(1, 2, 2, 0)), (Action::Redirect, None), "{map_type}");
        assert_eq!(judge(packet(0, 2, 2, 0)), by_map(0, 3), "{map_type}");
        check_contents(&mut oracle, value_size);
    }
}

fn check_contents(oracle: &mut KernelOracle, value_size: u32) {
    let expected: Entries = [entry(0, 3, value_size), entry(5, 12_345, value_size)].into();
    assert_eq!(oracle.maps().unwrap().maps["targets"], expected);
    let emptied = MapContents { maps: [("targets".to_owned(), Entries::new())].into() };
    oracle.load_maps(&emptied).unwrap();
    assert!(oracle.maps().unwrap().maps["targets"].is_empty());
}

#[test]
fn entries_that_can_not_be_are_refused() {
    if !kernel_here() {
        return;
    }
    let mut oracle = KernelOracle::load(&asm::redirects(MapType::DEVMAP.0, 8)).unwrap();
    let mut load = |value: [u8; 8]| {
        let entries = Entries::from([(vec![0; 4], value.to_vec())]);
        oracle.load_maps(&MapContents { maps: [("targets".to_owned(), entries)].into() }).unwrap_err().to_string()
    };
    let message = load([3, 0, 0, 0, 9, 0, 0, 0]);
    assert!(message.contains("bpf_prog.fd is 9"), "{message}");
    let message = load([0, 0, 0, 0x80, 0, 0, 0, 0]);
    assert!(message.contains("interface 2147483648"), "{message}");
}
