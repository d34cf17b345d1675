// SPDX-License-Identifier: Apache-2.0
//! Just enough of an assembler for the oracles' tests.
#![allow(unreachable_pub, dead_code, reason = "shared by several test binaries")]

use bpf2hdl_testbench::{MapReloc, MapSpec, OracleProgram, ProgramKind};

pub type Insn = [u8; 8];

pub fn insn(op: u8, dst: u8, src: u8, off: i16, imm: i32) -> Insn {
    let [o0, o1] = off.to_le_bytes();
    let [i0, i1, i2, i3] = imm.to_le_bytes();
    [op, dst | src << 4, o0, o1, i0, i1, i2, i3]
}

pub fn mov(dst: u8, imm: i32) -> Insn {
    insn(0xb7, dst, 0, 0, imm)
}

pub fn mov_reg(dst: u8, src: u8) -> Insn {
    insn(0xbf, dst, src, 0, 0)
}

pub fn add(dst: u8, imm: i32) -> Insn {
    insn(0x07, dst, 0, 0, imm)
}

pub fn call(helper: i32) -> Insn {
    insn(0x85, 0, 0, 0, helper)
}

pub fn exit() -> Insn {
    insn(0x95, 0, 0, 0, 0)
}

/// `dst = *(size *)(src + off)`; op 0x61 word, 0x69 half, 0x71 byte, 0x79 double word.
pub fn load(op: u8, dst: u8, src: u8, off: i16) -> Insn {
    insn(op, dst, src, off, 0)
}

/// `*(size *)(dst + off) = src`; op 0x63 word, 0x6b half, 0x73 byte, 0x7b double word.
pub fn store(op: u8, dst: u8, off: i16, src: u8) -> Insn {
    insn(op, dst, src, off, 0)
}

pub fn imm64(dst: u8, value: u64) -> [Insn; 2] {
    [insn(0x18, dst, 0, 0, value as u32 as i32), insn(0, 0, 0, 0, (value >> 32) as i32)]
}

/// r6 = data, if `bytes` of it are there; else returns `otherwise`.
pub fn packet(bytes: i32, otherwise: i32) -> Vec<Insn> {
    vec![
        load(0x61, 6, 1, 0),
        load(0x61, 7, 1, 4),
        mov_reg(2, 6),
        add(2, bytes),
        insn(0xbd, 2, 7, 2, 0), // if r2 <= r7 skip
        mov(0, otherwise),
        exit(),
    ]
}

pub fn array(name: &str, value_size: u32, max_entries: u32) -> MapSpec {
    MapSpec {
        name: name.to_owned(),
        kind: 2,
        key_size: 4,
        value_size,
        max_entries,
        flags: 0,
        initial: None,
        read_only: false,
        extra: 0,
        pool: None,
        inner: None,
    }
}

pub fn program(kind: ProgramKind, insns: Vec<Insn>, maps: Vec<MapSpec>, relocs: Vec<MapReloc>) -> OracleProgram {
    let license = "GPL".to_owned();
    OracleProgram { name: "test".to_owned(), kind, insns, relocs, maps, license, bundle: Default::default() }
}

pub fn xdp(insns: Vec<Insn>) -> OracleProgram {
    program(ProgramKind::Xdp, insns, Vec::new(), Vec::new())
}

/// `cnt[data[0] & 3] += data[1]`, pass; a full lookup with a key on the stack.
pub fn counter(map_kind: u32) -> OracleProgram {
    let mut insns = packet(2, 1);
    insns.extend([load(0x71, 8, 6, 0), insn(0x57, 8, 0, 0, 3), store(0x63, 10, -4, 8), load(0x71, 9, 6, 1)]);
    let reloc = MapReloc { insn: insns.len(), map: 0, value_offset: None, inner: None };
    insns.extend(imm64(1, 0));
    insns.extend([
        mov_reg(2, 10),
        add(2, -4),
        call(1),
        insn(0x15, 0, 0, 3, 0), // if r0 == 0 skip
        load(0x79, 1, 0, 0),
        insn(0x0f, 1, 9, 0, 0),
        store(0x7b, 0, 0, 1),
        mov(0, 2),
        exit(),
    ]);
    let map = MapSpec { kind: map_kind, ..array("cnt", 8, 3) };
    program(ProgramKind::Xdp, insns, vec![map], vec![reloc])
}

/// `.data[4..8]++` and action = `.rodata[0]`.
pub fn globals() -> OracleProgram {
    let mut insns = Vec::new();
    let data = MapReloc { insn: 0, map: 0, value_offset: Some(4), inner: None };
    insns.extend(imm64(1, 0));
    insns.extend([load(0x61, 2, 1, 0), add(2, 1), store(0x63, 1, 0, 2)]);
    let rodata = MapReloc { insn: insns.len(), map: 1, value_offset: Some(0), inner: None };
    insns.extend(imm64(1, 0));
    insns.extend([load(0x61, 0, 1, 0), exit()]);
    let maps = vec![
        MapSpec { initial: Some(vec![1, 2, 3, 4, 0xff, 0, 0, 0]), ..array(".data", 8, 1) },
        MapSpec { initial: Some(vec![2, 0, 0, 0]), read_only: true, ..array(".rodata", 4, 1) },
    ];
    program(ProgramKind::Xdp, insns, maps, vec![data, rodata])
}

/// Swaps the first two bytes and sends the packet back.
pub fn swap() -> OracleProgram {
    let mut insns = packet(2, 1);
    insns.extend([
        load(0x71, 1, 6, 0),
        load(0x71, 2, 6, 1),
        store(0x73, 6, 1, 1),
        store(0x73, 6, 0, 2),
        mov(0, 3),
        exit(),
    ]);
    xdp(insns)
}

/// `return bpf_redirect_map(&targets, data[0], *(u64 *)(data + 1))`; first `bpf_redirect(77, data[10])`. With
/// data[9] above 1 it returns `XDP_REDIRECT` in any case.
pub fn redirects(map_kind: u32, value_size: u32) -> OracleProgram {
    let mut insns = packet(11, 1);
    insns.extend([mov(1, 77), load(0x71, 2, 6, 10), call(23)]);
    insns.extend([load(0x71, 2, 6, 0), load(0x79, 3, 6, 1)]);
    let reloc = MapReloc { insn: insns.len(), map: 0, value_offset: None, inner: None };
    insns.extend(imm64(1, 0));
    insns.extend([
        call(51),
        load(0x71, 1, 6, 9),
        insn(0x25, 1, 0, 1, 1), // if r1 > 1 skip
        exit(),
        mov(0, 4),
        exit(),
    ]);
    let map = MapSpec { kind: map_kind, ..array("targets", value_size, 8) };
    program(ProgramKind::Xdp, insns, vec![map], vec![reloc])
}
