// SPDX-License-Identifier: Apache-2.0
//! Every arithmetic operation and every comparison, at both widths, with registers and constants, on all pairs of
//! edge values: the IR as lowered and after all passes, against the running kernel and (inside its correct subset) rbpf.

mod support;

use bpf2hdl::isa::{AluOp, ByteOrder, Insn, JumpOp, MemSize, Operand, Reg, Width, asm};
use bpf2hdl::object::Linked;
use bpf2hdl::{opt, verify};
use support::Result1;

/// Values at which carries, signs and widths change.
const EDGES: [u64; 19] = [
    0,
    1,
    2,
    7,
    31,
    32,
    33,
    63,
    64,
    0x7f,
    0x80,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];
const CONSTANTS: [i32; 9] = [0, 1, -1, 2, 7, 31, 255, i32::MIN, i32::MAX];

const ALU: [AluOp; 14] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::SDiv,
    AluOp::Or,
    AluOp::And,
    AluOp::Lsh,
    AluOp::Rsh,
    AluOp::Mod,
    AluOp::SMod,
    AluOp::Xor,
    AluOp::Mov,
    AluOp::Arsh,
];
const JUMPS: [JumpOp; 11] = [
    JumpOp::Eq,
    JumpOp::Ne,
    JumpOp::Gt,
    JumpOp::Ge,
    JumpOp::Lt,
    JumpOp::Le,
    JumpOp::Set,
    JumpOp::SGt,
    JumpOp::SGe,
    JumpOp::SLt,
    JumpOp::SLe,
];

fn r(number: u8) -> Reg {
    Reg::new(number).expect("a register")
}

/// A program that loads r2 and r3 from the packet, runs `middle`, and stores r2 into the packet.
fn around(middle: &[Insn]) -> Linked {
    let mut insns = asm::assemble(
        "r6 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr0 = r6\nr0 += 40\nif r0 <= r8 goto +2\nr0 = 0\nexit\n\
         r2 = *(u64 *)(r6 +14)\nr3 = *(u64 *)(r6 +22)",
    )
    .expect("the frame assembles");
    insns.extend(middle);
    insns.extend(asm::assemble("*(u64 *)(r6 +30) = r2\nr0 = 2\nexit").expect("the frame assembles"));
    support::from_insns(insns, Vec::new())
}

/// The branch (over two instructions), with 7 in r2 where it falls through and 9 where it jumps.
fn either(branch: Insn) -> Vec<Insn> {
    let set = |value| Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: r(2), src: Operand::Imm(value) };
    vec![branch, set(7), Insn::Jump { delta: 1, long: false }, set(9)]
}

fn packets() -> Vec<Vec<u8>> {
    let pair = |a: u64, b: u64| {
        let mut packet = vec![0u8; 60];
        packet[14..22].copy_from_slice(&a.to_le_bytes());
        packet[22..30].copy_from_slice(&b.to_le_bytes());
        packet
    };
    EDGES.iter().flat_map(|&a| EDGES.iter().map(move |&b| pair(a, b))).collect()
}

/// Compares all references; `false` if the kernel's verifier refuses the instruction.
fn agree(what: &str, linked: &Linked, packets: &[Vec<u8>]) -> bool {
    let Ok(mut kernel) = support::kernel(linked) else { return false };
    let expected = support::run_oracle(&mut kernel, packets);
    if let Ok(mut rbpf) = support::rbpf(linked) {
        // A debug build of rbpf panics where arithmetic wraps; such packets are not judged by it.
        for (packet, want) in packets.iter().zip(&expected) {
            if let Some(got) = support::run_one(&mut rbpf, packet) {
                compare(what, "rbpf", std::slice::from_ref(packet), &[got], std::slice::from_ref(want));
            }
        }
    }
    let function = verify::verify(linked, &verify::LIMITS).unwrap_or_else(|d| panic!("{what}: {d:#?}"));
    for goal in support::goals() {
        for (pass, f) in opt::trace(function.clone(), &goal) {
            compare(what, pass, packets, &support::run_ir(&f, packets).0, &expected);
        }
    }
    true
}

fn compare(what: &str, by: &str, packets: &[Vec<u8>], got: &[Result1], expected: &[Result1]) {
    for ((packet, got), want) in packets.iter().zip(got).zip(expected) {
        assert_eq!(got, want, "{what}, {by}, operands {:x?}", &packet[14..30]);
    }
}

fn widths() -> [Width; 2] {
    [Width::W32, Width::W64]
}

#[test]
fn arithmetic() {
    if !support::kernel_or_skip("arithmetic") {
        return;
    }
    let packets = packets();
    let mut compared = 0;
    for op in ALU {
        for width in widths() {
            let operands = CONSTANTS.iter().map(|&c| Operand::Imm(c)).chain([Operand::Reg(r(3)), Operand::Reg(r(2))]);
            for src in operands {
                let insn = Insn::Alu { width, op, dst: r(2), src };
                compared += usize::from(agree(&insn.to_string(), &around(&[insn]), &packets));
            }
        }
    }
    // The kernel refuses constant shifts by the width or more, and division by the constant 0.
    assert!(compared > 240, "only {compared} forms were compared");
}

#[test]
fn negation_extension_and_byte_order() {
    if !support::kernel_or_skip("negation_extension_and_byte_order") {
        return;
    }
    let packets = packets();
    let mut forms: Vec<Insn> = widths().into_iter().map(|width| Insn::Neg { width, dst: r(2) }).collect();
    for order in [ByteOrder::ToLe, ByteOrder::ToBe, ByteOrder::Swap] {
        forms.extend([MemSize::B2, MemSize::B4, MemSize::B8].map(|size| Insn::Endian { order, size, dst: r(2) }));
    }
    for (width, from) in [
        (Width::W32, MemSize::B1),
        (Width::W32, MemSize::B2),
        (Width::W64, MemSize::B1),
        (Width::W64, MemSize::B2),
        (Width::W64, MemSize::B4),
    ] {
        forms.push(Insn::MovSx { width, from, dst: r(2), src: r(3) });
    }
    for insn in forms {
        assert!(agree(&insn.to_string(), &around(&[insn]), &packets), "the kernel refuses {insn}");
    }
}

#[test]
fn comparisons() {
    if !support::kernel_or_skip("comparisons") {
        return;
    }
    let packets = packets();
    for op in JUMPS {
        for width in widths() {
            for src in CONSTANTS.iter().map(|&c| Operand::Imm(c)).chain([Operand::Reg(r(3))]) {
                let branch = Insn::Branch { width, op, dst: r(2), src, delta: 2 };
                let middle = either(branch);
                assert!(agree(&branch.to_string(), &around(&middle), &packets), "the kernel refuses {branch}");
            }
        }
    }
}

#[test]
fn loads_and_stores_of_every_size() {
    if !support::kernel_or_skip("loads_and_stores_of_every_size") {
        return;
    }
    let packets = packets();
    for size in [MemSize::B1, MemSize::B2, MemSize::B4, MemSize::B8] {
        for signed in [false, true] {
            if signed && size == MemSize::B8 {
                continue;
            }
            for offset in 14..19 {
                let load = Insn::Load { size, signed, dst: r(2), base: r(6), offset };
                assert!(agree(&load.to_string(), &around(&[load]), &packets), "the kernel refuses {load}");
                let store = Insn::Store { size, base: r(6), offset, src: Operand::Reg(r(3)) };
                let back = Insn::Load { size: MemSize::B8, signed: false, dst: r(2), base: r(6), offset: 14 };
                assert!(agree(&store.to_string(), &around(&[store, back]), &packets), "the kernel refuses {store}");
                let constant = Insn::Store { size, base: r(6), offset, src: Operand::Imm(-2) };
                assert!(agree(&constant.to_string(), &around(&[constant, back]), &packets));
            }
        }
    }
}

/// The oracle must bite: each mis-lowered operation is noticed.
#[test]
fn a_wrong_lowering_is_noticed() {
    use bpf2hdl::ir::{Binary, Compare, Op};
    if !support::kernel_or_skip("a_wrong_lowering_is_noticed") {
        return;
    }
    let packets = packets();
    let swap =
        |from: AluOp, to: Binary| (Insn::Alu { width: Width::W64, op: from, dst: r(2), src: Operand::Reg(r(3)) }, to);
    let wrong = [
        swap(AluOp::Add, Binary::Or),
        swap(AluOp::Sub, Binary::Add),
        swap(AluOp::And, Binary::Or),
        swap(AluOp::Or, Binary::Xor),
        swap(AluOp::Rsh, Binary::Ashr),
        swap(AluOp::Arsh, Binary::Lshr),
        swap(AluOp::Div, Binary::Urem),
        swap(AluOp::Mod, Binary::Udiv),
    ];
    for (insn, instead) in wrong {
        let linked = around(&[insn]);
        let mut kernel = support::kernel(&linked).expect("the kernel takes it");
        let expected = support::run_oracle(&mut kernel, &packets);
        let mut function = verify::verify(&linked, &verify::LIMITS).expect("it verifies");
        let mut changed = 0;
        for def in &mut function.defs {
            if let Op::Binary(kind, ..) = &mut def.op
                && def.insn.is_some_and(|i| linked.insns[i as usize].insn == insn)
            {
                *kind = instead;
                changed += 1;
            }
        }
        assert_eq!(changed, 1, "{insn}: one operation is replaced");
        assert_ne!(support::run_ir(&function, &packets).0, expected, "{insn} lowered to {instead:?} goes unnoticed");
    }
    let branch = Insn::Branch { width: Width::W64, op: JumpOp::Lt, dst: r(2), src: Operand::Reg(r(3)), delta: 2 };
    let linked = around(&either(branch));
    let expected = support::run_oracle(&mut support::kernel(&linked).expect("the kernel takes it"), &packets);
    let mut function = verify::verify(&linked, &verify::LIMITS).expect("it verifies");
    for def in &mut function.defs {
        if let Op::Compare(kind @ Compare::Ult, ..) = &mut def.op
            && def.width == 1
        {
            *kind = Compare::Slt;
        }
    }
    assert_ne!(
        support::run_ir(&function, &packets).0,
        expected,
        "a signed comparison instead of an unsigned one goes unnoticed"
    );
}
