// SPDX-License-Identifier: Apache-2.0
//! The comparison with the kernel bites: mis-lowered operations are noticed. That all operations are right is the business
//! of `testbench/campaign/tests/opcodes.rs`.

mod support;

use bpf2hdl::isa::{AluOp, Insn, JumpOp, Operand, Reg, Width, asm};
use bpf2hdl::object::Linked;
use bpf2hdl::verify;

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
