// SPDX-License-Identifier: Apache-2.0
//! The kernel and rbpf on hand-assembled programs, and against each other.
//!
//! The kernel's tests need root; without it they say so and pass, unless `CI=true`, where they fail.

mod asm;

use asm::*;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_testbench::oracle::kernel::{self, KernelOracle};
use bpf2hdl_testbench::oracle::rbpf::{self, RbpfOracle};
use bpf2hdl_testbench::*;

/// False, with a note, where the kernel can not be used.
fn kernel_here() -> bool {
    let Err(reason) = kernel::available() else { return true };
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the kernel oracle must work in CI: {reason}");
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: {reason}");
    }
    false
}

/// Both oracles where they can be used.
fn oracles(program: &OracleProgram) -> Vec<Box<dyn Oracle>> {
    let mut list: Vec<Box<dyn Oracle>> = vec![Box::new(RbpfOracle::new(program).unwrap())];
    if kernel_here() {
        list.push(Box::new(KernelOracle::load(program).unwrap()));
    }
    list
}

fn run(oracle: &mut dyn Oracle, packet: &[u8]) -> OracleVerdict {
    oracle.run(packet, &PacketContext::default()).unwrap()
}

#[test]
fn return_values_become_actions() {
    for (code, action) in [
        (0, Action::Aborted),
        (1, Action::Drop),
        (2, Action::Pass),
        (3, Action::Tx),
        (4, Action::Redirect),
        (77, Action::Aborted),
    ] {
        for mut oracle in oracles(&xdp(vec![mov(0, code), exit()])) {
            assert_eq!(run(&mut *oracle, &[0; 64]).action, action, "{}", oracle.name());
        }
    }
}

#[test]
fn edits_come_back() {
    for mut oracle in oracles(&swap()) {
        let verdict = run(&mut *oracle, &(0..64).collect::<Vec<u8>>());
        assert_eq!(verdict.action, Action::Tx);
        assert_eq!(verdict.data[..3], [1, 0, 2]);
        assert_eq!(verdict.data.len(), 64);
    }
}

#[test]
fn maps_are_kept_read_and_preloaded() {
    for kind in [2, 6] {
        for mut oracle in oracles(&counter(kind)) {
            let mut preload = MapContents::default();
            preload.maps.insert("cnt".to_owned(), Entries::from([(vec![1, 0, 0, 0], vec![0, 1, 0, 0, 0, 0, 0, 0])]));
            oracle.load_maps(&preload).unwrap();
            for first in 0..8u8 {
                let mut packet = [first; 60];
                packet[1] = 10;
                assert_eq!(run(&mut *oracle, &packet).action, Action::Pass);
            }
            let expected = Entries::from([
                (vec![0, 0, 0, 0], vec![20, 0, 0, 0, 0, 0, 0, 0]),
                (vec![1, 0, 0, 0], vec![20, 1, 0, 0, 0, 0, 0, 0]),
                (vec![2, 0, 0, 0], vec![20, 0, 0, 0, 0, 0, 0, 0]),
            ]);
            assert_eq!(oracle.maps().unwrap().maps["cnt"], expected, "{}", oracle.name());
            preload.maps.insert("x".to_owned(), Entries::new());
            assert!(oracle.load_maps(&preload).unwrap_err().to_string().contains("no map `x`"));
        }
    }
}

#[test]
fn global_data_works() {
    for mut oracle in oracles(&globals()) {
        assert_eq!(run(&mut *oracle, &[0; 64]).action, Action::Pass);
        let maps = oracle.maps().unwrap();
        assert_eq!(maps.maps[".data"][&vec![0; 4]], [1, 2, 3, 4, 0, 1, 0, 0]);
        assert_eq!(maps.maps[".rodata"][&vec![0; 4]], [2, 0, 0, 0]);
        let mut preload = MapContents::default();
        preload.maps.insert(".data".to_owned(), Entries::new());
        preload.maps.insert(".rodata".to_owned(), maps.maps[".rodata"].clone());
        oracle.load_maps(&preload).unwrap();
        assert!(!oracle.maps().unwrap().maps[".data"].contains_key(&vec![0; 4]));
        preload.maps.insert(".rodata".to_owned(), Entries::from([(vec![0; 4], vec![1, 0, 0, 0])]));
        assert!(oracle.load_maps(&preload).unwrap_err().to_string().contains("read-only"), "{}", oracle.name());
    }
}

#[test]
fn the_context_is_the_kernel_default() {
    // action = ingress_ifindex + rx_queue_index + 1
    let program = xdp(vec![load(0x61, 0, 1, 12), load(0x61, 2, 1, 16), insn(0x0f, 0, 2, 0, 0), add(0, 1), exit()]);
    for mut oracle in oracles(&program) {
        assert_eq!(run(&mut *oracle, &[0; 64]).action, Action::Pass, "{}", oracle.name());
    }
}

/// Interfaces and queues are made as packets name them, up to 64 queues; the thread's own network is left alone.
#[test]
fn the_kernel_gets_the_interfaces_that_packets_came_by() {
    if !kernel_here() {
        return;
    }
    // action = (ingress_ifindex == 60000) + rx_queue_index
    let program = xdp(vec![load(0x61, 2, 1, 12), load(0x61, 0, 1, 16), insn(0x55, 2, 0, 1, 60_000), add(0, 1), exit()]);
    let network = || std::fs::read_link("/proc/thread-self/ns/net").unwrap();
    let before = network();
    let mut oracle = KernelOracle::load(&program).unwrap();
    let mut run = |ifindex, queue| {
        let context = PacketContext { ingress_ifindex: ifindex, rx_queue_index: queue, ..PacketContext::default() };
        oracle.run(&[0; 64], &context).map(|verdict| verdict.action)
    };
    for _ in 0..2 {
        assert_eq!(run(60_000, 1), Ok(Action::Pass));
        assert_eq!(run(7, 1), Ok(Action::Drop));
        assert_eq!(run(7, 3), Ok(Action::Tx));
        assert_eq!(run(1, 0), Ok(Action::Aborted));
    }
    let skip = run(7, 64).unwrap_err();
    assert!(skip.reason.starts_with("the kernel has no interface 7 with receive queue 64"), "{}", skip.reason);
    drop(oracle);
    assert_eq!(network(), before);
}

#[test]
fn the_kernel_skips_what_it_can_not_judge() {
    if !kernel_here() {
        return;
    }
    let mut xdp_pass = KernelOracle::load(&xdp(vec![mov(0, 2), exit()])).unwrap();
    let mut filter =
        KernelOracle::load(&program(ProgramKind::PhysDev, vec![mov(0, 1), exit()], vec![], vec![])).unwrap();
    for oracle in [&mut xdp_pass, &mut filter] {
        let mut run = |size: usize| oracle.run(&vec![1; size], &PacketContext::default());
        for size in [kernel::SHORTEST, 15, 1514, kernel::LONGEST] {
            assert_eq!(run(size).unwrap().data, vec![1; size]);
        }
        assert!(run(kernel::SHORTEST - 1).unwrap_err().reason.contains("shorter"));
        assert!(run(kernel::LONGEST + 1).unwrap_err().reason.contains("longer"));
    }
}

#[test]
fn the_verifier_log_is_told() {
    if !kernel_here() {
        return;
    }
    let program = xdp(vec![load(0x61, 6, 1, 0), load(0x71, 0, 6, 0), exit()]);
    let message = KernelOracle::load(&program).err().unwrap().to_string();
    assert!(message.starts_with("oracle kernel: the verifier refused `test`"), "{message}");
    assert!(message.contains("invalid access to packet"), "{message}");
}

#[test]
fn phys_dev_programs_run_as_classifiers() {
    if !kernel_here() {
        return;
    }
    // r6 = context; r7 = len; r0 = half word at 12; pass if it is 0x0800 and len is 60
    let insns = vec![
        mov_reg(6, 1),
        load(0x61, 7, 1, 0),
        insn(0x28, 0, 0, 0, 12),
        insn(0x55, 0, 0, 3, 0x0800),
        insn(0x55, 7, 0, 2, 60),
        mov(0, 1),
        exit(),
        mov(0, 0),
        exit(),
    ];
    let mut oracle = KernelOracle::load(&program(ProgramKind::PhysDev, insns, vec![], vec![])).unwrap();
    let mut packet = vec![0; 60];
    assert_eq!(run(&mut oracle, &packet).action, Action::Drop);
    packet[12] = 8;
    let verdict = run(&mut oracle, &packet);
    assert_eq!((verdict.action, verdict.data), (Action::Pass, packet.clone()));
    packet.push(0);
    assert_eq!(run(&mut oracle, &packet).action, Action::Drop);
    // A load behind the end drops.
    let far = vec![mov_reg(6, 1), insn(0x20, 0, 0, 0, 100), mov(0, 1), exit()];
    let mut oracle = KernelOracle::load(&program(ProgramKind::PhysDev, far, vec![], vec![])).unwrap();
    assert_eq!(run(&mut oracle, &packet).action, Action::Drop);
    assert_eq!(run(&mut oracle, &[7; 200]).action, Action::Pass);
}

#[test]
fn rbpf_catches_what_is_out_of_bounds() {
    // A load far from everything, a store to address 0, and a helper with a key from nowhere.
    let wild =
        [vec![mov(1, 64), load(0x79, 0, 1, 0), exit()], vec![mov(1, 0), store(0x7b, 1, 0, 1), mov(0, 2), exit()]];
    for insns in wild {
        let skip = RbpfOracle::new(&xdp(insns)).unwrap().run(&[0; 64], &PacketContext::default()).unwrap_err();
        assert!(skip.reason.contains("out of bounds memory"), "{}", skip.reason);
    }
    let insns = vec![mov(1, 1), mov(2, 64), call(1), mov(0, 2), exit()];
    let program = program(ProgramKind::Xdp, insns, vec![array("a", 8, 1)], vec![]);
    let skip = RbpfOracle::new(&program).unwrap().run(&[0; 64], &PacketContext::default()).unwrap_err();
    assert_eq!(skip.reason, "rbpf: a helper was given a wrong map or key");
}

/// The filter's claim, measured: every instruction that it lets through gives the kernel's result.
#[test]
fn rbpf_agrees_with_the_kernel_inside_its_subset() {
    if !kernel_here() {
        return;
    }
    let mut state = 88_172_645_463_325_252u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Corner cases more often than chance would have them.
        match state % 7 {
            0 => [0, 1, u64::MAX, 1 << 63, 1 << 31, u64::from(u32::MAX), i32::MIN as u64][(state >> 8) as usize % 7],
            1 => state >> 40,
            _ => state,
        }
    };
    let mut judged = 0;
    for op in (0..=255u8).filter(|op| matches!(op & 7, 4..=7) && !matches!(op, 0x85 | 0x8d | 0x95 | 0x05 | 0x06)) {
        for round in 0..20 {
            let imm = match (op & 0xf7, op & 7) {
                (0xd4, _) => [16, 32, 64][round % 3],
                (_, 5 | 6) => random() as i32,
                (code, 7) if matches!(code & 0xf0, 0x60 | 0x70 | 0xc0) => (random() % 64) as i32,
                (code, 4) if matches!(code & 0xf0, 0x60 | 0x70 | 0xc0) => (random() % 32) as i32,
                _ => random() as i32 | 1,
            };
            judged += u32::from(agree(op, random(), random(), imm));
        }
    }
    assert!(judged > 1500, "only {judged} cases were judged");
}

/// Runs one instruction on two values under both; false if rbpf or the kernel refuses it.
fn agree(op: u8, left: u64, right: u64, imm: i32) -> bool {
    let jump = matches!(op & 7, 5 | 6);
    let uses_register = op & 8 != 0 && !matches!(op & 0xf7, 0xd4 | 0x84 | 0x87);
    let (src, imm) = if uses_register { (5, 0) } else { (0, imm) };
    let mut insns = packet(8, 1);
    insns.extend(imm64(4, left));
    insns.extend(imm64(5, right));
    insns.push(insn(op, 4, src, if jump { 1 } else { 0 }, imm));
    if jump {
        insns.push(mov(4, 1234));
    }
    insns.extend([store(0x7b, 6, 0, 4), mov(0, 2), exit()]);
    let program = xdp(insns);
    if rbpf::refusal(&program).is_some() {
        return false;
    }
    let Ok(mut kernel) = KernelOracle::load(&program) else { return false };
    let expected = run(&mut kernel, &[0; 64]);
    let got = run(&mut RbpfOracle::new(&program).unwrap(), &[0; 64]);
    assert_eq!(got, expected, "op {op:#04x} left {left:#x} right {right:#x} imm {imm:#x}");
    true
}
