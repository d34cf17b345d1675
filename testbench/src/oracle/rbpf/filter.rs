// SPDX-License-Identifier: Apache-2.0
//! Which programs rbpf 0.4.1 runs right.
//!
//! Read from its interpreter and measured against the kernel (`tests/oracles.rs`). Wrong or missing there, and so
//! refused here: unsigned 64-bit compares with a negative immediate (it is zero-extended), signed division and
//! sign-extending moves and loads (taken for the plain ones), 32-bit remainders by zero (the upper half stays),
//! atomics, packet loads, calls between sub-programs (256 bytes of stack each), `bswap`, long jumps.
//! Loops are refused because nothing bounds them there.

use crate::OracleProgram;
use bpf2hdl_interface::MapType;

/// Helpers that the oracle provides: lookup, update, processor number.
pub(super) const HELPERS: [u32; 3] = [LOOKUP, UPDATE, CPU];
pub(super) const LOOKUP: u32 = 1;
pub(super) const UPDATE: u32 = 2;
pub(super) const CPU: u32 = 8;
pub(super) const LD_IMM64: u8 = 0x18;
/// rbpf keeps instruction numbers in 16 bits in places.
const LONGEST: usize = 30_000;

/// One instruction taken apart.
#[derive(Clone, Copy)]
struct Insn {
    op: u8,
    src: u8,
    off: i16,
    imm: i32,
}

impl Insn {
    fn new([op, registers, o0, o1, i0, i1, i2, i3]: [u8; 8]) -> Self {
        Self { op, src: registers >> 4, off: i16::from_le_bytes([o0, o1]), imm: i32::from_le_bytes([i0, i1, i2, i3]) }
    }
}

/// Why rbpf can not judge a program; `None` if it can.
pub(super) fn refusal(program: &OracleProgram) -> Option<String> {
    if !program.kind.is_xdp() {
        return Some("rbpf has no phys_dev packet loads".to_owned());
    }
    if program.insns.len() > LONGEST {
        return Some(format!("{} instructions are too many for rbpf", program.insns.len()));
    }
    if let Some(map) =
        program.maps.iter().find(|map| ![MapType::ARRAY, MapType::PERCPU_ARRAY].contains(&map.map_type()))
    {
        return Some(format!("map `{}` is of type {}, rbpf runs have arrays only", map.name, map.map_type()));
    }
    let mut skip = false;
    for (index, raw) in program.insns.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        let insn = Insn::new(*raw);
        skip = insn.op == LD_IMM64;
        let relocated = program.relocs.iter().any(|reloc| reloc.insn == index);
        if let Some(reason) = insn_refusal(insn, relocated) {
            return Some(format!("instruction {index} ({:#04x}): {reason}", insn.op));
        }
    }
    // Compilers jump backwards without looping, to a shared exit for instance.
    has_loop(&program.insns).then(|| "the program has a loop, and nothing bounds loops in rbpf".to_owned())
}

/// Where the program can go on after the instruction at `index`: at most two slots.
fn successors(insns: &[[u8; 8]], index: usize) -> Vec<usize> {
    let insn = Insn::new(insns[index]);
    let jump = index.checked_add_signed(isize::from(insn.off) + 1);
    let next = Some(index + if insn.op == LD_IMM64 { 2 } else { 1 });
    let all = match (insn.op & 7, insn.op & 0xf0) {
        (5, 0x90) => [None, None],
        (5, 0x00) => [jump, None],
        (5, 0x80) => [next, None],
        (5 | 6, _) => [next, jump],
        _ => [next, None],
    };
    all.into_iter().flatten().filter(|&slot| slot < insns.len()).collect()
}

/// Whether some instruction can be reached from itself.
fn has_loop(insns: &[[u8; 8]]) -> bool {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let mut colour = vec![NEW; insns.len()];
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    if !insns.is_empty() {
        colour[0] = OPEN;
        stack.push((0, successors(insns, 0)));
    }
    while let Some((slot, rest)) = stack.last_mut() {
        let slot = *slot;
        match rest.pop() {
            Some(next) if colour[next] == OPEN => return true,
            Some(next) if colour[next] == NEW => {
                colour[next] = OPEN;
                stack.push((next, successors(insns, next)));
            }
            Some(_) => {}
            None => {
                colour[slot] = DONE;
                stack.pop();
            }
        }
    }
    false
}

fn insn_refusal(insn: Insn, relocated: bool) -> Option<&'static str> {
    match insn.op & 7 {
        0 if insn.op != LD_IMM64 => Some("packet loads are wrong in rbpf"),
        0 if insn.src != 0 && !relocated => Some("an immediate that refers to something unknown"),
        0 => None,
        1 if insn.op & 0xe0 != 0x60 => Some("sign-extending loads are not in rbpf"),
        2 | 3 if insn.op & 0xe0 != 0x60 => Some("atomics are not in rbpf"),
        1..=3 => None,
        4 | 7 => alu_refusal(insn),
        _ => jump_refusal(insn),
    }
}

fn alu_refusal(insn: Insn) -> Option<&'static str> {
    let wide = insn.op & 7 == 7;
    let register = insn.op & 8 != 0;
    if insn.off != 0 {
        return Some("signed division and sign-extending moves are wrong in rbpf");
    }
    match insn.op & 0xf0 {
        0x60 | 0x70 | 0xc0 if !register && !(0..if wide { 64 } else { 32 }).contains(&insn.imm) => {
            Some("a shift out of range")
        }
        0x80 if register => Some("no such instruction"),
        0x90 if !wide && (register || insn.imm == 0) => Some("32-bit remainders by zero are wrong in rbpf"),
        0xd0 if wide => Some("bswap is not in rbpf"),
        0xd0 if ![16, 32, 64].contains(&insn.imm) => Some("no such byte swap"),
        0xe0 | 0xf0 => Some("no such instruction"),
        _ => None,
    }
}

fn jump_refusal(insn: Insn) -> Option<&'static str> {
    let narrow = insn.op & 7 == 6;
    match insn.op & 0xf0 {
        0x80 if narrow || insn.op != 0x85 => Some("no such instruction"),
        0x80 if insn.src != 0 => Some("calls between sub-programs share too little stack in rbpf"),
        0x80 if !HELPERS.contains(&insn.imm.cast_unsigned()) => Some("a helper that the rbpf oracle does not provide"),
        0x90 if narrow || insn.op != 0x95 => Some("no such instruction"),
        0x80 | 0x90 => None,
        0x00 if narrow || insn.op != 0x05 => Some("long jumps are not in rbpf"),
        0xe0 | 0xf0 => Some("no such instruction"),
        // ==, >, >=, !=, <, <= with an immediate, 64 bits
        0x10 | 0x20 | 0x30 | 0x50 | 0xa0 | 0xb0 if !narrow && insn.op & 8 == 0 && insn.imm < 0 => {
            Some("64-bit compares with a negative immediate are wrong in rbpf")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(op: u8, src: u8, off: i16, imm: i32) -> bool {
        let [o0, o1] = off.to_le_bytes();
        let [i0, i1, i2, i3] = imm.to_le_bytes();
        let mut insns = vec![[op, src << 4, o0, o1, i0, i1, i2, i3]];
        if op == LD_IMM64 {
            insns.push([0; 8]);
        }
        let program = OracleProgram {
            name: String::new(),
            kind: ProgramType::Xdp,
            insns,
            relocs: Vec::new(),
            maps: Vec::new(),
            license: String::new(),
            bundle: Default::default(),
        };
        refusal(&program).is_some()
    }

    #[test]
    fn what_is_wrong_in_rbpf_is_refused() {
        let wrong = [
            (0x15, 0, 1, -1), // jeq r, -1
            (0xb5, 0, 1, -5), // jle r, -5
            (0x3f, 0, 1, 0),  // signed division
            (0x97, 0, 1, 3),  // signed remainder
            (0xbf, 0, 8, 0),  // sign-extending move
            (0x81, 0, 0, 0),  // sign-extending load
            (0x9c, 0, 0, 0),  // 32-bit remainder by register
            (0x94, 0, 0, 0),  // 32-bit remainder by 0
            (0xdb, 0, 0, 0),  // atomic add
            (0xc3, 0, 0, 1),  // atomic fetch-add
            (0x28, 0, 0, 12), // ldabsh
            (0x50, 0, 0, 12), // ldindb
            (0x85, 1, 0, 7),  // call of a sub-program
            (0x85, 0, 0, 6),  // trace_printk
            (0x06, 0, 0, 1),  // long jump
            (0x05, 0, -1, 0), // loop
            (0x5d, 0, -1, 0), // loop
            (0xd7, 0, 0, 16), // bswap
            (0xd4, 0, 0, 24), // no such swap
            (0x67, 0, 0, 64), // shift out of range
            (0x64, 0, 0, 32), // shift out of range
            (0x18, 1, 0, 0),  // map reference without a relocation
            (0x8d, 0, 0, 0),  // call by register
            (0xe5, 0, 0, 0),  // no such jump
            (0xf7, 0, 0, 0),  // no such operation
        ];
        for (op, src, off, imm) in wrong {
            assert!(refused(op, src, off, imm), "{op:#04x} {src} {off} {imm}");
        }
    }

    #[test]
    fn a_jump_backwards_is_not_yet_a_loop() {
        let jump = |off: i16| [0x05, 0, off.to_le_bytes()[0], off.to_le_bytes()[1], 0, 0, 0, 0];
        let exit = [0x95, 0, 0, 0, 0, 0, 0, 0];
        assert!(!has_loop(&[jump(1), exit, jump(-2)]));
        assert!(has_loop(&[jump(1), jump(0), jump(-2), exit]));
    }

    #[test]
    fn what_is_right_is_not() {
        let right = [
            (0x15, 0, 1, 1),
            (0x45, 0, 1, -1), // jset: sign-extended as it must be
            (0x65, 0, 1, -1), // signed compare
            (0x16, 0, 1, -1), // 32-bit compare
            (0x1d, 0, 1, 0),
            (0x37, 0, 0, 3),
            (0x3c, 0, 0, 0), // 32-bit division by register: 0 gives 0
            (0x94, 0, 0, 7),
            (0xdc, 0, 0, 16),
            (0x84, 0, 0, 0),
            (0x87, 0, 0, 0),
            (0x85, 0, 0, 1),
            (0x95, 0, 0, 0),
            (0x18, 0, 0, 5),
            (0x79, 0, 0, 0),
            (0x7a, 0, 0, 0),
        ];
        for (op, src, off, imm) in right {
            assert!(!refused(op, src, off, imm), "{op:#04x} {src} {off} {imm}");
        }
    }
}
